/* tap-openpgp.h
 * The keys of a capture as a table (-z openpgp,keys), and the list of Export Objects
 *
 * Rows and objects are bounded. Each key, signature and message is exported once, by its octets.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_OPENPGP_H
#define GAPFILL_TAP_OPENPGP_H

#include "openpgp-review.h"

/* Rows of the table. */
#define OPENPGP_TABLE_MAX       10000

/* Whether anybody wants to be told. */
bool tap_openpgp_is_on(void);
void tap_openpgp_queue(packet_info *pinfo, const openpgp_review_t *review);
void tap_openpgp_register(int proto);

#endif /* GAPFILL_TAP_OPENPGP_H */
