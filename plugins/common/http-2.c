/* http-2.c
 * Messages of HTTP/2 in the bytes of a connection; see http-2.h
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
#include <wsutil/pint.h>

#include "http-2.h"
#include "http-2-head.h"
#include "http-2-stream.h"
#include "compat.h"

#define HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define HTTP2_PREFACE_LENGTH 24

/* SETTINGS that wait for their acknowledgement. */
#define MAX_SETTINGS        64

#define FRAME_HEADER        9
#define SETTING_LENGTH      6

enum {
    FRAME_DATA, FRAME_HEADERS, FRAME_PRIORITY, FRAME_RST_STREAM, FRAME_SETTINGS, FRAME_PUSH_PROMISE, FRAME_PING,
    FRAME_GOAWAY, FRAME_WINDOW_UPDATE, FRAME_CONTINUATION
};

#define FLAG_END_STREAM     0x01
#define FLAG_ACK            0x01
#define FLAG_END_HEADERS    0x04
#define FLAG_PADDED         0x08
#define FLAG_PRIORITY       0x20

#define SETTINGS_HEADER_TABLE_SIZE 1

typedef struct http2_frame {
    unsigned       type;
    uint8_t        flags;
    uint32_t       stream;
    const uint8_t *payload;
    int            length;
} http2_frame_t;

/* The header block that is being read. */
typedef struct http2_block {
    bool     begun;
    bool     promise;
    bool     end_stream;
    uint32_t stream;
} http2_block_t;

typedef struct http2_settings {
    uint32_t smallest;              /* table sizes, RFC 7541 section 4.2 */
    uint32_t last;
    bool     given;
} http2_settings_t;

typedef struct http2_direction {
    bool             preface;   /* the client's was seen */
    bool             begun;     /* with the first SETTINGS */
    bool             lost;      /* nothing more is known */
    http2_decoder_t *decoder;
    http2_block_t    block;
    wmem_queue_t    *settings;      /* http2_settings_t, sent and not yet acknowledged */
    uint32_t         last_stream;
} http2_direction_t;

struct http2_connection {
    http2_direction_t direction[2];
    wmem_map_t       *streams;
    bool              has_client;
    unsigned          client;       /* its side */
};

/* One call of the native dissector: whole frames, unless something is wrong. */
typedef struct http2_reader {
    http2_call_t        call;
    http2_connection_t *connection;
    http2_direction_t  *direction;  /* of the sender */
} http2_reader_t;

void
http2_register(void)
{
    http2_streams_register();
}

void
http2_init(void)
{
    http2_streams_init();
}

/* --- Connections --- */

static void
start_direction(http2_direction_t *direction)
{
    direction->decoder = http2_decoder_new();
    direction->lost = !direction->decoder;
    direction->settings = wmem_queue_new(wmem_file_scope());
}

http2_connection_t *
http2_connection_new(http_exchange_t *upgraded, unsigned client)
{
    http2_connection_t *connection = wmem_new0(wmem_file_scope(), http2_connection_t);

    start_direction(&connection->direction[0]);
    start_direction(&connection->direction[1]);
    connection->streams = http2_streams_new(upgraded);
    if (upgraded) {
        connection->direction[client].last_stream = 1;
        connection->has_client = true;
        connection->client = client;
    }
    return connection;
}

static bool
is_client(const http2_connection_t *connection, unsigned side)
{
    return connection->has_client && connection->client == side;
}

static http2_part_kind_t
kind_sent(const http2_reader_t *reader)
{
    return is_client(reader->connection, reader->call.in->side) ? HTTP2_REQUEST : HTTP2_RESPONSE;
}

/* --- Header blocks --- */

static void
begin_request(http2_reader_t *reader)
{
    http2_direction_t *direction = reader->direction;
    const http2_block_t *block = &direction->block;
    http2_head_t head;

    if (block->stream % 2 == 0 || block->stream <= direction->last_stream)
        return;
    direction->last_stream = block->stream;
    if (http2_decoder_head(direction->decoder, true, &head))
        http2_stream_request(&reader->call, block->stream, &head, block->end_stream,
            reader->connection->direction[!reader->call.in->side].lost);
}

static void
begin_response(http2_reader_t *reader, http2_stream_t *stream)
{
    bool end_stream = reader->direction->block.end_stream;
    http2_head_t head;

    if (http2_decoder_head(reader->direction->decoder, false, &head))
        http2_stream_response(&reader->call, stream, &head, end_stream);
    else
        http2_stream_response(&reader->call, stream, NULL, end_stream);
}

/* What comes behind the body are trailers, and end it. */
static void
read_block(http2_reader_t *reader)
{
    const http2_block_t *block = &reader->direction->block;
    http2_stream_t *stream = http2_stream_find(reader->connection->streams, block->stream);
    http2_part_kind_t kind = kind_sent(reader);

    if (stream && http2_stream_has_head(stream, kind)) {
        if (block->end_stream)
            http2_stream_finish(&reader->call, stream, kind);
    } else if (stream && kind == HTTP2_RESPONSE) {
        begin_response(reader, stream);
    } else if (kind == HTTP2_REQUEST) {
        begin_request(reader);
    }
}

static void
end_block(http2_direction_t *direction)
{
    http2_decoder_end(direction->decoder);
    memset(&direction->block, 0, sizeof direction->block);
}

/* --- Frames, RFC 9113 section 6 --- */

/* Takes padding off; false: there is more of it than octets. */
static bool
unpad(http2_frame_t *frame)
{
    if (!(frame->flags & FLAG_PADDED))
        return true;
    if (frame->length < 1 || frame->payload[0] > frame->length - 1)
        return false;
    frame->length -= 1 + frame->payload[0];
    frame->payload++;
    return true;
}

static bool
skip_octets(http2_frame_t *frame, int count)
{
    if (frame->length < count)
        return false;
    frame->payload += count;
    frame->length -= count;
    return true;
}

static bool
read_fragment(http2_reader_t *reader, const http2_frame_t *frame)
{
    bool final = (frame->flags & FLAG_END_HEADERS) != 0;

    if (!http2_decoder_feed(reader->direction->decoder, frame->payload, (size_t)frame->length, final))
        return false;
    if (!final)
        return true;
    if (!reader->direction->block.promise && reader->connection->has_client)
        read_block(reader);
    end_block(reader->direction);
    return true;
}

static bool
begin_block(http2_reader_t *reader, http2_frame_t *frame)
{
    http2_block_t *block = &reader->direction->block;
    bool promise = frame->type == FRAME_PUSH_PROMISE;

    if (frame->stream == 0 || !unpad(frame))
        return false;
    if (promise ? !skip_octets(frame, 4) : (frame->flags & FLAG_PRIORITY) && !skip_octets(frame, 5))
        return false;
    block->begun = true;
    block->promise = promise;
    block->stream = frame->stream;
    block->end_stream = !promise && (frame->flags & FLAG_END_STREAM);
    http2_decoder_begin(reader->direction->decoder, !promise);
    return read_fragment(reader, frame);
}

static bool
read_data(http2_reader_t *reader, http2_frame_t *frame)
{
    http2_stream_t *stream = http2_stream_find(reader->connection->streams, frame->stream);
    bool ended = (frame->flags & FLAG_END_STREAM) != 0;

    if (!unpad(frame))
        return false;
    if (stream)
        http2_stream_data(&reader->call, stream, kind_sent(reader), frame->payload, frame->length, ended);
    return true;
}

static void
apply_settings(http2_direction_t *direction, const http2_direction_t *peer)
{
    http2_settings_t *settings;

    if (wmem_queue_count(peer->settings) == 0)
        return;
    settings = (http2_settings_t *)wmem_queue_pop(peer->settings);
    if (settings->given) {
        http2_decoder_set_table_size(direction->decoder, settings->smallest);
        http2_decoder_set_table_size(direction->decoder, settings->last);
    }
    wmem_free(wmem_file_scope(), settings);
}

/* What one end sets holds for the header blocks of the other, from its acknowledgement on. */
static bool
read_settings(const http2_reader_t *reader, const http2_frame_t *frame)
{
    http2_direction_t *direction = reader->direction;
    http2_settings_t settings = { UINT32_MAX, 0, false };

    if (frame->stream != 0 || frame->length % SETTING_LENGTH != 0)
        return false;
    if (frame->flags & FLAG_ACK) {
        apply_settings(direction, &reader->connection->direction[!reader->call.in->side]);
        return true;
    }
    for (int i = 0; i < frame->length; i += SETTING_LENGTH) {
        if (pntohu16(frame->payload + i) == SETTINGS_HEADER_TABLE_SIZE) {
            settings.last = pntohu32(frame->payload + i + 2);
            settings.smallest = MIN(settings.smallest, settings.last);
            settings.given = true;
        }
    }
    if (wmem_queue_count(direction->settings) >= MAX_SETTINGS)
        return false;
    wmem_queue_push(direction->settings, wmem_memdup(wmem_file_scope(), &settings, sizeof settings));
    return true;
}

static void
read_reset(http2_reader_t *reader, const http2_frame_t *frame)
{
    http2_stream_t *stream = http2_stream_find(reader->connection->streams, frame->stream);

    if (stream)
        http2_stream_reset(&reader->call, stream, kind_sent(reader) == HTTP2_RESPONSE);
}

static bool
direction_begins(const http2_reader_t *reader, const http2_frame_t *frame)
{
    return frame->type == FRAME_SETTINGS && !(frame->flags & FLAG_ACK)
        && (reader->direction->preface || !is_client(reader->connection, reader->call.in->side));
}

/* False: the direction cannot be followed any more. */
static bool
read_frame(http2_reader_t *reader, http2_frame_t *frame)
{
    http2_direction_t *direction = reader->direction;

    if (!direction->begun && !(direction->begun = direction_begins(reader, frame)))
        return false;
    if (direction->block.begun)
        return frame->type == FRAME_CONTINUATION && frame->stream == direction->block.stream && read_fragment(reader, frame);
    switch (frame->type) {
    case FRAME_DATA:
        return read_data(reader, frame);
    case FRAME_HEADERS:
    case FRAME_PUSH_PROMISE:
        return begin_block(reader, frame);
    case FRAME_RST_STREAM:
        read_reset(reader, frame);
        return true;
    case FRAME_SETTINGS:
        return read_settings(reader, frame);
    case FRAME_CONTINUATION:
        return false;
    default:
        return true;
    }
}

static bool
next_frame(const http2_reader_t *reader, http2_frame_t *frame)
{
    int left = reader->call.end - reader->call.in->offset;
    const uint8_t *header = reader->call.in->bytes + reader->call.in->offset;

    if (left < FRAME_HEADER)
        return false;
    frame->length = (int)(header[0] << 16 | header[1] << 8 | header[2]);
    frame->type = header[3];
    frame->flags = header[4];
    frame->stream = pntohu32(header + 5) & 0x7fffffff;
    frame->payload = header + FRAME_HEADER;
    return frame->length <= left - FRAME_HEADER;
}

/* The end that sends it is the client, if nothing of this direction came before. */
static bool
take_preface(http2_reader_t *reader)
{
    http2_connection_t *connection = reader->connection;
    http2_direction_t *direction = reader->direction;
    http_input_t *in = reader->call.in;

    if (direction->preface || direction->begun || (connection->has_client && connection->client != in->side)
            || reader->call.end - in->offset < HTTP2_PREFACE_LENGTH
            || memcmp(in->bytes + in->offset, HTTP2_PREFACE, HTTP2_PREFACE_LENGTH) != 0)
        return false;
    direction->preface = true;
    connection->has_client = true;
    connection->client = in->side;
    in->offset += HTTP2_PREFACE_LENGTH;
    return true;
}

static http2_call_t
begin_call(http_input_t *in)
{
    return (http2_call_t){ .in = in, .end = MIN(in->consumed, in->captured) };
}

static void
read_frames(http2_reader_t *reader)
{
    http2_direction_t *direction = reader->direction;
    http2_call_t *call = &reader->call;
    http2_frame_t frame;
    unsigned number = take_preface(reader) ? 1 : 0;

    while (call->in->offset < call->end && !direction->lost) {
        call->number = number++;
        call->offset = call->in->offset;
        if (!next_frame(reader, &frame)) {
            direction->lost = true;
            break;
        }
        call->in->offset += FRAME_HEADER + frame.length;
        direction->lost = !read_frame(reader, &frame);
    }
    if (direction->lost)
        end_block(direction);
}

void
http2_first_pass(http2_connection_t *connection, http_input_t *in)
{
    http2_reader_t reader = {
        .call = begin_call(in), .connection = connection, .direction = &connection->direction[in->side]
    };

    reader.call.streams = connection->streams;
    if (reader.direction->lost)
        return;
    reader.direction->lost = in->gap || in->captured < in->consumed;
    if (!reader.direction->lost && in->offset < reader.call.end)
        read_frames(&reader);
    if (reader.direction->lost && !is_client(connection, in->side))
        http2_streams_give_up(connection->streams);
}

void
http2_later_pass(http_input_t *in)
{
    http2_call_t call = begin_call(in);

    http2_streams_later_pass(&call);
}
