/* packet-hkp.c
 * Routines for the OpenPGP HTTP Keyserver Protocol (HKP), and for the Verifying Keyserver interface and
 * Web Key Directory requests that fetch the same keys
 *
 * Sources: draft-ietf-openpgp-hkp (formerly draft-gallagher-openpgp-hkp and draft-shaw-openpgp-hkp), sections
 * on lookup, submission, the machine-readable index and the version 2 interface;
 * draft-koch-openpgp-webkey-service section 3; the API description of the Hagrid keyserver (VKS);
 * for hashquery, and answers no draft describes, what the SKS and onak keyservers send.
 *
 * Requests are known by the path of their target, whatever the port; responses by their request
 * (http_exchange.h). What a request asked for is kept with its exchange in file scope, written on the first
 * pass; everything else is worked out anew from the bytes in pinfo->pool. Malformed input is expert
 * information; nothing here grows faster than the message.
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
#include <epan/export_object.h>
#include <epan/proto_data.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <wsutil/strtoi.h>
#include <wsutil/utf8_entities.h>
#include <wsutil/wsjson.h>

#include "http_exchange.h"
#include "packet-openpgp.h"
#include "ws_compat.h"

void proto_register_hkp(void);
void proto_reg_handoff_hkp(void);

/* Names in the Info column. */
#define INFO_NAMES 3
/* Longest search term in the Info column, in bytes. */
#define INFO_SEARCH 80
/* Wireshark allows a packet a million items: bounds for what a message can have many of. */
#define INDEX_MAX_LINES 50000
#define INDEX_MAX_MALFORMED 1000
#define MAX_VARIABLES 256
#define MAX_OPTIONS 256
#define MAX_HASHES 10000
/* Fields of an index line: pub has the most. */
#define INDEX_FIELDS 8
/* JSON tokens of an upload. */
#define UPLOAD_MAX_TOKENS 64

static int proto_hkp = -1;

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
static int hf_hkp_status = -1;
static int hf_hkp_found = -1;
static int hf_hkp_response_in = -1;
static int hf_hkp_response_to = -1;
static int hf_hkp_time = -1;
static int hf_hkp_index_version = -1;
static int hf_hkp_index_count = -1;
static int hf_hkp_index_keyid = -1;
static int hf_hkp_index_algorithm = -1;
static int hf_hkp_index_keylen = -1;
static int hf_hkp_index_creation = -1;
static int hf_hkp_index_expiration = -1;
static int hf_hkp_index_flags = -1;
static int hf_hkp_index_uid = -1;
static int hf_hkp_hashquery_count = -1;
static int hf_hkp_hashquery_hash = -1;

static int ett_hkp = -1;
static int ett_hkp_index_key = -1;
static int ett_hkp_index_uid = -1;

static expert_field ei_hkp_short_keyid = EI_INIT;
static expert_field ei_hkp_key_mismatch = EI_INIT;
static expert_field ei_hkp_not_found = EI_INIT;
static expert_field ei_hkp_index_malformed = EI_INIT;
static expert_field ei_hkp_encoding = EI_INIT;

static int hkp_tap = -1;
static int hkp_eo_tap = -1;

enum { API_HKP = 1, API_HKP_VERSIONED, API_VKS, API_WKD };

static const value_string api_vals[] = {
    { API_HKP,           "HTTP Keyserver Protocol" },
    { API_HKP_VERSIONED, "HTTP Keyserver Protocol, versioned interface" },
    { API_VKS,           "Verifying Keyserver" },
    { API_WKD,           "Web Key Directory" },
    { 0, NULL }
};

enum { KIND_NONE, KIND_TEXT, KIND_KEYID32, KIND_KEYID64, KIND_V3, KIND_V4, KIND_V6 };

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

/* RFC 9580 section 9.1 */
static const value_string algorithm_vals[] = {
    {  1, "RSA" },
    {  2, "RSA encrypt only" },
    {  3, "RSA sign only" },
    { 16, "Elgamal" },
    { 17, "DSA" },
    { 18, "ECDH" },
    { 19, "ECDSA" },
    { 20, "Elgamal encrypt or sign" },
    { 22, "EdDSA" },
    { 25, "X25519" },
    { 26, "X448" },
    { 27, "Ed25519" },
    { 28, "Ed448" },
    { 0, NULL }
};

/* What a positive answer to a request holds. */
typedef enum { EXPECT_NOTHING, EXPECT_KEY, EXPECT_INDEX, EXPECT_FILE, EXPECT_HASHQUERY } expected_t;

typedef enum { FOUND_UNKNOWN, FOUND_NO, FOUND_YES } found_t;

/* Bytes of the message, and where they are in its tvb. */
typedef struct text {
    const char *start;
    int         length;
    int         offset;
} text_t;

/* A variable of the query. */
typedef struct variable {
    const char *name;
    text_t      raw;            /* name and value as sent */
    text_t      value;
} variable_t;

/* A request, taken to pieces. Strings may be shown as they are. */
typedef struct request {
    uint8_t       api;
    uint8_t       version;      /* of a versioned interface, or 0 */
    text_t        path;         /* without the version */
    const char   *op;           /* NULL: none asked for */
    text_t        op_at;
    const char   *search;       /* NULL: nothing */
    text_t        search_at;
    bool          search_bad;   /* hostile or malformed encoding */
    uint8_t       kind;
    const char   *hex;          /* of kinds other than text: upper case without 0x */
    bool          advanced;     /* WKD, else direct */
    text_t        domain;
    text_t        hash;
    wmem_array_t *variables;
    expected_t    expected;
} request_t;

/* What its response needs of a request, for the life of the file. */
typedef struct asked {
    const char *op;
    const char *subject;        /* what was searched for, short */
    const char *hex;
    const char *host;
    expected_t  expected;
    bool        is_head;
} asked_t;

/* What a message of an exchange is shown with. */
typedef struct hkp_tap_info {
    bool                     is_request;
    const char              *op;
    uint8_t                  kind;
    uint16_t                 status;
    found_t                  found;
    const char              *host;
    const openpgp_summary_t *keys;      /* NULL if there are none */
} hkp_tap_info_t;

/* --- Text --- */

static bool
text_is(text_t text, const char *word)
{
    return text.length == (int)strlen(word) && !memcmp(text.start, word, text.length);
}

static text_t
text_from(text_t text, int skip)
{
    return (text_t){ text.start + skip, text.length - skip, text.offset + skip };
}

static text_t
text_before(text_t text, int length)
{
    return (text_t){ text.start, length, text.offset };
}

/* Takes the prefix off. */
static bool
text_take(text_t *text, const char *prefix)
{
    int n = (int)strlen(prefix);

    if (text->length < n || memcmp(text->start, prefix, n) != 0)
        return false;
    *text = text_from(*text, n);
    return true;
}

static int
text_find(text_t text, char c)
{
    const char *found = text.length > 0 ? (const char *)memchr(text.start, c, text.length) : NULL;

    return found ? (int)(found - text.start) : -1;
}

/* Takes off what is before the next c, and c itself. */
static text_t
text_next(text_t *text, char c)
{
    int n = text_find(*text, c);
    text_t part = text_before(*text, n < 0 ? text->length : n);

    *text = text_from(*text, n < 0 ? text->length : n + 1);
    return part;
}

/*
 * Undoes percent-encoding. Sets bad where a percent sign is followed by something else than two hex digits;
 * another percent sign is none: that is how SKS and onak write one in an index.
 */
static char *
percent_decode(wmem_allocator_t *pool, text_t text, bool plus_is_space, int *length, bool *bad)
{
    char *out = (char *)wmem_alloc(pool, text.length + 1);
    int n = 0;

    for (int i = 0; i < text.length; i++) {
        char c = text.start[i];

        if (c == '%' && i + 2 < text.length && g_ascii_isxdigit(text.start[i + 1]) && g_ascii_isxdigit(text.start[i + 2])) {
            c = (char)(g_ascii_xdigit_value(text.start[i + 1]) * 16 + g_ascii_xdigit_value(text.start[i + 2]));
            i += 2;
        } else if (c == '%' && i + 1 < text.length && text.start[i + 1] == '%') {
            i++;
        } else if (c == '%') {
            *bad = true;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[n++] = c;
    }
    out[n] = '\0';
    *length = n;
    return out;
}

/* Characters that would disturb a display: controls, and those that turn the direction of writing. */
static bool
is_hostile(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029
        || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The bytes as UTF-8 that may be shown: what is not, or is hostile, byte by byte as \xNN, and then bad is set. */
static const char *
displayable(wmem_allocator_t *pool, const char *bytes, int length, bool *bad)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, NULL);

    for (int i = 0; i < length;) {
        gunichar c = g_utf8_get_char_validated(bytes + i, length - i);
        bool valid = c != (gunichar)-1 && c != (gunichar)-2 && bytes[i] != '\0';
        int size = valid ? g_utf8_skip[(uint8_t)bytes[i]] : 1;

        if (valid && !is_hostile(c)) {
            for (int n = 0; n < size; n++)
                wmem_strbuf_append_c(out, bytes[i + n]);
        } else {
            for (int n = 0; n < size; n++)
                wmem_strbuf_append_printf(out, "\\x%02x", (uint8_t)bytes[i + n]);
            *bad = true;
        }
        i += size;
    }
    return wmem_strbuf_get_str(out);
}

static const char *
decoded(wmem_allocator_t *pool, text_t text, bool plus_is_space, bool *bad)
{
    int length;
    char *bytes = percent_decode(pool, text, plus_is_space, &length, bad);

    return displayable(pool, bytes, length, bad);
}

static const char *
shown(wmem_allocator_t *pool, text_t text)
{
    bool bad = false;

    return displayable(pool, text.start, text.length, &bad);
}

static bool
is_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isxdigit(text[i]))
            return false;
    }
    return length > 0;
}

/* --- What is asked for --- */

static uint8_t
kind_of_digits(size_t digits)
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


static char *
upper_case(wmem_allocator_t *pool, const char *text)
{
    char *upper = wmem_strdup(pool, text);

    for (char *c = upper; *c; c++)
        *c = g_ascii_toupper(*c);
    return upper;
}

static void
classify_digits(wmem_allocator_t *pool, request_t *request, const char *digits)
{
    size_t length = strlen(digits);

    request->kind = is_hex(digits, length) ? kind_of_digits(length) : KIND_TEXT;
    if (request->kind != KIND_TEXT)
        request->hex = upper_case(pool, digits);
}

/* The search variable of /pks/lookup: key IDs and fingerprints begin with 0x. */
static void
classify_search(wmem_allocator_t *pool, request_t *request)
{
    if (!g_ascii_strncasecmp(request->search, "0x", 2))
        classify_digits(pool, request, request->search + 2);
    else
        request->kind = KIND_TEXT;
}

/* A fingerprint with its version before it, as two hex digits, with or without a slash between them. */
static void
classify_versioned(wmem_allocator_t *pool, request_t *request)
{
    const char *digits = request->search;
    size_t length = strlen(digits);

    request->kind = KIND_TEXT;
    if (length < 3 || !is_hex(digits, 2))
        return;
    digits += digits[2] == '/' ? 3 : 2;
    classify_digits(pool, request, digits);
    if (request->kind < KIND_V3) {
        request->kind = KIND_TEXT;
        request->hex = NULL;
    }
}

static void
set_search(packet_info *pinfo, request_t *request, text_t value, bool plus_is_space)
{
    request->search_at = value;
    request->search = decoded(pinfo->pool, value, plus_is_space, &request->search_bad);
}

static void
set_op(packet_info *pinfo, request_t *request, text_t value)
{
    bool bad = false;

    request->op_at = value;
    request->op = decoded(pinfo->pool, value, true, &bad);
}

static void
read_variables(packet_info *pinfo, request_t *request, text_t query)
{
    request->variables = wmem_array_new(pinfo->pool, sizeof(variable_t));
    while (query.length > 0 && wmem_array_get_count(request->variables) < MAX_VARIABLES) {
        variable_t variable;
        text_t name;
        bool bad = false;

        variable.raw = text_next(&query, '&');
        variable.value = variable.raw;
        name = text_next(&variable.value, '=');
        if (variable.raw.length == 0)
            continue;
        variable.name = decoded(pinfo->pool, name, true, &bad);
        wmem_array_append_one(request->variables, variable);
    }
}

static const variable_t *
variable_named(const request_t *request, const char *name)
{
    for (unsigned i = 0; i < wmem_array_get_count(request->variables); i++) {
        const variable_t *variable = (const variable_t *)wmem_array_index(request->variables, i);

        if (!g_ascii_strcasecmp(variable->name, name))
            return variable;
    }
    return NULL;
}

static expected_t
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
read_lookup(packet_info *pinfo, request_t *request)
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
read_pks(packet_info *pinfo, request_t *request, text_t path)
{
    static const char *const others[] = { "add", "hashquery", "replace", "delete" };

    request->api = API_HKP;
    if (text_is(path, "lookup") || text_is(path, "lookup/")) {
        read_lookup(pinfo, request);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (text_is(path, others[i])) {
            set_op(pinfo, request, path);
            request->expected = !strcmp(others[i], "hashquery") ? EXPECT_HASHQUERY : EXPECT_NOTHING;
            return true;
        }
    }
    return false;
}

typedef struct category {
    const char *name;
    void      (*classify)(wmem_allocator_t *pool, request_t *request);
    expected_t  expected;
} category_t;

static void
classify_text(wmem_allocator_t *pool _U_, request_t *request)
{
    request->kind = KIND_TEXT;
}

static void
classify_plain(wmem_allocator_t *pool, request_t *request)
{
    classify_digits(pool, request, request->search);
}

static void
classify_nothing(wmem_allocator_t *pool _U_, request_t *request _U_)
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
read_category(packet_info *pinfo, request_t *request, text_t category, text_t identifier, const category_t *known, size_t count)
{
    void (*classify)(wmem_allocator_t *, request_t *) = classify_nothing;

    set_op(pinfo, request, category);
    for (size_t i = 0; i < count; i++) {
        if (text_is(category, known[i].name)) {
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
read_version(text_t *path, uint8_t *version)
{
    text_t number = text_next(path, '/');
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
read_versioned_pks(packet_info *pinfo, request_t *request, text_t path)
{
    text_t category;

    if (!read_version(&path, &request->version))
        return false;
    request->api = API_HKP_VERSIONED;
    category = text_next(&path, '/');
    if (text_is(category, "certs") && path.length > 0)
        category = text_next(&path, '/');
    read_category(pinfo, request, category, path, versioned_categories, G_N_ELEMENTS(versioned_categories));
    return true;
}

static bool
read_vks(packet_info *pinfo, request_t *request, text_t path)
{
    text_t category;

    if (!read_version(&path, &request->version))
        return false;
    request->api = API_VKS;
    category = text_next(&path, '/');
    read_category(pinfo, request, category, path, vks_categories, G_N_ELEMENTS(vks_categories));
    return true;
}

static bool
is_wkd_file(text_t name)
{
    return text_is(name, "hu") || text_is(name, "policy") || text_is(name, "submission-address");
}

/* hu/HASH?l=LOCAL-PART, policy or submission-address, after the domain in the advanced method. */
static bool
read_wkd(packet_info *pinfo, request_t *request, text_t path)
{
    const variable_t *local = variable_named(request, "l");
    text_t part = text_next(&path, '/');

    request->api = API_WKD;
    if (!is_wkd_file(part)) {
        request->advanced = true;
        request->domain = part;
        part = text_next(&path, '/');
        if (!is_wkd_file(part) || request->domain.length == 0)
            return false;
    }
    set_op(pinfo, request, part);
    request->expected = text_is(part, "hu") ? EXPECT_KEY : EXPECT_FILE;
    request->hash = path;
    if (text_is(part, "hu") && local) {
        set_search(pinfo, request, local->value, true);
        request->kind = KIND_TEXT;
    }
    return true;
}

/* The part of the target that a server looks at, without scheme and authority of the absolute form. */
static text_t
origin_form(text_t target)
{
    int colon = text_find(target, ':');
    int slash;

    if (colon > 0 && target.start[0] != '/' && target.length > colon + 2 && !memcmp(target.start + colon, "://", 3)) {
        target = text_from(target, colon + 3);
        slash = text_find(target, '/');
        target = text_from(target, slash < 0 ? target.length : slash);
    }
    while (target.length > 1 && target.start[0] == '/' && target.start[1] == '/')
        target = text_from(target, 1);
    return target;
}

/* False: this is no request to a keyserver. */
static bool
read_request(http_message_t *message, request_t *request)
{
    packet_info *pinfo = message->pinfo;
    text_t target = {
        (const char *)tvb_get_ptr(message->tvb, message->target_offset, message->target_length),
        message->target_length, message->target_offset
    };
    text_t path;

    memset(request, 0, sizeof *request);
    target = origin_form(target);
    if (target.length < 5 || (target.start[1] != 'p' && target.start[1] != 'v' && target.start[1] != '.'))
        return false;
    target = text_next(&target, '#');
    path = text_next(&target, '?');
    request->path = path;
    if (text_take(&path, "/pks/")) {
        read_variables(pinfo, request, target);
        return read_pks(pinfo, request, path) || read_versioned_pks(pinfo, request, path);
    }
    if (text_take(&path, "/vks/")) {
        read_variables(pinfo, request, target);
        return read_vks(pinfo, request, path);
    }
    if (text_take(&path, "/.well-known/openpgpkey/")) {
        read_variables(pinfo, request, target);
        return read_wkd(pinfo, request, path);
    }
    return false;
}

/* --- Columns --- */

/* Several messages of one frame follow each other, separated by commas. */
static void
set_columns(packet_info *pinfo, const char *text)
{
    wmem_strbuf_t *info = (wmem_strbuf_t *)p_get_proto_data(pinfo->pool, pinfo, proto_hkp, 0);

    if (!info) {
        info = wmem_strbuf_new(pinfo->pool, text);
        p_add_proto_data(pinfo->pool, pinfo, proto_hkp, 0, info);
    } else if (wmem_strbuf_get_len(info) < COL_MAX_INFO_LEN) {
        wmem_strbuf_append_printf(info, ", %s", text);
    }
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "HKP");
    col_clear_fence(pinfo->cinfo, COL_INFO);
    col_add_str(pinfo->cinfo, COL_INFO, wmem_strbuf_get_str(info));
    col_set_fence(pinfo->cinfo, COL_INFO);
}

static const char *
shortened(wmem_allocator_t *pool, const char *text, size_t limit)
{
    size_t length = strlen(text);
    const char *end = text;

    if (length <= limit)
        return text;
    while ((size_t)(g_utf8_next_char(end) - text) <= limit)
        end = g_utf8_next_char(end);
    return wmem_strdup_printf(pool, "%.*s" UTF8_HORIZONTAL_ELLIPSIS, (int)(end - text), text);
}

/* The search term as a person would name it: 0x8590...975D (v4 fingerprint) */
static const char *
subject_of(wmem_allocator_t *pool, const request_t *request)
{
    const char *kind;

    if (request->api == API_WKD && request->domain.length > 0 && request->search)
        return shortened(pool, wmem_strdup_printf(pool, "%s@%s", request->search, shown(pool, request->domain)), INFO_SEARCH);
    if (!request->hex)
        return request->search ? shortened(pool, request->search, INFO_SEARCH) : "";
    kind = val_to_str_const(request->kind, kind_vals, "");
    if (request->kind < KIND_V3)
        return wmem_strdup_printf(pool, "0x%s (%s)", request->hex, kind);
    return wmem_strdup_printf(pool, "0x%.4s" UTF8_HORIZONTAL_ELLIPSIS "%s (%s)", request->hex,
            request->hex + strlen(request->hex) - 4, kind);
}

static const char *
operation_name(const asked_t *asked)
{
    return asked->op && asked->op[0] ? asked->op : "lookup";
}

/* --- Keys in bodies --- */

static bool
work_is_wanted(const http_message_t *message)
{
    return message->tree || col_get_writable(message->pinfo->cinfo, COL_INFO)
        || have_tap_listener(hkp_tap) || have_tap_listener(hkp_eo_tap);
}

/* Wireshark has handed a body of these types to the OpenPGP dissector already. */
static bool
is_shown_by_media_type(const http_message_t *message)
{
    const char *type = http_message_header(message, "Content-Type");

    return type && !g_ascii_strncasecmp(type, "application/pgp-", 16)
        && proto_is_frame_protocol(message->pinfo->layers, "openpgp");
}

static tvbuff_t *
new_source(http_message_t *message, const char *bytes, int length, const char *name)
{
    tvbuff_t *tvb = tvb_new_child_real_data(message->tvb, (const uint8_t *)bytes, (unsigned)length, length);

    add_new_data_source(message->pinfo, tvb, name);
    return tvb;
}

static text_t
text_of_tvb(tvbuff_t *tvb)
{
    int length = (int)tvb_captured_length(tvb);

    return (text_t){ (const char *)tvb_get_ptr(tvb, 0, length), length, 0 };
}

/* keytext=... of a form */
static tvbuff_t *
keytext_of_form(http_message_t *message, tvbuff_t *body)
{
    text_t rest = text_of_tvb(body);

    while (rest.length > 0) {
        text_t variable = text_next(&rest, '&');

        if (text_take(&variable, "keytext=")) {
            bool bad = false;
            int length;
            char *bytes = percent_decode(message->pinfo->pool, variable, true, &length, &bad);

            return new_source(message, bytes, length, "Decoded keytext");
        }
    }
    return NULL;
}

/* { "keytext": "..." } */
static tvbuff_t *
keytext_of_json(http_message_t *message, tvbuff_t *body)
{
    char *json = (char *)tvb_get_string_enc(message->pinfo->pool, body, 0, (int)tvb_captured_length(body), ENC_UTF_8);
    jsmntok_t *tokens = wmem_alloc_array(message->pinfo->pool, jsmntok_t, UPLOAD_MAX_TOKENS);
    char *keytext;

    if (json_parse(json, tokens, UPLOAD_MAX_TOKENS) <= 0)
        return NULL;
    keytext = json_get_string(json, tokens, "keytext");
    return keytext ? new_source(message, keytext, (int)strlen(keytext), "Decoded keytext") : NULL;
}

/* The bytes of a message in which keys may be, freed from what a form or JSON puts around them. */
static tvbuff_t *
key_bytes(http_message_t *message, tvbuff_t *body)
{
    const char *type = http_message_header(message, "Content-Type");
    tvbuff_t *keytext = NULL;

    if (!message->is_request)
        return body;
    if (type && !g_ascii_strncasecmp(type, "application/json", 16))
        keytext = keytext_of_json(message, body);
    else if (!type || !g_ascii_strncasecmp(type, "application/x-www-form-urlencoded", 33))
        keytext = keytext_of_form(message, body);
    return keytext ? keytext : body;
}

static const openpgp_summary_t *
dissect_keys(http_message_t *message, tvbuff_t *body, proto_tree *tree)
{
    const openpgp_summary_t *keys = openpgp_dissect_all(key_bytes(message, body), message->pinfo,
            is_shown_by_media_type(message) ? NULL : tree);

    return keys && keys->blocks > 0 ? keys : NULL;
}

/* --- The machine-readable index --- */

typedef struct index_state {
    http_message_t *message;
    tvbuff_t       *tvb;
    proto_tree     *tree;
    proto_item     *info_item;
    proto_tree     *key_tree;   /* of the pub line that uid lines belong to */
    proto_item     *key_item;
    bool            has_key;
    bool            has_info;
    bool            first_uid;  /* the next uid is the first of its key */
    uint32_t        announced;
    uint32_t        keys;
    uint32_t        lines;
    unsigned        malformed;
    unsigned        names;
    wmem_strbuf_t  *info;       /* names for the Info column */
} index_state_t;

typedef struct index_line {
    text_t   whole;
    text_t   field[INDEX_FIELDS];
    unsigned fields;
} index_line_t;

static void
malformed(index_state_t *state, proto_item *item, text_t where, const char *why)
{
    if (state->malformed++ > INDEX_MAX_MALFORMED)
        return;
    if (!item)
        proto_tree_add_expert_format(state->tree, state->message->pinfo, &ei_hkp_index_malformed, state->tvb,
                where.offset, where.length, "Malformed index line: %s", why);
    else
        expert_add_info_format(state->message->pinfo, item, &ei_hkp_index_malformed, "Malformed index line: %s", why);
}

static bool
field_is_empty(const index_line_t *line, unsigned n)
{
    return n >= line->fields || line->field[n].length == 0;
}

/* An empty field is no number, and nothing wrong. */
static bool
number_field(index_state_t *state, const index_line_t *line, unsigned n, uint64_t limit, uint64_t *value)
{
    char digits[21];
    const char *end;

    if (field_is_empty(line, n))
        return false;
    if (line->field[n].length < (int)sizeof digits) {
        memcpy(digits, line->field[n].start, line->field[n].length);
        digits[line->field[n].length] = '\0';
        if (ws_strtou64(digits, &end, value) && *end == '\0' && *value <= limit)
            return true;
    }
    malformed(state, NULL, line->field[n], "not a number in range");
    return false;
}

static void
time_field(index_state_t *state, proto_tree *tree, int hf, const index_line_t *line, unsigned n)
{
    uint64_t seconds;
    nstime_t when = NSTIME_INIT_ZERO;

    /* Up to the year 9999. */
    if (!number_field(state, line, n, 253402300799, &seconds))
        return;
    when.secs = (time_t)seconds;
    proto_tree_add_time(tree, hf, state->tvb, line->field[n].offset, line->field[n].length, &when);
}

static void
flags_field(index_state_t *state, proto_tree *tree, const index_line_t *line, unsigned n)
{
    if (!field_is_empty(line, n))
        proto_tree_add_string(tree, hf_hkp_index_flags, state->tvb, line->field[n].offset, line->field[n].length,
                shown(state->message->pinfo->pool, line->field[n]));
}

/* info:VERSION:COUNT */
static void
dissect_index_info(index_state_t *state, const index_line_t *line)
{
    uint64_t value;

    if (state->has_info)
        malformed(state, NULL, line->whole, "a second info line");
    else if (line->fields < 3 || field_is_empty(line, 1) || field_is_empty(line, 2))
        malformed(state, NULL, line->whole, "info wants a version and a count");
    state->has_info = true;
    if (number_field(state, line, 1, UINT32_MAX, &value))
        proto_tree_add_uint(state->tree, hf_hkp_index_version, state->tvb, line->field[1].offset, line->field[1].length, (uint32_t)value);
    if (number_field(state, line, 2, UINT32_MAX, &value)) {
        state->announced = (uint32_t)value;
        state->info_item = proto_tree_add_uint(state->tree, hf_hkp_index_count, state->tvb,
                line->field[2].offset, line->field[2].length, (uint32_t)value);
    }
}

static void
dissect_index_keyid(index_state_t *state, const index_line_t *line)
{
    text_t id = line->fields > 1 ? line->field[1] : text_from(line->whole, line->whole.length);
    const char *keyid = upper_case(state->message->pinfo->pool, shown(state->message->pinfo->pool, id));

    if (text_take(&id, "0x") || text_take(&id, "0X"))
        keyid += 2;
    proto_item_append_text(state->key_item, " 0x%s", keyid);
    if (!is_hex(id.start, id.length) || kind_of_digits(id.length) == KIND_TEXT)
        malformed(state, NULL, line->whole, "no key ID or fingerprint");
    if (id.length > 0)
        proto_tree_add_string(state->key_tree, hf_hkp_index_keyid, state->tvb, id.offset, id.length, keyid);
}

/* pub:KEYID:ALGORITHM:KEYLEN:CREATION:EXPIRATION:FLAGS */
static void
dissect_index_pub(index_state_t *state, const index_line_t *line)
{
    uint64_t value;

    state->keys++;
    state->has_key = true;
    state->first_uid = true;
    state->key_tree = proto_tree_add_subtree(state->tree, state->tvb, line->whole.offset, line->whole.length,
            ett_hkp_index_key, &state->key_item, "Key");
    dissect_index_keyid(state, line);
    if (number_field(state, line, 2, UINT8_MAX, &value))
        proto_tree_add_uint(state->key_tree, hf_hkp_index_algorithm, state->tvb, line->field[2].offset, line->field[2].length, (uint32_t)value);
    if (number_field(state, line, 3, UINT32_MAX, &value))
        proto_tree_add_uint(state->key_tree, hf_hkp_index_keylen, state->tvb, line->field[3].offset, line->field[3].length, (uint32_t)value);
    time_field(state, state->key_tree, hf_hkp_index_creation, line, 4);
    time_field(state, state->key_tree, hf_hkp_index_expiration, line, 5);
    flags_field(state, state->key_tree, line, 6);
    if (line->fields < 2)
        malformed(state, state->key_item, line->whole, "pub without fields");
}

static void
note_name(index_state_t *state, const char *uid)
{
    if (state->key_item)
        proto_item_append_text(state->key_item, ", %s", shortened(state->message->pinfo->pool, uid, INFO_SEARCH));
    if (state->names++ < INFO_NAMES)
        wmem_strbuf_append_printf(state->info, "%s%s", state->names > 1 ? ", " : "",
                shortened(state->message->pinfo->pool, uid, INFO_SEARCH));
}

/* uid:ESCAPED USER ID:CREATION:EXPIRATION:FLAGS; uat is a user attribute, without an ID */
static void
dissect_index_uid(index_state_t *state, const index_line_t *line, bool attribute)
{
    packet_info *pinfo = state->message->pinfo;
    proto_tree *parent = state->key_tree ? state->key_tree : state->tree;
    proto_tree *tree;
    proto_item *item;
    bool bad = false;

    if (attribute || field_is_empty(line, 1)) {
        tree = proto_tree_add_subtree(parent, state->tvb, line->whole.offset, line->whole.length, ett_hkp_index_uid,
                &item, attribute ? "User attribute" : "User ID");
        if (!attribute)
            malformed(state, item, line->whole, "uid without a user ID");
    } else {
        const char *uid = decoded(pinfo->pool, line->field[1], false, &bad);

        item = proto_tree_add_string(parent, hf_hkp_index_uid, state->tvb, line->field[1].offset, line->field[1].length, uid);
        tree = proto_item_add_subtree(item, ett_hkp_index_uid);
        if (bad)
            expert_add_info(pinfo, item, &ei_hkp_encoding);
        if (state->first_uid)
            note_name(state, uid);
        state->first_uid = false;
    }
    if (!state->has_key)
        malformed(state, item, line->whole, "uid before any pub");
    time_field(state, tree, hf_hkp_index_creation, line, 2);
    time_field(state, tree, hf_hkp_index_expiration, line, 3);
    flags_field(state, tree, line, 4);
}

/* Lines of other kinds are to be ignored. */
static void
dissect_index_line(index_state_t *state, text_t text)
{
    index_line_t line = { .whole = text };

    while (line.fields < INDEX_FIELDS && text.start != NULL) {
        bool last = text_find(text, ':') < 0;

        line.field[line.fields++] = text_next(&text, ':');
        if (last)
            break;
    }
    if (text_is(line.field[0], "info"))
        dissect_index_info(state, &line);
    else if (text_is(line.field[0], "pub"))
        dissect_index_pub(state, &line);
    else if (text_is(line.field[0], "uid"))
        dissect_index_uid(state, &line, false);
    else if (text_is(line.field[0], "uat"))
        dissect_index_uid(state, &line, true);
    else if (line.fields < 2)
        malformed(state, NULL, line.whole, "not of the form kind:fields");
}

static text_t
without_line_end(text_t line)
{
    if (line.length > 0 && line.start[line.length - 1] == '\r')
        line.length--;
    return line;
}

/* The index has no name in HTTP: it is known by its first line. */
static bool
is_index(text_t body)
{
    while (body.length > 0 && g_ascii_isspace(body.start[0]))
        body = text_from(body, 1);
    return text_take(&body, "info:") || text_take(&body, "pub:");
}

static void
dissect_index_lines(index_state_t *state, text_t rest, bool complete)
{
    while (rest.length > 0 && state->lines < INDEX_MAX_LINES) {
        bool cut = !complete && text_find(rest, '\n') < 0;
        text_t line = without_line_end(text_next(&rest, '\n'));

        if (line.length > 0 && !cut)
            dissect_index_line(state, line);
        state->lines++;
    }
    if (rest.length > 0)
        malformed(state, NULL, rest, "more lines than are shown");
    else if (complete && state->info_item && state->announced != state->keys)
        expert_add_info_format(state->message->pinfo, state->info_item, &ei_hkp_index_malformed,
                "The info line announces %u keys, %u follow", state->announced, state->keys);
}

static const char *
index_text(index_state_t *state)
{
    return wmem_strdup_printf(state->message->pinfo->pool, "%u key%s%s%s%s", state->keys, plurality(state->keys, "", "s"),
            state->names > 0 ? ": " : "", wmem_strbuf_get_str(state->info),
            state->names > INFO_NAMES ? ", " UTF8_HORIZONTAL_ELLIPSIS : "");
}

/* --- hashquery, as SKS has it: a count, then as many strings, each with its length before it --- */

typedef struct string_list {
    tvbuff_t *tvb;
    int       offset;
    uint32_t  left;
} string_list_t;

static bool
next_string(string_list_t *list, int *offset, int *length)
{
    uint32_t size;

    if (list->left == 0 || tvb_captured_length_remaining(list->tvb, list->offset) < 4)
        return false;
    size = tvb_get_ntohl(list->tvb, list->offset);
    if (size > (uint32_t)tvb_captured_length_remaining(list->tvb, list->offset + 4))
        return false;
    *offset = list->offset + 4;
    *length = (int)size;
    list->offset = *offset + *length;
    list->left--;
    return true;
}

static string_list_t
hashquery_list(tvbuff_t *body, proto_tree *tree)
{
    string_list_t list = { body, 4, 0 };

    if (tvb_captured_length(body) >= 4) {
        list.left = tvb_get_ntohl(body, 0);
        proto_tree_add_item(tree, hf_hkp_hashquery_count, body, 0, 4, ENC_BIG_ENDIAN);
    }
    return list;
}

/* Returns the number of hashes. */
static uint32_t
dissect_hashes(tvbuff_t *body, proto_tree *tree)
{
    string_list_t list = hashquery_list(body, tree);
    uint32_t count = list.left;
    int offset, length;

    for (unsigned n = 0; n < MAX_HASHES && next_string(&list, &offset, &length); n++)
        proto_tree_add_item(tree, hf_hkp_hashquery_hash, body, offset, length, ENC_NA);
    return count;
}

/* The keys of the answer lie behind each other, but for their lengths. */
static const openpgp_summary_t *
dissect_hashquery_keys(http_message_t *message, tvbuff_t *body, proto_tree *tree)
{
    string_list_t list = hashquery_list(body, tree);
    wmem_array_t *keys = wmem_array_new(message->pinfo->pool, 1);
    int offset, length;

    while (next_string(&list, &offset, &length))
        wmem_array_append(keys, tvb_get_ptr(body, offset, length), length);
    if (wmem_array_get_count(keys) == 0)
        return NULL;
    return dissect_keys(message, new_source(message, (const char *)wmem_array_get_raw(keys),
            (int)wmem_array_get_count(keys), "Keys of the hashquery answer"), tree);
}

/* --- Responses --- */

typedef struct answer {
    found_t                  found;
    const openpgp_summary_t *keys;
    const char              *text;      /* for the Info column; NULL: nothing but the status */
} answer_t;

static void
dissect_index(http_message_t *message, tvbuff_t *body, proto_tree *tree, answer_t *answer)
{
    index_state_t state = {
        .message = message, .tvb = body, .tree = tree, .info = wmem_strbuf_new(message->pinfo->pool, NULL)
    };

    dissect_index_lines(&state, text_of_tvb(body), message->complete);
    answer->found = state.keys > 0 ? FOUND_YES : message->complete ? FOUND_NO : FOUND_UNKNOWN;
    answer->text = index_text(&state);
}

/* An index for people: one that lists keys has links to them. */
static found_t
found_in_page(http_message_t *message, tvbuff_t *body)
{
    static const char *const links[] = { "search=0x", "search=%200x", "op=get" };
    text_t page = text_of_tvb(body);

    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (g_strstr_len(page.start, page.length, links[i]))
            return FOUND_YES;
    }
    return message->complete ? FOUND_NO : FOUND_UNKNOWN;
}

static void
read_positive_answer(http_message_t *message, const asked_t *asked, tvbuff_t *body, proto_tree *tree, answer_t *answer)
{
    if (asked->expected == EXPECT_INDEX && is_index(text_of_tvb(body))) {
        dissect_index(message, body, tree, answer);
        return;
    }
    answer->keys = asked->expected == EXPECT_HASHQUERY ? dissect_hashquery_keys(message, body, tree)
        : dissect_keys(message, body, tree);
    if (answer->keys && answer->keys->primary_keys > 0) {
        answer->found = FOUND_YES;
        answer->text = openpgp_keys_text(message->pinfo->pool, answer->keys, INFO_NAMES);
    } else if (asked->expected == EXPECT_INDEX) {
        answer->found = found_in_page(message, body);
    } else if ((asked->expected == EXPECT_KEY || asked->expected == EXPECT_HASHQUERY) && message->complete) {
        answer->found = FOUND_NO;
    } else if (asked->expected == EXPECT_FILE) {
        answer->found = FOUND_YES;
    }
}

static bool
status_is_missing(uint16_t status)
{
    return status == 404 || status == 410;
}

static void
read_answer(http_message_t *message, const asked_t *asked, proto_tree *tree, answer_t *answer)
{
    tvbuff_t *body = work_is_wanted(message) ? http_message_body(message) : NULL;
    bool positive = message->status >= 200 && message->status < 300;

    if (asked->expected == EXPECT_NOTHING)
        return;
    if (status_is_missing(message->status))
        answer->found = FOUND_NO;
    else if (positive && asked->is_head)
        answer->found = asked->expected == EXPECT_FILE ? FOUND_YES : FOUND_UNKNOWN;
    else if (positive && body)
        read_positive_answer(message, asked, body, tree, answer);
    else if (positive && message->body_length == 0 && message->complete)
        answer->found = asked->expected == EXPECT_FILE ? FOUND_YES : FOUND_NO;
}

/* --- Messages --- */

static proto_item *
add_hkp_item(http_message_t *message, proto_tree **tree)
{
    proto_item *item = proto_tree_add_item(message->tree, proto_hkp, message->tvb, message->offset,
            http_message_length(message), ENC_NA);

    *tree = proto_item_add_subtree(item, ett_hkp);
    return item;
}

static void
add_generated_frame(proto_tree *tree, int hf, tvbuff_t *tvb, uint32_t frame)
{
    if (frame != 0)
        proto_item_set_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, frame));
}

static void
add_text(proto_tree *tree, int hf, http_message_t *message, text_t at, const char *value)
{
    proto_tree_add_string(tree, hf, message->tvb, at.offset, at.length, value);
}

static void
dissect_options(http_message_t *message, proto_tree *tree, const variable_t *variable)
{
    bool bad = false;
    char *options = wmem_strdup(message->pinfo->pool, decoded(message->pinfo->pool, variable->value, true, &bad));
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
                text_is(variable->value, "on"));
    else
        add_text(tree, hf_hkp_variable, message, variable->raw,
                decoded(message->pinfo->pool, variable->raw, true, &bad));
}

static void
dissect_search(http_message_t *message, proto_tree *tree, const request_t *request)
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
dissect_wkd(http_message_t *message, proto_tree *tree, const request_t *request)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf_hkp_wkd_method, message->tvb, request->path.offset,
            request->path.length, request->advanced ? 2 : 1));
    if (request->advanced)
        add_text(tree, hf_hkp_wkd_domain, message, request->domain, shown(message->pinfo->pool, request->domain));
    if (request->hash.length > 0)
        add_text(tree, hf_hkp_wkd_hash, message, request->hash, shown(message->pinfo->pool, request->hash));
}

static void
dissect_target(http_message_t *message, proto_tree *tree, const request_t *request)
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

/* wmem_strdup() makes text of NULL. */
static const char *
strdup_or_null(wmem_allocator_t *scope, const char *text)
{
    return text ? wmem_strdup(scope, text) : NULL;
}

static asked_t *
remember(http_message_t *message, const request_t *request)
{
    wmem_allocator_t *scope = wmem_file_scope();
    asked_t *asked = wmem_new0(scope, asked_t);

    asked->op = strdup_or_null(scope, request->op);
    asked->subject = wmem_strdup(scope, subject_of(message->pinfo->pool, request));
    asked->hex = strdup_or_null(scope, request->hex);
    asked->host = strdup_or_null(scope, http_message_header(message, "Host"));
    asked->is_head = !strcmp(message->method, "HEAD");
    /* Not what is sent to the server, or asked about it. */
    if (asked->is_head || !strcmp(message->method, "GET") || request->expected == EXPECT_HASHQUERY)
        asked->expected = request->expected;
    return asked;
}

static void
queue_taps(http_message_t *message, const asked_t *asked, uint8_t kind, found_t found, const openpgp_summary_t *keys)
{
    hkp_tap_info_t *info;

    if (!have_tap_listener(hkp_tap) && !have_tap_listener(hkp_eo_tap))
        return;
    info = wmem_new0(message->pinfo->pool, hkp_tap_info_t);
    info->is_request = message->is_request;
    info->op = operation_name(asked);
    info->kind = kind;
    info->status = message->status;
    info->found = found;
    info->host = asked->host;
    info->keys = keys;
    tap_queue_packet(hkp_tap, message->pinfo, info);
    if (keys)
        tap_queue_packet(hkp_eo_tap, message->pinfo, info);
}

/* Returns what the body says, for the Info column. */
static const char *
dissect_request_body(http_message_t *message, const asked_t *asked, proto_tree *tree, const openpgp_summary_t **keys)
{
    tvbuff_t *body = work_is_wanted(message) ? http_message_body(message) : NULL;

    if (!body)
        return asked->subject;
    if (asked->expected == EXPECT_HASHQUERY) {
        uint32_t count = dissect_hashes(body, tree);

        return wmem_strdup_printf(message->pinfo->pool, "%u hash%s", count, plurality(count, "", "es"));
    }
    *keys = dissect_keys(message, body, tree);
    return *keys && (*keys)->primary_keys > 0 ? openpgp_keys_text(message->pinfo->pool, *keys, INFO_NAMES) : asked->subject;
}

static void
dissect_request(http_message_t *message, void **data)
{
    request_t request;
    proto_tree *tree;
    proto_item *item;
    const openpgp_summary_t *keys = NULL;
    const char *what, *info;
    asked_t *asked;

    if (!message->target || !read_request(message, &request))
        return;
    if (!PINFO_FD_VISITED(message->pinfo))
        *data = remember(message, &request);
    asked = (asked_t *)*data;
    if (!asked)
        return;
    item = add_hkp_item(message, &tree);
    dissect_target(message, tree, &request);
    what = dissect_request_body(message, asked, tree, &keys);
    add_generated_frame(tree, hf_hkp_response_in, message->tvb, message->exchange->response_frame);
    info = wmem_strdup_printf(message->pinfo->pool, "%s%s%s", operation_name(asked), *what ? " " : "", what);
    proto_item_append_text(item, ": %s", info);
    set_columns(message->pinfo, info);
    queue_taps(message, asked, request.kind, FOUND_UNKNOWN, keys);
}

/* A key that cannot be read might be the one. */
static bool
keys_are_readable(const openpgp_summary_t *keys)
{
    for (unsigned i = 0; i < wmem_array_get_count(keys->keys); i++) {
        if (((const openpgp_key_t *)wmem_array_index(keys->keys, i))->fingerprint[0] == '\0')
            return false;
    }
    return true;
}

static void
check_answer(http_message_t *message, const asked_t *asked, proto_item *item, const answer_t *answer)
{
    if (answer->found == FOUND_NO)
        expert_add_info(message->pinfo, item, &ei_hkp_not_found);
    if (asked->expected == EXPECT_KEY && asked->hex && answer->keys && answer->keys->primary_keys > 0
            && message->complete && keys_are_readable(answer->keys) && !openpgp_has_key(answer->keys, asked->hex))
        expert_add_info_format(message->pinfo, item, &ei_hkp_key_mismatch,
                "None of the keys returned is the one asked for (0x%s)", asked->hex);
}

static const char *
answer_text(http_message_t *message, const asked_t *asked, const answer_t *answer)
{
    wmem_allocator_t *pool = message->pinfo->pool;

    if (answer->found == FOUND_NO)
        return wmem_strdup_printf(pool, "%s: not found (%u)", operation_name(asked), message->status);
    if (answer->text && answer->text[0])
        return answer->text;
    if (message->status >= 200 && message->status < 300)
        return wmem_strdup_printf(pool, "%s: %s (%u)", operation_name(asked),
                answer->found == FOUND_YES ? "found" : "answered", message->status);
    return wmem_strdup_printf(pool, "%s: status %u", operation_name(asked), message->status);
}

static void
add_response_fields(http_message_t *message, proto_tree *tree, const answer_t *answer)
{
    const http_exchange_t *exchange = message->exchange;
    nstime_t elapsed;

    proto_tree_add_uint(tree, hf_hkp_status, message->tvb, message->offset + 9, 3, message->status);
    if (answer->found != FOUND_UNKNOWN)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_hkp_found, message->tvb, 0, 0, answer->found == FOUND_YES));
    if (message->interim)
        return;
    add_generated_frame(tree, hf_hkp_response_to, message->tvb, exchange->request_frame);
    nstime_delta(&elapsed, &message->pinfo->abs_ts, &exchange->request_time);
    proto_item_set_generated(proto_tree_add_time(tree, hf_hkp_time, message->tvb, 0, 0, &elapsed));
}

static void
dissect_response(http_message_t *message, const asked_t *asked)
{
    answer_t answer = { FOUND_UNKNOWN, NULL, NULL };
    proto_tree *tree;
    proto_item *item = add_hkp_item(message, &tree);
    const char *info;

    read_answer(message, asked, tree, &answer);
    add_response_fields(message, tree, &answer);
    check_answer(message, asked, item, &answer);
    info = answer_text(message, asked, &answer);
    proto_item_append_text(item, ": %s", info);
    set_columns(message->pinfo, info);
    queue_taps(message, asked, KIND_NONE, answer.found, answer.keys);
}

static void
hkp_message(http_message_t *message, void **data)
{
    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_hkp)))
        return;
    if (message->is_request)
        dissect_request(message, data);
    else if (*data)
        dissect_response(message, (const asked_t *)*data);
}

/* Keys can be large. */
static unsigned
hkp_body_wanted(http_message_t *message, void *data)
{
    request_t request;

    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_hkp)))
        return 0;
    return data || (message->is_request && read_request(message, &request)) ? HTTP_BODY_MAX : 0;
}

static const http_observer_t hkp_observer = { &proto_hkp, hkp_message, hkp_body_wanted };

/* --- Statistics, Export Objects --- */

static int st_node_operations = -1;
static int st_node_results = -1;
static int st_node_kinds = -1;

static void
hkp_stats_tree_init(stats_tree *st)
{
    st_node_operations = stats_tree_create_pivot(st, "Operations", 0);
    st_node_results = stats_tree_create_pivot(st, "Results", 0);
    st_node_kinds = stats_tree_create_pivot(st, "Search kinds", 0);
}

static tap_packet_status
hkp_stats_tree_packet(stats_tree *st, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const hkp_tap_info_t *info = (const hkp_tap_info_t *)data;

    if (info->is_request) {
        stats_tree_tick_pivot(st, st_node_operations, shortened(pinfo->pool, info->op, INFO_SEARCH));
        if (info->kind != KIND_NONE)
            stats_tree_tick_pivot(st, st_node_kinds, val_to_str_const(info->kind, kind_vals, "unknown"));
    } else if (info->found != FOUND_UNKNOWN) {
        stats_tree_tick_pivot(st, st_node_results, info->found == FOUND_YES ? "found" : "not found");
    } else {
        stats_tree_tick_pivot(st, st_node_results, wmem_strdup_printf(pinfo->pool, "status %u", info->status));
    }
    return TAP_PACKET_REDRAW;
}

static void
export_key(export_object_list_t *list, packet_info *pinfo, const hkp_tap_info_t *info, const openpgp_key_t *key)
{
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);

    entry->pkt_num = pinfo->num;
    entry->hostname = g_strdup(info->host);
    entry->content_type = g_strdup("application/pgp-keys");
    entry->filename = g_strdup_printf("%s.asc", key->fingerprint);
    entry->payload_data = (uint8_t *)openpgp_key_to_armor(NULL, key);
    entry->payload_len = strlen((const char *)entry->payload_data);
    list->add_entry(list->gui_data, entry);
}

static tap_packet_status
hkp_eo_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const hkp_tap_info_t *info = (const hkp_tap_info_t *)data;
    tap_packet_status status = TAP_PACKET_DONT_REDRAW;

    for (unsigned i = 0; i < wmem_array_get_count(info->keys->keys); i++) {
        const openpgp_key_t *key = (const openpgp_key_t *)wmem_array_index(info->keys->keys, i);

        if (!key->subkey && key->fingerprint[0] != '\0') {
            export_key((export_object_list_t *)tapdata, pinfo, info, key);
            status = TAP_PACKET_REDRAW;
        }
    }
    return status;
}

/* --- Registration --- */

void
proto_register_hkp(void)
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
        { &hf_hkp_status,
          { "Status", "hkp.status",
            FT_UINT16, BASE_DEC, NULL, 0, "HTTP status of the answer", HFILL }},
        { &hf_hkp_found,
          { "Found", "hkp.found",
            FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_response_in,
          { "Response in", "hkp.response_in",
            FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, NULL, HFILL }},
        { &hf_hkp_response_to,
          { "Response to", "hkp.response_to",
            FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, NULL, HFILL }},
        { &hf_hkp_time,
          { "Time from request", "hkp.time",
            FT_RELATIVE_TIME, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_version,
          { "Index version", "hkp.index.version",
            FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_count,
          { "Keys announced", "hkp.index.count",
            FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_keyid,
          { "Key ID or fingerprint", "hkp.index.keyid",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_algorithm,
          { "Algorithm", "hkp.index.algorithm",
            FT_UINT8, BASE_DEC, VALS(algorithm_vals), 0, NULL, HFILL }},
        { &hf_hkp_index_keylen,
          { "Key length", "hkp.index.keylen",
            FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_creation,
          { "Created", "hkp.index.creation",
            FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_expiration,
          { "Expires", "hkp.index.expiration",
            FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, NULL, HFILL }},
        { &hf_hkp_index_flags,
          { "Flags", "hkp.index.flags",
            FT_STRING, BASE_NONE, NULL, 0, "r revoked, d disabled, e expired", HFILL }},
        { &hf_hkp_index_uid,
          { "User ID", "hkp.index.uid",
            FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL }},
        { &hf_hkp_hashquery_count,
          { "Count", "hkp.hashquery.count",
            FT_UINT32, BASE_DEC, NULL, 0, "Hashes asked for, or keys returned", HFILL }},
        { &hf_hkp_hashquery_hash,
          { "Hash", "hkp.hashquery.hash",
            FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL }},
    };
    static int *ett[] = {
        &ett_hkp,
        &ett_hkp_index_key,
        &ett_hkp_index_uid,
    };
    static ei_register_info ei[] = {
        { &ei_hkp_short_keyid,
          { "hkp.short_keyid", PI_SECURITY, PI_WARN,
            "32-bit key IDs collide: use a fingerprint", EXPFILL }},
        { &ei_hkp_key_mismatch,
          { "hkp.key_mismatch", PI_SECURITY, PI_ERROR,
            "None of the keys returned is the one asked for", EXPFILL }},
        { &ei_hkp_not_found,
          { "hkp.not_found", PI_RESPONSE_CODE, PI_NOTE,
            "The server has no such key", EXPFILL }},
        { &ei_hkp_index_malformed,
          { "hkp.index_malformed", PI_PROTOCOL, PI_WARN,
            "Malformed index line", EXPFILL }},
        { &ei_hkp_encoding,
          { "hkp.encoding", PI_PROTOCOL, PI_WARN,
            "Broken percent-encoding, control characters or invalid UTF-8", EXPFILL }},
    };
    expert_module_t *expert_hkp;

    proto_hkp = proto_register_protocol("OpenPGP HTTP Keyserver Protocol", "HKP", "hkp");
    proto_register_field_array(proto_hkp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_hkp = expert_register_protocol(proto_hkp);
    expert_register_field_array(expert_hkp, ei, array_length(ei));

    hkp_tap = register_tap("hkp");
    hkp_eo_tap = register_export_object(proto_hkp, hkp_eo_packet, NULL);
    stats_tree_register_plugin("hkp", "hkp", "HKP", 0, hkp_stats_tree_packet, hkp_stats_tree_init, NULL);
}

void
proto_reg_handoff_hkp(void)
{
    http_exchange_add_observer(&hkp_observer);
}

/*
 * Editor modelines  -  https://www.wireshark.org/tools/modelines.html
 *
 * Local variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * vi: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
