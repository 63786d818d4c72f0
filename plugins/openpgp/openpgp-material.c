/* openpgp-material.c
 * What OpenPGP packets hold of the mathematics of an algorithm: keys, signatures, encrypted session keys;
 * and string-to-key specifiers
 *
 * Sources: RFC 9580 sections 3.2 (multiprecision integers), 3.7 (string-to-key), 5.1, 5.2, 5.5.5 and 9.2 (curves);
 * draft-ietf-openpgp-pqc.
 *
 * Nothing is kept. Data that end too soon throw; the packet's dissector makes that expert information.
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
#include <epan/packet.h>
#include <epan/expert.h>

#include "openpgp-material.h"
#include "compat.h"

#define GNU_DUMMY       1
#define GNU_CARD        2
#define GNU_AGENT       3

/* Behind the numbers of a secret key, and of a session key with its length. */
#define CHECKSUM_LENGTH 2
#define WRAPPED_MOST    256

static int hf_mpi_bits = -1;
static int hf_rsa_n = -1;
static int hf_rsa_e = -1;
static int hf_rsa_d = -1;
static int hf_rsa_p = -1;
static int hf_rsa_q = -1;
static int hf_rsa_u = -1;
static int hf_rsa_signature = -1;
static int hf_rsa_encrypted = -1;
static int hf_dsa_p = -1;
static int hf_dsa_q = -1;
static int hf_dsa_g = -1;
static int hf_dsa_y = -1;
static int hf_dsa_x = -1;
static int hf_dsa_r = -1;
static int hf_dsa_s = -1;
static int hf_elgamal_p = -1;
static int hf_elgamal_g = -1;
static int hf_elgamal_y = -1;
static int hf_elgamal_x = -1;
static int hf_elgamal_a = -1;
static int hf_elgamal_b = -1;
static int hf_elgamal_c1 = -1;
static int hf_elgamal_c2 = -1;
static int hf_ecc_oid = -1;
static int hf_ecc_curve = -1;
static int hf_ecc_point = -1;
static int hf_ecc_secret = -1;
static int hf_ecdsa_r = -1;
static int hf_ecdsa_s = -1;
static int hf_eddsa_r = -1;
static int hf_eddsa_s = -1;
static int hf_ecdh_kdf_length = -1;
static int hf_ecdh_kdf_reserved = -1;
static int hf_ecdh_kdf_hash = -1;
static int hf_ecdh_kdf_cipher = -1;
static int hf_ecdh_ephemeral = -1;
static int hf_ecdh_wrapped_key = -1;
static int hf_x25519_public = -1;
static int hf_x25519_secret = -1;
static int hf_x25519_ephemeral = -1;
static int hf_x448_public = -1;
static int hf_x448_secret = -1;
static int hf_x448_ephemeral = -1;
static int hf_ed25519_public = -1;
static int hf_ed25519_secret = -1;
static int hf_ed25519_signature = -1;
static int hf_ed448_public = -1;
static int hf_ed448_secret = -1;
static int hf_ed448_signature = -1;
static int hf_mldsa_public = -1;
static int hf_mldsa_secret = -1;
static int hf_mldsa_signature = -1;
static int hf_slhdsa_public = -1;
static int hf_slhdsa_secret = -1;
static int hf_slhdsa_signature = -1;
static int hf_mlkem_public = -1;
static int hf_mlkem_secret = -1;
static int hf_mlkem_ciphertext = -1;
static int hf_session_key_cipher = -1;
static int hf_session_key_wrapped = -1;
static int hf_material_unknown = -1;
static int hf_s2k_type = -1;
static int hf_s2k_hash = -1;
static int hf_s2k_salt = -1;
static int hf_s2k_count = -1;
static int hf_s2k_passes = -1;
static int hf_s2k_parallelism = -1;
static int hf_s2k_memory = -1;
static int hf_s2k_gnu = -1;
static int hf_s2k_gnu_mode = -1;
static int hf_s2k_gnu_serial = -1;

static int ett_mpi = -1;
static int ett_s2k = -1;

static expert_field ei_mpi_length = EI_INIT;
static expert_field ei_curve_unknown = EI_INIT;

static const value_string gnu_modes[] = {
    { GNU_DUMMY, "No secret key here" },
    { GNU_CARD, "Secret key on a card" },
    { GNU_AGENT, "Secret key as GnuPG's agent stores it" },
    { 0, NULL }
};

/* Fields of an algorithm, in their order: integers, or with a length octets of that length. */
typedef struct {
    uint8_t  algorithm;
    uint16_t length[2];
    int     *hf[4];
} layout_t;

static const layout_t public_layouts[] = {
    { OPENPGP_ALGO_RSA,               { 0 }, { &hf_rsa_n, &hf_rsa_e } },
    { OPENPGP_ALGO_RSA_ENCRYPT,       { 0 }, { &hf_rsa_n, &hf_rsa_e } },
    { OPENPGP_ALGO_RSA_SIGN,          { 0 }, { &hf_rsa_n, &hf_rsa_e } },
    { OPENPGP_ALGO_ELGAMAL,           { 0 }, { &hf_elgamal_p, &hf_elgamal_g, &hf_elgamal_y } },
    { OPENPGP_ALGO_ELGAMAL_SIGN,      { 0 }, { &hf_elgamal_p, &hf_elgamal_g, &hf_elgamal_y } },
    { OPENPGP_ALGO_DSA,               { 0 }, { &hf_dsa_p, &hf_dsa_q, &hf_dsa_g, &hf_dsa_y } },
    { OPENPGP_ALGO_ECDH,              { 0 }, { &hf_ecc_point } },
    { OPENPGP_ALGO_ECDSA,             { 0 }, { &hf_ecc_point } },
    { OPENPGP_ALGO_EDDSA_LEGACY,      { 0 }, { &hf_ecc_point } },
    { OPENPGP_ALGO_X25519,            { 32 }, { &hf_x25519_public } },
    { OPENPGP_ALGO_X448,              { 56 }, { &hf_x448_public } },
    { OPENPGP_ALGO_ED25519,           { 32 }, { &hf_ed25519_public } },
    { OPENPGP_ALGO_ED448,             { 57 }, { &hf_ed448_public } },
    { OPENPGP_ALGO_MLDSA65_ED25519,   { 32, 1952 }, { &hf_ed25519_public, &hf_mldsa_public } },
    { OPENPGP_ALGO_MLDSA87_ED448,     { 57, 2592 }, { &hf_ed448_public, &hf_mldsa_public } },
    { OPENPGP_ALGO_SLHDSA_128S,       { 32 }, { &hf_slhdsa_public } },
    { OPENPGP_ALGO_SLHDSA_128F,       { 32 }, { &hf_slhdsa_public } },
    { OPENPGP_ALGO_SLHDSA_256S,       { 64 }, { &hf_slhdsa_public } },
    { OPENPGP_ALGO_MLKEM768_X25519,   { 32, 1184 }, { &hf_x25519_public, &hf_mlkem_public } },
    { OPENPGP_ALGO_MLKEM1024_X448,    { 56, 1568 }, { &hf_x448_public, &hf_mlkem_public } },
    { 0 }
};

static const layout_t secret_layouts[] = {
    { OPENPGP_ALGO_RSA,               { 0 }, { &hf_rsa_d, &hf_rsa_p, &hf_rsa_q, &hf_rsa_u } },
    { OPENPGP_ALGO_RSA_ENCRYPT,       { 0 }, { &hf_rsa_d, &hf_rsa_p, &hf_rsa_q, &hf_rsa_u } },
    { OPENPGP_ALGO_RSA_SIGN,          { 0 }, { &hf_rsa_d, &hf_rsa_p, &hf_rsa_q, &hf_rsa_u } },
    { OPENPGP_ALGO_ELGAMAL,           { 0 }, { &hf_elgamal_x } },
    { OPENPGP_ALGO_ELGAMAL_SIGN,      { 0 }, { &hf_elgamal_x } },
    { OPENPGP_ALGO_DSA,               { 0 }, { &hf_dsa_x } },
    { OPENPGP_ALGO_ECDH,              { 0 }, { &hf_ecc_secret } },
    { OPENPGP_ALGO_ECDSA,             { 0 }, { &hf_ecc_secret } },
    { OPENPGP_ALGO_EDDSA_LEGACY,      { 0 }, { &hf_ecc_secret } },
    { OPENPGP_ALGO_X25519,            { 32 }, { &hf_x25519_secret } },
    { OPENPGP_ALGO_X448,              { 56 }, { &hf_x448_secret } },
    { OPENPGP_ALGO_ED25519,           { 32 }, { &hf_ed25519_secret } },
    { OPENPGP_ALGO_ED448,             { 57 }, { &hf_ed448_secret } },
    { OPENPGP_ALGO_MLDSA65_ED25519,   { 32, 32 }, { &hf_ed25519_secret, &hf_mldsa_secret } },
    { OPENPGP_ALGO_MLDSA87_ED448,     { 57, 32 }, { &hf_ed448_secret, &hf_mldsa_secret } },
    { OPENPGP_ALGO_SLHDSA_128S,       { 64 }, { &hf_slhdsa_secret } },
    { OPENPGP_ALGO_SLHDSA_128F,       { 64 }, { &hf_slhdsa_secret } },
    { OPENPGP_ALGO_SLHDSA_256S,       { 128 }, { &hf_slhdsa_secret } },
    { OPENPGP_ALGO_MLKEM768_X25519,   { 32, 64 }, { &hf_x25519_secret, &hf_mlkem_secret } },
    { OPENPGP_ALGO_MLKEM1024_X448,    { 56, 64 }, { &hf_x448_secret, &hf_mlkem_secret } },
    { 0 }
};

static const layout_t signature_layouts[] = {
    { OPENPGP_ALGO_RSA,               { 0 }, { &hf_rsa_signature } },
    { OPENPGP_ALGO_RSA_SIGN,          { 0 }, { &hf_rsa_signature } },
    { OPENPGP_ALGO_ELGAMAL_SIGN,      { 0 }, { &hf_elgamal_a, &hf_elgamal_b } },
    { OPENPGP_ALGO_DSA,               { 0 }, { &hf_dsa_r, &hf_dsa_s } },
    { OPENPGP_ALGO_ECDSA,             { 0 }, { &hf_ecdsa_r, &hf_ecdsa_s } },
    { OPENPGP_ALGO_EDDSA_LEGACY,      { 0 }, { &hf_eddsa_r, &hf_eddsa_s } },
    { OPENPGP_ALGO_ED25519,           { 64 }, { &hf_ed25519_signature } },
    { OPENPGP_ALGO_ED448,             { 114 }, { &hf_ed448_signature } },
    { OPENPGP_ALGO_MLDSA65_ED25519,   { 64, 3309 }, { &hf_ed25519_signature, &hf_mldsa_signature } },
    { OPENPGP_ALGO_MLDSA87_ED448,     { 114, 4627 }, { &hf_ed448_signature, &hf_mldsa_signature } },
    { OPENPGP_ALGO_SLHDSA_128S,       { 7856 }, { &hf_slhdsa_signature } },
    { OPENPGP_ALGO_SLHDSA_128F,       { 17088 }, { &hf_slhdsa_signature } },
    { OPENPGP_ALGO_SLHDSA_256S,       { 29792 }, { &hf_slhdsa_signature } },
    { 0 }
};

static const layout_t session_key_layouts[] = {
    { OPENPGP_ALGO_RSA,               { 0 }, { &hf_rsa_encrypted } },
    { OPENPGP_ALGO_RSA_ENCRYPT,       { 0 }, { &hf_rsa_encrypted } },
    { OPENPGP_ALGO_ELGAMAL,           { 0 }, { &hf_elgamal_c1, &hf_elgamal_c2 } },
    { OPENPGP_ALGO_ELGAMAL_SIGN,      { 0 }, { &hf_elgamal_c1, &hf_elgamal_c2 } },
    { OPENPGP_ALGO_ECDH,              { 0 }, { &hf_ecdh_ephemeral } },
    { OPENPGP_ALGO_X25519,            { 32 }, { &hf_x25519_ephemeral } },
    { OPENPGP_ALGO_X448,              { 56 }, { &hf_x448_ephemeral } },
    { OPENPGP_ALGO_MLKEM768_X25519,   { 32, 1088 }, { &hf_x25519_ephemeral, &hf_mlkem_ciphertext } },
    { OPENPGP_ALGO_MLKEM1024_X448,    { 56, 1568 }, { &hf_x448_ephemeral, &hf_mlkem_ciphertext } },
    { 0 }
};

static const layout_t *
find_layout(const layout_t *layouts, uint8_t algorithm)
{
    for (; layouts->algorithm; layouts++) {
        if (layouts->algorithm == algorithm)
            return layouts;
    }
    return NULL;
}

/*
 * Post-quantum numbers were given otherwise in earlier drafts: what is not as long as it should be, with so many octets behind it
 * at most, is another algorithm's.
 */
static const layout_t *
find_fitting(const layout_t *layouts, uint8_t algorithm, tvbuff_t *tvb, unsigned offset, unsigned behind)
{
    const layout_t *layout = find_layout(layouts, algorithm);
    unsigned left = tvb_reported_length_remaining(tvb, offset);
    unsigned wanted = layout ? layout->length[0] + layout->length[1] : 0;

    if (!openpgp_is_post_quantum(algorithm) || (left >= wanted && left - wanted <= behind))
        return layout;
    return NULL;
}

static bool
mpi_length_is_exact(tvbuff_t *tvb, unsigned offset, unsigned bits)
{
    unsigned top = (bits - 1) % 8;

    return bits == 0 || tvb_get_uint8(tvb, offset) >> top == 1;
}

static unsigned
add_mpi(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset)
{
    unsigned bits = tvb_get_ntohs(tvb, offset);
    unsigned length = (bits + 7) / 8;
    proto_tree *mpi_tree;
    proto_item *item;

    tvb_ensure_bytes_exist(tvb, offset, 2 + length);
    item = proto_tree_add_item(tree, hf, tvb, offset + 2, length, ENC_NA);
    mpi_tree = proto_item_add_subtree(item, ett_mpi);
    proto_tree_add_item(mpi_tree, hf_mpi_bits, tvb, offset, 2, ENC_BIG_ENDIAN);
    proto_item_append_text(item, " (%u bits)", bits);
    if (!mpi_length_is_exact(tvb, offset + 2, bits))
        expert_add_info(context->pinfo, item, &ei_mpi_length);
    return offset + 2 + length;
}

static unsigned
add_layout(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, const layout_t *layout)
{
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(layout->hf) && layout->hf[i]; i++) {
        if (layout->length[0]) {
            tvb_ensure_bytes_exist(tvb, offset, layout->length[i]);
            proto_tree_add_item(tree, *layout->hf[i], tvb, offset, layout->length[i], ENC_NA);
            offset += layout->length[i];
        } else {
            offset = add_mpi(context, tree, *layout->hf[i], tvb, offset);
        }
    }
    return offset;
}

static unsigned
add_unknown_material(proto_tree *tree, tvbuff_t *tvb, unsigned offset)
{
    openpgp_add_rest(tree, hf_material_unknown, tvb, offset);
    return 0;
}

static unsigned
add_curve(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, openpgp_material_t *material)
{
    unsigned length = tvb_get_uint8(tvb, offset);
    const openpgp_curve_t *curve;
    proto_item *item;

    offset++;
    tvb_ensure_bytes_exist(tvb, offset, length);
    item = proto_tree_add_item(tree, hf_ecc_oid, tvb, offset, length, ENC_NA);
    curve = openpgp_curve_of(tvb_get_ptr(tvb, offset, length), length);
    if (curve) {
        material->bits = curve->bits;
        material->curve = curve->name;
        proto_item_set_generated(proto_tree_add_string(tree, hf_ecc_curve, tvb, offset, length, curve->name));
    } else {
        expert_add_info(context->pinfo, item, &ei_curve_unknown);
    }
    return offset + length;
}

static unsigned
add_kdf(proto_tree *tree, tvbuff_t *tvb, unsigned offset)
{
    unsigned length = tvb_get_uint8(tvb, offset);

    tvb_ensure_bytes_exist(tvb, offset, 1 + length);
    proto_tree_add_item(tree, hf_ecdh_kdf_length, tvb, offset, 1, ENC_NA);
    if (length >= 3) {
        proto_tree_add_item(tree, hf_ecdh_kdf_reserved, tvb, offset + 1, 1, ENC_NA);
        proto_tree_add_item(tree, hf_ecdh_kdf_hash, tvb, offset + 2, 1, ENC_NA);
        proto_tree_add_item(tree, hf_ecdh_kdf_cipher, tvb, offset + 3, 1, ENC_NA);
    }
    return offset + 1 + length;
}

unsigned
openpgp_public_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
        uint8_t algorithm, unsigned behind, openpgp_material_t *material)
{
    const layout_t *layout = find_fitting(public_layouts, algorithm, tvb, offset, behind);

    if (!layout)
        return add_unknown_material(tree, tvb, offset);
    if (layout->hf[0] == &hf_ecc_point)
        offset = add_curve(context, tree, tvb, offset, material);
    else if (!openpgp_is_post_quantum(algorithm))
        material->bits = layout->length[0] ? openpgp_native_bits(algorithm) : tvb_get_ntohs(tvb, offset);
    offset = add_layout(context, tree, tvb, offset, layout);
    if (algorithm == OPENPGP_ALGO_ECDH)
        offset = add_kdf(tree, tvb, offset);
    return offset;
}

unsigned
openpgp_secret_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t algorithm)
{
    const layout_t *layout = find_fitting(secret_layouts, algorithm, tvb, offset, CHECKSUM_LENGTH);

    return layout ? add_layout(context, tree, tvb, offset, layout) : add_unknown_material(tree, tvb, offset);
}

unsigned
openpgp_signature_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t algorithm)
{
    const layout_t *layout = find_fitting(signature_layouts, algorithm, tvb, offset, 0);

    return layout ? add_layout(context, tree, tvb, offset, layout) : add_unknown_material(tree, tvb, offset);
}

/* X25519 and X448: the length counts the cipher, which only version 3 has. */
static unsigned
add_wrapped_key(proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t algorithm, uint8_t version)
{
    unsigned length = tvb_get_uint8(tvb, offset);
    unsigned end = offset + 1 + length;

    tvb_ensure_bytes_exist(tvb, offset, 1 + length);
    offset++;
    if (algorithm == OPENPGP_ALGO_ECDH) {
        proto_tree_add_item(tree, hf_ecdh_wrapped_key, tvb, offset, length, ENC_NA);
        return end;
    }
    if (version == 3 && length > 0) {
        proto_tree_add_item(tree, hf_session_key_cipher, tvb, offset, 1, ENC_NA);
        offset++;
    }
    proto_tree_add_item(tree, hf_session_key_wrapped, tvb, offset, end - offset, ENC_NA);
    return end;
}

unsigned
openpgp_session_key_material(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
        uint8_t algorithm, uint8_t version)
{
    const layout_t *layout = find_fitting(session_key_layouts, algorithm, tvb, offset, WRAPPED_MOST);

    if (!layout)
        return add_unknown_material(tree, tvb, offset);
    offset = add_layout(context, tree, tvb, offset, layout);
    if (layout->length[0] || algorithm == OPENPGP_ALGO_ECDH)
        offset = add_wrapped_key(tree, tvb, offset, algorithm, version);
    return offset;
}

/* String-to-key specifiers */

/* The number is for private use: others may mean something else by it. */
static bool
is_gnu(tvbuff_t *tvb, unsigned offset)
{
    if (tvb_reported_length_remaining(tvb, offset) < 4)
        return false;
    tvb_ensure_bytes_exist(tvb, offset, 4);
    return tvb_memeql(tvb, offset + 1, (const uint8_t *)"GNU", 3) == 0;
}

static unsigned
add_gnu_s2k(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset)
{
    uint8_t mode;
    unsigned length;

    tvb_ensure_bytes_exist(tvb, offset, 5);
    proto_tree_add_item(tree, hf_s2k_hash, tvb, offset, 1, ENC_NA);
    openpgp_add_text(context, tree, hf_s2k_gnu, tvb, offset + 1, 3, TEXT_LINE);
    mode = tvb_get_uint8(tvb, offset + 4);
    proto_tree_add_item(tree, hf_s2k_gnu_mode, tvb, offset + 4, 1, ENC_NA);
    offset += 5;
    if (mode != GNU_CARD)
        return offset;
    length = tvb_get_uint8(tvb, offset);
    tvb_ensure_bytes_exist(tvb, offset + 1, length);
    proto_tree_add_item(tree, hf_s2k_gnu_serial, tvb, offset + 1, length, ENC_NA);
    return offset + 1 + length;
}

static unsigned
add_argon2(proto_tree *tree, tvbuff_t *tvb, unsigned offset)
{
    tvb_ensure_bytes_exist(tvb, offset, 19);
    proto_tree_add_item(tree, hf_s2k_salt, tvb, offset, 16, ENC_NA);
    proto_tree_add_item(tree, hf_s2k_passes, tvb, offset + 16, 1, ENC_NA);
    proto_tree_add_item(tree, hf_s2k_parallelism, tvb, offset + 17, 1, ENC_NA);
    proto_tree_add_item(tree, hf_s2k_memory, tvb, offset + 18, 1, ENC_NA);
    return offset + 19;
}

static unsigned
add_hash_and_salt(proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t type)
{
    uint8_t coded;

    tvb_ensure_bytes_exist(tvb, offset, type == OPENPGP_S2K_SIMPLE ? 1 : type == OPENPGP_S2K_SALTED ? 9 : 10);
    proto_tree_add_item(tree, hf_s2k_hash, tvb, offset, 1, ENC_NA);
    if (type == OPENPGP_S2K_SIMPLE)
        return offset + 1;
    proto_tree_add_item(tree, hf_s2k_salt, tvb, offset + 1, 8, ENC_NA);
    if (type == OPENPGP_S2K_SALTED)
        return offset + 9;
    coded = tvb_get_uint8(tvb, offset + 9);
    proto_tree_add_uint(tree, hf_s2k_count, tvb, offset + 9, 1, (16u + (coded & 15)) << ((coded >> 4) + 6));
    return offset + 10;
}

/* Returns 0 where it is unknown. */
static unsigned
add_specifier(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t type)
{
    switch (type) {
    case OPENPGP_S2K_SIMPLE:
    case OPENPGP_S2K_SALTED:
    case OPENPGP_S2K_ITERATED:
        return add_hash_and_salt(tree, tvb, offset, type);
    case OPENPGP_S2K_ARGON2:
        return add_argon2(tree, tvb, offset);
    case OPENPGP_S2K_GNU:
        if (is_gnu(tvb, offset))
            return add_gnu_s2k(context, tree, tvb, offset);
        /* FALLTHROUGH */
    default:
        return add_unknown_material(tree, tvb, offset);
    }
}

openpgp_gnu_t
openpgp_gnu_mode(tvbuff_t *tvb, unsigned offset)
{
    if (tvb_get_uint8(tvb, offset) != OPENPGP_S2K_GNU)
        return OPENPGP_GNU_NONE;
    if (!is_gnu(tvb, offset + 1))
        return OPENPGP_GNU_UNKNOWN;
    switch (tvb_get_uint8(tvb, offset + 5)) {
    case GNU_DUMMY:
    case GNU_CARD:
        return OPENPGP_GNU_ELSEWHERE;
    case GNU_AGENT:
        return OPENPGP_GNU_HERE;
    default:
        return OPENPGP_GNU_UNKNOWN;
    }
}

unsigned
openpgp_s2k(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t *type)
{
    proto_tree *s2k_tree;
    proto_item *item;

    *type = tvb_get_uint8(tvb, offset);
    s2k_tree = proto_tree_add_subtree(tree, tvb, offset, -1, ett_s2k, &item, "String-to-key specifier");
    proto_item_append_text(item, ": %s", val_to_str(context->pinfo->pool, *type, openpgp_s2k_types, "Unknown (%u)"));
    proto_tree_add_item(s2k_tree, hf_s2k_type, tvb, offset, 1, ENC_NA);
    offset = add_specifier(context, s2k_tree, tvb, offset + 1, *type);
    if (offset)
        proto_item_set_end(item, tvb, offset);
    return offset;
}

void
openpgp_register_material(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_mpi_bits, { "Bits", "openpgp.mpi.bits", FT_UINT16, BASE_DEC, NULL, 0x0,
            "Length of the multiprecision integer", HFILL } },
        { &hf_rsa_n, { "RSA modulus n", "openpgp.rsa.n", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Product of the two primes, part of the public key", HFILL } },
        { &hf_rsa_e, { "RSA public exponent e", "openpgp.rsa.e", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Exponent for encryption and verification, part of the public key", HFILL } },
        { &hf_rsa_d, { "RSA secret exponent d", "openpgp.rsa.d", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Exponent for decryption and signing; shown only where the secret key is not encrypted", HFILL } },
        { &hf_rsa_p, { "RSA secret prime p", "openpgp.rsa.p", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Smaller prime factor of n; shown only where the secret key is not encrypted", HFILL } },
        { &hf_rsa_q, { "RSA secret prime q", "openpgp.rsa.q", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Larger prime factor of n; shown only where the secret key is not encrypted", HFILL } },
        { &hf_rsa_u, { "RSA u, the inverse of p modulo q", "openpgp.rsa.u", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Multiplicative inverse of p modulo q; shown only where the secret key is not encrypted", HFILL } },
        { &hf_rsa_signature, { "RSA signature", "openpgp.rsa.signature", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Signature value, m^d mod n", HFILL } },
        { &hf_rsa_encrypted, { "RSA encrypted session key", "openpgp.rsa.encrypted", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Session key encrypted to the recipient, m^e mod n", HFILL } },
        { &hf_dsa_p, { "DSA prime p", "openpgp.dsa.p", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Modulus of the group, part of the public key", HFILL } },
        { &hf_dsa_q, { "DSA group order q", "openpgp.dsa.q", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Prime divisor of p - 1, part of the public key", HFILL } },
        { &hf_dsa_g, { "DSA group generator g", "openpgp.dsa.g", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Element of order q, part of the public key", HFILL } },
        { &hf_dsa_y, { "DSA public value y", "openpgp.dsa.y", FT_BYTES, BASE_NONE, NULL, 0x0,
            "g^x mod p, part of the public key", HFILL } },
        { &hf_dsa_x, { "DSA secret exponent x", "openpgp.dsa.x", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Exponent x; shown only where the secret key is not encrypted", HFILL } },
        { &hf_dsa_r, { "DSA r", "openpgp.dsa.r", FT_BYTES, BASE_NONE, NULL, 0x0,
            "First of the two integers of a DSA signature", HFILL } },
        { &hf_dsa_s, { "DSA s", "openpgp.dsa.s", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Second of the two integers of a DSA signature", HFILL } },
        { &hf_elgamal_p, { "Elgamal prime p", "openpgp.elgamal.p", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Modulus of the group, part of the public key", HFILL } },
        { &hf_elgamal_g, { "Elgamal group generator g", "openpgp.elgamal.g", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Generator of the group, part of the public key", HFILL } },
        { &hf_elgamal_y, { "Elgamal public value y", "openpgp.elgamal.y", FT_BYTES, BASE_NONE, NULL, 0x0,
            "g^x mod p, part of the public key", HFILL } },
        { &hf_elgamal_x, { "Elgamal secret exponent x", "openpgp.elgamal.x", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Exponent x; shown only where the secret key is not encrypted", HFILL } },
        { &hf_elgamal_a, { "Elgamal signature a", "openpgp.elgamal.a", FT_BYTES, BASE_NONE, NULL, 0x0,
            "First of the two integers of an Elgamal signature, which RFC 9580 no longer allows", HFILL } },
        { &hf_elgamal_b, { "Elgamal signature b", "openpgp.elgamal.b", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Second of the two integers of an Elgamal signature, which RFC 9580 no longer allows", HFILL } },
        { &hf_elgamal_c1, { "Elgamal g^k mod p", "openpgp.elgamal.c1", FT_BYTES, BASE_NONE, NULL, 0x0,
            "First of the two integers of an encrypted session key", HFILL } },
        { &hf_elgamal_c2, { "Elgamal m * y^k mod p", "openpgp.elgamal.c2", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Second of the two integers of an encrypted session key; m is the padded session key", HFILL } },
        { &hf_ecc_oid, { "Curve OID", "openpgp.ecc.oid", FT_OID, BASE_NONE, NULL, 0x0,
            "Object identifier of the elliptic curve", HFILL } },
        { &hf_ecc_curve, { "Curve", "openpgp.ecc.curve", FT_STRING, BASE_NONE, NULL, 0x0,
            "Name of the elliptic curve, from its object identifier", HFILL } },
        { &hf_ecc_point, { "Public point", "openpgp.ecc.point", FT_BYTES, BASE_NONE, NULL, 0x0,
            "04 before both coordinates, 40 before native octets", HFILL } },
        { &hf_ecc_secret, { "Secret scalar", "openpgp.ecc.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Secret number of the key; shown only where the secret key is not encrypted", HFILL } },
        { &hf_ecdsa_r, { "ECDSA r", "openpgp.ecdsa.r", FT_BYTES, BASE_NONE, NULL, 0x0,
            "First of the two integers of an ECDSA signature", HFILL } },
        { &hf_ecdsa_s, { "ECDSA s", "openpgp.ecdsa.s", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Second of the two integers of an ECDSA signature", HFILL } },
        { &hf_eddsa_r, { "EdDSA R", "openpgp.eddsa.r", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Point R of an EdDSALegacy signature", HFILL } },
        { &hf_eddsa_s, { "EdDSA S", "openpgp.eddsa.s", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Scalar S of an EdDSALegacy signature", HFILL } },
        { &hf_ecdh_kdf_length, { "KDF parameters length", "openpgp.ecdh.kdf_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octets of the parameters of the key derivation function", HFILL } },
        { &hf_ecdh_kdf_reserved, { "KDF parameters format", "openpgp.ecdh.kdf_format", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Reserved for future extensions: 1", HFILL } },
        { &hf_ecdh_kdf_hash, { "KDF hash", "openpgp.ecdh.kdf_hash", FT_UINT8, BASE_DEC, VALS(openpgp_hash_algorithms), 0x0,
            "Hash algorithm of the key derivation function", HFILL } },
        { &hf_ecdh_kdf_cipher, { "Key wrap cipher", "openpgp.ecdh.kdf_cipher", FT_UINT8, BASE_DEC,
            VALS(openpgp_symmetric_algorithms), 0x0,
            "Symmetric algorithm that wraps the session key", HFILL } },
        { &hf_ecdh_ephemeral, { "ECDH ephemeral point", "openpgp.ecdh.ephemeral", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public point that the sender has made for this message alone", HFILL } },
        { &hf_ecdh_wrapped_key, { "ECDH wrapped session key", "openpgp.ecdh.wrapped_key", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Session key, encrypted with the key that both sides derive", HFILL } },
        { &hf_x25519_public, { "X25519 public key", "openpgp.x25519.public", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public key of 32 octets", HFILL } },
        { &hf_x25519_secret, { "X25519 secret key", "openpgp.x25519.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Secret key of 32 octets; shown only where it is not encrypted", HFILL } },
        { &hf_x25519_ephemeral, { "X25519 ephemeral key", "openpgp.x25519.ephemeral", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public key that the sender has made for this message alone", HFILL } },
        { &hf_x448_public, { "X448 public key", "openpgp.x448.public", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public key of 56 octets", HFILL } },
        { &hf_x448_secret, { "X448 secret key", "openpgp.x448.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Secret key of 56 octets; shown only where it is not encrypted", HFILL } },
        { &hf_x448_ephemeral, { "X448 ephemeral key", "openpgp.x448.ephemeral", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public key that the sender has made for this message alone", HFILL } },
        { &hf_ed25519_public, { "Ed25519 public key", "openpgp.ed25519.public", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public key of 32 octets", HFILL } },
        { &hf_ed25519_secret, { "Ed25519 secret key", "openpgp.ed25519.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Secret key of 32 octets; shown only where it is not encrypted", HFILL } },
        { &hf_ed25519_signature, { "Ed25519 signature", "openpgp.ed25519.signature", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Signature value of 64 octets", HFILL } },
        { &hf_ed448_public, { "Ed448 public key", "openpgp.ed448.public", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public key of 57 octets", HFILL } },
        { &hf_ed448_secret, { "Ed448 secret key", "openpgp.ed448.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Secret key of 57 octets; shown only where it is not encrypted", HFILL } },
        { &hf_ed448_signature, { "Ed448 signature", "openpgp.ed448.signature", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Signature value of 114 octets", HFILL } },
        { &hf_mldsa_public, { "ML-DSA public key", "openpgp.mldsa.public", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Post-quantum part of a composite public key", HFILL } },
        { &hf_mldsa_secret, { "ML-DSA secret key", "openpgp.mldsa.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Seed of the post-quantum part; shown only where the secret key is not encrypted", HFILL } },
        { &hf_mldsa_signature, { "ML-DSA signature", "openpgp.mldsa.signature", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Post-quantum part of a composite signature", HFILL } },
        { &hf_slhdsa_public, { "SLH-DSA public key", "openpgp.slhdsa.public", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Public key of a hash-based signature", HFILL } },
        { &hf_slhdsa_secret, { "SLH-DSA secret key", "openpgp.slhdsa.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Secret key of a hash-based signature; shown only where it is not encrypted", HFILL } },
        { &hf_slhdsa_signature, { "SLH-DSA signature", "openpgp.slhdsa.signature", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Hash-based signature", HFILL } },
        { &hf_mlkem_public, { "ML-KEM public key", "openpgp.mlkem.public", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Post-quantum part of a composite public key", HFILL } },
        { &hf_mlkem_secret, { "ML-KEM secret key", "openpgp.mlkem.secret", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Seed of the post-quantum part; shown only where the secret key is not encrypted", HFILL } },
        { &hf_mlkem_ciphertext, { "ML-KEM ciphertext", "openpgp.mlkem.ciphertext", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Post-quantum part of an encrypted session key", HFILL } },
        { &hf_session_key_cipher, { "Session key cipher", "openpgp.session_key.cipher", FT_UINT8, BASE_DEC,
            VALS(openpgp_symmetric_algorithms), 0x0,
            "Symmetric algorithm that the session key is for, where it is sent in the clear", HFILL } },
        { &hf_session_key_wrapped, { "Wrapped session key", "openpgp.session_key.wrapped", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Session key, encrypted with the key that both sides derive", HFILL } },
        { &hf_material_unknown, { "Data of an unknown algorithm", "openpgp.material", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Integers or octets that cannot be told apart, since the algorithm is unknown", HFILL } },
        { &hf_s2k_type, { "Type", "openpgp.s2k.type", FT_UINT8, BASE_DEC, VALS(openpgp_s2k_types), 0x0,
            "How a passphrase is made into a key: string-to-key specifier type", HFILL } },
        { &hf_s2k_hash, { "Hash", "openpgp.s2k.hash", FT_UINT8, BASE_DEC, VALS(openpgp_hash_algorithms), 0x0,
            "Hash algorithm that the passphrase goes through", HFILL } },
        { &hf_s2k_salt, { "Salt", "openpgp.s2k.salt", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Random octets that are hashed together with the passphrase", HFILL } },
        { &hf_s2k_count, { "Octets hashed", "openpgp.s2k.count", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Iteration count, decoded from its octet", HFILL } },
        { &hf_s2k_passes, { "Passes", "openpgp.s2k.passes", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Argon2: number of passes", HFILL } },
        { &hf_s2k_parallelism, { "Parallelism", "openpgp.s2k.parallelism", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Argon2: degree of parallelism", HFILL } },
        { &hf_s2k_memory, { "Memory exponent", "openpgp.s2k.memory", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Binary logarithm of the kibibytes used", HFILL } },
        { &hf_s2k_gnu, { "Extension", "openpgp.s2k.gnu", FT_STRING, BASE_NONE, NULL, 0x0,
            "Name of GnuPG's private extension", HFILL } },
        { &hf_s2k_gnu_mode, { "Extension mode", "openpgp.s2k.gnu_mode", FT_UINT8, BASE_DEC, VALS(gnu_modes), 0x0,
            "GnuPG's extension: whether the secret part is absent, or on a card", HFILL } },
        { &hf_s2k_gnu_serial, { "Card serial number", "openpgp.s2k.card_serial", FT_BYTES, BASE_NONE, NULL, 0x0,
            "GnuPG's extension: serial number of the card that holds the secret part", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_mpi_length, { "openpgp.mpi.not_minimal", PI_PROTOCOL, PI_NOTE,
            "The integer is not as long as its bit count says", EXPFILL } },
        { &ei_curve_unknown, { "openpgp.ecc.unknown", PI_UNDECODED, PI_NOTE, "Unknown curve", EXPFILL } },
    };
    static int *ett[] = { &ett_mpi, &ett_s2k };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
}
