/* ftp-said.h
 * What was said on control connections: commands and the first lines of replies, by the packet that their ends came in
 *
 * Noted on the first pass, in file scope. Beyond the bounds of ftp-said.c nothing is noted.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_SAID_H
#define GAPFILL_FTP_SAID_H

#include "ftp-model.h"

typedef struct ftp_said {
    const ftp_session_t *session;
    const char          *line;          /* as it was sent, not terminated */
    uint32_t             frame;
    uint16_t             length;        /* of the line, in bytes */
    bool                 from_server;
} ftp_said_t;

/* A file is opened. */
void ftp_said_reset(void);

/* A command, or the first line of a reply. */
void ftp_said(const ftp_session_t *session, const packet_info *pinfo, bool from_server, const char *line, size_t length);

/* Those of this packet, count of them, one behind the other; valid until another line is noted. */
const ftp_said_t *ftp_said_in(const packet_info *pinfo, size_t *count);

/* Valid UTF-8, without what is secret. */
char *ftp_said_text(wmem_allocator_t *allocator, const ftp_said_t *said);

#endif /* GAPFILL_FTP_SAID_H */
