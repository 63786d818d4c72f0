/* ftp-event-items.h
 * What happened in a packet: items, expert information, and what the taps are told of it
 *
 * Where tree is NULL, expert information and taps are all there is to do.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_EVENT_ITEMS_H
#define GAPFILL_FTP_EVENT_ITEMS_H

#include <epan/packet.h>

#include "ftp-model.h"

/* Preference: a greeting that takes longer than so many seconds is noted, 0: never. */
extern unsigned ftp_slow_banner_seconds;

void ftp_events_register(int proto);

/* The events of the frame that are of the session; flow is the connection that the packet is of. */
void ftp_events_show(const ftp_flow_t *flow, const ftp_session_t *session, packet_info *pinfo, proto_tree *tree,
        proto_item *item, tvbuff_t *tvb);

/* In later passes on the last SYN; before, on the packet that ends the wait. */
/* expect is NULL where the announcement can't be read. */
void ftp_event_unanswered(const ftp_data_t *data, const ftp_expect_t *expect, packet_info *pinfo, proto_tree *tree,
        proto_item *item, tvbuff_t *tvb);

#endif /* GAPFILL_FTP_EVENT_ITEMS_H */
