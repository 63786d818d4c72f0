/* openpgp-verify.h
 * Whether OpenPGP signatures are good, with the keys of the capture
 *
 * Sources: RFC 9580 section 5.2, as far as in the headers below.
 *
 * A signature over the same things is verified once in a capture, on the first pass; verdicts are in file scope, at most
 * OPENPGP_VERDICTS of them. Where the key that made it has not been seen yet, its digest and numbers wait for it, at most
 * OPENPGP_WAITING_BYTES of them, and the verdict becomes another one when the key comes. Work is bounded by openpgp-work.h.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_VERIFY_H
#define GAPFILL_OPENPGP_VERIFY_H

#include "openpgp-signed.h"

#define OPENPGP_VERDICTS        500000
#define OPENPGP_WAITING_BYTES   (64 * 1024 * 1024)

/* openpgp.signature.check */
typedef enum openpgp_check {
    OPENPGP_CHECK_NONE,
    OPENPGP_CHECK_GOOD,
    OPENPGP_CHECK_BAD,
    OPENPGP_CHECK_NO_KEY,
    OPENPGP_CHECK_ALGORITHM,
    OPENPGP_CHECK_LIMIT,
    OPENPGP_CHECK_TEXT,
    OPENPGP_CHECK_REFUSED,
    OPENPGP_CHECK_OFF,
    OPENPGP_CHECK_KIND,
    OPENPGP_CHECK_CHANGED
} openpgp_check_t;

typedef struct openpgp_verdict {
    uint8_t identity[OPENPGP_IDENTITY];
    uint8_t check;              /* openpgp_check_t */
    bool    weak;               /* good, but by an old hash or a short key */
} openpgp_verdict_t;

/*
 * The verdict, which lives as long as the file is open. self: the key that has to have made it, or that has if the signature
 * does not say who; NULL: any key of the capture. first_pass: it may be worked for.
 */
const openpgp_verdict_t *openpgp_verify(openpgp_subject_t *subject, const openpgp_statement_t *statement,
                                        const openpgp_known_key_t *self, bool first_pass);

/* On the first pass: a key of the capture. Signatures that waited for it are verified. */
void openpgp_verify_add_key(const openpgp_known_key_t *key);

/* What is said where nothing is verified. */
const openpgp_verdict_t *openpgp_verdict_off(void);

/* When a file is opened. */
void openpgp_verify_reset(void);

#endif /* GAPFILL_OPENPGP_VERIFY_H */
