/* hkp-answer.c
 * What a key server answers; see hkp-answer.h
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
#include <wsutil/wsjson.h>

#include "hkp-answer.h"
#include "hkp-index.h"
#include "compat.h"

/* Names in the Info column. */
#define INFO_NAMES 3

/* Bound for what is shown of a hashquery. */
#define MAX_HASHES 10000

/* JSON tokens of an upload. */
#define UPLOAD_MAX_TOKENS 64

static int hf_hkp_hashquery_count = -1;
static int hf_hkp_hashquery_hash = -1;

/* --- Keys in bodies --- */

/* Nothing of it is shown here. */
static tvbuff_t *
new_tvb(http_message_t *message, const char *bytes, int length)
{
    return tvb_new_child_real_data(message->tvb, (const uint8_t *)bytes, (unsigned)length, length);
}

/* keytext=... of a form */
static tvbuff_t *
keytext_of_form(http_message_t *message, tvbuff_t *body)
{
    hkp_text_t rest = hkp_text_of(body);

    while (rest.length > 0) {
        hkp_text_t variable = hkp_text_next(&rest, '&');

        if (hkp_text_take(&variable, "keytext=")) {
            bool bad = false;
            int length;
            char *bytes = hkp_percent_decode(message->pinfo->pool, variable, true, &length, &bad);

            return new_tvb(message, bytes, length);
        }
    }
    return NULL;
}

/* { "keytext": "..." } */
static tvbuff_t *
keytext_of_json(http_message_t *message, tvbuff_t *body)
{
    char *json = (char *)tvb_get_string_enc(message->pinfo->pool, body, 0, (int)tvb_captured_length(body), ENC_UTF_8);
    jsmntok_t *tokens = wmem_alloc_array(message->pinfo->pool, jsmntok_t, UPLOAD_MAX_TOKENS);
    char *keytext;

    if (json_parse(json, tokens, UPLOAD_MAX_TOKENS) <= 0)
        return NULL;
    keytext = json_get_string(json, tokens, "keytext");
    return keytext ? new_tvb(message, keytext, (int)strlen(keytext)) : NULL;
}

/* The bytes of a message in which keys may be, freed from what a form or JSON puts around them. */
static tvbuff_t *
key_bytes(http_message_t *message, tvbuff_t *body)
{
    const char *type = http_message_header(message, "Content-Type");
    tvbuff_t *keytext = NULL;

    if (!message->is_request)
        return body;
    if (type && !g_ascii_strncasecmp(type, "application/json", 16))
        keytext = keytext_of_json(message, body);
    else if (!type || !g_ascii_strncasecmp(type, "application/x-www-form-urlencoded", 33))
        keytext = keytext_of_form(message, body);
    return keytext ? keytext : body;
}

const openpgp_summary_t *
hkp_read_keys(http_message_t *message, tvbuff_t *body)
{
    tvbuff_t *bytes = key_bytes(message, body);
    const openpgp_summary_t *keys = openpgp_parse(message->pinfo->pool, openpgp_data_of(bytes));

    return keys->present ? keys : NULL;
}

/* --- hashquery, as SKS has it: a count, then as many strings, each with its length before it --- */

typedef struct string_list {
    tvbuff_t *tvb;
    int       offset;
    uint32_t  left;
} string_list_t;

static bool
next_string(string_list_t *list, int *offset, int *length)
{
    uint32_t size;

    if (list->left == 0 || tvb_captured_length_remaining(list->tvb, list->offset) < 4)
        return false;
    size = tvb_get_ntohl(list->tvb, list->offset);
    if (size > (uint32_t)tvb_captured_length_remaining(list->tvb, list->offset + 4))
        return false;
    *offset = list->offset + 4;
    *length = (int)size;
    list->offset = *offset + *length;
    list->left--;
    return true;
}

static string_list_t
hashquery_list(tvbuff_t *body, proto_tree *tree)
{
    string_list_t list = { body, 4, 0 };

    if (tvb_captured_length(body) >= 4) {
        list.left = tvb_get_ntohl(body, 0);
        proto_tree_add_item(tree, hf_hkp_hashquery_count, body, 0, 4, ENC_BIG_ENDIAN);
    }
    return list;
}

uint32_t
hkp_show_hashes(tvbuff_t *body, proto_tree *tree)
{
    string_list_t list = hashquery_list(body, tree);
    uint32_t count = list.left;
    int offset, length;

    for (unsigned n = 0; n < MAX_HASHES && next_string(&list, &offset, &length); n++)
        proto_tree_add_item(tree, hf_hkp_hashquery_hash, body, offset, length, ENC_NA);
    return count;
}

/* The keys of the answer lie behind each other, but for their lengths. */
static const openpgp_summary_t *
dissect_hashquery_keys(http_message_t *message, tvbuff_t *body, proto_tree *tree)
{
    string_list_t list = hashquery_list(body, tree);
    wmem_array_t *keys = wmem_array_new(message->pinfo->pool, 1);
    int offset, length;

    while (next_string(&list, &offset, &length))
        wmem_array_append(keys, tvb_get_ptr(body, offset, length), length);
    if (wmem_array_get_count(keys) == 0)
        return NULL;
    return hkp_read_keys(message, new_tvb(message, (const char *)wmem_array_get_raw(keys), (int)wmem_array_get_count(keys)));
}

/* --- Answers --- */

/* An index for people: one that lists keys has links to them. */
static hkp_found_t
found_in_page(http_message_t *message, tvbuff_t *body)
{
    static const char *const links[] = { "search=0x", "search=%200x", "op=get" };
    hkp_text_t page = hkp_text_of(body);

    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (g_strstr_len(page.start, page.length, links[i]))
            return FOUND_YES;
    }
    return message->complete ? FOUND_NO : FOUND_UNKNOWN;
}

static void
read_index(http_message_t *message, tvbuff_t *body, proto_tree *tree, hkp_answer_t *answer)
{
    hkp_index_t listed = hkp_show_index(message, body, tree);

    answer->found = listed.keys > 0 ? FOUND_YES : message->complete ? FOUND_NO : FOUND_UNKNOWN;
    answer->text = listed.text;
}

static void
read_positive_answer(http_message_t *message, const hkp_asked_t *asked, tvbuff_t *body, proto_tree *tree, hkp_answer_t *answer)
{
    if (asked->expected == EXPECT_INDEX && hkp_is_index(hkp_text_of(body))) {
        read_index(message, body, tree, answer);
        return;
    }
    answer->keys = asked->expected == EXPECT_HASHQUERY ? dissect_hashquery_keys(message, body, tree) :
        hkp_read_keys(message, body);
    if (answer->keys && answer->keys->primary_keys > 0) {
        answer->found = FOUND_YES;
        answer->text = openpgp_keys_text(message->pinfo->pool, answer->keys, INFO_NAMES);
    } else if (asked->expected == EXPECT_INDEX) {
        answer->found = found_in_page(message, body);
    } else if ((asked->expected == EXPECT_KEY || asked->expected == EXPECT_HASHQUERY) && message->complete) {
        answer->found = FOUND_NO;
    } else if (asked->expected == EXPECT_FILE) {
        answer->found = FOUND_YES;
    }
}

static bool
status_is_missing(uint16_t status)
{
    return status == 404 || status == 410;
}

void
hkp_read_answer(http_message_t *message, const hkp_asked_t *asked, tvbuff_t *body, proto_tree *tree, hkp_answer_t *answer)
{
    bool positive = message->status >= 200 && message->status < 300;

    if (asked->expected == EXPECT_NOTHING)
        return;
    if (status_is_missing(message->status))
        answer->found = FOUND_NO;
    else if (positive && asked->is_head)
        answer->found = asked->expected == EXPECT_FILE ? FOUND_YES : FOUND_UNKNOWN;
    else if (positive && body)
        read_positive_answer(message, asked, body, tree, answer);
    else if (positive && message->body_length == 0 && message->complete)
        answer->found = asked->expected == EXPECT_FILE ? FOUND_YES : FOUND_NO;
}

void
hkp_register_answer(int proto)
{
    static hf_register_info hf[] = {
        { &hf_hkp_hashquery_count,
          { "Count", "hkp.hashquery.count",
            FT_UINT32, BASE_DEC, NULL, 0, "Hashes asked for, or keys returned", HFILL }},
        { &hf_hkp_hashquery_hash,
          { "Hash", "hkp.hashquery.hash",
            FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL }},
    };

    proto_register_field_array(proto, hf, array_length(hf));
}
