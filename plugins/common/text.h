/* text.h
 * Text from the network that may be shown: in the tree, in columns, in tables, in names of files
 *
 * Sources: RFC 3629 (UTF-8); Unicode Standard Annex #9, section 2 (the characters that turn the direction of writing).
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TEXT_H
#define GAPFILL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <wsutil/wmem/wmem.h>

typedef enum {
    TEXT_LINE,      /* one line: no control character may stand in it */
    TEXT_LINES      /* line ends (LF, CR LF) and tabs may */
} text_form_t;

/* Whether all octets are printable ASCII, blanks included. */
bool text_is_plain(const char *bytes, size_t length);

/*
 * The bytes as UTF-8 that may be shown. Written as \xNN, byte by byte, is what is not valid UTF-8, every control character
 * (C0, DEL, C1), the separators U+2028 and U+2029, and all that turn the direction of writing: U+061C, U+200E, U+200F,
 * U+202A to U+202E, U+2066 to U+2069. *altered (which may be NULL) is set to true if there was any, and else left alone.
 * length is in bytes; a NUL is a control character. The result is NUL-terminated and belongs to pool. Never fails.
 */
const char *text_shown(wmem_allocator_t *pool, const char *bytes, size_t length, text_form_t form, bool *altered);

/*
 * A line by somebody who may have known nothing of UTF-8: where it cannot be that, it is read as ISO 8859-1, a guess, which
 * *guessed (which may be NULL) tells. What has control characters, a character of UTF-8 beside others, or many letters beyond
 * ASCII side by side, is as with text_shown().
 */
const char *text_shown_old(wmem_allocator_t *pool, const char *bytes, size_t length, bool *altered, bool *guessed);

#endif /* GAPFILL_TEXT_H */
