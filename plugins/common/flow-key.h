/* flow-key.h
 * Both ends of a packet, in a form that is quick to compare; for flow.c alone.
 *
 * Source: RFC 9293 and RFC 768 (ports), RFC 9260 (SCTP); addresses in network order, as Wireshark has them. Only
 * IPv4 and IPv6 have a key.
 * Lifetime: a key is a value and holds no pointer, so it outlives its packet; the count of files keeps those of
 * two files apart. Errors: flow_key_fill() is false for other addresses.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FLOW_KEY_H
#define GAPFILL_FLOW_KEY_H

#include <string.h>

#include <epan/address.h>

typedef struct flow_key {
    uint64_t ports;             /* and type of the addresses, transport and file */
    uint64_t address[4];        /* the first one alone has both IPv4 addresses */
} flow_key_t;

/* Fields of flow_key_t.ports above the ports themselves. Files are counted by the uppermost bits, and begin again at 0. */
#define FLOW_KEY_TYPE_SHIFT       32
#define FLOW_KEY_TRANSPORT_SHIFT  48
#define FLOW_KEY_FILE             ((uint64_t)1 << 52)

/* Of a packet of this transport (FLOW_TCP and so on), with an address of this type. */
static inline uint64_t
flow_key_ports(unsigned transport, const address *from, uint16_t from_port, uint16_t to_port)
{
    return ((uint64_t)transport << FLOW_KEY_TRANSPORT_SHIFT) | ((uint64_t)from->type << FLOW_KEY_TYPE_SHIFT)
        | ((uint32_t)from_port << 16) | to_port;
}

static inline void
flow_key_fill_ipv4(flow_key_t *key, const address *from, const address *to)
{
    uint32_t src, dst;

    memcpy(&src, from->data, sizeof src);
    memcpy(&dst, to->data, sizeof dst);
    key->address[0] = ((uint64_t)src << 32) | dst;
}

static inline void
flow_key_fill_ipv6(flow_key_t *key, const address *from, const address *to)
{
    memcpy(&key->address[0], from->data, 16);
    memcpy(&key->address[2], to->data, 16);
}

/* Its addresses; false where they are not of IP. */
static inline bool
flow_key_fill(flow_key_t *key, const address *from, const address *to)
{
    if (from->type != to->type)
        return false;
    if (from->type == AT_IPv4)
        flow_key_fill_ipv4(key, from, to);
    else if (from->type == AT_IPv6)
        flow_key_fill_ipv6(key, from, to);
    else
        return false;
    return true;
}

static inline bool
flow_key_is_ipv6(const flow_key_t *key)
{
    return ((key->ports >> FLOW_KEY_TYPE_SHIFT) & 0xffff) == AT_IPv6;
}

static inline bool
flow_key_equal(const flow_key_t *a, const flow_key_t *b)
{
    if (a->ports != b->ports || a->address[0] != b->address[0])
        return false;
    return !flow_key_is_ipv6(a) || memcmp(a->address, b->address, sizeof a->address) == 0;
}

static inline uint32_t
flow_key_hash(const flow_key_t *key)
{
    uint64_t hash = key->ports ^ key->address[0] * 3;

    if (flow_key_is_ipv6(key))
        hash ^= key->address[1] * 5 ^ key->address[2] * 7 ^ key->address[3] * 9;
    return (uint32_t)((hash * 0x9e3779b97f4a7c15u) >> 32);
}

#endif /* GAPFILL_FLOW_KEY_H */
