/* hkp-text.c
 * Pieces of a message; see hkp-text.h
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

#include "hkp-text.h"
#include "text.h"

bool
hkp_text_is(hkp_text_t text, const char *word)
{
    return text.length == (int)strlen(word) && !memcmp(text.start, word, text.length);
}

hkp_text_t
hkp_text_from(hkp_text_t text, int skip)
{
    return (hkp_text_t){ text.start + skip, text.length - skip, text.offset + skip };
}

static hkp_text_t
text_before(hkp_text_t text, int length)
{
    return (hkp_text_t){ text.start, length, text.offset };
}

bool
hkp_text_take(hkp_text_t *text, const char *prefix)
{
    int n = (int)strlen(prefix);

    if (text->length < n || memcmp(text->start, prefix, n) != 0)
        return false;
    *text = hkp_text_from(*text, n);
    return true;
}

int
hkp_text_find(hkp_text_t text, char c)
{
    const char *found = text.length > 0 ? (const char *)memchr(text.start, c, text.length) : NULL;

    return found ? (int)(found - text.start) : -1;
}

hkp_text_t
hkp_text_next(hkp_text_t *text, char c)
{
    int n = hkp_text_find(*text, c);
    hkp_text_t part = text_before(*text, n < 0 ? text->length : n);

    *text = hkp_text_from(*text, n < 0 ? text->length : n + 1);
    return part;
}

/* What comes before the first sign that stands for another. */
static int
plain_length(hkp_text_t text, bool plus_is_space)
{
    const char *plus = plus_is_space ? memchr(text.start, '+', text.length) : NULL;
    int length = plus ? (int)(plus - text.start) : text.length;
    const char *percent = memchr(text.start, '%', length);

    return percent ? (int)(percent - text.start) : length;
}

char *
hkp_percent_decode(wmem_allocator_t *pool, hkp_text_t text, bool plus_is_space, int *length, bool *bad)
{
    char *out = (char *)wmem_alloc(pool, text.length + 1);
    int n = text.length > 0 ? plain_length(text, plus_is_space) : 0;

    if (n > 0)
        memcpy(out, text.start, n);
    for (int i = n; i < text.length; i++) {
        char c = text.start[i];

        if (c == '%' && i + 2 < text.length && g_ascii_isxdigit(text.start[i + 1]) && g_ascii_isxdigit(text.start[i + 2])) {
            c = (char)(g_ascii_xdigit_value(text.start[i + 1]) * 16 + g_ascii_xdigit_value(text.start[i + 2]));
            i += 2;
        } else if (c == '%' && i + 1 < text.length && text.start[i + 1] == '%') {
            i++;
        } else if (c == '%') {
            *bad = true;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[n++] = c;
    }
    out[n] = '\0';
    *length = n;
    return out;
}

const char *
hkp_decoded(wmem_allocator_t *pool, hkp_text_t text, bool plus_is_space, bool *bad)
{
    int length;
    char *bytes;

    if (!plus_is_space && hkp_text_find(text, '%') < 0)
        return text_shown(pool, text.start, (size_t)text.length, TEXT_LINE, bad);
    bytes = hkp_percent_decode(pool, text, plus_is_space, &length, bad);
    return text_shown(pool, bytes, (size_t)length, TEXT_LINE, bad);
}

const char *
hkp_shown(wmem_allocator_t *pool, hkp_text_t text)
{
    return text_shown(pool, text.start, (size_t)text.length, TEXT_LINE, NULL);
}

const char *
hkp_shortened(wmem_allocator_t *pool, const char *text, size_t limit)
{
    size_t length = strlen(text);
    const char *end = text;

    if (length <= limit)
        return text;
    while ((size_t)(g_utf8_next_char(end) - text) <= limit)
        end = g_utf8_next_char(end);
    return wmem_strdup_printf(pool, "%.*s" UTF8_HORIZONTAL_ELLIPSIS, (int)(end - text), text);
}

bool
hkp_is_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isxdigit(text[i]))
            return false;
    }
    return length > 0;
}

char *
hkp_upper_case(wmem_allocator_t *pool, const char *text)
{
    char *upper = wmem_strdup(pool, text);

    for (char *c = upper; *c; c++)
        *c = g_ascii_toupper(*c);
    return upper;
}

hkp_text_t
hkp_text_of(tvbuff_t *tvb)
{
    int length = (int)tvb_captured_length(tvb);

    return (hkp_text_t){ (const char *)tvb_get_ptr(tvb, 0, length), length, 0 };
}
