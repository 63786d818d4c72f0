/* acme-dns-issuer.c
 * Records that name an authority: dns-persist-01, and CAA; see acme-dns-issuer.h
 *
 * CAA forbids if no issue record permits and no issuewild record might. Who asks is known from the domain's own records
 * for dns-persist-01, or from the directories of the capture, unless its orders are all for other domains; where it is not, records
 * that name somebody may well name the one that asks, and only those that permit nobody forbid.
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
#include <wsutil/str_util.h>
#include <wsutil/strtoi.h>

#include "acme-dns-climb.h"
#include "acme-dns-issuer.h"
#include "acme-expected.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "text.h"

#define MAX_PARAMETERS  64
#define MAX_ISSUERS     64      /* of a domain's own records; of the capture's directories */
#define CAA_CRITICAL    0x80

static int hf_acme_dns_persist = -1;
static int hf_acme_dns_caa = -1;

/* The authorities that a domain's records for dns-persist-01 name, the first acme_issuer_t by domain; file scope. */
static wmem_map_t *chosen;
/* The names of the authorities whose directories are in the capture; file scope. */
static wmem_array_t *issuers;

/* "ca.example.org; accounturi=https://...; validationmethods=dns-01", of either record. */
typedef struct acme_issuer {
    const char *name;           /* in lower case; "": nobody */
    const char *account;        /* NULL: none is named */
    const char *methods;        /* likewise */
    const char *until;          /* likewise */
    const char *fault;          /* what breaks the grammar; NULL: nothing */
    struct acme_issuer *next;   /* of this domain, where it is kept */
} acme_issuer_t;

/* --- Values --- */

/* RFC 8659 section 4.2: a record that breaks its grammar permits nobody. */
static bool
is_issuer_name(const char *name)
{
    for (const char *c = name; *c; c++) {
        bool inside = c > name && c[1] && c[-1] != '.' && c[1] != '.';     /* a label */

        if (!g_ascii_isalnum(*c) && (*c != '-' || !inside) && (*c != '.' || c == name || c[-1] == '.' || !c[1]))
            return false;
    }
    return true;
}

static const char *
parameter_fault(const char *name, const char *value)
{
    if (!name[0] || name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
        return "parameter without a name";
    return value[strcspn(value, " \t")] ? "parameter with white space in it" : NULL;
}

static const char *
set_parameter(acme_issuer_t *issuer, char *parameter)
{
    char *equals = strchr(parameter, '=');
    const char *value;

    if (!parameter[0])
        return "empty parameter, or a semicolon at the end";
    if (!equals)
        return "parameter without a value";
    *equals = '\0';
    value = g_strstrip(equals + 1);
    g_strchomp(parameter);
    if (!g_ascii_strcasecmp(parameter, "accounturi"))
        issuer->account = value;
    else if (!g_ascii_strcasecmp(parameter, "validationmethods"))
        issuer->methods = value;
    else if (!g_ascii_strcasecmp(parameter, "persistUntil"))
        issuer->until = value;
    return parameter_fault(parameter, value);
}

/* text: behind the first semicolon. One that nothing follows is allowed. */
static void
read_parameters(acme_issuer_t *issuer, char *text)
{
    if (text[strspn(text, " \t")] == '\0')
        return;
    for (unsigned i = 0; text && i < MAX_PARAMETERS; i++) {
        char *next = strchr(text, ';');
        const char *fault;

        if (next)
            *next++ = '\0';
        fault = set_parameter(issuer, g_strstrip(text));
        if (!issuer->fault)
            issuer->fault = fault;
        text = next;
    }
}

static void
read_issuer(wmem_allocator_t *pool, const char *value, acme_issuer_t *issuer)
{
    char *text = wmem_strdup(pool, value);
    char *rest = strchr(text, ';');

    memset(issuer, 0, sizeof *issuer);
    if (rest) {
        *rest = '\0';
        read_parameters(issuer, rest + 1);
    }
    issuer->name = wmem_ascii_strdown(pool, g_strstrip(text), -1);
    if (!is_issuer_name(issuer->name))
        issuer->fault = "the authority's name is none of DNS";
}

/* Whether a list with commas has the name. */
static bool
has_method(const char *methods, const char *name)
{
    size_t length = strlen(name);

    while (methods) {
        methods += strspn(methods, ", \t");
        if (!g_ascii_strncasecmp(methods, name, length) && (methods[length] == '\0' || strchr(", \t", methods[length])))
            return true;
        methods = strchr(methods, ',');
    }
    return false;
}

/* --- dns-persist-01 --- */

/* Whether it is kept already, or so many others are. */
static bool
is_enough(const char *domain, const acme_issuer_t *issuer)
{
    const acme_issuer_t *one = (const acme_issuer_t *)wmem_map_lookup(chosen, domain);
    unsigned count = 0;

    while (one && count < MAX_ISSUERS && (strcmp(one->name, issuer->name) || strcmp(one->account, issuer->account))) {
        one = one->next;
        count++;
    }
    return one != NULL;
}

static void
learn_chosen(const acme_dns_t *message, const acme_issuer_t *issuer)
{
    const char *domain = acme_keep(ACME_NAMES, message->domain);
    const char *name = acme_keep(ACME_NAMES, issuer->name);
    const char *account = acme_keep(ACME_NAMES, issuer->account);
    acme_issuer_t *kept;

    if (!domain || !name || !account || is_enough(domain, issuer))
        return;
    kept = (acme_issuer_t *)acme_room(ACME_NAMES, sizeof *kept);
    if (!kept)
        return;
    kept->name = name;
    kept->account = account;
    kept->next = (acme_issuer_t *)wmem_map_lookup(chosen, domain);
    wmem_map_insert(chosen, domain, kept);
}

/* Whether it is an authority of this capture that asks about the domain, as far as that can be told. */
static bool
is_asked_by_capture(const char *domain)
{
    return wmem_array_get_count(issuers) > 0 && (!acme_expects_any() || acme_expects_domain(domain));
}

static bool
is_issuer_of_capture(const char *name)
{
    for (unsigned i = 0; i < wmem_array_get_count(issuers); i++) {
        if (!g_ascii_strcasecmp(*(const char **)wmem_array_index(issuers, i), name))
            return true;
    }
    return false;
}

static const char *
persistent_fault(const acme_dns_t *message, const acme_issuer_t *issuer)
{
    int64_t until;

    if (!issuer->name[0] || !issuer->account || !issuer->account[0])
        return "record without authority or account";
    if (issuer->fault)
        return issuer->fault;
    if (issuer->until && !ws_strtoi64(issuer->until, NULL, &until))
        return "persistUntil is no number of seconds";
    if (issuer->until && until < (int64_t)message->pinfo->abs_ts.secs)
        return "record has expired";
    return NULL;
}

/* As the directory and the account in the capture have it. */
static const char *
addressee_fault(const acme_dns_t *message, const acme_issuer_t *issuer)
{
    if (!is_asked_by_capture(message->domain))
        return NULL;
    if (!is_issuer_of_capture(issuer->name))
        return "record for another authority";
    return acme_check_account(message->domain, issuer->account) == ACME_CHECK_DIFFERS ? "record for another account" : NULL;
}

const char *
acme_dns_persist_value(const acme_dns_t *message, proto_tree *tree, const dns_record_t *record, const char *value,
        acme_question_t *question _U_)
{
    acme_issuer_t issuer;
    const char *fault;

    proto_tree_add_string(tree, hf_acme_dns_persist, message->dns.tvb, record->offset, record->length, value);
    read_issuer(message->pinfo->pool, value, &issuer);
    fault = persistent_fault(message, &issuer);
    if (!fault)
        fault = addressee_fault(message, &issuer);
    if (!fault && !PINFO_FD_VISITED(message->pinfo))
        learn_chosen(message, &issuer);
    return fault;
}

/* --- CAA --- */

typedef enum {
    CAA_OTHER, CAA_ISSUE, CAA_ISSUEWILD
} caa_tag_t;

typedef enum {
    CAA_FORBIDS, CAA_MAY_PERMIT, CAA_PERMITS
} caa_permission_t;

/* What a set of records says, for names with and without a wildcard. */
typedef struct caa_set {
    unsigned         records[CAA_ISSUEWILD + 1];
    caa_permission_t best[CAA_ISSUEWILD + 1];
    bool             has_unknown;   /* that is critical */
    const char      *fault;         /* in the grammar of the first that has one */
} caa_set_t;

void
acme_dns_learn_issuer(const char *name)
{
    name = acme_keep(ACME_NAMES, name);
    for (unsigned i = 0; name && i < wmem_array_get_count(issuers); i++) {
        if (*(const char **)wmem_array_index(issuers, i) == name)
            return;
    }
    if (name && wmem_array_get_count(issuers) < MAX_ISSUERS && acme_take(ACME_NAMES, 2 * sizeof name))
        wmem_array_append_one(issuers, name);
}

/* By the domain's own records for dns-persist-01. */
static caa_permission_t
permission_of_chosen(const acme_issuer_t *own, const acme_issuer_t *issuer)
{
    for (; own; own = own->next) {
        if (!strcmp(own->name, issuer->name) && (!issuer->account || !strcmp(own->account, issuer->account)))
            return CAA_PERMITS;
    }
    return CAA_FORBIDS;
}

static caa_permission_t
permission_of_account(const char *domain, const acme_issuer_t *issuer)
{
    acme_check_t check = issuer->account ? acme_check_account(domain, issuer->account) : ACME_CHECK_FITS;

    return check == ACME_CHECK_FITS ? CAA_PERMITS : check == ACME_CHECK_DIFFERS ? CAA_FORBIDS : CAA_MAY_PERMIT;
}

/* Which of its challenges an authority relies on is not told: one that the records allow is enough. */
static bool
permits_method(const acme_dns_t *message, const char *methods)
{
    for (const value_string *type = acme_challenge_vals; type->strptr; type++) {
        if (has_method(methods, type->strptr)
                && (type->value == message->challenge || acme_challenge_is_known((uint8_t)type->value, message->domain)))
            return true;
    }
    return false;
}

static caa_permission_t
permission(const acme_dns_t *message, const acme_issuer_t *issuer)
{
    const acme_issuer_t *own = (const acme_issuer_t *)wmem_map_lookup(chosen, message->domain);

    if (!issuer->name[0] || issuer->fault || (issuer->methods && !permits_method(message, issuer->methods)))
        return CAA_FORBIDS;
    if (own)
        return permission_of_chosen(own, issuer);
    if (!is_asked_by_capture(message->domain))
        return CAA_MAY_PERMIT;
    return is_issuer_of_capture(issuer->name) ? permission_of_account(message->domain, issuer) : CAA_FORBIDS;
}

/* Flags, the length of the tag, the tag, the value. */
static caa_tag_t
read_caa(const acme_dns_t *message, const dns_record_t *record, const char **tag, const char **value)
{
    tvbuff_t *tvb = message->dns.tvb;
    wmem_allocator_t *pool = message->pinfo->pool;
    int tag_length = record->length >= 2 ? tvb_get_uint8(tvb, record->offset + 1) : 0;
    int rest = record->length - 2 - tag_length;

    *tag = *value = "";
    if (tag_length == 0 || rest < 0)
        return CAA_OTHER;
    *tag = text_shown(pool, (const char *)tvb_get_ptr(tvb, record->offset + 2, tag_length), (size_t)tag_length, TEXT_LINE, NULL);
    if (rest > 0)
        *value = text_shown(pool, (const char *)tvb_get_ptr(tvb, record->offset + 2 + tag_length, rest), (size_t)rest,
                TEXT_LINE, NULL);
    if (!g_ascii_strcasecmp(*tag, "issue"))
        return CAA_ISSUE;
    return !g_ascii_strcasecmp(*tag, "issuewild") ? CAA_ISSUEWILD : CAA_OTHER;
}

/* RFC 8659 section 4.1: who does not know a critical property may not issue; nobody knows what is not registered. */
static bool
is_unknown_and_critical(const acme_dns_t *message, const dns_record_t *record, const char *tag)
{
    static const char *registered[] = {
        "issue", "issuewild", "iodef", "auth", "path", "policy", "contactemail", "contactphone", "issuevmc", "issuemail"
    };

    if (record->length < 2 || !(tvb_get_uint8(message->dns.tvb, record->offset) & CAA_CRITICAL))
        return false;
    for (unsigned i = 0; i < array_length(registered); i++) {
        if (!g_ascii_strcasecmp(tag, registered[i]))
            return false;
    }
    return true;
}

static void
take_caa(const acme_dns_t *message, proto_tree *tree, const dns_record_t *record, caa_set_t *set)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    const char *tag, *value;
    caa_tag_t kind = read_caa(message, record, &tag, &value);
    acme_issuer_t issuer;
    caa_permission_t permits;

    proto_tree_add_string(tree, hf_acme_dns_caa, message->dns.tvb, record->offset, record->length,
            wmem_strconcat(pool, tag, " ", value, NULL));
    read_issuer(pool, value, &issuer);
    permits = permission(message, &issuer);
    set->has_unknown = set->has_unknown || is_unknown_and_critical(message, record, tag);
    if (kind != CAA_OTHER && !set->fault)
        set->fault = issuer.fault;
    set->records[kind]++;
    if (permits > set->best[kind])
        set->best[kind] = permits;
}

/* RFC 8659 section 4.3: issuewild, where there is any, is for wildcards in the place of issue. */
static bool
set_forbids(const caa_set_t *set)
{
    if (set->has_unknown)
        return true;
    if (set->records[CAA_ISSUE] == 0 || set->best[CAA_ISSUE] != CAA_FORBIDS)
        return false;
    return set->records[CAA_ISSUEWILD] == 0 || set->best[CAA_ISSUEWILD] == CAA_FORBIDS;
}

static const char *
set_text(wmem_allocator_t *pool, const caa_set_t *set)
{
    if (!set_forbids(set))
        return "CAA answer";
    if (set->has_unknown)
        return "CAA forbids: a critical property that is not registered";
    return set->fault ? wmem_strconcat(pool, "CAA forbids: ", set->fault, NULL) : "CAA forbids";
}

/* What this answer comes to, if its name is the one that decides; returns whether it is known. */
static bool
read_set(const acme_dns_t *message, proto_tree *tree, bool *empty, acme_dns_result_t *result)
{
    caa_set_t set = { { 0 }, { CAA_FORBIDS }, false, NULL };
    acme_dns_records_t all = acme_dns_records(message, DNS_TYPE_CAA);
    unsigned rcode = all.rcode, count = wmem_array_get_count(all.records);

    for (unsigned i = 0; i < count; i++)
        take_caa(message, tree, (const dns_record_t *)wmem_array_index(all.records, i), &set);
    *empty = false;
    if (rcode != 0 && rcode != DNS_RCODE_NXDOMAIN) {
        result->cause = ACME_CAUSE_DNS_ERROR;
        result->text = dns_rcode_name(message->pinfo->pool, rcode);
        return rcode != DNS_RCODE_BADVERS && rcode != DNS_RCODE_BADCOOKIE;
    }
    if (all.partial && rcode == 0) {
        result->text = acme_dns_partial_text(message);
        return false;
    }
    if (count > 0) {
        result->cause = set_forbids(&set) ? ACME_CAUSE_CAA : ACME_CAUSE_NONE;
        result->text = set_text(message->pinfo->pool, &set);
        return true;
    }
    *empty = all.absent;
    result->text = *empty ? "no CAA record here, its parent decides" : all.has_alias ? "CNAME" : "referral";
    if (all.has_alias && !*empty && all.name[0] && !PINFO_FD_VISITED(message->pinfo))
        acme_dns_keep_alias(message, all.name, true);
    return *empty;
}

void
acme_dns_note_caa(const acme_dns_t *message)
{
    acme_dns_result_t result;
    bool empty;

    memset(&result, 0, sizeof result);
    if (!message->is_answer)
        acme_dns_climb_asked(message->pinfo, message->place);
    else if (read_set(message, NULL, &empty, &result))
        acme_dns_climb_answered(message->pinfo, message->place, empty, result.cause);
}

void
acme_dns_read_caa(const acme_dns_t *message, proto_tree *tree, const acme_question_t *question, acme_dns_result_t *result)
{
    bool empty;

    memset(result, 0, sizeof *result);
    read_set(message, tree, &empty, result);
    result->judged = question->validation.judged;
    if (!result->judged && result->cause != ACME_CAUSE_NONE)
        result->text = "CAA answer";        /* names below it decide */
}

/* --- Registration --- */

static void
acme_dns_issuer_init(void)
{
    chosen = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
    issuers = wmem_array_new(wmem_file_scope(), sizeof(const char *));
}

void
acme_register_dns_issuer(void)
{
    static hf_register_info hf[] = {
        { &hf_acme_dns_persist,
          { "Persistent record", "acme.dns.persist", FT_STRING, BASE_NONE, NULL, 0,
            "Value of a TXT record for dns-persist-01: an authority and an account of it", HFILL } },
        { &hf_acme_dns_caa,
          { "CAA", "acme.dns.caa", FT_STRING, BASE_NONE, NULL, 0,
            "Tag and value of a CAA record, which says what authority may issue", HFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    register_init_routine(acme_dns_issuer_init);
}
