/* openpgp-numbers.c
 * The numbers of OpenPGP keys and signatures; see openpgp-numbers.h
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

#include <string.h>

#include <glib.h>
#include <wsutil/pint.h>

#include "openpgp-numbers.h"
#include "compat.h"

#define RSA_MIN_BITS    256
#define RSA_MAX_BITS    8192
#define RSA_MAX_E       64
#define DSA_MIN_BITS    512
#define DSA_MAX_BITS    4096
#define DSA_MIN_Q       160
#define DSA_MAX_Q       512

#define POINT_UNCOMPRESSED      0x04
#define POINT_NATIVE            0x40

/*
 * A multiplication modulo n takes nanoseconds by the square of its bits; RSA has so many for each bit of e, DSA for each of q.
 * Measured; see docs/openpgp-verify.md.
 */
#define NS_PER_BIT_SQUARED      0.00025
#define RSA_STEPS               1.25
#define DSA_STEPS               2.6

#define ED25519_LENGTH  32
#define ED448_LENGTH    57

/* Reading */

static bool
take(openpgp_octets_t *from, unsigned length, openpgp_octets_t *taken)
{
    if (length > from->length)
        return false;
    *taken = (openpgp_octets_t){ from->octets, length };
    from->octets += length;
    from->length -= length;
    return true;
}

static void
strip_zeros(openpgp_octets_t *number)
{
    while (number->length > 0 && number->octets[0] == 0) {
        number->octets++;
        number->length--;
    }
}

static bool
take_integer(openpgp_octets_t *from, openpgp_octets_t *number)
{
    openpgp_octets_t bits;

    if (!take(from, 2, &bits) || !take(from, (pntohu16(bits.octets) + 7u) / 8, number))
        return false;
    strip_zeros(number);
    return true;
}

static bool
take_integers(openpgp_octets_t *from, unsigned count, openpgp_octets_t *numbers)
{
    for (unsigned i = 0; i < count; i++) {
        if (!take_integer(from, &numbers[i]))
            return false;
    }
    return true;
}

static bool
take_curve(openpgp_octets_t *from, const openpgp_curve_t **curve)
{
    openpgp_octets_t length, oid;

    if (!take(from, 1, &length) || !take(from, length.octets[0], &oid))
        return false;
    *curve = openpgp_curve_of(oid.octets, oid.length);
    return true;
}

unsigned
openpgp_bits(openpgp_octets_t number)
{
    unsigned bits;

    strip_zeros(&number);
    bits = 8 * number.length;
    for (unsigned top = 0x80; number.length > 0 && top > number.octets[0]; top >>= 1)
        bits--;
    return bits;
}

static bool
is_odd(openpgp_octets_t number)
{
    return number.length > 0 && number.octets[number.length - 1] & 1;
}

static bool
is_less(openpgp_octets_t a, openpgp_octets_t b)
{
    return a.length != b.length ? a.length < b.length : memcmp(a.octets, b.octets, a.length) < 0;
}

/* Keys */

static bool
is_rsa(const openpgp_octets_t *number)
{
    unsigned bits = openpgp_bits(number[0]), e_bits = openpgp_bits(number[1]);

    return bits >= RSA_MIN_BITS && bits <= RSA_MAX_BITS && is_odd(number[0]) &&
        e_bits >= 2 && e_bits <= RSA_MAX_E && is_odd(number[1]);
}

static bool
is_above_one(openpgp_octets_t number)
{
    return openpgp_bits(number) > 1;
}

static bool
is_dsa(const openpgp_octets_t *number)
{
    unsigned bits = openpgp_bits(number[0]), q_bits = openpgp_bits(number[1]);

    return bits >= DSA_MIN_BITS && bits <= DSA_MAX_BITS && is_odd(number[0]) && q_bits >= DSA_MIN_Q && q_bits <= DSA_MAX_Q &&
        q_bits % 8 == 0 && is_odd(number[1]) && is_less(number[1], number[0]) && is_above_one(number[2]) &&
        is_less(number[2], number[0]) && is_above_one(number[3]) && is_less(number[3], number[0]);
}

/* A point with both coordinates; whether it is on the curve is for who knows the curve. */
static bool
split_point(openpgp_octets_t point, const openpgp_curve_t *curve, openpgp_octets_t *number)
{
    unsigned size = (curve->bits + 7u) / 8;

    if (point.length != 1 + 2 * size || point.octets[0] != POINT_UNCOMPRESSED)
        return false;
    number[0] = (openpgp_octets_t){ point.octets + 1, size };
    number[1] = (openpgp_octets_t){ point.octets + 1 + size, size };
    return true;
}

/* RFC 9580 section 11.2.2; of Ed448 in LibrePGP without the octet before. */
static bool
native_point(openpgp_octets_t point, unsigned size, openpgp_octets_t *number)
{
    if (point.length == 1 + size && point.octets[0] == POINT_NATIVE) {
        point.octets++;
        point.length--;
    }
    *number = point;
    return point.length == size;
}

static unsigned
eddsa_size(const openpgp_curve_t *curve)
{
    return curve->bits == 448 ? ED448_LENGTH : ED25519_LENGTH;
}

static bool
read_curve_key(openpgp_octets_t material, bool eddsa, openpgp_key_numbers_t *key)
{
    openpgp_octets_t bits, point;

    if (!take_curve(&material, &key->curve))
        return false;
    if (!key->curve || key->curve->form != (eddsa ? OPENPGP_CURVE_EDWARDS : OPENPGP_CURVE_WEIERSTRASS))
        return true;
    if (!take(&material, 2, &bits) || !take(&material, (pntohu16(bits.octets) + 7u) / 8, &point))
        return false;
    key->kind = eddsa ? OPENPGP_KIND_EDDSA : OPENPGP_KIND_ECDSA;
    return eddsa ? native_point(point, eddsa_size(key->curve), key->number) : split_point(point, key->curve, key->number);
}

static bool
read_native_key(openpgp_octets_t material, const uint8_t *oid, openpgp_key_numbers_t *key)
{
    key->kind = OPENPGP_KIND_EDDSA;
    key->curve = openpgp_curve_of(oid, 3);
    return take(&material, eddsa_size(key->curve), key->number);
}

static bool
read_material(uint8_t algorithm, openpgp_octets_t material, openpgp_key_numbers_t *key)
{
    static const uint8_t ed25519[] = { 0x2b, 0x65, 0x70 }, ed448[] = { 0x2b, 0x65, 0x71 };

    switch (algorithm) {
    case OPENPGP_ALGO_RSA:
    case OPENPGP_ALGO_RSA_SIGN:
        key->kind = OPENPGP_KIND_RSA;
        return take_integers(&material, 2, key->number) && is_rsa(key->number);
    case OPENPGP_ALGO_DSA:
        key->kind = OPENPGP_KIND_DSA;
        return take_integers(&material, 4, key->number) && is_dsa(key->number);
    case OPENPGP_ALGO_ECDSA:
        return read_curve_key(material, false, key);
    case OPENPGP_ALGO_EDDSA_LEGACY:
        return read_curve_key(material, true, key);
    case OPENPGP_ALGO_ED25519:
        return read_native_key(material, ed25519, key);
    case OPENPGP_ALGO_ED448:
        return read_native_key(material, ed448, key);
    default:
        return true;
    }
}

bool
openpgp_key_numbers(const uint8_t *body, unsigned length, openpgp_key_numbers_t *key)
{
    unsigned head = length == 0 ? 0 : body[0] < 4 ? 8 : body[0] == 4 ? 6 : 10;

    memset(key, 0, sizeof *key);
    if (length < head || head == 0)
        return false;
    return read_material(body[body[0] < 4 ? 7 : 5], (openpgp_octets_t){ body + head, length - head }, key);
}

/* Signatures */

/* R and S as integers have lost their leading zeros; as octets they are of fixed length. */
static bool
join(openpgp_octets_t material, unsigned size, openpgp_signature_numbers_t *signature)
{
    openpgp_octets_t part[2], prefix;

    if (!take_integers(&material, 2, part))
        return false;
    memset(signature->joined, 0, sizeof signature->joined);
    if (part[0].length == 1 + 2 * size && part[0].octets[0] == POINT_NATIVE)        /* drafts before RFC 9580 */
        take(&part[0], 1, &prefix);
    if (part[0].length > size && part[0].length <= 2 * size && part[1].length == 0) {     /* LibrePGP: all in one */
        memcpy(signature->joined + 2 * size - part[0].length, part[0].octets, part[0].length);
    } else if (part[0].length <= size && part[1].length <= size) {
        memcpy(signature->joined + size - part[0].length, part[0].octets, part[0].length);
        memcpy(signature->joined + 2 * size - part[1].length, part[1].octets, part[1].length);
    } else {
        return false;
    }
    signature->number[0] = (openpgp_octets_t){ signature->joined, 2 * size };
    return true;
}

static bool
copy_joined(openpgp_octets_t material, unsigned size, openpgp_signature_numbers_t *signature)
{
    if (material.length != 2 * size)
        return false;
    memcpy(signature->joined, material.octets, material.length);
    signature->number[0] = (openpgp_octets_t){ signature->joined, 2 * size };
    return true;
}

bool
openpgp_signature_numbers(const openpgp_key_numbers_t *key, const openpgp_statement_t *statement,
        openpgp_signature_numbers_t *signature)
{
    openpgp_octets_t material = statement->material;

    signature->number[0] = signature->number[1] = (openpgp_octets_t){ NULL, 0 };
    switch (key->kind) {
    case OPENPGP_KIND_RSA:
        return take_integers(&material, 1, signature->number);
    case OPENPGP_KIND_DSA:
    case OPENPGP_KIND_ECDSA:
        return take_integers(&material, 2, signature->number);
    case OPENPGP_KIND_EDDSA:
        return statement->algorithm == OPENPGP_ALGO_EDDSA_LEGACY ? join(material, eddsa_size(key->curve), signature)
            : copy_joined(material, eddsa_size(key->curve), signature);
    default:
        return true;
    }
}

/* Costs */

uint64_t
openpgp_cost(const openpgp_key_numbers_t *key)
{
    double bits = openpgp_bits(key->number[0]), steps;

    if (key->kind == OPENPGP_KIND_ECDSA || key->kind == OPENPGP_KIND_EDDSA)
        return key->curve->cost;
    steps = key->kind == OPENPGP_KIND_RSA ? RSA_STEPS * openpgp_bits(key->number[1]) : DSA_STEPS * openpgp_bits(key->number[1]);
    return 2 + (uint64_t)(steps * bits * bits * NS_PER_BIT_SQUARED / 1000);
}
