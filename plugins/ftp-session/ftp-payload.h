/* ftp-payload.h
 * Packets of data connections
 *
 * RFC 4217 sections 7 and 9 (TLS). On the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_PAYLOAD_H
#define GAPFILL_FTP_PAYLOAD_H

#include "ftp-flow.h"
#include "ftp-model.h"

/* A segment, before Wireshark dissects it; SYNs after that. */
void ftp_payload_segment(ftp_data_t *data, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment);

/* Thereafter; by then TLS has handed on what the segment carried. */
void ftp_payload_after(ftp_data_t *data, flow_packet_t *packet, const ftp_segment_t *segment);

#endif /* GAPFILL_FTP_PAYLOAD_H */
