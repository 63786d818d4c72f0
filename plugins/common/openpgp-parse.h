/* openpgp-parse.h
 * OpenPGP data taken to pieces, without any protocol tree: which keys there are, and the framing of packets
 *
 * Sources: RFC 9580 sections 4 (packets), 5.5 (keys, fingerprints and key IDs), 5.6 (compressed data), 9; RFC 4880 for
 * versions 2 and 3, draft-koch-librepgp for version 5. Armor is in openpgp-parse-armor.h, numbers are in openpgp-codes.h.
 *
 * All lengths and offsets are in octets. Nothing throws and nothing is kept: what is cut or malformed is left out of
 * the answer. Results belong to the allocator that is given.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_PARSE_H
#define GAPFILL_OPENPGP_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/tvbuff.h>
#include <epan/wmem_scopes.h>

/* Compressed data within compressed data, embedded signatures within embedded signatures. */
#define OPENPGP_MAX_NESTING 8

/* Packets of one body that are looked at. */
#define OPENPGP_MAX_PACKETS 250000

/* Octets, of which the capture may hold the beginning alone. Owned by whom they came from. */
typedef struct openpgp_data {
    const uint8_t *octets;
    unsigned       captured;
    unsigned       reported;    /* never less than captured */
} openpgp_data_t;

/*
 * A public or secret key, or a subkey. Strings are never NULL unless said.
 * Where the key packet is cut or malformed, fingerprint and keyid are "".
 */
typedef struct openpgp_key {
    uint8_t        version;     /* 2 to 6 */
    uint8_t        algorithm;
    uint16_t       bits;        /* 0 where unknown */
    uint32_t       creation;    /* seconds since 1970 */
    bool           subkey;      /* belongs to the nearest primary key before it */
    bool           secret;
    const char    *fingerprint; /* upper-case hex: 32 (v3), 40 (v4) or 64 (v6) digits */
    const char    *keyid;       /* upper-case hex, 16 digits */
    const char    *userid;      /* primary keys: the first user ID as text that may be shown (text.h), or NULL */
    /*
     * Of openpgp_parse(): the binary packets; for a primary key with all that belongs to it: user IDs, signatures, subkeys.
     * Valid as long as the data that were parsed, and the allocator.
     */
    const uint8_t *octets;
    unsigned       length;
} openpgp_key_t;

/* What was found. */
typedef struct openpgp_summary {
    bool          present;      /* false: no OpenPGP at all */
    unsigned      packets;
    unsigned      primary_keys;
    wmem_array_t *keys;         /* of openpgp_key_t, in the order in which they came */
} openpgp_summary_t;

/* The captured bytes of tvb. */
openpgp_data_t openpgp_data_of(tvbuff_t *tvb);

/*
 * Every armored block in text of any kind (plain, HTML, JSON; not percent-encoded), or binary packets where the data start
 * with them. Compressed data are looked into, within openpgp_inflate_limit().
 */
const openpgp_summary_t *openpgp_parse(wmem_allocator_t *pool, openpgp_data_t data);

/* "3 keys: Alice <alice@example.org>, Bob <bob@example.org>, …"; with "" for no keys. At most max_names names. */
const char *openpgp_keys_text(wmem_allocator_t *pool, const openpgp_summary_t *summary, unsigned max_names);

/*
 * Whether a primary key or subkey of the summary has this ID: hex without 0x in any case, of 8 or 16 digits
 * (key ID; of a v3 fingerprint with 32 digits only the fingerprint), 32, 40 or 64 digits (fingerprint).
 */
bool openpgp_has_key(const openpgp_summary_t *summary, const char *hex);

/* --- What the dissector shows step by step --- */

/* A packet's header, as far as its first length. */
typedef struct openpgp_header {
    uint8_t  tag;
    bool     new_format;
    bool     partial;
    bool     indeterminate;
    unsigned size;          /* of the header; 0: it is cut */
    unsigned length_size;
    uint32_t length;        /* of the body, or of its first part */
} openpgp_header_t;

/* False where there is no packet; size is 0 where its header is cut. */
bool openpgp_read_header(openpgp_data_t data, unsigned offset, openpgp_header_t *header);

/* Of a body in parts: the length of the next one, whose own length stands at offset. False where it is cut. */
bool openpgp_read_part(openpgp_data_t data, unsigned offset, openpgp_header_t *header);

/*
 * A body in parts, the first one at offset: walks them, and copies them to buffer if there is one. Returns their size, *end is
 * where the last one ends; *cut: they do not go on to the last one.
 */
unsigned openpgp_join_parts(openpgp_data_t data, unsigned offset, openpgp_header_t header, uint8_t *buffer, unsigned *end,
                            bool *cut);

/*
 * Whether packets start here: one that can begin a block; where its first octets say little, another one after it if there
 * are more data. more_to_come: it may be longer than the data.
 */
bool openpgp_is_binary(openpgp_data_t data, bool more_to_come);

/* Reads a key packet's body; cut: not all of it is there. NULL where its version is unknown. */
openpgp_key_t *openpgp_read_key(wmem_allocator_t *pool, uint8_t tag, openpgp_data_t body, bool cut);

/*
 * Octets that all the compressed data of one body may make together. It grows with the body, so that the work for a capture
 * is bounded by the capture's own size: against bombs of which there are many as well as against a single one.
 */
uint32_t openpgp_inflate_limit(unsigned captured);

/*
 * ZIP or ZLIB data, uncompressed as far as *left goes, which it lessens. *whole: to the end of the stream. *out is NULL
 * where there is nothing. Returns the octets.
 */
unsigned openpgp_inflate(wmem_allocator_t *pool, uint8_t algorithm, const uint8_t *in, unsigned in_length, uint32_t *left,
                         uint8_t **out, bool *whole);

#endif /* GAPFILL_OPENPGP_PARSE_H */
