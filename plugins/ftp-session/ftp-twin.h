/* ftp-twin.h
 * One session that was captured on both sides of a NAT
 *
 * A NAT exchanges addresses and ports, and leaves TCP's initial sequence numbers. Two control connections with the same ones, begun
 * within FTP_TWIN_SECONDS, of which one end is the same and the other is not, are one session if both sides say the same; or,
 * where each has one half only, if the acknowledgements of the one are what the other has sent.
 *
 * On the first pass only; state is in file scope, bounded for a session.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_TWIN_H
#define GAPFILL_FTP_TWIN_H

#include "ftp-flow.h"
#include "ftp-model.h"

/* A file is opened. */
void ftp_twin_reset(void);

/* For a session that is known by its greeting: the numbers before which client and server have begun. */
void ftp_twin_begin(ftp_session_t *session, uint32_t client_isn, uint32_t server_isn);

/* A segment with payload of a control connection, whose numbers the connection has not been told yet. */
void ftp_twin_segment(ftp_session_t *session, unsigned side, const ftp_segment_t *segment);

/* Whether the other one, which comes first, tells of all that this one does. */
bool ftp_twin_is_told_by_other(const ftp_session_t *session);

#endif /* GAPFILL_FTP_TWIN_H */
