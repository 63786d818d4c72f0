/* openpgp-armor.c
 * OpenPGP's ASCII armor and cleartext signatures, wherever they stand in text
 *
 * Sources: RFC 9580 sections 6 (armor, checksum) and 7 (cleartext signature framework).
 *
 * Armor is found in plain text, in HTML (character references and <br> included) and in JSON strings (line ends
 * and slashes escaped). What is decoded goes into pinfo->pool as a data source. The text is read once, line by
 * line. Armor that breaks off is decoded as far as it goes, with expert information.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <epan/packet.h>
#include <epan/expert.h>
#include <wsutil/wsgcrypt.h>

#include "openpgp-int.h"
#include "ws_compat.h"

#define MAX_TYPE        40
#define CRC24_DIGITS    4

/* A line with more foreign characters than this is none of the armor's. */
#define MAX_FOREIGN     4

/* Characters of <br>, as far as one is looked for. */
#define MAX_BREAK       8

#define BEGIN           "-----BEGIN PGP "
#define END             "-----END PGP "
#define DASHES          "-----"
#define SIGNED_MESSAGE  "SIGNED MESSAGE"
#define SIGNATURE       "SIGNATURE"

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

/* All offsets are into the text. */
typedef struct {
    const char *text;
    unsigned    length;
    bool        json;           /* line ends are written \n */
} text_t;

typedef struct {
    unsigned start;
    unsigned end;               /* without white space and line end */
    unsigned next;
} line_t;

typedef struct {
    unsigned start;
    unsigned type;
    unsigned type_length;
    unsigned headers;
    unsigned body;
} block_t;

/* What stands between the headers and the end line. */
typedef struct {
    char    *digits;
    unsigned size;              /* allocated */
    unsigned count;
    char     crc[CRC24_DIGITS + 1];
    bool     has_crc;
    bool     has_end;
    unsigned foreign;
    unsigned end;
} data_t;

static bool
begins_with(const text_t *text, unsigned offset, const char *what)
{
    size_t length = strlen(what);

    return text->length - offset >= length && memcmp(text->text + offset, what, length) == 0;
}

/* Lines */

/* Length of <br>, with attributes or a slash as may be, and of the line end that follows it. */
static unsigned
break_at(const text_t *text, unsigned offset)
{
    const char *close;
    unsigned end;

    if (!begins_with(text, offset, "<br"))
        return 0;
    close = (const char *)memchr(text->text + offset, '>', MIN(text->length - offset, MAX_BREAK));
    if (!close)
        return 0;
    end = (unsigned)(close - text->text) + 1;
    if (begins_with(text, end, "\r\n"))
        end += 2;
    else if (begins_with(text, end, "\n"))
        end++;
    return end - offset;
}

/* Length of the line end at offset, 0: there is none. */
static unsigned
line_end_at(const text_t *text, unsigned offset)
{
    switch (text->text[offset]) {
    case '\n':
        return 1;
    case '\r':
        return offset + 1 < text->length && text->text[offset + 1] == '\n' ? 2 : 1;
    case '\\':
        if (!text->json)
            return 0;
        return begins_with(text, offset, "\\r\\n") ? 4 : begins_with(text, offset, "\\n") ? 2 : 0;
    case '<':
        return break_at(text, offset);
    default:
        return 0;
    }
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static line_t
line_at(const text_t *text, unsigned offset)
{
    line_t line = { offset, offset, text->length };
    unsigned size = 0;

    while (line.end < text->length && (size = line_end_at(text, line.end)) == 0)
        line.end++;
    line.next = line.end + size;
    while (line.end > line.start && is_blank(text->text[line.end - 1]))
        line.end--;
    while (line.start < line.end && is_blank(text->text[line.start]))
        line.start++;
    return line;
}

static bool
is_header(const text_t *text, line_t line)
{
    unsigned i;

    for (i = line.start; i < line.end; i++) {
        if (text->text[i] == ':')
            return i > line.start && (i + 1 == line.end || text->text[i + 1] == ' ');
        if (!g_ascii_isalnum(text->text[i]) && text->text[i] != '-')
            return false;
    }
    return false;
}

/* Radix 64 */

static bool
is_digit(char c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
}

/* A character, or an HTML reference to one; offset moves behind. */
static char
next_character(const text_t *text, unsigned end, unsigned *offset)
{
    unsigned i = *offset;
    unsigned value = 0;
    bool hex;

    if (text->text[i] != '&' || i + 3 >= end || text->text[i + 1] != '#') {
        *offset += 1;
        return text->text[i];
    }
    i += 2;
    hex = g_ascii_tolower(text->text[i]) == 'x';
    for (i += hex ? 1 : 0; i < end && g_ascii_isxdigit(text->text[i]) && value < 0x80; i++)
        value = value * (hex ? 16 : 10) + (unsigned)g_ascii_xdigit_value(text->text[i]);
    if (i < end && text->text[i] == ';' && value > 0 && value < 0x80) {
        *offset = i + 1;
        return (char)value;
    }
    *offset += 1;
    return '&';
}

/* Copies the digits of a line, which are never more than its characters. Returns how many; foreign: what else there was. */
static unsigned
copy_digits(const text_t *text, line_t line, char *digits, unsigned *foreign)
{
    unsigned count = 0;
    unsigned offset = line.start;

    *foreign = 0;
    while (offset < line.end && *foreign <= MAX_FOREIGN) {
        char c = next_character(text, line.end, &offset);

        if (is_digit(c))
            digits[count++] = c;
        else if (!(c == '\\' && text->json))
            *foreign += 1;
    }
    return count;
}

/* Whether the line can be the first one of data. */
static bool
is_data(const text_t *text, line_t line)
{
    unsigned offset = line.start;
    unsigned count = 0;

    while (offset < line.end && count < 16) {
        char c = next_character(text, line.end, &offset);

        if (!is_digit(c) && !(c == '\\' && text->json))
            return false;
        count++;
    }
    return count > 0;
}

/* Finding blocks */

static unsigned
find_begin(const text_t *text, unsigned offset)
{
    while (offset < text->length) {
        const char *dash = (const char *)memchr(text->text + offset, '-', text->length - offset);

        if (!dash)
            break;
        offset = (unsigned)(dash - text->text);
        if (begins_with(text, offset, BEGIN))
            return offset;
        offset++;
    }
    return text->length;
}

/* The type between BEGIN PGP and the dashes, which must end the line. Returns what follows, or 0. */
static unsigned
read_type(text_t *text, block_t *block)
{
    unsigned offset = block->type;
    unsigned end_size;

    while (offset < text->length && offset - block->type < MAX_TYPE &&
           (g_ascii_isupper(text->text[offset]) || g_ascii_isdigit(text->text[offset]) || strchr(" ,/", text->text[offset])) &&
           text->text[offset] != '\0')
        offset++;
    block->type_length = offset - block->type;
    if (block->type_length == 0 || !begins_with(text, offset, DASHES))
        return 0;
    offset += (unsigned)strlen(DASHES);
    text->json = begins_with(text, offset, "\\n") || begins_with(text, offset, "\\r\\n");
    /* No further than the first thing that is not blank, as one long line can have many such beginnings. */
    while (offset < text->length && is_blank(text->text[offset]))
        offset++;
    if (offset == text->length)
        return offset;
    end_size = line_end_at(text, offset);
    return end_size ? offset + end_size : 0;
}

static bool
is_type(const text_t *text, const block_t *block, const char *type)
{
    return block->type_length == strlen(type) && begins_with(text, block->type, type);
}

/*
 * The next block whose headers are followed by something that can be its content, or by nothing because the
 * text is cut. *offset moves to where looking on makes sense if it is not one.
 */
static bool
read_block(text_t *text, unsigned *offset, block_t *block)
{
    unsigned next;
    line_t line;

    block->start = *offset;
    block->type = *offset + (unsigned)strlen(BEGIN);
    *offset = block->type;
    next = read_type(text, block);
    if (next == 0)
        return false;
    block->headers = *offset = next;
    for (line = line_at(text, next); line.start < line.end && is_header(text, line); line = line_at(text, line.next))
        *offset = line.next;
    if (line.start == line.end && line.next < text->length)
        *offset = line.next;
    block->body = *offset;
    if (is_type(text, block, SIGNED_MESSAGE) || *offset >= text->length)
        return true;
    for (line = line_at(text, *offset); line.start == line.end && line.next < text->length; line = line_at(text, line.next))
        *offset = line.next;
    return line.start == line.end || is_data(text, line) || begins_with(text, line.start, END);
}

static bool
find_block(text_t *text, unsigned *offset, block_t *block)
{
    for (;;) {
        *offset = find_begin(text, *offset);
        if (*offset >= text->length)
            return false;
        if (read_block(text, offset, block))
            return true;
    }
}

static text_t
text_of(tvbuff_t *tvb)
{
    text_t text = { NULL, tvb_captured_length(tvb), false };

    if (text.length > 0)
        text.text = (const char *)tvb_get_ptr(tvb, 0, text.length);
    return text;
}

bool
openpgp_has_armor(tvbuff_t *tvb)
{
    text_t text = text_of(tvb);
    unsigned offset = 0;
    block_t block;

    return find_block(&text, &offset, &block);
}

bool
openpgp_armor_is_cut(tvbuff_t *tvb)
{
    text_t text = text_of(tvb);
    unsigned offset = 0;
    bool open = false;

    if (text.length < strlen(BEGIN))
        return text.length > 0 && memcmp(text.text, BEGIN, text.length) == 0;
    for (offset = find_begin(&text, 0); offset < text.length; offset++) {
        if (begins_with(&text, offset, BEGIN))
            open = true;
        else if (begins_with(&text, offset, END))
            open = false;
    }
    return open;
}

/* Reading a block */

/* Of whatever length: one that is not four digits is malformed. */
static bool
is_crc(const char *digits, unsigned count)
{
    return count > 1 && digits[0] == '=' && digits[1] != '=';
}

/* Room for more digits and a NUL. It grows with what is read, as many small blocks can stand in a large text. */
static void
make_room(packet_info *pinfo, data_t *data, unsigned more)
{
    unsigned needed = data->count + more + 1;

    if (needed <= data->size)
        return;
    data->size = MAX(needed, 2 * data->size);
    data->digits = (char *)wmem_realloc(pinfo->pool, data->digits, data->size);
}

/* Reads a line of data; false: this and what follows is none of the armor's. */
static bool
read_line(packet_info *pinfo, const text_t *text, line_t line, data_t *data)
{
    char *digits;
    unsigned foreign;
    unsigned count;

    make_room(pinfo, data, line.end - line.start);
    digits = data->digits + data->count;
    count = copy_digits(text, line, digits, &foreign);
    if (foreign > MAX_FOREIGN)
        return false;
    if (is_crc(digits, count)) {
        data->has_crc = true;
        if (count == 1 + CRC24_DIGITS)
            memcpy(data->crc, digits + 1, CRC24_DIGITS);
    } else if (data->count > 0 && digits[-1] == '=' && count > 0 && digits[0] != '=') {
        foreign++;      /* after the padding */
    } else {
        data->count += count;
    }
    data->foreign += foreign;
    return true;
}

static void
read_data(packet_info *pinfo, const text_t *text, unsigned offset, data_t *data)
{
    memset(data, 0, sizeof *data);
    make_room(pinfo, data, 0);
    while (offset < text->length) {
        line_t line = line_at(text, offset);

        if (begins_with(text, line.start, DASHES)) {
            data->has_end = begins_with(text, line.start, END);
            if (data->has_end)
                offset = line.next;
            break;
        }
        if ((data->has_crc && line.start < line.end) || !read_line(pinfo, text, line, data))
            break;
        offset = line.next;
    }
    data->end = offset;
    data->digits[data->count] = '\0';
}

static void
add_headers(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, const text_t *text, const block_t *block)
{
    line_t line;

    for (line = line_at(text, block->headers); line.start < line.end && line.start < block->body && is_header(text, line);
         line = line_at(text, line.next)) {
        if (!openpgp_has_room(context, tree))
            return;
        openpgp_add_text(context, tree, hf_header, tvb, line.start, line.end - line.start, NULL);
    }
}

static bool
decode_crc(const data_t *data, uint8_t *crc)
{
    char copy[CRC24_DIGITS + 1];
    size_t length;

    if (!data->crc[0])
        return false;
    memcpy(copy, data->crc, sizeof copy);
    g_base64_decode_inplace(copy, &length);
    memcpy(crc, copy, OPENPGP_CRC24_LENGTH);
    return length == OPENPGP_CRC24_LENGTH;
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
add_findings(openpgp_context_t *context, proto_item *item, const data_t *data, bool broken_crc)
{
    if (!data->has_end)
        expert_add_info(context->pinfo, item, &ei_no_end);
    if (data->foreign)
        expert_add_info(context->pinfo, item, &ei_foreign);
    if (broken_crc)
        expert_add_info(context->pinfo, item, &ei_broken);
}

static void
dissect_data(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb, const data_t *data,
        const char *type)
{
    size_t length = 0;
    bool has_crc;
    tvbuff_t *decoded;

    if (data->count > 1)
        g_base64_decode_inplace(data->digits, &length);
    has_crc = data->has_crc && decode_crc(data, (uint8_t *)data->digits + length);
    add_findings(context, item, data, data->has_crc && !has_crc);
    if (length == 0)
        return;
    decoded = openpgp_new_tvb(context, tvb, (const uint8_t *)data->digits, (unsigned)length + (has_crc ? OPENPGP_CRC24_LENGTH : 0),
        wmem_strdup_printf(context->pinfo->pool, "OpenPGP armor: %s", type), &tree);
    add_crc(context, tree, decoded, (unsigned)length, has_crc,
        data->has_crc ? PROTO_CHECKSUM_E_ILLEGAL : PROTO_CHECKSUM_E_NOT_PRESENT);
    openpgp_dissect_packets(context, tvb_new_subset_length(decoded, 0, (unsigned)length), tree);
}

/* Up to the signature, or whatever armor comes next. */
static unsigned
cleartext_end(const text_t *text, unsigned offset)
{
    while (offset < text->length) {
        line_t line = line_at(text, offset);

        if (begins_with(text, line.start, BEGIN) || begins_with(text, line.start, END))
            break;
        offset = line.next;
    }
    return offset;
}

static unsigned
dissect_cleartext(openpgp_context_t *context, proto_tree *tree, proto_item *item, tvbuff_t *tvb, const text_t *text,
        const block_t *block)
{
    unsigned end = cleartext_end(text, block->body);

    proto_tree_add_item(tree, hf_cleartext, tvb, block->body, end - block->body, ENC_UTF_8);
    if (!begins_with(text, end, BEGIN SIGNATURE DASHES))
        expert_add_info(context->pinfo, item, &ei_no_end);
    else
        context->message = true;
    return end;
}

/* Returns where it ends. */
static unsigned
dissect_block(openpgp_context_t *context, proto_tree *tree, tvbuff_t *tvb, const text_t *text, const block_t *block)
{
    const char *type = wmem_strndup(context->pinfo->pool, text->text + block->type, block->type_length);
    proto_item *item;
    proto_tree *armor_tree = proto_tree_add_subtree_format(tree, tvb, block->start, -1, ett_armor, &item, "ASCII armor: %s",
        type);
    data_t data;
    unsigned end;

    proto_tree_add_string(armor_tree, hf_type, tvb, block->type, block->type_length, type);
    add_headers(context, armor_tree, tvb, text, block);
    if (is_type(text, block, SIGNED_MESSAGE)) {
        end = dissect_cleartext(context, armor_tree, item, tvb, text, block);
        if (!context->message)
            context->summary->blocks++;
    } else {
        read_data(context->pinfo, text, block->body, &data);
        end = data.end;
        context->summary->blocks++;
        dissect_data(context, armor_tree, item, tvb, &data, type);
        openpgp_end_block(context);
    }
    proto_item_set_len(item, end - block->start);
    return end;
}

void
openpgp_dissect_armor(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree)
{
    text_t text = text_of(tvb);
    unsigned offset = 0;
    block_t block;

    while (find_block(&text, &offset, &block)) {
        if (context->summary->packets >= OPENPGP_MAX_PACKETS || !openpgp_has_room(context, tree))
            return;
        offset = dissect_block(context, tree, tvb, &text, &block);
    }
}

void
openpgp_register_armor(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_type, { "Type", "openpgp.armor.type", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
        { &hf_header, { "Header", "openpgp.armor.header", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
        { &hf_crc24, { "CRC-24", "openpgp.armor.crc24", FT_UINT24, BASE_HEX, NULL, 0x0, NULL, HFILL } },
        { &hf_crc24_status, { "CRC-24 Status", "openpgp.armor.crc24.status", FT_UINT8, BASE_NONE, VALS(proto_checksum_vals),
            0x0, NULL, HFILL } },
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
