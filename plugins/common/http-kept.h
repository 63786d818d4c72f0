/* http-kept.h
 * Messages that are kept of a frame, for the passes after the first
 *
 * A list for each frame, in a map by frame number: unlike Wireshark's own data of frames, an entry can be removed when another
 * frame shows that nobody wants it, and leaves nothing behind.
 *
 * A message that may still become interesting is not kept yet, and comes later to the place in the list that its order gives it.
 * Exchanges (http.h) are made here, too.
 *
 * Ownership: items are their maker's, who puts http_kept_t first in them, and removes an item before freeing it. Map and items
 * are in file scope. Written on the first pass only. No errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_KEPT_H
#define GAPFILL_HTTP_KEPT_H

#include <stdint.h>

#include <wsutil/wmem/wmem.h>

#include "http.h"

typedef struct http_kept {
    struct http_kept *next;         /* NULL: the last one */
    struct http_kept *previous;     /* of the first one: the last */
    uint32_t          frame;        /* 0: not kept */
    uint32_t          order;        /* of the message in the file, the maker's */
} http_kept_t;

/* A file is opened. */
void http_kept_init(void);

http_exchange_t *http_exchange_new(void);
void http_exchange_free(http_exchange_t *exchange);

/* Emptied with every file. */
wmem_map_t *http_kept_new(void);

/* The number of the next message of the file. */
uint32_t http_kept_next_order(void);

/* In its place in the frame's list; nothing happens to one that is kept. */
void http_kept_add(wmem_map_t *map, http_kept_t *item, uint32_t frame);

/* Nothing happens to one that is not kept. */
void http_kept_remove(wmem_map_t *map, http_kept_t *item);

/* NULL: none. */
http_kept_t *http_kept_first(const wmem_map_t *map, uint32_t frame);

#endif /* GAPFILL_HTTP_KEPT_H */
