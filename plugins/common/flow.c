/* flow.c
 * Seeing every TCP, UDP and SCTP packet where IP hands it over; see flow.h
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

#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/packet.h>
#include <wsutil/pint.h>

#include "cleanup.h"
#include "flow.h"
#include "flow-key.h"
#include "flow-note.h"
#include "flow-stream.h"
#include "hub.h"
#include "standin.h"
#include "tcp-header.h"
#include "compat.h"

#define FLOW_MAX_OBSERVERS 16
#define FLOW_TRANSPORTS 3

#define FLOW_CACHE_SIZE 4096    /* a power of two */

/* The bits of those that are called for every packet, and for reassembled ones; those by port have one each. */
#define FLOW_ANY_PORT    0x8000u
#define FLOW_REASSEMBLED 0x4000u
#define FLOW_MAX_BY_PORT 14

typedef struct flow_call {
    const char *name;       /* of its protocol */
    uint16_t    bit;
    void      (*call)(flow_packet_t *packet);
} flow_call_t;

typedef struct flow_calls {
    unsigned    count;
    flow_call_t to[FLOW_MAX_OBSERVERS];
} flow_calls_t;

/* Who is called for one transport, quoted or not: where nobody wants the ports, and where somebody does. */
typedef struct flow_path {
    unsigned     transport;
    flow_calls_t before[2];
    flow_calls_t after[2];
} flow_path_t;

/* One direction: a conversation with wildcards may be that of one only. */
typedef struct flow_cache_entry {
    flow_key_t   key;
    flow_known_t known;
} flow_cache_entry_t;

/*
 * Shared by all plugins of the bundle in one process that are built from the same sources: the first that is loaded makes it and
 * leaves its address with GLib under a name with a hash of those. Never freed; what the cache has is of no use
 * once a file has been opened or closed.
 */
#define FLOW_HUB_NAME HUB_NAME("flow")

typedef struct flow_hub {
    const flow_observer_t *observers[FLOW_MAX_OBSERVERS];
    unsigned               count;
    flow_path_t            paths[FLOW_TRANSPORTS][2];   /* the second index: whether quoted */
    flow_packet_t         *current;                     /* the innermost one being dissected */
    uint64_t               file;                        /* its number, as it is in keys */
    flow_cache_entry_t     cache[FLOW_CACHE_SIZE];
    void                 (*update)(struct flow_hub *hub);
    const flow_observer_t *by_port[FLOW_MAX_BY_PORT];     /* by the number of their bits, for good */
    flow_wildcards_t       wildcards;
    uint16_t               wanted[UINT16_MAX + 1];      /* bits by port */
    uint16_t               wanting;                     /* all of those */
    bool                   is_prepared;                 /* a file has been opened: who is called has been listed */
} flow_hub_t;

static flow_hub_t *the_hub;

static int dissect_flow_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_flow_udp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_flow_sctp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Those of the plugin that made the hub are used. */
static struct {
    const char *name;
    standin_t   standin;
} transports[FLOW_TRANSPORTS] = {
    { "tcp",  { .name = "flow.tcp",  .dissect = dissect_flow_tcp } },
    { "udp",  { .name = "flow.udp",  .dissect = dissect_flow_udp } },
    { "sctp", { .name = "flow.sctp", .dissect = dissect_flow_sctp } },
};

static inline void
call_all(const flow_calls_t *lists, flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const char *saved = pinfo->current_proto;
    unsigned wanted = the_hub->wanted[packet->srcport] | the_hub->wanted[packet->dstport];
    const flow_calls_t *calls = &lists[wanted != 0];

    wanted |= pinfo->data_src && pinfo->data_src->next ? FLOW_ANY_PORT | FLOW_REASSEMBLED : FLOW_ANY_PORT;
    for (const flow_call_t *to = calls->to, *end = to + calls->count; to < end; to++) {
        if (!(to->bit & wanted))
            continue;
        pinfo->current_proto = to->name;
        to->call(packet);
    }
    pinfo->current_proto = saved;
}

static inline void
init_packet(flow_packet_t *packet, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const flow_path_t *path, unsigned row)
{
    packet->tvb = tvb;
    packet->pinfo = pinfo;
    packet->tree = tree;
    packet->transport = 1u << row;
    packet->after = path->after;
    packet->quoted = pinfo->flags.in_error_pkt;
    packet->captured = tvb_captured_length(tvb);
    packet->bytes = packet->captured ? tvb_get_ptr(tvb, 0, (int)packet->captured) : NULL;
    packet->has_ports = packet->captured >= 4;
    packet->srcport = packet->has_ports ? pntohu16(packet->bytes) : 0;
    packet->dstport = packet->has_ports ? pntohu16(packet->bytes + 2) : 0;
    packet->below = standin_below(pinfo);
    packet->elements = flow_elements_of(pinfo, 1u << row);
    packet->known = NULL;
    packet->src = pinfo->src;
    packet->dst = pinfo->dst;
    packet->streams = packet->streams_after = flow_count_streams(1u << row);
    packet->outer = the_hub->current;
    packet->inner_layers = 0;
    packet->inner_below = NULL;
    packet->last_item = tree ? tree->last_child : NULL;
    packet->peeked = NULL;
    packet->begun = false;
    packet->wants_tree = false;
    packet->by_ends = 1u << row != FLOW_SCTP && !packet->elements;
    packet->spare = NULL;
}

/*
 * Layers are taken away again where a dissector in between rejects the packet after all, and others may have come
 * in their place.
 */
static wmem_list_frame_t *
find_inner_below(const flow_packet_t *packet)
{
    wmem_list_frame_t *layer = wmem_list_tail(packet->pinfo->layers);
    unsigned above = wmem_list_count(packet->pinfo->layers);

    if (above <= packet->inner_layers)
        return NULL;
    for (above -= packet->inner_layers; above > 0; above--)
        layer = wmem_list_frame_prev(layer);
    return GPOINTER_TO_INT(wmem_list_frame_data(layer)) == packet->inner_protocol ? layer : NULL;
}

static G_GNUC_NO_INLINE void
tell_outer(flow_packet_t *outer, const flow_packet_t *packet)
{
    if (outer->inner_layers == 0 || !find_inner_below(outer)) {
        outer->inner_layers = wmem_list_count(packet->pinfo->layers) - 1;     /* without the transport */
        outer->inner_protocol = packet->below ? GPOINTER_TO_INT(wmem_list_frame_data(packet->below)) : 0;
    }
}

/* Or a packet in it is. */
static bool
is_first_of_stream(const flow_packet_t *packet)
{
    return packet->streams != packet->streams_after;
}

/* What came above it, asked for once for all observers. */
static inline void
look_at_layers(flow_packet_t *packet)
{
    wmem_list_frame_t *top = wmem_list_tail(packet->pinfo->layers);

    packet->top = top;
    packet->top_protocol = top ? GPOINTER_TO_INT(wmem_list_frame_data(top)) : -1;
    packet->is_bare = !top || top == packet->below || wmem_list_frame_prev(top) == packet->below;
}

/* Its items are of the packet's own memory. */
static void
throw_away(epan_dissect_t *spare)
{
    PTREE_DATA(spare->tree)->pinfo = &spare->pi;
    epan_dissect_free(spare);
}

/* Called once, also if dissection ends with an exception. */
static void
leave_packet(void *context)
{
    flow_packet_t *packet = (flow_packet_t *)context;
    const flow_calls_t *after = packet->after;

    if (!after)
        return;
    packet->after = NULL;
    packet->streams_after = flow_count_streams(packet->transport);
    the_hub->current = packet->outer;
    /* The dissector may have made a conversation, or a newer one where ports are used again. */
    packet->known = packet->inner_layers == 0 && packet->peeked && packet->peeked->conversation
        && !is_first_of_stream(packet) ? packet->peeked : NULL;
    if (packet->inner_layers > 0)
        packet->inner_below = find_inner_below(packet);
    look_at_layers(packet);
    call_all(after, packet);
    if (packet->spare)
        throw_away(packet->spare);
}

/*
 * Without a tree nobody can tell whether a dissector has shown anything: with one, Wireshark takes the layers of those that
 * have not away again.
 */
static proto_tree *
tree_for(flow_packet_t *packet)
{
    if (packet->tree || !packet->wants_tree)
        return packet->tree;
    packet->spare = epan_dissect_new(packet->pinfo->epan, true, false);
    PTREE_DATA(packet->spare->tree)->pinfo = packet->pinfo;
    return packet->spare->tree;
}

/* Once for each row, which is a constant there. */
#ifdef __GNUC__
__attribute__((always_inline))
#endif
static inline int
dissect_transport(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned row)
{
    const flow_path_t *path = &the_hub->paths[row][pinfo->flags.in_error_pkt];
    const standin_t *standin = &transports[row].standin;
    flow_packet_t packet;
    int result;

    if (path->before[1].count + path->after[1].count == 0)
        return standin_call(standin, tvb, pinfo, tree, data);

    init_packet(&packet, tvb, pinfo, tree, path, row);
    call_all(path->before, &packet);
    if (packet.outer)
        tell_outer(packet.outer, &packet);
    the_hub->current = &packet;
    /* Half the price of TRY and FINALLY. */
    CLEANUP_PUSH(leave_packet, &packet);
    result = standin_call(standin, tvb, pinfo, tree_for(&packet), data);
    CLEANUP_CALL_AND_POP;
    return result;
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

static void
stand_in(void)
{
    for (unsigned row = 0; row < FLOW_TRANSPORTS; row++)
        standin_add(&transports[row].standin, find_dissector(transports[row].name));
}

/* 0: there are too many. */
static uint16_t
bit_of(flow_hub_t *hub, const flow_observer_t *observer)
{
    for (unsigned i = 0; i < array_length(hub->by_port); i++) {
        if (!hub->by_port[i])
            hub->by_port[i] = observer;
        if (hub->by_port[i] == observer)
            return (uint16_t)(1u << i);
    }
    return 0;
}

static uint16_t
bit_for_call(flow_hub_t *hub, const flow_observer_t *observer)
{
    if (observer->by_port)
        return bit_of(hub, observer);
    return observer->reassembled_only ? FLOW_REASSEMBLED : FLOW_ANY_PORT;
}

static void
add_call(flow_hub_t *hub, flow_calls_t *lists, const flow_observer_t *observer, void (*call)(flow_packet_t *))
{
    if (!call)
        return;
    for (unsigned wanted = observer->by_port; wanted < 2; wanted++) {
        flow_calls_t *calls = &lists[wanted];

        calls->to[calls->count].name = proto_get_protocol_short_name(find_protocol_by_id(*observer->proto));
        calls->to[calls->count].bit = bit_for_call(hub, observer);
        calls->to[calls->count++].call = call;
    }
}

/* Quoted packets go to every observer. */
static void
list_calls(flow_hub_t *hub, flow_path_t *path, bool quoted)
{
    for (unsigned wanted = 0; wanted < 2; wanted++)
        path->before[wanted].count = path->after[wanted].count = 0;
    for (unsigned i = 0; i < hub->count; i++) {
        const flow_observer_t *observer = hub->observers[i];

        if ((observer->transports & path->transport) && (quoted || !observer->quotes_only)
                && standin_is_on(observer->proto)) {
            add_call(hub, path->before, observer, observer->before);
            add_call(hub, path->after, observer, observer->after);
        }
    }
}

static void
update_hub(flow_hub_t *hub)
{
    for (unsigned i = 0; i < FLOW_TRANSPORTS; i++) {
        flow_path_t *paths = hub->paths[i];

        paths[0].transport = paths[1].transport = 1u << i;
        list_calls(hub, &paths[0], false);
        list_calls(hub, &paths[1], true);
    }
}

static void
forget_conversations(void)
{
    the_hub->file += FLOW_KEY_FILE;
    if (the_hub->file == 0)     /* a number comes again */
        memset(the_hub->cache, 0, sizeof the_hub->cache);
    the_hub->current = NULL;
}

/* A file is opened: protocols may have been switched on or off. */
static void
prepare(void)
{
    forget_conversations();
    flow_find_wildcards(&the_hub->wildcards);
    the_hub->is_prepared = true;
    update_hub(the_hub);
}

static void *
make_hub(void)
{
    flow_hub_t *hub = g_new0(flow_hub_t, 1);

    hub->update = update_hub;
    stand_in();
    register_init_routine(prepare);
    register_cleanup_routine(forget_conversations);
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

static const char *
observer_name(const flow_observer_t *observer)
{
    return proto_get_protocol_filter_name(*observer->proto);
}

void
flow_add_observer(const flow_observer_t *observer)
{
    unsigned place;

    the_hub = (flow_hub_t *)hub_find_or_make(FLOW_HUB_NAME, make_hub);
    if (find_observer(observer) < the_hub->count || the_hub->count == FLOW_MAX_OBSERVERS)
        return;
    for (place = the_hub->count; place > 0; place--) {
        if (strcmp(observer_name(the_hub->observers[place - 1]), observer_name(observer)) <= 0)
            break;
        the_hub->observers[place] = the_hub->observers[place - 1];
    }
    the_hub->observers[place] = observer;
    the_hub->count++;
    if (the_hub->is_prepared)
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

void
flow_want_port(const flow_observer_t *observer, uint16_t port)
{
    uint16_t bit = bit_of(the_hub, observer);

    the_hub->wanted[port] |= bit;
    the_hub->wanting |= bit;
}

void
flow_want_no_ports(const flow_observer_t *observer)
{
    uint16_t others = (uint16_t)~bit_of(the_hub, observer);

    if ((the_hub->wanting & others) == the_hub->wanting)
        return;
    for (unsigned port = 0; port <= UINT16_MAX; port++)
        the_hub->wanted[port] &= others;
    the_hub->wanting &= others;
}

static inline bool
make_key_of(flow_key_t *key, const flow_packet_t *packet)
{
    key->ports = the_hub->file | flow_key_ports(packet->transport, &packet->src, packet->srcport, packet->dstport);
    return flow_key_fill(key, &packet->src, &packet->dst);
}

static inline flow_cache_entry_t *
cache_entry(const flow_key_t *key)
{
    return &the_hub->cache[flow_key_hash(key) % FLOW_CACHE_SIZE];
}

static flow_known_t *
look_up(flow_packet_t *packet, flow_known_t *known)
{
    known->conversation = flow_find_latest(packet);
    known->note = NULL;
    return known;
}

/* What is found for one direction holds for the other as well, unless there are wildcards in it. */
static void
fill_reverse(const flow_packet_t *packet, const flow_cache_entry_t *entry)
{
    const conversation_t *conversation = entry->known.conversation;
    flow_cache_entry_t *reverse;
    flow_key_t key;

    key.ports = the_hub->file | flow_key_ports(packet->transport, &packet->dst, packet->dstport, packet->srcport);
    if (!flow_key_fill(&key, &packet->dst, &packet->src))
        return;
    reverse = cache_entry(&key);
    if (reverse == entry)
        return;
    if (conversation && !conversation->options)
        *reverse = (flow_cache_entry_t) { .key = key, .known = entry->known };
    else if (is_first_of_stream(packet) && flow_key_equal(&reverse->key, &key))
        reverse->known = (flow_known_t) { NULL, NULL };
}

/* Apart from the quick answer, so that that costs next to nothing. */
static G_GNUC_NO_INLINE flow_known_t *
fill_entry(flow_packet_t *packet, flow_cache_entry_t *entry, const flow_key_t *key)
{
    bool is_same = entry->known.note && (packet->begun || !is_first_of_stream(packet)) && flow_key_equal(&entry->key, key);
    void *note = is_same ? entry->known.note : NULL;
    flow_known_t *known = look_up(packet, &entry->known);

    known->note = note;
    entry->key = *key;
    fill_reverse(packet, entry);
    return known;
}

/* find_conversation() may give an announced conversation, that of FTP data for one, to the port that is asked for. */
static flow_known_t *
look_up_without_change(flow_packet_t *packet, flow_known_t *known)
{
    conversation_type type = flow_conversation_type_of(packet);
    conversation_t *there = flow_find_exact(packet->pinfo, &packet->src, packet->srcport, &packet->dst, packet->dstport, type);
    conversation_t *back = flow_find_exact(packet->pinfo, &packet->dst, packet->dstport, &packet->src, packet->srcport, type);

    known->conversation = !there || (back && back->conv_index > there->conv_index) ? back : there;
    known->note = NULL;
    return known;
}

/*
 * The latest conversation of the addresses and ports, which is what the first pass asks for, is kept in a
 * cache. It stays the same until Wireshark counts a new one while it dissects a packet with these addresses and ports:
 * TCP and UDP count a stream when they first use a conversation, whoever has made it.
 * Not where conversations are told apart by interface or VLAN as well.
 */
static inline flow_known_t *
find_latest(flow_packet_t *packet)
{
    flow_cache_entry_t *entry;
    flow_key_t key;

    if (!flow_goes_by_ends(packet) || !make_key_of(&key, packet))
        return look_up(packet, &packet->uncached);
    entry = cache_entry(&key);
    if (flow_key_equal(&entry->key, &key) && entry->known.conversation && !is_first_of_stream(packet))
        return packet->peeked = &entry->known;      /* so that after() need not look it up again */
    return fill_entry(packet, entry, &key);
}

flow_known_t *
flow_known(flow_packet_t *packet)
{
    if (packet->known || !packet->has_ports)
        return packet->known;
    if (!flow_transport_has_looked_up(packet) && !packet->elements && !tcp_ends_are_deinterlaced())
        packet->known = look_up_without_change(packet, &packet->uncached);
    else
        packet->known = PINFO_FD_VISITED(packet->pinfo) ? look_up(packet, &packet->uncached) : find_latest(packet);
    return packet->known;
}

const flow_known_t *
flow_peek(flow_packet_t *packet)
{
    flow_cache_entry_t *entry;
    flow_key_t key;

    if (!packet->has_ports || !flow_goes_by_ends(packet) || !make_key_of(&key, packet))
        return NULL;
    entry = cache_entry(&key);
    if (flow_key_equal(&entry->key, &key) && (entry->known.conversation || entry->known.note))
        packet->peeked = &entry->known;
    return packet->peeked;
}

/*
 * A dissector may make a conversation of its own while it reads the first datagram of a stream, as SNMP's does: the
 * rest of the stream is of that one. DNS, which most new streams are, makes none.
 */
static bool
is_dns(const flow_packet_t *packet)
{
    static int proto_dns;

    if (!proto_dns)
        proto_dns = proto_get_id_by_filter_name("dns");
    return packet->top_protocol == proto_dns;
}

/*
 * TCP and UDP count a stream when a new conversation has its first packet. Of one that carries something others may have made or
 * counted another, such as that of a connection which it tells of.
 */
bool
flow_begins_stream(const flow_packet_t *packet)
{
    /* What most packets end at comes first. */
    if (packet->streams_after - packet->streams != 1 || !flow_goes_by_ends(packet) || packet->quoted
            || packet->inner_layers > 0 || PINFO_FD_VISITED(packet->pinfo))
        return false;
    return flow_transport_has_looked_up(packet) && !flow_may_have_wildcards(&the_hub->wildcards)
        && (packet->transport == FLOW_UDP ? is_dns(packet)
                : tvb_reported_length(packet->tvb) <= tcp_header_length(packet->bytes));
}

bool
flow_may_be_announced(void)
{
    return flow_may_have_wildcards(&the_hub->wildcards);
}

/* Where somebody has searched for the conversation already, what was found stays. */
static void
set_note(const flow_packet_t *packet, bool is_reverse, void *note)
{
    const address *from = is_reverse ? &packet->dst : &packet->src;
    const address *to = is_reverse ? &packet->src : &packet->dst;
    uint16_t from_port = is_reverse ? packet->dstport : packet->srcport;
    uint16_t to_port = is_reverse ? packet->srcport : packet->dstport;
    flow_cache_entry_t entry = { .known = { NULL, note } };
    flow_cache_entry_t *place;

    entry.key.ports = the_hub->file | flow_key_ports(packet->transport, from, from_port, to_port);
    if (!flow_key_fill(&entry.key, from, to))
        return;
    place = cache_entry(&entry.key);
    if (!packet->known)
        *place = entry;
    else if (flow_key_equal(&place->key, &entry.key))
        place->known.note = note;
}

void
flow_begin_note(flow_packet_t *packet, void *note)
{
    set_note(packet, true, note);
    set_note(packet, false, note);
    packet->begun = true;
}

flow_known_t *
flow_noted(flow_packet_t *packet)
{
    flow_cache_entry_t *entry;
    flow_key_t key;

    if (packet->known || !flow_transport_has_looked_up(packet) || !flow_goes_by_ends(packet) || is_first_of_stream(packet)
            || PINFO_FD_VISITED(packet->pinfo) || !make_key_of(&key, packet))
        return flow_known(packet);
    entry = cache_entry(&key);
    return entry->known.note && flow_key_equal(&entry->key, &key) ? &entry->known : flow_known(packet);
}

conversation_t *
flow_conversation(flow_packet_t *packet)
{
    flow_known_t *known = flow_known(packet);

    return known ? known->conversation : NULL;
}

/* As where a dissector in between, such as SOCKS's, has put others in their place. */
static bool
has_other_ends(const flow_packet_t *packet)
{
    const packet_info *pinfo = packet->pinfo;

    return pinfo->srcport != packet->srcport || pinfo->destport != packet->dstport
        || pinfo->src.data != packet->src.data || pinfo->dst.data != packet->dst.data;
}

conversation_t *
flow_conversation_of_tcp(const packet_info *pinfo)
{
    flow_packet_t *packet = the_hub ? the_hub->current : NULL;

    if (!packet || packet->pinfo != pinfo || packet->transport != FLOW_TCP || packet->quoted || PINFO_FD_VISITED(pinfo)
            || !flow_transport_has_looked_up(packet) || !tcp_ends_tell_all(pinfo) || has_other_ends(packet))
        return NULL;
    packet->streams_after = flow_count_streams(FLOW_TCP);
    packet->peeked = find_latest(packet);
    return packet->peeked->conversation;
}

proto_tree *
flow_subtree(const flow_packet_t *packet)
{
    static int proto_ids[FLOW_TRANSPORTS];
    unsigned row = packet->transport >> 1;    /* 1, 2, 4 */

    if (!packet->tree)
        return NULL;
    if (!proto_ids[row])
        proto_ids[row] = proto_get_id_by_filter_name(transports[row].name);
    for (proto_node *node = packet->last_item ? packet->last_item->next : packet->tree->first_child; node; node = node->next) {
        if (node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == proto_ids[row])
            return node;
    }
    /* The header is cut short: below IP's item, since one at the root would change the protocol hierarchy. */
    if (packet->last_item && packet->last_item->finfo && packet->last_item->finfo->tree_type >= 0)
        return packet->last_item;
    return packet->tree;
}
