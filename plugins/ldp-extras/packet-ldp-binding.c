/* packet-ldp-binding.c
 * What MPLS labels mean, learnt from LDP
 *
 * RFC 5036 (LDP), RFC 8077 (pseudowires), RFC 3032 (label stacks), RFC 4950 (label stacks in ICMP).
 *
 * Bindings are learnt from TCP and UDP 646 (ldp-stream.c, ldp-learn.c, ldp-state.c), found again for the labels
 * of a packet (ldp-resolve.c) and shown under the native items of the label stack and of ICMP's extension.
 * Ownership and lifetime: state is learnt on the first pass only and kept in file scope, see ldp-state.h;
 * a session hangs on its TCP conversation. What a packet shows follows from the state as of its frame, so
 * nothing is kept for it. Errors: what is cut or malformed teaches nothing and shows nothing.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/conversation.h>
#include <epan/exceptions.h>
#include <epan/etypes.h>
#include <epan/expert.h>
#include <epan/in_cksum.h>
#include <epan/ipproto.h>
#include <epan/ppptypes.h>
#include <epan/proto_data.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/to_str.h>

#include "flow.h"
#include "ldp-codes.h"
#include "ldp-pw.h"
#include "ldp-resolve.h"
#include "ldp-state.h"
#include "standin.h"
#include "stat_bytes.h"
#include "ws_compat.h"

void proto_register_ldp_binding(void);
void proto_reg_handoff_ldp_binding(void);

#define SHORT_NAME "LDP Binding"
#define MEANS " \xe2\x86\x92 "      /* an arrow */

int proto_ldp_binding = -1;
static ws_bool_pref_t show_in_columns = true;
static protocol_t *protocol;            /* the same, to ask whether it is switched on */
static protocol_t *ldp_protocol;
static int hf_label = -1;
static int hf_fec = -1;
static int hf_lsr = -1;
static int hf_advertised_in = -1;
static int hf_withdrawn_in = -1;
static int hf_requested_in = -1;
static int hf_pw_id = -1;
static int hf_pw_type = -1;
static int hf_control_word = -1;
static int hf_pw_mtu = -1;
static int hf_pw_vccv_cc = -1;
static int hf_pw_vccv_cv = -1;
static int hf_pw_flow_label = -1;
static int hf_pw_status = -1;
static int hf_match = -1;
static int hf_candidates = -1;

static int ett_ldp_binding = -1;

static expert_field ei_stale = EI_INIT;
static expert_field ei_unknown_label = EI_INIT;
static expert_field ei_ambiguous = EI_INIT;

static const value_string match_vals[] = {
    { LDP_MATCH_RECEIVER,   "Advertised by the router that receives the packet" },
    { LDP_MATCH_ONLY,       "The only binding of this label in the capture" },
    { LDP_MATCH_ONE_OF,     "One of several bindings of this label" },
    { 0, NULL }
};

#define VXLAN_MPLS  5       /* with the generic protocol extension */
#define NSH_MPLS    5

static int tap_ldp_binding = -1;
static int proto_mpls = -1;
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

/* The ports that Wireshark has for LDP, of TCP and UDP, a bit each. */
typedef struct ldp_ports {
    const char          *table;
    dissector_handle_t   native;
    uint8_t              bits[8192];
} ldp_ports_t;

static ldp_ports_t tcp_ports = { .table = "tcp.port" };
static ldp_ports_t udp_ports = { .table = "udp.port" };

/* The table */

typedef struct binding_tap {
    wmem_array_t  *touched;     /* of ldp_binding_t *: began or ended in this frame; or NULL */
    unsigned       count;
    ldp_binding_t *used[LDP_MAX_STACK];
} binding_tap_t;

static void
binding_touched(packet_info *pinfo, ldp_binding_t *binding)
{
    wmem_array_t *touched = (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_ldp_binding, 0);

    if (!touched) {
        touched = wmem_array_new(wmem_file_scope(), sizeof(ldp_binding_t *));
        p_add_proto_data(wmem_file_scope(), pinfo, proto_ldp_binding, 0, touched);
    }
    wmem_array_append(touched, &binding, 1);
}

static void
queue_tap(packet_info *pinfo, const ldp_stack_t *stack)
{
    binding_tap_t *data;

    if (!have_tap_listener(tap_ldp_binding))
        return;
    data = wmem_new0(pinfo->pool, binding_tap_t);
    data->touched = (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_ldp_binding, 0);
    for (unsigned i = 0; stack && i < stack->count; i++) {
        if (stack->use[i].binding && stack->use[i].match != LDP_MATCH_ONE_OF)
            data->used[data->count++] = stack->use[i].binding;
    }
    if (data->touched || data->count)
        tap_queue_packet(tap_ldp_binding, pinfo, data);
}

enum {
    COLUMN_LSR,
    COLUMN_LABEL,
    COLUMN_FEC,
    COLUMN_ADVERTISED,
    COLUMN_WITHDRAWN,
    COLUMN_PACKETS,
    COLUMN_BYTES,
    COLUMNS
};

static stat_tap_table_item table_fields[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "LSR", "%-15s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Label", "%7u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "FEC", "%-30s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Advertised in", "%10u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Withdrawn in", "%10u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Packets", "%10u" },
    STAT_BYTES_COLUMN,
};

static void
table_reset(stat_tap_table *table)
{
    for (unsigned row = 0; row < table->num_elements; row++) {
        for (unsigned column = 0; column < table->num_fields; column++) {
            if (table_fields[column].type == TABLE_ITEM_STRING)
                g_free((char *)table->elements[row][column].value.string_value);
        }
        g_free(table->elements[row]);
    }
    table->num_elements = 0;
}

static void
table_free_item(stat_tap_table *table _U_, unsigned row _U_, unsigned column, stat_tap_table_item_type *item)
{
    if (table_fields[column].type == TABLE_ITEM_STRING)
        g_free((char *)item->value.string_value);
}

static void
table_init(stat_tap_table_ui *ui)
{
    static const char title[] = "Label Information Base";
    stat_tap_table *table = stat_tap_find_table(ui, title);

    if (table) {
        table_reset(table);
        return;
    }
    stat_tap_add_table(ui, stat_tap_init_table(title, COLUMNS, 0, NULL));
}

static void
table_new_row(stat_tap_table *table, unsigned row, ldp_binding_t *binding)
{
    stat_tap_table_item_type items[COLUMNS];
    address lsr;
    uint32_t id = g_htonl(binding->lsr->id);
    char text[WS_INET_ADDRSTRLEN];

    memset(items, 0, sizeof items);
    set_address(&lsr, AT_IPv4, sizeof id, &id);
    address_to_str_buf(&lsr, text, sizeof text);
    for (unsigned column = 0; column < COLUMNS; column++)
        items[column].type = table_fields[column].type;
    items[COLUMN_LSR].value.string_value = g_strdup(text);
    items[COLUMN_LSR].user_data.ptr_value = binding;
    items[COLUMN_LABEL].value.uint_value = binding->key.label;
    items[COLUMN_FEC].value.string_value = g_strdup(binding->fec->text);
    items[COLUMN_ADVERTISED].value.uint_value = binding->advertised_in;
    stat_bytes_init(&items[COLUMN_BYTES]);
    stat_tap_init_table_row(table, row, COLUMNS, items);
}

static stat_tap_table_item_type *
table_row(stat_tap_table *table, ldp_binding_t *binding)
{
    if (binding->row >= table->num_elements
            || table->elements[binding->row][COLUMN_LSR].user_data.ptr_value != binding) {
        binding->row = table->num_elements;
        table_new_row(table, binding->row, binding);
    }
    table->elements[binding->row][COLUMN_WITHDRAWN].value.uint_value = binding->withdrawn_in;
    return table->elements[binding->row];
}

static tap_packet_status
table_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const binding_tap_t *tap = (const binding_tap_t *)data;
    stat_data_t *stat_data = (stat_data_t *)tapdata;
    stat_tap_table *table = g_array_index(stat_data->stat_tap_data->tables, stat_tap_table *, 0);

    for (unsigned i = 0; tap->touched && i < wmem_array_get_count(tap->touched); i++)
        table_row(table, *(ldp_binding_t **)wmem_array_index(tap->touched, i));
    for (unsigned i = 0; i < tap->count; i++) {
        stat_tap_table_item_type *row = table_row(table, tap->used[i]);

        row[COLUMN_PACKETS].value.uint_value++;
        stat_bytes_add(&row[COLUMN_BYTES], pinfo->fd->pkt_len);
    }
    return TAP_PACKET_REDRAW;
}

/* Learning */

/* What LDP says is read where Wireshark dissects it. */
static bool
is_enabled(void)
{
    return proto_is_protocol_enabled(protocol) && (!ldp_protocol || proto_is_protocol_enabled(ldp_protocol));
}

static bool
is_ldp_port(const ldp_ports_t *ports, uint16_t port)
{
    return ports->bits[port / 8] & (1 << port % 8);
}

static bool
has_ldp_port(const ldp_ports_t *ports, const flow_packet_t *packet)
{
    return is_ldp_port(ports, packet->dstport) || is_ldp_port(ports, packet->srcport);
}

static void
init_side(ldp_session_t *session, unsigned which, const address *addr, uint16_t port)
{
    ldp_side_t *side = &session->side[which];

    side->session = session;
    side->number = ++ldp_state->side_count;
    side->port = port;
    copy_address_wmem(wmem_file_scope(), &side->addr, addr);
}

static ldp_session_t *
session_of(conversation_t *conversation, const flow_packet_t *packet, bool create)
{
    ldp_session_t *session = (ldp_session_t *)conversation_get_proto_data(conversation, proto_ldp_binding);

    if (session || !create)
        return session;
    session = wmem_new0(wmem_file_scope(), ldp_session_t);
    init_side(session, 0, &packet->src, packet->srcport);
    init_side(session, 1, &packet->dst, packet->dstport);
    conversation_add_proto_data(conversation, proto_ldp_binding, session);
    return session;
}

#define UDP_HEADER  8
#define TCP_HEADER  20
#define TCP_FLAGS   13
#define TCP_FIN     0x01
#define TCP_SYN     0x02
#define TCP_RST     0x04
#define TCP_ACK     0x10

static void
learn_end(ldp_session_t *session, const flow_packet_t *packet)
{
    for (unsigned i = 0; i < 2; i++)
        ldp_stream_give_up(&session->side[i], packet->tvb, packet->pinfo);
    ldp_session_close(session, packet->pinfo, true, LDP_SESSION_CLOSED);
}

static void
learn_segment(ldp_session_t *session, const flow_packet_t *packet, unsigned header, unsigned flags)
{
    unsigned from = session->side[0].port == packet->srcport && addresses_equal(&session->side[0].addr, &packet->src)
            ? 0 : 1;
    ldp_side_t *side = &session->side[from];
    uint32_t seq = tvb_get_ntohl(packet->tvb, 4);

    if (flags & TCP_SYN)
        ldp_stream_begin(side, seq + 1);
    else
        ldp_stream_segment(side, seq, tvb_new_subset_remaining(packet->tvb, (int)header), packet->pinfo);
    if (flags & TCP_ACK)
        ldp_stream_acknowledged(&session->side[1 - from], tvb_get_ntohl(packet->tvb, 8), packet->tvb, packet->pinfo);
    if ((flags & (TCP_FIN | TCP_RST)) && ldp_stream_near(side, seq))
        learn_end(session, packet);
}

static void
learn_packet(flow_packet_t *packet)
{
    unsigned header = (tvb_get_uint8(packet->tvb, 12) >> 4) * 4;
    unsigned flags = tvb_get_uint8(packet->tvb, TCP_FLAGS);
    conversation_t *conversation;
    ldp_session_t *session;

    if (header < TCP_HEADER || header > tvb_captured_length(packet->tvb))
        return;
    conversation = flow_conversation(packet);
    session = conversation ? session_of(conversation, packet,
            (flags & TCP_SYN) || tvb_reported_length(packet->tvb) > header) : NULL;
    if (!session)
        return;
    if (ldp_state->held)
        ldp_expire_held(packet->pinfo);
    ldp_state->shown_frame = packet->pinfo->num;
    learn_segment(session, packet, header, flags);
}

/* After TCP and LDP have seen the segment. */
static void
after_segment(flow_packet_t *packet)
{
    if (!has_ldp_port(&tcp_ports, packet) || packet->quoted || tvb_captured_length(packet->tvb) < TCP_HEADER)
        return;
    if (!PINFO_FD_VISITED(packet->pinfo) && is_enabled())
        learn_packet(packet);
    queue_tap(packet->pinfo, NULL);
}

static void
after_datagram(flow_packet_t *packet)
{
    if (!has_ldp_port(&udp_ports, packet) || packet->quoted || PINFO_FD_VISITED(packet->pinfo)
            || tvb_captured_length(packet->tvb) <= UDP_HEADER || !is_enabled())
        return;
    ldp_learn_hello(tvb_new_subset_remaining(packet->tvb, UDP_HEADER), packet->pinfo);
}

static const flow_observer_t session_observer = { .proto = &proto_ldp_binding, .transports = FLOW_TCP, .after = after_segment };
static const flow_observer_t hello_observer = { .proto = &proto_ldp_binding, .transports = FLOW_UDP, .after = after_datagram };

static void
learn_arp(tvbuff_t *tvb, packet_info *pinfo)
{
    address mac, ip;

    if (tvb_captured_length(tvb) < 28 || tvb_get_ntohl(tvb, 0) != 0x00010800 || tvb_get_ntohs(tvb, 4) != 0x0604)
        return;
    set_address_tvb(&mac, AT_ETHER, 6, tvb, 8);
    set_address_tvb(&ip, AT_IPv4, 4, tvb, 14);
    if (tvb_get_ntohl(tvb, 14) != 0)
        ldp_learn_neighbor(&mac, &ip, pinfo->num);
}

static int
dissect_arp_neighbor(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!PINFO_FD_VISITED(pinfo) && pinfo->match_uint == ETHERTYPE_ARP && standin_proto_below(pinfo) != proto_gre)
        learn_arp(tvb, pinfo);
    return standin_call(&arp_standin, tvb, pinfo, tree, data);
}

#define ND_ROUTER_SOLICIT       133
#define ND_ROUTER_ADVERT        134
#define ND_NEIGHBOR_SOLICIT     135
#define ND_NEIGHBOR_ADVERT      136
#define ND_SOURCE_LINK_ADDRESS  1
#define ND_TARGET_LINK_ADDRESS  2

static void
learn_neighbor_discovery(tvbuff_t *tvb, packet_info *pinfo, unsigned type)
{
    static const int options[] = { 8, 16, 24, 24 };
    int offset = options[type - ND_ROUTER_SOLICIT], end = (int)tvb_captured_length(tvb);
    unsigned wanted = type == ND_NEIGHBOR_ADVERT ? ND_TARGET_LINK_ADDRESS : ND_SOURCE_LINK_ADDRESS;
    address mac, ip;

    if (end < offset)
        return;
    if (type == ND_NEIGHBOR_ADVERT)
        set_address_tvb(&ip, AT_IPv6, 16, tvb, 8);
    else
        copy_address_shallow(&ip, &pinfo->src);
    while (end - offset >= 8) {
        int length = tvb_get_uint8(tvb, offset + 1) * 8;

        if (length == 0)
            break;
        if (length == 8 && tvb_get_uint8(tvb, offset) == wanted) {
            set_address_tvb(&mac, AT_ETHER, 6, tvb, offset + 2);
            ldp_learn_neighbor(&mac, &ip, pinfo->num);
        }
        offset += length;
    }
}

/* Showing */

static const char *
end_text(ldp_end_t end)
{
    switch (end) {
    case LDP_WITHDRAWN:
        return "it was withdrawn";
    case LDP_RELEASED:
        return "it was released";
    case LDP_SESSION_CLOSED:
        return "the LDP session was closed";
    case LDP_SESSION_RESTARTED:
        return "the LDP session was started anew";
    case LDP_REPLACED:
        return "it was replaced";
    case LDP_NOT_RECOVERED:
        return "it was not advertised again after the restart";
    case LDP_ACTIVE:
        break;
    }
    return "it ended";
}

static void
show_generated(proto_item *item)
{
    proto_item_set_generated(item);
}

static void
show_frame(proto_tree *tree, int hf, tvbuff_t *tvb, uint32_t frame)
{
    if (frame)
        show_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, frame));
}

static void
show_pseudowire(proto_tree *tree, tvbuff_t *tvb, const ldp_binding_t *binding, const ldp_advert_t *advert, uint32_t frame)
{
    const ldp_pw_t *pw = binding->pw;
    const uint32_t *status = ldp_pw_status(binding, advert, frame);

    if (pw->has_id)
        show_generated(proto_tree_add_uint(tree, hf_pw_id, tvb, 0, 0, pw->id));
    show_generated(proto_tree_add_uint(tree, hf_pw_type, tvb, 0, 0, pw->type));
    show_generated(proto_tree_add_boolean(tree, hf_control_word, tvb, 0, 0, pw->control_word));
    if (pw->mtu)
        show_generated(proto_tree_add_uint(tree, hf_pw_mtu, tvb, 0, 0, pw->mtu));
    if (pw->has_vccv) {
        show_generated(proto_tree_add_uint(tree, hf_pw_vccv_cc, tvb, 0, 0, pw->vccv_cc));
        show_generated(proto_tree_add_uint(tree, hf_pw_vccv_cv, tvb, 0, 0, pw->vccv_cv));
    }
    if (pw->has_flow_label)
        show_generated(proto_tree_add_boolean(tree, hf_pw_flow_label, tvb, 0, 0, pw->flow_label));
    if (status)
        show_generated(proto_tree_add_uint(tree, hf_pw_status, tvb, 0, 0, *status));
}

static void
show_binding(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label, const ldp_use_t *use)
{
    const ldp_binding_t *binding = use->binding;
    const ldp_advert_t *advert = use->advert;
    uint32_t lsr = g_htonl(binding->lsr->id);
    proto_item *item = proto_tree_add_protocol_format(tree, proto_ldp_binding, tvb, 0, 0, "LDP Binding: %s",
            binding->fec->text);
    proto_tree *subtree = proto_item_add_subtree(item, ett_ldp_binding);

    show_generated(item);
    show_generated(proto_tree_add_uint(subtree, hf_label, tvb, 0, 0, label));
    show_generated(proto_tree_add_string(subtree, hf_fec, tvb, 0, 0, binding->fec->text));
    show_generated(proto_tree_add_ipv4(subtree, hf_lsr, tvb, 0, 0, lsr));
    if (binding->pw)
        show_pseudowire(subtree, tvb, binding, advert, pinfo->num);
    show_frame(subtree, hf_requested_in, tvb, binding->requested_in);
    show_frame(subtree, hf_advertised_in, tvb, advert ? advert->advertised_in : binding->advertised_in);
    show_frame(subtree, hf_withdrawn_in, tvb, advert ? advert->withdrawn_in : binding->withdrawn_in);
    show_generated(proto_tree_add_uint(subtree, hf_match, tvb, 0, 0, use->match));
    show_generated(proto_tree_add_uint(subtree, hf_candidates, tvb, 0, 0, use->candidates));
    if (use->stale)
        expert_add_info_format(pinfo, item, &ei_stale, "Label %u is used after %s", label,
                end_text(advert ? advert->end : binding->end));
    if (use->ambiguous)
        expert_add_info_format(pinfo, item, &ei_ambiguous, "%u bindings of label %u fit this packet",
                use->candidates, label);
}

static void
show_unknown(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label)
{
    proto_item *item = proto_tree_add_protocol_format(tree, proto_ldp_binding, tvb, 0, 0, "LDP Binding: none");

    show_generated(item);
    expert_add_info_format(pinfo, item, &ei_unknown_label,
            "Label %u was not advertised by the receiving router in its LDP sessions", label);
}

static void
show_use(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label, const ldp_use_t *use)
{
    if (use->binding)
        show_binding(tree, tvb, pinfo, label, use);
    else if (use->unknown)
        show_unknown(tree, tvb, pinfo, label);
}

static bool
is_item_of(const proto_node *node, int hf)
{
    return node->finfo && node->finfo->hfinfo && node->finfo->hfinfo->id == hf;
}

/* The item of the next label at or after node. */
static proto_node *
next_label_item(proto_node *node)
{
    while (node && !is_item_of(node, proto_mpls))
        node = node->next;
    return node;
}

/*
 * Wireshark makes an item for each label, one after the other, before anything of the payload; but none
 * where nothing is displayed and no filter asks for them. Then any native item serves.
 */
static void
show_stack(proto_tree *tree, proto_node *before, tvbuff_t *tvb, packet_info *pinfo, const ldp_stack_t *stack)
{
    proto_node *node = next_label_item(before ? before->next : tree ? tree->first_child : NULL);

    for (unsigned i = 0; i < stack->count; i++) {
        proto_tree *below = node ? node : before ? before : tree;

        show_use(below, tvb, pinfo, stack->label[i].label, &stack->use[i]);
        if (node)
            node = next_label_item(node->next);
    }
}

static void
show_info(packet_info *pinfo, const ldp_stack_t *stack)
{
    if (!show_in_columns)
        return;
    for (unsigned i = 0; i < stack->count; i++) {
        const ldp_use_t *use = &stack->use[i];

        if (!use->binding)
            continue;
        col_append_str(pinfo->cinfo, COL_INFO, MEANS);
        col_append_str(pinfo->cinfo, COL_INFO, use->binding->fec->text);
        if (use->match != LDP_MATCH_RECEIVER || use->ambiguous || use->stale)
            col_append_str(pinfo->cinfo, COL_INFO, "?");
    }
}

/* MPLS */

static bool
anything_to_say(const ldp_stack_t *stack)
{
    for (unsigned i = 0; i < stack->count; i++) {
        if (stack->use[i].binding || stack->use[i].unknown)
            return true;
    }
    return false;
}

/* Once the tunnel's label has been taken off, one of these may come alone. */
static void
learn_service_labels(const ldp_stack_t *stack, uint32_t frame)
{
    for (unsigned i = 0; i < stack->count; i++) {
        if (stack->use[i].service_of)
            ldp_service_label(stack->use[i].service_of, stack->label[i].label, frame);
    }
}

static int
dissect_known_stack(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const ldp_stack_t *stack)
{
    proto_node *before = tree ? tree->last_child : NULL;
    ldp_pw_dispatch_t dispatch;
    const char *native;
    volatile int result = 0;

    ldp_pw_begin(&dispatch, stack, stack->payload ? tvb_new_subset_remaining(tvb, stack->payload) : NULL);
    TRY {
        result = standin_call(&mpls_standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        ldp_pw_end(&dispatch, stack);
        native = standin_speak_as(pinfo, SHORT_NAME);
        show_stack(tree, before, tvb, pinfo, stack);
        show_info(pinfo, stack);
        queue_tap(pinfo, stack);
        pinfo->current_proto = native;
    }
    ENDTRY;
    return result;
}

/* Nothing is known of any router: then there is nothing to look up. */
static bool
is_idle(void)
{
    return ldp_state->lsr_count == 0 || !proto_is_protocol_enabled(protocol);
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

static int
dissect_stack(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const ldp_hop_t *hop)
{
    ldp_stack_t stack;

    if (ldp_state->held && !PINFO_FD_VISITED(pinfo))
        ldp_expire_held(pinfo);
    ldp_stack_read(tvb, 0, (int)tvb_captured_length(tvb), &stack);
    ldp_stack_resolve(&stack, hop, pinfo->num);
    if (!PINFO_FD_VISITED(pinfo))
        learn_service_labels(&stack, pinfo->num);
    if (!anything_to_say(&stack)) {
        queue_tap(pinfo, NULL);
        return standin_call(&mpls_standin, tvb, pinfo, tree, data);
    }
    return dissect_known_stack(tvb, pinfo, tree, data, &stack);
}

static void
set_hop_on_link(ldp_hop_t *hop, const packet_info *pinfo)
{
    hop->to_mac = &pinfo->dl_dst;
    hop->receiver = ldp_lsr_by_mac(&pinfo->dl_dst, pinfo->num);
    hop->sender = ldp_lsr_by_mac(&pinfo->dl_src, pinfo->num);
    hop->carried = !hop->receiver && is_carried(pinfo);
}

static void
set_hop_in_tunnel(ldp_hop_t *hop, const packet_info *pinfo)
{
    hop->to_ip = &pinfo->dst;
    hop->receiver = ldp_lsr_by_address(&pinfo->dst, pinfo->num);
    hop->sender = ldp_lsr_by_address(&pinfo->src, pinfo->num);
}

/* By what carries the stack and the key that it was looked up by; false: nothing that LDP hands out labels for. */
static bool
set_hop(ldp_hop_t *hop, const packet_info *pinfo)
{
    int below = standin_proto_below(pinfo);
    uint32_t key = pinfo->match_uint;

    if (below == proto_udp || key == IP_PROTO_MPLS_IN_IP || (below == proto_gre && key == ETHERTYPE_MPLS)
            || (below == proto_vxlan && key == VXLAN_MPLS) || (below == proto_nsh && key == NSH_MPLS))
        set_hop_in_tunnel(hop, pinfo);
    else if ((below == proto_ppp && key == PPP_MPLS_UNI) || (below == proto_chdlc && key == ETHERTYPE_MPLS))
        hop->carried = is_carried(pinfo);   /* a link without addresses */
    else if (key == ETHERTYPE_MPLS)
        set_hop_on_link(hop, pinfo);
    else
        return false;
    return true;
}

static int
dissect_mpls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    ldp_hop_t hop = { .receiver = NULL };

    if (is_idle() || !set_hop(&hop, pinfo))
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
#define ICMP_EXTENSION_HEADER       4
#define ICMP_EXTENSION_VERSION      2
#define ICMP_EXTENSION_DEFAULT      128     /* where the length field does not say */
#define ICMP_OBJECT_HEADER          4
#define ICMP_OBJECT_MPLS            0x0101  /* class and C-type */

/* Offset of the extension, 0 where there is none. */
static int
icmp_extension_offset(tvbuff_t *tvb, bool v6)
{
    unsigned length;
    int offset;

    if (tvb_captured_length(tvb) < ICMP_HEADER + ICMP_EXTENSION_DEFAULT + ICMP_EXTENSION_HEADER + ICMP_OBJECT_HEADER)
        return 0;
    length = v6 ? tvb_get_uint8(tvb, 4) * 8u : tvb_get_uint8(tvb, 5) * 4u;
    offset = ICMP_HEADER + (int)MAX(length, ICMP_EXTENSION_DEFAULT);
    if (tvb_captured_length_remaining(tvb, offset) < ICMP_EXTENSION_HEADER + ICMP_OBJECT_HEADER
            || tvb_get_uint8(tvb, offset) >> 4 != ICMP_EXTENSION_VERSION)
        return 0;
    /* Without a length the version alone would often be right by chance. */
    if (tvb_get_ntohs(tvb, offset + 2) == 0)
        return length ? offset : 0;
    if (tvb_captured_length(tvb) == tvb_reported_length(tvb)
            && ip_checksum_tvb(tvb, offset, tvb_reported_length_remaining(tvb, offset)) != 0)
        return 0;
    return offset;
}

/*
 * The next native item of a label after item, in the order of the tree below root; item is root itself to begin
 * with, and NULL is returned at the end.
 */
static proto_node *
next_icmp_label(const proto_node *root, proto_node *item)
{
    while (item) {
        if (item->first_child) {
            item = item->first_child;
        } else {
            while (item != root && !item->next)
                item = item->parent;
            if (item == root)
                return NULL;
            item = item->next;
        }
        if (is_item_of(item, hf_icmp_mpls_label))
            return item;
    }
    return NULL;
}

/* Goes on from *at, since the labels and their items come in the same order. */
static void
show_icmp_stack(proto_tree *tree, proto_node **at, tvbuff_t *tvb, packet_info *pinfo, const ldp_stack_t *stack)
{
    for (unsigned i = 0; i < stack->count; i++) {
        const ldp_use_t *use = &stack->use[i];
        int start = tvb_raw_offset(tvb) + stack->label[i].offset;

        if (!use->binding && !use->unknown)
            continue;
        while (*at && (*at == tree || (*at)->finfo->start < start))
            *at = next_icmp_label(tree, *at);
        show_use(*at && (*at)->finfo->start == start ? (*at)->parent : tree, tvb, pinfo, stack->label[i].label, use);
    }
}

static void
show_icmp_labels(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, bool v6)
{
    int offset = icmp_extension_offset(tvb, v6), end = (int)tvb_captured_length(tvb);
    const ldp_hop_t hop = { .receiver = ldp_lsr_by_address(&pinfo->src, pinfo->num) };
    proto_tree *native = flow_native_subtree(tree, v6 ? proto_icmpv6 : proto_icmp);
    proto_node *at = native;

    if (offset == 0)
        return;
    for (offset += ICMP_EXTENSION_HEADER; end - offset >= ICMP_OBJECT_HEADER;) {
        int length = tvb_get_ntohs(tvb, offset);
        ldp_stack_t stack;

        if (length < ICMP_OBJECT_HEADER || length > end - offset)
            break;
        if (tvb_get_ntohs(tvb, offset + 2) == ICMP_OBJECT_MPLS) {
            ldp_stack_read(tvb, offset + ICMP_OBJECT_HEADER, offset + length, &stack);
            ldp_stack_resolve(&stack, &hop, pinfo->num);
            show_icmp_stack(native, &at, tvb, pinfo, &stack);
        }
        offset += length;
    }
}

static int
dissect_icmp_with_labels(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data,
        bool v6)
{
    const char *native;
    volatile int result = 0;

    TRY {
        result = standin_call(standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        native = standin_speak_as(pinfo, SHORT_NAME);
        show_icmp_labels(tvb, pinfo, tree, v6);
        pinfo->current_proto = native;
    }
    ENDTRY;
    return result;
}

static bool
may_have_labels(const packet_info *pinfo)
{
    return ldp_state->bindings && !pinfo->flags.in_error_pkt && proto_is_protocol_enabled(protocol);
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

        if (type >= ND_ROUTER_SOLICIT && type <= ND_NEIGHBOR_ADVERT && !PINFO_FD_VISITED(pinfo))
            learn_neighbor_discovery(tvb, pinfo, type);
        else if (may_have_labels(pinfo) && (type == ICMPV6_UNREACHABLE || type == ICMPV6_TIME_EXCEEDED))
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

    if (ports->native && dtbl_entry_get_handle((dtbl_entry_t *)value) == ports->native)
        ports->bits[port / 8] |= (uint8_t)(1 << port % 8);
}

/* Preferences and the user may have changed the ports; a file is about to be dissected with them. */
static void
find_ports(void)
{
    memset(tcp_ports.bits, 0, sizeof tcp_ports.bits);
    memset(udp_ports.bits, 0, sizeof udp_ports.bits);
    dissector_table_foreach(tcp_ports.table, add_ldp_port, &tcp_ports);
    dissector_table_foreach(udp_ports.table, add_ldp_port, &udp_ports);
}

void
proto_register_ldp_binding(void)
{
    static hf_register_info hf[] = {
        { &hf_label,
            { "Label", "ldp_binding.label", FT_UINT32, BASE_DEC, NULL, 0x0,
            NULL, HFILL }
        },
        { &hf_fec,
            { "FEC", "ldp_binding.fec", FT_STRING, BASE_NONE, NULL, 0x0,
            "What the label stands for", HFILL }
        },
        { &hf_lsr,
            { "Advertised by", "ldp_binding.lsr", FT_IPv4, BASE_NONE, NULL, 0x0,
            "Router that handed out the label", HFILL }
        },
        { &hf_advertised_in,
            { "Advertised in", "ldp_binding.advertised_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "Label Mapping that this binding comes from", HFILL }
        },
        { &hf_withdrawn_in,
            { "Withdrawn in", "ldp_binding.withdrawn_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "Frame that ends this binding", HFILL }
        },
        { &hf_requested_in,
            { "Requested in", "ldp_binding.requested_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "Label Request that asked for this binding", HFILL }
        },
        { &hf_pw_id,
            { "Pseudowire ID", "ldp_binding.pw_id", FT_UINT32, BASE_DEC, NULL, 0x0,
            NULL, HFILL }
        },
        { &hf_pw_type,
            { "Pseudowire Type", "ldp_binding.pw_type", FT_UINT16, BASE_HEX, VALS(ldp_pw_type_short_vals), 0x0,
            NULL, HFILL }
        },
        { &hf_control_word,
            { "Control Word", "ldp_binding.control_word", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "As the C bit of the FEC signals", HFILL }
        },
        { &hf_pw_mtu,
            { "Pseudowire MTU", "ldp_binding.pw_mtu", FT_UINT16, BASE_DEC, NULL, 0x0,
            NULL, HFILL }
        },
        { &hf_pw_vccv_cc,
            { "VCCV Control Channel Types", "ldp_binding.pw_vccv_cc", FT_UINT8, BASE_HEX, NULL, 0x0,
            NULL, HFILL }
        },
        { &hf_pw_vccv_cv,
            { "VCCV Connectivity Verification Types", "ldp_binding.pw_vccv_cv", FT_UINT8, BASE_HEX, NULL, 0x0,
            NULL, HFILL }
        },
        { &hf_pw_flow_label,
            { "Flow Label", "ldp_binding.pw_flow_label", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
            "The router can receive a flow label", HFILL }
        },
        { &hf_pw_status,
            { "Pseudowire Status", "ldp_binding.pw_status", FT_UINT32, BASE_HEX, NULL, 0x0,
            "As last signalled by the router that handed out the label", HFILL }
        },
        { &hf_match,
            { "Match", "ldp_binding.match", FT_UINT8, BASE_DEC, VALS(match_vals), 0x0,
            "How sure the binding is", HFILL }
        },
        { &hf_candidates,
            { "Candidates", "ldp_binding.candidates", FT_UINT32, BASE_DEC, NULL, 0x0,
            "Bindings that fit", HFILL }
        },
    };
    static int *ett[] = { &ett_ldp_binding };
    static ei_register_info ei[] = {
        { &ei_stale,
            { "ldp_binding.stale", PI_SEQUENCE, PI_WARN,
            "Label is used after its binding ended", EXPFILL }
        },
        { &ei_unknown_label,
            { "ldp_binding.unknown_label", PI_SEQUENCE, PI_NOTE,
            "Label was not advertised by the receiving router", EXPFILL }
        },
        { &ei_ambiguous,
            { "ldp_binding.ambiguous", PI_ASSUMPTION, PI_NOTE,
            "Several bindings fit this packet", EXPFILL }
        },
    };
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "LDP Label Bindings",
        .tap_name = "ldp_binding",
        .cli_string = "ldp_binding,table",
        .stat_tap_init_cb = table_init,
        .packet_func = table_packet,
        .stat_tap_reset_table_cb = table_reset,
        .stat_tap_free_table_item_cb = table_free_item,
        .nfields = COLUMNS,
        .fields = table_fields,
    };

    proto_ldp_binding = proto_register_protocol("LDP Label Binding", SHORT_NAME, "ldp_binding");
    proto_register_field_array(proto_ldp_binding, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_ldp_binding), ei, array_length(ei));
    prefs_register_bool_preference(prefs_register_protocol(proto_ldp_binding, NULL), "columns",
            "Show what labels mean in the Info column",
            "Otherwise it says what it says without the plugin",
            &show_in_columns);
    tap_ldp_binding = register_tap("ldp_binding");
    register_stat_tap_table_ui(&table);
    ldp_state_register(binding_touched);
    register_init_routine(find_ports);
    ldp_pw_register();
}

void
proto_reg_handoff_ldp_binding(void)
{
    protocol = find_protocol_by_id(proto_ldp_binding);
    ldp_protocol = find_protocol_by_id(proto_get_id_by_filter_name("ldp"));
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
    ldp_foreign_register();
    ldp_segment_routing_register();
    ldp_pw_handoff();
    flow_add_observer(&session_observer);
    flow_add_observer(&hello_observer);
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * vi: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
