/* acme-dns-published.c
 * What dynamic updates published at the names of challenges, and whether answers have it; see acme-dns-published.h
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

#include "acme-dns-answer.h"
#include "acme-dns-published.h"
#include "acme-memory.h"
#include "show.h"
#include "text.h"

#define MAX_BACK        64      /* changes of a name */
#define ENTRY_BYTES     64      /* of a map */

static int hf_acme_dns_update_in = -1;
static int hf_acme_dns_since_update = -1;
static int hf_acme_dns_propagated = -1;

static expert_field ei_acme_dns_not_propagated = EI_INIT;
static expert_field ei_acme_dns_not_published = EI_INIT;

/* The last acme_published_t by name; file scope. */
static wmem_map_t *by_name;

/* --- Keeping it --- */

void
acme_dns_publish(acme_update_t *update, const char *name, const acme_published_t *change)
{
    bool room = acme_take(ACME_NAMES, ENTRY_BYTES);
    acme_published_t *kept = room ? (acme_published_t *)acme_room(ACME_QUESTIONS, sizeof *kept) : NULL;

    name = acme_keep(ACME_NAMES, name);
    if (!kept || !name)
        return;
    *kept = *change;
    kept->update = update;
    kept->value = acme_keep(ACME_NAMES, change->value);
    if (change->value && !kept->value)
        return;
    kept->earlier = update->changes;
    update->changes = kept;
    kept->older = (acme_published_t *)wmem_map_lookup(by_name, name);
    wmem_map_insert(by_name, name, kept);
}

bool
acme_dns_is_published(const char *name)
{
    return wmem_map_lookup(by_name, name) != NULL;
}

bool
acme_update_is_refused(const acme_update_t *update, uint32_t frame)
{
    return update->response_frame && update->response_frame <= frame && update->rcode != 0;
}

/* --- Comparing --- */

/* An answer, and what it shows of a name. */
typedef struct comparison {
    const acme_dns_t      *message;
    proto_tree            *tree;
    proto_item            *item;
    const acme_question_t *question;
    wmem_array_t          *values;      /* const char * */
} comparison_t;

static wmem_array_t *
values_of(const acme_dns_t *message)
{
    wmem_allocator_t *pool = message->pinfo->pool;
    wmem_array_t *values = wmem_array_new(pool, sizeof(char *));
    wmem_array_t *records = acme_dns_records(message, DNS_TYPE_TXT).records;

    for (unsigned i = 0; i < wmem_array_get_count(records); i++) {
        size_t length;
        const char *bytes = dns_txt_bytes(pool, &message->dns, (const dns_record_t *)wmem_array_index(records, i), &length);
        const char *value = text_shown(pool, bytes, length, TEXT_LINE, NULL);

        wmem_array_append_one(values, value);
    }
    return values;
}

static bool
has_value(const comparison_t *comparison, const char *value)
{
    for (unsigned i = 0; i < wmem_array_get_count(comparison->values); i++) {
        if (!strcmp(*(const char **)wmem_array_index(comparison->values, i), value))
            return true;
    }
    return false;
}

/* Whether a later change, known by this frame, took it back or said it again. */
static bool
is_superseded(const acme_published_t *latest, const acme_published_t *change, uint32_t frame)
{
    for (const acme_published_t *later = latest; later && later != change; later = later->older) {
        if (later->update->request_frame >= frame || acme_update_is_refused(later->update, frame))
            continue;
        if (later->action == ACME_UPDATE_DELETE || later->value == change->value)
            return true;
    }
    return false;
}

static void
add_time_since(const comparison_t *comparison, const acme_published_t *change, bool propagated)
{
    tvbuff_t *tvb = comparison->message->dns.tvb;
    proto_tree *tree = comparison->tree;
    nstime_t since;

    nstime_delta(&since, &comparison->message->pinfo->abs_ts, &change->update->request_time);
    show_uint(tree, hf_acme_dns_update_in, tvb, change->update->request_frame);
    show_time(tree, hf_acme_dns_since_update, tvb, &since);
    show_boolean(tree, hf_acme_dns_propagated, tvb, propagated);
}

static void
note_found(const comparison_t *comparison, acme_published_t *change)
{
    const packet_info *pinfo = comparison->message->pinfo;

    if (PINFO_FD_VISITED(pinfo) || change->found_in)
        return;
    change->found_in = pinfo->num;
    change->found_time = pinfo->abs_ts;
}

/* Where the update went, and where the question. */
static const char *
explain_absence(const comparison_t *comparison, const acme_update_t *update)
{
    const packet_info *pinfo = comparison->message->pinfo;
    const acme_place_t *asked = comparison->question->server;

    if (!update->response_frame || update->response_frame > pinfo->num)
        return "nothing had answered that update by then";
    if (asked == update->server)
        return "the server that took the update does not show it";
    return wmem_strdup_printf(pinfo->pool, "%s took the update, and %s does not have it yet: wait until the zone is transferred, "
            "or until what is cached has expired", update->server->text, asked->text);
}

static void
show_absent(const comparison_t *comparison, const acme_published_t *change)
{
    packet_info *pinfo = comparison->message->pinfo;
    uint32_t frame = change->update->request_frame;

    if (acme_update_is_refused(change->update, pinfo->num)) {
        expert_add_info_format(pinfo, comparison->item, &ei_acme_dns_not_published,
                "The update in frame %u that was to publish the value was refused (%s)", frame,
                dns_rcode_name(pinfo->pool, change->update->rcode));
        return;
    }
    add_time_since(comparison, change, false);
    expert_add_info_format(pinfo, comparison->item, &ei_acme_dns_not_propagated,
            "The value of the update in frame %u is not here; %s", frame, explain_absence(comparison, change->update));
}

/* A refused update says nothing where the value is there all the same, by another one. */
static void
compare_change(const comparison_t *comparison, acme_published_t *change)
{
    if (!PINFO_FD_VISITED(comparison->message->pinfo) && !change->challenge)
        change->challenge = comparison->question->validation.challenge;
    if (!has_value(comparison, change->value)) {
        show_absent(comparison, change);
    } else if (!acme_update_is_refused(change->update, comparison->message->pinfo->num)) {
        add_time_since(comparison, change, true);
        note_found(comparison, change);
    }
}

void
acme_dns_compare(const acme_dns_t *message, proto_tree *tree, proto_item *item, const char *name, const acme_question_t *question)
{
    comparison_t comparison = { message, tree, item, question, NULL };
    uint32_t frame = message->pinfo->num;
    acme_published_t *latest = wmem_map_size(by_name) ? (acme_published_t *)wmem_map_lookup(by_name, name) : NULL;
    acme_published_t *change = latest;

    for (int i = 0; change && i < MAX_BACK; i++, change = change->older) {
        if (change->action != ACME_UPDATE_ADD || change->update->request_frame >= frame || is_superseded(latest, change, frame))
            continue;
        if (!comparison.values)
            comparison.values = values_of(message);
        compare_change(&comparison, change);
    }
}

/* --- Registration --- */

static void
acme_dns_published_init(void)
{
    by_name = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
}

void
acme_register_dns_published(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_dns_update_in,
          { "Published by the update in", "acme.dns.update_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Dynamic update that added a value of this name before the question was answered", HFILL } },
        { &hf_acme_dns_since_update,
          { "Time since the update", "acme.dns.since_update", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
            "Time from the update to this answer", HFILL } },
        { &hf_acme_dns_propagated,
          { "Propagated", "acme.dns.propagated", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "The answer has the value that the update added", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_acme_dns_not_propagated,
          { "acme.dns.not_propagated", PI_RESPONSE_CODE, PI_WARN, "The value of an update is not in the answer", EXPFILL } },
        { &ei_acme_dns_not_published,
          { "acme.dns.not_published", PI_RESPONSE_CODE, PI_WARN,
            "The update that was to publish the value was refused", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_dns_published_init);
}
