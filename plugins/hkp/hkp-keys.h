/* hkp-keys.h
 * The keys in requests and answers of key servers
 *
 * Sources: draft-ietf-openpgp-hkp, section on submission (keytext of a form); the API description of the Hagrid keyserver
 * (keytext of a JSON document, armored or in base64); for hashquery, what SKS and Hockeypuck send. Keys are found and judged by
 * openpgp-parse.h; where there is a dissector of OpenPGP, it shows them by itself.
 * Ownership: results belong to the packet's pool. Nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_KEYS_H
#define GAPFILL_HKP_KEYS_H

#include "hkp-request.h"
#include "openpgp-parse.h"

/* Of HTTP: a part is not all of it (RFC 9110 section 15.3.7). */
#define HKP_PARTIAL_CONTENT 206

typedef struct hkp_keys {
    const openpgp_summary_t *summary;   /* NULL: no OpenPGP */
    bool                     armored;
    bool                     secret;    /* one of them is a secret key */
    unsigned                 nameless;  /* primary keys without a user ID, but those of v6; 0 where not all was captured */
    bool                     readable;  /* all of them have a fingerprint */
    bool                     has_address;       /* one has a user ID of the address asked for */
} hkp_keys_t;

/* Freed from what a form or JSON puts around them. asked: of the request; NULL: no address is looked for. */
hkp_keys_t hkp_read_keys(http_message_t *message, tvbuff_t *body, const hkp_asked_t *asked);

/* The hashes that a hashquery asks for; returns how many it says there are. */
uint32_t hkp_show_hashes(tvbuff_t *body, proto_tree *tree);

/* The answer to a hashquery; *listed: how many it says there are. False: it is none. */
bool hkp_read_hashquery(http_message_t *message, tvbuff_t *body, proto_tree *tree, hkp_keys_t *keys, uint32_t *listed);

void hkp_register_keys(int proto);

#endif /* GAPFILL_HKP_KEYS_H */
