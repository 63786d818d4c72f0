/* hkp-answer.h
 * What a key server answers: found, not found by proof, accepted, or nothing that proves anything
 *
 * Sources: draft-ietf-openpgp-hkp and the other sources of hkp-request.h; for what no draft describes hkp-page.h, hkp-json-index.h,
 * hkp-upload.h and hkp-keys.h.
 * Proof of a key is a key, an index with an entry, or a page with lines of keys and links to them; proof of none a status 404 or
 * 410 (of a key server not with a page that any web server may have), an empty index that announces nothing, or the server's own
 * words. All else is unreadable: pages of captchas and maintenance, redirects, empty bodies; but for a status 304, by which an
 * answer of before holds (RFC 9110 section 15.4.5).
 * Ownership: an answer is for the packet, in its pool. Nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_ANSWER_H
#define GAPFILL_HKP_ANSWER_H

#include "hkp-keys.h"
#include "hkp-request.h"

typedef enum { FOUND_UNKNOWN, FOUND_NO, FOUND_YES } hkp_found_t;

typedef enum {
    HKP_OUTCOME_NONE,           /* a 1xx response */
    HKP_OUTCOME_FOUND,
    HKP_OUTCOME_NOT_FOUND,
    HKP_OUTCOME_KEY_MISMATCH,
    HKP_OUTCOME_ACCEPTED,
    HKP_OUTCOME_REFUSED,
    HKP_OUTCOME_UNREADABLE,
    HKP_OUTCOME_ERROR,
    HKP_OUTCOME_NOT_MODIFIED,   /* what the client has still holds; what that is was not captured */
    HKP_OUTCOME_NO_RESPONSE
} hkp_outcome_t;

typedef struct hkp_answer {
    hkp_found_t   found;
    hkp_outcome_t outcome;
    hkp_keys_t    keys;
    bool          mismatch;             /* none of the keys, or of those listed, is the one asked for */
    bool          listed;               /* they are listed, not sent */
    bool          proves_server;        /* it has keys, an index, or words that no other server has */
    uint8_t       kind;                 /* KIND_V5 or KIND_V6: of what was asked for, if that did not say; else KIND_NONE */
    const char   *text;                 /* for the Info column; NULL: nothing but the status */
} hkp_answer_t;

/* body: NULL if there is none. Fields are added below tree. */
hkp_answer_t hkp_read_answer(http_message_t *message, const hkp_asked_t *asked, tvbuff_t *body, proto_tree *tree);

/* "not found"; NULL for HKP_OUTCOME_NONE. */
const char *hkp_outcome_name(hkp_outcome_t outcome);

#endif /* GAPFILL_HKP_ANSWER_H */
