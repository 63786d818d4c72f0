/* ftp-infer.h
 * Data connections of sessions whose control connection can not be read, as it is under TLS
 *
 * Nothing announces them, so they are told by when they are opened, between whom, and how they begin.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_INFER_H
#define GAPFILL_FTP_INFER_H

#include "flow.h"
#include "ftp-flow.h"
#include "ftp-model.h"

/*
 * The session that a new connection between two hosts may belong to: what is said on its control
 * connection cannot be read, but it was active just now. NULL: none.
 */
ftp_session_t *ftp_infer_session(const flow_packet_t *packet);

/* Whether the SYN's ports alone make it a data connection of the session. */
bool ftp_infer_by_ports(const ftp_session_t *session, const flow_packet_t *packet);

/* Whether the control connection said something right before. */
bool ftp_infer_is_prompt(const ftp_session_t *session, const flow_packet_t *packet);

/* Whether the ClientHello is for another service than the session's. */
bool ftp_infer_is_other_hello(const ftp_session_t *session, const flow_packet_t *packet, const ftp_segment_t *segment);

#endif /* GAPFILL_FTP_INFER_H */
