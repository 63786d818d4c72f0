/* acme-dns-update.c
 * Dynamic updates of the names of challenges; see acme-dns-update.h
 *
 * A name may also be one that a CNAME leads to from a challenge's: that is known when somebody asks for it, so what looks like
 * a digest is kept at any name.
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
#include "acme-dns-published.h"
#include "acme-dns-update.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "show.h"
#include "text.h"

#define MAX_CHANGES     64      /* of an update */
#define MAX_UPDATES     65536   /* a capture */
#define MAX_BACK        64      /* updates with the same number that are looked through */
#define UPDATE_BYTES    64      /* of a map */
#define TSIG_FIXED      16      /* octets behind the algorithm's name, without MAC and other data */
#define TSIG_MAC_LENGTH 8       /* where that is, behind the algorithm's name */

static int hf_acme_dns_update_action = -1;
static int hf_acme_dns_update_value = -1;
static int hf_acme_dns_update_rcode = -1;
static int hf_acme_dns_update_key = -1;
static int hf_acme_dns_update_algorithm = -1;
static int hf_acme_dns_update_tsig_error = -1;
static int hf_acme_dns_found_in = -1;
static int hf_acme_dns_propagation = -1;

static expert_field ei_acme_dns_update_refused = EI_INIT;

/* The last acme_update_t by itself (addresses, ports and number); file scope. */
static wmem_map_t *updates;
static unsigned update_count;

static const value_string action_vals[] = {
    { ACME_UPDATE_ADD, "add" },
    { ACME_UPDATE_DELETE_VALUE, "delete" },
    { ACME_UPDATE_DELETE, "delete all" },
    { 0, NULL }
};

/* RFC 2136 section 2.2 */
static const value_string rcode_vals[] = {
    { 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" }, { 4, "NOTIMP" }, { 5, "REFUSED" }, { 6, "YXDOMAIN" },
    { 7, "YXRRSET" }, { 8, "NXRRSET" }, { 9, "NOTAUTH" }, { 10, "NOTZONE" }, { 0, NULL }
};

/* RFC 8945 section 3 */
static const value_string tsig_error_vals[] = {
    { 0, "none" }, { 16, "BADSIG" }, { 17, "BADKEY" }, { 18, "BADTIME" }, { 22, "BADTRUNC" }, { 0, NULL }
};

/* What to do. */
static const value_string rcode_advices[] = {
    { 2, "look into the server's log; it may not be allowed to write the zone's journal" },
    { 4, "the server takes no updates" },
    { 5, "allow this key, or this client, to change this name (update-policy, allow-update)" },
    { 9, "send it to the primary server of the zone, and sign it with a key of that server" },
    { 10, "the name is not in the zone that the update is for" },
    { 0, NULL }
};

static const value_string tsig_advices[] = {
    { 16, "the secret of the key is another one on the server" },
    { 17, "the server knows no key with this name and algorithm" },
    { 18, "the clocks of client and server differ by more than the allowed time" },
    { 22, "the server wants a longer signature" },
    { 0, NULL }
};

/* --- Updates --- */

static unsigned
hash_update(const void *key)
{
    const acme_update_t *update = (const acme_update_t *)key;

    return g_direct_hash(update->client) * 31 + g_direct_hash(update->server) + update->client_port * 65537u + update->server_port
        + update->id * 257u;
}

static int
compare_updates(const void *one, const void *other)
{
    const acme_update_t *a = (const acme_update_t *)one;
    const acme_update_t *b = (const acme_update_t *)other;

    return a->client == b->client && a->server == b->server && a->client_port == b->client_port && a->server_port == b->server_port
        && a->id == b->id && a->transport == b->transport;
}

static bool
is_answer(const dns_message_t *dns)
{
    return (dns->flags & DNS_FLAG_RESPONSE) != 0;
}

/* place: acme_place() or acme_place_find(), whose errors are those of the ends. */
static acme_update_t
ends_of(const packet_info *pinfo, const dns_message_t *dns, const acme_place_t *(*place)(const address *))
{
    bool answer = is_answer(dns);
    acme_update_t update = { .id = dns->id, .transport = (uint8_t)pinfo->ptype };

    update.client = place(answer ? &pinfo->dst : &pinfo->src);
    update.server = place(answer ? &pinfo->src : &pinfo->dst);
    update.client_port = (uint16_t)(answer ? pinfo->destport : pinfo->srcport);
    update.server_port = (uint16_t)(answer ? pinfo->srcport : pinfo->destport);
    return update;
}

static acme_update_t *
latest_update(const packet_info *pinfo, const dns_message_t *dns)
{
    acme_update_t wanted;

    if (wmem_map_size(updates) == 0)
        return NULL;
    wanted = ends_of(pinfo, dns, acme_place_find);
    return wanted.client && wanted.server ? (acme_update_t *)wmem_map_lookup(updates, &wanted) : NULL;
}

/* NULL: there is no room. */
static acme_update_t *
new_update(const packet_info *pinfo, const dns_message_t *dns)
{
    acme_update_t *update;

    if (update_count >= MAX_UPDATES || !acme_take(ACME_NAMES, UPDATE_BYTES)
            || !(update = (acme_update_t *)acme_room(ACME_QUESTIONS, sizeof *update)))
        return NULL;
    *update = ends_of(pinfo, dns, acme_place);
    if (!update->client || !update->server)
        return NULL;
    update->request_frame = pinfo->num;
    update->request_time = pinfo->abs_ts;
    return update;
}

static void
keep_update(acme_update_t *update)
{
    update->older = (acme_update_t *)wmem_map_lookup(updates, update);
    wmem_map_remove(updates, update);
    wmem_map_insert(updates, update, update);
    update_count++;
}

static bool
is_request_of(const acme_update_t *update, uint32_t frame)
{
    return frame == update->request_frame || (frame > update->request_frame && frame <= update->repeated_in);
}

static acme_update_t *
update_of_frame(const packet_info *pinfo, const dns_message_t *dns)
{
    acme_update_t *update = latest_update(pinfo, dns);
    uint32_t frame = pinfo->num;

    for (int i = 0; update && i < MAX_BACK; i++, update = update->older) {
        if (is_answer(dns) ? frame == update->response_frame : is_request_of(update, frame))
            return update;
    }
    return NULL;
}

/* --- What they change --- */

static uint8_t
action_of(const dns_record_t *record)
{
    if (record->type != DNS_TYPE_TXT && record->type != DNS_TYPE_ANY)
        return ACME_UPDATE_NONE;
    if (record->record_class == DNS_CLASS_ANY)
        return ACME_UPDATE_DELETE;
    if (record->type == DNS_TYPE_ANY)
        return ACME_UPDATE_NONE;
    return record->record_class == DNS_CLASS_NONE ? ACME_UPDATE_DELETE_VALUE
        : record->record_class == DNS_CLASS_IN ? ACME_UPDATE_ADD : ACME_UPDATE_NONE;
}

static bool
is_digest(const char *value)
{
    return value && strlen(value) == ACME_DIGEST_LENGTH && acme_is_base64url(value, ACME_DIGEST_LENGTH);
}

/* NULL: the name is not that of a challenge. */
static acme_challenge_t *
challenge_of(packet_info *pinfo, const char *name)
{
    acme_dns_t named = { .pinfo = pinfo };

    named.dns.name = name;
    return acme_dns_recognise_name(&named) ? acme_challenge(named.challenge, named.domain, NULL) : NULL;
}

/* Whether it is a change that is kept. */
static bool
read_change(packet_info *pinfo, const dns_message_t *dns, const dns_record_t *record, acme_published_t *change)
{
    size_t length;

    *change = (acme_published_t) { .action = action_of(record), .offset = record->offset, .length = record->length };
    if (record->section != DNS_AUTHORITY || change->action == ACME_UPDATE_NONE)
        return false;
    if (change->action != ACME_UPDATE_DELETE) {
        const char *bytes = dns_txt_bytes(pinfo->pool, dns, record, &length);

        change->value = text_shown(pinfo->pool, bytes, length, TEXT_LINE, NULL);
    }
    change->challenge = challenge_of(pinfo, record->name);
    return change->challenge
        || (change->action == ACME_UPDATE_ADD ? is_digest(change->value) : acme_dns_is_published(record->name));
}

/* Most updates are of other names: nothing is kept of those. */
static bool
has_change(packet_info *pinfo, const dns_message_t *dns)
{
    dns_cursor_t cursor = dns_first_record(dns);
    acme_published_t change;
    dns_record_t record;

    while (dns_next_record(pinfo->pool, dns, &cursor, &record)) {
        if (read_change(pinfo, dns, &record, &change))
            return true;
    }
    return false;
}

static void
note_records(packet_info *pinfo, const dns_message_t *dns, acme_update_t *update)
{
    dns_cursor_t cursor = dns_first_record(dns);
    const acme_published_t *before;
    acme_published_t change;
    dns_record_t record;
    int count = 0;

    while (count < MAX_CHANGES && dns_next_record(pinfo->pool, dns, &cursor, &record)) {
        before = update->changes;
        if (read_change(pinfo, dns, &record, &change))
            acme_dns_publish(update, record.name, &change);
        if (update->changes != before)
            count++;
    }
}

/* --- Signatures --- */

typedef struct tsig {
    const char *key;            /* NULL: there is none */
    const char *algorithm;
    uint16_t    error;
    int         offset;
    int         length;
} tsig_t;

static const char *
without_dot(wmem_allocator_t *pool, const char *name)
{
    return name[0] ? wmem_strndup(pool, name, strlen(name) - 1) : ".";
}

static void
read_tsig(wmem_allocator_t *pool, const dns_message_t *dns, const dns_record_t *record, tsig_t *tsig)
{
    int end, mac, limit = record->offset + record->length;
    const char *algorithm = dns_name(pool, dns->tvb, record->offset, &end);

    if (!algorithm || end + TSIG_FIXED > limit)
        return;
    mac = tvb_get_ntohs(dns->tvb, end + TSIG_MAC_LENGTH);
    if (end + TSIG_FIXED + mac > limit)
        return;
    tsig->key = without_dot(pool, record->name);
    tsig->algorithm = without_dot(pool, algorithm);
    tsig->error = tvb_get_ntohs(dns->tvb, end + TSIG_MAC_LENGTH + 4 + mac);
    tsig->offset = record->offset;
    tsig->length = record->length;
}

static tsig_t
tsig_of(wmem_allocator_t *pool, const dns_message_t *dns)
{
    tsig_t tsig = { NULL, NULL, 0, 0, 0 };
    dns_cursor_t cursor = dns_first_record(dns);
    dns_record_t record;

    while (dns_next_record(pool, dns, &cursor, &record)) {
        if (record.section == DNS_ADDITIONAL && record.type == DNS_TYPE_TSIG)
            read_tsig(pool, dns, &record, &tsig);
    }
    return tsig;
}

static void
show_tsig(proto_tree *tree, const dns_message_t *dns, const tsig_t *tsig)
{
    proto_tree_add_string(tree, hf_acme_dns_update_key, dns->tvb, tsig->offset, tsig->length, tsig->key);
    proto_tree_add_string(tree, hf_acme_dns_update_algorithm, dns->tvb, tsig->offset, tsig->length, tsig->algorithm);
    if (is_answer(dns))
        proto_tree_add_uint(tree, hf_acme_dns_update_tsig_error, dns->tvb, tsig->offset, tsig->length, tsig->error);
}

/* --- First pass --- */

/* Sent again before it is answered, it is the same update. */
static acme_update_t *
note_request(packet_info *pinfo, const dns_message_t *dns)
{
    acme_update_t *update = latest_update(pinfo, dns);

    if (update && !update->response_frame) {
        update->repeated_in = pinfo->num;
        return update;
    }
    update = has_change(pinfo, dns) ? new_update(pinfo, dns) : NULL;
    if (!update)
        return NULL;
    note_records(pinfo, dns, update);
    if (!update->changes)
        return NULL;
    keep_update(update);
    return update;
}

static acme_update_t *
note_answer(packet_info *pinfo, const dns_message_t *dns)
{
    acme_update_t *update = latest_update(pinfo, dns);

    if (!update || update->response_frame)
        return NULL;
    update->response_frame = pinfo->num;
    update->rcode = (uint16_t)dns_rcode(dns, NULL);
    update->tsig_error = tsig_of(pinfo->pool, dns).error;
    return update;
}

/* --- Showing it --- */

/* A message that is sent again need not be as long. */
static bool
is_captured(const dns_message_t *dns, const acme_published_t *change)
{
    return tvb_captured_length(dns->tvb) >= (unsigned)(change->offset + change->length);
}

static void
show_found(packet_info *pinfo, const dns_message_t *dns, proto_tree *tree, const acme_published_t *change)
{
    nstime_t took;

    if (!change->found_in || !PINFO_FD_VISITED(pinfo))
        return;
    nstime_delta(&took, &change->found_time, &change->update->request_time);
    show_uint(tree, hf_acme_dns_found_in, dns->tvb, change->found_in);
    show_time(tree, hf_acme_dns_propagation, dns->tvb, &took);
}

/* "add VALUE" */
static const char *
show_change(packet_info *pinfo, const dns_message_t *dns, proto_tree *tree, const acme_published_t *change)
{
    const char *action = val_to_str_const(change->action, action_vals, "");
    int offset = is_captured(dns, change) ? change->offset : 0;
    int length = offset ? change->length : 0;

    proto_tree_add_uint(tree, hf_acme_dns_update_action, dns->tvb, offset, length, change->action);
    if (!change->value)
        return action;
    proto_tree_add_string(tree, hf_acme_dns_update_value, dns->tvb, offset, length, change->value);
    show_found(pinfo, dns, tree, change);
    return wmem_strdup_printf(pinfo->pool, "%s %s", action, change->value);
}

/* Of the changes for one challenge, in the order of the message; last: of them. */
static const char *
show_changes(packet_info *pinfo, const dns_message_t *dns, proto_tree *tree, const acme_published_t *last)
{
    const acme_published_t *changes[MAX_CHANGES];
    const char *text = "TXT update: ";
    int count = 0;

    for (const acme_published_t *change = last; change && count < MAX_CHANGES; change = change->earlier) {
        if (change->challenge == last->challenge)
            changes[count++] = change;
    }
    while (count-- > 0)
        text = wmem_strconcat(pinfo->pool, text, show_change(pinfo, dns, tree, changes[count]), count > 0 ? ", " : "", NULL);
    return text;
}

static void
show_request(packet_info *pinfo, const dns_message_t *dns, proto_tree *parent, const acme_published_t *last)
{
    tsig_t tsig = tsig_of(pinfo->pool, dns);
    proto_item *item;
    proto_tree *tree = acme_add_tree(dns->tvb, 0, -1, parent, last->challenge, &item);
    const char *text = show_changes(pinfo, dns, tree, last);

    if (tsig.key)
        show_tsig(tree, dns, &tsig);
    acme_add_response_in(dns->tvb, pinfo, tree, item, last->update->response_frame, ACME_REPLY_NONE);
    acme_columns(pinfo, last->challenge, text);
}

static const char *
result_of(packet_info *pinfo, const acme_update_t *update)
{
    const char *rcode = val_to_str(pinfo->pool, update->rcode, rcode_vals, "RCODE %u");

    if (update->tsig_error == 0)
        return rcode;
    return wmem_strconcat(pinfo->pool, rcode, ", ",
            val_to_str(pinfo->pool, update->tsig_error, tsig_error_vals, "TSIG error %u"), NULL);
}

static void
add_refusal(packet_info *pinfo, proto_item *item, const acme_update_t *update, const tsig_t *tsig)
{
    const char *advice = update->tsig_error ? val_to_str_const(update->tsig_error, tsig_advices, "see the server's log")
        : val_to_str_const(update->rcode, rcode_advices, "see the server's log");

    expert_add_info_format(pinfo, item, &ei_acme_dns_update_refused, "The update is refused (%s)%s%s; %s", result_of(pinfo, update),
            tsig->key ? ", key " : "", tsig->key ? tsig->key : "", advice);
}

static void
show_answer(packet_info *pinfo, const dns_message_t *dns, proto_tree *parent, const acme_published_t *last)
{
    const acme_update_t *update = last->update;
    tsig_t tsig = tsig_of(pinfo->pool, dns);
    proto_item *item;
    proto_tree *tree = acme_add_tree(dns->tvb, 0, -1, parent, last->challenge, &item);

    proto_tree_add_uint(tree, hf_acme_dns_update_rcode, dns->tvb, 2, 2, update->rcode);
    if (tsig.key)
        show_tsig(tree, dns, &tsig);
    acme_add_response_to(dns->tvb, pinfo, tree, update->request_frame, &update->request_time);
    if (update->rcode != 0)
        add_refusal(pinfo, item, update, &tsig);
    acme_columns(pinfo, last->challenge, wmem_strconcat(pinfo->pool, "TXT update ", result_of(pinfo, update), NULL));
}

static bool
is_last_of_challenge(const acme_update_t *update, const acme_published_t *change)
{
    const acme_published_t *last = update->changes;

    while (last != change && last->challenge != change->challenge)
        last = last->earlier;
    return last == change;
}

static void
show(packet_info *pinfo, const dns_message_t *dns, proto_tree *parent, const acme_update_t *update)
{
    for (const acme_published_t *change = update->changes; change; change = change->earlier) {
        if (!change->challenge || !is_last_of_challenge(update, change))
            continue;
        if (is_answer(dns))
            show_answer(pinfo, dns, parent, change);
        else
            show_request(pinfo, dns, parent, change);
    }
}

bool
acme_dns_is_update(const dns_first_look_t *look)
{
    return look->bytes && (look->bytes[2] & DNS_FLAGS_OPCODE >> 8) == DNS_OPCODE_UPDATE >> 8;
}

void
acme_dns_handle_update(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent)
{
    acme_update_t *update;
    dns_message_t dns;

    if (!dns_update_read(pinfo->pool, tvb, &dns))
        return;
    if (PINFO_FD_VISITED(pinfo))
        update = update_of_frame(pinfo, &dns);
    else
        update = is_answer(&dns) ? note_answer(pinfo, &dns) : note_request(pinfo, &dns);
    if (update)
        show(pinfo, &dns, parent, update);
}

/* --- Registration --- */

static void
acme_dns_update_init(void)
{
    updates = wmem_map_new(wmem_file_scope(), hash_update, compare_updates);
    update_count = 0;
}

static void
register_fields(void)
{
    static hf_register_info hf[] = {
        { &hf_acme_dns_update_action,
          { "Update", "acme.dns.update", FT_UINT8, BASE_DEC, VALS(action_vals), 0,
            "What a dynamic update does with the TXT records of the name of a challenge", HFILL } },
        { &hf_acme_dns_update_value,
          { "Value", "acme.dns.update.value", FT_STRING, BASE_NONE, NULL, 0,
            "TXT value that is added or deleted", HFILL } },
        { &hf_acme_dns_update_rcode,
          { "Result", "acme.dns.update.rcode", FT_UINT16, BASE_DEC, VALS(rcode_vals), 0,
            "RCODE of the answer to the update", HFILL } },
        { &hf_acme_dns_update_key,
          { "Key", "acme.dns.update.key", FT_STRING, BASE_NONE, NULL, 0,
            "Name of the key that the message is signed with (TSIG)", HFILL } },
        { &hf_acme_dns_update_algorithm,
          { "Algorithm", "acme.dns.update.algorithm", FT_STRING, BASE_NONE, NULL, 0,
            "Algorithm of the signature (TSIG)", HFILL } },
        { &hf_acme_dns_update_tsig_error,
          { "Signature error", "acme.dns.update.tsig_error", FT_UINT16, BASE_DEC, VALS(tsig_error_vals), 0,
            "What the server says of the update's signature (TSIG)", HFILL } },
        { &hf_acme_dns_found_in,
          { "First found in", "acme.dns.found_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "First answer to a question that has the value", HFILL } },
        { &hf_acme_dns_propagation,
          { "Propagation time", "acme.dns.propagation", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
            "Time from the update to the first answer that has the value", HFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
}

void
acme_register_dns_update(expert_module_t *expert)
{
    static ei_register_info ei[] = {
        { &ei_acme_dns_update_refused,
          { "acme.dns.update_refused", PI_RESPONSE_CODE, PI_WARN, "A dynamic update of a challenge's name is refused", EXPFILL } },
    };

    register_fields();
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_dns_update_init);
    acme_register_dns_published(expert);
}
