/* session-outcome.h
 * What became of a conversation: the worst that happened to it
 *
 * TCP: RFC 9293, UDP: RFC 768, SCTP: RFC 9260. All is learnt on the first pass. UDP that is sent to a group or to all is
 * not expected to be answered.
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

/* On the first pass. */
void session_learn_outcome(session_t *session, const flow_packet_t *packet);

/* As of all packets so far: icmp error, refused, reset, unanswered, established. */
const char *session_outcome(const session_t *session);

/* Which side opened the connection, as direction_of() has it; -1: not in the capture. */
int session_opened_by(const session_t *session);

#endif /* GAPFILL_SESSION_OUTCOME_H */
