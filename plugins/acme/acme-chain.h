/* acme-chain.h
 * Certificates and requests for them in messages of the API, by Wireshark's own dissectors
 *
 * Sources: RFC 8555 sections 7.4.2 (chains, application/pem-certificate-chain), 7.4 (csr) and 7.6 (revocation), RFC 7468 (PEM).
 * Ownership: nothing is kept. Errors: what is not PEM or not DER is left out, or shown as malformed below its item.
 * Bounds: 16 certificates of a chain are shown; that of the body is the caller's.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_CHAIN_H
#define GAPFILL_ACME_CHAIN_H

#include <epan/packet.h>

void acme_register_chain(void);
void acme_handoff_chain(void);

/* A body of that media type, which may be NULL. Returns how many certificates it has. */
unsigned acme_chain_show(tvbuff_t *body, packet_info *pinfo, proto_tree *tree);

/* The first certificate of such a body in DER, in the packet's pool; NULL: there is none. body may be NULL. */
const uint8_t *acme_chain_first(tvbuff_t *body, packet_info *pinfo, size_t *length);

/* DER within a signed payload, in base64url. body: what that payload is in. encoded: NULL does nothing. */
typedef enum {
    ACME_DER_CERTIFICATE, ACME_DER_REQUEST
} acme_der_t;

void acme_der_show(acme_der_t kind, const char *encoded, tvbuff_t *body, packet_info *pinfo, proto_tree *tree);

#endif /* GAPFILL_ACME_CHAIN_H */
