/* http-2-stream.c
 * Streams of an HTTP/2 connection, and the messages on them; see http-2-stream.h
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
#include <epan/proto_data.h>

#include "http-2-stream.h"
#include "http-body.h"
#include "http-budget.h"
#include "http-kept.h"
#include "http-spare.h"

/* Streams of a connection that are open at the same time. */
#define MAX_STREAMS     10000

#define FRAME_HEADER    9

/* A message as far as it was seen. */
typedef struct http2_part {
    bool          begun;            /* its head was seen */
    bool          ended;
    http2_head_t  head;
    unsigned      wanted;           /* octets of the body at most */
    uint64_t      length;           /* of the body */
    wmem_array_t *body;             /* or NULL */
    int           body_offset;      /* in the input that completes the message, if it is there in one piece */
} http2_part_t;

/* A message that was told, with its frame. */
typedef struct http2_record {
    http_kept_t      kept;
    http_exchange_t *exchange;
    http2_part_t     part;
    bool             complete;
    unsigned         number;        /* of the frame in its input */
    int              offset;        /* of that frame's header */
    int              end;           /* of its input */
    uint8_t          header[FRAME_HEADER];
} http2_record_t;

struct http2_stream {
    uint32_t         id;
    http_exchange_t *exchange;
    bool             upgraded;      /* the exchange belongs to HTTP/1 */
    http2_part_t     part[2];       /* request, response */
    http2_record_t  *request;       /* told, and kept in case the response makes it interesting */
};

/* Of frames, for each transport. */
static wmem_map_t *records[HTTP_TRANSPORTS];

static http_spare_t spare_records;
static http_spare_t spare_streams;

void
http2_streams_register(void)
{
    for (unsigned i = 0; i < HTTP_TRANSPORTS; i++)
        records[i] = http_kept_new();
}

void
http2_streams_init(void)
{
    http_spare_begin(&spare_records, sizeof(http2_record_t));
    http_spare_begin(&spare_streams, sizeof(http2_stream_t));
}

static http2_stream_t *
new_stream(wmem_map_t *streams, uint32_t id, http_exchange_t *exchange)
{
    http2_stream_t *stream = (http2_stream_t *)http_spare_take(&spare_streams);

    stream->id = id;
    stream->exchange = exchange;
    wmem_map_insert(streams, GUINT_TO_POINTER(id), stream);
    return stream;
}

wmem_map_t *
http2_streams_new(http_exchange_t *upgraded)
{
    wmem_map_t *streams = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);

    if (upgraded) {
        http2_stream_t *stream = new_stream(streams, 1, upgraded);

        stream->upgraded = true;
        stream->part[HTTP2_REQUEST].begun = stream->part[HTTP2_REQUEST].ended = true;
    }
    return streams;
}

http2_stream_t *
http2_stream_find(const wmem_map_t *streams, uint32_t id)
{
    return (http2_stream_t *)wmem_map_lookup((wmem_map_t *)streams, GUINT_TO_POINTER(id));
}

bool
http2_stream_has_head(const http2_stream_t *stream, http2_part_kind_t kind)
{
    return stream->part[kind].begun;
}

/* --- What is kept --- */

static void
drop_body(http2_part_t *part)
{
    if (!part->body)
        return;
    http_budget_give_back(wmem_array_get_count(part->body));
    wmem_destroy_array(part->body);
    part->body = NULL;
}

static void
release_part(http2_part_t *part)
{
    http2_head_release(&part->head);
    drop_body(part);
    memset(part, 0, sizeof *part);
}

static void
forget_record(const http2_call_t *call, http2_record_t *record)
{
    http_kept_remove(records[call->in->transport], &record->kept);
    release_part(&record->part);
    http_spare_give_back(&spare_records, record);
}

static void
keep_record(const http2_call_t *call, http2_record_t *record, uint32_t frame)
{
    http_kept_add(records[call->in->transport], &record->kept, frame);
}

static void
end_stream(const http2_call_t *call, http2_stream_t *stream)
{
    bool known = call->in->hub->known_by(stream->exchange) > 0;

    if (stream->request && known)
        keep_record(call, stream->request, stream->exchange->request_frame);
    else if (stream->request)
        forget_record(call, stream->request);
    release_part(&stream->part[HTTP2_REQUEST]);
    release_part(&stream->part[HTTP2_RESPONSE]);
    if (!known && !stream->upgraded)
        http_exchange_free(stream->exchange);
    wmem_map_remove(call->streams, GUINT_TO_POINTER(stream->id));
    http_spare_give_back(&spare_streams, stream);
}

/* --- Telling --- */

static void
fill_message(http_message_t *message, http_lines_t *lines, const http_input_t *in, http_exchange_t *exchange,
        const http2_part_t *part)
{
    memset(message, 0, sizeof *message);
    message->exchange = exchange;
    message->pinfo = in->pinfo;
    message->is_request = part->head.status == 0;
    message->status = part->head.status;
    message->interim = part->head.status >= 100 && part->head.status < 200;
    message->scheme = part->head.scheme ? part->head.scheme : "http";
    http_lines_begin(lines);
    message->lines = lines;
    message->head_length = part->head.length;
    message->tvb = tvb_new_child_real_data(in->tvb, (const uint8_t *)part->head.text, (unsigned)part->head.length,
        part->head.length);
    message->body_length = (int)MIN(part->length, (uint64_t)INT_MAX);
    if (!message->is_request)
        return;
    message->target_offset = part->head.method_length + 1;
    message->target_length = part->head.target_length;
    http_message_copy_request(message, part->head.text, part->head.method_length);
}

static tvbuff_t *
body_of_part(const http_input_t *in, const http2_part_t *part)
{
    unsigned length;

    if (part->length == 0 || part->length > part->wanted)
        return NULL;
    if (!part->body)
        return tvb_new_subset_length(in->tvb, part->body_offset, (int)part->length);
    length = wmem_array_get_count(part->body);
    return tvb_new_child_real_data(in->tvb, (const uint8_t *)wmem_array_get_raw(part->body), length, (int)length);
}

/*
 * The item of the frame that completes the message; the native dissector makes one for each, and for the preface. Asked
 * for in order; where there are fewer, the last one serves.
 */
static proto_tree *
item_of_frame(http2_call_t *call, unsigned number)
{
    proto_node *item;

    while (call->items <= number && (item = http_input_item(call->in))) {
        call->item = item;
        call->items++;
    }
    return call->item ? call->item : call->in->tree;
}

/* Protocol and Info as they are, one behind the other. */
typedef struct columns {
    char  *text;
    size_t protocol;            /* octets of it */
    size_t info;
} columns_t;

static const char *
column_text(const packet_info *pinfo, int column, size_t *length)
{
    const char *text = col_get_text(pinfo->cinfo, column);

    *length = text ? strlen(text) : 0;
    return text;
}

static void
note_columns(const packet_info *pinfo, columns_t *columns)
{
    const char *protocol = column_text(pinfo, COL_PROTOCOL, &columns->protocol);
    const char *info = column_text(pinfo, COL_INFO, &columns->info);

    columns->text = (char *)wmem_alloc(pinfo->pool, columns->protocol + columns->info + 1);
    if (protocol)
        memcpy(columns->text, protocol, columns->protocol);
    if (info)
        memcpy(columns->text + columns->protocol, info, columns->info);
}

static bool
is_column(const packet_info *pinfo, int column, const char *before, size_t length)
{
    size_t now;
    const char *text = column_text(pinfo, column, &now);

    return now == length && (length == 0 || !memcmp(text, before, length));
}

static bool
columns_have_changed(const packet_info *pinfo, const columns_t *columns)
{
    return !is_column(pinfo, COL_PROTOCOL, columns->text, columns->protocol)
        || !is_column(pinfo, COL_INFO, columns->text + columns->protocol, columns->info);
}

/* What the native dissector writes for frames that follow in this packet does not go into these columns. */
static void
hold_columns(packet_info *pinfo, bool hold)
{
    col_set_writable(pinfo->cinfo, COL_PROTOCOL, !hold);
    col_set_writable(pinfo->cinfo, COL_INFO, !hold);
}

static http_glance_t
glance_at(const http_input_t *in, const http2_part_t *part)
{
    const http2_head_t *head = &part->head;
    bool is_request = head->status == 0;

    return (http_glance_t){
        .pinfo = in->pinfo, .is_http2 = true, .is_request = is_request, .interim = head->status >= 100 && head->status < 200,
        .status = head->status, .target = is_request ? head->text + head->method_length + 1 : NULL,
        .target_length = (size_t)head->target_length, .type = head->type ? head->text + head->type : NULL,
        .type_length = (size_t)head->type_length, .body_length = (int)MIN(part->length, (uint64_t)INT_MAX),
    };
}

/* Bits of the observers that want it. */
static unsigned
who_wants(const http_input_t *in, const http2_record_t *record)
{
    const http2_part_t *part = &record->part;
    http_glance_t glance = glance_at(in, part);

    if (record->complete && !part->head.coded && part->length > 0)
        glance.body = part->body ? (const uint8_t *)wmem_array_get_raw(part->body) : in->bytes + part->body_offset;
    return in->hub->who_wants(&glance, record->exchange);
}

static void
tell(http2_call_t *call, const http2_record_t *record, unsigned wanting)
{
    http_input_t *in = call->in;
    uint32_t key = http_input_key(in, HTTP2_HELD);
    const void *held = p_get_proto_data(in->pinfo->pool, in->pinfo, in->keeper, key);
    http_message_t message;
    http_lines_t lines;
    columns_t columns;

    fill_message(&message, &lines, in, record->exchange, &record->part);
    message.complete = record->complete;
    message.tree = item_of_frame(call, record->number);
    message.payload = body_of_part(in, &record->part);
    message.payload_is_new = record->part.body != NULL;
    if (held)
        hold_columns(in->pinfo, false);
    if (!held)
        note_columns(in->pinfo, &columns);
    in->hub->tell(&message, wanting);
    if (in->hub->known_by(record->exchange) > message.unproved && !http_is_data_source(in->pinfo, message.tvb))
        add_new_data_source(in->pinfo, message.tvb, "HTTP/2 header fields");
    if (!held && columns_have_changed(in->pinfo, &columns)) {
        p_add_proto_data(in->pinfo->pool, in->pinfo, in->keeper, key, in->pinfo);
        held = in->pinfo;
    }
    if (held)
        hold_columns(in->pinfo, true);
}

static void
tell_if_wanted(http2_call_t *call, const http2_record_t *record)
{
    unsigned wanting = who_wants(call->in, record);

    if (wanting)
        tell(call, record, wanting);
}

/* Takes the part's contents over. */
static http2_record_t *
make_record(const http2_call_t *call, http_exchange_t *exchange, http2_part_t *part)
{
    http2_record_t *record = (http2_record_t *)http_spare_take(&spare_records);

    record->kept.order = http_kept_next_order();
    record->exchange = exchange;
    record->part = *part;
    record->complete = part->ended && (part->length == 0 || part->length <= part->wanted);
    record->number = call->number;
    record->offset = call->offset;
    record->end = call->end;
    memcpy(record->header, call->in->bytes + call->offset, FRAME_HEADER);
    memset(&part->head, 0, sizeof part->head);
    part->body = NULL;
    return record;
}

static void
tell_request(http2_call_t *call, http2_stream_t *stream)
{
    stream->exchange->request_frame = call->in->pinfo->num;
    stream->exchange->request_time = call->in->pinfo->abs_ts;
    stream->request = make_record(call, stream->exchange, &stream->part[HTTP2_REQUEST]);
    tell_if_wanted(call, stream->request);
    if (call->in->hub->known_by(stream->exchange) > 0)
        keep_record(call, stream->request, call->in->pinfo->num);
}

static void
tell_response(http2_call_t *call, http2_stream_t *stream)
{
    uint16_t status = stream->part[HTTP2_RESPONSE].head.status;
    http2_record_t *record;

    if (status >= 200) {
        stream->exchange->response_frame = call->in->pinfo->num;
        stream->exchange->response_time = call->in->pinfo->abs_ts;
        stream->exchange->status = status;
        stream->exchange->begun_frame = 0;
    }
    record = make_record(call, stream->exchange, &stream->part[HTTP2_RESPONSE]);
    tell_if_wanted(call, record);
    if (call->in->hub->known_by(stream->exchange) > 0)
        keep_record(call, record, call->in->pinfo->num);
    else
        forget_record(call, record);
}

/* The stream has ended in one direction. */
static void
finish_part(http2_call_t *call, http2_stream_t *stream, http2_part_kind_t kind)
{
    stream->part[kind].ended = true;
    if (kind == HTTP2_REQUEST) {
        tell_request(call, stream);
        return;
    }
    if (stream->part[HTTP2_REQUEST].ended || call->in->hub->known_by(stream->exchange) > 0)
        tell_response(call, stream);
    end_stream(call, stream);
}

/* --- Messages that begin --- */

static void
begin_part(http2_part_t *part, http2_head_t *head)
{
    memset(part, 0, sizeof *part);
    part->begun = true;
    part->head = *head;
}

static void
ask_for_body(const http_input_t *in, const http2_stream_t *stream, http2_part_t *part)
{
    http_glance_t glance = glance_at(in, part);

    part->wanted = in->hub->body_wanted(&glance, stream->exchange);
}

void
http2_stream_request(http2_call_t *call, uint32_t id, http2_head_t *head, bool ended, bool unread)
{
    http2_stream_t *stream;

    if (wmem_map_size(call->streams) >= MAX_STREAMS) {
        http2_head_release(head);
        return;
    }
    stream = new_stream(call->streams, id, http_exchange_new());
    stream->exchange->unread = unread;
    stream->exchange->request_frame = call->in->pinfo->num;
    stream->exchange->request_time = call->in->pinfo->abs_ts;
    begin_part(&stream->part[HTTP2_REQUEST], head);
    if (ended)
        finish_part(call, stream, HTTP2_REQUEST);
    else
        ask_for_body(call->in, stream, &stream->part[HTTP2_REQUEST]);
}

/* An answer that does not wait for the end of its request is told to those who know that from its head. */
static void
tell_of_head(http2_call_t *call, http2_stream_t *stream)
{
    http_message_t message;
    http_lines_t lines;

    fill_message(&message, &lines, call->in, stream->exchange, &stream->part[HTTP2_REQUEST]);
    call->in->hub->begins(&message);
}

static void
note_response(http2_call_t *call, http2_stream_t *stream, uint16_t status)
{
    stream->exchange->response_frame = stream->exchange->begun_frame = call->in->pinfo->num;
    stream->exchange->status = status;
    if (!stream->part[HTTP2_REQUEST].ended)
        tell_of_head(call, stream);
}

void
http2_stream_response(http2_call_t *call, http2_stream_t *stream, http2_head_t *head, bool ended)
{
    http2_part_t *part = &stream->part[HTTP2_RESPONSE];

    if (!head) {
        stream->exchange->response_frame = call->in->pinfo->num;
        end_stream(call, stream);
        return;
    }
    begin_part(part, head);
    if (head->status >= 200)
        note_response(call, stream, head->status);
    if (ended) {
        finish_part(call, stream, HTTP2_RESPONSE);
    } else if (head->status >= 200) {
        ask_for_body(call->in, stream, part);
    } else {
        if (stream->part[HTTP2_REQUEST].ended)
            tell_response(call, stream);
        release_part(part);
    }
}

void
http2_stream_finish(http2_call_t *call, http2_stream_t *stream, http2_part_kind_t kind)
{
    if (!stream->part[kind].ended)
        finish_part(call, stream, kind);
}

void
http2_stream_reset(http2_call_t *call, http2_stream_t *stream, bool by_server)
{
    if (by_server && stream->part[HTTP2_REQUEST].ended && stream->part[HTTP2_RESPONSE].begun)
        tell_response(call, stream);
    end_stream(call, stream);
}

static void
give_up_stream(void *key _U_, void *value, void *user _U_)
{
    ((http2_stream_t *)value)->exchange->unread = true;
}

void
http2_streams_give_up(wmem_map_t *streams)
{
    wmem_map_foreach(streams, give_up_stream, NULL);
}

/* --- Bodies --- */

/* A body for which there is no room is as one that nobody wants. */
static void
keep_data(http2_part_t *part, const uint8_t *bytes, int length)
{
    if (!http_budget_take((size_t)length)) {
        drop_body(part);
        part->wanted = 0;
        return;
    }
    if (!part->body)
        part->body = wmem_array_sized_new(wmem_file_scope(), 1, (unsigned)length);
    wmem_array_append(part->body, bytes, (unsigned)length);
}

/* Bodies that lie in one piece in the input that ends the message need no copy. */
static void
take_data(const http_input_t *in, http2_part_t *part, const uint8_t *bytes, int length, bool ended)
{
    bool whole = part->length == 0 && ended;

    part->length += (unsigned)length;
    if (part->length > part->wanted)
        drop_body(part);
    else if (whole)
        part->body_offset = (int)(bytes - in->bytes);
    else if (length > 0)
        keep_data(part, bytes, length);
}

void
http2_stream_data(http2_call_t *call, http2_stream_t *stream, http2_part_kind_t kind, const uint8_t *bytes, int length, bool ended)
{
    http2_part_t *part = &stream->part[kind];

    if (!part->begun || part->ended)
        return;
    take_data(call->in, part, bytes, length, ended);
    if (ended)
        finish_part(call, stream, kind);
}

/* --- Later passes --- */

static bool
record_is_of(const http2_record_t *record, const http2_call_t *call, int begin)
{
    return record->end == call->end && record->offset >= begin
        && !memcmp(record->header, call->in->bytes + record->offset, FRAME_HEADER);
}

static const http2_record_t *
record_after(const http2_record_t *record)
{
    return (const http2_record_t *)record->kept.next;
}

/* Where this packet's calls have got to. */
static const http2_record_t **
position_in_packet(const http_input_t *in, const http2_record_t *first)
{
    uint32_t key = http_input_key(in, HTTP2_POSITION);
    const http2_record_t **position = (const http2_record_t **)p_get_proto_data(in->pinfo->pool, in->pinfo, in->keeper, key);

    if (!position) {
        position = wmem_new(in->pinfo->pool, const http2_record_t *);
        *position = first;
        p_add_proto_data(in->pinfo->pool, in->pinfo, in->keeper, key, position);
    }
    return position;
}

/* The calls of a frame come in the same order in every pass; which of them a message belongs to, its bytes tell. */
void
http2_streams_later_pass(http2_call_t *call)
{
    http_input_t *in = call->in;
    const http2_record_t *record = (const http2_record_t *)http_kept_first(records[in->transport], in->pinfo->num);
    const http2_record_t **position;

    if (!record)
        return;
    position = position_in_packet(in, record);
    for (record = *position; record && !record_is_of(record, call, in->offset); record = record_after(record))
        ;
    if (!record)
        return;
    for (; record && record_is_of(record, call, in->offset); record = record_after(record))
        tell(call, record, HTTP_ALL_WANT);
    *position = record;
}
