/* ftp-accepted.h
 * What a command changes in its session once the server has accepted it
 *
 * RFC 959 section 5.4; RFC 2228, 2389, 2428, 3659 and 4217 for later commands. First pass only; what is kept is in file scope.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_ACCEPTED_H
#define GAPFILL_FTP_ACCEPTED_H

#include "ftp-model.h"

/* The final reply is 2yz or 3yz, and the command is none that moves data or is about a file. */
void ftp_accepted(ftp_session_t *session, packet_info *pinfo, const ftp_pending_t *command, const ftp_reply_t *reply);

/* The session begins here, or begins anew. */
void ftp_accepted_know_defaults(ftp_session_t *session);

/* The reply to it is missing. */
void ftp_accepted_perhaps(ftp_session_t *session, const ftp_pending_t *command);

/* Lines are missing that may have changed them: TYPE, MODE and the like; in the second one the directory as well. */
void ftp_accepted_forget_settings(ftp_session_t *session);
void ftp_accepted_start_over(ftp_session_t *session);

/* Sizes and digests that were told of files hold no more. */
void ftp_accepted_files_changed(ftp_session_t *session);

#endif /* GAPFILL_FTP_ACCEPTED_H */
