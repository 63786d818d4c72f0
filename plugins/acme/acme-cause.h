/* acme-cause.h
 * Why a validator is not content, and what to do about it
 *
 * Sources: RFC 8555 section 8, RFC 8737 section 3, RFC 8659 and RFC 8657 (CAA); for redirects the CA/Browser Forum's Baseline
 * Requirements, section 3.2.2.4.19. The numbers are those of the field acme.cause, and never change.
 * Ownership: all texts are constant. Errors: there are none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_CAUSE_H
#define GAPFILL_ACME_CAUSE_H

#include <epan/packet.h>

typedef enum {
    ACME_CAUSE_NONE, ACME_CAUSE_THUMBPRINT, ACME_CAUSE_TOKEN, ACME_CAUSE_BYTE_ORDER_MARK, ACME_CAUSE_PAGE, ACME_CAUSE_TOKEN_ALONE,
    ACME_CAUSE_TEXT, ACME_CAUSE_HTTP_ERROR, ACME_CAUSE_LOOP, ACME_CAUSE_REDIRECT, ACME_CAUSE_NO_ANSWER, ACME_CAUSE_REFUSED,
    ACME_CAUSE_NO_TXT, ACME_CAUSE_TXT, ACME_CAUSE_DNS_ERROR, ACME_CAUSE_CAA, ACME_CAUSE_CERTIFICATE, ACME_CAUSE_CONTRADICTION,
    ACME_CAUSES
} acme_cause_t;

extern const value_string acme_cause_vals[];

/* In few words; "" for none. */
const char *acme_cause_name(acme_cause_t cause);
/* What to do, as a clause that stands behind a semicolon. */
const char *acme_cause_advice(acme_cause_t cause);

#endif /* GAPFILL_ACME_CAUSE_H */
