/* openpgp-keyring.c
 * The OpenPGP keys of a capture; see openpgp-keyring.h
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

#include <stdlib.h>
#include <string.h>

#include <epan/wmem_scopes.h>
#include <wsutil/pint.h>
#include <wsutil/wsgcrypt.h>

#include "openpgp-codes.h"
#include "openpgp-keyring.h"
#include "compat.h"

#define V4_FINGERPRINT  20

/* What a key takes besides its octets. */
#define ENTRY_BYTES     256

/* Keys that have the same ID: of version 3 they are made by the thousand. */
#define SAME_ID_MAX     16

static wmem_map_t *keys;        /* openpgp_known_key_t by its key ID */
static unsigned bytes_left;
static bool is_full;            /* one had no room */
static bool disputed[UINT8_MAX + 1];    /* algorithms of keys whose ID nobody knows */

openpgp_known_key_t *
openpgp_known_key(wmem_allocator_t *pool, const openpgp_key_t *key, const uint8_t *body)
{
    openpgp_known_key_t *known = wmem_new0(pool, openpgp_known_key_t);

    known->fingerprint = key->fingerprint;
    known->keyid = key->keyid;
    known->version = key->version;
    known->algorithm = key->algorithm;
    known->bits = key->bits;
    known->creation = key->creation;
    known->body = (openpgp_octets_t){ body, key->public_length };
    gcry_md_hash_buffer(GCRY_MD_SHA256, known->identity, body, key->public_length);
    return known;
}

uint64_t
openpgp_keyid_number(const openpgp_known_key_t *key)
{
    return strtoull(key->keyid, NULL, 16);
}

static const openpgp_known_key_t *
first_of(uint64_t keyid)
{
    return keys ? (const openpgp_known_key_t *)wmem_map_lookup(keys, &keyid) : NULL;
}

static unsigned
count_of(uint64_t keyid)
{
    unsigned count = 0;

    for (const openpgp_known_key_t *known = first_of(keyid); known; known = known->next)
        count++;
    return count;
}

static void
insert(const openpgp_known_key_t *key, uint64_t keyid)
{
    openpgp_known_key_t *copy = wmem_new(wmem_file_scope(), openpgp_known_key_t);
    uint64_t *place = wmem_new(wmem_file_scope(), uint64_t);

    *copy = *key;
    *place = keyid;
    copy->fingerprint = wmem_strdup(wmem_file_scope(), key->fingerprint);
    copy->keyid = wmem_strdup(wmem_file_scope(), key->keyid);
    copy->body.octets = (const uint8_t *)wmem_memdup(wmem_file_scope(), key->body.octets, key->body.length);
    copy->next = (openpgp_known_key_t *)first_of(keyid);
    wmem_map_insert(keys, place, copy);
}

bool
openpgp_keyring_add(const openpgp_known_key_t *key)
{
    uint64_t keyid = openpgp_keyid_number(key);
    unsigned bytes = ENTRY_BYTES + key->body.length;

    for (const openpgp_known_key_t *known = first_of(keyid); known; known = known->next) {
        if (strcmp(known->fingerprint, key->fingerprint) == 0)
            return false;
    }
    is_full = is_full || bytes > bytes_left;
    if (!keys || bytes > bytes_left || count_of(keyid) >= SAME_ID_MAX)
        return false;
    bytes_left -= bytes;
    insert(key, keyid);
    return true;
}

/* A key of RSA may be for signatures alone. */
static uint8_t
family_of(uint8_t algorithm)
{
    return algorithm == OPENPGP_ALGO_RSA_SIGN ? OPENPGP_ALGO_RSA : algorithm;
}

void
openpgp_keyring_add_disputed(uint8_t algorithm)
{
    disputed[family_of(algorithm)] = true;
}

static uint64_t
number_of(const uint8_t *octets)
{
    return (uint64_t)pntohu32(octets) << 32 | pntohu32(octets + 4);
}

bool
openpgp_issuer_keyid(const openpgp_statement_t *statement, uint64_t *keyid)
{
    openpgp_octets_t fingerprint = statement->issuer_fingerprint;

    if (fingerprint.length == V4_FINGERPRINT)
        *keyid = number_of(fingerprint.octets + V4_FINGERPRINT - OPENPGP_KEY_ID_LENGTH);
    else if (fingerprint.length > V4_FINGERPRINT)
        *keyid = number_of(fingerprint.octets);
    else if (statement->issuer_keyid.octets)
        *keyid = number_of(statement->issuer_keyid.octets);
    else
        return false;
    return true;
}

const openpgp_known_key_t *
openpgp_keyring_find(const openpgp_statement_t *statement)
{
    uint64_t keyid;

    return openpgp_issuer_keyid(statement, &keyid) ? first_of(keyid) : NULL;
}

bool
openpgp_keyring_may_lack(const openpgp_statement_t *statement)
{
    uint64_t keyid;

    return openpgp_issuer_keyid(statement, &keyid)
        && (is_full || disputed[family_of(statement->algorithm)] || count_of(keyid) >= SAME_ID_MAX);
}

static bool
is_hex_of(const char *hex, openpgp_octets_t octets)
{
    if (strlen(hex) != 2 * (size_t)octets.length)
        return false;
    for (unsigned i = 0; i < octets.length; i++) {
        if (g_ascii_xdigit_value(hex[2 * i]) << 4 != (octets.octets[i] & 0xf0) ||
                g_ascii_xdigit_value(hex[2 * i + 1]) != (octets.octets[i] & 0x0f))
            return false;
    }
    return true;
}

bool
openpgp_is_issuer(const openpgp_known_key_t *key, const openpgp_statement_t *statement)
{
    uint64_t keyid;

    if (statement->issuer_fingerprint.octets)
        return is_hex_of(key->fingerprint, statement->issuer_fingerprint);
    return openpgp_issuer_keyid(statement, &keyid) && keyid == openpgp_keyid_number(key);
}

void
openpgp_keyring_reset(void)
{
    keys = wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
    bytes_left = OPENPGP_KEYRING_BYTES;
    is_full = false;
    memset(disputed, 0, sizeof disputed);
}
