/* tap-ftp-graph.h
 * Statistics > Flow Graph and -z flow,ftp_session: commands, replies and transfers as arrows
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_FTP_GRAPH_H
#define GAPFILL_TAP_FTP_GRAPH_H

#include "ftp-model.h"

void tap_ftp_graph_register(int proto);

/* A packet of a control connection: an arrow for each command and each reply that ends in it, not for lines that go on with one. */
void tap_ftp_graph_lines(const ftp_session_t *session, packet_info *pinfo);

/* The transfer's final reply is in this packet: an arrow from where the data came, with what became of it. */
void tap_ftp_graph_transfer(const ftp_transfer_t *transfer, packet_info *pinfo);

/* A packet of a data connection: an arrow where it is opened, and where its first data is. */
void tap_ftp_graph_data(const ftp_view_t *view, packet_info *pinfo);

/* What was taken for a data connection is none, as this packet tells: its arrows are gone. */
void tap_ftp_graph_take_back(const ftp_data_t *data, packet_info *pinfo);

#endif /* GAPFILL_TAP_FTP_GRAPH_H */
