/* packet-ldp-binding.c
 * What MPLS labels mean, learnt from LDP
 *
 * RFC 5036 (LDP), RFC 8077 (pseudowires), RFC 3032 (label stacks), RFC 4950 (label stacks in ICMP).
 *
 * The roof: here packets come in. LDP is read (ldp-stream.h, ldp-learn.h) and does what it says to bindings
 * (ldp-distribution.h, ldp-restart.h); the labels of a packet are looked up (ldp-resolve.h) and shown (ldp-show.h,
 * ldp-icmp.h) under the native items of the label stack and of ICMP's extension, and what a pseudowire carries is
 * dissected (ldp-pw.h). Ownership and lifetime: state is learnt on the first pass only and kept in file scope by
 * the rooms below, see ldp-capture.h; a session hangs on its TCP conversation. What a packet shows follows from the
 * state as of its frame, so nothing is kept for it. Errors: what is cut or malformed teaches nothing and shows
 * nothing.
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
#include <epan/conversation.h>
#include <epan/exceptions.h>
#include <epan/etypes.h>
#include <epan/ipproto.h>
#include <epan/ppptypes.h>
#include <epan/proto_data.h>
#include <epan/dissectors/packet-tcp.h>

#include "cleanup.h"
#include "flow.h"
#include "port-set.h"
#include "ldp-capture.h"
#include "ldp-carrier.h"
#include "ldp-codes.h"
#include "ldp-direction.h"
#include "ldp-distribution.h"
#include "ldp-foreign-labels.h"
#include "ldp-foreign.h"
#include "ldp-icmp.h"
#include "ldp-learn.h"
#include "ldp-neighbor.h"
#include "ldp-observed.h"
#include "ldp-pw.h"
#include "ldp-reading.h"
#include "ldp-resolve.h"
#include "ldp-restart.h"
#include "ldp-show.h"
#include "ldp-status.h"
#include "ldp-stream.h"
#include "standin.h"
#include "tap-ldp-binding.h"
#include "tap-ldp-pseudowire.h"
#include "tcp-header.h"
#include "compat.h"

void proto_register_ldp_binding(void);
void proto_reg_handoff_ldp_binding(void);

#define SHORT_NAME  "LDP Binding"
#define VXLAN_MPLS  5       /* with the generic protocol extension */
#define NSH_MPLS    5

#define NIBBLE_CHANNEL  1

static int proto_ldp_binding = -1;
static protocol_t *protocol;            /* the same, to ask whether it is switched on */
static protocol_t *ldp_protocol;
static int proto_mpls = -1;
static int proto_ldp = -1;
static int proto_udp = -1;
static int proto_ppp = -1;
static int proto_chdlc = -1;
static int proto_gre = -1;
static int proto_vxlan = -1;
static int proto_nsh = -1;
static int proto_icmp = -1;
static int proto_icmpv6 = -1;
static int hf_icmp_mpls_label = -1;

static int dissect_arp_neighbor(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_icmp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_icmpv6(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_mpls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t arp_standin = { .name = "ldp_binding.arp", .dissect = dissect_arp_neighbor, .proto = &proto_ldp_binding };
static standin_t icmp_standin = { .name = "ldp_binding.icmp", .dissect = dissect_icmp, .proto = &proto_ldp_binding };
static standin_t icmpv6_standin = { .name = "ldp_binding.icmpv6", .dissect = dissect_icmpv6, .proto = &proto_ldp_binding };
static standin_t mpls_standin = { .name = "ldp_binding.mpls", .dissect = dissect_mpls, .proto = &proto_ldp_binding };

/* The ports that Wireshark has for LDP, of TCP and UDP. */
typedef struct ldp_ports {
    const char            *table;
    const flow_observer_t *observer;
    dissector_handle_t     native;
    port_set_t             ports;
} ldp_ports_t;

static void after_segment(flow_packet_t *packet);
static void after_datagram(flow_packet_t *packet);

static const flow_observer_t session_observer = {
    .proto = &proto_ldp_binding, .transports = FLOW_TCP, .by_port = true, .after = after_segment
};
static const flow_observer_t hello_observer = {
    .proto = &proto_ldp_binding, .transports = FLOW_UDP, .by_port = true, .after = after_datagram
};

static ldp_ports_t tcp_ports = { .table = "tcp.port", .observer = &session_observer };
static ldp_ports_t udp_ports = { .table = "udp.port", .observer = &hello_observer };

/* Learning */

/* What LDP says is read where Wireshark dissects it. */
static bool
is_enabled(void)
{
    return proto_is_protocol_enabled(protocol) && (!ldp_protocol || proto_is_protocol_enabled(ldp_protocol));
}

static bool
has_ldp_port(const ldp_ports_t *ports, const flow_packet_t *packet)
{
    return port_set_has(&ports->ports, packet->dstport) || port_set_has(&ports->ports, packet->srcport);
}

#define UDP_HEADER  8

#define IPV4_HEADER     20
#define IPV4_PLAIN      0x45
#define IPV4_TTL        8
#define IPV6_HEADER     40
#define IPV6_HOP_LIMIT  7

/* Of the IP packet, as far as it has a plain header just before; 0: not known. */
static unsigned
hop_limit(tvbuff_t *tvb, bool v4)
{
    int start = (int)tvb_raw_offset(tvb) - (v4 ? IPV4_HEADER : IPV6_HEADER);
    tvbuff_t *frame = tvb_get_ds_tvb(tvb);

    if (start < 0 || (v4 ? tvb_get_uint8(frame, start) != IPV4_PLAIN : tvb_get_uint8(frame, start) >> 4 != 6))
        return 0;
    return tvb_get_uint8(frame, start + (v4 ? IPV4_TTL : IPV6_HOP_LIMIT));
}

/* Routers send with one of these, unless they are told otherwise; anything else was forwarded on the way. */
static bool
is_forwarded(tvbuff_t *tvb, bool v4)
{
    switch (hop_limit(tvb, v4)) {
    case 0:
    case 1:
    case 32:
    case 64:
    case 128:
    case 255:
        return false;
    default:
        return true;
    }
}

static ldp_network_t
network_of(const flow_packet_t *packet)
{
    return ldp_carrier_network(packet->below, is_forwarded(packet->tvb, packet->src.type == AT_IPv4), packet->pinfo->num);
}

/* Of a stack. In a pseudowire there are at least five layers: frame, link, the carrier's stack, what is in that, and this one. */
static ldp_network_t
network_of_stack(const packet_info *pinfo)
{
    return wmem_list_count(pinfo->layers) < 5 ? LDP_OWN_NETWORK
            : ldp_carrier_network(standin_below(pinfo), false, pinfo->num);
}

/* One for each network that the conversation is seen in: on the customers' own link, and in the pseudowire. */
static ldp_session_t *
session_of(conversation_t *conversation, const flow_packet_t *packet, bool create)
{
    ldp_session_t *first = (ldp_session_t *)conversation_get_proto_data(conversation, proto_ldp_binding), *session = first;
    ldp_network_t network = network_of(packet);

    while (session && session->network != network)
        session = session->elsewhere;
    if (session || !create)
        return session;
    session = ldp_session_new(network, &packet->src, packet->srcport, &packet->dst, packet->dstport);
    session->elsewhere = first;
    conversation_add_proto_data(conversation, proto_ldp_binding, session);
    return session;
}

static void
learn_end(ldp_session_t *session, const flow_packet_t *packet)
{
    for (unsigned i = 0; i < 2; i++)
        ldp_stream_give_up(&session->side[i], packet->pinfo);
    ldp_session_close(session, packet->pinfo, true, LDP_SESSION_CLOSED);
}

/* The segment came below a label, other than explicit null. */
static bool
is_labelled(const packet_info *pinfo)
{
    if (!proto_is_frame_protocol(pinfo->layers, "mpls"))
        return false;
    return GPOINTER_TO_UINT(p_get_proto_data(pinfo->pool, (packet_info *)pinfo, proto_mpls, 0)) > LDP_LABEL_LAST_SPECIAL;
}

static void
learn_direction(ldp_side_t *side, const flow_packet_t *packet)
{
    const packet_info *pinfo = packet->pinfo;
    ldp_lsr_t *receiver = ldp_side_peer(side);
    bool forwarded = is_forwarded(packet->tvb, packet->src.type == AT_IPv4);

    if (side->lsr) {
        ldp_carrier_hears(side->lsr, pinfo);
        ldp_speaks_from(side->lsr, &pinfo->dl_src, ldp_lsr_is_remote(side->lsr, pinfo->num) && forwarded, pinfo->num);
        if (!forwarded && !is_labelled(pinfo))
            ldp_learn_mac(&pinfo->dl_src, side->lsr, false, pinfo->num);
    }
    if (receiver && is_labelled(pinfo))
        ldp_is_reached_by_label(receiver, &pinfo->dl_dst, pinfo->num);
}

static void
learn_segment(ldp_session_t *session, const flow_packet_t *packet, unsigned header, unsigned flags)
{
    unsigned from = session->side[0].port == packet->srcport && addresses_equal(&session->side[0].addr, &packet->src)
            ? 0 : 1;
    ldp_side_t *side = &session->side[from];
    uint32_t seq = tcp_header_seq(packet->bytes);

    if (flags & TH_SYN)
        ldp_stream_begin(side, seq + 1);
    else
        ldp_stream_segment(side, seq, tvb_new_subset_remaining(packet->tvb, (int)header), packet->pinfo);
    learn_direction(side, packet);
    if (flags & TH_ACK)
        ldp_stream_acknowledged(&session->side[1 - from], tcp_header_ack(packet->bytes), packet->pinfo);
    if ((flags & (TH_FIN | TH_RST)) && ldp_stream_near(side, seq))
        learn_end(session, packet);
}

static void
learn_packet(flow_packet_t *packet)
{
    unsigned header = tcp_header_length(packet->bytes);
    unsigned flags = tcp_header_flags(packet->bytes);
    conversation_t *conversation;
    ldp_session_t *session;

    if (header < TCP_HEADER_MIN || header > packet->captured || ldp_capture_is_full(packet->pinfo->num))
        return;
    conversation = flow_conversation(packet);
    session = conversation ? session_of(conversation, packet,
            (flags & TH_SYN) || tvb_reported_length(packet->tvb) > header) : NULL;
    if (!session)
        return;
    ldp_expire_held(packet->pinfo);
    ldp_capture.shown_frame = packet->pinfo->num;
    learn_segment(session, packet, header, flags);
}

/* What a segment of LDP tells of status, and which pseudowires it leaves down. */
static void
show_news(const flow_packet_t *packet)
{
    proto_tree *tree;
    const char *native;

    if (!ldp_wire_touched(packet->pinfo) && !ldp_status_of_frame(packet->pinfo))
        return;
    native = standin_speak_as(packet->pinfo, SHORT_NAME);
    tree = flow_native_subtree(packet->tree, proto_ldp);
    ldp_show_status(tree, packet->tvb, packet->pinfo);
    ldp_show_wires(tree, packet->tvb, packet->pinfo);
    packet->pinfo->current_proto = native;
}

/* After TCP and LDP have seen the segment. */
static void
after_segment(flow_packet_t *packet)
{
    if (!has_ldp_port(&tcp_ports, packet) || packet->quoted || packet->captured < TCP_HEADER_MIN)
        return;
    if (!PINFO_FD_VISITED(packet->pinfo) && is_enabled())
        learn_packet(packet);
    show_news(packet);
    tap_ldp_binding_queue(packet->pinfo, NULL);
}

static void
after_datagram(flow_packet_t *packet)
{
    if (!has_ldp_port(&udp_ports, packet) || packet->quoted || PINFO_FD_VISITED(packet->pinfo)
            || tvb_captured_length(packet->tvb) <= UDP_HEADER || !is_enabled())
        return;
    ldp_learn_hello(tvb_new_subset_remaining(packet->tvb, UDP_HEADER), packet->pinfo, network_of(packet));
}

static int
dissect_arp_neighbor(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!PINFO_FD_VISITED(pinfo) && pinfo->match_uint == ETHERTYPE_ARP && standin_proto_below(pinfo) != proto_gre)
        ldp_learn_arp(tvb, pinfo);
    return standin_call(&arp_standin, tvb, pinfo, tree, data);
}

/* MPLS */

/* Once the tunnel's label has been taken off, one of these may come alone. */
static void
learn_service_labels(const ldp_stack_t *stack, uint32_t frame)
{
    for (unsigned i = 0; i < stack->count; i++) {
        if (stack->use[i].service_of)
            ldp_service_label(stack->use[i].service_of, stack->label[i].label, frame);
    }
}

typedef struct shown_stack {
    const ldp_stack_t *stack;
    ldp_pw_dispatch_t  dispatch;
    tvbuff_t          *tvb;
    packet_info       *pinfo;
    proto_tree        *tree;
    proto_node        *before;      /* the last item that was there */
    bool               is_over;
} shown_stack_t;

/* Also if dissection ends with an exception; if this throws one, it is called again. */
static void
leave_stack(void *context)
{
    shown_stack_t *shown = (shown_stack_t *)context;
    const char *native;

    if (shown->is_over)
        return;
    shown->is_over = true;
    ldp_pw_end(&shown->dispatch, shown->stack);
    native = standin_speak_as(shown->pinfo, SHORT_NAME);
    ldp_show_stack(shown->tree, shown->before, proto_mpls, shown->tvb, shown->pinfo, shown->stack);
    ldp_show_info(shown->pinfo, shown->stack);
    tap_ldp_binding_queue(shown->pinfo, shown->stack);
    shown->pinfo->current_proto = native;
}

static int
dissect_known_stack(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const ldp_stack_t *stack)
{
    shown_stack_t shown = { .stack = stack, .tvb = tvb, .pinfo = pinfo, .tree = tree, .before = tree ? tree->last_child : NULL };
    int result;

    ldp_pw_begin(&shown.dispatch, stack, stack->payload ? tvb_new_subset_remaining(tvb, stack->payload) : NULL);
    CLEANUP_PUSH(leave_stack, &shown);
    result = standin_call(&mpls_standin, tvb, pinfo, tree, data);
    CLEANUP_CALL_AND_POP;
    return result;
}

/* Is this link inside a packet of another, such as a pseudowire's or a tunnel's? */
static bool
is_carried(const packet_info *pinfo)
{
    wmem_list_frame_t *layer;

    if (pinfo->net_dst.type != AT_NONE)
        return true;
    for (layer = standin_below(pinfo); layer; layer = wmem_list_frame_prev(layer)) {
        if (GPOINTER_TO_INT(wmem_list_frame_data(layer)) == proto_mpls)
            return true;
    }
    return false;
}

/*
 * Packets that no advertisement explains tell where their label leads, and those that one may explain, where it does not. What the
 * receiver has said itself they do not outweigh: it is for the next hop of a destination that BGP alone knows.
 */
static void
observe(const ldp_stack_t *stack, const ldp_hop_t *hop, const packet_info *pinfo)
{
    if (stack->count == 1 && stack->payload && stack->carried.kind == LDP_PAYLOAD_IP && stack->carried.proven
            && stack->innermost > LDP_LABEL_LAST_SPECIAL && !stack->use[0].refuted
            && stack->use[0].match != LDP_MATCH_RECEIVER && !hop->carried && hop->to_mac)
        ldp_observe(hop->network, hop->to_mac, stack->innermost, &stack->carried, pinfo);
}

/* VCCV only asks whether it works. Without a control word the first octet is the payload's own. */
static bool
is_vccv(const ldp_stack_t *stack, const ldp_binding_t *binding)
{
    const pw_bytes_t *bytes = &stack->carried.bytes;

    return stack->pw_alert || (binding->pw->control_word && bytes->captured && bytes->data[0] >> 4 == NIBBLE_CHANNEL);
}

/* Who sends by a pseudowire holds it for up. A guess is enough for that: it only makes less be claimed. */
static void
note_wire(const ldp_stack_t *stack, packet_info *pinfo)
{
    const ldp_binding_t *binding = stack->pw ? stack->pw->binding : NULL;

    if (binding && binding->wire && !stack->pw->stale && !stack->reading.other_type && !is_vccv(stack, binding))
        ldp_wire_used(binding->wire, binding->lsr, pinfo);
}

static void
explain_stack(ldp_stack_t *stack, const ldp_hop_t *hop, tvbuff_t *tvb, packet_info *pinfo)
{
    ldp_stack_read(tvb, 0, (int)tvb_captured_length(tvb), stack);
    if (stack->payload)
        stack->carried = ldp_payload_of(tvb, stack->payload);
    else
        memset(&stack->carried, 0, sizeof stack->carried);
    if (!PINFO_FD_VISITED(pinfo))
        ldp_expire_held(pinfo);
    if (ldp_router_count())
        ldp_stack_resolve(stack, hop, pinfo->num);
    if (!PINFO_FD_VISITED(pinfo)) {
        learn_service_labels(stack, pinfo->num);
        observe(stack, hop, pinfo);
        if (ldp_stack_observe_presence(stack, hop, pinfo))
            ldp_stack_resolve(stack, hop, pinfo->num);
        ldp_stack_resolve_observed(stack, hop);
    }
    ldp_reading_judge(stack, hop, tvb, pinfo);
    if (!PINFO_FD_VISITED(pinfo))
        note_wire(stack, pinfo);
}

static int
dissect_stack(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const ldp_hop_t *hop)
{
    ldp_stack_t stack;

    if (!ldp_capture_explains(pinfo->num))
        return standin_call(&mpls_standin, tvb, pinfo, tree, data);
    explain_stack(&stack, hop, tvb, pinfo);
    ldp_carrier_set(&stack, hop, pinfo->num);
    if (!ldp_has_anything_to_say(&stack)) {
        tap_ldp_binding_queue(pinfo, NULL);
        return standin_call(&mpls_standin, tvb, pinfo, tree, data);
    }
    return dissect_known_stack(tvb, pinfo, tree, data, &stack);
}

/* Nobody sends to itself: one that seems to is not known. */
static ldp_lsr_t *
receiver_other_than(const ldp_lsr_t *sender, ldp_lsr_t *receiver)
{
    return receiver == sender ? NULL : receiver;
}

static void
set_hop_on_link(ldp_hop_t *hop, const packet_info *pinfo)
{
    hop->to_mac = &pinfo->dl_dst;
    hop->from_mac = &pinfo->dl_src;
    if (ldp_router_count()) {
        hop->sender = ldp_lsr_by_mac(hop->network, &pinfo->dl_src, pinfo->num);
        hop->receiver = receiver_other_than(hop->sender, ldp_lsr_by_mac(hop->network, &pinfo->dl_dst, pinfo->num));
    }
    if (hop->network == LDP_CUSTOMERS && hop->sender && !ldp_carrier_may_be_from(hop->sender, pinfo->num))
        hop->receiver = NULL;
    hop->carried = !hop->receiver && is_carried(pinfo);
}

static void
set_hop_in_tunnel(ldp_hop_t *hop, const packet_info *pinfo)
{
    hop->to_ip = &pinfo->dst;
    hop->sender = ldp_lsr_by_address(hop->network, &pinfo->src, pinfo->num);
    hop->receiver = receiver_other_than(hop->sender, ldp_lsr_by_address(hop->network, &pinfo->dst, pinfo->num));
}

/* The type in the header just before; CHDLC calls the dissector by its handle, so that no key says it. */
static unsigned
chdlc_type(tvbuff_t *tvb)
{
    int start = (int)tvb_raw_offset(tvb);

    return start < 2 ? 0 : tvb_get_ntohs(tvb_get_ds_tvb(tvb), start - 2);
}

static bool
is_on_link_without_addresses(tvbuff_t *tvb, const packet_info *pinfo, int below)
{
    if (below == proto_chdlc)
        return chdlc_type(tvb) == ETHERTYPE_MPLS;
    return below == proto_ppp && pinfo->match_uint == PPP_MPLS_UNI;
}

static bool
is_in_tunnel(int below, uint32_t key)
{
    return below == proto_udp || key == IP_PROTO_MPLS_IN_IP || (below == proto_gre && key == ETHERTYPE_MPLS)
            || (below == proto_vxlan && key == VXLAN_MPLS) || (below == proto_nsh && key == NSH_MPLS);
}

/* By what carries the stack and the key that it was looked up by; false: nothing that LDP hands out labels for. */
static bool
set_hop(ldp_hop_t *hop, tvbuff_t *tvb, const packet_info *pinfo)
{
    int below = standin_proto_below(pinfo);

    hop->network = network_of_stack(pinfo);
    if (is_on_link_without_addresses(tvb, pinfo, below))
        hop->carried = is_carried(pinfo);
    else if (below == proto_chdlc)
        return false;
    else if (is_in_tunnel(below, pinfo->match_uint))
        set_hop_in_tunnel(hop, pinfo);
    else if (pinfo->match_uint == ETHERTYPE_MPLS)
        set_hop_on_link(hop, pinfo);
    else
        return false;
    return true;
}

static int
dissect_mpls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    ldp_hop_t hop = { .pool = pinfo->pool };

    if (!set_hop(&hop, tvb, pinfo))
        return standin_call(&mpls_standin, tvb, pinfo, tree, data);
    return dissect_stack(tvb, pinfo, tree, data, &hop);
}

/* ICMP: RFC 4884 (extensions), RFC 4950 (label stacks in them) */

#define ICMP_HEADER                 8
#define ICMP_UNREACHABLE            3
#define ICMP_TIME_EXCEEDED          11
#define ICMP_PARAMETER_PROBLEM      12
#define ICMPV6_UNREACHABLE          1
#define ICMPV6_TIME_EXCEEDED        3

static int
dissect_icmp_with_labels(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data,
        bool v6)
{
    const ldp_network_t network = ldp_carrier_network(standin_below(pinfo), is_forwarded(tvb, !v6), pinfo->num);
    const char *native;
    volatile int result = 0;

    TRY {
        result = standin_call(standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        native = standin_speak_as(pinfo, SHORT_NAME);
        ldp_icmp_show_labels(tvb, pinfo, network,
                flow_native_subtree(tree, v6 ? proto_icmpv6 : proto_icmp), hf_icmp_mpls_label, v6);
        pinfo->current_proto = native;
    }
    ENDTRY;
    return result;
}

static bool
may_have_labels(const packet_info *pinfo)
{
    return ldp_binding_count() && ldp_capture_explains(pinfo->num) && !pinfo->flags.in_error_pkt
            && proto_is_protocol_enabled(protocol);
}

static int
dissect_icmp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (may_have_labels(pinfo) && tvb_captured_length(tvb) > ICMP_HEADER) {
        unsigned type = tvb_get_uint8(tvb, 0);

        if (type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM)
            return dissect_icmp_with_labels(&icmp_standin, tvb, pinfo, tree, data, false);
    }
    return standin_call(&icmp_standin, tvb, pinfo, tree, data);
}

static int
dissect_icmpv6(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!pinfo->flags.in_error_pkt && tvb_captured_length(tvb) > ICMP_HEADER) {
        unsigned type = tvb_get_uint8(tvb, 0);

        if (!PINFO_FD_VISITED(pinfo))
            ldp_learn_neighbor_discovery(tvb, pinfo, type);
        if (may_have_labels(pinfo) && (type == ICMPV6_UNREACHABLE || type == ICMPV6_TIME_EXCEEDED))
            return dissect_icmp_with_labels(&icmpv6_standin, tvb, pinfo, tree, data, true);
    }
    return standin_call(&icmpv6_standin, tvb, pinfo, tree, data);
}

/* Registration */

static void
add_ldp_port(const char *table _U_, ftenum_t type _U_, void *key, void *value, void *user_data)
{
    ldp_ports_t *ports = (ldp_ports_t *)user_data;
    unsigned port = GPOINTER_TO_UINT(key) & 0xffff;

    if (!ports->native || dtbl_entry_get_handle((dtbl_entry_t *)value) != ports->native)
        return;
    port_set_add(&ports->ports, (uint16_t)port);
    flow_want_port(ports->observer, (uint16_t)port);
}

static void
read_ports(ldp_ports_t *ports)
{
    port_set_clear(&ports->ports);
    flow_want_no_ports(ports->observer);
    dissector_table_foreach(ports->table, add_ldp_port, ports);
}

/* Preferences and the user may have changed the ports; a file is about to be dissected with them. */
static void
find_ports(void)
{
    read_ports(&tcp_ports);
    read_ports(&udp_ports);
}

/* Before a file is dissected, the rooms from the floor up. */
static void
forget(void)
{
    ldp_capture_reset();
    tcp_stream_reset();
    ldp_router_reset();
    ldp_carrier_reset();
    ldp_neighbor_reset();
    ldp_scope_reset();
    ldp_fec_reset();
    ldp_session_reset();
    ldp_binding_reset(tap_ldp_binding_touched);
    ldp_advert_reset();
    ldp_distribution_reset();
    ldp_restart_reset();
    ldp_foreign_reset();
    ldp_direction_reset();
    ldp_observed_reset();
    ldp_reading_reset();
    ldp_wire_reset(proto_ldp_binding);
    ldp_status_reset(proto_ldp_binding);
}

void
proto_register_ldp_binding(void)
{
    proto_ldp_binding = proto_register_protocol("LDP Label Binding", SHORT_NAME, "ldp_binding");
    ldp_show_register(proto_ldp_binding);
    tap_ldp_binding_register(proto_ldp_binding);
    tap_ldp_pseudowire_register();
    register_init_routine(forget);
    register_init_routine(find_ports);
    ldp_pw_register();
}

void
proto_reg_handoff_ldp_binding(void)
{
    protocol = find_protocol_by_id(proto_ldp_binding);
    proto_ldp = proto_get_id_by_filter_name("ldp");
    ldp_protocol = find_protocol_by_id(proto_ldp);
    proto_mpls = proto_get_id_by_filter_name("mpls");
    proto_icmp = proto_get_id_by_filter_name("icmp");
    proto_icmpv6 = proto_get_id_by_filter_name("icmpv6");
    hf_icmp_mpls_label = proto_registrar_get_id_byname("icmp.mpls.label");

    tcp_ports.native = dissector_get_uint_handle(find_dissector_table(tcp_ports.table), LDP_PORT);
    udp_ports.native = dissector_get_uint_handle(find_dissector_table(udp_ports.table), LDP_PORT);
    proto_udp = proto_get_id_by_filter_name("udp");
    proto_ppp = proto_get_id_by_filter_name("ppp");
    proto_chdlc = proto_get_id_by_filter_name("chdlc");
    proto_gre = proto_get_id_by_filter_name("gre");
    proto_vxlan = proto_get_id_by_filter_name("vxlan");
    proto_nsh = proto_get_id_by_filter_name("nsh");
    standin_add(&arp_standin, standin_find("ethertype", ETHERTYPE_ARP, NULL));
    standin_add(&icmp_standin, standin_find("ip.proto", IP_PROTO_ICMP, NULL));
    standin_add(&icmpv6_standin, standin_find("ip.proto", IP_PROTO_ICMPV6, NULL));
    standin_add(&mpls_standin, standin_find("ethertype", ETHERTYPE_MPLS, NULL));
    ldp_foreign_register(&proto_ldp_binding);
    ldp_segment_routing_register(&proto_ldp_binding);
    ldp_pw_handoff();
    ldp_carrier_handoff();
    flow_add_observer(&session_observer);
    flow_add_observer(&hello_observer);
}
