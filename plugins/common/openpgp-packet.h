/* openpgp-packet.h
 * The framing of OpenPGP packets: headers, lengths, bodies in parts, and whether binary data begin with one
 *
 * Source: RFC 9580 section 4.
 *
 * All lengths and offsets are in octets. Nothing throws and nothing is kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_PACKET_H
#define GAPFILL_OPENPGP_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/tvbuff.h>

/* Octets, of which the capture may hold the beginning alone. Owned by whom they came from. */
typedef struct openpgp_data {
    const uint8_t *octets;
    unsigned       captured;
    unsigned       reported;    /* never less than captured */
} openpgp_data_t;

/* The captured bytes of tvb. */
openpgp_data_t openpgp_data_of(tvbuff_t *tvb);

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

#endif /* GAPFILL_OPENPGP_PACKET_H */
