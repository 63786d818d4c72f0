/* ldp-foreign.c
 * Labels that RSVP-TE and BGP hand out: not LDP's, and never claimed for it
 *
 * RFC 3209 section 4.1 and RFC 3473 section 3 (LABEL and UPSTREAM_LABEL objects of RSVP), RFC 2961 section 4.1
 * (bundles); RFC 8277 and RFC 4364 (labelled prefixes of BGP), RFC 7911 (path identifiers), RFC 4761 section
 * 3.2.2 (label blocks of VPLS), RFC 7432 and RFC 9136 (EVPN), RFC 6514 section 5 (PMSI tunnels).
 * Read on the first pass; see ldp-foreign-labels.h for ownership. Errors: what does not fit its length is not read any
 * further.
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
#include <epan/ipproto.h>

#include "ldp-foreign-labels.h"
#include "ldp-foreign.h"
#include "standin.h"
#include "compat.h"

#define RSVP_HEADER             8
#define RSVP_MESSAGE_PATH       1
#define RSVP_MESSAGE_RESV       2
#define RSVP_MESSAGE_BUNDLE     12
#define RSVP_CLASS_LABEL        16
#define RSVP_CLASS_UPSTREAM     35

#define BGP_PORT                179
#define BGP_HEADER              19
#define BGP_UPDATE              2
#define BGP_ATTRIBUTE_EXTENDED  0x10
#define BGP_MP_REACH_NLRI       14
#define BGP_EXTENDED_COMMUNITIES 16
#define BGP_PMSI_TUNNEL         22
#define BGP_SAFI_LABELLED       4
#define BGP_SAFI_VPLS           65
#define BGP_SAFI_EVPN           70
#define BGP_SAFI_VPN            128
#define BGP_ROUTE_DISTINGUISHER 8
#define BGP_PATH_ID             4
#define BGP_ENCAPSULATION       0x030c  /* extended community */
#define BGP_BOTTOM_OF_STACK     0x000001

#define TUNNEL_VXLAN            8
#define TUNNEL_NVGRE            9
#define TUNNEL_VXLAN_GPE        12
#define TUNNEL_GENEVE           19

#define EVPN_ETHERNET_AD        1
#define EVPN_MAC_IP             2
#define EVPN_IP_PREFIX          5
#define EVPN_TAG_END            22      /* route distinguisher, segment identifier, tag */

static int dissect_rsvp_labels(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_bgp_labels(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t rsvp_standin = { .name = "ldp_binding.rsvp", .dissect = dissect_rsvp_labels };
static standin_t bgp_standin = { .name = "ldp_binding.bgp", .dissect = dissect_bgp_labels };

/* One message, or the messages of a bundle, which have no bundles in them. */
static void
learn_rsvp(tvbuff_t *tvb, int start, int end, bool bundled, const packet_info *pinfo)
{
    unsigned type, wanted;
    int offset = start + RSVP_HEADER;

    if (end - start < RSVP_HEADER)
        return;
    type = tvb_get_uint8(tvb, start + 1);
    wanted = type == RSVP_MESSAGE_RESV ? RSVP_CLASS_LABEL : type == RSVP_MESSAGE_PATH ? RSVP_CLASS_UPSTREAM : 0;
    while (end - offset >= RSVP_HEADER) {
        bool is_message = type == RSVP_MESSAGE_BUNDLE && !bundled && tvb_get_uint8(tvb, offset) >> 4 == 1;
        int length = tvb_get_ntohs(tvb, is_message ? offset + 6 : offset);

        if (length < 4 || length > end - offset)
            break;
        if (is_message)
            learn_rsvp(tvb, offset, offset + length, true, pinfo);
        else if (wanted && tvb_get_uint8(tvb, offset + 2) == wanted && length >= 8)
            ldp_foreign_label(tvb_get_ntohl(tvb, offset + 4) & 0xfffff, &pinfo->src, pinfo->num);
        offset += length;
    }
}

static int
dissect_rsvp_labels(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!PINFO_FD_VISITED(pinfo) && !pinfo->flags.in_error_pkt) {
        ldp_foreign_seen(pinfo->num);
        learn_rsvp(tvb, 0, (int)tvb_captured_length(tvb), false, pinfo);
    }
    return standin_call(&rsvp_standin, tvb, pinfo, tree, data);
}

/* What one UPDATE says of labels. */
typedef struct bgp_update {
    tvbuff_t  *tvb;
    uint32_t   frame;
    address    next_hop;        /* who handed out the labels */
    unsigned   safi;
    int        routes;          /* offset and end, 0 if there are none */
    int        routes_end;
    int        tunnel_label;    /* of a PMSI tunnel: offset, or 0 */
    bool       not_mpls;        /* what stands in the label's place is a network identifier */
} bgp_update_t;

static void
note_label(const bgp_update_t *update, uint32_t label)
{
    ldp_foreign_label(label, &update->next_hop, update->frame);
}

/*
 * Prefixes with labels: length in bits of all that follows, three bytes a label, the rest. Whether each has a path
 * identifier in front was agreed between the two, so it is found out: returns false if they do not fit.
 */
static bool
walk_labelled_prefixes(const bgp_update_t *update, int path_id, bool note)
{
    tvbuff_t *tvb = update->tvb;
    int offset = update->routes, end = update->routes_end;

    while (offset < end) {
        int bytes, next;

        offset += path_id;
        if (offset >= end)
            return false;
        bytes = (tvb_get_uint8(tvb, offset) + 7) / 8;
        next = offset + 1 + bytes;
        if (bytes < 3 || next > end)
            return false;
        for (offset++; note && next - offset >= 3; offset += 3) {
            uint32_t field = tvb_get_ntoh24(tvb, offset);

            note_label(update, field >> 4);
            if (field & BGP_BOTTOM_OF_STACK)
                break;
        }
        offset = next;
    }
    return true;
}

static void
learn_labelled_prefixes(const bgp_update_t *update)
{
    int path_id = walk_labelled_prefixes(update, 0, false) ? 0 : BGP_PATH_ID;

    walk_labelled_prefixes(update, path_id, true);
}

static void
learn_label_blocks(const bgp_update_t *update)
{
    tvbuff_t *tvb = update->tvb;
    int offset = update->routes, end = update->routes_end;

    while (end - offset >= 19) {
        int next = offset + 2 + tvb_get_ntohs(tvb, offset);
        unsigned size = tvb_get_ntohs(tvb, offset + 14);
        uint32_t base = tvb_get_ntoh24(tvb, offset + 16) >> 4;

        if (next < offset + 19 || next > end)
            break;
        ldp_foreign_range(base, size, &update->next_hop, update->frame);
        offset = next;
    }
}

/* One route of EVPN, whose type and length come before it. */
static void
learn_evpn_route(const bgp_update_t *update, unsigned type, int offset, int length)
{
    tvbuff_t *tvb = update->tvb;
    int label, address_bytes;

    switch (type) {
    case EVPN_ETHERNET_AD:
        label = EVPN_TAG_END;
        break;
    case EVPN_MAC_IP:
        if (length < EVPN_TAG_END + 8)
            return;
        address_bytes = tvb_get_uint8(tvb, offset + EVPN_TAG_END + 7) / 8;
        label = EVPN_TAG_END + 8 + address_bytes;
        break;
    case EVPN_IP_PREFIX:
        label = length - 3;
        break;
    default:
        return;
    }
    for (; label >= EVPN_TAG_END && length - label >= 3; label += 3)
        note_label(update, tvb_get_ntoh24(tvb, offset + label) >> 4);
}

static void
learn_evpn(const bgp_update_t *update)
{
    tvbuff_t *tvb = update->tvb;
    int offset = update->routes, end = update->routes_end;
    /* No route has the type 0, with which every path identifier that is in use begins. */
    int path_id = offset < end && tvb_get_uint8(tvb, offset) == 0 ? BGP_PATH_ID : 0;

    while (end - offset >= path_id + 2) {
        int length;

        offset += path_id;
        length = tvb_get_uint8(tvb, offset + 1);
        if (length > end - offset - 2)
            break;
        learn_evpn_route(update, tvb_get_uint8(tvb, offset), offset + 2, length);
        offset += 2 + length;
    }
}

/* RFC 4364: with a route distinguisher in front; RFC 2545: with a link-local one behind. */
static void
read_next_hop(bgp_update_t *update, int offset, int length)
{
    if (update->safi == BGP_SAFI_VPN && length > BGP_ROUTE_DISTINGUISHER) {
        offset += BGP_ROUTE_DISTINGUISHER;
        length -= BGP_ROUTE_DISTINGUISHER;
    }
    if (length >= 16)
        set_address_tvb(&update->next_hop, AT_IPv6, 16, update->tvb, offset);
    else if (length >= 4)
        set_address_tvb(&update->next_hop, AT_IPv4, 4, update->tvb, offset);
}

static void
read_mp_reach(bgp_update_t *update, int offset, int end)
{
    int next_hop;

    if (end - offset < 5)
        return;
    next_hop = tvb_get_uint8(update->tvb, offset + 3);
    if (end - offset < 5 + next_hop)
        return;
    update->safi = tvb_get_uint8(update->tvb, offset + 2);
    read_next_hop(update, offset + 4, next_hop);
    update->routes = offset + 5 + next_hop;
    update->routes_end = end;
}

static void
read_communities(bgp_update_t *update, int offset, int end)
{
    for (; end - offset >= 8; offset += 8) {
        unsigned tunnel = tvb_get_ntohs(update->tvb, offset + 6);

        if (tvb_get_ntohs(update->tvb, offset) == BGP_ENCAPSULATION && (tunnel == TUNNEL_VXLAN || tunnel == TUNNEL_NVGRE
                || tunnel == TUNNEL_VXLAN_GPE || tunnel == TUNNEL_GENEVE))
            update->not_mpls = true;
    }
}

static void
read_attributes(bgp_update_t *update, int offset, int end)
{
    tvbuff_t *tvb = update->tvb;

    while (end - offset >= 4) {
        bool extended = (tvb_get_uint8(tvb, offset) & BGP_ATTRIBUTE_EXTENDED) != 0;
        int length = extended ? tvb_get_ntohs(tvb, offset + 2) : tvb_get_uint8(tvb, offset + 2);
        unsigned type = tvb_get_uint8(tvb, offset + 1);

        offset += extended ? 4 : 3;
        if (length > end - offset)
            break;
        if (type == BGP_MP_REACH_NLRI)
            read_mp_reach(update, offset, offset + length);
        else if (type == BGP_EXTENDED_COMMUNITIES)
            read_communities(update, offset, offset + length);
        else if (type == BGP_PMSI_TUNNEL && length >= 5)
            update->tunnel_label = offset + 2;
        offset += length;
    }
}

static void
learn_update(tvbuff_t *tvb, int offset, int end, uint32_t frame)
{
    bgp_update_t update = { .tvb = tvb, .frame = frame };

    if (end - offset < 2)
        return;
    offset += 2 + tvb_get_ntohs(tvb, offset);
    if (end - offset < 2)
        return;
    end = MIN(end, offset + 2 + tvb_get_ntohs(tvb, offset));
    read_attributes(&update, offset + 2, end);
    if (update.routes == 0 || update.not_mpls)
        return;
    if (update.tunnel_label && tvb_get_ntoh24(tvb, update.tunnel_label) >> 4)
        note_label(&update, tvb_get_ntoh24(tvb, update.tunnel_label) >> 4);
    if (update.safi == BGP_SAFI_LABELLED || update.safi == BGP_SAFI_VPN)
        learn_labelled_prefixes(&update);
    else if (update.safi == BGP_SAFI_VPLS)
        learn_label_blocks(&update);
    else if (update.safi == BGP_SAFI_EVPN)
        learn_evpn(&update);
}

static void
learn_bgp(tvbuff_t *tvb, uint32_t frame)
{
    int offset = 0, end = (int)tvb_captured_length(tvb);

    while (end - offset >= BGP_HEADER && tvb_get_ntohl(tvb, offset) == UINT32_MAX) {
        int length = tvb_get_ntohs(tvb, offset + 16);

        if (length < BGP_HEADER || length > end - offset)
            break;
        if (tvb_get_uint8(tvb, offset + 18) == BGP_UPDATE)
            learn_update(tvb, offset + BGP_HEADER, offset + length, frame);
        offset += length;
    }
}

static int
dissect_bgp_labels(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        ldp_foreign_seen(pinfo->num);
        learn_bgp(tvb, pinfo->num);
    }
    return standin_call(&bgp_standin, tvb, pinfo, tree, data);
}

void
ldp_foreign_register(const int *proto)
{
    rsvp_standin.proto = bgp_standin.proto = proto;
    standin_add(&rsvp_standin, standin_find("ip.proto", IP_PROTO_RSVP, NULL));
    standin_add(&bgp_standin, standin_find("tcp.port", BGP_PORT, NULL));
}
