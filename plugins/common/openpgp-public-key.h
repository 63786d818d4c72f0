/* openpgp-public-key.h
 * What identifies an OpenPGP key: version, algorithm, size, fingerprint and key ID
 *
 * Sources: RFC 9580 sections 5.5.2 (key packets), 5.5.4 (fingerprints and key IDs), 5.5.5 (material of the algorithms),
 * 3.2 (multiprecision integers); RFC 4880 sections 5.5.2 and 12.2 for versions 2 and 3; draft-koch-librepgp for version 5.
 *
 * All lengths are in octets. Nothing throws. Results belong to the allocator that is given.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_PUBLIC_KEY_H
#define GAPFILL_OPENPGP_PUBLIC_KEY_H

#include <wsutil/wmem/wmem.h>

#include "openpgp-packet.h"

/*
 * A public or secret key, or a subkey. Strings are never NULL unless said.
 * Where the key packet is cut or malformed, as with integers of another length than they say, fingerprint and keyid are "".
 */
typedef struct openpgp_key {
    uint8_t        version;     /* 2 to 6 */
    uint8_t        algorithm;
    uint16_t       bits;        /* 0 where unknown */
    uint32_t       creation;    /* seconds since 1970 */
    bool           subkey;      /* belongs to the nearest primary key before it */
    bool           secret;
    bool           disputed;    /* an integer is not as long as it says: fingerprint and keyid depend on whom one asks */
    const char    *fingerprint; /* upper-case hex: 32 (v3), 40 (v4) or 64 (v6) digits */
    const char    *keyid;       /* upper-case hex, 16 digits */
    unsigned       public_length;       /* octets of the packet's body that fingerprints and signatures are over; 0: unknown */
    const char    *userid;      /* primary keys: the first user ID as text that may be shown (text.h), or NULL */
    /*
     * Of openpgp_parse(): the binary packets; for a primary key with all that belongs to it: user IDs, signatures, subkeys.
     * Valid as long as the data that were parsed, and the allocator.
     */
    const uint8_t *octets;
    unsigned       length;
} openpgp_key_t;

/* Reads a key packet's body; cut: not all of it is there. NULL where its version is unknown. */
openpgp_key_t *openpgp_read_key(wmem_allocator_t *pool, uint8_t tag, openpgp_data_t body, bool cut);

#endif /* GAPFILL_OPENPGP_PUBLIC_KEY_H */
