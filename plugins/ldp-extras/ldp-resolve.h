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
#include "ldp-observed.h"
#include "ldp-payload.h"

/* Labels of a stack that are looked at. */
#define LDP_MAX_STACK 16

/* Bindings of all labels of a stack that are looked at. */
#define LDP_MAX_BINDINGS_OF_STACK 1024

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
    const address  *from_mac;
    const address  *to_mac;
    const address  *to_ip;
    wmem_allocator_t *pool;         /* the packet's */
    unsigned       *bindings_left;  /* that may be looked at for several stacks of the packet, or NULL: for each so many */
    ldp_network_t   network;
    bool            carried;        /* in another packet: of a network of its own, unless the receiver is known here */
} ldp_hop_t;

typedef enum {
    LDP_MATCH_RECEIVER = 1,
    LDP_MATCH_ONLY,
    LDP_MATCH_ONE_OF,
    LDP_MATCH_OBSERVED
} ldp_match_t;

/* Other FECs of the same label that the same router told as well, by bindings or by adverts. */
typedef struct ldp_more {
    unsigned              count;
    ldp_binding_t       **binding;
    const ldp_advert_t  **advert;       /* NULL, or one a binding */
} ldp_more_t;

/* As what the payload of a pseudowire is read. */
typedef enum {
    LDP_READ_NATIVE,        /* as Wireshark does by itself */
    LDP_READ_SIGNALLED,
    LDP_READ_OTHERWISE,     /* than signalled, as the bytes have it */
    LDP_READ_WORKED_OUT     /* as the bytes have it, where nobody has signalled anything */
} ldp_read_as_t;

typedef struct ldp_reading {
    ldp_read_as_t  as;
    ldp_pw_t       pw;              /* type and control word, where it is not native */
    bool           other_word;      /* the control word is there, or not, against what was signalled */
    bool           other_type;      /* the bytes are something else than what was signalled */
    uint32_t       first_frame;     /* worked out: the first packet that it rests on */
} ldp_reading_t;

/* What one label means; binding is NULL where LDP does not say. */
typedef struct ldp_use {
    ldp_binding_t        *binding;
    const ldp_advert_t   *advert;       /* as the sender was told, where it is known */
    const ldp_more_t     *more;         /* NULL: it stands for one FEC */
    const ldp_observed_t *observed;     /* without a binding: where the packets go */
    ldp_match_t          match;
    uint32_t             candidates;
    bool                 stale;
    bool                 ambiguous;
    bool                 doubtful;      /* it is a guess, or below one */
    bool                 unknown;       /* the receiver never advertised it, as far as the capture goes */
    bool                 refuted;       /* the receiver has advertised it, for what this packet is not */
    const ldp_lsr_t     *service_of;    /* not LDP's, but that router's at the end of the tunnel: a VPN's, for one */
} ldp_use_t;

typedef struct ldp_stack {
    unsigned             count;
    ldp_label_t          label[LDP_MAX_STACK];
    ldp_use_t            use[LDP_MAX_STACK];
    uint32_t             innermost;     /* the label that ends the stack */
    int                  payload;       /* offset of what follows the stack, or 0 */
    ldp_payload_t        carried;       /* what is there, or in an ICMP error what the stack was taken from */
    ldp_use_t           *pw;            /* the pseudowire whose payload follows */
    ldp_reading_t        reading;       /* see ldp-reading.h */
    bool                 pw_alert;      /* with a router alert label, or a TTL that ends at the receiver */
} ldp_stack_t;

/* Whether what is shown may be wrong: Info has a question mark then. */
bool ldp_use_is_doubtful(const ldp_use_t *use);

/* Reads at most LDP_MAX_STACK labels. */
void ldp_stack_read(tvbuff_t *tvb, int offset, int end, ldp_stack_t *stack);

void ldp_stack_resolve(ldp_stack_t *stack, const ldp_hop_t *hop, uint32_t frame);

/* Of a stack of one label, once the packet itself has been observed. */
void ldp_stack_resolve_observed(ldp_stack_t *stack, const ldp_hop_t *hop);

/*
 * On the first pass, of a packet whose outermost label nobody here has told: its bytes may tell who receives it. Returns true if
 * they do, so that the stack can be resolved anew.
 */
bool ldp_stack_observe_presence(ldp_stack_t *stack, const ldp_hop_t *hop, const packet_info *pinfo);

#endif /* GAPFILL_LDP_RESOLVE_H */
