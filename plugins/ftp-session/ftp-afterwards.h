/* ftp-afterwards.h
 * Data connections worked out afterwards, in clear text: their announcement was not captured, or is cut off
 *
 * Connections between the two hosts of a session that nothing explains are remembered. When a transfer without an announcement
 * ends, or the next command shows that it has, the one connection that fits it is its own: by when it was opened and carried
 * data, in which direction, and how much, where the server has named a size. Where two fit equally, or two transfers might be
 * meant, there is none.
 *
 * On the first pass only; what is remembered is in file scope, FTP_CANDIDATES_MAX for two hosts.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_AFTERWARDS_H
#define GAPFILL_FTP_AFTERWARDS_H

#include "ftp-flow.h"
#include "ftp-model.h"

/* Transfers for which packets of connections that began before the capture are looked at; almost always 0. */
extern unsigned ftp_afterwards_wanted;

/* A file is opened. */
void ftp_afterwards_reset(void);

/* Something was said in the clear. */
void ftp_afterwards_heard(ftp_session_t *session);

/* A transfer was asked for, or has begun. */
void ftp_afterwards_begin(ftp_transfer_t *transfer);

/* It has ended, by a reply, or as far as can be known: the end of the session, or another command in a one-sided capture. */
void ftp_afterwards_end(ftp_transfer_t *transfer, packet_info *pinfo, unsigned code);
void ftp_afterwards_end_latest(ftp_session_t *session, packet_info *pinfo);

/* The session has come to its end; once only. */
void ftp_afterwards_end_session(ftp_session_t *session, packet_info *pinfo);

/* Whether the packet, which no session explains, may be one of a data connection that is not known: is it worth a look? */
bool ftp_afterwards_wants(const flow_packet_t *packet, bool is_syn);

/* The server connects to FTP's default data port for a transfer without an announcement: that is one, else NULL. */
ftp_expect_t *ftp_afterwards_default(flow_packet_t *packet, const ftp_segment_t *segment);

/* Remembers its connection; NULL if it is out of the question. */
ftp_flow_t *ftp_afterwards_candidate(flow_packet_t *packet, const ftp_segment_t *segment);

#endif /* GAPFILL_FTP_AFTERWARDS_H */
