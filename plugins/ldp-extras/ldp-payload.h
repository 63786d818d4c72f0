/* ldp-payload.h
 * What follows a label stack, and whether it can belong to a FEC
 *
 * RFC 3031 section 4.1.5 (a FEC of a label covers what is sent with it), RFC 4928 (the first nibble), RFC 8029 section 3
 * (an LSP ping goes to 127/8, whatever its FEC); RFC 4385 and RFC 4448 (control word), RFC 4618 (PPP, HDLC), RFC 4619 (Frame
 * Relay), RFC 4717 (AAL5).
 *
 * Units: bytes. Ownership: the bytes are their tvb's, the destination points into them; nothing is kept. Lifetime: the
 * packet's. Bounds: none are needed. Errors: what is not captured refutes nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_PAYLOAD_H
#define GAPFILL_LDP_PAYLOAD_H

#include "ldp-fec.h"
#include "pw-shape.h"

typedef enum {
    LDP_PAYLOAD_UNKNOWN,
    LDP_PAYLOAD_IP,
    LDP_PAYLOAD_OTHER
} ldp_payload_kind_t;

typedef struct ldp_payload {
    pw_bytes_t          bytes;
    ldp_payload_kind_t  kind;
    bool                proven;     /* IP, as sure as its header can make it */
    address             dst;        /* of IP */
    bool                asked;      /* what a pseudowire's payload it is, */
    bool                is_wire;    /* whether it is proved to be one, */
    ldp_pw_t            wire;       /* and of which type, with or without a control word */
} ldp_payload_t;

ldp_payload_t ldp_payload_of(tvbuff_t *tvb, int offset);

/* Of the packet that an ICMP error quotes, which may be cut: where it goes is all that is known of it. */
ldp_payload_t ldp_payload_quoted(tvbuff_t *tvb, int offset);

/* Whether it can not be sent with a label of the FEC, which ends the stack. */
bool ldp_payload_refutes(const ldp_payload_t *payload, const ldp_fec_t *fec);

/* Type and control word of the pseudowire whose payload this is proved to be, by a checksum or as much; NULL: nothing is proved. */
const ldp_pw_t *ldp_payload_wire(ldp_payload_t *payload);

/* Whether something can be proved or refuted of the type; whether it is proved to be another one. */
bool ldp_pw_is_judged(uint16_t type);
bool ldp_payload_refutes_wire(ldp_payload_t *payload, const ldp_pw_t *pw);

#endif /* GAPFILL_LDP_PAYLOAD_H */
