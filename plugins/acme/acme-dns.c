/* acme-dns.c
 * Challenges by DNS: questions and answers for _acme-challenge and _validation-persist names, their updates, and CAA
 *
 * Wireshark's DNS dissector hands nothing of a message on, so names and answers are read again by dns-message.c, but only of
 * messages whose question is of interest: datagrams, streams (TCP, TLS) and DNS over HTTPS, wherever that dissector is called.
 * Which these are is in acme-dns-question.c, what answers come to in acme-dns-answer.c and acme-dns-issuer.c.
 *
 * Everything in a message is checked before it is read: nothing here throws an exception.
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
#include <wsutil/str_util.h>

#include "acme-base64url.h"
#include "acme-dns.h"
#include "acme-dns-answer.h"
#include "acme-dns-issuer.h"
#include "acme-dns-published.h"
#include "acme-dns-question.h"
#include "acme-dns-update.h"
#include "acme-expected.h"
#include "acme-hosts.h"
#include "acme-items.h"
#include "acme-verdict-items.h"
#include "dns-watch.h"
#include "flow.h"
#include "standin.h"

static int proto_dns = -1;

static int hf_acme_dns_digest = -1;
static int hf_acme_dns_account_label = -1;
static int hf_acme_dns_alias = -1;

static expert_field ei_acme_dns_digest_malformed = EI_INIT;
static expert_field ei_acme_dns_error = EI_INIT;
static expert_field ei_acme_dns_caa_forbids = EI_INIT;

/* --- Showing it --- */

static bool
is_digest(const char *value)
{
    return strlen(value) == ACME_DIGEST_LENGTH && acme_is_base64url(value, ACME_DIGEST_LENGTH);
}

/* What the account's key says of all the values together: one that fits is enough. */
static void
check_value(const acme_dns_t *message, const char *value, acme_validation_t *validation)
{
    acme_check_t check;

    if (PINFO_FD_VISITED(message->pinfo) || validation->check == ACME_CHECK_FITS)
        return;
    check = acme_check_digest(message->challenge, message->domain, value);
    if (check != ACME_CHECK_UNKNOWN)
        validation->check = (uint8_t)check;
}

static bool
is_quoted(const char *value, size_t length)
{
    return length > 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0];
}

static bool
is_hexadecimal(const char *value, size_t length)
{
    return length == 64 && strspn(value, "0123456789abcdefABCDEF") == length;
}

static bool
is_key_authorization(const char *value)
{
    size_t token = strcspn(value, ".");

    return token > 0 && value[token] == '.' && acme_is_base64url(value, token) && is_digest(value + token + 1);
}

/* What a value is in the place of a digest. */
static const char *
digest_fault(wmem_allocator_t *pool, const char *value)
{
    size_t length = strlen(value);

    if (length == 0)
        return "empty value";
    if (is_quoted(value, length) && is_digest(wmem_strndup(pool, value + 1, length - 2)))
        return "the digest in quotes";
    if (is_digest(g_strstrip(wmem_strdup(pool, value))))
        return "the digest with white space";
    if (length == ACME_DIGEST_LENGTH + 1 && value[ACME_DIGEST_LENGTH] == '=')
        return "a digest with padding (=), which base64url has not";
    if (length == ACME_DIGEST_LENGTH && acme_is_base64url(g_strdelimit(wmem_strdup(pool, value), "+/", '-'), length))
        return "a digest in base64 with + or /, which are - and _ in base64url";
    if (is_hexadecimal(value, length))
        return "a digest in hexadecimal, not in base64url";
    return is_key_authorization(value) ? "the key authorization in the place of its digest" : "no digest";
}

/* An acme_dns_value_t: a digest. */
static const char *
digest_value(const acme_dns_t *message, proto_tree *tree, const dns_record_t *record, const char *value,
        acme_question_t *question)
{
    proto_item *item = proto_tree_add_string(tree, hf_acme_dns_digest, message->dns.tvb, record->offset, record->length, value);

    if (is_digest(value)) {
        check_value(message, value, &question->validation);
        return NULL;
    }
    expert_add_info(message->pinfo, item, &ei_acme_dns_digest_malformed);
    return digest_fault(message->pinfo->pool, value);
}

/* By hand, as this is done for every answer. */
static const char *
digest_text(wmem_allocator_t *pool, const char *digest)
{
    static const char lead[] = "digest ";
    char *text = (char *)wmem_alloc(pool, sizeof lead + ACME_DIGEST_LENGTH);

    memcpy(text, lead, sizeof lead - 1);
    memcpy(text + sizeof lead - 1, digest, ACME_DIGEST_LENGTH + 1);
    return text;
}

static void
read_digests(const acme_dns_t *message, proto_tree *tree, acme_question_t *question, acme_dns_result_t *result)
{
    wmem_allocator_t *pool = message->pinfo->pool;

    acme_dns_read_answer(message, tree, question, digest_value, result);
    if (!result->judged || result->cause != ACME_CAUSE_NONE)
        return;
    result->text = result->good == 1 ? digest_text(pool, result->value)
        : wmem_strdup_printf(pool, "%u digests", result->good);
    if (question->validation.check != ACME_CHECK_DIFFERS)
        return;
    result->cause = ACME_CAUSE_TXT;
    result->text = wmem_strconcat(pool, result->text, " of another token or key", NULL);
}

static void
read_persistent(const acme_dns_t *message, proto_tree *tree, acme_question_t *question, acme_dns_result_t *result)
{
    acme_dns_read_answer(message, tree, question, acme_dns_persist_value, result);
    if (result->judged && result->cause == ACME_CAUSE_NONE)
        result->text = result->value;
}

static void
read_answer(const acme_dns_t *message, proto_tree *tree, acme_question_t *question, acme_dns_result_t *result)
{
    if (acme_dns_is_about_caa(message))
        acme_dns_read_caa(message, tree, question, result);
    else if (message->challenge == ACME_DNS_PERSIST_01)
        read_persistent(message, tree, question, result);
    else
        read_digests(message, tree, question, result);
}

static void
add_fault(const acme_dns_t *message, proto_item *item, const acme_dns_result_t *result, bool guess)
{
    bool caa = result->cause == ACME_CAUSE_CAA;

    acme_add_expert(message->pinfo, item, caa ? &ei_acme_dns_caa_forbids : &ei_acme_dns_error, result->cause,
            wmem_strconcat(message->pinfo->pool, caa ? "Not allowed to this authority: " : "The challenge is not met: ",
                result->text, guess ? ", if it was asked for this domain and not for another one" : "", NULL));
}

/* A CNAME that is asked for by itself, or CAA at the name of the challenge, decides nothing. */
static bool
is_decisive(const acme_dns_t *message)
{
    return message->dns.type == DNS_TYPE_TXT || acme_dns_is_about_caa(message);
}

/* What is known of authorities and accounts grows; what counts is what was known when the answer came. */
static void
as_judged(const acme_validation_t *validation, acme_dns_result_t *result)
{
    acme_cause_t cause = validation->judged ? (acme_cause_t)validation->cause : ACME_CAUSE_NONE;

    if (result->cause == cause)
        return;
    result->cause = cause;
    if (cause != ACME_CAUSE_NONE)
        result->text = acme_cause_name(cause);
    else if (result->value)
        result->text = result->value;
}

/* That of CAA is known with the names below. */
static void
keep_verdict(const acme_dns_t *message, acme_question_t *question, const acme_dns_result_t *result)
{
    question->validation.judged = result->judged;
    question->validation.cause = (uint8_t)result->cause;
    question->validation.again = acme_dns_seen_keep(message->place, question);
    if (message->is_alias && message->place == message->first && result->judged && result->cause != ACME_CAUSE_DNS_ERROR)
        acme_dns_close_alias(message);
}

static void
show_answer(const acme_dns_t *message, proto_tree *tree, proto_item *item, acme_question_t *question)
{
    acme_validation_t *validation = &question->validation;
    acme_dns_result_t result = { .judged = false };

    read_answer(message, tree, question, &result);
    if (!is_decisive(message)) {
        acme_add_response_to(message->dns.tvb, message->pinfo, tree, validation->request_frame, &validation->request_time);
        acme_columns(message->pinfo, validation->challenge, wmem_strconcat(message->pinfo->pool,
                    dns_type_name(message->pinfo->pool, message->dns.type), " answer", NULL));
        return;
    }
    if (!PINFO_FD_VISITED(message->pinfo) && !acme_dns_is_about_caa(message))
        keep_verdict(message, question, &result);
    as_judged(validation, &result);
    acme_columns(message->pinfo, validation->challenge,
            acme_add_response(message->dns.tvb, message->pinfo, tree, item, validation, result.text));
    if (result.cause != ACME_CAUSE_NONE)
        add_fault(message, item, &result, validation->guess);
    if (result.name && result.judged && !result.partial && result.cause != ACME_CAUSE_DNS_ERROR)
        acme_dns_compare(message, tree, item, result.name, question);
}

static void
show_question(const acme_dns_t *message, proto_tree *tree, proto_item *item, const acme_question_t *question)
{
    uint16_t type = message->dns.type;
    const char *text = type == DNS_TYPE_TXT ? "TXT question" : type == DNS_TYPE_CAA ? "CAA question" : "CNAME question";

    acme_add_request(message->dns.tvb, message->pinfo, tree, item, &question->validation);
    if (question->validation.guess)
        text = wmem_strconcat(message->pinfo->pool, text, "?", NULL);
    acme_columns(message->pinfo, question->validation.challenge, text);
}

/* What is special about the name. */
static void
show_name(const acme_dns_t *message, proto_tree *tree)
{
    tvbuff_t *tvb = message->dns.tvb;
    const char *name = message->dns.name;
    int length = message->dns.end - 4 - DNS_HEADER_LENGTH;
    proto_item *item;

    if (message->account_label)
        proto_tree_add_string(tree, hf_acme_dns_account_label, tvb, DNS_HEADER_LENGTH, 1 + message->account_label,
                wmem_strndup(message->pinfo->pool, name, message->account_label));
    if (message->is_alias) {
        item = proto_tree_add_string(tree, hf_acme_dns_alias, tvb, DNS_HEADER_LENGTH, length,
                wmem_strndup(message->pinfo->pool, name, strlen(name) - 1));
        proto_item_set_generated(item);
    }
}

/* A question of another type at the name of a challenge, as resolvers ask on their way to it: named, and nothing is said of it. */
static void
show_other_type(const acme_dns_t *message, proto_tree *parent)
{
    packet_info *pinfo = message->pinfo;
    proto_item *item;

    if (!acme_add_plain_tree(message->dns.tvb, 0, -1, flow_native_subtree(parent, proto_dns), &item))
        return;
    proto_item_append_text(item, ", %s %s at the name of a challenge for %s", dns_type_name(pinfo->pool, message->dns.type),
            message->is_answer ? "answer" : "question", acme_shown(pinfo->pool, message->domain));
}

static void
handle_update(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent)
{
    const char *saved = standin_speak_as(pinfo, "ACME");

    acme_dns_handle_update(tvb, pinfo, flow_native_subtree(parent, proto_dns));
    pinfo->current_proto = saved;
}

static void
show(const acme_dns_t *message, proto_tree *parent, acme_question_t *question)
{
    proto_item *item;
    proto_tree *tree = acme_add_tree(message->dns.tvb, 0, -1, flow_native_subtree(parent, proto_dns),
            question->validation.challenge, &item);

    if (tree)
        show_name(message, tree);
    if (message->is_answer)
        show_answer(message, tree, item, question);
    else
        show_question(message, tree, item, question);
}

/* All that a question for CAA may be of, before any of it is shown: what is learnt of one bears on the others. */
static void
note_caa(acme_dns_t *message, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        acme_dns_select(message, i);
        acme_dns_note_caa(message);
    }
}

/* What may be about a challenge, and is not shown to be, is noted and not shown. */
static void
show_each(acme_dns_t *message, proto_tree *parent, unsigned count)
{
    const char *saved = standin_speak_as(message->pinfo, "ACME");

    for (unsigned i = 0; i < count; i++) {
        acme_question_t *question = acme_dns_select(message, i);

        if (!question->validation.doubtful)
            show(message, parent, question);
    }
    message->pinfo->current_proto = saved;
}

static void
handle_query(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent)
{
    acme_dns_t message;
    unsigned count = acme_dns_recognise(&message, tvb, pinfo);

    if (count == 0 && message.has_label && message.is_answer && !PINFO_FD_VISITED(pinfo))
        acme_dns_learn_aliases(&message);
    if (count == 0 && message.has_label && !acme_dns_is_type_of_challenges(message.dns.type))
        show_other_type(&message, parent);
    if (count > 0 && !PINFO_FD_VISITED(pinfo) && acme_dns_is_about_caa(&message))
        note_caa(&message, count);
    if (count > 0)
        show_each(&message, parent, count);
}

static void
handle_message(tvbuff_t *tvb, const dns_first_look_t *look, packet_info *pinfo, proto_tree *parent)
{
    if (!PINFO_FD_VISITED(pinfo) && acme_hosts_want(look))
        acme_hosts_learn(tvb, pinfo);
    if (acme_dns_is_update(look))
        handle_update(tvb, pinfo, parent);
    else if (acme_dns_may_be(look))
        handle_query(tvb, pinfo, parent);
}

static bool
is_wanted(const dns_first_look_t *look)
{
    return acme_dns_may_be(look) || acme_dns_is_update(look) || acme_hosts_want(look);
}

/* --- Registration --- */

void
acme_register_dns(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_dns_digest,
          { "Digest", "acme.dns.digest", FT_STRING, BASE_NONE, NULL, 0,
            "Value of the TXT record: SHA-256 of the key authorization in base64url", HFILL } },
        { &hf_acme_dns_account_label,
          { "Account label", "acme.dns.account_label", FT_STRING, BASE_NONE, NULL, 0,
            "Label of a dns-account-01 challenge, made from the account's URL", HFILL } },
        { &hf_acme_dns_alias,
          { "Asked at", "acme.dns.alias", FT_STRING, BASE_NONE, NULL, 0,
            "Name that an earlier CNAME led this client to from the name of the challenge", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_acme_dns_digest_malformed,
          { "acme.dns.digest_malformed", PI_PROTOCOL, PI_NOTE, "Not a SHA-256 digest in base64url", EXPFILL } },
        { &ei_acme_dns_error,
          { "acme.dns.error", PI_RESPONSE_CODE, PI_WARN, "The challenge is not met", EXPFILL } },
        { &ei_acme_dns_caa_forbids,
          { "acme.dns.caa_forbids", PI_SECURITY, PI_ERROR, "CAA does not allow it to this authority", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    acme_register_dns_question();
    acme_register_dns_answer();
    acme_register_dns_issuer();
    acme_register_dns_update(expert);
    acme_register_hosts();
}

void
acme_handoff_dns(void)
{
    static const uint16_t types[] = { DNS_TYPE_CAA, 0 };
    static const dns_watcher_t watcher = { &proto_acme, is_wanted, handle_message, types };

    proto_dns = proto_get_id_by_filter_name("dns");
    dns_watch(&watcher);
}
