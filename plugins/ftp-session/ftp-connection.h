/* ftp-connection.h
 * TCP connections of FTP sessions: which connection is what, what its packets tell
 *
 * All of this happens on the first pass: flows are made and hung from conversations, control
 * connections read, bytes of data connections counted. Packets of other connections are turned away
 * by ports.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_CONNECTION_H
#define GAPFILL_FTP_CONNECTION_H

#include <epan/packet.h>
#include <epan/range.h>

#include "api-bool.h"
#include "flow.h"
#include "compat.h"
#include "ftp-session.h"

/* Preferences */
extern api_bool_t ftp_recognise_by_content;
extern range_t *ftp_implicit_tls_ports;

/* For the handoff routine. */
void ftp_connection_init(void);

/* A file is opened. */
void ftp_connection_reset(void);

/* Before the TCP dissector sees the packet. */
void ftp_connection_before(flow_packet_t *packet);

/* After it, on the first pass; only for packets with a tracked port. */
void ftp_connection_after(flow_packet_t *packet);

/* What the packet, or the quoted one, belongs to; NULL if it is nothing of FTP's. */
ftp_flow_t *ftp_flow_of(flow_packet_t *packet);

bool ftp_session_is_under_tls(const ftp_session_t *session, uint32_t frame);

#endif /* GAPFILL_FTP_CONNECTION_H */
