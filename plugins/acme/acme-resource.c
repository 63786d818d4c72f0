/* acme-resource.c
 * What the URLs and objects of an ACME server stand for; see acme-resource.h
 *
 * What a URL stands for is learned from the server's directory and from the objects that name others. Where neither has
 * been seen, the content of a request or answer may tell, as ACME's objects have members of their own.
 *
 * Bounds: 65536 URLs and 65536 accounts a capture, 16 authorities' renewal information; their texts from the share of URLs,
 * thumbprints from that of names
 * (acme-memory.h); 64 challenges of an authorization.
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
#include <wsutil/str_util.h>

#include "acme-expected.h"
#include "acme-expected-start.h"
#include "acme-memory.h"
#include "acme-resource.h"
#include "text.h"

#define MAX_URLS 65536      /* a capture; likewise accounts */
#define MAX_BASES 16

const value_string acme_resource_vals[] = {
    { ACME_RESOURCE_UNKNOWN, "unknown" },
    { ACME_RESOURCE_DIRECTORY, "directory" },
    { ACME_RESOURCE_NEW_NONCE, "newNonce" },
    { ACME_RESOURCE_NEW_ACCOUNT, "newAccount" },
    { ACME_RESOURCE_NEW_ORDER, "newOrder" },
    { ACME_RESOURCE_NEW_AUTHZ, "newAuthz" },
    { ACME_RESOURCE_REVOKE_CERT, "revokeCert" },
    { ACME_RESOURCE_KEY_CHANGE, "keyChange" },
    { ACME_RESOURCE_RENEWAL_INFO, "renewalInfo" },
    { ACME_RESOURCE_ACCOUNT, "account" },
    { ACME_RESOURCE_ORDERS, "orders" },
    { ACME_RESOURCE_ORDER, "order" },
    { ACME_RESOURCE_AUTHORIZATION, "authorization" },
    { ACME_RESOURCE_CHALLENGE, "challenge" },
    { ACME_RESOURCE_FINALIZE, "finalize" },
    { ACME_RESOURCE_CERTIFICATE, "certificate" },
    { 0, NULL }
};

const value_string acme_evidence_vals[] = {
    { ACME_EVIDENCE_DIRECTORY, "URL in the directory" },
    { ACME_EVIDENCE_OBJECT, "URL in an earlier answer" },
    { ACME_EVIDENCE_CONTENT, "members of this object" },
    { 0, NULL }
};

/* Kinds of URLs (acme_kind_t), and thumbprints of accounts by URL (strings); file scope. */
static wmem_map_t *urls;
static wmem_map_t *accounts;

/* URLs below which renewal information is (RFC 9773 section 4.1); file scope. */
static const char *renewal_bases[MAX_BASES];
static unsigned renewal_base_count;

/* --- What URLs stand for --- */

void
acme_learn_url(const char *url, acme_resource_t resource, acme_evidence_t evidence)
{
    acme_kind_t *kind;

    if (!url || resource == ACME_RESOURCE_UNKNOWN || wmem_map_size(urls) >= MAX_URLS || wmem_map_lookup(urls, url))
        return;
    url = acme_keep(ACME_URLS, url);
    if (!url)
        return;
    kind = wmem_new(wmem_file_scope(), acme_kind_t);
    kind->resource = resource;
    kind->evidence = evidence;
    wmem_map_insert(urls, url, kind);
}

static void
learn_renewal_base(const char *url)
{
    const char *kept = renewal_base_count < MAX_BASES ? acme_keep(ACME_URLS, url) : NULL;

    for (unsigned i = 0; kept && i < renewal_base_count; i++) {
        if (renewal_bases[i] == kept)
            return;
    }
    if (kept)
        renewal_bases[renewal_base_count++] = kept;
}

const char *
acme_certificate_of_renewal(const char *url)
{
    if (!url)
        return NULL;
    for (unsigned i = 0; i < renewal_base_count; i++) {
        size_t length = strlen(renewal_bases[i]);

        if (!strncmp(url, renewal_bases[i], length) && url[length] == '/' && url[length + 1])
            return url + length + 1;
    }
    return NULL;
}

acme_kind_t
acme_kind_of_url(const char *url)
{
    const acme_kind_t none = { ACME_RESOURCE_UNKNOWN, ACME_EVIDENCE_NONE };
    const acme_kind_t renewal = { ACME_RESOURCE_RENEWAL_INFO, ACME_EVIDENCE_DIRECTORY };
    const acme_kind_t *kind = url ? (const acme_kind_t *)wmem_map_lookup(urls, url) : NULL;

    if (kind)
        return *kind;
    return url && acme_certificate_of_renewal(url) ? renewal : none;
}

static void
learn_member(const acme_json_t *object, const char *name, acme_resource_t resource, acme_evidence_t evidence)
{
    acme_learn_url(acme_json_string(object, name), resource, evidence);
}

static void
learn_directory(const acme_json_t *object)
{
    learn_member(object, "newNonce", ACME_RESOURCE_NEW_NONCE, ACME_EVIDENCE_DIRECTORY);
    learn_member(object, "newAccount", ACME_RESOURCE_NEW_ACCOUNT, ACME_EVIDENCE_DIRECTORY);
    learn_member(object, "newOrder", ACME_RESOURCE_NEW_ORDER, ACME_EVIDENCE_DIRECTORY);
    learn_member(object, "newAuthz", ACME_RESOURCE_NEW_AUTHZ, ACME_EVIDENCE_DIRECTORY);
    learn_member(object, "revokeCert", ACME_RESOURCE_REVOKE_CERT, ACME_EVIDENCE_DIRECTORY);
    learn_member(object, "keyChange", ACME_RESOURCE_KEY_CHANGE, ACME_EVIDENCE_DIRECTORY);
    learn_member(object, "renewalInfo", ACME_RESOURCE_RENEWAL_INFO, ACME_EVIDENCE_DIRECTORY);
    if (acme_json_string(object, "renewalInfo"))
        learn_renewal_base(acme_json_string(object, "renewalInfo"));
}

static void
learn_array(const acme_json_t *object, const char *name, acme_resource_t resource)
{
    const jsmntok_t *array = acme_json_member(object, name);

    if (!array || array->type != JSMN_ARRAY)
        return;
    for (int i = 1; i <= array->size && array + i < object->root + object->count; i++) {
        if (array[i].type != JSMN_STRING)
            return;
        acme_learn_url(acme_json_text_of(object, &array[i]), resource, ACME_EVIDENCE_OBJECT);
    }
}

/* A challenge of an authorization, and the key authorization that its validators should find. */
static void
learn_challenge(packet_info *pinfo, const acme_json_t *object, jsmntok_t *challenge, const char *domain, const acme_owner_t *owner)
{
    acme_expected_t expected = { .domain = domain, .thumbprint = owner->thumbprint, .account = owner->url };
    const char *type = acme_json_text(object, challenge, "type");

    expected.url = acme_json_text(object, challenge, "url");
    expected.token = acme_json_text(object, challenge, "token");
    expected.type = type ? acme_challenge_type(type) : 0;
    acme_learn_url(expected.url, ACME_RESOURCE_CHALLENGE, ACME_EVIDENCE_OBJECT);
    if (domain && expected.url)
        acme_expect(pinfo, &expected);
    if (!g_strcmp0(acme_json_text(object, challenge, "status"), "processing"))
        acme_expect_start(pinfo, expected.url);
}

static void
learn_challenges(packet_info *pinfo, const acme_json_t *object, const acme_owner_t *owner)
{
    jsmntok_t *identifier = json_get_object(object->text, object->root, "identifier");
    jsmntok_t *array = json_get_array(object->text, object->root, "challenges");
    const char *domain = identifier ? acme_json_text(object, identifier, "value") : NULL;
    int count = array ? MIN(json_get_array_len(array), ACME_MAX_CHALLENGES) : 0;

    if (domain)
        domain = wmem_ascii_strdown(pinfo->pool, text_shown(pinfo->pool, domain, strlen(domain), TEXT_LINE, NULL), -1);
    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);

        if (challenge && challenge->type == JSMN_OBJECT)
            learn_challenge(pinfo, object, challenge, domain, owner);
    }
}

void
acme_learn_from_object(packet_info *pinfo, acme_resource_t resource, const acme_json_t *object, const acme_owner_t *owner)
{
    switch (resource) {
    case ACME_RESOURCE_DIRECTORY:
        learn_directory(object);
        break;
    case ACME_RESOURCE_ACCOUNT:
        learn_member(object, "orders", ACME_RESOURCE_ORDERS, ACME_EVIDENCE_OBJECT);
        break;
    case ACME_RESOURCE_ORDERS:
        learn_array(object, "orders", ACME_RESOURCE_ORDER);
        break;
    case ACME_RESOURCE_ORDER:
        learn_array(object, "authorizations", ACME_RESOURCE_AUTHORIZATION);
        learn_member(object, "finalize", ACME_RESOURCE_FINALIZE, ACME_EVIDENCE_OBJECT);
        learn_member(object, "certificate", ACME_RESOURCE_CERTIFICATE, ACME_EVIDENCE_OBJECT);
        break;
    case ACME_RESOURCE_AUTHORIZATION:
        learn_challenges(pinfo, object, owner);
        break;
    default:
        break;
    }
}

bool
acme_knows_urls(void)
{
    return wmem_map_size(urls) > 0;
}

void
acme_learn_account(const char *url, const char *thumbprint)
{
    url = acme_keep(ACME_URLS, url);
    thumbprint = acme_keep(ACME_NAMES, thumbprint);
    if (url && thumbprint && (wmem_map_lookup(accounts, url) || wmem_map_size(accounts) < MAX_URLS))
        wmem_map_insert(accounts, url, (void *)thumbprint);
}

const char *
acme_account_thumbprint(const char *url)
{
    return url ? (const char *)wmem_map_lookup(accounts, url) : NULL;
}

/* --- What contents stand for --- */

acme_resource_t
acme_resource_of_request(const acme_jws_t *jws)
{
    const acme_json_t *payload = &jws->payload;

    if (acme_json_has(payload, "csr"))
        return ACME_RESOURCE_FINALIZE;
    if (acme_json_has_array(payload, "identifiers"))
        return ACME_RESOURCE_NEW_ORDER;
    if (acme_json_has(payload, "identifier"))
        return ACME_RESOURCE_NEW_AUTHZ;
    if (acme_json_has(payload, "certificate"))
        return ACME_RESOURCE_REVOKE_CERT;
    if (acme_json_has(payload, "protected") && acme_json_has(payload, "signature"))
        return ACME_RESOURCE_KEY_CHANGE;
    if (!jws->kid && (acme_json_has(payload, "termsOfServiceAgreed") || acme_json_has(payload, "contact")
                || acme_json_has(payload, "onlyReturnExisting")))
        return ACME_RESOURCE_NEW_ACCOUNT;
    return ACME_RESOURCE_UNKNOWN;
}

bool
acme_is_directory(const acme_json_t *object)
{
    return acme_json_string(object, "newNonce") && acme_json_string(object, "newAccount") && acme_json_string(object, "newOrder");
}

acme_resource_t
acme_resource_of_answer(const acme_json_t *object)
{
    if (acme_is_directory(object))
        return ACME_RESOURCE_DIRECTORY;
    if (acme_json_has_array(object, "authorizations") && acme_json_has(object, "finalize"))
        return ACME_RESOURCE_ORDER;
    if (acme_json_has_array(object, "challenges") && acme_json_has(object, "identifier"))
        return ACME_RESOURCE_AUTHORIZATION;
    if (acme_json_has(object, "type") && acme_json_has(object, "url") && acme_json_has(object, "token"))
        return ACME_RESOURCE_CHALLENGE;
    if (acme_json_has_array(object, "orders"))
        return ACME_RESOURCE_ORDERS;
    if (acme_json_has(object, "suggestedWindow"))
        return ACME_RESOURCE_RENEWAL_INFO;
    return ACME_RESOURCE_UNKNOWN;
}

acme_resource_t
acme_resource_of_answer_to(acme_resource_t request)
{
    switch (request) {
    case ACME_RESOURCE_NEW_ACCOUNT: return ACME_RESOURCE_ACCOUNT;
    case ACME_RESOURCE_NEW_ORDER: return ACME_RESOURCE_ORDER;
    case ACME_RESOURCE_FINALIZE: return ACME_RESOURCE_ORDER;
    case ACME_RESOURCE_NEW_AUTHZ: return ACME_RESOURCE_AUTHORIZATION;
    default: return request;
    }
}

/* --- Registration --- */

static void
acme_resource_init(void)
{
    urls = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    accounts = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    renewal_base_count = 0;
}

void
acme_register_resource(void)
{
    register_init_routine(acme_resource_init);
}
