/* hkp-upload.c
 * What a key server says of keys that were sent to it; see hkp-upload.h
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

#include <stdlib.h>
#include <string.h>

#include <epan/packet.h>

#include "hkp-json.h"
#include "hkp-page.h"
#include "hkp-upload.h"
#include "compat.h"

static int hf_hkp_upload_result = -1;

typedef struct reader {
    wmem_allocator_t *pool;
    tvbuff_t         *tvb;
    proto_tree       *tree;
    unsigned          results;
    unsigned          refused;      /* of them */
    bool              said;         /* of all of it: accepted or refused */
    bool              refusal;
    wmem_strbuf_t    *text;
} reader_t;

static const char *const refusals[] = { "invalid", "refused" };

static bool
is_refusal(const char *result)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        if (!strcmp(result, refusals[i]))
            return true;
    }
    return false;
}

static void
add_result(reader_t *reader, hkp_text_t at, const char *result)
{
    proto_item *item;

    if (reader->results >= HKP_UPLOAD_MAX)
        return;
    item = proto_tree_add_string(reader->tree, hf_hkp_upload_result, reader->tvb, at.offset, at.length, result);
    proto_item_set_generated(item);
    wmem_strbuf_append_printf(reader->text, "%s%s", reader->results++ ? ", " : "", result);
    reader->refused += is_refusal(result);
}

static void
say(reader_t *reader, bool accepted)
{
    reader->said = true;
    reader->refusal = !accepted;
}

/* --- JSON --- */

/* The lists of keys that Hockeypuck tells: an object each, in older versions a string. */
static bool
is_list_of_keys(hkp_text_t name)
{
    static const char *const lists[] = { "inserted", "updated", "deleted", "ignored", "invalid" };

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (hkp_text_is(name, lists[i]))
            return true;
    }
    return false;
}

static bool
is_state_of_address(hkp_text_t value)
{
    return hkp_text_is(value, "published") || hkp_text_is(value, "unpublished") || hkp_text_is(value, "pending") ||
        hkp_text_is(value, "revoked");
}

static void
read_json_value(reader_t *reader, const hkp_json_t *json, hkp_text_t part)
{
    if (json->depth == 2 && hkp_text_is(part, "status") && json->is_string && is_state_of_address(json->value))
        add_result(reader, json->value, hkp_json_text(reader->pool, json));
    else if (json->depth == 2 && json->is_string && json->name.length == 0 && is_list_of_keys(part))
        add_result(reader, json->value, hkp_shown(reader->pool, part));
    else if (json->depth == 1 && hkp_text_is(json->name, "error"))
        say(reader, false);
    else if (json->depth == 1 && (hkp_text_is(json->name, "key_fpr") || hkp_text_is(json->name, "token")))
        say(reader, true);
}

static void
read_json(reader_t *reader, hkp_text_t body)
{
    hkp_json_t json = hkp_json_of(body);
    hkp_text_t part = { NULL, 0, 0 };
    hkp_json_event_t event;

    while ((event = hkp_json_next(&json)) != HKP_JSON_END) {
        if (event == HKP_JSON_OPEN && json.depth == 2)
            part = json.name;
        else if (event == HKP_JSON_OPEN && json.depth == 3 && is_list_of_keys(part))
            add_result(reader, part, hkp_shown(reader->pool, part));
        else if (event == HKP_JSON_VALUE)
            read_json_value(reader, &json, part);
    }
}

/* --- Pages and text --- */

/* Hockeypuck: a row of a table for each key. */
static void
read_rows(reader_t *reader, hkp_text_t page)
{
    static const struct {
        const char *row;
        const char *result;
    } rows[] = {
        { "<th><strong>Inserted</strong></th>", "inserted" }, { "<th><strong>Updated</strong></th>", "updated" },
        { "<th><strong>Ignored</strong></th>", "ignored" },   { "<th><strong>Deleted</strong></th>", "deleted" },
        { "<th><strong>Invalid</strong></th>", "invalid" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        hkp_text_t rest = page;
        const char *found;

        while (rest.length > 0 && reader->results < HKP_UPLOAD_MAX
                && (found = g_strstr_len(rest.start, rest.length, rows[i].row)) != NULL) {
            rest = hkp_text_from(rest, (int)(found - rest.start) + (int)strlen(rows[i].row));
            add_result(reader, rest, rows[i].result);
        }
    }
}

static void
read_keys_added(reader_t *reader, hkp_text_t page, unsigned long count)
{
    say(reader, true);
    for (unsigned long n = 0; n < count && n < HKP_UPLOAD_MAX; n++)
        add_result(reader, page, "inserted");
}

static bool
has(const char *seen, const char *words)
{
    return strstr(seen, words) != NULL;
}

/* What servers say, and what that means; without a result it is about all of what was sent. */
static const struct {
    const char *words;
    const char *result;
    bool        accepted;
} phrases[] = {
    { "identical key already exists",                           "ignored",     true },
    { "contained no new keys",                                  "ignored",     true },
    { "add failed",                                             NULL,          false },
    { "key block corrupt",                                      NULL,          false },
    { "no openpgp packets found",                               NULL,          false },
    { "user id not found",                                      NULL,          false },     /* Mailvelope, with 404 */
    { "no keytext to add",                                      NULL,          false },
    { "key block added to key server database",                 NULL,          true },
    { "upload successful. check your inbox",                    "pending",     true },
    { "upload successful. this is a new key",                   "inserted",    true },
    { "only be published after verification",                   "unpublished", true },
    { "check your inbox to verify the removal",                 "pending",     true },
    { " successfully verified",                                 "published",   true },
    { " erfolgreich verifiziert",                               "published",   true },
    { " removed from the key directory",                        "deleted",     true },
    { " aus dem schl\xc3\xbcssel verzeichnis entfernt",         "deleted",     true },
    { "key successfully removed",                               "deleted",     true },
};

/* False: there are none of them. */
static bool
read_words(reader_t *reader, hkp_text_t page, const char *seen)
{
    for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++) {
        if (!has(seen, phrases[i].words))
            continue;
        if (phrases[i].result)
            add_result(reader, page, phrases[i].result);
        else
            say(reader, phrases[i].accepted);
        return true;
    }
    return false;
}

/* Where no key was added, other words say why. */
static void
read_page(reader_t *reader, hkp_text_t page)
{
    static const char added[] = "new public keys added:";
    const char *seen = hkp_page_text(reader->pool, page);
    const char *behind = strstr(seen, added);
    /* Behind the words or the line break that follows them. */
    unsigned long count = behind ? strtoul(behind + sizeof added - 1, NULL, 10) : 0;

    if (has(seen, "submission results")) {
        read_rows(reader, page);
        say(reader, true);
    } else if (count > 0 || (!read_words(reader, page, seen) && behind)) {
        read_keys_added(reader, page, count);
    }
}

/* --- The whole --- */

static hkp_upload_verdict_t
verdict_of(const reader_t *reader)
{
    if (reader->results > 0)
        return reader->refused == reader->results ? HKP_UPLOAD_REFUSED : HKP_UPLOAD_ACCEPTED;
    if (!reader->said)
        return HKP_UPLOAD_UNSAID;
    return reader->refusal ? HKP_UPLOAD_REFUSED : HKP_UPLOAD_ACCEPTED;
}

hkp_upload_t
hkp_read_upload(wmem_allocator_t *pool, tvbuff_t *body, proto_tree *tree)
{
    reader_t reader = { .pool = pool, .tvb = body, .tree = tree, .text = wmem_strbuf_new(pool, NULL) };
    hkp_text_t text = hkp_text_of(body);

    if (hkp_json_begins(text))
        read_json(&reader, text);
    else
        read_page(&reader, text);
    return (hkp_upload_t){ verdict_of(&reader), reader.results > 0 ? wmem_strbuf_get_str(reader.text) : NULL };
}

void
hkp_register_upload(int proto)
{
    static hf_register_info hf[] = {
        { &hf_hkp_upload_result,
          { "Result", "hkp.upload.result",
            FT_STRING, BASE_NONE, NULL, 0, "What the server did with a key, or with an address of it", HFILL }},
    };

    proto_register_field_array(proto, hf, array_length(hf));
}
