/* flow.c
 * Seeing every TCP, UDP and SCTP packet where IP hands it over; see flow.h
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
#include <epan/exceptions.h>
#include <epan/ipproto.h>

#include "flow.h"
#include "ws_compat.h"

#define FLOW_MAX_OBSERVERS 16
#define FLOW_TRANSPORTS 3
#define FLOW_CACHE_SETS 1024    /* a power of two */
#define FLOW_CACHE_TRUST 32     /* after so many answers a cached conversation is looked up again */

#define TCP_FLAGS_OFFSET 13
#define TCP_FLAG_SYN 0x02

/* Who is called for one transport, quoted or not. */
typedef struct flow_calls {
    unsigned count;
    void   (*call[FLOW_MAX_OBSERVERS])(flow_packet_t *packet);
} flow_calls_t;

/* Both ends of a conversation, the lower one first, in a form that is quick to compare. */
typedef struct flow_key {
    uint64_t address[2][2];
    uint64_t ports;             /* and transport */
} flow_key_t;

typedef struct flow_cache_entry {
    flow_key_t      key;
    conversation_t *conversation;
    unsigned        answers;
} flow_cache_entry_t;

/* A conversation with wildcards may be that of one direction only. */
typedef struct flow_cache_set {
    flow_cache_entry_t both_ways;
    flow_cache_entry_t one_way[2];
} flow_cache_set_t;

/*
 * Shared by all plugins of the bundle in one process: the first that is loaded makes it and leaves
 * its address with GLib under a name that stands for this layout. Never freed; the cache is
 * emptied whenever a file is opened or closed.
 */
#define FLOW_HUB_NAME "gapfill-flow-hub-5"

typedef struct flow_hub {
    const flow_observer_t *observers[FLOW_MAX_OBSERVERS];
    unsigned               count;
    flow_calls_t           before[FLOW_TRANSPORTS][2];  /* the second index: whether quoted */
    flow_calls_t           after[FLOW_TRANSPORTS][2];
    dissector_handle_t     original[FLOW_TRANSPORTS];
    dissector_handle_t     wrapper[FLOW_TRANSPORTS];
    flow_packet_t         *current;                     /* the innermost one being dissected */
    bool                   cached;                      /* whether anything is in the cache */
    flow_cache_set_t       cache[FLOW_CACHE_SETS];
    void                 (*update)(struct flow_hub *hub);
} flow_hub_t;

static flow_hub_t *the_hub;

static inline void
call_all(const flow_calls_t *calls, flow_packet_t *packet)
{
    for (unsigned i = 0; i < calls->count; i++)
        calls->call[i](packet);
}

static void
init_packet(flow_packet_t *packet, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, unsigned row)
{
    packet->tvb = tvb;
    packet->pinfo = pinfo;
    packet->tree = tree;
    packet->transport = 1u << row;
    packet->quoted = pinfo->flags.in_error_pkt;
    packet->has_ports = tvb_captured_length(tvb) >= 4;
    packet->srcport = 0;
    packet->dstport = 0;
    if (packet->has_ports) {
        uint32_t ports = tvb_get_ntohl(tvb, 0);

        packet->srcport = (uint16_t)(ports >> 16);
        packet->dstport = (uint16_t)ports;
    }
    packet->below = wmem_list_tail(pinfo->layers);
    packet->conversation = NULL;
    packet->looked_up = false;
    packet->src = pinfo->src;
    packet->dst = pinfo->dst;
    packet->inner_below = NULL;
    packet->last_item = tree ? tree->last_child : NULL;
}

static void
enter_packet(flow_packet_t *packet)
{
    packet->outer = the_hub->current;
    if (packet->outer && !packet->outer->inner_below)
        packet->outer->inner_below = packet->below;
    the_hub->current = packet;
}

static void
leave_packet(flow_packet_t *packet, const flow_calls_t *after)
{
    the_hub->current = packet->outer;
    /* The dissector may have made a conversation, or a newer one where ports are used again. */
    packet->looked_up = false;
    call_all(after, packet);
}

/* On its own, since a function that may be jumped back into keeps all that it has in memory. */
static int
call_original(flow_packet_t *packet, dissector_handle_t original, void *data, const flow_calls_t *after)
{
    volatile int result = 0;

    TRY {
        result = call_dissector_only(original, packet->tvb, packet->pinfo, packet->tree, data);
    }
    FINALLY {
        leave_packet(packet, after);
    }
    ENDTRY;
    return result;
}

static int
dissect_transport(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned row)
{
    const flow_calls_t *before = &the_hub->before[row][pinfo->flags.in_error_pkt];
    const flow_calls_t *after = &the_hub->after[row][pinfo->flags.in_error_pkt];
    dissector_handle_t original = the_hub->original[row];
    flow_packet_t packet;

    /* Calling through the wrapper must not count as one more dissector in between. */
    pinfo->can_desegment = pinfo->saved_can_desegment;
    if (before->count + after->count == 0)
        return call_dissector_only(original, tvb, pinfo, tree, data);

    init_packet(&packet, tvb, pinfo, tree, row);
    enter_packet(&packet);
    call_all(before, &packet);
    return call_original(&packet, original, data, after);
}

static int
dissect_flow_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_transport(tvb, pinfo, tree, data, 0);
}

static int
dissect_flow_udp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_transport(tvb, pinfo, tree, data, 1);
}

static int
dissect_flow_sctp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_transport(tvb, pinfo, tree, data, 2);
}

/*
 * In-name-only protocols do not show in frame.protocols; each handle needs one of its own, with a name of
 * its own for the Decode As window.
 */
static const struct {
    uint32_t     ip_proto;
    const char  *parent;
    const char  *name;
    const char  *filter;
    dissector_t  dissector;
} transports[FLOW_TRANSPORTS] = {
    { IP_PROTO_TCP,  "tcp",  "TCP (with whole flows)",  "gapfill_flow_tcp",  dissect_flow_tcp },
    { IP_PROTO_UDP,  "udp",  "UDP (with whole flows)",  "gapfill_flow_udp",  dissect_flow_udp },
    { IP_PROTO_SCTP, "sctp", "SCTP (with whole flows)", "gapfill_flow_sctp", dissect_flow_sctp },
};

static void
make_wrapper(flow_hub_t *hub, unsigned row)
{
    int parent = proto_get_id_by_filter_name(transports[row].parent);
    int proto;

    if (parent == -1)
        return;
    proto = proto_register_protocol_in_name_only(transports[row].name, transports[row].name,
            transports[row].filter, parent, FT_PROTOCOL);
    hub->wrapper[row] = create_dissector_handle(transports[row].dissector, proto);
}

/* What the user chose by Decode As stays. */
static void
wrap_transport(flow_hub_t *hub, unsigned row)
{
    dissector_handle_t present = dissector_get_uint_handle(find_dissector_table("ip.proto"), transports[row].ip_proto);

    if (!hub->wrapper[row])
        make_wrapper(hub, row);
    if (!hub->original[row])
        hub->original[row] = present;
    if (hub->wrapper[row] && present && present == hub->original[row])
        dissector_add_uint("ip.proto", transports[row].ip_proto, hub->wrapper[row]);
}

static void
unwrap_transport(const flow_hub_t *hub, unsigned row)
{
    dissector_handle_t present = dissector_get_uint_handle(find_dissector_table("ip.proto"), transports[row].ip_proto);

    if (present && present == hub->wrapper[row])
        dissector_add_uint("ip.proto", transports[row].ip_proto, hub->original[row]);
}

static void
add_call(flow_calls_t calls[2], const flow_observer_t *observer, void (*call)(flow_packet_t *))
{
    if (!call)
        return;
    calls[1].call[calls[1].count++] = call;
    if (!observer->quotes_only)
        calls[0].call[calls[0].count++] = call;
}

static void
list_calls(flow_hub_t *hub, unsigned row)
{
    memset(hub->before[row], 0, sizeof hub->before[row]);
    memset(hub->after[row], 0, sizeof hub->after[row]);
    for (unsigned i = 0; i < hub->count; i++) {
        if (hub->observers[i]->transports & (1u << row)) {
            add_call(hub->before[row], hub->observers[i], hub->observers[i]->before);
            add_call(hub->after[row], hub->observers[i], hub->observers[i]->after);
        }
    }
}

static void
update_hub(flow_hub_t *hub)
{
    for (unsigned i = 0; i < FLOW_TRANSPORTS; i++) {
        list_calls(hub, i);
        /* Quoted packets go to every observer. */
        if (hub->before[i][1].count + hub->after[i][1].count > 0)
            wrap_transport(hub, i);
        else if (hub->wrapper[i])
            unwrap_transport(hub, i);
    }
}

static void
forget_conversations(void)
{
    if (the_hub->cached)
        memset(the_hub->cache, 0, sizeof the_hub->cache);
    the_hub->cached = false;
    the_hub->current = NULL;
}

static flow_hub_t *
create_hub(void)
{
    flow_hub_t *hub = g_new0(flow_hub_t, 1);

    hub->update = update_hub;
    register_init_routine(forget_conversations);
    register_cleanup_routine(forget_conversations);
    return hub;
}

static flow_hub_t *
find_or_create_hub(void)
{
    /* A protocol lives as long as libwireshark does, and is the same for all plugins. */
    const void *place = find_protocol_by_id(proto_get_id_by_filter_name("ip"));
    flow_hub_t *hub = (flow_hub_t *)g_dataset_get_data(place, FLOW_HUB_NAME);

    if (!hub) {
        hub = create_hub();
        g_dataset_set_data(place, FLOW_HUB_NAME, hub);
    }
    return hub;
}

static unsigned
find_observer(const flow_observer_t *observer)
{
    unsigned i = 0;

    while (i < the_hub->count && the_hub->observers[i] != observer)
        i++;
    return i;
}

void
flow_add_observer(const flow_observer_t *observer)
{
    the_hub = find_or_create_hub();
    if (find_observer(observer) < the_hub->count || the_hub->count == FLOW_MAX_OBSERVERS)
        return;
    the_hub->observers[the_hub->count++] = observer;
    the_hub->update(the_hub);
}

void
flow_remove_observer(const flow_observer_t *observer)
{
    unsigned i;

    if (!the_hub || (i = find_observer(observer)) == the_hub->count)
        return;
    the_hub->count--;
    memmove(&the_hub->observers[i], &the_hub->observers[i + 1],
            (the_hub->count - i) * sizeof the_hub->observers[0]);
    the_hub->update(the_hub);
}

static bool
read_address(const address *from, uint64_t to[2])
{
    if (from->type == AT_IPv4) {
        uint32_t ipv4;

        memcpy(&ipv4, from->data, sizeof ipv4);
        to[0] = ipv4;
        to[1] = 0;
        return true;
    }
    if (from->type == AT_IPv6) {
        memcpy(to, from->data, 2 * sizeof to[0]);
        return true;
    }
    return false;
}

static bool
is_lower(const uint64_t a[2], uint16_t port_a, const uint64_t b[2], uint16_t port_b)
{
    if (a[0] != b[0])
        return a[0] < b[0];
    return a[1] != b[1] ? a[1] < b[1] : port_a < port_b;
}

static bool
make_key(const flow_packet_t *packet, flow_key_t *key, bool *in_order)
{
    uint64_t src[2], dst[2];

    if (!read_address(&packet->src, src) || !read_address(&packet->dst, dst))
        return false;
    *in_order = is_lower(src, packet->srcport, dst, packet->dstport);
    memcpy(key->address[!*in_order], src, sizeof src);
    memcpy(key->address[*in_order], dst, sizeof dst);
    key->ports = ((uint64_t)packet->transport << 48) | ((uint64_t)packet->src.type << 32) |
        (*in_order ? ((uint32_t)packet->srcport << 16) | packet->dstport
                   : ((uint32_t)packet->dstport << 16) | packet->srcport);
    return true;
}

static bool
same_key(const flow_key_t *a, const flow_key_t *b)
{
    return a->ports == b->ports && a->address[0][0] == b->address[0][0] && a->address[1][0] == b->address[1][0] &&
        a->address[0][1] == b->address[0][1] && a->address[1][1] == b->address[1][1];
}

static flow_cache_set_t *
cache_set(const flow_key_t *key)
{
    uint64_t hash = key->ports ^ key->address[0][0] ^ key->address[0][1] * 3 ^ (key->address[1][0] ^ key->address[1][1] * 3) << 1;

    hash *= 0x9e3779b97f4a7c15u;
    return &the_hub->cache[(hash >> 32) % FLOW_CACHE_SETS];
}

/* A newer conversation of the same key comes next in its list. */
static conversation_t *
ask_entry(flow_cache_entry_t *entry, const flow_key_t *key)
{
    if (!entry->conversation || entry->conversation->next || !same_key(&entry->key, key) || entry->answers++ == FLOW_CACHE_TRUST)
        return NULL;
    return entry->conversation;
}

static void
fill_entry(flow_cache_entry_t *entry, const flow_key_t *key, conversation_t *conversation)
{
    entry->key = *key;
    entry->conversation = conversation;
    entry->answers = 0;
    the_hub->cached = true;
}

/* TCP makes a new conversation, for ports that are used again, only on a SYN. */
static bool
may_begin_conversation(const flow_packet_t *packet)
{
    return packet->transport == FLOW_TCP && tvb_captured_length(packet->tvb) > TCP_FLAGS_OFFSET &&
        (tvb_get_uint8(packet->tvb, TCP_FLAGS_OFFSET) & TCP_FLAG_SYN);
}

static conversation_type
conversation_type_of(const flow_packet_t *packet)
{
    if (packet->transport == FLOW_TCP)
        return CONVERSATION_TCP;
    return packet->transport == FLOW_UDP ? CONVERSATION_UDP : CONVERSATION_SCTP;
}

static conversation_t *
find_conversation_of(flow_packet_t *packet)
{
    return ws_find_conversation_strat(packet->pinfo, &packet->src, &packet->dst, conversation_type_of(packet),
            packet->srcport, packet->dstport);
}

/*
 * The latest conversation of the addresses and ports, which is what the first pass asks for, is kept
 * in a cache, unless conversations are told apart by interface or VLAN as well.
 */
static conversation_t *
find_latest_conversation(flow_packet_t *packet)
{
    flow_key_t key;
    flow_cache_set_t *set;
    conversation_t *conversation;
    bool in_order;

    if (ws_conversations_deinterlaced() || !make_key(packet, &key, &in_order))
        return find_conversation_of(packet);
    set = cache_set(&key);
    if (!may_begin_conversation(packet)) {
        conversation = ask_entry(&set->both_ways, &key);
        if (!conversation)
            conversation = ask_entry(&set->one_way[in_order], &key);
        if (conversation)
            return conversation;
    }
    conversation = find_conversation_of(packet);
    if (conversation)
        fill_entry(conversation->options ? &set->one_way[in_order] : &set->both_ways, &key, conversation);
    return conversation;
}

conversation_t *
flow_conversation(flow_packet_t *packet)
{
    if (!packet->looked_up && packet->has_ports) {
        packet->conversation = PINFO_FD_VISITED(packet->pinfo) ? find_conversation_of(packet) :
            find_latest_conversation(packet);
        packet->looked_up = true;
    }
    return packet->conversation;
}

bool
flow_has_layer(const flow_packet_t *packet, int proto_id)
{
    wmem_list_frame_t *layer = wmem_list_tail(packet->pinfo->layers);

    for (; layer && layer != packet->below; layer = wmem_list_frame_prev(layer)) {
        if (GPOINTER_TO_INT(wmem_list_frame_data(layer)) == proto_id)
            return true;
    }
    return false;
}

proto_tree *
flow_subtree(const flow_packet_t *packet)
{
    static int proto_ids[FLOW_TRANSPORTS];
    unsigned row = packet->transport >> 1;    /* 1, 2, 4 */

    if (!packet->tree)
        return NULL;
    if (!proto_ids[row])
        proto_ids[row] = proto_get_id_by_filter_name(transports[row].parent);
    for (proto_node *node = packet->last_item ? packet->last_item->next : packet->tree->first_child; node; node = node->next) {
        if (node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == proto_ids[row])
            return node;
    }
    return packet->tree;
}

proto_tree *
flow_native_subtree(proto_tree *tree, int proto_id)
{
    proto_node *found = NULL;

    if (!tree)
        return NULL;
    for (proto_node *node = tree->first_child; node; node = node->next) {
        if (node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == proto_id)
            found = node;
    }
    return found ? found : tree;
}
