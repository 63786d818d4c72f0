/* ldp-neighbor.c
 * Which IP addresses are behind which MAC addresses; see ldp-neighbor.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>

#include "ldp-neighbor.h"
#include "ldp-router.h"
#include "compat.h"

#define ND_ROUTER_SOLICIT       133
#define ND_ROUTER_ADVERT        134
#define ND_NEIGHBOR_SOLICIT     135
#define ND_NEIGHBOR_ADVERT      136
#define ND_SOURCE_LINK_ADDRESS  1
#define ND_TARGET_LINK_ADDRESS  2

void
ldp_learn_arp(tvbuff_t *tvb, packet_info *pinfo)
{
    address mac, ip;

    if (tvb_captured_length(tvb) < 28 || tvb_get_ntohl(tvb, 0) != 0x00010800 || tvb_get_ntohs(tvb, 4) != 0x0604)
        return;
    set_address_tvb(&mac, AT_ETHER, 6, tvb, 8);
    set_address_tvb(&ip, AT_IPv4, 4, tvb, 14);
    if (tvb_get_ntohl(tvb, 14) != 0)
        ldp_learn_neighbor(&mac, &ip, pinfo->num);
}

void
ldp_learn_neighbor_discovery(tvbuff_t *tvb, packet_info *pinfo, unsigned type)
{
    static const int options[] = { 8, 16, 24, 24 };
    int offset, end = (int)tvb_captured_length(tvb);
    unsigned wanted = type == ND_NEIGHBOR_ADVERT ? ND_TARGET_LINK_ADDRESS : ND_SOURCE_LINK_ADDRESS;
    address mac, ip;

    if (type < ND_ROUTER_SOLICIT || type > ND_NEIGHBOR_ADVERT)
        return;
    offset = options[type - ND_ROUTER_SOLICIT];
    if (end < offset)
        return;
    if (type == ND_NEIGHBOR_ADVERT)
        set_address_tvb(&ip, AT_IPv6, 16, tvb, 8);
    else
        copy_address_shallow(&ip, &pinfo->src);
    while (end - offset >= 8) {
        int length = tvb_get_uint8(tvb, offset + 1) * 8;

        if (length == 0)
            break;
        if (length == 8 && tvb_get_uint8(tvb, offset) == wanted) {
            set_address_tvb(&mac, AT_ETHER, 6, tvb, offset + 2);
            ldp_learn_neighbor(&mac, &ip, pinfo->num);
        }
        offset += length;
    }
}
