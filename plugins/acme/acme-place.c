/* acme-place.c
 * Addresses of validators and of those that they ask, each once; see acme-place.h
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
#include <epan/to_str.h>

#include "acme-memory.h"
#include "acme-place.h"

#define PLACE_BYTES 160     /* with its address, text and place in the map, about */

/* acme_place_t by itself; the last one that was found; file scope. */
static wmem_map_t *places;
static const acme_place_t *last;

static unsigned
hash_place(const void *key)
{
    return add_address_to_hash(0, &((const acme_place_t *)key)->addr);
}

static int
compare_places(const void *one, const void *other)
{
    return addresses_equal(&((const acme_place_t *)one)->addr, &((const acme_place_t *)other)->addr);
}

static acme_place_t *
new_place(acme_share_t share, const address *addr)
{
    acme_place_t *place;

    if (!acme_take(share, PLACE_BYTES))
        return NULL;
    place = wmem_new0(wmem_file_scope(), acme_place_t);
    copy_address_wmem(wmem_file_scope(), &place->addr, addr);
    place->text = address_to_str(wmem_file_scope(), addr);
    wmem_map_insert(places, place, place);
    return place;
}

const acme_place_t *
acme_place_find(const address *addr)
{
    acme_place_t wanted;

    if (last && addresses_equal(&last->addr, addr))
        return last;
    copy_address_shallow(&wanted.addr, addr);
    last = (const acme_place_t *)wmem_map_lookup(places, &wanted);
    return last;
}

const acme_place_t *
acme_place_of(acme_share_t share, const address *addr)
{
    if (!acme_place_find(addr))
        last = new_place(share, addr);
    return last;
}

const acme_place_t *
acme_place(const address *addr)
{
    return acme_place_of(ACME_NAMES, addr);
}

/* --- Registration --- */

static void
acme_place_init(void)
{
    places = wmem_map_new(wmem_file_scope(), hash_place, compare_places);
    last = NULL;
}

void
acme_register_place(void)
{
    register_init_routine(acme_place_init);
}
