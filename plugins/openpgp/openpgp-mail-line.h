/* openpgp-mail-line.h
 * Words of a line of SMTP, POP or IMAP
 *
 * Lengths are in octets; lines are not ended by a NUL, and words are found in any case. Nothing is kept, nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MAIL_LINE_H
#define GAPFILL_OPENPGP_MAIL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the line begins with that word. */
bool mail_is_word(const char *line, size_t length, const char *word);

/* Likewise with one of them; the last one is NULL. */
bool mail_is_any_word(const char *line, size_t length, const char *const *words);

/* Digits at text; *end is behind them. False: there are none, or too many. */
bool mail_read_count(const char *text, size_t length, uint64_t *count, size_t *end);

/* Where the last such text begins in the line; NULL: there is none. */
const char *mail_find_last(const char *line, size_t length, const char *what);

#endif /* GAPFILL_OPENPGP_MAIL_LINE_H */
