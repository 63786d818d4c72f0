/* acme-api.c
 * The ACME API: signed requests, resources and problems
 *
 * RFC 8555 sections 6 (message transport) and 7 (certificate management), RFC 7515 (JWS), RFC 7638 (JWK
 * thumbprint), RFC 7807 (problem documents), RFC 9773 (renewal information).
 *
 * What a URL stands for is learned from the server's directory and from the objects that name others; the
 * evidence is shown with each resource. Where neither has been seen, the content of a request or
 * answer may tell, as ACME's objects have members of their own. Otherwise the resource stays unknown.
 *
 * Messages of HTTP/1 and HTTP/2 come from http-hub.c, requests and answers paired.
 *
 * All that is learned is in file scope and written on the first pass only. Shown are the records that
 * the first pass left with the exchange or the frame.
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
#include <wsutil/wsjson.h>

#include "acme-int.h"
#include "http.h"

#define MAX_JSON_LENGTH 65536
#define MAX_JSON_TOKENS 4096
#define MAX_URLS        65536   /* that are learned from a file */
#define MAX_CHALLENGES  64      /* of an authorization that are looked at */
#define MAX_IDENTIFIERS 256     /* of an order that are shown */

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

static int ett_acme_protected = -1;
static int ett_acme_payload = -1;

static expert_field ei_acme_problem = EI_INIT;
static expert_field ei_acme_jws_malformed = EI_INIT;

static dissector_handle_t json_handle;

typedef enum {
    RESOURCE_UNKNOWN, RESOURCE_DIRECTORY, RESOURCE_NEW_NONCE, RESOURCE_NEW_ACCOUNT, RESOURCE_NEW_ORDER,
    RESOURCE_NEW_AUTHZ, RESOURCE_REVOKE_CERT, RESOURCE_KEY_CHANGE, RESOURCE_RENEWAL_INFO, RESOURCE_ACCOUNT,
    RESOURCE_ORDERS, RESOURCE_ORDER, RESOURCE_AUTHORIZATION, RESOURCE_CHALLENGE, RESOURCE_FINALIZE, RESOURCE_CERTIFICATE
} resource_t;

typedef enum {
    EVIDENCE_NONE, EVIDENCE_DIRECTORY, EVIDENCE_OBJECT, EVIDENCE_CONTENT
} evidence_t;

static const value_string resource_vals[] = {
    { RESOURCE_UNKNOWN, "unknown" },
    { RESOURCE_DIRECTORY, "directory" },
    { RESOURCE_NEW_NONCE, "newNonce" },
    { RESOURCE_NEW_ACCOUNT, "newAccount" },
    { RESOURCE_NEW_ORDER, "newOrder" },
    { RESOURCE_NEW_AUTHZ, "newAuthz" },
    { RESOURCE_REVOKE_CERT, "revokeCert" },
    { RESOURCE_KEY_CHANGE, "keyChange" },
    { RESOURCE_RENEWAL_INFO, "renewalInfo" },
    { RESOURCE_ACCOUNT, "account" },
    { RESOURCE_ORDERS, "orders" },
    { RESOURCE_ORDER, "order" },
    { RESOURCE_AUTHORIZATION, "authorization" },
    { RESOURCE_CHALLENGE, "challenge" },
    { RESOURCE_FINALIZE, "finalize" },
    { RESOURCE_CERTIFICATE, "certificate" },
    { 0, NULL }
};

static const value_string evidence_vals[] = {
    { EVIDENCE_DIRECTORY, "URL in the directory" },
    { EVIDENCE_OBJECT, "URL in an earlier answer" },
    { EVIDENCE_CONTENT, "members of this object" },
    { 0, NULL }
};

typedef struct acme_kind {
    resource_t resource;
    evidence_t evidence;
} acme_kind_t;

/* A request to the API and its answer. In file scope, written on the first pass only. */
typedef struct acme_api {
    acme_kind_t request;
    acme_kind_t answer;
    const char *url;
    const char *account;        /* its URL, or NULL */
    const char *thumbprint;     /* of the account's key, or NULL */
    const char *new_thumbprint; /* of the key that a key change asks for, or NULL */
    uint32_t    request_frame;
    uint32_t    response_frame;
    nstime_t    request_time;
} acme_api_t;

/* Kinds of URLs (acme_kind_t), and thumbprints of accounts by URL (strings); file scope. */
static wmem_map_t *urls;
static wmem_map_t *accounts;

/* --- JSON --- */

/* A parsed object. In pinfo->pool; reading strings changes the text, but no positions. */
typedef struct json_object {
    char      *text;
    jsmntok_t *root;
    int        count;
} json_object_t;

static bool
parse_json(wmem_allocator_t *pool, const char *text, size_t length, json_object_t *object)
{
    memset(object, 0, sizeof *object);
    if (length < 2 || length > MAX_JSON_LENGTH || memchr(text, '\0', length))
        return false;
    object->text = wmem_strndup(pool, text, length);
    object->count = json_parse(object->text, NULL, 0);
    if (object->count < 1 || object->count > MAX_JSON_TOKENS)
        return false;
    object->root = wmem_alloc_array(pool, jsmntok_t, object->count);
    return json_parse(object->text, object->root, object->count) == object->count && object->root->type == JSMN_OBJECT;
}

static bool
parse_body(wmem_allocator_t *pool, tvbuff_t *body, json_object_t *object)
{
    unsigned length = body ? tvb_captured_length(body) : 0;

    memset(object, 0, sizeof *object);
    return length > 0 && length <= MAX_JSON_LENGTH
        && parse_json(pool, (const char *)tvb_memdup(pool, body, 0, length), length, object);
}

/* Spares most bodies the parser. */
static bool
body_mentions(tvbuff_t *body, const char *name)
{
    unsigned length = body ? tvb_captured_length(body) : 0;

    return length > 0 && length <= MAX_JSON_LENGTH && g_strstr_len((const char *)tvb_get_ptr(body, 0, length), length, name);
}

/* The value of a member of the object itself; NULL: there is none. */
static const jsmntok_t *
get_member(const json_object_t *object, const char *name)
{
    int length = (int)strlen(name);
    int key = 1;

    if (!object->root || object->root->type != JSMN_OBJECT)
        return NULL;
    while (key + 1 < object->count) {
        const jsmntok_t *token = &object->root[key];
        int next = key + 2;

        if (token->end - token->start == length && !memcmp(object->text + token->start, name, length))
            return token + 1;
        while (next < object->count && object->root[next].start < token[1].end)
            next++;
        key = next;
    }
    return NULL;
}

static bool
has_member(const json_object_t *object, const char *name)
{
    return get_member(object, name) != NULL;
}

static bool
has_array(const json_object_t *object, const char *name)
{
    const jsmntok_t *value = get_member(object, name);

    return value && value->type == JSMN_ARRAY;
}

static const char *
get_string(const json_object_t *object, const char *name)
{
    const jsmntok_t *value = get_member(object, name);

    return value && value->type == JSMN_STRING ? json_get_string(object->text, object->root, name) : NULL;
}

/* --- JWS --- */

/* A signed request. In pinfo->pool. */
typedef struct jws {
    json_object_t  outer;
    char          *header_text;
    size_t         header_length;
    char          *payload_text;
    size_t         payload_length;
    json_object_t  header;
    json_object_t  payload;     /* no root if the payload is empty */
    const char    *url;
    const char    *nonce;
    const char    *kid;
    const char    *thumbprint;  /* of the key in the header, or NULL */
} jws_t;

/* NULL: not base64url. The result is followed by a zero. */
static char *
decode_base64url(wmem_allocator_t *pool, const char *text, size_t *length)
{
    size_t n = text ? strlen(text) : 0;
    char *padded;

    if (!text || n % 4 == 1 || !acme_is_base64url(text, n))
        return NULL;
    padded = (char *)wmem_alloc0(pool, n + 4);
    for (size_t i = 0; i < n; i++)
        padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    while (n % 4)
        padded[n++] = '=';
    *length = 0;
    if (n > 0)
        g_base64_decode_inplace(padded, length);
    padded[*length] = '\0';
    return padded;
}

/* RFC 7638: the members that make the key, in order of their names. */
static const char *
jwk_thumbprint(wmem_allocator_t *pool, json_object_t *header)
{
    static const struct {
        const char *kty;
        const char *members[5];
    } types[] = {
        { "RSA", { "e", "kty", "n", NULL, NULL } },
        { "EC", { "crv", "kty", "x", "y", NULL } },
        { "OKP", { "crv", "kty", "x", NULL, NULL } },
    };
    jsmntok_t *jwk = json_get_object(header->text, header->root, "jwk");
    const char *kty = jwk ? json_get_string(header->text, jwk, "kty") : NULL;
    wmem_strbuf_t *canonical = wmem_strbuf_new(pool, "{");

    for (unsigned i = 0; kty && i < array_length(types); i++) {
        if (strcmp(kty, types[i].kty))
            continue;
        for (int m = 0; types[i].members[m]; m++) {
            const char *value = json_get_string(header->text, jwk, types[i].members[m]);

            if (!value || strpbrk(value, "\"\\"))
                return NULL;
            wmem_strbuf_append_printf(canonical, "%s\"%s\":\"%s\"", m ? "," : "", types[i].members[m], value);
        }
        wmem_strbuf_append_c(canonical, '}');
        return acme_sha256_base64url(pool, wmem_strbuf_get_str(canonical));
    }
    return NULL;
}

/* An ACME request is a flattened JWS whose header names its URL (RFC 8555 section 6.2); false: this is none. */
static bool
parse_jws(wmem_allocator_t *pool, tvbuff_t *body, jws_t *jws)
{
    memset(jws, 0, sizeof *jws);
    if (!parse_body(pool, body, &jws->outer))
        return false;
    jws->header_text = decode_base64url(pool, get_string(&jws->outer, "protected"), &jws->header_length);
    jws->payload_text = decode_base64url(pool, get_string(&jws->outer, "payload"), &jws->payload_length);
    if (!jws->header_text || !parse_json(pool, jws->header_text, jws->header_length, &jws->header))
        return false;
    jws->url = get_string(&jws->header, "url");
    jws->nonce = get_string(&jws->header, "nonce");
    jws->kid = get_string(&jws->header, "kid");
    if (!jws->url || !jws->nonce || !get_string(&jws->header, "alg"))
        return false;
    if (jws->payload_length > 0)
        parse_json(pool, jws->payload_text, jws->payload_length, &jws->payload);
    if (!jws->kid)
        jws->thumbprint = jwk_thumbprint(pool, &jws->header);
    return true;
}

/* --- What URLs stand for --- */

static void
learn_url(const char *url, resource_t resource, evidence_t evidence)
{
    acme_kind_t *kind;

    if (!url || resource == RESOURCE_UNKNOWN || wmem_map_size(urls) >= MAX_URLS || wmem_map_lookup(urls, url))
        return;
    kind = wmem_new(wmem_file_scope(), acme_kind_t);
    kind->resource = resource;
    kind->evidence = evidence;
    wmem_map_insert(urls, wmem_strdup(wmem_file_scope(), url), kind);
}

static acme_kind_t
kind_of_url(const char *url)
{
    const acme_kind_t none = { RESOURCE_UNKNOWN, EVIDENCE_NONE };
    const acme_kind_t *kind = url ? (const acme_kind_t *)wmem_map_lookup(urls, url) : NULL;

    return kind ? *kind : none;
}

static void
learn_member(const json_object_t *object, const char *name, resource_t resource, evidence_t evidence)
{
    learn_url(get_string(object, name), resource, evidence);
}

static void
learn_directory(const json_object_t *object)
{
    learn_member(object, "newNonce", RESOURCE_NEW_NONCE, EVIDENCE_DIRECTORY);
    learn_member(object, "newAccount", RESOURCE_NEW_ACCOUNT, EVIDENCE_DIRECTORY);
    learn_member(object, "newOrder", RESOURCE_NEW_ORDER, EVIDENCE_DIRECTORY);
    learn_member(object, "newAuthz", RESOURCE_NEW_AUTHZ, EVIDENCE_DIRECTORY);
    learn_member(object, "revokeCert", RESOURCE_REVOKE_CERT, EVIDENCE_DIRECTORY);
    learn_member(object, "keyChange", RESOURCE_KEY_CHANGE, EVIDENCE_DIRECTORY);
    learn_member(object, "renewalInfo", RESOURCE_RENEWAL_INFO, EVIDENCE_DIRECTORY);
}

static void
learn_array(wmem_allocator_t *pool, const json_object_t *object, const char *name, resource_t resource)
{
    const jsmntok_t *array = get_member(object, name);

    if (!array || array->type != JSMN_ARRAY)
        return;
    for (int i = 1; i <= array->size && array + i < object->root + object->count; i++) {
        if (array[i].type != JSMN_STRING)
            return;
        learn_url(wmem_strndup(pool, object->text + array[i].start, array[i].end - array[i].start), resource,
                EVIDENCE_OBJECT);
    }
}

/* The challenges of an authorization, and the key authorizations that its validators should find. */
static void
learn_challenges(packet_info *pinfo, const json_object_t *object, const char *thumbprint)
{
    jsmntok_t *identifier = json_get_object(object->text, object->root, "identifier");
    jsmntok_t *array = json_get_array(object->text, object->root, "challenges");
    const char *domain = identifier ? json_get_string(object->text, identifier, "value") : NULL;
    int count = array ? MIN(json_get_array_len(array), MAX_CHALLENGES) : 0;

    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);
        const char *url, *token;

        if (!challenge || challenge->type != JSMN_OBJECT)
            continue;
        url = json_get_string(object->text, challenge, "url");
        token = json_get_string(object->text, challenge, "token");
        learn_url(url, RESOURCE_CHALLENGE, EVIDENCE_OBJECT);
        if (domain && token && thumbprint)
            acme_expect(pinfo, domain, token, thumbprint);
    }
}

static void
learn_from_object(packet_info *pinfo, resource_t resource, const json_object_t *object, const char *thumbprint)
{
    switch (resource) {
    case RESOURCE_DIRECTORY:
        learn_directory(object);
        break;
    case RESOURCE_ACCOUNT:
        learn_member(object, "orders", RESOURCE_ORDERS, EVIDENCE_OBJECT);
        break;
    case RESOURCE_ORDERS:
        learn_array(pinfo->pool, object, "orders", RESOURCE_ORDER);
        break;
    case RESOURCE_ORDER:
        learn_array(pinfo->pool, object, "authorizations", RESOURCE_AUTHORIZATION);
        learn_member(object, "finalize", RESOURCE_FINALIZE, EVIDENCE_OBJECT);
        learn_member(object, "certificate", RESOURCE_CERTIFICATE, EVIDENCE_OBJECT);
        break;
    case RESOURCE_AUTHORIZATION:
        learn_challenges(pinfo, object, thumbprint);
        break;
    default:
        break;
    }
}

/* --- What contents stand for --- */

static resource_t
resource_of_payload(const jws_t *jws)
{
    const json_object_t *payload = &jws->payload;

    if (has_member(payload, "csr"))
        return RESOURCE_FINALIZE;
    if (has_array(payload, "identifiers"))
        return RESOURCE_NEW_ORDER;
    if (has_member(payload, "identifier"))
        return RESOURCE_NEW_AUTHZ;
    if (has_member(payload, "certificate"))
        return RESOURCE_REVOKE_CERT;
    if (has_member(payload, "protected") && has_member(payload, "signature"))
        return RESOURCE_KEY_CHANGE;
    if (!jws->kid && (has_member(payload, "termsOfServiceAgreed") || has_member(payload, "contact")
                || has_member(payload, "onlyReturnExisting")))
        return RESOURCE_NEW_ACCOUNT;
    return RESOURCE_UNKNOWN;
}

static bool
is_directory(const json_object_t *object)
{
    return get_string(object, "newNonce") && get_string(object, "newAccount") && get_string(object, "newOrder");
}

static resource_t
resource_of_answer(const json_object_t *object)
{
    if (is_directory(object))
        return RESOURCE_DIRECTORY;
    if (has_array(object, "authorizations") && has_member(object, "finalize"))
        return RESOURCE_ORDER;
    if (has_array(object, "challenges") && has_member(object, "identifier"))
        return RESOURCE_AUTHORIZATION;
    if (has_member(object, "type") && has_member(object, "url") && has_member(object, "token"))
        return RESOURCE_CHALLENGE;
    if (has_array(object, "orders"))
        return RESOURCE_ORDERS;
    if (has_member(object, "suggestedWindow"))
        return RESOURCE_RENEWAL_INFO;
    return RESOURCE_UNKNOWN;
}

/* What the answer to a request holds, unless it is a problem. */
static resource_t
resource_of_answer_to(resource_t request)
{
    switch (request) {
    case RESOURCE_NEW_ACCOUNT: return RESOURCE_ACCOUNT;
    case RESOURCE_NEW_ORDER: return RESOURCE_ORDER;
    case RESOURCE_FINALIZE: return RESOURCE_ORDER;
    case RESOURCE_NEW_AUTHZ: return RESOURCE_AUTHORIZATION;
    default: return request;
    }
}

/* RFC 8555 section 7.3.5: the payload is a JWS whose header has the new key. */
static const char *
new_key_thumbprint(wmem_allocator_t *pool, const jws_t *jws)
{
    json_object_t header;
    size_t length;
    const char *text = decode_base64url(pool, get_string(&jws->payload, "protected"), &length);

    return text && parse_json(pool, text, length, &header) ? jwk_thumbprint(pool, &header) : NULL;
}

/* --- First pass --- */

static acme_api_t *
new_api(packet_info *pinfo, const char *url)
{
    acme_api_t *api = wmem_new0(wmem_file_scope(), acme_api_t);

    api->url = acme_keep(url);
    api->request = kind_of_url(url);
    api->request_frame = pinfo->num;
    api->request_time = pinfo->abs_ts;
    return api;
}

static acme_api_t *
note_jws(packet_info *pinfo, const jws_t *jws)
{
    acme_api_t *api = new_api(pinfo, jws->url);
    resource_t by_content = resource_of_payload(jws);

    if (api->request.resource == RESOURCE_UNKNOWN && by_content != RESOURCE_UNKNOWN) {
        api->request.resource = by_content;
        api->request.evidence = EVIDENCE_CONTENT;
    }
    api->account = acme_keep(jws->kid);
    if (jws->thumbprint)
        api->thumbprint = wmem_strdup(wmem_file_scope(), jws->thumbprint);
    else if (jws->kid)
        api->thumbprint = (const char *)wmem_map_lookup(accounts, jws->kid);
    if (api->request.resource == RESOURCE_KEY_CHANGE)
        api->new_thumbprint = acme_keep(new_key_thumbprint(pinfo->pool, jws));
    return api;
}

/* url and thumbprint in file scope */
static void
learn_account(const char *url, const char *thumbprint)
{
    if (url && thumbprint && (wmem_map_lookup(accounts, url) || wmem_map_size(accounts) < MAX_URLS))
        wmem_map_insert(accounts, url, (void *)thumbprint);
}

static void
note_location(acme_api_t *api, const char *location)
{
    if (api->request.resource == RESOURCE_NEW_ACCOUNT) {
        learn_url(location, RESOURCE_ACCOUNT, EVIDENCE_OBJECT);
        learn_account(acme_keep(location), api->thumbprint);
    } else if (api->request.resource == RESOURCE_NEW_ORDER) {
        learn_url(location, RESOURCE_ORDER, EVIDENCE_OBJECT);
    }
}

/* problem: the answer says that the request failed; its resource is that of the request. */
static void
note_answer(packet_info *pinfo, acme_api_t *api, const json_object_t *object, const char *location, bool problem)
{
    resource_t by_content = problem ? RESOURCE_UNKNOWN : resource_of_answer(object);

    api->response_frame = pinfo->num;
    api->answer = api->request;
    if (!problem)
        api->answer.resource = resource_of_answer_to(api->request.resource);
    if (by_content != RESOURCE_UNKNOWN && by_content != api->answer.resource) {
        api->answer.resource = by_content;
        api->answer.evidence = EVIDENCE_CONTENT;
    }
    if (api->request.resource == RESOURCE_UNKNOWN && api->request_frame) {
        api->request = api->answer;
        learn_url(api->url, api->request.resource, api->request.evidence);
    }
    if (location && !problem)
        note_location(api, location);
    if (!problem)
        learn_account(api->account, api->new_thumbprint);
    if (object->root && !problem)
        learn_from_object(pinfo, api->answer.resource, object, api->thumbprint);
}

/* --- Showing it --- */

/* Where a message is shown, and what it is called. */
typedef struct api_view {
    packet_info *pinfo;
    proto_tree  *parent;
    tvbuff_t    *tvb;
    int          offset;
    int          length;
    tvbuff_t    *body;
    const char  *location;      /* header fields of an answer, or NULL */
    const char  *replay_nonce;
    uint16_t     status;        /* 0: unknown */
} api_view_t;

static const char *
resource_name(const acme_kind_t *kind)
{
    return kind->resource == RESOURCE_UNKNOWN ? "unknown resource" : val_to_str_const(kind->resource, resource_vals, "");
}

static proto_tree *
add_api_tree(const api_view_t *view, const acme_kind_t *kind, const char *what, proto_item **item)
{
    proto_tree *tree = acme_add_plain_tree(view->tvb, view->offset, view->length, view->parent, item);
    proto_item *child;

    proto_item_append_text(*item, ", %s %s", resource_name(kind), what);
    if (kind->resource != RESOURCE_UNKNOWN) {
        child = proto_tree_add_uint(tree, hf_acme_resource, view->tvb, 0, 0, kind->resource);
        proto_item_set_generated(child);
        child = proto_tree_add_uint(tree, hf_acme_evidence, view->tvb, 0, 0, kind->evidence);
        proto_item_set_generated(child);
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
            acme_printable(pinfo->pool, text));
}

static proto_item *
add_generated_text(proto_tree *tree, int hf, tvbuff_t *tvb, packet_info *pinfo, const char *text)
{
    proto_item *item = add_text(tree, hf, tvb, NULL, pinfo, text);

    if (item)
        proto_item_set_generated(item);
    return item;
}

/* The JSON dissector shows its object here, but leaves no trace in columns and layers. */
static void
call_json(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bool writable = col_get_writable(pinfo->cinfo, -1);
    unsigned layers = wmem_list_count(pinfo->layers);
    uint8_t layer_number = pinfo->curr_layer_num;
    uint8_t proto_layer_number = pinfo->curr_proto_layer_num;
    const char *media_type = pinfo->match_string;

    if (!json_handle)
        return;
    pinfo->match_string = NULL;     /* that would be shown as the object's name */
    col_set_writable(pinfo->cinfo, -1, false);
    call_dissector_only(json_handle, tvb, pinfo, tree, NULL);
    col_set_writable(pinfo->cinfo, -1, writable);
    pinfo->match_string = media_type;
    while (wmem_list_count(pinfo->layers) > layers)
        wmem_list_remove_frame(pinfo->layers, wmem_list_tail(pinfo->layers));
    pinfo->curr_layer_num = layer_number;
    pinfo->curr_proto_layer_num = proto_layer_number;
}

static tvbuff_t *
add_decoded(const api_view_t *view, proto_tree *tree, int ett, const char *name, const char *text, size_t length,
        const jsmntok_t *place, proto_tree **subtree)
{
    char *copy = (char *)wmem_memdup(view->pinfo->pool, text, MAX(length, 1));
    tvbuff_t *tvb = tvb_new_child_real_data(view->body, (const uint8_t *)copy, (unsigned)length, (int)length);

    add_new_data_source(view->pinfo, tvb, name);
    *subtree = proto_tree_add_subtree_format(tree, view->body, place->start, place->end - place->start, ett, NULL,
            "%s", name);
    call_json(tvb, view->pinfo, *subtree);
    return tvb;
}

static void
show_header(const api_view_t *view, proto_tree *tree, const jws_t *jws)
{
    packet_info *pinfo = view->pinfo;
    proto_tree *subtree;
    tvbuff_t *tvb = add_decoded(view, tree, ett_acme_protected, "JWS protected header", jws->header_text,
            jws->header_length, get_member(&jws->outer, "protected"), &subtree);

    add_text(tree, hf_acme_alg, tvb, get_member(&jws->header, "alg"), pinfo, get_string(&jws->header, "alg"));
    add_text(tree, hf_acme_nonce, tvb, get_member(&jws->header, "nonce"), pinfo, jws->nonce);
    add_text(tree, hf_acme_url, tvb, get_member(&jws->header, "url"), pinfo, jws->url);
    add_text(tree, hf_acme_kid, tvb, get_member(&jws->header, "kid"), pinfo, jws->kid);
}

static void
show_payload(const api_view_t *view, proto_tree *tree, const jws_t *jws)
{
    proto_tree *subtree;

    if (jws->payload_length > 0)
        add_decoded(view, tree, ett_acme_payload, "JWS payload", jws->payload_text, jws->payload_length,
                get_member(&jws->outer, "payload"), &subtree);
}

/* The values of an array of identifiers, or of one; returns them in one text. */
static const char *
add_identifiers(const api_view_t *view, proto_tree *tree, const json_object_t *object)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    wmem_strbuf_t *all = wmem_strbuf_new(pool, "");
    jsmntok_t *array = object->root ? json_get_array(object->text, object->root, "identifiers") : NULL;
    jsmntok_t *one = object->root ? json_get_object(object->text, object->root, "identifier") : NULL;
    int count = array ? MIN(json_get_array_len(array), MAX_IDENTIFIERS) : one ? 1 : 0;

    for (int i = 0; i < count; i++) {
        jsmntok_t *identifier = array ? json_get_array_index(array, i) : one;
        const char *value = identifier && identifier->type == JSMN_OBJECT
            ? json_get_string(object->text, identifier, "value") : NULL;

        if (!value)
            continue;
        add_generated_text(tree, hf_acme_identifier, view->body, view->pinfo, value);
        wmem_strbuf_append_printf(all, "%s%s", wmem_strbuf_get_len(all) ? ", " : "", value);
    }
    return wmem_strbuf_get_len(all) ? wmem_strbuf_get_str(all) : NULL;
}

/* The tokens of an authorization's challenges, or of one challenge. */
static void
add_tokens(const api_view_t *view, proto_tree *tree, const json_object_t *object)
{
    jsmntok_t *array = object->root ? json_get_array(object->text, object->root, "challenges") : NULL;
    int count = array ? MIN(json_get_array_len(array), MAX_CHALLENGES) : 0;
    const char *last = get_string(object, "token");

    if (last)
        acme_add_token(view->body, tree, acme_printable(view->pinfo->pool, last));
    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);
        const char *token = challenge && challenge->type == JSMN_OBJECT
            ? json_get_string(object->text, challenge, "token") : NULL;

        if (token && (!last || strcmp(token, last)))
            acme_add_token(view->body, tree, acme_printable(view->pinfo->pool, token));
        last = token;
    }
}

static void
set_columns(const api_view_t *view, const char *what, const acme_kind_t *kind, const char *details)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    const char *text = wmem_strdup_printf(pool, "API %s %s%s%s", resource_name(kind), what, details ? ": " : "",
            details ? acme_printable(pool, details) : "");

    acme_columns_text(view->pinfo, text);
}

/* url: of the request. */
static void
show_request(const api_view_t *view, const acme_api_t *api, const jws_t *jws, const char *url)
{
    proto_item *item;
    proto_tree *tree = add_api_tree(view, &api->request, "request", &item);
    const char *identifiers = NULL;

    if (jws) {
        show_header(view, tree, jws);
        show_payload(view, tree, jws);
        add_text(tree, hf_acme_signature, view->body, get_member(&jws->outer, "signature"), view->pinfo,
                get_string(&jws->outer, "signature"));
        identifiers = add_identifiers(view, tree, &jws->payload);
        if (!jws->payload_text || !get_string(&jws->outer, "signature") || (jws->payload_length > 0 && !jws->payload.root))
            expert_add_info(view->pinfo, item, &ei_acme_jws_malformed);
    } else {
        add_generated_text(tree, hf_acme_url, view->tvb, view->pinfo, url);
    }
    add_generated_text(tree, hf_acme_account_thumbprint, view->tvb, view->pinfo, api->thumbprint);
    acme_add_response_in(view->tvb, view->pinfo, tree, item, api->response_frame);
    set_columns(view, "request", &api->request, identifiers ? identifiers : url);
}

/* A problem document's type and detail; returns what to say about it, or NULL. */
static const char *
add_problem(const api_view_t *view, proto_tree *tree, proto_item *item, const json_object_t *object)
{
    const char *type = get_string(object, "type");
    const char *detail = get_string(object, "detail");
    const char *name = type && strrchr(type, ':') ? strrchr(type, ':') + 1 : type;
    const char *text;

    if (!type)
        return NULL;
    add_text(tree, hf_acme_problem_type, view->body, get_member(object, "type"), view->pinfo, type);
    add_text(tree, hf_acme_problem_detail, view->body, get_member(object, "detail"), view->pinfo, detail);
    text = wmem_strdup_printf(view->pinfo->pool, "%s%s%s", name, detail ? ": " : "", detail ? detail : "");
    expert_add_info_format(view->pinfo, item, &ei_acme_problem, "Problem %s", acme_printable(view->pinfo->pool, text));
    return text;
}

/* The error that an object in itself reports, as a failed challenge does. */
static const char *
inner_problem(wmem_allocator_t *pool, const json_object_t *object, const char *status)
{
    jsmntok_t *error = object->root ? json_get_object(object->text, object->root, "error") : NULL;
    const char *type = error ? json_get_string(object->text, error, "type") : NULL;

    if (!type)
        return status;
    return wmem_strdup_printf(pool, "%s, %s", status ? status : "error", strrchr(type, ':') ? strrchr(type, ':') + 1 : type);
}

static bool
is_problem(const json_object_t *object)
{
    const char *type = get_string(object, "type");

    return type && g_str_has_prefix(type, "urn:ietf:params:acme:error:");
}

static void
show_answer(const api_view_t *view, const acme_api_t *api, const json_object_t *object)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    proto_item *item;
    proto_tree *tree = add_api_tree(view, &api->answer, "answer", &item);
    const char *status, *identifiers, *text;

    if (view->status)
        acme_add_status(view->tvb, view->offset, tree, view->status);
    if (is_problem(object)) {
        text = add_problem(view, tree, item, object);
    } else {
        status = get_string(object, "status");
        add_text(tree, hf_acme_object_status, view->body, get_member(object, "status"), view->pinfo, status);
        identifiers = add_identifiers(view, tree, object);
        add_tokens(view, tree, object);
        text = inner_problem(pool, object, status);
        if (identifiers)
            text = text ? wmem_strdup_printf(pool, "%s, %s", text, identifiers) : identifiers;
    }
    add_generated_text(tree, hf_acme_location, view->tvb, view->pinfo, view->location);
    add_generated_text(tree, hf_acme_replay_nonce, view->tvb, view->pinfo, view->replay_nonce);
    acme_add_response_to(view->tvb, view->pinfo, tree, api->request_frame, &api->request_time);
    if (view->status)
        text = wmem_strdup_printf(pool, "HTTP %u%s%s", view->status, text ? ", " : "", text ? text : "");
    set_columns(view, "answer", &api->answer, text);
}

/* --- Messages --- */

static bool
media_type_is(const http_message_t *message, const char *type)
{
    const char *value = http_message_header(message, "Content-Type");
    size_t length = strlen(type);

    return value && !g_ascii_strncasecmp(value, type, length) && (value[length] == '\0' || strchr("; \t", value[length]));
}

static bool
is_json(const http_message_t *message)
{
    return media_type_is(message, "application/json") || media_type_is(message, "application/problem+json");
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
fill_view(http_message_t *message, api_view_t *view)
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
    return !strcmp(message->method, "POST") && media_type_is(message, "application/jose+json");
}

static void
http_request(http_message_t *message, acme_api_t **api)
{
    bool first = !PINFO_FD_VISITED(message->pinfo);
    bool has_jws = false;
    api_view_t view;
    jws_t jws;

    if (!first && !*api)
        return;
    fill_view(message, &view);
    if (is_signed_request(message)) {
        view.body = http_message_body(message);
        has_jws = parse_jws(message->pinfo->pool, view.body, &jws);
        if (first && has_jws)
            *api = note_jws(message->pinfo, &jws);
    } else if (first && wmem_map_size(urls) > 0) {
        const char *url = request_url(message);

        if (kind_of_url(url).resource != RESOURCE_UNKNOWN)
            *api = new_api(message->pinfo, url);
    }
    /* An answer that has begun, but does not end in the capture, was not told. */
    if (*api && !(*api)->response_frame)
        (*api)->response_frame = message->exchange->response_frame;
    if (*api)
        show_request(&view, *api, has_jws ? &jws : NULL, has_jws ? jws.url : request_url(message));
}

/* Whether an answer to an unknown request is a directory; found on the first pass. */
static acme_api_t *
note_directory(const http_message_t *message, const json_object_t *object)
{
    acme_api_t *api;

    if (message->status != 200 || !object->root || !is_directory(object))
        return NULL;
    api = new_api(message->pinfo, NULL);
    api->request_frame = message->exchange->request_frame;
    api->request_time = message->exchange->request_time;
    return api;
}

static void
http_answer(http_message_t *message, acme_api_t **api)
{
    packet_info *pinfo = message->pinfo;
    bool first = !PINFO_FD_VISITED(pinfo);
    json_object_t object = { NULL, NULL, 0 };
    api_view_t view;

    if (message->interim || (!*api && (!first || message->body_length > MAX_JSON_LENGTH)))
        return;
    fill_view(message, &view);
    if (is_json(message)) {
        view.body = http_message_body(message);
        if (*api || body_mentions(view.body, "newNonce"))
            parse_body(pinfo->pool, view.body, &object);
    }
    if (first && !*api)
        *api = note_directory(message, &object);
    if (!*api)
        return;
    view.location = http_message_header(message, "Location");
    view.replay_nonce = http_message_header(message, "Replay-Nonce");
    if (first)
        note_answer(pinfo, *api, &object, view.location, message->status >= 400 || is_problem(&object));
    show_answer(&view, *api, &object);
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
body_wanted(http_message_t *message, void *data)
{
    if (message->is_request)
        return is_signed_request(message) ? MAX_JSON_LENGTH : 0;
    return data || is_json(message) ? MAX_JSON_LENGTH : 0;
}

/* --- Registration --- */

static void
acme_api_init(void)
{
    urls = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    accounts = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
acme_register_api(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_resource,
          { "Resource", "acme.resource", FT_UINT8, BASE_DEC, VALS(resource_vals), 0,
            "What the URL of the request, or the object in the answer, stands for", HFILL } },
        { &hf_acme_evidence,
          { "Known from", "acme.resource.evidence", FT_UINT8, BASE_DEC, VALS(evidence_vals), 0,
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
          { "Problem", "acme.problem.type", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL } },
        { &hf_acme_problem_detail,
          { "Detail", "acme.problem.detail", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL } },
    };
    static int *ett[] = { &ett_acme_protected, &ett_acme_payload };
    static ei_register_info ei[] = {
        { &ei_acme_problem,
          { "acme.problem", PI_RESPONSE_CODE, PI_WARN, "Problem", EXPFILL } },
        { &ei_acme_jws_malformed,
          { "acme.jws_malformed", PI_MALFORMED, PI_WARN, "Signature or payload is missing or malformed", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_api_init);
}

void
acme_handoff_api(void)
{
    static const http_observer_t observer = { &proto_acme, http_message, body_wanted };

    json_handle = find_dissector("json");
    http_exchange_add_observer(&observer);
}
