/* http-1.c
 * Messages of HTTP/1 in the bytes of a connection; see http-1.h
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

#include "http-1.h"
#include "http-1-carry.h"
#include "http-1-head.h"
#include "http-body.h"
#include "http-budget.h"
#include "http-kept.h"
#include "http-pairing.h"
#include "http-spare.h"

#define BODY_UNTIL_CLOSE UINT64_MAX

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

typedef struct http1_direction {
    uint64_t       skip;        /* bytes of a body still to come */
    http1_carry_t *carry;       /* or NULL */
    http_exchange_t *begun;     /* of a request that is not whole yet, and that somebody knows; or NULL */
    uint32_t       begun_seq;   /* of TCP, where that begins */
} http1_direction_t;

struct http1_connection {
    http1_direction_t direction[2];
    http_pairing_t    pairing;
    bool              begun;    /* a message was seen */
    bool              ended;    /* switched to another protocol */
    bool              is_http2; /* to that */
    http1_switch_t    to_http2;
};

/* A message as found on the first pass. */
typedef struct http1_record {
    http_kept_t          kept;
    struct http1_record *next;          /* of the same call, while that lasts */
    http_exchange_t     *exchange;
    struct http1_record *asked;         /* of a final response: its request's, until told; or NULL */
    http1_carry_t       *carry;         /* what goes before the bytes of this call; or NULL */
    unsigned             tvb_length;    /* without that */
    unsigned             call;          /* messages of one call of the HTTP dissector have one number */
    unsigned             number;        /* of the message in its call */
    int                  offset;
    int                  head_length;
    int                  body_length;
    int                  method_length;
    int                  target_length;
    int                  type;          /* see http1_head_t */
    int                  type_length;
    uint16_t             status;
    bool                 is_request;
    bool                 answered;      /* a request, before it was complete: no response waits for it */
    bool                 interim;
    bool                 chunked;
    bool                 coded;
    bool                 complete;
} http1_record_t;

/* One call of the HTTP dissector. */
typedef struct http1_call {
    http_input_t       *in;
    http1_connection_t *connection;
    http1_direction_t  *direction;
    http1_carry_t      *carry;          /* put in front of what the dissector was given; or NULL */
    http1_record_t     *first;
    http1_record_t     *last;
    unsigned            number;
    unsigned            messages;
    proto_tree         *item;           /* of the last message that has one of its own */
    unsigned            items;          /* that were passed */
} http1_call_t;

/* Of frames, without TLS and with. */
static wmem_map_t *records[2];

/* Calls are counted through the file. */
static unsigned calls;

static http_spare_t spare_records;

void
http1_register(void)
{
    records[OVER_TCP] = http_kept_new();
    records[OVER_TLS] = http_kept_new();
}

void
http1_init(void)
{
    calls = 0;
    http_spare_begin(&spare_records, sizeof(http1_record_t));
    http_pairing_begin_file();
}

http1_connection_t *
http1_connection_new(uint32_t last_ack)
{
    http1_connection_t *connection = wmem_new0(wmem_file_scope(), http1_connection_t);

    http_pairing_init(&connection->pairing, last_ack);
    return connection;
}

const http1_switch_t *
http1_switched(const http1_connection_t *connection)
{
    return connection->is_http2 ? &connection->to_http2 : NULL;
}

/* --- Bodies, RFC 9112 section 6 --- */

/* Bytes of body that follow a head, BODY_UNTIL_CLOSE if that is what ends it, or chunks do, which override a length. */
static uint64_t
body_size(const http1_head_t *head, const http_asked_t *request)
{
    if (!head->is_request) {
        if (head->status < 200 || head->status == 204 || head->status == 304)
            return 0;
        if (request && (request->head || (request->connect && head->status < 300)))
            return 0;
        if (!head->has_length)
            return BODY_UNTIL_CLOSE;
    }
    if (head->chunked)
        return BODY_UNTIL_CLOSE;
    return head->has_length ? head->length : 0;
}

/* Returns the bytes of the body in this input, and sets what is to come in the direction. */
static int
frame_body(http1_call_t *call, const http1_head_t *head, const http_asked_t *request, int offset, http1_record_t *record)
{
    const http_input_t *in = call->in;
    int end = MIN(in->captured, in->consumed);
    uint64_t size = body_size(head, request);
    uint64_t here = (uint64_t)(in->consumed - offset);

    if (head->chunked && size > 0 && head->status != 304) {
        int behind = http_walk_chunks(in->bytes, offset, end, NULL);

        record->chunked = true;
        record->complete = behind >= 0;
        return (behind >= 0 ? behind : in->consumed) - offset;
    }
    /* The request is not known, and may have been HEAD. */
    if (!head->is_request && !request && http1_message_begins(in->bytes, offset, end))
        size = 0;
    if (size == BODY_UNTIL_CLOSE) {
        if (in->has_seq && !in->fin)
            record->complete = false;
        call->direction->skip = BODY_UNTIL_CLOSE;
        size = here;
    } else if (size > here) {
        call->direction->skip = size - here;
        record->complete = false;
        size = here;
    }
    if (in->captured - offset < (int64_t)size)
        record->complete = false;
    return (int)size;
}

static bool
status_is_interim(uint16_t status)
{
    return status >= 100 && status < 200 && status != 101;
}

/* An upgrade to HTTP/2 is answered there. */
static bool
head_is_interim(const http1_head_t *head)
{
    return status_is_interim(head->status) || (head->status == 101 && head->h2c);
}

/* --- Heads in two pieces --- */

static void
take_carry(http1_call_t *call)
{
    call->carry = call->direction->carry;
    call->direction->carry = NULL;
    if (call->carry && (call->in->gap || call->in->offset > 0)) {
        http1_carry_release(call->carry);
        call->carry = NULL;
    }
    if (call->carry)
        http1_carry_join(call->in, call->carry);
}

static unsigned
carried(const http1_call_t *call)
{
    return call->carry ? wmem_array_get_count(call->carry->bytes) : 0;
}

/* Still the beginning of the same head, it only needs what is new. */
static void
carry_over(http1_call_t *call, int offset)
{
    const http_input_t *in = call->in;
    int known = offset == 0 ? (int)carried(call) : 0;
    int length = in->consumed - offset - known;

    if (!http_budget_take((size_t)length))
        return;
    call->direction->carry = http1_carry_use(known ? call->carry : http1_carry_new((unsigned)length));
    wmem_array_append(call->direction->carry->bytes, in->bytes + offset + known, (unsigned)length);
}

/* --- Messages --- */

static void
forget(http1_record_t *record, http_transport_t transport)
{
    if (!record)
        return;
    http_kept_remove(records[transport], &record->kept);
    http1_carry_release(record->carry);
    http_spare_give_back(&spare_records, record);
}

/* For the later passes. */
static void
keep(http1_record_t *record, uint32_t frame, http_transport_t transport)
{
    if (record)
        http_kept_add(records[transport], &record->kept, frame);
}

/* What there is already of a request that is whole now; NULL: nothing. */
static http_exchange_t *
take_begun(const http1_call_t *call, int offset)
{
    http_exchange_t *begun = call->direction->begun;

    call->direction->begun = NULL;
    if (!begun || !call->in->has_seq || call->direction->begun_seq == call->in->seq + (uint32_t)offset)
        return begun;
    begun->unread = true;
    return NULL;
}

/* An answer that came before tells of the request from its beginning on. */
static http_exchange_t *
exchange_of_request(const http1_call_t *call, int offset)
{
    http_exchange_t *begun = take_begun(call, offset);
    http_exchange_t *exchange = begun ? begun : http_exchange_new();

    if (exchange->response_frame == 0) {
        exchange->request_frame = call->in->pinfo->num;
        exchange->request_time = call->in->pinfo->abs_ts;
    }
    return exchange;
}

static void
begin_exchange(http1_call_t *call, const http1_head_t *head, http1_record_t *record)
{
    http_exchange_t *exchange = exchange_of_request(call, record->offset);
    http_asked_t asked = { .exchange = exchange, .record = record, .head = head->head_method, .connect = head->connect_method };

    record->exchange = exchange;
    record->answered = exchange->response_frame != 0
        || http_pairing_take_early(&call->connection->pairing, call->in, record->offset, exchange);
    if (!record->answered)
        http_pairing_request(&call->connection->pairing, call->in, &asked);
}

static void
end_exchange(const packet_info *pinfo, http1_record_t *record)
{
    http_exchange_t *exchange = record->exchange;

    if (record->interim)
        return;
    exchange->response_frame = pinfo->num;
    exchange->response_time = pinfo->abs_ts;
    exchange->status = record->status;
    exchange->begun_frame = 0;
}

/* The other side has asked for what follows. */
static void
note_switch(http1_call_t *call, const http1_head_t *head, const http_asked_t *request)
{
    http1_connection_t *connection = call->connection;

    if (head->status == 101 || (request && request->connect && head->status / 100 == 2))
        connection->ended = true;
    if (head->status == 101 && head->h2c && request) {
        connection->is_http2 = true;
        connection->to_http2 = (http1_switch_t){ request->exchange, !call->in->side };
    }
}

/* The request that is not whole yet, if the response is to that: the server has got something of it. */
static http_exchange_t *
answered_beginning(const http1_connection_t *connection, const http_input_t *in)
{
    const http1_direction_t *asking = &connection->direction[!in->side];

    if (!asking->begun || asking->begun->response_frame != 0
            || (in->has_seq && (int32_t)(in->ack - asking->begun_seq) <= 0))
        return NULL;
    return asking->begun;
}

static bool
answers_beginning(const http1_call_t *call, http_asked_t *asked)
{
    *asked = (http_asked_t){ .exchange = answered_beginning(call->connection, call->in) };
    return asked->exchange != NULL;
}

/* NULL: the request is not known. */
static const http_asked_t *
find_request(http1_call_t *call, const http1_head_t *head, http1_record_t *record, http_asked_t *place)
{
    bool found = http_pairing_response(&call->connection->pairing, call->in, record->offset,
        status_is_interim(head->status), place) || answers_beginning(call, place);

    record->interim = head_is_interim(head);
    record->exchange = found ? place->exchange : http_exchange_new();
    record->asked = found && !record->interim ? (http1_record_t *)place->record : NULL;
    end_exchange(call->in->pinfo, record);
    if (!found && !record->interim)
        http_pairing_note_early(&call->connection->pairing, call->in, record->exchange);
    note_switch(call, head, found ? place : NULL);
    return found ? place : NULL;
}

static http1_record_t *
record_message(http1_call_t *call, const http1_head_t *head, int offset)
{
    http1_record_t *record = (http1_record_t *)http_spare_take(&spare_records);
    const http_asked_t *request = NULL;
    http_asked_t place;

    record->carry = http1_carry_use(call->carry);
    record->tvb_length = tvb_reported_length(call->in->tvb) - carried(call);
    record->call = call->number;
    record->number = call->messages++;
    record->offset = offset;
    record->head_length = head->size;
    record->method_length = head->method_length;
    record->target_length = head->target_length;
    record->type = head->type;
    record->type_length = head->type_length;
    record->coded = head->coded;
    record->status = head->status;
    record->is_request = head->is_request;
    record->complete = true;
    if (head->is_request)
        begin_exchange(call, head, record);
    else
        request = find_request(call, head, record, &place);
    call->connection->begun = true;
    record->body_length = frame_body(call, head, request, offset + head->size, record);
    record->kept.order = http_kept_next_order();
    if (call->first)
        call->last->next = record;
    else
        call->first = record;
    call->last = record;
    return record;
}

/* Returns the offset at which the next message may begin. */
static int
skip_body(http1_call_t *call)
{
    uint64_t skip = MIN(call->direction->skip, (uint64_t)(call->in->consumed - call->in->offset));

    if (call->direction->skip != BODY_UNTIL_CLOSE)
        call->direction->skip -= skip;
    return call->in->offset + (int)skip;
}

/* Empty lines before a start line are to be ignored, RFC 9112 2.2. */
static int
skip_empty_lines(const http_input_t *in, int offset, int end)
{
    while (offset < end && (in->bytes[offset] == '\r' || in->bytes[offset] == '\n'))
        offset++;
    return offset;
}

/* A body that is running goes on behind a gap, and counting pairs is over. */
static void
note_gap(http1_call_t *call)
{
    http1_direction_t *direction = call->direction;
    uint32_t missing = call->in->missing;

    call->connection->pairing.uncertain = true;
    if (direction->skip == BODY_UNTIL_CLOSE)
        return;
    if (missing < 0x80000000 && missing <= direction->skip)
        direction->skip -= missing;
    else
        direction->skip = 0;
}

/* Of HTTP/2 without any upgrade, on ports of HTTP. */
static void
look_for_preface(http1_call_t *call)
{
    http1_connection_t *connection = call->connection;
    int length = (int)sizeof preface - 1;

    if (!connection->begun && !connection->ended && MIN(call->in->consumed, call->in->captured) >= length
            && !memcmp(call->in->bytes, preface, length))
        connection->ended = connection->is_http2 = true;
}

static void
find_messages(http1_call_t *call)
{
    http_input_t *in = call->in;
    int end = MIN(in->captured, in->consumed);
    int offset = skip_body(call);
    http1_head_t head;

    while (!call->connection->ended) {
        const http1_record_t *record;

        offset = skip_empty_lines(in, offset, end);
        if (offset >= end)
            break;
        http1_read_head(in->bytes, offset, end, &head);
        if (!head.complete && http1_carry_is_worth(in, &head, offset)) {
            carry_over(call, offset);
            break;
        }
        if (head.size == 0)
            break;
        record = record_message(call, &head, offset);
        offset += record->head_length + record->body_length;
    }
    in->offset = offset;
}

/* --- Telling the observers --- */

static void
read_request_line(http_message_t *message, const http1_record_t *record, const http_input_t *in)
{
    const char *line = (const char *)in->bytes + record->offset;

    message->target_offset = record->offset + record->method_length + 1;
    message->target_length = record->target_length;
    http_message_copy_request(message, line, record->method_length);
}

/* HTTP makes an item for each message; where it sees fewer, the last one serves. */
static proto_tree *
item_of(http1_call_t *call, const http1_record_t *record)
{
    proto_node *item;

    while (call->items <= record->number && (item = http_input_item(call->in))) {
        call->item = item;
        call->items++;
    }
    return call->item ? call->item : call->in->tree;
}

/* Bits of the observers that want it. */
static unsigned
who_wants(const http_input_t *in, const http1_record_t *record)
{
    const char *head = (const char *)in->bytes + record->offset;
    bool is_plain = record->body_length > 0 && record->complete && !record->chunked && !record->coded;
    http_glance_t glance = {
        .pinfo = in->pinfo, .is_request = record->is_request, .interim = record->interim, .status = record->status,
        .target = record->is_request ? head + record->method_length + 1 : NULL, .target_length = (size_t)record->target_length,
        .type = record->type ? head + record->type : NULL, .type_length = (size_t)record->type_length,
        .body_length = record->body_length, .body = is_plain ? (const uint8_t *)head + record->head_length : NULL,
    };

    return in->hub->who_wants(&glance, record->exchange);
}

static void
tell(http1_call_t *call, const http1_record_t *record, unsigned wanting)
{
    const http_input_t *in = call->in;
    http_lines_t lines;
    http_message_t message = {
        .exchange = record->exchange, .pinfo = in->pinfo, .tree = item_of(call, record), .is_request = record->is_request,
        .status = record->status, .interim = record->interim, .complete = record->complete,
        .scheme = in->transport == OVER_TLS ? "https" : "http", .tvb = in->tvb, .offset = record->offset,
        .lines = &lines, .head_length = record->head_length, .body_length = record->body_length, .chunked = record->chunked,
    };

    http_lines_begin(&lines);
    if (record->is_request)
        read_request_line(&message, record, in);
    in->hub->tell(&message, wanting);
    if (record->carry && in->hub->known_by(record->exchange) > message.unproved && !http_is_data_source(in->pinfo, in->tvb))
        add_new_data_source(in->pinfo, in->tvb, "Reassembled HTTP head");
}

static void
forget_beginning(http1_connection_t *connection, const http_exchange_t *exchange)
{
    for (unsigned side = 0; side < 2; side++) {
        if (connection->direction[side].begun == exchange)
            connection->direction[side].begun = NULL;
    }
}

/*
 * What somebody knows is kept. A message that is told, and nobody wants, need not be told again. A request waits until its answer
 * says so.
 */
static void
keep_or_forget(http1_call_t *call, http1_record_t *record)
{
    http_exchange_t *exchange = record->exchange;
    http_transport_t transport = call->in->transport;
    bool interim = record->interim;

    if (call->in->hub->known_by(exchange) > 0) {
        keep(record->asked, exchange->request_frame, transport);
        keep(record, call->in->pinfo->num, transport);
    } else if (!record->is_request || record->answered) {
        forget(record->asked, transport);
        forget(record, transport);
        forget_beginning(call->connection, exchange);
        if (!interim)
            http_exchange_free(exchange);
    }
}

void
http1_first_pass(http1_connection_t *connection, http_input_t *in)
{
    http1_call_t call = {
        .in = in, .connection = connection, .direction = &connection->direction[in->side], .number = calls++
    };
    http1_record_t *record, *next;
    unsigned wanting;

    if (in->gap)
        note_gap(&call);
    look_for_preface(&call);
    take_carry(&call);
    find_messages(&call);
    for (record = call.first; record; record = next) {
        next = record->next;
        wanting = who_wants(in, record);
        if (wanting)
            tell(&call, record, wanting);
        keep_or_forget(&call, record);
    }
    http1_carry_release(call.carry);
}

/* --- Messages of which only the beginning is there --- */

static void
note_request(http1_connection_t *connection, http_input_t *in, const http1_head_t *head)
{
    http1_direction_t *direction = &connection->direction[in->side];
    http_exchange_t *exchange = http_exchange_new();
    http1_record_t record = {
        .offset = in->consumed, .method_length = head->method_length, .target_length = head->target_length
    };
    http_lines_t lines;
    http_message_t message = {
        .exchange = exchange, .pinfo = in->pinfo, .is_request = true, .tvb = in->tvb, .offset = in->consumed, .lines = &lines,
        .scheme = in->transport == OVER_TLS ? "https" : "http", .head_length = head->size,
    };

    http_lines_begin(&lines);
    read_request_line(&message, &record, in);
    exchange->request_frame = in->pinfo->num;
    exchange->request_time = in->pinfo->abs_ts;
    in->hub->begins(&message);
    if (in->hub->known_by(exchange) == 0) {
        http_exchange_free(exchange);
        return;
    }
    direction->begun = exchange;
    direction->begun_seq = in->seq + (uint32_t)in->consumed;
}

/* To the first request that waits, or to the one that is being sent. */
static void
note_response(const http1_connection_t *connection, const http_input_t *in, uint16_t status)
{
    const http_pairing_t *pairing = &connection->pairing;
    http_exchange_t *exchange = pairing->first ? pairing->uncertain ? NULL : pairing->first->exchange
        : answered_beginning(connection, in);

    if (status < 200 || !exchange || in->hub->known_by(exchange) == 0)
        return;
    exchange->begun_frame = in->pinfo->num;
    exchange->status = status;
}

/* The dissector may look at the same beginning several times. */
void
http1_note_beginning(http1_connection_t *connection, http_input_t *in)
{
    http1_head_t head;

    if (connection->ended || !http1_read_head(in->bytes, in->consumed, in->captured, &head))
        return;
    if (!head.is_request)
        note_response(connection, in, head.status);
    else if (head.complete && !connection->direction[in->side].begun)
        note_request(connection, in, &head);
}

/* --- Later passes --- */

/* The calls of one frame come in the same order in every pass; one that found nothing is not on record. */
static const http1_record_t *
next_call_of_frame(const http_input_t *in, const http1_record_t *record)
{
    uint32_t key = http_input_key(in, HTTP1_POSITION);
    unsigned *position = (unsigned *)p_get_proto_data(in->pinfo->pool, in->pinfo, in->keeper, key);

    if (!position) {
        position = wmem_new0(in->pinfo->pool, unsigned);
        p_add_proto_data(in->pinfo->pool, in->pinfo, in->keeper, key, position);
    }
    while (record && (record->call < *position || record->tvb_length != tvb_reported_length(in->tvb)))
        record = (const http1_record_t *)record->kept.next;
    if (record)
        *position = record->call + 1;
    return record;
}

void
http1_later_pass(http_input_t *in)
{
    const http1_record_t *record = (const http1_record_t *)http_kept_first(records[in->transport], in->pinfo->num);
    http1_call_t call = { .in = in };

    if (record)
        record = next_call_of_frame(in, record);
    if (!record)
        return;
    if (record->carry)
        http1_carry_join(in, record->carry);
    for (call.number = record->call; record && record->call == call.number; record = (const http1_record_t *)record->kept.next)
        tell(&call, record, HTTP_ALL_WANT);
}
