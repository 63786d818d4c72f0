/* session-announce.h
 * Which session has announced another one
 *
 * Wireshark notes with a conversation that a dissector has set up for what is to come (FTP's data, RTP) the frame in which it
 * did so. Here is kept of which session the frames are that may be such: those of protocols that announce. 8 bytes a frame of
 * theirs, as long as the capture file is open; nothing for other packets.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_ANNOUNCE_H
#define GAPFILL_SESSION_ANNOUNCE_H

#include "session-protocols.h"

#define SESSION_NOT_ANNOUNCED UINT32_MAX

/* In the handoff routine. */
void session_announce_init(void);

/* A file is opened or closed. */
void session_announce_reset(void);

/* On the first pass, in order of frames. */
void session_announce_note(uint32_t frame, uint32_t session_id);

/* Whether anybody may have announced anything. */
bool session_announce_any(void);

/* Of the first packet of a session, whose conversation this is: who announced it, or SESSION_NOT_ANNOUNCED. */
uint32_t session_announce_find(const flow_packet_t *packet, const conversation_t *conversation);

#endif /* GAPFILL_SESSION_ANNOUNCE_H */
