/* hkp-srv.c
 * SRV lookups of key servers and Web Key Directories in DNS; see hkp-srv.h
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

#include "dns-message.h"
#include "dns-watch.h"
#include "flow.h"
#include "hkp-srv.h"
#include "standin.h"
#include "text.h"
#include "compat.h"

#define TYPE_SRV            33
#define TYPE_DNAME          39
#define SRV_TARGET          6       /* behind priority, weight and port */

/* Targets in the Info column. */
#define INFO_TARGETS        3

static hkp_srv_shown_t show_srv;
static int proto_dns = -1;

static bool
is_of_key_server(const char *name)
{
    static const char *const services[] = {
        "_hkp._tcp.", "_hkps._tcp.", "_openpgpkey._tcp.", "_pgpkey-http._tcp.", "_pgpkey-https._tcp."
    };

    for (size_t i = 0; i < G_N_ELEMENTS(services); i++) {
        if (g_str_has_prefix(name, services[i]))
            return true;
    }
    return false;
}

/* Without the last dot. */
static const char *
shown_name(wmem_allocator_t *pool, const char *name)
{
    size_t length = strlen(name);

    return text_shown(pool, name, length > 0 ? length - 1 : 0, TEXT_LINE, NULL);
}

typedef struct targets {
    unsigned       count;
    bool           none;        /* one of them says that there is no such service */
    bool           alias;       /* another name stands for the one asked for */
    bool           soa, ns;     /* in the authority section: the zone has no such record, or another one has to be asked */
    wmem_strbuf_t *text;
} targets_t;

static void
add_target(packet_info *pinfo, const dns_message_t *message, const dns_record_t *record, targets_t *targets)
{
    const char *name;
    int end;

    if (record->type != TYPE_SRV || record->length <= SRV_TARGET)
        return;
    name = dns_name(pinfo->pool, message->tvb, record->offset + SRV_TARGET, &end);
    if (!name)
        return;
    if (name[0] == '\0') {
        targets->none = true;
        return;
    }
    if (targets->count++ < INFO_TARGETS)
        wmem_strbuf_append_printf(targets->text, "%s%s:%u", targets->count > 1 ? ", " : "", shown_name(pinfo->pool, name),
                tvb_get_ntohs(message->tvb, record->offset + 4));
}

static void
read_record(packet_info *pinfo, const dns_message_t *message, const dns_record_t *record, targets_t *targets)
{
    if (record->record_class != DNS_CLASS_IN)
        return;
    if (record->section == DNS_ANSWER) {
        targets->alias |= record->type == DNS_TYPE_CNAME || record->type == TYPE_DNAME;
        add_target(pinfo, message, record, targets);
    } else if (record->section == DNS_AUTHORITY) {
        targets->soa |= record->type == DNS_TYPE_SOA;
        targets->ns |= record->type == DNS_TYPE_NS;
    }
}

/* False: not all of what matters can be read. */
static bool
read_records(packet_info *pinfo, const dns_message_t *message, targets_t *targets)
{
    dns_cursor_t cursor = dns_first_record(message);
    dns_record_t record;
    unsigned read[DNS_SECTIONS] = { 0 };

    while (dns_next_record(pinfo->pool, message, &cursor, &record)) {
        read_record(pinfo, message, &record, targets);
        read[record.section]++;
    }
    return read[DNS_ANSWER] == message->records[DNS_ANSWER] && read[DNS_AUTHORITY] == message->records[DNS_AUTHORITY];
}

/* Whoever could search has, if asked to: that it could is no answer (RFC 1034 section 4.3.1). */
static bool
has_searched(const dns_message_t *message)
{
    const unsigned both = DNS_FLAG_DESIRED | DNS_FLAG_RECURSION;

    return (message->flags & DNS_FLAG_AUTHORITATIVE) || (message->flags & both) == both;
}

/* RFC 2308 section 2: an answer without what was asked for says that there is none, or where else to ask. */
static bool
leads_on(const dns_message_t *message, const targets_t *targets)
{
    if (message->flags & DNS_FLAGS_RCODE || targets->none || targets->soa)
        return false;
    return targets->alias || targets->ns || !has_searched(message);
}

static void
read_answer(packet_info *pinfo, const dns_message_t *message, hkp_srv_t *srv)
{
    targets_t targets = { .text = wmem_strbuf_new(pinfo->pool, NULL) };
    unsigned rcode = message->flags & DNS_FLAGS_RCODE;
    bool whole = read_records(pinfo, message, &targets) && !(message->flags & DNS_FLAG_TRUNCATED);

    if (targets.count > 0) {
        srv->found = FOUND_YES;
        srv->outcome = HKP_OUTCOME_FOUND;
        srv->text = wmem_strbuf_get_str(targets.text);
    } else if (rcode != 0 && rcode != DNS_RCODE_NXDOMAIN) {
        srv->outcome = HKP_OUTCOME_ERROR;
        srv->text = dns_rcode_name(pinfo->pool, rcode);
    } else if (whole && leads_on(message, &targets)) {
        srv->outcome = HKP_OUTCOME_UNREADABLE;
        srv->text = targets.alias ? "another name stands for it" : "another server is to be asked";
    } else if (whole) {
        srv->found = FOUND_NO;
        srv->outcome = HKP_OUTCOME_NOT_FOUND;
        srv->text = targets.none ? "no such service" : rcode != 0 ? "no such name" : "no such record";
    } else {
        srv->outcome = HKP_OUTCOME_UNREADABLE;
        srv->text = "cut off";
    }
}

static void
handle_message(tvbuff_t *tvb, const dns_first_look_t *look _U_, packet_info *pinfo, proto_tree *parent)
{
    dns_message_t message;
    hkp_srv_t srv = { .found = FOUND_UNKNOWN, .outcome = HKP_OUTCOME_NONE };
    const char *saved;

    if (!dns_message_read(pinfo->pool, tvb, &message) || !is_of_key_server(message.name))
        return;
    srv.name = shown_name(pinfo->pool, message.name);
    srv.is_answer = (message.flags & DNS_FLAG_RESPONSE) != 0;
    if (srv.is_answer)
        read_answer(pinfo, &message, &srv);
    saved = standin_speak_as(pinfo, "HKP");
    show_srv(tvb, pinfo, flow_native_subtree(parent, proto_dns), &srv);
    pinfo->current_proto = saved;
}

static bool
wants_message(const dns_first_look_t *look)
{
    return look->type == TYPE_SRV;
}

static const uint16_t types[] = { TYPE_SRV, 0 };
static dns_watcher_t watcher = { NULL, wants_message, handle_message, types };

void
hkp_srv_watch(const int *proto, hkp_srv_shown_t show)
{
    show_srv = show;
    proto_dns = proto_get_id_by_filter_name("dns");
    watcher.proto = proto;
    dns_watch(&watcher);
}
