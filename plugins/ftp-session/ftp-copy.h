/* ftp-copy.h
 * Data connections whose SYN is captured again after their end
 *
 * Since Wireshark 4.4 such a SYN begins another stream (two captures merged, a mirrored port that is slow). It is none of FTP's:
 * the announcement that waits by then is that of another connection. A SYN is told by ports and sequence number, and the SYN+ACK
 * refutes it, where it has another number than the first one: the client begins all its connections with the same.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_COPY_H
#define GAPFILL_FTP_COPY_H

#include "ftp-flow.h"

/* A file is opened. */
void ftp_copy_reset(void);

/*
 * Whether the segment, whose connection is not known, belongs to such a copy. announcer: the session that has announced the
 * connection, or NULL; packets that are played back have a session of their own, and are no copies. First pass only.
 */
bool ftp_copy_is(flow_packet_t *packet, const ftp_segment_t *segment, const ftp_session_t *announcer);

#endif /* GAPFILL_FTP_COPY_H */
