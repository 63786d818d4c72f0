/* flow-note.h
 * What whole-session keeps of a conversation where flow.h knows it: a note for each direction, quick to find
 *
 * For whole-session alone. A note lasts until another conversation takes its place, or the file is closed: what is noted has to
 * be found otherwise, too.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FLOW_NOTE_H
#define GAPFILL_FLOW_NOTE_H

#include <epan/packet.h>

/* Of flow.h. */
typedef struct flow_known flow_known_t;
typedef struct flow_packet flow_packet_t;

/*
 * What flow_conversation() gives, with its note; NULL where not even the ports were captured. Valid until another packet is
 * looked up, so during a callback only the packet that it was called for may be.
 */
flow_known_t *flow_known(flow_packet_t *packet);

/*
 * For before() on the first pass: what is known already of a conversation that had a packet lately, without a search; the
 * conversation may be missing. NULL says nothing.
 */
const flow_known_t *flow_peek(flow_packet_t *packet);

/*
 * For after() on the first pass: whether the packet is the first one of a new conversation, whose stream then has
 * the number packet->streams. Not all such are recognised. It spares Wireshark's search for what cannot have a note.
 */
bool flow_begins_stream(const flow_packet_t *packet);

/* Then: the note of both directions. */
void flow_begin_note(flow_packet_t *packet, void *note);

/* Whether Wireshark may keep an announcement of what is to come, of which an address or a port is open. */
bool flow_may_be_announced(void);

/* As flow_known(), but where there is a note the conversation is not looked for. */
flow_known_t *flow_noted(flow_packet_t *packet);

#endif /* GAPFILL_FLOW_NOTE_H */
