/* pw-shape.c
 * What some bytes may be that a pseudowire carries; see pw-shape.h
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
#include <epan/etypes.h>
#include <epan/ipproto.h>
#include <wsutil/pint.h>

#include "pw-shape.h"
#include "compat.h"

#define IPV4_HEADER         20
#define IPV6_HEADER         40
#define ETHERNET_HEADER     14
#define SHORTEST_PAYLOAD    46      /* of Ethernet: what is shorter is padded */

pw_bytes_t
pw_bytes_of(tvbuff_t *tvb, int offset)
{
    int captured = tvb_captured_length_remaining(tvb, offset);
    pw_bytes_t bytes = { NULL, 0, 0 };

    if (captured <= 0)
        return bytes;
    bytes.data = tvb_get_ptr(tvb, offset, captured);
    bytes.captured = (unsigned)captured;
    bytes.reported = (unsigned)tvb_reported_length_remaining(tvb, offset);
    return bytes;
}

pw_bytes_t
pw_bytes_behind(const pw_bytes_t *bytes, unsigned skip)
{
    pw_bytes_t rest = { NULL, 0, 0 };

    if (skip >= bytes->captured)
        return rest;
    rest.data = bytes->data + skip;
    rest.captured = bytes->captured - skip;
    rest.reported = bytes->reported - skip;
    return rest;
}

/* The ones' complement sum of a whole header with its checksum: all ones. */
static bool
checksum_is_right(const uint8_t *data, unsigned length)
{
    uint64_t sum = 0;
    uint32_t word;

    for (unsigned i = 0; i < length; i += 4) {
        memcpy(&word, data + i, 4);     /* the order of its octets makes no difference (RFC 1071 2) */
        sum += word;
    }
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

static bool
is_next_header(uint8_t next)
{
    switch (next) {
    case IP_PROTO_HOPOPTS:
    case IP_PROTO_ICMP:
    case IP_PROTO_IGMP:
    case IP_PROTO_IPIP:
    case IP_PROTO_TCP:
    case IP_PROTO_UDP:
    case IP_PROTO_IPV6:
    case IP_PROTO_ROUTING:
    case IP_PROTO_FRAGMENT:
    case IP_PROTO_GRE:
    case IP_PROTO_ESP:
    case IP_PROTO_AH:
    case IP_PROTO_ICMPV6:
    case IP_PROTO_NONE:
    case IP_PROTO_DSTOPTS:
    case IP_PROTO_OSPF:
    case IP_PROTO_PIM:
    case IP_PROTO_VRRP:
    case IP_PROTO_SCTP:
        return true;
    default:
        return false;
    }
}

/* Where there is no checksum, length, next header and hop limit have to be right. */
static pw_score_t
score_without_checksum(const pw_bytes_t *bytes, unsigned total, uint8_t next, uint8_t hop_limit)
{
    if (!is_next_header(next) || hop_limit == 0)
        return PW_SCORE_LIKELY;
    return total == bytes->reported || total <= SHORTEST_PAYLOAD ? PW_SCORE_SURE : PW_SCORE_LIKELY;
}

/* A checksum of 0 is left for the network card to fill in. */
pw_score_t
pw_score_ipv4(const pw_bytes_t *bytes)
{
    unsigned header, total;

    if (bytes->captured < IPV4_HEADER || bytes->data[0] >> 4 != 4)
        return PW_SCORE_NONE;
    header = (bytes->data[0] & 0x0f) * 4u;
    total = pntohu16(bytes->data + 2);
    if (header < IPV4_HEADER || total < header || total > bytes->reported || header > bytes->captured)
        return PW_SCORE_NONE;
    if (checksum_is_right(bytes->data, header))
        return PW_SCORE_SURE;
    return pntohu16(bytes->data + 10) == 0 ? score_without_checksum(bytes, total, bytes->data[9], bytes->data[8]) : PW_SCORE_LIKELY;
}

pw_score_t
pw_score_ipv6(const pw_bytes_t *bytes, bool exact)
{
    unsigned total;

    if (bytes->captured < IPV6_HEADER || bytes->data[0] >> 4 != 6)
        return PW_SCORE_NONE;
    total = IPV6_HEADER + (unsigned)pntohu16(bytes->data + 4);
    if (total > bytes->reported || (exact && total != bytes->reported))
        return PW_SCORE_NONE;
    return score_without_checksum(bytes, total, bytes->data[6], bytes->data[7]);
}

static pw_score_t
score_arp(const pw_bytes_t *bytes)
{
    unsigned operation;

    if (bytes->captured < 8)
        return PW_SCORE_NONE;
    operation = pntohu16(bytes->data + 6);
    return pntohu32(bytes->data) == 0x00010800 && pntohu16(bytes->data + 4) == 0x0604 && operation >= 1 && operation <= 9
            ? PW_SCORE_SURE : PW_SCORE_NONE;
}

#define MPLS_ENTRY          4
#define MPLS_BOTTOM         0x01
#define MOST_LABELS         16

/* A stack that ends in a proved IP packet is proved as well. */
static pw_score_t
score_mpls(const pw_bytes_t *bytes)
{
    unsigned skip = 0;
    pw_bytes_t inner;

    do {
        skip += MPLS_ENTRY;
    } while (skip < MPLS_ENTRY * MOST_LABELS && skip <= bytes->captured && !(bytes->data[skip - 2] & MPLS_BOTTOM));
    inner = pw_bytes_behind(bytes, skip);
    return MAX(PW_SCORE_LIKELY, MAX(pw_score_ipv4(&inner), pw_score_ipv6(&inner, false)));
}

/* Where the two bytes that say so are too few to make it likely. */
static pw_score_t
score_proved_mpls(const pw_bytes_t *bytes)
{
    return score_mpls(bytes) == PW_SCORE_SURE ? PW_SCORE_SURE : PW_SCORE_NONE;
}

/* What an Ethernet type promises of what is behind it; other types that are known are likely. */
static pw_score_t
score_ethertype(const pw_bytes_t *bytes, unsigned skip, unsigned type)
{
    pw_bytes_t inner = pw_bytes_behind(bytes, skip);

    switch (type) {
    case ETHERTYPE_IP:
        return pw_score_ipv4(&inner);
    case ETHERTYPE_IPv6:
        return pw_score_ipv6(&inner, false);
    case ETHERTYPE_ARP:
        return score_arp(&inner);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTI:
        return score_mpls(&inner);
    default:
        return try_val_to_str(type, etype_vals) ? PW_SCORE_LIKELY : PW_SCORE_NONE;
    }
}

#define LLC_SNAP    0xaaaa
#define LLC_STP     0x4242
#define LLC_ISO     0xfefe
#define LLC_UI      0x03

static pw_score_t
score_llc(const pw_bytes_t *bytes, unsigned skip, unsigned length)
{
    pw_bytes_t llc = pw_bytes_behind(bytes, skip);
    unsigned saps;

    if (llc.captured < 3 || length < 3 || length > llc.reported || llc.data[2] != LLC_UI)
        return PW_SCORE_NONE;
    saps = pntohu16(llc.data);
    return saps == LLC_SNAP || saps == LLC_STP || saps == LLC_ISO ? PW_SCORE_SURE : PW_SCORE_NONE;
}

#define MOST_TAGS   3

pw_score_t
pw_score_ethernet(const pw_bytes_t *bytes, bool *tagged)
{
    unsigned skip = ETHERNET_HEADER, type;

    *tagged = false;
    if (bytes->captured < ETHERNET_HEADER + 4 || (bytes->data[6] & 0x01))
        return PW_SCORE_NONE;
    /* No station has the address 0, which padding and an empty cookie look like. */
    if (pntohu32(bytes->data + 6) == 0 && pntohu16(bytes->data + 10) == 0)
        return PW_SCORE_NONE;
    type = pntohu16(bytes->data + skip - 2);
    for (unsigned tags = 0; tags < MOST_TAGS && (type == ETHERTYPE_VLAN || type == ETHERTYPE_IEEE_802_1AD); tags++) {
        *tagged = true;
        skip += 4;
        if (bytes->captured < skip)
            return PW_SCORE_NONE;
        type = pntohu16(bytes->data + skip - 2);
    }
    return type <= 1500 ? score_llc(bytes, skip, type) : score_ethertype(bytes, skip, type);
}

#define CHDLC_UNICAST       0x0f00
#define CHDLC_MULTICAST     0x8f00
#define CHDLC_SLARP         0x8035
#define CHDLC_CDP           0x2000
#define SLARP_LENGTH        14

pw_score_t
pw_score_chdlc(const pw_bytes_t *bytes)
{
    unsigned start, type;

    if (bytes->captured < 8)
        return PW_SCORE_NONE;
    start = pntohu16(bytes->data);
    if (start != CHDLC_UNICAST && start != CHDLC_MULTICAST)
        return PW_SCORE_NONE;
    type = pntohu16(bytes->data + 2);
    if (type == CHDLC_SLARP)
        return pntohu32(bytes->data + 4) <= 2 && bytes->reported >= 4 + SLARP_LENGTH ? PW_SCORE_SURE : PW_SCORE_NONE;
    if (type == CHDLC_CDP)
        return bytes->data[4] <= 2 ? PW_SCORE_SURE : PW_SCORE_NONE;
    return score_ethertype(bytes, 4, type);
}

#define PPP_ADDRESS_CONTROL 0xff03
#define PPP_IPV4            0x0021
#define PPP_IPV6            0x0057
#define PPP_MPLS            0x0281
#define PPP_IPCP            0x8021
#define PPP_IPV6CP          0x8057
#define PPP_LCP             0xc021
#define PPP_PAP             0xc023
#define PPP_CHAP            0xc223
#define PPP_LCP_LAST_CODE   15

static pw_score_t
score_ppp_control(const pw_bytes_t *packet)
{
    unsigned length;

    if (packet->captured < 4)
        return PW_SCORE_NONE;
    length = pntohu16(packet->data + 2);
    return packet->data[0] >= 1 && packet->data[0] <= PPP_LCP_LAST_CODE && length >= 4 && length <= packet->reported
            ? PW_SCORE_SURE : PW_SCORE_NONE;
}

pw_score_t
pw_score_ppp(const pw_bytes_t *bytes)
{
    bool framed = bytes->captured >= 4 && pntohu16(bytes->data) == PPP_ADDRESS_CONTROL;
    pw_bytes_t frame = pw_bytes_behind(bytes, framed ? 2 : 0);
    pw_bytes_t packet = pw_bytes_behind(&frame, 2);

    if (frame.captured < 6)
        return PW_SCORE_NONE;
    switch (pntohu16(frame.data)) {
    case PPP_IPV4:
        return pw_score_ipv4(&packet);
    case PPP_IPV6:
        return pw_score_ipv6(&packet, false);
    case PPP_MPLS:
        return framed ? score_mpls(&packet) : score_proved_mpls(&packet);
    case PPP_IPCP:
    case PPP_IPV6CP:
    case PPP_LCP:
    case PPP_PAP:
    case PPP_CHAP:
        return score_ppp_control(&packet);
    default:
        return PW_SCORE_NONE;
    }
}

#define RELAY_UI            0x03
#define NLPID_SNAP          0x80
#define NLPID_IPV6          0x8e
#define NLPID_IPV4          0xcc
#define OUI_ETHERTYPE       0x000000

/* RFC 2427 sections 3 and 5: control, padding if there is any, NLPID. */
static pw_score_t
score_nlpid(const pw_bytes_t *frame)
{
    unsigned at = frame->data[1] == 0 ? 2 : 1;
    pw_bytes_t inner = pw_bytes_behind(frame, at + 1);

    switch (frame->data[at]) {
    case NLPID_IPV4:
        return pw_score_ipv4(&inner);
    case NLPID_IPV6:
        return pw_score_ipv6(&inner, false);
    case NLPID_SNAP:
        if (inner.captured < 5 || pntohu32(inner.data) >> 8 != OUI_ETHERTYPE)
            return PW_SCORE_NONE;
        return score_ethertype(&inner, 5, pntohu16(inner.data + 3));
    default:
        return PW_SCORE_NONE;
    }
}

/* Cisco's form has an Ethernet type in front. */
static pw_score_t
score_relayed(const pw_bytes_t *frame)
{
    pw_bytes_t packet = pw_bytes_behind(frame, 2);
    unsigned type;

    if (frame->captured < 4)
        return PW_SCORE_NONE;
    if (frame->data[0] == RELAY_UI)
        return score_nlpid(frame);
    type = pntohu16(frame->data);
    if (type == ETHERTYPE_MPLS)
        return score_proved_mpls(&packet);
    return type == ETHERTYPE_IP || type == ETHERTYPE_IPv6 ? score_ethertype(frame, 2, type) : PW_SCORE_NONE;
}

pw_score_t
pw_score_frame_relay(const pw_bytes_t *bytes, bool addressed)
{
    pw_bytes_t frame = pw_bytes_behind(bytes, 2);

    if (!addressed)
        return score_relayed(bytes);
    /* Q.922: of the two bytes of the address the last one says that it is. */
    if (bytes->captured < 6 || (bytes->data[0] & 1) || !(bytes->data[1] & 1) || bytes->data[0] >> 2 == 0)
        return PW_SCORE_NONE;
    return score_relayed(&frame);
}

pw_score_t
pw_score_llc_snap(const pw_bytes_t *bytes)
{
    if (bytes->captured < 8 || pntohu16(bytes->data) != LLC_SNAP || bytes->data[2] != LLC_UI
            || pntohu32(bytes->data + 3) >> 8 != OUI_ETHERTYPE)
        return PW_SCORE_NONE;
    return score_ethertype(bytes, 8, pntohu16(bytes->data + 6));
}

#define FLAGS_MASK      0x0f
#define FRAGMENT_MASK   0xc0
#define LENGTH_MASK     0x3f

bool
pw_has_control_word(const pw_bytes_t *bytes, bool flags)
{
    unsigned length;

    if (bytes->captured < PW_CONTROL_WORD_BYTES || bytes->data[0] >> 4 != 0 || (!flags && (bytes->data[0] & FLAGS_MASK))
            || (bytes->data[1] & FRAGMENT_MASK))
        return false;
    length = bytes->data[1] & LENGTH_MASK;
    return length == 0 || (length >= PW_CONTROL_WORD_BYTES && length <= bytes->reported);
}
