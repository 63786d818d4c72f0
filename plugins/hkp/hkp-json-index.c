/* hkp-json-index.c
 * An index in JSON; see hkp-json-index.h
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
#include <wsutil/nstime.h>
#include <wsutil/strtoi.h>

#include "hkp-json.h"
#include "hkp-json-index.h"
#include "compat.h"

/* Objects and arrays that are open in it. */
enum { DEPTH_LIST = 1, DEPTH_KEY, DEPTH_PART, DEPTH_OF_PART };

typedef enum { PART_NONE, PART_ALGORITHM, PART_USER_IDS, PART_SUBKEYS } part_t;

typedef struct reader {
    hkp_listing_t *listing;
    hkp_json_t     json;
    part_t         part;        /* of the key, in which it is */
    bool           has_id;      /* the key has a field of it */
    unsigned       items;
} reader_t;

/* --- Which document --- */

static bool
is_fingerprint(hkp_text_t name)
{
    return hkp_text_is(name, "fingerprint");
}

static bool
is_keyid(hkp_text_t name)
{
    return hkp_text_is(name, "longKeyID") || hkp_text_is(name, "keyID") || hkp_text_is(name, "keyId") || hkp_text_is(name, "keyid");
}

static bool
is_id(const hkp_json_t *json)
{
    return json->is_string && (is_fingerprint(json->name) || is_keyid(json->name)) &&
        hkp_is_hex(json->value.start, (size_t)json->value.length);
}

hkp_json_index_t
hkp_json_index_kind(hkp_text_t body)
{
    hkp_json_t json = hkp_json_of(body);
    hkp_json_event_t event;

    if (!hkp_json_begins(body) || hkp_json_next(&json) != HKP_JSON_OPEN || json.value.start[0] != '[')
        return HKP_JSON_NO_INDEX;
    event = hkp_json_next(&json);
    if (event == HKP_JSON_CLOSE)
        return HKP_JSON_EMPTY_INDEX;
    while (event != HKP_JSON_END) {
        if (event == HKP_JSON_VALUE && json.depth == DEPTH_KEY && is_id(&json))
            return HKP_JSON_INDEX;
        event = hkp_json_next(&json);
    }
    return HKP_JSON_NO_INDEX;
}

/* --- Showing it --- */

static const char *
value_text(const reader_t *reader)
{
    return hkp_json_text(reader->listing->message->pinfo->pool, &reader->json);
}

static void
add_number(reader_t *reader, hkp_listed_number_t field, uint32_t limit)
{
    uint32_t value;

    if (!reader->json.is_string && ws_strtou32(value_text(reader), NULL, &value) && value <= limit)
        hkp_listing_add_number(reader->listing, field, reader->json.value, value);
}

/* RFC 3339. */
static void
add_time(reader_t *reader, proto_tree *tree, hkp_listed_time_t field)
{
    GDateTime *when = reader->json.is_string ?
        g_date_time_new_from_iso8601(value_text(reader), NULL) : NULL;
    int64_t seconds = when ? g_date_time_to_unix(when) : -1;

    if (when)
        g_date_time_unref(when);
    if (seconds >= 0)
        hkp_listing_add_time(reader->listing, tree, field, reader->json.value, (uint64_t)seconds);
}

/* A fingerprint is shown, a key ID only where no other came before it. */
static void
add_id(reader_t *reader, bool of_key)
{
    bool shown = of_key && !reader->has_id;

    reader->listing->has_subkeys = reader->listing->has_subkeys || !of_key;
    hkp_listing_add_id(reader->listing, reader->json.value, value_text(reader), shown);
    reader->has_id = reader->has_id || shown;
}

static void
read_key_value(reader_t *reader)
{
    if (is_id(&reader->json))
        add_id(reader, true);
    else if (hkp_text_is(reader->json.name, "creation"))
        add_time(reader, reader->listing->key_tree, HKP_LISTED_CREATION);
    else if (hkp_text_is(reader->json.name, "expiration"))
        add_time(reader, reader->listing->key_tree, HKP_LISTED_EXPIRATION);
}

static void
read_user_id(reader_t *reader)
{
    bool is_name = reader->json.name.length == 0 ? reader->json.depth == DEPTH_PART :
        hkp_text_is(reader->json.name, "keywords") || hkp_text_is(reader->json.name, "uidString") ||
        hkp_text_is(reader->json.name, "userID");

    if (is_name && reader->json.is_string)
        hkp_listing_add_uid(reader->listing, reader->json.value, value_text(reader));
}

static void
read_algorithm(reader_t *reader)
{
    if (hkp_text_is(reader->json.name, "code"))
        add_number(reader, HKP_LISTED_ALGORITHM, UINT8_MAX);
    else if (hkp_text_is(reader->json.name, "bitLength"))
        add_number(reader, HKP_LISTED_KEYLEN, UINT32_MAX);
}

static void
read_value(reader_t *reader)
{
    if (reader->json.depth == DEPTH_KEY)
        read_key_value(reader);
    else if (reader->part == PART_ALGORITHM && reader->json.depth == DEPTH_PART)
        read_algorithm(reader);
    else if (reader->part == PART_USER_IDS && reader->json.depth <= DEPTH_OF_PART)
        read_user_id(reader);
    else if (reader->part == PART_SUBKEYS && reader->json.depth == DEPTH_OF_PART && is_id(&reader->json))
        add_id(reader, false);
    else
        return;
    reader->items++;
}

static part_t
part_named(hkp_text_t name)
{
    if (hkp_text_is(name, "algorithm"))
        return PART_ALGORITHM;
    if (hkp_text_is(name, "userIDs") || hkp_text_is(name, "userIds"))
        return PART_USER_IDS;
    return hkp_text_is(name, "subKeys") || hkp_text_is(name, "subkeys") ? PART_SUBKEYS : PART_NONE;
}

static void
open_part(reader_t *reader)
{
    if (reader->json.depth == DEPTH_PART)
        reader->part = part_named(reader->json.name);
    if (reader->json.depth != DEPTH_KEY || reader->json.value.start[0] != '{')
        return;
    hkp_listing_add_key(reader->listing, reader->json.value);
    reader->has_id = false;
    reader->part = PART_NONE;
    reader->items++;
}

/* The object's item is as long as the object. */
static void
close_part(reader_t *reader)
{
    if (reader->json.depth == DEPTH_LIST && reader->listing->key_item)
        proto_item_set_end(reader->listing->key_item, reader->listing->tvb, reader->json.rest.offset);
    if (reader->json.depth == DEPTH_KEY)
        reader->part = PART_NONE;
}

void
hkp_show_json_index(hkp_listing_t *listing, hkp_text_t body)
{
    reader_t reader = { .listing = listing, .json = hkp_json_of(body) };
    hkp_json_event_t event;

    while (reader.items < HKP_LISTING_MAX && (event = hkp_json_next(&reader.json)) != HKP_JSON_END) {
        if (event == HKP_JSON_OPEN)
            open_part(&reader);
        else if (event == HKP_JSON_CLOSE)
            close_part(&reader);
        else
            read_value(&reader);
    }
    listing->cut = reader.items >= HKP_LISTING_MAX;
}
