/* ldp-router.h
 * Label switching routers, and by which addresses they are known
 *
 * RFC 5036 section 2.2.2 (LDP identifiers), section 3.5.5 (Address messages), section 2.4 (Hellos); RFC 826 (ARP)
 * and RFC 4861 (neighbor discovery) for the MAC addresses of their interfaces.
 *
 * Units: router IDs in host byte order, frames. Ownership: routers and all about them are the file's. Lifetime:
 * from ldp_router_reset() on. "As of a frame" is what frames before it said. Bounds: counted in ldp-capture.h;
 * 262144 MAC addresses with eight IP addresses each take at most 200 MB of that. Errors: NULL where a router is not
 * known, or where several have the address.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_ROUTER_H
#define GAPFILL_LDP_ROUTER_H

#include <epan/packet.h>

#include "as-of.h"

#define LDP_LSR_NUMBER_MAX  0x1fffff

/* Whose routers they are: LDP that pseudowires carry is that of customers, who may have the same identifiers and addresses. */
typedef enum ldp_network {
    LDP_OWN_NETWORK,
    LDP_CUSTOMERS,
    LDP_NETWORKS
} ldp_network_t;

/* By which service of the carrier's a customer is heard; see ldp-carrier.h. */
typedef struct ldp_circuit {
    uint32_t  label;                /* that ended the stack, and one more; 0: none */
    uint64_t  wire;                 /* pseudowire and its egress, or 0: not signalled */
} ldp_circuit_t;

/* From a frame on: so many streams of its sessions lack a segment that may still come. */
typedef struct ldp_wait {
    uint32_t  frame;
    unsigned  streams;
} ldp_wait_t;

/* A label switching router, by network and LDP identifier. */
typedef struct ldp_lsr {
    uint64_t  key;
    ldp_network_t network;
    uint32_t  id;                   /* router ID, host byte order */
    uint16_t  space;
    uint32_t  number;               /* from 1 */
    uint32_t  first_frame;
    uint32_t  complete_frame;       /* label mapping in a session seen from its Initialization, or 0 */
    uint32_t  addresses_frame[2];   /* its first Address messages, of IPv4 and IPv6, or 0 */
    uint32_t  open_sessions;
    uint32_t  popped_frame;         /* told somebody to pop the label before it (implicit null), or 0 */
    uint32_t  incomplete_frame;     /* a session, or a part of it, is not in the capture, or 0 */
    wmem_array_t *waits;            /* of ldp_wait_t, see as-of.h; NULL: none */
    uint32_t  targeted_frame;       /* its first targeted Hello, or 0 */
    uint32_t  link_frame;           /* its first link Hello, or 0 */
    ldp_circuit_t circuit;          /* of customers: by which it was heard first, */
    uint64_t  circuit_mac;          /* from which MAC address, or 0, */
    uint32_t  several_frame;        /* and when by another one: there may be several of the name; or 0 */
} ldp_lsr_t;

void ldp_router_reset(void);
uint32_t ldp_router_count(void);

/* Whether all of its Hellos are targeted ones, so that it is not known to be on this link. */
static inline bool
ldp_lsr_is_remote(const ldp_lsr_t *lsr, uint32_t frame)
{
    return lsr->targeted_frame && lsr->targeted_frame < frame && !(lsr->link_frame && lsr->link_frame < frame);
}

static inline bool
ldp_lsr_waits(const ldp_lsr_t *lsr, uint32_t frame)
{
    const ldp_wait_t *wait = (const ldp_wait_t *)as_of(lsr->waits, frame);

    return wait && wait->streams;
}

/* Where its session was captured as a whole, what it told is known, and the end of that. */
static inline bool
ldp_lsr_is_wholly_known(const ldp_lsr_t *lsr, uint32_t frame)
{
    return lsr->complete_frame && lsr->complete_frame < frame && !(lsr->incomplete_frame && lsr->incomplete_frame < frame)
            && !ldp_lsr_waits(lsr, frame);
}

static inline bool
ldp_lsr_is_several(const ldp_lsr_t *lsr, uint32_t frame)
{
    return lsr->several_frame && lsr->several_frame < frame;
}

/* NULL if there are too many. */
ldp_lsr_t *ldp_lsr_get(ldp_network_t network, uint32_t id, uint16_t space, uint32_t frame);

/* The router of this ID that has the label space of the platform, or NULL. */
ldp_lsr_t *ldp_lsr_find(ldp_network_t network, uint32_t id);
ldp_lsr_t *ldp_lsr_by_address(ldp_network_t network, const address *addr, uint32_t frame);
ldp_lsr_t *ldp_lsr_by_mac(ldp_network_t network, const address *mac, uint32_t frame);

/* Whether this router can have the address: no, if it has told its addresses and this is none of them, or another's. */
bool ldp_lsr_may_have_address(const ldp_lsr_t *lsr, const address *addr, uint32_t frame);

/* Whether this router can be behind the MAC address, of which ARP or ND tell IP addresses. */
bool ldp_lsr_may_have_mac(const ldp_lsr_t *lsr, const address *mac, uint32_t frame);

/*
 * An address may move to another router, but one that two have in their Address messages at the same time is
 * several routers' (anycast). listed: it is from such a message.
 */
void ldp_learn_address(const address *addr, ldp_lsr_t *lsr, bool listed, uint32_t frame);
void ldp_forget_address(const address *addr, const ldp_lsr_t *lsr, uint32_t frame);

/* It says Hello from the MAC address; or sends a segment from there that nobody has forwarded. */
void ldp_learn_mac(const address *mac, ldp_lsr_t *lsr, bool hello, uint32_t frame);
void ldp_learn_neighbor(const address *mac, const address *addr, uint32_t frame);

#endif /* GAPFILL_LDP_ROUTER_H */
