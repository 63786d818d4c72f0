/* session-reset.h
 * Whether a TCP segment has the numbers of the connection that it is captured in, as far as Wireshark's own analysis knows them
 *
 * Source: RFC 9293 sections 3.10.7.3 and 3.10.7.4. For after(), on the first pass, of packets with TCP_HEADER_TO_FLAGS bytes. Where
 * nothing is known, as with "Analyze TCP sequence numbers" switched off, a number fits.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_RESET_H
#define GAPFILL_SESSION_RESET_H

#include "flow.h"

/* In the handoff routine. */
void session_reset_init(void);

/* It acknowledges the SYN of the other side, and no more than data in that. */
bool session_acknowledges_opening(flow_packet_t *packet);

/*
 * The sequence number of this reset is not far from what the other side has acknowledged. Not just in the window: after a FIN, or
 * from a host in between, a reset that the receiver drops tells the end of the connection all the same.
 */
bool session_reset_is_near(flow_packet_t *packet);

#endif /* GAPFILL_SESSION_RESET_H */
