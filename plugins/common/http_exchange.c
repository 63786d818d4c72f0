/* http_exchange.c
 * Seeing every HTTP/1.x message, responses paired with their requests, and handing HTTP/2 to
 * http2_exchange.c; see http_exchange.h
 *
 * How HTTP is reached. Stand-ins (standin.h) are in front of the dissectors that TCP and TLS call, by whatever port table,
 * ALPN, heuristic or Decode As, and of the two heuristics, which call no handle for the first packet that they take.
 * HTTP/2 is reached in the same ways, and by HTTP itself, on its ports and after an upgrade: that is followed from there.
 *
 * What the stand-in sees. Bytes in stream order, reassembled, each once: those that the HTTP dissector
 * puts back for reassembly come again later. Messages are framed here, not there, as stock
 * Wireshark frames by its own pairing: it expects a body in the answer to HEAD if a GET was sent behind it.
 *
 * Pairing. Responses come in the order of the requests (RFC 9112 9.3.2). Where TCP bytes are missing
 * in either direction that count is off: then only a request whose sender had acknowledged exactly the bytes
 * before the response is taken for its request, and there may be none.
 *
 * State. One http_connection per TCP conversation (one more for TLS inside it), written on the
 * first pass only; the messages of a frame are its per-packet data. All in file scope.
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
#include <epan/conversation.h>
#include <epan/exceptions.h>
#include <epan/proto_data.h>
#include <epan/show_exception.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls.h>

#include "http2_exchange.h"
#include "http_exchange.h"
#include "standin.h"
#include "ws_compat.h"

/*
 * Shared by all plugins of the bundle in one process that are built from the same sources: the first that is loaded makes it and
 * leaves its address with GLib under a name with a hash of those. Never freed.
 */
#define HTTP_HUB_NAME "gapfill-http-" GAPFILL_LAYOUT

#define BODY_UNTIL_CLOSE UINT64_MAX

/* A head that stock Wireshark cuts in two is put together up to this size. */
#define MAX_CARRY 16384
/* The longest methods in use have 17 characters. */
#define MAX_METHOD 32

#define TCP_FLAG_FIN 0x01

typedef enum { OVER_TCP, OVER_TLS, HTTP2_OVER_TCP, HTTP2_OVER_TLS, TRANSPORTS } transport_t;

typedef struct http_hub {
    const http_observer_t *observers[HTTP_EXCHANGE_MAX_OBSERVERS];
    unsigned               count;
    unsigned               active[HTTP_EXCHANGE_MAX_OBSERVERS];     /* those that are switched on, by name */
    unsigned               active_count;
    int                    proto_http;
    int                    proto_http2;
    int                    callers[3];                  /* of HTTP/2: HTTP, TLS, TCP */
    int                    keeper;                      /* protocol under which frames keep their data: that of an observer */
    wmem_map_t            *connections[TRANSPORTS];     /* by conversation */
} http_hub_t;

/* Of one direction of a connection. */
typedef struct http_direction {
    bool     have_seq;
    uint32_t next_seq;          /* of TCP */
    uint64_t skip;              /* bytes of a body still to come */
    wmem_array_t *carry;        /* the beginning of a head, for the next call; or NULL */
} http_direction_t;

/* A request that waits for its response. */
typedef struct pending_request {
    http_exchange_t *exchange;
    uint32_t         ack;       /* of TCP, in the segment that completed the request */
    bool             head;      /* HEAD: the response has no body whatever it says */
    bool             connect;
    bool             unsure;    /* others that are not in the capture may wait before it */
} pending_request_t;

typedef struct http_connection {
    http_direction_t direction[2];
    wmem_list_t     *pending;
    uint32_t         last_ack;  /* of TCP, in the last request seen */
    bool             uncertain; /* bytes are missing, and no pair has been certain since */
    bool             ended;     /* switched to another protocol */
    bool             begun;     /* a message was seen */
    http2_connection_t *http2;  /* switched to that, or NULL */
} http_connection_t;

/* A message as found on the first pass. */
typedef struct message_record {
    struct message_record *next;
    http_exchange_t       *exchange;
    wmem_array_t          *carry;       /* what goes before the bytes of this call; or NULL */
    unsigned               tvb_length;  /* without that */
    unsigned               call;        /* messages of one call of the HTTP dissector have one number */
    int                    offset;
    int                    head_length;
    int                    body_length;
    uint16_t               status;
    bool                   is_request;
    bool                   interim;
    bool                   chunked;
    bool                   complete;
} message_record_t;

typedef struct frame_record {
    message_record_t *first;
    message_record_t *last;
    unsigned          calls;
} frame_record_t;

/* The bytes of one call of the HTTP dissector. */
typedef struct http_input {
    tvbuff_t          *tvb;
    packet_info       *pinfo;
    const uint8_t     *bytes;
    int                captured;
    int                consumed;        /* reported bytes that the dissector does not want to see again */
    transport_t        transport;
    bool               has_seq;
    bool               gap;             /* bytes are missing before it */
    uint32_t           seq;
    uint32_t           ack;
    bool               fin;
    uint32_t           fin_seq;         /* of the byte behind this segment */
    wmem_array_t      *carry;           /* put in front of what the dissector was given; or NULL */
    http_connection_t *connection;
    http_direction_t  *direction;
    int                http2_offset;    /* where HTTP/2 begins */
} http_input_t;

/* A message head, as far as framing needs it. */
typedef struct http_head {
    bool     is_request;
    bool     head_method;
    bool     connect_method;
    uint16_t status;
    bool     chunked;
    bool     has_length;
    bool     complete;
    bool     h2c;               /* the upgrade is to HTTP/2 */
    uint64_t length;
    int      size;
} http_head_t;

static http_hub_t *the_hub;

/* What a frame keeps, for each transport; far from the keys of the protocol that it is kept under. */
enum { KEY_FRAME, KEY_POSITION, KEY_HTTP2, KEYS = KEY_HTTP2 + HTTP2_KEYS };

static uint32_t
key_of(const http_input_t *in, unsigned what)
{
    return 0x48540000u + (unsigned)in->transport * KEYS + what;
}

/* --- Lines --- */

typedef struct http_line {
    const char *text;
    int         length;         /* without the line end */
    int         next;           /* offset of the next line */
} http_line_t;

/* False: there is no line end before end. */
static bool
get_line(const uint8_t *bytes, int offset, int end, http_line_t *line)
{
    const uint8_t *newline = offset < end ? (const uint8_t *)memchr(bytes + offset, '\n', end - offset) : NULL;

    if (!newline)
        return false;
    line->text = (const char *)bytes + offset;
    line->length = (int)(newline - (bytes + offset));
    line->next = offset + line->length + 1;
    if (line->length > 0 && line->text[line->length - 1] == '\r')
        line->length--;
    return true;
}

static bool
line_is_status(const http_line_t *line)
{
    const char *t = line->text;

    return line->length >= 12 && !memcmp(t, "HTTP/1.", 7) && g_ascii_isdigit(t[7]) && t[8] == ' '
        && g_ascii_isdigit(t[9]) && g_ascii_isdigit(t[10]) && g_ascii_isdigit(t[11])
        && (line->length == 12 || t[12] == ' ');
}

static bool
is_token_char(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static int
method_length(const http_line_t *line)
{
    int n = 0;

    while (n < line->length && is_token_char(line->text[n]))
        n++;
    return n > 0 && n < line->length && line->text[n] == ' ' ? n : 0;
}

static bool
line_is_request(const http_line_t *line)
{
    int method = method_length(line);

    return method && line->length >= method + 11 && !memcmp(line->text + line->length - 9, " HTTP/1.", 8)
        && g_ascii_isdigit(line->text[line->length - 1]);
}

/* The value of "Name: value" if the name is that one. */
static const char *
header_value(const http_line_t *line, const char *name, int *length)
{
    int n = (int)strlen(name);
    const char *value, *end = line->text + line->length;

    if (line->length <= n || line->text[n] != ':' || g_ascii_strncasecmp(line->text, name, n) != 0)
        return NULL;
    for (value = line->text + n + 1; value < end && (*value == ' ' || *value == '\t'); value++)
        ;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *length = (int)(end - value);
    return value;
}

/* --- Framing, RFC 9112 section 6 --- */

static void
read_content_length(const char *value, int length, http_head_t *head)
{
    uint64_t n = 0;

    if (length < 1 || length > 18)
        return;
    for (int i = 0; i < length; i++) {
        if (!g_ascii_isdigit(value[i]))
            return;
        n = n * 10 + (value[i] - '0');
    }
    head->has_length = true;
    head->length = n;
}

static void
read_framing_header(const http_line_t *line, http_head_t *head)
{
    static const char chunked[] = "chunked";
    const int n = (int)sizeof chunked - 1;
    const char *value;
    int length;

    if ((value = header_value(line, "Content-Length", &length)) && !head->has_length)
        read_content_length(value, length, head);
    else if ((value = header_value(line, "Transfer-Encoding", &length)))
        head->chunked = length >= n && g_ascii_strncasecmp(value + length - n, chunked, n) == 0;
    else if ((value = header_value(line, "Upgrade", &length)))
        head->h2c = length == 3 && g_ascii_strncasecmp(value, "h2c", 3) == 0;
}

static bool
read_start_line(const http_line_t *line, http_head_t *head)
{
    if (line_is_status(line)) {
        head->status = (uint16_t)((line->text[9] - '0') * 100 + (line->text[10] - '0') * 10 + line->text[11] - '0');
        return true;
    }
    if (line_is_request(line)) {
        head->is_request = true;
        head->head_method = !strncmp(line->text, "HEAD ", 5);
        head->connect_method = !strncmp(line->text, "CONNECT ", 8);
        return true;
    }
    return false;
}

/* False: no message begins here. A head that is cut off is as long as what there is. */
static bool
read_head(const uint8_t *bytes, int offset, int end, http_head_t *head)
{
    http_line_t line;
    int start = offset;

    memset(head, 0, sizeof *head);
    if (!get_line(bytes, offset, end, &line) || !read_start_line(&line, head))
        return false;
    offset = line.next;
    while (get_line(bytes, offset, end, &line)) {
        offset = line.next;
        if (line.length == 0) {
            head->complete = true;
            head->size = offset - start;
            return true;
        }
        read_framing_header(&line, head);
    }
    head->size = end - start;
    return true;
}

/* Size from a chunk's first line; -1 if it is none. */
static int64_t
chunk_size(const http_line_t *line)
{
    int64_t size = 0;
    int i;

    for (i = 0; i < line->length && g_ascii_isxdigit(line->text[i]); i++) {
        size = size * 16 + g_ascii_xdigit_value(line->text[i]);
        if (size > INT_MAX)
            return -1;
    }
    while (i < line->length && (line->text[i] == ' ' || line->text[i] == '\t'))
        i++;
    return i > 0 && (i == line->length || line->text[i] == ';') ? size : -1;
}

/* Wireshark may take the empty line that ends them for the beginning of the next message. */
static int
skip_trailers(const uint8_t *bytes, int offset, int end)
{
    http_line_t line;

    while (get_line(bytes, offset, end, &line)) {
        offset = line.next;
        if (line.length == 0)
            break;
    }
    return offset;
}

/*
 * Walks a chunked body; returns the offset behind it, -1 if it does not end, or is broken, before end.
 * The data is appended to out, if that is not NULL.
 */
static int
walk_chunks(const uint8_t *bytes, int offset, int end, wmem_array_t *out)
{
    http_line_t line;

    while (get_line(bytes, offset, end, &line)) {
        int64_t size = chunk_size(&line);

        if (size < 0)
            return -1;
        if (size == 0)
            return skip_trailers(bytes, line.next, end);
        if (size > end - line.next)
            return -1;
        if (out)
            wmem_array_append(out, bytes + line.next, (unsigned)size);
        if (!get_line(bytes, line.next + (int)size, end, &line) || line.length != 0)
            return -1;
        offset = line.next;
    }
    return -1;
}

/* Bytes of body that follow a head, BODY_UNTIL_CLOSE if that is what ends it. Not for chunked. */
static uint64_t
body_size(const http_head_t *head, const pending_request_t *request)
{
    if (!head->is_request) {
        if (head->status < 200 || head->status == 204 || head->status == 304)
            return 0;
        if (request && (request->head || (request->connect && head->status < 300)))
            return 0;
        if (!head->has_length)
            return BODY_UNTIL_CLOSE;
    }
    return head->has_length ? head->length : 0;
}

static bool
message_begins(const uint8_t *bytes, int offset, int end)
{
    http_line_t line;

    return get_line(bytes, offset, end, &line) && (line_is_status(&line) || line_is_request(&line));
}

/* Returns the bytes of the body in this input, and sets what is to come in the direction. */
static int
frame_body(http_input_t *in, const http_head_t *head, const pending_request_t *request, int offset, message_record_t *record)
{
    int end = MIN(in->captured, in->consumed);
    uint64_t size = body_size(head, request);
    uint64_t here = (uint64_t)(in->consumed - offset);

    if (head->chunked && size > 0 && head->status != 304) {
        int behind = walk_chunks(in->bytes, offset, end, NULL);

        record->chunked = true;
        record->complete = behind >= 0;
        return (behind >= 0 ? behind : in->consumed) - offset;
    }
    /* The request is not known, and may have been HEAD. */
    if (!head->is_request && !request && message_begins(in->bytes, offset, end))
        size = 0;
    if (size == BODY_UNTIL_CLOSE) {
        in->direction->skip = BODY_UNTIL_CLOSE;
        size = here;
    } else if (size > here) {
        in->direction->skip = size - here;
        record->complete = false;
        size = here;
    }
    if (in->captured - offset < (int64_t)size)
        record->complete = false;
    return (int)size;
}

/* --- Pairing --- */

static void
expect_response(http_input_t *in, const http_head_t *head, http_exchange_t *exchange)
{
    pending_request_t *request = wmem_new0(wmem_file_scope(), pending_request_t);

    request->exchange = exchange;
    request->ack = in->ack;
    request->unsure = in->gap && in->ack == in->connection->last_ack;
    request->head = head->head_method;
    request->connect = head->connect_method;
    wmem_list_append(in->connection->pending, request);
    in->connection->last_ack = in->ack;
    in->gap = false;
}

/*
 * Drops every pending request but the one, and those behind it, whose sender had acknowledged all bytes
 * before seq. Requests in one flight say the same, so the first of them is meant, if it is certain to be the first.
 */
static void
drop_unanswerable(http_connection_t *connection, uint32_t seq)
{
    wmem_list_frame_t *first;

    while ((first = wmem_list_head(connection->pending))) {
        const pending_request_t *request = (const pending_request_t *)wmem_list_frame_data(first);

        if (request->ack == seq && !request->unsure) {
            connection->uncertain = false;
            return;
        }
        wmem_list_remove_frame(connection->pending, first);
    }
}

/* The request that the response at this offset answers; it stays pending if the response is an interim one. */
static pending_request_t *
request_of_response(http_input_t *in, int offset, bool interim)
{
    http_connection_t *connection = in->connection;
    wmem_list_frame_t *first;
    pending_request_t *request;

    if (connection->uncertain && in->has_seq)
        drop_unanswerable(connection, in->seq + (uint32_t)offset);
    first = wmem_list_head(connection->pending);
    if (!first)
        return NULL;
    request = (pending_request_t *)wmem_list_frame_data(first);
    if (!interim)
        wmem_list_remove_frame(connection->pending, first);
    return request;
}

static bool
status_is_interim(uint16_t status)
{
    return status >= 100 && status < 200 && status != 101;
}

/* An upgrade to HTTP/2 is answered there. */
static bool
head_is_interim(const http_head_t *head)
{
    return status_is_interim(head->status) || (head->status == 101 && head->h2c);
}

static http_exchange_t *
start_exchange(packet_info *pinfo)
{
    http_exchange_t *exchange = wmem_new0(wmem_file_scope(), http_exchange_t);

    exchange->request_frame = pinfo->num;
    exchange->request_time = pinfo->abs_ts;
    return exchange;
}

static http_exchange_t *
finish_exchange(packet_info *pinfo, const pending_request_t *request, uint16_t status, bool interim)
{
    http_exchange_t *exchange = request ? request->exchange : wmem_new0(wmem_file_scope(), http_exchange_t);

    if (!interim) {
        exchange->response_frame = pinfo->num;
        exchange->response_time = pinfo->abs_ts;
        exchange->status = status;
    }
    return exchange;
}

/* --- First pass --- */

static bool
from_lower_end(const packet_info *pinfo)
{
    if (pinfo->srcport != pinfo->destport)
        return pinfo->srcport < pinfo->destport;
    return cmp_address(&pinfo->src, &pinfo->dst) < 0;
}

/* TCP's numbers count from the first byte, or are as sent, by preference; what is near tells which. */
static void
start_direction(http_direction_t *direction, const tcp_flow_t *flow, uint32_t near)
{
    uint32_t first = flow->base_seq + 1;

    direction->have_seq = flow->base_seq != 0;
    direction->next_seq = near - 1 <= near - first ? 1 : first;
}

/*
 * What TCP saw first tells whether messages were missed before this one. It keeps nothing of a conversation within a
 * tunnel, and to ask it for that would number one stream more.
 */
static void
start_sequences(http_connection_t *connection, conversation_t *conversation, const http_input_t *in)
{
    const struct tcp_analysis *tcpd = (const struct tcp_analysis *)conversation_get_proto_data(conversation,
            proto_get_id_by_filter_name("tcp"));
    bool lower = from_lower_end(in->pinfo);

    if (tcpd && tcpd->fwd && tcpd->rev) {
        start_direction(&connection->direction[lower], tcpd->fwd, in->seq);
        start_direction(&connection->direction[!lower], tcpd->rev, in->ack);
        connection->last_ack = connection->direction[!lower].next_seq;
    }
}

static bool
is_http2(const http_input_t *in)
{
    return in->transport == HTTP2_OVER_TCP || in->transport == HTTP2_OVER_TLS;
}

static http_connection_t *
get_connection(const http_input_t *in)
{
    conversation_t *conversation = find_or_create_conversation(in->pinfo);
    wmem_map_t *connections = the_hub->connections[in->transport];
    http_connection_t *connection = (http_connection_t *)wmem_map_lookup(connections, conversation);

    if (!connection) {
        connection = wmem_new0(wmem_file_scope(), http_connection_t);
        connection->pending = wmem_list_new(wmem_file_scope());
        wmem_map_insert(connections, conversation, connection);
        if (in->has_seq)
            start_sequences(connection, conversation, in);
        if (is_http2(in))
            connection->http2 = http2_connection_new(NULL, 0);
    }
    return connection;
}

/* A gap in the stream: a body that is running goes on behind it, and counting pairs is over. */
static void
note_gap(http_input_t *in)
{
    http_direction_t *direction = in->direction;
    uint32_t missing = in->seq - direction->next_seq;

    in->gap = true;
    in->connection->uncertain = true;
    if (direction->skip == BODY_UNTIL_CLOSE)
        return;
    if (missing < 0x80000000 && missing <= direction->skip)
        direction->skip -= missing;
    else
        direction->skip = 0;
}

/* Data that was put together when the connection closed comes with the sequence number of the FIN. */
static void
correct_sequence_at_fin(http_input_t *in)
{
    uint32_t over = in->fin_seq - in->direction->next_seq - tvb_reported_length(in->tvb);

    if (in->fin && over <= 1)
        in->seq = in->direction->next_seq;
}

static void
follow_sequence(http_input_t *in)
{
    if (!in->has_seq)
        return;
    correct_sequence_at_fin(in);
    if (in->direction->have_seq && in->seq != in->direction->next_seq)
        note_gap(in);
    in->direction->have_seq = true;
    in->direction->next_seq = in->seq + (uint32_t)in->consumed;
}

/* Returns the offset at which the next message may begin. */
static int
skip_body(http_input_t *in)
{
    uint64_t skip = MIN(in->direction->skip, (uint64_t)in->consumed);

    if (in->direction->skip != BODY_UNTIL_CLOSE)
        in->direction->skip -= skip;
    return (int)skip;
}

static void
append_record(frame_record_t *frame, message_record_t *record)
{
    if (frame->last)
        frame->last->next = record;
    else
        frame->first = record;
    frame->last = record;
}

static unsigned
carried(const http_input_t *in)
{
    return in->carry ? wmem_array_get_count(in->carry) : 0;
}

static message_record_t *
record_message(http_input_t *in, const http_head_t *head, int offset)
{
    message_record_t *record = wmem_new0(wmem_file_scope(), message_record_t);
    pending_request_t *request = NULL;

    record->carry = in->carry;
    record->tvb_length = tvb_reported_length(in->tvb) - carried(in);
    record->offset = offset;
    record->head_length = head->size;
    record->status = head->status;
    record->is_request = head->is_request;
    record->complete = true;
    if (head->is_request) {
        record->exchange = start_exchange(in->pinfo);
        expect_response(in, head, record->exchange);
    } else {
        record->interim = head_is_interim(head);
        request = request_of_response(in, offset, status_is_interim(head->status));
        record->exchange = finish_exchange(in->pinfo, request, head->status, record->interim);
        if (head->status == 101 || (request && request->connect && head->status / 100 == 2))
            in->connection->ended = true;
        if (head->status == 101 && head->h2c && request)
            in->connection->http2 = http2_connection_new(record->exchange, !from_lower_end(in->pinfo));
    }
    in->connection->begun = true;
    record->body_length = frame_body(in, head, request, offset + head->size, record);
    return record;
}

/* Empty lines before a start line are to be ignored, RFC 9112 2.2. */
static int
skip_empty_lines(const http_input_t *in, int offset, int end)
{
    while (offset < end && (in->bytes[offset] == '\r' || in->bytes[offset] == '\n'))
        offset++;
    return offset;
}

/* Puts what was carried over before the bytes of this call. */
static void
join_carry(http_input_t *in, wmem_array_t *carry)
{
    int before = (int)wmem_array_get_count(carry);
    int captured = before + in->captured;
    uint8_t *bytes = (uint8_t *)wmem_alloc(in->pinfo->pool, captured);

    memcpy(bytes, wmem_array_get_raw(carry), before);
    memcpy(bytes + before, in->bytes, in->captured);
    in->tvb = tvb_new_child_real_data(in->tvb, bytes, captured, before + (int)tvb_reported_length(in->tvb));
    in->bytes = bytes;
    in->captured = captured;
    in->consumed += before;
    in->seq -= (uint32_t)before;
    in->carry = carry;
}

/* Whether the text, which has no line end, can be the beginning of a start line: a word and what may be a target. */
static bool
may_become_start_line(const char *text, int length)
{
    int n = 0;

    while (n < length && (is_token_char(text[n]) || text[n] == '/'))
        n++;
    if (n == length)
        return n <= MAX_METHOD;
    if (n == 0 || n > MAX_METHOD || text[n] != ' ')
        return false;
    while (n < length && (g_ascii_isprint(text[n]) || (text[n] & 0x80)))
        n++;
    return n == length || (n == length - 1 && text[n] == '\r');
}

/* Whether the rest of the input is the beginning of a head, and nothing else that HTTP calls a continuation. */
static bool
may_be_head(const http_input_t *in, const http_head_t *head, int offset)
{
    http_line_t line;

    if (in->consumed - offset > MAX_CARRY || in->captured < in->consumed)
        return false;
    return head->size > 0 || (!get_line(in->bytes, offset, in->consumed, &line)
            && may_become_start_line((const char *)in->bytes + offset, in->consumed - offset));
}

static void
carry_over(http_input_t *in, int offset)
{
    int known = 0;

    /* Still the beginning of the same head: only what is new has to be added. */
    if (in->carry && offset == 0)
        known = (int)wmem_array_get_count(in->carry);
    in->direction->carry = known ? in->carry : wmem_array_sized_new(wmem_file_scope(), 1, in->consumed - offset);
    wmem_array_append(in->direction->carry, in->bytes + offset + known, in->consumed - offset - known);
}

static void
take_carry(http_input_t *in)
{
    wmem_array_t *carry = in->direction->carry;

    in->direction->carry = NULL;
    if (carry && !in->gap)
        join_carry(in, carry);
}

/* What was carried over is kept as long as a message or the next call needs it. */
static void
drop_unused_carry(http_input_t *in, const frame_record_t *frame)
{
    if (in->carry && in->carry != in->direction->carry && !(frame->last && frame->last->carry == in->carry))
        wmem_destroy_array(in->carry);
}

/* Of HTTP/2 without any upgrade, on ports of HTTP. */
static void
look_for_preface(http_input_t *in)
{
    if (!in->connection->begun && !in->connection->http2 && MIN(in->consumed, in->captured) >= HTTP2_PREFACE_LENGTH
            && !memcmp(in->bytes, HTTP2_PREFACE, HTTP2_PREFACE_LENGTH)) {
        in->connection->http2 = http2_connection_new(NULL, 0);
        in->connection->ended = true;
    }
}

static void
find_messages(http_input_t *in, frame_record_t *frame)
{
    int offset, end;
    http_head_t head;

    follow_sequence(in);
    look_for_preface(in);
    take_carry(in);
    end = MIN(in->captured, in->consumed);
    offset = skip_body(in);
    while (!in->connection->ended) {
        message_record_t *record;

        offset = skip_empty_lines(in, offset, end);
        if (offset >= end)
            break;
        read_head(in->bytes, offset, end, &head);
        if (!head.complete && may_be_head(in, &head, offset)) {
            carry_over(in, offset);
            break;
        }
        if (head.size == 0)
            break;
        record = record_message(in, &head, offset);
        record->call = frame->calls;
        append_record(frame, record);
        offset += record->head_length + record->body_length;
    }
    drop_unused_carry(in, frame);
    in->http2_offset = offset;
}

/* --- Telling the observers --- */

static void
read_request_line(http_message_t *message, const uint8_t *bytes)
{
    http_line_t line;
    int method;

    if (!get_line(bytes, message->offset, message->offset + message->head_length, &line))
        return;
    method = method_length(&line);
    message->target_offset = message->offset + method + 1;
    message->target_length = line.length - method - 1 - 9;
    message->method = wmem_strndup(message->pinfo->pool, line.text, method);
    message->target = wmem_strndup(message->pinfo->pool, line.text + method + 1, message->target_length);
}

static void
tell_one(const http_observer_t *observer, http_message_t *message, unsigned slot)
{
    const char *volatile saved = standin_speak_as(message->pinfo, proto_get_protocol_short_name(find_protocol_by_id(*observer->proto)));

    TRY {
        observer->message(message, &message->exchange->data[slot]);
    }
    CATCH_NONFATAL_ERRORS {
        show_exception(message->tvb, message->pinfo, message->tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
    message->pinfo->current_proto = saved;
}

static void
tell_all(http_message_t *message)
{
    for (unsigned i = 0; i < the_hub->active_count; i++)
        tell_one(the_hub->observers[the_hub->active[i]], message, the_hub->active[i]);
}

static unsigned
body_wanted(http_message_t *message)
{
    unsigned most = 0;

    for (unsigned i = 0; i < the_hub->active_count; i++) {
        unsigned slot = the_hub->active[i];
        unsigned wanted = the_hub->observers[slot]->body_wanted(message, message->exchange->data[slot]);

        most = MAX(most, MIN(wanted, HTTP_BODY_MAX));
    }
    return most;
}

/* Whether an observer keeps something about it. */
static bool
exchange_is_known(const http_exchange_t *exchange)
{
    for (unsigned i = 0; i < the_hub->count; i++) {
        if (exchange->data[i])
            return true;
    }
    return false;
}

bool
http_is_data_source(const packet_info *pinfo, const tvbuff_t *tvb)
{
    for (const GSList *item = pinfo->data_src; item; item = item->next) {
        if (get_data_source_tvb((const struct data_source *)item->data) == tvb)
            return true;
    }
    return false;
}

static void
tell_observers(const message_record_t *record, const http_input_t *in, proto_tree *tree)
{
    http_message_t message = {
        .exchange = record->exchange, .pinfo = in->pinfo, .tree = tree, .is_request = record->is_request,
        .status = record->status, .interim = record->interim, .complete = record->complete,
        .scheme = in->transport == OVER_TLS ? "https" : "http", .tvb = in->tvb, .offset = record->offset,
        .head_length = record->head_length, .body_length = record->body_length, .chunked = record->chunked,
    };

    if (record->is_request)
        read_request_line(&message, in->bytes);
    tell_all(&message);
    if (record->carry && exchange_is_known(record->exchange) && !http_is_data_source(in->pinfo, in->tvb))
        add_new_data_source(in->pinfo, in->tvb, "Reassembled HTTP head");
}

static bool
is_native_item(const proto_node *node)
{
    return node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == the_hub->proto_http;
}

/* The first item of HTTP from this one on. */
static proto_node *
native_item_from(proto_node *node)
{
    while (node && !is_native_item(node))
        node = node->next;
    return node;
}

/* On later passes the calls of one frame come in the same order; one that found nothing is not on record. */
static const message_record_t *
next_call_of_frame(const http_input_t *in, const frame_record_t *frame)
{
    unsigned *position = (unsigned *)p_get_proto_data(in->pinfo->pool, in->pinfo, the_hub->keeper, key_of(in, KEY_POSITION));
    const message_record_t *record = frame->first;

    if (!position) {
        position = wmem_new0(in->pinfo->pool, unsigned);
        p_add_proto_data(in->pinfo->pool, in->pinfo, the_hub->keeper, key_of(in, KEY_POSITION), position);
    }
    while (record && (record->call < *position || record->tvb_length != tvb_reported_length(in->tvb)))
        record = record->next;
    if (record)
        *position = record->call + 1;
    return record;
}

static const message_record_t *
first_pass(http_input_t *in, frame_record_t **frame_p)
{
    frame_record_t *frame = *frame_p;
    message_record_t *before;

    if (!frame) {
        frame = wmem_new0(wmem_file_scope(), frame_record_t);
        p_add_proto_data(wmem_file_scope(), in->pinfo, the_hub->keeper, key_of(in, KEY_FRAME), frame);
    }
    before = frame->last;
    in->connection = get_connection(in);
    in->direction = &in->connection->direction[from_lower_end(in->pinfo)];
    find_messages(in, frame);
    frame->calls++;
    return before ? before->next : frame->first;
}

static void
after_native_http1(http_input_t *in, proto_tree *tree, proto_node *last_before)
{
    frame_record_t *frame =
        (frame_record_t *)p_get_proto_data(wmem_file_scope(), in->pinfo, the_hub->keeper, key_of(in, KEY_FRAME));
    const message_record_t *record;
    proto_node *next = tree ? last_before ? last_before->next : tree->first_child : NULL;
    proto_tree *item = tree;

    if (!PINFO_FD_VISITED(in->pinfo))
        record = first_pass(in, &frame);
    else if (frame)
        record = next_call_of_frame(in, frame);
    else
        return;
    if (record && record->carry && !in->carry)
        join_carry(in, record->carry);
    for (unsigned call = record ? record->call : 0; record && record->call == call; record = record->next) {
        /* HTTP makes an item for each message; where it sees fewer, the last one serves. */
        next = native_item_from(next);
        if (next) {
            item = next;
            next = next->next;
        }
        tell_observers(record, in, item);
    }
}

/* --- HTTP/2 --- */

/* The bytes of a connection that is HTTP/2 from its beginning, or from this input's http2_offset on. */
static void
after_native_http2(http_input_t *in, proto_tree *tree, proto_node *last_before)
{
    static const http2_callbacks_t callbacks = { tell_all, body_wanted, exchange_is_known };
    http2_input_t http2 = {
        .tvb = in->tvb, .pinfo = in->pinfo, .tree = tree, .native = the_hub->proto_http2, .bytes = in->bytes,
        .next = tree ? last_before ? last_before->next : tree->first_child : NULL,
        .offset = in->http2_offset, .end = MIN(in->consumed, in->captured), .gap = in->gap || in->captured < in->consumed,
        .side = from_lower_end(in->pinfo), .proto = the_hub->keeper, .key = key_of(in, KEY_HTTP2),
    };

    if (PINFO_FD_VISITED(in->pinfo))
        http2_later_pass(&http2, &callbacks);
    else if (in->connection->http2)
        http2_first_pass(in->connection->http2, &http2, &callbacks);
}

static void
first_pass_http2(http_input_t *in)
{
    in->connection = get_connection(in);
    in->direction = &in->connection->direction[from_lower_end(in->pinfo)];
    follow_sequence(in);
}

static void
after_native(http_input_t *in, proto_tree *tree, proto_node *last_before)
{
    if (!is_http2(in))
        after_native_http1(in, tree, last_before);
    else if (!PINFO_FD_VISITED(in->pinfo))
        first_pass_http2(in);
    if (the_hub->proto_http2 > 0)
        after_native_http2(in, tree, last_before);
}

/* --- In front of the native dissectors --- */

static void
prepare_input(http_input_t *in, tvbuff_t *tvb, packet_info *pinfo, transport_t transport, const void *data)
{
    memset(in, 0, sizeof *in);
    in->tvb = tvb;
    in->pinfo = pinfo;
    in->transport = transport;
    if ((transport == OVER_TCP || transport == HTTP2_OVER_TCP) && data) {
        const struct tcpinfo *tcpinfo = (const struct tcpinfo *)data;

        in->has_seq = true;
        in->seq = tcpinfo->seq;
        in->ack = tcpinfo->lastackseq;
        in->fin = (tcpinfo->flags & TCP_FLAG_FIN) != 0;
        in->fin_seq = tcpinfo->nxtseq;
    }
}

/* Completes the input with what the native dissector has left to be reassembled. */
static bool
complete_input(http_input_t *in)
{
    in->captured = (int)tvb_captured_length(in->tvb);
    in->consumed = (int)tvb_reported_length(in->tvb);
    if (in->pinfo->desegment_len != 0)
        in->consumed = MIN(in->consumed, (int)in->pinfo->desegment_offset);
    if (in->consumed <= 0 || in->captured <= 0)
        return false;
    in->bytes = tvb_get_ptr(in->tvb, 0, in->captured);
    return true;
}

static bool
nobody_watches(void)
{
    return the_hub->active_count == 0;
}

static int
dissect_watched(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, transport_t transport)
{
    http_input_t in;
    proto_node *last_before = tree ? tree->last_child : NULL;
    volatile int result = 1;

    if (nobody_watches())
        return standin_call(standin, tvb, pinfo, tree, data);
    prepare_input(&in, tvb, pinfo, transport, data);
    TRY {
        result = standin_call(standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        if (result != 0 && complete_input(&in))
            after_native(&in, tree, last_before);
    }
    ENDTRY;
    return result;
}

static int dissect_http_over_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_http_over_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_http2_watched(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Those of the plugin that made the hub are used, as are the heuristics below. */
static standin_t http_tcp_standin = { .name = "http.tcp", .dissect = dissect_http_over_tcp };
static standin_t http_tls_standin = { .name = "http.tls", .dissect = dissect_http_over_tls };
static standin_t http2_standin = { .name = "http.2", .dissect = dissect_http2_watched };

static int
dissect_http_over_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_watched(&http_tcp_standin, tvb, pinfo, tree, data, OVER_TCP);
}

static int
dissect_http_over_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_watched(&http_tls_standin, tvb, pinfo, tree, data, OVER_TLS);
}

/* Called by HTTP, its bytes are followed there. */
static int
dissect_http2_watched(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    int caller = standin_nearest(pinfo, the_hub->callers, array_length(the_hub->callers));

    if (caller == the_hub->callers[0])
        return standin_call(&http2_standin, tvb, pinfo, tree, data);
    return dissect_watched(&http2_standin, tvb, pinfo, tree, data, caller == the_hub->callers[1] ? HTTP2_OVER_TLS : HTTP2_OVER_TCP);
}

static bool
heuristic_watched(const standin_heuristic_t *heuristic, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data,
        transport_t transport)
{
    http_input_t in;
    proto_node *last_before = tree ? tree->last_child : NULL;
    volatile bool accepted = true;

    if (nobody_watches())
        return heuristic->next(tvb, pinfo, tree, data);
    prepare_input(&in, tvb, pinfo, transport, data);
    TRY {
        accepted = heuristic->next(tvb, pinfo, tree, data);
    }
    FINALLY {
        if (accepted && complete_input(&in))
            after_native(&in, tree, last_before);
    }
    ENDTRY;
    return accepted;
}

static ws_heur_result_t heuristic_http_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static ws_heur_result_t heuristic_http_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static ws_heur_result_t heuristic_http2_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static ws_heur_result_t heuristic_http2_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_heuristic_t heuristics[TRANSPORTS] = {
    [OVER_TCP] = { .list = "tcp", .short_name = "http_tcp", .dissect = heuristic_http_tcp },
    [OVER_TLS] = { .list = "tls", .short_name = "http_tls", .dissect = heuristic_http_tls },
    [HTTP2_OVER_TCP] = { .list = "tcp", .short_name = "http2_tcp", .dissect = heuristic_http2_tcp },
    [HTTP2_OVER_TLS] = { .list = "tls", .short_name = "http2_tls", .dissect = heuristic_http2_tls },
};

static ws_heur_result_t
heuristic_http_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return heuristic_watched(&heuristics[OVER_TCP], tvb, pinfo, tree, data, OVER_TCP);
}

static ws_heur_result_t
heuristic_http_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return heuristic_watched(&heuristics[OVER_TLS], tvb, pinfo, tree, data, OVER_TLS);
}

/* What nobody else has claimed comes here, so nothing is done beforehand. An exception leaves a gap in what was seen. */
static ws_heur_result_t
heuristic_http2_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    proto_node *last_before = tree ? tree->last_child : NULL;
    http_input_t in;

    if (!heuristics[HTTP2_OVER_TCP].next(tvb, pinfo, tree, data))
        return false;
    prepare_input(&in, tvb, pinfo, HTTP2_OVER_TCP, data);
    if (!nobody_watches() && complete_input(&in))
        after_native(&in, tree, last_before);
    return true;
}

static ws_heur_result_t
heuristic_http2_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return heuristic_watched(&heuristics[HTTP2_OVER_TLS], tvb, pinfo, tree, data, HTTP2_OVER_TLS);
}

static void
stand_in(void)
{
    standin_add(&http_tcp_standin, find_dissector("http-over-tcp"));
    standin_add(&http_tls_standin, find_dissector("http-over-tls"));
    standin_add(&http2_standin, find_dissector("http2"));
    for (unsigned i = 0; i < TRANSPORTS; i++)
        standin_add_heuristic(&heuristics[i]);
}

/* --- The hub --- */

static const char *
observer_name(unsigned slot)
{
    return proto_get_protocol_filter_name(*the_hub->observers[slot]->proto);
}

/* A file is opened: protocols may have been switched on or off. */
static void
prepare(void)
{
    the_hub->active_count = 0;
    for (unsigned slot = 0; slot < the_hub->count; slot++) {
        unsigned place = the_hub->active_count;

        if (!standin_is_on(the_hub->observers[slot]->proto))
            continue;
        for (; place > 0 && strcmp(observer_name(slot), observer_name(the_hub->active[place - 1])) < 0; place--)
            the_hub->active[place] = the_hub->active[place - 1];
        the_hub->active[place] = slot;
        the_hub->active_count++;
    }
    http2_init();
}

static http_hub_t *
make_hub(int proto_http, int keeper)
{
    http_hub_t *hub = g_new0(http_hub_t, 1);

    hub->proto_http = proto_http;
    hub->proto_http2 = proto_get_id_by_filter_name("http2");
    hub->callers[0] = proto_http;
    hub->callers[1] = proto_get_id_by_filter_name("tls");
    hub->callers[2] = proto_get_id_by_filter_name("tcp");
    hub->keeper = keeper;
    for (unsigned i = 0; i < TRANSPORTS; i++)
        hub->connections[i] = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    the_hub = hub;
    stand_in();
    register_init_routine(prepare);
    return hub;
}

void
http_exchange_add_observer(const http_observer_t *observer)
{
    int proto_http = proto_get_id_by_filter_name("http");
    /* A protocol lives as long as libwireshark does, and is the same for all plugins. */
    const void *place = find_protocol_by_id(proto_http);

    if (!place)
        return;
    the_hub = (http_hub_t *)g_dataset_get_data(place, HTTP_HUB_NAME);
    if (!the_hub) {
        the_hub = make_hub(proto_http, *observer->proto);
        g_dataset_set_data(place, HTTP_HUB_NAME, the_hub);
    }
    for (unsigned i = 0; i < the_hub->count; i++) {
        if (the_hub->observers[i] == observer)
            return;
    }
    if (the_hub->count < HTTP_EXCHANGE_MAX_OBSERVERS)
        the_hub->observers[the_hub->count++] = observer;
}

/* --- For the observers --- */

int
http_message_length(const http_message_t *message)
{
    int64_t length = (int64_t)message->head_length + message->body_length;

    return (int)MIN(length, tvb_captured_length_remaining(message->tvb, message->offset));
}

char *
http_message_header(const http_message_t *message, const char *name)
{
    const uint8_t *head = tvb_get_ptr(message->tvb, message->offset, message->head_length);
    http_line_t line;
    int offset = 0;

    while (get_line(head, offset, message->head_length, &line)) {
        const char *value;
        int length;

        if ((value = header_value(&line, name, &length)))
            return wmem_strndup(message->pinfo->pool, value, length);
        offset = line.next;
    }
    return NULL;
}

/* Wireshark may have made the same bytes: then items should point into its data source. */
static tvbuff_t *
as_data_source(const http_message_t *message, tvbuff_t *made, const char *name)
{
    unsigned length = tvb_captured_length(made);

    for (GSList *item = message->pinfo->data_src; item; item = item->next) {
        tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)item->data);

        if (tvb != message->tvb && tvb_captured_length(tvb) == length
                && (length == 0 || !memcmp(tvb_get_ptr(tvb, 0, length), tvb_get_ptr(made, 0, length), length)))
            return tvb;
    }
    add_new_data_source(message->pinfo, made, name);
    return made;
}

static tvbuff_t *
undo_transfer_coding(const http_message_t *message, int offset)
{
    wmem_array_t *data = wmem_array_sized_new(message->pinfo->pool, 1, MAX(message->body_length, 1));

    walk_chunks(tvb_get_ptr(message->tvb, offset, message->body_length), 0, message->body_length, data);
    return tvb_new_child_real_data(message->tvb, (const uint8_t *)wmem_array_get_raw(data),
            wmem_array_get_count(data), (int)wmem_array_get_count(data));
}

static tvbuff_t *
undo_content_coding(const http_message_t *message, tvbuff_t *body, const char *coding)
{
    int length = (int)tvb_captured_length(body);

    if (!g_ascii_strcasecmp(coding, "identity"))
        return body;
    if (!g_ascii_strcasecmp(coding, "br"))
        return tvb_child_uncompress_brotli(message->tvb, body, 0, length);
    if (!g_ascii_strcasecmp(coding, "gzip") || !g_ascii_strcasecmp(coding, "x-gzip")
            || !g_ascii_strcasecmp(coding, "deflate") || !g_ascii_strcasecmp(coding, "x-deflate"))
        return tvb_child_uncompress_zlib(message->tvb, body, 0, length);
    return NULL;
}

/* The body as sent, without transfer coding; NULL: there is none, or it cannot be had. */
static tvbuff_t *
sent_body(const http_message_t *message)
{
    int offset = message->offset + message->head_length;
    int length = MIN(message->body_length, tvb_captured_length_remaining(message->tvb, offset));

    if (message->payload)
        return message->payload;
    if (length <= 0 || (message->chunked && !message->complete))
        return NULL;
    return message->chunked ? undo_transfer_coding(message, offset)
        : tvb_new_subset_length(message->tvb, offset, message->body_length);
}

static tvbuff_t *
decode_body(const http_message_t *message)
{
    const char *coding = http_message_header(message, "Content-Encoding");
    tvbuff_t *body = sent_body(message), *decoded;

    if (!body)
        return NULL;
    decoded = coding && tvb_captured_length(body) > 0 ? undo_content_coding(message, body, coding) : body;
    if (!decoded)
        return NULL;
    return decoded != body || message->chunked || message->payload_is_new
        ? as_data_source(message, decoded, "Decoded HTTP body") : decoded;
}

tvbuff_t *
http_message_body(http_message_t *message)
{
    if (!message->body_decoded) {
        message->body = decode_body(message);
        message->body_decoded = true;
    }
    return message->body;
}
