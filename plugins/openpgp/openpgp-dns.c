/* openpgp-dns.c
 * OpenPGP keys in DNS; see openpgp-dns.h
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
#include <wsutil/wsgcrypt.h>

#include "dns-message.h"
#include "dns-watch.h"
#include "expert-reader.h"
#include "flow.h"
#include "openpgp-codes.h"
#include "openpgp-dns.h"
#include "openpgp-parse.h"
#include "standin.h"
#include "compat.h"

#define TYPE_CERT           37
#define TYPE_OPENPGPKEY     61
#define TYPE_ANY            255

#define CERT_PGP            3
#define CERT_HEADER         5       /* type, key tag, algorithm */

#define OWNER_OCTETS        28      /* of the hash */
#define OWNER_DIGITS        (2 * OWNER_OCTETS)
#define OWNER_LABEL         "._openpgpkey."

static expert_field ei_dns_owner = EI_INIT;

static openpgp_show_t show_openpgp;
static openpgp_review_body_t review_openpgp;
static int proto_dns = -1;

/* --- Whose key it is --- */

typedef struct owner {
    wmem_allocator_t *pool;
    const char       *hash;     /* hex, OWNER_DIGITS of them */
    const char       *domain;   /* without the last dot */
    unsigned          userids;
    bool              fits;     /* one of them is of this owner */
} owner_t;

static void
ignore_block(void *user _U_, unsigned nesting _U_)
{
}

static void
ignore_cleartext(void *user _U_, const char *text _U_, unsigned length _U_)
{
}

static bool
is_hash_of(const owner_t *owner, const char *local, size_t length)
{
    uint8_t digest[32];
    char hex[OWNER_DIGITS + 1];

    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, local, length);
    for (unsigned i = 0; i < OWNER_OCTETS; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return !strncmp(hex, owner->hash, OWNER_DIGITS);
}

/* It may be the same domain as one in ASCII (RFC 5890), which nobody here compares. */
static bool
is_international(const char *domain)
{
    for (; *domain; domain++) {
        if (*domain & 0x80)
            return true;
    }
    return false;
}

/* The local part is hashed as it is; many publish it in lower case, whatever the user ID has. */
static void
compare_address(owner_t *owner, const char *address)
{
    const char *at = strrchr(address, '@');
    size_t length = at ? (size_t)(at - address) : 0;
    char *lower;

    if (!at || (g_ascii_strcasecmp(at + 1, owner->domain) && !is_international(at + 1)))
        return;
    lower = g_ascii_strdown(address, (gssize)length);
    owner->fits = owner->fits || is_hash_of(owner, address, length) || is_hash_of(owner, lower, length);
    g_free(lower);
}

static void
compare_userid(void *user, uint8_t tag, openpgp_data_t body, bool cut _U_, const openpgp_key_t *key _U_)
{
    owner_t *owner = (owner_t *)user;
    char *userid, *open, *close;

    if (tag != OPENPGP_TAG_USER_ID)
        return;
    owner->userids++;
    userid = wmem_strndup(owner->pool, (const char *)body.octets, body.captured);
    open = strrchr(userid, '<');
    close = open ? strchr(open, '>') : NULL;
    if (close)
        *close = '\0';
    compare_address(owner, close ? open + 1 : userid);
}

/* False: the name is none of the form. */
static bool
read_owner(wmem_allocator_t *pool, const char *name, owner_t *owner)
{
    const char *label = strstr(name, OWNER_LABEL);
    size_t length;

    if (!label || label - name != OWNER_DIGITS || strspn(name, "0123456789abcdef") != OWNER_DIGITS)
        return false;
    owner->pool = pool;
    owner->hash = name;
    owner->domain = wmem_strdup(pool, label + strlen(OWNER_LABEL));
    length = strlen(owner->domain);
    if (length > 0)
        ((char *)owner->domain)[length - 1] = '\0';
    return length > 1;
}

static void
check_owner(packet_info *pinfo, proto_tree *tree, const dns_record_t *record, tvbuff_t *key)
{
    owner_t owner = { .userids = 0 };
    openpgp_visitor_t visitor = { &owner, ignore_block, compare_userid, ignore_cleartext };

    if (!read_owner(pinfo->pool, record->name, &owner))
        return;
    openpgp_visit(pinfo->pool, openpgp_data_of(key), &visitor);
    if (owner.userids > 0 && !owner.fits)
        proto_tree_add_expert_format(tree, pinfo, &ei_dns_owner, key, 0, -1,
            "No user ID of the key is of an address in %s whose hash is in the name of the record", owner.domain);
}

/* --- Records --- */

/* NULL: the record has no key in it. */
static tvbuff_t *
key_of_record(tvbuff_t *tvb, const dns_record_t *record)
{
    int skip = record->type == TYPE_CERT ? CERT_HEADER : 0;

    if (record->record_class != DNS_CLASS_IN || record->length <= skip)
        return NULL;
    if (record->type == TYPE_CERT && tvb_get_ntohs(tvb, record->offset) != CERT_PGP)
        return NULL;
    return record->type == TYPE_CERT || record->type == TYPE_OPENPGPKEY ?
        tvb_new_subset_length(tvb, record->offset + skip, record->length - skip) : NULL;
}

static void
handle_record(packet_info *pinfo, proto_tree *parent, tvbuff_t *key, const dns_record_t *record)
{
    const openpgp_summary_t *summary = openpgp_parse(pinfo->pool, openpgp_data_of(key));
    proto_tree *tree;

    if (!summary->present || summary->primary_keys == 0)
        return;
    if (!expert_has_reader(pinfo, parent != NULL)) {
        review_openpgp(key, pinfo, NULL);
        return;
    }
    tree = show_openpgp(key, pinfo, parent, summary, NULL);
    if (record->type == TYPE_OPENPGPKEY)
        check_owner(pinfo, tree, record, key);
}

static bool
may_have_keys(const dns_first_look_t *look)
{
    return look->type == TYPE_OPENPGPKEY || look->type == TYPE_CERT || look->type == TYPE_ANY;
}

static void
handle_message(tvbuff_t *tvb, const dns_first_look_t *look _U_, packet_info *pinfo, proto_tree *parent)
{
    dns_message_t message;
    dns_cursor_t cursor;
    dns_record_t record;
    const char *saved;

    if (!dns_message_read(pinfo->pool, tvb, &message) || !(message.flags & DNS_FLAG_RESPONSE))
        return;
    parent = flow_native_subtree(parent, proto_dns);
    saved = standin_speak_as(pinfo, "OpenPGP");
    cursor = dns_first_record(&message);
    while (dns_next_record(pinfo->pool, &message, &cursor, &record)) {
        tvbuff_t *key = key_of_record(tvb, &record);

        if (key)
            handle_record(pinfo, parent, key, &record);
    }
    pinfo->current_proto = saved;
}

static const uint16_t types[] = { TYPE_OPENPGPKEY, TYPE_CERT, TYPE_ANY, 0 };
static dns_watcher_t watcher = { NULL, may_have_keys, handle_message, types };

/* --- Registration --- */

void
openpgp_register_dns(expert_module_t *expert)
{
    static ei_register_info ei[] = {
        { &ei_dns_owner, { "openpgp.dns.owner_mismatch", PI_SECURITY, PI_WARN,
            "No user ID of the key is of the address in the name of the record", EXPFILL } },
    };

    expert_register_field_array(expert, ei, array_length(ei));
}

void
openpgp_handoff_dns(const int *proto, openpgp_show_t show, openpgp_review_body_t review)
{
    show_openpgp = show;
    review_openpgp = review;
    proto_dns = proto_get_id_by_filter_name("dns");
    watcher.proto = proto;
    dns_watch(&watcher);
}
