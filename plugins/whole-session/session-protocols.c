/* session-protocols.c
 * Ordered sets of protocols; see session-protocols.h
 *
 * The sets are the nodes of a tree: each has one protocol more than its parent. What a list of layers
 * makes of a set is remembered, so that the usual packet costs a walk over its layers and one comparison.
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

#include "session-protocols.h"
#include "compat.h"

#define MEMO_SIZE 1024  /* a power of two */

typedef struct set_node {
    uint32_t parent;
    uint32_t first_child;
    uint32_t next_sibling;
    uint32_t count;
    uint32_t traits;
    int      proto_id;
} set_node_t;

typedef struct mark {
    int      proto_id;
    unsigned trait;
} mark_t;

#define MAX_MARKS 64

typedef struct memo {
    uint64_t       layers;      /* hash of their protocols; 0: unused */
    protocol_set_t before;
    protocol_set_t after;
} memo_t;

/* A link or a network layer above a transport is the inside of a tunnel. */
static const char *const inside_names[] = { "eth", "ip", "ipv6", "wlan", "fr", "arp" };
static int inside[array_length(inside_names)];
static uint64_t inside_bits;    /* by the lowest bits of their IDs: most protocols have others */

static int proto_data = -1;
static int proto_imap = -1;

static mark_t marks[MAX_MARKS];
static unsigned mark_count;

static GArray *nodes;
static memo_t memos[MEMO_SIZE];
static bool any_memo;

static set_node_t *
node_at(uint32_t number)
{
    return &g_array_index(nodes, set_node_t, number);
}

static inline uint64_t
inside_bit(int proto_id)
{
    return UINT64_C(1) << (proto_id & 63);
}

void
protocol_set_init(void)
{
    for (unsigned i = 0; i < array_length(inside_names); i++)
        inside_bits |= inside_bit(inside[i] = proto_get_id_by_filter_name(inside_names[i]));
    proto_data = proto_get_id_by_filter_name("data");
    proto_imap = proto_get_id_by_filter_name("imap");
}

void
protocol_set_mark(const char *protocol, unsigned trait)
{
    int proto_id = proto_get_id_by_filter_name(protocol);

    if (proto_id > 0 && mark_count < MAX_MARKS)
        marks[mark_count++] = (mark_t) { proto_id, trait };
}

static uint32_t
traits_of(int proto_id)
{
    uint32_t traits = 0;

    for (unsigned i = 0; i < mark_count; i++) {
        if (marks[i].proto_id == proto_id)
            traits |= marks[i].trait;
    }
    return traits;
}

static G_GNUC_NO_INLINE bool
is_certainly_inside(int proto_id)
{
    for (unsigned i = 0; i < array_length(inside); i++) {
        if (inside[i] == proto_id)
            return true;
    }
    return false;
}

static inline bool
is_inside(int proto_id)
{
    return (inside_bits & inside_bit(proto_id)) && is_certainly_inside(proto_id);
}

void
protocol_set_reset(void)
{
    if (!nodes)
        nodes = g_array_new(FALSE, TRUE, sizeof(set_node_t));
    if (any_memo)
        memset(memos, 0, sizeof memos);
    any_memo = false;
    g_array_set_size(nodes, 0);
    g_array_set_size(nodes, 1);         /* the empty set */
}

bool
protocol_set_has(protocol_set_t set, int proto_id)
{
    for (; set != PROTOCOL_SET_EMPTY; set = node_at(set)->parent) {
        if (node_at(set)->proto_id == proto_id)
            return true;
    }
    return false;
}

unsigned
protocol_set_traits(protocol_set_t set)
{
    return node_at(set)->traits;
}

static protocol_set_t
new_child(protocol_set_t set, int proto_id)
{
    set_node_t child = {
        .parent = set, .next_sibling = node_at(set)->first_child,
        .count = node_at(set)->count + 1, .proto_id = proto_id, .traits = node_at(set)->traits | traits_of(proto_id),
    };

    g_array_append_val(nodes, child);
    return node_at(set)->first_child = nodes->len - 1;
}

protocol_set_t
protocol_set_with(protocol_set_t set, int proto_id)
{
    if (protocol_set_has(set, proto_id))
        return set;
    for (uint32_t child = node_at(set)->first_child; child; child = node_at(child)->next_sibling) {
        if (node_at(child)->proto_id == proto_id)
            return child;
    }
    return new_child(set, proto_id);
}

static uint64_t
hash_layers(const wmem_list_frame_t *below, wmem_list_frame_t *top)
{
    uint64_t hash = 1;

    for (; top && top != below; top = wmem_list_frame_prev(top))
        hash = (hash ^ (uintptr_t)wmem_list_frame_data(top)) * 0x9e3779b97f4a7c15u + (hash >> 29);
    return hash | 1;
}

/*
 * IMAP takes a first line as short as DONE for TLS, which shows it as data: on the first pass, since later IMAP asks no more. It
 * has no other data above it.
 */
static bool
is_passing(int proto_id, int below)
{
    return proto_id == proto_data && below == proto_imap;
}

static protocol_set_t
add_layers(protocol_set_t set, wmem_list_frame_t *layer, const wmem_list_frame_t *top)
{
    int below = -1;

    for (; layer; layer = wmem_list_frame_next(layer)) {
        int proto_id = GPOINTER_TO_INT(wmem_list_frame_data(layer));

        if (is_inside(proto_id))
            break;
        if (!is_passing(proto_id, below))
            set = protocol_set_with(set, proto_id);
        below = proto_id;
        if (layer == top)
            break;
    }
    return set;
}

/* What a packet inside this one carries, from its own transport on, belongs to another session. */
static wmem_list_frame_t *
top_layer(const flow_packet_t *packet)
{
    return packet->inner_below ? packet->inner_below : packet->top;
}

/* Apart from the tests in front, so that those cost next to nothing. */
static G_GNUC_NO_INLINE protocol_set_t
add_all(protocol_set_t set, const flow_packet_t *packet, wmem_list_frame_t *top)
{
    uint64_t layers = hash_layers(packet->below, top);
    memo_t *memo;

    memo = &memos[((layers >> 32) ^ set) % MEMO_SIZE];
    if (memo->layers != layers || memo->before != set) {
        any_memo = true;
        memo->layers = layers;
        memo->before = set;
        memo->after = add_layers(set, wmem_list_frame_next(wmem_list_frame_next(packet->below)), top);
    }
    return memo->after;
}

protocol_set_t
protocol_set_add_layers(protocol_set_t set, const flow_packet_t *packet)
{
    wmem_list_frame_t *top = top_layer(packet);
    wmem_list_frame_t *next;

    /* Nothing, or nothing but the transport. */
    if (!top || top == packet->below || (next = wmem_list_frame_prev(top)) == packet->below)
        return set;
    /* What was there before and nothing else. */
    if (next && wmem_list_frame_prev(next) == packet->below
            && node_at(set)->proto_id == (top == packet->top ? packet->top_protocol : GPOINTER_TO_INT(wmem_list_frame_data(top))))
        return set;
    return add_all(set, packet, top);
}

protocol_set_t
protocol_set_add_layers_to(protocol_set_t set, const flow_packet_t *packet, wmem_list_frame_t *last)
{
    return add_all(set, packet, last);
}

bool
protocol_set_is_tunnel(const flow_packet_t *packet)
{
    wmem_list_frame_t *layer = packet->top;

    while (layer && layer != packet->below && !is_inside(GPOINTER_TO_INT(wmem_list_frame_data(layer))))
        layer = wmem_list_frame_prev(layer);
    return layer && layer != packet->below;
}

protocol_set_t
protocol_set_without(protocol_set_t set, int proto_id)
{
    protocol_set_t rest;

    if (set == PROTOCOL_SET_EMPTY)
        return set;
    rest = protocol_set_without(node_at(set)->parent, proto_id);
    return node_at(set)->proto_id == proto_id ? rest : protocol_set_with(rest, node_at(set)->proto_id);
}

unsigned
protocol_set_count(protocol_set_t set)
{
    return node_at(set)->count;
}

void
protocol_set_list(protocol_set_t set, int *proto_ids)
{
    for (; set != PROTOCOL_SET_EMPTY; set = node_at(set)->parent)
        proto_ids[node_at(set)->count - 1] = node_at(set)->proto_id;
}
