/* acme-http.c
 * HTTP-01 challenges: requests for /.well-known/acme-challenge/TOKEN and their answers
 *
 * RFC 8555 sections 8.1 (key authorizations) and 8.3 (HTTP challenge); RFC 9110 sections 7.2 (Host) and 15.4 (redirection).
 *
 * Requests are paired with their answers by http-hub.c, whatever the port and transport. What is known of an
 * exchange is an acme_http_t in file scope, hung on the exchange and written on the first pass only.
 *
 * A redirect makes the validator ask again, of any host, port and path. Where it is sent is kept by its
 * address and the new URL; the request that follows takes over domain and token, and is taken for
 * a part of the challenge once.
 *
 * Scanners look below that path, too, and people try it with "test". Who asks for less than a token, of which the API tells
 * nothing, is judged by an answer that has the key authorization alone.
 *
 * Bounds: 65536 waiting redirects a capture; their keys, and the URLs of exchanges, are from the share of URLs
 * (acme-memory.h). An exchange whose URL is not kept is shown, but nothing is followed from it.
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
#include <epan/to_str.h>
#include <wsutil/str_util.h>

#include "acme-base64url.h"
#include "acme-connect.h"
#include "acme-expected.h"
#include "acme-http.h"
#include "acme-http-body.h"
#include "acme-http-reply.h"
#include "acme-http-url.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "acme-verdict.h"
#include "acme-verdict-items.h"
#include "http.h"
#include "show.h"

#define TOKEN_MIN_LENGTH    22      /* base64url of the 128 bits that RFC 8555 section 8.3 demands */
#define MAX_REDIRECTS       65536   /* that are kept for a file */
#define MAX_CHAIN           9       /* redirects in a row that all validators follow: Pebble nine, Boulder eleven */
#define MAX_LOOK            64      /* that are looked at */
#define MAX_PATH            2000    /* bytes of a redirect's, likewise */

static int hf_acme_key_authorization = -1;
static int hf_acme_thumbprint = -1;
static int hf_acme_redirect = -1;
static int hf_acme_redirect_in = -1;

static expert_field ei_acme_token_charset = EI_INIT;
static expert_field ei_acme_token_short = EI_INIT;
static expert_field ei_acme_key_authorization_mismatch = EI_INIT;
static expert_field ei_acme_http_error = EI_INIT;
static expert_field ei_acme_redirected = EI_INIT;
static expert_field ei_acme_redirect_refused = EI_INIT;

/* Where validators are sent to, keys being "address URL"; values are lists of acme_http_t; file scope. */
static wmem_map_t *redirects;
static unsigned redirect_count;

typedef struct acme_http {
    acme_validation_t *validation;
    const char        *url;             /* that is asked for; NULL: not kept */
    bool               is_get;
    struct acme_http  *from;            /* whose redirect led here, or NULL */
    uint32_t           redirect_from;   /* frame of the redirect that led here, or 0 */
    uint32_t           redirect_in;     /* frame of the request that follows this redirect, or 0 */
} acme_http_t;

/* --- Redirects --- */

static const char *
redirect_key(packet_info *pinfo, const address *validator, const char *url)
{
    return wmem_strdup_printf(pinfo->pool, "%s %s", address_to_str(pinfo->pool, validator), url);
}

static void
keep_redirect(const http_message_t *message, acme_http_t *asked, const char *url)
{
    const char *key = redirect_count < MAX_REDIRECTS
        ? acme_keep(ACME_URLS, redirect_key(message->pinfo, &message->pinfo->dst, url)) : NULL;
    wmem_list_t *waiting;

    if (!key)
        return;
    waiting = (wmem_list_t *)wmem_map_lookup(redirects, key);
    if (!waiting) {
        waiting = wmem_list_new(wmem_file_scope());
        wmem_map_insert(redirects, key, waiting);
    }
    wmem_list_append(waiting, asked);
    redirect_count++;
}

/* The exchange whose redirect this request follows, if any. Each is followed once, the oldest first. */
static acme_http_t *
take_redirect(const http_message_t *message, const char *url)
{
    wmem_list_t *waiting;
    wmem_list_frame_t *first;
    acme_http_t *asked;

    if (redirect_count == 0)
        return NULL;
    waiting = (wmem_list_t *)wmem_map_lookup(redirects, redirect_key(message->pinfo, &message->pinfo->src, url));
    first = waiting ? wmem_list_head(waiting) : NULL;
    if (!first)
        return NULL;
    asked = (acme_http_t *)wmem_list_frame_data(first);
    wmem_list_remove_frame(waiting, first);
    redirect_count--;
    return asked;
}

/* --- First pass --- */

/* Validators ask for the same one after the other; NULL: there is no room. */
static const char *
keep_url(acme_challenge_t *challenge, const char *url)
{
    const char *last = (const char *)challenge->of_room;
    size_t size = strlen(url) + 1;

    if (last && !strcmp(last, url))
        return last;
    last = size <= ACME_MAX_TEXT ? (const char *)acme_room(ACME_URLS, size) : NULL;
    if (last)
        challenge->of_room = memcpy((char *)last, url, size);
    return last;
}

/* Too short for a token, unless the API says that it is one. */
static bool
is_doubtful(const char *token)
{
    return strlen(token) < TOKEN_MIN_LENGTH && !acme_expected_thumbprint(token);
}

/* url: the whole of it. NULL: there is no room for more challenges. */
static acme_http_t *
new_exchange(const http_message_t *message, const char *url, const char *domain, const char *token)
{
    acme_validation_t *validation = (acme_validation_t *)acme_validation_new(acme_challenge(ACME_HTTP_01, domain, token),
            &message->pinfo->src, true, sizeof *validation);
    acme_http_t *asked;

    if (!validation)
        return NULL;
    asked = wmem_new0(wmem_file_scope(), acme_http_t);
    asked->validation = validation;
    asked->url = keep_url(validation->challenge, url);
    asked->is_get = !strcmp(message->method, "GET");
    validation->doubtful = is_doubtful(token);
    acme_validation_asked(message->pinfo, validation);
    acme_connect_reached(message->pinfo, validation);
    acme_reply_await(message, validation);
    return asked;
}

static acme_http_t *
note_request(const http_message_t *message)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    const char *token, *whole;
    acme_http_t *from, *asked;
    acme_url_t url;

    if (redirect_count == 0 && !strstr(message->target, ACME_CHALLENGE_PATH))
        return NULL;
    acme_url_of_request(message, &url);
    whole = acme_url_text(pool, &url);
    from = take_redirect(message, whole);
    token = acme_url_token(pool, &url);
    if (!from)
        return token ? new_exchange(message, whole, acme_url_domain(pool, &url), token) : NULL;
    asked = new_exchange(message, whole, from->validation->challenge->domain, from->validation->challenge->token);
    if (!asked)
        return NULL;
    asked->from = from;
    asked->validation->went_to = asked->url;
    asked->redirect_from = from->validation->response_frame;
    from->redirect_in = message->pinfo->num;
    from->validation->passed_on = true;
    acme_connect_arrived(from->validation);
    return asked;
}

static bool
is_redirect(uint16_t status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Whether a redirect leads to what was asked for before it. steps: how many there were, it included. */
static bool
is_loop(const acme_http_t *asked, const char *url, unsigned *steps)
{
    *steps = 0;
    for (const acme_http_t *step = asked; step && *steps < MAX_LOOK; step = step->from) {
        if (step->url && !strcmp(step->url, url))
            return true;
        (*steps)++;
    }
    return false;
}

static bool
is_same_host(wmem_allocator_t *pool, const char *asked, const acme_url_t *url)
{
    const char *host = acme_url_domain(pool, url);
    acme_url_t before;

    return host && acme_url_resolve(pool, asked, asked, &before) && !g_strcmp0(acme_url_domain(pool, &before), host);
}

/* What is wrong with the host that a redirect leads to; to go on at the same one is all right. */
static const char *
host_fault(wmem_allocator_t *pool, const char *asked, const acme_url_t *url)
{
    return is_same_host(pool, asked, url) ? NULL : acme_url_host_fault(pool, url);
}

/* What public authorities do not like about a redirect, as Boulder has it; the list of statuses is the CA/Browser Forum's. */
static const char *
redirect_fault(wmem_allocator_t *pool, const char *asked, uint16_t status, const acme_url_t *url)
{
    const char *fault = acme_url_port_is_allowed(url) ? host_fault(pool, asked, url)
        : "Redirect to a port or scheme that is not allowed";

    if (fault && acme_url_port_is_allowed(url))
        return wmem_strdup_printf(pool, "Redirect to a place where validators do not go: %s", fault);
    if (!fault && status == 303)
        return "Redirect by status 303, which validators do not follow (301, 302, 307 and 308 are)";
    return !fault && strcspn(url->path, "?") > MAX_PATH ? "Redirect to a path of more than 2000 bytes" : fault;
}

/* Whether it leads to the server that sends it, or may, by a name that is known in its own network alone. */
static bool
may_lead_here(const http_message_t *message, const char *asked, const acme_url_t *url)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    const char *host = acme_url_domain(pool, url);

    return is_same_host(pool, asked, url)
        || (host && (!strpbrk(host, ".:") || !strcmp(host, address_to_str(pool, &message->pinfo->src))));
}

/* A cause unless the validator does not mind; first pass only. */
static void
suspect(packet_info *pinfo, acme_validation_t *validation, acme_cause_t cause)
{
    acme_validation_judge(pinfo, validation, cause);
    validation->refutable = true;
}

static void
note_redirect(const http_message_t *message, acme_http_t *asked, const char *location)
{
    const char *whole;
    unsigned steps;
    acme_url_t url;

    if (!asked->url)
        return;
    if (!acme_url_resolve(message->pinfo->pool, location, asked->url, &url)) {
        suspect(message->pinfo, asked->validation, ACME_CAUSE_REDIRECT);
        return;
    }
    whole = acme_url_text(message->pinfo->pool, &url);
    if (is_loop(asked, whole, &steps))
        acme_validation_judge(message->pinfo, asked->validation, ACME_CAUSE_LOOP);
    else if (redirect_fault(message->pinfo->pool, asked->url, message->status, &url))
        suspect(message->pinfo, asked->validation, ACME_CAUSE_REDIRECT);
    else if (steps > MAX_CHAIN)
        suspect(message->pinfo, asked->validation, ACME_CAUSE_LOOP);
    keep_redirect(message, asked, whole);
    if (may_lead_here(message, asked->url, &url))
        acme_connect_expect(message->pinfo, acme_url_port(&url), asked->validation);
}

static void
note_response(const http_message_t *message, acme_http_t *asked)
{
    const char *location = is_redirect(message->status) ? http_message_header(message, "Location") : NULL;

    acme_validation_answered(message->pinfo, asked->validation);
    if (location)
        note_redirect(message, asked, location);
    else if (message->status != 200)
        acme_validation_judge(message->pinfo, asked->validation, ACME_CAUSE_HTTP_ERROR);
}

/* --- Showing it --- */

static void
check_token(packet_info *pinfo, proto_item *item, const char *token)
{
    if (!acme_is_base64url(token, strlen(token)))
        expert_add_info(pinfo, item, &ei_acme_token_charset);
    if (strlen(token) < TOKEN_MIN_LENGTH)
        expert_add_info(pinfo, item, &ei_acme_token_short);
}

/* The token in the request's target, or the one that is being asked for elsewhere. */
static void
show_token(const http_message_t *message, proto_tree *tree, const acme_http_t *asked)
{
    const char *token = asked->validation->challenge->token;
    const char *found = message->target ? strstr(message->target, ACME_CHALLENGE_PATH) : NULL;
    proto_item *item;

    if (!found) {
        acme_add_token(message->tvb, tree, token, 0, 0);
        return;
    }
    found += strlen(ACME_CHALLENGE_PATH);
    item = acme_add_token(message->tvb, tree, token, message->target_offset + (int)(found - message->target),
            (int)strcspn(found, "?#"));
    if (!asked->redirect_from)
        check_token(message->pinfo, item, token);
}

static void
show_frame_link(const http_message_t *message, proto_tree *tree, int hf, uint32_t frame)
{
    if (!frame)
        return;
    show_uint(tree, hf, message->tvb, frame);
}

/* kept: the validation itself, of which asked may have a view. */
static void
show_request(const http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked,
        const acme_validation_t *kept)
{
    packet_info *pinfo = message->pinfo;

    show_token(message, tree, asked);
    acme_add_redirect_from(message->tvb, tree, asked->redirect_from);
    acme_connect_add_fallback(message->tvb, tree, kept, PINFO_FD_VISITED(pinfo));
    acme_add_request(message->tvb, pinfo, tree, item, asked->validation);
    acme_columns(pinfo, asked->validation->challenge, acme_shown(pinfo->pool, wmem_strdup_printf(pinfo->pool, "%s %s",
                    message->method, asked->redirect_from && asked->url ? asked->url : asked->validation->challenge->token)));
}

static void
show_key_authorization(wmem_allocator_t *pool, tvbuff_t *body, proto_tree *tree, const acme_body_t *read)
{
    int dot = read->offset + (int)strlen(read->token);
    int length = (int)strlen(read->thumbprint);

    proto_tree_add_string(tree, hf_acme_key_authorization, body, read->offset, dot - read->offset + 1 + length,
            wmem_strdup_printf(pool, "%s.%s", read->token, read->thumbprint));
    proto_tree_add_string(tree, hf_acme_thumbprint, body, dot + 1, length, read->thumbprint);
}

/* Whether a well-formed key authorization is that of the account; decided on the first pass. */
static void
check_account(packet_info *pinfo, acme_body_t *read, acme_validation_t *validation)
{
    const char *expected;

    if (!PINFO_FD_VISITED(pinfo) && (expected = acme_expected_thumbprint(validation->challenge->token)))
        validation->check = strcmp(read->thumbprint, expected) ? ACME_CHECK_DIFFERS : ACME_CHECK_FITS;
    if (validation->check == ACME_CHECK_DIFFERS) {
        read->cause = ACME_CAUSE_THUMBPRINT;
        read->fault = "thumbprint of another key";
    }
}

static bool
is_html(const http_message_t *message)
{
    const char *type = http_message_header(message, "Content-Type");

    return type && (!g_ascii_strncasecmp(type, "text/html", 9) || !g_ascii_strncasecmp(type, "application/xhtml+xml", 21));
}

/* A name's IPv6 address often leads elsewhere than its IPv4 address, and a CDN or another server may stand in front. */
static const char *
by_whom(const http_message_t *message)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    const char *server = http_message_header(message, "Server");

    return wmem_strconcat(pool, message->pinfo->src.type == AT_IPv6 ? " over IPv6" : "", server && server[0] ? " by " : NULL,
            server ? acme_shown(pool, server) : NULL, NULL);
}

static void
judge_body(http_message_t *message, proto_tree *tree, proto_item *item, acme_http_t *asked)
{
    packet_info *pinfo = message->pinfo;
    acme_validation_t *validation = asked->validation;
    tvbuff_t *body = http_message_body(message);
    acme_body_t read;

    acme_read_body(pinfo->pool, body, is_html(message), validation->challenge->token, &read);
    if (read.offset >= 0)
        show_key_authorization(pinfo->pool, body, tree, &read);
    if (!read.cause)
        check_account(pinfo, &read, validation);
    if (!read.cause) {
        acme_validation_thumbprint(pinfo, validation, read.thumbprint);
        if (!PINFO_FD_VISITED(pinfo))
            validation->doubtful = false;
    }
    acme_validation_judge(pinfo, validation, read.cause);
    acme_columns(pinfo, validation->challenge, acme_add_response(message->tvb, pinfo, tree, item, validation,
                read.fault ? read.fault : validation->check == ACME_CHECK_FITS ? "valid" : "well-formed"));
    if (read.fault && !validation->doubtful)
        acme_add_expert(pinfo, item, &ei_acme_key_authorization_mismatch, read.cause,
                wmem_strdup_printf(pinfo->pool, "Key authorization mismatch%s: %s", by_whom(message), read.fault));
}

static void
show_text(const http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked, const char *text)
{
    acme_columns(message->pinfo, asked->validation->challenge,
            acme_add_response(message->tvb, message->pinfo, tree, item, asked->validation, text));
}

static void
show_error(const http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked)
{
    packet_info *pinfo = message->pinfo;

    show_text(message, tree, item, asked, wmem_strdup_printf(pinfo->pool, "HTTP %u", message->status));
    if (asked->validation->doubtful)
        return;
    acme_add_expert(pinfo, item, &ei_acme_http_error, ACME_CAUSE_HTTP_ERROR,
            wmem_strdup_printf(pinfo->pool, "The answer%s is HTTP status %u", by_whom(message), message->status));
}

static const char *
refusal_text(packet_info *pinfo, const acme_http_t *asked, acme_cause_t cause, uint16_t status, const char *location)
{
    const char *fault = NULL;
    acme_url_t url;

    if (cause == ACME_CAUSE_LOOP)
        return "Redirect to what was asked for before, or one too many";
    if (asked->url && acme_url_resolve(pinfo->pool, location, asked->url, &url))
        fault = redirect_fault(pinfo->pool, asked->url, status, &url);
    return fault ? fault : "Redirect to a port or scheme that is not allowed";
}

static void
show_redirect(const http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked,
        const char *location)
{
    packet_info *pinfo = message->pinfo;
    acme_cause_t cause = acme_verdict_cause(asked->validation, PINFO_FD_VISITED(pinfo));
    const char *refusal = cause ? refusal_text(pinfo, asked, cause, message->status, location) : NULL;

    location = acme_shown(pinfo->pool, location);
    proto_tree_add_string(tree, hf_acme_redirect, message->tvb, message->offset, message->head_length, location);
    show_frame_link(message, tree, hf_acme_redirect_in, asked->redirect_in);
    acme_add_response(message->tvb, pinfo, tree, item, asked->validation, cause ? acme_cause_name(cause) : "redirect");
    expert_add_info(pinfo, item, &ei_acme_redirected);
    if (refusal)
        acme_add_expert(pinfo, item, &ei_acme_redirect_refused, cause, refusal);
    acme_columns(pinfo, asked->validation->challenge, wmem_strdup_printf(pinfo->pool, "%s to %s",
                cause == ACME_CAUSE_LOOP ? "redirect loop" : "redirect", location));
}

/* What there is of the body, but not enough to judge it; NULL: all. */
static const char *
body_hindrance(http_message_t *message)
{
    if (!http_message_body(message) && message->body_length != 0)
        return "unreadable content coding";
    return message->complete ? NULL : "incomplete answer";
}

static void
show_page(http_message_t *message, proto_tree *tree, proto_item *item, acme_http_t *asked)
{
    const char *hindrance = asked->is_get ? body_hindrance(message) : "HTTP 200";

    if (hindrance)
        show_text(message, tree, item, asked, hindrance);
    else
        judge_body(message, tree, item, asked);
}

static void
show_response(http_message_t *message, proto_tree *tree, proto_item *item, acme_http_t *asked)
{
    const char *location = is_redirect(message->status) ? http_message_header(message, "Location") : NULL;

    acme_add_status(message->tvb, message->offset, tree, message->status);
    show_token(message, tree, asked);
    if (location)
        show_redirect(message, tree, item, asked, location);
    else if (message->status != 200)
        show_error(message, tree, item, asked);
    else
        show_page(message, tree, item, asked);
}

/* An answer that has begun, but does not end in the capture, was not told: the exchange alone knows of it. */
static acme_http_t *
with_begun_answer(const http_message_t *message, const acme_http_t *asked)
{
    acme_http_t *view = (acme_http_t *)wmem_memdup(message->pinfo->pool, asked, sizeof *asked);

    view->validation = (acme_validation_t *)wmem_memdup(message->pinfo->pool, asked->validation, sizeof *asked->validation);
    view->validation->response_frame = message->exchange->response_frame;
    return view;
}

static void
http_message(http_message_t *message, void **data)
{
    acme_http_t *asked = (acme_http_t *)*data;
    const acme_validation_t *kept;
    proto_tree *tree;
    proto_item *item;

    if (!PINFO_FD_VISITED(message->pinfo)) {
        if (message->is_request)
            *data = asked = note_request(message);
        else if (asked && !message->interim)
            note_response(message, asked);
    }
    if (!asked || message->interim)
        return;
    kept = asked->validation;
    if (!kept->response_frame && message->exchange->response_frame)
        asked = with_begun_answer(message, asked);
    tree = acme_add_tree(message->tvb, message->offset, http_message_length(message), message->tree,
            asked->validation->challenge, &item);
    if (message->is_request)
        show_request(message, tree, item, asked, kept);
    else
        show_response(message, tree, item, asked);
}

/* Where the path of challenges is in the target of a request. */
static bool
has_challenge_path(const char *target, size_t length)
{
    static const char path[] = ACME_CHALLENGE_PATH;
    const size_t n = sizeof path - 1;
    const char *end = target + length;
    const char *dot = length >= n ? (const char *)memchr(target, path[1], length) : NULL;

    for (; dot; dot = (const char *)memchr(dot + 1, path[1], (size_t)(end - dot - 1))) {
        if (dot > target && (size_t)(end - dot) >= n - 1 && !memcmp(dot - 1, path, n))
            return true;
    }
    return false;
}

static bool
wants(const http_glance_t *glance, const void *data)
{
    return data || (glance->is_request && (redirect_count > 0 || has_challenge_path(glance->target, glance->target_length)));
}

static unsigned
body_wanted(const http_glance_t *glance, const void *data)
{
    return data && !glance->is_request ? HTTP_BODY_MAX : 0;
}

/* --- Registration --- */

static void
acme_http_init(void)
{
    redirects = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
    redirect_count = 0;
}

void
acme_register_http(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_key_authorization,
          { "Key authorization", "acme.key_authorization", FT_STRING, BASE_NONE, NULL, 0,
            "Token and thumbprint of the account's key", HFILL } },
        { &hf_acme_thumbprint,
          { "Thumbprint", "acme.thumbprint", FT_STRING, BASE_NONE, NULL, 0,
            "SHA-256 of the account's public key in base64url", HFILL } },
        { &hf_acme_redirect,
          { "Redirect", "acme.redirect", FT_STRING, BASE_NONE, NULL, 0,
            "URL that the validator is sent to", HFILL } },
        { &hf_acme_redirect_in,
          { "Followed in", "acme.redirect_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Request of the same validator for the URL that this answer names", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_acme_token_charset,
          { "acme.token_charset", PI_PROTOCOL, PI_WARN, "Token has characters that are not in base64url", EXPFILL } },
        { &ei_acme_token_short,
          { "acme.token_short", PI_SECURITY, PI_WARN, "Token has less than 128 bits", EXPFILL } },
        { &ei_acme_key_authorization_mismatch,
          { "acme.key_authorization_mismatch", PI_PROTOCOL, PI_ERROR, "Key authorization mismatch", EXPFILL } },
        { &ei_acme_http_error,
          { "acme.http_error", PI_RESPONSE_CODE, PI_WARN, "The answer is an HTTP error", EXPFILL } },
        { &ei_acme_redirected,
          { "acme.redirected", PI_RESPONSE_CODE, PI_NOTE, "The validator is sent elsewhere", EXPFILL } },
        { &ei_acme_redirect_refused,
          { "acme.redirect_refused", PI_RESPONSE_CODE, PI_WARN, "The validator does not follow this redirect", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_http_init);
    acme_register_http_reply();
}

void
acme_handoff_http(void)
{
    static const http_observer_t observer = { &proto_acme, http_message, wants, body_wanted, NULL };

    http_exchange_add_observer(&observer);
}
