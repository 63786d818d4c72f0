/* session-fragments.h
 * The IPv4 and IPv6 fragments (RFC 791, RFC 8200) of a session's datagrams
 *
 * Wireshark itself looks into a datagram where its last fragment comes. It then knows the frames of the others: they are
 * noted on the first pass, with the session, and shown on later passes. Fragments that were never put together, as some are
 * missing, are of no session.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_FRAGMENTS_H
#define GAPFILL_SESSION_FRAGMENTS_H

#include "session-table.h"

/* A fragment of this session's, shown below its IP header's item; called on later passes. */
typedef void (*session_fragment_cb)(const session_t *session, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* In the handoff routine. */
void session_fragments_init(session_fragment_cb show);

/* A file is opened or closed. */
void session_fragments_reset(void);

/* After that: whether session_fragments_has() will be asked. */
void session_fragments_listen(bool from_the_start);

/* Before the transport is dissected, on the first pass: which frames its packet was put together of. */
void session_fragments_before(const flow_packet_t *packet);

/* Noted frames of packets that are still being dissected; NULL: none. */
extern struct session_pending *session_fragments_pending;

/* After it: they are of this session; NULL: of none. */
void session_fragments_own(const flow_packet_t *packet, session_t *session);

static inline void
session_fragments_after(const flow_packet_t *packet, session_t *session)
{
    if (session_fragments_pending)
        session_fragments_own(packet, session);
}

/* On the first pass: whether the frame at hand is a fragment that is not looked into. */
bool session_fragments_has(uint32_t frame);

/* It matches these filters (session-match.h), and so will the sessions of its datagram. */
void session_fragments_match(uint32_t frame, uint32_t matched);

#endif /* GAPFILL_SESSION_FRAGMENTS_H */
