/* ldp-binding.h
 * Label bindings: which router has which label for which FEC, from which frame to which
 *
 * RFC 5036 section 2.1 (bindings), RFC 3032 section 2.1 (reserved labels), RFC 8077 section 5.4 (PW status).
 *
 * A binding is kept after its end, with the frames in which its life began and ended, so that each packet is given the
 * bindings as they were when it was captured, in whichever order and however often packets are dissected.
 * Units: label values, frames. Ownership: the file's. Lifetime: from ldp_binding_reset() on; written on the first pass
 * only. Bounds: counted in ldp-capture.h, some 1,200 bytes a binding with all that hangs on it. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_BINDING_H
#define GAPFILL_LDP_BINDING_H

#include "ldp-map.h"
#include "ldp-session.h"

#define LDP_LABEL_IMPLICIT_NULL 3
#define LDP_LABEL_LAST_SPECIAL  15

/* The status of a pseudowire, as signalled; of its labels and of its bindings alike. */
typedef struct ldp_pw_status {
    wmem_array_t  *history;     /* of frame and status, see as-of.h; NULL: none */
} ldp_pw_status_t;

/* One label that one router bound to one FEC, from when its first peer was told until the last was told otherwise. */
typedef struct ldp_binding {
    ldp_key_t          key;             /* of router, FEC and label */
    ldp_lsr_t         *lsr;
    ldp_fec_t         *fec;
    uint32_t           advertised_in;
    uint32_t           withdrawn_in;
    uint32_t           requested_in;
    uint32_t           ended_frame;     /* from when on it has ended, or 0: withdrawn_in may be earlier */
    uint32_t           adverts;         /* peers that are told so now */
    uint32_t           row[2];          /* in the table, and of its doubtful packets; see tap-ldp-binding.c */
    ldp_end_t          end;
    ldp_pw_t          *pw;
    ldp_pw_status_t   *pw_status;       /* NULL if it is no pseudowire's */
    struct ldp_wire   *wire;            /* with both directions, between the router and the peer that was told last; or NULL */
    ldp_member_t       at_lsr;          /* by router and label */
    ldp_member_t       anywhere;        /* by label */
    ldp_member_t       special;         /* by label among pseudowires, or by FEC among nulls */
} ldp_binding_t;

/* Called in the frame in which a binding begins or ends. */
typedef void (*ldp_touched_cb)(packet_info *pinfo, ldp_binding_t *binding);

void ldp_binding_reset(ldp_touched_cb touched);
uint32_t ldp_binding_count(void);

/* The one that the router has now for this label and FEC, as far as it says the same of a pseudowire; or NULL. */
ldp_binding_t *ldp_binding_current(const ldp_lsr_t *lsr, const ldp_fec_t *fec, uint32_t label, const ldp_element_t *element);
ldp_binding_t *ldp_binding_new(ldp_lsr_t *lsr, ldp_fec_t *fec, uint32_t label, const ldp_element_t *element,
        uint32_t requested_in, packet_info *pinfo);

/* frame: from when on it has ended; shown_frame: the frame that says why. */
void ldp_binding_end(ldp_binding_t *binding, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo);

/* All who are told have been told that it is withdrawn, but it is good until it is released. */
void ldp_binding_withdraw(ldp_binding_t *binding, uint32_t shown_frame, packet_info *pinfo);

/* Where paths to the FEC end, as of a frame: at its address, its router ID, or who binds a null label to it; or NULL. */
ldp_lsr_t *ldp_fec_egress(ldp_network_t network, const ldp_fec_t *fec, uint32_t frame);

void ldp_pw_status_set(ldp_pw_status_t *status, uint32_t value, uint32_t frame);
const uint32_t *ldp_pw_status_at(const ldp_pw_status_t *status, uint32_t frame);

#endif /* GAPFILL_LDP_BINDING_H */
