/* ftp-data.h
 * Data connections of FTP, and which sessions they are part of
 *
 * A data connection is one struct, whoever uses it: of a transfer between two servers (FXP) of which both control
 * connections were captured, each session has its view of it. In file scope; on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_DATA_H
#define GAPFILL_FTP_DATA_H

#include "ftp-model.h"

/* expect is NULL for one that is inferred and has yet to be confirmed. */
ftp_data_t *ftp_data_new(ftp_session_t *session, ftp_expect_t *expect, packet_info *pinfo, const address *initiator,
        uint16_t initiator_port, const address *listener, uint16_t listener_port);

void ftp_data_confirm(ftp_data_t *data);

/* It has turned out not to be a data connection. */
void ftp_data_reject(ftp_data_t *data);

/* One that is inferred has failed: confirms it, if it was opened when a data connection would be. */
void ftp_data_confirm_by_failure(ftp_data_t *data);

/* Data of the file has come from this side. */
void ftp_data_from(ftp_data_t *data, packet_info *pinfo, unsigned side);

/* By an ICMP error, which has an item of its own. */
void ftp_data_mark_refused(ftp_data_t *data);

/* The connection is refused by a reset, which leaves what was announced to another one. */
void ftp_data_refuse(ftp_data_t *data, packet_info *pinfo);

/* The side that was connected to takes the connection after all: a SYN was sent again, or the error was of one route only. */
void ftp_data_answered(ftp_data_t *data);

/* A packet with a FIN or RST; any other one. */
void ftp_data_closing(ftp_data_t *data, packet_info *pinfo, unsigned side, bool reset);
void ftp_data_settled(ftp_data_t *data, packet_info *pinfo);

/* From the first packet of a transfer's connections, of which this is the first, to their last data; false if there is none. */
bool ftp_data_duration(const ftp_data_t *data, nstime_t *duration);

#endif /* GAPFILL_FTP_DATA_H */
