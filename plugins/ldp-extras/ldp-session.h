/* ldp-session.h
 * LDP sessions and their two sides
 *
 * RFC 5036 section 2.5 (sessions), RFC 3478 section 2 (FT Session TLV).
 *
 * Units: frames, milliseconds. Ownership: a session hangs on its TCP conversation and is the file's, with its
 * sides. Lifetime: from ldp_session_reset() on; written on the first pass only. Bounds: counted in ldp-capture.h.
 * Errors: a side whose router has not spoken yet has none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_SESSION_H
#define GAPFILL_LDP_SESSION_H

#include "ldp-fec.h"
#include "tcp-stream.h"

/* Why a binding ended. */
typedef enum {
    LDP_ACTIVE,
    LDP_WITHDRAWN,
    LDP_RELEASED,
    LDP_SESSION_CLOSED,
    LDP_SESSION_RESTARTED,
    LDP_REPLACED,
    LDP_NOT_RECOVERED
} ldp_end_t;

/* One direction of a session: what one router says to the other. */
typedef struct ldp_side {
    uint32_t             number;        /* from 1 */
    struct ldp_session  *session;
    address              addr;
    uint16_t             port;
    ldp_lsr_t           *lsr;
    ldp_lsr_t           *receiver;      /* as its Initialization names it, or else its address */
    bool                 begun;         /* its SYN was captured */
    bool                 initialized;
    bool                 went_on;       /* it has said what comes after an Initialization only */
    uint32_t             mapped_frame;  /* its first Label Mapping */
    tcp_stream_t         stream;
    unsigned             withdrawn;     /* adverts that wait for their release */
    bool                 waits;         /* a segment of it is missing that may still come, */
    ldp_lsr_t           *waiting[2];    /* as those of the two know that spoke when it began to */
    bool                 lost;          /* a PDU has to be found again in the stream */
    uint32_t             skip;          /* bytes of a PDU that can not be read */
    bool                 ft;            /* FT Session TLV with the L flag */
    uint32_t             reconnect_ms;
    uint32_t             recovery_ms;
    struct ldp_advert   *active[LDP_FEC_KINDS];     /* what it told and holds, the latest first; see ldp-advert.h */
    struct ldp_side     *held;          /* of the session before, kept over a graceful restart */
} ldp_side_t;

typedef struct ldp_session {
    ldp_side_t           side[2];
    ldp_network_t        network;
    struct ldp_session  *elsewhere;     /* of the same conversation in another network, or NULL */
    bool                 gap;           /* bytes of it are missing for good */
    bool                 closed;
    bool                 held;          /* closed, but labels stay: graceful restart */
    nstime_t             held_until;
    uint32_t             closed_in;
    uint32_t             complete_frame;
    struct ldp_session  *next_held;
} ldp_session_t;

void ldp_session_reset(void);

/* The first side has the source's address and port. */
ldp_session_t *ldp_session_new(ldp_network_t network, const address *src, uint16_t srcport, const address *dst, uint16_t dstport);

ldp_side_t *ldp_side_other(const ldp_side_t *side);

/* Whom the side speaks to, as far as the peer itself or the side's Initialization says; or NULL. */
ldp_lsr_t *ldp_side_peer(const ldp_side_t *side);

#endif /* GAPFILL_LDP_SESSION_H */
