/* packet-hkp.c
 * Routines for the OpenPGP HTTP Keyserver Protocol (HKP), and for the Verifying Keyserver interface and
 * Web Key Directory requests that fetch the same keys
 *
 * Requests are known by the path of their target, whatever the port; responses by their request
 * (http.h): hkp-request.c takes the first to pieces, hkp-answer.c the second, with hkp-index.c; hkp-export.c has
 * statistics and Export Objects. What a request asked for is kept with its exchange in file scope, written on the first
 * pass; everything else is worked out anew from the bytes in pinfo->pool. Malformed input is expert
 * information; nothing here grows faster than the message.
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
#include <epan/prefs.h>
#include <epan/expert.h>
#include <epan/proto_data.h>
#include <wsutil/str_util.h>

#include "api-bool.h"
#include "columns.h"
#include "expert-reader.h"
#include "hkp-answer.h"
#ifndef GAPFILL_IN_TREE
#include "hkp-begun.h"
#include "hkp-connect.h"
#endif
#include "hkp-export.h"
#include "hkp-index.h"
#include "hkp-listing.h"
#include "hkp-mailvelope.h"
#include "hkp-request-items.h"
#ifndef GAPFILL_IN_TREE
#include "hkp-srv.h"
#endif
#include "hkp-talk.h"
#include "hkp-upload.h"
#include "http-status.h"
#include "compat.h"

void proto_register_hkp(void);
void proto_reg_handoff_hkp(void);

/* Names in the Info column. */
#define INFO_NAMES 3

static int proto_hkp = -1;
static api_bool_t show_in_columns = true;

static int hf_hkp_status = -1;
static int hf_hkp_found = -1;
static int hf_hkp_response_in = -1;
static int hf_hkp_response_to = -1;
static int hf_hkp_time = -1;
static int hf_hkp_outcome = -1;

static int ett_hkp = -1;

static expert_field ei_hkp_key_mismatch = EI_INIT;
static expert_field ei_hkp_not_found = EI_INIT;
static expert_field ei_hkp_unreadable = EI_INIT;
static expert_field ei_hkp_no_response = EI_INIT;
static expert_field ei_hkp_secret_key = EI_INIT;
static expert_field ei_hkp_wkd_armored = EI_INIT;
static expert_field ei_hkp_wkd_userid_missing = EI_INIT;

/* Several messages of one frame follow each other, separated by commas. */
static void
set_columns(packet_info *pinfo, const char *text)
{
    wmem_strbuf_t *info = (wmem_strbuf_t *)p_get_proto_data(pinfo->pool, pinfo, proto_hkp, 0);

    if (!show_in_columns)
        return;
    if (!info) {
        info = wmem_strbuf_new(pinfo->pool, text);
        p_add_proto_data(pinfo->pool, pinfo, proto_hkp, 0, info);
    } else if (wmem_strbuf_get_len(info) < COL_MAX_INFO_LEN) {
        wmem_strbuf_append_printf(info, ", %s", text);
    }
    columns_set_protocol(pinfo, "HKP");
    col_clear_fence(pinfo->cinfo, COL_INFO);
    col_add_str(pinfo->cinfo, COL_INFO, wmem_strbuf_get_str(info));
    col_set_fence(pinfo->cinfo, COL_INFO);
}

static bool
work_is_wanted(const http_message_t *message)
{
    return expert_has_reader(message->pinfo, message->tree != NULL) || col_get_writable(message->pinfo->cinfo, COL_INFO)
        || hkp_is_tapped();
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
add_outcome(tvbuff_t *tvb, proto_tree *tree, const char *outcome)
{
    proto_item_set_generated(proto_tree_add_string(tree, hf_hkp_outcome, tvb, 0, 0, outcome));
}

static void
warn_of_secret_key(packet_info *pinfo, proto_item *item, const hkp_keys_t *keys)
{
    if (keys->secret)
        expert_add_info(pinfo, item, &ei_hkp_secret_key);
}

static const char *
keys_text(packet_info *pinfo, const hkp_keys_t *keys)
{
    const char *text = openpgp_keys_text(pinfo->pool, keys->summary, INFO_NAMES);

    if (keys->nameless > 0)
        text = wmem_strdup_printf(pinfo->pool, "%s, %u without user ID", text, keys->nameless);
    return keys->secret ? wmem_strdup_printf(pinfo->pool, "SECRET KEY, %s", text) : text;
}

/* --- Requests --- */

/* Returns what the body says, for the Info column. */
static const char *
dissect_request_body(http_message_t *message, const hkp_asked_t *asked, proto_tree *tree, hkp_keys_t *keys)
{
    tvbuff_t *body = work_is_wanted(message) ? http_message_body(message) : NULL;

    if (!body)
        return asked->subject;
    if (asked->expected == EXPECT_HASHQUERY) {
        uint32_t count = hkp_show_hashes(body, tree);

        return wmem_strdup_printf(message->pinfo->pool, "%u hash%s", count, plurality(count, "", "es"));
    }
    *keys = hkp_read_keys(message, body, NULL);
    return keys->summary && keys->summary->primary_keys > 0 ? keys_text(message->pinfo, keys) : asked->subject;
}

/* Known on passes after the first: what came of a request whose answer was not told. */
static hkp_outcome_t
outcome_without_answer(packet_info *pinfo, const http_exchange_t *exchange)
{
    if (!PINFO_FD_VISITED(pinfo))
        return HKP_OUTCOME_NONE;
    if (exchange->begun_frame != 0)
        return HKP_OUTCOME_UNREADABLE;
    return exchange->response_frame == 0 && !exchange->unread && !hkp_talk_goes_on(pinfo) ? HKP_OUTCOME_NO_RESPONSE
        : HKP_OUTCOME_NONE;
}

static void
warn_of_broken_answer(packet_info *pinfo, const http_exchange_t *exchange, proto_item *item)
{
    const char *how = hkp_talk_end(pinfo, exchange->begun_frame);

    expert_add_info_format(pinfo, item, &ei_hkp_unreadable,
        "The answer (status %u) begins in frame %u and does not come to its end%s%s", exchange->status, exchange->begun_frame,
        how ? ": " : " in this capture", how ? how : "");
}

/* Returns what came of the request, if there is no answer that says so. */
static const char *
add_link_to_response(tvbuff_t *tvb, packet_info *pinfo, const http_exchange_t *exchange, proto_tree *tree, proto_item *item)
{
    hkp_outcome_t outcome = outcome_without_answer(pinfo, exchange);

    add_generated_frame(tree, hf_hkp_response_in, tvb, exchange->response_frame ? exchange->response_frame : exchange->begun_frame);
    if (outcome == HKP_OUTCOME_NO_RESPONSE)
        expert_add_info(pinfo, item, &ei_hkp_no_response);
    else if (outcome == HKP_OUTCOME_UNREADABLE)
        warn_of_broken_answer(pinfo, exchange, item);
    if (outcome != HKP_OUTCOME_NONE)
        add_outcome(tvb, tree, hkp_outcome_name(outcome));
    return hkp_outcome_name(outcome);
}

/* The first pass looks for proof, in the request and then in its answer. */
static bool
is_doubtful(http_message_t *message, hkp_asked_t *asked)
{
    if (asked->doubtful && !PINFO_FD_VISITED(message->pinfo) && !message->interim)
        asked->doubtful = !hkp_mailvelope_is_proved(message);
    message->unproved += asked->doubtful;
    return asked->doubtful;
}

static void
dissect_request(http_message_t *message, void **data)
{
    hkp_request_t request;
    proto_tree *tree;
    proto_item *item;
    hkp_keys_t keys = { .summary = NULL };
    const char *what, *info, *outcome;
    hkp_asked_t *asked;

    if (!message->target || !hkp_read_request(message, &request))
        return;
    if (!PINFO_FD_VISITED(message->pinfo) && !*data)
        *data = hkp_remember(message, &request);
    asked = (hkp_asked_t *)*data;
    if (!asked || is_doubtful(message, asked))
        return;
    if (!PINFO_FD_VISITED(message->pinfo)) {
        hkp_talk_asked(message->pinfo);
        asked->whole = true;
    }
    request.kind = asked->kind;
    item = add_hkp_item(message, &tree);
    hkp_show_request(message, tree, &request);
    what = dissect_request_body(message, asked, tree, &keys);
    warn_of_secret_key(message->pinfo, item, &keys);
    outcome = add_link_to_response(message->tvb, message->pinfo, message->exchange, tree, item);
    info = wmem_strdup_printf(message->pinfo->pool, "%s%s%s", hkp_operation_name(asked), *what ? " " : "", what);
    proto_item_append_text(item, ": %s", info);
    set_columns(message->pinfo, info);
    hkp_tap_message(message->pinfo, &(hkp_tap_info_t){
        .is_request = !asked->early, .op = hkp_operation_name(asked), .kind = asked->kind, .host = asked->host,
        .keys = keys.summary, .outcome = outcome
    });
}

/* --- Answers --- */

static void
warn_of_mismatch(http_message_t *message, const hkp_asked_t *asked, proto_item *item, const hkp_answer_t *answer)
{
    const char *what = asked->hex ? wmem_strdup_printf(message->pinfo->pool, "0x%s", asked->hex) : asked->address;

    if (asked->of_wkd)
        expert_add_info_format(message->pinfo, item, &ei_hkp_wkd_userid_missing, "No user ID of the keys returned is of %s", what);
    else if (answer->listed)
        expert_add_info_format(message->pinfo, item, &ei_hkp_key_mismatch, "None of the keys listed is the one asked for (%s)%s",
                what, asked->hex ? ", unless it is a subkey that is not listed" : "");
    else
        expert_add_info_format(message->pinfo, item, &ei_hkp_key_mismatch, "None of the keys returned is the one asked for (%s)",
                what);
}

static void
warn_of_nothing(http_message_t *message, const hkp_asked_t *asked, proto_item *item)
{
    const char *why = "it proves neither that there is such a key nor that there is none";

    if (asked->expected == EXPECT_UPLOAD || asked->expected == EXPECT_NOTHING)
        why = "it does not say what came of the request";
    if (!message->complete)
        why = "not all of it was captured";
    else if (message->status >= 300 && message->status < 400)
        why = "it leads elsewhere";
    else if (message->body_length > 0 && !asked->is_head && !http_message_body(message))
        why = "its coding cannot be undone";
    expert_add_info_format(message->pinfo, item, &ei_hkp_unreadable, "The answer says nothing about keys: %s", why);
}

static void
check_answer(http_message_t *message, const hkp_asked_t *asked, proto_item *item, const hkp_answer_t *answer)
{
    if (answer->found == FOUND_NO && asked->expected != EXPECT_FILE)
        expert_add_info(message->pinfo, item, &ei_hkp_not_found);
    if (answer->mismatch)
        warn_of_mismatch(message, asked, item, answer);
    if (answer->outcome == HKP_OUTCOME_UNREADABLE)
        warn_of_nothing(message, asked, item);
    if (asked->of_wkd && answer->found == FOUND_YES && answer->keys.summary && answer->keys.armored)
        expert_add_info(message->pinfo, item, &ei_hkp_wkd_armored);
    warn_of_secret_key(message->pinfo, item, &answer->keys);
}

static const char *
answer_text(http_message_t *message, const hkp_asked_t *asked, const hkp_answer_t *answer)
{
    wmem_allocator_t *pool = message->pinfo->pool;

    if (answer->found == FOUND_NO)
        return wmem_strdup_printf(pool, "%s: not found (%u)", hkp_operation_name(asked), message->status);
    if (answer->keys.summary && answer->keys.summary->primary_keys > 0)
        return keys_text(message->pinfo, &answer->keys);
    if (answer->text && answer->text[0])
        return answer->text;
    if (message->status >= 200 && message->status < 300)
        return wmem_strdup_printf(pool, "%s: %s (%u)", hkp_operation_name(asked),
                answer->found == FOUND_YES ? "found" : answer->outcome == HKP_OUTCOME_UNREADABLE ? "unreadable" : "answered",
                message->status);
    if (answer->outcome == HKP_OUTCOME_NOT_MODIFIED)
        return wmem_strdup_printf(pool, "%s: not modified (%u)", hkp_operation_name(asked), message->status);
    return wmem_strdup_printf(pool, "%s: status %u", hkp_operation_name(asked), message->status);
}

static void
add_response_fields(http_message_t *message, const hkp_asked_t *asked, proto_tree *tree, const hkp_answer_t *answer)
{
    const http_exchange_t *exchange = message->exchange;
    nstime_t elapsed;

    proto_tree_add_uint(tree, hf_hkp_status, message->tvb, message->offset + 9, 3, message->status);
    if (answer->found != FOUND_UNKNOWN && asked->expected != EXPECT_FILE)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_hkp_found, message->tvb, 0, 0, answer->found == FOUND_YES));
    if (message->interim)
        return;
    hkp_show_asked(message->tvb, tree, asked);
    add_outcome(message->tvb, tree, hkp_outcome_name(answer->outcome));
    add_generated_frame(tree, hf_hkp_response_to, message->tvb, exchange->request_frame);
    nstime_delta(&elapsed, &message->pinfo->abs_ts, &exchange->request_time);
    proto_item_set_generated(proto_tree_add_time(tree, hf_hkp_time, message->tvb, 0, 0, &elapsed));
}

/* On the first pass also for what later ones are to know. */
static tvbuff_t *
wanted_body(http_message_t *message, const hkp_asked_t *asked)
{
    bool tells = !PINFO_FD_VISITED(message->pinfo)
        && (asked->kind == KIND_V5_OR_V6 || !(asked->of_wkd || hkp_is_known_server(message->pinfo, asked)));

    return tells || work_is_wanted(message) ? http_message_body(message) : NULL;
}

static void
note_answer(http_message_t *message, hkp_asked_t *asked, const hkp_answer_t *answer)
{
    if (PINFO_FD_VISITED(message->pinfo))
        return;
    hkp_talk_told(message);
    asked->early = asked->early || (!asked->whole && !message->interim);
    if (answer->proves_server)
        hkp_note_server(message->pinfo, asked);
    if (asked->of_wkd && message->status / 100 == 3)
        hkp_note_redirect(message, asked);
    if (answer->kind != KIND_NONE)
        hkp_note_kind(asked, answer->kind);
}

static void
dissect_response(http_message_t *message, hkp_asked_t *asked)
{
    proto_tree *tree;
    proto_item *item = add_hkp_item(message, &tree);
    hkp_answer_t answer = hkp_read_answer(message, asked, wanted_body(message, asked), tree);
    const char *info;

    note_answer(message, asked, &answer);
    add_response_fields(message, asked, tree, &answer);
    if (work_is_wanted(message))
        check_answer(message, asked, item, &answer);
    info = answer_text(message, asked, &answer);
    proto_item_append_text(item, ": %s", info);
    set_columns(message->pinfo, info);
    hkp_tap_message(message->pinfo, &(hkp_tap_info_t){
        .is_request = asked->early && !message->interim, .op = hkp_operation_name(asked), .kind = asked->kind,
        .outcome = hkp_outcome_name(answer.outcome), .host = asked->host, .keys = answer.keys.summary
    });
}

#ifndef GAPFILL_IN_TREE

/* --- Connections that fail --- */

static void
show_failure(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent, const hkp_failure_t *failure)
{
    const char *text = wmem_strdup_printf(pinfo->pool, "%s %s", failure->server,
        failure->unreachable ? "cannot be reached" : failure->refused ? "refuses the connection" : "does not answer");
    proto_item *item = proto_tree_add_item(parent, proto_hkp, tvb, 0, 0, ENC_NA);
    proto_tree *tree = proto_item_add_subtree(item, ett_hkp);

    proto_item_append_text(item, ": %s", text);
    proto_item_set_generated(item);
    if (failure->syn_frame != pinfo->num)
        add_generated_frame(tree, hf_hkp_response_to, tvb, failure->syn_frame);
    add_outcome(tvb, tree, hkp_outcome_name(HKP_OUTCOME_NO_RESPONSE));
    expert_add_info_format(pinfo, item, &ei_hkp_no_response, "The key server %s", text);
    set_columns(pinfo, text);
    hkp_tap_message(pinfo, &(hkp_tap_info_t){ .op = "", .outcome = hkp_outcome_name(HKP_OUTCOME_NO_RESPONSE) });
}

/* --- Requests of which there is the beginning --- */

/* Its operation is counted with its answer. */
static void
show_begun(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent, const http_exchange_t *exchange, const hkp_asked_t *asked)
{
    proto_item *item = proto_tree_add_item(parent, proto_hkp, tvb, 0, 0, ENC_NA);
    proto_tree *tree = proto_item_add_subtree(item, ett_hkp);
    const char *text = wmem_strdup_printf(pinfo->pool, "%s%s%s, not sent to its end", hkp_operation_name(asked),
        *asked->subject ? " " : "", asked->subject);
    const char *outcome;

    proto_item_append_text(item, ": %s", text);
    proto_item_set_generated(item);
    hkp_show_asked(tvb, tree, asked);
    outcome = add_link_to_response(tvb, pinfo, exchange, tree, item);
    set_columns(pinfo, text);
    hkp_tap_message(pinfo, &(hkp_tap_info_t){
        .is_request = !asked->early, .op = hkp_operation_name(asked), .kind = asked->kind, .host = asked->host, .outcome = outcome
    });
}

/* --- Lookups in DNS --- */

static void
show_srv(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent, const hkp_srv_t *srv)
{
    static const hkp_asked_t srv_lookup = { .op = "srv", .kind = KIND_TEXT };
    hkp_asked_t asked = srv_lookup;
    const char *text = srv->is_answer ? wmem_strdup_printf(pinfo->pool, "srv: %s", srv->text) :
        wmem_strdup_printf(pinfo->pool, "srv %s", srv->name);
    proto_item *item = proto_tree_add_item(parent, proto_hkp, tvb, 0, 0, ENC_NA);
    proto_tree *tree = proto_item_add_subtree(item, ett_hkp);

    asked.search = srv->name;
    proto_item_append_text(item, ": %s", text);
    proto_item_set_generated(item);
    hkp_show_asked(tvb, tree, &asked);
    if (srv->found != FOUND_UNKNOWN)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_hkp_found, tvb, 0, 0, srv->found == FOUND_YES));
    if (srv->is_answer)
        add_outcome(tvb, tree, hkp_outcome_name(srv->outcome));
    set_columns(pinfo, text);
    hkp_tap_message(pinfo, &(hkp_tap_info_t){
        .is_request = !srv->is_answer, .op = "srv", .kind = KIND_TEXT, .outcome = hkp_outcome_name(srv->outcome)
    });
}

#endif /* GAPFILL_IN_TREE */

static void
forget(void **data)
{
    hkp_forget((hkp_asked_t *)*data);
    *data = NULL;
}

/* What the final answer does not prove either is somebody else's, and nothing of it is kept. */
static void
dissect_answer(http_message_t *message, void **data)
{
    hkp_asked_t *asked = (hkp_asked_t *)*data;

    if (!is_doubtful(message, asked))
        dissect_response(message, asked);
    else if (!PINFO_FD_VISITED(message->pinfo) && !message->interim)
        forget(data);
}

static void
hkp_message(http_message_t *message, void **data)
{
    if (message->is_request)
        dissect_request(message, data);
    else if (*data)
        dissect_answer(message, data);
}

#ifndef GAPFILL_IN_TREE

static bool
hkp_wants(const http_glance_t *glance, const void *data)
{
    return data || (glance->is_request && hkp_may_be_request(glance->target, glance->target_length));
}

/* Keys can be large. */
static unsigned
hkp_body_wanted(const http_glance_t *glance, const void *data)
{
    return hkp_wants(glance, data) ? HTTP_BODY_MAX : 0;
}

/* A server may refuse what is sent by its head, or by its beginning. */
static void
hkp_begins(http_message_t *message, void **data)
{
    hkp_request_t request;

    if (*data || !hkp_may_be_request(message->target, strlen(message->target)) || !hkp_read_request(message, &request))
        return;
    *data = hkp_remember(message, &request);
    if (*data)
        hkp_begun_note(message, (const hkp_asked_t *)*data);
}

static const http_observer_t hkp_observer = { &proto_hkp, hkp_message, hkp_wants, hkp_body_wanted, hkp_begins };

#endif /* GAPFILL_IN_TREE */

/* --- Registration --- */

void
proto_register_hkp(void)
{
    static hf_register_info hf[] = {
        { &hf_hkp_status,
          { "Status", "hkp.status",
            FT_UINT16, BASE_DEC, VALS(http_status_vals), 0, "HTTP status of the answer", HFILL }},
        { &hf_hkp_found,
          { "Found", "hkp.found",
            FT_BOOLEAN, BASE_NONE, NULL, 0,
            "Whether there is such a key; absent where it was not asked, or the answer does not prove it", HFILL }},
        { &hf_hkp_response_in,
          { "Response in", "hkp.response_in",
            FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, "Frame with the answer to this request", HFILL }},
        { &hf_hkp_response_to,
          { "Response to", "hkp.response_to",
            FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, "Frame with the request that this answers", HFILL }},
        { &hf_hkp_time,
          { "Response time", "hkp.time",
            FT_RELATIVE_TIME, BASE_NONE, NULL, 0, "Time between the request and the answer", HFILL }},
        { &hf_hkp_outcome,
          { "Outcome", "hkp.outcome",
            FT_STRING, BASE_NONE, NULL, 0, "What came of the exchange, on one of its packets", HFILL }},
    };
    static int *ett[] = {
        &ett_hkp,
    };
    static ei_register_info ei[] = {
        { &ei_hkp_key_mismatch,
          { "hkp.key_mismatch", PI_SECURITY, PI_ERROR,
            "None of the keys returned is the one asked for", EXPFILL }},
        { &ei_hkp_not_found,
          { "hkp.not_found", PI_RESPONSE_CODE, PI_NOTE,
            "The server has no such key", EXPFILL }},
        { &ei_hkp_unreadable,
          { "hkp.unreadable", PI_UNDECODED, PI_NOTE,
            "The answer says nothing about keys", EXPFILL }},
        { &ei_hkp_no_response,
          { "hkp.no_response", PI_SEQUENCE, PI_WARN,
            "No answer in this capture", EXPFILL }},
        { &ei_hkp_secret_key,
          { "hkp.secret_key", PI_SECURITY, PI_ERROR,
            "A secret key goes over the wire", EXPFILL }},
        { &ei_hkp_wkd_armored,
          { "hkp.wkd_armored", PI_PROTOCOL, PI_WARN,
            "A Web Key Directory has keys in binary form, not in ASCII armor", EXPFILL }},
        { &ei_hkp_wkd_userid_missing,
          { "hkp.wkd_userid_missing", PI_PROTOCOL, PI_WARN,
            "No user ID of the keys returned is of the address asked for", EXPFILL }},
    };
    expert_module_t *expert_hkp;

    proto_hkp = proto_register_protocol("OpenPGP HTTP Keyserver Protocol", "HKP", "hkp");
    proto_register_field_array(proto_hkp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_hkp = expert_register_protocol(proto_hkp);
    expert_register_field_array(expert_hkp, ei, array_length(ei));
    hkp_register_asked();
    hkp_register_request(proto_hkp, expert_hkp);
    hkp_register_index(proto_hkp, expert_hkp);
    hkp_register_keys(proto_hkp);
    hkp_register_listing(proto_hkp);
    hkp_register_upload(proto_hkp);
    hkp_register_export(proto_hkp);
    prefs_register_bool_preference(prefs_register_protocol(proto_hkp, NULL), "columns",
            "Show HKP in the Protocol and Info columns",
            "Otherwise they are left as HTTP has set them",
            &show_in_columns);
}

void
proto_reg_handoff_hkp(void)
{
#ifdef GAPFILL_IN_TREE
    hkp_talk_init();
    hkp_http_watch(proto_hkp, hkp_message);
#else
    http_exchange_add_observer(&hkp_observer);
    hkp_connect_watch(&proto_hkp, show_failure, show_begun);
    hkp_srv_watch(&proto_hkp, show_srv);
#endif
}
