/* text.c
 * Text from the network that may be shown; see text.h
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

#include <stdint.h>

#include <glib.h>

#include "text.h"

static bool
turns_direction(gunichar c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool
is_control(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* At text, of which length bytes are there. */
static bool
belongs_to_lines(const char *text, size_t length)
{
    return *text == '\n' || *text == '\t' || (*text == '\r' && length > 1 && text[1] == '\n');
}

/* Whether the character at text may; *size: its bytes, whether or not. */
static bool
may_be_shown(const char *text, size_t length, text_form_t form, unsigned *size)
{
    gunichar c = g_utf8_get_char_validated(text, (gssize)length);

    *size = 1;
    if (c == (gunichar)-1 || c == (gunichar)-2 || *text == '\0')
        return false;
    *size = (unsigned)g_utf8_skip[(uint8_t)*text];
    if (form == TEXT_LINES && belongs_to_lines(text, length))
        return true;
    return !is_control(c) && !turns_direction(c);
}

#define EACH_OF_EIGHT   UINT64_C(0x0101010101010101)

/* Whether none of eight octets is a control character, DEL or beyond ASCII: else the highest bit of one of them is set. */
static bool
are_plain(const char *bytes)
{
    uint64_t eight;

    memcpy(&eight, bytes, sizeof eight);
    return !(((eight - EACH_OF_EIGHT * ' ') | (eight + EACH_OF_EIGHT) | eight) & EACH_OF_EIGHT * 0x80);
}

bool
text_is_plain(const char *bytes, size_t length)
{
    size_t i = 0;

    while (length - i >= 8 && are_plain(bytes + i))
        i += 8;
    while (i < length && bytes[i] >= ' ' && bytes[i] < 0x7f)
        i++;
    return i == length;
}

const char *
text_shown(wmem_allocator_t *pool, const char *bytes, size_t length, text_form_t form, bool *altered)
{
    wmem_strbuf_t *out;
    char *plain_copy;

    if (text_is_plain(bytes, length)) {
        plain_copy = (char *)wmem_alloc(pool, length + 1);
        /* There may be no bytes at all, not even a place for them. */
        if (length > 0)
            memcpy(plain_copy, bytes, length);
        plain_copy[length] = '\0';
        return plain_copy;
    }
    out = wmem_strbuf_new(pool, NULL);
    for (size_t i = 0; i < length;) {
        unsigned size;
        bool plain = may_be_shown(bytes + i, length - i, form, &size);

        for (unsigned n = 0; n < size; n++) {
            if (plain)
                wmem_strbuf_append_c(out, bytes[i + n]);
            else
                wmem_strbuf_append_printf(out, "\\x%02x", (uint8_t)bytes[i + n]);
        }
        if (!plain && altered)
            *altered = true;
        i += size;
    }
    return wmem_strbuf_get_str(out);
}

/* In other scripts than Latin, whatever their encoding, more than so many letters beyond ASCII stand side by side. */
#define LATIN1_RUN      2

static bool
is_utf8(const char *bytes, size_t length)
{
    gunichar c = g_utf8_get_char_validated(bytes, (gssize)length);

    return c != (gunichar)-1 && c != (gunichar)-2;
}

/* Names with a letter here and there that is beyond ASCII. No character is one of UTF-8, and none would be a control character. */
static bool
may_be_latin1(const char *bytes, size_t length)
{
    unsigned run = 0;
    bool found = false, letter = false;

    for (size_t i = 0; i < length; i++) {
        uint8_t c = (uint8_t)bytes[i];

        letter |= g_ascii_isalpha(bytes[i]);
        run = c < 0x80 ? 0 : run + 1;
        found |= run > 0;
        if (is_control(c) || run > LATIN1_RUN || (run > 0 && is_utf8(bytes + i, length - i)))
            return false;
    }
    return found && letter;
}

const char *
text_shown_old(wmem_allocator_t *pool, const char *bytes, size_t length, bool *altered, bool *guessed)
{
    wmem_strbuf_t *out;

    if (!may_be_latin1(bytes, length))
        return text_shown(pool, bytes, length, TEXT_LINE, altered);
    out = wmem_strbuf_new(pool, NULL);
    for (size_t i = 0; i < length; i++)
        wmem_strbuf_append_unichar(out, (uint8_t)bytes[i]);
    if (guessed)
        *guessed = true;
    return wmem_strbuf_get_str(out);
}
