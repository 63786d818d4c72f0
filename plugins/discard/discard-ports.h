/* discard-ports.h
 * The ports that the user's preferences and Decode As settings give to Discard, for the file at hand
 *
 * Source: RFC 863 (9, for TCP and UDP) and Wireshark's tables tcp.port and udp.port. Lifetime: until the next file
 * is opened.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DISCARD_PORTS_H
#define GAPFILL_DISCARD_PORTS_H

#include "flow.h"
#include "port-set.h"

/* TCP's, then UDP's. Written when a file is opened. */
extern port_set_t discard_ports[2];

typedef void (*discard_port_cb)(uint16_t port);

/* When a file is opened; found is called for each port. */
void discard_ports_read(int proto_discard, discard_port_cb found);

static inline bool
is_discard_port(unsigned transport, uint16_t port)
{
    return port_set_has(&discard_ports[transport == FLOW_UDP], port);
}

static inline bool
uses_discard_port(const flow_packet_t *packet)
{
    return is_discard_port(packet->transport, packet->dstport) || is_discard_port(packet->transport, packet->srcport);
}

#endif /* GAPFILL_DISCARD_PORTS_H */
