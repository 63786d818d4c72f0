/* acme-dns.c
 * DNS-01 challenges: questions and answers for _acme-challenge names
 *
 * RFC 8555 section 8.4 (dns-01), draft-ietf-acme-dns-account-label (dns-account-01), RFC 1035 sections 3 and 4.
 *
 * Wireshark's DNS dissector hands nothing of a message on, so names and answers are read
 * here again, but only of messages whose question is of interest: datagrams, streams (TCP, TLS) and DNS over HTTPS, wherever
 * that dissector is called.
 *
 * A CNAME in an answer passes the question on to another name. The client that was told so may ask for that
 * name next, and that is the same validation: such names are kept by client, in file scope.
 *
 * Everything in a message is checked before it is read: nothing here throws an exception.
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
#include <epan/strutil.h>
#include <epan/to_str.h>

#include "acme-int.h"
#include "flow.h"
#include "standin.h"

#define DNS_HEADER_LENGTH   12
#define DNS_MAX_NAME        255
#define DNS_MAX_ANSWERS     512     /* that are looked at in a message */
#define DNS_MAX_POINTERS    128     /* that are followed in a name */
#define DNS_MAX_CHAIN       16      /* CNAMEs that are followed */
#define DNS_MAX_ALIASES     65536   /* CNAME targets that are kept for a file */

#define DNS_TYPE_NS         2
#define DNS_TYPE_CNAME      5
#define DNS_TYPE_SOA        6
#define DNS_TYPE_TXT        16
#define DNS_TYPE_OPT        41
#define DNS_CLASS_IN        1

#define DNS_FLAG_RESPONSE   0x8000
#define DNS_FLAGS_OPCODE    0x7800
#define DNS_FLAG_AUTHORITATIVE 0x0400
#define DNS_FLAG_TRUNCATED  0x0200
#define DNS_FLAG_RECURSION  0x0080
#define DNS_FLAGS_RCODE     0x000f

#define DNS_RCODE_BADVERS   16
#define DNS_RCODE_BADCOOKIE 23

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
typedef struct dns_message {
    tvbuff_t    *tvb;
    packet_info *pinfo;
    uint16_t     id;
    uint16_t     flags;
    uint16_t     answers;
    const char  *name;          /* of the question, in lower case, with a final dot */
    uint16_t     type;          /* of the question */
    uint8_t      challenge;
    const char  *domain;
    const char  *account_label; /* NULL: none */
    int          end;           /* behind the question */
} dns_message_t;

typedef struct dns_record {
    const char *name;
    uint16_t    type;
    int         offset;         /* of the data */
    int         length;
    const char *target;         /* of a CNAME */
} dns_record_t;

static const value_string dns_type_names[] = {
    { 1, "A" }, { DNS_TYPE_NS, "NS" }, { DNS_TYPE_CNAME, "CNAME" }, { DNS_TYPE_SOA, "SOA" }, { DNS_TYPE_TXT, "TXT" }, { 28, "AAAA" },
    { 39, "DNAME" }, { 43, "DS" }, { 46, "RRSIG" }, { 47, "NSEC" }, { 48, "DNSKEY" }, { 65, "HTTPS" },
    { 255, "ANY" }, { 257, "CAA" }, { 0, NULL }
};

static const value_string dns_rcode_names[] = {
    { 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" }, { 4, "NOTIMP" }, { 5, "REFUSED" },
    { 9, "NOTAUTH" }, { DNS_RCODE_BADVERS, "BADVERS" }, { DNS_RCODE_BADCOOKIE, "BADCOOKIE" }, { 0, NULL }
};

/* --- Names --- */

static void
append_label(wmem_strbuf_t *name, tvbuff_t *tvb, int offset, int length)
{
    for (int i = 0; i < length; i++) {
        uint8_t c = tvb_get_uint8(tvb, offset + i);

        if (c == '.' || c == '\\')
            wmem_strbuf_append_printf(name, "\\%c", c);
        else if (c > ' ' && c < 0x7f)
            wmem_strbuf_append_c(name, g_ascii_tolower(c));
        else
            wmem_strbuf_append_printf(name, "\\%03u", c);
    }
    wmem_strbuf_append_c(name, '.');
}

/* The name at offset in lower case, each label followed by a dot; NULL if it is broken. *end is set behind it. */
static const char *
read_name(wmem_allocator_t *pool, tvbuff_t *tvb, int offset, int *end)
{
    wmem_strbuf_t *name = wmem_strbuf_new(pool, "");
    int captured = (int)tvb_captured_length(tvb);
    int lowest = offset;        /* pointers lead back only, so this ends */
    int size = 1;
    int pointers = 0;

    *end = 0;
    while (offset < captured) {
        uint8_t length = tvb_get_uint8(tvb, offset);

        if (length == 0) {
            *end = *end ? *end : offset + 1;
            return wmem_strbuf_get_str(name);
        }
        if (length >= 0xc0) {
            if (offset + 2 > captured)
                return NULL;
            *end = *end ? *end : offset + 2;
            offset = tvb_get_ntohs(tvb, offset) & 0x3fff;
            if (offset >= lowest || ++pointers > DNS_MAX_POINTERS)
                return NULL;
            lowest = offset;
            continue;
        }
        size += length + 1;
        if (length > 63 || size > DNS_MAX_NAME || offset + 1 + length > captured)
            return NULL;
        append_label(name, tvb, offset + 1, length);
        offset += 1 + length;
    }
    return NULL;
}

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
recognise_name(dns_message_t *message)
{
    const char *name = message->name;

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
client_address(const dns_message_t *message)
{
    return message->flags & DNS_FLAG_RESPONSE ? &message->pinfo->dst : &message->pinfo->src;
}

static const char *
alias_key(const dns_message_t *message, const char *name)
{
    return wmem_strdup_printf(message->pinfo->pool, "%s %s",
            address_to_str(message->pinfo->pool, client_address(message)), name);
}

static void
keep_alias(const dns_message_t *message, const char *target)
{
    const char *key;
    dns_alias_t *alias;

    if (PINFO_FD_VISITED(message->pinfo) || wmem_map_size(aliases) >= DNS_MAX_ALIASES)
        return;
    key = alias_key(message, target);
    alias = (dns_alias_t *)wmem_map_lookup(aliases, key);
    if (!alias) {
        alias = wmem_new0(wmem_file_scope(), dns_alias_t);
        wmem_map_insert(aliases, wmem_strdup(wmem_file_scope(), key), alias);
    } else if (!strcmp(alias->domain, message->domain)) {
        return;
    }
    alias->type = message->challenge;
    alias->domain = wmem_strdup(wmem_file_scope(), message->domain);
}

static bool
recognise_alias(dns_message_t *message)
{
    const dns_alias_t *alias;

    if (wmem_map_size(aliases) == 0 || message->type != DNS_TYPE_TXT)
        return false;
    alias = (const dns_alias_t *)wmem_map_lookup(aliases, alias_key(message, message->name));
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
read_question(dns_message_t *message, tvbuff_t *tvb, packet_info *pinfo)
{
    memset(message, 0, sizeof *message);
    if (!may_be_challenge(tvb))
        return false;
    message->tvb = tvb;
    message->pinfo = pinfo;
    message->id = tvb_get_ntohs(tvb, 0);
    message->flags = tvb_get_ntohs(tvb, 2);
    message->answers = tvb_get_ntohs(tvb, 6);
    if ((message->flags & DNS_FLAGS_OPCODE) != 0 || tvb_get_ntohs(tvb, 4) != 1)
        return false;
    message->name = read_name(pinfo->pool, tvb, DNS_HEADER_LENGTH, &message->end);
    if (!message->name || message->end + 4 > (int)tvb_captured_length(tvb))
        return false;
    message->type = tvb_get_ntohs(tvb, message->end);
    if (tvb_get_ntohs(tvb, message->end + 2) != DNS_CLASS_IN)
        return false;
    message->end += 4;
    return true;
}

static bool
read_record(const dns_message_t *message, int *offset, dns_record_t *record)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    int captured = (int)tvb_captured_length(message->tvb);
    int end;

    memset(record, 0, sizeof *record);
    record->name = read_name(pool, message->tvb, *offset, &end);
    if (!record->name || end + 10 > captured)
        return false;
    record->type = tvb_get_ntohs(message->tvb, end);
    record->length = tvb_get_ntohs(message->tvb, end + 8);
    record->offset = end + 10;
    if (record->offset + record->length > captured)
        return false;
    *offset = record->offset + record->length;
    if (record->type == DNS_TYPE_CNAME)
        record->target = read_name(pool, message->tvb, record->offset, &end);
    return true;
}

/* The records of the answer section that matter here; *offset is moved behind those that were read. */
static wmem_array_t *
read_answers(const dns_message_t *message, int *offset)
{
    wmem_array_t *records = wmem_array_new(message->pinfo->pool, sizeof(dns_record_t));
    dns_record_t record;

    for (int i = 0; i < MIN(message->answers, DNS_MAX_ANSWERS); i++) {
        if (!read_record(message, offset, &record))
            break;
        if (record.type == DNS_TYPE_TXT || record.target)
            wmem_array_append_one(records, record);
    }
    return records;
}

/* The strings of a TXT record in one. */
static const char *
txt_value(const dns_message_t *message, const dns_record_t *record)
{
    wmem_strbuf_t *value = wmem_strbuf_new(message->pinfo->pool, "");
    int offset = record->offset;
    int end = record->offset + record->length;

    while (offset < end) {
        int length = MIN(tvb_get_uint8(message->tvb, offset), end - offset - 1);

        wmem_strbuf_append(value, tvb_format_text(message->pinfo->pool, message->tvb, offset + 1, length));
        offset += 1 + length;
    }
    return wmem_strbuf_get_str(value);
}

/* --- Question and answer --- */

static const char *
question_key(const dns_message_t *message)
{
    packet_info *pinfo = message->pinfo;
    bool answer = (message->flags & DNS_FLAG_RESPONSE) != 0;
    const char *src = address_to_str(pinfo->pool, &pinfo->src);
    const char *dst = address_to_str(pinfo->pool, &pinfo->dst);

    return wmem_strdup_printf(pinfo->pool, "%d %s %u %s %u %u %u %s", pinfo->ptype,
            answer ? dst : src, answer ? pinfo->destport : pinfo->srcport,
            answer ? src : dst, answer ? pinfo->srcport : pinfo->destport, message->id, message->type, message->name);
}

static acme_validation_t *
new_validation(const dns_message_t *message)
{
    bool asked = !(message->flags & DNS_FLAG_RESPONSE);

    return acme_validation_new(message->pinfo, message->challenge, message->domain, NULL, client_address(message),
            asked && message->type == DNS_TYPE_TXT);
}

/* A question repeated before it is answered is the same question. */
static acme_validation_t *
note_question(const dns_message_t *message)
{
    const char *key = question_key(message);
    acme_validation_t *validation = (acme_validation_t *)wmem_map_lookup(questions, key);

    if (validation && !validation->response_frame)
        return validation;
    validation = new_validation(message);
    acme_validation_asked(message->pinfo, validation);
    wmem_map_insert(questions, wmem_strdup(wmem_file_scope(), key), validation);
    return validation;
}

static acme_validation_t *
note_answer(const dns_message_t *message)
{
    acme_validation_t *validation = (acme_validation_t *)wmem_map_lookup(questions, question_key(message));

    if (!validation)
        validation = new_validation(message);
    acme_validation_answered(message->pinfo, validation);
    return validation;
}

/* A frame can have several messages, in buffers of their own, so that their places do not tell them apart. */
static void
keep_with_frame(const dns_message_t *message, acme_validation_t *validation)
{
    packet_info *pinfo = message->pinfo;
    wmem_map_t *of_frame = (wmem_map_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_acme, ACME_KEY_DNS);

    if (!of_frame) {
        of_frame = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_acme, ACME_KEY_DNS, of_frame);
    }
    wmem_map_insert(of_frame, wmem_strdup(wmem_file_scope(), question_key(message)), validation);
}

static acme_validation_t *
kept_with_frame(const dns_message_t *message)
{
    wmem_map_t *of_frame = (wmem_map_t *)p_get_proto_data(wmem_file_scope(), message->pinfo, proto_acme, ACME_KEY_DNS);

    return of_frame ? (acme_validation_t *)wmem_map_lookup(of_frame, question_key(message)) : NULL;
}

/*
 * What a message is to a challenge; NULL: nothing. Decided on the first pass, as a question's
 * meaning may depend on what came before it, and kept with the frame.
 */
static acme_validation_t *
get_validation(dns_message_t *message)
{
    acme_validation_t *validation;

    if (PINFO_FD_VISITED(message->pinfo)) {
        validation = kept_with_frame(message);
    } else if (recognise_name(message) || recognise_alias(message)) {
        validation = message->flags & DNS_FLAG_RESPONSE ? note_answer(message) : note_question(message);
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
add_txt(const dns_message_t *message, proto_tree *tree, const dns_record_t *record, acme_validation_t *validation,
        dns_result_t *result)
{
    const char *value = txt_value(message, record);
    proto_item *item = proto_tree_add_string(tree, hf_acme_dns_digest, message->tvb, record->offset, record->length,
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

static const dns_record_t *
find_cname(wmem_array_t *records, const char *name)
{
    for (unsigned i = 0; i < wmem_array_get_count(records); i++) {
        const dns_record_t *record = (const dns_record_t *)wmem_array_index(records, i);

        if (record->target && !strcmp(record->name, name))
            return record;
    }
    return NULL;
}

/* Follows the CNAMEs from the question's name; returns the name they lead to. */
static const char *
add_chain(const dns_message_t *message, proto_tree *tree, wmem_array_t *records, dns_result_t *result)
{
    const char *name = message->name;
    const dns_record_t *record;

    for (int i = 0; i < DNS_MAX_CHAIN && (record = find_cname(records, name)); i++) {
        name = record->target;
        result->target = name[0] ? without_final_dot(message->pinfo->pool, name) : ".";
        proto_tree_add_string(tree, hf_acme_dns_cname, message->tvb, record->offset, record->length, result->target);
        if (name[0])
            keep_alias(message, name);
    }
    return name;
}

/* What is behind the answer section: a referral or its like, and the upper bits of the RCODE (RFC 6891). */
static void
read_other_sections(const dns_message_t *message, int offset, dns_result_t *result)
{
    int authorities = tvb_get_ntohs(message->tvb, 8);
    int records = MIN(authorities + tvb_get_ntohs(message->tvb, 10), DNS_MAX_ANSWERS);
    dns_record_t record;

    if (message->answers > DNS_MAX_ANSWERS)
        return;
    for (int i = 0; i < records && read_record(message, &offset, &record); i++) {
        if (i == 0 && authorities > 0)
            result->authority = record.type;
        if (record.type == DNS_TYPE_OPT)
            result->rcode |= (unsigned)tvb_get_uint8(message->tvb, record.offset - 6) << 4;
    }
}

static void
add_answers(const dns_message_t *message, proto_tree *tree, acme_validation_t *validation, dns_result_t *result)
{
    int offset = message->end;
    wmem_array_t *records = read_answers(message, &offset);
    const char *name = add_chain(message, tree, records, result);

    for (unsigned i = 0; i < wmem_array_get_count(records); i++) {
        const dns_record_t *record = (const dns_record_t *)wmem_array_index(records, i);

        if (record->type == DNS_TYPE_TXT && !strcmp(record->name, name))
            add_txt(message, tree, record, validation, result);
    }
    result->rcode = message->flags & DNS_FLAGS_RCODE;
    read_other_sections(message, offset, result);
}

static const char *
describe_rcode(const dns_message_t *message, unsigned rcode)
{
    return val_to_str(message->pinfo->pool, rcode, dns_rcode_names, "RCODE %u");
}

/* What an answer to a TXT question without an error comes to; false: that cannot be told from this message. */
static bool
judge_answer(const dns_message_t *message, const dns_result_t *result, bool *valid, const char **outcome)
{
    *valid = result->digests > 0;
    *outcome = "digest";
    if (result->digests > 0)
        return true;
    *outcome = "truncated";
    if (message->flags & DNS_FLAG_TRUNCATED)
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
    return message->flags & (DNS_FLAG_AUTHORITATIVE | DNS_FLAG_RECURSION);
}

static const char *
describe_answer(const dns_message_t *message, const dns_result_t *result, const char *outcome)
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

static const char *
type_name(const dns_message_t *message)
{
    return val_to_str(message->pinfo->pool, message->type, dns_type_names, "TYPE%u");
}

static void
show_answer(const dns_message_t *message, proto_tree *tree, proto_item *item, acme_validation_t *validation)
{
    packet_info *pinfo = message->pinfo;
    dns_result_t result = { 0, 0, NULL, NULL, 0, 0 };
    const char *outcome, *text;
    bool valid = false, judged;

    add_answers(message, tree, validation, &result);
    if (result.rcode != 0) {
        outcome = text = describe_rcode(message, result.rcode);
        judged = result.rcode != DNS_RCODE_BADVERS && result.rcode != DNS_RCODE_BADCOOKIE;     /* these want it asked otherwise */
    } else {
        judged = judge_answer(message, &result, &valid, &outcome);
        text = describe_answer(message, &result, outcome);
    }
    if (message->type != DNS_TYPE_TXT) {
        acme_add_response(message->tvb, pinfo, tree, item, validation, NULL, NULL);
        acme_columns(pinfo, validation->challenge, wmem_strdup_printf(pinfo->pool, "%s answer", type_name(message)));
        return;
    }
    acme_add_response(message->tvb, pinfo, tree, item, validation, judged ? &valid : NULL, outcome);
    if (judged && !valid)
        expert_add_info_format(pinfo, item, &ei_acme_dns_error, "No digest for the challenge: %s", outcome);
    acme_columns(pinfo, validation->challenge, text);
}

static void
show_question(const dns_message_t *message, proto_tree *tree, proto_item *item, const acme_validation_t *validation)
{
    wmem_allocator_t *pool = message->pinfo->pool;

    acme_add_request(message->tvb, message->pinfo, tree, item, validation);
    acme_columns(message->pinfo, validation->challenge, wmem_strdup_printf(pool, "%s question", type_name(message)));
}

static void
show_message(const dns_message_t *message, proto_tree *parent, acme_validation_t *validation)
{
    tvbuff_t *tvb = message->tvb;
    int name_length = message->end - 4 - DNS_HEADER_LENGTH;
    proto_item *item, *child;
    proto_tree *tree = acme_add_tree(tvb, 0, -1, message->pinfo, parent, validation->challenge, &item);
    const char *saved = standin_speak_as(message->pinfo, "ACME");

    if (message->account_label)
        proto_tree_add_string(tree, hf_acme_dns_account_label, tvb, DNS_HEADER_LENGTH, 18, message->account_label);
    if (!strstr(message->name, challenge_label)) {
        child = proto_tree_add_string(tree, hf_acme_dns_alias, tvb, DNS_HEADER_LENGTH, name_length,
                without_final_dot(message->pinfo->pool, message->name));
        proto_item_set_generated(child);
    }
    if (message->flags & DNS_FLAG_RESPONSE)
        show_answer(message, tree, item, validation);
    else
        show_question(message, tree, item, validation);
    message->pinfo->current_proto = saved;
}

static void
handle_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    acme_validation_t *validation;
    dns_message_t message;

    if (!read_question(&message, tvb, pinfo))
        return;
    validation = get_validation(&message);
    if (validation)
        show_message(&message, flow_native_subtree(tree, proto_dns), validation);
}

/* --- Where messages come from --- */

/* Messages in a stream follow a length each, RFC 1035 section 4.2.2; the last one may be incomplete. */
static void
handle_stream(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    int offset = 0;
    int length;

    while (tvb_captured_length_remaining(tvb, offset) > 2) {
        length = tvb_get_ntohs(tvb, offset);
        if (length < DNS_HEADER_LENGTH || length > tvb_reported_length_remaining(tvb, offset + 2))
            return;
        handle_message(tvb_new_subset_length(tvb, offset + 2, length), pinfo, tree);
        offset += 2 + length;
    }
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
