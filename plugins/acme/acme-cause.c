/* acme-cause.c
 * Why a validator is not content, and what to do about it; see acme-cause.h
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

#include "acme-cause.h"

const value_string acme_cause_vals[] = {
    { ACME_CAUSE_THUMBPRINT, "another thumbprint" },
    { ACME_CAUSE_TOKEN, "another token" },
    { ACME_CAUSE_BYTE_ORDER_MARK, "byte order mark" },
    { ACME_CAUSE_PAGE, "a page" },
    { ACME_CAUSE_TOKEN_ALONE, "the token alone" },
    { ACME_CAUSE_TEXT, "other text" },
    { ACME_CAUSE_HTTP_ERROR, "HTTP error" },
    { ACME_CAUSE_LOOP, "redirect loop" },
    { ACME_CAUSE_REDIRECT, "redirect to a port, scheme or host that is not allowed" },
    { ACME_CAUSE_NO_ANSWER, "no answer" },
    { ACME_CAUSE_REFUSED, "connection refused or unanswered" },
    { ACME_CAUSE_NO_TXT, "no TXT record" },
    { ACME_CAUSE_TXT, "another TXT value" },
    { ACME_CAUSE_DNS_ERROR, "DNS error" },
    { ACME_CAUSE_CAA, "CAA forbids" },
    { ACME_CAUSE_CERTIFICATE, "certificate" },
    { ACME_CAUSE_CONTRADICTION, "two answers contradict each other" },
    { 0, NULL }
};

static const char *advices[ACME_CAUSES] = {
    [ACME_CAUSE_NONE] = "",
    [ACME_CAUSE_THUMBPRINT] = "answer with the key of the account that made the order; another ACME client or a fixed "
        "thumbprint may be answering",
    [ACME_CAUSE_TOKEN] = "answer with the file of the token that is asked for; look for a fixed answer or a stale cache",
    [ACME_CAUSE_BYTE_ORDER_MARK] = "save the file as plain ASCII, without a byte order mark",
    [ACME_CAUSE_PAGE] = "exempt /.well-known/acme-challenge/ from the site's pages, logins and rewriting, and serve the ACME "
        "client's files there",
    [ACME_CAUSE_TOKEN_ALONE] = "the file has to hold the token, a dot and the thumbprint of the account's key",
    [ACME_CAUSE_TEXT] = "the answer has to be the token, a dot and the thumbprint of the account's key, and nothing else",
    [ACME_CAUSE_HTTP_ERROR] = "the file has to be answered with status 200, without a login; compare the ACME client's folder "
        "with the server's for this name",
    [ACME_CAUSE_LOOP] = "exempt /.well-known/acme-challenge/ from the redirect; validators give up",
    [ACME_CAUSE_REDIRECT] = "redirect to a public name or address by http on port 80 or https on port 443; validators of "
        "public authorities follow no others",
    [ACME_CAUSE_NO_ANSWER] = "look for the request in the server's log; a firewall, proxy or slow program may hold it back",
    [ACME_CAUSE_REFUSED] = "open the port in the firewall and for the server on every address that DNS has for this name, "
        "IPv6 too",
    [ACME_CAUSE_NO_TXT] = "publish the TXT record at this name on all of the zone's servers, and wait for it before the "
        "challenge is started",
    [ACME_CAUSE_TXT] = "publish the value for this challenge, beside or in the place of what is there; it changes with "
        "each order",
    [ACME_CAUSE_DNS_ERROR] = "mend the zone, its delegation or its signatures (DNSSEC): its servers have to answer TXT and CAA "
        "questions",
    [ACME_CAUSE_CAA] = "add a CAA record that allows this authority, or use one that is allowed",
    [ACME_CAUSE_CERTIFICATE] = "the server has to choose acme-tls/1 and show the ACME client's certificate, with this name "
        "alone and a critical acmeIdentifier",
    [ACME_CAUSE_CONTRADICTION] = "one ACME client has to answer for this name, on all servers behind it",
};

const char *
acme_cause_name(acme_cause_t cause)
{
    return val_to_str_const(cause, acme_cause_vals, "");
}

const char *
acme_cause_advice(acme_cause_t cause)
{
    return cause < ACME_CAUSES ? advices[cause] : "";
}
