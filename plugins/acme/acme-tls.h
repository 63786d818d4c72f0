/* acme-tls.h
 * TLS-ALPN-01 challenges, as the roof sees them
 *
 * Source: RFC 8737. All is called by packet-acme.c; nothing is handed over.
 * Errors: there are none; without the dissectors that it looks at, nothing is shown.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_TLS_H
#define GAPFILL_ACME_TLS_H

#include <epan/expert.h>

#include "acme-tls-session.h"
#include "flow.h"

/* -1: there is none. */
extern int acme_proto_tls;

void acme_register_tls(expert_module_t *expert);
void acme_handoff_tls(void);

/* Whether a segment may be of TLS, or of a session that is known. */
static inline bool
acme_tls_may_concern(const flow_packet_t *packet)
{
    return packet->top_protocol == acme_proto_tls || acme_tls_have_sessions;
}

/* After a segment of TCP that this holds for. */
void acme_tls_after(flow_packet_t *packet);

#endif /* GAPFILL_ACME_TLS_H */
