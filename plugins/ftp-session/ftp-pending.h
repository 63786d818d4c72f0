/* ftp-pending.h
 * Commands that wait for their final replies, in order (RFC 959, section 5.4)
 *
 * The command at the head is the one that the server is at. At most 512 wait; the oldest is forgotten first.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_PENDING_H
#define GAPFILL_FTP_PENDING_H

#include "ftp-model.h"

/* The command at this place of the session's queue, which has one there. Valid until the next one is added. */
ftp_pending_t *ftp_pending_at(ftp_session_t *session, unsigned place);

/* A new one behind all others, zeroed. */
ftp_pending_t *ftp_pending_add(ftp_session_t *session);

/* Takes one out; with the first, the server comes to the next one. */
void ftp_pending_drop(ftp_session_t *session, unsigned place);
void ftp_pending_remove(ftp_session_t *session, unsigned place);

/* The server has come to the command at the head. */
void ftp_pending_begin(ftp_session_t *session);

#endif /* GAPFILL_FTP_PENDING_H */
