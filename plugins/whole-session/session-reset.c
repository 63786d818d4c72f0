/* session-reset.c
 * Whether a TCP segment has the numbers of its connection; see session-reset.h
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
#include <epan/dissectors/packet-tcp.h>

#include "session-reset.h"
#include "tcp-header.h"
#include "compat.h"

/* More than this is hardly ever in flight. */
#define NEAR            (1u << 24)

#define MAX_SYN_DATA    65535

static int proto_tcp = -1;

void
session_reset_init(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
}

/* What the other side has sent, and NULL if it is not known. */
static const tcp_flow_t *
other_flow(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);
    const struct tcp_analysis *tcpd = conversation ?
        (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp) : NULL;

    return tcpd ? tcpd->rev : NULL;
}

bool
session_acknowledges_opening(flow_packet_t *packet)
{
    const tcp_flow_t *opener = other_flow(packet);

    if (!opener || !opener->static_flags)
        return true;
    return tcp_header_ack(packet->bytes) - opener->base_seq <= MAX_SYN_DATA;      /* some do not count the SYN */
}

bool
session_reset_is_near(flow_packet_t *packet)
{
    const tcp_flow_t *other = other_flow(packet);

    if (!other || !other->tcp_analyze_seq_info || other->tcp_analyze_seq_info->lastack == 0)
        return true;
    return tcp_header_seq(packet->bytes) - other->tcp_analyze_seq_info->lastack + NEAR <= 2 * NEAR;
}
