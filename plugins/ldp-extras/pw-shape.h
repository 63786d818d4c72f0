/* pw-shape.h
 * What some bytes may be that a pseudowire carries, and how much of that can be verified
 *
 * RFC 791 and RFC 8200 (lengths, header checksum), RFC 826, IEEE 802.3 and 802.1Q, RFC 1661 and RFC 1662 (PPP), RFC 2427
 * (Frame Relay), RFC 2684 (AAL5), RFC 4385 (control word).
 *
 * Each question is asked of the bytes alone: who signalled what is nobody's concern here. Units: bytes. Ownership: the
 * bytes are their tvb's; nothing is kept. Lifetime: the packet's. Bounds: headers are looked at, never all of a payload.
 * Errors: what is not captured proves nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_PW_SHAPE_H
#define GAPFILL_PW_SHAPE_H

#include <epan/packet.h>

#define PW_CONTROL_WORD_BYTES   4

typedef struct pw_bytes {
    const uint8_t  *data;
    unsigned        captured;
    unsigned        reported;
} pw_bytes_t;

/* Sure: a checksum or as much as one. Likely: a known value in a place where others are possible. */
typedef enum {
    PW_SCORE_NONE,
    PW_SCORE_LIKELY,
    PW_SCORE_SURE
} pw_score_t;

pw_bytes_t pw_bytes_of(tvbuff_t *tvb, int offset);

/* Those behind the first ones. */
pw_bytes_t pw_bytes_behind(const pw_bytes_t *bytes, unsigned skip);

pw_score_t pw_score_ipv4(const pw_bytes_t *bytes);

/* exact: nothing is behind the packet, as no link pads it. */
pw_score_t pw_score_ipv6(const pw_bytes_t *bytes, bool exact);

/* *tagged: with a VLAN tag. */
pw_score_t pw_score_ethernet(const pw_bytes_t *bytes, bool *tagged);
pw_score_t pw_score_chdlc(const pw_bytes_t *bytes);

/* With or without address and control. */
pw_score_t pw_score_ppp(const pw_bytes_t *bytes);

/* addressed: from the two bytes of the address on; else from the control field or Cisco's type on. */
pw_score_t pw_score_frame_relay(const pw_bytes_t *bytes, bool addressed);
pw_score_t pw_score_llc_snap(const pw_bytes_t *bytes);

/* Whether they can be a control word: the nibble, no fragment, a length that fits; flags: whether the four of them may be set. */
bool pw_has_control_word(const pw_bytes_t *bytes, bool flags);

#endif /* GAPFILL_PW_SHAPE_H */
