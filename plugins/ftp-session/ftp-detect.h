/* ftp-detect.h
 * Which TCP connection is what to FTP
 *
 * All of this happens on the first pass: connections are recognised, hung from conversations, and their packets given to
 * those who read them. Packets of other connections are turned away by ports.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_DETECT_H
#define GAPFILL_FTP_DETECT_H

#include <epan/packet.h>

#include "flow.h"
#include "ftp-model.h"

/* For the handoff routine. */
void ftp_detect_init(void);

/* A file is opened. */
void ftp_detect_reset(void);

/* Before the TCP dissector sees the packet. */
void ftp_detect_before(flow_packet_t *packet);

/* After it, on the first pass; only for packets with a tracked port. What it belongs to, as ftp_flow_of() gives it. */
const ftp_flow_t *ftp_detect_after(flow_packet_t *packet);

#endif /* GAPFILL_FTP_DETECT_H */
