/* session-expected.h
 * What the ports of a conversation, or somebody who has announced it, let one expect; a guess until something is recognised
 *
 * Source: Wireshark's tables of ports as the user has them, and the dissectors that conversations have got.
 * Errors: -1 where nothing is known.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_EXPECTED_H
#define GAPFILL_SESSION_EXPECTED_H

#include "session-table.h"

/* In the handoff routine. */
void session_expected_init(void);

/* The number of the protocol, or -1. The same on all passes. */
int session_expected(const session_t *session, flow_packet_t *packet);

#endif /* GAPFILL_SESSION_EXPECTED_H */
