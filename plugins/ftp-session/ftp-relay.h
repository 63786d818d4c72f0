/* ftp-relay.h
 * Data connections through the relay that carries their session: HTTP's CONNECT (RFC 9110, section 9.3.6), SOCKS 4 and 5 (RFC 1928)
 *
 * They are known by the port that the client asks the relay for. What both say before the way is open is none of the data.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_RELAY_H
#define GAPFILL_FTP_RELAY_H

#include "ftp-flow.h"
#include "ftp-model.h"

/* The client's request for an announced port begins a data connection, whose native view stays; else NULL. First pass only. */
ftp_flow_t *ftp_relay_open(flow_packet_t *packet, const ftp_segment_t *segment);

/*
 * Whether the segment is still of the talk with the relay. The relay's consent ends that: what is of it is taken off the front of a
 * segment with which data begins. First pass only.
 */
bool ftp_relay_talks(ftp_data_t *data, packet_info *pinfo, unsigned side, ftp_segment_t *segment);

#endif /* GAPFILL_FTP_RELAY_H */
