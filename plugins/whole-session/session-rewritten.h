/* session-rewritten.h
 * Of which session a quote is whose addresses somebody has rewritten (NAT, RFC 3022)
 *
 * An ICMP error quotes a TCP packet as it arrived: behind a NAT that is with other addresses than those it was captured with.
 * Ports, the sequence number and one of the addresses are mostly what they were. So a quote whose own conversation has no packet in
 * the capture is of the session with the same ports and one address in common to which the number fits: not above what was sent so
 * far, not far below it. Where several fit, it is of none. UDP has no such number, and SCTP's tag does not need addresses.
 *
 * Nothing is kept until the first such quote comes; then 8 bytes for each TCP conversation and some 100 for each pair of ports, as
 * long as the capture file is open.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_REWRITTEN_H
#define GAPFILL_SESSION_REWRITTEN_H

#include "session-table.h"

/* In the handoff routine. */
void session_rewritten_init(void);

/* A file is opened or closed. */
void session_rewritten_reset(void);

/*
 * The session of a quote of TCP, on the first pass; NULL: none, or not one alone. It is certain if a segment with this very number
 * was sent and is not acknowledged yet, as far as Wireshark's analysis knows.
 */
session_t *session_rewritten_find(const flow_packet_t *packet, bool *is_certain);

/* Whether the number of a quote of TCP is far from all that this conversation, which has its addresses and ports, has sent. */
bool session_rewritten_is_refuted(const conversation_t *conversation, const flow_packet_t *packet);

/* Then: the session of another conversation with these addresses and ports to which it fits; NULL: none, or not one alone. */
session_t *session_rewritten_find_earlier(const flow_packet_t *packet);

#endif /* GAPFILL_SESSION_REWRITTEN_H */
