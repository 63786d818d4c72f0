/* acme-dns.c
 * DNS-01 challenges: questions and answers for _acme-challenge names
 *
 * RFC 8555 section 8.4 (dns-01), draft-ietf-acme-dns-account-label (dns-account-01).
 *
 * Wireshark's DNS dissector hands nothing of a message on, so names and answers are read
 * again by dns-message.c, but only of messages whose question is of interest: datagrams, streams (TCP, TLS) and DNS over
 * HTTPS, wherever that dissector is called.
 *
 * A CNAME in an answer passes the question on to another name. The client that was told so may ask for that
 * name next, and that is the same validation: such names are kept by client, in file scope.
 *
 * Everything in a message is checked before it is read: nothing here throws an exception.
 *
 * Bounds: 65536 CNAME targets a capture, keys and domains from the share of names; questions as far as their keys fit in
 * their share (acme-memory.h), each with its frame too. What does not fit is not shown. 512 answers of a message are
 * looked at, and 16 CNAMEs in a row.
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
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/proto_data.h>
#include <epan/to_str.h>

#include "acme-base64url.h"
#include "acme-dns.h"
#include "acme-expected.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "dns-message.h"
#include "flow.h"
#include "standin.h"
#include "text.h"

#define MAX_CHAIN   16      /* CNAMEs that are followed */
#define MAX_ALIASES 65536   /* CNAME targets that are kept for a capture */

static const char challenge_label[] = "_acme-challenge.";

static int proto_dns = -1;
static int proto_udp = -1;

static int hf_acme_dns_digest = -1;
static int hf_acme_dns_cname = -1;
static int hf_acme_dns_account_label = -1;
static int hf_acme_dns_alias = -1;

static expert_field ei_acme_dns_digest_malformed = EI_INIT;
static expert_field ei_acme_dns_error = EI_INIT;

/* Names that a client was sent to by a CNAME, keys being "client name"; values are dns_alias_t; file scope. */
static wmem_map_t *aliases;
/* Questions by client, server, ID, type and name; values are acme_validation_t; file scope. */
static wmem_map_t *questions;

typedef struct dns_alias {
    uint8_t     type;
    const char *domain;
} dns_alias_t;

/* A message whose question is about a challenge. Valid while it is dissected. */
typedef struct acme_dns {
    dns_message_t dns;
    packet_info  *pinfo;
    uint8_t       challenge;
    const char   *domain;
    const char   *account_label;    /* NULL: none */
} acme_dns_t;

/* --- Names --- */

/* draft-ietf-acme-dns-account-label: an underscore and 10 bytes in base32 */
static bool
is_account_label(const char *name)
{
    if (name[0] != '_')
        return false;
    for (int i = 1; i <= 16; i++) {
        if (!g_ascii_isalpha(name[i]) && (name[i] < '2' || name[i] > '7'))
            return false;
    }
    return name[17] == '.';
}

static const char *
without_final_dot(wmem_allocator_t *pool, const char *name)
{
    return wmem_strndup(pool, name, strlen(name) - 1);
}

/* Whether the first labels are those of a challenge; fills in which, and for what. */
static bool
recognise_name(acme_dns_t *message)
{
    const char *name = message->dns.name;

    message->challenge = ACME_DNS_01;
    if (is_account_label(name) && g_str_has_prefix(name + 18, challenge_label)) {
        message->challenge = ACME_DNS_ACCOUNT_01;
        message->account_label = wmem_strndup(message->pinfo->pool, name, 17);
        name += 18;
    }
    if (!g_str_has_prefix(name, challenge_label) || name[sizeof challenge_label - 1] == '\0')
        return false;
    message->domain = without_final_dot(message->pinfo->pool, name + sizeof challenge_label - 1);
    return true;
}

/* --- CNAME targets --- */

static const address *
client_address(const acme_dns_t *message)
{
    return message->dns.flags & DNS_FLAG_RESPONSE ? &message->pinfo->dst : &message->pinfo->src;
}

static const char *
alias_key(const acme_dns_t *message, const char *name)
{
    return wmem_strdup_printf(message->pinfo->pool, "%s %s",
            address_to_str(message->pinfo->pool, client_address(message)), name);
}

static void
keep_alias(const acme_dns_t *message, const char *target)
{
    const char *key, *domain;
    dns_alias_t *alias;

    if (PINFO_FD_VISITED(message->pinfo) || wmem_map_size(aliases) >= MAX_ALIASES)
        return;
    key = acme_keep(ACME_NAMES, alias_key(message, target));
    domain = acme_keep(ACME_NAMES, message->domain);
    if (!key || !domain)
        return;
    alias = (dns_alias_t *)wmem_map_lookup(aliases, key);
    if (!alias) {
        alias = wmem_new0(wmem_file_scope(), dns_alias_t);
        wmem_map_insert(aliases, key, alias);
    } else if (alias->domain == domain) {
        return;
    }
    alias->type = message->challenge;
    alias->domain = domain;
}

static bool
recognise_alias(acme_dns_t *message)
{
    const dns_alias_t *alias;

    if (wmem_map_size(aliases) == 0 || message->dns.type != DNS_TYPE_TXT)
        return false;
    alias = (const dns_alias_t *)wmem_map_lookup(aliases, alias_key(message, message->dns.name));
    if (!alias)
        return false;
    message->challenge = alias->type;
    message->domain = alias->domain;
    return true;
}

/* --- Messages --- */

/* A look at the first bytes of the question that rules nearly all messages out. */
static bool
may_be_challenge(tvbuff_t *tvb)
{
    unsigned captured = tvb_captured_length(tvb);
    uint8_t length;

    if (captured < DNS_HEADER_LENGTH + 5)
        return false;
    length = tvb_get_uint8(tvb, DNS_HEADER_LENGTH);
    if (tvb_get_uint8(tvb, DNS_HEADER_LENGTH + 1) == '_' && (length == 15 || length == 17))
        return true;
    return wmem_map_size(aliases) > 0;
}

static bool
read_question(acme_dns_t *message, tvbuff_t *tvb, packet_info *pinfo)
{
    memset(message, 0, sizeof *message);
    message->pinfo = pinfo;
    return may_be_challenge(tvb) && dns_message_read(pinfo->pool, tvb, &message->dns)
        && message->dns.question_class == DNS_CLASS_IN;
}

/* --- Question and answer --- */

static const char *
question_key(const acme_dns_t *message)
{
    packet_info *pinfo = message->pinfo;
    bool answer = (message->dns.flags & DNS_FLAG_RESPONSE) != 0;
    const char *src = address_to_str(pinfo->pool, &pinfo->src);
    const char *dst = address_to_str(pinfo->pool, &pinfo->dst);

    return wmem_strdup_printf(pinfo->pool, "%d %s %u %s %u %u %u %s", pinfo->ptype,
            answer ? dst : src, answer ? pinfo->destport : pinfo->srcport,
            answer ? src : dst, answer ? pinfo->srcport : pinfo->destport, message->dns.id, message->dns.type,
            message->dns.name);
}

static acme_validation_t *
new_validation(const acme_dns_t *message)
{
    bool asked = !(message->dns.flags & DNS_FLAG_RESPONSE);

    return acme_validation_new(message->pinfo, message->challenge, message->domain, NULL, client_address(message),
            asked && message->dns.type == DNS_TYPE_TXT);
}

/* A question repeated before it is answered is the same question. NULL: there is no room for more. */
static acme_validation_t *
note_question(const acme_dns_t *message)
{
    const char *key = acme_keep(ACME_QUESTIONS, question_key(message));
    acme_validation_t *validation = key ? (acme_validation_t *)wmem_map_lookup(questions, key) : NULL;

    if (!key || (validation && !validation->response_frame))
        return validation;
    validation = new_validation(message);
    if (!validation)
        return NULL;
    acme_validation_asked(message->pinfo, validation);
    wmem_map_insert(questions, key, validation);
    return validation;
}

static acme_validation_t *
note_answer(const acme_dns_t *message)
{
    acme_validation_t *validation = (acme_validation_t *)wmem_map_lookup(questions, question_key(message));

    if (!validation)
        validation = new_validation(message);
    if (validation)
        acme_validation_answered(message->pinfo, validation);
    return validation;
}

/* A frame can have several messages, in buffers of their own, so that their places do not tell them apart. */
static void
keep_with_frame(const acme_dns_t *message, acme_validation_t *validation)
{
    packet_info *pinfo = message->pinfo;
    wmem_map_t *of_frame = (wmem_map_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_acme, ACME_KEY_DNS);
    const char *key = acme_keep(ACME_QUESTIONS, question_key(message));

    if (!key)
        return;
    if (!of_frame) {
        of_frame = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_acme, ACME_KEY_DNS, of_frame);
    }
    wmem_map_insert(of_frame, key, validation);
}

static acme_validation_t *
kept_with_frame(const acme_dns_t *message)
{
    wmem_map_t *of_frame = (wmem_map_t *)p_get_proto_data(wmem_file_scope(), message->pinfo, proto_acme, ACME_KEY_DNS);

    return of_frame ? (acme_validation_t *)wmem_map_lookup(of_frame, question_key(message)) : NULL;
}

/*
 * What a message is to a challenge; NULL: nothing. Decided on the first pass, as a question's
 * meaning may depend on what came before it, and kept with the frame.
 */
static acme_validation_t *
get_validation(acme_dns_t *message)
{
    acme_validation_t *validation;

    if (PINFO_FD_VISITED(message->pinfo)) {
        validation = kept_with_frame(message);
    } else if (recognise_name(message) || recognise_alias(message)) {
        validation = message->dns.flags & DNS_FLAG_RESPONSE ? note_answer(message) : note_question(message);
        if (validation)
            keep_with_frame(message, validation);
    } else {
        return NULL;
    }
    if (validation) {
        recognise_name(message);
        message->challenge = validation->challenge->type;
        message->domain = validation->challenge->domain;
    }
    return validation;
}

/* --- Showing it --- */

typedef struct dns_result {
    unsigned    digests;        /* TXT values that can be one */
    unsigned    values;         /* all TXT values */
    const char *digest;         /* the first */
    const char *target;         /* of the last CNAME */
    uint16_t    authority;      /* type of the first record of the authority section, or 0 */
    unsigned    rcode;
} dns_result_t;

static bool
is_digest(const char *value)
{
    return strlen(value) == ACME_DIGEST_LENGTH && acme_is_base64url(value, ACME_DIGEST_LENGTH);
}

static void
add_txt(const acme_dns_t *message, proto_tree *tree, const dns_record_t *record, acme_validation_t *validation,
        dns_result_t *result)
{
    size_t length;
    const char *bytes = dns_txt_bytes(message->pinfo->pool, &message->dns, record, &length);
    const char *value = text_shown(message->pinfo->pool, bytes, length, TEXT_LINE, NULL);
    proto_item *item = proto_tree_add_string(tree, hf_acme_dns_digest, message->dns.tvb, record->offset, record->length,
            value);

    result->values++;
    if (!is_digest(value)) {
        expert_add_info(message->pinfo, item, &ei_acme_dns_digest_malformed);
        return;
    }
    if (result->digests++ == 0)
        result->digest = value;
    if (!PINFO_FD_VISITED(message->pinfo) && acme_digest_is_expected(message->pinfo, message->domain, value))
        validation->check = ACME_CHECK_FITS;
}

/* A record of the answer section. In pinfo->pool. */
typedef struct dns_answer {
    dns_record_t record;
    const char  *target;        /* of a CNAME */
} dns_answer_t;

static const dns_answer_t *
find_cname(wmem_array_t *answers, const char *name)
{
    for (unsigned i = 0; i < wmem_array_get_count(answers); i++) {
        const dns_answer_t *answer = (const dns_answer_t *)wmem_array_index(answers, i);

        if (answer->target && !strcmp(answer->record.name, name))
            return answer;
    }
    return NULL;
}

/* Follows the CNAMEs from the question's name; returns the name they lead to. */
static const char *
add_chain(const acme_dns_t *message, proto_tree *tree, wmem_array_t *answers, dns_result_t *result)
{
    const char *name = message->dns.name;
    const dns_answer_t *answer;

    for (int i = 0; i < MAX_CHAIN && (answer = find_cname(answers, name)); i++) {
        name = answer->target;
        result->target = name[0] ? without_final_dot(message->pinfo->pool, name) : ".";
        proto_tree_add_string(tree, hf_acme_dns_cname, message->dns.tvb, answer->record.offset, answer->record.length,
                result->target);
        if (name[0])
            keep_alias(message, name);
    }
    return name;
}

/* One that matters here; others are passed over. */
static void
take_answer(const acme_dns_t *message, const dns_record_t *record, wmem_array_t *answers)
{
    dns_answer_t answer = { *record, NULL };
    int end;

    if (record->type == DNS_TYPE_CNAME)
        answer.target = dns_name(message->pinfo->pool, message->dns.tvb, record->offset, &end);
    if (record->type == DNS_TYPE_TXT || answer.target)
        wmem_array_append_one(answers, answer);
}

/* The answers; and from behind them a referral or its like, and the upper bits of the RCODE. */
static wmem_array_t *
read_records(const acme_dns_t *message, dns_result_t *result)
{
    wmem_array_t *answers = wmem_array_new(message->pinfo->pool, sizeof(dns_answer_t));
    dns_cursor_t cursor = dns_first_record(&message->dns);
    dns_record_t record;

    result->rcode = dns_rcode(&message->dns, NULL);
    while (dns_next_record(message->pinfo->pool, &message->dns, &cursor, &record)) {
        if (record.section == DNS_ANSWER)
            take_answer(message, &record, answers);
        else if (record.type == DNS_TYPE_OPT)
            result->rcode |= dns_rcode(&message->dns, &record);
        if (record.section == DNS_AUTHORITY && result->authority == 0)
            result->authority = record.type;
    }
    return answers;
}

static void
add_answers(const acme_dns_t *message, proto_tree *tree, acme_validation_t *validation, dns_result_t *result)
{
    wmem_array_t *answers = read_records(message, result);
    const char *name = add_chain(message, tree, answers, result);

    for (unsigned i = 0; i < wmem_array_get_count(answers); i++) {
        const dns_answer_t *answer = (const dns_answer_t *)wmem_array_index(answers, i);

        if (answer->record.type == DNS_TYPE_TXT && !strcmp(answer->record.name, name))
            add_txt(message, tree, &answer->record, validation, result);
    }
}

/* What an answer to a TXT question without an error comes to; false: that cannot be told from this message. */
static bool
judge_answer(const acme_dns_t *message, const dns_result_t *result, bool *valid, const char **outcome)
{
    *valid = result->digests > 0;
    *outcome = "digest";
    if (result->digests > 0)
        return true;
    *outcome = "truncated";
    if (message->dns.flags & DNS_FLAG_TRUNCATED)
        return false;
    *outcome = "no digest";
    if (result->values > 0)
        return true;
    *outcome = "no TXT record";
    if (result->authority == DNS_TYPE_SOA)
        return true;
    *outcome = result->target ? "CNAME" : "referral";
    if (result->target || result->authority == DNS_TYPE_NS)
        return false;
    *outcome = "no TXT record";
    return message->dns.flags & (DNS_FLAG_AUTHORITATIVE | DNS_FLAG_RECURSION);
}

static const char *
describe_answer(const acme_dns_t *message, const dns_result_t *result, const char *outcome)
{
    wmem_allocator_t *pool = message->pinfo->pool;

    if (result->digests == 1)
        return wmem_strdup_printf(pool, "digest %s", result->digest);
    if (result->digests > 1)
        return wmem_strdup_printf(pool, "%u digests", result->digests);
    if (result->target && result->values == 0)
        return wmem_strdup_printf(pool, "%s to %s", outcome, result->target);
    return outcome;
}

static void
show_answer(const acme_dns_t *message, proto_tree *tree, proto_item *item, acme_validation_t *validation)
{
    packet_info *pinfo = message->pinfo;
    dns_result_t result = { 0, 0, NULL, NULL, 0, 0 };
    const char *outcome, *text;
    bool valid = false, judged;

    add_answers(message, tree, validation, &result);
    if (result.rcode != 0) {
        outcome = text = dns_rcode_name(pinfo->pool, result.rcode);
        judged = result.rcode != DNS_RCODE_BADVERS && result.rcode != DNS_RCODE_BADCOOKIE;     /* these want it asked otherwise */
    } else {
        judged = judge_answer(message, &result, &valid, &outcome);
        text = describe_answer(message, &result, outcome);
    }
    if (message->dns.type != DNS_TYPE_TXT) {
        acme_add_response(message->dns.tvb, pinfo, tree, item, validation, NULL, NULL);
        acme_columns(pinfo, validation->challenge, wmem_strdup_printf(pinfo->pool, "%s answer",
                    dns_type_name(pinfo->pool, message->dns.type)));
        return;
    }
    acme_add_response(message->dns.tvb, pinfo, tree, item, validation, judged ? &valid : NULL, outcome);
    if (judged && !valid)
        expert_add_info_format(pinfo, item, &ei_acme_dns_error, "No digest for the challenge: %s", outcome);
    acme_columns(pinfo, validation->challenge, text);
}

static void
show_question(const acme_dns_t *message, proto_tree *tree, proto_item *item, const acme_validation_t *validation)
{
    wmem_allocator_t *pool = message->pinfo->pool;

    acme_add_request(message->dns.tvb, message->pinfo, tree, item, validation);
    acme_columns(message->pinfo, validation->challenge, wmem_strdup_printf(pool, "%s question",
                dns_type_name(pool, message->dns.type)));
}

static void
show_message(const acme_dns_t *message, proto_tree *parent, acme_validation_t *validation)
{
    tvbuff_t *tvb = message->dns.tvb;
    int name_length = message->dns.end - 4 - DNS_HEADER_LENGTH;
    proto_item *item, *child;
    proto_tree *tree = acme_add_tree(tvb, 0, -1, message->pinfo, parent, validation->challenge, &item);
    const char *saved = standin_speak_as(message->pinfo, "ACME");

    if (message->account_label)
        proto_tree_add_string(tree, hf_acme_dns_account_label, tvb, DNS_HEADER_LENGTH, 18, message->account_label);
    if (!strstr(message->dns.name, challenge_label)) {
        child = proto_tree_add_string(tree, hf_acme_dns_alias, tvb, DNS_HEADER_LENGTH, name_length,
                without_final_dot(message->pinfo->pool, message->dns.name));
        proto_item_set_generated(child);
    }
    if (message->dns.flags & DNS_FLAG_RESPONSE)
        show_answer(message, tree, item, validation);
    else
        show_question(message, tree, item, validation);
    message->pinfo->current_proto = saved;
}

static void
handle_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    acme_validation_t *validation;
    acme_dns_t message;

    if (!read_question(&message, tvb, pinfo))
        return;
    validation = get_validation(&message);
    if (validation)
        show_message(&message, flow_native_subtree(tree, proto_dns), validation);
}

/* --- Where messages come from --- */

static void
handle_stream(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    tvbuff_t *message;
    int offset = 0;

    while ((message = dns_next_in_stream(tvb, &offset)))
        handle_message(message, pinfo, tree);
}

/* What the DNS dissector was called for; what it finds in other ways, NetBIOS for one, is of no interest. */
typedef enum {
    DNS_IN_NOTHING, DNS_IN_DATAGRAM, DNS_IN_STREAM, DNS_IN_HTTP
} dns_carrier_t;

static dns_carrier_t
carrier_of(const packet_info *pinfo)
{
    int below = standin_proto_below(pinfo);

    if (pinfo->flags.in_error_pkt)
        return DNS_IN_NOTHING;
    if (!g_strcmp0(pinfo->match_string, "application/dns-message"))
        return DNS_IN_HTTP;
    if (pinfo->ptype == PT_TCP)
        return DNS_IN_STREAM;
    return pinfo->ptype == PT_UDP && below == proto_udp ? DNS_IN_DATAGRAM : DNS_IN_NOTHING;
}

static void
handle_carried(dns_carrier_t carrier, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (carrier == DNS_IN_STREAM)
        handle_stream(tvb, pinfo, tree);
    else
        handle_message(tvb, pinfo, tree);
}

/* In front of the DNS dissector. */
static int
dissect_dns_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t dns_standin = { .name = "acme.dns", .dissect = dissect_dns_first, .proto = &proto_acme };

static int
dissect_dns_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    dns_carrier_t carrier = carrier_of(pinfo);
    volatile int result = 0;

    if (carrier == DNS_IN_NOTHING || (carrier != DNS_IN_STREAM && !may_be_challenge(tvb)))
        return standin_call(&dns_standin, tvb, pinfo, tree, data);
    TRY {
        result = standin_call(&dns_standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        handle_carried(carrier, tvb, pinfo, tree);
    }
    ENDTRY;
    return result;
}

/* --- Registration --- */

static void
acme_dns_init(void)
{
    aliases = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    questions = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
acme_register_dns(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_dns_digest,
          { "Digest", "acme.dns.digest", FT_STRING, BASE_NONE, NULL, 0,
            "Value of the TXT record: SHA-256 of the key authorization in base64url", HFILL } },
        { &hf_acme_dns_cname,
          { "Alias of", "acme.dns.cname", FT_STRING, BASE_NONE, NULL, 0,
            "CNAME that leads to the TXT record", HFILL } },
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
          { "acme.dns.error", PI_RESPONSE_CODE, PI_WARN, "No digest for the challenge", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_dns_init);
}

void
acme_handoff_dns(void)
{
    proto_dns = proto_get_id_by_filter_name("dns");
    proto_udp = proto_get_id_by_filter_name("udp");
    standin_add(&dns_standin, find_dissector("dns"));
}
