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

#include <zlib.h>

#include <wsutil/pint.h>
#include <wsutil/utf8_entities.h>

#include "openpgp-codes.h"
#include "openpgp-parse.h"
#include "openpgp-parse-armor.h"
#include "text.h"
#include "compat.h"

/* The first buffer for uncompressed data is as large as the compressed data, within these. */
#define INFLATE_LEAST       64
#define INFLATE_FIRST       65536

/* Of a body: what its compressed data may make at least, for each octet of it, and at most. */
#define INFLATED_LEAST      65536
#define INFLATED_PER_OCTET  64
#define INFLATED_MOST       (32 * 1024 * 1024)

/* State of one call of openpgp_parse(), or of the packets of one nested body. */
typedef struct parser {
    wmem_allocator_t  *pool;
    openpgp_summary_t *summary;
    unsigned           nesting;
    uint32_t           left;        /* octets that compressed data may still make */
    int                primary;     /* index into summary->keys: what the packets belong to, or -1 */
    int                key;         /* the nearest primary key or subkey before, or -1 */
} parser_t;

openpgp_data_t
openpgp_data_of(tvbuff_t *tvb)
{
    openpgp_data_t data = { NULL, tvb_captured_length(tvb), tvb_reported_length(tvb) };

    if (data.captured > 0)
        data.octets = tvb_get_ptr(tvb, 0, (int)data.captured);
    return data;
}

/* A part of the data, which may be cut by the capture. */
static openpgp_data_t
part_of(openpgp_data_t data, unsigned offset, unsigned length)
{
    openpgp_data_t part = { data.octets + offset, MIN(length, data.captured - offset), length };

    return part;
}

/* Headers */

static unsigned
left_after(openpgp_data_t data, unsigned offset)
{
    return offset < data.captured ? data.captured - offset : 0;
}

bool
openpgp_read_part(openpgp_data_t data, unsigned offset, openpgp_header_t *header)
{
    unsigned available = left_after(data, offset);
    const uint8_t *length = data.octets + offset;

    header->partial = false;
    if (available < 1)
        return false;
    header->length_size = length[0] < 192 ? 1 : length[0] < 224 ? 2 : length[0] < 255 ? 1 : 5;
    if (available < header->length_size)
        return false;
    if (length[0] < 192) {
        header->length = length[0];
    } else if (length[0] < 224) {
        header->length = ((length[0] - 192u) << 8) + length[1] + 192;
    } else if (length[0] < 255) {
        header->length = 1u << (length[0] & 31);
        header->partial = true;
    } else {
        header->length = pntohu32(length + 1);
    }
    return true;
}

static bool
read_old_length(openpgp_data_t data, unsigned offset, unsigned type, openpgp_header_t *header)
{
    const uint8_t *length = data.octets + offset;

    header->indeterminate = type == 3;
    header->length_size = header->indeterminate ? 0 : 1u << type;
    if (left_after(data, offset) < header->length_size)
        return false;
    if (header->indeterminate)
        header->length = data.reported - offset;
    else
        header->length = type == 0 ? length[0] : type == 1 ? pntohu16(length) : pntohu32(length);
    return true;
}

bool
openpgp_read_header(openpgp_data_t data, unsigned offset, openpgp_header_t *header)
{
    uint8_t octet;
    bool whole;

    memset(header, 0, sizeof *header);
    if (left_after(data, offset) < 1)
        return false;
    octet = data.octets[offset];
    if (!(octet & 0x80))
        return false;
    header->new_format = octet & 0x40;
    header->tag = header->new_format ? octet & 0x3f : (octet >> 2) & 0xf;
    if (header->new_format)
        whole = openpgp_read_part(data, offset + 1, header);
    else
        whole = read_old_length(data, offset + 1, octet & 3, header);
    if (whole)
        header->size = 1 + header->length_size;
    return true;
}

unsigned
openpgp_join_parts(openpgp_data_t data, unsigned offset, openpgp_header_t header, uint8_t *buffer, unsigned *end, bool *cut)
{
    unsigned total = 0;
    unsigned length;
    bool more = true;

    *cut = false;
    do {
        length = MIN(header.length, left_after(data, offset));
        if (buffer && length > 0)
            memcpy(buffer + total, data.octets + offset, length);
        total += length;
        offset += length;
        if (length < header.length)
            *cut = true;
        if (*cut || !header.partial)
            more = false;
        else if (!openpgp_read_part(data, offset, &header))
            *cut = true;
        else
            offset += header.length_size;
    } while (more && !*cut);
    *end = offset;
    return total;
}

/* Recognition of binary packets */

static bool
is_start_of_block(uint8_t tag)
{
    return (openpgp_is_of_message(tag) && tag != OPENPGP_TAG_MDC) || openpgp_is_key(tag) || tag == OPENPGP_TAG_SIGNATURE ||
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

bool
openpgp_is_binary(openpgp_data_t data, bool more_to_come)
{
    openpgp_header_t header;
    uint64_t end;

    if (!openpgp_read_header(data, 0, &header) || header.size == 0 || !is_start_of_block(header.tag))
        return false;
    if (data.captured <= header.size || header.length == 0)
        return false;
    if (!is_first_octet(header.tag, data.octets[header.size]))
        return false;
    end = (uint64_t)header.size + header.length;
    if (header.partial || end == data.reported)
        return true;
    if (end > data.reported)
        return more_to_come;
    if (openpgp_is_key(header.tag) || header.tag == OPENPGP_TAG_SIGNATURE)
        return true;
    return end >= data.captured || openpgp_read_header(data, (unsigned)end, &header);
}

/* Compressed data */

uint32_t
openpgp_inflate_limit(unsigned captured)
{
    uint64_t limit = INFLATED_LEAST + (uint64_t)INFLATED_PER_OCTET * captured;

    return (uint32_t)MIN(limit, INFLATED_MOST);
}

/* Inflates into a buffer that doubles up to limit. */
static unsigned
inflate_bounded(wmem_allocator_t *pool, z_stream *stream, unsigned limit, uint8_t **out, bool *whole)
{
    unsigned size = MIN(CLAMP(stream->avail_in, INFLATE_LEAST, INFLATE_FIRST), limit);
    int result;

    *out = (uint8_t *)wmem_alloc(pool, size);
    for (;;) {
        stream->next_out = *out + stream->total_out;
        stream->avail_out = size - (unsigned)stream->total_out;
        result = inflate(stream, Z_NO_FLUSH);
        if (result != Z_OK || stream->avail_out > 0 || size == limit)
            break;
        size = size > limit / 2 ? limit : size * 2;
        *out = (uint8_t *)wmem_realloc(pool, *out, size);
    }
    *whole = result == Z_STREAM_END;
    return (unsigned)stream->total_out;
}

unsigned
openpgp_inflate(wmem_allocator_t *pool, uint8_t algorithm, const uint8_t *in, unsigned in_length, uint32_t *left, uint8_t **out,
        bool *whole)
{
    z_stream stream;
    unsigned length;

    *whole = false;
    *out = NULL;
    memset(&stream, 0, sizeof stream);
    if (*left == 0 || inflateInit2(&stream, algorithm == OPENPGP_COMPRESSION_ZIP ? -MAX_WBITS : MAX_WBITS) != Z_OK)
        return 0;
    stream.next_in = (Bytef *)in;
    stream.avail_in = in_length;
    length = inflate_bounded(pool, &stream, *left, out, whole);
    inflateEnd(&stream);
    *left -= length;
    return length;
}

/* Parsing: bodies */

static void parse_packets(parser_t *parser, openpgp_data_t data);

static openpgp_key_t *
key_at(const parser_t *parser, int position)
{
    return (openpgp_key_t *)wmem_array_index(parser->summary->keys, position);
}

static void
parse_key(parser_t *parser, uint8_t tag, openpgp_data_t body, bool cut)
{
    const openpgp_key_t *key = openpgp_read_key(parser->pool, tag, body, cut);

    if (!key)
        return;
    wmem_array_append(parser->summary->keys, key, 1);
    parser->key = (int)wmem_array_get_count(parser->summary->keys) - 1;
    if (!key->subkey) {
        parser->primary = parser->key;
        parser->summary->primary_keys++;
    }
}

static void
parse_user_id(const parser_t *parser, openpgp_data_t body)
{
    openpgp_key_t *key = parser->primary >= 0 ? key_at(parser, parser->primary) : NULL;

    if (key && !key->userid)
        key->userid = text_shown(parser->pool, (const char *)body.octets, body.captured, TEXT_LINE, NULL);
}

static void
parse_nested(parser_t *parser, openpgp_data_t data)
{
    parser_t inner = *parser;

    inner.nesting++;
    inner.primary = inner.key = -1;
    parse_packets(&inner, data);
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
    } else if (algorithm == OPENPGP_COMPRESSION_ZIP || algorithm == OPENPGP_COMPRESSION_ZLIB) {
        length = openpgp_inflate(parser->pool, algorithm, body.octets + 1, body.captured - 1, &parser->left, &out, &whole);
        if (length > 0)
            parse_nested(parser, (openpgp_data_t){ out, length, length });
    }
}

static bool
is_of_interest(uint8_t tag)
{
    return openpgp_is_key(tag) || openpgp_is_subkey(tag) || tag == OPENPGP_TAG_USER_ID || tag == OPENPGP_TAG_COMPRESSED;
}

static void
parse_body(parser_t *parser, uint8_t tag, openpgp_data_t body, bool cut)
{
    if (tag == OPENPGP_TAG_USER_ID)
        parse_user_id(parser, body);
    else if (tag == OPENPGP_TAG_COMPRESSED)
        parse_compressed(parser, body);
    else
        parse_key(parser, tag, body, cut);
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

    if (is_of_interest(header->tag)) {
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

    if (is_of_interest(header->tag))
        parse_body(parser, header->tag, part_of(data, offset, length), header->length > data.captured - offset);
    return offset + length;
}

static void
parse_packets(parser_t *parser, openpgp_data_t data)
{
    unsigned offset = 0;
    openpgp_header_t header;

    while (offset < data.captured && parser->summary->packets < OPENPGP_MAX_PACKETS) {
        unsigned start = offset;

        if (!openpgp_read_header(data, offset, &header) || header.size == 0)
            return;
        classify(parser, header.tag);
        offset += header.size;
        offset = header.partial ? parse_parts(parser, data, offset, &header) : parse_whole(parser, data, offset, &header);
        note_span(parser, data, header.tag, start, offset);
    }
}

static void
parse_block(parser_t *parser, openpgp_data_t data)
{
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
        } else {
            openpgp_armor_read(parser->pool, &text, &block, &armored);
            parse_block(parser, (openpgp_data_t){ armored.octets, armored.length, armored.length });
            offset = armored.end;
        }
    }
}

const openpgp_summary_t *
openpgp_parse(wmem_allocator_t *pool, openpgp_data_t data)
{
    openpgp_summary_t *summary = wmem_new0(pool, openpgp_summary_t);
    parser_t parser = { pool, summary, 0, openpgp_inflate_limit(data.captured), -1, -1 };

    summary->keys = wmem_array_new(pool, sizeof(openpgp_key_t));
    if (openpgp_is_binary(data, false))
        parse_block(&parser, data);
    else
        parse_armor(&parser, data);
    return summary;
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
