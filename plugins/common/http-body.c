/* http-body.c
 * Lines, fields and chunks of HTTP/1, and what observers ask of a message; see http-body.h and http.h
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

#include <epan/packet.h>

#include "http-body.h"
#include "compat.h"

/* --- Lines --- */

const char *
http_line_value(const http_line_t *line, const char *name, int *length)
{
    int n = (int)strlen(name);
    const char *value, *end = line->text + line->length;

    if (line->length <= n || line->text[n] != ':' || !http_is_name(line->text, name, n))
        return NULL;
    for (value = line->text + n + 1; value < end && (*value == ' ' || *value == '\t'); value++)
        ;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *length = (int)(end - value);
    return value;
}

/* --- Chunks --- */

/* Size from a chunk's first line; -1 if it is none. */
static int64_t
chunk_size(const http_line_t *line)
{
    int64_t size = 0;
    int i;

    for (i = 0; i < line->length && g_ascii_isxdigit(line->text[i]); i++) {
        size = size * 16 + g_ascii_xdigit_value(line->text[i]);
        if (size > INT_MAX)
            return -1;
    }
    while (i < line->length && (line->text[i] == ' ' || line->text[i] == '\t'))
        i++;
    return i > 0 && (i == line->length || line->text[i] == ';') ? size : -1;
}

/* Wireshark may take the empty line that ends them for the beginning of the next message. */
static int
skip_trailers(const uint8_t *bytes, int offset, int end)
{
    http_line_t line;

    while (http_next_line(bytes, offset, end, &line)) {
        offset = line.next;
        if (line.length == 0)
            break;
    }
    return offset;
}

int
http_walk_chunks(const uint8_t *bytes, int offset, int end, wmem_array_t *out)
{
    http_line_t line;

    while (http_next_line(bytes, offset, end, &line)) {
        int64_t size = chunk_size(&line);

        if (size < 0)
            return -1;
        if (size == 0)
            return skip_trailers(bytes, line.next, end);
        if (size > end - line.next)
            return -1;
        if (out)
            wmem_array_append(out, bytes + line.next, (unsigned)size);
        if (!http_next_line(bytes, line.next + (int)size, end, &line) || line.length != 0)
            return -1;
        offset = line.next;
    }
    return -1;
}

/* --- For the observers --- */

bool
http_glance_is_type(const http_glance_t *glance, const char *type)
{
    size_t length = strlen(type);

    return glance->type && glance->type_length >= length && http_is_name(glance->type, type, (int)length)
        && (glance->type_length == length || (glance->type[length] && strchr("; \t", glance->type[length])));
}

int
http_message_length(const http_message_t *message)
{
    int64_t length = (int64_t)message->head_length + message->body_length;

    return (int)MIN(length, tvb_captured_length_remaining(message->tvb, message->offset));
}

void
http_message_copy_request(http_message_t *message, const char *line, int method_length)
{
    char *copy = (char *)wmem_alloc(message->pinfo->pool, (size_t)(method_length + message->target_length) + 2);

    memcpy(copy, line, (size_t)(method_length + 1 + message->target_length));
    copy[method_length] = '\0';
    copy[method_length + 1 + message->target_length] = '\0';
    message->method = copy;
    message->target = copy + method_length + 1;
}

/* Where the lines of the head begin, as far as there is room for them. */
static void
find_lines(const http_message_t *message, const uint8_t *head)
{
    http_lines_t *lines = message->lines;
    http_line_t line;
    int offset = 0;

    while (lines->count < HTTP_LINES && http_next_line(head, offset, message->head_length, &line)) {
        lines->start[lines->count++] = offset;
        offset = line.next;
    }
}

/* Whether the name of the field in the line at offset may be this one. */
static bool
may_be_field(const http_message_t *message, const uint8_t *head, int offset, const char *name, int length)
{
    return ((head[offset] ^ (uint8_t)name[0]) & 0xdf) == 0 && length < message->head_length - offset
        && head[offset + length] == ':';
}

/* The first line at or behind offset that may be that of the field; -1: none. */
static int
find_field(const http_message_t *message, const uint8_t *head, const char *name, int offset)
{
    const http_lines_t *lines = message->lines;
    int length = (int)strlen(name);
    http_line_t line;

    for (unsigned i = 0; i < lines->count; i++) {
        if (lines->start[i] >= offset && may_be_field(message, head, lines->start[i], name, length))
            return lines->start[i];
    }
    if (lines->count == HTTP_LINES)
        offset = MAX(offset, lines->start[HTTP_LINES - 1]);
    else
        return -1;
    for (; http_next_line(head, offset, message->head_length, &line); offset = line.next) {
        if (may_be_field(message, head, offset, name, length))
            return offset;
    }
    return -1;
}

char *
http_message_header(const http_message_t *message, const char *name)
{
    const uint8_t *head = tvb_get_ptr(message->tvb, message->offset, message->head_length);
    http_line_t line;
    int offset = 0;

    if (message->lines->count == 0)
        find_lines(message, head);
    while ((offset = find_field(message, head, name, offset)) >= 0 && http_next_line(head, offset, message->head_length, &line)) {
        int length;
        const char *value = http_line_value(&line, name, &length);

        if (value)
            return wmem_strndup(message->pinfo->pool, value, length);
        offset = line.next;
    }
    return NULL;
}

const char *
http_message_type(const http_message_t *message)
{
    http_lines_t *lines = message->lines;

    if (!lines->has_type) {
        lines->type = http_message_header(message, "Content-Type");
        lines->has_type = true;
    }
    return lines->type;
}

bool
http_is_data_source(const packet_info *pinfo, const tvbuff_t *tvb)
{
    for (const GSList *item = pinfo->data_src; item; item = item->next) {
        if (get_data_source_tvb((const struct data_source *)item->data) == tvb)
            return true;
    }
    return false;
}

/* Of the data sources of a frame so many are read to see whether they are a body. */
#define MAX_COMPARED 4

/* Wireshark may have made the same bytes: then items should point into its data source. */
static tvbuff_t *
as_data_source(const http_message_t *message, tvbuff_t *made, const char *name)
{
    unsigned length = tvb_captured_length(made);
    unsigned compared = 0;

    for (GSList *item = message->pinfo->data_src; item; item = item->next) {
        tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)item->data);

        if (tvb == message->tvb || tvb_captured_length(tvb) != length)
            continue;
        if (length == 0 || !memcmp(tvb_get_ptr(tvb, 0, length), tvb_get_ptr(made, 0, length), length))
            return tvb;
        if (++compared == MAX_COMPARED)
            break;
    }
    add_new_data_source(message->pinfo, made, name);
    return made;
}

static tvbuff_t *
undo_transfer_coding(const http_message_t *message, int offset)
{
    wmem_array_t *data = wmem_array_sized_new(message->pinfo->pool, 1, MAX(message->body_length, 1));

    http_walk_chunks(tvb_get_ptr(message->tvb, offset, message->body_length), 0, message->body_length, data);
    return tvb_new_child_real_data(message->tvb, (const uint8_t *)wmem_array_get_raw(data),
            wmem_array_get_count(data), (int)wmem_array_get_count(data));
}

/* Header and trailer of a gzip member. */
#define GZIP_LEAST 18

/* What deflate makes of an octet at most. */
#define DEFLATE_RATIO 1032

/*
 * What Wireshark has made of the same gzip member, of which RFC 1952 says at its end how long it is and what its CRC-32: to
 * compute that costs a fraction of inflating it once more.
 */
static tvbuff_t *
inflated_by_wireshark(const http_message_t *message, tvbuff_t *body)
{
    unsigned length = tvb_captured_length(body);
    unsigned compared = 0;

    if (length < GZIP_LEAST)
        return NULL;
    for (GSList *item = message->pinfo->data_src; item; item = item->next) {
        tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)item->data);
        unsigned size = tvb_captured_length(tvb);

        if (tvb == message->tvb || size == 0 || size != tvb_get_letohl(body, length - 4) || size / DEFLATE_RATIO > length)
            continue;
        if (crc32(0, tvb_get_ptr(tvb, 0, size), size) == tvb_get_letohl(body, length - 8))
            return tvb;
        if (++compared == MAX_COMPARED)
            break;
    }
    return NULL;
}

static tvbuff_t *
undo_content_coding(const http_message_t *message, tvbuff_t *body, const char *coding)
{
    int length = (int)tvb_captured_length(body);
    tvbuff_t *made;

    if (!g_ascii_strcasecmp(coding, "identity"))
        return body;
    if ((made = inflated_by_wireshark(message, body)))
        return made;
    if (!g_ascii_strcasecmp(coding, "br"))
        return tvb_child_uncompress_brotli(message->tvb, body, 0, length);
    if (!g_ascii_strcasecmp(coding, "gzip") || !g_ascii_strcasecmp(coding, "x-gzip")
            || !g_ascii_strcasecmp(coding, "deflate") || !g_ascii_strcasecmp(coding, "x-deflate"))
        return tvb_child_uncompress_zlib(message->tvb, body, 0, length);
    return NULL;
}

/* The body as sent, without transfer coding; NULL: there is none, or it cannot be had. */
static tvbuff_t *
sent_body(const http_message_t *message)
{
    int offset = message->offset + message->head_length;
    int length = MIN(message->body_length, tvb_captured_length_remaining(message->tvb, offset));

    if (message->payload)
        return message->payload;
    if (length <= 0 || (message->chunked && !message->complete))
        return NULL;
    return message->chunked ? undo_transfer_coding(message, offset)
        : tvb_new_subset_length(message->tvb, offset, message->body_length);
}

static tvbuff_t *
decode_body(const http_message_t *message)
{
    const char *coding = http_message_header(message, "Content-Encoding");
    tvbuff_t *body = sent_body(message), *decoded;

    if (!body)
        return NULL;
    decoded = coding && tvb_captured_length(body) > 0 ? undo_content_coding(message, body, coding) : body;
    if (!decoded)
        return NULL;
    if (http_is_data_source(message->pinfo, decoded))
        return decoded;
    return decoded != body || message->chunked || message->payload_is_new
        ? as_data_source(message, decoded, "Decoded HTTP body") : decoded;
}

tvbuff_t *
http_message_body(http_message_t *message)
{
    if (!message->body_decoded) {
        message->body = decode_body(message);
        message->body_decoded = true;
    }
    return message->body;
}

void
http_message_drop_body(http_message_t *message, unsigned sources)
{
    if (g_slist_length(message->pinfo->data_src) == sources)
        return;
    remove_last_data_source(message->pinfo);
    message->body = NULL;
    message->body_decoded = false;
}
