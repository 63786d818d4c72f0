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
#include "http-spare.h"

static http_spare_t spare_exchanges;
static uint32_t messages;       /* of the file, so far */

void
http_kept_init(void)
{
    http_spare_begin(&spare_exchanges, sizeof(http_exchange_t));
    messages = 0;
}

http_exchange_t *
http_exchange_new(void)
{
    return (http_exchange_t *)http_spare_take(&spare_exchanges);
}

void
http_exchange_free(http_exchange_t *exchange)
{
    http_spare_give_back(&spare_exchanges, exchange);
}

uint32_t
http_kept_next_order(void)
{
    return ++messages;
}

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

/* first: of the list; the item is older than all of it. */
static void
add_before_all(wmem_map_t *map, http_kept_t *item, http_kept_t *first)
{
    item->next = first;
    item->previous = first->previous;
    first->previous = item;
    wmem_map_insert(map, GUINT_TO_POINTER(item->frame), item);
}

static void
add_behind(http_kept_t *item, http_kept_t *before, http_kept_t *first)
{
    item->next = before->next;
    item->previous = before;
    (before->next ? before->next : first)->previous = item;
    before->next = item;
}

void
http_kept_add(wmem_map_t *map, http_kept_t *item, uint32_t frame)
{
    http_kept_t *first, *before;

    if (item->frame)
        return;
    item->frame = frame;
    first = http_kept_first(map, frame);
    if (!first) {
        item->next = NULL;
        item->previous = item;
        wmem_map_insert(map, GUINT_TO_POINTER(frame), item);
        return;
    }
    for (before = first->previous; before != first && before->order > item->order; before = before->previous)
        ;
    if (before->order > item->order)
        add_before_all(map, item, first);
    else
        add_behind(item, before, first);
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
