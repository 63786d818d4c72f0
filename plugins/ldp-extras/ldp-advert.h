/* ldp-advert.h
 * Bindings as one peer was told them
 *
 * RFC 5036 section 2.6 (label distribution: each peer is told for itself), RFC 8077 section 5.3 (groups of
 * pseudowires).
 *
 * Units: label values, frames. Ownership: the file's. Lifetime: from ldp_advert_reset() on; written on the first
 * pass only; kept after its end. Bounds: counted in ldp-capture.h; a side tells at most LDP_MAX_LABELS labels for
 * one FEC at a time (ldp-distribution.c). Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_ADVERT_H
#define GAPFILL_LDP_ADVERT_H

#include "ldp-wire.h"

typedef struct ldp_advert {
    ldp_key_t           key;            /* of side, FEC and label */
    ldp_binding_t      *binding;
    ldp_side_t         *side;
    uint32_t            advertised_in;
    uint32_t            withdrawn_in;
    uint32_t            ended_frame;    /* from when on it has ended, or 0: withdrawn_in may be earlier */
    uint32_t            begun_frame;    /* from when on it counts */
    ldp_end_t           end;
    ldp_pw_status_t    *pw_status;
    struct ldp_advert  *prev;           /* active ones of this side and kind */
    struct ldp_advert  *next;
    struct ldp_advert  *prev_label;     /* active ones of this side and FEC */
    struct ldp_advert  *next_label;
    struct ldp_advert  *prev_in_group;  /* active ones of this side, pseudowire type and group; the latest first */
    struct ldp_advert  *next_in_group;
    ldp_member_t        at_peer;        /* by router, peer and label */
} ldp_advert_t;

void ldp_advert_reset(void);

void ldp_advert_new(ldp_side_t *side, ldp_binding_t *binding, packet_info *pinfo);

/* Who the side speaks to is known now: what it told before was told that router. */
void ldp_adverts_have_peer(const ldp_side_t *side, packet_info *pinfo);

/* frame: from when on it has ended; shown_frame: the frame that says why. Ends the binding if it was the last. */
void ldp_advert_end(ldp_advert_t *advert, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo);

/* It has been withdrawn, but is good until it is released. */
void ldp_advert_withdraw(ldp_advert_t *advert, uint32_t shown_frame, packet_info *pinfo);

static inline bool
ldp_advert_is_withdrawn(const ldp_advert_t *advert)
{
    return advert->withdrawn_in != 0;
}

/* The active one of this label; or the first of the FEC, others by next_label; or NULL. */
ldp_advert_t *ldp_advert_find(const ldp_side_t *side, const ldp_fec_t *fec, uint32_t label);
ldp_advert_t *ldp_advert_of_fec(const ldp_side_t *side, const ldp_fec_t *fec);

/* The first active one of the group that a PW FEC element without a pseudowire names, the others by next_in_group; or NULL. */
ldp_advert_t *ldp_advert_of_group(const ldp_side_t *side, const ldp_element_t *element);

#endif /* GAPFILL_LDP_ADVERT_H */
