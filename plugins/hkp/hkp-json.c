/* hkp-json.c
 * JSON of key servers; see hkp-json.h
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

#include <wsutil/wsjson.h>

#include "hkp-json.h"
#include "text.h"

static hkp_text_t
without_space(hkp_text_t text)
{
    while (text.length > 0 && g_ascii_isspace(text.start[0]))
        text = hkp_text_from(text, 1);
    return text;
}

static hkp_text_t
first_part(hkp_text_t text, int length)
{
    return (hkp_text_t){ text.start, length, text.offset };
}

bool
hkp_json_begins(hkp_text_t text)
{
    text = without_space(text);
    return text.length > 0 && (text.start[0] == '[' || text.start[0] == '{');
}

hkp_json_t
hkp_json_of(hkp_text_t text)
{
    return (hkp_json_t){ .rest = text };
}

/* Behind the opening quotation mark. False: there is no closing one. */
static bool
take_string(hkp_json_t *json)
{
    hkp_text_t text = hkp_text_from(json->rest, 1);
    int i = 0;

    while (i < text.length && text.start[i] != '"')
        i += text.start[i] == '\\' ? 2 : 1;
    if (i >= text.length)
        return false;
    json->value = first_part(text, i);
    json->is_string = true;
    json->rest = without_space(hkp_text_from(text, i + 1));
    return true;
}

/* A number, true, false or null. */
static bool
take_word(hkp_json_t *json)
{
    int i = 0;

    while (i < json->rest.length && (g_ascii_isalnum(json->rest.start[i]) || strchr("+-.", json->rest.start[i])))
        i++;
    json->value = first_part(json->rest, i);
    json->rest = hkp_text_from(json->rest, i);
    return i > 0;
}

static bool
take_name(hkp_json_t *json)
{
    if (json->rest.length == 0 || json->rest.start[0] != ':')
        return false;
    json->name = json->value;
    json->is_string = false;
    json->rest = without_space(hkp_text_from(json->rest, 1));
    return true;
}

static hkp_json_event_t
take_bracket(hkp_json_t *json, bool opens)
{
    json->value = first_part(json->rest, 1);
    json->rest = hkp_text_from(json->rest, 1);
    if (opens)
        json->depth++;
    else if (json->depth-- == 0)
        return HKP_JSON_END;
    return opens ? HKP_JSON_OPEN : HKP_JSON_CLOSE;
}

static hkp_text_t
without_comma(hkp_text_t text)
{
    text = without_space(text);
    return text.length > 0 && text.start[0] == ',' ? without_space(hkp_text_from(text, 1)) : text;
}

hkp_json_event_t
hkp_json_next(hkp_json_t *json)
{
    json->rest = without_comma(json->rest);
    json->name.length = 0;
    json->is_string = false;
    if (json->rest.length > 0 && json->rest.start[0] == '"') {
        if (!take_string(json))
            return HKP_JSON_END;
        if (!take_name(json))
            return HKP_JSON_VALUE;
    }
    if (json->rest.length == 0)
        return HKP_JSON_END;
    switch (json->rest.start[0]) {
    case '{':
    case '[':
        return take_bracket(json, true);
    case '}':
    case ']':
        return take_bracket(json, false);
    case '"':
        return take_string(json) ? HKP_JSON_VALUE : HKP_JSON_END;
    default:
        return take_word(json) ? HKP_JSON_VALUE : HKP_JSON_END;
    }
}

const char *
hkp_json_text(wmem_allocator_t *pool, const hkp_json_t *json)
{
    char *text = wmem_strndup(pool, json->value.start, (size_t)json->value.length);

    if (json->is_string && memchr(json->value.start, '\\', (size_t)json->value.length) && !json_decode_string_inplace(text))
        return hkp_shown(pool, json->value);
    return text_shown(pool, text, strlen(text), TEXT_LINE, NULL);
}
