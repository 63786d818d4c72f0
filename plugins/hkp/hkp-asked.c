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

/* Of requests, which the last one may exceed by its own size. */
#define KEPT_MAX        (64 * 1024 * 1024)
/* Of servers, and of redirects, each with a name of at most so many octets. */
#define NAMES_MAX       4096
#define NAME_MAX_LENGTH 512

typedef struct hkp_server {
    const char *host;
    uint32_t    since;      /* the first frame that proves it to be a key server */
} hkp_server_t;

static size_t kept;             /* octets of this capture */
static const char *host_as_sent, *host_as_shown;    /* of the last request that had one */
static const hkp_server_t *latest;  /* that was looked for, or NULL */
static wmem_map_t *servers;     /* hkp_server_t, by host */
static wmem_map_t *redirects;   /* by host and target: the address that was asked for first */

static void
begin_file(void)
{
    kept = 0;
    host_as_sent = host_as_shown = NULL;
    latest = NULL;
}

void
hkp_register_asked(void)
{
    register_init_routine(begin_file);
    servers = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash, g_str_equal);
    redirects = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash, g_str_equal);
}

static size_t
size_of(const hkp_asked_t *asked)
{
    const char *const texts[] = { asked->op, asked->search, asked->subject, asked->hex, asked->address };
    size_t size = sizeof *asked;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        size += texts[i] ? strlen(texts[i]) + 1 : 0;
    return size;
}

static bool
has_room_for(wmem_map_t *map, const char *name)
{
    return strlen(name) <= NAME_MAX_LENGTH && wmem_map_size(map) < NAMES_MAX && !wmem_map_contains(map, name);
}

/* NULL: nothing proves it yet. */
static const hkp_server_t *
find_server(const char *host)
{
    if (!latest || strcmp(latest->host, host) != 0)
        latest = (const hkp_server_t *)wmem_map_lookup(servers, host);
    return latest;
}

void
hkp_note_server(const packet_info *pinfo, const hkp_asked_t *asked)
{
    hkp_server_t *server;

    if (!asked->host || find_server(asked->host) || !has_room_for(servers, asked->host))
        return;
    server = wmem_new(wmem_file_scope(), hkp_server_t);
    server->host = wmem_strdup(wmem_file_scope(), asked->host);
    server->since = pinfo->num;
    wmem_map_insert(servers, server->host, server);
}

bool
hkp_is_known_server(const packet_info *pinfo, const hkp_asked_t *asked)
{
    const hkp_server_t *server = asked->host ? find_server(asked->host) : NULL;

    return server && server->since < pinfo->num;
}

/* RFC 9110 section 10.2.2. A Web Key Directory may be anywhere; the address stays. */
void
hkp_note_redirect(http_message_t *message, const hkp_asked_t *asked)
{
    const char *location = asked->address ? http_message_header(message, "Location") : NULL;
    const char *place = location ? strstr(location, "://") : NULL;

    if (place && strlen(asked->address) <= NAME_MAX_LENGTH && has_room_for(redirects, place + 3))
        wmem_map_insert(redirects, wmem_strdup(wmem_file_scope(), place + 3), wmem_strdup(wmem_file_scope(), asked->address));
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

/* Stays until the capture is closed: a client asks the same host again. */
static const char *
shown_host(const char *host)
{
    if (!host || (host_as_sent && !strcmp(host_as_sent, host)))
        return host ? host_as_shown : NULL;
    host_as_sent = wmem_strdup(wmem_file_scope(), host);
    host_as_shown = text_shown(wmem_file_scope(), host, strlen(host), TEXT_LINE, NULL);
    kept += strlen(host_as_sent) + strlen(host_as_shown);
    return host_as_shown;
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
    asked->host = shown_host(host);
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
    const char *const texts[] = { asked->op, asked->search, asked->subject, asked->hex, asked->address };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        wmem_free(wmem_file_scope(), (void *)texts[i]);
    wmem_free(wmem_file_scope(), asked);
}

hkp_asked_t *
hkp_remember(http_message_t *message, const hkp_request_t *request)
{
    hkp_asked_t *asked;

    if (kept >= KEPT_MAX)
        return NULL;
    asked = copy_of_request(message, request);
    kept += size_of(asked);
    return asked;
}

void
hkp_forget(hkp_asked_t *asked)
{
    kept -= size_of(asked);
    free_asked(asked);
}
