/* ftp-export.h
 * Export Objects: the files that FTP's data connections carried
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_EXPORT_H
#define GAPFILL_FTP_EXPORT_H

#include <epan/packet.h>

#include "ftp-model.h"

void ftp_export_register(int proto);

/* A file is opened, or a list begun anew: forgets what was collected. */
void ftp_export_reset(void);

/* A TCP segment of the data connection, from the TCP header on; in each pass. */
void ftp_export_segment(const ftp_data_t *data, packet_info *pinfo, tvbuff_t *tcp);

/* What TLS records of the data connection hold; in each pass. */
void ftp_export_decrypted(const ftp_data_t *data, packet_info *pinfo, tvbuff_t *tvb);

#endif /* GAPFILL_FTP_EXPORT_H */
