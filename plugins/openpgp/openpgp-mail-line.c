/* openpgp-mail-line.c
 * Words of a line; see openpgp-mail-line.h
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

#include "openpgp-mail-line.h"

/* Digits of a count. */
#define COUNT_DIGITS    10

/* Spares a call for most of what is compared. */
static bool
may_begin(const char *text, const char *word)
{
    return (text[0] | 0x20) == (word[0] | 0x20);
}

bool
mail_is_word(const char *line, size_t length, const char *word)
{
    size_t size = strlen(word);

    return length >= size && may_begin(line, word) && !g_ascii_strncasecmp(line, word, size)
        && (length == size || g_ascii_isspace(line[size]));
}

bool
mail_is_any_word(const char *line, size_t length, const char *const *words)
{
    for (; *words; words++) {
        if (mail_is_word(line, length, *words))
            return true;
    }
    return false;
}

bool
mail_read_count(const char *text, size_t length, uint64_t *count, size_t *end)
{
    size_t i = 0;

    for (*count = 0; i < length && i < COUNT_DIGITS && g_ascii_isdigit(text[i]); i++)
        *count = *count * 10 + (uint64_t)(text[i] - '0');
    *end = i;
    return i > 0 && (i == length || !g_ascii_isdigit(text[i]));
}

const char *
mail_find_last(const char *line, size_t length, const char *what)
{
    size_t size = strlen(what);

    for (size_t i = length >= size ? length - size + 1 : 0; i > 0; i--) {
        if (may_begin(line + i - 1, what) && !g_ascii_strncasecmp(line + i - 1, what, size))
            return line + i - 1;
    }
    return NULL;
}
