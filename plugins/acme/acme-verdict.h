/* acme-verdict.h
 * What a validation came to, of all that is known by now
 *
 * Sources: RFC 8555 section 8. Units: none. Ownership: texts are constant. Errors: there are none. What is known later makes
 * the result
 * of later passes: that there is no answer, the authority's word, a contradiction.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_VERDICT_H
#define GAPFILL_ACME_VERDICT_H

#include "acme-challenge.h"

/* Whether the answer, or that there is none, can be judged. */
bool acme_verdict_is_known(const acme_validation_t *validation, bool later_pass);
/* Why it is not good; ACME_CAUSE_NONE: it is good, or that is not known. */
acme_cause_t acme_verdict_cause(const acme_validation_t *validation, bool later_pass);
/* "valid", "well-formed", "invalid", "no response", "authority says valid", "authority says invalid"; NULL: cannot be told. */
const char *acme_verdict_outcome(const acme_validation_t *validation, bool later_pass);

#endif /* GAPFILL_ACME_VERDICT_H */
