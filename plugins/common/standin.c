/* standin.c
 * Standing in front of a native dissector, unseen; see standin.h
 *
 * A handle is opaque, but where it keeps its function is found out at run time: it is where a handle of our own,
 * made by create_dissector_handle(), has the function that it was made with. What stands before it there, the kind
 * of function, has to be the same in a handle that is written to. (The layout has changed between 4.0 and 4.6, the
 * test holds for all.) Only find_function() knows of this.
 *
 * What is put into a handle is one of a set of small functions that stay there for the life of the process;
 * each goes on to the head of its chain. So chains can change while others (a bundle of another version in the
 * same process, other plugins) have put themselves in front.
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

#include <epan/packet.h>
#include <epan/exceptions.h>
#include <wsutil/wslog.h>

#include "hub.h"
#include "standin.h"

#define MAX_SLOTS   64
#define MAX_CHAIN   8

/* Words of a handle that are certain to be there, on 4.0; later ones have more. */
#define HANDLE_WORDS (48 / sizeof(void *))

#define STANDIN_HUB_NAME HUB_NAME("standin")

/* A native dissector with those in front of it, in the order of their names. */
typedef struct slot {
    dissector_handle_t  handle;
    dissector_t         native;
    standin_t          *chain[MAX_CHAIN];
    unsigned            count;
} slot_t;

/*
 * Shared by all plugins of the bundle in one process that are built from the same sources: the first that is loaded makes it
 * and leaves its address with GLib, under a name with a hash of those. Never freed. heads and anchors
 * are those of the plugin that made it.
 */
typedef struct hub {
    slot_t             slots[MAX_SLOTS];
    unsigned           count;
    unsigned           function_word;   /* of a handle; 0: not recognised */
    dissector_t       *heads;
    const dissector_t *anchors;
} hub_t;

static hub_t *the_hub;

static dissector_t heads[MAX_SLOTS];

#define ANCHOR(n) \
    static int anchor_##n(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data) \
    { \
        return heads[0##n](tvb, pinfo, tree, data); \
    }
#define EIGHT(x, tens) \
    x(tens##0) x(tens##1) x(tens##2) x(tens##3) x(tens##4) x(tens##5) x(tens##6) x(tens##7)
#define ALL_SLOTS(x) \
    EIGHT(x, 0) EIGHT(x, 1) EIGHT(x, 2) EIGHT(x, 3) EIGHT(x, 4) EIGHT(x, 5) EIGHT(x, 6) EIGHT(x, 7)
#define ANCHOR_NAME(n) anchor_##n,

ALL_SLOTS(ANCHOR)   /* numbered in octal */

static const dissector_t anchors[] = { ALL_SLOTS(ANCHOR_NAME) };

/* --- Handles --- */

static void **
words_of(dissector_handle_t handle)
{
    return (void **)(void *)handle;
}

static void *
as_word(dissector_t function)
{
    void *word;

    memcpy(&word, &function, sizeof word);
    return word;
}

static int
dissect_nothing(tvbuff_t *tvb _U_, packet_info *pinfo _U_, proto_tree *tree _U_, void *data _U_)
{
    return 0;
}

/* Where a handle keeps its function, in words; 0: not found, or not in one place alone. */
static unsigned
find_function(dissector_handle_t sample)
{
    unsigned found = 0;

    for (unsigned i = 1; i < HANDLE_WORDS; i++) {
        if (words_of(sample)[i] != as_word(dissect_nothing))
            continue;
        if (found)
            return 0;
        found = i;
    }
    return found;
}

/* The kind of function is an enumeration, which need not fill its word. */
static bool
is_of_the_same_kind(dissector_handle_t one, dissector_handle_t other, unsigned function_word)
{
    int a, b;

    memcpy(&a, words_of(one) + function_word - 1, sizeof a);
    memcpy(&b, words_of(other) + function_word - 1, sizeof b);
    return a == b;
}

static dissector_handle_t
sample_handle(void)
{
    static dissector_handle_t sample;

    if (!sample)
        sample = create_dissector_handle(dissect_nothing, -1);
    return sample;
}

/* --- Chains --- */

/* Links those that are switched on, and the native function behind them. */
static void
link_slot(hub_t *hub, unsigned number)
{
    slot_t *slot = &hub->slots[number];
    dissector_t next = slot->native;

    for (unsigned i = slot->count; i > 0; i--) {
        standin_t *standin = slot->chain[i - 1];

        standin->next = next;
        if (!standin->asleep && (!standin->proto || standin_is_on(standin->proto)))
            next = standin->dissect;
    }
    hub->heads[number] = next;
}

/* A file is opened: protocols may have been switched on or off. */
static void
link_all(void)
{
    for (unsigned i = 0; i < the_hub->count; i++)
        link_slot(the_hub, i);
}

static slot_t *
find_slot(hub_t *hub, dissector_handle_t handle)
{
    for (unsigned i = 0; i < hub->count; i++) {
        if (hub->slots[i].handle == handle)
            return &hub->slots[i];
    }
    return NULL;
}

static slot_t *
new_slot(hub_t *hub, dissector_handle_t handle)
{
    unsigned number = hub->count;
    slot_t *slot = &hub->slots[number];
    void **function = words_of(handle) + hub->function_word;

    if (number == MAX_SLOTS || !is_of_the_same_kind(handle, sample_handle(), hub->function_word))
        return NULL;
    hub->count++;
    slot->handle = handle;
    memcpy(&slot->native, function, sizeof slot->native);
    link_slot(hub, number);
    *function = as_word(hub->anchors[number]);
    return slot;
}

static bool
add_to_chain(slot_t *slot, standin_t *standin)
{
    unsigned place = slot->count;

    if (place == MAX_CHAIN)
        return false;
    for (; place > 0 && strcmp(standin->name, slot->chain[place - 1]->name) < 0; place--)
        slot->chain[place] = slot->chain[place - 1];
    slot->chain[place] = standin;
    slot->count++;
    return true;
}

/* --- The hub --- */

static void *
make_hub(void)
{
    hub_t *hub = g_new0(hub_t, 1);

    hub->function_word = find_function(sample_handle());
    hub->heads = heads;
    hub->anchors = anchors;
    if (!hub->function_word)
        ws_warning("Gapfill does not know how this Wireshark keeps its dissectors, and shows less");
    register_init_routine(link_all);
    return hub;
}

bool
standin_is_on(const int *proto)
{
    return *proto > 0 && proto_is_protocol_enabled(find_protocol_by_id(*proto));
}

dissector_handle_t
standin_find(const char *table, uint32_t key, const char *text)
{
    dissector_table_t found = find_dissector_table(table);

    if (!found)
        return NULL;
    return text ? dissector_get_string_handle(found, text) : dissector_get_uint_handle(found, key);
}

bool
standin_add(standin_t *standin, dissector_handle_t native)
{
    hub_t *hub = the_hub = (hub_t *)hub_find_or_make(STANDIN_HUB_NAME, make_hub);
    slot_t *slot;

    if (!native || standin->native || !hub->function_word)
        return false;
    slot = find_slot(hub, native);
    if (!slot)
        slot = new_slot(hub, native);
    if (!slot || !add_to_chain(slot, standin))
        return false;
    standin->native = native;
    link_slot(hub, (unsigned)(slot - hub->slots));
    return true;
}

void
standin_wake(standin_t *standin, bool awake)
{
    slot_t *slot = standin->native ? find_slot(the_hub, standin->native) : NULL;

    if (standin->asleep != awake)
        return;
    standin->asleep = !awake;
    if (slot)
        link_slot(the_hub, (unsigned)(slot - the_hub->slots));
}

int
standin_call_native(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    slot_t *slot = find_slot(the_hub, standin->native);
    dissector_t *head = &the_hub->heads[slot - the_hub->slots];
    dissector_t saved = *head;
    volatile int result = 0;

    *head = slot->native;
    TRY {
        result = call_dissector_only(standin->native, tvb, pinfo, tree, data);
    }
    FINALLY {
        *head = saved;
    }
    ENDTRY;
    return result;
}

bool
standin_add_heuristic(standin_heuristic_t *heuristic)
{
    heur_dtbl_entry_t *entry = find_heur_dissector_by_unique_short_name(heuristic->short_name);

    if (!entry || heuristic->next || strcmp(entry->list_name, heuristic->list))
        return false;
    heuristic->next = entry->dissector;
    entry->dissector = heuristic->dissect;
    return true;
}

/* --- Free places --- */

#define MAX_PLACES 64

/* Of this plugin alone. */
static standin_place_t *places[MAX_PLACES];
static unsigned place_count;

dissector_handle_t
standin_handle(dissector_t dissect)
{
    return create_dissector_handle_with_name_and_description(dissect, -1, NULL, "Gapfill");
}

static void
give_place_back(standin_place_t *place)
{
    if (!place->taken)
        return;
    place->taken = false;
    if (standin_find(place->table, place->key, place->text) != place->handle)
        return;
    if (place->text)
        dissector_delete_string(place->table, place->text, place->handle);
    else
        dissector_delete_uint(place->table, place->key, place->handle);
}

static void
give_places_back(void)
{
    for (unsigned i = 0; i < place_count; i++)
        give_place_back(places[i]);
}

static void
take_places(void)
{
    for (unsigned i = 0; i < place_count; i++) {
        standin_place_t *place = places[i];

        give_place_back(place);
        if (!standin_is_on(place->proto) || standin_find(place->table, place->key, place->text))
            continue;
        place->taken = true;
        if (place->text)
            dissector_add_string(place->table, place->text, place->handle);
        else
            dissector_add_uint(place->table, place->key, place->handle);
    }
}

void
standin_take_place(standin_place_t *place)
{
    if (!find_dissector_table(place->table) || place_count == MAX_PLACES)
        return;
    if (place_count == 0) {
        register_init_routine(take_places);
        register_cleanup_routine(give_places_back);
    }
    places[place_count++] = place;
}

void
standin_lend(const char *table, uint32_t key, dissector_handle_t handle)
{
    dissector_change_uint(table, key, handle);
}

void
standin_return(const char *table, uint32_t key)
{
    dissector_reset_uint(table, key);
}
