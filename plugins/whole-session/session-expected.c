/* session-expected.c
 * What the ports of a conversation let one expect; see session-expected.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>

#include "session-expected.h"
#include "session-outcome.h"
#include "compat.h"

#define SYSTEM_PORT_MAX 1023    /* RFC 6335, section 6 */

static dissector_table_t tcp_port_table;
static dissector_table_t udp_port_table;
static dissector_table_t sctp_port_table;

void
session_expected_init(void)
{
    tcp_port_table = find_dissector_table("tcp.port");
    udp_port_table = find_dissector_table("udp.port");
    sctp_port_table = find_dissector_table("sctp.port");
}

/* Of a protocol that is switched off, nothing is expected. */
static int
protocol_of_handle(dissector_handle_t handle)
{
    int proto_id = handle ? dissector_handle_get_protocol_index(handle) : -1;

    return proto_id > 0 && proto_is_protocol_enabled(find_protocol_by_id(proto_id)) ? proto_id : -1;
}

static int
protocol_of_port(dissector_table_t table, uint16_t port)
{
    return table && port ? protocol_of_handle(dissector_get_uint_handle(table, port)) : -1;
}

/*
 * That of the server's port first, who is the one that did not open the connection. Its client was given its port by chance, if
 * not a system port (FTP's data from port 20). Where it is not known who opened it, what Wireshark would try: the lower port,
 * the higher one.
 */
static int
protocol_of_ports(const session_t *session, const flow_packet_t *packet, dissector_table_t table)
{
    uint16_t lower = MIN(packet->srcport, packet->dstport);
    uint16_t higher = MAX(packet->srcport, packet->dstport);
    int opener = session_opened_by(session);
    uint16_t client = opener == 0 ? lower : higher;
    int proto_id = protocol_of_port(table, opener == 0 ? higher : lower);

    if (proto_id > 0 || (opener >= 0 && client > SYSTEM_PORT_MAX))
        return proto_id;
    return protocol_of_port(table, client);
}

int
session_expected(const session_t *session, flow_packet_t *packet)
{
    conversation_t *conversation = packet->transport == FLOW_SCTP ? NULL : flow_conversation(packet);
    dissector_table_t table = packet->transport == FLOW_TCP ? tcp_port_table :
        packet->transport == FLOW_UDP ? udp_port_table : sctp_port_table;
    int proto_id = -1;

    if (conversation)
        proto_id = protocol_of_handle(conversation_get_dissector(conversation, packet->pinfo->num));
    return proto_id > 0 ? proto_id : protocol_of_ports(session, packet, table);
}
