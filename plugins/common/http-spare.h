/* http-spare.h
 * Pieces of memory of one size that are soon given back, for the rooms of the HTTP hub
 *
 * Most messages are nobody's business, and what was kept until that was certain is used again for the next one: that costs a
 * tenth of the allocator's functions.
 *
 * Ownership: pieces are in file scope and their taker's until given back. A spare is one list for one size; begin it anew
 * whenever a file is opened. Written on the first pass only. No errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_SPARE_H
#define GAPFILL_HTTP_SPARE_H

#include <string.h>

#include <epan/wmem_scopes.h>

typedef struct http_spare {
    size_t  size;       /* of a piece; at least that of a pointer */
    void   *first;      /* each begins with a pointer to the next one */
} http_spare_t;

static inline void
http_spare_begin(http_spare_t *spare, size_t size)
{
    spare->size = size;
    spare->first = NULL;
}

/* Filled with zeros. */
static inline void *
http_spare_take(http_spare_t *spare)
{
    void *piece = spare->first;

    if (!piece)
        return wmem_alloc0(wmem_file_scope(), spare->size);
    memcpy(&spare->first, piece, sizeof spare->first);
    return memset(piece, 0, spare->size);
}

static inline void
http_spare_give_back(http_spare_t *spare, void *piece)
{
    memcpy(piece, &spare->first, sizeof spare->first);
    spare->first = piece;
}

#endif /* GAPFILL_HTTP_SPARE_H */
