/* openpgp-keyring.h
 * The OpenPGP keys of a capture, found by the issuer that a signature names
 *
 * Sources: RFC 9580 sections 5.2.3.12 and 5.2.3.35 (issuer), 5.5.4 (fingerprints and key IDs).
 *
 * Written on the first pass only, in file scope: each key once, and no more than OPENPGP_KEYRING_BYTES of them. Key IDs can be
 * made at will, so several keys can have one.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_KEYRING_H
#define GAPFILL_OPENPGP_KEYRING_H

#include "openpgp-public-key.h"
#include "openpgp-statement.h"

#define OPENPGP_KEYRING_BYTES   (32 * 1024 * 1024)
#define OPENPGP_KEY_IDENTITY    32

/* A public key, or the public part of a secret one; primary or not. */
typedef struct openpgp_known_key {
    const char               *fingerprint;      /* as in openpgp_key_t */
    const char               *keyid;
    uint8_t                   version;
    uint8_t                   algorithm;
    uint16_t                  bits;
    uint32_t                  creation;
    openpgp_octets_t          body;
    uint8_t                   identity[OPENPGP_KEY_IDENTITY];   /* SHA-256 of the body */
    struct openpgp_known_key *next;             /* another one with this key ID, or NULL */
} openpgp_known_key_t;

/* Of a key that is whole; body is that of its packet. Fingerprint, key ID and body are not copied. */
openpgp_known_key_t *openpgp_known_key(wmem_allocator_t *pool, const openpgp_key_t *key, const uint8_t *body);

/* True: it was not there before. Copies it. */
bool openpgp_keyring_add(const openpgp_known_key_t *key);

/* The first one with the key ID that the signature names, or NULL; the others are behind it. */
const openpgp_known_key_t *openpgp_keyring_find(const openpgp_statement_t *statement);

/* On the first pass: there is a key of this algorithm of which nobody knows what its ID is. */
void openpgp_keyring_add_disputed(uint8_t algorithm);

/* Whether there may have been a key that the signature names, for which there was no room, or whose ID is disputed. */
bool openpgp_keyring_may_lack(const openpgp_statement_t *statement);

/* Whether the signature says that this key made it: by fingerprint if it names one. */
bool openpgp_is_issuer(const openpgp_known_key_t *key, const openpgp_statement_t *statement);

/* The key ID that the signature names; false: none. */
bool openpgp_issuer_keyid(const openpgp_statement_t *statement, uint64_t *keyid);
uint64_t openpgp_keyid_number(const openpgp_known_key_t *key);

/* When a file is opened. */
void openpgp_keyring_reset(void);

#endif /* GAPFILL_OPENPGP_KEYRING_H */
