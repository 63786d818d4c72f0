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
#include <wsutil/inet_addr.h>
#include <wsutil/str_util.h>

#include "acme-base64url.h"
#include "acme-expected.h"
#include "acme-http.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "http.h"

#define TOKEN_MIN_LENGTH    22      /* base64url of the 128 bits that RFC 8555 section 8.3 demands */
#define BODY_MAX_READ       4096    /* a key authorization with its white space is shorter */
#define MAX_REDIRECTS       65536   /* that are kept for a file */
#define MAX_SHOWN_TOKEN     1024

static const char challenge_path[] = "/.well-known/acme-challenge/";

static int hf_acme_key_authorization = -1;
static int hf_acme_thumbprint = -1;
static int hf_acme_redirect = -1;
static int hf_acme_redirect_in = -1;
static int hf_acme_redirect_from = -1;

static expert_field ei_acme_token_charset = EI_INIT;
static expert_field ei_acme_token_short = EI_INIT;
static expert_field ei_acme_key_authorization_mismatch = EI_INIT;
static expert_field ei_acme_http_error = EI_INIT;
static expert_field ei_acme_redirected = EI_INIT;

/* Where validators are sent to, keys being "address URL"; values are lists of acme_http_t; file scope. */
static wmem_map_t *redirects;
static unsigned redirect_count;

typedef struct acme_http {
    acme_validation_t *validation;
    const char        *url;             /* that is asked for; NULL: not kept */
    bool               is_get;
    uint32_t           redirect_from;   /* frame of the redirect that led here, or 0 */
    uint32_t           redirect_in;     /* frame of the request that follows this redirect, or 0 */
} acme_http_t;

/* A target's parts. In pinfo->pool. */
typedef struct http_url {
    const char *scheme;
    const char *authority;      /* in lower case, without the default port */
    const char *path;           /* with the query */
} http_url_t;

/* --- URLs --- */

static const char *
default_port(const char *scheme)
{
    return !strcmp(scheme, "https") ? ":443" : ":80";
}

static const char *
normal_authority(wmem_allocator_t *pool, const char *scheme, const char *text, size_t length)
{
    char *authority = wmem_ascii_strdown(pool, text, (gssize)length);
    char *user_end = strrchr(authority, '@');

    if (user_end)
        authority = user_end + 1;
    if (g_str_has_suffix(authority, default_port(scheme)))
        authority[strlen(authority) - strlen(default_port(scheme))] = '\0';
    return authority;
}

/* An absolute URL; false: it is none of HTTP. */
static bool
split_url(wmem_allocator_t *pool, const char *text, http_url_t *url)
{
    const char *end;

    if (!g_ascii_strncasecmp(text, "http://", 7)) {
        url->scheme = "http";
        text += 7;
    } else if (!g_ascii_strncasecmp(text, "https://", 8)) {
        url->scheme = "https";
        text += 8;
    } else {
        return false;
    }
    end = text + strcspn(text, "/?#");
    url->authority = normal_authority(pool, url->scheme, text, end - text);
    url->path = wmem_strndup(pool, end, strcspn(end, "#"));
    if (url->path[0] != '/')
        url->path = wmem_strconcat(pool, "/", url->path, NULL);
    return true;
}

/* The URL that a request asks for, from its target and Host. */
static void
request_url(const http_message_t *message, http_url_t *url)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    const char *host;

    if (split_url(pool, message->target, url))
        return;
    host = http_message_header(message, "Host");
    url->scheme = !g_ascii_strcasecmp(message->scheme, "https") ? "https" : "http";
    url->authority = host ? normal_authority(pool, url->scheme, host, strlen(host)) : NULL;
    url->path = message->target;
}

/* Location relative to the request's URL, RFC 9110 section 10.2.2; NULL: not HTTP. */
static const char *
resolve_location(wmem_allocator_t *pool, const char *location, const acme_http_t *asked)
{
    char *resolved = g_uri_resolve_relative(asked->url, location, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
    const char *normal = NULL;
    http_url_t url;

    if (resolved && split_url(pool, resolved, &url))
        normal = wmem_strdup_printf(pool, "%s://%s%s", url.scheme, url.authority, url.path);
    g_free(resolved);
    return normal;
}

static const char *
ipv6_literal(wmem_allocator_t *pool, const char *text)
{
    ws_in6_addr ipv6;

    return ws_inet_pton6(text, &ipv6) ? ip6_to_str(pool, &ipv6) : acme_shown(pool, text);
}

/* The name in an authority: without port, brackets and final dot. */
static const char *
domain_of(wmem_allocator_t *pool, const char *authority)
{
    const char *end;
    size_t length;

    if (!authority || !authority[0])
        return NULL;
    if (authority[0] == '[' && (end = strchr(authority, ']')))
        return ipv6_literal(pool, wmem_strndup(pool, authority + 1, end - authority - 1));
    length = strcspn(authority, ":");
    if (length > 1 && authority[length - 1] == '.')
        length--;
    return length > 0 ? acme_shown(pool, wmem_strndup(pool, authority, length)) : NULL;
}

/* The token in a path, NULL if it is not that of a challenge. */
static const char *
token_of(wmem_allocator_t *pool, const char *path)
{
    size_t length;

    if (!g_str_has_prefix(path, challenge_path))
        return NULL;
    path += sizeof challenge_path - 1;
    length = strcspn(path, "?#");
    return length > 0 ? acme_shown(pool, wmem_strndup(pool, path, MIN(length, MAX_SHOWN_TOKEN))) : NULL;
}

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

/* url: the whole of it. NULL: there is no room for more challenges. */
static acme_http_t *
new_exchange(const http_message_t *message, const char *url, const char *domain, const char *token)
{
    acme_validation_t *validation = acme_validation_new(message->pinfo, ACME_HTTP_01, domain, token,
            &message->pinfo->src, true);
    acme_http_t *asked;

    if (!validation)
        return NULL;
    asked = wmem_new0(wmem_file_scope(), acme_http_t);
    asked->validation = validation;
    asked->url = acme_keep(ACME_URLS, url);
    asked->is_get = !strcmp(message->method, "GET");
    acme_validation_asked(message->pinfo, validation);
    return asked;
}

static acme_http_t *
note_request(const http_message_t *message)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    const char *token, *whole;
    acme_http_t *from, *asked;
    http_url_t url;

    if (redirect_count == 0 && !strstr(message->target, challenge_path))
        return NULL;
    request_url(message, &url);
    whole = wmem_strdup_printf(pool, "%s://%s%s", url.scheme, url.authority ? url.authority : "", url.path);
    from = take_redirect(message, whole);
    token = token_of(pool, url.path);
    if (!from)
        return token ? new_exchange(message, whole, domain_of(pool, url.authority), token) : NULL;
    asked = new_exchange(message, whole, from->validation->challenge->domain, from->validation->challenge->token);
    if (!asked)
        return NULL;
    asked->redirect_from = from->validation->response_frame;
    from->redirect_in = message->pinfo->num;
    return asked;
}

static bool
is_redirect(uint16_t status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void
note_response(const http_message_t *message, acme_http_t *asked)
{
    const char *location, *url;

    acme_validation_answered(message->pinfo, asked->validation);
    if (!is_redirect(message->status) || !(location = http_message_header(message, "Location")))
        return;
    url = asked->url ? resolve_location(message->pinfo->pool, location, asked) : NULL;
    if (url)
        keep_redirect(message, asked, url);
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
    const char *found = message->target ? strstr(message->target, challenge_path) : NULL;
    proto_item *item;

    if (!found) {
        acme_add_token(message->tvb, tree, token, 0, 0);
        return;
    }
    found += sizeof challenge_path - 1;
    item = acme_add_token(message->tvb, tree, token, message->target_offset + (int)(found - message->target),
            (int)strcspn(found, "?#"));
    if (!asked->redirect_from)
        check_token(message->pinfo, item, token);
}

static void
show_frame_link(const http_message_t *message, proto_tree *tree, int hf, uint32_t frame)
{
    proto_item *item;

    if (!frame)
        return;
    item = proto_tree_add_uint(tree, hf, message->tvb, 0, 0, frame);
    proto_item_set_generated(item);
}

static void
show_request(const http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked)
{
    packet_info *pinfo = message->pinfo;

    show_token(message, tree, asked);
    show_frame_link(message, tree, hf_acme_redirect_from, asked->redirect_from);
    acme_add_request(message->tvb, pinfo, tree, item, asked->validation);
    acme_columns(pinfo, asked->validation->challenge, wmem_strdup_printf(pinfo->pool, "%s %s", message->method,
                asked->redirect_from && asked->url ? asked->url : asked->validation->challenge->token));
}

/* A body without the white space at its end. */
static int
trimmed_length(tvbuff_t *body)
{
    int length = (int)tvb_captured_length(body);

    while (length > 0 && g_ascii_isspace(tvb_get_uint8(body, length - 1)))
        length--;
    return length;
}

/* The length of the key authorization that a text begins with; 0: there is none. */
static size_t
key_authorization_length(const char *text)
{
    size_t token = strcspn(text, ". \t\r\n\f\v");
    size_t thumbprint;

    if (text[token] != '.' || !acme_is_base64url(text, token))
        return 0;
    thumbprint = strcspn(text + token + 1, " \t\r\n\f\v");
    return acme_is_base64url(text + token + 1, thumbprint) ? token + 1 + thumbprint : 0;
}

/* What is wrong with a body that begins with a key authorization of that length; NULL: nothing. */
static const char *
key_authorization_fault(const char *text, size_t length, const char *token)
{
    size_t dot = strcspn(text, ".");

    if (strlen(token) != dot || strncmp(text, token, dot))
        return "another token";
    if (length - dot - 1 != ACME_DIGEST_LENGTH)
        return "thumbprint is not a SHA-256 digest";
    return text[length] ? "text behind the key authorization" : NULL;
}

static void
show_key_authorization(wmem_allocator_t *pool, tvbuff_t *body, proto_tree *tree, const char *text, size_t length)
{
    int dot = (int)strcspn(text, ".");

    proto_tree_add_string(tree, hf_acme_key_authorization, body, 0, (int)length, wmem_strndup(pool, text, length));
    proto_tree_add_string(tree, hf_acme_thumbprint, body, dot + 1, (int)length - dot - 1,
            wmem_strndup(pool, text + dot + 1, length - dot - 1));
}

/* Whether a well-formed key authorization is that of the account; decided on the first pass. */
static const char *
check_account(packet_info *pinfo, const char *text, acme_validation_t *validation)
{
    const char *expected;

    if (!PINFO_FD_VISITED(pinfo) && (expected = acme_expected_thumbprint(validation->challenge->token)))
        validation->check = strcmp(strchr(text, '.') + 1, expected) ? ACME_CHECK_DIFFERS : ACME_CHECK_FITS;
    return validation->check == ACME_CHECK_DIFFERS ? "thumbprint of another key" : NULL;
}

/* The body's text without white space at its end; NULL: it cannot be a key authorization. */
static const char *
body_text(packet_info *pinfo, tvbuff_t *body)
{
    int length = trimmed_length(body);
    const char *text;

    if (length > BODY_MAX_READ)
        return NULL;
    text = (const char *)tvb_get_string_enc(pinfo->pool, body, 0, length, ENC_ASCII);
    return (int)strlen(text) == length ? text : NULL;
}

/* The fault of an answer's body; NULL: none. */
static const char *
show_body(packet_info *pinfo, tvbuff_t *body, proto_tree *tree, acme_validation_t *validation)
{
    const char *text = body_text(pinfo, body);
    size_t length = text ? key_authorization_length(text) : 0;
    const char *fault;

    if (length == 0)
        return "not a key authorization";
    show_key_authorization(pinfo->pool, body, tree, text, length);
    fault = key_authorization_fault(text, length, validation->challenge->token);
    return fault ? fault : check_account(pinfo, text, validation);
}

static void
judge_body(http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked)
{
    packet_info *pinfo = message->pinfo;
    acme_validation_t *validation = asked->validation;
    tvbuff_t *body = http_message_body(message);
    bool readable = body || message->body_length == 0;
    bool known = message->complete && readable;
    const char *fault = body && tvb_captured_length(body) > 0 ? show_body(pinfo, body, tree, validation) : "empty body";
    const char *outcome = known ? (fault ? fault : "valid") : readable ? "incomplete answer" : "unreadable content coding";
    bool valid = !fault;

    acme_add_response(message->tvb, pinfo, tree, item, validation, known ? &valid : NULL, outcome);
    if (known && fault)
        expert_add_info_format(pinfo, item, &ei_acme_key_authorization_mismatch, "Key authorization mismatch: %s", fault);
    acme_columns(pinfo, validation->challenge, outcome);
}

static void
show_error(const http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked)
{
    packet_info *pinfo = message->pinfo;
    const char *outcome = wmem_strdup_printf(pinfo->pool, "HTTP %u", message->status);
    bool valid = false;

    acme_add_response(message->tvb, pinfo, tree, item, asked->validation, &valid, outcome);
    expert_add_info_format(pinfo, item, &ei_acme_http_error, "The answer is HTTP status %u", message->status);
    acme_columns(pinfo, asked->validation->challenge, outcome);
}

static void
show_redirect(const http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked,
        const char *location)
{
    packet_info *pinfo = message->pinfo;

    proto_tree_add_string(tree, hf_acme_redirect, message->tvb, message->offset, message->head_length,
            acme_shown(pinfo->pool, location));
    show_frame_link(message, tree, hf_acme_redirect_in, asked->redirect_in);
    acme_add_response(message->tvb, pinfo, tree, item, asked->validation, NULL, "redirect");
    expert_add_info(pinfo, item, &ei_acme_redirected);
    acme_columns(pinfo, asked->validation->challenge, wmem_strdup_printf(pinfo->pool, "redirect to %s", location));
}

static void
show_response(http_message_t *message, proto_tree *tree, proto_item *item, const acme_http_t *asked)
{
    packet_info *pinfo = message->pinfo;
    const char *location = is_redirect(message->status) ? http_message_header(message, "Location") : NULL;

    acme_add_status(message->tvb, message->offset, tree, message->status);
    show_token(message, tree, asked);
    if (location)
        show_redirect(message, tree, item, asked, location);
    else if (message->status != 200)
        show_error(message, tree, item, asked);
    else if (asked->is_get)
        judge_body(message, tree, item, asked);
    else {
        acme_add_response(message->tvb, pinfo, tree, item, asked->validation, NULL, "HTTP 200");
        acme_columns(pinfo, asked->validation->challenge, "HTTP 200");
    }
}

static void
http_message(http_message_t *message, void **data)
{
    acme_http_t *asked = (acme_http_t *)*data;
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
    /* An answer that has begun, but does not end in the capture, was not told. */
    if (!asked->validation->response_frame)
        asked->validation->response_frame = message->exchange->response_frame;
    tree = acme_add_tree(message->tvb, message->offset, http_message_length(message), message->pinfo, message->tree,
            asked->validation->challenge, &item);
    if (message->is_request)
        show_request(message, tree, item, asked);
    else
        show_response(message, tree, item, asked);
}

static unsigned
body_wanted(http_message_t *message, void *data)
{
    return data && !message->is_request ? HTTP_BODY_MAX : 0;
}

/* --- Registration --- */

static void
acme_http_init(void)
{
    redirects = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
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
        { &hf_acme_redirect_from,
          { "Redirected from", "acme.redirect_from", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer that sent the validator here", HFILL } },
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
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_http_init);
}

void
acme_handoff_http(void)
{
    static const http_observer_t observer = { &proto_acme, http_message, body_wanted };

    http_exchange_add_observer(&observer);
}
