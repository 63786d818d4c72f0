/* ftp-lines.c
 * Lines out of one direction of a control connection; see ftp-lines.h
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

#include <epan/packet.h>

#include "ftp-lines.h"
#include "ftp-words.h"

/* A later jump in sequence numbers than this is no hole but nonsense. */
#define FTP_HOLE_MAX (1 << 24)

/* Bytes of a reply's code and the blank or hyphen behind it. */
#define FTP_CODE_LENGTH 4

/* What the callbacks of a stream get. */
typedef struct lines_context {
    ftp_lines_t *lines;
    void        *user;
} lines_context_t;

/* A CR alone ends a line too, for many servers; in a name, NUL follows it (RFC 2640, section 3.1). */
static void
emit_line(ftp_lines_t *lines, const char *line, size_t length, void *user)
{
    const char *cr = line;

    while ((cr = (const char *)memchr(cr, '\r', length - (size_t)(cr - line))) != NULL) {
        size_t part = (size_t)(cr++ - line);

        if (part + 1 == length) {
            length--;
            break;
        }
        if (*cr == '\0')
            continue;
        lines->line_cb(user, line, part);
        length -= part + 1;
        line = cr;
    }
    lines->line_cb(user, line, length);
}

/* Takes one line with its end, or what there is of one that is too long; 0 if its end is still to come. */
static size_t
take_line(ftp_lines_t *lines, const uint8_t *data, size_t length, void *user)
{
    const uint8_t *end = (const uint8_t *)memchr(data, '\n', length);
    size_t line = end ? (size_t)(end - data) : length;

    if (lines->dropping) {
        lines->dropping = !end;
    } else if (end) {
        emit_line(lines, (const char *)data, MIN(line, FTP_LINE_MAX), user);
    } else if (length >= FTP_LINE_MAX) {
        emit_line(lines, (const char *)data, FTP_LINE_MAX, user);
        lines->dropping = true;
    } else {
        return 0;
    }
    return end ? line + 1 : line;
}

static size_t
read_lines(void *user, const uint8_t *data, size_t length, uint32_t frame _U_)
{
    lines_context_t *context = (lines_context_t *)user;
    ftp_lines_t *lines = context->lines;
    size_t taken = 0, line;

    if (lines->resync && length > 0)
        lines->dropping = !ftp_starts_line(data, length, lines->from_client);
    lines->resync = false;
    while (taken < length && (line = take_line(lines, data + taken, length - taken, context->user)) > 0)
        taken += line;
    return taken;
}

/* Of a reply whose end was cut off, the code and whether it goes on: what else there is of it may lack its last digits. */
static void
emit_code(ftp_lines_t *lines, const uint8_t *unread, size_t length, void *user)
{
    if (!lines->from_client && ftp_starts_line(unread, length, false))
        emit_line(lines, (const char *)unread, FTP_CODE_LENGTH, user);
}

static void
note_hole(void *user, tcp_stream_hole_t why, uint32_t missing, const uint8_t *unread, size_t length, uint32_t frame _U_)
{
    lines_context_t *context = (lines_context_t *)user;

    if (why == TCP_STREAM_CUT)
        emit_code(context->lines, unread, length, context->user);
    context->lines->resync = true;
    if (why != TCP_STREAM_NO_BEGIN)
        context->lines->lost_cb(context->user, context->lines->from_client, missing);
}

/* From a hole that was given up: its lines come late, but they come. */
static void
read_late(void *user, const uint8_t *data, size_t length, bool at_begin, uint32_t frame)
{
    lines_context_t *context = (lines_context_t *)user;
    ftp_lines_t late = *context->lines;
    lines_context_t late_context = { &late, context->user };

    late.resync = !at_begin;
    late.dropping = false;
    read_lines(&late_context, data, length, frame);
}

static const tcp_stream_reader_t reader = {
    .read = read_lines,
    .hole = note_hole,
    .late = read_late,
    .max_waiting = FTP_HELD_SEGMENTS,
    .max_waiting_bytes = FTP_HELD_BYTES,
    .furthest = FTP_HOLE_MAX,
};

void
ftp_lines_init(ftp_lines_t *lines, bool from_client, ftp_line_cb line_cb, ftp_lost_cb lost_cb)
{
    memset(lines, 0, sizeof *lines);
    lines->from_client = from_client;
    lines->line_cb = line_cb;
    lines->lost_cb = lost_cb;
}

void
ftp_lines_begin(ftp_lines_t *lines, uint32_t seq, void *user)
{
    lines_context_t context = { lines, user };

    tcp_stream_finish(&lines->stream, &reader, 0, &context);
    tcp_stream_forget_unread(&lines->stream);
    memset(&lines->stream, 0, sizeof lines->stream);
    lines->resync = false;
    lines->dropping = false;
    tcp_stream_begin(&lines->stream, seq);
}

void
ftp_lines_segment(ftp_lines_t *lines, uint32_t seq, const uint8_t *data, uint32_t captured, uint32_t length, void *user)
{
    lines_context_t context = { lines, user };

    tcp_stream_segment(&lines->stream, &reader, seq, data, captured, length, 0, &context);
}

void
ftp_lines_acknowledged(ftp_lines_t *lines, uint32_t seq, void *user)
{
    lines_context_t context = { lines, user };

    tcp_stream_acknowledged(&lines->stream, &reader, seq, 0, &context);
}

bool
ftp_lines_is_behind(const ftp_lines_t *lines)
{
    return tcp_stream_is_behind(&lines->stream);
}

uint32_t
ftp_lines_missing(const ftp_lines_t *lines)
{
    return ftp_lines_is_behind(lines) ? lines->stream.acked - lines->stream.next : 0;
}

void
ftp_lines_bytes(ftp_lines_t *lines, const uint8_t *data, size_t length, void *user)
{
    lines_context_t context = { lines, user };

    tcp_stream_bytes(&lines->stream, &reader, data, length, 0, &context);
}

void
ftp_lines_finish(ftp_lines_t *lines, void *user)
{
    lines_context_t context = { lines, user };
    const uint8_t *unread;
    size_t length;

    tcp_stream_finish(&lines->stream, &reader, 0, &context);
    unread = tcp_stream_unread(&lines->stream, &length);
    if (length > 0)
        emit_line(lines, (const char *)unread, length, user);
    tcp_stream_forget_unread(&lines->stream);
}
