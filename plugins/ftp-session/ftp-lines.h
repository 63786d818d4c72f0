/* ftp-lines.h
 * Lines out of one direction of a control connection
 *
 * RFC 959 section 4 (lines end with CR LF), RFC 2640 section 3.1 (CR NUL in names)
 *
 * Bytes are put in order by tcp-stream.h. Where some are missing, reading goes on with the next line. A line that is passed
 * to a callback is valid during the callback only, and comes once its end has come, or when the connection ends. Of a reply that
 * the snapshot length has cut, the code comes, as a line of its own, before its rest is told as lost.
 *
 * Ownership: the caller's struct, set by ftp_lines_init(); what waits is in file scope. On the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_LINES_H
#define GAPFILL_FTP_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp-stream.h"

/* Bounds of what one direction of a control connection keeps. */
#define FTP_LINE_MAX      4096   /* bytes of a line; the rest of a longer one is dropped */
#define FTP_HELD_SEGMENTS 64     /* segments that came before their turn */
#define FTP_HELD_BYTES    65536

typedef void (*ftp_line_cb)(void *user, const char *line, size_t length);

/* So many bytes are missing: there may have been lines in them. */
typedef void (*ftp_lost_cb)(void *user, bool from_client, uint32_t missing);

typedef struct ftp_lines {
    tcp_stream_t stream;
    ftp_line_cb  line_cb;
    ftp_lost_cb  lost_cb;
    bool         from_client;
    bool         resync;        /* what comes next may begin amid a line */
    bool         dropping;      /* the rest of the line is not wanted */
} ftp_lines_t;

void ftp_lines_init(ftp_lines_t *lines, bool from_client, ftp_line_cb line_cb, ftp_lost_cb lost_cb);

/* Lines begin with this sequence number: after a SYN, of which Wireshark may have put several into one conversation, or TLS. */
void ftp_lines_begin(ftp_lines_t *lines, uint32_t seq, void *user);

/* A segment of length bytes, of which captured are there. */
void ftp_lines_segment(ftp_lines_t *lines, uint32_t seq, const uint8_t *data, uint32_t captured, uint32_t length, void *user);

/* The other side has acknowledged everything before seq. */
void ftp_lines_acknowledged(ftp_lines_t *lines, uint32_t seq, void *user);

/* Whether the other side has got lines that were not captured, at least not yet. */
bool ftp_lines_is_behind(const ftp_lines_t *lines);

/* How many bytes that makes; a FIN counts as one. */
uint32_t ftp_lines_missing(const ftp_lines_t *lines);

/* Bytes that are in order anyway, such as decrypted ones. */
void ftp_lines_bytes(ftp_lines_t *lines, const uint8_t *data, size_t length, void *user);

/* Nothing more will come: what there is of a line is one. */
void ftp_lines_finish(ftp_lines_t *lines, void *user);

#endif /* GAPFILL_FTP_LINES_H */
