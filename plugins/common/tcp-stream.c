/* tcp-stream.c
 * The bytes of one direction of a TCP connection, in order; see tcp-stream.h
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

#include <epan/wmem_scopes.h>

#include "tcp-stream.h"

/* A segment that came before its turn. */
typedef struct tcp_stream_segment {
    struct tcp_stream_segment *next;
    uint32_t  seq;
    uint32_t  frame;
    uint32_t  captured;
    uint32_t  length;
    uint8_t   data[];
} segment_t;

static size_t kept;

void
tcp_stream_reset(void)
{
    kept = 0;
}

static bool
is_after(uint32_t seq, uint32_t other)
{
    return (int32_t)(seq - other) > 0;
}

/* What was not taken */

const uint8_t *
tcp_stream_unread(const tcp_stream_t *stream, size_t *length)
{
    *length = stream->unread_length;
    return stream->unread;
}

void
tcp_stream_forget_unread(tcp_stream_t *stream)
{
    wmem_free(wmem_file_scope(), stream->unread);
    kept -= stream->unread_size;
    stream->unread = NULL;
    stream->unread_length = stream->unread_size = 0;
}

static bool
make_room(tcp_stream_t *stream, size_t wanted)
{
    size_t size = stream->unread_size ? stream->unread_size : 64;

    if (wanted <= stream->unread_size)
        return true;
    while (size < wanted)
        size *= 2;
    if (kept > TCP_STREAM_KEPT_MAX || size - stream->unread_size > TCP_STREAM_KEPT_MAX - kept)
        return false;
    kept += size - stream->unread_size;
    stream->unread = (uint8_t *)wmem_realloc(wmem_file_scope(), stream->unread, size);
    stream->unread_size = size;
    return true;
}

static bool
keep_unread(tcp_stream_t *stream, const uint8_t *data, size_t length)
{
    if (length == 0)
        return true;
    if (!make_room(stream, stream->unread_length + length))
        return false;
    memcpy(stream->unread + stream->unread_length, data, length);
    stream->unread_length += length;
    return true;
}

static void
tell_hole(tcp_stream_t *stream, const tcp_stream_reader_t *reader, tcp_stream_hole_t why, uint32_t missing, uint32_t frame,
        void *user)
{
    reader->hole(user, why, missing, stream->unread, stream->unread_length, frame);
    tcp_stream_forget_unread(stream);
}

/* Reading */

/* Of what was kept before and has grown, the reader takes some. */
static void
read_kept(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t frame, void *user)
{
    size_t taken = reader->read(user, stream->unread, stream->unread_length, frame);

    stream->unread_length -= taken;
    if (stream->unread_length == 0)
        tcp_stream_forget_unread(stream);
    else if (taken)
        memmove(stream->unread, stream->unread + taken, stream->unread_length);
}

void
tcp_stream_bytes(tcp_stream_t *stream, const tcp_stream_reader_t *reader, const uint8_t *data, size_t length, uint32_t frame,
        void *user)
{
    size_t taken = 0;
    bool has_room;

    if (length == 0)
        return;
    if (stream->unread_length == 0)
        taken = reader->read(user, data, length, frame);
    has_room = keep_unread(stream, data + taken, length - taken);
    if (!has_room)
        tell_hole(stream, reader, TCP_STREAM_LOST, (uint32_t)(length - taken), frame, user);
    else if (stream->unread_length > length - taken)
        read_kept(stream, reader, frame, user);
}

/* What is new of a segment that begins at, or before, the next byte. */
static void
read_new(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t seq, const uint8_t *data, uint32_t captured,
        uint32_t length, uint32_t frame, void *user)
{
    uint32_t known = stream->next - seq, read = captured;

    if (known >= length)
        return;
    stream->next = seq + length;
    if (captured > known)
        tcp_stream_bytes(stream, reader, data + known, captured - known, frame, user);
    else
        read = known;
    if (read < length)
        tell_hole(stream, reader, TCP_STREAM_CUT, length - read, frame, user);
}

/* Waiting */

/* Of segments with the same number the first that was captured is read first. False if it is there already. */
static segment_t **
place_of(tcp_stream_t *stream, uint32_t seq, uint32_t captured)
{
    segment_t **place = &stream->waiting;

    while (*place && !is_after((*place)->seq, seq)) {
        if ((*place)->seq == seq && (*place)->captured >= captured)
            return NULL;
        place = &(*place)->next;
    }
    return place;
}

static void
wait_for_turn(tcp_stream_t *stream, uint32_t seq, const uint8_t *data, uint32_t captured, uint32_t length, uint32_t frame)
{
    segment_t **place = place_of(stream, seq, captured), *segment;

    if (!place)
        return;
    segment = (segment_t *)wmem_alloc(wmem_file_scope(), sizeof *segment + captured);
    *segment = (segment_t) { .next = *place, .seq = seq, .frame = frame, .captured = captured, .length = length };
    memcpy(segment->data, data, captured);
    *place = segment;
    stream->waiting_count++;
    stream->waiting_bytes += sizeof *segment + captured;
    kept += sizeof *segment + captured;
}

static void
read_first_waiting(tcp_stream_t *stream, const tcp_stream_reader_t *reader, void *user)
{
    segment_t *segment = stream->waiting;

    stream->waiting = segment->next;
    stream->waiting_count--;
    stream->waiting_bytes -= sizeof *segment + segment->captured;
    kept -= sizeof *segment + segment->captured;
    read_new(stream, reader, segment->seq, segment->data, segment->captured, segment->length, segment->frame, user);
    wmem_free(wmem_file_scope(), segment);
}

/* What waited and comes next now. */
static void
read_waiting(tcp_stream_t *stream, const tcp_stream_reader_t *reader, void *user)
{
    while (stream->waiting && !is_after(stream->waiting->seq, stream->next))
        read_first_waiting(stream, reader, user);
}

/* Holes */

static void
give_up(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t seq, uint32_t frame, void *user)
{
    stream->hole = stream->next;
    stream->hole_length = seq - stream->next;
    stream->next = seq;
    tell_hole(stream, reader, TCP_STREAM_LOST, stream->hole_length, frame, user);
}

static void
give_up_first(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t frame, void *user)
{
    give_up(stream, reader, stream->waiting->seq, frame, user);
    read_waiting(stream, reader, user);
}

void
tcp_stream_finish(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t frame, void *user)
{
    while (stream->waiting)
        give_up_first(stream, reader, frame, user);
}

int32_t
tcp_stream_distance(const tcp_stream_t *stream, uint32_t seq)
{
    return stream->started ? (int32_t)(seq - stream->next) : 0;
}

static bool
is_too_far(const tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t seq)
{
    int64_t distance = tcp_stream_distance(stream, seq);

    return reader->furthest && (distance > reader->furthest || -distance > reader->furthest);
}

void
tcp_stream_acknowledged(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t ack, uint32_t frame, void *user)
{
    if (!stream->has_acked || is_after(ack, stream->acked)) {
        if (is_too_far(stream, reader, ack))
            return;
        stream->has_acked = true;
        stream->acked = ack;
    }
    while (stream->waiting && !is_after(stream->waiting->seq, ack))
        give_up_first(stream, reader, frame, user);
}

uint32_t
tcp_stream_missing(const tcp_stream_t *stream)
{
    return stream->waiting ? stream->waiting->seq - stream->next : 0;
}

bool
tcp_stream_is_behind(const tcp_stream_t *stream)
{
    return stream->started && stream->has_acked && is_after(stream->acked, stream->next);
}

/* From the hole that was given up last; what lies before it in the hole will not come any more in order. */
static void
read_late(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t seq, const uint8_t *data, uint32_t captured,
        uint32_t length, uint32_t frame, void *user)
{
    uint32_t into = seq - stream->hole;

    if (!reader->late || into >= stream->hole_length || length > stream->hole_length - into)
        return;
    reader->late(user, data, captured, into == 0, frame);
    stream->hole_length = into;
}

/* Segments */

void
tcp_stream_begin(tcp_stream_t *stream, uint32_t seq)
{
    if (!stream->started) {
        stream->started = true;
        stream->next = seq;
    }
}

static bool
too_much_waits(const tcp_stream_t *stream, const tcp_stream_reader_t *reader)
{
    return stream->waiting_count > reader->max_waiting || stream->waiting_bytes > reader->max_waiting_bytes
            || kept > TCP_STREAM_KEPT_MAX;
}

bool
tcp_stream_segment(tcp_stream_t *stream, const tcp_stream_reader_t *reader, uint32_t seq, const uint8_t *data,
        uint32_t captured, uint32_t length, uint32_t frame, void *user)
{
    if (length == 0)
        return true;
    if (!stream->started) {
        tcp_stream_begin(stream, seq);
        tell_hole(stream, reader, TCP_STREAM_NO_BEGIN, 0, frame, user);
    }
    if (is_too_far(stream, reader, seq))
        return true;
    if (is_after(seq, stream->next) && reader->late && stream->has_acked && !is_after(seq, stream->acked))
        give_up(stream, reader, seq, frame, user);
    if (is_after(seq, stream->next)) {
        wait_for_turn(stream, seq, data, captured, length, frame);
        if (too_much_waits(stream, reader))
            give_up_first(stream, reader, frame, user);
        return false;
    }
    if (seq != stream->next)
        read_late(stream, reader, seq, data, captured, length, frame, user);
    read_new(stream, reader, seq, data, captured, length, frame, user);
    read_waiting(stream, reader, user);
    return true;
}
