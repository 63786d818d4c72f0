/* openpgp-review.c
 * What is found out about the keys and signatures of a body; see openpgp-review.h
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

#include <wsutil/pint.h>

#include "api-bool.h"
#include "openpgp-codes.h"
#include "openpgp-review.h"
#include "openpgp-work.h"
#include "compat.h"

/* Octets of a key packet of version 3 before its algorithm. */
#define V3_VALIDITY     5
#define V3_HEAD         8

/* RFC 9580 section 5.2.3.29: a key that may sign data. */
#define FLAG_SIGNS      0x02

struct openpgp_review {
    packet_info          *pinfo;
    wmem_array_t         *pieces;
    wmem_array_t         *signatures;   /* of openpgp_judged_t */
    wmem_array_t         *keys;         /* of openpgp_assessed_t */
    unsigned              next_signature;
    unsigned              next_key;
    unsigned              primaries;
    unsigned              nesting;      /* of the packets that come */
    bool                  more_to_come; /* the body goes on, and was not captured */
    bool                  cut;          /* a packet of the key at hand was not all there */
    openpgp_subject_t     subject;
    const openpgp_subject_t *of;        /* where a block begins; or NULL */
    openpgp_assessment_t *assessment;   /* of the primary key at hand, or NULL */
};

static api_bool_t verify = true;

bool
openpgp_review_is_on(void)
{
    return verify;
}

/* --- Pieces --- */

static void
add_piece(void *user, uint8_t tag, openpgp_data_t body, bool cut, const openpgp_key_t *key)
{
    openpgp_review_t *review = (openpgp_review_t *)user;
    openpgp_piece_t piece = {
        .tag = tag, .cut = cut, .disputed = key && key->disputed, .nesting = review->nesting,
        .body = { body.octets, body.captured }
    };

    if (piece.disputed)
        piece.algorithm = key->algorithm;
    if (key && key->public_length && *key->fingerprint)
        piece.known = openpgp_known_key(review->pinfo->pool, key, body.octets);
    wmem_array_append(review->pieces, &piece, 1);
}

static void
add_block(void *user, unsigned nesting)
{
    ((openpgp_review_t *)user)->nesting = nesting;
    add_piece(user, OPENPGP_PIECE_BLOCK, (openpgp_data_t){ NULL, 0, 0 }, false, NULL);
}

static void
add_cleartext(void *user, const char *text, unsigned length)
{
    add_piece(user, OPENPGP_PIECE_CLEARTEXT, (openpgp_data_t){ (const uint8_t *)text, length, length }, false, NULL);
}

const openpgp_piece_t *
openpgp_review_piece(const openpgp_review_t *review, unsigned i)
{
    return (const openpgp_piece_t *)wmem_array_index(review->pieces, i);
}

unsigned
openpgp_review_count(const openpgp_review_t *review)
{
    return wmem_array_get_count(review->pieces);
}

static bool
is_first_pass(const openpgp_review_t *review)
{
    return !PINFO_FD_VISITED(review->pinfo);
}

/* All keys of a body before its signatures: who certifies may stand behind. */
static void
learn_keys(const openpgp_review_t *review)
{
    for (unsigned i = 0; i < wmem_array_get_count(review->pieces); i++) {
        const openpgp_piece_t *piece = openpgp_review_piece(review, i);

        if (piece->known)
            openpgp_verify_add_key(piece->known);
        else if (piece->disputed)
            openpgp_keyring_add_disputed(piece->algorithm);
    }
}

/* --- Keys --- */

static void
end_key(openpgp_review_t *review, bool more_to_come)
{
    bool doubted = review->of && review->of->doubt != OPENPGP_DOUBT_NONE && !openpgp_doubts_lines(review->of->doubt);

    if (review->assessment)
        openpgp_assess_end(review->assessment, more_to_come || review->cut || doubted || !review->pinfo->fd->has_ts);
    review->assessment = NULL;
    review->cut = false;
}

static uint16_t
validity_days(const openpgp_piece_t *piece)
{
    return piece->body.length >= V3_HEAD && piece->body.octets[0] < 4 ? pntohu16(piece->body.octets + V3_VALIDITY) : 0;
}

static void
begin_key(openpgp_review_t *review, openpgp_piece_t *piece)
{
    bool subkey = openpgp_is_subkey(piece->tag);
    openpgp_assessed_t *assessed = wmem_new0(review->pinfo->pool, openpgp_assessed_t);

    assessed->body = piece->body;
    assessed->standing.key = piece->known;
    assessed->standing.subkey = subkey;
    piece->standing = &assessed->standing;
    wmem_array_append(review->keys, &assessed, 1);
    if (subkey && review->assessment) {
        openpgp_assess_subkey(review->assessment, &assessed->standing);
    } else if (subkey) {
        assessed->standing.state = OPENPGP_STATE_UNKNOWN;
    } else {
        end_key(review, false);
        review->primaries++;
        review->assessment = openpgp_assess(review->pinfo->pool, &assessed->standing, validity_days(piece),
            (uint64_t)MAX(review->pinfo->abs_ts.secs, 0));
    }
}

/* --- Signatures --- */

static const openpgp_verdict_t *
judge(openpgp_review_t *review, const openpgp_statement_t *statement, const openpgp_known_key_t *self)
{
    return verify ? openpgp_verify(&review->subject, statement, self, is_first_pass(review)) : openpgp_verdict_off();
}

/* Who has to have made it, if the block says so. */
static const openpgp_known_key_t *
self_of(const openpgp_review_t *review, const openpgp_statement_t *statement)
{
    return statement->type == OPENPGP_SIG_PRIMARY_BINDING ? review->subject.subkey : review->subject.primary;
}

/* A subkey that signs says that it belongs to the primary key, within the signature by which that says so. */
static void
judge_embedded(openpgp_review_t *review, const openpgp_statement_t *outer, openpgp_judged_t *judged)
{
    openpgp_statement_t statement;

    for (unsigned i = 0; i < OPENPGP_EMBEDDED && outer->embedded[i].octets; i++) {
        judged->embedded_bodies[i] = outer->embedded[i];
        if (openpgp_read_statement(outer->embedded[i], &statement))
            judged->embedded[i] = judge(review, &statement, self_of(review, &statement));
    }
}

static bool
is_by_primary(const openpgp_review_t *review, const openpgp_statement_t *statement)
{
    uint64_t keyid;

    return review->subject.primary && (openpgp_is_issuer(review->subject.primary, statement)
        || !openpgp_issuer_keyid(statement, &keyid));
}

static bool
is_back_signature(openpgp_octets_t body, const openpgp_verdict_t *verdict)
{
    openpgp_statement_t back;

    return verdict && verdict->check == OPENPGP_CHECK_GOOD && openpgp_read_statement(body, &back)
        && back.type == OPENPGP_SIG_PRIMARY_BINDING;
}

/*
 * RFC 9580 section 5.2.1.9: it has to be there where a subkey may sign, or anybody's subkey could be bound. It is not under the
 * signature, so that others may stand beside it.
 */
static bool
lacks_back_signature(const openpgp_statement_t *statement, const openpgp_judged_t *judged)
{
    if (statement->type != OPENPGP_SIG_SUBKEY_BINDING || !(statement->key_flags & FLAG_SIGNS))
        return false;
    for (unsigned i = 0; i < OPENPGP_EMBEDDED; i++) {
        if (is_back_signature(judged->embedded_bodies[i], judged->embedded[i]))
            return false;
    }
    return true;
}

static void
review_signature(openpgp_review_t *review, const openpgp_piece_t *piece)
{
    openpgp_judged_t judged = { .body = piece->body };
    openpgp_statement_t statement;

    if (!piece->cut && openpgp_read_statement(piece->body, &statement)) {
        judged.verdict = judge(review, &statement, self_of(review, &statement));
        judge_embedded(review, &statement, &judged);
        if (review->assessment && !lacks_back_signature(&statement, &judged))
            openpgp_assess_signature(review->assessment, &statement, judged.verdict, is_by_primary(review, &statement));
    }
    wmem_array_append(review->signatures, &judged, 1);
}

/* --- The body --- */

/* A signature may stand before its message, which may be compressed (RFC 9580 section 10.3). */
static void
look_ahead(openpgp_review_t *review, unsigned i)
{
    unsigned nesting = openpgp_review_piece(review, i)->nesting;
    const openpgp_piece_t *piece = openpgp_review_piece(review, i);

    if (review->subject.primary || review->subject.document.octets)
        return;
    while (piece->tag == OPENPGP_TAG_SIGNATURE || piece->tag == OPENPGP_TAG_COMPRESSED
            || (piece->tag == OPENPGP_PIECE_BLOCK && piece->nesting > nesting)) {
        nesting = piece->nesting;
        if (++i == wmem_array_get_count(review->pieces))
            return;
        piece = openpgp_review_piece(review, i);
    }
    if (piece->tag == OPENPGP_TAG_LITERAL && !piece->cut)
        openpgp_subject_packet(&review->subject, piece->tag, piece->body, NULL, false);
}

static void
review_piece(openpgp_review_t *review, openpgp_piece_t *piece, unsigned i)
{
    if (piece->tag == OPENPGP_TAG_SIGNATURE)
        look_ahead(review, i);
    openpgp_subject_packet(&review->subject, piece->tag, piece->body, piece->known, piece->disputed);
    if (piece->tag == OPENPGP_TAG_SIGNATURE)
        review_signature(review, piece);
    else if (openpgp_is_key(piece->tag) || openpgp_is_subkey(piece->tag))
        begin_key(review, piece);
    else if (review->assessment && (piece->tag == OPENPGP_TAG_USER_ID || piece->tag == OPENPGP_TAG_USER_ATTRIBUTE))
        openpgp_assess_component(review->assessment, piece->tag == OPENPGP_TAG_USER_ID);
    review->cut = review->cut || piece->cut;
}

/* A message that was compressed, and has been read: a signature behind it is over its text. */
static bool
ends_compressed(const openpgp_review_t *review, unsigned i)
{
    return openpgp_review_piece(review, i)->nesting < openpgp_review_piece(review, i - 1)->nesting
        && review->subject.literal_head.octets;
}

/* The text of a cleartext signature is for the block right behind it. */
static void
begin_block(openpgp_review_t *review, unsigned i)
{
    end_key(review, false);
    if (i > 0 && (openpgp_review_piece(review, i - 1)->tag == OPENPGP_PIECE_CLEARTEXT || ends_compressed(review, i)))
        return;
    if (review->of)
        review->subject = *review->of;
    else
        memset(&review->subject, 0, sizeof review->subject);
}

static void
review_pieces(openpgp_review_t *review)
{
    for (unsigned i = 0; i < wmem_array_get_count(review->pieces); i++) {
        openpgp_piece_t *piece = (openpgp_piece_t *)wmem_array_index(review->pieces, i);

        if (piece->tag == OPENPGP_PIECE_BLOCK)
            begin_block(review, i);
        else if (piece->tag == OPENPGP_PIECE_CLEARTEXT)
            openpgp_subject_cleartext(&review->subject, piece->body);
        else
            review_piece(review, piece, i);
    }
    end_key(review, review->more_to_come);
}

openpgp_review_t *
openpgp_review(packet_info *pinfo, openpgp_data_t data, const openpgp_subject_t *of)
{
    openpgp_review_t *review = wmem_new0(pinfo->pool, openpgp_review_t);
    openpgp_visitor_t visitor = { review, add_block, add_piece, add_cleartext };

    review->pinfo = pinfo;
    review->of = of;
    if (of)
        review->subject = *of;
    review->more_to_come = data.captured < data.reported;
    review->pieces = wmem_array_new(pinfo->pool, sizeof(openpgp_piece_t));
    review->signatures = wmem_array_new(pinfo->pool, sizeof(openpgp_judged_t));
    review->keys = wmem_array_new(pinfo->pool, sizeof(openpgp_assessed_t *));
    openpgp_visit(pinfo->pool, data, &visitor);
    if (verify && is_first_pass(review))
        learn_keys(review);
    review_pieces(review);
    return review;
}

/* --- Looking up --- */

static bool
is_same(openpgp_octets_t octets, openpgp_data_t body)
{
    return octets.length == body.captured && (octets.length == 0 || memcmp(octets.octets, body.octets, octets.length) == 0);
}

const openpgp_judged_t *
openpgp_review_signature(openpgp_review_t *review, openpgp_data_t body)
{
    for (unsigned i = review ? review->next_signature : 0; review && i < wmem_array_get_count(review->signatures); i++) {
        const openpgp_judged_t *judged = (const openpgp_judged_t *)wmem_array_index(review->signatures, i);

        if (is_same(judged->body, body)) {
            review->next_signature = i + 1;
            return judged;
        }
    }
    return NULL;
}

const openpgp_verdict_t *
openpgp_review_embedded(const openpgp_judged_t *judged, openpgp_data_t body)
{
    for (unsigned i = 0; judged && i < OPENPGP_EMBEDDED && judged->embedded_bodies[i].octets; i++) {
        if (is_same(judged->embedded_bodies[i], body))
            return judged->embedded[i];
    }
    return NULL;
}

static const openpgp_assessed_t *
key_at(const openpgp_review_t *review, unsigned i)
{
    return *(openpgp_assessed_t **)wmem_array_index(review->keys, i);
}

const openpgp_standing_t *
openpgp_review_key(openpgp_review_t *review, openpgp_data_t body)
{
    for (unsigned i = review ? review->next_key : 0; review && i < wmem_array_get_count(review->keys); i++) {
        if (is_same(key_at(review, i)->body, body)) {
            review->next_key = i + 1;
            return &key_at(review, i)->standing;
        }
    }
    return NULL;
}

const char *
openpgp_review_text(const openpgp_review_t *review)
{
    const openpgp_standing_t *bad = NULL;
    unsigned count = 0;

    for (unsigned i = 0; i < wmem_array_get_count(review->keys); i++) {
        const openpgp_standing_t *standing = &key_at(review, i)->standing;

        if (!standing->subkey && openpgp_state_is_bad(standing->state)) {
            bad = standing;
            count++;
        }
    }
    if (!bad)
        return NULL;
    if (review->primaries == 1)
        return wmem_strdup_printf(review->pinfo->pool, "key %s", openpgp_state_text(bad->state));
    return wmem_strdup_printf(review->pinfo->pool, "%u of %u keys unusable", count, review->primaries);
}

void
openpgp_register_review(module_t *preferences)
{
    prefs_register_bool_preference(preferences, "verify",
            "Verify signatures",
            "With the keys of the capture, on the first pass",
            &verify);
    openpgp_register_work(preferences);
    register_init_routine(openpgp_verify_reset);
}
