/* session-later.h
 * What later passes show of a session otherwise than the first one
 *
 * Wireshark knows more of a packet when it is looked at again, and may then call it by another dissector. Where the first one tells
 * that it will, the protocols of later passes are noted beside those of the first.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_LATER_H
#define GAPFILL_SESSION_LATER_H

#include "session-table.h"

/* In no session. */
#define LATER_NOTHING (-1)

/* On the first pass: later ones show the protocol shown, and hidden no more. Some 60 bytes for such a session, in file scope. */
void session_later_note(session_t *session, int shown, int hidden);

/* On the first pass, for a session that differs_later: its protocols have changed. */
void session_later_follow(const session_t *session);

/* Those of its protocols that the pass at hand shows, or of the same conversation elsewhere, see session_protocols(). */
protocol_set_t session_protocols_now(const session_t *session, const packet_info *pinfo);

/* The same as later passes show them. */
protocol_set_t session_protocols_later(const session_t *session);

/* To be called when a file is opened or closed. */
void session_later_reset(void);

#endif /* GAPFILL_SESSION_LATER_H */
