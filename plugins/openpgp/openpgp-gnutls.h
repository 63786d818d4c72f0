/* openpgp-gnutls.h
 * Whether a signature is one of a digest, asked of GnuTLS: RSA, DSA, ECDSA on the NIST curves, EdDSA
 *
 * Sources: RFC 9580 sections 5.2.2 and 5.2.3 (what is signed, PKCS #1 and its prefixes of hashes), RFC 8032.
 *
 * libgcrypt is not asked here: crafted keys of EdDSA and DSA make it end the process. Numbers are those that openpgp-numbers.h
 * let through. Whatever policy the system has for TLS, old algorithms are verified: they are called weak elsewhere.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_GNUTLS_H
#define GAPFILL_OPENPGP_GNUTLS_H

#include "openpgp-numbers.h"

typedef enum openpgp_answer {
    OPENPGP_ANSWER_GOOD,
    OPENPGP_ANSWER_BAD,
    OPENPGP_ANSWER_REFUSED,     /* the key is none */
    OPENPGP_ANSWER_CANNOT       /* the library has not got the algorithm, or there is no library */
} openpgp_answer_t;

openpgp_answer_t openpgp_gnutls_verify(const openpgp_key_numbers_t *key, uint8_t hash, openpgp_octets_t digest,
                                       const openpgp_signature_numbers_t *signature);

#endif /* GAPFILL_OPENPGP_GNUTLS_H */
