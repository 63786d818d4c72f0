/* hkp-json-index.h
 * An index in JSON
 *
 * Sources: what Hockeypuck answers to options=json and to /pks/v2/index: an array with an object for each key, its fingerprint
 * among them. Others that name fingerprints or key IDs alike are read, too.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_JSON_INDEX_H
#define GAPFILL_HKP_JSON_INDEX_H

#include "hkp-listing.h"

typedef enum {
    HKP_JSON_NO_INDEX,
    HKP_JSON_INDEX,
    HKP_JSON_EMPTY_INDEX        /* an array of nothing */
} hkp_json_index_t;

hkp_json_index_t hkp_json_index_kind(hkp_text_t body);

/* Its fields, below the listing's tree. */
void hkp_show_json_index(hkp_listing_t *listing, hkp_text_t body);

#endif /* GAPFILL_HKP_JSON_INDEX_H */
