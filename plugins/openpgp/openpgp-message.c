/* openpgp-message.c
 * OpenPGP packets of messages: session keys, encrypted, compressed and literal data
 *
 * Sources: RFC 9580 sections 5.1, 5.3, 5.4, 5.6 to 5.9, 5.13, 5.14; draft-koch-librepgp for AEAD encrypted data
 * (packet 20) and version 5 of the symmetric session key. Nothing is decrypted.
 *
 * Compressed data are bounded by openpgp_inflate_limit() for all of a body and OPENPGP_MAX_NESTING levels.
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

#include "openpgp-inflate.h"
#include "openpgp-material.h"
#include "openpgp-message.h"
#include "compat.h"

#define MDC_LENGTH          20
#define SEIPD2_SALT_LENGTH  32

static int hf_pkesk_version = -1;
static int hf_skesk_version = -1;
static int hf_seipd_version = -1;
static int hf_one_pass_version = -1;
static int hf_recipient_keyid = -1;
static int hf_recipient_length = -1;
static int hf_recipient_version = -1;
static int hf_recipient_fingerprint = -1;
static int hf_pkesk_algorithm = -1;
static int hf_cipher = -1;
static int hf_aead = -1;
static int hf_parameters_length = -1;
static int hf_s2k_length = -1;
static int hf_iv = -1;
static int hf_skesk_encrypted = -1;
static int hf_chunk_size = -1;
static int hf_salt = -1;
static int hf_encrypted = -1;
static int hf_one_pass_type = -1;
static int hf_one_pass_hash = -1;
static int hf_one_pass_algorithm = -1;
static int hf_one_pass_salt_length = -1;
static int hf_one_pass_salt = -1;
static int hf_one_pass_keyid = -1;
static int hf_one_pass_fingerprint = -1;
static int hf_one_pass_last = -1;
static int hf_compression = -1;
static int hf_compressed_data = -1;
static int hf_uncompressed_length = -1;
static int hf_literal_format = -1;
static int hf_literal_name_length = -1;
static int hf_literal_name = -1;
static int hf_literal_date = -1;
static int hf_literal_data = -1;
static int hf_mdc = -1;
static int hf_marker = -1;
static int hf_version_data = -1;

static int ett_uncompressed = -1;

static expert_field ei_compressed = EI_INIT;
static expert_field ei_unavailable = EI_INIT;

static const value_string literal_formats[] = {
    { 'b', "Binary" },
    { 't', "Text" },
    { 'u', "UTF-8 text" },
    { 'm', "MIME" },
    { 'l', "Local" },
    { '1', "Local" },
    { 0, NULL }
};

static void
add_unknown_version(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    expert_add_info(context->pinfo, item, &ei_openpgp_unknown);
    openpgp_add_rest(tree, hf_version_data, tvb, 1);
}

/* Session keys */

static unsigned
add_recipient(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb, uint8_t version)
{
    unsigned length;
    const char *text;

    if (version == 3) {
        text = openpgp_hex(context->pinfo, tvb, 1, OPENPGP_KEY_ID_LENGTH);
        proto_tree_add_string(tree, hf_recipient_keyid, tvb, 1, OPENPGP_KEY_ID_LENGTH, text);
        proto_item_append_text(item, ", to %s", text);
        return 1 + OPENPGP_KEY_ID_LENGTH;
    }
    length = tvb_get_uint8(tvb, 1);
    tvb_ensure_bytes_exist(tvb, 1, 1 + length);
    proto_tree_add_item(tree, hf_recipient_length, tvb, 1, 1, ENC_NA);
    if (length > 0) {
        text = openpgp_hex(context->pinfo, tvb, 3, length - 1);
        proto_tree_add_item(tree, hf_recipient_version, tvb, 2, 1, ENC_NA);
        proto_tree_add_string(tree, hf_recipient_fingerprint, tvb, 3, length - 1, text);
        proto_item_append_text(item, ", to %s", text);
    }
    return 2 + length;
}

void
openpgp_dissect_pkesk(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    uint8_t version = tvb_get_uint8(tvb, 0);
    proto_item *version_item = proto_tree_add_item(tree, hf_pkesk_version, tvb, 0, 1, ENC_NA);
    unsigned offset;
    uint8_t algorithm;

    if (version != 2 && version != 3 && version != 6) {
        add_unknown_version(context, tree, version_item, tvb);
        return;
    }
    offset = add_recipient(context, tree, item, tvb, version == 6 ? 6 : 3);
    algorithm = tvb_get_uint8(tvb, offset);
    proto_tree_add_item(tree, hf_pkesk_algorithm, tvb, offset, 1, ENC_NA);
    offset = openpgp_session_key_material(context, tree, tvb, offset + 1, algorithm, version == 6 ? 6 : 3);
    if (offset && offset < tvb_reported_length(tvb))
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_trailing, tvb, offset, -1);
}

static unsigned
add_cipher_and_aead(proto_tree *tree, tvbuff_t *tvb, unsigned offset, uint8_t *aead)
{
    tvb_ensure_bytes_exist(tvb, offset, 2);
    *aead = tvb_get_uint8(tvb, offset + 1);
    proto_tree_add_item(tree, hf_cipher, tvb, offset, 1, ENC_NA);
    proto_tree_add_item(tree, hf_aead, tvb, offset + 1, 1, ENC_NA);
    return offset + 2;
}

static unsigned
add_iv(proto_tree *tree, tvbuff_t *tvb, unsigned offset, unsigned length)
{
    if (length == 0)
        return offset;
    tvb_ensure_bytes_exist(tvb, offset, length);
    proto_tree_add_item(tree, hf_iv, tvb, offset, length, ENC_NA);
    return offset + length;
}

void
openpgp_dissect_skesk(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item _U_)
{
    tvbuff_t *tvb = packet->body;
    uint8_t version = tvb_get_uint8(tvb, 0);
    proto_item *version_item = proto_tree_add_item(tree, hf_skesk_version, tvb, 0, 1, ENC_NA);
    unsigned offset = 1;
    uint8_t aead = 0;
    uint8_t type;

    if (version < 4 || version > 6) {
        add_unknown_version(context, tree, version_item, tvb);
        return;
    }
    tvb_ensure_bytes_exist(tvb, 1, version == 6 ? 4 : 2);
    if (version == 6)
        proto_tree_add_item(tree, hf_parameters_length, tvb, offset++, 1, ENC_NA);
    if (version > 4)
        offset = add_cipher_and_aead(tree, tvb, offset, &aead);
    else
        proto_tree_add_item(tree, hf_cipher, tvb, offset++, 1, ENC_NA);
    if (version == 6)
        proto_tree_add_item(tree, hf_s2k_length, tvb, offset++, 1, ENC_NA);
    offset = openpgp_s2k(context, tree, tvb, offset, &type);
    if (offset == 0)
        return;
    offset = add_iv(tree, tvb, offset, openpgp_aead_nonce_size(aead));
    openpgp_add_rest(tree, hf_skesk_encrypted, tvb, offset);
}

/* Encrypted data */

static void
dissect_seipd2(openpgp_context_t *context _U_, proto_tree *tree, tvbuff_t *tvb)
{
    uint8_t aead;

    tvb_ensure_bytes_exist(tvb, 1, 3 + SEIPD2_SALT_LENGTH);
    add_cipher_and_aead(tree, tvb, 1, &aead);
    proto_tree_add_item(tree, hf_chunk_size, tvb, 3, 1, ENC_NA);
    proto_tree_add_item(tree, hf_salt, tvb, 4, SEIPD2_SALT_LENGTH, ENC_NA);
    openpgp_add_rest(tree, hf_encrypted, tvb, 4 + SEIPD2_SALT_LENGTH);
}

static void
dissect_aead(openpgp_context_t *context _U_, proto_tree *tree, tvbuff_t *tvb)
{
    uint8_t aead;
    unsigned offset = add_cipher_and_aead(tree, tvb, 1, &aead);

    tvb_ensure_bytes_exist(tvb, offset, 1);
    proto_tree_add_item(tree, hf_chunk_size, tvb, offset, 1, ENC_NA);
    offset = add_iv(tree, tvb, offset + 1, openpgp_aead_nonce_size(aead));
    openpgp_add_rest(tree, hf_encrypted, tvb, offset);
}

void
openpgp_dissect_encrypted(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    uint8_t version;
    proto_item *version_item;

    if (packet->tag == OPENPGP_TAG_SED) {
        openpgp_add_rest(tree, hf_encrypted, tvb, 0);
        return;
    }
    version = tvb_get_uint8(tvb, 0);
    version_item = proto_tree_add_item(tree, hf_seipd_version, tvb, 0, 1, ENC_NA);
    proto_item_append_text(item, ", version %u", version);
    if (packet->tag == OPENPGP_TAG_AEAD && version == 1)
        dissect_aead(context, tree, tvb);
    else if (packet->tag == OPENPGP_TAG_SEIPD && version == 1)
        openpgp_add_rest(tree, hf_encrypted, tvb, 1);
    else if (packet->tag == OPENPGP_TAG_SEIPD && version == 2)
        dissect_seipd2(context, tree, tvb);
    else
        add_unknown_version(context, tree, version_item, tvb);
}

/* One-pass signatures */

void
openpgp_dissect_one_pass(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    uint8_t version = tvb_get_uint8(tvb, 0);
    proto_item *version_item = proto_tree_add_item(tree, hf_one_pass_version, tvb, 0, 1, ENC_NA);
    unsigned offset = 4;
    unsigned size = version == 3 ? OPENPGP_KEY_ID_LENGTH : 32;
    const char *issuer;

    if (version != 3 && version != 6) {
        add_unknown_version(context, tree, version_item, tvb);
        return;
    }
    tvb_ensure_bytes_exist(tvb, 1, 3);
    proto_tree_add_item(tree, hf_one_pass_type, tvb, 1, 1, ENC_NA);
    proto_tree_add_item(tree, hf_one_pass_hash, tvb, 2, 1, ENC_NA);
    proto_tree_add_item(tree, hf_one_pass_algorithm, tvb, 3, 1, ENC_NA);
    if (version == 6) {
        unsigned length = tvb_get_uint8(tvb, offset);

        tvb_ensure_bytes_exist(tvb, offset + 1, length);
        proto_tree_add_item(tree, hf_one_pass_salt_length, tvb, offset, 1, ENC_NA);
        proto_tree_add_item(tree, hf_one_pass_salt, tvb, offset + 1, length, ENC_NA);
        offset += 1 + length;
    }
    issuer = openpgp_hex(context->pinfo, tvb, offset, size);
    proto_tree_add_string(tree, version == 3 ? hf_one_pass_keyid : hf_one_pass_fingerprint, tvb, offset, size, issuer);
    proto_item_append_text(item, ", by %s", issuer);
    tvb_ensure_bytes_exist(tvb, offset + size, 1);
    proto_tree_add_item(tree, hf_one_pass_last, tvb, offset + size, 1, ENC_NA);
}

/* Compressed data */

/* Whatever a packet in it throws is caught there. */
static void
dissect_uncompressed(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, bool snapped)
{
    proto_tree *sub_tree = tree ? proto_tree_add_subtree(tree, tvb, 0, -1, ett_uncompressed, NULL, "Uncompressed packets") : NULL;
    bool saved = context->snapped;

    context->snapped = saved || snapped;
    context->nesting++;
    context->dissect_packets(context, tvb, sub_tree);
    context->nesting--;
    context->snapped = saved;
    context->primary = context->key = NULL;
}

static bool
is_snapped(const openpgp_packet_t *packet)
{
    return packet->cut && !packet->short_data;
}

/* Of what the capture has cut off: not what was joined or uncompressed. */
static bool
knows_its_end(tvbuff_t *tvb)
{
    return tvb_captured_length(tvb) < tvb_reported_length(tvb);
}

/* What the capture has cut off is no fault of the data. */
static void
show_uncompressed(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, uint8_t algorithm)
{
    tvbuff_t *tvb = packet->body;
    bool snapped = is_snapped(packet);
    unsigned in_length = tvb_captured_length_remaining(tvb, 1);
    uint32_t left = context->inflate_left;
    bool whole;
    uint8_t *data;
    unsigned length;
    tvbuff_t *inner;

    if (in_length == 0)
        return;
    length = openpgp_inflate(context->pinfo->pool, algorithm, tvb_get_ptr(tvb, 1, in_length), in_length, &context->inflate_left,
        &data, &whole);
    if (whole || !snapped)
        proto_item_set_generated(proto_tree_add_uint(tree, hf_uncompressed_length, tvb, 1, in_length, length));
    if (!whole && length == left)
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_limit, tvb, 1, in_length);
    else if (!whole && !snapped)
        proto_tree_add_expert(tree, context->pinfo, &ei_compressed, tvb, 1, in_length);
    if (length == 0)
        return;
    inner = openpgp_new_tvb(context, tvb, data, length, "Uncompressed OpenPGP packets", &tree);
    dissect_uncompressed(context, inner, tree, snapped && !whole);
}

void
openpgp_dissect_compressed(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    uint8_t algorithm = tvb_get_uint8(tvb, 0);

    proto_tree_add_item(tree, hf_compression, tvb, 0, 1, ENC_NA);
    proto_item_append_text(item, ": %s", val_to_str(context->pinfo->pool, algorithm, openpgp_compression_algorithms,
        "Unknown (%u)"));
    openpgp_add_rest(tree, hf_compressed_data, tvb, 1);
    if (context->nesting >= OPENPGP_MAX_NESTING) {
        proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_limit, tvb, 0, -1);
        return;
    }
    if (openpgp_can_inflate(algorithm))
        show_uncompressed(context, packet, tree, algorithm);
    else if (algorithm != OPENPGP_COMPRESSION_NONE)
        expert_add_info(context->pinfo, item, &ei_unavailable);
    else if (tvb_reported_length(tvb) > 1)
        dissect_uncompressed(context, tvb_new_subset_remaining(tvb, 1), tree, is_snapped(packet) && !knows_its_end(tvb));
}

/* Literal data, and the little ones */

/* RFC 9580 section 5.9: 0 is none. */
static void
add_date(proto_tree *tree, tvbuff_t *tvb, unsigned offset)
{
    nstime_t none = NSTIME_INIT_ZERO;

    if (tvb_get_ntohl(tvb, offset) == 0)
        proto_tree_add_time_format_value(tree, hf_literal_date, tvb, offset, 4, &none, "None");
    else
        proto_tree_add_item(tree, hf_literal_date, tvb, offset, 4, ENC_TIME_SECS | ENC_BIG_ENDIAN);
}

void
openpgp_dissect_literal(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;
    uint8_t format = tvb_get_uint8(tvb, 0);
    unsigned length = tvb_get_uint8(tvb, 1);
    unsigned offset = 2;

    proto_tree_add_uint_format_value(tree, hf_literal_format, tvb, 0, 1, format, "%s (0x%02x)",
        val_to_str(context->pinfo->pool, format, literal_formats, "Unknown (%u)"), format);
    tvb_ensure_bytes_exist(tvb, 1, 1 + length + 4);
    proto_tree_add_item(tree, hf_literal_name_length, tvb, 1, 1, ENC_NA);
    if (length)
        openpgp_add_text(context, tree, hf_literal_name, tvb, offset, length, TEXT_LINE);
    offset += length;
    add_date(tree, tvb, offset);
    offset += 4;
    if (!is_snapped(packet) || knows_its_end(tvb))
        proto_item_append_text(item, ", %u bytes", tvb_reported_length_remaining(tvb, offset));
    openpgp_add_rest(tree, hf_literal_data, tvb, offset);
}

void
openpgp_dissect_mdc(openpgp_context_t *context _U_, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item _U_)
{
    tvb_ensure_bytes_exist(packet->body, 0, MDC_LENGTH);
    proto_tree_add_item(tree, hf_mdc, packet->body, 0, MDC_LENGTH, ENC_NA);
}

void
openpgp_dissect_marker(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    tvbuff_t *tvb = packet->body;

    openpgp_add_text(context, tree, hf_marker, tvb, 0, tvb_captured_length(tvb), TEXT_LINE);
    if (is_snapped(packet))
        return;
    if (tvb_reported_length(tvb) != 3 || tvb_memeql(tvb, 0, (const uint8_t *)"PGP", 3) != 0)
        expert_add_info(context->pinfo, item, &ei_openpgp_malformed);
}

void
openpgp_register_message(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_pkesk_version, { "Version", "openpgp.pkesk.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the format of a session key for a recipient", HFILL } },
        { &hf_skesk_version, { "Version", "openpgp.skesk.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the format of a session key from a passphrase", HFILL } },
        { &hf_seipd_version, { "Version", "openpgp.encrypted.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the format of encrypted data", HFILL } },
        { &hf_one_pass_version, { "Version", "openpgp.one_pass.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the format of the announcement of a signature", HFILL } },
        { &hf_recipient_keyid, { "Recipient key ID", "openpgp.pkesk.keyid", FT_STRING, BASE_NONE, NULL, 0x0,
            "All zeros: not told", HFILL } },
        { &hf_recipient_length, { "Recipient length", "openpgp.pkesk.recipient_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Of key version and fingerprint, 0: not told", HFILL } },
        { &hf_recipient_version, { "Recipient key version", "openpgp.pkesk.key_version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Version of the recipient's key; in version 6 only", HFILL } },
        { &hf_recipient_fingerprint, { "Recipient fingerprint", "openpgp.pkesk.fingerprint", FT_STRING, BASE_NONE, NULL, 0x0,
            "Fingerprint of the recipient's key; absent for a hidden recipient, and before version 6", HFILL } },
        { &hf_pkesk_algorithm, { "Algorithm", "openpgp.pkesk.algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_public_key_algorithms), 0x0,
            "Public-key algorithm of the recipient's key", HFILL } },
        { &hf_cipher, { "Cipher", "openpgp.encrypted.cipher", FT_UINT8, BASE_DEC, VALS(openpgp_symmetric_algorithms), 0x0,
            "Symmetric algorithm of the encryption", HFILL } },
        { &hf_aead, { "AEAD mode", "openpgp.encrypted.aead", FT_UINT8, BASE_DEC, VALS(openpgp_aead_algorithms), 0x0,
            "Mode of authenticated encryption", HFILL } },
        { &hf_parameters_length, { "Parameters length", "openpgp.skesk.parameters_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octets that say how the passphrase is made into a key; in version 6 only", HFILL } },
        { &hf_s2k_length, { "String-to-key length", "openpgp.skesk.s2k_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octets of the string-to-key specifier; in version 6 only", HFILL } },
        { &hf_iv, { "Initialization vector", "openpgp.encrypted.iv", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Initialization vector, or start of the nonces", HFILL } },
        { &hf_skesk_encrypted, { "Encrypted session key", "openpgp.skesk.encrypted", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Session key encrypted with the key from the passphrase; absent where that key is the session key", HFILL } },
        { &hf_chunk_size, { "Chunk size exponent", "openpgp.encrypted.chunk_size", FT_UINT8, BASE_DEC, NULL, 0x0,
            "A chunk has 2 to the power of this plus 6 bytes", HFILL } },
        { &hf_salt, { "Salt", "openpgp.encrypted.salt", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Random octets from which the message key is derived", HFILL } },
        { &hf_encrypted, { "Encrypted data", "openpgp.encrypted.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets that cannot be read without the session key", HFILL } },
        { &hf_one_pass_type, { "Signature type", "openpgp.one_pass.type", FT_UINT8, BASE_HEX, VALS(openpgp_signature_types),
            0x0,
            "What the signature that follows the data means", HFILL } },
        { &hf_one_pass_hash, { "Hash algorithm", "openpgp.one_pass.hash_algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_hash_algorithms), 0x0,
            "Hash algorithm of the signature that follows the data", HFILL } },
        { &hf_one_pass_algorithm, { "Public-key algorithm", "openpgp.one_pass.algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_public_key_algorithms), 0x0,
            "Public-key algorithm of the signature that follows the data", HFILL } },
        { &hf_one_pass_salt_length, { "Salt length", "openpgp.one_pass.salt_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octets of the salt; in version 6 only", HFILL } },
        { &hf_one_pass_salt, { "Salt", "openpgp.one_pass.salt", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Random octets that are hashed first; in version 6 only", HFILL } },
        { &hf_one_pass_keyid, { "Issuer key ID", "openpgp.one_pass.keyid", FT_STRING, BASE_NONE, NULL, 0x0,
            "Key ID of the key that signs; in version 3 only", HFILL } },
        { &hf_one_pass_fingerprint, { "Issuer fingerprint", "openpgp.one_pass.fingerprint", FT_STRING, BASE_NONE, NULL, 0x0,
            "Fingerprint of the key that signs; in version 6 only", HFILL } },
        { &hf_one_pass_last, { "Last", "openpgp.one_pass.last", FT_UINT8, BASE_DEC, NULL, 0x0,
            "0: another one-pass signature of the same message follows", HFILL } },
        { &hf_compression, { "Compression", "openpgp.compressed.algorithm", FT_UINT8, BASE_DEC,
            VALS(openpgp_compression_algorithms), 0x0,
            "Compression algorithm of the packets within", HFILL } },
        { &hf_compressed_data, { "Compressed data", "openpgp.compressed.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets as they are before they are uncompressed", HFILL } },
        { &hf_uncompressed_length, { "Uncompressed length", "openpgp.compressed.uncompressed_length", FT_UINT32, BASE_DEC,
            NULL, 0x0,
            "Octets of the packets within; absent where they cannot be uncompressed", HFILL } },
        { &hf_literal_format, { "Format", "openpgp.literal.format", FT_UINT8, BASE_HEX, NULL, 0x0,
            "Whether the data are octets or text", HFILL } },
        { &hf_literal_name_length, { "File name length", "openpgp.literal.filename_length", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Octets of the file name", HFILL } },
        { &hf_literal_name, { "File name", "openpgp.literal.filename", FT_STRING, BASE_NONE, NULL, 0x0,
            "Name that the sender suggests for the file; most signatures do not protect it", HFILL } },
        { &hf_literal_date, { "Date", "openpgp.literal.date", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0,
            "Time that the sender gives for the data, 0 where it tells none; most signatures do not protect it", HFILL } },
        { &hf_literal_data, { "Data", "openpgp.literal.data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "What the message says", HFILL } },
        { &hf_mdc, { "SHA-1 hash", "openpgp.mdc.hash", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Modification detection code: hash of all that was encrypted", HFILL } },
        { &hf_marker, { "Marker", "openpgp.marker", FT_STRING, BASE_NONE, NULL, 0x0,
            "The letters PGP, which are to be ignored", HFILL } },
        { &hf_version_data, { "Data of an unknown version", "openpgp.version_data", FT_BYTES, BASE_NONE, NULL, 0x0,
            "Octets that cannot be read, since the packet's version is unknown", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_unavailable, { "openpgp.compressed.unavailable", PI_UNDECODED, PI_NOTE,
            "Compressed by an algorithm that this build of the plugin cannot undo", EXPFILL } },
        { &ei_compressed, { "openpgp.compressed.incomplete", PI_MALFORMED, PI_WARN,
            "The compressed data are damaged or end too soon", EXPFILL } },
    };
    static int *ett[] = { &ett_uncompressed };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
}
