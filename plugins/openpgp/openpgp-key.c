/* openpgp-key.c
 * OpenPGP keys, subkeys, user IDs and user attributes
 *
 * Sources: RFC 9580 sections 5.5 (keys), 5.5.4 (fingerprints and key IDs), 5.11, 5.12; RFC 4880 for versions 2
 * and 3; draft-koch-librepgp for version 5.
 *
 * What identifies a key is from openpgp_read_key(); the fields are read here, and throw where the packet ends too soon.
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
#include <epan/to_str.h>
#include <epan/unit_strings.h>

#include "openpgp-key.h"
#include "openpgp-material.h"
#include "compat.h"

#define USAGE_NONE      0
#define USAGE_AEAD      253
#define USAGE_SHA1      254
#define USAGE_CHECKSUM  255

/* Octets of GnuPG's string-to-key specifier up to its mode, and of the serial number that may follow, at most. */
#define GNU_SPECIFIER   6
#define GNU_SERIAL_MAX  16

#define ATTRIBUTE_IMAGE 1
#define IMAGE_HEADER    16

static int hf_key_version = -1;
static int hf_key_creation = -1;
static int hf_key_validity_days = -1;
static int hf_key_algorithm = -1;
static int hf_key_material_length = -1;
static int hf_key_bits = -1;
static int hf_key_fingerprint = -1;
static int hf_key_keyid = -1;
static int hf_key_data = -1;
static int hf_key_state = -1;
static int hf_secret_protection = -1;
static int hf_secret_s2k = -1;
static int hf_secret_usage = -1;
static int hf_secret_parameters_length = -1;
static int hf_secret_cipher = -1;
static int hf_secret_aead = -1;
static int hf_secret_s2k_length = -1;
static int hf_secret_iv = -1;
static int hf_secret_length = -1;
static int hf_secret_encrypted = -1;
static int hf_secret_checksum = -1;
static int hf_secret_checksum_status = -1;
static int hf_userid = -1;
static int hf_attribute_length = -1;
static int hf_attribute_type = -1;
static int hf_attribute_data = -1;
static int hf_image_header_length = -1;
static int hf_image_version = -1;
static int hf_image_encoding = -1;
static int hf_image_data = -1;

static int ett_attribute = -1;

static expert_field ei_unusable = EI_INIT;
static expert_field ei_secret = EI_INIT;
static expert_field ei_userid_guessed = EI_INIT;

static const value_string usages[] = {
    { USAGE_NONE, "Not encrypted" },
    { USAGE_AEAD, "Encrypted with AEAD" },
    { USAGE_SHA1, "Encrypted, with SHA-1 inside" },
    { USAGE_CHECKSUM, "Encrypted, with checksum inside" },
    { 0, NULL }
};

static const value_string states[] = {
    { OPENPGP_STATE_USABLE, "Usable" },
    { OPENPGP_STATE_EXPIRED, "Expired" },
    { OPENPGP_STATE_REVOKED, "Revoked" },
    { OPENPGP_STATE_NO_USER_ID, "No user ID that is bound" },
    { OPENPGP_STATE_NOT_YET, "Not yet valid" },
    { OPENPGP_STATE_UNKNOWN, "Unknown" },
    { 0, NULL }
};

static const value_string attribute_types[] = {
    { ATTRIBUTE_IMAGE, "Image" },
    { 0, NULL }
};

static const value_string image_encodings[] = {
    { 1, "JPEG" },
    { 0, NULL }
};

/* What is known of a key packet while it is read. */
typedef struct {
    const openpgp_key_t *key;
    openpgp_material_t  material;
    unsigned            material_offset;
    unsigned            public_end;     /* 0: not known */
} key_parts_t;

static void
add_identity(proto_tree *tree, tvbuff_t *tvb, const key_parts_t *parts)
{
    const openpgp_key_t *key = parts->key;

    if (*key->fingerprint)
        proto_item_set_generated(proto_tree_add_string(tree, hf_key_fingerprint, tvb, 0, parts->public_end, key->fingerprint));
    if (*key->keyid)
        proto_item_set_generated(proto_tree_add_string(tree, hf_key_keyid, tvb, 0, parts->public_end, key->keyid));
}

/* Public part */

static void
read_public(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, key_parts_t *parts, bool whole)
{
    const openpgp_key_t *key = parts->key;
    unsigned offset = 1;
    uint8_t algorithm;
    unsigned end;

    tvb_ensure_bytes_exist(tvb, offset, 4);
    proto_tree_add_item(tree, hf_key_creation, tvb, offset, 4, ENC_TIME_SECS | ENC_BIG_ENDIAN);
    offset += 4;
    if (key->version < 4) {
        tvb_ensure_bytes_exist(tvb, offset, 2);
        proto_tree_add_item(tree, hf_key_validity_days, tvb, offset, 2, ENC_BIG_ENDIAN);
        offset += 2;
    }
    algorithm = tvb_get_uint8(tvb, offset);
    proto_tree_add_item(tree, hf_key_algorithm, tvb, offset, 1, ENC_NA);
    offset++;
    if (key->version > 4) {
        uint32_t length = tvb_get_ntohl(tvb, offset);

        proto_tree_add_item(tree, hf_key_material_length, tvb, offset, 4, ENC_BIG_ENDIAN);
        offset += 4;
        tvb_ensure_bytes_exist(tvb, offset, length > INT32_MAX ? INT32_MAX : (int)length);
        parts->public_end = offset + length;
    } else if (whole) {
        parts->public_end = tvb_reported_length(tvb);
    }
    parts->material_offset = offset;
    end = openpgp_public_material(context, tree,
        parts->public_end ? tvb_new_subset_length(tvb, 0, parts->public_end) : tvb, offset, algorithm,
        parts->public_end ? 0 : tvb_reported_length(tvb), &parts->material);
    if (end && end < parts->public_end)
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_trailing, tvb, end, parts->public_end - end);
    if (!key->secret && parts->public_end && parts->public_end < tvb_captured_length(tvb))
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_trailing, tvb, parts->public_end, -1);
    if (end && key->version < 5)
        parts->public_end = end;
    if (parts->material.bits)
        proto_item_set_generated(proto_tree_add_uint(tree, hf_key_bits, tvb, parts->material_offset, 0, parts->material.bits));
}

/* Secret part */

static unsigned
read_iv(proto_tree *tree, tvbuff_t *tvb, unsigned offset, unsigned length)
{
    if (length == 0)
        return offset;
    tvb_ensure_bytes_exist(tvb, offset, length);
    proto_tree_add_item(tree, hf_secret_iv, tvb, offset, length, ENC_NA);
    return offset + length;
}

/* How the secret part is encrypted, from the cipher on. Returns 0 where that cannot be told. */
static unsigned
read_protection(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t usage, bool counted)
{
    uint8_t cipher = tvb_get_uint8(tvb, offset);
    openpgp_gnu_t gnu;
    uint8_t type;
    uint8_t aead = 0;

    proto_tree_add_item(tree, hf_secret_cipher, tvb, offset, 1, ENC_NA);
    offset++;
    if (usage == USAGE_AEAD) {
        aead = tvb_get_uint8(tvb, offset);
        proto_tree_add_item(tree, hf_secret_aead, tvb, offset, 1, ENC_NA);
        offset++;
    }
    if (counted && usage != USAGE_CHECKSUM) {
        tvb_ensure_bytes_exist(tvb, offset, 1);
        proto_tree_add_item(tree, hf_secret_s2k_length, tvb, offset, 1, ENC_NA);
        offset++;
    }
    gnu = openpgp_gnu_mode(tvb, offset);
    proto_item_set_generated(proto_tree_add_item(tree, hf_secret_s2k, tvb, offset, 1, ENC_NA));
    offset = openpgp_s2k(context, tree, tvb, offset, &type);
    if (offset == 0 || gnu != OPENPGP_GNU_NONE)
        return offset;
    return read_iv(tree, tvb, offset, aead ? openpgp_aead_nonce_size(aead) : openpgp_cipher_block_size(cipher));
}

/* A usage that is none of the special ones is a cipher: its key is the MD5 of the passphrase. */
static unsigned
read_simple_protection(proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t cipher)
{
    proto_tree_add_uint(tree, hf_secret_cipher, tvb, offset - 1, 1, cipher);
    return read_iv(tree, tvb, offset, openpgp_cipher_block_size(cipher));
}

static void
add_checksum(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned start, unsigned end)
{
    uint32_t sum = 0;
    unsigned i;

    tvb_ensure_bytes_exist(tvb, end, 2);
    for (i = start; i < end; i++)
        sum += tvb_get_uint8(tvb, i);
    proto_tree_add_checksum(tree, tvb, end, hf_secret_checksum, hf_secret_checksum_status, &ei_openpgp_checksum,
        context->pinfo, sum & 0xffff, ENC_BIG_ENDIAN, PROTO_CHECKSUM_VERIFY);
}

static void
read_plain_secret(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, const openpgp_key_t *key)
{
    unsigned end = openpgp_secret_material(context, tree, tvb, offset, key->algorithm);

    if (end && key->version != 6) {
        add_checksum(context, tree, tvb, offset, end);
        end += 2;
    }
    if (end && end < tvb_reported_length(tvb))
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_trailing, tvb, end, -1);
}

/* GnuPG's keys whose secret part is elsewhere have none here. */
static void
report_secret(openpgp_context_t *context, proto_item *item, uint8_t usage, openpgp_gnu_t gnu)
{
    if (gnu == OPENPGP_GNU_HERE)
        expert_add_info_format(context->pinfo, item, &ei_secret, "Secret key on the wire, as GnuPG's agent stores it");
    else if (gnu == OPENPGP_GNU_UNKNOWN)
        expert_add_info_format(context->pinfo, item, &ei_secret, "Secret key on the wire, protected in a way that is not known");
    else if (gnu == OPENPGP_GNU_NONE)
        expert_add_info_format(context->pinfo, item, &ei_secret, "Secret key on the wire, %s",
            usage == USAGE_NONE ? "not encrypted" : "encrypted with a passphrase");
}

/* Where a string-to-key specifier begins in a secret part that has one. */
static unsigned
s2k_offset(unsigned offset, uint8_t usage, uint8_t version)
{
    unsigned lengths = version == 6 ? 1 + (usage != USAGE_CHECKSUM) : version == 5;

    return offset + 1 + lengths + 1 + (usage == USAGE_AEAD);
}

/* What the specifier says. False: the capture ends before that tells whether the secret part is elsewhere. */
static bool
find_gnu(tvbuff_t *tvb, unsigned offset, openpgp_gnu_t *gnu)
{
    unsigned captured = tvb_captured_length(tvb);
    uint8_t type;

    *gnu = OPENPGP_GNU_UNKNOWN;
    if (offset >= captured)
        return offset >= tvb_reported_length(tvb);
    type = tvb_get_uint8(tvb, offset);
    if (type != OPENPGP_S2K_GNU && try_val_to_str(type, openpgp_s2k_types))
        *gnu = OPENPGP_GNU_NONE;
    if (type != OPENPGP_S2K_GNU)
        return true;
    if (captured < offset + GNU_SPECIFIER)
        return captured == tvb_reported_length(tvb);
    *gnu = openpgp_gnu_mode(tvb, offset);
    return true;
}

/* Before its fields are read, which may break off. */
static void
report_protection(openpgp_context_t *context, proto_item *item, tvbuff_t *tvb, unsigned offset, uint8_t version)
{
    uint8_t usage = tvb_get_uint8(tvb, offset);
    openpgp_gnu_t gnu = OPENPGP_GNU_NONE;

    if (usage < USAGE_AEAD || find_gnu(tvb, s2k_offset(offset, usage, version), &gnu))
        report_secret(context, item, usage, gnu);
}

/* Whether it ends as a key of GnuPG's does whose secret part is elsewhere. */
static bool
ends_as_gnu(openpgp_data_t body)
{
    unsigned end = body.captured;

    for (unsigned serial = 0; serial <= GNU_SERIAL_MAX && end >= serial + 5; serial++) {
        const uint8_t *mode = body.octets + end - serial - 5;

        if (memcmp(mode, "GNU\2", 4) == 0 && mode[4] == serial)
            return true;
    }
    return end >= 4 && memcmp(body.octets + end - 4, "GNU\1", 4) == 0;
}

/* Of an algorithm of which nobody knows where the public part ends. */
static void
report_unknown(openpgp_context_t *context, proto_item *item, tvbuff_t *tvb)
{
    if (tvb_captured_length(tvb) == tvb_reported_length(tvb) && !ends_as_gnu(openpgp_data_of(tvb)))
        report_secret(context, item, 0, OPENPGP_GNU_UNKNOWN);
}

static void
read_secret(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb, unsigned offset,
        const openpgp_key_t *key)
{
    uint8_t usage = tvb_get_uint8(tvb, offset);
    bool counted = key->version == 5 || (key->version == 6 && usage != USAGE_NONE);
    unsigned parameters_end = 0;

    report_protection(context, item, tvb, offset, key->version);
    proto_tree_add_uint_format_value(tree, hf_secret_usage, tvb, offset, 1, usage, "%s (%u)",
        val_to_str_const(usage, usages, "Encrypted, key is a simple MD5"), usage);
    proto_item_set_generated(proto_tree_add_uint_format_value(tree, hf_secret_protection, tvb, offset, 1, usage, "%s (%u)",
        val_to_str_const(usage, usages, "Encrypted, key is a simple MD5"), usage));
    offset++;
    if (counted) {
        parameters_end = offset + 1 + tvb_get_uint8(tvb, offset);
        proto_tree_add_item(tree, hf_secret_parameters_length, tvb, offset, 1, ENC_NA);
        offset++;
    }
    if (usage >= USAGE_AEAD)
        offset = read_protection(context, tree, tvb, offset, usage, key->version == 6);
    else if (usage != USAGE_NONE)
        offset = read_simple_protection(tree, tvb, offset, usage);
    if (parameters_end) {
        offset = parameters_end;
        tvb_ensure_bytes_exist(tvb, 0, (int)offset);
    }
    if (offset == 0)
        return;
    if (key->version == 5) {
        tvb_ensure_bytes_exist(tvb, offset, 4);
        proto_tree_add_item(tree, hf_secret_length, tvb, offset, 4, ENC_BIG_ENDIAN);
        offset += 4;
    }
    if (usage == USAGE_NONE)
        read_plain_secret(context, tree, tvb, offset, key);
    else
        openpgp_add_rest(tree, hf_secret_encrypted, tvb, offset);
}

/* The packet */

static void
label_key(openpgp_context_t *context, proto_item *item, const key_parts_t *parts)
{
    const openpgp_key_t *key = parts->key;

    proto_item_append_text(item, ": %s", val_to_str(context->pinfo->pool, key->algorithm, openpgp_public_key_algorithms,
        "Unknown algorithm (%u)"));
    if (parts->material.curve)
        proto_item_append_text(item, " %s", parts->material.curve);
    else if (parts->material.bits)
        proto_item_append_text(item, " %u bits", parts->material.bits);
    if (*key->keyid)
        proto_item_append_text(item, ", ID %s", key->keyid);
}

/* At the packet's time. A subkey that has expired is usual, and no finding. */
static void
add_state(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    const openpgp_standing_t *standing = openpgp_review_key(context->review, openpgp_data_of(tvb));

    if (!standing)
        return;
    proto_item_set_generated(proto_tree_add_uint(tree, hf_key_state, tvb, 0, 0, standing->state));
    if (!standing->subkey && openpgp_state_is_bad(standing->state)) {
        proto_item_append_text(item, ", %s", openpgp_state_text(standing->state));
        expert_add_info_format(context->pinfo, item, &ei_unusable, "The key cannot be used: %s",
            openpgp_state_text(standing->state));
    }
}

void
openpgp_dissect_key(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    key_parts_t parts = { NULL, { 0, NULL }, 0, 0 };
    proto_item *version_item;

    tvb_ensure_bytes_exist(tvb, 0, 1);
    version_item = proto_tree_add_item(tree, hf_key_version, tvb, 0, 1, ENC_NA);
    parts.key = openpgp_read_key(context->pinfo->pool, packet->tag, openpgp_data_of(tvb), packet->cut);
    if (!parts.key) {
        expert_add_info(context->pinfo, version_item, &ei_openpgp_unknown);
        openpgp_add_rest(tree, hf_key_data, tvb, 1);
        return;
    }
    context->key = parts.key;
    if (!parts.key->subkey)
        context->primary = parts.key;
    read_public(context, tree, tvb, &parts, !parts.key->secret && !packet->cut);
    add_identity(tree, tvb, &parts);
    label_key(context, item, &parts);
    add_state(context, tree, item, tvb);
    if (parts.key->secret && parts.public_end)
        read_secret(context, tree, item, tvb, parts.public_end, parts.key);
    else if (parts.key->secret)
        report_unknown(context, item, tvb);
}

/* User IDs and attributes */

void
openpgp_dissect_user_id(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    unsigned length = tvb_captured_length(tvb);
    bool altered = false, guessed = false;
    const char *text = text_shown_old(context->pinfo->pool, (const char *)tvb_get_ptr(tvb, 0, length), length, &altered, &guessed);
    proto_item *name = proto_tree_add_string(tree, hf_userid, tvb, 0, length, text);

    if (altered)
        expert_add_info(context->pinfo, name, &ei_openpgp_text);
    if (guessed)
        expert_add_info(context->pinfo, name, &ei_userid_guessed);
    proto_item_append_text(item, ": %s", text);
}

static void
dissect_image(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb)
{
    unsigned header = tvb_get_letohs(tvb, 0);

    tvb_ensure_bytes_exist(tvb, 0, header);
    proto_tree_add_item(tree, hf_image_header_length, tvb, 0, 2, ENC_LITTLE_ENDIAN);
    proto_tree_add_item(tree, hf_image_version, tvb, 2, 1, ENC_NA);
    if (tvb_get_uint8(tvb, 2) != 1 || header < IMAGE_HEADER) {
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_unknown, tvb, 0, -1);
        return;
    }
    proto_tree_add_item(tree, hf_image_encoding, tvb, 3, 1, ENC_NA);
    openpgp_add_rest(tree, hf_image_data, tvb, header);
}

void
openpgp_dissect_user_attribute(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    unsigned offset = 0;

    while (offset < tvb_reported_length(tvb) && openpgp_has_room(context, tree)) {
        unsigned start = offset;
        uint32_t length;
        proto_tree *sub_tree;
        const char *name;
        tvbuff_t *body;
        uint8_t type;

        if (openpgp_skip_empty_subpackets(context, tree, tvb, &offset, tvb_reported_length(tvb)))
            continue;
        length = openpgp_subpacket_length(tvb, &offset);
        type = tvb_get_uint8(tvb, offset);
        name = val_to_str(context->pinfo->pool, type, attribute_types, "Unknown (%u)");
        sub_tree = proto_tree_add_subtree_format(tree, tvb, start, -1, ett_attribute, NULL, "Attribute: %s", name);
        proto_tree_add_uint(sub_tree, hf_attribute_length, tvb, start, offset - start, length);
        proto_tree_add_item(sub_tree, hf_attribute_type, tvb, offset, 1, ENC_NA);
        proto_item_append_text(item, ": %s", name);
        tvb_ensure_bytes_exist(tvb, offset, length > INT32_MAX ? INT32_MAX : (int)length);
        body = tvb_new_subset_length(tvb, offset + 1, length - 1);
        if (type == ATTRIBUTE_IMAGE)
            dissect_image(context, sub_tree, body);
        else
            openpgp_add_rest(sub_tree, hf_attribute_data, body, 0);
        proto_item_set_len(proto_tree_get_parent(sub_tree), offset + length - start);
        offset += length;
    }
}

void
openpgp_register_key(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_key_version, { "Version", "openpgp.key.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the key packet's format", HFILL } },
        { &hf_key_creation, { "Creation time", "openpgp.key.creation", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0,
            "When the key was made, by its maker's clock; part of its fingerprint", HFILL } },
        { &hf_key_validity_days, { "Valid for", "openpgp.key.validity_days", FT_UINT16, BASE_DEC | BASE_UNIT_STRING,
            UNS(&units_day_days), 0x0, "Days after creation, 0: without end", HFILL } },
        { &hf_key_algorithm, { "Algorithm", "openpgp.key.algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_public_key_algorithms), 0x0,
            "Public-key algorithm that the key is for", HFILL } },
        { &hf_key_material_length, { "Key material length", "openpgp.key.material_length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Octets of the algorithm's public values; in versions 5 and 6 only", HFILL } },
        { &hf_key_bits, { "Bits", "openpgp.key.bits", FT_UINT16, BASE_DEC, NULL, 0x0,
            "Length of the modulus or prime, or size of the curve", HFILL } },
        { &hf_key_fingerprint, { "Fingerprint", "openpgp.key.fingerprint", FT_STRING, BASE_NONE, NULL, 0x0,
            "MD5 (version 3), SHA-1 (version 4) or SHA-256 (versions 5 and 6)", HFILL } },
        { &hf_key_keyid, { "Key ID", "openpgp.key.keyid", FT_STRING, BASE_NONE, NULL, 0x0,
            "Part of the fingerprint, 64 bits as hexadecimal digits; absent where the key is not whole", HFILL } },
        { &hf_key_data, { "Data of an unknown version", "openpgp.key.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets of a key packet whose version is unknown", HFILL } },
        { &hf_key_state, { "State", "openpgp.key.state", FT_UINT8, BASE_DEC, VALS(states), 0x0,
            "When the packet was captured, by the signatures that were verified", HFILL } },
        { &hf_secret_protection, { "Protection", "openpgp.secret.protection", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Whether and how the secret key is encrypted: 0 not at all, 253 to 255 by a passphrase, else an old cipher", HFILL } },
        { &hf_secret_s2k, { "String-to-key type", "openpgp.secret.s2k", FT_UINT8, BASE_DEC, VALS(openpgp_s2k_types), 0x0,
            "How the passphrase is made into a key; absent where the secret key is not encrypted", HFILL } },
        { &hf_secret_usage, { "Secret key protection", "openpgp.secret.usage", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octet that says whether and how the secret key is encrypted", HFILL } },
        { &hf_secret_parameters_length, { "Protection parameters length", "openpgp.secret.parameters_length", FT_UINT8,
            BASE_DEC, NULL, 0x0,
            "Octets that say how the secret key is protected; in versions 5 and 6 only", HFILL } },
        { &hf_secret_cipher, { "Cipher", "openpgp.secret.cipher", FT_UINT8, BASE_DEC, VALS(openpgp_symmetric_algorithms),
            0x0,
            "Symmetric algorithm that the secret key is encrypted with", HFILL } },
        { &hf_secret_aead, { "AEAD mode", "openpgp.secret.aead", FT_UINT8, BASE_DEC, VALS(openpgp_aead_algorithms), 0x0,
            "Mode of authenticated encryption that protects the secret key", HFILL } },
        { &hf_secret_s2k_length, { "String-to-key length", "openpgp.secret.s2k_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octets of the string-to-key specifier; in version 6 only", HFILL } },
        { &hf_secret_iv, { "Initialization vector", "openpgp.secret.iv", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Initialization vector or nonce of the secret key's encryption", HFILL } },
        { &hf_secret_length, { "Secret material length", "openpgp.secret.length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Octets of the secret key; in version 5 only", HFILL } },
        { &hf_secret_encrypted, { "Encrypted secret key", "openpgp.secret.encrypted", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Secret key and what proves it whole, encrypted", HFILL } },
        { &hf_secret_checksum, { "Checksum", "openpgp.secret.checksum", FT_UINT16, BASE_HEX, NULL, 0x0,
            "Sum of the octets of a secret key that is not encrypted, modulo 65536", HFILL } },
        { &hf_secret_checksum_status, { "Checksum Status", "openpgp.secret.checksum.status", FT_UINT8, BASE_NONE,
            VALS(proto_checksum_vals), 0x0,
            "Whether the checksum fits the secret key", HFILL } },
        { &hf_userid, { "User ID", "openpgp.userid", FT_STRING, BASE_NONE, NULL, 0x0,
            "Whom the key belongs to, by convention a name and a mail address", HFILL } },
        { &hf_attribute_length, { "Length", "openpgp.attribute.length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Octets of the subpacket, with its type", HFILL } },
        { &hf_attribute_type, { "Type", "openpgp.attribute.type", FT_UINT8, BASE_DEC, VALS(attribute_types), 0x0,
            "What the subpacket of the user attribute is: 1 is an image", HFILL } },
        { &hf_attribute_data, { "Data", "openpgp.attribute.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets of a subpacket of unknown type", HFILL } },
        { &hf_image_header_length, { "Image header length", "openpgp.attribute.image.header_length", FT_UINT16, BASE_DEC,
            NULL, 0x0,
            "Octets of the image's header", HFILL } },
        { &hf_image_version, { "Image header version", "openpgp.attribute.image.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the image's header", HFILL } },
        { &hf_image_encoding, { "Image encoding", "openpgp.attribute.image.encoding", FT_UINT8, BASE_DEC,
            VALS(image_encodings), 0x0,
            "Format of the image: 1 is JPEG", HFILL } },
        { &hf_image_data, { "Image", "openpgp.attribute.image.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "The image itself", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_unusable, { "openpgp.key.unusable", PI_SECURITY, PI_WARN, "The key cannot be used", EXPFILL } },
        { &ei_userid_guessed, { "openpgp.userid.not_utf8", PI_PROTOCOL, PI_NOTE,
            "The user ID is not UTF-8; shown as ISO 8859-1, which is a guess", EXPFILL } },
        { &ei_secret, { "openpgp.secret_key", PI_SECURITY, PI_WARN, "Secret key on the wire", EXPFILL } },
    };
    static int *ett[] = { &ett_attribute };

    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    proto_register_subtree_array(ett, array_length(ett));
}
