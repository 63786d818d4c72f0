/* http2_exchange.c
 * HTTP/2 messages, responses paired with their requests by their streams; see http_exchange.h
 *
 * Sources: RFC 9113 sections 3.4 (preface), 4 (frames), 5.1 (streams), 6 (frame definitions) and 8 (messages);
 * RFC 7541 (HPACK), which libnghttp2 decodes; RFC 7540 section 3.2 (upgrade from HTTP/1.1).
 *
 * Frames are read behind the native dissector, from the same bytes, on the first pass. Header blocks can be decoded
 * only by one who has seen all of them in their order: a direction is followed from its beginning (the client's
 * preface, the first SETTINGS of either side) to the first lost byte or error. Nothing is said about
 * what comes later, as header fields could be wrong ones.
 *
 * A message is told when its stream has ended in its direction, in the packet that ends it, as Wireshark shows
 * reassembled bodies there. Its head is written down as HTTP/1 would have it; observers read both alike.
 * Promised responses are not told, as nobody asked for them.
 *
 * State. http2_connection and its streams in file scope; messages that an observer knows are kept with
 * their frames for later passes, others are forgotten when they are answered. Bodies are
 * collected only as far as an observer wants them, so memory is linear in what was captured; header
 * fields, which a few octets can make many of, are bounded for the whole file.
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
#include <epan/proto_data.h>

#include <nghttp2/nghttp2.h>

#include "http2_exchange.h"
#include "ws_compat.h"

/* Header fields of a message, decoded; more make it one that is not told. */
#define MAX_HEAD            32768
/* Heads that are kept of a file. */
#define MAX_KEPT            (128 * 1024 * 1024)
/* Streams of a connection that are open at the same time. */
#define MAX_STREAMS         10000
/* The largest HPACK table that is followed; peers that ask for more seldom get it. */
#define MAX_TABLE           (1024 * 1024)
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
    int            offset;      /* of its header in the input */
    unsigned       number;      /* of the frames in the input */
} http2_frame_t;

typedef enum { BLOCK_NONE, BLOCK_HEADERS, BLOCK_PROMISE } block_kind_t;

/* A header block that is being decoded. */
typedef struct http2_block {
    block_kind_t   kind;
    uint32_t       stream;
    bool           end_stream;
    bool           unusable;        /* malformed, or too large */
    bool           fields_begun;    /* pseudo-header fields are over */
    char          *method;
    char          *path;
    char          *scheme;
    char          *authority;
    char          *status;
    wmem_strbuf_t *fields;          /* as lines of HTTP/1 */
    size_t         size;
} http2_block_t;

/* A message as far as it was seen. */
typedef struct http2_part {
    bool          begun;            /* its head was seen */
    bool          ended;
    char         *head;             /* as HTTP/1 would have it */
    int           head_length;
    char         *scheme;
    uint16_t      status;
    unsigned      wanted;           /* octets of the body at most */
    uint64_t      length;           /* of the body */
    wmem_array_t *body;             /* or NULL */
    int           body_offset;      /* in the input that completes the message, if it is there in one piece */
} http2_part_t;

/* A message that was told, with its frame. */
typedef struct http2_record {
    struct http2_record *next;
    struct http2_record *previous;
    struct http2_records *list;     /* NULL: not kept */
    http_exchange_t     *exchange;
    http2_part_t         part;
    bool                 is_request;
    bool                 complete;
    unsigned             number;        /* of the frame in its input */
    int                  offset;        /* of that frame's header */
    int                  end;           /* of its input */
    uint8_t              header[FRAME_HEADER];
} http2_record_t;

typedef struct http2_records {
    http2_record_t *first;
    http2_record_t *last;
} http2_records_t;

typedef struct http2_stream {
    uint32_t         id;
    http_exchange_t *exchange;
    http2_part_t     part[2];       /* request, response */
    http2_record_t  *request;       /* told, and kept in case the response makes it interesting */
} http2_stream_t;

typedef struct http2_settings {
    uint32_t smallest;              /* table sizes, RFC 7541 section 4.2 */
    uint32_t last;
    bool     given;
} http2_settings_t;

typedef struct http2_direction {
    bool                 preface;   /* the client's was seen */
    bool                 begun;     /* with the first SETTINGS */
    bool                 lost;      /* nothing more is known */
    nghttp2_hd_inflater *inflater;
    http2_block_t        block;
    wmem_queue_t        *settings;  /* http2_settings_t, sent and not yet acknowledged */
    uint32_t             last_stream;
} http2_direction_t;

struct http2_connection {
    http2_direction_t direction[2];
    wmem_map_t       *streams;
    bool              has_client;
    unsigned          client;       /* its side */
};

/* Octets of heads that are kept. */
static size_t kept;

/* --- Connections --- */

static ws_wmem_result_t
delete_inflater(wmem_allocator_t *scope _U_, wmem_cb_event_t event _U_, void *inflater)
{
    nghttp2_hd_inflate_del((nghttp2_hd_inflater *)inflater);
    return false;
}

static void
start_direction(http2_direction_t *direction)
{
    if (nghttp2_hd_inflate_new(&direction->inflater) != 0) {
        direction->lost = true;
        return;
    }
    wmem_register_callback(wmem_file_scope(), delete_inflater, direction->inflater);
    direction->settings = wmem_queue_new(wmem_file_scope());
}

http2_connection_t *
http2_connection_new(http_exchange_t *upgraded, unsigned client)
{
    http2_connection_t *connection = wmem_new0(wmem_file_scope(), http2_connection_t);

    start_direction(&connection->direction[0]);
    start_direction(&connection->direction[1]);
    connection->streams = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    if (upgraded) {
        http2_stream_t *stream = wmem_new0(wmem_file_scope(), http2_stream_t);

        stream->id = 1;
        stream->exchange = upgraded;
        stream->part[0].begun = stream->part[0].ended = true;
        wmem_map_insert(connection->streams, GUINT_TO_POINTER(1), stream);
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

static http2_stream_t *
find_stream(const http2_connection_t *connection, uint32_t id)
{
    return (http2_stream_t *)wmem_map_lookup(connection->streams, GUINT_TO_POINTER(id));
}

/* --- Messages and their frames --- */

static void
release_part(http2_part_t *part)
{
    if (part->head)
        kept -= (size_t)part->head_length;
    wmem_free(wmem_file_scope(), part->head);
    wmem_free(wmem_file_scope(), part->scheme);
    if (part->body)
        wmem_destroy_array(part->body);
    memset(part, 0, sizeof *part);
}

static void
keep_record(const http2_input_t *in, http2_record_t *record)
{
    http2_records_t *list = (http2_records_t *)p_get_proto_data(wmem_file_scope(), in->pinfo, in->proto, in->key);

    if (!list) {
        list = wmem_new0(wmem_file_scope(), http2_records_t);
        p_add_proto_data(wmem_file_scope(), in->pinfo, in->proto, in->key, list);
    }
    record->list = list;
    record->previous = list->last;
    if (list->last)
        list->last->next = record;
    else
        list->first = record;
    list->last = record;
}

static void
forget_record(http2_record_t *record)
{
    http2_records_t *list = record->list;

    if (list) {
        *(record->previous ? &record->previous->next : &list->first) = record->next;
        *(record->next ? &record->next->previous : &list->last) = record->previous;
    }
    release_part(&record->part);
    wmem_free(wmem_file_scope(), record);
}

static void
end_stream(http2_connection_t *connection, http2_stream_t *stream, const http2_callbacks_t *hub)
{
    if (stream->request && !hub->is_known(stream->exchange))
        forget_record(stream->request);
    release_part(&stream->part[0]);
    release_part(&stream->part[1]);
    wmem_map_remove(connection->streams, GUINT_TO_POINTER(stream->id));
    wmem_free(wmem_file_scope(), stream);
}

/* --- Telling --- */

/* METHOD TARGET HTTP/2.0 */
static void
read_request_line(http_message_t *message, const char *head)
{
    int method = (int)strcspn(head, " ");

    message->target_offset = method + 1;
    message->target_length = (int)(strstr(head, " HTTP/2.0\r\n") - head) - message->target_offset;
    message->method = wmem_strndup(message->pinfo->pool, head, method);
    message->target = wmem_strndup(message->pinfo->pool, head + message->target_offset, message->target_length);
}

static void
fill_message(http_message_t *message, const http2_input_t *in, http_exchange_t *exchange, const http2_part_t *part)
{
    memset(message, 0, sizeof *message);
    message->exchange = exchange;
    message->pinfo = in->pinfo;
    message->is_request = part->status == 0;
    message->status = part->status;
    message->interim = part->status >= 100 && part->status < 200;
    message->scheme = part->scheme ? part->scheme : "http";
    message->head_length = part->head_length;
    message->tvb = tvb_new_child_real_data(in->tvb, (const uint8_t *)part->head, (unsigned)part->head_length, part->head_length);
    message->body_length = (int)MIN(part->length, (uint64_t)INT_MAX);
    if (message->is_request)
        read_request_line(message, part->head);
}

static tvbuff_t *
body_of_part(const http2_input_t *in, const http2_part_t *part)
{
    unsigned length;

    if (part->length == 0 || part->length > part->wanted)
        return NULL;
    if (!part->body)
        return tvb_new_subset_length(in->tvb, part->body_offset, (int)part->length);
    length = wmem_array_get_count(part->body);
    return tvb_new_child_real_data(in->tvb, (const uint8_t *)wmem_array_get_raw(part->body), length, (int)length);
}

static bool
is_native_item(const http2_input_t *in, const proto_node *node)
{
    return node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == in->native;
}

/*
 * The item of the frame that completes the message; the native dissector makes one for each, and for the preface. Asked
 * for in order; where there are fewer, the last one serves.
 */
static proto_tree *
item_of_frame(http2_input_t *in, unsigned number)
{
    for (; in->next && in->items <= number; in->next = in->next->next) {
        if (is_native_item(in, in->next)) {
            in->item = in->next;
            in->items++;
        }
    }
    return in->item ? in->item : in->tree;
}

/* What the native dissector writes for frames that follow in this packet does not go into these columns. */
static void
hold_columns(packet_info *pinfo, bool hold)
{
    col_set_writable(pinfo->cinfo, COL_PROTOCOL, !hold);
    col_set_writable(pinfo->cinfo, COL_INFO, !hold);
}

static void
tell(http2_input_t *in, const http2_record_t *record, const http2_callbacks_t *hub)
{
    const void *held = p_get_proto_data(in->pinfo->pool, in->pinfo, in->proto, in->key + 1);
    http_message_t message;

    fill_message(&message, in, record->exchange, &record->part);
    message.complete = record->complete;
    message.tree = item_of_frame(in, record->number);
    message.payload = body_of_part(in, &record->part);
    message.payload_is_new = record->part.body != NULL;
    if (held)
        hold_columns(in->pinfo, false);
    hub->tell(&message);
    if (hub->is_known(record->exchange)) {
        if (!http_is_data_source(in->pinfo, message.tvb))
            add_new_data_source(in->pinfo, message.tvb, "HTTP/2 header fields");
        if (!held)
            p_add_proto_data(in->pinfo->pool, in->pinfo, in->proto, in->key + 1, in->pinfo);
        held = in->pinfo;
    }
    if (held)
        hold_columns(in->pinfo, true);
}

/* Takes the part's contents over. */
static http2_record_t *
make_record(const http2_input_t *in, const http2_frame_t *frame, http_exchange_t *exchange, http2_part_t *part)
{
    http2_record_t *record = wmem_new0(wmem_file_scope(), http2_record_t);

    record->exchange = exchange;
    record->part = *part;
    record->is_request = part->status == 0;
    record->complete = part->ended && (part->length == 0 || part->length <= part->wanted);
    record->number = frame->number;
    record->offset = frame->offset;
    record->end = in->end;
    memcpy(record->header, in->bytes + frame->offset, FRAME_HEADER);
    part->head = NULL;
    part->scheme = NULL;
    part->body = NULL;
    return record;
}

static void
tell_request(http2_input_t *in, const http2_frame_t *frame, http2_stream_t *stream, const http2_callbacks_t *hub)
{
    stream->exchange->request_frame = in->pinfo->num;
    stream->exchange->request_time = in->pinfo->abs_ts;
    stream->request = make_record(in, frame, stream->exchange, &stream->part[0]);
    keep_record(in, stream->request);
    tell(in, stream->request, hub);
}

static void
tell_response(http2_input_t *in, const http2_frame_t *frame, http2_stream_t *stream, const http2_callbacks_t *hub)
{
    http2_record_t *record;

    if (stream->part[1].status >= 200) {
        stream->exchange->response_frame = in->pinfo->num;
        stream->exchange->response_time = in->pinfo->abs_ts;
        stream->exchange->status = stream->part[1].status;
    }
    record = make_record(in, frame, stream->exchange, &stream->part[1]);
    tell(in, record, hub);
    if (hub->is_known(stream->exchange))
        keep_record(in, record);
    else
        forget_record(record);
}

/* The stream has ended in one direction. */
static void
finish_part(http2_connection_t *connection, http2_input_t *in, const http2_frame_t *frame, http2_stream_t *stream,
        unsigned which, const http2_callbacks_t *hub)
{
    stream->part[which].ended = true;
    if (which == 0) {
        tell_request(in, frame, stream, hub);
        return;
    }
    /* An answer that does not wait for the end of its request has nothing to be paired with. */
    if (stream->part[0].ended)
        tell_response(in, frame, stream, hub);
    end_stream(connection, stream, hub);
}

/* --- Header blocks --- */

static bool
is_token(const uint8_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && (text[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", text[i])))
            return false;
    }
    return length > 0;
}

/* RFC 9113 section 8.2.1; such an octet would end the line. */
static bool
is_value(const uint8_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0')
            return false;
    }
    return true;
}

static void
take_pseudo_field(http2_block_t *block, const char *name, size_t length, const nghttp2_nv *nv)
{
    struct { const char *name; char **place; } known[] = {
        { ":method", &block->method }, { ":path", &block->path }, { ":scheme", &block->scheme },
        { ":authority", &block->authority }, { ":status", &block->status },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strlen(known[i].name) != length || memcmp(known[i].name, name, length))
            continue;
        if (*known[i].place || block->fields_begun)
            block->unusable = true;
        else
            *known[i].place = wmem_strndup(wmem_file_scope(), (const char *)nv->value, nv->valuelen);
        return;
    }
}

static void
take_field(http2_block_t *block, const nghttp2_nv *nv)
{
    bool pseudo = nv->namelen > 0 && nv->name[0] == ':';

    block->size += nv->namelen + nv->valuelen + 4;
    if (block->size > MAX_HEAD || !is_value(nv->value, nv->valuelen)
            || !is_token(nv->name + pseudo, nv->namelen - pseudo))
        block->unusable = true;
    if (block->unusable || block->kind == BLOCK_PROMISE)
        return;
    if (pseudo) {
        take_pseudo_field(block, (const char *)nv->name, nv->namelen, nv);
        return;
    }
    block->fields_begun = true;
    wmem_strbuf_append_len(block->fields, (const char *)nv->name, nv->namelen);
    wmem_strbuf_append(block->fields, ": ");
    wmem_strbuf_append_len(block->fields, (const char *)nv->value, nv->valuelen);
    wmem_strbuf_append(block->fields, "\r\n");
}

static void
release_block(http2_block_t *block)
{
    wmem_allocator_t *scope = wmem_file_scope();

    wmem_free(scope, block->method);
    wmem_free(scope, block->path);
    wmem_free(scope, block->scheme);
    wmem_free(scope, block->authority);
    wmem_free(scope, block->status);
    if (block->fields)
        wmem_strbuf_destroy(block->fields);
    memset(block, 0, sizeof *block);
}

/* False: the block cannot be decoded, and with it none that follows. */
static bool
decode_block(http2_direction_t *direction, const uint8_t *bytes, size_t length, bool final)
{
    for (;;) {
        nghttp2_nv field;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(direction->inflater, &field, &flags, bytes, length, final);

        if (used < 0)
            return false;
        bytes += used;
        length -= (size_t)used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            take_field(&direction->block, &field);
        if (flags & NGHTTP2_HD_INFLATE_FINAL) {
            nghttp2_hd_inflate_end_headers(direction->inflater);
            return true;
        }
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && length == 0)
            return !final;
    }
}

static uint16_t
status_code(const char *text)
{
    if (!text || strlen(text) != 3 || text[0] < '1' || text[0] > '9' || !g_ascii_isdigit(text[1]) || !g_ascii_isdigit(text[2]))
        return 0;
    return (uint16_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0');
}

static bool
block_is_request(const http2_block_t *block)
{
    if (!block->method || block->status || !is_token((const uint8_t *)block->method, strlen(block->method)))
        return false;
    return block->path ? block->path[0] != '\0' : block->authority && !strcmp(block->method, "CONNECT");
}

/* Writes the head down; false: it is malformed, or there are too many. */
static bool
head_of_block(const http2_block_t *block, bool is_request, http2_part_t *part)
{
    const char *fields = wmem_strbuf_get_str(block->fields);

    if (block->unusable || kept > MAX_KEPT || (is_request ? !block_is_request(block) : !status_code(block->status)))
        return false;
    memset(part, 0, sizeof *part);
    if (!is_request) {
        part->status = status_code(block->status);
        part->head = wmem_strdup_printf(wmem_file_scope(), "HTTP/2.0 %s\r\n%s\r\n", block->status, fields);
    } else {
        part->head = wmem_strdup_printf(wmem_file_scope(), "%s %s HTTP/2.0\r\n%s%s%s%s\r\n", block->method,
                block->path ? block->path : block->authority, block->authority ? "host: " : "",
                block->authority ? block->authority : "", block->authority ? "\r\n" : "", fields);
        part->scheme = block->scheme ? wmem_strdup(wmem_file_scope(), block->scheme) : NULL;
    }
    part->head_length = (int)strlen(part->head);
    part->begun = true;
    kept += (size_t)part->head_length;
    return true;
}

static void
ask_for_body(const http2_input_t *in, http2_stream_t *stream, http2_part_t *part, const http2_callbacks_t *hub)
{
    http_message_t message;

    fill_message(&message, in, stream->exchange, part);
    part->wanted = hub->body_wanted(&message);
}

static void
begin_request(http2_connection_t *connection, http2_direction_t *direction, http2_input_t *in, const http2_frame_t *frame,
        const http2_callbacks_t *hub)
{
    const http2_block_t *block = &direction->block;
    http2_stream_t *stream;
    http2_part_t part;

    if (block->stream % 2 == 0 || block->stream <= direction->last_stream)
        return;
    direction->last_stream = block->stream;
    if (wmem_map_size(connection->streams) >= MAX_STREAMS || !head_of_block(block, true, &part))
        return;
    stream = wmem_new0(wmem_file_scope(), http2_stream_t);
    stream->id = block->stream;
    stream->exchange = wmem_new0(wmem_file_scope(), http_exchange_t);
    stream->part[0] = part;
    wmem_map_insert(connection->streams, GUINT_TO_POINTER(stream->id), stream);
    if (block->end_stream)
        finish_part(connection, in, frame, stream, 0, hub);
    else
        ask_for_body(in, stream, &stream->part[0], hub);
}

static void
begin_response(http2_connection_t *connection, const http2_block_t *block, http2_input_t *in, const http2_frame_t *frame,
        http2_stream_t *stream, const http2_callbacks_t *hub)
{
    http2_part_t part;

    if (!head_of_block(block, false, &part)) {
        end_stream(connection, stream, hub);
        return;
    }
    stream->part[1] = part;
    if (part.status >= 200)
        stream->exchange->response_frame = in->pinfo->num;
    if (part.status < 200 && !block->end_stream) {
        if (stream->part[0].ended)
            tell_response(in, frame, stream, hub);
        release_part(&stream->part[1]);
    } else if (block->end_stream) {
        finish_part(connection, in, frame, stream, 1, hub);
    } else {
        ask_for_body(in, stream, &stream->part[1], hub);
    }
}

static void
block_is_complete(http2_connection_t *connection, http2_input_t *in, const http2_frame_t *frame, const http2_callbacks_t *hub)
{
    http2_direction_t *direction = &connection->direction[in->side];
    http2_block_t *block = &direction->block;
    http2_stream_t *stream = find_stream(connection, block->stream);
    bool from_client = is_client(connection, in->side);
    unsigned which = from_client ? 0 : 1;

    if (block->kind == BLOCK_HEADERS && connection->has_client) {
        if (stream && stream->part[which].begun) {
            /* Trailers. */
            if (block->end_stream && !stream->part[which].ended)
                finish_part(connection, in, frame, stream, which, hub);
        } else if (stream && !from_client) {
            begin_response(connection, block, in, frame, stream, hub);
        } else if (from_client) {
            begin_request(connection, direction, in, frame, hub);
        }
    }
    release_block(block);
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
read_fragment(http2_connection_t *connection, http2_input_t *in, const http2_frame_t *frame, const http2_callbacks_t *hub)
{
    http2_direction_t *direction = &connection->direction[in->side];
    bool final = (frame->flags & FLAG_END_HEADERS) != 0;

    if (!decode_block(direction, frame->payload, (size_t)frame->length, final))
        return false;
    if (final)
        block_is_complete(connection, in, frame, hub);
    return true;
}

static bool
begin_block(http2_connection_t *connection, http2_input_t *in, http2_frame_t *frame, const http2_callbacks_t *hub)
{
    http2_block_t *block = &connection->direction[in->side].block;
    bool promise = frame->type == FRAME_PUSH_PROMISE;

    if (frame->stream == 0 || !unpad(frame))
        return false;
    if (promise ? !skip_octets(frame, 4) : (frame->flags & FLAG_PRIORITY) && !skip_octets(frame, 5))
        return false;
    memset(block, 0, sizeof *block);
    block->kind = promise ? BLOCK_PROMISE : BLOCK_HEADERS;
    block->stream = frame->stream;
    block->end_stream = !promise && (frame->flags & FLAG_END_STREAM);
    block->fields = wmem_strbuf_new(wmem_file_scope(), NULL);
    return read_fragment(connection, in, frame, hub);
}

/* Bodies that lie in one piece in the input that ends the message need no copy. */
static void
take_data(const http2_input_t *in, const http2_frame_t *frame, http2_part_t *part)
{
    bool whole = part->length == 0 && (frame->flags & FLAG_END_STREAM);

    part->length += (unsigned)frame->length;
    if (part->length > part->wanted) {
        if (part->body)
            wmem_destroy_array(part->body);
        part->body = NULL;
        return;
    }
    if (whole) {
        part->body_offset = (int)(frame->payload - in->bytes);
        return;
    }
    if (frame->length == 0)
        return;
    if (!part->body)
        part->body = wmem_array_sized_new(wmem_file_scope(), 1, (unsigned)frame->length);
    wmem_array_append(part->body, frame->payload, (unsigned)frame->length);
}

static bool
read_data(http2_connection_t *connection, http2_input_t *in, http2_frame_t *frame, const http2_callbacks_t *hub)
{
    http2_stream_t *stream = find_stream(connection, frame->stream);
    unsigned which = is_client(connection, in->side) ? 0 : 1;

    if (!unpad(frame))
        return false;
    if (!stream || !stream->part[which].begun || stream->part[which].ended)
        return true;
    take_data(in, frame, &stream->part[which]);
    if (frame->flags & FLAG_END_STREAM)
        finish_part(connection, in, frame, stream, which, hub);
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
        nghttp2_hd_inflate_change_table_size(direction->inflater, MIN(settings->smallest, MAX_TABLE));
        nghttp2_hd_inflate_change_table_size(direction->inflater, MIN(settings->last, MAX_TABLE));
    }
    wmem_free(wmem_file_scope(), settings);
}

/* What one end sets holds for the header blocks of the other, from its acknowledgement on. */
static bool
read_settings(http2_connection_t *connection, const http2_input_t *in, const http2_frame_t *frame)
{
    http2_direction_t *direction = &connection->direction[in->side];
    http2_settings_t settings = { UINT32_MAX, 0, false };

    if (frame->stream != 0 || frame->length % SETTING_LENGTH != 0)
        return false;
    if (frame->flags & FLAG_ACK) {
        apply_settings(direction, &connection->direction[!in->side]);
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

/* A server that breaks off: what there is of the answer is told. */
static void
read_reset(http2_connection_t *connection, http2_input_t *in, const http2_frame_t *frame, const http2_callbacks_t *hub)
{
    http2_stream_t *stream = find_stream(connection, frame->stream);

    if (!stream)
        return;
    if (!is_client(connection, in->side) && stream->part[0].ended && stream->part[1].begun)
        tell_response(in, frame, stream, hub);
    end_stream(connection, stream, hub);
}

/* False: the direction cannot be followed any more. */
static bool
read_frame(http2_connection_t *connection, http2_input_t *in, http2_frame_t *frame, const http2_callbacks_t *hub)
{
    http2_direction_t *direction = &connection->direction[in->side];

    if (!direction->begun) {
        direction->begun = frame->type == FRAME_SETTINGS && !(frame->flags & FLAG_ACK)
            && (direction->preface || !is_client(connection, in->side));
        if (!direction->begun)
            return false;
    }
    if (direction->block.kind != BLOCK_NONE)
        return frame->type == FRAME_CONTINUATION && frame->stream == direction->block.stream
            && read_fragment(connection, in, frame, hub);
    switch (frame->type) {
    case FRAME_DATA:
        return read_data(connection, in, frame, hub);
    case FRAME_HEADERS:
    case FRAME_PUSH_PROMISE:
        return begin_block(connection, in, frame, hub);
    case FRAME_RST_STREAM:
        read_reset(connection, in, frame, hub);
        return true;
    case FRAME_SETTINGS:
        return read_settings(connection, in, frame);
    case FRAME_CONTINUATION:
        return false;
    default:
        return true;
    }
}

static bool
next_frame(const http2_input_t *in, http2_frame_t *frame)
{
    const uint8_t *header = in->bytes + in->offset;

    if (in->end - in->offset < FRAME_HEADER)
        return false;
    frame->length = (int)(header[0] << 16 | header[1] << 8 | header[2]);
    frame->type = header[3];
    frame->flags = header[4];
    frame->stream = pntohu32(header + 5) & 0x7fffffff;
    frame->payload = header + FRAME_HEADER;
    frame->offset = in->offset;
    return frame->length <= in->end - in->offset - FRAME_HEADER;
}

/* The end that sends it is the client, if nothing of this direction came before. */
static bool
take_preface(http2_connection_t *connection, http2_input_t *in)
{
    http2_direction_t *direction = &connection->direction[in->side];

    if (direction->preface || direction->begun || (connection->has_client && connection->client != in->side)
            || in->end - in->offset < HTTP2_PREFACE_LENGTH
            || memcmp(in->bytes + in->offset, HTTP2_PREFACE, HTTP2_PREFACE_LENGTH) != 0)
        return false;
    direction->preface = true;
    connection->has_client = true;
    connection->client = in->side;
    in->offset += HTTP2_PREFACE_LENGTH;
    return true;
}

void
http2_first_pass(http2_connection_t *connection, http2_input_t *in, const http2_callbacks_t *hub)
{
    http2_direction_t *direction = &connection->direction[in->side];
    http2_frame_t frame;
    unsigned number = 0;

    if (in->gap)
        direction->lost = true;
    if (direction->lost || in->offset >= in->end)
        return;
    if (take_preface(connection, in))
        number++;
    while (in->offset < in->end && !direction->lost) {
        frame.number = number++;
        if (!next_frame(in, &frame)) {
            direction->lost = true;
            break;
        }
        in->offset = frame.offset + FRAME_HEADER + frame.length;
        direction->lost = !read_frame(connection, in, &frame, hub);
    }
    if (direction->lost)
        release_block(&direction->block);
}

/* --- Later passes --- */

static bool
record_is_of(const http2_record_t *record, const http2_input_t *in)
{
    return record->end == in->end && record->offset >= in->offset && !memcmp(record->header, in->bytes + record->offset, FRAME_HEADER);
}

/* The calls of a frame come in the same order in every pass; which of them a message belongs to, its bytes tell. */
void
http2_later_pass(http2_input_t *in, const http2_callbacks_t *hub)
{
    const http2_records_t *list = (const http2_records_t *)p_get_proto_data(wmem_file_scope(), in->pinfo, in->proto, in->key);
    const http2_record_t **position, *record;

    if (!list || !list->first)
        return;
    position = (const http2_record_t **)p_get_proto_data(in->pinfo->pool, in->pinfo, in->proto, in->key + 2);
    if (!position) {
        position = wmem_new(in->pinfo->pool, const http2_record_t *);
        *position = list->first;
        p_add_proto_data(in->pinfo->pool, in->pinfo, in->proto, in->key + 2, position);
    }
    for (record = *position; record && !record_is_of(record, in); record = record->next)
        ;
    if (!record)
        return;
    for (; record && record_is_of(record, in); record = record->next)
        tell(in, record, hub);
    *position = record;
}

void
http2_init(void)
{
    kept = 0;
}
