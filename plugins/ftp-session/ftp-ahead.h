/* ftp-ahead.h
 * Replies that were captured before the commands that they answer
 *
 * The two directions of a connection may come into a capture by different ways, and out of order. A segment of the server's
 * says how much of the client's it had got (RFC 9293, section 3.4): if that is more than was captured so far, its lines wait, as
 * they would be taken for answers to other commands. To be called on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_AHEAD_H
#define GAPFILL_FTP_AHEAD_H

#include "ftp-flow.h"
#include "ftp-model.h"

/* Whether the segment is kept for later: a copy in file scope. */
bool ftp_ahead_keep(ftp_session_t *session, const packet_info *pinfo, unsigned side, const ftp_segment_t *segment);

/* Before a segment is read or kept: what has waited in vain is read now, as what it waits for was not captured. */
void ftp_ahead_give_up(ftp_session_t *session, packet_info *pinfo, unsigned side, const ftp_segment_t *segment);

/* After it was read: so is what has waited for it. */
void ftp_ahead_follow(ftp_session_t *session, packet_info *pinfo);

#endif /* GAPFILL_FTP_AHEAD_H */
