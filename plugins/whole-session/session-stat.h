/* session-stat.h
 * The statistics of sessions: -z session,tree
 *
 * Source: epan/stats_tree.h. Units: packets.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_STAT_H
#define GAPFILL_SESSION_STAT_H

#include "session-protocols.h"
#include "session-table.h"

#define SESSION_TAP "session"

/* What the tap "session" gets for each packet of a session; allocated with the packet. */
typedef struct session_tap_info {
    const session_t *session;
    protocol_set_t protocols;   /* seen so far, or in all if the capture has been read once */
    int            expected;    /* where nothing was recognised, else -1 */
    uint32_t       bytes;       /* of the frame */
    unsigned       transport;   /* FLOW_TCP, FLOW_UDP or FLOW_SCTP */
    bool           quoted;      /* by the ICMP error that this packet is */
    address        src;         /* shallow copies: the packet's, or those that are quoted */
    address        dst;
    uint16_t       srcport;
    uint16_t       dstport;
} session_tap_info_t;

void session_stat_register(void);

#endif /* GAPFILL_SESSION_STAT_H */
