/* ldp-payload.c
 * What follows a label stack; see ldp-payload.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>
#include <wsutil/pint.h>

#include "ldp-codes.h"
#include "ldp-payload.h"
#include "compat.h"

#define NIBBLE_DATA                 0
#define NIBBLE_ASSOCIATED_CHANNEL   1
#define ADDRESS_CONTROL             0xff03
#define IPV4_HEADER                 20
#define IPV4_DESTINATION            16
#define IPV6_HEADER                 40
#define IPV6_DESTINATION            24

/* Where echo requests go: no router has them, and no FEC. */
static bool
is_loopback(const address *addr)
{
    static const uint8_t mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127 };
    const uint8_t *bytes = (const uint8_t *)addr->data;

    return addr->type == AT_IPv4 ? bytes[0] == mapped[12] : memcmp(bytes, mapped, sizeof mapped) == 0;
}

static void
read_ip(ldp_payload_t *payload, pw_score_t score, address_type type, int length, unsigned destination)
{
    if (score == PW_SCORE_NONE) {
        payload->kind = LDP_PAYLOAD_OTHER;
        return;
    }
    payload->proven = score == PW_SCORE_SURE;
    set_address(&payload->dst, type, length, payload->bytes.data + destination);
    if (!is_loopback(&payload->dst))
        payload->kind = LDP_PAYLOAD_IP;
}

ldp_payload_t
ldp_payload_of(tvbuff_t *tvb, int offset)
{
    ldp_payload_t payload = { .bytes = pw_bytes_of(tvb, offset), .kind = LDP_PAYLOAD_UNKNOWN };
    unsigned nibble;

    if (payload.bytes.captured == 0)
        return payload;
    nibble = payload.bytes.data[0] >> 4;
    if (nibble == 4 && payload.bytes.captured >= IPV4_HEADER)
        read_ip(&payload, pw_score_ipv4(&payload.bytes), AT_IPv4, 4, IPV4_DESTINATION);
    else if (nibble == 6 && payload.bytes.captured >= IPV6_HEADER)
        read_ip(&payload, pw_score_ipv6(&payload.bytes, false), AT_IPv6, 16, IPV6_DESTINATION);
    else if (nibble != 4 && nibble != 6 && nibble != NIBBLE_ASSOCIATED_CHANNEL)
        payload.kind = LDP_PAYLOAD_OTHER;
    return payload;
}

ldp_payload_t
ldp_payload_quoted(tvbuff_t *tvb, int offset)
{
    ldp_payload_t payload = { .bytes = pw_bytes_of(tvb, offset), .kind = LDP_PAYLOAD_UNKNOWN };
    unsigned nibble = payload.bytes.captured ? payload.bytes.data[0] >> 4 : 0;

    if (nibble == 4 && payload.bytes.captured >= IPV4_HEADER)
        read_ip(&payload, PW_SCORE_LIKELY, AT_IPv4, 4, IPV4_DESTINATION);
    else if (nibble == 6 && payload.bytes.captured >= IPV6_HEADER)
        read_ip(&payload, PW_SCORE_LIKELY, AT_IPv6, 16, IPV6_DESTINATION);
    return payload;
}

bool
ldp_payload_refutes(const ldp_payload_t *payload, const ldp_fec_t *fec)
{
    if (!ldp_fec_is_prefix(fec))
        return false;
    return payload->kind == LDP_PAYLOAD_OTHER || (payload->kind == LDP_PAYLOAD_IP && !ldp_fec_covers(fec, &payload->dst));
}

/* Pseudowires */

/* A type and how to prove it of what is behind a control word, or without one. */
typedef struct proof {
    uint16_t      type;
    bool          flags;        /* in the control word */
    pw_score_t  (*with)(const pw_bytes_t *bytes);
    pw_score_t  (*without)(const pw_bytes_t *bytes);
} proof_t;

static pw_score_t
score_ethernet(const pw_bytes_t *bytes)
{
    bool tagged;

    return pw_score_ethernet(bytes, &tagged);
}

static pw_score_t
score_relayed(const pw_bytes_t *bytes)
{
    return pw_score_frame_relay(bytes, false);
}

static pw_score_t
score_relay_port(const pw_bytes_t *bytes)
{
    return pw_score_frame_relay(bytes, true);
}

static pw_score_t
score_ip(const pw_bytes_t *bytes)
{
    pw_score_t score = pw_score_ipv4(bytes);

    return score != PW_SCORE_NONE ? score : pw_score_ipv6(bytes, true);
}

static const proof_t proofs[] = {
    { PW_ETHERNET,     false, score_ethernet,    score_ethernet },
    { PW_HDLC,         false, pw_score_chdlc,    pw_score_chdlc },
    { PW_PPP,          false, pw_score_ppp,      pw_score_ppp },
    { PW_FR_DLCI,      true,  score_relayed,     NULL },
    { PW_FR_PORT,      false, score_relay_port,  score_relay_port },
    { PW_ATM_AAL5_SDU, true,  pw_score_llc_snap, NULL },
    { PW_IP,           false, score_ip,          NULL },
};

static bool
prove_with(const pw_bytes_t *bytes, ldp_pw_t *pw)
{
    pw_bytes_t behind = pw_bytes_behind(bytes, PW_CONTROL_WORD_BYTES);

    for (unsigned i = 0; i < array_length(proofs); i++) {
        if (pw_has_control_word(bytes, proofs[i].flags) && proofs[i].with(&behind) == PW_SCORE_SURE) {
            pw->type = proofs[i].type;
            pw->control_word = true;
            return true;
        }
    }
    return false;
}

static bool
prove_without(const pw_bytes_t *bytes, ldp_pw_t *pw)
{
    for (unsigned i = 0; i < array_length(proofs); i++) {
        if (proofs[i].without && proofs[i].without(bytes) == PW_SCORE_SURE) {
            pw->type = proofs[i].type;
            pw->control_word = false;
            return true;
        }
    }
    return false;
}

/* IP itself is not asked for here. With a control word first, since that is how Wireshark reads a nibble of 0. */
static bool
prove(const pw_bytes_t *bytes, ldp_pw_t *pw)
{
    if (bytes->captured <= PW_CONTROL_WORD_BYTES)
        return false;
    return (bytes->data[0] >> 4 == NIBBLE_DATA && prove_with(bytes, pw)) || prove_without(bytes, pw);
}

const ldp_pw_t *
ldp_payload_wire(ldp_payload_t *payload)
{
    if (!payload->asked) {
        payload->asked = true;
        payload->is_wire = prove(&payload->bytes, &payload->wire);
    }
    return payload->is_wire ? &payload->wire : NULL;
}

/* Of the other types nothing can be proved here but that they are Ethernet or IP instead. */
bool
ldp_pw_is_judged(uint16_t type)
{
    switch (type) {
    case PW_ETHERNET:
    case PW_ETHERNET_TAGGED:
    case PW_HDLC:
    case PW_PPP:
    case PW_FR_DLCI:
    case PW_FR_DLCI_MARTINI:
    case PW_FR_PORT:
    case PW_ATM_AAL5_SDU:
    case PW_IP:
        return true;
    default:
        return false;
    }
}

static uint16_t
kind_of(uint16_t type)
{
    return type == PW_ETHERNET_TAGGED ? PW_ETHERNET : type == PW_FR_DLCI_MARTINI ? PW_FR_DLCI : type;
}

static bool
is_framed(const pw_bytes_t *bytes, bool control_word)
{
    pw_bytes_t frame = pw_bytes_behind(bytes, control_word ? PW_CONTROL_WORD_BYTES : 0);

    return frame.captured >= 2 && pntohu16(frame.data) == ADDRESS_CONTROL;
}

static bool
is_of_type(const ldp_pw_t *signalled, const ldp_pw_t *proved, const pw_bytes_t *bytes)
{
    if (kind_of(signalled->type) == proved->type)
        return true;
    return signalled->type == PW_HDLC && proved->type == PW_PPP && is_framed(bytes, proved->control_word);
}

/* Cells may carry what looks like a frame of another kind. */
static const ldp_pw_t *
proof_about(ldp_payload_t *payload, uint16_t type)
{
    const ldp_pw_t *proved = ldp_payload_wire(payload);

    return proved && (ldp_pw_is_judged(type) || proved->type == PW_ETHERNET) ? proved : NULL;
}

bool
ldp_payload_refutes_wire(ldp_payload_t *payload, const ldp_pw_t *pw)
{
    const ldp_pw_t *proved = proof_about(payload, pw->type);

    return proved && !is_of_type(pw, proved, &payload->bytes);
}
