/* session-group.h
 * Who has sent UDP to a group or to all, and so may be answered by anybody
 *
 * An answer to such a datagram comes from another address than the datagram went to, so Wireshark makes it a conversation of its
 * own, in which nothing comes back (DHCP: RFC 2131, LLMNR: RFC 4795, SSDP: UPnP Device Architecture 2.0 section 1.3). Where
 * both ports are the same, as in NetBIOS, an answer cannot be told from a request.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_GROUP_H
#define GAPFILL_SESSION_GROUP_H

#include "flow.h"

/* Whether the packet, which carries no link layer, goes to a group or to all, by its own address or in a frame that does. */
bool session_group_is_for(const flow_packet_t *packet);

/* On the first pass: a packet that is for a group. Some 60 bytes for each address and port, until the file is closed. */
void session_group_note(const flow_packet_t *packet);

/* Whether it goes to an address and port that has sent to a group, or to a port from which somebody without an address has. */
bool session_group_is_answer(const flow_packet_t *packet);

/* To be called when a file is opened or closed. */
void session_group_reset(void);

#endif /* GAPFILL_SESSION_GROUP_H */
