/* acme-tls-redirect.h
 * Redirects to HTTPS that is not decrypted: where they end, as far as TLS shows
 *
 * Sources: RFC 8555 section 8.3, RFC 6066 section 3 (server name). Ownership and lifetime: all is in file scope, first pass only.
 * Errors: there are none. Bounds: those of acme-connect.h.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_TLS_REDIRECT_H
#define GAPFILL_ACME_TLS_REDIRECT_H

#include <epan/expert.h>

#include "flow.h"

void acme_register_tls_redirect(expert_module_t *expert);

/* After a segment of TCP; needed only where acme_connect_watching. */
void acme_tls_redirect_after(flow_packet_t *packet);

#endif /* GAPFILL_ACME_TLS_REDIRECT_H */
