/* session-outcome.h
 * What became of a conversation: the worst that happened to it
 *
 * TCP: RFC 9293, UDP: RFC 768, SCTP: RFC 9260. All is learnt on the first pass. UDP that is sent to a group or to all is
 * not expected to be answered, nor is what answers it, nor a tunnel's. What opens a connection and its answer alone are
 * unanswered, as the answer is. A reset counts if its number fits the connection, until both sides go on after it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_OUTCOME_H
#define GAPFILL_SESSION_OUTCOME_H

#include "session-table.h"
#include "tcp-header.h"

/* Bits of session_t.seen, others are in session-outcome.c. By direction: packets, and those that open or close a connection. */
#define SEEN_OPENING    0x0001
#define SEEN_CLOSING    0x0004
#define SEEN_PACKET     0x0010
#define SEEN_ACCEPTED   0x0040  /* in any direction: what only a connection that is established carries */
#define SEEN_REFUSED    0x0080
#define SEEN_RESET      0x0100
#define SEEN_RESETS     (SEEN_REFUSED | SEEN_RESET)

#define BOTH_SIDES(bit) ((bit) * 3)

void session_judge_outcome(session_t *session, flow_packet_t *packet);

/* Most packets of a session that has been accepted, seen in both directions, and not reset. */
static inline bool
session_learns_nothing(const session_t *session, const flow_packet_t *packet)
{
    const unsigned usual = BOTH_SIDES(SEEN_PACKET) | (packet->transport == FLOW_TCP ? SEEN_ACCEPTED : 0);

    if ((session->seen & (usual | SEEN_RESETS)) != usual || packet->quoted || packet->transport == FLOW_SCTP)
        return false;
    return packet->transport == FLOW_UDP || (packet->captured >= TCP_HEADER_TO_FLAGS
        && !(tcp_header_flags(packet->bytes) & (TH_FIN | TH_SYN | TH_RST)));
}

/* On the first pass. */
static inline void
session_learn_outcome(session_t *session, flow_packet_t *packet)
{
    session->last_frame = packet->pinfo->num;
    if (!session_learns_nothing(session, packet))
        session_judge_outcome(session, packet);
}

/*
 * As of all packets so far: icmp error, refused, reset, unanswered, established. NULL: nothing of the conversation itself was
 * captured that tells, as where a redirect quotes it.
 */
const char *session_outcome(const session_t *session);

/* Which side opened the connection, as direction_of() has it; -1: not in the capture. */
int session_opened_by(const session_t *session);

#endif /* GAPFILL_SESSION_OUTCOME_H */
