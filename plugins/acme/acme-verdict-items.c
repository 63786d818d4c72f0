/* acme-verdict-items.c
 * Questions and answers of validators with their verdicts; see acme-verdict-items.h
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

#include <epan/packet.h>
#include <epan/expert.h>
#include <wsutil/str_util.h>

#include "acme-expected.h"
#include "acme-items.h"
#include "acme-verdict.h"
#include "acme-verdict-items.h"
#include "show.h"
#include "tap-acme.h"

static int hf_acme_validators = -1;
static int hf_acme_valid = -1;
static int hf_acme_verified = -1;
static int hf_acme_cause = -1;
static int hf_acme_outcome = -1;
static int hf_acme_doubtful = -1;

static expert_field ei_acme_contradiction = EI_INIT;

/* NULL: not decided yet, or never. Where the API is decrypted, the authority decides, which the first pass does not know yet. */
static const char *
outcome_of(const packet_info *pinfo, const acme_validation_t *validation)
{
    const acme_challenge_t *challenge = validation->challenge;

    if (!PINFO_FD_VISITED(pinfo) && acme_is_awaited(challenge->type, challenge->domain))
        return NULL;
    return acme_verdict_outcome(validation, PINFO_FD_VISITED(pinfo));
}

static void
add_doubt(tvbuff_t *tvb, proto_tree *tree, const acme_validation_t *validation)
{
    if (validation->guess)
        show_boolean(tree, hf_acme_doubtful, tvb, true);
}

/* What it came to, on the one packet that ends it. Returns the cause. */
static acme_cause_t
add_verdict(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_validation_t *validation)
{
    acme_cause_t cause = acme_verdict_cause(validation, PINFO_FD_VISITED(pinfo));
    const char *outcome;

    if (!tree)
        return cause;
    outcome = validation->again ? NULL : outcome_of(pinfo, validation);
    if (acme_verdict_is_known(validation, PINFO_FD_VISITED(pinfo)))
        show_boolean(tree, hf_acme_valid, tvb, cause == ACME_CAUSE_NONE);
    if (cause != ACME_CAUSE_NONE)
        show_uint(tree, hf_acme_cause, tvb, cause);
    if (outcome)
        show_string(tree, hf_acme_outcome, tvb, outcome);
    return cause;
}

void
acme_add_request(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation)
{
    add_doubt(tvb, tree, validation);
    if (validation->validators)
        show_uint(tree, hf_acme_validators, tvb, validation->validators);
    if (validation->response_frame || !validation->doubtful)
        acme_add_response_in(tvb, pinfo, tree, item, validation->response_frame, (acme_reply_t)validation->reply);
    if (pinfo->num != validation->request_frame || validation->doubtful)
        return;
    tap_acme_queue_validation(pinfo, validation, NULL);
    if (validation->response_frame || !PINFO_FD_VISITED(pinfo))
        return;
    add_verdict(tvb, pinfo, tree, validation);
    tap_acme_queue_validation(pinfo, validation, validation->reply == ACME_REPLY_LOST ? ACME_ANSWER_LOST
            : acme_cause_name(ACME_CAUSE_NO_ANSWER));
}

const char *
acme_add_response(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation, const char *text)
{
    acme_cause_t cause = add_verdict(tvb, pinfo, tree, validation);

    add_doubt(tvb, tree, validation);
    if (validation->check != ACME_CHECK_UNKNOWN)
        show_boolean(tree, hf_acme_verified, tvb, validation->check == ACME_CHECK_FITS);
    acme_add_response_to(tvb, pinfo, tree, validation->request_frame, &validation->request_time);
    if (cause == ACME_CAUSE_CONTRADICTION) {
        text = acme_cause_name(cause);
        acme_add_expert(pinfo, item, &ei_acme_contradiction, cause, "Two answers contradict each other");
    }
    if (validation->guess)
        text = wmem_strconcat(pinfo->pool, text, "?", NULL);
    if (item)
        proto_item_append_text(item, ": %s", text);
    if (!validation->doubtful && !validation->again)
        tap_acme_queue_validation(pinfo, validation, text);
    return text;
}

void
acme_add_word(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_said_t *said)
{
    tap_acme_queue_word(pinfo, said->type, said->domain, said->word);
    if (!said->alone)
        return;
    show_string(tree, hf_acme_outcome, tvb, said->word->valid ? "authority says valid" : "authority says invalid");
}

/* --- Registration --- */

void
acme_register_verdict_items(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_validators,
          { "Validators", "acme.validators", FT_UINT32, BASE_DEC, NULL, 0,
            "Different addresses that have asked for this token, or this domain's record or certificate, so far", HFILL } },
        { &hf_acme_valid,
          { "Valid", "acme.valid", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "The answer satisfies the challenge as far as the capture shows", HFILL } },
        { &hf_acme_verified,
          { "Verified", "acme.verified", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "The answer fits the account's key, as the decrypted API traffic shows it", HFILL } },
        { &hf_acme_cause,
          { "Cause", "acme.cause", FT_UINT8, BASE_DEC, VALS(acme_cause_vals), 0,
            "Why the answer does not satisfy the challenge", HFILL } },
        { &hf_acme_outcome,
          { "Outcome", "acme.outcome", FT_STRING, BASE_NONE, NULL, 0,
            "What the validator's question came to, once for each: valid (proved by the account's key), well-formed, invalid, "
            "no response, or what the authority says", HFILL } },
        { &hf_acme_doubtful,
          { "Doubtful", "acme.doubtful", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "A guess: the question may have been asked for another validation, below that name or led there by a CNAME, or the "
            "connection may be somebody else's; what Info marks with a question mark", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_acme_contradiction,
          { "acme.contradiction", PI_PROTOCOL, PI_ERROR, "Two answers contradict each other", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
}
