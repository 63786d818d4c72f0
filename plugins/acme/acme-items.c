/* acme-items.c
 * Items and columns that challenges and the API have in common; see acme-items.h
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

#include "api-bool.h"
#include "acme-items.h"
#include "columns.h"
#include "http-status.h"
#include "show.h"
#include "text.h"

static int hf_acme_challenge_type = -1;
static int hf_acme_domain = -1;
static int hf_acme_response_in = -1;
static int hf_acme_response_to = -1;
static int hf_acme_time = -1;
static int hf_acme_status = -1;
static int hf_acme_token = -1;
static int hf_acme_redirect_from = -1;

static int ett_acme = -1;

static expert_field ei_acme_no_response = EI_INIT;

static api_bool_t show_in_columns = true;

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
acme_add_tree(tvbuff_t *tvb, int offset, int length, proto_tree *parent, const acme_challenge_t *challenge,
        proto_item **item)
{
    proto_tree *tree = acme_add_plain_tree(tvb, offset, length, parent, item);

    if (!tree)
        return NULL;
    proto_item_append_text(*item, ", %s, %s", acme_challenge_name(challenge->type),
            challenge->domain ? challenge->domain : "unknown domain");
    show_uint(tree, hf_acme_challenge_type, tvb, challenge->type);
    if (challenge->domain)
        show_string(tree, hf_acme_domain, tvb, challenge->domain);
    return tree;
}

void
acme_add_expert(packet_info *pinfo, proto_item *item, expert_field *ei, acme_cause_t cause, const char *what)
{
    expert_add_info_format(pinfo, item, ei, "%s; %s", what, acme_cause_advice(cause));
}

/* Where the server has sent something, but no answer. */
static void
add_reply(packet_info *pinfo, proto_item *item, acme_reply_t reply)
{
    static const char *texts[] = {
        [ACME_REPLY_HTTP] = "An answer begins, but its end is not in this capture; look whether the server sends all of it",
        [ACME_REPLY_TLS] = "The server answers in TLS; let port 80 lead to the server of HTTP, not to that of HTTPS",
        [ACME_REPLY_OTHER] = "The server answers, but not in HTTP; let port 80 lead to the web server",
        [ACME_REPLY_NO_TLS] = "The server answers, but not in TLS; let the port lead to the server of TLS",
    };

    expert_add_info_format(pinfo, item, &ei_acme_no_response, "%s", texts[reply]);
}

void
acme_add_response_in(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item, uint32_t frame, acme_reply_t reply)
{
    if (frame) {
        show_uint(tree, hf_acme_response_in, tvb, frame);
    } else if (PINFO_FD_VISITED(pinfo) && reply == ACME_REPLY_LOST) {
        proto_item_append_text(item, ": %s", ACME_ANSWER_LOST);
    } else if (PINFO_FD_VISITED(pinfo) && reply != ACME_REPLY_NONE) {
        add_reply(pinfo, item, reply);
    } else if (PINFO_FD_VISITED(pinfo)) {
        acme_add_expert(pinfo, item, &ei_acme_no_response, ACME_CAUSE_NO_ANSWER, "No answer in this capture");
    }
}

void
acme_add_response_to(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t frame, const nstime_t *asked)
{
    nstime_t delta;

    if (!frame)
        return;
    show_uint(tree, hf_acme_response_to, tvb, frame);
    nstime_delta(&delta, &pinfo->abs_ts, asked);
    show_time(tree, hf_acme_time, tvb, &delta);
}

void
acme_add_redirect_from(tvbuff_t *tvb, proto_tree *tree, uint32_t frame)
{
    if (frame)
        show_uint(tree, hf_acme_redirect_from, tvb, frame);
}

void
acme_add_status(tvbuff_t *tvb, int offset, proto_tree *tree, uint16_t status)
{
    proto_tree_add_uint(tree, hf_acme_status, tvb, offset + (int)strlen("HTTP/1.1 "), 3, status);
}

proto_item *
acme_add_token(tvbuff_t *tvb, proto_tree *tree, const char *token, int offset, int length)
{
    proto_item *item = proto_tree_add_string(tree, hf_acme_token, tvb, offset, length, token);

    if (length == 0)
        proto_item_set_generated(item);
    return item;
}

void
acme_add_challenge_type(tvbuff_t *tvb, proto_tree *tree, const char *name)
{
    uint8_t type = name ? acme_challenge_type(name) : 0;

    if (type == 0)
        return;
    show_uint(tree, hf_acme_challenge_type, tvb, type);
}

/* --- Columns --- */

static void
set_columns(packet_info *pinfo, const char *text)
{
    if (p_get_proto_data(pinfo->pool, pinfo, proto_acme, ACME_KEY_COLUMNS)) {
        col_append_sep_str(pinfo->cinfo, COL_INFO, " | ", text);
        return;
    }
    p_add_proto_data(pinfo->pool, pinfo, proto_acme, ACME_KEY_COLUMNS, GUINT_TO_POINTER(1));
    col_clear_fence(pinfo->cinfo, COL_INFO);
    columns_set_protocol(pinfo, "ACME");
    col_add_str(pinfo->cinfo, COL_INFO, text);
    col_set_fence(pinfo->cinfo, COL_INFO);
}

static char *
append(char *out, const char *text)
{
    size_t length = strlen(text);

    return (char *)memcpy(out, text, length) + length;
}

/* "DNS-01 www.example.org: TXT question"; by hand, as this is done for every message. */
static const char *
about_challenge(wmem_allocator_t *pool, const acme_challenge_t *challenge, const char *text)
{
    const char *domain = challenge->domain ? challenge->domain : "unknown domain";
    const char *name = acme_challenge_name(challenge->type);
    char *all = (char *)wmem_alloc(pool, strlen(name) + strlen(domain) + strlen(text) + 4);
    char *out = append(append(append(append(append(all, name), " "), domain), ": "), text);

    *out = '\0';
    return all;
}

void
acme_columns(packet_info *pinfo, const acme_challenge_t *challenge, const char *text)
{
    if (!show_in_columns)
        return;
    if (!text) {
        columns_set_protocol(pinfo, "ACME");
        return;
    }
    if (challenge)
        text = about_challenge(pinfo->pool, challenge, text);
    set_columns(pinfo, text);
}

/* --- Registration --- */

void
acme_register_items(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_challenge_type,
          { "Challenge type", "acme.challenge.type", FT_UINT8, BASE_DEC, VALS(acme_challenge_vals), 0,
            "How the validator checks control of the domain", HFILL } },
        { &hf_acme_domain,
          { "Domain", "acme.domain", FT_STRING, BASE_NONE, NULL, 0,
            "Identifier that is validated, in lower case", HFILL } },
        { &hf_acme_response_in,
          { "Response in", "acme.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0,
            "Frame with the answer to this request or question", HFILL } },
        { &hf_acme_response_to,
          { "Response to", "acme.response_to", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0,
            "Frame with the request or question that this answers", HFILL } },
        { &hf_acme_time,
          { "Response time", "acme.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
            "Time from the question to this answer", HFILL } },
        { &hf_acme_status,
          { "Status", "acme.status", FT_UINT16, BASE_DEC, VALS(http_status_vals), 0,
            "HTTP status of the answer", HFILL } },
        { &hf_acme_token,
          { "Token", "acme.token", FT_STRING, BASE_NONE, NULL, 0,
            "Random value that names the challenge", HFILL } },
        { &hf_acme_redirect_from,
          { "Redirected from", "acme.redirect_from", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer that sent the validator here", HFILL } },
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
}
