/* acme-api-items.c
 * Showing requests to the ACME API and their answers; see acme-api-items.h
 *
 * Bounds: 256 identifiers of an order and 64 challenges of an authorization are shown.
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
#include <wsutil/str_util.h>
#include <wsutil/strtoi.h>

#include "acme-api-items.h"
#include "acme-base64url.h"
#include "acme-chain.h"
#include "acme-inner.h"
#include "acme-items.h"
#include "acme-problem.h"
#include "acme-progress-items.h"
#include "acme-record.h"
#include "acme-verdict-items.h"
#include "show.h"

#define MAX_IDENTIFIERS 256
#define MAX_PROFILES    64

static int hf_acme_resource = -1;
static int hf_acme_evidence = -1;
static int hf_acme_url = -1;
static int hf_acme_alg = -1;
static int hf_acme_kid = -1;
static int hf_acme_nonce = -1;
static int hf_acme_signature = -1;
static int hf_acme_account_thumbprint = -1;
static int hf_acme_identifier = -1;
static int hf_acme_object_status = -1;
static int hf_acme_location = -1;
static int hf_acme_replay_nonce = -1;
static int hf_acme_problem_type = -1;
static int hf_acme_problem_detail = -1;
static int hf_acme_problem_identifier = -1;
static int hf_acme_retry_after = -1;
static int hf_acme_ari_start = -1;
static int hf_acme_ari_end = -1;
static int hf_acme_replaces = -1;
static int hf_acme_profile = -1;
static int hf_acme_profile_offered = -1;
static int hf_acme_eab_kid = -1;
static int hf_acme_new_thumbprint = -1;
static int hf_acme_wanted_status = -1;
static int hf_acme_revocation_reason = -1;
static int hf_acme_rate_limit = -1;

static int ett_acme_protected = -1;
static int ett_acme_payload = -1;
static int ett_acme_problem = -1;

static expert_field ei_acme_problem = EI_INIT;
static expert_field ei_acme_jws_malformed = EI_INIT;

static dissector_handle_t json_handle;

/* RFC 5280 section 5.3.1 */
static const value_string revocation_reason_vals[] = {
    { 0, "unspecified" }, { 1, "keyCompromise" }, { 2, "cACompromise" }, { 3, "affiliationChanged" }, { 4, "superseded" },
    { 5, "cessationOfOperation" }, { 6, "certificateHold" }, { 8, "removeFromCRL" }, { 9, "privilegeWithdrawn" },
    { 10, "aACompromise" }, { 0, NULL }
};

static const char *
resource_name(const acme_kind_t *kind)
{
    return kind->resource == ACME_RESOURCE_UNKNOWN ? "unknown resource" : val_to_str_const(kind->resource, acme_resource_vals, "");
}

static proto_tree *
add_api_tree(const acme_view_t *view, const acme_kind_t *kind, const char *what, proto_item **item)
{
    proto_tree *tree = acme_add_plain_tree(view->tvb, view->offset, view->length, view->parent, item);

    proto_item_append_text(*item, ", %s %s", resource_name(kind), what);
    if (kind->resource != ACME_RESOURCE_UNKNOWN) {
        show_uint(tree, hf_acme_resource, view->tvb, kind->resource);
        show_uint(tree, hf_acme_evidence, view->tvb, kind->evidence);
    }
    return tree;
}

/* A string from the bytes of a body or from what they encode. */
static proto_item *
add_text(proto_tree *tree, int hf, tvbuff_t *tvb, const jsmntok_t *place, packet_info *pinfo, const char *text)
{
    if (!text)
        return NULL;
    return proto_tree_add_string(tree, hf, tvb, place ? place->start : 0, place ? place->end - place->start : 0,
            acme_shown(pinfo->pool, text));
}

static proto_item *
add_generated_text(proto_tree *tree, int hf, tvbuff_t *tvb, packet_info *pinfo, const char *text)
{
    proto_item *item = add_text(tree, hf, tvb, NULL, pinfo, text);

    if (item)
        proto_item_set_generated(item);
    return item;
}

static tvbuff_t *
add_decoded(const acme_view_t *view, proto_tree *tree, int ett, const char *name, const char *text, size_t length,
        const jsmntok_t *place, proto_tree **subtree)
{
    char *copy = (char *)wmem_memdup(view->pinfo->pool, text, MAX(length, 1));
    tvbuff_t *tvb = tvb_new_child_real_data(view->body, (const uint8_t *)copy, (unsigned)length, (int)length);

    add_new_data_source(view->pinfo, tvb, name);
    *subtree = proto_tree_add_subtree_format(tree, view->body, place->start, place->end - place->start, ett, NULL,
            "%s", name);
    acme_inner_call(json_handle, tvb, view->pinfo, *subtree);
    return tvb;
}

static void
show_header(const acme_view_t *view, proto_tree *tree, const acme_jws_t *jws)
{
    packet_info *pinfo = view->pinfo;
    proto_tree *subtree;
    tvbuff_t *tvb = add_decoded(view, tree, ett_acme_protected, "JWS protected header", jws->header_text,
            jws->header_length, acme_json_member(&jws->outer, "protected"), &subtree);

    add_text(tree, hf_acme_alg, tvb, acme_json_member(&jws->header, "alg"), pinfo, acme_json_string(&jws->header, "alg"));
    add_text(tree, hf_acme_nonce, tvb, acme_json_member(&jws->header, "nonce"), pinfo, jws->nonce);
    add_text(tree, hf_acme_url, tvb, acme_json_member(&jws->header, "url"), pinfo, jws->url);
    add_text(tree, hf_acme_kid, tvb, acme_json_member(&jws->header, "kid"), pinfo, jws->kid);
}

static void
show_payload(const acme_view_t *view, proto_tree *tree, const acme_jws_t *jws)
{
    proto_tree *subtree;

    if (jws->payload_length > 0)
        add_decoded(view, tree, ett_acme_payload, "JWS payload", jws->payload_text, jws->payload_length,
                acme_json_member(&jws->outer, "payload"), &subtree);
}

/* The values of an array of identifiers, or of one; returns them in one text. */
static const char *
add_identifiers(const acme_view_t *view, proto_tree *tree, const acme_json_t *object)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    wmem_strbuf_t *all = wmem_strbuf_new(pool, "");
    jsmntok_t *array = object->root ? json_get_array(object->text, object->root, "identifiers") : NULL;
    jsmntok_t *one = object->root ? json_get_object(object->text, object->root, "identifier") : NULL;
    int count = array ? MIN(json_get_array_len(array), MAX_IDENTIFIERS) : one ? 1 : 0;

    for (int i = 0; i < count; i++) {
        jsmntok_t *identifier = array ? json_get_array_index(array, i) : one;
        const char *value = identifier && identifier->type == JSMN_OBJECT
            ? acme_json_text(object, identifier, "value") : NULL;

        if (!value)
            continue;
        add_generated_text(tree, hf_acme_identifier, view->body, view->pinfo, value);
        wmem_strbuf_append_printf(all, "%s%s", wmem_strbuf_get_len(all) ? ", " : "", value);
    }
    return wmem_strbuf_get_len(all) ? wmem_strbuf_get_str(all) : NULL;
}

/* The tokens of an authorization's challenges, or of one challenge. */
static void
add_tokens(const acme_view_t *view, proto_tree *tree, const acme_json_t *object)
{
    jsmntok_t *array = object->root ? json_get_array(object->text, object->root, "challenges") : NULL;
    int count = array ? MIN(json_get_array_len(array), ACME_MAX_CHALLENGES) : 0;
    const char *last = acme_json_string(object, "token");

    if (last)
        acme_add_token(view->body, tree, acme_shown(view->pinfo->pool, last), 0, 0);
    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);
        const char *token = challenge && challenge->type == JSMN_OBJECT
            ? acme_json_text(object, challenge, "token") : NULL;

        if (token && (!last || strcmp(token, last)))
            acme_add_token(view->body, tree, acme_shown(view->pinfo->pool, token), 0, 0);
        last = token;
    }
}

static void
set_columns(const acme_view_t *view, const char *what, const acme_kind_t *kind, const char *details)
{
    acme_columns(view->pinfo, NULL, wmem_strdup_printf(view->pinfo->pool, "API %s %s%s%s", resource_name(kind), what,
                details ? ": " : "", details ? acme_shown(view->pinfo->pool, details) : ""));
}

static void
add_binding(const acme_view_t *view, proto_tree *tree, const acme_jws_t *jws)
{
    packet_info *pinfo = view->pinfo;
    jsmntok_t *binding = jws->payload.root
        ? json_get_object(jws->payload.text, jws->payload.root, "externalAccountBinding") : NULL;
    const char *encoded = binding ? acme_json_text(&jws->payload, binding, "protected") : NULL;
    acme_json_t header;
    size_t length;
    const char *text = acme_base64url_decode(pinfo->pool, encoded, &length);

    if (text && acme_json_parse(pinfo->pool, text, length, &header))
        add_generated_text(tree, hf_acme_eab_kid, view->body, pinfo, acme_json_string(&header, "kid"));
}

/* RFC 8555 section 7.6; without a reason none was given. */
static void
add_revocation(const acme_view_t *view, proto_tree *tree, const acme_json_t *payload)
{
    const jsmntok_t *reason = acme_json_member(payload, "reason");
    const char *text;
    uint32_t code;

    acme_der_show(ACME_DER_CERTIFICATE, acme_json_string(payload, "certificate"), view->body, view->pinfo, tree);
    if (!reason || reason->type != JSMN_PRIMITIVE)
        return;
    text = wmem_strndup(view->pinfo->pool, payload->text + reason->start, reason->end - reason->start);
    if (!ws_strtou32(text, NULL, &code))
        return;
    show_uint(tree, hf_acme_revocation_reason, view->body, code);
}

/* What the request asks for beside identifiers; returns it in few words, or NULL. */
static const char *
add_payload_members(const acme_view_t *view, proto_tree *tree, const acme_jws_t *jws)
{
    const char *status = acme_json_string(&jws->payload, "status");

    add_generated_text(tree, hf_acme_replaces, view->body, view->pinfo, acme_json_string(&jws->payload, "replaces"));
    add_generated_text(tree, hf_acme_profile, view->body, view->pinfo, acme_json_string(&jws->payload, "profile"));
    add_binding(view, tree, jws);
    add_generated_text(tree, hf_acme_wanted_status, view->body, view->pinfo, status);
    acme_der_show(ACME_DER_REQUEST, acme_json_string(&jws->payload, "csr"), view->body, view->pinfo, tree);
    add_revocation(view, tree, &jws->payload);
    return status;
}

void
acme_show_api_request(const acme_view_t *view, const acme_api_t *api, const acme_jws_t *jws, const char *url)
{
    proto_item *item;
    proto_tree *tree = add_api_tree(view, &api->request, "request", &item);
    const char *details = NULL, *wanted;

    if (jws) {
        show_header(view, tree, jws);
        show_payload(view, tree, jws);
        add_text(tree, hf_acme_signature, view->body, acme_json_member(&jws->outer, "signature"), view->pinfo,
                acme_json_string(&jws->outer, "signature"));
        details = add_identifiers(view, tree, &jws->payload);
        wanted = add_payload_members(view, tree, jws);
        if (!details && wanted)
            details = wmem_strconcat(view->pinfo->pool, wanted, ", ", url, NULL);
        if (!jws->payload_text || !acme_json_string(&jws->outer, "signature") || (jws->payload_length > 0 && !jws->payload.root))
            expert_add_info(view->pinfo, item, &ei_acme_jws_malformed);
    } else {
        add_generated_text(tree, hf_acme_url, view->tvb, view->pinfo, url);
    }
    if (api->request.resource != ACME_RESOURCE_CERTIFICATE)
        acme_issued_show(view->tvb, view->pinfo, tree, api->certificate);
    add_generated_text(tree, hf_acme_account_thumbprint, view->tvb, view->pinfo, api->thumbprint);
    add_generated_text(tree, hf_acme_new_thumbprint, view->tvb, view->pinfo, api->new_thumbprint);
    acme_attempt_show(view->tvb, view->pinfo, tree, api->attempt);
    acme_add_response_in(view->tvb, view->pinfo, tree, item, api->response_frame, ACME_REPLY_NONE);
    set_columns(view, "request", &api->request, details ? details : url);
}

/* --- Answers --- */

/* The limit that was reached, and when the client may come again. */
static const char *
limit_text(const acme_view_t *view, proto_tree *tree, const acme_problem_t *problem, const char *text)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    const char *limit = acme_problem_rate_limit(pool, problem);

    add_generated_text(tree, hf_acme_rate_limit, view->body, view->pinfo, limit);
    if (limit)
        text = wmem_strconcat(pool, text, " (limit: ", limit, ")", NULL);
    if (view->retry_after)
        text = wmem_strconcat(pool, text, " (Retry-After: ", acme_shown(pool, view->retry_after), ")", NULL);
    return text;
}

static void
add_problem(const acme_view_t *view, proto_tree *parent, const acme_api_t *api, const acme_problem_t *problem)
{
    packet_info *pinfo = view->pinfo;
    const char *text = acme_shown(pinfo->pool, acme_problem_text(pinfo->pool, problem));
    const char *advice = acme_problem_advice(problem);
    proto_item *item;
    proto_tree *tree = proto_tree_add_subtree_format(parent, view->body, problem->place->start,
            problem->place->end - problem->place->start, ett_acme_problem, &item, "Problem: %s", text);

    add_text(tree, hf_acme_problem_type, view->body, problem->place, pinfo, problem->type);
    add_text(tree, hf_acme_problem_detail, view->body, problem->place, pinfo, problem->detail);
    add_generated_text(tree, hf_acme_problem_identifier, view->body, pinfo, problem->identifier);
    if (!strcmp(problem->name, "rateLimited"))
        text = limit_text(view, tree, problem, text);
    if (acme_problem_is_bad_nonce(problem) && acme_refusal_show(view->tvb, pinfo, tree, api->attempt, text))
        return;
    expert_add_info_format(pinfo, item, &ei_acme_problem, "Problem %s%s%s", text, advice ? "; " : "", advice ? advice : "");
}

/* Its certificates; returns how many in words. */
static const char *
add_chain(const acme_view_t *view, proto_tree *tree)
{
    unsigned count = acme_chain_show(view->body, view->pinfo, tree);

    return wmem_strdup_printf(view->pinfo->pool, "%u certificate%s", count, count == 1 ? "" : "s");
}

/* What an object is about: one identifier, its own or that of its only entry. */
static const char *
identifier_of(const acme_api_t *api, const acme_json_t *object)
{
    jsmntok_t *one = object->root ? json_get_object(object->text, object->root, "identifier") : NULL;
    jsmntok_t *array = object->root ? json_get_array(object->text, object->root, "identifiers") : NULL;

    if (!one && array && json_get_array_len(array) == 1)
        one = json_get_array_index(array, 0);
    if (one && one->type == JSMN_OBJECT && acme_json_text(object, one, "value"))
        return acme_json_text(object, one, "value");
    return api->domain;
}

/* Returns what to say about them; NULL: there are none. */
static const char *
add_problems(const acme_view_t *view, proto_tree *tree, const acme_api_t *api, const acme_json_t *object)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    wmem_array_t *problems = acme_problems(pool, object, view->status >= 400, identifier_of(api, object));
    unsigned count = wmem_array_get_count(problems);
    const char *first;

    for (unsigned i = 0; i < count; i++)
        add_problem(view, tree, api, (const acme_problem_t *)wmem_array_index(problems, i));
    if (count == 0)
        return NULL;
    first = acme_problem_text(pool, (const acme_problem_t *)wmem_array_index(problems, 0));
    return count > 1 ? wmem_strdup_printf(pool, "%s (and %u more)", first, count - 1) : first;
}

/* RFC 8555 section 6.7 wants a problem document of authorities; what stands in front of them sends pages. */
static void
add_failure(const acme_view_t *view, proto_item *item)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    const char *later = view->retry_after
        ? wmem_strdup_printf(pool, " (Retry-After: %s)", acme_shown(pool, view->retry_after)) : "";

    expert_add_info_format(view->pinfo, item, &ei_acme_problem, "HTTP status %u without a problem document%s; a proxy, firewall "
            "or overloaded server in front of the authority may have answered in its place: try again later, or from elsewhere",
            view->status, later);
}

/* The types of an authorization's challenges, or of one challenge. */
static void
add_challenge_types(const acme_view_t *view, proto_tree *tree, const acme_json_t *object)
{
    jsmntok_t *array = object->root ? json_get_array(object->text, object->root, "challenges") : NULL;
    int count = array ? MIN(json_get_array_len(array), ACME_MAX_CHALLENGES) : 0;

    acme_add_challenge_type(view->body, tree, acme_json_has(object, "url") ? acme_json_string(object, "type") : NULL);
    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);

        if (challenge && challenge->type == JSMN_OBJECT)
            acme_add_challenge_type(view->body, tree, acme_json_text(object, challenge, "type"));
    }
}

static void
add_renewal(const acme_view_t *view, proto_tree *tree, const acme_json_t *object)
{
    jsmntok_t *window = object->root ? json_get_object(object->text, object->root, "suggestedWindow") : NULL;

    if (!window)
        return;
    add_text(tree, hf_acme_ari_start, view->body, window, view->pinfo, acme_json_text(object, window, "start"));
    add_text(tree, hf_acme_ari_end, view->body, window, view->pinfo, acme_json_text(object, window, "end"));
}

/* The profiles of a directory. */
static void
add_offers(const acme_view_t *view, proto_tree *tree, const acme_json_t *object)
{
    jsmntok_t *meta = object->root ? json_get_object(object->text, object->root, "meta") : NULL;
    jsmntok_t *profiles = meta ? json_get_object(object->text, meta, "profiles") : NULL;
    const jsmntok_t *last;
    int count = 0;

    if (!profiles)
        return;
    last = object->root + object->count;
    for (const jsmntok_t *name = profiles + 1; name + 1 < last && name->start < profiles->end && count < MAX_PROFILES; count++) {
        const jsmntok_t *value = name + 1;

        add_generated_text(tree, hf_acme_profile_offered, view->body, view->pinfo,
                wmem_strndup(view->pinfo->pool, object->text + name->start, name->end - name->start));
        for (name = value + 1; name < last && name->start < value->end; name++)
            ;
    }
}

/* What an object that is no problem says; returns it in few words, or NULL. */
static const char *
add_object(const acme_view_t *view, proto_tree *tree, const acme_api_t *api, const acme_json_t *object)
{
    const char *status = acme_json_string(object, "status");
    const char *identifiers;

    add_text(tree, hf_acme_object_status, view->body, acme_json_member(object, "status"), view->pinfo, status);
    identifiers = add_identifiers(view, tree, object);
    if (!identifiers && api->domain)
        identifiers = api->domain;
    add_challenge_types(view, tree, object);
    add_tokens(view, tree, object);
    add_renewal(view, tree, object);
    add_generated_text(tree, hf_acme_profile, view->body, view->pinfo, acme_json_string(object, "profile"));
    add_generated_text(tree, hf_acme_replaces, view->body, view->pinfo, acme_json_string(object, "replaces"));
    add_offers(view, tree, object);
    acme_records_show(object, view->body, view->pinfo, tree);
    if (status)
        status = acme_progress_text(view->pinfo, api->told, status);
    if (status && identifiers)
        return wmem_strconcat(view->pinfo->pool, status, ", ", identifiers, NULL);
    return status ? status : identifiers;
}

static void
add_header_fields(const acme_view_t *view, proto_tree *tree)
{
    add_generated_text(tree, hf_acme_location, view->tvb, view->pinfo, view->location);
    add_generated_text(tree, hf_acme_replay_nonce, view->tvb, view->pinfo, view->replay_nonce);
    add_generated_text(tree, hf_acme_retry_after, view->tvb, view->pinfo, view->retry_after);
}

void
acme_show_api_answer(const acme_view_t *view, const acme_api_t *api, const acme_json_t *object)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    proto_item *item;
    proto_tree *tree = add_api_tree(view, &api->answer, "answer", &item);
    const char *text = NULL, *problem;

    if (view->status)
        acme_add_status(view->tvb, view->offset, tree, view->status);
    if (!acme_is_problem(object, view->status >= 400))
        text = add_object(view, tree, api, object);
    problem = add_problems(view, tree, api, object);
    if (!problem && view->status >= 400 && !view->lacks_body)
        add_failure(view, item);
    if (problem)
        text = wmem_strconcat(pool, text ? text : "", text ? ", " : "", problem, NULL);
    if (view->is_chain && view->status < 300) {
        text = add_chain(view, tree);
        acme_issued_show(view->tvb, view->pinfo, tree, api->certificate);
    }
    add_header_fields(view, tree);
    acme_progress_show(view->tvb, view->pinfo, tree, item, api->told, resource_name(&api->answer));
    if (api->said.word)
        acme_add_word(view->tvb, view->pinfo, tree, &api->said);
    acme_add_response_to(view->tvb, view->pinfo, tree, api->request_frame, &api->request_time);
    if (view->status)
        text = wmem_strdup_printf(pool, "HTTP %u%s%s", view->status, text ? ", " : "", text ? text : "");
    set_columns(view, "answer", &api->answer, text);
}

/* --- Registration --- */

void
acme_register_api_items(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_resource,
          { "Resource", "acme.resource", FT_UINT8, BASE_DEC, VALS(acme_resource_vals), 0,
            "What the URL of the request, or the object in the answer, stands for", HFILL } },
        { &hf_acme_evidence,
          { "Evidence", "acme.resource.evidence", FT_UINT8, BASE_DEC, VALS(acme_evidence_vals), 0,
            "How the resource is known", HFILL } },
        { &hf_acme_url,
          { "URL", "acme.url", FT_STRING, BASE_NONE, NULL, 0,
            "URL of the request, as signed where it is", HFILL } },
        { &hf_acme_alg,
          { "Algorithm", "acme.jws.alg", FT_STRING, BASE_NONE, NULL, 0, "Signature algorithm", HFILL } },
        { &hf_acme_kid,
          { "Account", "acme.jws.kid", FT_STRING, BASE_NONE, NULL, 0, "URL of the account that signs", HFILL } },
        { &hf_acme_nonce,
          { "Nonce", "acme.jws.nonce", FT_STRING, BASE_NONE, NULL, 0, "Anti-replay nonce", HFILL } },
        { &hf_acme_signature,
          { "Signature", "acme.jws.signature", FT_STRING, BASE_NONE, NULL, 0, "In base64url", HFILL } },
        { &hf_acme_account_thumbprint,
          { "Account thumbprint", "acme.account.thumbprint", FT_STRING, BASE_NONE, NULL, 0,
            "SHA-256 of the account's public key in base64url, as in key authorizations", HFILL } },
        { &hf_acme_identifier,
          { "Identifier", "acme.identifier", FT_STRING, BASE_NONE, NULL, 0,
            "Name or address that a certificate is asked for", HFILL } },
        { &hf_acme_object_status,
          { "Object status", "acme.object.status", FT_STRING, BASE_NONE, NULL, 0,
            "Status of the account, order, authorization or challenge", HFILL } },
        { &hf_acme_location,
          { "Location", "acme.location", FT_STRING, BASE_NONE, NULL, 0, "URL of the new resource", HFILL } },
        { &hf_acme_replay_nonce,
          { "Replay nonce", "acme.replay_nonce", FT_STRING, BASE_NONE, NULL, 0,
            "Nonce for the client's next request", HFILL } },
        { &hf_acme_problem_type,
          { "Problem", "acme.problem.type", FT_STRING, BASE_NONE, NULL, 0,
            "URI or short name of what went wrong, as in RFC 8555 section 6.7", HFILL } },
        { &hf_acme_problem_detail,
          { "Detail", "acme.problem.detail", FT_STRING, BASE_NONE, NULL, 0,
            "What the authority says about the problem in its own words", HFILL } },
        { &hf_acme_problem_identifier,
          { "About", "acme.problem.identifier", FT_STRING, BASE_NONE, NULL, 0,
            "Name or address that the problem is about", HFILL } },
        { &hf_acme_retry_after,
          { "Retry-After", "acme.retry_after", FT_STRING, BASE_NONE, NULL, 0,
            "When the client may ask again: seconds, or a date", HFILL } },
        { &hf_acme_ari_start,
          { "Renew from", "acme.ari.start", FT_STRING, BASE_NONE, NULL, 0,
            "Beginning of the window in which the authority suggests to renew", HFILL } },
        { &hf_acme_ari_end,
          { "Renew until", "acme.ari.end", FT_STRING, BASE_NONE, NULL, 0, "End of that window", HFILL } },
        { &hf_acme_replaces,
          { "Replaces", "acme.replaces", FT_STRING, BASE_NONE, NULL, 0,
            "Certificate that the order takes the place of", HFILL } },
        { &hf_acme_profile,
          { "Profile", "acme.profile", FT_STRING, BASE_NONE, NULL, 0,
            "Kind of certificate that the order asks for", HFILL } },
        { &hf_acme_eab_kid,
          { "External account", "acme.eab.kid", FT_STRING, BASE_NONE, NULL, 0,
            "Key ID of the external account that the new account is bound to", HFILL } },
        { &hf_acme_profile_offered,
          { "Profile offered", "acme.profile.offered", FT_STRING, BASE_NONE, NULL, 0,
            "Kind of certificate that the directory offers", HFILL } },
        { &hf_acme_new_thumbprint,
          { "New thumbprint", "acme.account.new_thumbprint", FT_STRING, BASE_NONE, NULL, 0,
            "SHA-256 of the key that a key change asks for, in base64url", HFILL } },
        { &hf_acme_wanted_status,
          { "Status asked for", "acme.wanted_status", FT_STRING, BASE_NONE, NULL, 0,
            "Status that the request wants the object to have: deactivated", HFILL } },
        { &hf_acme_revocation_reason,
          { "Reason", "acme.revocation.reason", FT_UINT32, BASE_DEC, VALS(revocation_reason_vals), 0,
            "Why the certificate is to be revoked", HFILL } },
        { &hf_acme_rate_limit,
          { "Limit", "acme.problem.rate_limit", FT_STRING, BASE_NONE, NULL, 0,
            "Limit of the authority that was reached, as it names it", HFILL } },
    };
    static int *ett[] = { &ett_acme_protected, &ett_acme_payload, &ett_acme_problem };
    static ei_register_info ei[] = {
        { &ei_acme_problem,
          { "acme.problem", PI_RESPONSE_CODE, PI_WARN, "Problem", EXPFILL } },
        { &ei_acme_jws_malformed,
          { "acme.jws_malformed", PI_MALFORMED, PI_WARN, "Signature or payload is missing or malformed", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
    acme_register_chain();
    acme_register_progress_items(expert);
    acme_register_record();
}

void
acme_handoff_api_items(void)
{
    acme_handoff_chain();
    json_handle = find_dissector("json");
}
