/* discard-coverage.c
 * Which bytes of one direction of a TCP connection have been seen; see discard-coverage.h
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
#include <epan/wmem_scopes.h>

#include "discard-coverage.h"

void
coverage_syn(coverage_t *coverage, uint32_t seq)
{
    if (coverage->started)
        return;
    coverage->started = true;
    coverage->from_syn = true;
    coverage->high_seq = seq + 1;
}

/* Sequence numbers wrap; positions do not. */
static int64_t
coverage_position(coverage_t *coverage, uint32_t seq)
{
    int64_t position;

    if (!coverage->started) {
        coverage->started = true;
        coverage->high_seq = seq;
    }
    position = coverage->high_position + (int32_t)(seq - coverage->high_seq);
    if (position > coverage->high_position) {
        coverage->high_position = position;
        coverage->high_seq = seq;
    }
    return position;
}

/* The first range that ends at or after the position. */
static unsigned
coverage_find(const coverage_t *coverage, int64_t position)
{
    unsigned low = 0;
    unsigned high = coverage->count;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (coverage->ranges[middle].end < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Ranges first to last - 1 give way to one. */
static void
coverage_replace(coverage_t *coverage, unsigned first, unsigned last, coverage_range_t range)
{
    if (first == last && coverage->count == coverage->size) {
        coverage->size = coverage->size ? coverage->size * 2 : 4;
        coverage->ranges = (coverage_range_t *)wmem_realloc(wmem_file_scope(), coverage->ranges,
                coverage->size * sizeof(coverage_range_t));
    }
    memmove(&coverage->ranges[first + 1], &coverage->ranges[last],
            (coverage->count - last) * sizeof(coverage_range_t));
    coverage->ranges[first] = range;
    coverage->count = coverage->count - (last - first) + 1;
}

static void
coverage_forget_oldest_gap(coverage_t *coverage)
{
    coverage_range_t both = { coverage->ranges[0].begin, coverage->ranges[1].end };

    coverage_replace(coverage, 0, 2, both);
}

uint64_t
coverage_add(coverage_t *coverage, uint32_t seq, uint32_t length)
{
    coverage_range_t range;
    uint64_t known = 0;
    unsigned first, last;

    range.begin = coverage_position(coverage, seq);
    range.end = range.begin + length;
    if (coverage->from_syn && range.begin < 0)
        range.begin = 0;
    if (range.begin >= range.end)
        return coverage->bytes;

    first = coverage_find(coverage, range.begin);
    for (last = first; last < coverage->count && coverage->ranges[last].begin <= range.end; last++) {
        known += coverage->ranges[last].end - coverage->ranges[last].begin;
        range.begin = MIN(range.begin, coverage->ranges[last].begin);
        range.end = MAX(range.end, coverage->ranges[last].end);
    }
    coverage_replace(coverage, first, last, range);
    coverage->bytes += (uint64_t)(range.end - range.begin) - known;
    if (coverage->count > COVERAGE_MAX_RANGES)
        coverage_forget_oldest_gap(coverage);
    return coverage->bytes;
}
