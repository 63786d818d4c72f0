/* acme-api.c
 * The ACME API: signed requests, resources and problems
 *
 * RFC 8555 sections 6 (message transport) and 7 (certificate management).
 *
 * Here messages of HTTP/1 and HTTP/2 come from the HTTP hub, requests and answers paired, and become what the first pass
 * has to say of them: acme_api_t, in file scope and hung on the exchange. What URLs stand for is in acme-resource.c,
 * signatures in acme-jws.c, what is shown in acme-api-items.c.
 *
 * Bounds: one acme_api_t an exchange, its texts from the shares of URLs and names (acme-memory.h); bodies of 64 KiB.
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

#include "acme-api.h"
#include "acme-api-items.h"
#include "acme-base64url.h"
#include "acme-chain.h"
#include "acme-challenge.h"
#include "acme-connect.h"
#include "acme-dns-issuer.h"
#include "acme-expected.h"
#include "acme-expected-start.h"
#include "acme-memory.h"
#include "acme-problem.h"
#include "http.h"

#define MAX_IDENTITIES  16      /* names of an authority in CAA records */

/* --- First pass --- */

static acme_api_t *
new_api(packet_info *pinfo, const char *url)
{
    acme_api_t *api = wmem_new0(wmem_file_scope(), acme_api_t);

    acme_connect_watch();
    api->url = acme_keep(ACME_URLS, url);
    api->request = acme_kind_of_url(url);
    api->request_frame = pinfo->num;
    api->request_time = pinfo->abs_ts;
    return api;
}

/* What an order replaces, or a revocation is about. */
static acme_issued_t *
certificate_of_payload(packet_info *pinfo, const acme_jws_t *jws)
{
    const char *encoded = acme_json_string(&jws->payload, "certificate");
    const char *der;
    size_t length;

    if (!encoded)
        return acme_issued(acme_json_string(&jws->payload, "replaces"));
    der = acme_base64url_decode(pinfo->pool, encoded, &length);
    return der ? acme_issued(acme_issued_id(pinfo->pool, (const uint8_t *)der, length)) : NULL;
}

static acme_api_t *
note_jws(packet_info *pinfo, const acme_jws_t *jws)
{
    acme_api_t *api = new_api(pinfo, jws->url);
    acme_resource_t by_content = acme_resource_of_request(jws);

    if (api->request.resource == ACME_RESOURCE_UNKNOWN && by_content != ACME_RESOURCE_UNKNOWN) {
        api->request.resource = by_content;
        api->request.evidence = ACME_EVIDENCE_CONTENT;
    }
    if (api->request.resource == ACME_RESOURCE_CHALLENGE && jws->payload_length > 0)    /* without, it asks for its status */
        acme_expect_start(pinfo, jws->url);
    api->attempt = acme_attempt(pinfo, jws);
    api->account = acme_keep(ACME_URLS, jws->kid);
    if (jws->thumbprint)
        api->thumbprint = acme_keep(ACME_NAMES, jws->thumbprint);
    else
        api->thumbprint = acme_account_thumbprint(jws->kid);
    if (api->request.resource == ACME_RESOURCE_KEY_CHANGE)
        api->new_thumbprint = acme_keep(ACME_NAMES, acme_jws_new_key(pinfo->pool, jws));
    api->certificate = certificate_of_payload(pinfo, jws);
    return api;
}

/* A request that is not signed: of the directory, a nonce, or renewal information. */
static acme_api_t *
note_plain(packet_info *pinfo, const char *url)
{
    acme_api_t *api = new_api(pinfo, url);

    api->certificate = acme_issued(acme_certificate_of_renewal(url));
    if (api->certificate && !api->certificate->asked_frame)
        api->certificate->asked_frame = pinfo->num;
    return api;
}

static void
note_location(acme_api_t *api, const char *location)
{
    if (api->request.resource == ACME_RESOURCE_NEW_ACCOUNT) {
        acme_learn_url(location, ACME_RESOURCE_ACCOUNT, ACME_EVIDENCE_OBJECT);
        acme_learn_account(location, api->thumbprint);
    } else if (api->request.resource == ACME_RESOURCE_NEW_ORDER) {
        acme_learn_url(location, ACME_RESOURCE_ORDER, ACME_EVIDENCE_OBJECT);
    }
}

/* names: an array, or NULL. */
static void
note_names(const acme_json_t *object, jsmntok_t *names)
{
    int count = names ? MIN(json_get_array_len(names), MAX_IDENTITIES) : 0;

    for (int i = 0; i < count; i++) {
        const char *name = acme_json_text_of(object, json_get_array_index(names, i));

        if (name)
            acme_dns_learn_issuer(name);
    }
}

/* The names by which CAA records may permit this authority (RFC 8555 section 7.1.1). */
static void
note_identities(const acme_json_t *object)
{
    jsmntok_t *meta = json_get_object(object->text, object->root, "meta");

    if (meta)
        note_names(object, json_get_array(object->text, meta, "caaIdentities"));
}

/* Those of a dns-persist-01 challenge: the record has to name one of them. */
static void
note_issuers(const acme_json_t *object)
{
    jsmntok_t *challenges = json_get_array(object->text, object->root, "challenges");
    int count = challenges ? MIN(json_get_array_len(challenges), ACME_MAX_CHALLENGES) : 0;

    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(challenges, i);

        if (challenge && challenge->type == JSMN_OBJECT)
            note_names(object, json_get_array(object->text, challenge, "issuer-domain-names"));
    }
}

static void
note_object(packet_info *pinfo, acme_api_t *api, const acme_json_t *object, const char *location)
{
    const acme_source_t source = { api->request.resource, api->url, location, api->request_frame };
    const acme_owner_t owner = { api->account, api->thumbprint };

    acme_learn_from_object(pinfo, api->answer.resource, object, &owner);
    if (api->answer.resource == ACME_RESOURCE_DIRECTORY)
        note_identities(object);
    if (api->answer.resource == ACME_RESOURCE_AUTHORIZATION) {
        note_issuers(object);
        acme_authority_of_authorization(pinfo, object, &api->said);
    } else if (api->answer.resource == ACME_RESOURCE_CHALLENGE) {
        api->domain = acme_expected_domain(acme_json_string(object, "url"));
        acme_authority_of_challenge(pinfo, object, &api->said);
    }
    api->told = acme_progress(pinfo, &source, api->answer.resource, object);
}

/* problem: the answer says that the request failed; its resource is that of the request. */
static void
note_answer(packet_info *pinfo, acme_api_t *api, const acme_json_t *object, const char *location, bool problem)
{
    acme_resource_t by_content = problem ? ACME_RESOURCE_UNKNOWN : acme_resource_of_answer(object);

    api->response_frame = pinfo->num;
    api->answer = api->request;
    if (!problem)
        api->answer.resource = acme_resource_of_answer_to(api->request.resource);
    if (by_content != ACME_RESOURCE_UNKNOWN && by_content != api->answer.resource) {
        api->answer.resource = by_content;
        api->answer.evidence = ACME_EVIDENCE_CONTENT;
    }
    if (api->request.resource == ACME_RESOURCE_UNKNOWN && api->request_frame) {
        api->request = api->answer;
        acme_learn_url(api->url, api->request.resource, api->request.evidence);
    }
    if (location && !problem)
        note_location(api, location);
    if (!problem)
        acme_learn_account(api->account, api->new_thumbprint);
    if (api->request.resource == ACME_RESOURCE_NEW_ORDER && api->certificate && !problem && !api->certificate->replaced_frame)
        api->certificate->replaced_frame = pinfo->num;
    if (object->root && !problem)
        note_object(pinfo, api, object, location);
}

/* The first of a chain is the one that was asked for (RFC 8555 section 7.4.2). */
static void
note_chain(packet_info *pinfo, acme_api_t *api, tvbuff_t *body)
{
    size_t length = 0;
    const uint8_t *der = acme_chain_first(body, pinfo, &length);

    api->certificate = der ? acme_issued(acme_issued_id(pinfo->pool, der, length)) : NULL;
    if (api->certificate && !api->certificate->issued_frame)
        api->certificate->issued_frame = pinfo->num;
}

/* --- Messages --- */

/* In an answer, a directory needs to be a 200. */
static bool
may_be_directory(const http_glance_t *glance)
{
    return !glance->interim && glance->status == 200 && glance->body_length > 0 && glance->body_length <= ACME_MAX_JSON
        && (http_glance_is_type(glance, "application/json") || http_glance_is_type(glance, "application/problem+json"));
}

static bool
wants(const http_glance_t *glance, const void *data)
{
    if (data)
        return true;
    return glance->is_request ? acme_knows_urls() || http_glance_is_type(glance, "application/jose+json")
        : may_be_directory(glance);
}

static bool
is_media_type(const char *value, const char *type)
{
    size_t length = strlen(type);

    return value && !g_ascii_strncasecmp(value, type, length) && (value[length] == '\0' || strchr("; \t", value[length]));
}

static bool
is_json(const http_message_t *message)
{
    const char *value = http_message_type(message);

    return is_media_type(value, "application/json") || is_media_type(value, "application/problem+json");
}

static const char *
request_url(const http_message_t *message)
{
    const char *host;

    if (message->target[0] != '/')
        return message->target;
    host = http_message_header(message, "Host");
    return host ? wmem_strdup_printf(message->pinfo->pool, "%s://%s%s", message->scheme, host,
            message->target) : NULL;
}

static void
fill_view(http_message_t *message, acme_view_t *view)
{
    memset(view, 0, sizeof *view);
    view->pinfo = message->pinfo;
    view->parent = message->tree;
    view->tvb = message->tvb;
    view->offset = message->offset;
    view->length = http_message_length(message);
    view->status = message->status;
}

static bool
is_signed_request(const http_message_t *message)
{
    return !strcmp(message->method, "POST") && is_media_type(http_message_type(message), "application/jose+json");
}

/* An answer that has begun, but does not end in the capture, was not told: the exchange alone knows of it. */
static const acme_api_t *
with_begun_answer(const http_message_t *message, const acme_api_t *api)
{
    acme_api_t *view;

    if (api->response_frame || !message->exchange->response_frame)
        return api;
    view = (acme_api_t *)wmem_memdup(message->pinfo->pool, api, sizeof *api);
    view->response_frame = message->exchange->response_frame;
    return view;
}

static void
http_request(http_message_t *message, acme_api_t **api)
{
    bool first = !PINFO_FD_VISITED(message->pinfo);
    bool has_jws = false;
    acme_view_t view;
    acme_jws_t jws;

    if (!*api && (!first || (!acme_knows_urls() && !is_signed_request(message))))
        return;
    fill_view(message, &view);
    if (is_signed_request(message)) {
        view.body = http_message_body(message);
        has_jws = acme_jws_parse(message->pinfo->pool, view.body, &jws);
        if (first && has_jws)
            *api = note_jws(message->pinfo, &jws);
    } else if (first && acme_knows_urls()) {
        const char *url = request_url(message);

        if (acme_kind_of_url(url).resource != ACME_RESOURCE_UNKNOWN)
            *api = note_plain(message->pinfo, url);
    }
    if (first && *api)
        (*api)->is_head = !strcmp(message->method, "HEAD");
    if (*api)
        acme_show_api_request(&view, with_begun_answer(message, *api), has_jws ? &jws : NULL,
                has_jws ? jws.url : request_url(message));
}

/* Whether an answer to an unknown request is a directory; found on the first pass. */
static acme_api_t *
note_directory(const http_message_t *message, const acme_json_t *object)
{
    acme_api_t *api;

    if (message->status != 200 || !object->root || !acme_is_directory(object))
        return NULL;
    api = new_api(message->pinfo, NULL);
    api->request_frame = message->exchange->request_frame;
    api->request_time = message->exchange->request_time;
    return api;
}

static void
note_nonce(packet_info *pinfo, const acme_api_t *api, const acme_json_t *object, const char *next)
{
    acme_nonce_issued(pinfo, next);
    if (api->answer.resource == ACME_RESOURCE_DIRECTORY)
        acme_attempt_new_run(pinfo);
    if (acme_says_bad_nonce(object))
        acme_attempt_refused(pinfo, api->attempt, next);
}

/* A chain of certificates is shown below what the answer is. */
static bool
is_chain(const http_message_t *message)
{
    return is_media_type(http_message_type(message), "application/pem-certificate-chain");
}

/* There may be more in it than was read. */
static bool
lacks_body(const http_message_t *message, const tvbuff_t *body)
{
    return !message->complete || message->body_length > ACME_MAX_JSON || (!body && message->body_length != 0);
}

static void
http_answer(http_message_t *message, acme_api_t **api)
{
    packet_info *pinfo = message->pinfo;
    bool first = !PINFO_FD_VISITED(pinfo);
    acme_json_t object = { NULL, NULL, 0 };
    acme_view_t view;

    /* A directory is a 200. */
    if (message->interim || (!*api && (!first || message->status != 200 || message->body_length > ACME_MAX_JSON
                    || !is_json(message))))
        return;
    fill_view(message, &view);
    if (is_json(message) || (*api && message->status >= 400)) {
        view.body = http_message_body(message);
        if (*api || acme_json_mentions(view.body, "newNonce"))
            acme_json_parse_body(pinfo->pool, view.body, &object);
    } else if (*api && is_chain(message)) {
        view.body = http_message_body(message);
        view.is_chain = true;
    }
    if (first && !*api)
        *api = note_directory(message, &object);
    if (!*api)
        return;
    view.lacks_body = (*api)->is_head || lacks_body(message, view.body);
    view.location = http_message_header(message, "Location");
    view.replay_nonce = http_message_header(message, "Replay-Nonce");
    view.retry_after = http_message_header(message, "Retry-After");
    if (first)
        note_answer(pinfo, *api, &object, view.location, message->status >= 400 || acme_is_problem(&object, false));
    if (first)
        note_nonce(pinfo, *api, &object, view.replay_nonce);
    if (first && view.is_chain && message->status < 300)
        note_chain(pinfo, *api, view.body);
    acme_show_api_answer(&view, *api, &object);
}

static void
http_message(http_message_t *message, void **data)
{
    if (message->is_request)
        http_request(message, (acme_api_t **)data);
    else
        http_answer(message, (acme_api_t **)data);
}

static unsigned
body_wanted(const http_glance_t *glance, const void *data)
{
    bool is_wanted = glance->is_request ? http_glance_is_type(glance, "application/jose+json")
        : data || http_glance_is_type(glance, "application/json") || http_glance_is_type(glance, "application/problem+json");

    return is_wanted ? ACME_MAX_JSON : 0;
}

/* --- Registration --- */

void
acme_register_api(expert_module_t *expert)
{
    acme_register_resource();
    acme_register_attempt();
    acme_register_issued();
    acme_register_progress();
    acme_register_api_items(expert);
}

void
acme_handoff_api(void)
{
    static const http_observer_t observer = { &proto_acme, http_message, wants, body_wanted, NULL };

    acme_handoff_api_items();
    http_exchange_add_observer(&observer);
}
