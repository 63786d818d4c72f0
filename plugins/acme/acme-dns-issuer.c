/* acme-dns-issuer.c
 * Records that name an authority: dns-persist-01, and CAA; see acme-dns-issuer.h
 *
 * CAA forbids if no issue record permits and no issuewild record might. Who asks is known from the domain's own record
 * for dns-persist-01, or from the directory of the one authority of the capture; where it is not, records that name somebody
 * may well
 * name the one that asks, and only those that permit nobody forbid.
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

#include <stdlib.h>
#include <string.h>

#include <epan/packet.h>
#include <wsutil/str_util.h>

#include "acme-dns-issuer.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "text.h"

#define MAX_PARAMETERS  64

static int hf_acme_dns_persist = -1;
static int hf_acme_dns_caa = -1;

/* The authority that a domain's record for dns-persist-01 names, acme_issuer_t by domain; file scope. */
static wmem_map_t *chosen;
/* The names of the authorities whose directories are in the capture; file scope. */
static wmem_array_t *issuers;

/* "ca.example.org; accounturi=https://...; validationmethods=dns-01", of either record. */
typedef struct acme_issuer {
    const char *name;           /* in lower case; "": nobody */
    const char *account;        /* NULL: none is named */
    const char *methods;        /* likewise */
    const char *until;          /* likewise */
} acme_issuer_t;

/* --- Values --- */

static void
set_parameter(acme_issuer_t *issuer, char *parameter)
{
    char *equals = strchr(parameter, '=');
    const char *value;

    if (!equals)
        return;
    *equals = '\0';
    value = g_strstrip(equals + 1);
    g_strchomp(parameter);
    if (!g_ascii_strcasecmp(parameter, "accounturi"))
        issuer->account = value;
    else if (!g_ascii_strcasecmp(parameter, "validationmethods"))
        issuer->methods = value;
    else if (!g_ascii_strcasecmp(parameter, "persistUntil"))
        issuer->until = value;
}

static void
read_issuer(wmem_allocator_t *pool, const char *value, acme_issuer_t *issuer)
{
    char *text = wmem_strdup(pool, value);
    char *next = strchr(text, ';');

    memset(issuer, 0, sizeof *issuer);
    for (unsigned i = 0; next && i < MAX_PARAMETERS; i++) {
        char *parameter = next + 1;

        *next = '\0';
        next = strchr(parameter, ';');
        if (next)
            *next = '\0';
        set_parameter(issuer, g_strstrip(parameter));
    }
    issuer->name = wmem_ascii_strdown(pool, g_strstrip(text), -1);
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

static void
learn_chosen(const acme_dns_t *message, const acme_issuer_t *issuer)
{
    const char *domain = acme_keep(ACME_NAMES, message->domain);
    const char *name = acme_keep(ACME_NAMES, issuer->name);
    const char *account = acme_keep(ACME_NAMES, issuer->account);
    acme_issuer_t *kept;

    if (!domain || !name || !account)
        return;
    kept = (acme_issuer_t *)wmem_map_lookup(chosen, domain);
    if (!kept) {
        kept = (acme_issuer_t *)acme_room(ACME_NAMES, sizeof *kept);
        if (!kept)
            return;
        wmem_map_insert(chosen, domain, kept);
    }
    kept->name = name;
    kept->account = account;
}

const char *
acme_dns_persist_value(const acme_dns_t *message, proto_tree *tree, const dns_record_t *record, const char *value,
        acme_question_t *question _U_)
{
    acme_issuer_t issuer;

    proto_tree_add_string(tree, hf_acme_dns_persist, message->dns.tvb, record->offset, record->length, value);
    read_issuer(message->pinfo->pool, value, &issuer);
    if (!issuer.name[0] || !issuer.account || !issuer.account[0])
        return "record without authority or account";
    if (issuer.until && g_ascii_strtoll(issuer.until, NULL, 10) < (int64_t)message->pinfo->abs_ts.secs)
        return "record has expired";
    if (!PINFO_FD_VISITED(message->pinfo))
        learn_chosen(message, &issuer);
    return NULL;
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
} caa_set_t;

void
acme_dns_learn_issuer(const char *name)
{
    name = acme_keep(ACME_NAMES, name);
    for (unsigned i = 0; name && i < wmem_array_get_count(issuers); i++) {
        if (*(const char **)wmem_array_index(issuers, i) == name)
            return;
    }
    if (name && acme_take(ACME_NAMES, 2 * sizeof name))
        wmem_array_append_one(issuers, name);
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

static caa_permission_t
permission(const acme_dns_t *message, const acme_issuer_t *issuer)
{
    const acme_issuer_t *own = (const acme_issuer_t *)wmem_map_lookup(chosen, message->domain);
    const char *method = val_to_str_const(message->challenge, acme_challenge_vals, "");

    if (!issuer->name[0] || (issuer->methods && !has_method(issuer->methods, method)))
        return CAA_FORBIDS;
    if (own && strcmp(own->name, issuer->name))
        return CAA_FORBIDS;
    if (own && issuer->account && strcmp(own->account, issuer->account))
        return CAA_FORBIDS;
    if (own)
        return CAA_PERMITS;
    if (wmem_array_get_count(issuers) == 0)
        return CAA_MAY_PERMIT;
    return !is_issuer_of_capture(issuer->name) ? CAA_FORBIDS : issuer->account ? CAA_MAY_PERMIT : CAA_PERMITS;
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
    set->records[kind]++;
    if (permits > set->best[kind])
        set->best[kind] = permits;
}

/* RFC 8659 section 4.3: issuewild, where there is any, is for wildcards in the place of issue. */
static bool
set_forbids(const caa_set_t *set)
{
    if (set->records[CAA_ISSUE] == 0 || set->best[CAA_ISSUE] != CAA_FORBIDS)
        return false;
    return set->records[CAA_ISSUEWILD] == 0 || set->best[CAA_ISSUEWILD] == CAA_FORBIDS;
}

void
acme_dns_read_caa(const acme_dns_t *message, proto_tree *tree, acme_dns_result_t *result)
{
    caa_set_t set = { { 0 }, { CAA_FORBIDS } };
    wmem_array_t *records;
    unsigned rcode = acme_dns_records(message, DNS_TYPE_CAA, &records);
    unsigned count = wmem_array_get_count(records);

    memset(result, 0, sizeof *result);
    for (unsigned i = 0; i < count; i++)
        take_caa(message, tree, (const dns_record_t *)wmem_array_index(records, i), &set);
    if (rcode != 0 && rcode != DNS_RCODE_NXDOMAIN) {
        result->judged = rcode != DNS_RCODE_BADVERS && rcode != DNS_RCODE_BADCOOKIE;
        result->cause = result->judged ? ACME_CAUSE_DNS_ERROR : ACME_CAUSE_NONE;
        result->text = dns_rcode_name(message->pinfo->pool, rcode);
        return;
    }
    if (count == 0) {
        result->text = message->dns.flags & DNS_FLAG_TRUNCATED ? "truncated" : "no CAA record here, its parent decides";
        acme_dns_keep_parent(message);
        return;
    }
    result->judged = set_forbids(&set);
    result->cause = result->judged ? ACME_CAUSE_CAA : ACME_CAUSE_NONE;
    result->text = result->judged ? "CAA forbids" : "CAA answer";
}

/* --- Registration --- */

static void
acme_dns_issuer_init(void)
{
    chosen = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
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
