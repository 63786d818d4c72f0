/* hkp-index.h
 * The machine-readable index of a key server
 *
 * Source: draft-ietf-openpgp-hkp, section on the machine-readable index.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_INDEX_H
#define GAPFILL_HKP_INDEX_H

#include <epan/expert.h>

#include "hkp-listing.h"

/* The index has no name in HTTP: it is known by its first line. */
bool hkp_is_index(hkp_text_t body);

/* Its fields, below the listing's tree. */
void hkp_show_index(hkp_listing_t *listing, hkp_text_t body);

void hkp_register_index(int proto, expert_module_t *expert);

#endif /* GAPFILL_HKP_INDEX_H */
