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
#define IPV6_MAX_EXTENSIONS 64
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

static bool
is_ipv6_header(tvbuff_t *frame, int offset, const flow_packet_t *packet)
{
    return offset >= 0 && (tvb_get_uint8(frame, offset) >> 4) == 6
        && tvb_memeql(frame, offset + 8, (const uint8_t *)packet->src.data, 16) == 0
        && tvb_memeql(frame, offset + 24, (const uint8_t *)packet->dst.data, 16) == 0;
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
        if (is_ipv6_header(*frame, *offset, packet))
            return true;
    }
    return false;
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

    if (!icmp_quote_ipv4_header(packet, &frame, &offset)) {
        message.of_ipv6 = true;
        if (!find_ipv6_header(packet, &frame, &offset))
            return message;
    }
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
