/* icmp-quote.c
 * What a quoted packet tells about the message around it; see icmp-quote.h
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

#include "icmp-quote.h"
#include "compat.h"

#define IPV4_MIN_HEADER  20
#define IPV4_MAX_HEADER  60
#define IPV6_HEADER      40
#define IPV6_MAX_EXTENSIONS 1024        /* segment routing's (RFC 8754) among them */
#define GRE_MAX_HEADER   16
#define IP_PROTO_IPIP     4
#define IP_PROTO_IPV6    41
#define IP_PROTO_GRE     47
#define ICMP_HEADER       8
#define ICMP_UNREACHABLE  3
#define ICMP_FRAGMENT     4     /* a code of it: too long for a network */
#define ICMP_REDIRECT     5
#define ICMP_TIME        11
#define ICMP_PARAMETER   12
#define ICMP6_UNREACHABLE 1
#define ICMP6_TIME        3
#define ICMP6_PARAMETER   4
#define ICMP6_REDIRECT  137
#define ND_REDIRECTED     4     /* RFC 4861: option of a redirect, 8 bytes before the quote */

static bool
is_ipv4_header(tvbuff_t *frame, int offset, unsigned length, const flow_packet_t *packet)
{
    return offset >= 0 && tvb_get_uint8(frame, offset) == (0x40 | length / 4)
        && tvb_memeql(frame, offset + 12, (const uint8_t *)packet->src.data, 4) == 0
        && tvb_memeql(frame, offset + 16, (const uint8_t *)packet->dst.data, 4) == 0;
}

bool
icmp_quote_ipv4_header(const flow_packet_t *packet, tvbuff_t **frame, int *offset)
{
    int start = tvb_raw_offset(packet->tvb);

    if (packet->src.type != AT_IPv4 || packet->dst.type != AT_IPv4)
        return false;
    *frame = tvb_get_ds_tvb(packet->tvb);
    for (unsigned length = IPV4_MIN_HEADER; length <= IPV4_MAX_HEADER; length += 4) {
        *offset = start - (int)length;
        if (is_ipv4_header(*frame, *offset, length, packet))
            return true;
    }
    return false;
}

/* Where a routing header follows, the packet's destination is another one. */
static bool
is_ipv6_header(tvbuff_t *frame, int offset, const flow_packet_t *packet, bool has_extensions)
{
    return offset >= 0 && (tvb_get_uint8(frame, offset) >> 4) == 6
        && tvb_memeql(frame, offset + 8, (const uint8_t *)packet->src.data, 16) == 0
        && (has_extensions || tvb_memeql(frame, offset + 24, (const uint8_t *)packet->dst.data, 16) == 0);
}

static bool
find_ipv6_header(const flow_packet_t *packet, tvbuff_t **frame, int *offset)
{
    int start = tvb_raw_offset(packet->tvb);

    if (packet->src.type != AT_IPv6 || packet->dst.type != AT_IPv6)
        return false;
    *frame = tvb_get_ds_tvb(packet->tvb);
    for (int length = IPV6_HEADER; length <= IPV6_HEADER + IPV6_MAX_EXTENSIONS; length += 8) {
        *offset = start - length;
        if (is_ipv6_header(*frame, *offset, packet, length > IPV6_HEADER))
            return true;
    }
    return false;
}

/* Of a packet in a tunnel those of the tunnel are quoted, too. */
static unsigned
count_quoted_headers(const flow_packet_t *packet)
{
    unsigned count = 0;

    for (const wmem_list_frame_t *layer = packet->below; layer; layer = wmem_list_frame_prev(layer)) {
        int proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));

        if (proto == proto_get_id_by_filter_name("icmp") || proto == proto_get_id_by_filter_name("icmpv6"))
            break;
        count += proto == proto_get_id_by_filter_name("ip") || proto == proto_get_id_by_filter_name("ipv6");
    }
    return count;
}

static bool
is_tunnel(uint8_t protocol, bool has_gre)
{
    return has_gre ? protocol == IP_PROTO_GRE : protocol == IP_PROTO_IPIP || protocol == IP_PROTO_IPV6;
}

/* An IP header that ends at end and says that a tunnel follows. */
static bool
find_tunnel_header(tvbuff_t *frame, int end, bool has_gre, int *offset, bool *of_ipv6)
{
    *of_ipv6 = false;
    for (int length = IPV4_MIN_HEADER; length <= IPV4_MAX_HEADER; length += 4) {
        *offset = end - length;
        if (*offset >= 0 && tvb_get_uint8(frame, *offset) == (0x40 | length / 4)
                && is_tunnel(tvb_get_uint8(frame, *offset + 9), has_gre))
            return true;
    }
    *of_ipv6 = true;
    *offset = end - IPV6_HEADER;
    return *offset >= 0 && (tvb_get_uint8(frame, *offset) >> 4) == 6 && is_tunnel(tvb_get_uint8(frame, *offset + 6), has_gre);
}

/* From an IP header to the one of the tunnel around it: IP in IP, or GRE (RFC 2784, 2890). */
static bool
leave_tunnel(tvbuff_t *frame, int *offset, bool *of_ipv6)
{
    int inner = *offset;

    for (int gre = 0; gre <= GRE_MAX_HEADER; gre += 4) {
        if (find_tunnel_header(frame, inner - gre, gre > 0, offset, of_ipv6))
            return true;
    }
    return false;
}

/* The first header that is quoted. */
static bool
find_quote(const flow_packet_t *packet, tvbuff_t **frame, int *offset, bool *of_ipv6)
{
    while (packet->outer && packet->outer->quoted)      /* as in VXLAN */
        packet = packet->outer;
    *of_ipv6 = !icmp_quote_ipv4_header(packet, frame, offset);
    if (*of_ipv6 && !find_ipv6_header(packet, frame, offset))
        return false;
    for (unsigned count = count_quoted_headers(packet); count > 1; count--) {
        if (!leave_tunnel(*frame, offset, of_ipv6))
            return false;
    }
    return true;
}

/* A Parameter Problem begins with the same byte, but not with checksum and pointer 0. */
static bool
is_redirected_header(tvbuff_t *frame, int offset)
{
    return tvb_get_uint8(frame, offset) == ND_REDIRECTED && tvb_get_ntohs(frame, offset + 2) == 0
        && tvb_get_ntohl(frame, offset + 4) == 0;
}

/* The ICMP message around the quote. */
typedef struct message {
    bool    known;          /* else it is in another buffer */
    bool    of_ipv6;
    uint8_t type;
    uint8_t code;
} message_t;

static message_t
message_of(const flow_packet_t *packet)
{
    message_t message = { .known = false };
    tvbuff_t *frame;
    int offset;

    if (!find_quote(packet, &frame, &offset, &message.of_ipv6))
        return message;
    offset -= ICMP_HEADER;
    if (offset < 0)
        return message;
    message.known = true;
    message.type = message.of_ipv6 && is_redirected_header(frame, offset) ? ICMP6_REDIRECT : tvb_get_uint8(frame, offset);
    message.code = tvb_get_uint8(frame, offset + 1);
    return message;
}

bool
icmp_quote_is_error(const flow_packet_t *packet)
{
    message_t message = message_of(packet);

    return !message.known || message.type != (message.of_ipv6 ? ICMP6_REDIRECT : ICMP_REDIRECT);
}

bool
icmp_quote_is_failure(const flow_packet_t *packet)
{
    message_t message = message_of(packet);

    if (!message.known)
        return true;
    if (message.of_ipv6)
        return message.type == ICMP6_UNREACHABLE || message.type == ICMP6_TIME || message.type == ICMP6_PARAMETER;
    return (message.type == ICMP_UNREACHABLE && message.code != ICMP_FRAGMENT) || message.type == ICMP_TIME
        || message.type == ICMP_PARAMETER;
}
