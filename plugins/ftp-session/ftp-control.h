/* ftp-control.h
 * Packets of control connections, in the clear and under TLS
 *
 * RFC 4217 (TLS), RFC 2228 (CCC). On the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_CONTROL_H
#define GAPFILL_FTP_CONTROL_H

#include "ftp-flow.h"
#include "ftp-model.h"

/* For the handoff routine. */
void ftp_control_init(void);

/* A segment, before Wireshark dissects it: its lines are read. */
void ftp_control_segment(ftp_session_t *session, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment);

/* Thereafter: what follows from it for Wireshark's dissectors, and what TLS had in it. */
void ftp_control_after(ftp_session_t *session, flow_packet_t *packet, const ftp_segment_t *segment);

#endif /* GAPFILL_FTP_CONTROL_H */
