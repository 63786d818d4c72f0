/* tap-acme.h
 * Statistics of validations, and a table of what became of each identifier
 *
 * Source: RFC 8555 section 8; for the quorum of perspectives the CA/Browser Forum's Baseline Requirements, section 3.2.2.9.
 * Ownership: what is queued is valid while the taps are called. Errors: there are none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_ACME_H
#define GAPFILL_TAP_ACME_H

#include "acme-word.h"

/* What happened; the members that it does not have are NULL. */
typedef struct acme_tap {
    uint8_t                  type;          /* of challenge */
    const char              *domain;        /* NULL: unknown */
    const acme_validation_t *validation;
    const char              *ended;         /* in few words, what ended the validation, once for each; else this is its question */
    const acme_word_t       *word;          /* of the authority, without a validation */
    uint32_t                 frame;
    bool                     later_pass;
} acme_tap_t;

void tap_acme_register(void);
void tap_acme_handoff(void);

void tap_acme_queue_validation(packet_info *pinfo, const acme_validation_t *validation, const char *ended);
/* domain: in lower case, as it may be shown */
void tap_acme_queue_word(packet_info *pinfo, uint8_t type, const char *domain, const acme_word_t *word);

#endif /* GAPFILL_TAP_ACME_H */
