/* http-2-stream.h
 * Streams of an HTTP/2 connection, and the messages on them; for http-2.c
 *
 * Sources: RFC 9113 sections 5.1 (streams) and 8.1 (messages).
 *
 * Ownership: streams are this room's, from the head of the request to the end of the answer. Messages that an observer knows are
 * kept for later passes, with their exchange; others are forgotten with their stream. All in file scope, changed on the
 * first pass only. Units: octets. Errors: a message for which there is no room (http-budget.h) is not told, a body likewise.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_2_STREAM_H
#define GAPFILL_HTTP_2_STREAM_H

#include "http-2-head.h"
#include "http-input.h"

typedef struct http2_stream http2_stream_t;

typedef enum { HTTP2_REQUEST, HTTP2_RESPONSE } http2_part_kind_t;

/* One call of the native dissector, and the frame that is being read. */
typedef struct http2_call {
    http_input_t *in;
    wmem_map_t   *streams;      /* of the connection */
    int           end;          /* of what can be read */
    int           offset;       /* of the frame's header */
    unsigned      number;       /* of the frame in its input; the preface is one */
    proto_node   *item;         /* the last one of the native dissector that was looked at; NULL at first */
    unsigned      items;        /* that were */
} http2_call_t;

/* Once, before any file. */
void http2_streams_register(void);

/* A file is opened. */
void http2_streams_init(void);

/* Of a connection. upgraded: the request on stream 1 that was sent by way of HTTP/1; or NULL. */
wmem_map_t *http2_streams_new(http_exchange_t *upgraded);

/* NULL: there is none. */
http2_stream_t *http2_stream_find(const wmem_map_t *streams, uint32_t id);

bool http2_stream_has_head(const http2_stream_t *stream, http2_part_kind_t kind);

/* The head of a request, of which this takes possession. ended: no body follows. unread: nor can the server be followed. */
void http2_stream_request(http2_call_t *call, uint32_t id, http2_head_t *head, bool ended, bool unread);

/* Likewise of a response; head is NULL if it cannot be read. */
void http2_stream_response(http2_call_t *call, http2_stream_t *stream, http2_head_t *head, bool ended);

/* A piece of the body, which lies in the input. */
void http2_stream_data(http2_call_t *call, http2_stream_t *stream, http2_part_kind_t kind, const uint8_t *bytes,
    int length, bool ended);

/* The message is over, if it was not. */
void http2_stream_finish(http2_call_t *call, http2_stream_t *stream, http2_part_kind_t kind);

/* RST_STREAM. by_server: what there is of the answer is told. */
void http2_stream_reset(http2_call_t *call, http2_stream_t *stream, bool by_server);

/* What the server sends cannot be followed any more. */
void http2_streams_give_up(wmem_map_t *streams);

/* Tells the messages that ended in this input. */
void http2_streams_later_pass(http2_call_t *call);

#endif /* GAPFILL_HTTP_2_STREAM_H */
