/* openpgp-parse-armor.c
 * OpenPGP's ASCII armor; see openpgp-parse-armor.h
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

#include "openpgp-codes.h"
#include "openpgp-parse-armor.h"

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
#define HASH            "Hash:"

typedef struct {
    unsigned start;
    unsigned end;               /* without white space and line end */
    unsigned next;
} line_t;

/* What has been read of a block. */
typedef struct {
    char    *digits;
    unsigned size;              /* allocated */
    unsigned count;
    char     crc[CRC24_DIGITS + 1];
    bool     has_crc;
} digits_t;

static bool
begins_with(const openpgp_armor_text_t *text, unsigned offset, const char *what)
{
    size_t length = strlen(what);

    return text->length - offset >= length && memcmp(text->text + offset, what, length) == 0;
}

/* Lines */

/* Length of <br>, with attributes or a slash as may be, and of the line end that follows it. */
static unsigned
break_at(const openpgp_armor_text_t *text, unsigned offset)
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

/* A carriage return may stand alone, or be doubled where something has put another one before each line feed. */
static unsigned
returns_at(const openpgp_armor_text_t *text, unsigned offset)
{
    unsigned end = offset + 1;

    while (end < text->length && text->text[end] == '\r')
        end++;
    return end < text->length && text->text[end] == '\n' ? end + 1 - offset : 1;
}

/* Length of the line end at offset, 0: there is none. */
static unsigned
line_end_at(const openpgp_armor_text_t *text, unsigned offset)
{
    switch (text->text[offset]) {
    case '\n':
        return 1;
    case '\r':
        return returns_at(text, offset);
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
line_at(const openpgp_armor_text_t *text, unsigned offset)
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
is_header(const openpgp_armor_text_t *text, line_t line)
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
next_character(const openpgp_armor_text_t *text, unsigned end, unsigned *offset)
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
copy_digits(const openpgp_armor_text_t *text, line_t line, char *digits, unsigned *foreign)
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
is_data(const openpgp_armor_text_t *text, line_t line)
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
find_begin(const openpgp_armor_text_t *text, unsigned offset)
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
read_type(openpgp_armor_text_t *text, openpgp_armor_block_t *block)
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

#define MAX_MARKS 16

/* What mail programs and differences of files put before each line. */
static bool
is_mark(char c)
{
    return is_blank(c) || c == '>' || c == '|' || c == '+' || c == '-';
}

static bool
is_line_start(const openpgp_armor_text_t *text, unsigned offset)
{
    return offset == 0 || text->text[offset - 1] == '\n' || text->text[offset - 1] == '\r'
        || (text->json && offset > 1 && text->text[offset - 1] == 'n' && text->text[offset - 2] == '\\');
}

/* The same marks are before the next line: it is about armor, and digits would have a + among them. */
static bool
is_quoted(const openpgp_armor_text_t *text, unsigned start, unsigned next)
{
    unsigned from = start, end = start;

    while (from > 0 && start - from < MAX_MARKS && is_mark(text->text[from - 1]))
        from--;
    while (end > from && is_blank(text->text[end - 1]))
        end--;
    return end > from && is_line_start(text, from) && text->length - next >= end - from
        && !memcmp(text->text + from, text->text + next, end - from);
}

static bool
is_type(const openpgp_armor_text_t *text, const openpgp_armor_block_t *block, const char *type)
{
    return block->type_length == strlen(type) && begins_with(text, block->type, type);
}

/*
 * The next block whose headers are followed by something that can be its content, or by nothing because the
 * text is cut. *offset moves to where looking on makes sense if it is not one.
 */
static bool
read_block(openpgp_armor_text_t *text, unsigned *offset, openpgp_armor_block_t *block)
{
    unsigned next;
    line_t line;

    block->start = *offset;
    block->type = *offset + (unsigned)strlen(BEGIN);
    *offset = block->type;
    next = read_type(text, block);
    if (next == 0 || is_quoted(text, block->start, next))
        return false;
    block->headers = *offset = next;
    for (line = line_at(text, next); line.start < line.end && is_header(text, line); line = line_at(text, line.next))
        *offset = line.next;
    block->is_parted = line.start == line.end;
    if (block->is_parted && line.next < text->length)
        *offset = line.next;
    block->body = *offset;
    block->is_cleartext = is_type(text, block, SIGNED_MESSAGE);
    if (block->is_cleartext || *offset >= text->length)
        return true;
    for (line = line_at(text, *offset); line.start == line.end && line.next < text->length; line = line_at(text, line.next))
        *offset = line.next;
    return line.start == line.end || is_data(text, line) || begins_with(text, line.start, END);
}

bool
openpgp_armor_next(openpgp_armor_text_t *text, unsigned *offset, openpgp_armor_block_t *block)
{
    for (;;) {
        *offset = find_begin(text, *offset);
        if (*offset >= text->length)
            return false;
        if (read_block(text, offset, block))
            return true;
    }
}

openpgp_armor_text_t
openpgp_armor_text(openpgp_data_t data)
{
    openpgp_armor_text_t text = { (const char *)data.octets, data.captured, false };

    return text;
}

bool
openpgp_armor_is_cut(openpgp_data_t data)
{
    openpgp_armor_text_t text = openpgp_armor_text(data);
    unsigned offset;
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

bool
openpgp_armor_header(const openpgp_armor_text_t *text, const openpgp_armor_block_t *block, unsigned *offset, unsigned *start,
        unsigned *length)
{
    line_t line = line_at(text, *offset);

    if (line.start == line.end || line.start >= block->body || !is_header(text, line))
        return false;
    *start = line.start;
    *length = line.end - line.start;
    *offset = line.next;
    return true;
}

/* Where the next line of armor begins, or the end of the text. */
static unsigned
find_armor_line(const openpgp_armor_text_t *text, unsigned offset, bool indented)
{
    while (offset < text->length) {
        line_t line = line_at(text, offset);
        unsigned start = indented ? line.start : offset;

        if (begins_with(text, start, BEGIN) || begins_with(text, start, END))
            break;
        offset = line.next;
    }
    return offset;
}

/* No dash is escaped but at the beginning of a line: behind blanks it is of the text, save where the carrier has put them there. */
unsigned
openpgp_armor_cleartext_end(const openpgp_armor_text_t *text, const openpgp_armor_block_t *block)
{
    bool indented = block->start > 0 && text->text[block->start - 1] != '\n' && text->text[block->start - 1] != '\r';
    unsigned end = indented ? text->length : find_armor_line(text, block->body, false);

    return end < text->length ? end : find_armor_line(text, block->body, true);
}

bool
openpgp_armor_is_signed_text(const openpgp_armor_text_t *text, const openpgp_armor_block_t *block)
{
    unsigned offset = block->headers, start, length;

    while (openpgp_armor_header(text, block, &offset, &start, &length)) {
        if (!begins_with(text, start, HASH))
            return false;
    }
    return block->is_parted;
}

bool
openpgp_armor_is_signature(const openpgp_armor_text_t *text, unsigned offset)
{
    return begins_with(text, line_at(text, offset).start, BEGIN SIGNATURE DASHES);
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
make_room(wmem_allocator_t *pool, digits_t *digits, unsigned more)
{
    unsigned needed = digits->count + more + 1;

    if (needed <= digits->size)
        return;
    digits->size = MAX(needed, 2 * digits->size);
    digits->digits = (char *)wmem_realloc(pool, digits->digits, digits->size);
}

/* Reads a line of data; false: this and what follows is none of the armor's. */
static bool
read_line(wmem_allocator_t *pool, const openpgp_armor_text_t *text, line_t line, digits_t *read, unsigned *all_foreign)
{
    char *digits;
    unsigned foreign;
    unsigned count;

    make_room(pool, read, line.end - line.start);
    digits = read->digits + read->count;
    count = copy_digits(text, line, digits, &foreign);
    if (foreign > MAX_FOREIGN)
        return false;
    if (is_crc(digits, count)) {
        read->has_crc = true;
        if (count == 1 + CRC24_DIGITS)
            memcpy(read->crc, digits + 1, CRC24_DIGITS);
    } else if (read->count > 0 && digits[-1] == '=' && count > 0 && digits[0] != '=') {
        foreign++;      /* after the padding */
    } else {
        read->count += count;
    }
    *all_foreign += foreign;
    return true;
}

static void
read_lines(wmem_allocator_t *pool, const openpgp_armor_text_t *text, digits_t *digits, openpgp_armor_data_t *data)
{
    while (data->end < text->length) {
        line_t line = line_at(text, data->end);

        if (begins_with(text, line.start, DASHES)) {
            data->has_end = begins_with(text, line.start, END);
            if (data->has_end)
                data->end = line.next;
            break;
        }
        if ((digits->has_crc && line.start < line.end) || !read_line(pool, text, line, digits, &data->foreign))
            break;
        data->end = line.next;
    }
    digits->digits[digits->count] = '\0';
}

static bool
decode_crc(const digits_t *digits, uint8_t *crc)
{
    char copy[CRC24_DIGITS + 1];
    size_t length;

    if (!digits->crc[0])
        return false;
    memcpy(copy, digits->crc, sizeof copy);
    g_base64_decode_inplace(copy, &length);
    memcpy(crc, copy, OPENPGP_CRC24_LENGTH);
    return length == OPENPGP_CRC24_LENGTH;
}

void
openpgp_armor_read(wmem_allocator_t *pool, const openpgp_armor_text_t *text, const openpgp_armor_block_t *block,
        openpgp_armor_data_t *data)
{
    digits_t digits = { NULL, 0, 0, "", false };
    size_t length = 0;

    memset(data, 0, sizeof *data);
    data->end = block->body;
    make_room(pool, &digits, OPENPGP_CRC24_LENGTH);
    read_lines(pool, text, &digits, data);
    if (digits.count > 1)
        g_base64_decode_inplace(digits.digits, &length);
    data->octets = (const uint8_t *)digits.digits;
    data->length = (unsigned)length;
    data->has_crc = digits.has_crc && decode_crc(&digits, (uint8_t *)digits.digits + length);
    data->broken_crc = digits.has_crc && !data->has_crc;
}
