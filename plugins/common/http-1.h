/* http-1.h
 * Messages of HTTP/1 in the bytes of a connection
 *
 * Source: RFC 9112 sections 2 (message format), 6 (message body) and 9 (connections).
 *
 * Messages are framed here and not by Wireshark's dissector, which frames by its own pairing: it expects a body in the answer
 * to HEAD if a GET was sent behind it. Each call has whole messages, or the beginning of one that comes with the next.
 *
 * State: a connection, and the messages that an observer knows or that wait for their answer, in file scope, written on the first
 * pass only. A request that nobody knows when its answer has been told is forgotten, with the answer and their exchange.
 * Errors: what is no message is passed over.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_1_H
#define GAPFILL_HTTP_1_H

#include "http-input.h"

typedef struct http1_connection http1_connection_t;

/* How a connection goes on with HTTP/2. */
typedef struct http1_switch {
    http_exchange_t *upgraded;  /* the request that asked for it, or NULL: from the beginning, without asking */
    unsigned         client;    /* the side that did */
} http1_switch_t;

/* Once, before any file. */
void http1_register(void);

/* Before every file. */
void http1_init(void);

/* last_ack: what the client would acknowledge before its first request. */
http1_connection_t *http1_connection_new(uint32_t last_ack);

/* Tells all messages. in->offset is then where bytes begin that are none of HTTP/1. */
void http1_first_pass(http1_connection_t *connection, http_input_t *in);
void http1_later_pass(http_input_t *in);

/*
 * For the first pass, with in->consumed where a message begins of which TLS or TCP keeps the bytes until there are more. A response
 * to its request, and a request that the server may answer before it is whole, are noted.
 */
void http1_note_beginning(http1_connection_t *connection, http_input_t *in);

/* NULL: it does not. */
const http1_switch_t *http1_switched(const http1_connection_t *connection);

#endif /* GAPFILL_HTTP_1_H */
