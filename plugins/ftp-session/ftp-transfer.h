/* ftp-transfer.h
 * Commands that move data, and what comes of them
 *
 * RFC 959 section 4.1.3; RFC 3659 (MLSD, REST, SIZE). In file scope; on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_TRANSFER_H
#define GAPFILL_FTP_TRANSFER_H

#include "ftp-model.h"

/* Called whenever a transfer gets its announcement, or its connection. */
extern void (*ftp_transfer_attached_cb)(const ftp_transfer_t *transfer);

/* The command was given; its place in the queue of those without a reply is the session's last. NULL: the capture has too many. */
ftp_transfer_t *ftp_transfer_new(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command);

/* A reply tells of one that was not known as such, or whose command was not captured: name is NULL and frame 0. NULL as above. */
ftp_transfer_t *ftp_transfer_new_late(ftp_session_t *session, packet_info *pinfo, const char *name, uint32_t frame,
        const nstime_t *given);

/* The server has come to it: what is set by now holds for it. */
void ftp_transfer_begin(ftp_transfer_t *transfer);

void ftp_transfer_attach(ftp_transfer_t *transfer, ftp_expect_t *expect);

/* A preliminary reply, a final one, and what takes the place of one but can not be read. */
void ftp_transfer_start(ftp_transfer_t *transfer, packet_info *pinfo, const ftp_reply_t *reply);
void ftp_transfer_finish(ftp_transfer_t *transfer, packet_info *pinfo, const ftp_reply_t *reply);
void ftp_transfer_fail(ftp_transfer_t *transfer, packet_info *pinfo);

/* Its reply was not captured, and will not come any more. */
void ftp_transfer_forget(ftp_transfer_t *transfer);

/* Data has come: whether from the side that should send it. */
void ftp_transfer_check_direction(const ftp_view_t *view, packet_info *pinfo);

/* Its data connection was closed. */
void ftp_transfer_data_closed(ftp_transfer_t *transfer, packet_info *pinfo, bool reset);

/* The control connection was: all that are open. */
void ftp_transfer_end_of_session(ftp_session_t *session, packet_info *pinfo);

#endif /* GAPFILL_FTP_TRANSFER_H */
