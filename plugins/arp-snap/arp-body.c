/* arp-body.c
 * Reading an ARP, RARP or InARP message; see arp-body.h
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
#include <epan/etypes.h>
#include <wsutil/pint.h>

#include "arp-body.h"
#include "compat.h"

/* An Ethernet frame is filled up to 46 bytes, of which LLC, SNAP and the smallest message take 26; and an FCS. */
#define ARP_MAX_PADDING 24

static const struct {
    uint16_t type;
    uint8_t  length;
} hardware_types[] = {
    {  1,  6 },     /* Ethernet */
    {  6,  6 },     /* IEEE 802 */
    {  7,  1 },     /* ARCNET */
    { 15,  2 },     /* Frame Relay */
    { 15,  3 },
    { 15,  4 },
    { 18,  8 },     /* Fibre Channel */
    { 24,  8 },     /* IEEE 1394 */
    { 24, 16 },
    { 27,  8 },     /* EUI-64 */
    { 32, 20 },     /* InfiniBand */
};

static const struct {
    uint16_t type;
    uint8_t  length;
} protocol_types[] = {
    { ETHERTYPE_IP,     4 },
    { ETHERTYPE_IPv6,  16 },
    { 0x0804,           2 },    /* Chaosnet */
    { 0x1000,           4 },    /* trailers for IPv4, RFC 893 */
    { ETHERTYPE_DNA_RT, 2 },    /* DECnet */
    { ETHERTYPE_ATALK,  4 },    /* AppleTalk */
};

static bool
hardware_exists(const arp_body_t *body)
{
    for (unsigned i = 0; i < array_length(hardware_types); i++) {
        if (hardware_types[i].type == body->hardware && hardware_types[i].length == body->hardware_length)
            return true;
    }
    return false;
}

static bool
protocol_exists(const arp_body_t *body)
{
    for (unsigned i = 0; i < array_length(protocol_types); i++) {
        if (protocol_types[i].type == body->protocol && protocol_types[i].length == body->protocol_length)
            return true;
    }
    return false;
}

static bool
operation_belongs(const arp_body_t *body, uint16_t pid)
{
    if (body->operation < ARP_REQUEST || body->operation > INARP_REPLY)
        return false;
    return pid == 0 || (pid == ETHERTYPE_REVARP) == arp_body_is_reverse(body);
}

bool
arp_body_is_reverse(const arp_body_t *body)
{
    return body->operation >= RARP_REQUEST && body->operation <= DRARP_ERROR;
}

unsigned
arp_body_length(const arp_body_t *body)
{
    if (body->hardware == ARP_HARDWARE_ATM)
        return 0;
    return ARP_HEADER_LENGTH + 2 * (body->hardware_length + body->protocol_length);
}

static const uint8_t *
read_address(const uint8_t *bytes, unsigned length, arp_address_t *address)
{
    memcpy(address->bytes, bytes, length);
    return bytes + length;
}

static void
read_addresses(const uint8_t *bytes, arp_body_t *body)
{
    bytes += ARP_HEADER_LENGTH;
    bytes = read_address(bytes, body->hardware_length, &body->sender_hardware);
    bytes = read_address(bytes, body->protocol_length, &body->sender_protocol);
    bytes = read_address(bytes, body->hardware_length, &body->target_hardware);
    read_address(bytes, body->protocol_length, &body->target_protocol);
}

bool
arp_body_read_bytes(const uint8_t *bytes, unsigned captured, arp_body_t *body)
{
    memset(body, 0, sizeof *body);
    if (captured < ARP_HEADER_LENGTH)
        return false;
    body->hardware = pntohu16(bytes);
    body->protocol = pntohu16(bytes + 2);
    body->hardware_length = bytes[4];
    body->protocol_length = bytes[5];
    body->operation = pntohu16(bytes + 6);
    body->has_addresses = body->hardware != ARP_HARDWARE_ATM
        && body->hardware_length <= ARP_MAX_HARDWARE && body->protocol_length <= ARP_MAX_PROTOCOL
        && arp_body_length(body) <= captured;
    if (body->has_addresses)
        read_addresses(bytes, body);
    return true;
}

bool
arp_body_read(tvbuff_t *tvb, arp_body_t *body)
{
    unsigned captured = tvb_captured_length(tvb);

    return arp_body_read_bytes(captured > 0 ? tvb_get_ptr(tvb, 0, (int)captured) : NULL, captured, body);
}

bool
arp_body_has_shape(tvbuff_t *tvb, uint16_t pid)
{
    unsigned available = tvb_reported_length(tvb);
    arp_body_t body;
    unsigned length;

    if (!arp_body_read(tvb, &body) || !hardware_exists(&body) || !protocol_exists(&body)
            || !operation_belongs(&body, pid))
        return false;
    length = arp_body_length(&body);
    return length <= available && available - length <= ARP_MAX_PADDING;
}
