/* packet-openpgp.c
 * Routines for OpenPGP dissection
 *
 * RFC 9580 (versions 4 and 6) and RFC 4880 (version 3), with what LibrePGP adds: packets in their old and new
 * format, binary or as ASCII armor. This file finds the packets, joins partial lengths and hands each packet
 * to the file that knows it: openpgp-key.c, openpgp-signature.c, openpgp-message.c. openpgp-armor.c
 * finds and decodes armor.
 *
 * All state lives in openpgp_context_t, for one call. The summary that carriers get is in pinfo->pool.
 * Nothing throws out of openpgp_dissect_all(): each packet that ends too soon or makes no sense is expert
 * information, and the next one is looked at.
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
#include <epan/charsets.h>
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/prefs.h>
#include <wsutil/str_util.h>
#include <wsutil/utf8_entities.h>
#include <wsutil/wsgcrypt.h>

#include "openpgp-int.h"
#include "ws_compat.h"

#define ARMOR_LINE_BYTES    48
#define PARTIAL_FIRST_MIN   512

void proto_register_openpgp(void);
void proto_reg_handoff_openpgp(void);

static int proto_openpgp = -1;

static int hf_packet_new_format = -1;
static int hf_packet_tag = -1;
static int hf_packet_length_type = -1;
static int hf_packet_length = -1;
static int hf_packet_partial_length = -1;
static int hf_packet_data = -1;
static int hf_trust = -1;
static int hf_padding = -1;
static int hf_mime_version = -1;

static int ett_openpgp = -1;
static int ett_packet = -1;

expert_field ei_openpgp_malformed = EI_INIT;
expert_field ei_openpgp_truncated = EI_INIT;
expert_field ei_openpgp_unknown = EI_INIT;
expert_field ei_openpgp_limit = EI_INIT;
expert_field ei_openpgp_trailing = EI_INIT;
expert_field ei_openpgp_text = EI_INIT;
expert_field ei_openpgp_checksum = EI_INIT;
static expert_field ei_no_packet = EI_INIT;
static expert_field ei_partial = EI_INIT;

static dissector_handle_t openpgp_handle;
static dissector_handle_t openpgp_stream_handle;

static const value_string length_types[] = {
    { 0, "One octet" },
    { 1, "Two octets" },
    { 2, "Four octets" },
    { 3, "Indeterminate" },
    { 0, NULL }
};

/* A packet's header, as far as its first length. */
typedef struct {
    uint8_t  tag;
    bool     new_format;
    bool     partial;
    bool     indeterminate;
    unsigned size;          /* octets of the header; 0: it is cut */
    unsigned length_size;
    uint32_t length;
} header_t;

/* Helpers for all parts */

bool
openpgp_has_room(openpgp_context_t *context, proto_tree *tree)
{
    bool room = context->parts < OPENPGP_MAX_PARTS &&
        (!tree || PTREE_DATA(tree)->count < prefs.gui_max_tree_items / 2);

    context->parts++;
    if (!room && !context->clipped) {
        context->clipped = true;
        expert_add_info(context->pinfo, tree, &ei_openpgp_limit);
    }
    return room;
}

tvbuff_t *
openpgp_new_tvb(openpgp_context_t *context, tvbuff_t *parent, const uint8_t *data, unsigned length, const char *name,
        proto_tree **tree)
{
    tvbuff_t *tvb = tvb_new_child_real_data(parent, data, length, length);

    if (context->data_sources < OPENPGP_MAX_DATA_SOURCES) {
        context->data_sources++;
        add_new_data_source(context->pinfo, tvb, name);
    } else {
        if (!context->clipped)
            expert_add_info(context->pinfo, *tree, &ei_openpgp_limit);
        context->clipped = true;
        *tree = NULL;
    }
    return tvb;
}

static bool
is_plain_text(const char *text, unsigned length, bool lines)
{
    unsigned i;

    for (i = 0; i < length; i++) {
        if (((uint8_t)text[i] < ' ' && !(lines && text[i] == '\n')) || text[i] == 0x7f)
            return false;
    }
    return length == 0 || g_utf8_validate(text, length, NULL);
}

static proto_item *
add_text(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length, bool lines,
        const char **text)
{
    char *raw = (char *)tvb_memdup(context->pinfo->pool, tvb, offset, length);
    bool plain = is_plain_text(raw, length, lines);
    const char *valid = "";
    proto_item *item;
    unsigned i;

    /* FF is never part of UTF-8, so a NUL becomes a replacement character like other bad octets. */
    for (i = 0; !plain && i < length; i++) {
        if (raw[i] == '\0')
            raw[i] = '\xff';
    }
    if (length > 0)
        valid = (const char *)get_utf_8_string(context->pinfo->pool, (const uint8_t *)raw, length);
    item = proto_tree_add_string(tree, hf, tvb, offset, length, valid);
    if (!plain)
        expert_add_info(context->pinfo, item, &ei_openpgp_text);
    if (text)
        *text = valid;
    return item;
}

proto_item *
openpgp_add_text(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length,
        const char **text)
{
    return add_text(context, tree, hf, tvb, offset, length, false, text);
}

proto_item *
openpgp_add_lines(openpgp_context_t *context, proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length)
{
    return add_text(context, tree, hf, tvb, offset, length, true, NULL);
}

const char *
openpgp_hex_of(packet_info *pinfo, const uint8_t *bytes, unsigned length)
{
    char *text = (char *)wmem_alloc(pinfo->pool, 2 * (size_t)length + 1);
    unsigned i;

    for (i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02X", bytes[i]);
    text[2 * length] = '\0';
    return text;
}

const char *
openpgp_hex(packet_info *pinfo, tvbuff_t *tvb, unsigned offset, unsigned length)
{
    return openpgp_hex_of(pinfo, tvb_get_ptr(tvb, offset, length), length);
}

void
openpgp_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset)
{
    if (tvb_captured_length(tvb) > offset)
        proto_tree_add_item(tree, hf, tvb, offset, tvb_captured_length(tvb) - offset, ENC_NA);
}

/* Headers */

/* Length of a new-format packet; false where it is cut. */
static bool
read_new_length(tvbuff_t *tvb, unsigned offset, header_t *header)
{
    unsigned available = tvb_captured_length_remaining(tvb, offset);
    uint8_t first;

    header->partial = false;
    if (available < 1)
        return false;
    first = tvb_get_uint8(tvb, offset);
    header->length_size = first < 192 ? 1 : first < 224 ? 2 : first < 255 ? 1 : 5;
    if (available < header->length_size)
        return false;
    if (first < 192) {
        header->length = first;
    } else if (first < 224) {
        header->length = ((first - 192u) << 8) + tvb_get_uint8(tvb, offset + 1) + 192;
    } else if (first < 255) {
        header->length = 1u << (first & 31);
        header->partial = true;
    } else {
        header->length = tvb_get_ntohl(tvb, offset + 1);
    }
    return true;
}

static bool
read_old_length(tvbuff_t *tvb, unsigned offset, unsigned type, header_t *header)
{
    unsigned available = tvb_captured_length_remaining(tvb, offset);

    header->indeterminate = type == 3;
    header->length_size = header->indeterminate ? 0 : 1u << type;
    if (available < header->length_size)
        return false;
    switch (type) {
    case 0:
        header->length = tvb_get_uint8(tvb, offset);
        break;
    case 1:
        header->length = tvb_get_ntohs(tvb, offset);
        break;
    case 2:
        header->length = tvb_get_ntohl(tvb, offset);
        break;
    default:
        header->length = tvb_reported_length_remaining(tvb, offset);
        break;
    }
    return true;
}

/* Nothing is shown. False where there is no packet; size is 0 where its header is cut. */
static bool
read_header(tvbuff_t *tvb, unsigned offset, header_t *header)
{
    uint8_t octet;
    bool whole;

    memset(header, 0, sizeof *header);
    if (tvb_captured_length_remaining(tvb, offset) < 1)
        return false;
    octet = tvb_get_uint8(tvb, offset);
    if (!(octet & 0x80))
        return false;
    header->new_format = octet & 0x40;
    header->tag = header->new_format ? octet & 0x3f : (octet >> 2) & 0xf;
    if (header->new_format)
        whole = read_new_length(tvb, offset + 1, header);
    else
        whole = read_old_length(tvb, offset + 1, octet & 3, header);
    if (whole)
        header->size = 1 + header->length_size;
    return true;
}

static void
add_header(proto_tree *tree, tvbuff_t *tvb, unsigned offset, const header_t *header)
{
    proto_tree_add_item(tree, hf_packet_new_format, tvb, offset, 1, ENC_NA);
    proto_tree_add_uint(tree, hf_packet_tag, tvb, offset, 1, header->tag);
    if (!header->new_format)
        proto_tree_add_item(tree, hf_packet_length_type, tvb, offset, 1, ENC_NA);
}

/* Bodies */

/* Cut by the capture: that is no fault of the data. */
static bool
is_snapped(tvbuff_t *tvb)
{
    return tvb_captured_length(tvb) < tvb_reported_length(tvb);
}

/*
 * A body in several pieces: walks them, and copies them to buffer if there is one. Returns their size, *end is
 * where the last one ends; *cut: they do not go on to the last one.
 */
static unsigned
walk_partial(tvbuff_t *tvb, unsigned offset, header_t header, uint8_t *buffer, unsigned *end, bool *cut)
{
    unsigned total = 0;
    unsigned available;
    unsigned length;
    bool more = true;

    *cut = false;
    do {
        available = tvb_captured_length_remaining(tvb, offset);
        length = MIN(header.length, available);
        if (buffer)
            tvb_memcpy(tvb, buffer + total, offset, length);
        total += length;
        offset += length;
        if (length < header.length)
            *cut = true;
        if (*cut || !header.partial)
            more = false;
        else if (!read_new_length(tvb, offset, &header))
            *cut = true;
        else
            offset += header.length_size;
    } while (more && !*cut);
    *end = offset;
    return total;
}

static void
add_partial_lengths(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, unsigned offset, header_t header, unsigned end)
{
    while (header.partial && offset + header.length < end && openpgp_has_room(context, tree)) {
        proto_tree_add_uint(tree, hf_packet_partial_length, tvb, offset - header.length_size, header.length_size,
            header.length);
        offset += header.length;
        if (!read_new_length(tvb, offset, &header))
            return;
        offset += header.length_size;
    }
}

static bool
may_be_partial(uint8_t tag)
{
    return tag == OPENPGP_TAG_COMPRESSED || tag == OPENPGP_TAG_SED || tag == OPENPGP_TAG_LITERAL ||
        tag == OPENPGP_TAG_SEIPD || tag == OPENPGP_TAG_AEAD;
}

static unsigned
join_partial(openpgp_context_t *context, proto_tree **tree, tvbuff_t *tvb, unsigned offset, const header_t *header,
        openpgp_packet_t *packet)
{
    unsigned end;
    unsigned total = walk_partial(tvb, offset, *header, NULL, &end, &packet->cut);
    uint8_t *buffer = (uint8_t *)wmem_alloc(context->pinfo->pool, MAX(total, 1));

    walk_partial(tvb, offset, *header, buffer, &end, &packet->cut);
    packet->short_data = packet->cut && !is_snapped(tvb);
    proto_tree_add_uint(*tree, hf_packet_length, tvb, offset - header->length_size, header->length_size, total);
    add_partial_lengths(context, *tree, tvb, offset, *header, end);
    if (header->length < PARTIAL_FIRST_MIN || !may_be_partial(header->tag))
        expert_add_info(context->pinfo, *tree, &ei_partial);
    packet->body = openpgp_new_tvb(context, tvb, buffer, total, "OpenPGP packet with partial lengths", tree);
    return end;
}

static unsigned
take_body(proto_tree *tree, tvbuff_t *tvb, unsigned offset, const header_t *header, openpgp_packet_t *packet)
{
    unsigned left = tvb_reported_length_remaining(tvb, offset);
    unsigned length = MIN(header->length, left);
    proto_item *item;

    packet->cut = header->length > (unsigned)tvb_captured_length_remaining(tvb, offset);
    packet->short_data = header->length > left;
    packet->body = tvb_new_subset_length(tvb, offset, length);
    item = proto_tree_add_uint(tree, hf_packet_length, tvb, offset - header->length_size, header->length_size, header->length);
    if (header->indeterminate)
        proto_item_set_generated(item);
    return offset + length;
}

static void
dissect_body(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    switch (packet->tag) {
    case OPENPGP_TAG_PKESK:
        openpgp_dissect_pkesk(context, packet, tree, item);
        break;
    case OPENPGP_TAG_SIGNATURE:
        openpgp_dissect_signature(context, packet->body, tree, item);
        break;
    case OPENPGP_TAG_SKESK:
        openpgp_dissect_skesk(context, packet, tree, item);
        break;
    case OPENPGP_TAG_ONE_PASS:
        openpgp_dissect_one_pass(context, packet, tree, item);
        break;
    case OPENPGP_TAG_SECRET_KEY:
    case OPENPGP_TAG_PUBLIC_KEY:
    case OPENPGP_TAG_SECRET_SUBKEY:
    case OPENPGP_TAG_PUBLIC_SUBKEY:
        openpgp_dissect_key(context, packet, tree, item);
        break;
    case OPENPGP_TAG_COMPRESSED:
        openpgp_dissect_compressed(context, packet, tree, item);
        break;
    case OPENPGP_TAG_SED:
    case OPENPGP_TAG_SEIPD:
    case OPENPGP_TAG_AEAD:
        openpgp_dissect_encrypted(context, packet, tree, item);
        break;
    case OPENPGP_TAG_MARKER:
        openpgp_dissect_marker(context, packet, tree, item);
        break;
    case OPENPGP_TAG_LITERAL:
        openpgp_dissect_literal(context, packet, tree, item);
        break;
    case OPENPGP_TAG_TRUST:
        openpgp_add_rest(tree, hf_trust, packet->body, 0);
        break;
    case OPENPGP_TAG_USER_ID:
        openpgp_dissect_user_id(context, packet, tree, item);
        break;
    case OPENPGP_TAG_USER_ATTRIBUTE:
        openpgp_dissect_user_attribute(context, packet, tree, item);
        break;
    case OPENPGP_TAG_MDC:
        openpgp_dissect_mdc(context, packet, tree, item);
        break;
    case OPENPGP_TAG_PADDING:
        openpgp_add_rest(tree, hf_padding, packet->body, 0);
        break;
    default:
        expert_add_info(context->pinfo, item, &ei_openpgp_unknown);
        openpgp_add_rest(tree, hf_packet_data, packet->body, 0);
        break;
    }
}

static void
try_body(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item)
{
    unsigned nesting = context->nesting;

    if (packet->short_data)
        expert_add_info(context->pinfo, item, &ei_openpgp_truncated);
    TRY {
        dissect_body(context, packet, tree, item);
    }
    CATCH_BOUNDS_ERRORS {
        context->nesting = nesting;
        if (!packet->cut)
            expert_add_info(context->pinfo, item, &ei_openpgp_malformed);
    }
    ENDTRY;
}

/* What the packet means for the block */

static bool
is_key(uint8_t tag)
{
    return tag == OPENPGP_TAG_PUBLIC_KEY || tag == OPENPGP_TAG_SECRET_KEY;
}

static bool
is_subkey(uint8_t tag)
{
    return tag == OPENPGP_TAG_PUBLIC_SUBKEY || tag == OPENPGP_TAG_SECRET_SUBKEY;
}

static bool
is_of_message(uint8_t tag)
{
    switch (tag) {
    case OPENPGP_TAG_PKESK:
    case OPENPGP_TAG_SKESK:
    case OPENPGP_TAG_ONE_PASS:
    case OPENPGP_TAG_COMPRESSED:
    case OPENPGP_TAG_SED:
    case OPENPGP_TAG_LITERAL:
    case OPENPGP_TAG_SEIPD:
    case OPENPGP_TAG_MDC:
    case OPENPGP_TAG_AEAD:
        return true;
    default:
        return false;
    }
}

static void
classify(openpgp_context_t *context, uint8_t tag)
{
    context->summary->packets++;
    if (is_key(tag) || is_of_message(tag))
        context->primary = -1;
    if (is_key(tag) || is_of_message(tag) || is_subkey(tag))
        context->key = -1;
    if (is_of_message(tag))
        context->message = true;
    if (tag == OPENPGP_TAG_SIGNATURE && context->primary < 0)
        context->loose_signatures++;
}

static void
note_span(const openpgp_context_t *context, tvbuff_t *tvb, uint8_t tag, unsigned start, unsigned end)
{
    openpgp_key_t *key;

    end = MIN(end, tvb_captured_length(tvb));
    if ((is_key(tag) || is_subkey(tag)) && context->key >= 0) {
        key = (openpgp_key_t *)wmem_array_index(context->summary->keys, context->key);
        key->tvb = tvb;
        key->offset = start;
        key->length = end - start;
    }
    if (context->primary >= 0) {
        key = (openpgp_key_t *)wmem_array_index(context->summary->keys, context->primary);
        key->length = end - key->offset;
    }
}

/* Returns where the next packet begins. */
static unsigned
dissect_packet(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, unsigned start, const header_t *header)
{
    openpgp_packet_t packet = { .tag = header->tag };
    proto_item *item = NULL;
    unsigned end;

    if (tree) {
        tree = proto_tree_add_subtree_format(tree, tvb, start, header->size, ett_packet, &item, "%s Packet",
            val_to_str(context->pinfo->pool, header->tag, openpgp_tags, "Unknown (%u)"));
        add_header(tree, tvb, start, header);
    }
    classify(context, header->tag);
    if (header->partial)
        end = join_partial(context, &tree, tvb, start + header->size, header, &packet);
    else
        end = take_body(tree, tvb, start + header->size, header, &packet);
    proto_item_set_len(item, MIN(end, tvb_captured_length(tvb)) - start);
    try_body(context, &packet, tree, item);
    note_span(context, tvb, header->tag, start, end);
    return end;
}

void
openpgp_dissect_packets(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree)
{
    unsigned length = tvb_captured_length(tvb);
    unsigned offset = 0;
    header_t header;

    while (offset < length) {
        if (context->summary->packets >= OPENPGP_MAX_PACKETS) {
            proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_limit, tvb, offset, -1);
            return;
        }
        if (!read_header(tvb, offset, &header)) {
            proto_tree_add_expert(tree, context->pinfo, &ei_no_packet, tvb, offset, -1);
            return;
        }
        if (header.size == 0) {
            if (!is_snapped(tvb))
                proto_tree_add_expert(tree, context->pinfo, &ei_openpgp_truncated, tvb, offset, -1);
            return;
        }
        if (tree && !openpgp_has_room(context, tree))
            tree = NULL;
        offset = dissect_packet(context, tvb, tree, offset, &header);
    }
}

/* Recognition of binary packets */

static bool
is_start_of_block(uint8_t tag)
{
    return (is_of_message(tag) && tag != OPENPGP_TAG_MDC) || is_key(tag) || tag == OPENPGP_TAG_SIGNATURE ||
        tag == OPENPGP_TAG_MARKER;
}

/* The first octet of the body: mostly a version. */
static bool
is_first_octet(uint8_t tag, uint8_t octet)
{
    switch (tag) {
    case OPENPGP_TAG_PKESK:
        return octet == 2 || octet == 3 || octet == 6;
    case OPENPGP_TAG_SIGNATURE:
    case OPENPGP_TAG_PUBLIC_KEY:
    case OPENPGP_TAG_SECRET_KEY:
        return octet >= 2 && octet <= 6;
    case OPENPGP_TAG_SKESK:
        return octet >= 4 && octet <= 6;
    case OPENPGP_TAG_ONE_PASS:
        return octet == 3 || octet == 6;
    case OPENPGP_TAG_COMPRESSED:
        return octet <= 3;
    case OPENPGP_TAG_MARKER:
        return octet == 'P';
    case OPENPGP_TAG_LITERAL:
        return octet == 'b' || octet == 't' || octet == 'u' || octet == 'm' || octet == 'l' || octet == '1';
    case OPENPGP_TAG_SEIPD:
        return octet == 1 || octet == 2;
    case OPENPGP_TAG_AEAD:
        return octet == 1;
    default:
        return false;
    }
}

/*
 * A packet that can begin a block; where its first octets say little, another one after it if there are more
 * data. more_to_come: it may be longer than the data.
 */
static bool
is_binary(tvbuff_t *tvb, bool more_to_come)
{
    header_t header;
    uint64_t end;

    if (!read_header(tvb, 0, &header) || header.size == 0 || !is_start_of_block(header.tag))
        return false;
    if (tvb_captured_length(tvb) <= header.size || header.length == 0)
        return false;
    if (!is_first_octet(header.tag, tvb_get_uint8(tvb, header.size)))
        return false;
    end = (uint64_t)header.size + header.length;
    if (header.partial || end == tvb_reported_length(tvb))
        return true;
    if (end > tvb_reported_length(tvb))
        return more_to_come;
    if (is_key(header.tag) || header.tag == OPENPGP_TAG_SIGNATURE)
        return true;
    return end >= tvb_captured_length(tvb) || read_header(tvb, (unsigned)end, &header);
}

bool
openpgp_is_present(tvbuff_t *tvb)
{
    return is_binary(tvb, false) || openpgp_has_armor(tvb);
}

/* What carriers call */

void
openpgp_end_block(openpgp_context_t *context)
{
    if (context->message)
        context->summary->messages++;
    else
        context->summary->signatures += context->loose_signatures;
    context->message = false;
    context->loose_signatures = 0;
    context->primary = context->key = -1;
}

const openpgp_summary_t *
openpgp_dissect_all(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    openpgp_summary_t *summary = wmem_new0(pinfo->pool, openpgp_summary_t);
    openpgp_context_t context = { .pinfo = pinfo, .summary = summary, .primary = -1, .key = -1 };
    bool binary = is_binary(tvb, false);
    const char *saved = pinfo->current_proto;
    proto_item *item;
    proto_tree *openpgp_tree;

    summary->keys = wmem_array_new(pinfo->pool, sizeof(openpgp_key_t));
    if (!binary && !openpgp_has_armor(tvb))
        return summary;
    pinfo->current_proto = "OpenPGP";
    item = proto_tree_add_item(tree, proto_openpgp, tvb, 0, -1, ENC_NA);
    openpgp_tree = proto_item_add_subtree(item, ett_openpgp);
    if (binary) {
        summary->blocks = 1;
        openpgp_dissect_packets(&context, tvb, openpgp_tree);
        openpgp_end_block(&context);
    } else {
        openpgp_dissect_armor(&context, tvb, openpgp_tree);
    }
    pinfo->current_proto = saved;
    if (summary->primary_keys)
        proto_item_append_text(item, ", %s", openpgp_keys_text(pinfo->pool, summary, 3));
    return summary;
}

static const char *
name_of_key(wmem_allocator_t *allocator, const openpgp_key_t *key)
{
    if (key->userid && *key->userid)
        return ws_format_text(allocator, key->userid, strlen(key->userid));
    return *key->keyid ? key->keyid : "without user ID";
}

const char *
openpgp_keys_text(wmem_allocator_t *allocator, const openpgp_summary_t *summary, unsigned max_names)
{
    wmem_strbuf_t *text;
    unsigned names = 0;
    unsigned i;

    if (summary->primary_keys == 0)
        return "";
    text = wmem_strbuf_new(allocator, NULL);
    wmem_strbuf_append_printf(text, "%u key%s: ", summary->primary_keys, summary->primary_keys == 1 ? "" : "s");
    for (i = 0; i < wmem_array_get_count(summary->keys) && names < max_names; i++) {
        const openpgp_key_t *key = (const openpgp_key_t *)wmem_array_index(summary->keys, i);

        if (!key->subkey)
            wmem_strbuf_append_printf(text, "%s%s", names++ ? ", " : "", name_of_key(allocator, key));
    }
    if (summary->primary_keys > max_names)
        wmem_strbuf_append(text, ", " UTF8_HORIZONTAL_ELLIPSIS);
    return wmem_strbuf_get_str(text);
}

static bool
key_has(const openpgp_key_t *key, const char *hex, size_t length)
{
    size_t size = strlen(key->keyid);

    if (length == 8 || length == 16)
        return size >= length && g_ascii_strcasecmp(key->keyid + size - length, hex) == 0;
    return length > 0 && g_ascii_strcasecmp(key->fingerprint, hex) == 0;
}

bool
openpgp_has_key(const openpgp_summary_t *summary, const char *hex)
{
    size_t length = strlen(hex);
    unsigned i;

    for (i = 0; i < wmem_array_get_count(summary->keys); i++) {
        if (key_has((const openpgp_key_t *)wmem_array_index(summary->keys, i), hex, length))
            return true;
    }
    return false;
}

static void
append_base64(wmem_strbuf_t *text, const uint8_t *bytes, size_t length)
{
    char *line = g_base64_encode(bytes, length);

    wmem_strbuf_append(text, line);
    wmem_strbuf_append_c(text, '\n');
    g_free(line);
}

char *
openpgp_key_to_armor(wmem_allocator_t *allocator, const openpgp_key_t *key)
{
    const char *type = key->secret ? "PRIVATE" : "PUBLIC";
    unsigned length = key->length;
    const uint8_t *bytes = tvb_get_ptr(key->tvb, key->offset, length);
    wmem_strbuf_t *text = wmem_strbuf_new(allocator, NULL);
    uint8_t crc[OPENPGP_CRC24_LENGTH];
    unsigned i;

    wmem_strbuf_append_printf(text, "-----BEGIN PGP %s KEY BLOCK-----\n\n", type);
    for (i = 0; i < length; i += ARMOR_LINE_BYTES)
        append_base64(text, bytes + i, MIN(length - i, ARMOR_LINE_BYTES));
    gcry_md_hash_buffer(GCRY_MD_CRC24_RFC2440, crc, bytes, length);
    wmem_strbuf_append_c(text, '=');
    append_base64(text, crc, sizeof crc);
    wmem_strbuf_append_printf(text, "-----END PGP %s KEY BLOCK-----\n", type);
    return wmem_strbuf_finalize(text);
}

/* Dissectors */

/* RFC 3156: the first part of multipart/encrypted says "Version: 1" and nothing else. */
static int
dissect_mime_version(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    static const char name[] = "Version:";
    const unsigned start = sizeof name - 1;
    unsigned length = tvb_captured_length(tvb);
    openpgp_context_t context = { .pinfo = pinfo };
    proto_item *item;
    unsigned end;

    if (length <= start || tvb_strncaseeql(tvb, 0, name, start) != 0)
        return 0;
    item = proto_tree_add_item(tree, proto_openpgp, tvb, 0, -1, ENC_NA);
    end = start + tvb_find_line_end(tvb, start, -1, NULL, false);
    for (length = start; length < end && tvb_get_uint8(tvb, length) == ' '; length++)
        ;
    openpgp_add_text(&context, proto_item_add_subtree(item, ett_openpgp), hf_mime_version, tvb, length, end - length, NULL);
    return tvb_captured_length(tvb);
}

static int
dissect_openpgp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const openpgp_summary_t *summary = openpgp_dissect_all(tvb, pinfo, tree);

    if (summary->blocks == 0)
        return dissect_mime_version(tvb, pinfo, tree);
    return tvb_captured_length(tvb);
}

/* Whether a stream that begins like this goes on. */
static bool
is_cut(tvbuff_t *tvb)
{
    unsigned length = tvb_captured_length(tvb);
    uint64_t offset = 0;
    header_t header;
    bool cut;
    unsigned end;

    if (!is_binary(tvb, true))
        return openpgp_armor_is_cut(tvb);
    while (offset < length) {
        if (!read_header(tvb, (unsigned)offset, &header))
            return false;
        if (header.size == 0 || header.indeterminate)
            return true;
        offset += header.size;
        if (header.partial) {
            walk_partial(tvb, (unsigned)offset, header, NULL, &end, &cut);
            if (cut)
                return true;
            offset = end;
        } else {
            offset += header.length;
        }
    }
    return offset > length;
}

static const char *
describe(packet_info *pinfo, const openpgp_summary_t *summary)
{
    if (summary->primary_keys)
        return openpgp_keys_text(pinfo->pool, summary, 3);
    return wmem_strdup_printf(pinfo->pool, "%u packet%s", summary->packets, summary->packets == 1 ? "" : "s");
}

/* Directly above TCP or UDP, where Decode As says so. In TCP it may take until the end of the connection. */
static int
dissect_openpgp_stream(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const openpgp_summary_t *summary;

    if (pinfo->can_desegment && is_cut(tvb)) {
        pinfo->desegment_offset = 0;
        pinfo->desegment_len = DESEGMENT_UNTIL_FIN;
        return tvb_captured_length(tvb);
    }
    summary = openpgp_dissect_all(tvb, pinfo, tree);
    if (summary->blocks == 0)
        return 0;
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "OpenPGP");
    col_add_str(pinfo->cinfo, COL_INFO, describe(pinfo, summary));
    return tvb_captured_length(tvb);
}

static const char *const media_types[] = {
    "application/pgp-keys", "application/pgp-signature", "application/pgp-encrypted"
};

/* HTTP complains of a body's dissector that does nothing, so where OpenPGP is switched off there is none. */
static void
place_media_types(void)
{
    static bool placed = true;
    bool enabled = proto_is_protocol_enabled(find_protocol_by_id(proto_openpgp));

    for (unsigned i = 0; enabled != placed && i < array_length(media_types); i++) {
        if (enabled)
            dissector_add_string("media_type", media_types[i], openpgp_handle);
        else
            dissector_delete_string("media_type", media_types[i], openpgp_handle);
    }
    placed = enabled;
}

void
proto_register_openpgp(void)
{
    static hf_register_info hf[] = {
        { &hf_packet_new_format, { "New format", "openpgp.packet.new_format", FT_BOOLEAN, 8, NULL, 0x40, NULL, HFILL } },
        { &hf_packet_tag, { "Tag", "openpgp.packet.tag", FT_UINT8, BASE_DEC, VALS(openpgp_tags), 0x0, NULL, HFILL } },
        { &hf_packet_length_type, { "Length type", "openpgp.packet.length_type", FT_UINT8, BASE_DEC, VALS(length_types), 0x03,
            NULL, HFILL } },
        { &hf_packet_length, { "Length", "openpgp.packet.length", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Of the body; of all parts together if it is in parts", HFILL } },
        { &hf_packet_partial_length, { "Partial length", "openpgp.packet.partial_length", FT_UINT32, BASE_DEC, NULL, 0x0,
            NULL, HFILL } },
        { &hf_packet_data, { "Data", "openpgp.packet.data", FT_BYTES, BASE_NONE, NULL, 0x0, NULL, HFILL } },
        { &hf_trust, { "Trust data", "openpgp.trust", FT_BYTES, BASE_NONE, NULL, 0x0, NULL, HFILL } },
        { &hf_padding, { "Padding", "openpgp.padding", FT_BYTES, BASE_NONE, NULL, 0x0, NULL, HFILL } },
        { &hf_mime_version, { "Version", "openpgp.mime.version", FT_STRING, BASE_NONE, NULL, 0x0,
            "Of the PGP/MIME format", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_openpgp_malformed, { "openpgp.malformed", PI_MALFORMED, PI_ERROR, "Malformed OpenPGP data", EXPFILL } },
        { &ei_openpgp_truncated, { "openpgp.truncated", PI_MALFORMED, PI_WARN, "The packet ends before its length", EXPFILL } },
        { &ei_openpgp_unknown, { "openpgp.unknown", PI_UNDECODED, PI_NOTE, "Unknown type or version", EXPFILL } },
        { &ei_openpgp_limit, { "openpgp.limit", PI_UNDECODED, PI_NOTE, "Too much or too deeply nested: not all is shown",
            EXPFILL } },
        { &ei_openpgp_trailing, { "openpgp.trailing_data", PI_PROTOCOL, PI_NOTE, "Data behind what belongs here", EXPFILL } },
        { &ei_openpgp_text, { "openpgp.text.suspicious", PI_PROTOCOL, PI_NOTE, "Control characters or invalid UTF-8",
            EXPFILL } },
        { &ei_openpgp_checksum, { "openpgp.secret.checksum.bad", PI_CHECKSUM, PI_ERROR, "Bad checksum", EXPFILL } },
        { &ei_no_packet, { "openpgp.no_packet", PI_MALFORMED, PI_WARN, "Not an OpenPGP packet", EXPFILL } },
        { &ei_partial, { "openpgp.packet.partial_invalid", PI_PROTOCOL, PI_WARN,
            "Partial lengths are not allowed for this packet, or the first one is under 512", EXPFILL } },
    };
    static int *ett[] = { &ett_openpgp, &ett_packet };
    expert_module_t *expert;

    proto_openpgp = proto_register_protocol("OpenPGP", "OpenPGP", "openpgp");
    expert = expert_register_protocol(proto_openpgp);
    proto_register_field_array(proto_openpgp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
    openpgp_register_armor(proto_openpgp, expert);
    openpgp_register_material(proto_openpgp, expert);
    openpgp_register_key(proto_openpgp);
    openpgp_register_signature(proto_openpgp, expert);
    openpgp_register_message(proto_openpgp, expert);

    openpgp_handle = register_dissector("openpgp", dissect_openpgp, proto_openpgp);
    openpgp_stream_handle = register_dissector("openpgp.stream", dissect_openpgp_stream, proto_openpgp);
}

void
proto_reg_handoff_openpgp(void)
{
    for (unsigned i = 0; i < array_length(media_types); i++)
        dissector_add_string("media_type", media_types[i], openpgp_handle);
    register_init_routine(place_media_types);
    dissector_add_for_decode_as("tcp.port", openpgp_stream_handle);
    dissector_add_for_decode_as("udp.port", openpgp_stream_handle);
}
