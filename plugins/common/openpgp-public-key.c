/* openpgp-public-key.c
 * What identifies an OpenPGP key; see openpgp-public-key.h
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

#include <wsutil/pint.h>
#include <wsutil/wsgcrypt.h>

#include "openpgp-codes.h"
#include "openpgp-public-key.h"
#include "compat.h"

#define MD5_LENGTH      16
#define SHA1_LENGTH     20
#define SHA256_LENGTH   32

/* The body of a key packet while it is read. */
typedef struct reader {
    const uint8_t *octets;
    unsigned       length;      /* that may be read */
    unsigned       offset;
    bool           ended;       /* something was wanted beyond the end */
    bool           disputed;    /* an integer is not as long as its bits say */
} reader_t;

/* What an algorithm has: integers, a curve with one, or octets of a fixed length. */
typedef struct layout {
    uint8_t  algorithm;
    unsigned integers;
    bool     curve;
    unsigned octets;
} layout_t;

static const layout_t layouts[] = {
    { OPENPGP_ALGO_RSA,             2, false, 0 },
    { OPENPGP_ALGO_RSA_ENCRYPT,     2, false, 0 },
    { OPENPGP_ALGO_RSA_SIGN,        2, false, 0 },
    { OPENPGP_ALGO_ELGAMAL,         3, false, 0 },
    { OPENPGP_ALGO_ELGAMAL_SIGN,    3, false, 0 },
    { OPENPGP_ALGO_DSA,             4, false, 0 },
    { OPENPGP_ALGO_ECDH,            1, true,  0 },
    { OPENPGP_ALGO_ECDSA,           1, true,  0 },
    { OPENPGP_ALGO_EDDSA_LEGACY,    1, true,  0 },
    { OPENPGP_ALGO_X25519,          0, false, 32 },
    { OPENPGP_ALGO_X448,            0, false, 56 },
    { OPENPGP_ALGO_ED25519,         0, false, 32 },
    { OPENPGP_ALGO_ED448,           0, false, 57 },
    { OPENPGP_ALGO_MLDSA65_ED25519, 0, false, 32 + 1952 },
    { OPENPGP_ALGO_MLDSA87_ED448,   0, false, 57 + 2592 },
    { OPENPGP_ALGO_SLHDSA_128S,     0, false, 32 },
    { OPENPGP_ALGO_SLHDSA_128F,     0, false, 32 },
    { OPENPGP_ALGO_SLHDSA_256S,     0, false, 64 },
    { OPENPGP_ALGO_MLKEM768_X25519, 0, false, 32 + 1184 },
    { OPENPGP_ALGO_MLKEM1024_X448,  0, false, 56 + 1568 },
};

/* Reading */

/* The next octets, or NULL where there are not as many. */
static const uint8_t *
take(reader_t *reader, uint32_t length)
{
    const uint8_t *octets = reader->octets + reader->offset;

    if (reader->ended || length > reader->length - reader->offset) {
        reader->ended = true;
        return NULL;
    }
    reader->offset += length;
    return octets;
}

static uint8_t
take_octet(reader_t *reader)
{
    const uint8_t *octet = take(reader, 1);

    return octet ? *octet : 0;
}

static uint32_t
take_uint32(reader_t *reader)
{
    const uint8_t *octets = take(reader, 4);

    return octets ? pntohu32(octets) : 0;
}

/* A multiprecision integer: its bits. */
static uint16_t
take_integer(reader_t *reader)
{
    const uint8_t *octets = take(reader, 2);
    uint16_t bits = octets ? pntohu16(octets) : 0;

    octets = take(reader, (bits + 7u) / 8);
    if (octets && bits > 0 && octets[0] >> (bits - 1) % 8 != 1)
        reader->disputed = true;
    return bits;
}

/* Likewise of a point, which is octets rather than a number. */
static void
take_point(reader_t *reader)
{
    const uint8_t *octets = take(reader, 2);

    take(reader, octets ? (pntohu16(octets) + 7u) / 8 : 0);
}

static uint16_t
take_curve(reader_t *reader)
{
    unsigned length = take_octet(reader);
    const uint8_t *oid = take(reader, length);
    const openpgp_curve_t *curve = oid ? openpgp_curve_of(oid, length) : NULL;

    return curve ? curve->bits : 0;
}

static const layout_t *
layout_of(uint8_t algorithm)
{
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++) {
        if (layouts[i].algorithm == algorithm)
            return &layouts[i];
    }
    return NULL;
}

/* Returns the bits of the modulus, prime or curve. */
static uint16_t
take_material(reader_t *reader, const layout_t *layout)
{
    uint16_t bits;
    unsigned i;

    if (layout->octets) {
        take(reader, layout->octets);
        return openpgp_is_post_quantum(layout->algorithm) ? 0 : openpgp_native_bits(layout->algorithm);
    }
    bits = layout->curve ? take_curve(reader) : take_integer(reader);
    if (layout->curve)
        take_point(reader);
    for (i = 1; i < layout->integers; i++)
        take_integer(reader);
    if (layout->algorithm == OPENPGP_ALGO_ECDH)
        take(reader, take_octet(reader));
    return bits;
}

/* Fingerprints */

static const char *
hex_of(wmem_allocator_t *pool, const uint8_t *octets, unsigned length)
{
    static const char digits[] = "0123456789ABCDEF";
    char *text = (char *)wmem_alloc(pool, 2 * (size_t)length + 1);

    for (unsigned i = 0; i < length; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    text[2 * length] = '\0';
    return text;
}

/* Of two pieces. */
static bool
digest_of(int algorithm, const uint8_t *first, unsigned first_length, const uint8_t *second, unsigned second_length,
    uint8_t *digest)
{
    gcry_md_hd_t md;

    if (gcry_md_open(&md, algorithm, 0) != 0)
        return false;
    gcry_md_write(md, first, first_length);
    gcry_md_write(md, second, second_length);
    memcpy(digest, gcry_md_read(md, algorithm), gcry_md_get_algo_dlen(algorithm));
    gcry_md_close(md);
    return true;
}

/* Version 4: 99 and two octets of length; 5 and 6: 9A or 9B and four. */
static void
set_fingerprint(wmem_allocator_t *pool, openpgp_key_t *key, const uint8_t *octets, unsigned length)
{
    uint8_t digest[SHA256_LENGTH];
    bool old = key->version == 4;
    uint8_t head[5] = { key->version == 5 ? 0x9a : 0x9b, (uint8_t)(length >> 24), (uint8_t)(length >> 16),
                        (uint8_t)(length >> 8), (uint8_t)length };

    if (old) {
        if (length > 0xffff)
            return;
        head[2] = 0x99;
    }
    if (!digest_of(old ? GCRY_MD_SHA1 : GCRY_MD_SHA256, old ? head + 2 : head, old ? 3 : 5, octets, length, digest))
        return;
    key->fingerprint = hex_of(pool, digest, old ? SHA1_LENGTH : SHA256_LENGTH);
    key->keyid = hex_of(pool, old ? digest + SHA1_LENGTH - OPENPGP_KEY_ID_LENGTH : digest, OPENPGP_KEY_ID_LENGTH);
}

static bool
is_rsa(uint8_t algorithm)
{
    return algorithm == OPENPGP_ALGO_RSA || algorithm == OPENPGP_ALGO_RSA_ENCRYPT || algorithm == OPENPGP_ALGO_RSA_SIGN;
}

/* MD5 of the integers, which are known to be there, without their lengths; the key ID is the end of the modulus. */
static void
set_v3_fingerprint(wmem_allocator_t *pool, openpgp_key_t *key, const uint8_t *material)
{
    uint8_t digest[MD5_LENGTH];
    unsigned n_length = (pntohu16(material) + 7u) / 8;
    const uint8_t *n = material + 2;
    const uint8_t *e = n + n_length + 2;
    unsigned e_length = (pntohu16(e - 2) + 7u) / 8;

    if (n_length >= OPENPGP_KEY_ID_LENGTH)
        key->keyid = hex_of(pool, n + n_length - OPENPGP_KEY_ID_LENGTH, OPENPGP_KEY_ID_LENGTH);
    if (digest_of(GCRY_MD_MD5, n, n_length, e, e_length, digest))
        key->fingerprint = hex_of(pool, digest, MD5_LENGTH);
}

/* The key */

/* The head, up to the material. Returns the octets of the public part, 0: where its material ends. */
static unsigned
take_head(reader_t *reader, openpgp_key_t *key, openpgp_data_t body, bool cut)
{
    uint32_t length;

    key->creation = take_uint32(reader);
    if (key->version < 4)
        take(reader, 2);
    key->algorithm = take_octet(reader);
    if (key->version < 5)
        return key->secret || cut ? 0 : body.captured;
    length = take_uint32(reader);
    if (reader->ended || length > reader->length - reader->offset) {
        reader->ended = true;
        return 0;
    }
    reader->length = reader->offset + length;
    return reader->length;
}

/*
 * An unknown algorithm has its fingerprint where the public part ends with the packet or says its length; one whose material may
 * be another's, too. Octets behind the numbers of a known one are none of the key's for those who take such a packet at all, as
 * GnuPG does: it writes the key anew from its numbers before it hashes it. Where that makes other octets of the numbers, what the
 * fingerprint is depends on whom one asks.
 */
static void
identify(wmem_allocator_t *pool, openpgp_key_t *key, reader_t *reader, unsigned public_length)
{
    const layout_t *layout = openpgp_is_post_quantum(key->algorithm) && public_length ? NULL : layout_of(key->algorithm);
    unsigned material = reader->offset;

    if (layout)
        key->bits = take_material(reader, layout);
    key->disputed = reader->disputed && !reader->ended;
    if (reader->ended || reader->disputed || (!layout && !public_length))
        return;
    key->public_length = public_length && (!layout || key->version > 4) ? public_length : reader->offset;
    if (key->version >= 4)
        set_fingerprint(pool, key, reader->octets, key->public_length);
    else if (is_rsa(key->algorithm))
        set_v3_fingerprint(pool, key, reader->octets + material);
}

openpgp_key_t *
openpgp_read_key(wmem_allocator_t *pool, uint8_t tag, openpgp_data_t body, bool cut)
{
    reader_t reader = { .octets = body.octets, .length = body.captured };
    uint8_t version = take_octet(&reader);
    openpgp_key_t *key;
    unsigned public_length;

    if (version < 2 || version > 6)
        return NULL;
    key = wmem_new0(pool, openpgp_key_t);
    key->version = version;
    key->subkey = tag == OPENPGP_TAG_PUBLIC_SUBKEY || tag == OPENPGP_TAG_SECRET_SUBKEY;
    key->secret = tag == OPENPGP_TAG_SECRET_KEY || tag == OPENPGP_TAG_SECRET_SUBKEY;
    key->fingerprint = key->keyid = "";
    public_length = take_head(&reader, key, body, cut);
    /* A public key of versions 2 to 4 is all of its packet: nothing can be said of a part. */
    if (!reader.ended && (!cut || version > 4 || key->secret))
        identify(pool, key, &reader, public_length);
    return key;
}
