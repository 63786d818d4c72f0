/* ldp-icmp.h
 * Label stacks in ICMP and ICMPv6 errors, such as traceroute gets them
 *
 * RFC 4884 (extensions), RFC 4950 (label stacks in them).
 *
 * Units: bytes. Ownership and lifetime: nothing is kept. Bounds: for all stacks of
 * an error as many bindings as for one, see ldp-resolve.h. Errors: an
 * extension whose version, length or checksum is not right is none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_ICMP_H
#define GAPFILL_LDP_ICMP_H

#include <epan/packet.h>

#include "ldp-router.h"

/* tvb is that of the error, native the subtree of its protocol, label_hf the native field of a label. */
void ldp_icmp_show_labels(tvbuff_t *tvb, packet_info *pinfo, ldp_network_t network, proto_tree *native, int label_hf, bool v6);

#endif /* GAPFILL_LDP_ICMP_H */
