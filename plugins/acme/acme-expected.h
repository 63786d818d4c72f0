/* acme-expected.h
 * What validators should find, as the decrypted API says
 *
 * Source: RFC 8555 section 8.1 (key authorizations). Ownership and lifetime: all is in file scope, owned by acme-expected.c.
 * acme_expect() on the first pass only; the others tell what is known at that time, so their results are to be kept with
 * the answer that they judge. Errors: beyond the bounds, see acme-expected.c, nothing is expected.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_EXPECTED_H
#define GAPFILL_ACME_EXPECTED_H

#include <epan/packet.h>

void acme_register_expected(void);

void acme_expect(packet_info *pinfo, const char *domain, const char *token, const char *thumbprint);
/* The thumbprint of the account that has this token; NULL: unknown. */
const char *acme_expected_thumbprint(const char *token);
/* digest in base64url; domain may be NULL */
bool acme_digest_is_expected(packet_info *pinfo, const char *domain, const char *digest);

#endif /* GAPFILL_ACME_EXPECTED_H */
