/* ftp-verify.h
 * Sizes that the server tells after a transfer, against what was transferred
 *
 * RFC 3659 section 4. The last 16 transfers of a session, in binary, are compared. On the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_VERIFY_H
#define GAPFILL_FTP_VERIFY_H

#include "ftp-model.h"

/* A transfer has succeeded. */
void ftp_verify_remember(ftp_transfer_t *transfer);

/* The size of a file, as told by the server when asked by this command, a constant. */
void ftp_verify_size(ftp_session_t *session, packet_info *pinfo, const char *path, const char *command, uint64_t size);

/* A digest of a file, as told by the server when asked by this command; argument is the file's name, in quotes or not. */
void ftp_verify_digest(ftp_session_t *session, packet_info *pinfo, const char *argument, const char *command,
        const ftp_told_t *told);

/* Files have changed, so that nothing told from now on is about those transfers. */
void ftp_verify_files_changed(ftp_session_t *session);

/* A file or directory has another name. */
void ftp_verify_renamed(ftp_session_t *session, const char *from, const char *to);

#endif /* GAPFILL_FTP_VERIFY_H */
