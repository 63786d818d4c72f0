/* openpgp-dns.h
 * OpenPGP keys in DNS: OPENPGPKEY and CERT records
 *
 * Sources: RFC 7929 sections 2.3 (the record: a key in binary form) and 3 (its name: the SHA-256 of the local part, 28 octets in
 * hex, before _openpgpkey and the domain); RFC 4398 section 2 (CERT), of which type 3 holds a key.
 * Each answer of a message is looked at anew in every pass; nothing is kept. A message is read as dns-message.h does, over UDP,
 * TCP, TLS and HTTP. Errors: what is no key is left alone; nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_DNS_H
#define GAPFILL_OPENPGP_DNS_H

#include <epan/expert.h>

#include "openpgp-http.h"

void openpgp_register_dns(expert_module_t *expert);
void openpgp_handoff_dns(const int *proto, openpgp_show_t show, openpgp_review_body_t review);

#endif /* GAPFILL_OPENPGP_DNS_H */
