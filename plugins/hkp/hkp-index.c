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
#include <wsutil/utf8_entities.h>
#include <wsutil/str_util.h>

#include "hkp-index.h"
#include "openpgp-codes.h"
#include "compat.h"

/* Names in the Info column. */
#define INFO_NAMES 3

/* Wireshark allows a packet a million items: bounds for what an index can have many of. */
#define INDEX_MAX_LINES 50000
#define INDEX_MAX_MALFORMED 1000

/* Fields of an index line: pub has the most. */
#define INDEX_FIELDS 8

static int hf_hkp_index_version = -1;
static int hf_hkp_index_count = -1;
static int hf_hkp_index_keyid = -1;
static int hf_hkp_index_algorithm = -1;
static int hf_hkp_index_keylen = -1;
static int hf_hkp_index_creation = -1;
static int hf_hkp_index_expiration = -1;
static int hf_hkp_index_flags = -1;
static int hf_hkp_index_uid = -1;

static int ett_hkp_index_key = -1;
static int ett_hkp_index_uid = -1;

static expert_field ei_hkp_index_malformed = EI_INIT;

typedef struct index_state {
    http_message_t *message;
    tvbuff_t       *tvb;
    proto_tree     *tree;
    proto_item     *info_item;
    proto_tree     *key_tree;   /* of the pub line that uid lines belong to */
    proto_item     *key_item;
    bool            has_key;
    bool            has_info;
    bool            first_uid;  /* the next uid is the first of its key */
    uint32_t        announced;
    uint32_t        keys;
    uint32_t        lines;
    unsigned        malformed;
    unsigned        names;
    wmem_strbuf_t  *info;       /* names for the Info column */
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
        proto_tree_add_expert_format(state->tree, state->message->pinfo, &ei_hkp_index_malformed, state->tvb,
                where.offset, where.length, "Malformed index line: %s", why);
    else
        expert_add_info_format(state->message->pinfo, item, &ei_hkp_index_malformed, "Malformed index line: %s", why);
}

static bool
field_is_empty(const index_line_t *line, unsigned n)
{
    return n >= line->fields || line->field[n].length == 0;
}

/* An empty field is no number, and nothing wrong. */
static bool
number_field(index_state_t *state, const index_line_t *line, unsigned n, uint64_t limit, uint64_t *value)
{
    char digits[21];
    const char *end;

    if (field_is_empty(line, n))
        return false;
    if (line->field[n].length < (int)sizeof digits) {
        memcpy(digits, line->field[n].start, line->field[n].length);
        digits[line->field[n].length] = '\0';
        if (ws_strtou64(digits, &end, value) && *end == '\0' && *value <= limit)
            return true;
    }
    malformed(state, NULL, line->field[n], "not a number in range");
    return false;
}

static void
time_field(index_state_t *state, proto_tree *tree, int hf, const index_line_t *line, unsigned n)
{
    uint64_t seconds;
    nstime_t when = NSTIME_INIT_ZERO;

    /* Up to the year 9999. */
    if (!number_field(state, line, n, 253402300799, &seconds))
        return;
    when.secs = (time_t)seconds;
    proto_tree_add_time(tree, hf, state->tvb, line->field[n].offset, line->field[n].length, &when);
}

static void
flags_field(index_state_t *state, proto_tree *tree, const index_line_t *line, unsigned n)
{
    if (!field_is_empty(line, n))
        proto_tree_add_string(tree, hf_hkp_index_flags, state->tvb, line->field[n].offset, line->field[n].length,
                hkp_shown(state->message->pinfo->pool, line->field[n]));
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
        proto_tree_add_uint(state->tree, hf_hkp_index_version, state->tvb, line->field[1].offset, line->field[1].length,
            (uint32_t)value);
    if (number_field(state, line, 2, UINT32_MAX, &value)) {
        state->announced = (uint32_t)value;
        state->info_item = proto_tree_add_uint(state->tree, hf_hkp_index_count, state->tvb,
                line->field[2].offset, line->field[2].length, (uint32_t)value);
    }
}

static void
dissect_index_keyid(index_state_t *state, const index_line_t *line)
{
    hkp_text_t id = line->fields > 1 ? line->field[1] : hkp_text_from(line->whole, line->whole.length);
    const char *keyid = hkp_upper_case(state->message->pinfo->pool, hkp_shown(state->message->pinfo->pool, id));

    if (hkp_text_take(&id, "0x") || hkp_text_take(&id, "0X"))
        keyid += 2;
    proto_item_append_text(state->key_item, " 0x%s", keyid);
    if (!hkp_is_hex(id.start, id.length) || hkp_kind_of_digits(id.length) == KIND_TEXT)
        malformed(state, NULL, line->whole, "no key ID or fingerprint");
    if (id.length > 0)
        proto_tree_add_string(state->key_tree, hf_hkp_index_keyid, state->tvb, id.offset, id.length, keyid);
}

/* pub:KEYID:ALGORITHM:KEYLEN:CREATION:EXPIRATION:FLAGS */
static void
dissect_index_pub(index_state_t *state, const index_line_t *line)
{
    uint64_t value;

    state->keys++;
    state->has_key = true;
    state->first_uid = true;
    state->key_tree = proto_tree_add_subtree(state->tree, state->tvb, line->whole.offset, line->whole.length,
            ett_hkp_index_key, &state->key_item, "Key");
    dissect_index_keyid(state, line);
    if (number_field(state, line, 2, UINT8_MAX, &value))
        proto_tree_add_uint(state->key_tree, hf_hkp_index_algorithm, state->tvb, line->field[2].offset,
            line->field[2].length, (uint32_t)value);
    if (number_field(state, line, 3, UINT32_MAX, &value))
        proto_tree_add_uint(state->key_tree, hf_hkp_index_keylen, state->tvb, line->field[3].offset,
            line->field[3].length, (uint32_t)value);
    time_field(state, state->key_tree, hf_hkp_index_creation, line, 4);
    time_field(state, state->key_tree, hf_hkp_index_expiration, line, 5);
    flags_field(state, state->key_tree, line, 6);
    if (line->fields < 2)
        malformed(state, state->key_item, line->whole, "pub without fields");
}

static void
note_name(index_state_t *state, const char *uid)
{
    if (state->key_item)
        proto_item_append_text(state->key_item, ", %s", hkp_shortened(state->message->pinfo->pool, uid, HKP_INFO_SEARCH));
    if (state->names++ < INFO_NAMES)
        wmem_strbuf_append_printf(state->info, "%s%s", state->names > 1 ? ", " : "",
                hkp_shortened(state->message->pinfo->pool, uid, HKP_INFO_SEARCH));
}

/* uid:ESCAPED USER ID:CREATION:EXPIRATION:FLAGS; uat is a user attribute, without an ID */
static void
dissect_index_uid(index_state_t *state, const index_line_t *line, bool attribute)
{
    packet_info *pinfo = state->message->pinfo;
    proto_tree *parent = state->key_tree ? state->key_tree : state->tree;
    proto_tree *tree;
    proto_item *item;
    bool bad = false;

    if (attribute || field_is_empty(line, 1)) {
        tree = proto_tree_add_subtree(parent, state->tvb, line->whole.offset, line->whole.length, ett_hkp_index_uid,
                &item, attribute ? "User attribute" : "User ID");
        if (!attribute)
            malformed(state, item, line->whole, "uid without a user ID");
    } else {
        const char *uid = hkp_decoded(pinfo->pool, line->field[1], false, &bad);

        item = proto_tree_add_string(parent, hf_hkp_index_uid, state->tvb, line->field[1].offset, line->field[1].length, uid);
        tree = proto_item_add_subtree(item, ett_hkp_index_uid);
        if (bad)
            expert_add_info(pinfo, item, &ei_hkp_encoding);
        if (state->first_uid)
            note_name(state, uid);
        state->first_uid = false;
    }
    if (!state->has_key)
        malformed(state, item, line->whole, "uid before any pub");
    time_field(state, tree, hf_hkp_index_creation, line, 2);
    time_field(state, tree, hf_hkp_index_expiration, line, 3);
    flags_field(state, tree, line, 4);
}

/* Lines of other kinds are to be ignored. */
static void
dissect_index_line(index_state_t *state, hkp_text_t text)
{
    index_line_t line = { .whole = text };

    while (line.fields < INDEX_FIELDS && text.start != NULL) {
        bool last = hkp_text_find(text, ':') < 0;

        line.field[line.fields++] = hkp_text_next(&text, ':');
        if (last)
            break;
    }
    if (hkp_text_is(line.field[0], "info"))
        dissect_index_info(state, &line);
    else if (hkp_text_is(line.field[0], "pub"))
        dissect_index_pub(state, &line);
    else if (hkp_text_is(line.field[0], "uid"))
        dissect_index_uid(state, &line, false);
    else if (hkp_text_is(line.field[0], "uat"))
        dissect_index_uid(state, &line, true);
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
    while (rest.length > 0 && state->lines < INDEX_MAX_LINES) {
        bool cut = !complete && hkp_text_find(rest, '\n') < 0;
        hkp_text_t line = without_line_end(hkp_text_next(&rest, '\n'));

        if (line.length > 0 && !cut)
            dissect_index_line(state, line);
        state->lines++;
    }
    if (rest.length > 0)
        malformed(state, NULL, rest, "more lines than are shown");
    else if (complete && state->info_item && state->announced != state->keys)
        expert_add_info_format(state->message->pinfo, state->info_item, &ei_hkp_index_malformed,
                "The info line announces %u keys, %u follow", state->announced, state->keys);
}

static const char *
index_text(index_state_t *state)
{
    return wmem_strdup_printf(state->message->pinfo->pool, "%u key%s%s%s%s", state->keys, plurality(state->keys, "", "s"),
            state->names > 0 ? ": " : "", wmem_strbuf_get_str(state->info),
            state->names > INFO_NAMES ? ", " UTF8_HORIZONTAL_ELLIPSIS : "");
}

hkp_index_t
hkp_show_index(http_message_t *message, tvbuff_t *body, proto_tree *tree)
{
    index_state_t state = {
        .message = message, .tvb = body, .tree = tree, .info = wmem_strbuf_new(message->pinfo->pool, NULL)
    };

    dissect_index_lines(&state, hkp_text_of(body), message->complete);
    return (hkp_index_t){ state.keys, index_text(&state) };
}

void
hkp_register_index(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_hkp_index_version,
          { "Index version", "hkp.index.version",
            FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_count,
          { "Keys announced", "hkp.index.count",
            FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_keyid,
          { "Key ID or fingerprint", "hkp.index.keyid",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_algorithm,
          { "Algorithm", "hkp.index.algorithm",
            FT_UINT8, BASE_DEC, VALS(openpgp_public_key_algorithms), 0, NULL, HFILL }},
        { &hf_hkp_index_keylen,
          { "Key length", "hkp.index.keylen",
            FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_creation,
          { "Created", "hkp.index.creation",
            FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_expiration,
          { "Expires", "hkp.index.expiration",
            FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_flags,
          { "Flags", "hkp.index.flags",
            FT_STRING, BASE_NONE, NULL, 0, "r revoked, d disabled, e expired", HFILL }},
        { &hf_hkp_index_uid,
          { "User ID", "hkp.index.uid",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
    };
    static int *ett[] = {
        &ett_hkp_index_key,
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
