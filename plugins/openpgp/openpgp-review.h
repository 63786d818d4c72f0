/* openpgp-review.h
 * All that is found out about the keys and signatures of a body before it is shown: verdicts and states
 *
 * Source: RFC 9580 section 10 (which packets belong together).
 *
 * A review is of pinfo->pool, and lives as long as the packet is dissected; verdicts are of the file. Who shows the body asks for
 * the packets in the order in which they stand; what was not found is NULL.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_REVIEW_H
#define GAPFILL_OPENPGP_REVIEW_H

#include <epan/packet.h>
#include <epan/prefs.h>

#include "openpgp-parse.h"
#include "openpgp-state.h"

typedef struct openpgp_review openpgp_review_t;

/* Not tags: another block begins; signed text. */
#define OPENPGP_PIECE_BLOCK     0xfe
#define OPENPGP_PIECE_CLEARTEXT 0xff

/* A packet of the body, in the order in which they stand, or one of the above. */
typedef struct openpgp_piece {
    uint8_t              tag;
    bool                 cut;
    bool                 disputed;      /* a key of which nobody knows which octets are signed */
    uint8_t              algorithm;     /* of that */
    unsigned             nesting;       /* in so many compressed packets */
    openpgp_octets_t     body;
    openpgp_known_key_t *known;         /* of key packets that are whole */
    openpgp_standing_t  *standing;      /* of key packets */
} openpgp_piece_t;

/* A signature packet. */
typedef struct openpgp_judged {
    openpgp_octets_t         body;
    const openpgp_verdict_t *verdict;   /* NULL: it is cut or malformed */
    openpgp_octets_t         embedded_bodies[OPENPGP_EMBEDDED];
    const openpgp_verdict_t *embedded[OPENPGP_EMBEDDED];        /* of the signatures in it, or NULL */
} openpgp_judged_t;

/* A packet of a primary key or subkey. */
typedef struct openpgp_assessed {
    openpgp_octets_t   body;
    openpgp_standing_t standing;
} openpgp_assessed_t;

/* Verifies on the first pass. of: what signatures at the beginning of a block are over, or NULL. */
openpgp_review_t *openpgp_review(packet_info *pinfo, openpgp_data_t data, const openpgp_subject_t *of);

const openpgp_judged_t *openpgp_review_signature(openpgp_review_t *review, openpgp_data_t body);
const openpgp_verdict_t *openpgp_review_embedded(const openpgp_judged_t *judged, openpgp_data_t body);
const openpgp_standing_t *openpgp_review_key(openpgp_review_t *review, openpgp_data_t body);

unsigned openpgp_review_count(const openpgp_review_t *review);
const openpgp_piece_t *openpgp_review_piece(const openpgp_review_t *review, unsigned i);

/* What keeps primary keys from being used, as in "key revoked" or "2 of 3 keys unusable"; NULL: nothing that is known. */
const char *openpgp_review_text(const openpgp_review_t *review);

/* Whether there is anything to do on the first pass if nothing is shown. */
bool openpgp_review_is_on(void);

void openpgp_register_review(module_t *preferences);

#endif /* GAPFILL_OPENPGP_REVIEW_H */
