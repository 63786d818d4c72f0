/* acme-tls-certificate.h
 * The certificate of a TLS-ALPN-01 challenge
 *
 * Sources: RFC 8737 section 3, RFC 8738 section 6, RFC 5280 section 4.2 (extensions). They come from the X.509 dissector's table of
 * object identifiers, whatever the TLS version, as far as the handshake is readable. What is found is written to the
 * connection's acme_tls_session_t on the first pass. Errors: BER that is cut off throws, as dissectors do.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_TLS_CERTIFICATE_H
#define GAPFILL_ACME_TLS_CERTIFICATE_H

#include <epan/expert.h>

void acme_register_tls_certificate(expert_module_t *expert);
void acme_handoff_tls_certificate(void);

#endif /* GAPFILL_ACME_TLS_CERTIFICATE_H */
