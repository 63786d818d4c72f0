/* session-http.h
 * What HTTP takes for its own (RFC 9112) and shows nothing of, or not yet
 *
 * On its ports it takes what is none, elsewhere what has its version in a line, and until it has seen a message it is silent
 * about it. Without a tree its layer and that of data are there all the same.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_HTTP_H
#define GAPFILL_SESSION_HTTP_H

#include "session-table.h"
#include "tcp-header.h"

/* In the handoff routine. */
void session_http_init(void);

/* A file is opened: HTTP has no ports. */
void session_http_reset(void);

void session_http_add_port(uint16_t port);

bool session_http_uses_port(const flow_packet_t *packet);

/* Before a packet is dissected: whether it is on a port of HTTP and not certainly a message of which HTTP shows something. */
bool session_http_may_be_none(const flow_packet_t *packet);

/* Likewise: it may complete a message, of which it is the middle, where nothing of HTTP was seen. */
bool session_http_is_awaited(const session_t *session, const flow_packet_t *packet);

/*
 * Of a packet that adds HTTP to its session: a tree alone tells what of the session is data, from now on. protocols: those of
 * the session and of the packet.
 */
bool session_http_is_doubtful(const session_t *session, const flow_packet_t *packet, protocol_set_t protocols);

/* Of a packet without a tree: HTTP has taken it, and would show nothing of it. */
bool session_http_shows_nothing(const session_t *session, const flow_packet_t *packet, protocol_set_t protocols);

/* Of a packet in which nothing came above TCP: it carries something, and so far nobody has shown anything in its session. */
static inline bool
session_http_may_be_silent(const session_t *session, const flow_packet_t *packet)
{
    return session->protocols == PROTOCOL_SET_EMPTY && packet->transport == FLOW_TCP && !packet->quoted
        && packet->captured >= TCP_HEADER_TO_FLAGS && packet->captured > tcp_header_length(packet->bytes);
}

/* On the first pass: a dissector has asked TCP for more of what this packet begins with, and has shown nothing. */
void session_http_learn_that_more_is_asked_for(session_t *session, const flow_packet_t *packet);

/* Of a packet that may be silent, on the first pass: HTTP may have asked for more, or it will show data on later passes. */
void session_http_learn_from_silence(session_t *session, flow_packet_t *packet);

/* On the first pass, in a session that SESSION_KEEPS_QUIET: HTTP may have been seen by now. */
void session_http_learn_from_message(session_t *session, const flow_packet_t *packet);

#endif /* GAPFILL_SESSION_HTTP_H */
