/* ldp-foreign-labels.h
 * Labels that others than LDP hand out, and by which routers
 *
 * RFC 3031 section 3.14: a label says something only to the router that handed it out, by whichever protocol.
 *
 * Units: label values, frames. Ownership: the file's; addresses are copied. Lifetime: from ldp_foreign_reset() on;
 * written on the first pass only. Bounds: counted in ldp-capture.h; LDP_MAX_FOREIGN routers a label, after which it
 * counts as everybody's. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_FOREIGN_LABELS_H
#define GAPFILL_LDP_FOREIGN_LABELS_H

#include "ldp-router.h"

void ldp_foreign_reset(void);

/* The capture tells of another protocol that hands out labels: RSVP-TE, BGP or segment routing. */
void ldp_foreign_seen(uint32_t frame);
bool ldp_foreign_was_seen(uint32_t frame);

void ldp_foreign_label(uint32_t label, const address *router, uint32_t frame);

/* Of more labels than LDP_MAX_FOREIGN_RANGE the first. */
#define LDP_MAX_FOREIGN_RANGE 4096
void ldp_foreign_range(uint32_t first, uint32_t size, const address *router, uint32_t frame);

/* A label at the end of a tunnel that the router there did not hand out by LDP. */
void ldp_service_label(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame);

/* Whether anybody has told it, or that router has it, as of a frame. */
bool ldp_label_is_foreign(uint32_t label, uint32_t frame);
bool ldp_label_is_foreign_there(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame);

/* Whether there is any such label. Most captures have none, and are spared a call for each label of a packet. */
extern bool ldp_any_label_is_foreign;

static inline bool
ldp_label_is_foreign_of(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame)
{
    return ldp_any_label_is_foreign && ldp_label_is_foreign_there(lsr, label, frame);
}

#endif /* GAPFILL_LDP_FOREIGN_LABELS_H */
