/* acme-dns-update.h
 * Dynamic updates (RFC 2136) of the names of challenges, with their signature (TSIG, RFC 8945) and answer
 *
 * Ownership and lifetime: updates are in file scope, first pass only. Errors: there are none; what cannot be read is left
 * alone. Bounds: 64 changes of an update, 65536 updates a capture, those that are kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_DNS_UPDATE_H
#define GAPFILL_ACME_DNS_UPDATE_H

#include <epan/expert.h>

#include "dns-message.h"

void acme_register_dns_update(expert_module_t *expert);

/* Whether a message of DNS is an update, or the answer to one. */
bool acme_dns_is_update(const dns_first_look_t *look);
/* parent: where its items go. */
void acme_dns_handle_update(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent);

#endif /* GAPFILL_ACME_DNS_UPDATE_H */
