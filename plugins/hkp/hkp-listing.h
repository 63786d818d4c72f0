/* hkp-listing.h
 * The keys that an index lists, whatever its form: their fields, and whether the one asked for is among them
 *
 * Sources: those of the forms, hkp-index.h and hkp-json-index.h.
 * Ownership: a listing is its maker's, for the packet; strings are in the packet's pool. Bounds: HKP_LISTING_MAX items of a
 * listing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_LISTING_H
#define GAPFILL_HKP_LISTING_H

#include "hkp-request.h"

/* Wireshark allows a packet a million items: a bound for the lines of an index, or the fields of a JSON document. */
#define HKP_LISTING_MAX 50000

typedef struct hkp_listing {
    http_message_t    *message;
    const hkp_asked_t *asked;
    tvbuff_t          *tvb;
    proto_tree        *tree;
    proto_tree        *key_tree;        /* of the key that is being listed; NULL before the first */
    proto_item        *key_item;
    bool               first_uid;       /* the next user ID is the first of its key */
    bool               has_id;          /* one of the keys can be that asked for by ID or fingerprint */
    bool               has_subkeys;     /* some are listed */
    bool               has_address;     /* one of the user IDs is of the address asked for */
    bool               cut;             /* there is more than HKP_LISTING_MAX */
    bool               announced;       /* it says itself that there are keys, or a number that cannot be read */
    uint32_t           keys;
    unsigned           names;
    wmem_strbuf_t     *info;            /* names for the Info column */
} hkp_listing_t;

typedef enum { HKP_LISTED_CREATION, HKP_LISTED_EXPIRATION } hkp_listed_time_t;
typedef enum { HKP_LISTED_ALGORITHM, HKP_LISTED_KEYLEN } hkp_listed_number_t;

hkp_listing_t hkp_listing_new(http_message_t *message, const hkp_asked_t *asked, tvbuff_t *tvb, proto_tree *tree);

/* A key begins; at: all that says something of it. */
void hkp_listing_add_key(hkp_listing_t *listing, hkp_text_t at);

/* Likewise where nothing is shown of it. */
void hkp_listing_count_key(hkp_listing_t *listing);

/* Its key ID or fingerprint, as text that may be shown, with or without 0x; shown: it has a field. */
void hkp_listing_add_id(hkp_listing_t *listing, hkp_text_t at, const char *id, bool shown);

void hkp_listing_add_number(hkp_listing_t *listing, hkp_listed_number_t field, hkp_text_t at, uint32_t value);

/* Of a key or user ID, whose tree it is; seconds since 1970. */
void hkp_listing_add_time(hkp_listing_t *listing, proto_tree *tree, hkp_listed_time_t field, hkp_text_t at, uint64_t seconds);

/* Whether a user ID that is nothing but plain text would change anything; if not, it is skipped. */
bool hkp_listing_wants_uid(const hkp_listing_t *listing);
void hkp_listing_skip_uid(hkp_listing_t *listing);

/* A user ID, as text that may be shown. */
proto_item *hkp_listing_add_uid(hkp_listing_t *listing, hkp_text_t at, const char *uid);

void hkp_listing_add_flags(hkp_listing_t *listing, proto_tree *tree, hkp_text_t at, const char *flags);

/* "3 keys: Alice <alice@example.org>, …" */
const char *hkp_listing_text(const hkp_listing_t *listing);

void hkp_register_listing(int proto);

#endif /* GAPFILL_HKP_LISTING_H */
