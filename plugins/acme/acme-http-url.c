/* acme-http-url.c
 * URLs of validators' requests, and the names and tokens in them; see acme-http-url.h
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
#include <epan/to_str.h>
#include <wsutil/inet_addr.h>
#include <wsutil/str_util.h>

#include "acme-http-url.h"
#include "acme-special-address.h"
#include "text.h"

#define MAX_SHOWN_TOKEN     1024

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
split_url(wmem_allocator_t *pool, const char *text, acme_url_t *url)
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

void
acme_url_of_request(const http_message_t *message, acme_url_t *url)
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

const char *
acme_url_text(wmem_allocator_t *pool, const acme_url_t *url)
{
    return wmem_strconcat(pool, url->scheme, "://", url->authority ? url->authority : "", url->path, NULL);
}

bool
acme_url_resolve(wmem_allocator_t *pool, const char *location, const char *asked, acme_url_t *url)
{
    char *resolved = g_uri_resolve_relative(asked, location, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
    bool done = resolved && split_url(pool, resolved, url);

    g_free(resolved);
    return done;
}

/* Behind the name, or the address in brackets. */
static const char *
port_of(const char *authority)
{
    const char *end = authority[0] == '[' ? strchr(authority, ']') : authority;
    const char *colon = end ? strrchr(end, ':') : NULL;

    return colon ? colon + 1 : "";
}

uint16_t
acme_url_port(const acme_url_t *url)
{
    const char *port = port_of(url->authority);

    if (!port[0])
        port = default_port(url->scheme) + 1;
    return (uint16_t)g_ascii_strtoull(port, NULL, 10);
}

bool
acme_url_port_is_allowed(const acme_url_t *url)
{
    uint16_t port = acme_url_port(url);

    return port == 80 || port == 443;
}

static const char *
ipv6_literal(wmem_allocator_t *pool, const char *text)
{
    ws_in6_addr ipv6;

    return ws_inet_pton6(text, &ipv6) ? ip6_to_str(pool, &ipv6) : text_shown(pool, text, strlen(text), TEXT_LINE, NULL);
}

const char *
acme_url_domain(wmem_allocator_t *pool, const acme_url_t *url)
{
    const char *authority = url->authority;
    const char *end;
    size_t length;

    if (!authority || !authority[0])
        return NULL;
    if (authority[0] == '[' && (end = strchr(authority, ']')))
        return ipv6_literal(pool, wmem_strndup(pool, authority + 1, end - authority - 1));
    length = strcspn(authority, ":");
    if (length > 1 && authority[length - 1] == '.')
        length--;
    return length > 0 ? text_shown(pool, authority, length, TEXT_LINE, NULL) : NULL;
}

static bool
is_special_address(const char *host)
{
    ws_in6_addr ipv6;
    ws_in4_addr ipv4;

    return (ws_inet_pton4(host, &ipv4) && acme_is_special_ipv4(&ipv4))
        || (ws_inet_pton6(host, &ipv6) && acme_is_special_ipv6(&ipv6));
}

/* By its last label: of special use (RFC 6761, 6762), or of none and in use in private networks. */
static bool
is_of_private_use(const char *host)
{
    static const char *labels[] = {
        ".local", ".localhost", ".invalid", ".internal", ".lan", ".intranet", ".localdomain", ".corp", ".home"
    };

    for (unsigned i = 0; i < array_length(labels); i++) {
        if (g_str_has_suffix(host, labels[i]))
            return true;
    }
    return false;
}

/* As Boulder, Let's Encrypt's server, takes redirects: it follows them to public addresses, too. */
const char *
acme_url_host_fault(wmem_allocator_t *pool, const acme_url_t *url)
{
    const char *host = acme_url_domain(pool, url);

    if (!host)
        return "it names no host";
    if (g_str_has_suffix(host, ".well-known"))
        return "the slash between host and path is missing";
    if (is_special_address(host))
        return "it names a private or reserved address";
    if (strchr(host, ':') && strchr(host, '%'))
        return "it names an address with a zone";
    return !strpbrk(host, ".:") || is_of_private_use(host) ? "its host is no public name" : NULL;
}

const char *
acme_url_token(wmem_allocator_t *pool, const acme_url_t *url)
{
    const char *token = url->path + strlen(ACME_CHALLENGE_PATH);
    size_t length;

    if (!g_str_has_prefix(url->path, ACME_CHALLENGE_PATH))
        return NULL;
    length = strcspn(token, "?#");
    if (strcspn(token, "./") < length)      /* a file or folder that somebody looks for: tokens have neither */
        return NULL;
    return length > 0 ? text_shown(pool, token, MIN(length, MAX_SHOWN_TOKEN), TEXT_LINE, NULL) : NULL;
}
