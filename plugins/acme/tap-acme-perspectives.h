/* tap-acme-perspectives.h
 * A table of the addresses that looked at challenges, and what each of them got: -z acme,perspectives
 *
 * Source: multi-perspective issuance corroboration, CA/Browser Forum's Baseline Requirements, section 3.2.2.9.
 * Ownership: rows belong to their table. Errors: there are none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_ACME_PERSPECTIVES_H
#define GAPFILL_TAP_ACME_PERSPECTIVES_H

void tap_acme_perspectives_register(void);

#endif /* GAPFILL_TAP_ACME_PERSPECTIVES_H */
