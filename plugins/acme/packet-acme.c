/* packet-acme.c
 * Routines for Automatic Certificate Management Environment (ACME) dissection
 *
 * RFC 8555 (ACME, HTTP-01 and DNS-01), RFC 8737 (TLS-ALPN-01), RFC 8738 (IP identifiers).
 *
 * This file has what the challenges have in common: their fields, the validators that ask, links
 * between question and answer, columns and statistics. acme-http.c, acme-tls.c and acme-dns.c
 * recognise the challenges.
 *
 * Challenges and validations are in file scope and belong to the maps here and to the
 * conversations and frames that the other files hang them on. They are written on the first
 * pass only; that a question stays without an answer is therefore known on later passes.
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
#include <epan/prefs.h>
#include <epan/expert.h>
#include <epan/proto_data.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <wsutil/str_util.h>
#include <wsutil/wsgcrypt.h>

#include "acme-int.h"

#define ACME_MAX_EXPECTED 65536     /* tokens that are kept for a file */

void proto_register_acme(void);
void proto_reg_handoff_acme(void);

int proto_acme = -1;
static ws_bool_pref_t show_in_columns = true;

static int hf_acme_challenge_type = -1;
static int hf_acme_domain = -1;
static int hf_acme_validators = -1;
static int hf_acme_valid = -1;
static int hf_acme_response_in = -1;
static int hf_acme_response_to = -1;
static int hf_acme_time = -1;
static int hf_acme_status = -1;
static int hf_acme_verified = -1;

static int ett_acme = -1;

static expert_field ei_acme_no_response = EI_INIT;

static int acme_tap = -1;

/* Keys are type, domain and token; file scope. */
static wmem_map_t *challenges;
/* Sets of addresses; keys are type and token or domain; file scope. */
static wmem_map_t *validators;
/* What should be found: thumbprints by token, and "domain digest"; file scope. */
static wmem_map_t *expected_thumbprints;
static wmem_map_t *expected_digests;

static const value_string challenge_type_vals[] = {
    { ACME_HTTP_01, "http-01" },
    { ACME_TLS_ALPN_01, "tls-alpn-01" },
    { ACME_DNS_01, "dns-01" },
    { ACME_DNS_ACCOUNT_01, "dns-account-01" },
    { 0, NULL }
};

const char *
acme_challenge_name(uint8_t type)
{
    switch (type) {
    case ACME_HTTP_01: return "HTTP-01";
    case ACME_TLS_ALPN_01: return "TLS-ALPN-01";
    case ACME_DNS_01: return "DNS-01";
    case ACME_DNS_ACCOUNT_01: return "DNS-ACCOUNT-01";
    default: return "ACME";
    }
}

bool
acme_is_base64url(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    }
    return true;
}

char *
acme_printable(wmem_allocator_t *pool, const char *text)
{
    return ws_format_text(pool, text, strlen(text));
}

const char *
acme_keep(const char *text)
{
    return text ? wmem_strdup(wmem_file_scope(), text) : NULL;
}

/* --- Challenges and validations --- */

/* NULL: neither token nor domain is known. */
static wmem_map_t *
get_validators(packet_info *pinfo, uint8_t type, const char *domain, const char *token)
{
    const char *key;
    wmem_map_t *found;

    if (!domain && !token)
        return NULL;
    key = wmem_strdup_printf(pinfo->pool, "%u %s %s", type, token ? "token" : "domain", token ? token : domain);
    found = (wmem_map_t *)wmem_map_lookup(validators, key);
    if (!found) {
        found = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
        wmem_map_insert(validators, wmem_strdup(wmem_file_scope(), key), found);
    }
    return found;
}

static acme_challenge_t *
get_challenge(packet_info *pinfo, uint8_t type, const char *domain, const char *token)
{
    const char *key = wmem_strdup_printf(pinfo->pool, "%u %s %s", type, domain ? domain : "", token ? token : "");
    acme_challenge_t *challenge = (acme_challenge_t *)wmem_map_lookup(challenges, key);

    if (!challenge) {
        challenge = wmem_new0(wmem_file_scope(), acme_challenge_t);
        challenge->type = type;
        challenge->domain = acme_keep(domain);
        challenge->token = acme_keep(token);
        challenge->validators = get_validators(pinfo, type, domain, token);
        wmem_map_insert(challenges, wmem_strdup(wmem_file_scope(), key), challenge);
    }
    return challenge;
}

acme_validation_t *
acme_validation_new(packet_info *pinfo, uint8_t type, const char *domain, const char *token,
        const address *validator, bool counts)
{
    acme_validation_t *validation = wmem_new0(wmem_file_scope(), acme_validation_t);

    validation->challenge = get_challenge(pinfo, type, domain, token);
    validation->validator = address_to_str(wmem_file_scope(), validator);
    validation->counts = counts;
    if (counts && validation->challenge->validators) {
        wmem_map_insert(validation->challenge->validators, validation->validator, (void *)validation->validator);
        validation->validators = wmem_map_size(validation->challenge->validators);
    }
    return validation;
}

void
acme_validation_asked(packet_info *pinfo, acme_validation_t *validation)
{
    validation->request_frame = pinfo->num;
    validation->request_time = pinfo->abs_ts;
}

void
acme_validation_answered(packet_info *pinfo, acme_validation_t *validation)
{
    if (validation->response_frame)
        return;
    validation->response_frame = pinfo->num;
}

/* --- Key authorizations --- */

char *
acme_base64url(wmem_allocator_t *pool, const uint8_t *bytes, size_t length)
{
    char *encoded = g_base64_encode(bytes, length);
    char *result;

    g_strdelimit(encoded, "+", '-');
    g_strdelimit(encoded, "/", '_');
    result = wmem_strndup(pool, encoded, strcspn(encoded, "="));
    g_free(encoded);
    return result;
}

char *
acme_sha256_base64url(wmem_allocator_t *pool, const char *text)
{
    uint8_t digest[HASH_SHA2_256_LENGTH];

    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, text, strlen(text));
    return acme_base64url(pool, digest, sizeof digest);
}

static const char *
expected_digest_key(wmem_allocator_t *pool, const char *domain, const char *digest)
{
    return wmem_strdup_printf(pool, "%s %s", wmem_ascii_strdown(pool, domain, -1), digest);
}

void
acme_expect(packet_info *pinfo, const char *domain, const char *token, const char *thumbprint)
{
    const char *known = acme_expected_thumbprint(token);
    const char *digest;

    if (known ? !strcmp(known, thumbprint) : wmem_map_size(expected_thumbprints) >= ACME_MAX_EXPECTED)
        return;
    wmem_map_insert(expected_thumbprints, wmem_strdup(wmem_file_scope(), token),
            wmem_strdup(wmem_file_scope(), thumbprint));
    digest = acme_sha256_base64url(pinfo->pool, wmem_strdup_printf(pinfo->pool, "%s.%s", token, thumbprint));
    wmem_map_insert(expected_digests, expected_digest_key(wmem_file_scope(), domain, digest), (void *)challenges);
}

const char *
acme_expected_thumbprint(const char *token)
{
    return (const char *)wmem_map_lookup(expected_thumbprints, token);
}

bool
acme_digest_is_expected(packet_info *pinfo, const char *domain, const char *digest)
{
    return wmem_map_size(expected_digests) > 0 && domain
        && wmem_map_lookup(expected_digests, expected_digest_key(pinfo->pool, domain, digest)) != NULL;
}

/* --- Items --- */

proto_tree *
acme_add_plain_tree(tvbuff_t *tvb, int offset, int length, proto_tree *parent, proto_item **item)
{
    *item = proto_tree_add_item(parent, proto_acme, tvb, offset, length, ENC_NA);
    return proto_item_add_subtree(*item, ett_acme);
}

proto_tree *
acme_add_tree(tvbuff_t *tvb, int offset, int length, packet_info *pinfo, proto_tree *parent,
        const acme_challenge_t *challenge, proto_item **item)
{
    const char *domain = challenge->domain ? challenge->domain : "unknown domain";
    proto_tree *tree = acme_add_plain_tree(tvb, offset, length, parent, item);
    proto_item *child;

    proto_item_append_text(*item, ", %s, %s", acme_challenge_name(challenge->type),
            acme_printable(pinfo->pool, domain));
    child = proto_tree_add_uint(tree, hf_acme_challenge_type, tvb, 0, 0, challenge->type);
    proto_item_set_generated(child);
    if (challenge->domain) {
        child = proto_tree_add_string(tree, hf_acme_domain, tvb, 0, 0, challenge->domain);
        proto_item_set_generated(child);
    }
    return tree;
}

static void
queue_tap(packet_info *pinfo, const acme_validation_t *validation, const char *outcome)
{
    acme_tap_t *tap;

    if (!validation->counts && validation->request_frame)
        return;
    tap = wmem_new(pinfo->pool, acme_tap_t);
    tap->validation = validation;
    tap->outcome = outcome;
    tap_queue_packet(acme_tap, pinfo, tap);
}

void
acme_add_response_in(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item, uint32_t frame)
{
    proto_item *child;

    if (frame) {
        child = proto_tree_add_uint(tree, hf_acme_response_in, tvb, 0, 0, frame);
        proto_item_set_generated(child);
    } else if (PINFO_FD_VISITED(pinfo)) {
        expert_add_info(pinfo, item, &ei_acme_no_response);
    }
}

void
acme_add_request(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation)
{
    proto_item *child;

    if (validation->validators) {
        child = proto_tree_add_uint(tree, hf_acme_validators, tvb, 0, 0, validation->validators);
        proto_item_set_generated(child);
    }
    acme_add_response_in(tvb, pinfo, tree, item, validation->response_frame);
    queue_tap(pinfo, validation, NULL);
    if (!validation->response_frame && PINFO_FD_VISITED(pinfo))
        queue_tap(pinfo, validation, "no answer");
}

void
acme_add_response_to(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t frame, const nstime_t *asked)
{
    proto_item *child;
    nstime_t delta;

    if (!frame)
        return;
    child = proto_tree_add_uint(tree, hf_acme_response_to, tvb, 0, 0, frame);
    proto_item_set_generated(child);
    nstime_delta(&delta, &pinfo->abs_ts, asked);
    child = proto_tree_add_time(tree, hf_acme_time, tvb, 0, 0, &delta);
    proto_item_set_generated(child);
}

void
acme_add_status(tvbuff_t *tvb, int offset, proto_tree *tree, uint16_t status)
{
    proto_tree_add_uint(tree, hf_acme_status, tvb, offset + (int)strlen("HTTP/1.1 "), 3, status);
}

void
acme_add_response(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation, const bool *verdict, const char *outcome)
{
    proto_item *child;

    if (verdict) {
        child = proto_tree_add_boolean(tree, hf_acme_valid, tvb, 0, 0, *verdict);
        proto_item_set_generated(child);
    }
    if (validation->check != ACME_CHECK_UNKNOWN) {
        child = proto_tree_add_boolean(tree, hf_acme_verified, tvb, 0, 0, validation->check == ACME_CHECK_FITS);
        proto_item_set_generated(child);
    }
    acme_add_response_to(tvb, pinfo, tree, validation->request_frame, &validation->request_time);
    if (outcome) {
        proto_item_append_text(item, ": %s", outcome);
        queue_tap(pinfo, validation, outcome);
    }
}

/* --- Columns --- */

void
acme_columns_text(packet_info *pinfo, const char *text)
{
    if (!show_in_columns)
        return;
    if (p_get_proto_data(pinfo->pool, pinfo, proto_acme, ACME_KEY_COLUMNS)) {
        col_append_sep_str(pinfo->cinfo, COL_INFO, " | ", text);
        return;
    }
    p_add_proto_data(pinfo->pool, pinfo, proto_acme, ACME_KEY_COLUMNS, GUINT_TO_POINTER(1));
    col_clear_fence(pinfo->cinfo, COL_INFO);
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "ACME");
    col_add_str(pinfo->cinfo, COL_INFO, text);
    col_set_fence(pinfo->cinfo, COL_INFO);
}

void
acme_columns(packet_info *pinfo, const acme_challenge_t *challenge, const char *text)
{
    acme_columns_text(pinfo, wmem_strdup_printf(pinfo->pool, "%s %s: %s", acme_challenge_name(challenge->type),
            acme_printable(pinfo->pool, challenge->domain ? challenge->domain : "unknown domain"),
            acme_printable(pinfo->pool, text)));
}

/* --- Statistics --- */

static const char *st_requests = "Questions by Validator";
static const char *st_domains = "Answers by Domain";
static const char *st_challenges = "Answers by Challenge";
static const char *st_outcomes = "Answers by Outcome";
static const char *st_validators = "Answers by Validator";
static int st_node_requests = -1;
static int st_node_domains = -1;
static int st_node_challenges = -1;
static int st_node_outcomes = -1;
static int st_node_validators = -1;

static void
acme_stats_tree_init(stats_tree *st)
{
    st_node_requests = stats_tree_create_node(st, st_requests, 0, STAT_DT_INT, true);
    st_node_domains = stats_tree_create_node(st, st_domains, 0, STAT_DT_INT, true);
    st_node_challenges = stats_tree_create_node(st, st_challenges, 0, STAT_DT_INT, true);
    st_node_outcomes = stats_tree_create_node(st, st_outcomes, 0, STAT_DT_INT, true);
    st_node_validators = stats_tree_create_node(st, st_validators, 0, STAT_DT_INT, true);
}

/* Counts a path of nodes below parent. */
static void
tick_path(stats_tree *st, const char *top, const char *first, const char *second, const char *third)
{
    int node;

    tick_stat_node(st, top, 0, true);
    node = tick_stat_node(st, first, stats_tree_parent_id_by_name(st, top), true);
    if (second)
        node = tick_stat_node(st, second, node, third != NULL);
    if (third)
        tick_stat_node(st, third, node, false);
}

static tap_packet_status
acme_stats_tree_packet(stats_tree *st, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
        tap_flags_t flags _U_)
{
    const acme_tap_t *tap = (const acme_tap_t *)data;
    const acme_challenge_t *challenge = tap->validation->challenge;
    const char *domain = challenge->domain ? challenge->domain : "unknown";
    const char *type = acme_challenge_name(challenge->type);
    const char *validator = tap->validation->validator ? tap->validation->validator : "unknown";

    if (!tap->outcome) {
        tick_path(st, st_requests, validator, domain, type);
        return TAP_PACKET_REDRAW;
    }
    tick_path(st, st_domains, domain, type, tap->outcome);
    tick_path(st, st_challenges, type, tap->outcome, NULL);
    tick_path(st, st_outcomes, tap->outcome, type, domain);
    tick_path(st, st_validators, validator, domain, tap->outcome);
    return TAP_PACKET_REDRAW;
}

/* --- Registration --- */

static void
acme_init(void)
{
    challenges = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    validators = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    expected_thumbprints = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    expected_digests = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
proto_register_acme(void)
{
    static hf_register_info hf[] = {
        { &hf_acme_challenge_type,
          { "Challenge type", "acme.challenge.type", FT_UINT8, BASE_DEC, VALS(challenge_type_vals), 0,
            "How the validator checks control of the domain", HFILL } },
        { &hf_acme_domain,
          { "Domain", "acme.domain", FT_STRING, BASE_NONE, NULL, 0,
            "Identifier that is validated, in lower case", HFILL } },
        { &hf_acme_validators,
          { "Validators", "acme.validators", FT_UINT32, BASE_DEC, NULL, 0,
            "Different addresses that have asked for this token, or this domain's record or certificate, so far", HFILL } },
        { &hf_acme_valid,
          { "Valid", "acme.valid", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "The answer satisfies the challenge as far as the capture shows", HFILL } },
        { &hf_acme_response_in,
          { "Answer in", "acme.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0,
            NULL, HFILL } },
        { &hf_acme_response_to,
          { "Answer to", "acme.response_to", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0,
            NULL, HFILL } },
        { &hf_acme_time,
          { "Time", "acme.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
            "Time from the question to this answer", HFILL } },
        { &hf_acme_status,
          { "Status", "acme.status", FT_UINT16, BASE_DEC, NULL, 0,
            "HTTP status of the answer", HFILL } },
        { &hf_acme_verified,
          { "Verified", "acme.verified", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "The answer fits the account's key, as the decrypted API traffic shows it", HFILL } },
    };
    static int *ett[] = { &ett_acme };
    static ei_register_info ei[] = {
        { &ei_acme_no_response,
          { "acme.no_response", PI_SEQUENCE, PI_WARN, "No answer in this capture", EXPFILL } },
    };
    expert_module_t *expert;

    proto_acme = proto_register_protocol("Automatic Certificate Management Environment", "ACME", "acme");
    proto_register_field_array(proto_acme, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert = expert_register_protocol(proto_acme);
    expert_register_field_array(expert, ei, array_length(ei));
    prefs_register_bool_preference(prefs_register_protocol(proto_acme, NULL), "columns",
            "Show ACME in the Protocol and Info columns",
            "Otherwise they say what they say without the plugin",
            &show_in_columns);
    acme_tap = register_tap("acme");
    register_init_routine(acme_init);
    acme_register_api(expert);
    acme_register_dns(expert);
    acme_register_http(expert);
    acme_register_tls(expert);
}

void
proto_reg_handoff_acme(void)
{
    stats_tree_register_plugin("acme", "acme", "ACME", 0, acme_stats_tree_packet, acme_stats_tree_init, NULL);
    acme_handoff_api();
    acme_handoff_dns();
    acme_handoff_http();
    acme_handoff_tls();
}
