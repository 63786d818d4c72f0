/* session-stat.h
 * The statistics of sessions: -z session,tree
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

#define SESSION_TAP "session"

/* What the tap "session" gets for each packet of a session; allocated with the packet. */
typedef struct session_tap_info {
    uint32_t       id;
    protocol_set_t protocols;   /* seen so far, or in all if the capture has been read once */
    uint32_t       bytes;       /* of the frame */
} session_tap_info_t;

void session_stat_register(void);

#endif /* GAPFILL_SESSION_STAT_H */
