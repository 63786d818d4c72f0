/* openpgp-gcrypt-curves.h
 * ECDSA on the curves that GnuTLS has not got, asked of libgcrypt: secp256k1 and brainpool
 *
 * Sources: RFC 9580 section 9.2, RFC 5639.
 *
 * The point, r and s are looked at before libgcrypt verifies, so that it computes with nothing but what belongs to the curve.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_GCRYPT_CURVES_H
#define GAPFILL_OPENPGP_GCRYPT_CURVES_H

#include "openpgp-gnutls.h"

bool openpgp_gcrypt_has(const openpgp_key_numbers_t *key);
openpgp_answer_t openpgp_gcrypt_verify(const openpgp_key_numbers_t *key, openpgp_octets_t digest,
                                       const openpgp_signature_numbers_t *signature);

#endif /* GAPFILL_OPENPGP_GCRYPT_CURVES_H */
