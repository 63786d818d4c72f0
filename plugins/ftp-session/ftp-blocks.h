/* ftp-blocks.h
 * Blocks that carry a file in MODE B and MODE E, out of the bytes of a data connection in order
 *
 * RFC 959 section 3.4.2 (a descriptor and 16 bits of length); GFD.20 section 5.4 (MODE E: 64 bits each of length and offset).
 *
 * The struct is the caller's. Positions and lengths are bytes, 64 bits. What is no block, such as a descriptor with bits that are
 * not defined, ends the reading: is_lost.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_BLOCKS_H
#define GAPFILL_FTP_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FTP_BLOCK_HEAD_MAX 17

typedef struct ftp_blocks {
    bool     is_extended;               /* MODE E */
    bool     is_lost;
    bool     has_end;                   /* the marker of the end of the file, or in MODE E of the connection's data */
    bool     is_marker;                 /* what is left of this block is no data */
    uint8_t  head[FTP_BLOCK_HEAD_MAX];
    unsigned head_length;               /* bytes of it that have come */
    uint64_t left;                      /* bytes of the block to come */
    uint64_t next;                      /* where in the file they are */
    uint64_t data;                      /* bytes of the file so far, and */
    uint64_t others;                    /* of heads and markers, and whatever follows on the end */
} ftp_blocks_t;

typedef void (*ftp_block_data_cb)(void *user, uint64_t position, const uint8_t *bytes, size_t length);

void ftp_blocks_begin(ftp_blocks_t *blocks, bool is_extended);

/* The next bytes; calls back for those of the file, if callback is not NULL. */
void ftp_blocks_read(ftp_blocks_t *blocks, const uint8_t *bytes, size_t length, ftp_block_data_cb callback, void *user);

/* Whether what is missing holds no head of a block. */
bool ftp_blocks_can_skip(const ftp_blocks_t *blocks, uint64_t missing);

/* Bytes are missing: false if they hold the head of a block, so that nothing can be told from there on. */
bool ftp_blocks_skip(ftp_blocks_t *blocks, uint64_t missing);

#endif /* GAPFILL_FTP_BLOCKS_H */
