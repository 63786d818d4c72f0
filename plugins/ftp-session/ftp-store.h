/* ftp-store.h
 * The bytes of a file as they come, in any order, for those who want them in one piece at any time
 *
 * What has not come is left out: the bytes lie side by side. Only room that was made stays where it is, filled with zeros, until
 * it is closed: with it, several parts of a file can grow at the same time.
 *
 * Positions are those in the file, from 0. The bytes are g_malloc'd. All stores together keep no
 * more than the limit; what comes beyond it is left out, and so is what comes more than 1 MiB too late where no room is.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_STORE_H
#define GAPFILL_FTP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct ftp_store {
    uint8_t *bytes;
    size_t   length;
    GArray  *pieces;        /* in order; NULL before the first */
    bool     is_taken;      /* the bytes are somebody else's to free */
} ftp_store_t;

/* Preference: megabytes of all stores of a capture together, 0 for no limit. */
extern unsigned ftp_store_max;

/* A file is opened, or begun anew. */
void ftp_store_reset(void);

/* What came first stays where the same position comes again. */
void ftp_store_place(ftp_store_t *store, int64_t begin, const uint8_t *bytes, size_t length);

/* All bytes of another store, further on by so much. */
void ftp_store_move(ftp_store_t *store, int64_t by, ftp_store_t *from);

/* Makes room where nothing has come, from begin up to the next byte, or up to end; false if the limit does not allow it. */
bool ftp_store_make_room(ftp_store_t *store, int64_t begin, int64_t end);

/* What room is left is closed. */
void ftp_store_close_room(ftp_store_t *store);

/* Position behind the last byte, 0 if there is none. */
int64_t ftp_store_end(const ftp_store_t *store);

/* Whether something lies behind the position but nothing at it. */
bool ftp_store_is_before(const ftp_store_t *store, int64_t position);

/* The first bytes that lie side by side in the file too; NULL if there are none. */
const uint8_t *ftp_store_first(const ftp_store_t *store, int64_t *begin, int64_t *end);

/* Forgets them; there must be some. */
void ftp_store_drop_first(ftp_store_t *store);

/* The store's memory but for bytes that were taken. */
void ftp_store_free(ftp_store_t *store);

#endif /* GAPFILL_FTP_STORE_H */
