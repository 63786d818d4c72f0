/* session-outcome.h
 * What became of a conversation: the worst that happened to it
 *
 * TCP: RFC 9293, UDP: RFC 768, SCTP: RFC 9260. All is learnt on the first pass. UDP that is sent to a group or to all is
 * not expected to be answered, nor is what answers it, nor a tunnel's.
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

/* Bits of session_t.seen, by direction: packets, and those that open or close a connection. */
#define SEEN_OPENING    0x0001
#define SEEN_CLOSING    0x0004
#define SEEN_PACKET     0x0010
#define SEEN_ACCEPTED   0x0040  /* in any direction: more than an opening, or no opening at all */

#define BOTH_SIDES(bit) ((bit) * 3)

void session_judge_outcome(session_t *session, const flow_packet_t *packet);

/* Most packets of a session that has been accepted, and seen in both directions. */
static inline bool
session_learns_nothing(const session_t *session, const flow_packet_t *packet)
{
    const unsigned usual = BOTH_SIDES(SEEN_PACKET) | (packet->transport == FLOW_TCP ? SEEN_ACCEPTED : 0);
    const unsigned ends = 0x07;     /* the flags FIN, SYN and RST of TCP */

    if ((session->seen & usual) != usual || packet->quoted || packet->transport == FLOW_SCTP)
        return false;
    return packet->transport == FLOW_UDP || (packet->captured > 13 && !(packet->bytes[13] & ends));
}

/* On the first pass. */
static inline void
session_learn_outcome(session_t *session, const flow_packet_t *packet)
{
    session->last_frame = packet->pinfo->num;
    if (!session_learns_nothing(session, packet))
        session_judge_outcome(session, packet);
}

/* As of all packets so far: icmp error, refused, reset, unanswered, established. */
const char *session_outcome(const session_t *session);

/* Which side opened the connection, as direction_of() has it; -1: not in the capture. */
int session_opened_by(const session_t *session);

#endif /* GAPFILL_SESSION_OUTCOME_H */
