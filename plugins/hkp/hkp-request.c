/* hkp-request.c
 * What is asked of a key server; see hkp-request.h
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
#include <wsutil/utf8_entities.h>

#include "hkp-request.h"
#include "text.h"
#include "compat.h"

/* Wireshark allows a packet a million items: bounds for what a request can have many of. */
#define MAX_VARIABLES 256
#define MAX_OPTIONS 256

static int hf_hkp_api = -1;
static int hf_hkp_version = -1;
static int hf_hkp_op = -1;
static int hf_hkp_search = -1;
static int hf_hkp_search_kind = -1;
static int hf_hkp_keyid = -1;
static int hf_hkp_fingerprint = -1;
static int hf_hkp_options = -1;
static int hf_hkp_exact = -1;
static int hf_hkp_variable = -1;
static int hf_hkp_wkd_method = -1;
static int hf_hkp_wkd_domain = -1;
static int hf_hkp_wkd_hash = -1;

static expert_field ei_hkp_short_keyid = EI_INIT;
expert_field ei_hkp_encoding = EI_INIT;

enum { API_HKP = 1, API_HKP_VERSIONED, API_VKS, API_WKD };

static const value_string api_vals[] = {
    { API_HKP,           "HTTP Keyserver Protocol" },
    { API_HKP_VERSIONED, "HTTP Keyserver Protocol, versioned interface" },
    { API_VKS,           "Verifying Keyserver" },
    { API_WKD,           "Web Key Directory" },
    { 0, NULL }
};

static const value_string kind_vals[] = {
    { KIND_TEXT,    "text" },
    { KIND_KEYID32, "32-bit key ID" },
    { KIND_KEYID64, "64-bit key ID" },
    { KIND_V3,      "v3 fingerprint" },
    { KIND_V4,      "v4 fingerprint" },
    { KIND_V6,      "v6 fingerprint" },
    { 0, NULL }
};

static const value_string wkd_method_vals[] = {
    { 1, "direct" },
    { 2, "advanced" },
    { 0, NULL }
};

/* A variable of the query. */
typedef struct variable {
    const char *name;
    hkp_text_t  raw;            /* name and value as sent */
    hkp_text_t  value;
} variable_t;

/* --- What is asked for --- */

uint8_t
hkp_kind_of_digits(size_t digits)
{
    switch (digits) {
    case 8:
        return KIND_KEYID32;
    case 16:
        return KIND_KEYID64;
    case 32:
        return KIND_V3;
    case 40:
        return KIND_V4;
    case 64:
        return KIND_V6;
    default:
        return KIND_TEXT;
    }
}


static void
classify_digits(wmem_allocator_t *pool, hkp_request_t *request, const char *digits)
{
    size_t length = strlen(digits);

    request->kind = hkp_is_hex(digits, length) ? hkp_kind_of_digits(length) : KIND_TEXT;
    if (request->kind != KIND_TEXT)
        request->hex = hkp_upper_case(pool, digits);
}

/* The search variable of /pks/lookup: key IDs and fingerprints begin with 0x. */
static void
classify_search(wmem_allocator_t *pool, hkp_request_t *request)
{
    if (!g_ascii_strncasecmp(request->search, "0x", 2))
        classify_digits(pool, request, request->search + 2);
    else
        request->kind = KIND_TEXT;
}

/* A fingerprint with its version before it, as two hex digits, with or without a slash between them. */
static void
classify_versioned(wmem_allocator_t *pool, hkp_request_t *request)
{
    const char *digits = request->search;
    size_t length = strlen(digits);

    request->kind = KIND_TEXT;
    if (length < 3 || !hkp_is_hex(digits, 2))
        return;
    digits += digits[2] == '/' ? 3 : 2;
    classify_digits(pool, request, digits);
    if (request->kind < KIND_V3) {
        request->kind = KIND_TEXT;
        request->hex = NULL;
    }
}

static void
set_search(packet_info *pinfo, hkp_request_t *request, hkp_text_t value, bool plus_is_space)
{
    request->search_at = value;
    request->search = hkp_decoded(pinfo->pool, value, plus_is_space, &request->search_bad);
}

static void
set_op(packet_info *pinfo, hkp_request_t *request, hkp_text_t value)
{
    bool bad = false;

    request->op_at = value;
    request->op = hkp_decoded(pinfo->pool, value, true, &bad);
}

static void
read_variables(packet_info *pinfo, hkp_request_t *request, hkp_text_t query)
{
    request->variables = wmem_array_new(pinfo->pool, sizeof(variable_t));
    while (query.length > 0 && wmem_array_get_count(request->variables) < MAX_VARIABLES) {
        variable_t variable;
        hkp_text_t name;
        bool bad = false;

        variable.raw = hkp_text_next(&query, '&');
        variable.value = variable.raw;
        name = hkp_text_next(&variable.value, '=');
        if (variable.raw.length == 0)
            continue;
        variable.name = hkp_decoded(pinfo->pool, name, true, &bad);
        wmem_array_append_one(request->variables, variable);
    }
}

static const variable_t *
variable_named(const hkp_request_t *request, const char *name)
{
    for (unsigned i = 0; i < wmem_array_get_count(request->variables); i++) {
        const variable_t *variable = (const variable_t *)wmem_array_index(request->variables, i);

        if (!g_ascii_strcasecmp(variable->name, name))
            return variable;
    }
    return NULL;
}

static hkp_expected_t
expected_of_lookup(const char *op)
{
    if (!strcmp(op, "get") || !strcmp(op, "hget"))
        return EXPECT_KEY;
    if (!strcmp(op, "index") || !strcmp(op, "vindex"))
        return EXPECT_INDEX;
    return EXPECT_NOTHING;
}

/* /pks/lookup?op=...&search=... */
static void
read_lookup(packet_info *pinfo, hkp_request_t *request)
{
    const variable_t *op = variable_named(request, "op");
    const variable_t *search = variable_named(request, "search");

    if (op) {
        set_op(pinfo, request, op->value);
        request->expected = expected_of_lookup(request->op);
    }
    if (search) {
        set_search(pinfo, request, search->value, true);
        /* That of hget is an MD5 hash of SKS. */
        if (!request->op || strcmp(request->op, "hget") != 0)
            classify_search(pinfo->pool, request);
    }
}

static bool
read_pks(packet_info *pinfo, hkp_request_t *request, hkp_text_t path)
{
    static const char *const others[] = { "add", "hashquery", "replace", "delete" };

    request->api = API_HKP;
    if (hkp_text_is(path, "lookup") || hkp_text_is(path, "lookup/")) {
        read_lookup(pinfo, request);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (hkp_text_is(path, others[i])) {
            set_op(pinfo, request, path);
            request->expected = !strcmp(others[i], "hashquery") ? EXPECT_HASHQUERY : EXPECT_NOTHING;
            return true;
        }
    }
    return false;
}

typedef struct category {
    const char *name;
    void      (*classify)(wmem_allocator_t *pool, hkp_request_t *request);
    hkp_expected_t  expected;
} category_t;

static void
classify_text(wmem_allocator_t *pool _U_, hkp_request_t *request)
{
    request->kind = KIND_TEXT;
}

static void
classify_plain(wmem_allocator_t *pool, hkp_request_t *request)
{
    classify_digits(pool, request, request->search);
}

static void
classify_nothing(wmem_allocator_t *pool _U_, hkp_request_t *request _U_)
{
}

/* Of the version 2 interface, those of earlier drafts among them. */
static const category_t versioned_categories[] = {
    { "by-vfingerprint", classify_versioned, EXPECT_KEY },
    { "by-keyid",        classify_plain,     EXPECT_KEY },
    { "by-identity",     classify_text,      EXPECT_KEY },
    { "canonical",       classify_text,      EXPECT_KEY },
    { "vfpget",          classify_versioned, EXPECT_KEY },
    { "kidget",          classify_plain,     EXPECT_KEY },
    { "authget",         classify_text,      EXPECT_KEY },
    { "get",             classify_search,    EXPECT_KEY },
    { "hget",            classify_nothing,   EXPECT_KEY },
    { "index",           classify_text,      EXPECT_INDEX },
    { "vindex",          classify_text,      EXPECT_INDEX },
};

static const category_t vks_categories[] = {
    { "by-fingerprint",  classify_plain,     EXPECT_KEY },
    { "by-keyid",        classify_plain,     EXPECT_KEY },
    { "by-email",        classify_text,      EXPECT_KEY },
};

/* CATEGORY/IDENTIFIER; a category that is not in the table has something of its own after it. */
static void
read_category(packet_info *pinfo, hkp_request_t *request, hkp_text_t category, hkp_text_t identifier,
    const category_t *known, size_t count)
{
    void (*classify)(wmem_allocator_t *, hkp_request_t *) = classify_nothing;

    set_op(pinfo, request, category);
    for (size_t i = 0; i < count; i++) {
        if (hkp_text_is(category, known[i].name)) {
            classify = known[i].classify;
            request->expected = known[i].expected;
        }
    }
    if (identifier.length > 0) {
        set_search(pinfo, request, identifier, false);
        classify(pinfo->pool, request);
    }
}

/* v2/CATEGORY/IDENTIFIER or v2/certs/by-CATEGORY/IDENTIFIER */
static bool
read_version(hkp_text_t *path, uint8_t *version)
{
    hkp_text_t number = hkp_text_next(path, '/');
    unsigned value = 0;

    if (number.length < 2 || number.length > 4 || number.start[0] != 'v')
        return false;
    for (int i = 1; i < number.length; i++) {
        if (!g_ascii_isdigit(number.start[i]))
            return false;
        value = value * 10 + (unsigned)(number.start[i] - '0');
    }
    *version = (uint8_t)value;
    return value > 0 && value <= UINT8_MAX && path->length > 0;
}

static bool
read_versioned_pks(packet_info *pinfo, hkp_request_t *request, hkp_text_t path)
{
    hkp_text_t category;

    if (!read_version(&path, &request->version))
        return false;
    request->api = API_HKP_VERSIONED;
    category = hkp_text_next(&path, '/');
    if (hkp_text_is(category, "certs") && path.length > 0)
        category = hkp_text_next(&path, '/');
    read_category(pinfo, request, category, path, versioned_categories, G_N_ELEMENTS(versioned_categories));
    return true;
}

static bool
read_vks(packet_info *pinfo, hkp_request_t *request, hkp_text_t path)
{
    hkp_text_t category;

    if (!read_version(&path, &request->version))
        return false;
    request->api = API_VKS;
    category = hkp_text_next(&path, '/');
    read_category(pinfo, request, category, path, vks_categories, G_N_ELEMENTS(vks_categories));
    return true;
}

static bool
is_wkd_file(hkp_text_t name)
{
    return hkp_text_is(name, "hu") || hkp_text_is(name, "policy") || hkp_text_is(name, "submission-address");
}

/* hu/HASH?l=LOCAL-PART, policy or submission-address, after the domain in the advanced method. */
static bool
read_wkd(packet_info *pinfo, hkp_request_t *request, hkp_text_t path)
{
    const variable_t *local = variable_named(request, "l");
    hkp_text_t part = hkp_text_next(&path, '/');

    request->api = API_WKD;
    if (!is_wkd_file(part)) {
        request->advanced = true;
        request->domain = part;
        part = hkp_text_next(&path, '/');
        if (!is_wkd_file(part) || request->domain.length == 0)
            return false;
    }
    set_op(pinfo, request, part);
    request->expected = hkp_text_is(part, "hu") ? EXPECT_KEY : EXPECT_FILE;
    request->hash = path;
    if (hkp_text_is(part, "hu") && local) {
        set_search(pinfo, request, local->value, true);
        request->kind = KIND_TEXT;
    }
    return true;
}

/* The part of the target that a server looks at, without scheme and authority of the absolute form. */
static hkp_text_t
origin_form(hkp_text_t target)
{
    int colon = hkp_text_find(target, ':');
    int slash;

    if (colon > 0 && target.start[0] != '/' && target.length > colon + 2 && !memcmp(target.start + colon, "://", 3)) {
        target = hkp_text_from(target, colon + 3);
        slash = hkp_text_find(target, '/');
        target = hkp_text_from(target, slash < 0 ? target.length : slash);
    }
    while (target.length > 1 && target.start[0] == '/' && target.start[1] == '/')
        target = hkp_text_from(target, 1);
    return target;
}

bool
hkp_read_request(http_message_t *message, hkp_request_t *request)
{
    packet_info *pinfo = message->pinfo;
    hkp_text_t target = {
        (const char *)tvb_get_ptr(message->tvb, message->target_offset, message->target_length),
        message->target_length, message->target_offset
    };
    hkp_text_t path;

    memset(request, 0, sizeof *request);
    target = origin_form(target);
    if (target.length < 5 || (target.start[1] != 'p' && target.start[1] != 'v' && target.start[1] != '.'))
        return false;
    target = hkp_text_next(&target, '#');
    path = hkp_text_next(&target, '?');
    request->path = path;
    if (hkp_text_take(&path, "/pks/")) {
        read_variables(pinfo, request, target);
        return read_pks(pinfo, request, path) || read_versioned_pks(pinfo, request, path);
    }
    if (hkp_text_take(&path, "/vks/")) {
        read_variables(pinfo, request, target);
        return read_vks(pinfo, request, path);
    }
    if (hkp_text_take(&path, "/.well-known/openpgpkey/")) {
        read_variables(pinfo, request, target);
        return read_wkd(pinfo, request, path);
    }
    return false;
}

/* --- What is kept of it --- */

const char *
hkp_kind_name(uint8_t kind)
{
    return val_to_str_const(kind, kind_vals, "unknown");
}

/* The search term as a person would name it: 0x8590...975D (v4 fingerprint) */
static const char *
subject_of(wmem_allocator_t *pool, const hkp_request_t *request)
{
    const char *kind;

    if (request->api == API_WKD && request->domain.length > 0 && request->search)
        return hkp_shortened(pool, wmem_strdup_printf(pool, "%s@%s", request->search, hkp_shown(pool, request->domain)),
            HKP_INFO_SEARCH);
    if (!request->hex)
        return request->search ? hkp_shortened(pool, request->search, HKP_INFO_SEARCH) : "";
    kind = hkp_kind_name(request->kind);
    if (request->kind < KIND_V3)
        return wmem_strdup_printf(pool, "0x%s (%s)", request->hex, kind);
    return wmem_strdup_printf(pool, "0x%.4s" UTF8_HORIZONTAL_ELLIPSIS "%s (%s)", request->hex,
            request->hex + strlen(request->hex) - 4, kind);
}

const char *
hkp_operation_name(const hkp_asked_t *asked)
{
    return asked->op && asked->op[0] ? asked->op : "lookup";
}

/* wmem_strdup() makes text of NULL. */
static const char *
strdup_or_null(wmem_allocator_t *scope, const char *text)
{
    return text ? wmem_strdup(scope, text) : NULL;
}

hkp_asked_t *
hkp_remember(http_message_t *message, const hkp_request_t *request)
{
    wmem_allocator_t *scope = wmem_file_scope();
    hkp_asked_t *asked = wmem_new0(scope, hkp_asked_t);
    const char *host = http_message_header(message, "Host");

    asked->op = strdup_or_null(scope, request->op);
    asked->subject = wmem_strdup(scope, subject_of(message->pinfo->pool, request));
    asked->hex = strdup_or_null(scope, request->hex);
    asked->host = host ? text_shown(scope, host, strlen(host), TEXT_LINE, NULL) : NULL;
    asked->is_head = !strcmp(message->method, "HEAD");
    /* Not what is sent to the server, or asked about it. */
    if (asked->is_head || !strcmp(message->method, "GET") || request->expected == EXPECT_HASHQUERY)
        asked->expected = request->expected;
    return asked;
}

/* --- What is shown of it --- */

static void
add_text(proto_tree *tree, int hf, http_message_t *message, hkp_text_t at, const char *value)
{
    proto_tree_add_string(tree, hf, message->tvb, at.offset, at.length, value);
}

static void
dissect_options(http_message_t *message, proto_tree *tree, const variable_t *variable)
{
    bool bad = false;
    char *options = wmem_strdup(message->pinfo->pool, hkp_decoded(message->pinfo->pool, variable->value, true, &bad));
    char *next;
    unsigned count = 0;

    for (char *option = options; option && count < MAX_OPTIONS; option = next, count++) {
        next = strchr(option, ',');
        if (next)
            *next++ = '\0';
        if (*option)
            add_text(tree, hf_hkp_options, message, variable->value, option);
    }
}

static void
dissect_variable(http_message_t *message, proto_tree *tree, const variable_t *variable)
{
    bool bad = false;

    if (!g_ascii_strcasecmp(variable->name, "op") || !g_ascii_strcasecmp(variable->name, "search"))
        return;
    if (!g_ascii_strcasecmp(variable->name, "options"))
        dissect_options(message, tree, variable);
    else if (!g_ascii_strcasecmp(variable->name, "exact"))
        proto_tree_add_boolean(tree, hf_hkp_exact, message->tvb, variable->value.offset, variable->value.length,
                hkp_text_is(variable->value, "on"));
    else
        add_text(tree, hf_hkp_variable, message, variable->raw,
                hkp_decoded(message->pinfo->pool, variable->raw, true, &bad));
}

static void
dissect_search(http_message_t *message, proto_tree *tree, const hkp_request_t *request)
{
    packet_info *pinfo = message->pinfo;
    proto_item *item = proto_tree_add_string(tree, hf_hkp_search, message->tvb, request->search_at.offset,
            request->search_at.length, request->search);

    if (request->search_bad)
        expert_add_info(pinfo, item, &ei_hkp_encoding);
    if (request->kind != KIND_NONE)
        proto_item_set_generated(proto_tree_add_uint(tree, hf_hkp_search_kind, message->tvb,
                request->search_at.offset, request->search_at.length, request->kind));
    if (request->hex)
        add_text(tree, request->kind < KIND_V3 ? hf_hkp_keyid : hf_hkp_fingerprint, message, request->search_at, request->hex);
    if (request->kind == KIND_KEYID32)
        expert_add_info(pinfo, item, &ei_hkp_short_keyid);
}

static void
dissect_wkd(http_message_t *message, proto_tree *tree, const hkp_request_t *request)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf_hkp_wkd_method, message->tvb, request->path.offset,
            request->path.length, request->advanced ? 2 : 1));
    if (request->advanced)
        add_text(tree, hf_hkp_wkd_domain, message, request->domain, hkp_shown(message->pinfo->pool, request->domain));
    if (request->hash.length > 0)
        add_text(tree, hf_hkp_wkd_hash, message, request->hash, hkp_shown(message->pinfo->pool, request->hash));
}

void
hkp_show_request(http_message_t *message, proto_tree *tree, const hkp_request_t *request)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf_hkp_api, message->tvb, request->path.offset,
            request->path.length, request->api));
    if (request->version)
        proto_item_set_generated(proto_tree_add_uint(tree, hf_hkp_version, message->tvb, request->path.offset,
                request->path.length, request->version));
    if (request->op)
        add_text(tree, hf_hkp_op, message, request->op_at, request->op);
    if (request->api == API_WKD)
        dissect_wkd(message, tree, request);
    if (request->search)
        dissect_search(message, tree, request);
    for (unsigned i = 0; i < wmem_array_get_count(request->variables); i++) {
        if (request->api != API_WKD)
            dissect_variable(message, tree, (const variable_t *)wmem_array_index(request->variables, i));
    }
}

void
hkp_register_request(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_hkp_api,
          { "Interface", "hkp.api",
            FT_UINT8, BASE_DEC, VALS(api_vals), 0, NULL, HFILL }},
        { &hf_hkp_version,
          { "Interface version", "hkp.version",
            FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_op,
          { "Operation", "hkp.op",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_search,
          { "Search term", "hkp.search",
            FT_STRING, BASE_NONE, NULL, 0, "Percent-decoded", HFILL }},
        { &hf_hkp_search_kind,
          { "Kind of search term", "hkp.search.kind",
            FT_UINT8, BASE_DEC, VALS(kind_vals), 0, NULL, HFILL }},
        { &hf_hkp_keyid,
          { "Key ID", "hkp.keyid",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_fingerprint,
          { "Fingerprint", "hkp.fingerprint",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_options,
          { "Option", "hkp.options",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_exact,
          { "Exact match only", "hkp.exact",
            FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_variable,
          { "Variable", "hkp.variable",
            FT_STRING, BASE_NONE, NULL, 0, "Another variable of the query, with its value", HFILL }},
        { &hf_hkp_wkd_method,
          { "Web Key Directory method", "hkp.wkd.method",
            FT_UINT8, BASE_DEC, VALS(wkd_method_vals), 0, NULL, HFILL }},
        { &hf_hkp_wkd_domain,
          { "Web Key Directory domain", "hkp.wkd.domain",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_wkd_hash,
          { "Hash of the local part", "hkp.wkd.hash",
            FT_STRING, BASE_NONE, NULL, 0, "SHA-1 in Z-Base-32", HFILL }},
    };
    static ei_register_info ei[] = {
        { &ei_hkp_short_keyid,
          { "hkp.short_keyid", PI_SECURITY, PI_WARN,
            "32-bit key IDs collide: use a fingerprint", EXPFILL }},
        { &ei_hkp_encoding,
          { "hkp.encoding", PI_PROTOCOL, PI_WARN,
            "Broken percent-encoding, control characters or invalid UTF-8", EXPFILL }},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
}
