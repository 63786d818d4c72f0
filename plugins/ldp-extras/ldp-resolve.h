/* ldp-resolve.h
 * Which binding a label of a packet means
 *
 * RFC 3031, RFC 3032 (label stacks), RFC 6790 (entropy labels), RFC 6391 (flow labels).
 *
 * A label says something only to the router that handed it out. The outermost is for the receiver of the packet,
 * one further in for the router where the label switched path of the outer one ends. Where that router is known,
 * its bindings alone count; where it is not, those of all routers are candidates. Units: offsets in bytes, label
 * values. Ownership and lifetime: nothing is kept; the stack is the caller's. The answer for a frame follows from
 * what is known as of that frame, in every pass. Bounds: LDP_MAX_STACK labels. Errors: a label that means nothing
 * has a use without a binding.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_RESOLVE_H
#define GAPFILL_LDP_RESOLVE_H

#include "ldp-advert.h"

/* Labels of a stack that are looked at. */
#define LDP_MAX_STACK 16

#define LDP_ROUTER_ALERT 1

typedef struct ldp_label {
    int       offset;
    uint32_t  label;
    uint8_t   ttl;
    bool      bottom;
} ldp_label_t;

/* Between whom the packet was captured; NULL where that is not known. */
typedef struct ldp_hop {
    ldp_lsr_t      *receiver;
    ldp_lsr_t      *sender;
    const address  *to_mac;
    const address  *to_ip;
    bool            carried;        /* in another packet: of a network of its own, unless the receiver is known here */
} ldp_hop_t;

typedef enum {
    LDP_MATCH_RECEIVER = 1,
    LDP_MATCH_ONLY,
    LDP_MATCH_ONE_OF
} ldp_match_t;

/* What one label means; binding is NULL where LDP does not say. */
typedef struct ldp_use {
    ldp_binding_t       *binding;
    const ldp_advert_t  *advert;        /* as the sender was told, where it is known */
    ldp_match_t          match;
    uint32_t             candidates;
    bool                 stale;
    bool                 ambiguous;
    bool                 unknown;       /* the receiver never advertised it, as far as the capture goes */
    const ldp_lsr_t     *service_of;    /* not LDP's, but that router's at the end of the tunnel: a VPN's, for one */
} ldp_use_t;

typedef struct ldp_stack {
    unsigned             count;
    ldp_label_t          label[LDP_MAX_STACK];
    ldp_use_t            use[LDP_MAX_STACK];
    uint32_t             innermost;     /* the label that ends the stack */
    int                  payload;       /* offset of what follows the stack, or 0 */
    const ldp_use_t     *pw;            /* the pseudowire whose payload follows */
    bool                 pw_alert;      /* with a router alert label, or a TTL that ends at the receiver */
} ldp_stack_t;

/* Reads at most LDP_MAX_STACK labels. */
void ldp_stack_read(tvbuff_t *tvb, int offset, int end, ldp_stack_t *stack);

void ldp_stack_resolve(ldp_stack_t *stack, const ldp_hop_t *hop, uint32_t frame);

#endif /* GAPFILL_LDP_RESOLVE_H */
