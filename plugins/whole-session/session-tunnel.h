/* session-tunnel.h
 * Telling apart conversations with the same addresses and ports in different tunnels.
 *
 * Sources: those of the tunnels, see session-tunnel.c. A number is a hash of what tells a tunnel, the same in both
 * directions and on all passes. Nothing is kept. Errors: a header that is cut short is outside of any tunnel.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_TUNNEL_H
#define GAPFILL_SESSION_TUNNEL_H

#include "flow.h"

#define TUNNEL_NONE 1

extern int proto_session;

/* In the handoff routine. */
void tunnel_init(void);

/* A file is opened or closed. */
void tunnel_forget(void);

/* The tunnels around what is being dissected that are no transport's. */
extern uint32_t tunnel_current;

uint32_t tunnel_of_inner_packet(const flow_packet_t *packet);

/*
 * A number for the tunnels that the packet is in, never 0; TUNNEL_NONE outside of any.
 * Only to be called for the packet whose callback is running.
 */
static inline uint32_t
tunnel_of_packet(const flow_packet_t *packet)
{
    return packet->outer ? tunnel_of_inner_packet(packet) : tunnel_current;
}

#endif /* GAPFILL_SESSION_TUNNEL_H */
