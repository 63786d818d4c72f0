/* session-group.c
 * Who has sent UDP to a group or to all; see session-group.h
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

#include "own-link.h"
#include "session-group.h"
#include "compat.h"

#define IPV6_LENGTH 16

#define FIRST_USER_PORT 1024

typedef struct sender {
    uint8_t  address[IPV6_LENGTH];      /* of IPv4 the first four octets; all zero: none (0.0.0.0, ::) */
    uint16_t port;
    uint16_t length;                    /* of the address */
} sender_t;

static wmem_map_t *senders;             /* of sender_t; NULL: nobody has sent to a group */

static unsigned
hash_sender(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, sizeof(sender_t));
}

static gboolean
equal_senders(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(sender_t)) == 0;
}

static sender_t
sender_of(const address *from, uint16_t port)
{
    sender_t sender = { .port = port, .length = (uint16_t)from->len };

    memcpy(sender.address, from->data, MIN((size_t)from->len, sizeof sender.address));
    return sender;
}

static bool
is_known(const address *at, uint16_t port, bool has_address)
{
    sender_t sender = sender_of(at, port);

    if (!has_address)
        memset(sender.address, 0, sizeof sender.address);
    return wmem_map_contains(senders, &sender);
}

static bool
is_address_of_group(const address *to)
{
    const uint8_t *bytes = (const uint8_t *)to->data;

    return (to->type == AT_IPv4 && bytes[0] >= 224) || (to->type == AT_IPv6 && bytes[0] == 0xff);
}

/* A host's address may end with 255, too; which networks there are no packet tells, but its frame does, if it has addresses. */
static bool
is_broadcast(const flow_packet_t *packet)
{
    static const uint8_t all[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    const address *frame = &packet->pinfo->dl_dst;
    bool may_be = packet->dst.type == AT_IPv4 && ((const uint8_t *)packet->dst.data)[3] == 255;
    bool is_frame_for_all;

    if (frame->type != AT_ETHER)
        return may_be;
    is_frame_for_all = *(const uint8_t *)frame->data == 0xff && memcmp(frame->data, all, sizeof all) == 0;
    return is_frame_for_all != may_be && own_link_is_known(packet->below) ? is_frame_for_all : may_be;
}

bool
session_group_is_for(const flow_packet_t *packet)
{
    return is_address_of_group(&packet->dst) || is_broadcast(packet);
}

/* Not from a server's port, as a DHCP server's offer to all: what goes there later is a request. */
static bool
may_be_answered(const flow_packet_t *packet)
{
    return packet->srcport > packet->dstport || (packet->srcport < packet->dstport && packet->srcport >= FIRST_USER_PORT);
}

void
session_group_note(const flow_packet_t *packet)
{
    sender_t sender;

    if (!may_be_answered(packet) || packet->src.len <= 0)
        return;
    if (!senders)
        senders = wmem_map_new(wmem_file_scope(), hash_sender, equal_senders);
    sender = sender_of(&packet->src, packet->srcport);
    if (!wmem_map_contains(senders, &sender))
        wmem_map_insert(senders, wmem_memdup(wmem_file_scope(), &sender, sizeof sender), senders);
}

bool
session_group_is_answer(const flow_packet_t *packet)
{
    return senders && packet->dst.len > 0
        && (is_known(&packet->dst, packet->dstport, true) || is_known(&packet->dst, packet->dstport, false));
}

void
session_group_reset(void)
{
    senders = NULL;
}
