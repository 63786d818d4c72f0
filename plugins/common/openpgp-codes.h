/* openpgp-codes.h
 * OpenPGP's numbers and their names
 *
 * Sources: RFC 9580 sections 5 and 9, RFC 4880 section 9, RFC 5581 (Camellia); draft-koch-librepgp; draft-ietf-openpgp-pqc;
 * IANA's OpenPGP registries.
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

#define OPENPGP_TAG_NONE            0       /* reserved */
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
#define OPENPGP_ALGO_MLDSA65_ED25519    30
#define OPENPGP_ALGO_MLDSA87_ED448  31
#define OPENPGP_ALGO_SLHDSA_128S    32
#define OPENPGP_ALGO_SLHDSA_128F    33
#define OPENPGP_ALGO_SLHDSA_256S    34
#define OPENPGP_ALGO_MLKEM768_X25519    35
#define OPENPGP_ALGO_MLKEM1024_X448 36

#define OPENPGP_SIG_BINARY          0x00
#define OPENPGP_SIG_TEXT            0x01
#define OPENPGP_SIG_STANDALONE      0x02
#define OPENPGP_SIG_CERT_FIRST      0x10
#define OPENPGP_SIG_CERT_LAST       0x13
#define OPENPGP_SIG_ATTESTATION     0x16    /* draft-ietf-openpgp-rfc4880bis-10 section 5.2.1 */
#define OPENPGP_SIG_SUBKEY_BINDING  0x18
#define OPENPGP_SIG_PRIMARY_BINDING 0x19
#define OPENPGP_SIG_DIRECT_KEY      0x1f
#define OPENPGP_SIG_KEY_REVOCATION  0x20
#define OPENPGP_SIG_SUBKEY_REVOCATION   0x28
#define OPENPGP_SIG_CERT_REVOCATION 0x30

#define OPENPGP_SUB_CREATION                2
#define OPENPGP_SUB_EXPIRATION              3
#define OPENPGP_SUB_EXPORTABLE              4
#define OPENPGP_SUB_TRUST                   5
#define OPENPGP_SUB_REGEX                   6
#define OPENPGP_SUB_REVOCABLE               7
#define OPENPGP_SUB_KEY_EXPIRATION          9
#define OPENPGP_SUB_PREFERRED_CIPHERS       11
#define OPENPGP_SUB_REVOCATION_KEY          12
#define OPENPGP_SUB_ISSUER_KEYID            16
#define OPENPGP_SUB_NOTATION                20
#define OPENPGP_SUB_PREFERRED_HASHES        21
#define OPENPGP_SUB_PREFERRED_COMPRESSION   22
#define OPENPGP_SUB_KEYSERVER_PREFS         23
#define OPENPGP_SUB_PREFERRED_KEYSERVER     24
#define OPENPGP_SUB_PRIMARY_UID             25
#define OPENPGP_SUB_POLICY_URI              26
#define OPENPGP_SUB_KEY_FLAGS               27
#define OPENPGP_SUB_SIGNER_UID              28
#define OPENPGP_SUB_REVOCATION_REASON       29
#define OPENPGP_SUB_FEATURES                30
#define OPENPGP_SUB_TARGET                  31
#define OPENPGP_SUB_EMBEDDED                32
#define OPENPGP_SUB_ISSUER_FINGERPRINT      33
#define OPENPGP_SUB_PREFERRED_AEAD          34
#define OPENPGP_SUB_RECIPIENT               35
#define OPENPGP_SUB_ATTESTED                37
#define OPENPGP_SUB_PREFERRED_SUITES        39

#define OPENPGP_S2K_SIMPLE          0
#define OPENPGP_S2K_SALTED          1
#define OPENPGP_S2K_ITERATED        3
#define OPENPGP_S2K_ARGON2          4
#define OPENPGP_S2K_GNU             101

#define OPENPGP_COMPRESSION_NONE    0
#define OPENPGP_COMPRESSION_ZIP     1
#define OPENPGP_COMPRESSION_ZLIB    2
#define OPENPGP_COMPRESSION_BZIP2   3

extern const value_string openpgp_tags[];
extern const value_string openpgp_public_key_algorithms[];
extern const value_string openpgp_symmetric_algorithms[];
extern const value_string openpgp_hash_algorithms[];
extern const value_string openpgp_compression_algorithms[];
extern const value_string openpgp_aead_algorithms[];
extern const value_string openpgp_signature_types[];
extern const value_string openpgp_subpacket_types[];
extern const value_string openpgp_s2k_types[];

typedef enum openpgp_curve_form {
    OPENPGP_CURVE_WEIERSTRASS,          /* ECDSA and ECDH */
    OPENPGP_CURVE_EDWARDS,              /* EdDSA */
    OPENPGP_CURVE_MONTGOMERY            /* ECDH */
} openpgp_curve_form_t;

/* RFC 9580 section 9.2; bits is the size of the curve. */
typedef struct openpgp_curve {
    const char          *name;
    uint16_t             bits;
    openpgp_curve_form_t form;
    uint16_t             cost;          /* of a verification, in microseconds of a usual core; 0: there is none */
    uint8_t              length;        /* octets of the OID */
    uint8_t              oid[10];
} openpgp_curve_t;

/* The curve of an OID (its contents octets), or NULL. */
const openpgp_curve_t *openpgp_curve_of(const uint8_t *oid, unsigned length);

/* Of X25519, X448, Ed25519 and Ed448, whose keys are octets of a fixed length: bits of the curve. */
uint16_t openpgp_native_bits(uint8_t algorithm);

/* Numbers that earlier drafts gave to other algorithms, whose material has other sizes. */
bool openpgp_is_post_quantum(uint8_t algorithm);

/* NULL: unknown. */
const char *openpgp_subpacket_name(uint8_t type);

/* What a packet is by its tag: the beginning of a key, of a subkey, or a part of a message. */
bool openpgp_is_key(uint8_t tag);
bool openpgp_is_subkey(uint8_t tag);
bool openpgp_is_of_message(uint8_t tag);

/* Octets; 0: unknown. */
unsigned openpgp_cipher_block_size(uint8_t algorithm);
unsigned openpgp_aead_nonce_size(uint8_t algorithm);

#endif /* GAPFILL_OPENPGP_CODES_H */
