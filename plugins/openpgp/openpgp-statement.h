/* openpgp-statement.h
 * What an OpenPGP signature says of itself, without a tree: for those who verify it
 *
 * Sources: RFC 9580 section 5.2; RFC 4880 section 5.2 (versions 2 and 3); draft-koch-librepgp (version 5).
 *
 * Lengths are in octets, times in seconds. Pointers are into the body, and live as long. Nothing throws and nothing is kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_STATEMENT_H
#define GAPFILL_OPENPGP_STATEMENT_H

#include "openpgp-packet.h"

/* Revocation keys of one signature that are looked at. */
#define OPENPGP_REVOKERS 4

/* Signatures within one that are verified: anybody can put more of them into its unhashed area. */
#define OPENPGP_EMBEDDED 4

#define OPENPGP_LEFT_OCTETS 2

typedef struct openpgp_octets {
    const uint8_t *octets;      /* NULL: none */
    unsigned       length;
} openpgp_octets_t;

typedef struct openpgp_statement {
    openpgp_octets_t body;
    uint8_t          version;           /* 2 to 6 */
    uint8_t          type;
    uint8_t          algorithm;
    uint8_t          hash;
    openpgp_octets_t hashed;            /* the part of the body that is under the signature */
    uint8_t          left[OPENPGP_LEFT_OCTETS];         /* the digest's first octets */
    openpgp_octets_t salt;              /* version 6 */
    openpgp_octets_t material;          /* the numbers of the signature, to the end */
    openpgp_octets_t issuer_keyid;
    openpgp_octets_t issuer_fingerprint;
    openpgp_octets_t embedded[OPENPGP_EMBEDDED];        /* signatures within, under this one or not: each is one by itself */
    openpgp_octets_t revokers[OPENPGP_REVOKERS];        /* fingerprints of keys that may revoke this one */
    /* From here on under the signature only. */
    bool             has_creation;
    bool             unknown_critical;  /* a subpacket that must be understood, and is not */
    uint32_t         creation;
    uint32_t         validity;          /* after its creation; 0: without end */
    uint32_t         key_validity;      /* after the key's creation; 0: without end */
    uint8_t          reason;            /* of a revocation */
    uint8_t          key_flags;
} openpgp_statement_t;

/* False where the signature is cut or malformed, or of an unknown version. */
bool openpgp_read_statement(openpgp_octets_t body, openpgp_statement_t *statement);

#endif /* GAPFILL_OPENPGP_STATEMENT_H */
