/* ftp-commands.h
 * What commands mean when they are given; the rest comes with their replies
 *
 * RFC 959 section 4.1, RFC 1639 (LPRT), RFC 2428 (EPRT). On the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_COMMANDS_H
#define GAPFILL_FTP_COMMANDS_H

#include "ftp-model.h"

/* The client's next command: it waits for its reply from now on. */
void ftp_command_given(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command);

#endif /* GAPFILL_FTP_COMMANDS_H */
