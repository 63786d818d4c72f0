/* ldp-wire.h
 * Pseudowires with both of their directions, and why one can not come up
 *
 * RFC 8077 section 4 (both ends tell a label, and agree on type and MTU), section 6 (AGI, SAII, TAII), section 7 (control word),
 * RFC 4446 section 3.5 and RFC 6870 (status).
 *
 * A pseudowire is what two routers tell each other with the same PW ID, or with the same AGI and each other's SAII and TAII. The
 * type is compared, it is not what tells pseudowires apart. Units: frames, MTU in bytes. Ownership: the file's; touched wires hang
 * on their frame. Lifetime: from ldp_wire_reset() on; written on the first pass only; what is kept of each frame's end is asked as
 * of that. Bounds: counted in ldp-capture.h. Errors: where the peer is not known there is no pseudowire.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_WIRE_H
#define GAPFILL_LDP_WIRE_H

#include "ldp-binding.h"

/* Why it is not up; several may hold. */
#define LDP_WIRE_ONE_SIDE       0x01
#define LDP_WIRE_TYPE           0x02
#define LDP_WIRE_MTU            0x04
#define LDP_WIRE_CONTROL_WORD   0x08
#define LDP_WIRE_STATUS         0x10
#define LDP_WIRE_GONE           0x20    /* nobody tells it any more */

/* What one of the two tells. */
typedef struct ldp_wire_end {
    const ldp_lsr_t  *lsr;
    const ldp_pw_t   *pw;           /* NULL: nothing */
    uint32_t          label;
    uint32_t          status;
    bool              taken_back;   /* it was told before */
} ldp_wire_end_t;

/* States one after the other whose reasons are the same: what is known of them at their end only. */
typedef struct ldp_wire_run {
    uint32_t  used_in[2];   /* the first packet with the label of each end, or 0 */
    bool      is_over;
    unsigned  next;         /* then the reasons that follow */
} ldp_wire_run_t;

/* From a frame on. */
typedef struct ldp_wire_state {
    uint32_t        frame;
    uint32_t        up_since;       /* 0: it is not */
    unsigned        reasons;
    ldp_wire_run_t *run;
    ldp_wire_end_t  end[2];
} ldp_wire_state_t;

typedef struct ldp_wire {
    const char     *text;           /* without the type */
    uint32_t        row;            /* in the table; see tap-ldp-pseudowire.c */
    bool            is_split;       /* another type has the same identifier */
    uint32_t        touched_in;     /* the latest frame in which it has changed */
    wmem_array_t   *states;         /* of ldp_wire_state_t, see as-of.h */
} ldp_wire_t;

/* proto is whose data hangs on the frames. */
void ldp_wire_reset(int proto);

/* What an end tells; pw is NULL: nothing. */
typedef struct ldp_wire_word {
    const ldp_pw_t  *pw;
    uint32_t         label;
} ldp_wire_word_t;

/*
 * lsr tells peer a label, or one no more, and then which one goes on (its pw is NULL: none); or how it is. Returns the pseudowire,
 * or NULL: nobody has told it.
 */
ldp_wire_t *ldp_wire_told(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec, ldp_wire_word_t word,
        packet_info *pinfo);
ldp_wire_t *ldp_wire_taken_back(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec, uint32_t label,
        ldp_wire_word_t other, packet_info *pinfo);
void ldp_wire_status(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, const ldp_fec_t *fec, uint32_t status, packet_info *pinfo);

/* For the first pass: a packet with the label that lsr tells. */
void ldp_wire_used(ldp_wire_t *wire, const ldp_lsr_t *lsr, packet_info *pinfo);

/*
 * Whether packets refute that it is down: both ways, against what differs; with the label of one side, against the other's silence.
 * Not what a status or a withdrawal says.
 */
bool ldp_wire_is_in_use(const ldp_wire_t *wire, uint32_t frame);

/* Of ldp_wire_t *: what has changed in this frame; NULL: nothing. */
wmem_array_t *ldp_wire_touched(packet_info *pinfo);

/* As the frame has left it. */
const ldp_wire_state_t *ldp_wire_after(const ldp_wire_t *wire, uint32_t frame);

/* Whether the other side says nothing before this side is silent again, as far as the capture goes. */
bool ldp_wire_stays_alone(const ldp_wire_t *wire, uint32_t frame);

/* Reasons, with both values where they differ. */
const char *ldp_wire_reasons_text(const ldp_wire_state_t *state, wmem_allocator_t *pool);

#endif /* GAPFILL_LDP_WIRE_H */
