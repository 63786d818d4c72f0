/* http-1-head.c
 * The head of a message of HTTP/1; see http-1-head.h
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

#include "http-1-head.h"
#include "http-body.h"

/* The longest methods in use have 17 characters. */
#define MAX_METHOD 32

/* --- Start lines, RFC 9112 sections 3 and 4 --- */

static bool
line_is_status(const http_line_t *line)
{
    const char *t = line->text;

    return line->length >= 12 && !memcmp(t, "HTTP/1.", 7) && g_ascii_isdigit(t[7]) && t[8] == ' '
        && g_ascii_isdigit(t[9]) && g_ascii_isdigit(t[10]) && g_ascii_isdigit(t[11])
        && (line->length == 12 || t[12] == ' ');
}

static bool
is_token_char(char c)
{
    return g_ascii_isalnum(c) || (c > ' ' && strchr("!#$%&'*+-.^_`|~", c));
}

static int
method_length(const http_line_t *line)
{
    int n = 0;

    while (n < line->length && is_token_char(line->text[n]))
        n++;
    return n > 0 && n < line->length && line->text[n] == ' ' ? n : 0;
}

/* The length of its method; 0: it is none. */
static int
request_method(const http_line_t *line)
{
    int method = method_length(line);
    bool ends_well = method && line->length >= method + 11 && !memcmp(line->text + line->length - 9, " HTTP/1.", 8)
        && g_ascii_isdigit(line->text[line->length - 1]);

    return ends_well ? method : 0;
}

/* "METHOD TARGET HTTP/1.1", or "HTTP/1.1 STATUS" */
static bool
read_start_line(const http_line_t *line, http1_head_t *head)
{
    int method;

    if (line->text[0] == 'H' && line_is_status(line)) {
        head->status = (uint16_t)((line->text[9] - '0') * 100 + (line->text[10] - '0') * 10 + line->text[11] - '0');
        return true;
    }
    method = request_method(line);
    if (method) {
        head->is_request = true;
        head->method_length = method;
        head->target_length = line->length - head->method_length - 1 - 9;
        head->head_method = method == 4 && !memcmp(line->text, "HEAD", 4);
        head->connect_method = method == 7 && !memcmp(line->text, "CONNECT", 7);
        return true;
    }
    return false;
}

/* --- Framing, RFC 9112 section 6 --- */

static void
read_content_length(const char *value, int length, http1_head_t *head)
{
    uint64_t n = 0;

    if (length < 1 || length > 18)
        return;
    for (int i = 0; i < length; i++) {
        if (!g_ascii_isdigit(value[i]))
            return;
        n = n * 10 + (value[i] - '0');
    }
    head->has_length = true;
    head->length = n;
}

#define CONTENT_FIELD_LEAST 12      /* Content-Type */
#define CONTENT_FIELD_TELLS 8       /* behind "Content-" */

/* head_text: where the head begins. */
static void
read_content_field(const http_line_t *line, const char *head_text, http1_head_t *head)
{
    const char *value;
    int length;

    switch (line->text[CONTENT_FIELD_TELLS] | 0x20) {
    case 'l':
        if (!head->has_length && (value = http_line_value(line, "Content-Length", &length)))
            read_content_length(value, length, head);
        break;
    case 't':
        if (!head->type && (value = http_line_value(line, "Content-Type", &length))) {
            head->type = (int)(value - head_text);
            head->type_length = length;
        }
        break;
    case 'e':
        head->coded = head->coded || http_line_value(line, "Content-Encoding", &length) != NULL;
        break;
    }
}

static void
read_transfer_coding(const http_line_t *line, http1_head_t *head)
{
    static const char chunked[] = "chunked";
    const int n = (int)sizeof chunked - 1;
    int length;
    const char *value = http_line_value(line, "Transfer-Encoding", &length);

    if (value)
        head->chunked = length >= n && g_ascii_strncasecmp(value + length - n, chunked, n) == 0;
}

static void
read_upgrade(const http_line_t *line, http1_head_t *head)
{
    int length;
    const char *value = http_line_value(line, "Upgrade", &length);

    if (value)
        head->h2c = length == 3 && g_ascii_strncasecmp(value, "h2c", 3) == 0;
}

/* All that is asked for of most messages, in one walk over their lines. */
static inline void
read_field(const http_line_t *line, const char *head_text, http1_head_t *head)
{
    if (line->length <= CONTENT_FIELD_LEAST && (line->length == 0 || (line->text[0] | 0x20) != 'u'))
        return;
    switch (line->text[0] | 0x20) {
    case 'c':
        if (line->text[CONTENT_FIELD_TELLS - 1] == '-')
            read_content_field(line, head_text, head);
        break;
    case 't':
        read_transfer_coding(line, head);
        break;
    case 'u':
        read_upgrade(line, head);
        break;
    }
}

bool
http1_read_head(const uint8_t *bytes, int offset, int end, http1_head_t *head)
{
    http_line_t line;
    int start = offset;

    memset(head, 0, sizeof *head);
    if (!http_next_line(bytes, offset, end, &line) || !read_start_line(&line, head))
        return false;
    offset = line.next;
    while (http_next_line(bytes, offset, end, &line)) {
        offset = line.next;
        if (line.length == 0) {
            head->complete = true;
            head->size = offset - start;
            return true;
        }
        read_field(&line, (const char *)bytes + start, head);
    }
    head->size = end - start;
    return true;
}

bool
http1_message_begins(const uint8_t *bytes, int offset, int end)
{
    http_line_t line;

    return http_next_line(bytes, offset, end, &line) && (line_is_status(&line) || request_method(&line));
}

bool
http1_may_become_start_line(const char *text, int length)
{
    int n = 0;

    while (n < length && (is_token_char(text[n]) || text[n] == '/'))
        n++;
    if (n == length)
        return n <= MAX_METHOD;
    if (n == 0 || n > MAX_METHOD || text[n] != ' ')
        return false;
    while (n < length && (g_ascii_isprint(text[n]) || (text[n] & 0x80)))
        n++;
    return n == length || (n == length - 1 && text[n] == '\r');
}
