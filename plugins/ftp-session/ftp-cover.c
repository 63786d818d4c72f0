/* ftp-cover.c
 * Which bytes of a file are there; see ftp-cover.h
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

#include "ftp-cover.h"

/* Puts the range where those from first up to before last are. */
static void
replace(ftp_cover_t *cover, unsigned first, unsigned last, ftp_range_t range)
{
    unsigned behind = cover->count - last;

    if (first == last && cover->count == FTP_COVER_MAX) {
        cover->is_lost = true;
        return;
    }
    memmove(&cover->ranges[first + 1], &cover->ranges[last], behind * sizeof range);
    cover->ranges[first] = range;
    cover->count = first + 1 + behind;
}

void
ftp_cover_add(ftp_cover_t *cover, uint64_t begin, uint64_t end)
{
    ftp_range_t range = { begin, end };
    unsigned first = 0;
    unsigned last;

    if (begin >= end)
        return;
    while (first < cover->count && cover->ranges[first].end < begin)
        first++;
    for (last = first; last < cover->count && cover->ranges[last].begin <= end; last++) {
        range.begin = MIN(range.begin, cover->ranges[last].begin);
        range.end = MAX(range.end, cover->ranges[last].end);
    }
    replace(cover, first, last, range);
}

bool
ftp_cover_is_whole(const ftp_cover_t *cover, uint64_t end)
{
    if (cover->is_lost)
        return false;
    return end == 0 || (cover->count == 1 && cover->ranges[0].begin == 0 && cover->ranges[0].end >= end);
}
