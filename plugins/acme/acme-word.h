/* acme-word.h
 * What the authority says of challenges
 *
 * Source: RFC 8555 sections 7.1.6 (states) and 8 (challenges).
 * Units: frames by number. Ownership and lifetime: all is in file scope, hung on what acme-challenge.c has of a token or
 * domain; written on the first pass only. Errors: NULL where a bound is reached, see acme-memory.h.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_WORD_H
#define GAPFILL_ACME_WORD_H

#include "acme-challenge.h"

/* What the authority said of a challenge. */
typedef struct acme_word {
    uint32_t    frame;
    time_t      when;           /* seconds */
    bool        valid;
    const char *url;            /* of the challenge */
    const char *problem;        /* type and detail in one line; NULL: none */
} acme_word_t;

/* What an answer says for the first time. */
typedef struct acme_said {
    const acme_word_t *word;        /* NULL: nothing */
    uint8_t            type;        /* of the challenge */
    const char        *domain;      /* NULL: unknown */
    bool               alone;       /* no validator is in the capture so far */
} acme_said_t;

/*
 * What the authority says of a challenge in this frame; first pass only. domain may be NULL where there is a token. Returns
 * the word as it is kept, NULL if it is not new; *alone: no validator has asked so far.
 */
const acme_word_t *acme_authority_says(uint8_t type, const char *domain, const char *token, const acme_word_t *word, bool *alone);
/*
 * What it said of a validation afterwards; NULL: nothing. Challenges by DNS and TLS are known by their domain: it is what was said
 * soon after, and only if nothing else was said of another challenge that there was then, as of a wildcard beside its base name.
 */
const acme_word_t *acme_authority_word(const acme_validation_t *validation);

#endif /* GAPFILL_ACME_WORD_H */
