/* session-learn.h
 * Which protocols a packet adds to its session, so that a session names just what its packets show when they are looked at
 *
 * What Wireshark lists as a packet's layers depends on whether a tree is built: only with one it takes the layers of
 * dissectors away again that have shown nothing. On the first of two passes it builds none, so one is asked for (flow.h) for
 * packets where that happens: after a dissector has asked TCP for more, on HTTP's ports until something is recognised, and
 * where certificates are to be expected.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_LEARN_H
#define GAPFILL_SESSION_LEARN_H

#include "session-table.h"

/* In the handoff routine. */
void session_learn_init(void);

/* A file is opened, in which sessions are wanted or not. */
void session_learn_reset(bool wanted);

/* After a packet was dissected, on the first pass. */
void session_learn_protocols(session_t *session, flow_packet_t *packet);

#endif /* GAPFILL_SESSION_LEARN_H */
