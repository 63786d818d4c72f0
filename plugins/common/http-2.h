/* http-2.h
 * Messages of HTTP/2 in the bytes of a connection, responses paired with their requests by their streams
 *
 * Sources: RFC 9113 sections 3.4 (preface), 4 (frames), 5.1 (streams), 6 (frame definitions) and 8 (messages);
 * RFC 7540 section 3.2 (upgrade from HTTP/1.1). Header blocks: http-2-head.h.
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
 * State: a connection, its streams, and the messages that an observer knows or that wait for their answer, in file scope, written
 * on the first pass only. A stream that nobody knows when its answer has been told is forgotten with its exchange. Heads, and
 * bodies in pieces that an observer wants, are counted in http-budget.h.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_2_H
#define GAPFILL_HTTP_2_H

#include "http-input.h"

typedef struct http2_connection http2_connection_t;

/* Once, before any file. */
void http2_register(void);

/* A file is opened. */
void http2_init(void);

/* upgraded: the request that asked for HTTP/2 by way of HTTP/1, or NULL; client: the side that sent it. */
http2_connection_t *http2_connection_new(http_exchange_t *upgraded, unsigned client);

/* Tells all messages that end in the input, from its offset on. */
void http2_first_pass(http2_connection_t *connection, http_input_t *in);
void http2_later_pass(http_input_t *in);

#endif /* GAPFILL_HTTP_2_H */
