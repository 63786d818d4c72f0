/* acme-tls-alert.h
 * Alerts of TLS that are not encrypted
 *
 * Sources: RFC 5246 section 7.2, RFC 8446 section 6. Ownership: names are in the pool. Errors: there are none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_TLS_ALERT_H
#define GAPFILL_ACME_TLS_ALERT_H

#include <epan/packet.h>

#include "acme-tls-handshake.h"

/* Whether the payload of a segment begins with an alert in the clear. */
bool acme_tls_is_alert(tvbuff_t *payload);
/*
 * Of such an alert: the handshake goes on after a warning, as servers that do not know a name may send, but not after
 * close_notify.
 */
bool acme_tls_is_warning(tvbuff_t *payload);
/* "unrecognized_name"; "alert 99". */
const char *acme_tls_alert_name(wmem_allocator_t *pool, int alert);

#endif /* GAPFILL_ACME_TLS_ALERT_H */
