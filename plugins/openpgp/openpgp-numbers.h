/* openpgp-numbers.h
 * The numbers of OpenPGP keys and signatures, which of them may be given to a library, and what that costs
 *
 * Sources: RFC 9580 sections 3.2 (multiprecision integers), 5.2.3 and 5.5.5 (material of the algorithms), 9.2 (curves).
 *
 * Keys and signatures come from anybody. What a library might take amiss, or take long for, is refused here, before one is
 * asked. Numbers are big-endian without leading zeros, and point into what was read. Nothing throws and nothing is kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_NUMBERS_H
#define GAPFILL_OPENPGP_NUMBERS_H

#include "openpgp-codes.h"
#include "openpgp-statement.h"

#define OPENPGP_NUMBERS 4

typedef enum openpgp_kind {
    OPENPGP_KIND_NONE,          /* no algorithm that signs, or an unknown one */
    OPENPGP_KIND_RSA,           /* n, e; signature */
    OPENPGP_KIND_DSA,           /* p, q, g, y; r, s */
    OPENPGP_KIND_ECDSA,         /* x, y of the point; r, s */
    OPENPGP_KIND_EDDSA          /* octets of the point; R and S joined, in octets */
} openpgp_kind_t;

/* Of a public key. */
typedef struct openpgp_key_numbers {
    openpgp_kind_t         kind;
    const openpgp_curve_t *curve;       /* of the two last kinds */
    openpgp_octets_t       number[OPENPGP_NUMBERS];
} openpgp_key_numbers_t;

/* Octets of the longest signature of EdDSA: Ed448. */
#define OPENPGP_EDDSA_MAX 114

typedef struct openpgp_signature_numbers {
    openpgp_octets_t number[2];
    uint8_t          joined[OPENPGP_EDDSA_MAX]; /* of EdDSA: what number[0] points to */
} openpgp_signature_numbers_t;

/* The first octets of a key packet's body. False: refused. kind is OPENPGP_KIND_NONE where nobody can verify. */
bool openpgp_key_numbers(const uint8_t *body, unsigned length, openpgp_key_numbers_t *key);

/* False: refused. Of a key that was not. *signature must stay where it is. */
bool openpgp_signature_numbers(const openpgp_key_numbers_t *key, const openpgp_statement_t *statement,
                               openpgp_signature_numbers_t *signature);

unsigned openpgp_bits(openpgp_octets_t number);

/* Of a verification with this key: microseconds of a usual core. */
uint64_t openpgp_cost(const openpgp_key_numbers_t *key);

#endif /* GAPFILL_OPENPGP_NUMBERS_H */
