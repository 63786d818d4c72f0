/* hkp-asked.c
 * What is kept of a request to a key server; see hkp-request.h
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
#include <wsutil/utf8_entities.h>

#include "hkp-request.h"
#include "text.h"
#include "compat.h"

const char *
hkp_kind_name(uint8_t kind)
{
    return val_to_str_const(kind, hkp_kind_vals, "unknown");
}

/* As a person would name it: 0x8590...975D (v4 fingerprint) */
static const char *
name_of_key(wmem_allocator_t *pool, const char *hex, uint8_t kind)
{
    if (kind < KIND_V3)
        return wmem_strdup_printf(pool, "0x%s (%s)", hex, hkp_kind_name(kind));
    return wmem_strdup_printf(pool, "0x%.4s" UTF8_HORIZONTAL_ELLIPSIS "%s (%s)", hex, hex + strlen(hex) - 4, hkp_kind_name(kind));
}

static const char *
subject_of(wmem_allocator_t *pool, const hkp_request_t *request)
{
    if (request->api == API_WKD && request->domain.length > 0 && request->search)
        return hkp_shortened(pool, wmem_strdup_printf(pool, "%s@%s", request->search, hkp_shown(pool, request->domain)),
            HKP_INFO_SEARCH);
    if (!request->hex)
        return request->search ? hkp_shortened(pool, request->search, HKP_INFO_SEARCH) : "";
    return name_of_key(pool, request->hex, request->kind);
}

void
hkp_note_kind(hkp_asked_t *asked, uint8_t kind)
{
    if (asked->kind == kind)
        return;
    asked->kind = kind;
    asked->subject = name_of_key(wmem_file_scope(), asked->hex, kind);
}

const char *
hkp_operation_name(const hkp_asked_t *asked)
{
    return asked->op && asked->op[0] ? asked->op : "lookup";
}

/* wmem_strdup() makes text of NULL. */
static const char *
strdup_or_null(wmem_allocator_t *scope, const char *text)
{
    return text ? wmem_strdup(scope, text) : NULL;
}

/* Keys, or that they are to go. */
static bool
is_sent(const char *method, uint8_t api)
{
    return !strcmp(method, "POST") || !strcmp(method, "PUT") || (api == API_MAILVELOPE && !strcmp(method, "DELETE"));
}

hkp_asked_t *
hkp_remember(http_message_t *message, const hkp_request_t *request)
{
    wmem_allocator_t *scope = wmem_file_scope();
    hkp_asked_t *asked = wmem_new0(scope, hkp_asked_t);
    const char *host = http_message_header(message, "Host");

    asked->op = strdup_or_null(scope, request->op);
    asked->search = strdup_or_null(scope, request->search);
    asked->kind = request->kind;
    asked->address = strdup_or_null(scope, request->address);
    asked->whole_address = request->whole_address;
    asked->of_wkd = request->api == API_WKD;
    asked->any_parent = asked->of_wkd && !request->advanced;
    asked->subject = wmem_strdup(scope, subject_of(message->pinfo->pool, request));
    asked->hex = strdup_or_null(scope, request->hex);
    asked->host = host ? text_shown(scope, host, strlen(host), TEXT_LINE, NULL) : NULL;
    asked->doubtful = request->doubtful;
    asked->is_head = !strcmp(message->method, "HEAD");
    /* Not what is sent to the server, or asked about it. */
    if (asked->is_head || !strcmp(message->method, "GET") || request->expected == EXPECT_HASHQUERY)
        asked->expected = request->expected;
    else if (request->is_upload && is_sent(message->method, request->api))
        asked->expected = EXPECT_UPLOAD;
    return asked;
}

void
hkp_forget(hkp_asked_t *asked)
{
    const char *const texts[] = { asked->op, asked->search, asked->subject, asked->hex, asked->host, asked->address };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        wmem_free(wmem_file_scope(), (void *)texts[i]);
    wmem_free(wmem_file_scope(), asked);
}
