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

/* --- What is kept of a capture --- */

/* Of requests. */
#define KEPT_MAX        (64 * 1024 * 1024)
/* Of servers, and of redirects, each with a name of at most so many octets. */
#define NAMES_MAX       4096
#define NAME_MAX_LENGTH 512

static wmem_map_t *kept;        /* one number, in octets */
static wmem_map_t *servers;     /* by host: the first frame that proves it to be a key server */
static wmem_map_t *redirects;   /* by host and target: the address that was asked for first */

void
hkp_register_asked(void)
{
    kept = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    servers = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash, g_str_equal);
    redirects = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash, g_str_equal);
}

static size_t
size_of(const hkp_asked_t *asked)
{
    const char *const texts[] = { asked->op, asked->search, asked->subject, asked->hex, asked->host, asked->address };
    size_t size = sizeof *asked;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        size += texts[i] ? strlen(texts[i]) + 1 : 0;
    return size;
}

/* False: there is no room for more. */
static bool
count_kept(const hkp_asked_t *asked)
{
    size_t sum = GPOINTER_TO_SIZE(wmem_map_lookup(kept, NULL)), size = size_of(asked);

    if (size > KEPT_MAX - sum)
        return false;
    wmem_map_insert(kept, NULL, GSIZE_TO_POINTER(sum + size));
    return true;
}

static void
keep_name(wmem_map_t *map, const char *name, void *value)
{
    if (strlen(name) <= NAME_MAX_LENGTH && wmem_map_size(map) < NAMES_MAX && !wmem_map_contains(map, name))
        wmem_map_insert(map, wmem_strdup(wmem_file_scope(), name), value);
}

void
hkp_note_server(const packet_info *pinfo, const hkp_asked_t *asked)
{
    if (asked->host)
        keep_name(servers, asked->host, GUINT_TO_POINTER(pinfo->num));
}

bool
hkp_is_known_server(const packet_info *pinfo, const hkp_asked_t *asked)
{
    uint32_t since = asked->host ? GPOINTER_TO_UINT(wmem_map_lookup(servers, asked->host)) : 0;

    return since != 0 && since < pinfo->num;
}

/* RFC 9110 section 10.2.2. A Web Key Directory may be anywhere; the address stays. */
void
hkp_note_redirect(http_message_t *message, const hkp_asked_t *asked)
{
    const char *location = asked->address ? http_message_header(message, "Location") : NULL;
    const char *place = location ? strstr(location, "://") : NULL;

    if (place && strlen(asked->address) <= NAME_MAX_LENGTH)
        keep_name(redirects, place + 3, wmem_strdup(wmem_file_scope(), asked->address));
}

/* Of a Web Key Directory: the address that a redirect to this has come from, else the one that the request itself has. */
static const char *
address_of(http_message_t *message, const hkp_request_t *request, const char *host)
{
    const char *place, *origin;

    if (request->api != API_WKD || !host)
        return request->address;
    place = message->target[0] == '/' ? wmem_strdup_printf(message->pinfo->pool, "%s%s", host, message->target) : message->target;
    origin = (const char *)wmem_map_lookup(redirects, place);
    return origin ? origin : request->address;
}

static hkp_asked_t *
copy_of_request(http_message_t *message, const hkp_request_t *request)
{
    wmem_allocator_t *scope = wmem_file_scope();
    hkp_asked_t *asked = wmem_new0(scope, hkp_asked_t);
    const char *host = http_message_header(message, "Host");

    asked->op = strdup_or_null(scope, request->op);
    asked->search = strdup_or_null(scope, request->search);
    asked->kind = request->kind;
    asked->address = strdup_or_null(scope, address_of(message, request, host));
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

static void
free_asked(hkp_asked_t *asked)
{
    const char *const texts[] = { asked->op, asked->search, asked->subject, asked->hex, asked->host, asked->address };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        wmem_free(wmem_file_scope(), (void *)texts[i]);
    wmem_free(wmem_file_scope(), asked);
}

hkp_asked_t *
hkp_remember(http_message_t *message, const hkp_request_t *request)
{
    hkp_asked_t *asked = copy_of_request(message, request);

    if (count_kept(asked))
        return asked;
    free_asked(asked);
    return NULL;
}

void
hkp_forget(hkp_asked_t *asked)
{
    size_t sum = GPOINTER_TO_SIZE(wmem_map_lookup(kept, NULL));

    wmem_map_insert(kept, NULL, GSIZE_TO_POINTER(sum - size_of(asked)));
    free_asked(asked);
}
