/* ldp-foreign.h
 * Learning labels that others hand out: RSVP-TE and BGP (ldp-foreign.c), segment routing (ldp-segment-routing.c)
 *
 * The RFCs are named in the two files. Units: label values. Ownership: see ldp-foreign-labels.h; nothing is kept
 * here. Lifetime: called once, at the handoff. Bounds and errors: see ldp-foreign-labels.h; what does not fit its
 * length is not read any further.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_FOREIGN_H
#define GAPFILL_LDP_FOREIGN_H

/* proto is whose learning it is: switched off, nobody listens to the other protocols. */
void ldp_foreign_register(const int *proto);
void ldp_segment_routing_register(const int *proto);

#endif /* GAPFILL_LDP_FOREIGN_H */
