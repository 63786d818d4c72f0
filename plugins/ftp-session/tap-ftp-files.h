/* tap-ftp-files.h
 * The ledger: a line for each file that FTP sessions moved, over all sessions (-z ftp_session,files)
 *
 * What a listener holds is its own, and freed when it is reset.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_FTP_FILES_H
#define GAPFILL_TAP_FTP_FILES_H

void tap_ftp_files_register(void);

#endif /* GAPFILL_TAP_FTP_FILES_H */
