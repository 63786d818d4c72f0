/* session-protocols.h
 * Ordered sets of protocols, each kept once however many sessions have it: a session holds a number.
 *
 * Sets live as long as the capture file is open. Adding to a set gives another set.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_PROTOCOLS_H
#define GAPFILL_SESSION_PROTOCOLS_H

#include "flow.h"

typedef uint32_t protocol_set_t;

#define PROTOCOL_SET_EMPTY 0

/* What matters of a protocol. */
#define PROTOCOL_IS_DATA        0x1     /* what Wireshark could not identify */
#define PROTOCOL_ANNOUNCES      0x2     /* other conversations */
#define PROTOCOL_CARRIES_PARTS  0x4     /* certificates and the like */
#define PROTOCOL_IS_PART        0x8     /* of those, and often nothing is shown of it */
#define PROTOCOL_USES_PIPES     0x10    /* its messages may come over several transactions of a named pipe */
#define PROTOCOL_ALTERNATES     0x40    /* with another one, as dissector of a connection */
#define PROTOCOL_ANSWERS_BY_ANOTHER 0x20        /* the conversation that a request announces is the answer to it */
#define PROTOCOL_NEEDS_TREE     0x80    /* to show what it carries, see session-learn.c */

/* In the handoff routine. */
void protocol_set_init(void);

/* After that, for each protocol that has a trait. */
void protocol_set_mark(const char *protocol, unsigned trait);

/* Forgets all sets. To be called when a file is opened. */
void protocol_set_reset(void);

/*
 * The set with those protocols added that were dissected above the transport of the packet, up to where the inside of a
 * tunnel begins.
 */
protocol_set_t protocol_set_add_layers(protocol_set_t set, const flow_packet_t *packet);

/* The same, up to this layer above the transport. */
protocol_set_t protocol_set_add_layers_to(protocol_set_t set, const flow_packet_t *packet, wmem_list_frame_t *last);

/* For after(): whether the packet carries a link or a network layer. */
bool protocol_set_is_tunnel(const flow_packet_t *packet);

/* The set with, or less, one protocol. */
protocol_set_t protocol_set_with(protocol_set_t set, int proto_id);
protocol_set_t protocol_set_without(protocol_set_t set, int proto_id);

bool protocol_set_has(protocol_set_t set, int proto_id);

/* Of all protocols in it. */
unsigned protocol_set_traits(protocol_set_t set);

/* How many protocols there are in the set, and their IDs in order of appearance. */
unsigned protocol_set_count(protocol_set_t set);
void protocol_set_list(protocol_set_t set, int *proto_ids);

#endif /* GAPFILL_SESSION_PROTOCOLS_H */
