/* hkp-index.c
 * The machine-readable index of a key server; see hkp-index.h
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
#include <epan/expert.h>
#include <wsutil/strtoi.h>

#include "hkp-index.h"
#include "hkp-request-items.h"
#include "text.h"
#include "compat.h"

/* Wireshark allows a packet a million items. */
#define INDEX_MAX_MALFORMED 1000

/* Fields of an index line: pub has the most. */
#define INDEX_FIELDS 8

/* Of numbers that fit into 64 bits, with some zeros before them. */
#define NUMBER_DIGITS 19

static int hf_hkp_index_version = -1;
static int hf_hkp_index_count = -1;

static int ett_hkp_index_uid = -1;

static expert_field ei_hkp_index_malformed = EI_INIT;

typedef struct index_state {
    hkp_listing_t  *listing;
    proto_item     *info_item;
    bool            has_info;
    uint32_t        announced;
    uint32_t        lines;
    unsigned        malformed;
} index_state_t;

typedef struct index_line {
    hkp_text_t whole;
    hkp_text_t field[INDEX_FIELDS];
    unsigned   fields;
} index_line_t;

static void
malformed(index_state_t *state, proto_item *item, hkp_text_t where, const char *why)
{
    if (state->malformed++ > INDEX_MAX_MALFORMED)
        return;
    if (!item)
        proto_tree_add_expert_format(state->listing->tree, state->listing->message->pinfo, &ei_hkp_index_malformed,
                state->listing->tvb, where.offset, where.length, "Malformed index line: %s", why);
    else
        expert_add_info_format(state->listing->message->pinfo, item, &ei_hkp_index_malformed, "Malformed index line: %s", why);
}

static bool
field_is_empty(const index_line_t *line, unsigned n)
{
    return n >= line->fields || line->field[n].length == 0;
}

/* Digits and nothing else, of a number that is not too large. */
static bool
read_number(hkp_text_t text, uint64_t limit, uint64_t *value)
{
    if (text.length > NUMBER_DIGITS)
        return false;
    *value = 0;
    for (int i = 0; i < text.length; i++) {
        if (!g_ascii_isdigit(text.start[i]))
            return false;
        *value = *value * 10 + (uint64_t)(text.start[i] - '0');
    }
    return *value <= limit;
}

/* An empty field is no number, and nothing wrong. */
static bool
number_field(index_state_t *state, const index_line_t *line, unsigned n, uint64_t limit, uint64_t *value)
{
    if (field_is_empty(line, n))
        return false;
    if (read_number(line->field[n], limit, value))
        return true;
    malformed(state, NULL, line->field[n], "not a number in range");
    return false;
}

static void
time_field(index_state_t *state, proto_tree *tree, hkp_listed_time_t field, const index_line_t *line, unsigned n)
{
    uint64_t seconds;

    /* Up to the year 9999. */
    if (number_field(state, line, n, 253402300799, &seconds))
        hkp_listing_add_time(state->listing, tree, field, line->field[n], seconds);
}

static void
flags_field(index_state_t *state, proto_tree *tree, const index_line_t *line, unsigned n)
{
    if (!field_is_empty(line, n))
        hkp_listing_add_flags(state->listing, tree, line->field[n],
                hkp_shown(state->listing->message->pinfo->pool, line->field[n]));
}

/* info:VERSION:COUNT */
static void
dissect_index_info(index_state_t *state, const index_line_t *line)
{
    uint64_t value;

    if (state->has_info)
        malformed(state, NULL, line->whole, "a second info line");
    else if (line->fields < 3 || field_is_empty(line, 1) || field_is_empty(line, 2))
        malformed(state, NULL, line->whole, "info wants a version and a count");
    state->has_info = true;
    if (number_field(state, line, 1, UINT32_MAX, &value))
        proto_tree_add_uint(state->listing->tree, hf_hkp_index_version, state->listing->tvb, line->field[1].offset,
            line->field[1].length, (uint32_t)value);
    state->listing->announced = !field_is_empty(line, 2);
    if (number_field(state, line, 2, UINT32_MAX, &value)) {
        state->listing->announced = value > 0;
        state->announced = (uint32_t)value;
        state->info_item = proto_tree_add_uint(state->listing->tree, hf_hkp_index_count, state->listing->tvb,
                line->field[2].offset, line->field[2].length, (uint32_t)value);
    }
}

static void
dissect_index_keyid(index_state_t *state, const index_line_t *line)
{
    hkp_text_t id = line->fields > 1 ? line->field[1] : hkp_text_from(line->whole, line->whole.length);
    hkp_text_t all = id;

    if (!hkp_text_take(&id, "0x"))
        hkp_text_take(&id, "0X");
    if (!hkp_is_hex(id.start, id.length) || hkp_kind_of_digits(id.length) == KIND_TEXT)
        malformed(state, NULL, line->whole, "no key ID or fingerprint");
    if (state->listing->key_item || state->listing->asked->hex)
        hkp_listing_add_id(state->listing, id, hkp_shown(state->listing->message->pinfo->pool, all), true);
}

/* pub:KEYID:ALGORITHM:KEYLEN:CREATION:EXPIRATION:FLAGS */
static void
dissect_index_pub(index_state_t *state, const index_line_t *line)
{
    hkp_listing_t *listing = state->listing;
    uint64_t value;

    hkp_listing_add_key(listing, line->whole);
    dissect_index_keyid(state, line);
    if (number_field(state, line, 2, UINT8_MAX, &value))
        hkp_listing_add_number(listing, HKP_LISTED_ALGORITHM, line->field[2], (uint32_t)value);
    if (number_field(state, line, 3, UINT32_MAX, &value))
        hkp_listing_add_number(listing, HKP_LISTED_KEYLEN, line->field[3], (uint32_t)value);
    time_field(state, listing->key_tree, HKP_LISTED_CREATION, line, 4);
    time_field(state, listing->key_tree, HKP_LISTED_EXPIRATION, line, 5);
    flags_field(state, listing->key_tree, line, 6);
    if (line->fields < 2)
        malformed(state, listing->key_item, line->whole, "pub without fields");
}

/* Nothing that is decoded, or wrong. */
static bool
is_plain(hkp_text_t text)
{
    return text_is_plain(text.start, (size_t)text.length) && hkp_text_find(text, '%') < 0;
}

static proto_item *
index_uid_item(index_state_t *state, const index_line_t *line)
{
    bool bad = false;
    const char *uid;
    proto_item *item;

    if (!hkp_listing_wants_uid(state->listing) && is_plain(line->field[1])) {
        hkp_listing_skip_uid(state->listing);
        return NULL;
    }
    uid = hkp_decoded(state->listing->message->pinfo->pool, line->field[1], false, &bad);
    item = hkp_listing_add_uid(state->listing, line->field[1], uid);
    if (bad)
        expert_add_info(state->listing->message->pinfo, item, &ei_hkp_encoding);
    return item;
}

/* uid:ESCAPED USER ID:CREATION:EXPIRATION:FLAGS; uat is a user attribute, without an ID */
static void
dissect_index_uid(index_state_t *state, const index_line_t *line, bool attribute)
{
    hkp_listing_t *listing = state->listing;
    proto_tree *tree;
    proto_item *item;

    if (attribute || field_is_empty(line, 1)) {
        tree = proto_tree_add_subtree(listing->key_tree ? listing->key_tree : listing->tree, listing->tvb, line->whole.offset,
                line->whole.length, ett_hkp_index_uid, &item, attribute ? "User attribute" : "User ID");
        if (!attribute)
            malformed(state, item, line->whole, "uid without a user ID");
    } else {
        item = index_uid_item(state, line);
        tree = proto_item_add_subtree(item, ett_hkp_index_uid);
    }
    if (listing->keys == 0)
        malformed(state, item, line->whole, "uid before any pub");
    time_field(state, tree, HKP_LISTED_CREATION, line, 2);
    time_field(state, tree, HKP_LISTED_EXPIRATION, line, 3);
    flags_field(state, tree, line, 4);
}

static void
split_line(index_line_t *line)
{
    hkp_text_t rest = line->whole;

    while (line->fields < INDEX_FIELDS) {
        int n = hkp_text_find(rest, ':');

        line->field[line->fields] = rest;
        if (n < 0) {
            line->fields++;
            return;
        }
        line->field[line->fields++].length = n;
        rest = hkp_text_from(rest, n + 1);
    }
}

/* --- Lines of which nothing is shown: those that are as servers write them need not be taken apart --- */

/* Digits of a number, or of a time, that cannot be too large. */
#define ALGORITHM_DIGITS    2
#define LENGTH_DIGITS       9
#define TIME_DIGITS         11

/* The next field, if there is one: digits or nothing. */
static bool
skip_number(const char **at, const char *end, unsigned most)
{
    const char *digits, *beyond;

    if (*at == end)
        return true;
    if (**at != ':')
        return false;
    for (digits = beyond = *at + 1; beyond < end && (unsigned char)(*beyond - '0') < 10; beyond++)
        ;
    *at = beyond;
    return (size_t)(beyond - digits) <= most;
}

static bool
ends_field(const char *at, const char *end)
{
    return at == end || *at == ':';
}

static bool
is_usual_pub(hkp_text_t line)
{
    const char *at = line.start + 4, *id = at, *end = line.start + line.length;

    while (at < end && g_ascii_isxdigit(*at))
        at++;
    return at > id && hkp_kind_of_digits((size_t)(at - id)) != KIND_TEXT && skip_number(&at, end, ALGORITHM_DIGITS)
        && skip_number(&at, end, LENGTH_DIGITS) && skip_number(&at, end, TIME_DIGITS) && skip_number(&at, end, TIME_DIGITS)
        && ends_field(at, end);
}

/* Its user ID is plain text. */
static bool
is_usual_uid(hkp_text_t line, hkp_text_t *uid)
{
    hkp_text_t rest = hkp_text_from(line, 4);
    const char *at, *end = line.start + line.length;

    *uid = hkp_text_next(&rest, ':');
    at = uid->start + uid->length;
    return uid->length > 0 && is_plain(*uid) && skip_number(&at, end, TIME_DIGITS) && skip_number(&at, end, TIME_DIGITS)
        && ends_field(at, end);
}

static void
take_usual_uid(hkp_listing_t *listing, hkp_text_t uid)
{
    if (hkp_listing_wants_uid(listing))
        hkp_listing_add_uid(listing, uid, wmem_strndup(listing->message->pinfo->pool, uid.start, (size_t)uid.length));
    else
        hkp_listing_skip_uid(listing);
}

/* False: it is to be taken apart. */
static bool
take_usual_line(hkp_listing_t *listing, hkp_text_t line)
{
    hkp_text_t uid;

    if (listing->tree || line.length <= 4)
        return false;
    if (!memcmp(line.start, "pub:", 4) && !listing->asked->hex && is_usual_pub(line)) {
        hkp_listing_count_key(listing);
        return true;
    }
    if (memcmp(line.start, "uid:", 4) != 0 || listing->keys == 0 || !is_usual_uid(line, &uid))
        return false;
    take_usual_uid(listing, uid);
    return true;
}

/* --- All lines --- */

/* Lines of other kinds are to be ignored. */
static void
dissect_index_line(index_state_t *state, hkp_text_t text)
{
    index_line_t line;

    if (take_usual_line(state->listing, text))
        return;
    line.whole = text;
    line.fields = 0;
    split_line(&line);
    if (hkp_text_is(line.field[0], "pub"))
        dissect_index_pub(state, &line);
    else if (hkp_text_is(line.field[0], "uid"))
        dissect_index_uid(state, &line, false);
    else if (hkp_text_is(line.field[0], "uat"))
        dissect_index_uid(state, &line, true);
    else if (hkp_text_is(line.field[0], "info"))
        dissect_index_info(state, &line);
    else if (line.fields < 2)
        malformed(state, NULL, line.whole, "not of the form kind:fields");
}

static hkp_text_t
without_line_end(hkp_text_t line)
{
    if (line.length > 0 && line.start[line.length - 1] == '\r')
        line.length--;
    return line;
}

bool
hkp_is_index(hkp_text_t body)
{
    while (body.length > 0 && g_ascii_isspace(body.start[0]))
        body = hkp_text_from(body, 1);
    return hkp_text_take(&body, "info:") || hkp_text_take(&body, "pub:");
}

static void
dissect_index_lines(index_state_t *state, hkp_text_t rest, bool complete)
{
    while (rest.length > 0 && state->lines < HKP_LISTING_MAX) {
        bool cut = !complete && hkp_text_find(rest, '\n') < 0;
        hkp_text_t line = without_line_end(hkp_text_next(&rest, '\n'));

        if (line.length > 0 && !cut)
            dissect_index_line(state, line);
        state->lines++;
    }
    state->listing->cut = rest.length > 0;
    if (state->listing->cut)
        malformed(state, NULL, rest, "more lines than are shown");
    else if (complete && state->info_item && state->announced != state->listing->keys)
        expert_add_info_format(state->listing->message->pinfo, state->info_item, &ei_hkp_index_malformed,
                "The info line announces %u keys, %u follow", state->announced, state->listing->keys);
}

void
hkp_show_index(hkp_listing_t *listing, hkp_text_t body)
{
    index_state_t state = { .listing = listing };

    dissect_index_lines(&state, body, listing->message->complete);
}

void
hkp_register_index(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_hkp_index_version,
          { "Index version", "hkp.index.version",
            FT_UINT32, BASE_DEC, NULL, 0, "Version of the format of a machine-readable index", HFILL }},
        { &hf_hkp_index_count,
          { "Keys announced", "hkp.index.count",
            FT_UINT32, BASE_DEC, NULL, 0, "How many keys the index says that it has", HFILL }},
    };
    static int *ett[] = {
        &ett_hkp_index_uid,
    };
    static ei_register_info ei[] = {
        { &ei_hkp_index_malformed,
          { "hkp.index_malformed", PI_PROTOCOL, PI_WARN,
            "Malformed index line", EXPFILL }},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
}
