/* ldp-segment-routing.c
 * Whether routers speak of segment routing, whose labels are none of LDP's
 *
 * RFC 8665 section 3 (OSPF), RFC 8666 section 4 (OSPFv3), RFC 8667 section 3 (IS-IS). Which labels those are follows
 * from an index and each router's range; here it counts that there are any: then a label that LDP did not hand
 * out is nothing special.
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

#define OSPF_HEADER             24
#define OSPFV3_HEADER           16
#define OSPF_UPDATE             4
#define LSA_HEADER              20
#define LSA_OPAQUE_FIRST        9
#define LSA_OPAQUE_LAST         11
#define OPAQUE_ROUTER_INFO      4
#define LSA_V3_FUNCTION_MASK    0x1fff
#define LSA_V3_ROUTER_INFO      12
#define RI_SID_RANGE            9

#define ISIS_LSP_L1             18
#define ISIS_LSP_L2             20
#define ISIS_LSP_HEADER         27
#define ISIS_CAPABILITY         242
#define ISIS_CAPABILITY_FIXED   5
#define ISIS_SR_CAPABILITIES    2

static int dissect_ospf_segments(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_isis_l1_segments(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_isis_l2_segments(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t ospf_standin = { .name = "ldp_binding.ospf", .dissect = dissect_ospf_segments };
static standin_t isis_l1_standin = { .name = "ldp_binding.isis", .dissect = dissect_isis_l1_segments };
static standin_t isis_l2_standin = { .name = "ldp_binding.isis", .dissect = dissect_isis_l2_segments };

/* The TLVs of a Router Information LSA. */
static bool
has_sid_range(tvbuff_t *tvb, int offset, int end)
{
    while (end - offset >= 4) {
        int length = tvb_get_ntohs(tvb, offset + 2);

        if (tvb_get_ntohs(tvb, offset) == RI_SID_RANGE)
            return true;
        offset += 4 + (length + 3) / 4 * 4;
    }
    return false;
}

static bool
is_router_info(tvbuff_t *tvb, int lsa, unsigned version)
{
    unsigned type;

    if (version == 3)
        return (tvb_get_ntohs(tvb, lsa + 2) & LSA_V3_FUNCTION_MASK) == LSA_V3_ROUTER_INFO;
    type = tvb_get_uint8(tvb, lsa + 3);
    return type >= LSA_OPAQUE_FIRST && type <= LSA_OPAQUE_LAST && tvb_get_uint8(tvb, lsa + 4) == OPAQUE_ROUTER_INFO;
}

static bool
ospf_has_segments(tvbuff_t *tvb)
{
    int end = (int)tvb_captured_length(tvb), offset;
    unsigned version;

    if (end < OSPF_HEADER + 4 || tvb_get_uint8(tvb, 1) != OSPF_UPDATE)
        return false;
    version = tvb_get_uint8(tvb, 0);
    offset = (version == 3 ? OSPFV3_HEADER : OSPF_HEADER) + 4;
    while (end - offset >= LSA_HEADER) {
        int length = tvb_get_ntohs(tvb, offset + 18);

        if (length < LSA_HEADER || length > end - offset)
            break;
        if (is_router_info(tvb, offset, version) && has_sid_range(tvb, offset + LSA_HEADER, offset + length))
            return true;
        offset += length;
    }
    return false;
}

static bool
has_sub_tlv(tvbuff_t *tvb, int offset, int end, unsigned wanted)
{
    while (end - offset >= 2) {
        if (tvb_get_uint8(tvb, offset) == wanted)
            return true;
        offset += 2 + tvb_get_uint8(tvb, offset + 1);
    }
    return false;
}

static bool
isis_has_segments(tvbuff_t *tvb)
{
    int end = (int)tvb_captured_length(tvb), offset = ISIS_LSP_HEADER;

    while (end - offset >= 2) {
        int length = tvb_get_uint8(tvb, offset + 1);

        if (length > end - offset - 2)
            break;
        if (tvb_get_uint8(tvb, offset) == ISIS_CAPABILITY
                && has_sub_tlv(tvb, offset + 2 + ISIS_CAPABILITY_FIXED, offset + 2 + length, ISIS_SR_CAPABILITIES))
            return true;
        offset += 2 + length;
    }
    return false;
}

static void
learn(tvbuff_t *tvb, const packet_info *pinfo, bool (*has_segments)(tvbuff_t *))
{
    if (!PINFO_FD_VISITED(pinfo) && !ldp_foreign_was_seen(UINT32_MAX) && has_segments(tvb))
        ldp_foreign_seen(pinfo->num);
}

static int
dissect_ospf_segments(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    learn(tvb, pinfo, ospf_has_segments);
    return standin_call(&ospf_standin, tvb, pinfo, tree, data);
}

static int
dissect_isis_l1_segments(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    learn(tvb, pinfo, isis_has_segments);
    return standin_call(&isis_l1_standin, tvb, pinfo, tree, data);
}

static int
dissect_isis_l2_segments(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    learn(tvb, pinfo, isis_has_segments);
    return standin_call(&isis_l2_standin, tvb, pinfo, tree, data);
}

void
ldp_segment_routing_register(const int *proto)
{
    ospf_standin.proto = isis_l1_standin.proto = isis_l2_standin.proto = proto;
    standin_add(&ospf_standin, standin_find("ip.proto", IP_PROTO_OSPF, NULL));
    standin_add(&isis_l1_standin, standin_find("isis.type", ISIS_LSP_L1, NULL));
    standin_add(&isis_l2_standin, standin_find("isis.type", ISIS_LSP_L2, NULL));
}
