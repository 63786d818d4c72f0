/* hkp-keys.c
 * The keys in requests and answers of key servers; see hkp-keys.h
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

#include "hkp-compare.h"
#include "hkp-json.h"
#include "hkp-keys.h"
#include "hkp-mailvelope.h"
#include "hkp-page.h"
#include "openpgp-codes.h"
#include "text.h"
#include "compat.h"

/* Bound for what is shown of a hashquery. */
#define MAX_HASHES 10000

static int hf_hkp_hashquery_count = -1;
static int hf_hkp_hashquery_hash = -1;

/* Nothing of it is shown here. */
static tvbuff_t *
new_tvb(http_message_t *message, const char *bytes, int length)
{
    return tvb_new_child_real_data(message->tvb, (const uint8_t *)bytes, (unsigned)length, length);
}

/* --- What is around them --- */

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

/* NULL: it is none, or not of OpenPGP packets. */
static tvbuff_t *
base64_of(http_message_t *message, hkp_text_t text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    char *base64 = (char *)wmem_alloc(message->pinfo->pool, (size_t)text.length + 4);
    size_t length = 0;
    openpgp_data_t data;

    for (int i = 0; i < text.length; i++) {
        bool escaped = text.start[i] == '\\' && i + 1 < text.length;
        char c = text.start[i += escaped];

        if (escaped ? c == '/' : c != '\0' && strchr(digits, c) != NULL)
            base64[length++] = c;
    }
    while (length % 4 != 0)     /* some leave it out */
        base64[length++] = '=';
    base64[length] = '\0';
    g_base64_decode_inplace(base64, &length);
    data = (openpgp_data_t){ (const uint8_t *)base64, (unsigned)length, (unsigned)length };
    return openpgp_is_binary(data, false) ? new_tvb(message, base64, (int)length) : NULL;
}

/* { "keytext": "..." }, of Mailvelope { "publicKeyArmored": "..." } */
static tvbuff_t *
keytext_of_json(http_message_t *message, tvbuff_t *body)
{
    hkp_json_t json = hkp_json_of(hkp_text_of(body));
    hkp_json_event_t event;

    while ((event = hkp_json_next(&json)) != HKP_JSON_END) {
        tvbuff_t *bytes;

        if (event != HKP_JSON_VALUE || json.depth != 1 || !json.is_string ||
                !(hkp_text_is(json.name, "keytext") || hkp_text_is(json.name, HKP_MAILVELOPE_KEY)))
            continue;
        bytes = json.value.length > 0 && !g_strstr_len(json.value.start, json.value.length, "-----BEGIN PGP") ?
            base64_of(message, json.value) : NULL;
        return bytes ? bytes : new_tvb(message, json.value.start, json.value.length);
    }
    return NULL;
}

/* The bytes of a message in which keys may be. */
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

/* --- What they are --- */

typedef struct look {
    const hkp_asked_t *asked;
    wmem_allocator_t  *pool;
    bool               has_address;
} look_t;

static void
ignore_block(void *user _U_, unsigned nesting _U_)
{
}

static void
ignore_cleartext(void *user _U_, const char *text _U_, unsigned length _U_)
{
}

/*
 * A Web Key Directory of the direct method is at the domain itself, but web servers lead on to another name, such as www.: which
 * keeps path and query.
 */
static bool
is_of_parent(wmem_allocator_t *pool, const char *userid, const char *address)
{
    const char *domain = strrchr(address, '@') + 1;
    int local = (int)(domain - address);

    for (const char *dot = strchr(domain, '.'); dot && strchr(dot + 1, '.'); dot = strchr(dot + 1, '.')) {
        if (hkp_userid_is_of(userid, wmem_strdup_printf(pool, "%.*s%s", local, address, dot + 1)))
            return true;
    }
    return false;
}

static void
look_at_packet(void *user, uint8_t tag, openpgp_data_t body, bool cut _U_, const openpgp_key_t *key _U_)
{
    look_t *look = (look_t *)user;
    const char *userid;

    if (tag != OPENPGP_TAG_USER_ID || look->has_address)
        return;
    userid = text_shown(look->pool, (const char *)body.octets, body.captured, TEXT_LINE, NULL);
    look->has_address = hkp_userid_is_of(userid, look->asked->address)
        || (!look->asked->whole_address && hkp_userid_contains(userid, look->asked->address))
        || (look->asked->any_parent && is_of_parent(look->pool, userid, look->asked->address));
}

static void
look_at_keys(const http_message_t *message, hkp_keys_t *keys)
{
    keys->readable = !keys->summary->incomplete;
    for (unsigned i = 0; i < wmem_array_get_count(keys->summary->keys); i++) {
        const openpgp_key_t *key = (const openpgp_key_t *)wmem_array_index(keys->summary->keys, i);

        keys->secret = keys->secret || key->secret;
        keys->readable = keys->readable && key->fingerprint[0] != '\0';
        keys->nameless += !key->subkey && !key->userid && key->version < 6 && message->complete
            && message->status != HKP_PARTIAL_CONTENT && !keys->summary->incomplete;
    }
}

hkp_keys_t
hkp_read_keys(http_message_t *message, tvbuff_t *body, const hkp_asked_t *asked)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    openpgp_data_t data = openpgp_data_of(key_bytes(message, body));
    hkp_keys_t keys = { .summary = openpgp_parse(pool, data) };
    look_t look = { asked, pool, false };
    openpgp_visitor_t visitor = {
        .user = &look, .block = ignore_block, .packet = look_at_packet, .cleartext = ignore_cleartext
    };

    if (!keys.summary->present)
        return (hkp_keys_t){ .summary = NULL };
    keys.armored = !openpgp_is_binary(data, false);
    look_at_keys(message, &keys);
    if (asked && asked->address)
        openpgp_visit(pool, data, &visitor);
    keys.has_address = look.has_address;
    return keys;
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

/* Nothing but a line end behind the last string. */
static bool
is_list(tvbuff_t *body)
{
    string_list_t list = { body, 4, tvb_captured_length(body) >= 4 ? tvb_get_ntohl(body, 0) : 1 };
    int offset, length;

    while (next_string(&list, &offset, &length))
        ;
    return list.left == 0 && tvb_captured_length_remaining(body, list.offset) <= 2;
}

/* The keys of the answer lie behind each other, but for their lengths. */
bool
hkp_read_hashquery(http_message_t *message, tvbuff_t *body, proto_tree *tree, hkp_keys_t *keys, uint32_t *listed)
{
    wmem_array_t *bytes = wmem_array_new(message->pinfo->pool, 1);
    string_list_t list;
    int offset, length;

    if (!is_list(body) && (message->complete || hkp_is_page(hkp_text_of(body))))
        return false;
    list = hashquery_list(body, tree);
    *listed = list.left;
    while (next_string(&list, &offset, &length))
        wmem_array_append(bytes, tvb_get_ptr(body, offset, length), length);
    if (wmem_array_get_count(bytes) > 0)
        *keys = hkp_read_keys(message, new_tvb(message, (const char *)wmem_array_get_raw(bytes), (int)wmem_array_get_count(bytes)),
                NULL);
    return true;
}

void
hkp_register_keys(int proto)
{
    static hf_register_info hf[] = {
        { &hf_hkp_hashquery_count,
          { "Count", "hkp.hashquery.count",
            FT_UINT32, BASE_DEC, NULL, 0, "Hashes asked for, or keys returned", HFILL }},
        { &hf_hkp_hashquery_hash,
          { "Hash", "hkp.hashquery.hash",
            FT_BYTES, BASE_NONE, NULL, 0,
            "Digest of a whole key, by which SKS servers tell what others have and they have not", HFILL }},
    };

    proto_register_field_array(proto, hf, array_length(hf));
}
