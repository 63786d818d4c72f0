/* tcp-ends.h
 * The two ends of a TCP connection, written down, so that its next packet is known again without looking up its conversation.
 *
 * As find_conversation_pinfo() tells conversations apart, but for ports that are used again: whether that has happened the caller
 * sees from get_tcp_stream_count() or from sequence numbers. The ends belong to the caller and hold no pointers.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TCP_ENDS_H
#define GAPFILL_TCP_ENDS_H

#include <string.h>

#include <epan/packet.h>
#include <epan/prefs.h>

#include "compat.h"

typedef struct tcp_ends {
    int      address_type;      /* AT_IPv4 or AT_IPv6 */
    uint16_t ports[2];          /* the first one is that of side 0 */
    uint8_t  addresses[2][16];
} tcp_ends_t;

/* Whether conversations are told apart by interface and VLAN, too. */
static inline bool
tcp_ends_are_deinterlaced(void)
{
#ifdef WS_NO_DEINTERLACING
    return false;
#else
    return prefs.conversation_deinterlacing_key > 0;
#endif
}

/* Whether addresses and ports are all that tells the packet's conversation; if not, its ends are neither noted nor compared. */
static inline bool
tcp_ends_tell_all(const packet_info *pinfo)
{
    return !tcp_ends_are_deinterlaced() && pinfo->ptype == PT_TCP && !pinfo->use_conv_addr_port_endpoints && !pinfo->conv_elements
        && pinfo->src.type == pinfo->dst.type && (pinfo->src.type == AT_IPv4 || pinfo->src.type == AT_IPv6);
}

/* side: that of the packet's sender, as the caller counts sides. */
static inline void
tcp_ends_note(tcp_ends_t *ends, const packet_info *pinfo, unsigned side)
{
    ends->address_type = pinfo->src.type;
    ends->ports[side] = (uint16_t)pinfo->srcport;
    ends->ports[!side] = (uint16_t)pinfo->destport;
    memcpy(ends->addresses[side], pinfo->src.data, (size_t)pinfo->src.len);
    memcpy(ends->addresses[!side], pinfo->dst.data, (size_t)pinfo->dst.len);
}

static inline bool
tcp_ends_are_those(const tcp_ends_t *ends, const packet_info *pinfo, unsigned side)
{
    size_t length = (size_t)pinfo->src.len;

    return ends->address_type == pinfo->src.type && ends->ports[side] == (uint16_t)pinfo->srcport
        && ends->ports[!side] == (uint16_t)pinfo->destport && !memcmp(ends->addresses[side], pinfo->src.data, length)
        && !memcmp(ends->addresses[!side], pinfo->dst.data, length);
}

#endif /* GAPFILL_TCP_ENDS_H */
