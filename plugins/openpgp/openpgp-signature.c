/* openpgp-signature.c
 * OpenPGP signatures
 *
 * Sources: RFC 9580 section 5.2, RFC 4880 section 5.2 (versions 2 and 3).
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

#include <epan/packet.h>
#include <epan/expert.h>

#include "openpgp-material.h"
#include "openpgp-signature.h"
#include "openpgp-subpacket.h"
#include "compat.h"

static int hf_version = -1;
static int hf_hashed_size = -1;
static int hf_type = -1;
static int hf_public_key_algorithm = -1;
static int hf_hash_algorithm = -1;
static int hf_hashed_length = -1;
static int hf_unhashed_length = -1;
static int hf_left16 = -1;
static int hf_salt_length = -1;
static int hf_salt = -1;
static int hf_data = -1;
static int hf_verified = -1;
static int hf_check = -1;
static int hf_weak = -1;

static expert_field ei_bad = EI_INIT;

static const value_string checks[] = {
    { OPENPGP_CHECK_GOOD, "Good" },
    { OPENPGP_CHECK_BAD, "Bad" },
    { OPENPGP_CHECK_NO_KEY, "No key in this capture" },
    { OPENPGP_CHECK_ALGORITHM, "Algorithm not available" },
    { OPENPGP_CHECK_LIMIT, "Limit of work reached" },
    { OPENPGP_CHECK_TEXT, "What is signed was not captured" },
    { OPENPGP_CHECK_REFUSED, "Parameters refused" },
    { OPENPGP_CHECK_OFF, "Switched off" },
    { OPENPGP_CHECK_KIND, "Type of signature not known" },
    { OPENPGP_CHECK_CHANGED, "Text perhaps changed by its carrier" },
    { 0, NULL }
};

static const char *
name_of(packet_info *pinfo, uint32_t value, const value_string *names)
{
    return val_to_str(pinfo->pool, value, names, "Unknown (%u)");
}

static unsigned
read_area(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, unsigned offset, const char *name, int hf)
{
    unsigned size = signature->version == 6 ? 4 : 2;
    uint32_t length = size == 4 ? tvb_get_ntohl(tvb, offset) : tvb_get_ntohs(tvb, offset);

    proto_tree_add_item(tree, hf, tvb, offset, size, ENC_BIG_ENDIAN);
    offset += size;
    tvb_ensure_bytes_exist(tvb, offset, length > INT32_MAX ? INT32_MAX : (int)length);
    if (length)
        openpgp_dissect_subpackets(signature, tree, tvb_new_subset_length(tvb, offset, length), name);
    return offset + length;
}

static void
read_v3(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, uint8_t *algorithm, unsigned *offset)
{
    proto_item *item;

    tvb_ensure_bytes_exist(tvb, 0, 19);
    item = proto_tree_add_item(tree, hf_hashed_size, tvb, 1, 1, ENC_NA);
    if (tvb_get_uint8(tvb, 1) != 5)
        expert_add_info(signature->context->pinfo, item, &ei_openpgp_malformed);
    signature->type = tvb_get_uint8(tvb, 2);
    proto_tree_add_item(tree, hf_type, tvb, 2, 1, ENC_NA);
    openpgp_add_creation(signature, tree, tvb_new_subset_length(tvb, 3, 4));
    openpgp_add_issuer_keyid(signature, tree, tvb, 7);
    *algorithm = tvb_get_uint8(tvb, 15);
    proto_tree_add_item(tree, hf_public_key_algorithm, tvb, 15, 1, ENC_NA);
    proto_tree_add_item(tree, hf_hash_algorithm, tvb, 16, 1, ENC_NA);
    proto_tree_add_item(tree, hf_left16, tvb, 17, 2, ENC_BIG_ENDIAN);
    *offset = 19;
}

static unsigned
read_salt(proto_tree *tree, tvbuff_t *tvb, unsigned offset)
{
    unsigned length = tvb_get_uint8(tvb, offset);

    tvb_ensure_bytes_exist(tvb, offset + 1, length);
    proto_tree_add_item(tree, hf_salt_length, tvb, offset, 1, ENC_NA);
    proto_tree_add_item(tree, hf_salt, tvb, offset + 1, length, ENC_NA);
    return offset + 1 + length;
}

static void
read_v4(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, uint8_t *algorithm, unsigned *offset)
{
    tvb_ensure_bytes_exist(tvb, 0, 4);
    signature->type = tvb_get_uint8(tvb, 1);
    proto_tree_add_item(tree, hf_type, tvb, 1, 1, ENC_NA);
    *algorithm = tvb_get_uint8(tvb, 2);
    proto_tree_add_item(tree, hf_public_key_algorithm, tvb, 2, 1, ENC_NA);
    proto_tree_add_item(tree, hf_hash_algorithm, tvb, 3, 1, ENC_NA);
    signature->hashed = true;
    *offset = read_area(signature, tree, tvb, 4, "Hashed", hf_hashed_length);
    signature->hashed = false;
    *offset = read_area(signature, tree, tvb, *offset, "Unhashed", hf_unhashed_length);
    tvb_ensure_bytes_exist(tvb, *offset, 2);
    proto_tree_add_item(tree, hf_left16, tvb, *offset, 2, ENC_BIG_ENDIAN);
    *offset += 2;
    if (signature->version == 6)
        *offset = read_salt(tree, tvb, *offset);
    openpgp_finish_validity(signature);
}

/* Only what was computed says good or bad. */
static void
add_verdict(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item, const openpgp_verdict_t *verdict)
{
    bool good = verdict->check == OPENPGP_CHECK_GOOD;

    proto_item_set_generated(proto_tree_add_uint(tree, hf_check, tvb, 0, 0, verdict->check));
    if (good || verdict->check == OPENPGP_CHECK_BAD)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_verified, tvb, 0, 0, good));
    if (verdict->weak)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_weak, tvb, 0, 0, true));
    if (good)
        proto_item_append_text(item, verdict->weak ? ", good but weak" : ", good");
    else if (verdict->check == OPENPGP_CHECK_BAD)
        expert_add_info(context->pinfo, item, &ei_bad);
}

static void
dissect_embedded(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item);

static void
dissect(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item, const openpgp_verdict_t *verdict)
{
    openpgp_shown_signature_t signature = {
        .context = context, .version = tvb_get_uint8(tvb, 0), .dissect_embedded = dissect_embedded
    };
    uint8_t algorithm = 0;
    unsigned offset = 0;
    proto_item *version_item = proto_tree_add_item(tree, hf_version, tvb, 0, 1, ENC_NA);

    if (signature.version < 2 || signature.version > 6) {
        expert_add_info(context->pinfo, version_item, &ei_openpgp_unknown);
        openpgp_add_rest(tree, hf_data, tvb, 1);
        return;
    }
    if (signature.version < 4)
        read_v3(&signature, tree, tvb, &algorithm, &offset);
    else
        read_v4(&signature, tree, tvb, &algorithm, &offset);
    proto_item_append_text(item, ": %s, %s", name_of(context->pinfo, signature.type, openpgp_signature_types),
        name_of(context->pinfo, algorithm, openpgp_public_key_algorithms));
    if (signature.issuer)
        proto_item_append_text(item, ", by %s", signature.issuer);
    if (verdict)
        add_verdict(context, tvb, tree, item, verdict);
    offset = openpgp_signature_material(context, tree, tvb, offset, algorithm);
    if (offset && offset < tvb_reported_length(tvb))
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_trailing, tvb, offset, -1);
}

static void
dissect_embedded(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item)
{
    dissect(context, tvb, tree, item, openpgp_review_embedded(context->judged, openpgp_data_of(tvb)));
}

void
openpgp_dissect_signature(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item)
{
    context->judged = openpgp_review_signature(context->review, openpgp_data_of(tvb));
    dissect(context, tvb, tree, item, context->judged ? context->judged->verdict : NULL);
}

void
openpgp_register_signature(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_version, { "Version", "openpgp.signature.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the signature packet's format", HFILL } },
        { &hf_hashed_size, { "Hashed octets", "openpgp.signature.hashed_octets", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Of type and creation time: 5", HFILL } },
        { &hf_type, { "Type", "openpgp.signature.type", FT_UINT8, BASE_HEX, VALS(openpgp_signature_types), 0x0,
            "What the signature means, and what it is over", HFILL } },
        { &hf_public_key_algorithm, { "Public-key algorithm", "openpgp.signature.algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_public_key_algorithms), 0x0,
            "Public-key algorithm that has made the signature", HFILL } },
        { &hf_hash_algorithm, { "Hash algorithm", "openpgp.signature.hash_algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_hash_algorithms), 0x0,
            "Hash algorithm of the signature", HFILL } },
        { &hf_hashed_length, { "Hashed subpackets length", "openpgp.signature.hashed_length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Octets of the subpackets that the signature protects", HFILL } },
        { &hf_unhashed_length, { "Unhashed subpackets length", "openpgp.signature.unhashed_length", FT_UINT32, BASE_DEC,
            NULL, 0x0,
            "Octets of the subpackets that anybody could have changed", HFILL } },
        { &hf_left16, { "Left 16 bits of the hash", "openpgp.signature.left16", FT_UINT16, BASE_HEX, NULL, 0x0,
            "Beginning of the hash, by which a wrong one is found out early", HFILL } },
        { &hf_salt_length, { "Salt length", "openpgp.signature.salt_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octets of the salt; in version 6 only", HFILL } },
        { &hf_salt, { "Salt", "openpgp.signature.salt", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Random octets that are hashed first; in version 6 only", HFILL } },
        { &hf_check, { "Check", "openpgp.signature.check", FT_UINT8, BASE_DEC, VALS(checks), 0x0,
            "Whether the signature was verified, with the keys of this capture", HFILL } },
        { &hf_verified, { "Verified", "openpgp.signature.verified", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "Absent where it was not verified", HFILL } },
        { &hf_weak, { "Weak", "openpgp.signature.weak", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "Good, but by MD5, SHA-1, RIPEMD-160, or an RSA or DSA key below 2048 bits", HFILL } },
        { &hf_data, { "Data of an unknown version", "openpgp.signature.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets of a signature packet whose version is unknown", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_bad, { "openpgp.signature.bad", PI_SECURITY, PI_ERROR, "The signature is bad", EXPFILL } },
    };

    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    openpgp_register_subpacket(proto, expert);
}
