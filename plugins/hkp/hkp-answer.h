/* hkp-answer.h
 * What a key server answers, and the keys in requests and answers
 *
 * Keys are found and judged by openpgp-parse.h, whatever other plugins there are. Where openpgp.so is loaded it
 * shows them by itself.
 * For hashquery, and answers that no draft describes: what SKS and onak send.
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

#include "hkp-request.h"
#include "openpgp-parse.h"

typedef enum { FOUND_UNKNOWN, FOUND_NO, FOUND_YES } hkp_found_t;

typedef struct answer {
    hkp_found_t                  found;
    const openpgp_summary_t *keys;      /* NULL: none */
    const char              *text;      /* for the Info column; NULL: nothing but the status */
} hkp_answer_t;

/* body: NULL if there is none or it is not to be looked into. Fills in answer; fields are added below tree. */
void hkp_read_answer(http_message_t *message, const hkp_asked_t *asked, tvbuff_t *body, proto_tree *tree, hkp_answer_t *answer);

/* The keys in a body, freed from what a form or JSON puts around them; NULL if there is no OpenPGP. */
const openpgp_summary_t *hkp_read_keys(http_message_t *message, tvbuff_t *body);

/* The hashes that a hashquery asks for; returns how many it says there are. */
uint32_t hkp_show_hashes(tvbuff_t *body, proto_tree *tree);

void hkp_register_answer(int proto);

#endif /* GAPFILL_HKP_ANSWER_H */
