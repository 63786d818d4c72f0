/* acme-dns-answer.c
 * Answers to TXT questions about challenges, and what they come to; see acme-dns-answer.h
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

#include "acme-dns-answer.h"
#include "acme-items.h"
#include "text.h"

#define MAX_CHAIN   16      /* CNAMEs that are followed */

static int hf_acme_dns_cname = -1;

/* What is found in the sections of an answer. In pinfo->pool. */
typedef struct dns_found {
    wmem_array_t *records;      /* dns_record_t of the answer section: of the type that is asked for, and CNAME */
    uint16_t      authority;    /* SOA if the authority section has one, else NS likewise, else 0 */
    bool          partial;      /* there is more than what can be read: truncated, cut off in the capture, or broken */
    unsigned      rcode;
    const char   *name;         /* that CNAMEs lead to */
    const char   *target;       /* likewise, as it may be shown; NULL: there are none */
    unsigned      values;       /* all TXT values */
    unsigned      good;         /* of them */
    const char   *first;        /* good value */
    const char   *fault;        /* of the first that is not good */
} dns_found_t;

/* RFC 2308 section 2.2: of an answer without records SOA says that there are none, NS alone that others know; the rest nothing. */
static void
note_authority(dns_found_t *found, const dns_record_t *record)
{
    if (record->section != DNS_AUTHORITY)
        return;
    if (record->type == DNS_TYPE_SOA || (record->type == DNS_TYPE_NS && found->authority != DNS_TYPE_SOA))
        found->authority = record->type;
}

static void
read_sections(const acme_dns_t *message, uint16_t type, dns_found_t *found)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    dns_cursor_t cursor = dns_first_record(&message->dns);
    dns_record_t record;
    bool has_opt = false;

    memset(found, 0, sizeof *found);
    found->records = wmem_array_sized_new(pool, sizeof record, 4);
    found->rcode = dns_rcode(&message->dns, NULL);
    found->name = message->dns.name;
    while (dns_next_record(pool, &message->dns, &cursor, &record)) {
        if (record.section == DNS_ANSWER && (record.type == type || record.type == DNS_TYPE_CNAME))
            wmem_array_append_one(found->records, record);
        else if (record.section != DNS_ANSWER && record.type == DNS_TYPE_OPT) {
            found->rcode |= dns_rcode(&message->dns, &record);
            has_opt = true;
        }
        note_authority(found, &record);
    }
    /* Without an OPT record that may be there, BADVERS looks like no error. */
    found->partial = message->dns.flags & DNS_FLAG_TRUNCATED || (cursor.read < DNS_MAX_RECORDS && (cursor.section < DNS_ADDITIONAL
            || (cursor.section == DNS_ADDITIONAL && !has_opt && found->authority != DNS_TYPE_SOA)));
}

static const dns_record_t *
find_cname(const dns_found_t *found)
{
    for (unsigned i = 0; i < wmem_array_get_count(found->records); i++) {
        const dns_record_t *record = (const dns_record_t *)wmem_array_index(found->records, i);

        if (record->type == DNS_TYPE_CNAME && (record->name == found->name || !strcmp(record->name, found->name)))
            return record;
    }
    return NULL;
}

/* Whether a client of this answer has to ask on where its CNAMEs lead. */
static bool
is_open(const dns_found_t *found)
{
    for (unsigned i = 0; i < wmem_array_get_count(found->records); i++) {
        if (((const dns_record_t *)wmem_array_index(found->records, i))->type != DNS_TYPE_CNAME)
            return false;
    }
    return found->rcode == 0 && found->authority != DNS_TYPE_SOA;
}

/* Follows the CNAMEs from the question's name. tree may be NULL. */
static void
follow_chain(const acme_dns_t *message, proto_tree *tree, dns_found_t *found)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    const dns_record_t *record;

    for (int i = 0; i < MAX_CHAIN && (record = find_cname(found)); i++) {
        int end;
        const char *name = dns_name(pool, message->dns.tvb, record->offset, &end);

        if (!name)
            return;
        found->name = name;
        found->target = name[0] ? wmem_strndup(pool, name, strlen(name) - 1) : ".";
        proto_tree_add_string(tree, hf_acme_dns_cname, message->dns.tvb, record->offset, record->length, found->target);
        if (name[0] && message->dns.type != DNS_TYPE_CAA)
            acme_dns_keep_alias(message, name, is_open(found));
    }
}

static void
look_at_values(const acme_dns_t *message, proto_tree *tree, acme_question_t *question, acme_dns_value_t look,
        dns_found_t *found)
{
    for (unsigned i = 0; i < wmem_array_get_count(found->records); i++) {
        const dns_record_t *record = (const dns_record_t *)wmem_array_index(found->records, i);
        const char *bytes, *value, *fault;
        size_t length;

        if (record->type != DNS_TYPE_TXT || (record->name != found->name && strcmp(record->name, found->name)))
            continue;
        bytes = dns_txt_bytes(message->pinfo->pool, &message->dns, record, &length);
        value = text_shown(message->pinfo->pool, bytes, length, TEXT_LINE, NULL);
        fault = look(message, tree, record, value, question);
        found->values++;
        if (fault)
            found->fault = found->fault ? found->fault : fault;
        else if (found->good++ == 0)
            found->first = value;
    }
}

static void
set_result(acme_dns_result_t *result, bool judged, acme_cause_t cause, const char *text)
{
    result->judged = judged;
    result->cause = cause;
    result->text = text;
}

/* An answer without what is asked for: it goes on elsewhere. */
static bool
leads_on(const dns_found_t *found)
{
    return found->authority != DNS_TYPE_SOA && (found->target || found->authority == DNS_TYPE_NS);
}

/* Likewise: that there is none is certain. */
static bool
is_decided(const acme_dns_t *message, const dns_found_t *found)
{
    if (found->partial || leads_on(found))
        return false;
    return found->authority == DNS_TYPE_SOA || message->dns.flags & (DNS_FLAG_AUTHORITATIVE | DNS_FLAG_RECURSION);
}

const char *
acme_dns_partial_text(const acme_dns_t *message)
{
    return message->dns.flags & DNS_FLAG_TRUNCATED ? "truncated" : "incomplete answer";
}

/* Where there is no TXT value, or the name does not exist. */
static void
judge_absence(const acme_dns_t *message, const dns_found_t *found, acme_dns_result_t *result)
{
    bool decided = is_decided(message, found);

    if (found->partial)
        set_result(result, false, ACME_CAUSE_NONE, acme_dns_partial_text(message));
    else if (leads_on(found))
        set_result(result, false, ACME_CAUSE_NONE, found->target ? "CNAME" : "referral");
    else
        set_result(result, decided, decided ? ACME_CAUSE_NO_TXT : ACME_CAUSE_NONE, "no TXT record");
    if (found->target && !found->partial)
        result->text = wmem_strdup_printf(message->pinfo->pool, result->judged ? "%s at %s, where a CNAME leads" : "%s to %s",
                result->text, found->target);
}

/* Some answers want it asked otherwise. */
static void
judge_rcode(const acme_dns_t *message, const dns_found_t *found, acme_dns_result_t *result)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    bool again = found->rcode == DNS_RCODE_BADVERS || found->rcode == DNS_RCODE_BADCOOKIE;
    acme_cause_t cause = found->rcode == DNS_RCODE_NXDOMAIN ? ACME_CAUSE_NO_TXT : ACME_CAUSE_DNS_ERROR;
    const char *text = dns_rcode_name(pool, found->rcode);

    if (found->target)      /* RFC 6604 section 3: it is about the last name */
        text = wmem_strdup_printf(pool, "%s at %s, where a CNAME leads", text, found->target);
    set_result(result, !again, again ? ACME_CAUSE_NONE : cause, text);
}

/* Of an answer that is not all there, a value that is the right one; what fits not may stand beside one that does. */
static bool
judges_values(const acme_dns_t *message, const dns_found_t *found, acme_validation_t *validation)
{
    if (!found->partial || validation->check == ACME_CHECK_FITS)
        return true;
    if (!PINFO_FD_VISITED(message->pinfo))
        validation->check = ACME_CHECK_UNKNOWN;
    return false;
}

void
acme_dns_read_answer(const acme_dns_t *message, proto_tree *tree, acme_question_t *question, acme_dns_value_t look,
        acme_dns_result_t *result)
{
    dns_found_t found;

    read_sections(message, DNS_TYPE_TXT, &found);
    follow_chain(message, tree, &found);
    look_at_values(message, tree, question, look, &found);
    result->good = found.good;
    result->value = found.first;
    result->name = found.name;
    result->partial = found.partial;
    if (found.rcode != 0)
        judge_rcode(message, &found, result);
    else if (!judges_values(message, &found, &question->validation))
        judge_absence(message, &found, result);
    else if (found.good > 0)
        set_result(result, true, ACME_CAUSE_NONE, NULL);
    else if (found.values > 0)
        set_result(result, true, ACME_CAUSE_TXT, found.fault);
    else
        judge_absence(message, &found, result);
}

void
acme_dns_learn_aliases(const acme_dns_t *message)
{
    dns_found_t found;

    read_sections(message, DNS_TYPE_CNAME, &found);
    follow_chain(message, NULL, &found);
}

acme_dns_records_t
acme_dns_records(const acme_dns_t *message, uint16_t type)
{
    acme_dns_records_t all = { .records = wmem_array_new(message->pinfo->pool, sizeof(dns_record_t)) };
    dns_found_t found;

    read_sections(message, type, &found);
    follow_chain(message, NULL, &found);
    for (unsigned i = 0; i < wmem_array_get_count(found.records); i++) {
        const dns_record_t *record = (const dns_record_t *)wmem_array_index(found.records, i);

        if (record->type == type && !strcmp(record->name, found.name))
            wmem_array_append(all.records, record, 1);
    }
    all.rcode = found.rcode;
    all.name = found.name;
    all.has_alias = found.target != NULL;
    all.partial = found.partial;
    all.absent = wmem_array_get_count(all.records) == 0 && (found.rcode == DNS_RCODE_NXDOMAIN || is_decided(message, &found));
    return all;
}

/* --- Registration --- */

void
acme_register_dns_answer(void)
{
    static hf_register_info hf[] = {
        { &hf_acme_dns_cname,
          { "Alias of", "acme.dns.cname", FT_STRING, BASE_NONE, NULL, 0,
            "CNAME that leads to the TXT record", HFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
}
