/* ldp-neighbor.h
 * Which IP addresses are behind which MAC addresses
 *
 * RFC 826 (ARP), RFC 4861 section 4 (neighbor discovery). To be called on the first pass only.
 *
 * Units: bytes. Ownership: what is learnt is ldp-router.h's. Lifetime and bounds: see there. Errors: what is cut or
 * not of its form teaches nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_NEIGHBOR_H
#define GAPFILL_LDP_NEIGHBOR_H

#include <epan/packet.h>

/* A file is opened. */
void ldp_neighbor_reset(void);

/* tvb is that of the ARP packet. */
void ldp_learn_arp(tvbuff_t *tvb, packet_info *pinfo);

/* Of any message of ICMPv6; those that are not of neighbor discovery are left out. */
void ldp_learn_neighbor_discovery(tvbuff_t *tvb, packet_info *pinfo, unsigned type);

#endif /* GAPFILL_LDP_NEIGHBOR_H */
