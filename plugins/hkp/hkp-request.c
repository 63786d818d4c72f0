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

#include "hkp-compare.h"
#include "hkp-request.h"
#include "compat.h"

/* Wireshark allows a packet a million items. */
#define MAX_VARIABLES 256

#define MAILVELOPE_PATH "/api/v1/key"

const value_string hkp_kind_vals[] = {
    { KIND_TEXT,    "text" },
    { KIND_KEYID32, "32-bit key ID" },
    { KIND_KEYID64, "64-bit key ID" },
    { KIND_V3,      "v3 fingerprint" },
    { KIND_V4,      "v4 fingerprint" },
    { KIND_V6,      "v6 fingerprint" },
    { KIND_V5_OR_V6, "v5 or v6 fingerprint" },
    { KIND_V5,      "v5 fingerprint" },
    { 0, NULL }
};

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
        return KIND_V5_OR_V6;
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

/* The search variable of /pks/lookup: key IDs begin with 0x; a fingerprint is too long for a word also without it. */
static void
classify_search(wmem_allocator_t *pool, hkp_request_t *request)
{
    request->kind = KIND_TEXT;
    if (!g_ascii_strncasecmp(request->search, "0x", 2))
        classify_digits(pool, request, request->search + 2);
    else if (hkp_kind_of_digits(strlen(request->search)) >= KIND_V3)
        classify_digits(pool, request, request->search);
}

/* The version is written before it. */
static uint8_t
kind_of_version(uint8_t kind, const char *version)
{
    if (kind != KIND_V5_OR_V6 || version[0] != '0')
        return kind;
    return version[1] == '5' ? KIND_V5 : version[1] == '6' ? KIND_V6 : kind;
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
    request->kind = kind_of_version(request->kind, request->search);
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
    request->variables = wmem_array_new(pinfo->pool, sizeof(hkp_variable_t));
    while (query.length > 0 && wmem_array_get_count(request->variables) < MAX_VARIABLES) {
        hkp_variable_t variable;
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

static const hkp_variable_t *
variable_named(const hkp_request_t *request, const char *name)
{
    for (unsigned i = 0; i < wmem_array_get_count(request->variables); i++) {
        const hkp_variable_t *variable = (const hkp_variable_t *)wmem_array_index(request->variables, i);

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
    if (!strcmp(op, "index") || !strcmp(op, "vindex") || !strcmp(op, "x-mrindex"))
        return EXPECT_INDEX;
    return strcmp(op, "stats") != 0 ? EXPECT_EITHER : EXPECT_NOTHING;
}

/* /pks/lookup?op=...&search=... */
static void
read_lookup(packet_info *pinfo, hkp_request_t *request)
{
    const hkp_variable_t *op = variable_named(request, "op");
    const hkp_variable_t *search = variable_named(request, "search");

    if (op)
        set_op(pinfo, request, op->value);
    if (op || search)
        request->expected = expected_of_lookup(op ? request->op : "");
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
    static const struct {
        const char    *name;
        hkp_expected_t expected;
        bool           is_upload;
    } others[] = {
        { "add",       EXPECT_NOTHING,   true },
        { "hashquery", EXPECT_HASHQUERY, false },
        { "replace",   EXPECT_NOTHING,   true },
        { "delete",    EXPECT_NOTHING,   true },
        { "stats",     EXPECT_NOTHING,   false },
        { "health",    EXPECT_NOTHING,   false },
    };

    request->api = API_HKP;
    if (hkp_text_is(path, "lookup") || hkp_text_is(path, "lookup/")) {
        read_lookup(pinfo, request);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (hkp_text_is(path, others[i].name)) {
            set_op(pinfo, request, path);
            request->expected = others[i].expected;
            request->is_upload = others[i].is_upload;
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
    classify_digits(pool, request, request->search + (g_ascii_strncasecmp(request->search, "0x", 2) ? 0 : 2));
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

/* Categories that keys are sent to, or what belongs to them. */
static bool
takes_keys(hkp_text_t category)
{
    static const char *const names[] = { "certs", "canonical", "upload", "request-verify" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (hkp_text_is(category, names[i]))
            return true;
    }
    return false;
}

/* CATEGORY/IDENTIFIER; a category that is not in the table has something of its own after it. */
static void
read_category(packet_info *pinfo, hkp_request_t *request, hkp_text_t category, hkp_text_t identifier,
    const category_t *known, size_t count)
{
    void (*classify)(wmem_allocator_t *, hkp_request_t *) = classify_nothing;

    set_op(pinfo, request, category);
    request->is_upload = takes_keys(category);
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
    const hkp_variable_t *local = variable_named(request, "l");
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

/* --- Mailvelope --- */

/* The variables that name a key; *classify is for the value. */
static const hkp_variable_t *
named_key(const hkp_request_t *request, void (**classify)(wmem_allocator_t *, hkp_request_t *))
{
    const hkp_variable_t *variable = variable_named(request, "keyId");

    *classify = classify_plain;
    if (!variable)
        variable = variable_named(request, "fingerprint");
    if (variable)
        return variable;
    *classify = classify_text;
    return variable_named(request, "email");
}

static void
read_named_key(packet_info *pinfo, hkp_request_t *request)
{
    void (*classify)(wmem_allocator_t *, hkp_request_t *);
    const hkp_variable_t *variable = named_key(request, &classify);

    if (!variable)
        return;
    set_search(pinfo, request, variable->value, true);
    classify(pinfo->pool, request);
}

/* Key IDs by that name are unlike what others ask for. */
static bool
names_keyid(const hkp_request_t *request)
{
    return request->kind == KIND_KEYID64 && variable_named(request, "keyId");
}

/* A link of a mail that was sent because of keys: what comes of it is told as of an upload. */
static bool
read_link(packet_info *pinfo, hkp_request_t *request)
{
    const hkp_variable_t *op = variable_named(request, "op");

    if (!op || !(hkp_text_is(op->value, "verify") || hkp_text_is(op->value, "verifyRemove")))
        return false;
    set_op(pinfo, request, op->value);
    request->expected = EXPECT_UPLOAD;
    request->doubtful = !names_keyid(request) || !variable_named(request, "nonce");
    return true;
}

/* False: Mailvelope knows no such method. */
static bool
set_op_of_method(http_message_t *message, hkp_request_t *request)
{
    static const struct {
        const char    *method;
        const char    *op;
        hkp_expected_t expected;
        bool           is_upload;
    } methods[] = {
        { "GET",    "get",    EXPECT_KEY,     false },
        { "HEAD",   "get",    EXPECT_KEY,     false },
        { "POST",   "add",    EXPECT_NOTHING, true },
        { "DELETE", "remove", EXPECT_NOTHING, true },
    };

    request->op_at = request->path;
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (strcmp(message->method, methods[i].method) != 0)
            continue;
        request->op = methods[i].op;
        request->expected = methods[i].expected;
        request->is_upload = methods[i].is_upload;
        request->doubtful = request->is_upload || !names_keyid(request);
        return true;
    }
    return false;
}

/* /api/v1/key?keyId=..., fingerprint=..., email=...; POST and DELETE; links of mails. */
static bool
read_mailvelope(http_message_t *message, hkp_request_t *request)
{
    request->api = API_MAILVELOPE;
    read_named_key(message->pinfo, request);
    if (!read_link(message->pinfo, request) && !set_op_of_method(message, request))
        return false;
    return request->is_upload || request->search;
}

/* --- Targets --- */

/* The part of the target that a server looks at, without scheme and authority of the absolute form. */
static hkp_text_t
origin_form(hkp_text_t target, hkp_text_t *authority)
{
    int colon = target.length > 0 && target.start[0] != '/' ? hkp_text_find(target, ':') : -1;
    int slash;

    *authority = (hkp_text_t){ target.start, 0, target.offset };
    if (colon > 0 && target.length > colon + 2 && !memcmp(target.start + colon, "://", 3)) {
        target = hkp_text_from(target, colon + 3);
        slash = hkp_text_find(target, '/');
        *authority = target;
        authority->length = slash < 0 ? target.length : slash;
        target = hkp_text_from(target, authority->length);
    }
    while (target.length > 1 && target.start[0] == '/' && target.start[1] == '/')
        target = hkp_text_from(target, 1);
    return target;
}

/* Cheaper than to begin reading a target, which this is asked for each request of HTTP. */
static bool
may_be_of_keys(hkp_text_t target)
{
    return target.length >= 5 && (!memcmp(target.start, "/pks/", 5) || !memcmp(target.start, "/vks/", 5)
            || !memcmp(target.start, "/.wel", 5) || !memcmp(target.start, "/api/", 5));
}

bool
hkp_may_be_request(const char *target, size_t length)
{
    hkp_text_t authority;
    hkp_text_t text = origin_form((hkp_text_t){ target, (int)length, 0 }, &authority);

    if (!may_be_of_keys(text))
        return false;
    if (text.start[1] == '.')
        return hkp_text_take(&text, "/.well-known/openpgpkey/");
    return text.start[1] != 'a' || (hkp_text_take(&text, MAILVELOPE_PATH)
            && (text.length == 0 || text.start[0] == '?' || text.start[0] == '#'));
}

static bool
read_target(http_message_t *message, hkp_request_t *request)
{
    packet_info *pinfo = message->pinfo;
    hkp_text_t target = {
        (const char *)tvb_get_ptr(message->tvb, message->target_offset, message->target_length),
        message->target_length, message->target_offset
    };
    hkp_text_t path, authority;

    target = origin_form(target, &authority);
    if (!may_be_of_keys(target))
        return false;
    memset(request, 0, sizeof *request);
    request->authority = authority;
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
    if (hkp_text_is(path, MAILVELOPE_PATH)) {
        read_variables(pinfo, request, target);
        return read_mailvelope(message, request);
    }
    return false;
}

/* The domain of a Web Key Directory: in its path, or the host; RFC 9112 section 3.2.2 has which of two hosts counts. */
static const char *
domain_of(http_message_t *message, const hkp_request_t *request)
{
    const char *host;

    if (request->advanced)
        return hkp_shown(message->pinfo->pool, request->domain);
    host = request->authority.length > 0 ? hkp_shown(message->pinfo->pool, request->authority) :
        http_message_header(message, "Host");
    return host ? wmem_strndup(message->pinfo->pool, host, strcspn(host, ":")) : NULL;
}

/* GnuPG looks addresses up in angle brackets. */
static const char *
without_brackets(wmem_allocator_t *pool, const char *search)
{
    size_t length = strlen(search);

    return length > 2 && search[0] == '<' && search[length - 1] == '>' ? wmem_strndup(pool, search + 1, length - 2) : search;
}

static const char *
address_of_search(wmem_allocator_t *pool, const hkp_request_t *request)
{
    const char *address = request->search && request->kind == KIND_TEXT ? without_brackets(pool, request->search) : NULL;

    return address && hkp_is_address(address) ? address : NULL;
}

static void
read_address(http_message_t *message, hkp_request_t *request)
{
    const char *domain;

    if (request->expected != EXPECT_KEY && request->expected != EXPECT_INDEX)
        return;
    request->whole_address = request->api != API_HKP;
    if (request->api != API_WKD) {
        request->address = address_of_search(message->pinfo->pool, request);
        return;
    }
    domain = request->search ? domain_of(message, request) : NULL;
    if (domain && *domain)
        request->address = wmem_strdup_printf(message->pinfo->pool, "%s@%s", request->search, domain);
}

/* A browser asks what it may ask, before it does: nothing is looked up, and nothing sent. */
static void
read_preflight(hkp_request_t *request)
{
    request->op = "options";
    request->op_at = request->path;
    request->expected = EXPECT_NOTHING;
    request->is_upload = false;
}

/* Wireshark takes others for no HTTP as long as it has not seen any in the connection. */
static bool
is_method_of_key_servers(const char *method)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS" };

    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (!strcmp(method, methods[i]))
            return true;
    }
    return false;
}

bool
hkp_read_request(http_message_t *message, hkp_request_t *request)
{
    if (!is_method_of_key_servers(message->method) || !read_target(message, request))
        return false;
    if (!strcmp(message->method, "OPTIONS"))
        read_preflight(request);
    read_address(message, request);
    return true;
}
