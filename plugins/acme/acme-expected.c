/* acme-expected.c
 * What validators should find, as the decrypted API says; see acme-expected.h
 *
 * Bounds: 65536 challenges a capture; texts are from the shares of names and URLs (acme-memory.h).
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

#include "acme-base64url.h"
#include "acme-expected.h"
#include "acme-expected-start.h"
#include "acme-memory.h"
#include "dns-watch.h"

#define MAX_EXPECTED 65536      /* challenges a capture */
#define MAX_BACK     64         /* of a domain that are looked through, the latest first */
#define ENTRY_BYTES  192        /* of them with their places in the maps, about */

typedef struct expectation {
    uint8_t             type;
    const char         *domain;
    const char         *token;
    const char         *digest;
    const char         *account;    /* URL; NULL: unknown */
    bool                is_over;
    uint32_t            since;      /* frame that told of it first */
    uint32_t            start;      /* frame; 0: not yet */
    struct expectation *next;   /* of this domain */
} expectation_t;

/* Thumbprints by token; expectation_t by URL; the first expectation_t by domain; file scope. */
static wmem_map_t *thumbprints;
static wmem_map_t *by_url;
static wmem_map_t *by_domain;

/* NULL: there is no room. */
static expectation_t *
new_expectation(const acme_expected_t *expected)
{
    const char *url = acme_keep(ACME_URLS, expected->url);
    const char *domain = acme_keep(ACME_NAMES, expected->domain);
    expectation_t *expectation;

    if (!url || !domain || wmem_map_size(by_url) >= MAX_EXPECTED || !acme_take(ACME_NAMES, ENTRY_BYTES))
        return NULL;
    expectation = wmem_new0(wmem_file_scope(), expectation_t);
    expectation->type = expected->type;
    expectation->domain = domain;
    expectation->next = (expectation_t *)wmem_map_lookup(by_domain, domain);
    wmem_map_insert(by_domain, domain, expectation);
    /* Which addresses its domain has. */
    dns_watch_type(DNS_TYPE_A);
    dns_watch_type(DNS_TYPE_AAAA);
    wmem_map_insert(by_url, url, expectation);
    return expectation;
}

static void
expect_digest(packet_info *pinfo, expectation_t *expectation, const acme_expected_t *expected)
{
    const char *token = acme_keep(ACME_NAMES, expected->token);
    const char *thumbprint = acme_keep(ACME_NAMES, expected->thumbprint);

    expectation->token = token;
    if (expected->account)
        expectation->account = acme_keep(ACME_URLS, expected->account);
    if (!token || !thumbprint)
        return;
    wmem_map_insert(thumbprints, token, (void *)thumbprint);
    expectation->digest = acme_keep(ACME_NAMES, acme_sha256_base64url(pinfo->pool,
                wmem_strdup_printf(pinfo->pool, "%s.%s", token, thumbprint)));
}

void
acme_expect(packet_info *pinfo, const acme_expected_t *expected)
{
    expectation_t *expectation = (expectation_t *)wmem_map_lookup(by_url, expected->url);

    if (!expectation) {
        expectation = new_expectation(expected);
        if (expectation)
            expectation->since = pinfo->num;
    }
    if (expectation)
        expect_digest(pinfo, expectation, expected);
}

static expectation_t *
expectation_of(const char *url)
{
    return url ? (expectation_t *)wmem_map_lookup(by_url, url) : NULL;
}

void
acme_expect_start(packet_info *pinfo, const char *url)
{
    expectation_t *expectation = expectation_of(url);

    if (expectation && !expectation->start)
        expectation->start = pinfo->num;
}

uint32_t
acme_expected_since(const char *url)
{
    const expectation_t *expectation = expectation_of(url);

    return expectation ? expectation->since : 0;
}

uint32_t
acme_expected_start(const char *url)
{
    const expectation_t *expectation = expectation_of(url);

    return expectation ? expectation->start : 0;
}

void
acme_expect_no_more(const char *url)
{
    expectation_t *expectation = expectation_of(url);

    if (expectation)
        expectation->is_over = true;
}

const char *
acme_expected_thumbprint(const char *token)
{
    return (const char *)wmem_map_lookup(thumbprints, token);
}

const char *
acme_expected_domain(const char *url)
{
    const expectation_t *expectation = expectation_of(url);

    return expectation ? expectation->domain : NULL;
}

acme_check_t
acme_check_digest(uint8_t type, const char *domain, const char *digest)
{
    acme_check_t check = ACME_CHECK_UNKNOWN;
    const expectation_t *one;

    if (wmem_map_size(by_domain) == 0 || !domain)
        return check;
    one = (const expectation_t *)wmem_map_lookup(by_domain, domain);
    for (int i = 0; one && i < MAX_BACK; i++, one = one->next) {
        if (one->is_over || !one->digest)
            continue;
        if (!strcmp(one->digest, digest))
            return ACME_CHECK_FITS;
        if (one->type == type)
            check = ACME_CHECK_DIFFERS;
    }
    return check;
}

static const expectation_t *
find_awaited(uint8_t type, const char *domain, bool started)
{
    const expectation_t *one = domain && wmem_map_size(by_domain) > 0
        ? (const expectation_t *)wmem_map_lookup(by_domain, domain) : NULL;

    for (int i = 0; one && i < MAX_BACK; i++, one = one->next) {
        if (one->type == type && !one->is_over && (one->start || !started))
            return one;
    }
    return NULL;
}

bool
acme_expects_any(void)
{
    return wmem_map_size(by_domain) > 0;
}

bool
acme_expects_domain(const char *domain)
{
    return domain && wmem_map_lookup(by_domain, domain);
}

acme_check_t
acme_check_account(const char *domain, const char *account)
{
    const expectation_t *one = domain ? (const expectation_t *)wmem_map_lookup(by_domain, domain) : NULL;
    acme_check_t check = ACME_CHECK_UNKNOWN;

    for (int i = 0; one && i < MAX_BACK; i++, one = one->next) {
        if (!one->account)
            return ACME_CHECK_UNKNOWN;
        if (!strcmp(one->account, account))
            return ACME_CHECK_FITS;
        check = ACME_CHECK_DIFFERS;
    }
    return check;
}

bool
acme_is_awaited(uint8_t type, const char *domain)
{
    return find_awaited(type, domain, false) != NULL;
}

bool
acme_is_started(uint8_t type, const char *domain)
{
    return find_awaited(type, domain, true) != NULL;
}

const char *
acme_awaited_token(uint8_t type, const char *domain)
{
    const expectation_t *one = find_awaited(type, domain, true);

    return one ? one->token : NULL;
}

static void
acme_expected_init(void)
{
    thumbprints = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
    by_url = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
    by_domain = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
}

void
acme_register_expected(void)
{
    register_init_routine(acme_expected_init);
}
