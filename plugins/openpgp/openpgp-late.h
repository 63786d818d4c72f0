/* openpgp-late.h
 * Sequence numbers of segments that TCP does not hand over, as they come late
 *
 * Before Wireshark 4.6, and since by a preference, TCP dissects what comes in front of a segment that it has handed over as nothing
 * but itself. Observers of packets (flow.h) can read it; these functions tell where it belongs.
 * Source: RFC 9293 section 3.4. Units: octets. Ownership: nothing is kept but TCP's preferences as a file is opened. No errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_LATE_H
#define GAPFILL_OPENPGP_LATE_H

#include <epan/packet.h>
#include <epan/dissectors/packet-tcp.h>

#include "flow.h"

/* A file is opened. */
void openpgp_late_init(void);

/* Whether TCP puts segments into order itself, so that what it hands over may begin before the segment at hand. */
bool openpgp_late_in_order(void);

/* The number of the first octet, as dissectors have it, by whichever packet came first; seq where TCP does not keep that. */
uint32_t openpgp_late_first(const tcp_flow_t *flow, uint32_t seq);

/*
 * For after(): the payload of the packet, and its number as dissectors have it; tcp is of its connection, or NULL. False: it has
 * none, or a dissector was given it.
 */
typedef struct openpgp_late {
    const uint8_t *octets;
    unsigned       captured;
    unsigned       length;
    uint32_t       seq;
} openpgp_late_t;
bool openpgp_late_payload(const flow_packet_t *packet, const struct tcp_analysis *tcp, openpgp_late_t *late);

#endif /* GAPFILL_OPENPGP_LATE_H */
