/* ftp-dialogue.h
 * FTP sessions: what is said on control connections, and what that means for a session and its transfers
 *
 * RFC 959 and those in ftp-words.h. Sessions are in file scope; they change on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_DIALOGUE_H
#define GAPFILL_FTP_DIALOGUE_H

#include "ftp-model.h"

/* A file is opened. */
void ftp_dialogue_reset(void);

ftp_session_t *ftp_session_new(packet_info *pinfo, const address *client, uint16_t client_port,
        const address *server, uint16_t server_port);

/* It is FTP as far as is known, and gets its number. */
void ftp_session_confirm(ftp_session_t *session);

/* The control connection goes on under TLS. */
void ftp_session_start_tls(ftp_session_t *session, packet_info *pinfo);

/* Bytes of a segment, as in ftp-lines.h. */
void ftp_session_payload(ftp_session_t *session, packet_info *pinfo, unsigned side, uint32_t seq,
        const uint8_t *data, uint32_t captured, uint32_t length);

/* Lines in the clear begin here, after a SYN or TLS. */
void ftp_session_lines_begin(ftp_session_t *session, packet_info *pinfo, unsigned side, uint32_t seq);
void ftp_session_acked(ftp_session_t *session, packet_info *pinfo, unsigned by_side, uint32_t ack);
void ftp_session_decrypted(ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data,
        size_t length);

/* A packet with FIN or RST. */
void ftp_session_closing(ftp_session_t *session, packet_info *pinfo, unsigned side, bool reset);

#endif /* GAPFILL_FTP_DIALOGUE_H */
