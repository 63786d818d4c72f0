/* ldp-reading.h
 * As what the bytes below a label stack are read: what was signalled for them, and what can be proved of them
 *
 * RFC 4385 and RFC 4448 (control word), RFC 4618 (PPP, HDLC), RFC 4619 (Frame Relay), RFC 4717 (AAL5), RFC 4928 (the first
 * nibble proves nothing).
 *
 * What was signalled and fits is read as signalled; what is proved to be something else, as that. Nothing is proved by less than a
 * checksum or as much, or by PW_DISTINCT_ENOUGH packets of a label that were proved to be alike and none that was not. What
 * Wireshark reads right by itself stays native. Units: frames. Ownership: the file's. Lifetime: from ldp_reading_reset() on;
 * written on the first pass only; what is known by the end is known to later passes for all packets. Bounds: LDP_MAX_HABITS
 * labels, counted in ldp-capture.h. Errors: what is not captured proves nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_READING_H
#define GAPFILL_LDP_READING_H

#include "ldp-resolve.h"

#define LDP_MAX_HABITS      65536

void ldp_reading_reset(void);

/* Sets stack->reading, and takes back what the bytes refute. */
void ldp_reading_judge(ldp_stack_t *stack, const ldp_hop_t *hop, tvbuff_t *tvb, packet_info *pinfo);

/* The TTL or a router alert label may make it a message to the router itself. */
bool ldp_reading_is_ip(const ldp_payload_t *payload);

#endif /* GAPFILL_LDP_READING_H */
