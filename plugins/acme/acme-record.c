/* acme-record.c
 * What an authority says of its own look; see acme-record.h
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

#include <epan/packet.h>

#include "acme-challenge.h"
#include "acme-items.h"
#include "acme-record.h"
#include "acme-resource.h"

#define MAX_RECORDS     32
#define MAX_ADDRESSES   16

static int hf_acme_record_url = -1;
static int hf_acme_record_address = -1;
static int hf_acme_record_resolved = -1;

static int ett_acme_record = -1;

/* The body and where its items go. */
typedef struct record_view {
    const acme_json_t *object;
    tvbuff_t          *body;
    packet_info       *pinfo;
    proto_tree        *tree;
    unsigned           shown;
} record_view_t;

static void
add_text(const record_view_t *view, proto_tree *tree, int hf, const jsmntok_t *place, const char *text)
{
    if (text)
        proto_tree_add_string(tree, hf, view->body, place->start, place->end - place->start, acme_shown(view->pinfo->pool, text));
}

static void
add_resolved(const record_view_t *view, proto_tree *tree, jsmntok_t *record)
{
    jsmntok_t *array = json_get_array(view->object->text, record, "addressesResolved");
    int count = array ? MIN(json_get_array_len(array), MAX_ADDRESSES) : 0;

    for (int i = 0; i < count; i++) {
        const jsmntok_t *one = json_get_array_index(array, i);
        const char *text = acme_json_text_of(view->object, one);

        if (text)
            add_text(view, tree, hf_acme_record_resolved, one, text);
    }
}

static void
add_record(const record_view_t *view, jsmntok_t *record)
{
    const char *url = acme_json_text(view->object, record, "url");
    const char *host = acme_json_text(view->object, record, "hostname");
    const char *used = acme_json_text(view->object, record, "addressUsed");
    proto_tree *tree = proto_tree_add_subtree_format(view->tree, view->body, record->start, record->end - record->start,
            ett_acme_record, NULL, "The authority went to %s, %s", acme_shown(view->pinfo->pool, url ? url : host ? host : "-"),
            acme_shown(view->pinfo->pool, used && used[0] ? used : "no address"));

    add_text(view, tree, hf_acme_record_url, record, url);
    add_text(view, tree, hf_acme_record_address, record, used);
    add_resolved(view, tree, record);
}

static void
add_records(record_view_t *view, jsmntok_t *challenge)
{
    jsmntok_t *array = json_get_array(view->object->text, challenge, "validationRecord");
    int count = array ? MIN(json_get_array_len(array), MAX_RECORDS) : 0;

    for (int i = 0; i < count && view->shown < MAX_RECORDS; i++) {
        jsmntok_t *record = json_get_array_index(array, i);

        if (!record || record->type != JSMN_OBJECT)
            continue;
        view->shown++;
        add_record(view, record);
    }
}

void
acme_records_show(const acme_json_t *object, tvbuff_t *body, packet_info *pinfo, proto_tree *tree)
{
    record_view_t view = { object, body, pinfo, tree, 0 };
    jsmntok_t *array = object->root ? json_get_array(object->text, object->root, "challenges") : NULL;
    int count = array ? MIN(json_get_array_len(array), ACME_MAX_CHALLENGES) : 0;

    if (object->root)
        add_records(&view, object->root);
    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);

        if (challenge && challenge->type == JSMN_OBJECT)
            add_records(&view, challenge);
    }
}

/* --- Registration --- */

void
acme_register_record(void)
{
    static hf_register_info hf[] = {
        { &hf_acme_record_url,
          { "Looked at", "acme.record.url", FT_STRING, BASE_NONE, NULL, 0,
            "URL that a validator asked for, as the authority says; one for each redirect that it followed", HFILL } },
        { &hf_acme_record_address,
          { "Address", "acme.record.address", FT_STRING, BASE_NONE, NULL, 0,
            "Address that a validator went to, as the authority says", HFILL } },
        { &hf_acme_record_resolved,
          { "Resolved", "acme.record.resolved", FT_STRING, BASE_NONE, NULL, 0,
            "Address that DNS had for the name, as the authority says", HFILL } },
    };
    static int *ett[] = { &ett_acme_record };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}
