/* http-body.h
 * Lines, fields and chunks of HTTP/1; for the rooms of the HTTP hub. What observers ask of a message is in http.h
 *
 * Sources: RFC 9112 sections 2.2 (lines), 5 (fields) and 7.1 (chunked transfer coding); RFC 9110 section 8.4 (content codings).
 * Nothing is kept and nothing owned: what is returned points into the bytes that were given. Offsets and lengths are in bytes.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_BODY_H
#define GAPFILL_HTTP_BODY_H

#include <string.h>

#include "http.h"

typedef struct http_line {
    const char *text;
    int         length;         /* without the line end */
    int         next;           /* offset of the next line */
} http_line_t;

/* False: there is no line end before end. */
static inline bool
http_next_line(const uint8_t *bytes, int offset, int end, http_line_t *line)
{
    const uint8_t *newline = offset < end ? (const uint8_t *)memchr(bytes + offset, '\n', (size_t)(end - offset)) : NULL;

    if (!newline)
        return false;
    line->text = (const char *)bytes + offset;
    line->length = (int)(newline - (bytes + offset));
    line->next = offset + line->length + 1;
    if (line->length > 0 && line->text[line->length - 1] == '\r')
        line->length--;
    return true;
}

/* As g_ascii_strncasecmp() would find, at a third of its price: names of fields are compared for every message. */
static inline bool
http_is_name(const char *text, const char *name, int length)
{
    if (!memcmp(text, name, (size_t)length))
        return true;
    for (int i = 0; i < length; i++) {
        if (text[i] != name[i] && ((text[i] ^ name[i]) != 0x20 || !g_ascii_isalpha(name[i])))
            return false;
    }
    return true;
}

/* The value of "Name: value", trimmed, if the name is that one; else NULL. */
const char *http_line_value(const http_line_t *line, const char *name, int *length);

/* Fills in method and target of a request, whose line has a space between them; the length of the target is known. */
void http_message_copy_request(http_message_t *message, const char *line, int method_length);

/* Of a message that has not been looked at. */
static inline void
http_lines_begin(http_lines_t *lines)
{
    lines->count = 0;
    lines->has_type = false;
}

/*
 * Walks a chunked body; returns the offset behind it, -1 if it does not end, or is broken, before end.
 * The data is appended to out, if that is not NULL.
 */
int http_walk_chunks(const uint8_t *bytes, int offset, int end, wmem_array_t *out);

#endif /* GAPFILL_HTTP_BODY_H */
