/* arp-carrier.h
 * What is in front of an ARP message: LLC and SNAP headers, 802.1Q tags and the medium
 *
 * ISO/IEC 8802-2 (LLC), IEEE 802 (SNAP), RFC 1042, IEEE 802.1H.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ARP_CARRIER_H
#define GAPFILL_ARP_CARRIER_H

#include <epan/packet.h>

#define OUI_RFC1042    0x000000
#define OUI_8021H      0x0000F8

typedef enum {
    CARRIER_OTHER,          /* neither LLC nor Ethernet II */
    CARRIER_ETHERNET_II,
    CARRIER_SNAP,
    CARRIER_SAP             /* LLC alone */
} carrier_kind_t;

/* Valid as long as the tvbuff that it was read from. */
typedef struct carrier {
    carrier_kind_t kind;
    tvbuff_t *frame;            /* holds the headers */
    int       llc_offset;
    unsigned  llc_length;       /* up to the message: LLC, SNAP, and tags behind them */
    int       oui_offset;       /* SNAP: of the OUI, which the protocol ID follows */
    uint32_t  oui;
    uint16_t  pid;
    bool      is_8023;          /* the medium is Ethernet */
    bool      is_of_rfc1042;    /* it is Ethernet or Token Ring; FDDI and ATM have RFCs of their own */
    bool      by_shape;         /* set by the caller: only its shape says that the message is one */
    bool      has_length;       /* its 802.3 length field was found */
    uint16_t  length;
} carrier_t;

/* Handoff time: looks up the protocols. */
void carrier_handoff(void);

/* tvb: the message itself; below: the last layer in front of it. */
void carrier_read(tvbuff_t *tvb, packet_info *pinfo, wmem_list_frame_t *below, carrier_t *carrier);

/* A short cut: Ethernet II and nothing else. below: as above. */
bool carrier_is_plain_ethernet(wmem_list_frame_t *below);

/* What LLC is in: Ethernet, with or without tags, or a cooked header of Linux that says so. */
bool carrier_is_ethernet_or_cooked(const packet_info *pinfo, int below);

#endif /* GAPFILL_ARP_CARRIER_H */
