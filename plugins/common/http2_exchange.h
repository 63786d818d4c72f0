/* http2_exchange.h
 * The HTTP/2 half of the hub in http_exchange.c; for that alone
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP2_EXCHANGE_H
#define GAPFILL_HTTP2_EXCHANGE_H

#include "http_exchange.h"

#define HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define HTTP2_PREFACE_LENGTH 24

#define HTTP2_KEYS 3

/* A connection. In file scope, written on the first pass only. */
typedef struct http2_connection http2_connection_t;

/* The bytes of one call of the native dissector: whole frames, unless something is wrong. */
typedef struct http2_input {
    tvbuff_t      *tvb;
    packet_info   *pinfo;
    proto_tree    *tree;        /* what the native dissector was given */
    proto_node    *next;        /* its items that have not been looked at begin here */
    proto_node    *item;        /* the last one that was; NULL at first */
    unsigned       items;       /* that were */
    int            native;      /* protocol of those items */
    const uint8_t *bytes;       /* of tvb */
    int            offset;      /* of the first frame in them */
    int            end;
    bool           gap;         /* bytes are missing before these, or within them */
    unsigned       side;        /* 0 or 1, of the sender */
    int            proto;       /* under which data are kept with frames */
    uint32_t       key;         /* the first of HTTP2_KEYS for them */
} http2_input_t;

/* How the messages reach the plugins; provided by http_exchange.c. */
typedef struct http2_callbacks {
    /* Calls every observer. */
    void   (*tell)(http_message_t *message);
    /* The largest number of octets of the body that an observer wants to see. */
    unsigned (*body_wanted)(http_message_t *message);
    /* Whether an observer keeps something about the exchange. */
    bool   (*is_known)(const http_exchange_t *exchange);
} http2_callbacks_t;

/* upgraded: the request that asked for HTTP/2 by way of HTTP/1, or NULL; client: the side that sent it. */
http2_connection_t *http2_connection_new(http_exchange_t *upgraded, unsigned client);
void http2_first_pass(http2_connection_t *connection, http2_input_t *in, const http2_callbacks_t *hub);
void http2_later_pass(http2_input_t *in, const http2_callbacks_t *hub);
/* Before every file. */
void http2_init(void);

#endif /* GAPFILL_HTTP2_EXCHANGE_H */
