/* tap-ftp-session.h
 * The tap of FTP sessions, and -z ftp_session,transfers
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_FTP_SESSION_H
#define GAPFILL_TAP_FTP_SESSION_H

#include <epan/packet.h>

#include "ftp-model.h"

/* What a listener gets; transfer or expect may be NULL, but not both. */
typedef struct ftp_tapped {
    const ftp_session_t  *session;
    const ftp_transfer_t *transfer;     /* or a command about a file that moves no data */
    const ftp_expect_t   *expect;
} ftp_tapped_t;

void tap_ftp_session_register(void);

/* Tells listeners that something is known of the transfer in this packet. */
void tap_ftp_session_queue(packet_info *pinfo, const ftp_transfer_t *transfer);

/* For an announcement to which a connection was refused, or none came; with the transfer, if there is one. */
void tap_ftp_session_queue_announcement(packet_info *pinfo, const ftp_expect_t *expect);

#endif /* GAPFILL_TAP_FTP_SESSION_H */
