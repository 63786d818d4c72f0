/* flow.h
 * Seeing every TCP, UDP and SCTP packet where IP hands it over, also those that an ICMP or
 * ICMPv6 error quotes, before and after Wireshark has dissected it.
 *
 * One stand-in for each transport's dissector (standin.h) serves all plugins of the bundle that are loaded,
 * whichever of them comes first: each only adds an observer.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FLOW_H
#define GAPFILL_FLOW_H

#include <epan/packet.h>
#include <epan/conversation.h>

#define FLOW_TCP    0x01
#define FLOW_UDP    0x02
#define FLOW_SCTP   0x04

/*
 * What is known of packets with these addresses and ports that go in this direction. note is for
 * whole-session alone, and NULL whenever the conversation is another one than before.
 */
typedef struct flow_known {
    conversation_t *conversation;       /* NULL: none yet, or of flow_noted(), not looked up */
    void           *note;
} flow_known_t;

/*
 * A packet of a transport protocol. Valid during its callbacks only.
 */
typedef struct flow_packet {
    tvbuff_t       *tvb;        /* from the transport header on; may hold as little as a quote does */
    packet_info    *pinfo;      /* its addresses may be those of a tunnelled packet in after(): see src, dst */
    proto_tree     *tree;       /* what IP passed on; NULL where nothing is shown */
    unsigned        transport;  /* FLOW_TCP, FLOW_UDP or FLOW_SCTP */
    bool            quoted;     /* inside an ICMP or ICMPv6 error, possibly cut after 8 bytes */
    bool            has_ports;  /* at least the ports were captured */
    uint16_t        srcport;
    uint16_t        dstport;
    const uint8_t  *bytes;      /* what was captured of tvb, so that a look at the header costs no call; NULL if nothing */
    unsigned        captured;   /* octets of it */
    wmem_list_frame_t *below;   /* entry of pinfo->layers before the transport's */
    conversation_element_t *elements;   /* the key of UDP's conversation where that is not made of its ends, else NULL */
    flow_known_t   *known;      /* use flow_conversation(), or flow-note.h */
    flow_known_t    uncached;
    unsigned        streams;    /* that Wireshark had counted before it dissected the packet */
    unsigned        streams_after;      /* for after() */
    wmem_list_frame_t *top;     /* for after(): the last entry of pinfo->layers; NULL: there is none */
    int             top_protocol;       /* what it is */
    bool            is_bare;    /* for after(): no layer came above the transport's */
    address         src;        /* of the IP header right below; shallow copies */
    address         dst;
    struct flow_packet *outer;  /* the packet that carries this one in a tunnel or quotes it, else NULL */
    unsigned        inner_layers;       /* how many there were when the first packet carried by this one began */
    int             inner_protocol;     /* of the last of them */
    wmem_list_frame_t *inner_below;     /* for after(): below of the first packet carried by this one, else NULL */
    const struct flow_calls *after;     /* still to be called */
    proto_node     *last_item;  /* the last one of tree before the transport's own; use flow_subtree() */
    flow_known_t   *peeked;     /* what was found in the cache, by flow_peek() (flow-note.h) too */
    bool            begun;      /* flow_begin_note() was called */
    bool            wants_tree; /* set it in before(): dissected as if something were shown, where nothing is */
    bool            by_ends;    /* see flow_goes_by_ends(), but for interfaces and VLANs that are told apart */
    struct epan_dissect *spare; /* has the tree that this takes, and is thrown away afterwards */
} flow_packet_t;

/*
 * What a plugin wants to see. Owned by the plugin, which keeps it for the life of the process.
 * before and after may be NULL, and must not throw an exception. after is called even if
 * dissection ends with one, and then before anything is unwound.
 */
typedef struct flow_observer {
    const int *proto;           /* of the plugin: not called where it is switched off; items and expert info are its */
    unsigned transports;        /* any of FLOW_TCP, FLOW_UDP, FLOW_SCTP */
    bool     quotes_only;       /* just packets that ICMP errors quote */
    bool     reassembled_only;  /* just in frames in which something was put together before the transport; not with by_port */
    bool     by_port;           /* just packets with a port that flow_want_port() names, which costs others nothing */
    void   (*before)(flow_packet_t *packet);
    void   (*after)(flow_packet_t *packet);
} flow_observer_t;

/*
 * Call it in the handoff routine; adding the same observer again does nothing. Observers are called in the order of their
 * protocols' filter names, those of one protocol in the order in which they were added.
 */
void flow_add_observer(const flow_observer_t *observer);

/* For a plugin that a preference of its own switches off. Not to be called during a callback. */
void flow_remove_observer(const flow_observer_t *observer);

/*
 * For an observer by port that was added, in the file at hand: a port of either side. It may be named at any time, in a
 * callback too.
 */
void flow_want_port(const flow_observer_t *observer, uint16_t port);

/* When a file is opened, before its ports are named. */
void flow_want_no_ports(const flow_observer_t *observer);

/*
 * The conversation that the packet, or the quoted packet, belongs to, as of its frame.
 * NULL where there is none (yet, in before()). Looked up once before and once after dissection; on the first pass
 * most lookups are answered from a small cache and cost a tenth of find_conversation().
 */
conversation_t *flow_conversation(flow_packet_t *packet);

/*
 * For a dissector of what TCP carries, on the first pass: the conversation of the segment that is being dissected, which observers
 * then have without another search. NULL: ask find_or_create_conversation().
 */
conversation_t *flow_conversation_of_tcp(const packet_info *pinfo);

/* For after(): whether the protocol was dissected above the transport of this packet. */
static inline bool
flow_has_layer(const flow_packet_t *packet, int proto_id)
{
    wmem_list_frame_t *layer = wmem_list_tail(packet->pinfo->layers);

    for (; layer && layer != packet->below; layer = wmem_list_frame_prev(layer)) {
        if (GPOINTER_TO_INT(wmem_list_frame_data(layer)) == proto_id)
            return true;
    }
    return false;
}

/*
 * For after(): the subtree of the item that the transport's dissector made for this packet, for generated
 * items; where there is none, that of the layer below. Falls back to the packet's tree where protocols are not shown.
 */
proto_tree *flow_subtree(const flow_packet_t *packet);

/*
 * The tree item that the dissector of proto_id made last below tree, as a subtree for generated items,
 * so that nothing is added at the root. Falls back to tree itself where protocols are not shown.
 */
static inline proto_tree *
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

#endif /* GAPFILL_FLOW_H */
