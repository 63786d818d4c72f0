/* acme-http-url.h
 * URLs of validators' requests, and the names and tokens in them
 *
 * Sources: RFC 3986, RFC 9110 sections 7.2 (Host) and 10.2.2 (Location), RFC 8555 section 8.3.
 * Ownership: results belong to the pool, or to that of the message's packet. Errors: said with each.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_HTTP_URL_H
#define GAPFILL_ACME_HTTP_URL_H

#include "http.h"

#define ACME_CHALLENGE_PATH "/.well-known/acme-challenge/"

/* A URL's parts. */
typedef struct acme_url {
    const char *scheme;         /* http or https */
    const char *authority;      /* in lower case, without the default port; NULL: unknown */
    const char *path;           /* with the query */
} acme_url_t;

/* The URL that a request asks for, from its target and Host. */
void acme_url_of_request(const http_message_t *message, acme_url_t *url);
const char *acme_url_text(wmem_allocator_t *pool, const acme_url_t *url);
/* Location relative to the URL that was asked for, without a fragment; false: it is none of HTTP. */
bool acme_url_resolve(wmem_allocator_t *pool, const char *location, const char *asked, acme_url_t *url);
uint16_t acme_url_port(const acme_url_t *url);
/* Whether its port is one that validators of public authorities go to. */
bool acme_url_port_is_allowed(const acme_url_t *url);

/* What is known against its host, that validators of public authorities do not go there; NULL: nothing. */
const char *acme_url_host_fault(wmem_allocator_t *pool, const acme_url_t *url);

/* The name in an authority, as it may be shown: without port, brackets and final dot; NULL: none. */
const char *acme_url_domain(wmem_allocator_t *pool, const acme_url_t *url);
/* The token in its path, as it may be shown; NULL: it is not that of a challenge. */
const char *acme_url_token(wmem_allocator_t *pool, const acme_url_t *url);

#endif /* GAPFILL_ACME_HTTP_URL_H */
