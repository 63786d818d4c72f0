/* session-sctp.h
 * Which packets are of one SCTP association: Wireshark itself knows only if a preference is set.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_SCTP_H
#define GAPFILL_SESSION_SCTP_H

#include "flow.h"

#define SCTP_NO_SESSION UINT32_MAX

/* Forgets all associations. To be called when a file is opened or closed. */
void sctp_association_reset(void);

/* The session that the packet belongs to, or SCTP_NO_SESSION. */
uint32_t sctp_association_find(const flow_packet_t *packet);

/* For the first pass: after it, sctp_association_find() gives this session for the packet and for the others of its association. */
void sctp_association_add(const flow_packet_t *packet, uint32_t session);

#endif /* GAPFILL_SESSION_SCTP_H */
