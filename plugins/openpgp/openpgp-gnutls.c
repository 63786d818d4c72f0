/* openpgp-gnutls.c
 * Whether a signature is one of a digest; see openpgp-gnutls.h
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

#include <glib.h>

#include "openpgp-gnutls.h"

#ifdef HAVE_LIBGNUTLS

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#define DIGEST_MAX      64
#define RSA_MAX         1024
#define PREFIX_MAX      19

/* The DER of PKCS #1 before a digest. */
typedef struct hash_prefix {
    uint8_t hash;
    uint8_t length;
    uint8_t octets[PREFIX_MAX];
} hash_prefix_t;

#define NIST_HASH(number, size) \
    { 0x30, 0x11 + size, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number, 0x05, 0x00, 0x04, size }

static const hash_prefix_t prefixes[] = {
    { 1,  18, { 0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10 } },
    { 2,  15, { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 } },
    { 3,  15, { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x24, 0x03, 0x02, 0x01, 0x05, 0x00, 0x04, 0x14 } },
    { 8,  19, NIST_HASH(1, 32) },
    { 9,  19, NIST_HASH(2, 48) },
    { 10, 19, NIST_HASH(3, 64) },
    { 11, 19, NIST_HASH(4, 28) },
    { 12, 19, NIST_HASH(8, 32) },
    { 14, 19, NIST_HASH(10, 64) },
};

static gnutls_datum_t
datum_of(openpgp_octets_t octets)
{
    return (gnutls_datum_t){ (unsigned char *)octets.octets, octets.length };
}

/* The octets of libraries do not change what they are given, though their types do not say so. */
static int
import_key(gnutls_pubkey_t pubkey, const openpgp_key_numbers_t *key, gnutls_ecc_curve_t curve)
{
    gnutls_datum_t number[OPENPGP_NUMBERS];

    for (unsigned i = 0; i < OPENPGP_NUMBERS; i++)
        number[i] = datum_of(key->number[i]);
    switch (key->kind) {
    case OPENPGP_KIND_RSA:
        return gnutls_pubkey_import_rsa_raw(pubkey, &number[0], &number[1]);
    case OPENPGP_KIND_DSA:
        return gnutls_pubkey_import_dsa_raw(pubkey, &number[0], &number[1], &number[2], &number[3]);
    case OPENPGP_KIND_ECDSA:
        return gnutls_pubkey_import_ecc_raw(pubkey, curve, &number[0], &number[1]);
    default:
        return gnutls_pubkey_import_ecc_raw(pubkey, curve, &number[0], NULL);
    }
}

static gnutls_ecc_curve_t
curve_of(const openpgp_key_numbers_t *key)
{
    if (key->kind == OPENPGP_KIND_EDDSA)
        return key->curve->bits == 448 ? GNUTLS_ECC_CURVE_ED448 : GNUTLS_ECC_CURVE_ED25519;
    if (key->kind != OPENPGP_KIND_ECDSA || !g_str_has_prefix(key->curve->name, "NIST"))
        return GNUTLS_ECC_CURVE_INVALID;
    return key->curve->bits == 256 ? GNUTLS_ECC_CURVE_SECP256R1 : key->curve->bits == 384 ? GNUTLS_ECC_CURVE_SECP384R1 :
        GNUTLS_ECC_CURVE_SECP521R1;
}

/* Other errors say nothing of the signature, such as that a policy of the machine forbids the algorithm. */
static openpgp_answer_t
answer_of(int result)
{
    if (result >= 0)
        return OPENPGP_ANSWER_GOOD;
    return result == GNUTLS_E_PK_SIG_VERIFY_FAILED ? OPENPGP_ANSWER_BAD : OPENPGP_ANSWER_CANNOT;
}

/* The library wants as many octets as the modulus has. False: there are more. */
static bool
pad(openpgp_octets_t number, unsigned length, uint8_t *padded)
{
    if (number.length > length || length > RSA_MAX)
        return false;
    memset(padded, 0, length - number.length);
    if (number.length > 0)
        memcpy(padded + length - number.length, number.octets, number.length);
    return true;
}

/* With this flag GnuTLS compares what PKCS #1 wraps as it is, prefix and all. */
static openpgp_answer_t
verify_rsa(gnutls_pubkey_t pubkey, uint8_t hash, openpgp_octets_t digest, openpgp_octets_t modulus, openpgp_octets_t number)
{
    uint8_t wrapped[PREFIX_MAX + DIGEST_MAX], padded[RSA_MAX];
    gnutls_datum_t data = { wrapped, 0 }, signature = { padded, modulus.length };

    if (number.length == 0 || !pad(number, modulus.length, padded))
        return OPENPGP_ANSWER_BAD;

    for (unsigned i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (prefixes[i].hash == hash && digest.length <= DIGEST_MAX) {
            memcpy(wrapped, prefixes[i].octets, prefixes[i].length);
            memcpy(wrapped + prefixes[i].length, digest.octets, digest.length);
            data.size = prefixes[i].length + digest.length;
        }
    }
    if (data.size == 0)
        return OPENPGP_ANSWER_CANNOT;
    return answer_of(gnutls_pubkey_verify_hash2(pubkey, GNUTLS_SIGN_UNKNOWN, GNUTLS_VERIFY_USE_TLS1_RSA, &data, &signature));
}

/* By the length of the digest alone: the library wants an algorithm for nothing else. */
static gnutls_sign_algorithm_t
sign_algorithm_of(bool dsa, unsigned length)
{
    switch (length) {
    case 20:
        return dsa ? GNUTLS_SIGN_DSA_SHA1 : GNUTLS_SIGN_ECDSA_SHA1;
    case 28:
        return dsa ? GNUTLS_SIGN_DSA_SHA224 : GNUTLS_SIGN_ECDSA_SHA224;
    case 32:
        return dsa ? GNUTLS_SIGN_DSA_SHA256 : GNUTLS_SIGN_ECDSA_SHA256;
    case 48:
        return dsa ? GNUTLS_SIGN_DSA_SHA384 : GNUTLS_SIGN_ECDSA_SHA384;
    case 64:
        return dsa ? GNUTLS_SIGN_DSA_SHA512 : GNUTLS_SIGN_ECDSA_SHA512;
    default:
        return GNUTLS_SIGN_UNKNOWN;
    }
}

static openpgp_answer_t
verify_pair(gnutls_pubkey_t pubkey, bool dsa, openpgp_octets_t digest, const openpgp_octets_t *number)
{
    gnutls_sign_algorithm_t algorithm = sign_algorithm_of(dsa, digest.length);
    gnutls_datum_t r = datum_of(number[0]), s = datum_of(number[1]), data = datum_of(digest), signature;
    openpgp_answer_t answer;

    if (r.size == 0 || s.size == 0)
        return OPENPGP_ANSWER_BAD;
    if (algorithm == GNUTLS_SIGN_UNKNOWN || gnutls_encode_rs_value(&signature, &r, &s) < 0)
        return OPENPGP_ANSWER_CANNOT;
    answer = answer_of(gnutls_pubkey_verify_hash2(pubkey, algorithm, GNUTLS_VERIFY_ALLOW_BROKEN, &data, &signature));
    gnutls_free(signature.data);
    return answer;
}

static openpgp_answer_t
verify_eddsa(gnutls_pubkey_t pubkey, gnutls_ecc_curve_t curve, openpgp_octets_t digest, openpgp_octets_t number)
{
    gnutls_datum_t data = datum_of(digest), signature = datum_of(number);

    return answer_of(gnutls_pubkey_verify_data2(pubkey,
        curve == GNUTLS_ECC_CURVE_ED448 ? GNUTLS_SIGN_EDDSA_ED448 : GNUTLS_SIGN_EDDSA_ED25519, GNUTLS_VERIFY_ALLOW_BROKEN, &data,
        &signature));
}

static openpgp_answer_t
verify_with(gnutls_pubkey_t pubkey, const openpgp_key_numbers_t *key, uint8_t hash, openpgp_octets_t digest,
        const openpgp_signature_numbers_t *signature)
{
    gnutls_ecc_curve_t curve = curve_of(key);

    if (import_key(pubkey, key, curve) < 0)
        return OPENPGP_ANSWER_REFUSED;
    if (key->kind == OPENPGP_KIND_RSA)
        return verify_rsa(pubkey, hash, digest, key->number[0], signature->number[0]);
    if (key->kind == OPENPGP_KIND_EDDSA)
        return verify_eddsa(pubkey, curve, digest, signature->number[0]);
    return verify_pair(pubkey, key->kind == OPENPGP_KIND_DSA, digest, signature->number);
}

openpgp_answer_t
openpgp_gnutls_verify(const openpgp_key_numbers_t *key, uint8_t hash, openpgp_octets_t digest,
        const openpgp_signature_numbers_t *signature)
{
    gnutls_pubkey_t pubkey;
    openpgp_answer_t answer;

    if (gnutls_pubkey_init(&pubkey) < 0)
        return OPENPGP_ANSWER_CANNOT;
    answer = verify_with(pubkey, key, hash, digest, signature);
    gnutls_pubkey_deinit(pubkey);
    return answer;
}

#else

openpgp_answer_t
openpgp_gnutls_verify(const openpgp_key_numbers_t *key _U_, uint8_t hash _U_, openpgp_octets_t digest _U_,
        const openpgp_signature_numbers_t *signature _U_)
{
    return OPENPGP_ANSWER_CANNOT;
}

#endif
