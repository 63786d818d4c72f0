/* packet-openpgp.h
 * What other dissectors of OpenPGP carriers can use
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef __PACKET_OPENPGP_H__
#define __PACKET_OPENPGP_H__

#include <epan/packet.h>
#include <ws_compat.h>

/*
 * A public or secret key, or a subkey. Strings are never NULL unless said.
 * Where the key packet is cut or malformed, fingerprint and keyid are "".
 */
typedef struct openpgp_key {
    uint8_t     version;        /* 2 to 6 */
    uint8_t     algorithm;
    uint16_t    bits;           /* 0 where unknown */
    uint32_t    creation;       /* seconds since 1970 */
    bool        subkey;         /* belongs to the nearest primary key before it */
    bool        secret;
    const char *fingerprint;    /* upper-case hex: 32 (v3), 40 (v4) or 64 (v6) digits */
    const char *keyid;          /* upper-case hex, 16 digits */
    const char *userid;         /* primary keys: the first user ID as valid UTF-8, or NULL */
    tvbuff_t   *tvb;            /* binary packets; for a primary key, offset and length span it with
                                 * all that belongs to it: user IDs, signatures, subkeys */
    int         offset;
    int         length;
} openpgp_key_t;

/* What was found. It and all it points to belong to pinfo->pool. */
typedef struct openpgp_summary {
    unsigned      blocks;       /* armored blocks, or 1 for binary packets; 0: no OpenPGP at all */
    unsigned      packets;
    unsigned      primary_keys;
    unsigned      signatures;   /* detached: neither in a key nor in a message */
    unsigned      messages;     /* blocks that hold encrypted, signed, compressed or literal data */
    wmem_array_t *keys;         /* of openpgp_key_t, in the order in which they came */
} openpgp_summary_t;

/*
 * Finds every ASCII-armored block in text of any kind (plain, HTML; not percent-encoded), or binary packets
 * where the data starts with them, and dissects them below tree, as one "openpgp" item each time it is called.
 * Adds nothing and leaves blocks at 0 where there is no OpenPGP data. Does not touch the columns
 * and does not throw: what is cut or malformed is expert information. tree may be NULL.
 */
const openpgp_summary_t *openpgp_dissect_all(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* Quick test for openpgp_dissect_all(): an armored block somewhere, or packets from the start on. */
bool openpgp_is_present(tvbuff_t *tvb);

/* "3 keys: Alice <alice@example.org>, Bob <bob@example.org>, …"; with "" for no keys. At most max_names names. */
const char *openpgp_keys_text(wmem_allocator_t *allocator, const openpgp_summary_t *summary, unsigned max_names);

/*
 * Whether a primary key or subkey of the summary has this ID: hex without 0x in any case, of 8 or 16 digits
 * (key ID; of a v3 fingerprint with 32 digits only the fingerprint), 32, 40 or 64 digits (fingerprint).
 */
bool openpgp_has_key(const openpgp_summary_t *summary, const char *hex);

/*
 * A primary key with all that belongs to it as an ASCII-armored block with CRC-24, as key servers send it.
 * NUL-terminated, from allocator.
 */
char *openpgp_key_to_armor(wmem_allocator_t *allocator, const openpgp_key_t *key);

#endif /* __PACKET_OPENPGP_H__ */
