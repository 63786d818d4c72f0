/* tap-ftp-follow.h
 * -z follow,ftp_session and Follow > FTP Session: what is said on a control connection, and what is transferred in between
 *
 * N of -z follow,ftp_session,ascii,N is ftp_session.id. Bytes that were decrypted are followed like those in the clear; what was
 * sent again is left out. Where a transfer comes to its end, there is a line in brackets for it, on the server's side.
 *
 * Nothing is kept: what is queued is valid for the packet.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_FTP_FOLLOW_H
#define GAPFILL_TAP_FTP_FOLLOW_H

#include "ftp-flow.h"
#include "ftp-model.h"

void tap_ftp_follow_register(int proto);

/* A segment of a control connection in the clear. */
void tap_ftp_follow_segment(const ftp_session_t *session, flow_packet_t *packet);

/* What TLS had in it. */
void tap_ftp_follow_decrypted(const ftp_session_t *session, packet_info *pinfo, tvbuff_t *tvb);

/* The transfer's final reply is in this packet. */
void tap_ftp_follow_transfer(const ftp_transfer_t *transfer, packet_info *pinfo);

#endif /* GAPFILL_TAP_FTP_FOLLOW_H */
