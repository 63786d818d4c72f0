/* openpgp-parse.c
 * OpenPGP data taken to pieces; see openpgp-parse.h
 *
 * All state lives in parser_t, for one call.
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

#include <wsutil/utf8_entities.h>

#include "openpgp-codes.h"
#include "openpgp-inflate.h"
#include "openpgp-parse.h"
#include "openpgp-parse-armor.h"
#include "text.h"
#include "compat.h"

/* State of one call of openpgp_parse(), or of the packets of one nested body. */
typedef struct parser {
    wmem_allocator_t        *pool;
    openpgp_summary_t       *summary;
    const openpgp_visitor_t *visitor;   /* or NULL */
    unsigned                 nesting;
    uint32_t                 left;      /* octets that compressed data may still make */
    int                      primary;   /* index into summary->keys: what the packets belong to, or -1 */
    int                      key;       /* the nearest primary key or subkey before, or -1 */
} parser_t;

/* A part of the data, which may be cut by the capture. */
static openpgp_data_t
part_of(openpgp_data_t data, unsigned offset, unsigned length)
{
    openpgp_data_t part = { data.octets + offset, MIN(length, data.captured - offset), length };

    return part;
}

/* Parsing: bodies */

static void parse_packets(parser_t *parser, openpgp_data_t data);

static void
visit_block(const parser_t *parser)
{
    if (parser->visitor)
        parser->visitor->block(parser->visitor->user, parser->nesting);
}

static void
visit_packet(const parser_t *parser, uint8_t tag, openpgp_data_t body, bool cut, const openpgp_key_t *key)
{
    if (parser->visitor)
        parser->visitor->packet(parser->visitor->user, tag, body, cut, key);
}

static openpgp_key_t *
key_at(const parser_t *parser, int position)
{
    return (openpgp_key_t *)wmem_array_index(parser->summary->keys, position);
}

static const openpgp_key_t *
parse_key(parser_t *parser, uint8_t tag, openpgp_data_t body, bool cut)
{
    const openpgp_key_t *key = openpgp_read_key(parser->pool, tag, body, cut);

    if (!key)
        return NULL;
    wmem_array_append(parser->summary->keys, key, 1);
    parser->key = (int)wmem_array_get_count(parser->summary->keys) - 1;
    if (!key->subkey) {
        parser->primary = parser->key;
        parser->summary->primary_keys++;
    }
    return key;
}

static void
parse_user_id(const parser_t *parser, openpgp_data_t body)
{
    openpgp_key_t *key = parser->primary >= 0 ? key_at(parser, parser->primary) : NULL;

    if (key && !key->userid)
        key->userid = text_shown_old(parser->pool, (const char *)body.octets, body.captured, NULL, NULL);
}

static void
parse_nested(parser_t *parser, openpgp_data_t data)
{
    parser_t inner = *parser;

    inner.nesting++;
    inner.primary = inner.key = -1;
    visit_block(&inner);
    parse_packets(&inner, data);
    visit_block(parser);
    parser->left = inner.left;
}

static void
parse_compressed(parser_t *parser, openpgp_data_t body)
{
    uint8_t algorithm;
    uint8_t *out;
    bool whole;
    unsigned length;

    if (body.captured < 2 || parser->nesting >= OPENPGP_MAX_NESTING)
        return;
    algorithm = body.octets[0];
    if (algorithm == OPENPGP_COMPRESSION_NONE) {
        parse_nested(parser, part_of(body, 1, body.reported - 1));
    } else if (openpgp_can_inflate(algorithm)) {
        length = openpgp_inflate(parser->pool, algorithm, body.octets + 1, body.captured - 1, &parser->left, &out, &whole);
        if (length > 0)
            parse_nested(parser, (openpgp_data_t){ out, length, length });
    }
}

static bool
is_key_of_any_kind(uint8_t tag)
{
    return openpgp_is_key(tag) || openpgp_is_subkey(tag);
}

static bool
is_of_interest(const parser_t *parser, uint8_t tag)
{
    return parser->visitor || is_key_of_any_kind(tag) || tag == OPENPGP_TAG_USER_ID || tag == OPENPGP_TAG_COMPRESSED;
}

static void
parse_body(parser_t *parser, uint8_t tag, openpgp_data_t body, bool cut)
{
    const openpgp_key_t *key = is_key_of_any_kind(tag) ? parse_key(parser, tag, body, cut) : NULL;

    visit_packet(parser, tag, body, cut, key);
    if (tag == OPENPGP_TAG_USER_ID)
        parse_user_id(parser, body);
    else if (tag == OPENPGP_TAG_COMPRESSED)
        parse_compressed(parser, body);
}

/* Parsing: packets */

static void
classify(parser_t *parser, uint8_t tag)
{
    parser->summary->packets++;
    if (openpgp_is_key(tag) || openpgp_is_of_message(tag))
        parser->primary = -1;
    if (openpgp_is_key(tag) || openpgp_is_of_message(tag) || openpgp_is_subkey(tag))
        parser->key = -1;
}

static void
note_span(const parser_t *parser, openpgp_data_t data, uint8_t tag, unsigned start, unsigned end)
{
    openpgp_key_t *key;

    end = MIN(end, data.captured);
    if ((openpgp_is_key(tag) || openpgp_is_subkey(tag)) && parser->key >= 0) {
        key = key_at(parser, parser->key);
        key->octets = data.octets + start;
        key->length = end - start;
    }
    if (parser->primary >= 0) {
        key = key_at(parser, parser->primary);
        key->length = (unsigned)(data.octets + end - key->octets);
    }
}

/* Returns where the next packet begins. */
static unsigned
parse_parts(parser_t *parser, openpgp_data_t data, unsigned offset, const openpgp_header_t *header)
{
    bool cut;
    unsigned end;
    unsigned total = openpgp_join_parts(data, offset, *header, NULL, &end, &cut);
    uint8_t *buffer;

    if (is_of_interest(parser, header->tag)) {
        buffer = (uint8_t *)wmem_alloc(parser->pool, MAX(total, 1));
        openpgp_join_parts(data, offset, *header, buffer, &end, &cut);
        parse_body(parser, header->tag, (openpgp_data_t){ buffer, total, total }, cut);
    }
    return end;
}

static unsigned
parse_whole(parser_t *parser, openpgp_data_t data, unsigned offset, const openpgp_header_t *header)
{
    unsigned length = MIN(header->length, data.reported - offset);

    if (is_of_interest(parser, header->tag))
        parse_body(parser, header->tag, part_of(data, offset, length), header->length > data.captured - offset);
    return offset + length;
}

static bool
is_high(const uint8_t *octets, unsigned length)
{
    for (unsigned i = 0; i < length; i++) {
        if (octets[i] & 0x80)
            return true;
    }
    return false;
}

/* Packets may be missing. */
static void
note_missing(const parser_t *parser)
{
    parser->summary->incomplete = true;
    visit_packet(parser, OPENPGP_TAG_NONE, (openpgp_data_t){ NULL, 0, 0 }, true, NULL);
}

/* What is no packet, or one too many: only where an octet could begin one there may be some among it. */
static void
leave_rest(const parser_t *parser, openpgp_data_t data, unsigned offset)
{
    if (offset >= data.captured || !is_high(data.octets + offset, data.captured - offset))
        return;
    note_missing(parser);
}

static void
parse_packets(parser_t *parser, openpgp_data_t data)
{
    unsigned offset = 0;
    openpgp_header_t header;

    while (parser->summary->packets < OPENPGP_MAX_PACKETS && openpgp_read_header(data, offset, &header) && header.size > 0) {
        unsigned start = offset;

        classify(parser, header.tag);
        offset += header.size;
        offset = header.partial ? parse_parts(parser, data, offset, &header) : parse_whole(parser, data, offset, &header);
        note_span(parser, data, header.tag, start, offset);
    }
    leave_rest(parser, data, offset);
}

static void
parse_block(parser_t *parser, openpgp_data_t data)
{
    visit_block(parser);
    parse_packets(parser, data);
    parser->primary = parser->key = -1;
    parser->summary->present = true;
}

static void
parse_armor(parser_t *parser, openpgp_data_t data)
{
    openpgp_armor_text_t text = openpgp_armor_text(data);
    unsigned offset = 0;
    openpgp_armor_block_t block;
    openpgp_armor_data_t armored;

    while (parser->summary->packets < OPENPGP_MAX_PACKETS && openpgp_armor_next(&text, &offset, &block)) {
        parser->summary->present = true;
        if (block.is_cleartext) {
            offset = openpgp_armor_cleartext_end(&text, &block);
            if (parser->visitor && openpgp_armor_is_signed_text(&text, &block))
                parser->visitor->cleartext(parser->visitor->user, text.text + block.body, offset - block.body);
        } else {
            openpgp_armor_read(parser->pool, &text, &block, &armored);
            parse_block(parser, (openpgp_data_t){ armored.octets, armored.length, armored.length });
            if (!armored.has_end)
                note_missing(parser);
            offset = armored.end;
        }
    }
}

static const openpgp_summary_t *
parse(wmem_allocator_t *pool, openpgp_data_t data, const openpgp_visitor_t *visitor)
{
    openpgp_summary_t *summary = wmem_new0(pool, openpgp_summary_t);
    parser_t parser = { pool, summary, visitor, 0, openpgp_inflate_limit(data.captured), -1, -1 };

    summary->keys = wmem_array_new(pool, sizeof(openpgp_key_t));
    if (openpgp_is_binary(data, false))
        parse_block(&parser, data);
    else
        parse_armor(&parser, data);
    return summary;
}

const openpgp_summary_t *
openpgp_parse(wmem_allocator_t *pool, openpgp_data_t data)
{
    return parse(pool, data, NULL);
}

void
openpgp_visit(wmem_allocator_t *pool, openpgp_data_t data, const openpgp_visitor_t *visitor)
{
    parse(pool, data, visitor);
}

/* What was found */

static const char *
name_of_key(const openpgp_key_t *key)
{
    if (key->userid && *key->userid)
        return key->userid;
    return *key->keyid ? key->keyid : "without user ID";
}

const char *
openpgp_keys_text(wmem_allocator_t *pool, const openpgp_summary_t *summary, unsigned max_names)
{
    wmem_strbuf_t *text;
    unsigned names = 0;
    unsigned i;

    if (summary->primary_keys == 0)
        return "";
    text = wmem_strbuf_new(pool, NULL);
    wmem_strbuf_append_printf(text, "%u key%s: ", summary->primary_keys, summary->primary_keys == 1 ? "" : "s");
    for (i = 0; i < wmem_array_get_count(summary->keys) && names < max_names; i++) {
        const openpgp_key_t *key = (const openpgp_key_t *)wmem_array_index(summary->keys, i);

        if (!key->subkey)
            wmem_strbuf_append_printf(text, "%s%s", names++ ? ", " : "", name_of_key(key));
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
