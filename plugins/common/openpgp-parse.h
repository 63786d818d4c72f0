/* openpgp-parse.h
 * OpenPGP data taken to pieces, without any protocol tree: which keys there are
 *
 * Sources: RFC 9580 sections 4 (packets), 5.6 (compressed data), 10.1 (what belongs to a key).
 *
 * Nothing throws and nothing is kept: what is cut or malformed is left out of the answer. Results belong to the allocator that
 * is given.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_PARSE_H
#define GAPFILL_OPENPGP_PARSE_H

#include "openpgp-packet.h"
#include "openpgp-public-key.h"

/* Compressed data within compressed data, embedded signatures within embedded signatures. */
#define OPENPGP_MAX_NESTING 8

/* Packets of one body that are looked at. */
#define OPENPGP_MAX_PACKETS 250000

/* What was found. */
typedef struct openpgp_summary {
    bool          present;      /* false: no OpenPGP at all */
    bool          incomplete;   /* there may be packets behind something that is none, or behind OPENPGP_MAX_PACKETS */
    unsigned      packets;
    unsigned      primary_keys;
    wmem_array_t *keys;         /* of openpgp_key_t, in the order in which they came */
} openpgp_summary_t;

/*
 * Every armored block in text of any kind (plain, HTML, JSON; not percent-encoded), or binary packets where the data start
 * with them. Compressed data are looked into, within openpgp_inflate_limit().
 */
const openpgp_summary_t *openpgp_parse(wmem_allocator_t *pool, openpgp_data_t data);

/* Who is told of every packet of the data, in their order. */
typedef struct openpgp_visitor {
    void *user;
    void (*block)(void *user, unsigned nesting);        /* other packets begin: of armor, of compressed data (1), or behind these */
    /*
     * key is that of a key packet that can be read, or NULL. cut: not all of the body is there. Tag OPENPGP_TAG_NONE: from
     * here on there may be packets that are not read.
     */
    void (*packet)(void *user, uint8_t tag, openpgp_data_t body, bool cut, const openpgp_key_t *key);
    void (*cleartext)(void *user, const char *text, unsigned length);       /* signed text, up to the block with the signature */
} openpgp_visitor_t;

/* As openpgp_parse(), with a visitor. The data, and what the visitor is given, live as long as data and pool. */
void openpgp_visit(wmem_allocator_t *pool, openpgp_data_t data, const openpgp_visitor_t *visitor);

/* "3 keys: Alice <alice@example.org>, Bob <bob@example.org>, …"; with "" for no keys. At most max_names names. */
const char *openpgp_keys_text(wmem_allocator_t *pool, const openpgp_summary_t *summary, unsigned max_names);

/*
 * Whether a primary key or subkey of the summary has this ID: hex without 0x in any case, of 8 or 16 digits
 * (key ID; of a v3 fingerprint with 32 digits only the fingerprint), 32, 40 or 64 digits (fingerprint).
 */
bool openpgp_has_key(const openpgp_summary_t *summary, const char *hex);

#endif /* GAPFILL_OPENPGP_PARSE_H */
