/* acme-items.c
 * Items, columns and tap data that challenges and the API have in common; see acme-items.h
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
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/tap.h>

#include "api-bool.h"
#include "acme-items.h"
#include "text.h"

static int hf_acme_challenge_type = -1;
static int hf_acme_domain = -1;
static int hf_acme_validators = -1;
static int hf_acme_valid = -1;
static int hf_acme_response_in = -1;
static int hf_acme_response_to = -1;
static int hf_acme_time = -1;
static int hf_acme_status = -1;
static int hf_acme_verified = -1;
static int hf_acme_token = -1;

static int ett_acme = -1;

static expert_field ei_acme_no_response = EI_INIT;

static int acme_tap = -1;

static api_bool_t show_in_columns = true;

static const value_string challenge_type_vals[] = {
    { ACME_HTTP_01, "http-01" },
    { ACME_TLS_ALPN_01, "tls-alpn-01" },
    { ACME_DNS_01, "dns-01" },
    { ACME_DNS_ACCOUNT_01, "dns-account-01" },
    { 0, NULL }
};

const char *
acme_shown(wmem_allocator_t *pool, const char *text)
{
    return text_shown(pool, text, strlen(text), TEXT_LINE, NULL);
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

    proto_item_append_text(*item, ", %s, %s", acme_challenge_name(challenge->type), acme_shown(pinfo->pool, domain));
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

proto_item *
acme_add_token(tvbuff_t *tvb, proto_tree *tree, const char *token, int offset, int length)
{
    proto_item *item = proto_tree_add_string(tree, hf_acme_token, tvb, offset, length, token);

    if (length == 0)
        proto_item_set_generated(item);
    return item;
}

/* --- Columns --- */

static void
set_columns(packet_info *pinfo, const char *text)
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
    const char *domain;

    text = acme_shown(pinfo->pool, text);
    if (challenge) {
        domain = acme_shown(pinfo->pool, challenge->domain ? challenge->domain : "unknown domain");
        text = wmem_strdup_printf(pinfo->pool, "%s %s: %s", acme_challenge_name(challenge->type), domain, text);
    }
    set_columns(pinfo, text);
}

/* --- Registration --- */

void
acme_register_items(expert_module_t *expert)
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
        { &hf_acme_token,
          { "Token", "acme.token", FT_STRING, BASE_NONE, NULL, 0,
            "Random value that names the challenge", HFILL } },
    };
    static int *ett[] = { &ett_acme };
    static ei_register_info ei[] = {
        { &ei_acme_no_response,
          { "acme.no_response", PI_SEQUENCE, PI_WARN, "No answer in this capture", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    prefs_register_bool_preference(prefs_register_protocol(proto_acme, NULL), "columns",
            "Show ACME in the Protocol and Info columns",
            "Otherwise they say what they say without the plugin",
            &show_in_columns);
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
    acme_tap = register_tap("acme");
}
