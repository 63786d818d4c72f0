/* http-kept.c
 * Messages that are kept of a frame; see http-kept.h
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

#include <epan/packet.h>

#include "http-kept.h"

wmem_map_t *
http_kept_new(void)
{
    return wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
}

http_kept_t *
http_kept_first(const wmem_map_t *map, uint32_t frame)
{
    return (http_kept_t *)wmem_map_lookup((wmem_map_t *)map, GUINT_TO_POINTER(frame));
}

void
http_kept_add(wmem_map_t *map, http_kept_t *item, uint32_t frame)
{
    http_kept_t *first = http_kept_first(map, frame);

    item->frame = frame;
    item->next = NULL;
    item->previous = first ? first->previous : item;
    if (first) {
        first->previous->next = item;
        first->previous = item;
    } else {
        wmem_map_insert(map, GUINT_TO_POINTER(frame), item);
    }
}

static void
remove_first(wmem_map_t *map, http_kept_t *first)
{
    if (first->next) {
        first->next->previous = first->previous;
        wmem_map_insert(map, GUINT_TO_POINTER(first->frame), first->next);
    } else {
        wmem_map_remove(map, GUINT_TO_POINTER(first->frame));
    }
}

void
http_kept_remove(wmem_map_t *map, http_kept_t *item)
{
    http_kept_t *first;

    if (item->frame == 0)
        return;
    first = http_kept_first(map, item->frame);
    if (item == first) {
        remove_first(map, first);
    } else {
        item->previous->next = item->next;
        (item->next ? item->next : first)->previous = item->previous;
    }
    item->frame = 0;
}
