/* openpgp-parse-armor.h
 * OpenPGP's ASCII armor and cleartext signatures, wherever they stand in text
 *
 * Sources: RFC 9580 sections 6 (armor, checksum) and 7 (cleartext signature framework).
 *
 * Armor is found in plain text, in HTML (character references and <br> included) and in JSON strings (line ends
 * and slashes escaped). The text is read once, line by line. Armor that breaks off is decoded as far as it goes. All
 * offsets are in octets from the start of the text. Nothing throws and nothing is kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_PARSE_ARMOR_H
#define GAPFILL_OPENPGP_PARSE_ARMOR_H

#include <wsutil/wmem/wmem.h>

#include "openpgp-packet.h"

/* A text in which armor is looked for; owned by whom it came from. */
typedef struct openpgp_armor_text {
    const char *text;
    unsigned    length;
    bool        json;           /* line ends are written \n */
} openpgp_armor_text_t;

/* Where a block is. */
typedef struct openpgp_armor_block {
    unsigned start;
    unsigned type;              /* behind BEGIN PGP */
    unsigned type_length;
    unsigned headers;
    unsigned body;              /* behind the headers and the empty line */
    bool     is_cleartext;      /* a signed text: its end is openpgp_armor_cleartext_end() */
    bool     is_parted;         /* an empty line stands before the body */
} openpgp_armor_block_t;

/* What stands between the headers and the end line. */
typedef struct openpgp_armor_data {
    const uint8_t *octets;      /* from the pool; behind them the three of the CRC, if has_crc */
    unsigned       length;      /* without these */
    bool           has_crc;
    bool           broken_crc;  /* there is one, but not of three octets */
    bool           has_end;     /* the end line was found */
    unsigned       foreign;     /* characters that are not Radix-64 */
    unsigned       end;         /* behind all of the block */
} openpgp_armor_data_t;

openpgp_armor_text_t openpgp_armor_text(openpgp_data_t data);

/*
 * The next block from *offset on, which moves: one whose headers are followed by something that can be its content, or by
 * nothing because the text is cut. False: there is none.
 */
bool openpgp_armor_next(openpgp_armor_text_t *text, unsigned *offset, openpgp_armor_block_t *block);

/* The next header line from *offset on, which moves behind it; start with block->headers. False: there is none. */
bool openpgp_armor_header(const openpgp_armor_text_t *text, const openpgp_armor_block_t *block, unsigned *offset,
                          unsigned *start, unsigned *length);

/* Of a block that is no cleartext. */
void openpgp_armor_read(wmem_allocator_t *pool, const openpgp_armor_text_t *text, const openpgp_armor_block_t *block,
                        openpgp_armor_data_t *data);

/* Up to the signature, or whatever armor comes next. */
unsigned openpgp_armor_cleartext_end(const openpgp_armor_text_t *text, const openpgp_armor_block_t *block);

/*
 * Whether that is what is signed, as everybody else reads it: an empty line stands before it, and dashes are escaped (GnuPG has a
 * header for texts in which they are not).
 */
bool openpgp_armor_is_signed_text(const openpgp_armor_text_t *text, const openpgp_armor_block_t *block);

/* Whether a signature begins at offset. */
bool openpgp_armor_is_signature(const openpgp_armor_text_t *text, unsigned offset);

/* Armor that has begun and not ended. */
bool openpgp_armor_is_cut(openpgp_data_t data);

#endif /* GAPFILL_OPENPGP_PARSE_ARMOR_H */
