/* ftp-cover.h
 * Which bytes of a file are there: ranges that are added in any order, as clients that fetch it over several connections do
 *
 * Ownership: the caller's struct, zeroed to begin with; nothing else is kept. Positions are bytes of the file from 0.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_COVER_H
#define GAPFILL_FTP_COVER_H

#include <stdbool.h>
#include <stdint.h>

#define FTP_COVER_MAX 64    /* ranges with nothing in between; one more, and what is covered is not known any more */

typedef struct ftp_range {
    uint64_t begin;
    uint64_t end;
} ftp_range_t;

typedef struct ftp_cover {
    ftp_range_t ranges[FTP_COVER_MAX];  /* in order, and apart */
    unsigned    count;
    bool        is_lost;                /* there were too many */
} ftp_cover_t;

void ftp_cover_add(ftp_cover_t *cover, uint64_t begin, uint64_t end);

/* Whether all is there from 0 up to the end. */
bool ftp_cover_is_whole(const ftp_cover_t *cover, uint64_t end);

#endif /* GAPFILL_FTP_COVER_H */
