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

#include <string.h>

#include <epan/packet.h>
#include <wsutil/pint.h>

#include "ldp-neighbor.h"
#include "ldp-router.h"
#include "compat.h"

#define ND_ROUTER_SOLICIT       133
#define ND_ROUTER_ADVERT        134
#define ND_NEIGHBOR_SOLICIT     135
#define ND_NEIGHBOR_ADVERT      136
#define ND_SOURCE_LINK_ADDRESS  1
#define ND_TARGET_LINK_ADDRESS  2

#define ARP_LENGTH      28      /* for Ethernet and IPv4 */
#define ARP_SENDER      8
#define ARP_SENDER_IP   14
#define ARP_SENDER_SIZE 10      /* MAC address, then IPv4 address */
#define RECENT_SENDERS  256     /* a power of two */

/* Senders of ARP, so that one that says the same again costs next to nothing. */
static uint8_t recent_senders[RECENT_SENDERS][ARP_SENDER_SIZE];

void
ldp_neighbor_reset(void)
{
    memset(recent_senders, 0, sizeof recent_senders);
}

/* What was learnt of it once stays so; all zeros is nobody. Hosts are often numbered alike in both of their addresses. */
static bool
is_new_sender(const uint8_t *sender)
{
    uint8_t *recent = recent_senders[(4u * sender[5] + sender[9]) % RECENT_SENDERS];

    if (!memcmp(recent, sender, ARP_SENDER_SIZE))
        return false;
    memcpy(recent, sender, ARP_SENDER_SIZE);
    return true;
}

void
ldp_learn_arp(tvbuff_t *tvb, packet_info *pinfo)
{
    const uint8_t *bytes;
    address mac, ip;

    if (tvb_captured_length(tvb) < ARP_LENGTH)
        return;
    bytes = tvb_get_ptr(tvb, 0, ARP_LENGTH);
    if (pntohu32(bytes) != 0x00010800 || pntohu16(bytes + 4) != 0x0604 || pntohu32(bytes + ARP_SENDER_IP) == 0
            || !is_new_sender(bytes + ARP_SENDER))
        return;
    set_address(&mac, AT_ETHER, 6, bytes + ARP_SENDER);
    set_address(&ip, AT_IPv4, 4, bytes + ARP_SENDER_IP);
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
