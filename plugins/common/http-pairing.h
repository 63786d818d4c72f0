/* http-pairing.h
 * Which request a response of HTTP/1 answers
 *
 * Source: RFC 9112 section 9.3.2: responses come in the order of the requests. Where TCP bytes are missing in either direction
 * that count is off: then only a request whose sender had acknowledged exactly the bytes before the response is taken
 * for its request, and there may be none.
 * Section 9.3 lets a server answer before it has read all of a request. Such a response is there before its request is: it belongs
 * to the next one, if the server had acknowledged the first bytes of that. In TLS that is not seen, and the request may as well be
 * one that could not be decrypted: there the next response belongs to the latest request.
 *
 * Ownership: in file scope; what is returned of a response's request is the caller's copy. Changed on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_PAIRING_H
#define GAPFILL_HTTP_PAIRING_H

#include "http-input.h"

/* A request that waits for its response. */
typedef struct http_asked {
    http_exchange_t *exchange;
    void            *record;    /* of its message; the caller's */
    uint32_t         ack;       /* of TCP, in the segment that completed the request */
    bool             head;      /* HEAD: the response has no body whatever it says */
    bool             connect;
    bool             unsure;    /* others that are not in the capture may wait before it */
    struct http_asked *next;    /* that waits; this module's */
} http_asked_t;

/* Of a connection. */
typedef struct http_pairing {
    http_asked_t *first;        /* that waits, or NULL */
    http_asked_t *last;         /* valid with first */
    uint32_t      last_ack;     /* of TCP, in the last request seen */
    http_exchange_t early;      /* what came of a request that is not complete yet; no response_frame: none */
    uint32_t      early_ack;    /* of TCP, in the segment that completed that response */
    bool          uncertain;    /* bytes are missing, and no pair has been certain since */
    bool          strange;      /* the latest response was to no request that is known */
} http_pairing_t;

/* A file is opened. */
void http_pairing_begin_file(void);

/* last_ack: what the client would acknowledge before its first request. */
void http_pairing_init(http_pairing_t *pairing, uint32_t last_ack);

/* exchange, record, head and connect are to be filled in. */
void http_pairing_request(http_pairing_t *pairing, http_input_t *in, const http_asked_t *asked);

/* A final response to no request that is known, and the exchange that it has been made part of, of which a copy is kept. */
void http_pairing_note_early(http_pairing_t *pairing, const http_input_t *in, const http_exchange_t *exchange);

/* True: a request that begins at offset has been answered already, and waits for nothing: its exchange gets the response. */
bool http_pairing_take_early(http_pairing_t *pairing, const http_input_t *in, int offset, http_exchange_t *exchange);

/* False: none that is known. The request of an interim response waits on. offset: of the response in the input. */
bool http_pairing_response(http_pairing_t *pairing, const http_input_t *in, int offset, bool interim, http_asked_t *asked);

#endif /* GAPFILL_HTTP_PAIRING_H */
