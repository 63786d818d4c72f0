/* acme-http-reply.h
 * What a server sends in answer to a validator's request where no HTTP message, or no TLS, comes of it
 *
 * Sources: RFC 9293 section 3.4 (sequence numbers), RFC 9112 section 4 (status line), RFC 8446 section 5.1 (TLS records).
 * Ownership and lifetime: what is awaited is in file scope, written on the first pass only; the result is in the validation.
 * Errors: what was not captured is told from no answer (ACME_REPLY_LOST), where sequence numbers tell it; nothing is said of it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_HTTP_REPLY_H
#define GAPFILL_ACME_HTTP_REPLY_H

#include "acme-challenge.h"
#include "flow.h"
#include "http.h"

void acme_register_http_reply(void);

/* Whether anything has been awaited in this file: otherwise nothing need be called. */
extern bool acme_reply_awaited;

/* After a segment of TCP. */
void acme_reply_after(flow_packet_t *packet);

/* A request whose answer is looked at; first pass only. Nothing is done for HTTP/2 or in TLS. */
void acme_reply_await(const http_message_t *message, acme_validation_t *validation);
/* Likewise, of the ClientHello in this segment. */
void acme_reply_await_hello(flow_packet_t *packet, acme_validation_t *validation);

#endif /* GAPFILL_ACME_HTTP_REPLY_H */
