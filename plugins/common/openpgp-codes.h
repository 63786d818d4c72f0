/* openpgp-codes.h
 * OpenPGP's numbers and their names
 *
 * Sources: RFC 9580 sections 5 and 9, RFC 4880 section 9, RFC 5581 (Camellia); draft-koch-librepgp; IANA's OpenPGP registries.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_CODES_H
#define GAPFILL_OPENPGP_CODES_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/packet.h>

#define OPENPGP_KEY_ID_LENGTH   8
#define OPENPGP_CRC24_LENGTH    3

#define OPENPGP_TAG_PKESK           1
#define OPENPGP_TAG_SIGNATURE       2
#define OPENPGP_TAG_SKESK           3
#define OPENPGP_TAG_ONE_PASS        4
#define OPENPGP_TAG_SECRET_KEY      5
#define OPENPGP_TAG_PUBLIC_KEY      6
#define OPENPGP_TAG_SECRET_SUBKEY   7
#define OPENPGP_TAG_COMPRESSED      8
#define OPENPGP_TAG_SED             9
#define OPENPGP_TAG_MARKER          10
#define OPENPGP_TAG_LITERAL         11
#define OPENPGP_TAG_TRUST           12
#define OPENPGP_TAG_USER_ID         13
#define OPENPGP_TAG_PUBLIC_SUBKEY   14
#define OPENPGP_TAG_USER_ATTRIBUTE  17
#define OPENPGP_TAG_SEIPD           18
#define OPENPGP_TAG_MDC             19
#define OPENPGP_TAG_AEAD            20
#define OPENPGP_TAG_PADDING         21

#define OPENPGP_ALGO_RSA            1
#define OPENPGP_ALGO_RSA_ENCRYPT    2
#define OPENPGP_ALGO_RSA_SIGN       3
#define OPENPGP_ALGO_ELGAMAL        16
#define OPENPGP_ALGO_DSA            17
#define OPENPGP_ALGO_ECDH           18
#define OPENPGP_ALGO_ECDSA          19
#define OPENPGP_ALGO_ELGAMAL_SIGN   20
#define OPENPGP_ALGO_EDDSA_LEGACY   22
#define OPENPGP_ALGO_X25519         25
#define OPENPGP_ALGO_X448           26
#define OPENPGP_ALGO_ED25519        27
#define OPENPGP_ALGO_ED448          28

#define OPENPGP_SIG_CERT_FIRST      0x10
#define OPENPGP_SIG_CERT_LAST       0x13
#define OPENPGP_SIG_SUBKEY_BINDING  0x18
#define OPENPGP_SIG_DIRECT_KEY      0x1f

#define OPENPGP_COMPRESSION_NONE    0
#define OPENPGP_COMPRESSION_ZIP     1
#define OPENPGP_COMPRESSION_ZLIB    2

extern const value_string openpgp_tags[];
extern const value_string openpgp_public_key_algorithms[];
extern const value_string openpgp_symmetric_algorithms[];
extern const value_string openpgp_hash_algorithms[];
extern const value_string openpgp_compression_algorithms[];
extern const value_string openpgp_aead_algorithms[];
extern const value_string openpgp_signature_types[];

/* RFC 9580 section 9.2; bits is the size of the curve. */
typedef struct openpgp_curve {
    const char *name;
    uint16_t    bits;
    uint8_t     length;         /* octets of the OID */
    uint8_t     oid[10];
} openpgp_curve_t;

/* The curve of an OID (its contents octets), or NULL. */
const openpgp_curve_t *openpgp_curve_of(const uint8_t *oid, unsigned length);

/* Of X25519, X448, Ed25519 and Ed448, whose keys are octets of a fixed length: bits of the curve. */
uint16_t openpgp_native_bits(uint8_t algorithm);

/* What a packet is by its tag: the beginning of a key, of a subkey, or a part of a message. */
bool openpgp_is_key(uint8_t tag);
bool openpgp_is_subkey(uint8_t tag);
bool openpgp_is_of_message(uint8_t tag);

/* Octets; 0: unknown. */
unsigned openpgp_cipher_block_size(uint8_t algorithm);
unsigned openpgp_aead_nonce_size(uint8_t algorithm);

#endif /* GAPFILL_OPENPGP_CODES_H */
