/* acme-hosts.h
 * Which addresses DNS says that the names of awaited challenges have
 *
 * Sources: RFC 1035 section 3.4.1 (A), RFC 3596 (AAAA). A name is learnt while a decrypted API shows that its challenge is awaited.
 * Ownership and lifetime: all is in file scope, written on the first pass only. Errors: NULL where nothing is known.
 * Bounds: 65536 addresses a capture.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_HOSTS_H
#define GAPFILL_ACME_HOSTS_H

#include <epan/packet.h>

#include "acme-place.h"
#include "compat.h"
#include "dns-message.h"

void acme_register_hosts(void);

/* Whether a message of DNS is to be learnt from, by a look at its question's type. */
bool acme_hosts_want(const dns_first_look_t *look);
/* First pass only. */
void acme_hosts_learn(tvbuff_t *tvb, packet_info *pinfo);
/* The name that has this address and whose challenge of this type is awaited; NULL: none, or *several. First pass only. */
const char *acme_host_awaited(const acme_place_t *place, uint8_t type, bool *several);

#endif /* GAPFILL_ACME_HOSTS_H */
