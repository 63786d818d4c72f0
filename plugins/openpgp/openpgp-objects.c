/* openpgp-objects.c
 * The keys, signatures and messages of a body; see openpgp-objects.h
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

#include <inttypes.h>

#include "openpgp-codes.h"
#include "openpgp-objects.h"
#include "text.h"
#include "compat.h"

/* Names in a list. */
#define NAMES_MAX       8

/* An object while its packets come. */
typedef struct maker {
    packet_info      *pinfo;
    wmem_array_t     *objects;
    openpgp_object_t *object;           /* NULL: the packets belong to none */
    wmem_strbuf_t    *user_ids;
    wmem_strbuf_t    *algorithms;
    unsigned          algorithm_count;
    bool              cut;
} maker_t;

/* --- Packets --- */

static void
append_packet(wmem_array_t *octets, const openpgp_piece_t *piece)
{
    uint32_t length = piece->body.length;
    uint8_t head[] = { 0xc0 | piece->tag, 0xff, (uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                       (uint8_t)length };

    wmem_array_append(octets, head, sizeof head);
    if (length > 0)
        wmem_array_append(octets, piece->body.octets, length);
}

static void
append_name(wmem_strbuf_t *names, unsigned count, const char *name)
{
    if (count < NAMES_MAX)
        wmem_strbuf_append_printf(names, "%s%s", count ? ", " : "", name);
    else if (count == NAMES_MAX)
        wmem_strbuf_append(names, ", \xe2\x80\xa6");
}

static const char *
algorithm_name(packet_info *pinfo, const openpgp_known_key_t *key)
{
    const char *name = val_to_str(pinfo->pool, key->algorithm, openpgp_public_key_algorithms, "%u");

    return key->bits ? wmem_strdup_printf(pinfo->pool, "%s %u", name, key->bits) : name;
}

static void
note_packet(maker_t *maker, const openpgp_piece_t *piece)
{
    openpgp_object_t *object = maker->object;

    if (piece->known)
        append_name(maker->algorithms, maker->algorithm_count++, algorithm_name(maker->pinfo, piece->known));
    if (openpgp_is_subkey(piece->tag))
        object->subkey_count++;
    else if (piece->tag == OPENPGP_TAG_SIGNATURE)
        object->signature_count++;
    else if (piece->tag == OPENPGP_TAG_USER_ID)
        append_name(maker->user_ids, object->user_id_count++,
            text_shown_old(maker->pinfo->pool, (const char *)piece->body.octets, piece->body.length, NULL, NULL));
}

/* --- Objects --- */

static void
finish(maker_t *maker)
{
    openpgp_object_t *object = maker->object;

    maker->object = NULL;
    if (!object || maker->cut)
        return;
    object->user_ids = wmem_strbuf_get_str(maker->user_ids);
    object->algorithms = wmem_strbuf_get_str(maker->algorithms);
    wmem_array_append(maker->objects, object, 1);
}

static const char *
name_of_signature(packet_info *pinfo, const openpgp_piece_t *piece)
{
    openpgp_statement_t statement;
    uint64_t keyid;

    if (!openpgp_read_statement(piece->body, &statement) || !openpgp_issuer_keyid(&statement, &keyid))
        return wmem_strdup_printf(pinfo->pool, "signature-frame-%u", pinfo->num);
    return wmem_strdup_printf(pinfo->pool, "signature-%016" PRIX64 "-%u", keyid, statement.creation);
}

static void
begin(maker_t *maker, const openpgp_piece_t *piece)
{
    openpgp_object_t *object = wmem_new0(maker->pinfo->pool, openpgp_object_t);

    finish(maker);
    maker->object = object;
    maker->user_ids = wmem_strbuf_new(maker->pinfo->pool, "");
    maker->algorithms = wmem_strbuf_new(maker->pinfo->pool, "");
    maker->algorithm_count = 0;
    maker->cut = false;
    object->octets = wmem_array_new(maker->pinfo->pool, 1);
    if (openpgp_is_key(piece->tag)) {
        object->kind = OPENPGP_OBJECT_KEY;
        object->key = piece->known;
        object->standing = piece->standing;
        maker->cut = !piece->known;
        object->name = piece->known ? piece->known->fingerprint : "";
    } else if (piece->tag == OPENPGP_TAG_SIGNATURE) {
        object->kind = OPENPGP_OBJECT_SIGNATURE;
        object->name = name_of_signature(maker->pinfo, piece);
    } else {
        object->kind = OPENPGP_OBJECT_MESSAGE;
        object->name = wmem_strdup_printf(maker->pinfo->pool, "message-frame-%u", maker->pinfo->num);
    }
}

/* A marker is of no object, nor is what only has a meaning behind something else. */
static bool
can_begin(uint8_t tag)
{
    return openpgp_is_key(tag) || tag == OPENPGP_TAG_SIGNATURE || openpgp_is_of_message(tag);
}

static void
take(maker_t *maker, const openpgp_piece_t *piece)
{
    if (openpgp_is_key(piece->tag) || (!maker->object && can_begin(piece->tag)))
        begin(maker, piece);
    if (!maker->object)
        return;
    maker->cut |= piece->cut;
    maker->object->secret |= piece->tag == OPENPGP_TAG_SECRET_KEY || piece->tag == OPENPGP_TAG_SECRET_SUBKEY;
    append_packet(maker->object->octets, piece);
    note_packet(maker, piece);
}

/* The blocks of compressed data are within a message, which goes on behind them. */
wmem_array_t *
openpgp_objects(packet_info *pinfo, const openpgp_review_t *review)
{
    maker_t maker = { .pinfo = pinfo };
    unsigned nesting = 0;

    maker.objects = wmem_array_new(pinfo->pool, sizeof(openpgp_object_t));
    for (unsigned i = 0; i < openpgp_review_count(review); i++) {
        const openpgp_piece_t *piece = openpgp_review_piece(review, i);

        if (piece->tag == OPENPGP_PIECE_BLOCK && piece->nesting == 0 && nesting == 0)
            finish(&maker);
        else if (piece->tag < OPENPGP_PIECE_BLOCK && piece->nesting == 0)
            take(&maker, piece);
        nesting = piece->nesting;
    }
    finish(&maker);
    return maker.objects;
}
