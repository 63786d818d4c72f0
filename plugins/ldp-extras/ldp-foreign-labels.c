/* ldp-foreign-labels.c
 * Labels that others than LDP hand out; see ldp-foreign-labels.h
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
#include <wsutil/pint.h>

#include "ldp-capture.h"
#include "ldp-foreign-labels.h"
#include "compat.h"

#define LDP_MAX_FOREIGN     16      /* in one list */
#define LIST_ENTRY_BYTES    64      /* of the map */
#define FOREIGN_BLOCK_BITS  6
#define FOREIGN_RANGE       0x80000000

/* A router that handed out labels otherwise than by LDP. Single labels and ranges are in lists by label and by block. */
typedef struct foreign {
    uint32_t             frame;
    uint32_t             first;
    uint32_t             last;
    bool                 told;      /* by a protocol; else seen in use */
    address              router;
    struct foreign      *next;
} foreign_t;

bool ldp_any_label_is_foreign;

static wmem_map_t *lists;
static uint32_t seen_frame;     /* first packet of RSVP-TE, BGP or segment routing, or 0 */

void
ldp_foreign_reset(void)
{
    ldp_any_label_is_foreign = false;
    lists = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    seen_frame = 0;
}

void
ldp_foreign_seen(uint32_t frame)
{
    if (!seen_frame)
        seen_frame = frame;
}

bool
ldp_foreign_was_seen(uint32_t frame)
{
    return seen_frame && seen_frame < frame;
}

static bool
is_same(const foreign_t *one, const foreign_t *other)
{
    return one->first == other->first && one->last == other->last && one->told == other->told
            && addresses_equal(&one->router, &other->router);
}

static foreign_t *
keep(const foreign_t *foreign)
{
    foreign_t *kept = (foreign_t *)ldp_keep_copy(foreign, sizeof *foreign);

    ldp_keep_count(2 * (size_t)foreign->router.len);
    copy_address_wmem(wmem_file_scope(), &kept->router, &foreign->router);
    return kept;
}

static void
foreign_add(uint32_t key, const foreign_t *foreign)
{
    foreign_t *first = (foreign_t *)wmem_map_lookup(lists, GUINT_TO_POINTER(key));
    foreign_t **link = &first;
    unsigned length = 0;

    ldp_any_label_is_foreign = true;
    for (; *link; link = &(*link)->next, length++) {
        if (is_same(*link, foreign))
            return;
    }
    if (length == LDP_MAX_FOREIGN || ldp_capture_is_full(foreign->frame))
        return;
    *link = keep(foreign);
    if (length == 0) {
        ldp_keep_count(LIST_ENTRY_BYTES);
        wmem_map_insert(lists, GUINT_TO_POINTER(key), first);
    }
}

void
ldp_foreign_label(uint32_t label, const address *router, uint32_t frame)
{
    foreign_t foreign = { .frame = frame, .first = label, .last = label, .told = true };

    copy_address_shallow(&foreign.router, router);
    foreign_add(label, &foreign);
}

void
ldp_foreign_range(uint32_t first, uint32_t size, const address *router, uint32_t frame)
{
    foreign_t foreign = { .frame = frame, .first = first, .told = true };

    foreign.last = first + MIN(size, LDP_MAX_FOREIGN_RANGE) - 1;
    copy_address_shallow(&foreign.router, router);
    for (uint32_t block = first >> FOREIGN_BLOCK_BITS; size && block <= foreign.last >> FOREIGN_BLOCK_BITS; block++)
        foreign_add(FOREIGN_RANGE | block, &foreign);
}

static bool
is_address_of(const address *addr, const ldp_lsr_t *lsr, uint32_t frame)
{
    return (addr->type == AT_IPv4 && pntohu32(addr->data) == lsr->id) || ldp_lsr_by_address(lsr->network, addr, frame) == lsr;
}

/* lsr is NULL for any router that told so. A list that is full stands for everyone. */
static bool
foreign_find(uint32_t key, const ldp_lsr_t *lsr, uint32_t label, uint32_t frame)
{
    const foreign_t *foreign = (const foreign_t *)wmem_map_lookup(lists, GUINT_TO_POINTER(key));
    unsigned length = 0;

    for (; foreign && foreign->frame < frame; foreign = foreign->next, length++) {
        if (label < foreign->first || label > foreign->last)
            continue;
        if (lsr ? is_address_of(&foreign->router, lsr, frame) : foreign->told)
            return true;
    }
    return length == LDP_MAX_FOREIGN;
}

bool
ldp_label_is_foreign(uint32_t label, uint32_t frame)
{
    return foreign_find(label, NULL, label, frame)
            || foreign_find(FOREIGN_RANGE | label >> FOREIGN_BLOCK_BITS, NULL, label, frame);
}

bool
ldp_label_is_foreign_there(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame)
{
    return foreign_find(label, lsr, label, frame)
            || foreign_find(FOREIGN_RANGE | label >> FOREIGN_BLOCK_BITS, lsr, label, frame);
}

void
ldp_service_label(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame)
{
    uint32_t id = g_htonl(lsr->id);
    foreign_t foreign = { .frame = frame, .first = label, .last = label };

    set_address(&foreign.router, AT_IPv4, sizeof id, &id);
    foreign_add(label, &foreign);
}
