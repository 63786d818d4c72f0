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

#include <epan/tap.h>

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
    bool           is_error;    /* this packet is an ICMP error that quotes the session, not by a guess alone */
    bool           may_change;  /* in one pass: what is known of the session is not final */
    address        src;         /* shallow copies: the packet's, or those that are quoted */
    address        dst;
    uint16_t       srcport;
    uint16_t       dstport;
} session_tap_info_t;

void session_stat_register(void);

/*
 * For a tap that gets a packet: in one pass what a table says of a session is not final with the last packet that a filter for
 * statistics lets through, so before tables are drawn for the last time draw(NULL) is called. *is_set: whether that was seen to.
 */
void session_stat_before_drawing(const session_tap_info_t *info, tap_draw_cb draw, bool *is_set);

#endif /* GAPFILL_SESSION_STAT_H */
