/* openpgp-mail-items.c
 * What was found in mail, and how it is shown; see openpgp-mail-items.h
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

#include "expert-reader.h"
#include "openpgp-mail-items.h"
#include "openpgp-review.h"
#include "standin.h"
#include "compat.h"

static int hf_mime_type = -1;
static int hf_mime_filename = -1;
static int hf_autocrypt_address = -1;
static int hf_autocrypt_mutual = -1;

static expert_field ei_compressed = EI_INIT;
static expert_field ei_autocrypt_address = EI_INIT;

static openpgp_show_t show_openpgp;
static openpgp_review_body_t review_openpgp;
static int proto_imf = -1;

/* What was found in a message. */
typedef struct item {
    openpgp_mail_part_t  part;          /* in file scope; its document is not kept */
    openpgp_subject_t   *subject;       /* NULL: what signatures are over is in the data */
    unsigned             call;          /* of the frame's calls of a mail protocol */
    bool                 compression;   /* no part: from here on nothing can be read */
    bool                 holds;         /* no part: see openpgp_mail_hold() */
    struct item         *next;
} item_t;

/* A part that Wireshark has handed over. */
typedef struct typed {
    tvbuff_t   *tvb;
    proto_tree *tree;
    const char *type;
    bool        shown;
} typed_t;

static wmem_map_t *items;               /* item_t by frame */
static unsigned kept;
static wmem_array_t *typed_parts;       /* of the call that runs; NULL: there are none yet */

/* --- Keeping --- */

static void *
keep(const void *octets, unsigned length)
{
    return length > 0 ? wmem_memdup(wmem_file_scope(), octets, length) : NULL;
}

static const char *
keep_text(const char *text)
{
    return text ? wmem_strdup(wmem_file_scope(), text) : NULL;
}

static void
append_item(uint32_t frame, item_t *item)
{
    item_t *last = (item_t *)wmem_map_lookup(items, GUINT_TO_POINTER(frame));

    if (!last) {
        wmem_map_insert(items, GUINT_TO_POINTER(frame), item);
        return;
    }
    while (last->next)
        last = last->next;
    last->next = item;
}

/* On the first pass its verdict is known now. */
static void
forget_document(item_t *item)
{
    if (!item->part.document.octets)
        return;
    wmem_free(wmem_file_scope(), (void *)item->part.document.octets);
    item->part.document = (mime_octets_t){ NULL, 0 };
    item->subject->document = (openpgp_octets_t){ NULL, 0 };
}

/*
 * The first pass is over, and with it the packet that this stands with. Verdicts need nothing of that; states, which need its time,
 * are told when it is shown.
 */
static void
verify_late(const item_t *item)
{
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    frame_data frame;
    packet_info pinfo;

    memset(&frame, 0, sizeof frame);
    memset(&pinfo, 0, sizeof pinfo);
    pinfo.pool = pool;
    pinfo.fd = &frame;
    openpgp_review(&pinfo, item->part.data, item->subject);
    wmem_destroy_allocator(pool);
}

void
openpgp_mail_keep(openpgp_mail_place_t place, const openpgp_mail_part_t *part)
{
    unsigned document = part->of_signature ? part->document.length : 0;
    item_t *item;

    if (part->data.captured > OPENPGP_MAIL_KEPT - kept || document > OPENPGP_MAIL_KEPT - kept - part->data.captured)
        return;
    kept += part->data.captured;
    item = wmem_new0(wmem_file_scope(), item_t);
    item->part = *part;
    item->part.type = keep_text(part->type);
    item->part.filename = keep_text(part->filename);
    item->part.address = keep_text(part->address);
    item->part.data.octets = (const uint8_t *)keep(part->data.octets, part->data.captured);
    item->part.document.octets = (const uint8_t *)keep(part->document.octets, part->document.length);
    item->call = place.call;
    item->subject = openpgp_mail_subject(wmem_file_scope(), &item->part);
    append_item(place.frame, item);
    if (!place.late)
        return;
    verify_late(item);
    forget_document(item);
}

void
openpgp_mail_note_compression(openpgp_mail_place_t place)
{
    item_t *item = wmem_new0(wmem_file_scope(), item_t);

    item->compression = true;
    item->call = place.call;
    append_item(place.frame, item);
}

/* --- Showing --- */

wmem_array_t *
openpgp_mail_begin_call(void)
{
    wmem_array_t *outer = typed_parts;

    typed_parts = NULL;
    return outer;
}

void
openpgp_mail_end_call(wmem_array_t *outer)
{
    typed_parts = outer;
}

void
openpgp_mail_hand_over(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    typed_t typed = { tvb, tree, pinfo->match_string, false };

    if (!typed_parts)
        typed_parts = wmem_array_new(pinfo->pool, sizeof typed);
    wmem_array_append(typed_parts, &typed, 1);
}

static unsigned
count_typed(void)
{
    return typed_parts ? wmem_array_get_count(typed_parts) : 0;
}

void
openpgp_mail_hold(openpgp_mail_place_t place)
{
    item_t *item;

    if (count_typed() == 0 || sizeof *item > OPENPGP_MAIL_KEPT - kept)
        return;
    kept += sizeof *item;
    item = wmem_new0(wmem_file_scope(), item_t);
    item->holds = true;
    item->call = place.call;
    append_item(place.frame, item);
}

/* The next one of that type. */
static typed_t *
typed_like(const char *type)
{
    for (unsigned i = 0; type && i < count_typed(); i++) {
        typed_t *typed = (typed_t *)wmem_array_index(typed_parts, i);

        if (!typed->shown && !g_strcmp0(typed->type, type))
            return typed;
    }
    return NULL;
}

static void
add_part(proto_tree *tree, packet_info *pinfo, const openpgp_mail_part_t *part)
{
    if (part->type)
        proto_item_set_generated(proto_tree_add_string(tree, hf_mime_type, NULL, 0, 0, part->type));
    if (part->filename)
        proto_item_set_generated(proto_tree_add_string(tree, hf_mime_filename, NULL, 0, 0, part->filename));
    if (!part->address)
        return;
    proto_item_set_generated(proto_tree_add_string(tree, hf_autocrypt_address, NULL, 0, 0, part->address));
    proto_item_set_generated(proto_tree_add_boolean(tree, hf_autocrypt_mutual, NULL, 0, 0, part->prefers_encryption));
    if (part->wrong_address)
        expert_add_info(pinfo, proto_tree_get_parent(tree), &ei_autocrypt_address);
}

static void
show_part(const item_t *item, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    typed_t *typed = typed_like(item->part.type);
    tvbuff_t *data = tvb_new_child_real_data(tvb, item->part.data.octets, item->part.data.captured, (int)item->part.data.reported);

    if (typed) {
        typed->shown = true;
        tree = typed->tree;
    }
    add_new_data_source(pinfo, data, item->part.address ? "Autocrypt key" : "OpenPGP of the mail");
    if (expert_has_reader(pinfo, tree != NULL))
        add_part(show_openpgp(data, pinfo, tree, openpgp_parse(pinfo->pool, item->part.data), item->subject), pinfo, &item->part);
    else
        review_openpgp(data, pinfo, item->subject);
}

static void
hold_typed(void)
{
    for (unsigned i = 0; i < count_typed(); i++) {
        typed_t *typed = (typed_t *)wmem_array_index(typed_parts, i);

        if (!typed->shown)
            proto_item_append_text(proto_tree_get_parent(typed->tree), ": shown where all that comes of its mail was read");
        typed->shown = true;
    }
}

static void
show_item(const item_t *item, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const char *saved;

    if (item->holds) {
        hold_typed();
        return;
    }
    if (!item->compression) {
        show_part(item, tvb, pinfo, tree);
        return;
    }
    saved = standin_speak_as(pinfo, "OpenPGP");
    proto_tree_add_expert(tree, pinfo, &ei_compressed, tvb, 0, 0);
    pinfo->current_proto = saved;
}

/* Below the item of the mail, else of its protocol. */
static proto_tree *
tree_of_mail(proto_tree *tree, int proto_carrier)
{
    proto_node *found = NULL;
    int best = -1;

    for (proto_node *node = tree ? tree->first_child : NULL; node; node = node->next) {
        int proto = PNODE_FINFO(node) ? PNODE_FINFO(node)->hfinfo->id : -1;

        if (proto == proto_imf || (proto == proto_carrier && best != proto_imf)) {
            found = node;
            best = proto;
        }
    }
    return found ? proto_item_get_subtree(found) : tree;
}

/* What was thrown first; code 0: nothing. */
typedef struct failure { unsigned long code; const char *message; } failure_t;

/* As where the tree has too many items: those that come behind are verified, and known to others, all the same. */
static void
try_item(item_t *item, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, failure_t *failure)
{
    TRY {
        show_item(item, tvb, pinfo, tree);
    }
    CATCH_ALL {
        if (failure->code == 0) {
            failure->code = exc->except_id.except_code;
            failure->message = wmem_strdup(pinfo->pool, GET_MESSAGE);
        }
    }
    ENDTRY;
    forget_document(item);
}

void
openpgp_mail_show_call(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, int proto_carrier, unsigned call)
{
    item_t *item = wmem_map_size(items) > 0 ? (item_t *)wmem_map_lookup(items, GUINT_TO_POINTER(pinfo->num)) : NULL;
    failure_t failure = { 0, NULL };

    if (item)
        tree = tree_of_mail(tree, proto_carrier);
    for (; item; item = item->next) {
        if (item->call == call)
            try_item(item, tvb, pinfo, tree, &failure);
    }
    if (failure.code != 0)
        THROW_MESSAGE(failure.code, failure.message);
}

void
openpgp_mail_show_others(packet_info *pinfo)
{
    for (unsigned i = 0; i < count_typed(); i++) {
        const typed_t *typed = (const typed_t *)wmem_array_index(typed_parts, i);
        const openpgp_summary_t *summary = openpgp_parse(pinfo->pool, openpgp_data_of(typed->tvb));

        if (!typed->shown && summary->present)
            show_openpgp(typed->tvb, pinfo, typed->tree, summary, NULL);
    }
}

/* --- Registration --- */

void
openpgp_mail_items_reset(void)
{
    items = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    kept = 0;
    typed_parts = NULL;
}

void
openpgp_mail_items_register(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_mime_type, { "Media type", "openpgp.mime.type", FT_STRING, BASE_NONE, NULL, 0x0,
            "Of the part of a mail in which it stands", HFILL } },
        { &hf_mime_filename, { "File name", "openpgp.mime.filename", FT_STRING, BASE_NONE, NULL, 0x0,
            "That the mail gives the part in which it stands", HFILL } },
        { &hf_autocrypt_address, { "Autocrypt address", "openpgp.autocrypt.addr", FT_STRING, BASE_NONE, NULL, 0x0,
            "Whose key it is, as the header field Autocrypt of a mail says", HFILL } },
        { &hf_autocrypt_mutual, { "Prefers encryption", "openpgp.autocrypt.mutual", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "Whether the header field Autocrypt says prefer-encrypt=mutual", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_compressed, { "openpgp.mail.compressed", PI_UNDECODED, PI_NOTE,
            "IMAP is compressed from here on (COMPRESS=DEFLATE): OpenPGP in it cannot be seen", EXPFILL } },
        { &ei_autocrypt_address, { "openpgp.autocrypt.addr_mismatch", PI_PROTOCOL, PI_NOTE,
            "The Autocrypt key is not for the sender of the mail: clients leave it out", EXPFILL } },
    };

    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
}

void
openpgp_mail_items_handoff(openpgp_show_t show, openpgp_review_body_t review)
{
    show_openpgp = show;
    review_openpgp = review;
    proto_imf = proto_get_id_by_filter_name("imf");
}
