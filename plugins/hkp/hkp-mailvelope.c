/* hkp-mailvelope.c
 * Whether an exchange is one with Mailvelope's key server; see hkp-mailvelope.h
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

#include "hkp-json.h"
#include "hkp-mailvelope.h"
#include "hkp-page.h"
#include "compat.h"

#define PUBLIC_HOST "keys.mailvelope.com"

static bool
is_public_host(http_message_t *message)
{
    const char *host = http_message_header(message, "Host");
    size_t length = strlen(PUBLIC_HOST);

    return host && !g_ascii_strncasecmp(host, PUBLIC_HOST, length) && (host[length] == '\0' || host[length] == ':');
}

static bool
has_key(hkp_text_t body)
{
    hkp_json_t json = hkp_json_of(body);
    hkp_json_event_t event;

    if (!hkp_json_begins(body))
        return false;
    while ((event = hkp_json_next(&json)) != HKP_JSON_END) {
        if (event == HKP_JSON_VALUE && json.depth == 1 && json.is_string && hkp_text_is(json.name, HKP_MAILVELOPE_KEY))
            return true;
    }
    return false;
}

/* What no other server would answer. */
static bool
speaks_of_removal(wmem_allocator_t *pool, hkp_text_t body)
{
    return strstr(hkp_page_text(pool, body), "check your inbox to verify the removal of your ") != NULL;
}

bool
hkp_mailvelope_is_proved(http_message_t *message)
{
    unsigned sources = g_slist_length(message->pinfo->data_src);
    tvbuff_t *body;
    hkp_text_t text;

    if (message->is_request && is_public_host(message))
        return true;
    body = http_message_body(message);
    text = body ? hkp_text_of(body) : (hkp_text_t){ NULL, 0, 0 };
    if (has_key(text) || (!message->is_request && text.length > 0 && speaks_of_removal(message->pinfo->pool, text)))
        return true;
    http_message_drop_body(message, sources);
    return false;
}
