/* ldp-scope.c
 * Who has a label, as of a frame; see ldp-scope.h
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

#include "as-of.h"
#include "ldp-capture.h"
#include "ldp-map.h"
#include "ldp-scope.h"
#include "compat.h"

/* Beside the network's number. */
#define SCOPE_PSEUDOWIRES   0x100

#define ARRAY_BYTES         64      /* of an array without its entries */

static wmem_map_t *scopes;      /* by peer, by router, by label: told apart by the key */

void
ldp_scope_reset(void)
{
    scopes = ldp_map_by_number();
}

const ldp_event_t *
ldp_scope_at(const ldp_scope_t *scope, uint32_t frame)
{
    return (const ldp_event_t *)as_of(scope->events, frame);
}

static void
add_event(ldp_scope_t *scope, uint32_t frame, void *owner)
{
    ldp_event_t event = {
        .frame = frame, .active = scope->active, .owner = scope->tail ? scope->tail->owner : owner, .mixed = scope->mixed
    };

    if (!scope->events) {
        ldp_keep_count(ARRAY_BYTES);
        scope->events = wmem_array_new(wmem_file_scope(), sizeof event);
    }
    as_of_put(scope->events, &event, sizeof event);
}

unsigned
ldp_scope_entered(const ldp_scope_t *scope, uint32_t frame)
{
    if (scope->entries)
        return as_of_count(scope->entries, frame);
    return scope->first_entry.owner && scope->first_entry.frame < frame;
}

void *
ldp_scope_entry(const ldp_scope_t *scope, unsigned i)
{
    return scope->entries ? ((const struct ldp_entry *)wmem_array_index(scope->entries, i))->owner : scope->first_entry.owner;
}

/* Most scopes have one: then there is no array. */
static void
add_entry(ldp_scope_t *scope, uint32_t frame, void *owner)
{
    struct ldp_entry entry = { .frame = frame, .owner = owner };

    if (!scope->first_entry.owner) {
        scope->first_entry = entry;
        return;
    }
    if (!scope->entries) {
        ldp_keep_count(ARRAY_BYTES + 2 * sizeof entry);
        scope->entries = wmem_array_sized_new(wmem_file_scope(), sizeof entry, 2);
        wmem_array_append(scope->entries, &scope->first_entry, 1);
    }
    ldp_keep_count(2 * sizeof entry);
    wmem_array_append(scope->entries, &entry, 1);
}

void
ldp_scope_enter(ldp_scope_t *scope, ldp_member_t *member, void *owner, const ldp_lsr_t *lsr, uint32_t frame)
{
    member->scope = scope;
    member->owner = owner;
    member->prev = scope->tail;
    member->next = NULL;
    if (scope->tail)
        scope->tail->next = member;
    else
        scope->head = member;
    scope->tail = member;
    scope->active++;
    if (!scope->first_lsr)
        scope->first_lsr = lsr;
    else if (scope->first_lsr != lsr)
        scope->mixed = true;
    ldp_keep_count(2 * 2 * sizeof(ldp_event_t));    /* entering and leaving, in an array that grows by doubling */
    add_event(scope, frame, owner);
    add_entry(scope, frame, owner);
}

void
ldp_scope_leave(ldp_member_t *member, uint32_t frame)
{
    ldp_scope_t *scope = member->scope;

    if (!scope)
        return;
    if (member->prev)
        member->prev->next = member->next;
    else
        scope->head = member->next;
    if (member->next)
        member->next->prev = member->prev;
    else
        scope->tail = member->prev;
    member->scope = NULL;
    scope->active--;
    add_event(scope, frame, member->owner);
}

/* Router numbers take 21 bits each, which leaves one pattern of the upper bits for what belongs to no router. */
static uint64_t
scope_key(uint32_t lsr, uint32_t peer, uint32_t label)
{
    return ((uint64_t)(lsr & LDP_LSR_NUMBER_MAX) << 43) | ((uint64_t)(peer & LDP_LSR_NUMBER_MAX) << 22) | label;
}

static uint64_t
anywhere_key(ldp_network_t network, uint32_t label, bool pseudowires_only)
{
    return scope_key(0, network | (pseudowires_only ? SCOPE_PSEUDOWIRES : 0), label);
}

static ldp_scope_t *
find(uint64_t key)
{
    return (ldp_scope_t *)wmem_map_lookup(scopes, &key);
}

static ldp_scope_t *
make(uint64_t key)
{
    ldp_scope_t *scope = find(key);

    if (!scope) {
        scope = (ldp_scope_t *)ldp_keep(sizeof *scope);
        scope->key = key;
        ldp_map_insert(scopes, &scope->key, scope);
    }
    return scope;
}

ldp_scope_t *
ldp_scope_make_at_lsr(const ldp_lsr_t *lsr, uint32_t label)
{
    return make(scope_key(lsr->number, 0, label));
}

const ldp_scope_t *
ldp_scope_at_lsr(const ldp_lsr_t *lsr, uint32_t label)
{
    return find(scope_key(lsr->number, 0, label));
}

/* Most routers tell a label to one peer: that one's scope is found without the map. */
const ldp_scope_t *
ldp_scope_at_peer(const ldp_scope_t *at_lsr, const ldp_lsr_t *lsr, const ldp_lsr_t *peer, uint32_t label)
{
    if (at_lsr->first_peer == peer)
        return at_lsr->at_first_peer;
    return find(scope_key(lsr->number, peer->number, label));
}

ldp_scope_t *
ldp_scope_make_at_peer(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, uint32_t label)
{
    ldp_scope_t *at_lsr = ldp_scope_make_at_lsr(lsr, label);

    if (!at_lsr->first_peer) {
        at_lsr->first_peer = peer;
        at_lsr->at_first_peer = (ldp_scope_t *)ldp_keep(sizeof(ldp_scope_t));
    }
    return at_lsr->first_peer == peer ? at_lsr->at_first_peer : make(scope_key(lsr->number, peer->number, label));
}

ldp_scope_t *
ldp_scope_make_anywhere(ldp_network_t network, uint32_t label, bool pseudowires_only)
{
    return make(anywhere_key(network, label, pseudowires_only));
}

const ldp_scope_t *
ldp_scope_anywhere(ldp_network_t network, uint32_t label, bool pseudowires_only)
{
    return find(anywhere_key(network, label, pseudowires_only));
}
