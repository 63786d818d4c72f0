/* openpgp-codes.c
 * OpenPGP's numbers and their names; see openpgp-codes.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include "openpgp-codes.h"

const value_string openpgp_tags[] = {
    { 0, "Reserved" },
    { OPENPGP_TAG_PKESK, "Public-Key Encrypted Session Key" },
    { OPENPGP_TAG_SIGNATURE, "Signature" },
    { OPENPGP_TAG_SKESK, "Symmetric-Key Encrypted Session Key" },
    { OPENPGP_TAG_ONE_PASS, "One-Pass Signature" },
    { OPENPGP_TAG_SECRET_KEY, "Secret Key" },
    { OPENPGP_TAG_PUBLIC_KEY, "Public Key" },
    { OPENPGP_TAG_SECRET_SUBKEY, "Secret Subkey" },
    { OPENPGP_TAG_COMPRESSED, "Compressed Data" },
    { OPENPGP_TAG_SED, "Symmetrically Encrypted Data" },
    { OPENPGP_TAG_MARKER, "Marker" },
    { OPENPGP_TAG_LITERAL, "Literal Data" },
    { OPENPGP_TAG_TRUST, "Trust" },
    { OPENPGP_TAG_USER_ID, "User ID" },
    { OPENPGP_TAG_PUBLIC_SUBKEY, "Public Subkey" },
    { OPENPGP_TAG_USER_ATTRIBUTE, "User Attribute" },
    { OPENPGP_TAG_SEIPD, "Symmetrically Encrypted and Integrity Protected Data" },
    { OPENPGP_TAG_MDC, "Modification Detection Code" },
    { OPENPGP_TAG_AEAD, "AEAD Encrypted Data" },
    { OPENPGP_TAG_PADDING, "Padding" },
    { 60, "Private or Experimental" },
    { 61, "Private or Experimental" },
    { 62, "Private or Experimental" },
    { 63, "Private or Experimental" },
    { 0, NULL }
};

const value_string openpgp_public_key_algorithms[] = {
    { OPENPGP_ALGO_RSA, "RSA" },
    { OPENPGP_ALGO_RSA_ENCRYPT, "RSA Encrypt-Only" },
    { OPENPGP_ALGO_RSA_SIGN, "RSA Sign-Only" },
    { 8, "Kyber with ECDH (LibrePGP)" },
    { OPENPGP_ALGO_ELGAMAL, "Elgamal Encrypt-Only" },
    { OPENPGP_ALGO_DSA, "DSA" },
    { OPENPGP_ALGO_ECDH, "ECDH" },
    { OPENPGP_ALGO_ECDSA, "ECDSA" },
    { OPENPGP_ALGO_ELGAMAL_SIGN, "Elgamal Encrypt or Sign" },
    { 21, "Diffie-Hellman (X9.42)" },
    { OPENPGP_ALGO_EDDSA_LEGACY, "EdDSALegacy" },
    { 23, "AEDH" },
    { 24, "AEDSA" },
    { OPENPGP_ALGO_X25519, "X25519" },
    { OPENPGP_ALGO_X448, "X448" },
    { OPENPGP_ALGO_ED25519, "Ed25519" },
    { OPENPGP_ALGO_ED448, "Ed448" },
    { OPENPGP_ALGO_MLDSA65_ED25519, "ML-DSA-65+Ed25519" },
    { OPENPGP_ALGO_MLDSA87_ED448, "ML-DSA-87+Ed448" },
    { OPENPGP_ALGO_SLHDSA_128S, "SLH-DSA-SHAKE-128s" },
    { OPENPGP_ALGO_SLHDSA_128F, "SLH-DSA-SHAKE-128f" },
    { OPENPGP_ALGO_SLHDSA_256S, "SLH-DSA-SHAKE-256s" },
    { OPENPGP_ALGO_MLKEM768_X25519, "ML-KEM-768+X25519" },
    { OPENPGP_ALGO_MLKEM1024_X448, "ML-KEM-1024+X448" },
    { 0, NULL }
};

const value_string openpgp_symmetric_algorithms[] = {
    { 0, "Plaintext" },
    { 1, "IDEA" },
    { 2, "TripleDES" },
    { 3, "CAST5" },
    { 4, "Blowfish" },
    { 7, "AES-128" },
    { 8, "AES-192" },
    { 9, "AES-256" },
    { 10, "Twofish" },
    { 11, "Camellia-128" },
    { 12, "Camellia-192" },
    { 13, "Camellia-256" },
    { 0, NULL }
};

const value_string openpgp_hash_algorithms[] = {
    { 1, "MD5" },
    { 2, "SHA-1" },
    { 3, "RIPEMD-160" },
    { 8, "SHA2-256" },
    { 9, "SHA2-384" },
    { 10, "SHA2-512" },
    { 11, "SHA2-224" },
    { 12, "SHA3-256" },
    { 14, "SHA3-512" },
    { 0, NULL }
};

const value_string openpgp_compression_algorithms[] = {
    { OPENPGP_COMPRESSION_NONE, "Uncompressed" },
    { OPENPGP_COMPRESSION_ZIP, "ZIP" },
    { OPENPGP_COMPRESSION_ZLIB, "ZLIB" },
    { OPENPGP_COMPRESSION_BZIP2, "BZip2" },
    { 0, NULL }
};

const value_string openpgp_aead_algorithms[] = {
    { 1, "EAX" },
    { 2, "OCB" },
    { 3, "GCM" },
    { 0, NULL }
};

const value_string openpgp_s2k_types[] = {
    { OPENPGP_S2K_SIMPLE, "Simple" },
    { OPENPGP_S2K_SALTED, "Salted" },
    { OPENPGP_S2K_ITERATED, "Iterated and salted" },
    { OPENPGP_S2K_ARGON2, "Argon2" },
    { OPENPGP_S2K_GNU, "GnuPG extension" },
    { 0, NULL }
};

const value_string openpgp_signature_types[] = {
    { 0x00, "Binary document" },
    { 0x01, "Text document" },
    { 0x02, "Standalone" },
    { 0x10, "Generic certification" },
    { 0x11, "Persona certification" },
    { 0x12, "Casual certification" },
    { 0x13, "Positive certification" },
    { OPENPGP_SIG_ATTESTATION, "Attestation key" },
    { OPENPGP_SIG_SUBKEY_BINDING, "Subkey binding" },
    { 0x19, "Primary key binding" },
    { OPENPGP_SIG_DIRECT_KEY, "Direct key" },
    { 0x20, "Key revocation" },
    { 0x28, "Subkey revocation" },
    { 0x30, "Certification revocation" },
    { 0x40, "Timestamp" },
    { 0x50, "Third-party confirmation" },
    { 0, NULL }
};

const value_string openpgp_subpacket_types[] = {
    { OPENPGP_SUB_CREATION, "Signature creation time" },
    { OPENPGP_SUB_EXPIRATION, "Signature expiration time" },
    { OPENPGP_SUB_EXPORTABLE, "Exportable certification" },
    { OPENPGP_SUB_TRUST, "Trust signature" },
    { OPENPGP_SUB_REGEX, "Regular expression" },
    { OPENPGP_SUB_REVOCABLE, "Revocable" },
    { OPENPGP_SUB_KEY_EXPIRATION, "Key expiration time" },
    { 10, "Placeholder for backward compatibility" },
    { OPENPGP_SUB_PREFERRED_CIPHERS, "Preferred symmetric ciphers" },
    { OPENPGP_SUB_REVOCATION_KEY, "Revocation key" },
    { OPENPGP_SUB_ISSUER_KEYID, "Issuer key ID" },
    { OPENPGP_SUB_NOTATION, "Notation data" },
    { OPENPGP_SUB_PREFERRED_HASHES, "Preferred hash algorithms" },
    { OPENPGP_SUB_PREFERRED_COMPRESSION, "Preferred compression algorithms" },
    { OPENPGP_SUB_KEYSERVER_PREFS, "Key server preferences" },
    { OPENPGP_SUB_PREFERRED_KEYSERVER, "Preferred key server" },
    { OPENPGP_SUB_PRIMARY_UID, "Primary user ID" },
    { OPENPGP_SUB_POLICY_URI, "Policy URI" },
    { OPENPGP_SUB_KEY_FLAGS, "Key flags" },
    { OPENPGP_SUB_SIGNER_UID, "Signer's user ID" },
    { OPENPGP_SUB_REVOCATION_REASON, "Reason for revocation" },
    { OPENPGP_SUB_FEATURES, "Features" },
    { OPENPGP_SUB_TARGET, "Signature target" },
    { OPENPGP_SUB_EMBEDDED, "Embedded signature" },
    { OPENPGP_SUB_ISSUER_FINGERPRINT, "Issuer fingerprint" },
    { OPENPGP_SUB_PREFERRED_AEAD, "Preferred encryption modes" },
    { OPENPGP_SUB_RECIPIENT, "Intended recipient fingerprint" },
    { OPENPGP_SUB_ATTESTED, "Attested certifications" },
    { 38, "Key block" },
    { OPENPGP_SUB_PREFERRED_SUITES, "Preferred AEAD ciphersuites" },
    { 0, NULL }
};

static const openpgp_curve_t curves[] = {
    { "NIST P-256",         256,  OPENPGP_CURVE_WEIERSTRASS,  135,  8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
    { "NIST P-384",         384,  OPENPGP_CURVE_WEIERSTRASS,  373,  5, { 0x2b, 0x81, 0x04, 0x00, 0x22 } },
    { "NIST P-521",         521,  OPENPGP_CURVE_WEIERSTRASS,  689,  5, { 0x2b, 0x81, 0x04, 0x00, 0x23 } },
    { "secp256k1",          256,  OPENPGP_CURVE_WEIERSTRASS,  1035, 5, { 0x2b, 0x81, 0x04, 0x00, 0x0a } },
    { "brainpoolP256r1",    256,  OPENPGP_CURVE_WEIERSTRASS,  1080, 9, { 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07 } },
    { "brainpoolP384r1",    384,  OPENPGP_CURVE_WEIERSTRASS,  2264, 9, { 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b } },
    { "brainpoolP512r1",    512,  OPENPGP_CURVE_WEIERSTRASS,  4145, 9, { 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d } },
    { "Ed25519Legacy", 255, OPENPGP_CURVE_EDWARDS, 103, 9, { 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01 } },
    { "Curve25519Legacy", 255, OPENPGP_CURVE_MONTGOMERY, 0, 10, { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01 } },
    { "X25519",             255,  OPENPGP_CURVE_MONTGOMERY,   0,    3, { 0x2b, 0x65, 0x6e } },
    { "X448",               448,  OPENPGP_CURVE_MONTGOMERY,   0,    3, { 0x2b, 0x65, 0x6f } },
    { "Ed25519",            255,  OPENPGP_CURVE_EDWARDS,      103,  3, { 0x2b, 0x65, 0x70 } },
    { "Ed448",              448,  OPENPGP_CURVE_EDWARDS,      349,  3, { 0x2b, 0x65, 0x71 } },
};

const openpgp_curve_t *
openpgp_curve_of(const uint8_t *oid, unsigned length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        if (curves[i].length == length && memcmp(oid, curves[i].oid, length) == 0)
            return &curves[i];
    }
    return NULL;
}

uint16_t
openpgp_native_bits(uint8_t algorithm)
{
    return algorithm == OPENPGP_ALGO_X448 || algorithm == OPENPGP_ALGO_ED448 ? 448 : 255;
}

bool
openpgp_is_post_quantum(uint8_t algorithm)
{
    return algorithm >= OPENPGP_ALGO_MLDSA65_ED25519 && algorithm <= OPENPGP_ALGO_MLKEM1024_X448;
}

bool
openpgp_is_key(uint8_t tag)
{
    return tag == OPENPGP_TAG_PUBLIC_KEY || tag == OPENPGP_TAG_SECRET_KEY;
}

bool
openpgp_is_subkey(uint8_t tag)
{
    return tag == OPENPGP_TAG_PUBLIC_SUBKEY || tag == OPENPGP_TAG_SECRET_SUBKEY;
}

bool
openpgp_is_of_message(uint8_t tag)
{
    switch (tag) {
    case OPENPGP_TAG_PKESK:
    case OPENPGP_TAG_SKESK:
    case OPENPGP_TAG_ONE_PASS:
    case OPENPGP_TAG_COMPRESSED:
    case OPENPGP_TAG_SED:
    case OPENPGP_TAG_LITERAL:
    case OPENPGP_TAG_SEIPD:
    case OPENPGP_TAG_MDC:
    case OPENPGP_TAG_AEAD:
        return true;
    default:
        return false;
    }
}

unsigned
openpgp_cipher_block_size(uint8_t algorithm)
{
    switch (algorithm) {
    case 1: case 2: case 3: case 4:
        return 8;
    case 7: case 8: case 9: case 10: case 11: case 12: case 13:
        return 16;
    default:
        return 0;
    }
}

unsigned
openpgp_aead_nonce_size(uint8_t algorithm)
{
    switch (algorithm) {
    case 1:
        return 16;
    case 2:
        return 15;
    case 3:
        return 12;
    default:
        return 0;
    }
}

const char *
openpgp_subpacket_name(uint8_t type)
{
    return try_val_to_str(type, openpgp_subpacket_types);
}
