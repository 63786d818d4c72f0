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

#include <epan/packet.h>
#include <epan/exceptions.h>
#include <epan/ipproto.h>

#include "flow.h"
#include "ws_compat.h"

#define FLOW_MAX_OBSERVERS 16
#define FLOW_TRANSPORTS 3

/*
 * Shared by all plugins of the bundle in one process: the first that is loaded makes it and leaves
 * its address with GLib under a name that stands for this layout. Never freed.
 */
#define FLOW_HUB_NAME "gapfill-flow-hub-1"

typedef struct flow_hub {
    const flow_observer_t *observers[FLOW_MAX_OBSERVERS];
    unsigned               count;
    unsigned               wrapped;                     /* FLOW_ bits */
    dissector_handle_t     original[FLOW_TRANSPORTS];
    void                 (*wrap)(struct flow_hub *hub, unsigned transport);
} flow_hub_t;

static flow_hub_t *the_hub;

static bool
observer_wants(const flow_observer_t *observer, const flow_packet_t *packet)
{
    return (observer->transports & packet->transport) && (packet->quoted || !observer->quotes_only);
}

static void
observe_before(const flow_hub_t *hub, flow_packet_t *packet)
{
    for (unsigned i = 0; i < hub->count; i++) {
        if (hub->observers[i]->before && observer_wants(hub->observers[i], packet))
            hub->observers[i]->before(packet);
    }
}

static void
observe_after(const flow_hub_t *hub, flow_packet_t *packet)
{
    for (unsigned i = 0; i < hub->count; i++) {
        if (hub->observers[i]->after && observer_wants(hub->observers[i], packet))
            hub->observers[i]->after(packet);
    }
}

static int
dissect_transport(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned index)
{
    flow_packet_t packet = {
        .tvb = tvb, .pinfo = pinfo, .tree = tree, .transport = 1u << index,
        .quoted = pinfo->flags.in_error_pkt,
        .has_ports = tvb_captured_length(tvb) >= 4,
        .below = wmem_list_tail(pinfo->layers),
    };
    volatile int result = 0;

    if (packet.has_ports) {
        packet.srcport = tvb_get_ntohs(tvb, 0);
        packet.dstport = tvb_get_ntohs(tvb, 2);
    }
    observe_before(the_hub, &packet);
    TRY {
        result = call_dissector_only(the_hub->original[index], tvb, pinfo, tree, data);
    }
    FINALLY {
        packet.looked_up = packet.conversation != NULL;
        observe_after(the_hub, &packet);
    }
    ENDTRY;
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

/* In-name-only protocols do not show in frame.protocols; each handle needs one of its own. */
static const struct {
    uint32_t     ip_proto;
    const char  *parent;
    const char  *name;
    const char  *filter;
    dissector_t  dissector;
} transports[FLOW_TRANSPORTS] = {
    { IP_PROTO_TCP,  "tcp",  "Gapfill TCP Flow",  "gapfill_flow_tcp",  dissect_flow_tcp },
    { IP_PROTO_UDP,  "udp",  "Gapfill UDP Flow",  "gapfill_flow_udp",  dissect_flow_udp },
    { IP_PROTO_SCTP, "sctp", "Gapfill SCTP Flow", "gapfill_flow_sctp", dissect_flow_sctp },
};

static void
wrap_transport(flow_hub_t *hub, unsigned index)
{
    dissector_table_t table = find_dissector_table("ip.proto");
    dissector_handle_t original = dissector_get_uint_handle(table, transports[index].ip_proto);
    int parent = proto_get_id_by_filter_name(transports[index].parent);
    int proto;

    if (!original || parent == -1)
        return;
    proto = proto_register_protocol_in_name_only(transports[index].name, transports[index].name,
            transports[index].filter, parent, FT_PROTOCOL);
    hub->original[index] = original;
    hub->wrapped |= 1u << index;
    dissector_add_uint("ip.proto", transports[index].ip_proto,
            create_dissector_handle(transports[index].dissector, proto));
}

static flow_hub_t *
find_or_create_hub(void)
{
    /* A protocol lives as long as libwireshark does, and is the same for all plugins. */
    const void *place = find_protocol_by_id(proto_get_id_by_filter_name("ip"));
    flow_hub_t *hub = (flow_hub_t *)g_dataset_get_data(place, FLOW_HUB_NAME);

    if (!hub) {
        hub = g_new0(flow_hub_t, 1);
        hub->wrap = wrap_transport;
        g_dataset_set_data(place, FLOW_HUB_NAME, hub);
    }
    return hub;
}

void
flow_add_observer(const flow_observer_t *observer)
{
    the_hub = find_or_create_hub();
    for (unsigned i = 0; i < the_hub->count; i++) {
        if (the_hub->observers[i] == observer)
            return;
    }
    if (the_hub->count == FLOW_MAX_OBSERVERS)
        return;
    the_hub->observers[the_hub->count++] = observer;
    for (unsigned i = 0; i < FLOW_TRANSPORTS; i++) {
        if ((observer->transports & ~the_hub->wrapped) & (1u << i))
            the_hub->wrap(the_hub, i);
    }
}

conversation_t *
flow_conversation(flow_packet_t *packet)
{
    static const conversation_type types[] = { 0, CONVERSATION_TCP, CONVERSATION_UDP, 0, CONVERSATION_SCTP };

    if (!packet->looked_up && packet->has_ports) {
        packet->conversation = find_conversation(packet->pinfo->num, &packet->pinfo->src, &packet->pinfo->dst,
                types[packet->transport], packet->srcport, packet->dstport, 0);
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
