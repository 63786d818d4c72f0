/* mime.c
 * Mail and bodies like it, taken to pieces; see mime.h
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

#include <glib.h>

#include "mime.h"

/* The longest name of a field that is taken for one. */
#define NAME_MAX_LENGTH 80
/* RFC 2046 section 5.1.1 says 70. */
#define BOUNDARY_MAX    200
/* That a parameter is looked for in. */
#define MAX_PIECES      16

typedef struct reader {
    wmem_allocator_t *pool;
    wmem_array_t     *parts;
} reader_t;

static mime_octets_t
between(mime_octets_t all, unsigned start, unsigned end)
{
    return (mime_octets_t){ all.octets + start, end - start };
}

/* --- Lines and fields --- */

/* Where the line's text ends; *next is where the next line begins. */
static unsigned
line_end(mime_octets_t text, unsigned start, unsigned *next)
{
    const uint8_t *feed = start < text.length ? (const uint8_t *)memchr(text.octets + start, '\n', text.length - start) : NULL;
    unsigned end = feed ? (unsigned)(feed - text.octets) : text.length;

    *next = feed ? end + 1 : end;
    return feed && end > start && text.octets[end - 1] == '\r' ? end - 1 : end;
}

static bool
is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

/* Length of the name before a colon at start; 0: there is none. */
static unsigned
name_length(mime_octets_t text, unsigned start)
{
    unsigned i = start;

    while (i < text.length && i - start < NAME_MAX_LENGTH && text.octets[i] > ' ' && text.octets[i] < 0x7f && text.octets[i] != ':')
        i++;
    return i < text.length && text.octets[i] == ':' ? i - start : 0;
}

bool
mime_is_field(mime_octets_t octets)
{
    return name_length(octets, 0) > 0;
}

/* Where a field that begins at start ends: behind its last line. */
static unsigned
field_end(mime_octets_t head, unsigned start)
{
    unsigned next;

    line_end(head, start, &next);
    while (next < head.length && is_blank(head.octets[next]))
        line_end(head, next, &next);
    return next;
}

/* In one line: a line end before a blank is none. */
static const char *
unfold(wmem_allocator_t *pool, mime_octets_t value)
{
    char *line = (char *)wmem_alloc(pool, value.length + 1);
    unsigned length = 0;

    for (unsigned i = 0; i < value.length; i++) {
        char c = (char)value.octets[i];

        if (c != '\r' && c != '\n' && c != '\0')
            line[length++] = c;
    }
    line[length] = '\0';
    return g_strstrip(line);
}

const char *
mime_field(wmem_allocator_t *pool, mime_octets_t head, const char *name, unsigned *offset)
{
    size_t wanted = strlen(name);

    while (*offset < head.length) {
        unsigned start = *offset;
        unsigned length = name_length(head, start);

        *offset = field_end(head, start);
        if (length == wanted && !g_ascii_strncasecmp((const char *)head.octets + start, name, length))
            return unfold(pool, between(head, start + length + 1, *offset));
    }
    return NULL;
}

/* --- Parameters --- */

static const char *
skip_blanks(const char *text)
{
    while (is_blank((uint8_t)*text))
        text++;
    return text;
}

/* Behind a value, quoted or not. */
static const char *
value_end(const char *value)
{
    if (*value != '"')
        return value + strcspn(value, "; \t");
    for (value++; *value && *value != '"'; value++) {
        if (*value == '\\' && value[1])
            value++;
    }
    return *value ? value + 1 : value;
}

static const char *
unquote(wmem_allocator_t *pool, const char *value, const char *end)
{
    char *text = (char *)wmem_alloc(pool, (size_t)(end - value) + 1);
    char *to = text;
    bool quoted = *value == '"';

    for (value += quoted ? 1 : 0; value < end && !(quoted && *value == '"'); value++) {
        if (quoted && *value == '\\' && value + 1 < end)
            value++;
        *to++ = *value;
    }
    *to = '\0';
    return text;
}

/* The parameter at text has this name; *value is its value. */
static bool
is_parameter(const char *text, const char *name, const char **value)
{
    size_t length = strcspn(text, "=; \t");

    *value = skip_blanks(text + length);
    if (**value != '=')
        return false;
    *value = skip_blanks(*value + 1);
    return strlen(name) == length && !g_ascii_strncasecmp(text, name, length);
}

static const char *
whole_parameter(wmem_allocator_t *pool, const char *value, const char *name)
{
    const char *text = value + strcspn(value, ";");

    while (*text == ';') {
        const char *start = skip_blanks(text + 1);
        const char *of;

        if (is_parameter(start, name, &of))
            return unquote(pool, of, value_end(of));
        text = value_end(of);
        text += strcspn(text, ";");
    }
    return NULL;
}

static const char *
joined_parameter(wmem_allocator_t *pool, const char *value, const char *name)
{
    wmem_strbuf_t *joined = wmem_strbuf_new(pool, NULL);
    const char *piece = "";

    for (unsigned i = 0; piece && i < MAX_PIECES; i++) {
        piece = whole_parameter(pool, value, wmem_strdup_printf(pool, "%s*%u", name, i));
        if (piece)
            wmem_strbuf_append(joined, piece);
    }
    return wmem_strbuf_get_len(joined) > 0 ? wmem_strbuf_get_str(joined) : NULL;
}

const char *
mime_parameter(wmem_allocator_t *pool, const char *value, const char *name)
{
    const char *whole = whole_parameter(pool, value, name);

    return whole || !strchr(value, '*') ? whole : joined_parameter(pool, value, name);
}

/* --- Parts --- */

static mime_encoding_t
encoding_of(const reader_t *reader, mime_octets_t head)
{
    unsigned offset = 0;
    const char *value = mime_field(reader->pool, head, "Content-Transfer-Encoding", &offset);

    if (value && !g_ascii_strncasecmp(value, "base64", strlen("base64")))
        return MIME_BASE64;
    return value && !g_ascii_strncasecmp(value, "quoted-printable", strlen("quoted-printable")) ? MIME_QUOTED_PRINTABLE
        : MIME_IDENTITY;
}

static const char *
lower_case(wmem_allocator_t *pool, const char *text, size_t length)
{
    char *lower = wmem_strndup(pool, text, length);

    for (char *c = lower; *c; c++)
        *c = g_ascii_tolower(*c);
    return lower;
}

static const char *
type_of(const reader_t *reader, const char *content, const char *usual)
{
    size_t length = strcspn(content, "; \t(");

    return memchr(content, '/', length) ? lower_case(reader->pool, content, length) : usual;
}

/* Whether the line that begins at start is the boundary; *last: after it there are no more parts. */
static bool
is_boundary(mime_octets_t body, unsigned start, unsigned end, const char *boundary, unsigned length, bool *last)
{
    const char *line = (const char *)body.octets + start;

    if (end - start < 2 + length || line[0] != '-' || line[1] != '-' || memcmp(line + 2, boundary, length) != 0)
        return false;
    start += 2 + length;
    *last = end - start >= 2 && body.octets[start] == '-' && body.octets[start + 1] == '-';
    start += *last ? 2 : 0;
    while (start < end && is_blank(body.octets[start]))
        start++;
    return start == end;
}

/* The next line from offset on, which begins a line, that begins with a dash; the length of all: there is none. */
static unsigned
find_dash(mime_octets_t body, unsigned offset)
{
    while (offset < body.length) {
        const uint8_t *dash = (const uint8_t *)memchr(body.octets + offset, '-', body.length - offset);
        unsigned at = dash ? (unsigned)(dash - body.octets) : body.length;

        if (!dash || at == 0 || body.octets[at - 1] == '\n')
            return at;
        offset = at + 1;
    }
    return body.length;
}

/* The next boundary from offset on: *start of its line, *next line. False: there is none. */
static bool
find_boundary(mime_octets_t body, unsigned offset, const char *boundary, unsigned *start, unsigned *next, bool *last)
{
    unsigned length = (unsigned)strlen(boundary);

    for (offset = find_dash(body, offset); offset < body.length; offset = find_dash(body, *next)) {
        unsigned end = line_end(body, offset, next);

        if (is_boundary(body, offset, end, boundary, length, last)) {
            *start = offset;
            return true;
        }
    }
    return false;
}

/* The line end before a boundary is a part of that. */
static unsigned
before_line_end(mime_octets_t body, unsigned start, unsigned end)
{
    if (end > start && body.octets[end - 1] == '\n')
        end--;
    if (end > start && body.octets[end - 1] == '\r')
        end--;
    return end;
}

typedef struct place {
    int         parent;
    unsigned    position;
    unsigned    nesting;
    const char *usual;          /* its type, if it says none */
} place_t;

static void read_part(reader_t *reader, mime_octets_t octets, place_t place);

static void
read_multipart(reader_t *reader, mime_octets_t body, const char *boundary, place_t place)
{
    unsigned start, next;
    bool last;

    if (!find_boundary(body, 0, boundary, &start, &next, &last))
        return;
    while (!last && next < body.length && wmem_array_get_count(reader->parts) < MIME_PARTS) {
        unsigned from = next;
        bool found = find_boundary(body, from, boundary, &start, &next, &last);

        read_part(reader, between(body, from, found ? before_line_end(body, from, start) : body.length), place);
        if (!found)
            return;
        place.position++;
    }
}

static void
read_inner(reader_t *reader, const mime_part_t *part, place_t place)
{
    const char *boundary;

    if (place.nesting >= MIME_NESTING)
        return;
    if (g_str_has_prefix(part->type, "multipart/")) {
        boundary = mime_parameter(reader->pool, part->content, "boundary");
        place.usual = strcmp(part->type, "multipart/digest") ? "text/plain" : "message/rfc822";
        if (boundary && *boundary && strlen(boundary) <= BOUNDARY_MAX)
            read_multipart(reader, part->body, boundary, place);
    } else if (!strcmp(part->type, "message/rfc822") && part->encoding == MIME_IDENTITY) {
        place.usual = "text/plain";
        read_part(reader, part->body, place);
    }
}

/* The fields end with an empty line; *body is where the body begins. */
static unsigned
head_end(mime_octets_t octets, unsigned *body)
{
    unsigned start = 0, next;

    while (start < octets.length) {
        if (line_end(octets, start, &next) == start) {
            *body = next;
            return start;
        }
        start = next;
    }
    *body = octets.length;
    return octets.length;
}

static void
read_part(reader_t *reader, mime_octets_t octets, place_t place)
{
    mime_part_t part = { .parent = place.parent, .position = place.position, .whole = octets };
    unsigned start, offset = 0;
    unsigned end = head_end(octets, &start);
    const char *content;

    part.head = between(octets, 0, end);
    part.body = between(octets, start, octets.length);
    content = mime_field(reader->pool, part.head, "Content-Type", &offset);
    part.content = content ? content : "";
    part.type = type_of(reader, part.content, place.usual);
    part.encoding = encoding_of(reader, part.head);
    wmem_array_append(reader->parts, &part, 1);
    read_inner(reader, &part, (place_t){ (int)wmem_array_get_count(reader->parts) - 1, 0, place.nesting + 1, NULL });
}

wmem_array_t *
mime_read(wmem_allocator_t *pool, mime_octets_t message)
{
    reader_t reader = { pool, wmem_array_new(pool, sizeof(mime_part_t)) };

    read_part(&reader, message, (place_t){ -1, 0, 0, "text/plain" });
    return reader.parts;
}

/* --- Encodings --- */

static int
base64_value(uint8_t c)
{
    if (g_ascii_isupper(c))
        return c - 'A';
    if (g_ascii_islower(c))
        return c - 'a' + 26;
    if (g_ascii_isdigit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* What is no digit is left out; behind padding, others begin anew. */
static unsigned
decode_base64(mime_octets_t body, uint8_t *out, unsigned most)
{
    unsigned length = 0, bits = 0, count = 0;

    for (unsigned i = 0; i < body.length && length < most; i++) {
        int value = base64_value(body.octets[i]);

        if (body.octets[i] == '=')
            count = 0;
        if (value < 0)
            continue;
        bits = bits << 6 | (unsigned)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[length++] = (uint8_t)(bits >> count);
        }
    }
    return length;
}

/* Behind an = at offset: what it stands for, or -1 for nothing; *offset moves behind it. */
static int
decode_escape(mime_octets_t body, unsigned *offset)
{
    unsigned i = *offset + 1;

    if (i + 1 < body.length && g_ascii_isxdigit(body.octets[i]) && g_ascii_isxdigit(body.octets[i + 1])) {
        *offset = i + 2;
        return g_ascii_xdigit_value(body.octets[i]) << 4 | g_ascii_xdigit_value(body.octets[i + 1]);
    }
    while (i < body.length && (is_blank(body.octets[i]) || body.octets[i] == '\r'))
        i++;
    if (i < body.length && body.octets[i] != '\n') {
        *offset += 1;
        return '=';
    }
    *offset = i + 1;
    return -1;
}

/* Blanks at the end of a line are not from the writer. */
static unsigned
drop_blanks(const uint8_t *out, unsigned length)
{
    while (length > 0 && is_blank(out[length - 1]))
        length--;
    return length;
}

static bool
is_line_end(mime_octets_t body, unsigned offset)
{
    if (body.octets[offset] == '\r' && offset + 1 < body.length)
        offset++;
    return body.octets[offset] == '\n';
}

static unsigned
decode_quoted(mime_octets_t body, uint8_t *out, unsigned most)
{
    unsigned length = 0, offset = 0, fixed = 0;

    while (offset < body.length && length < most) {
        int c;

        if (body.octets[offset] == '=') {
            c = decode_escape(body, &offset);
            if (c >= 0)
                out[length++] = (uint8_t)c;
            fixed = length;
            continue;
        }
        if (is_line_end(body, offset))
            length = fixed + drop_blanks(out + fixed, length - fixed);
        out[length++] = body.octets[offset++];
    }
    return length;
}

mime_octets_t
mime_decode(wmem_allocator_t *pool, mime_octets_t body, mime_encoding_t encoding, unsigned most)
{
    uint8_t *out;

    most = MIN(most, body.length);
    if (encoding == MIME_IDENTITY)
        return (mime_octets_t){ body.octets, most };
    out = (uint8_t *)wmem_alloc(pool, most + 1);
    return (mime_octets_t){ out, encoding == MIME_BASE64 ? decode_base64(body, out, most) : decode_quoted(body, out, most) };
}

mime_octets_t
mime_canonical(wmem_allocator_t *pool, mime_octets_t text)
{
    unsigned feeds = 0, length = 0;
    uint8_t *out;

    for (unsigned i = 0; i < text.length; i++)
        feeds += text.octets[i] == '\n' && (i == 0 || text.octets[i - 1] != '\r');
    if (feeds == 0)
        return text;
    out = (uint8_t *)wmem_alloc(pool, text.length + feeds);
    for (unsigned i = 0; i < text.length; i++) {
        if (text.octets[i] == '\n' && (i == 0 || text.octets[i - 1] != '\r'))
            out[length++] = '\r';
        out[length++] = text.octets[i];
    }
    return (mime_octets_t){ out, length };
}
