/* openpgp-subpacket.c
 * The subpackets of OpenPGP signatures; see openpgp-subpacket.h
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
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/to_str.h>
#include <epan/unit_strings.h>

#include "openpgp-subpacket.h"
#include "compat.h"

static int hf_creation = -1;
static int hf_expiration = -1;
static int hf_key_expiration = -1;
static int hf_validity = -1;
static int hf_key_validity = -1;
static int hf_issuer_keyid = -1;
static int hf_issuer_fingerprint = -1;
static int hf_issuer_version = -1;
static int hf_sub_length = -1;
static int hf_sub_critical = -1;
static int hf_sub_type = -1;
static int hf_sub_data = -1;
static int hf_exportable = -1;
static int hf_revocable = -1;
static int hf_primary_uid = -1;
static int hf_trust_level = -1;
static int hf_trust_amount = -1;
static int hf_regex = -1;
static int hf_preferred_cipher = -1;
static int hf_preferred_hash = -1;
static int hf_preferred_compression = -1;
static int hf_preferred_aead = -1;
static int hf_suite_cipher = -1;
static int hf_suite_aead = -1;
static int hf_revocation_key_class = -1;
static int hf_revocation_key_sensitive = -1;
static int hf_revocation_key_algorithm = -1;
static int hf_revocation_key_fingerprint = -1;
static int hf_notation_flags = -1;
static int hf_notation_human_readable = -1;
static int hf_notation_name = -1;
static int hf_notation_value = -1;
static int hf_notation_bytes = -1;
static int hf_keyserver_prefs = -1;
static int hf_keyserver_no_modify = -1;
static int hf_preferred_keyserver = -1;
static int hf_policy_uri = -1;
static int hf_key_flags = -1;
static int hf_key_flags_certify = -1;
static int hf_key_flags_sign = -1;
static int hf_key_flags_encrypt_communications = -1;
static int hf_key_flags_encrypt_storage = -1;
static int hf_key_flags_split = -1;
static int hf_key_flags_authenticate = -1;
static int hf_key_flags_shared = -1;
static int hf_key_flags_more = -1;
static int hf_key_flags_adsk = -1;
static int hf_key_flags_timestamp = -1;
static int hf_signer_uid = -1;
static int hf_reason_code = -1;
static int hf_reason_text = -1;
static int hf_features = -1;
static int hf_features_seipd1 = -1;
static int hf_features_aead = -1;
static int hf_features_v5 = -1;
static int hf_features_seipd2 = -1;
static int hf_features_more = -1;
static int hf_target_algorithm = -1;
static int hf_target_hash_algorithm = -1;
static int hf_target_hash = -1;
static int hf_recipient_version = -1;
static int hf_recipient_fingerprint = -1;

static int ett_area = -1;
static int ett_subpacket = -1;
static int ett_flags = -1;
static int ett_embedded = -1;

static expert_field ei_critical = EI_INIT;

static const value_string revocation_reasons[] = {
    { 0, "No reason specified" },
    { 1, "Key is superseded" },
    { 2, "Key material has been compromised" },
    { 3, "Key is retired and no longer used" },
    { 32, "User ID information is no longer valid" },
    { 0, NULL }
};

static const char *
name_of(packet_info *pinfo, uint32_t value, const value_string *names)
{
    return val_to_str(pinfo->pool, value, names, "Unknown (%u)");
}

/* Times */

static void
add_end(const openpgp_subpacket_t *subpacket, int hf, uint32_t from)
{
    uint32_t seconds = tvb_get_ntohl(subpacket->tvb, 0);
    nstime_t end = NSTIME_INIT_SECS((time_t)from + seconds);

    if (seconds)
        proto_item_set_generated(proto_tree_add_time(subpacket->tree, hf, subpacket->tvb, 0, 4, &end));
}

/* What is longer is malformed, and does not count. */
static bool
is_time(tvbuff_t *tvb)
{
    return tvb_reported_length(tvb) == 4;
}

void
openpgp_add_creation(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    uint32_t creation = tvb_get_ntohl(tvb, 0);

    if (signature->hashed && is_time(tvb)) {
        signature->has_creation = true;
        signature->creation = creation;
    }
    proto_tree_add_item(tree, hf_creation, tvb, 0, 4, ENC_TIME_SECS | ENC_BIG_ENDIAN);
}

static void
add_validity(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, int hf, openpgp_subpacket_t *subpacket)
{
    tvb_ensure_bytes_exist(tvb, 0, 4);
    proto_tree_add_item(tree, hf, tvb, 0, 4, ENC_BIG_ENDIAN);
    if (signature->hashed && is_time(tvb)) {
        subpacket->tree = tree;
        subpacket->tvb = tvb;
    }
}

/* Which key a key expiration is about: the subkey that is bound, otherwise the primary key. */
static const openpgp_key_t *
key_in_question(const openpgp_shown_signature_t *signature)
{
    const openpgp_context_t *context = signature->context;

    if (signature->type == OPENPGP_SIG_SUBKEY_BINDING)
        return context->key;
    if (signature->type == OPENPGP_SIG_DIRECT_KEY ||
        (signature->type >= OPENPGP_SIG_CERT_FIRST && signature->type <= OPENPGP_SIG_CERT_LAST))
        return context->primary;
    return NULL;
}

/* Whether it says that it was made by the primary key: others have no say in its expiration. */
static bool
is_self_signature(const openpgp_shown_signature_t *signature)
{
    const openpgp_key_t *primary = signature->context->primary;

    return primary && signature->issuer && *primary->fingerprint &&
        (strcmp(signature->issuer, primary->fingerprint) == 0 || strcmp(signature->issuer, primary->keyid) == 0);
}

void
openpgp_finish_validity(const openpgp_shown_signature_t *signature)
{
    const openpgp_key_t *key = key_in_question(signature);

    if (signature->validity.tvb && signature->has_creation)
        add_end(&signature->validity, hf_expiration, signature->creation);
    if (signature->key_validity.tvb && key && is_self_signature(signature))
        add_end(&signature->key_validity, hf_key_expiration, key->creation);
}

/* Subpackets, each as a tvbuff of its own without length and type */

void
openpgp_add_issuer_keyid(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, unsigned offset)
{
    const char *text = openpgp_hex(signature->context->pinfo, tvb, offset, OPENPGP_KEY_ID_LENGTH);

    proto_tree_add_string(tree, hf_issuer_keyid, tvb, offset, OPENPGP_KEY_ID_LENGTH, text);
    if (!signature->issuer)
        signature->issuer = text;
}

static const char *
add_fingerprint(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, int hf_number, int hf)
{
    unsigned length = tvb_reported_length(tvb);
    const char *fingerprint;

    tvb_ensure_bytes_exist(tvb, 0, 2);
    fingerprint = openpgp_hex(signature->context->pinfo, tvb, 1, length - 1);
    proto_tree_add_item(tree, hf_number, tvb, 0, 1, ENC_NA);
    proto_tree_add_string(tree, hf, tvb, 1, length - 1, fingerprint);
    return fingerprint;
}

static void
add_issuer_fingerprint(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    const char *text = add_fingerprint(signature, tree, tvb, hf_issuer_version, hf_issuer_fingerprint);

    if (!signature->issuer)
        signature->issuer = text;
}

static void
add_octets(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, int hf)
{
    unsigned i;

    for (i = 0; i < tvb_reported_length(tvb) && openpgp_has_room(signature->context, tree); i++)
        proto_tree_add_item(tree, hf, tvb, i, 1, ENC_NA);
}

static void
add_suites(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    unsigned i;

    for (i = 0; i + 1 < tvb_reported_length(tvb) && openpgp_has_room(signature->context, tree); i += 2) {
        proto_tree_add_item(tree, hf_suite_cipher, tvb, i, 1, ENC_NA);
        proto_tree_add_item(tree, hf_suite_aead, tvb, i + 1, 1, ENC_NA);
    }
    if (i < tvb_reported_length(tvb))
        proto_tree_add_expert(tree, signature->context->pinfo, &ei_openpgp_trailing, tvb, i, 1);
}

static void
add_text(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, int hf, unsigned offset)
{
    tvb_ensure_bytes_exist(tvb, 0, offset);
    openpgp_add_text(signature->context, tree, hf, tvb, offset, tvb_captured_length(tvb) - offset, TEXT_LINE);
}

static void
add_regex(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    unsigned length = tvb_captured_length(tvb);

    if (length > 0 && tvb_get_uint8(tvb, length - 1) == 0)
        length--;
    openpgp_add_text(signature->context, tree, hf_regex, tvb, 0, length, TEXT_LINE);
}

static void
add_revocation_key(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    unsigned length = tvb_reported_length(tvb);

    tvb_ensure_bytes_exist(tvb, 0, 3);
    proto_tree_add_item(tree, hf_revocation_key_class, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_revocation_key_sensitive, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_revocation_key_algorithm, tvb, 1, 1, ENC_NA);
    proto_tree_add_string(tree, hf_revocation_key_fingerprint, tvb, 2, length - 2,
        openpgp_hex(signature->context->pinfo, tvb, 2, length - 2));
}

static void
add_notation(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    unsigned name_length = tvb_get_ntohs(tvb, 4);
    unsigned value_length = tvb_get_ntohs(tvb, 6);
    static int * const flags[] = { &hf_notation_human_readable, NULL };

    tvb_ensure_bytes_exist(tvb, 8, name_length + value_length);
    proto_tree_add_bitmask(tree, tvb, 0, hf_notation_flags, ett_flags, flags, ENC_BIG_ENDIAN);
    openpgp_add_text(signature->context, tree, hf_notation_name, tvb, 8, name_length, TEXT_LINE);
    if (tvb_get_uint8(tvb, 0) & 0x80)
        openpgp_add_text(signature->context, tree, hf_notation_value, tvb, 8 + name_length, value_length, TEXT_LINE);
    else
        proto_tree_add_item(tree, hf_notation_bytes, tvb, 8 + name_length, value_length, ENC_NA);
    if (8 + name_length + value_length < tvb_reported_length(tvb))
        proto_tree_add_expert(tree, signature->context->pinfo, &ei_openpgp_trailing, tvb, 8 + name_length + value_length, -1);
}

/* The first octet of flags; there are none in the others yet, but for key flags. */
static void
add_flags(proto_tree *tree, tvbuff_t *tvb, int hf, int * const *flags, int hf_more)
{
    if (tvb_reported_length(tvb) == 0)
        return;
    proto_tree_add_bitmask(tree, tvb, 0, hf, ett_flags, flags, ENC_NA);
    if (tvb_reported_length(tvb) > 1)
        openpgp_add_rest(tree, hf_more, tvb, 1);
}

static void
add_key_flags(proto_tree *tree, tvbuff_t *tvb)
{
    static int * const flags[] = {
        &hf_key_flags_shared, &hf_key_flags_authenticate, &hf_key_flags_split, &hf_key_flags_encrypt_storage,
        &hf_key_flags_encrypt_communications, &hf_key_flags_sign, &hf_key_flags_certify, NULL
    };

    static int * const second[] = { &hf_key_flags_timestamp, &hf_key_flags_adsk, NULL };

    add_flags(tree, tvb, hf_key_flags, flags, hf_key_flags_more);
    if (tvb_reported_length(tvb) > 1)
        proto_tree_add_bitmask_list(tree, tvb, 1, 1, second, ENC_NA);
}

static void
add_features(proto_tree *tree, tvbuff_t *tvb)
{
    static int * const flags[] = { &hf_features_seipd2, &hf_features_v5, &hf_features_aead, &hf_features_seipd1, NULL };

    add_flags(tree, tvb, hf_features, flags, hf_features_more);
}

static void
add_keyserver_prefs(proto_tree *tree, tvbuff_t *tvb)
{
    static int * const flags[] = { &hf_keyserver_no_modify, NULL };

    add_flags(tree, tvb, hf_keyserver_prefs, flags, hf_sub_data);
}

static void
add_embedded(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    openpgp_context_t *context = signature->context;
    proto_tree *sub_tree;
    proto_item *item;

    if (context->nesting >= OPENPGP_MAX_NESTING) {
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_limit, tvb, 0, -1);
        return;
    }
    sub_tree = proto_tree_add_subtree(tree, tvb, 0, -1, ett_embedded, &item, "Embedded signature");
    context->nesting++;
    signature->dissect_embedded(context, tvb, sub_tree, item);
    context->nesting--;
}

static void
add_reason(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb)
{
    tvb_ensure_bytes_exist(tvb, 0, 1);
    proto_tree_add_item(tree, hf_reason_code, tvb, 0, 1, ENC_NA);
    openpgp_add_text(signature->context, tree, hf_reason_text, tvb, 1, tvb_captured_length(tvb) - 1, TEXT_LINES);
}

static void
add_target(proto_tree *tree, tvbuff_t *tvb)
{
    tvb_ensure_bytes_exist(tvb, 0, 2);
    proto_tree_add_item(tree, hf_target_algorithm, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_target_hash_algorithm, tvb, 1, 1, ENC_NA);
    openpgp_add_rest(tree, hf_target_hash, tvb, 2);
}

static void
add_boolean(proto_tree *tree, tvbuff_t *tvb, int hf)
{
    tvb_ensure_bytes_exist(tvb, 0, 1);
    proto_tree_add_item(tree, hf, tvb, 0, 1, ENC_NA);
}

static void
add_trust(proto_tree *tree, tvbuff_t *tvb)
{
    tvb_ensure_bytes_exist(tvb, 0, 2);
    proto_tree_add_item(tree, hf_trust_level, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_trust_amount, tvb, 1, 1, ENC_NA);
}

static void
add_unknown(const openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, bool critical)
{
    openpgp_add_rest(tree, hf_sub_data, tvb, 0);
    if (critical)
        expert_add_info(signature->context->pinfo, tree, &ei_critical);
}

static void
dissect_subpacket(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, uint8_t type, bool critical)
{
    switch (type) {
    case OPENPGP_SUB_CREATION:
        openpgp_add_creation(signature, tree, tvb);
        break;
    case OPENPGP_SUB_EXPIRATION:
        add_validity(signature, tree, tvb, hf_validity, &signature->validity);
        break;
    case OPENPGP_SUB_EXPORTABLE:
        add_boolean(tree, tvb, hf_exportable);
        break;
    case OPENPGP_SUB_TRUST:
        add_trust(tree, tvb);
        break;
    case OPENPGP_SUB_REGEX:
        add_regex(signature, tree, tvb);
        break;
    case OPENPGP_SUB_REVOCABLE:
        add_boolean(tree, tvb, hf_revocable);
        break;
    case OPENPGP_SUB_KEY_EXPIRATION:
        add_validity(signature, tree, tvb, hf_key_validity, &signature->key_validity);
        break;
    case OPENPGP_SUB_PREFERRED_CIPHERS:
        add_octets(signature, tree, tvb, hf_preferred_cipher);
        break;
    case OPENPGP_SUB_REVOCATION_KEY:
        add_revocation_key(signature, tree, tvb);
        break;
    case OPENPGP_SUB_ISSUER_KEYID:
        openpgp_add_issuer_keyid(signature, tree, tvb, 0);
        break;
    case OPENPGP_SUB_NOTATION:
        add_notation(signature, tree, tvb);
        break;
    case OPENPGP_SUB_PREFERRED_HASHES:
        add_octets(signature, tree, tvb, hf_preferred_hash);
        break;
    case OPENPGP_SUB_PREFERRED_COMPRESSION:
        add_octets(signature, tree, tvb, hf_preferred_compression);
        break;
    case OPENPGP_SUB_KEYSERVER_PREFS:
        add_keyserver_prefs(tree, tvb);
        break;
    case OPENPGP_SUB_PREFERRED_KEYSERVER:
        add_text(signature, tree, tvb, hf_preferred_keyserver, 0);
        break;
    case OPENPGP_SUB_PRIMARY_UID:
        add_boolean(tree, tvb, hf_primary_uid);
        break;
    case OPENPGP_SUB_POLICY_URI:
        add_text(signature, tree, tvb, hf_policy_uri, 0);
        break;
    case OPENPGP_SUB_KEY_FLAGS:
        add_key_flags(tree, tvb);
        break;
    case OPENPGP_SUB_SIGNER_UID:
        add_text(signature, tree, tvb, hf_signer_uid, 0);
        break;
    case OPENPGP_SUB_REVOCATION_REASON:
        add_reason(signature, tree, tvb);
        break;
    case OPENPGP_SUB_FEATURES:
        add_features(tree, tvb);
        break;
    case OPENPGP_SUB_TARGET:
        add_target(tree, tvb);
        break;
    case OPENPGP_SUB_EMBEDDED:
        add_embedded(signature, tree, tvb);
        break;
    case OPENPGP_SUB_ISSUER_FINGERPRINT:
        add_issuer_fingerprint(signature, tree, tvb);
        break;
    case OPENPGP_SUB_PREFERRED_AEAD:
        add_octets(signature, tree, tvb, hf_preferred_aead);
        break;
    case OPENPGP_SUB_RECIPIENT:
        add_fingerprint(signature, tree, tvb, hf_recipient_version, hf_recipient_fingerprint);
        break;
    case OPENPGP_SUB_PREFERRED_SUITES:
        add_suites(signature, tree, tvb);
        break;
    default:
        add_unknown(signature, tree, tvb, critical);
        break;
    }
}

/* A subpacket that makes no sense does not keep the next ones from being shown. */
static void
try_subpacket(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, uint8_t type, bool critical)
{
    unsigned nesting = signature->context->nesting;

    TRY {
        dissect_subpacket(signature, tree, tvb, type, critical);
    }
    CATCH_BOUNDS_ERRORS {
        signature->context->nesting = nesting;
        expert_add_info(signature->context->pinfo, tree, &ei_openpgp_malformed);
    }
    ENDTRY;
}

static void
add_subpacket(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, unsigned start, unsigned offset,
        uint32_t length)
{
    uint8_t octet = tvb_get_uint8(tvb, offset);
    uint8_t type = octet & 0x7f;
    proto_tree *sub_tree = proto_tree_add_subtree(tree, tvb, start, offset + length - start, ett_subpacket, NULL,
        name_of(signature->context->pinfo, type, openpgp_subpacket_types));

    proto_tree_add_uint(sub_tree, hf_sub_length, tvb, start, offset - start, length);
    proto_tree_add_item(sub_tree, hf_sub_critical, tvb, offset, 1, ENC_NA);
    proto_tree_add_item(sub_tree, hf_sub_type, tvb, offset, 1, ENC_NA);
    try_subpacket(signature, sub_tree, tvb_new_subset_length(tvb, offset + 1, length - 1), type, octet & 0x80);
}

void
openpgp_dissect_subpackets(openpgp_shown_signature_t *signature, proto_tree *tree, tvbuff_t *tvb, const char *name)
{
    unsigned end = tvb_reported_length(tvb);
    unsigned offset = 0;
    proto_tree *area = proto_tree_add_subtree_format(tree, tvb, 0, -1, ett_area, NULL, "%s subpackets", name);

    while (offset < end && openpgp_has_room(signature->context, area)) {
        unsigned start = offset;
        uint32_t length;

        if (openpgp_skip_empty_subpackets(signature->context, area, tvb, &offset, end))
            continue;
        length = openpgp_subpacket_length(tvb, &offset);
        if (length > end - offset) {
            proto_tree_add_expert(area, signature->context->pinfo, &ei_openpgp_malformed, tvb, start, -1);
            return;
        }
        add_subpacket(signature, area, tvb, start, offset, length);
        offset += length;
    }
}

void
openpgp_register_subpacket(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_creation, { "Creation time", "openpgp.signature.creation", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0,
            "When the signature was made, by its maker's clock", HFILL } },
        { &hf_validity, { "Signature valid for", "openpgp.signature.validity", FT_UINT32, BASE_DEC | BASE_UNIT_STRING,
            UNS(&units_second_seconds), 0x0, "Seconds after its creation, 0: without end", HFILL } },
        { &hf_expiration, { "Signature expires", "openpgp.signature.expiration", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL,
            0x0,
            "From when on the signature is not valid; absent where it does not expire", HFILL } },
        { &hf_key_validity, { "Key valid for", "openpgp.signature.key_validity", FT_UINT32, BASE_DEC | BASE_UNIT_STRING,
            UNS(&units_second_seconds), 0x0, "Seconds after the creation of the key, 0: without end", HFILL } },
        { &hf_key_expiration, { "Key expires", "openpgp.signature.key_expiration", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL,
            0x0,
            "From when on the key that it is about is not valid; absent where that does not expire", HFILL } },
        { &hf_issuer_keyid, { "Issuer key ID", "openpgp.signature.issuer_keyid", FT_STRING, BASE_NONE, NULL, 0x0,
            "Key ID of the key that has made the signature, by the signature's own word", HFILL } },
        { &hf_issuer_version, { "Issuer key version", "openpgp.signature.issuer_version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the key that has made the signature", HFILL } },
        { &hf_issuer_fingerprint, { "Issuer fingerprint", "openpgp.signature.issuer_fingerprint", FT_STRING, BASE_NONE, NULL,
            0x0,
            "Fingerprint of the key that has made the signature, by the signature's own word", HFILL } },
        { &hf_sub_length, { "Length", "openpgp.subpacket.length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Octets of the subpacket, with its type", HFILL } },
        { &hf_sub_critical, { "Critical", "openpgp.subpacket.critical", FT_BOOLEAN, 8, NULL, 0x80,
            "Whether who does not know the subpacket must take the signature for an error", HFILL } },
        { &hf_sub_type, { "Type", "openpgp.subpacket.type", FT_UINT8, BASE_DEC, VALS(openpgp_subpacket_types), 0x7f,
            "What the subpacket says", HFILL } },
        { &hf_sub_data, { "Data", "openpgp.subpacket.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets of a subpacket of unknown type", HFILL } },
        { &hf_exportable, { "Exportable", "openpgp.signature.exportable", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "Whether the certification is meant for others than its issuer", HFILL } },
        { &hf_revocable, { "Revocable", "openpgp.signature.revocable", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "Whether the signature can be revoked", HFILL } },
        { &hf_primary_uid, { "Primary user ID", "openpgp.signature.primary_userid", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "Whether this is the main one of the key's user IDs", HFILL } },
        { &hf_trust_level, { "Trust level", "openpgp.signature.trust_level", FT_UINT8, BASE_DEC, NULL, 0x0,
            "How many steps trust may be handed on: 1 makes a trusted introducer", HFILL } },
        { &hf_trust_amount, { "Trust amount", "openpgp.signature.trust_amount", FT_UINT8, BASE_DEC, NULL, 0x0,
            "How far to trust: 60 partly, 120 wholly", HFILL } },
        { &hf_regex, { "Regular expression", "openpgp.signature.regex", FT_STRING, BASE_NONE, NULL, 0x0,
            "User IDs that the trust is limited to", HFILL } },
        { &hf_preferred_cipher, { "Preferred cipher", "openpgp.signature.preferred_cipher", FT_UINT8, BASE_DEC,
            VALS(openpgp_symmetric_algorithms), 0x0,
            "Symmetric algorithm that the key's holder prefers, the best first", HFILL } },
        { &hf_preferred_hash, { "Preferred hash", "openpgp.signature.preferred_hash", FT_UINT8, BASE_DEC,
            VALS(openpgp_hash_algorithms), 0x0,
            "Hash algorithm that the key's holder prefers, the best first", HFILL } },
        { &hf_preferred_compression, { "Preferred compression", "openpgp.signature.preferred_compression", FT_UINT8, BASE_DEC,
            VALS(openpgp_compression_algorithms), 0x0,
            "Compression that the key's holder prefers, the best first", HFILL } },
        { &hf_preferred_aead, { "Preferred AEAD mode", "openpgp.signature.preferred_aead", FT_UINT8, BASE_DEC,
            VALS(openpgp_aead_algorithms), 0x0,
            "Mode of authenticated encryption that the key's holder prefers, the best first", HFILL } },
        { &hf_suite_cipher, { "Ciphersuite cipher", "openpgp.signature.suite.cipher", FT_UINT8, BASE_DEC,
            VALS(openpgp_symmetric_algorithms), 0x0,
            "Cipher of a pair of cipher and AEAD mode that the key's holder prefers", HFILL } },
        { &hf_suite_aead, { "Ciphersuite AEAD mode", "openpgp.signature.suite.aead", FT_UINT8, BASE_DEC,
            VALS(openpgp_aead_algorithms), 0x0,
            "AEAD mode of a pair of cipher and AEAD mode that the key's holder prefers", HFILL } },
        { &hf_revocation_key_class, { "Class", "openpgp.signature.revocation_key.class", FT_UINT8, BASE_HEX, NULL, 0x0,
            "Octet that marks the subpacket as valid, and perhaps as sensitive", HFILL } },
        { &hf_revocation_key_sensitive, { "Sensitive", "openpgp.signature.revocation_key.sensitive", FT_BOOLEAN, 8, NULL,
            0x40,
            "Whether it should not be told to others who may revoke", HFILL } },
        { &hf_revocation_key_algorithm, { "Revocation key algorithm", "openpgp.signature.revocation_key.algorithm", FT_UINT8,
            BASE_DEC, VALS(openpgp_public_key_algorithms), 0x0,
            "Public-key algorithm of the key that may revoke this one", HFILL } },
        { &hf_revocation_key_fingerprint, { "Revocation key fingerprint", "openpgp.signature.revocation_key.fingerprint",
            FT_STRING, BASE_NONE, NULL, 0x0,
            "Fingerprint of the key that may revoke this one", HFILL } },
        { &hf_notation_flags, { "Flags", "openpgp.notation.flags", FT_UINT32, BASE_HEX, NULL, 0x0,
            "Flags of the notation, of which only one is defined", HFILL } },
        { &hf_notation_human_readable, { "Human-readable", "openpgp.notation.human_readable", FT_BOOLEAN, 32, NULL,
            0x80000000,
            "Whether the value is text", HFILL } },
        { &hf_notation_name, { "Name", "openpgp.notation.name", FT_STRING, BASE_NONE, NULL, 0x0,
            "Name of the notation, in a namespace of its own after @", HFILL } },
        { &hf_notation_value, { "Value", "openpgp.notation.value", FT_STRING, BASE_NONE, NULL, 0x0,
            "Value of the notation, where it is text", HFILL } },
        { &hf_notation_bytes, { "Binary value", "openpgp.notation.bytes", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Value of the notation, where it is not text", HFILL } },
        { &hf_keyserver_prefs, { "Key server preferences", "openpgp.signature.keyserver_prefs", FT_UINT8, BASE_HEX, NULL, 0x0,
            "What key servers may do with the key", HFILL } },
        { &hf_keyserver_no_modify, { "No modify", "openpgp.signature.keyserver_prefs.no_modify", FT_BOOLEAN, 8, NULL, 0x80,
            "Only the owner or the server's administrator may change the key", HFILL } },
        { &hf_preferred_keyserver, { "Preferred key server", "openpgp.signature.preferred_keyserver", FT_STRING, BASE_NONE,
            NULL, 0x0,
            "URI of the key server from which updates of the key should come", HFILL } },
        { &hf_policy_uri, { "Policy URI", "openpgp.signature.policy_uri", FT_STRING, BASE_NONE, NULL, 0x0,
            "URI of the policy under which the signature was made", HFILL } },
        { &hf_key_flags, { "Key flags", "openpgp.signature.key_flags", FT_UINT8, BASE_HEX, NULL, 0x0,
            "What the key may be used for", HFILL } },
        { &hf_key_flags_certify, { "Certify other keys", "openpgp.signature.key_flags.certify", FT_BOOLEAN, 8, NULL, 0x01,
            "Whether the key may make certifications", HFILL } },
        { &hf_key_flags_sign, { "Sign data", "openpgp.signature.key_flags.sign", FT_BOOLEAN, 8, NULL, 0x02,
            "Whether the key may sign data", HFILL } },
        { &hf_key_flags_encrypt_communications, { "Encrypt communications",
            "openpgp.signature.key_flags.encrypt_communications", FT_BOOLEAN, 8, NULL, 0x04,
              "Whether the key may encrypt messages", HFILL } },
        { &hf_key_flags_encrypt_storage, { "Encrypt storage", "openpgp.signature.key_flags.encrypt_storage", FT_BOOLEAN, 8,
            NULL, 0x08,
            "Whether the key may encrypt what is stored", HFILL } },
        { &hf_key_flags_split, { "Split by secret sharing", "openpgp.signature.key_flags.split", FT_BOOLEAN, 8, NULL, 0x10,
            "Whether the secret key may have been split", HFILL } },
        { &hf_key_flags_authenticate, { "Authenticate", "openpgp.signature.key_flags.authenticate", FT_BOOLEAN, 8, NULL, 0x20,
            "Whether the key may prove its holder's identity", HFILL } },
        { &hf_key_flags_shared, { "Held by several persons", "openpgp.signature.key_flags.shared", FT_BOOLEAN, 8, NULL, 0x80,
            "Whether more than one person may have the secret key", HFILL } },
        { &hf_key_flags_more, { "More key flags", "openpgp.signature.key_flags.more", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets of flags after the first", HFILL } },
        { &hf_key_flags_adsk, { "Decrypt for other keys (ADSK)", "openpgp.signature.key_flags.adsk", FT_BOOLEAN, 8, NULL, 0x04,
            "An additional decryption subkey, to which others encrypt as well; of LibrePGP, in the second octet", HFILL } },
        { &hf_key_flags_timestamp, { "Make timestamps", "openpgp.signature.key_flags.timestamp", FT_BOOLEAN, 8, NULL, 0x08,
            "Of LibrePGP, in the second octet", HFILL } },
        { &hf_signer_uid, { "Signer's user ID", "openpgp.signature.signer_userid", FT_STRING, BASE_NONE, NULL, 0x0,
            "Which of the issuer's user IDs has signed", HFILL } },
        { &hf_reason_code, { "Reason for revocation", "openpgp.signature.revocation_reason", FT_UINT8, BASE_DEC,
            VALS(revocation_reasons), 0x0,
            "Code of the reason for which it is revoked", HFILL } },
        { &hf_reason_text, { "Reason in words", "openpgp.signature.revocation_text", FT_STRING, BASE_NONE, NULL, 0x0,
            "What the issuer says about the reason", HFILL } },
        { &hf_features, { "Features", "openpgp.signature.features", FT_UINT8, BASE_HEX, NULL, 0x0,
            "What the key holder's software can read", HFILL } },
        { &hf_features_seipd1, { "Integrity protection version 1", "openpgp.signature.features.seipd1", FT_BOOLEAN, 8, NULL,
            0x01,
            "Whether the holder's software reads encrypted data with a modification detection code", HFILL } },
        { &hf_features_aead, { "AEAD encrypted data (LibrePGP)", "openpgp.signature.features.aead", FT_BOOLEAN, 8, NULL, 0x02,
            "Whether the holder's software reads AEAD encrypted data of LibrePGP", HFILL } },
        { &hf_features_v5, { "Version 5 keys (LibrePGP)", "openpgp.signature.features.v5", FT_BOOLEAN, 8, NULL, 0x04,
            "Whether the holder's software reads keys of version 5", HFILL } },
        { &hf_features_seipd2, { "Integrity protection version 2", "openpgp.signature.features.seipd2", FT_BOOLEAN, 8, NULL,
            0x08,
            "Whether the holder's software reads encrypted data of RFC 9580 with AEAD", HFILL } },
        { &hf_features_more, { "More features", "openpgp.signature.features.more", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets of flags after the first", HFILL } },
        { &hf_target_algorithm, { "Target's public-key algorithm", "openpgp.signature.target.algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_public_key_algorithms), 0x0,
            "Public-key algorithm of the signature that this one is about", HFILL } },
        { &hf_target_hash_algorithm, { "Target's hash algorithm", "openpgp.signature.target.hash_algorithm", FT_UINT8,
            BASE_DEC, VALS(openpgp_hash_algorithms), 0x0,
            "Hash algorithm of the signature that this one is about", HFILL } },
        { &hf_target_hash, { "Target's hash", "openpgp.signature.target.hash", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Hash of the signature that this one is about", HFILL } },
        { &hf_recipient_version, { "Recipient key version", "openpgp.signature.recipient_version", FT_UINT8, BASE_DEC, NULL,
            0x0,
            "Version of the key of the reader for whom the message was meant", HFILL } },
        { &hf_recipient_fingerprint, { "Intended recipient", "openpgp.signature.recipient_fingerprint", FT_STRING, BASE_NONE,
            NULL, 0x0,
            "Fingerprint of the key of the reader for whom the message was meant", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_critical, { "openpgp.subpacket.critical_unknown", PI_UNDECODED, PI_NOTE,
            "Unknown subpacket that is critical", EXPFILL } },
    };
    static int *ett[] = { &ett_area, &ett_subpacket, &ett_flags, &ett_embedded };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
}
