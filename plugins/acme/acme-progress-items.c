/* acme-progress-items.c
 * Showing what becomes of the API's objects, and of requests whose nonce is refused; see acme-progress-items.h
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
#include <epan/to_str.h>
#include <wsutil/str_util.h>

#include "acme-challenge.h"
#include "acme-items.h"
#include "acme-progress-items.h"
#include "show.h"

static int hf_acme_object_url = -1;
static int hf_acme_object_before = -1;
static int hf_acme_object_before_in = -1;
static int hf_acme_object_since = -1;
static int hf_acme_order_failed_in = -1;
static int hf_acme_challenge_status = -1;
static int hf_acme_ari_certificate = -1;
static int hf_acme_issued_in = -1;
static int hf_acme_renewal_in = -1;
static int hf_acme_replaced_in = -1;
static int hf_acme_nonce_from = -1;
static int hf_acme_nonce_used_in = -1;
static int hf_acme_retry_in = -1;
static int hf_acme_retry_of = -1;

static expert_field ei_acme_object_stuck = EI_INIT;
static expert_field ei_acme_object_impossible = EI_INIT;
static expert_field ei_acme_bad_nonce = EI_INIT;

static void
add_frame(tvbuff_t *tvb, proto_tree *tree, int hf, uint32_t frame)
{
    if (frame)
        show_uint(tree, hf, tvb, frame);
}

static void
add_text(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, int hf, const char *text)
{
    if (text)
        show_string(tree, hf, tvb, acme_shown(pinfo->pool, text));
}

/* --- Objects --- */

static bool
has_changed(const acme_told_t *told)
{
    return told->before && told->before != told->status;
}

static void
add_told(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_told_t *told)
{
    add_text(tvb, pinfo, tree, hf_acme_object_url, told->url);
    add_text(tvb, pinfo, tree, hf_acme_object_before, told->before);
    add_frame(tvb, tree, hf_acme_object_before_in, told->before_frame);
    add_frame(tvb, tree, hf_acme_object_since, told->since_frame != told->frame ? told->since_frame : 0);
    if (!strcmp(told->status, "pending") || !strcmp(told->status, "invalid"))
        add_frame(tvb, tree, hf_acme_order_failed_in, told->failed_frame);
}

/* "http-01 invalid" */
static void
add_challenges(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_told_t *told)
{
    for (; told; told = told->next)
        add_text(tvb, pinfo, tree, hf_acme_challenge_status, wmem_strdup_printf(pinfo->pool, "%s %s",
                    val_to_str_const(told->type, acme_challenge_vals, "other"), told->status));
}

static void
add_stuck(packet_info *pinfo, proto_item *item, const acme_told_t *told, const char *kind)
{
    nstime_t waited;

    nstime_delta(&waited, &pinfo->abs_ts, &told->since_time);
    expert_add_info_format(pinfo, item, &ei_acme_object_stuck,
            "The %s stays %s: %u answers in %s s say so, and none after this; %s", kind, acme_shown(pinfo->pool, told->status),
            told->count, rel_time_to_secs_str(pinfo->pool, &waited), !strcmp(told->status, "processing")
            ? "the authority is at work, or has lost it: ask for it again later"
            : "the authority waits for challenges to be met, or its validators are held up: look for their questions");
}

/* Of the object itself, and of an authorization's challenges. */
static void
add_impossible(packet_info *pinfo, proto_item *item, const acme_told_t *told, const char *kind)
{
    for (; told; told = told->next, kind = "challenge") {
        if (told->impossible)
            expert_add_info_format(pinfo, item, &ei_acme_object_impossible,
                    "The %s was %s in frame %u and is %s now, which RFC 8555 does not allow; the authority's servers may not agree "
                    "with each other: ask again, and tell the authority", kind, acme_shown(pinfo->pool, told->before),
                    told->before_frame, acme_shown(pinfo->pool, told->status));
    }
}

void
acme_progress_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item, const acme_told_t *told,
        const char *kind)
{
    if (!told || !tree)
        return;
    add_told(tvb, pinfo, tree, told);
    add_challenges(tvb, pinfo, tree, told->next);
    add_impossible(pinfo, item, told, kind);
    if (PINFO_FD_VISITED(pinfo) && acme_progress_is_stuck(told))
        add_stuck(pinfo, item, told, kind);
}

const char *
acme_progress_text(packet_info *pinfo, const acme_told_t *told, const char *status)
{
    return told && has_changed(told) ? wmem_strconcat(pinfo->pool, status, ", before: ", told->before, NULL) : status;
}

/* --- Certificates --- */

static void
add_other_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, int hf, uint32_t frame)
{
    if (frame != pinfo->num)
        add_frame(tvb, tree, hf, frame);
}

void
acme_issued_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_issued_t *certificate)
{
    if (!certificate || !tree)
        return;
    add_text(tvb, pinfo, tree, hf_acme_ari_certificate, certificate->id);
    add_other_frame(tvb, pinfo, tree, hf_acme_issued_in, certificate->issued_frame);
    add_other_frame(tvb, pinfo, tree, hf_acme_renewal_in, certificate->asked_frame);
    add_other_frame(tvb, pinfo, tree, hf_acme_replaced_in, certificate->replaced_frame);
}

/* --- Nonces --- */

void
acme_attempt_show(tvbuff_t *tvb, packet_info *pinfo _U_, proto_tree *tree, const acme_attempt_t *attempt)
{
    if (!attempt)
        return;
    add_frame(tvb, tree, hf_acme_nonce_from, attempt->issued_frame);
    add_frame(tvb, tree, hf_acme_nonce_used_in, attempt->used_frame);
    add_frame(tvb, tree, hf_acme_retry_of, attempt->retry_of);
}

/* What the capture shows of the nonce that was refused. */
static const char *
story(packet_info *pinfo, const acme_attempt_t *attempt)
{
    if (attempt->used_frame)
        return wmem_strdup_printf(pinfo->pool, "it was used in frame %u already", attempt->used_frame);
    if (attempt->issued_frame)
        return wmem_strdup_printf(pinfo->pool, "it was given out in frame %u, and is too old or belongs to another server",
                attempt->issued_frame);
    return "no answer that is known to be this API's gave it out";
}

bool
acme_refusal_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_attempt_t *attempt, const char *text)
{
    if (!attempt)
        return false;
    add_frame(tvb, tree, hf_acme_retry_in, attempt->retry_in);
    if (!attempt->retry_in && PINFO_FD_VISITED(pinfo))
        return false;
    expert_add_info_format(pinfo, tree, &ei_acme_bad_nonce, "The nonce is refused, %s; %s (%s)",
            attempt->retry_in ? wmem_strdup_printf(pinfo->pool, "and the client tries again in frame %u", attempt->retry_in)
            : "and the client has to try again with another one", story(pinfo, attempt), text);
    return true;
}

/* --- Registration --- */

void
acme_register_progress_items(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_object_url,
          { "Object", "acme.object.url", FT_STRING, BASE_NONE, NULL, 0,
            "URL of the account, order, authorization or challenge in the answer", HFILL } },
        { &hf_acme_object_before,
          { "Status before", "acme.object.before", FT_STRING, BASE_NONE, NULL, 0,
            "Status of the same object in the answer before this one", HFILL } },
        { &hf_acme_object_before_in,
          { "Answer before", "acme.object.before_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer about the same object before this one", HFILL } },
        { &hf_acme_object_since,
          { "Status since", "acme.object.since", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer that told this status first, where that is another one", HFILL } },
        { &hf_acme_order_failed_in,
          { "Authorization failed in", "acme.order.failed_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer that told that an authorization of this order came to nothing", HFILL } },
        { &hf_acme_challenge_status,
          { "Challenge status", "acme.challenge.status", FT_STRING, BASE_NONE, NULL, 0,
            "Type and status of a challenge of the authorization", HFILL } },
        { &hf_acme_ari_certificate,
          { "Certificate", "acme.ari.certificate", FT_STRING, BASE_NONE, NULL, 0,
            "Certificate that is handed out, renewed, replaced or revoked: its authority's key identifier and serial number",
            HFILL } },
        { &hf_acme_issued_in,
          { "Issued in", "acme.ari.issued_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer that handed this certificate out first", HFILL } },
        { &hf_acme_renewal_in,
          { "Renewal asked in", "acme.ari.asked_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "First request for the renewal information of this certificate", HFILL } },
        { &hf_acme_replaced_in,
          { "Replaced in", "acme.ari.replaced_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer with the order that takes the place of this certificate", HFILL } },
        { &hf_acme_nonce_from,
          { "Nonce from", "acme.nonce_from", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer that gave out the nonce of this request", HFILL } },
        { &hf_acme_nonce_used_in,
          { "Nonce used in", "acme.nonce_used_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Earlier request with the same nonce", HFILL } },
        { &hf_acme_retry_in,
          { "Tried again in", "acme.retry_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Request that is the refused one with another nonce", HFILL } },
        { &hf_acme_retry_of,
          { "Refused before in", "acme.retry_of", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Answer that refused this same request for its nonce", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_acme_object_stuck,
          { "acme.object.stuck", PI_SEQUENCE, PI_WARN, "The object stays as it is until the capture ends", EXPFILL } },
        { &ei_acme_object_impossible,
          { "acme.object.impossible", PI_PROTOCOL, PI_WARN, "The object's status cannot follow the one of before", EXPFILL } },
        { &ei_acme_bad_nonce,
          { "acme.bad_nonce", PI_RESPONSE_CODE, PI_NOTE, "The nonce is refused, which is no failure yet", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
}
