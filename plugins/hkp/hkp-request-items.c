/* hkp-request-items.c
 * The fields of a request to a key server; see hkp-request-items.h
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

#include "hkp-compare.h"
#include "hkp-request-items.h"
#include "compat.h"

/* Wireshark allows a packet a million items. */
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
static expert_field ei_hkp_wkd_hash_mismatch = EI_INIT;
expert_field ei_hkp_encoding = EI_INIT;

static const value_string api_vals[] = {
    { API_HKP,           "HTTP Keyserver Protocol" },
    { API_HKP_VERSIONED, "HTTP Keyserver Protocol, versioned interface" },
    { API_VKS,           "Verifying Keyserver" },
    { API_WKD,           "Web Key Directory" },
    { API_MAILVELOPE,    "REST interface of Mailvelope's key server" },
    { 0, NULL }
};

static const value_string wkd_method_vals[] = {
    { 1, "direct" },
    { 2, "advanced" },
    { 0, NULL }
};

static void
add_text(proto_tree *tree, int hf, http_message_t *message, hkp_text_t at, const char *value)
{
    proto_tree_add_string(tree, hf, message->tvb, at.offset, at.length, value);
}

static void
dissect_options(http_message_t *message, proto_tree *tree, const hkp_variable_t *variable)
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
dissect_variable(http_message_t *message, proto_tree *tree, const hkp_request_t *request, const hkp_variable_t *variable)
{
    bool bad = false;

    if (!g_ascii_strcasecmp(variable->name, "op") || variable->value.offset == request->search_at.offset)
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

/* It is that of the local part. */
static void
dissect_wkd_hash(http_message_t *message, proto_tree *tree, const hkp_request_t *request)
{
    packet_info *pinfo = message->pinfo;
    proto_item *item = proto_tree_add_string(tree, hf_hkp_wkd_hash, message->tvb, request->hash.offset, request->hash.length,
            hkp_shown(pinfo->pool, request->hash));
    const char *hash = request->search && !request->search_bad ? hkp_wkd_hash(pinfo->pool, request->search) : NULL;

    if (hash && (request->hash.length != (int)strlen(hash) || g_ascii_strncasecmp(hash, request->hash.start, strlen(hash))))
        expert_add_info_format(pinfo, item, &ei_hkp_wkd_hash_mismatch, "Not the hash of the local part, which is %s", hash);
}

static void
dissect_wkd(http_message_t *message, proto_tree *tree, const hkp_request_t *request)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf_hkp_wkd_method, message->tvb, request->path.offset,
            request->path.length, request->advanced ? 2 : 1));
    if (request->advanced)
        add_text(tree, hf_hkp_wkd_domain, message, request->domain, hkp_shown(message->pinfo->pool, request->domain));
    if (request->hash.length > 0)
        dissect_wkd_hash(message, tree, request);
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
            dissect_variable(message, tree, request, (const hkp_variable_t *)wmem_array_index(request->variables, i));
    }
}

void
hkp_show_asked(tvbuff_t *tvb, proto_tree *tree, const hkp_asked_t *asked)
{
    if (asked->op)
        proto_item_set_generated(proto_tree_add_string(tree, hf_hkp_op, tvb, 0, 0, asked->op));
    if (asked->search)
        proto_item_set_generated(proto_tree_add_string(tree, hf_hkp_search, tvb, 0, 0, asked->search));
    if (asked->kind != KIND_NONE)
        proto_item_set_generated(proto_tree_add_uint(tree, hf_hkp_search_kind, tvb, 0, 0, asked->kind));
    if (asked->hex)
        proto_item_set_generated(proto_tree_add_string(tree, asked->kind < KIND_V3 ? hf_hkp_keyid : hf_hkp_fingerprint, tvb, 0, 0,
            asked->hex));
}

void
hkp_register_request(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_hkp_api,
          { "Interface", "hkp.api",
            FT_UINT8, BASE_DEC, VALS(api_vals), 0,
            "HKP, its versioned form, a verifying key server's interface, a Web Key Directory or Mailvelope's", HFILL }},
        { &hf_hkp_version,
          { "Interface version", "hkp.version",
            FT_UINT8, BASE_DEC, NULL, 0, "Number in the path of a versioned interface; absent in others", HFILL }},
        { &hf_hkp_op,
          { "Operation", "hkp.op",
            FT_STRING, BASE_NONE, NULL, 0, "What the server is to do: get, index, add and others, as asked", HFILL }},
        { &hf_hkp_search,
          { "Search term", "hkp.search",
            FT_STRING, BASE_NONE, NULL, 0, "Percent-decoded", HFILL }},
        { &hf_hkp_search_kind,
          { "Kind of search term", "hkp.search.kind",
            FT_UINT8, BASE_DEC, VALS(hkp_kind_vals), 0,
            "What the search term is: text, or a key ID or fingerprint of some length", HFILL }},
        { &hf_hkp_keyid,
          { "Key ID", "hkp.keyid",
            FT_STRING, BASE_NONE, NULL, 0,
            "Key ID that is asked for, as hexadecimal digits; absent where the search term is none", HFILL }},
        { &hf_hkp_fingerprint,
          { "Fingerprint", "hkp.fingerprint",
            FT_STRING, BASE_NONE, NULL, 0,
            "Fingerprint that is asked for, as hexadecimal digits; absent where the search term is none", HFILL }},
        { &hf_hkp_options,
          { "Option", "hkp.options",
            FT_STRING, BASE_NONE, NULL, 0, "Option of the request, such as mr for a machine-readable answer", HFILL }},
        { &hf_hkp_exact,
          { "Exact match only", "hkp.exact",
            FT_BOOLEAN, BASE_NONE, NULL, 0, "Whether the search term has to match exactly", HFILL }},
        { &hf_hkp_variable,
          { "Variable", "hkp.variable",
            FT_STRING, BASE_NONE, NULL, 0, "Another variable of the query, with its value", HFILL }},
        { &hf_hkp_wkd_method,
          { "Web Key Directory method", "hkp.wkd.method",
            FT_UINT8, BASE_DEC, VALS(wkd_method_vals), 0,
            "Whether the directory is asked at the domain itself, or at openpgpkey under it", HFILL }},
        { &hf_hkp_wkd_domain,
          { "Web Key Directory domain", "hkp.wkd.domain",
            FT_STRING, BASE_NONE, NULL, 0, "Domain of the mail address that a key is looked for", HFILL }},
        { &hf_hkp_wkd_hash,
          { "Hash of the local part", "hkp.wkd.hash",
            FT_STRING, BASE_NONE, NULL, 0, "SHA-1 in Z-Base-32", HFILL }},
    };
    static ei_register_info ei[] = {
        { &ei_hkp_short_keyid,
          { "hkp.short_keyid", PI_SECURITY, PI_WARN,
            "32-bit key IDs collide: use a fingerprint", EXPFILL }},
        { &ei_hkp_wkd_hash_mismatch,
          { "hkp.wkd_hash_mismatch", PI_PROTOCOL, PI_WARN,
            "Not the hash of the local part", EXPFILL }},
        { &ei_hkp_encoding,
          { "hkp.encoding", PI_PROTOCOL, PI_WARN,
            "Broken percent-encoding, control characters or invalid UTF-8", EXPFILL }},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
}
