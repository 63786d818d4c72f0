/* ftp-blocks.c
 * Blocks of MODE B and MODE E; see ftp-blocks.h
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

#include <glib.h>

#include "ftp-blocks.h"

#define HEAD_LENGTH             3
#define HEAD_LENGTH_EXTENDED    17

/* Descriptors. Errors are suspected, EOR: the end of a record. */
#define BLOCK_EOR               0x80
#define BLOCK_EOF               0x40
#define BLOCK_ERRORS            0x20
#define BLOCK_RESTART           0x10
#define BLOCK_EOD               0x08    /* MODE E only, likewise */
#define BLOCK_CLOSE             0x04

void
ftp_blocks_begin(ftp_blocks_t *blocks, bool is_extended)
{
    memset(blocks, 0, sizeof *blocks);
    blocks->is_extended = is_extended;
}

static uint64_t
number_at(const uint8_t *bytes, unsigned length)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < length; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void
begin_block(ftp_blocks_t *blocks)
{
    const uint8_t descriptor = blocks->head[0];
    const uint8_t known = BLOCK_EOR | BLOCK_EOF | BLOCK_ERRORS | BLOCK_RESTART
        | (blocks->is_extended ? BLOCK_EOD | BLOCK_CLOSE : 0);

    blocks->head_length = 0;
    blocks->is_lost = descriptor & ~known;
    blocks->is_marker = descriptor & BLOCK_RESTART;
    blocks->has_end = blocks->has_end || (descriptor & (blocks->is_extended ? BLOCK_EOD : BLOCK_EOF));
    blocks->left = number_at(blocks->head + 1, blocks->is_extended ? 8 : 2);
    /* In MODE E, with the end of the file it is a number of connections. */
    if (blocks->is_extended)
        blocks->next = number_at(blocks->head + 9, 8);
    if (blocks->is_extended && (blocks->left > INT64_MAX / 4 || blocks->next > INT64_MAX / 4))
        blocks->is_lost = true;
}

static size_t
read_head(ftp_blocks_t *blocks, const uint8_t *bytes, size_t length)
{
    const unsigned whole = blocks->is_extended ? HEAD_LENGTH_EXTENDED : HEAD_LENGTH;
    size_t taken = MIN(length, whole - blocks->head_length);

    memcpy(blocks->head + blocks->head_length, bytes, taken);
    blocks->head_length += (unsigned)taken;
    blocks->others += taken;
    if (blocks->head_length == whole)
        begin_block(blocks);
    return taken;
}

static void
pass(ftp_blocks_t *blocks, uint64_t length)
{
    blocks->left -= length;
    if (blocks->is_marker) {
        blocks->others += length;
        return;
    }
    blocks->next += length;
    blocks->data += length;
}

static size_t
read_data(ftp_blocks_t *blocks, const uint8_t *bytes, size_t length, ftp_block_data_cb callback, void *user)
{
    size_t taken = (size_t)MIN(length, blocks->left);

    if (callback && !blocks->is_marker)
        callback(user, blocks->next, bytes, taken);
    pass(blocks, taken);
    return taken;
}

/* A connection may be left open for the next file. */
static bool
is_behind_file(const ftp_blocks_t *blocks)
{
    return blocks->has_end && blocks->left == 0 && blocks->head_length == 0;
}

void
ftp_blocks_read(ftp_blocks_t *blocks, const uint8_t *bytes, size_t length, ftp_block_data_cb callback, void *user)
{
    while (length > 0 && !blocks->is_lost) {
        size_t taken;

        if (is_behind_file(blocks)) {
            blocks->others += length;
            return;
        }
        taken = blocks->left > 0 ? read_data(blocks, bytes, length, callback, user) : read_head(blocks, bytes, length);
        bytes += taken;
        length -= taken;
    }
}

bool
ftp_blocks_can_skip(const ftp_blocks_t *blocks, uint64_t missing)
{
    return !blocks->is_lost && (is_behind_file(blocks) || missing <= blocks->left);
}

bool
ftp_blocks_skip(ftp_blocks_t *blocks, uint64_t missing)
{
    if (!ftp_blocks_can_skip(blocks, missing))
        blocks->is_lost = true;
    else if (is_behind_file(blocks))
        blocks->others += missing;
    else
        pass(blocks, missing);
    return !blocks->is_lost;
}
