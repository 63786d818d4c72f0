/* ftp-said.h
 * What was said on control connections: commands and the first lines of replies, by the packet that their ends came in
 *
 * Text is valid UTF-8, in file scope, noted on the first pass. Beyond the bounds of ftp-said.c nothing is noted.
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
    struct ftp_said     *next;
    const ftp_session_t *session;
    bool                 from_server;
    const char          *text;          /* without what is secret */
} ftp_said_t;

/* A file is opened. */
void ftp_said_reset(void);

void ftp_said_command(const ftp_session_t *session, packet_info *pinfo, const char *line, size_t length);
void ftp_said_reply(const ftp_session_t *session, packet_info *pinfo, const char *line, size_t length);

/* The first in this packet, NULL if nothing was said there. */
const ftp_said_t *ftp_said_in(packet_info *pinfo);

#endif /* GAPFILL_FTP_SAID_H */
