/* session-tunnel.c
 * Telling apart conversations with the same addresses and ports in different tunnels; see session-tunnel.h
 *
 * A tunnel is known by what stays the same while a conversation lasts, in both directions where there is such
 * a thing: GRE by its endpoints and key (RFC 2784, RFC 2890, RFC 2637), IP in IP (RFC 2003, RFC 2473, RFC 4213) by
 * its endpoints, MPLS by the label at the bottom of the stack (RFC 3032), VXLAN (RFC 7348) and Geneve (RFC 8926)
 * by their network identifier, any other tunnel over TCP, UDP or SCTP by its protocol.
 *
 * Stand-ins (standin.h) are in front of those protocols' dissectors. IP's own see every IP packet: the key under which a packet
 * inside another is looked up tells those apart at next to no cost.
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
#include <epan/exceptions.h>
#include <epan/etypes.h>
#include <epan/ipproto.h>

#include "standin.h"
#include "session-tunnel.h"
#include "compat.h"

#define MPLS_MAX_LABELS 32

#define GRE_FLAG_CHECKSUM 0x8000
#define GRE_FLAG_ROUTING  0x4000
#define GRE_FLAG_KEY      0x2000
#define GRE_VERSION       0x0007

#define UDP_HEADER_LENGTH 8
#define VNI_OFFSET (UDP_HEADER_LENGTH + 4)

uint32_t tunnel_current = TUNNEL_NONE;

static int proto_gre = -1;
static int proto_chdlc = -1;
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
identify_gre(tvbuff_t *tvb, const packet_info *pinfo)
{
    uint32_t identity = identify_endpoints(pinfo);
    uint16_t flags = tvb_captured_length(tvb) >= 2 ? tvb_get_ntohs(tvb, 0) : 0;
    unsigned key = flags & (GRE_FLAG_CHECKSUM | GRE_FLAG_ROUTING) ? 8 : 4;

    if (!(flags & GRE_FLAG_KEY) || tvb_captured_length(tvb) < key + 4)
        return identity;
    /* Of version 1 the first half is the packet's length; the second is the call, of each direction its own. */
    if (flags & GRE_VERSION)
        return mix(mix(identity, GRE_VERSION), tvb_get_ntohs(tvb, key + 2));
    return mix(identity, tvb_get_ntohl(tvb, key));
}

static uint32_t
identify_mpls(tvbuff_t *tvb)
{
    for (unsigned i = 0; i < MPLS_MAX_LABELS && tvb_captured_length(tvb) >= 4 * (i + 1); i++) {
        uint32_t entry = tvb_get_ntohl(tvb, 4 * i);

        if (entry & 0x100)      /* bottom of stack */
            return entry >> 12;
    }
    return 0;
}

static int
dissect_tunnel(const standin_t *standin, uint32_t kind, uint32_t identity, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
        void *data)
{
    volatile uint32_t outside = tunnel_current;
    volatile int result = 0;

    tunnel_current = mix(mix(outside, kind), identity);
    TRY {
        result = standin_call(standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        tunnel_current = outside;
    }
    ENDTRY;
    return result;
}

/* Whether it was looked up by IP, or by a header behind it, as this protocol. */
static bool
is_in_ip(const packet_info *pinfo, uint32_t protocol)
{
    const char *below;

    if (pinfo->match_uint != protocol)
        return false;
    below = proto_get_protocol_filter_name(standin_proto_below(pinfo));
    return below && (!strcmp(below, "ip") || g_str_has_prefix(below, "ipv6") || !strcmp(below, "ah") || !strcmp(below, "esp"));
}

static int dissect_ip_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_ipv6_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_gre_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_mpls_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t ip_standin = { .name = "session.ip", .dissect = dissect_ip_first, .proto = &proto_session };
static standin_t ipv6_standin = { .name = "session.ipv6", .dissect = dissect_ipv6_first, .proto = &proto_session };
static standin_t gre_standin = { .name = "session.gre", .dissect = dissect_gre_first, .proto = &proto_session };
static standin_t mpls_standin = { .name = "session.mpls", .dissect = dissect_mpls_first, .proto = &proto_session };

static int
dissect_ip_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!is_in_ip(pinfo, IP_PROTO_IPIP))
        return standin_call(&ip_standin, tvb, pinfo, tree, data);
    return dissect_tunnel(&ip_standin, IP_PROTO_IPIP, identify_endpoints(pinfo), tvb, pinfo, tree, data);
}

static int
dissect_ipv6_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!is_in_ip(pinfo, IP_PROTO_IPV6))
        return standin_call(&ipv6_standin, tvb, pinfo, tree, data);
    return dissect_tunnel(&ipv6_standin, IP_PROTO_IPV6, identify_endpoints(pinfo), tvb, pinfo, tree, data);
}

static int
dissect_gre_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!is_in_ip(pinfo, IP_PROTO_GRE))
        return standin_call(&gre_standin, tvb, pinfo, tree, data);
    return dissect_tunnel(&gre_standin, IP_PROTO_GRE, identify_gre(tvb, pinfo), tvb, pinfo, tree, data);
}

/* By Ethernet type on a link; a label in another tunnel tells nothing more. */
static bool
is_on_link(const packet_info *pinfo)
{
    int below = standin_proto_below(pinfo);

    return (pinfo->match_uint == ETHERTYPE_MPLS || pinfo->match_uint == ETHERTYPE_MPLS_MULTI)
        && below != proto_gre && below != proto_chdlc;
}

static int
dissect_mpls_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!is_on_link(pinfo))
        return standin_call(&mpls_standin, tvb, pinfo, tree, data);
    return dissect_tunnel(&mpls_standin, ETHERTYPE_MPLS, identify_mpls(tvb), tvb, pinfo, tree, data);
}

void
tunnel_init(void)
{
    proto_gre = proto_get_id_by_filter_name("gre");
    proto_chdlc = proto_get_id_by_filter_name("chdlc");
    proto_vxlan = proto_get_id_by_filter_name("vxlan");
    proto_geneve = proto_get_id_by_filter_name("geneve");
    standin_add(&ip_standin, standin_find("ip.proto", IP_PROTO_IPIP, NULL));
    standin_add(&ipv6_standin, standin_find("ip.proto", IP_PROTO_IPV6, NULL));
    standin_add(&gre_standin, standin_find("ip.proto", IP_PROTO_GRE, NULL));
    standin_add(&mpls_standin, standin_find("ethertype", ETHERTYPE_MPLS, NULL));
}

void
tunnel_forget(void)
{
    tunnel_current = TUNNEL_NONE;
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
tunnel_of_inner_packet(const flow_packet_t *packet)
{
    uint32_t tunnel = tunnel_current;

    for (const flow_packet_t *outer = packet->outer; outer; outer = outer->outer)
        tunnel = mix(tunnel, identify_carrier(outer));
    return tunnel;
}
