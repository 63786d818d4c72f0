/* tunnel.c
 * Telling apart conversations with the same addresses and ports in different tunnels; see tunnel.h
 *
 * A tunnel is known by what stays the same while a conversation lasts, in both directions where there is such
 * a thing: GRE by its endpoints and key (RFC 2784, RFC 2890), IP in IP (RFC 2003, RFC 2473, RFC 4213) by
 * its endpoints, MPLS by the label at the bottom of the stack (RFC 3032), VXLAN (RFC 7348) and Geneve (RFC 8926)
 * by their network identifier, any other tunnel over TCP, UDP or SCTP by its protocol.
 *
 * The wrappers stand in the tables where those protocols are found and cost nothing to other packets.
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
#include <epan/etypes.h>
#include <epan/ipproto.h>

#include "tunnel.h"
#include "ws_compat.h"

#define MPLS_MAX_LABELS 32

#define GRE_FLAG_CHECKSUM 0x8000
#define GRE_FLAG_ROUTING  0x4000
#define GRE_FLAG_KEY      0x2000

#define UDP_HEADER_LENGTH 8
#define VNI_OFFSET (UDP_HEADER_LENGTH + 4)

typedef uint32_t (*tunnel_identity_t)(tvbuff_t *tvb, const packet_info *pinfo);

/* The tunnels around what is being dissected. */
static uint32_t current_tunnel = TUNNEL_NONE;

static int proto_vxlan;
static int proto_geneve;

static uint32_t
mix(uint32_t hash, uint32_t value)
{
    hash = (hash ^ value) * 0x9e3779b1u;
    hash ^= hash >> 15;
    return hash ? hash : TUNNEL_NONE + 1;
}

/* The same in both directions. */
static uint32_t
identify_endpoints(const packet_info *pinfo)
{
    return mix(add_address_to_hash(0, &pinfo->src) + add_address_to_hash(0, &pinfo->dst), 0);
}

static uint32_t
identify_ip(tvbuff_t *tvb _U_, const packet_info *pinfo)
{
    return identify_endpoints(pinfo);
}

static uint32_t
identify_gre(tvbuff_t *tvb, const packet_info *pinfo)
{
    uint32_t identity = identify_endpoints(pinfo);
    uint16_t flags = tvb_captured_length(tvb) >= 2 ? tvb_get_ntohs(tvb, 0) : 0;
    unsigned key = flags & (GRE_FLAG_CHECKSUM | GRE_FLAG_ROUTING) ? 8 : 4;

    if ((flags & GRE_FLAG_KEY) && tvb_captured_length(tvb) >= key + 4)
        identity = mix(identity, tvb_get_ntohl(tvb, key));
    return identity;
}

static uint32_t
identify_mpls(tvbuff_t *tvb, const packet_info *pinfo _U_)
{
    for (unsigned i = 0; i < MPLS_MAX_LABELS && tvb_captured_length(tvb) >= 4 * (i + 1); i++) {
        uint32_t entry = tvb_get_ntohl(tvb, 4 * i);

        if (entry & 0x100)      /* bottom of stack */
            return entry >> 12;
    }
    return 0;
}

static int dissect_ip_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_ipv6_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_gre_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_mpls_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_mpls_multicast(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

enum { TUNNEL_IP, TUNNEL_IPV6, TUNNEL_GRE, TUNNEL_MPLS, TUNNEL_MPLS_MULTICAST, TUNNEL_KINDS };

static struct tunnel_kind {
    const char        *table;
    uint32_t           key;
    const char        *name;
    const char        *filter;
    dissector_t        dissector;
    tunnel_identity_t  identity;
    dissector_handle_t original;
    dissector_handle_t wrapper;
} kinds[TUNNEL_KINDS] = {
    { "ip.proto", IP_PROTO_IPIP, "IPv4 tunnel", "gapfill_tunnel_ip", dissect_ip_tunnel, identify_ip, NULL, NULL },
    { "ip.proto", IP_PROTO_IPV6, "IPv6 tunnel", "gapfill_tunnel_ipv6", dissect_ipv6_tunnel, identify_ip, NULL, NULL },
    { "ip.proto", IP_PROTO_GRE, "GRE tunnel", "gapfill_tunnel_gre", dissect_gre_tunnel, identify_gre, NULL, NULL },
    { "ethertype", ETHERTYPE_MPLS, "MPLS tunnel", "gapfill_tunnel_mpls", dissect_mpls_tunnel, identify_mpls, NULL, NULL },
    { "ethertype", ETHERTYPE_MPLS_MULTI, "MPLS multicast tunnel", "gapfill_tunnel_mpls_multi", dissect_mpls_multicast, identify_mpls, NULL, NULL },
};

static int
dissect_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, unsigned kind)
{
    volatile uint32_t outside = current_tunnel;
    volatile int result = 0;

    pinfo->can_desegment = pinfo->saved_can_desegment;
    current_tunnel = mix(mix(outside, kinds[kind].key), kinds[kind].identity(tvb, pinfo));
    TRY {
        result = call_dissector_only(kinds[kind].original, tvb, pinfo, tree, data);
    }
    FINALLY {
        current_tunnel = outside;
    }
    ENDTRY;
    return result;
}

static int
dissect_ip_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_tunnel(tvb, pinfo, tree, data, TUNNEL_IP);
}

static int
dissect_ipv6_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_tunnel(tvb, pinfo, tree, data, TUNNEL_IPV6);
}

static int
dissect_gre_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_tunnel(tvb, pinfo, tree, data, TUNNEL_GRE);
}

static int
dissect_mpls_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_tunnel(tvb, pinfo, tree, data, TUNNEL_MPLS);
}

static int
dissect_mpls_multicast(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_tunnel(tvb, pinfo, tree, data, TUNNEL_MPLS_MULTICAST);
}

static dissector_handle_t
present_handle(const struct tunnel_kind *kind)
{
    return dissector_get_uint_handle(find_dissector_table(kind->table), kind->key);
}

static void
make_wrapper(struct tunnel_kind *kind)
{
    int proto;

    kind->original = present_handle(kind);
    if (!kind->original)
        return;
    proto = proto_register_protocol_in_name_only(kind->name, kind->name, kind->filter,
            dissector_handle_get_protocol_index(kind->original), FT_PROTOCOL);
    kind->wrapper = create_dissector_handle(kind->dissector, proto);
}

void
tunnel_init(void)
{
    proto_vxlan = proto_get_id_by_filter_name("vxlan");
    proto_geneve = proto_get_id_by_filter_name("geneve");
    for (unsigned i = 0; i < TUNNEL_KINDS; i++)
        make_wrapper(&kinds[i]);
}

/* What the user chose by Decode As, or another plugin put around it, stays. */
void
tunnel_watch(bool on)
{
    current_tunnel = TUNNEL_NONE;
    for (unsigned i = 0; i < TUNNEL_KINDS; i++) {
        dissector_handle_t from = on ? kinds[i].original : kinds[i].wrapper;
        dissector_handle_t to = on ? kinds[i].wrapper : kinds[i].original;

        if (from && to && present_handle(&kinds[i]) == from)
            dissector_add_uint(kinds[i].table, kinds[i].key, to);
    }
}

static uint32_t
identify_carrier(const flow_packet_t *outer)
{
    wmem_list_frame_t *transport = wmem_list_frame_next(outer->below);
    wmem_list_frame_t *layer = transport ? wmem_list_frame_next(transport) : NULL;
    int proto_id = layer ? GPOINTER_TO_INT(wmem_list_frame_data(layer)) : 0;
    uint32_t identity = mix(outer->transport, (uint32_t)proto_id);

    if ((proto_id == proto_vxlan || proto_id == proto_geneve) && tvb_captured_length(outer->tvb) >= VNI_OFFSET + 3)
        identity = mix(identity, tvb_get_ntoh24(outer->tvb, VNI_OFFSET));
    return identity;
}

uint32_t
tunnel_of_packet(const flow_packet_t *packet)
{
    uint32_t tunnel = current_tunnel;

    for (const flow_packet_t *outer = packet->outer; outer; outer = outer->outer)
        tunnel = mix(tunnel, identify_carrier(outer));
    return tunnel;
}
