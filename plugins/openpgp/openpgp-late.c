/* openpgp-late.c
 * Sequence numbers of segments that TCP does not hand over; see openpgp-late.h
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

#include "openpgp-late.h"
#include "tcp-header.h"
#include "tcp-preference.h"
#include "compat.h"

static bool in_order, analyzed, relative;

void
openpgp_late_init(void)
{
    in_order = tcp_preference("reassemble_out_of_order", false);
    analyzed = tcp_preference("analyze_sequence_numbers", false);
    relative = tcp_numbers_are_relative();
}

bool
openpgp_late_in_order(void)
{
    return in_order;
}

uint32_t
openpgp_late_first(const tcp_flow_t *flow, uint32_t seq)
{
    return relative ? 1 : analyzed ? flow->base_seq + 1 : seq;
}

bool
openpgp_late_payload(const flow_packet_t *packet, const struct tcp_analysis *tcp, openpgp_late_t *late)
{
    unsigned header = packet->captured >= TCP_HEADER_TO_FLAGS ? tcp_header_length(packet->bytes) : packet->captured;

    if (packet->captured <= header || !packet->is_bare)
        return false;
    late->octets = packet->bytes + header;
    late->captured = packet->captured - header;
    late->length = tvb_reported_length(packet->tvb) - header;
    late->seq = tcp_header_seq(packet->bytes) - (relative && tcp && tcp->fwd ? tcp->fwd->base_seq : 0);
    return true;
}
