/* acme-json.c
 * JSON objects of ACME's messages; see acme-json.h
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

#include "acme-json.h"

#define MAX_TOKENS 4096

/* Of a string's token. */
#define DECODED 1
#define BROKEN  2

/* Behind the tokens, a byte for each: what became of it. */
static uint8_t *
state_of(const acme_json_t *object, const jsmntok_t *token)
{
    return (uint8_t *)(object->root + object->count) + (token - object->root);
}

bool
acme_json_parse(wmem_allocator_t *pool, const char *text, size_t length, acme_json_t *object)
{
    memset(object, 0, sizeof *object);
    if (length < 2 || length > ACME_MAX_JSON || memchr(text, '\0', length))
        return false;
    object->text = wmem_strndup(pool, text, length);
    object->count = json_parse(object->text, NULL, 0);
    if (object->count < 1 || object->count > MAX_TOKENS)
        return false;
    object->root = (jsmntok_t *)wmem_alloc0(pool, (size_t)object->count * (sizeof(jsmntok_t) + 1));
    return json_parse(object->text, object->root, object->count) == object->count && object->root->type == JSMN_OBJECT;
}

bool
acme_json_parse_body(wmem_allocator_t *pool, tvbuff_t *body, acme_json_t *object)
{
    unsigned length = body ? tvb_captured_length(body) : 0;

    memset(object, 0, sizeof *object);
    return length > 0 && length <= ACME_MAX_JSON
        && acme_json_parse(pool, (const char *)tvb_memdup(pool, body, 0, length), length, object);
}

bool
acme_json_mentions(tvbuff_t *body, const char *name)
{
    unsigned length = body ? tvb_captured_length(body) : 0;

    return length > 0 && length <= ACME_MAX_JSON && g_strstr_len((const char *)tvb_get_ptr(body, 0, length), length, name);
}

static jsmntok_t *
member_of(const acme_json_t *object, jsmntok_t *holder, const char *name)
{
    int length = (int)strlen(name);
    jsmntok_t *key, *next;
    const jsmntok_t *end;

    if (!holder || holder->type != JSMN_OBJECT)
        return NULL;
    end = object->root + object->count;
    for (key = holder + 1; key + 1 < end && key->start < holder->end; key = next) {
        if (key->end - key->start == length && !memcmp(object->text + key->start, name, length))
            return key + 1;
        next = key + 2;
        while (next < end && next->start < key[1].end)
            next++;
    }
    return NULL;
}

const jsmntok_t *
acme_json_member(const acme_json_t *object, const char *name)
{
    return member_of(object, object->root, name);
}

/* A value is decoded once, where it stands. */
const char *
acme_json_text_of(const acme_json_t *object, const jsmntok_t *value)
{
    uint8_t *state;

    if (!value || value->type != JSMN_STRING)
        return NULL;
    state = state_of(object, value);
    if (*state == 0) {
        object->text[value->end] = '\0';
        *state = json_decode_string_inplace(object->text + value->start) ? DECODED : BROKEN;
    }
    return *state == DECODED ? object->text + value->start : NULL;
}

const char *
acme_json_text(const acme_json_t *object, jsmntok_t *holder, const char *name)
{
    return acme_json_text_of(object, member_of(object, holder, name));
}

bool
acme_json_has(const acme_json_t *object, const char *name)
{
    return acme_json_member(object, name) != NULL;
}

bool
acme_json_has_array(const acme_json_t *object, const char *name)
{
    const jsmntok_t *value = acme_json_member(object, name);

    return value && value->type == JSMN_ARRAY;
}

const char *
acme_json_string(const acme_json_t *object, const char *name)
{
    return acme_json_text(object, object->root, name);
}
