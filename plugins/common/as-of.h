/* as-of.h
 * A value that changes with the frames of a capture, looked up as of any of them
 *
 * A history is a wmem_array_t of a struct whose first member is uint32_t frame: the frame that made the entry.
 * Frames ascend, because the first pass over the packets writes it and later passes only read. Looking up takes
 * log2(entries) steps.
 * Ownership and lifetime: the array's own; what is returned is valid until the next as_of_put(). Bounds: the caller's,
 * an entry takes at most twice its size. Errors: where no entry is early enough, and of a history that is NULL, NULL.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_AS_OF_H
#define GAPFILL_AS_OF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <wsutil/wmem/wmem.h>

/* How many entries frames before this one have made. Of "up to and including frame N", ask for N + 1. */
static inline unsigned
as_of_count(wmem_array_t *history, uint32_t frame)
{
    unsigned low = 0, high = history ? wmem_array_get_count(history) : 0;

    /* On the first pass all of them have been made before. */
    if (high && *(const uint32_t *)wmem_array_index(history, high - 1) < frame)
        return high;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (*(const uint32_t *)wmem_array_index(history, middle) < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The latest entry that a frame before this one has made. */
static inline const void *
as_of(wmem_array_t *history, uint32_t frame)
{
    unsigned count = as_of_count(history, frame);

    return count ? wmem_array_index(history, count - 1) : NULL;
}

static inline const void *
as_of_latest(wmem_array_t *history)
{
    unsigned count = history ? wmem_array_get_count(history) : 0;

    return count ? wmem_array_index(history, count - 1) : NULL;
}

/* Adds an entry of that size, or takes the place of the one that its frame has made already. True if one was added. */
static inline bool
as_of_put(wmem_array_t *history, const void *entry, size_t size)
{
    unsigned count = wmem_array_get_count(history);
    void *last = count ? wmem_array_index(history, count - 1) : NULL;

    if (last && *(const uint32_t *)last == *(const uint32_t *)entry) {
        memcpy(last, entry, size);
        return false;
    }
    wmem_array_append(history, entry, 1);
    return true;
}

#endif /* GAPFILL_AS_OF_H */
