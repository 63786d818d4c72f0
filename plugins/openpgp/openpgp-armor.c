/* openpgp-armor.c
 * Shows OpenPGP's ASCII armor and cleartext signatures
 *
 * Sources: RFC 9580 sections 6 (armor, checksum) and 7 (cleartext signature framework).
 *
 * What is decoded goes into pinfo->pool as a data source. Armor that breaks off is expert information.
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
#include <wsutil/wsgcrypt.h>

#include "openpgp-armor.h"
#include "openpgp-parse-armor.h"
#include "compat.h"

static int hf_type = -1;
static int hf_header = -1;
static int hf_crc24 = -1;
static int hf_crc24_status = -1;
static int hf_cleartext = -1;

static int ett_armor = -1;

static expert_field ei_crc24 = EI_INIT;
static expert_field ei_no_end = EI_INIT;
static expert_field ei_foreign = EI_INIT;
static expert_field ei_broken = EI_INIT;

static void
add_headers(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, const openpgp_armor_text_t *text,
        const openpgp_armor_block_t *block)
{
    unsigned offset = block->headers;
    unsigned start, length;

    while (openpgp_armor_header(text, block, &offset, &start, &length) && openpgp_has_room(context, tree))
        openpgp_add_text(context, tree, hf_header, tvb, start, length, TEXT_LINE);
}

/* The decoded checksum stands behind the decoded data in the same data source. status: what to say if there is none. */
static void
add_crc(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned length, bool present, unsigned status)
{
    uint8_t digest[OPENPGP_CRC24_LENGTH];
    uint32_t computed;
    proto_item *item;

    if (!present) {
        item = proto_tree_add_uint(tree, hf_crc24_status, tvb, length, 0, status);
        proto_item_set_generated(item);
        return;
    }
    gcry_md_hash_buffer(GCRY_MD_CRC24_RFC2440, digest, length ? tvb_get_ptr(tvb, 0, length) : (const uint8_t *)"", length);
    computed = (uint32_t)digest[0] << 16 | digest[1] << 8 | digest[2];
    proto_tree_add_checksum(tree, tvb, length, hf_crc24, hf_crc24_status, &ei_crc24, context->pinfo, computed,
        ENC_BIG_ENDIAN, PROTO_CHECKSUM_VERIFY);
}

static void
add_findings(openpgp_context_t *context, proto_item *item, const openpgp_armor_data_t *data)
{
    if (!data->has_end)
        expert_add_info(context->pinfo, item, &ei_no_end);
    if (data->foreign)
        expert_add_info(context->pinfo, item, &ei_foreign);
    if (data->broken_crc)
        expert_add_info(context->pinfo, item, &ei_broken);
}

static void
dissect_data(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb, const openpgp_armor_data_t *data,
        const char *type)
{
    tvbuff_t *decoded;

    add_findings(context, item, data);
    if (data->length == 0)
        return;
    decoded = openpgp_new_tvb(context, tvb, data->octets, data->length + (data->has_crc ? OPENPGP_CRC24_LENGTH : 0),
        wmem_strdup_printf(context->pinfo->pool, "OpenPGP armor: %s", type), &tree);
    add_crc(context, tree, decoded, data->length, data->has_crc,
        data->broken_crc ? PROTO_CHECKSUM_E_ILLEGAL : PROTO_CHECKSUM_E_NOT_PRESENT);
    context->dissect_packets(context, tvb_new_subset_length(decoded, 0, data->length), tree);
}

static unsigned
dissect_cleartext(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb,
        const openpgp_armor_text_t *text, const openpgp_armor_block_t *block)
{
    unsigned end = openpgp_armor_cleartext_end(text, block);

    openpgp_add_text(context, tree, hf_cleartext, tvb, block->body, end - block->body, TEXT_LINES);
    if (!openpgp_armor_is_signature(text, end))
        expert_add_info(context->pinfo, item, &ei_no_end);
    return end;
}

/* Returns where it ends. */
static unsigned
dissect_block(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, const openpgp_armor_text_t *text,
        const openpgp_armor_block_t *block)
{
    const char *type = wmem_strndup(context->pinfo->pool, text->text + block->type, block->type_length);
    proto_item *item;
    proto_tree *armor_tree = proto_tree_add_subtree_format(tree, tvb, block->start, -1, ett_armor, &item, "ASCII armor: %s",
        type);
    openpgp_armor_data_t data;
    unsigned end;

    proto_tree_add_string(armor_tree, hf_type, tvb, block->type, block->type_length, type);
    add_headers(context, armor_tree, tvb, text, block);
    if (block->is_cleartext) {
        end = dissect_cleartext(context, armor_tree, item, tvb, text, block);
    } else {
        openpgp_armor_read(context->pinfo->pool, text, block, &data);
        end = data.end;
        dissect_data(context, armor_tree, item, tvb, &data, type);
        context->primary = context->key = NULL;
    }
    proto_item_set_len(item, end - block->start);
    return end;
}

void
openpgp_dissect_armor(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree)
{
    openpgp_armor_text_t text = openpgp_armor_text(openpgp_data_of(tvb));
    unsigned offset = 0;
    openpgp_armor_block_t block;

    while (openpgp_armor_next(&text, &offset, &block)) {
        if (context->packets >= OPENPGP_MAX_PACKETS || !openpgp_has_room(context, tree))
            return;
        offset = dissect_block(context, tree, tvb, &text, &block);
    }
}

void
openpgp_register_armor(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_type, { "Type", "openpgp.armor.type", FT_STRING, BASE_NONE, NULL, 0x0,
            "What the armor's header line says is in it", HFILL } },
        { &hf_header, { "Header", "openpgp.armor.header", FT_STRING, BASE_NONE, NULL, 0x0,
            "Line between the header line and the data, such as Version, Comment or Hash", HFILL } },
        { &hf_crc24, { "CRC-24", "openpgp.armor.crc24", FT_UINT24, BASE_HEX, NULL, 0x0,
            "Checksum at the end of the armor; RFC 9580 allows to leave it out", HFILL } },
        { &hf_crc24_status, { "CRC-24 Status", "openpgp.armor.crc24.status", FT_UINT8, BASE_NONE, VALS(proto_checksum_vals),
            0x0,
            "Whether the checksum fits the data; not present is no fault", HFILL } },
        { &hf_cleartext, { "Signed text", "openpgp.cleartext", FT_STRING, BASE_NONE, NULL, 0x0,
            "As it stands, with escaped dashes", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_crc24, { "openpgp.armor.crc24.bad", PI_CHECKSUM, PI_ERROR, "Bad CRC-24", EXPFILL } },
        { &ei_no_end, { "openpgp.armor.no_end", PI_MALFORMED, PI_WARN, "The armor has no end line", EXPFILL } },
        { &ei_foreign, { "openpgp.armor.foreign", PI_MALFORMED, PI_WARN, "The armor holds characters that are not Radix-64",
            EXPFILL } },
        { &ei_broken, { "openpgp.armor.crc24.malformed", PI_MALFORMED, PI_WARN, "The CRC-24 is not three octets", EXPFILL } },
    };
    static int *ett[] = { &ett_armor };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
}
