/* openpgp-objects.h
 * The keys, signatures and messages of a body as things of their own
 *
 * Source: RFC 9580 section 10 (which packets belong together).
 *
 * Results are of pinfo->pool; texts may be shown (text.h). What compressed data hold is part of the message that they are.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_OBJECTS_H
#define GAPFILL_OPENPGP_OBJECTS_H

#include "openpgp-review.h"

typedef enum openpgp_object_kind {
    OPENPGP_OBJECT_KEY,
    OPENPGP_OBJECT_SIGNATURE,
    OPENPGP_OBJECT_MESSAGE
} openpgp_object_kind_t;

typedef struct openpgp_object {
    openpgp_object_kind_t      kind;
    const char                *name;            /* of a file, without its end: digits, letters and - */
    bool                       secret;
    wmem_array_t              *octets;          /* its packets, in new format */
    const openpgp_known_key_t *key;             /* of keys: the primary one */
    const openpgp_standing_t  *standing;        /* likewise */
    const char                *user_ids;        /* likewise, joined by commas */
    const char                *algorithms;      /* of the primary key and the subkeys */
    unsigned                   user_id_count;
    unsigned                   subkey_count;
    unsigned                   signature_count;
} openpgp_object_t;

/* Array of openpgp_object_t. Those of which something is cut are left out. */
wmem_array_t *openpgp_objects(packet_info *pinfo, const openpgp_review_t *review);

#endif /* GAPFILL_OPENPGP_OBJECTS_H */
