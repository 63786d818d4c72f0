/* ldp-observed.h
 * Where a label leads, as the packets with it tell that nobody's advertisement explains
 *
 * RFC 3031 section 3.14: what a receiver does with a label is the same for all packets. So a label that ends the stack, and under
 * which packets go to one router and to nobody else, leads to that router, whoever handed it out.
 *
 * A router is known by its LSR ID, in LDP of this capture; other destinations prove nothing: the FEC may be any prefix around
 * them.
 * Units: frames. Ownership: the file's. Lifetime: from ldp_observed_reset() on; written on the first pass only; what is known
 * by the end is known to later passes for all packets. Bounds: LDP_MAX_OBSERVED labels, counted in ldp-capture.h. Errors:
 * links without MAC addresses teach nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_OBSERVED_H
#define GAPFILL_LDP_OBSERVED_H

#include "ldp-payload.h"
#include "ldp-router.h"

#define LDP_MAX_OBSERVED        65536

typedef struct ldp_observed ldp_observed_t;

void ldp_observed_reset(void);

/* An IP packet with this label alone goes to the MAC address. */
void ldp_observe(ldp_network_t network, const address *to_mac, uint32_t label, const ldp_payload_t *carried,
        const packet_info *pinfo);

/* What PW_DISTINCT_ENOUGH packets prove. NULL: nothing is proved. */
const ldp_observed_t *ldp_observed_find(ldp_network_t network, const address *to_mac, uint32_t label);

ldp_lsr_t *ldp_observed_router(const ldp_observed_t *observed);
uint32_t ldp_observed_first(const ldp_observed_t *observed);

/* The address, as a FEC. */
const char *ldp_observed_text(const ldp_observed_t *observed, wmem_allocator_t *pool);

#endif /* GAPFILL_LDP_OBSERVED_H */
