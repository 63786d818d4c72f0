/* acme-special-address.h
 * Addresses where no public server can be
 *
 * Sources: IANA's registries of special-purpose addresses, IPv4 (RFC 6890) and IPv6, as of 2025; RFC 5771 and RFC 4291 section 2.7
 * (multicast). Validators of public authorities go to none of them (CA/Browser Forum, Baseline Requirements: Reserved IP Address).
 * Ownership and lifetime: none. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_SPECIAL_ADDRESS_H
#define GAPFILL_ACME_SPECIAL_ADDRESS_H

#include <stdbool.h>

#include <wsutil/inet_addr.h>

/* Private, loopback, link-local, multicast, reserved, or for documentation. */
bool acme_is_special_ipv4(const ws_in4_addr *address);
bool acme_is_special_ipv6(const ws_in6_addr *address);

#endif /* GAPFILL_ACME_SPECIAL_ADDRESS_H */
