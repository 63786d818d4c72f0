/* ftp-number.h
 * Decimal numbers in lines of FTP
 *
 * Text is not terminated: at or text is its beginning, end or length its end.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_NUMBER_H
#define GAPFILL_FTP_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Reads decimal digits, at most 19 of them, so that nothing overflows: where they end, or NULL if there is no number. */
static inline const char *
ftp_read_number(const char *at, const char *end, uint64_t *number)
{
    const char *start = at;

    *number = 0;
    while (at < end && g_ascii_isdigit(*at) && at - start < 19)
        *number = *number * 10 + (uint64_t)(*at++ - '0');
    return at > start && (at == end || !g_ascii_isdigit(*at)) ? at : NULL;
}

/* The number that the text begins with, after blanks. */
static inline bool
ftp_parse_number(const char *text, size_t length, uint64_t *number)
{
    const char *end = text + length;

    while (text < end && *text == ' ')
        text++;
    return ftp_read_number(text, end, number) != NULL;
}

/* Where the next number may begin. */
static inline const char *
ftp_next_number(const char *at, const char *end)
{
    while (at < end && g_ascii_isdigit(*at))
        at++;
    while (at < end && !g_ascii_isdigit(*at))
        at++;
    return at;
}

static inline const char *
ftp_first_number(const char *at, const char *end)
{
    while (at < end && !g_ascii_isdigit(*at))
        at++;
    return at;
}

#endif /* GAPFILL_FTP_NUMBER_H */
