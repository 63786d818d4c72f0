/* ldp-foreign.c
 * Labels that RSVP-TE and BGP hand out: not LDP's, and never claimed for it
 *
 * RFC 3209 section 4.1 (LABEL object of RSVP), RFC 8277 and RFC 4364 (labelled prefixes of BGP),
 * RFC 4761 section 3.2.2 (label blocks of VPLS). Read on the first pass; see ldp-state.h for ownership.
 * Errors: what does not fit its length is not read any further.
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

#include "ldp-state.h"
#include "ldp-wrap.h"
#include "ws_compat.h"

#define RSVP_HEADER             8
#define RSVP_MESSAGE_RESV       2
#define RSVP_CLASS_LABEL        16

#define BGP_PORT                179
#define BGP_HEADER              19
#define BGP_UPDATE              2
#define BGP_ATTRIBUTE_EXTENDED  0x10
#define BGP_MP_REACH_NLRI       14
#define BGP_SAFI_LABELLED       4
#define BGP_SAFI_VPLS           65
#define BGP_SAFI_VPN            128
#define BGP_BOTTOM_OF_STACK     0x000001
#define BGP_MAX_BLOCK           64      /* labels of a VPLS block that are noted */

static wrapper_t rsvp_wrapper, bgp_wrapper;

static void
learn_rsvp(tvbuff_t *tvb, uint32_t frame)
{
    int offset = RSVP_HEADER, end = (int)tvb_captured_length(tvb);

    if (end < RSVP_HEADER || tvb_get_uint8(tvb, 1) != RSVP_MESSAGE_RESV)
        return;
    while (end - offset >= 4) {
        int length = tvb_get_ntohs(tvb, offset);

        if (length < 4 || length > end - offset)
            break;
        if (tvb_get_uint8(tvb, offset + 2) == RSVP_CLASS_LABEL && length >= 8)
            ldp_foreign_label(tvb_get_ntohl(tvb, offset + 4) & 0xfffff, frame);
        offset += length;
    }
}

static int
dissect_rsvp_labels(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!PINFO_FD_VISITED(pinfo) && !pinfo->flags.in_error_pkt) {
        ldp_foreign_seen(pinfo->num);
        learn_rsvp(tvb, pinfo->num);
    }
    return wrapper_call(&rsvp_wrapper, tvb, pinfo, tree, data);
}

/* Prefixes with labels: length in bits of all that follows, three bytes a label, the rest. */
static void
learn_labelled_prefixes(tvbuff_t *tvb, int offset, int end, uint32_t frame)
{
    while (end - offset >= 4) {
        int bytes = (tvb_get_uint8(tvb, offset) + 7) / 8;
        int next = offset + 1 + bytes;

        if (bytes < 3 || next > end)
            break;
        for (offset++; next - offset >= 3; offset += 3) {
            uint32_t field = tvb_get_ntoh24(tvb, offset);

            ldp_foreign_label(field >> 4, frame);
            if (field & BGP_BOTTOM_OF_STACK)
                break;
        }
        offset = next;
    }
}

static void
learn_label_blocks(tvbuff_t *tvb, int offset, int end, uint32_t frame)
{
    while (end - offset >= 19) {
        int next = offset + 2 + tvb_get_ntohs(tvb, offset);
        unsigned size = tvb_get_ntohs(tvb, offset + 14);
        uint32_t base = tvb_get_ntoh24(tvb, offset + 16) >> 4;

        if (next < offset + 19 || next > end)
            break;
        for (unsigned i = 0; i < size && i < BGP_MAX_BLOCK; i++)
            ldp_foreign_label(base + i, frame);
        offset = next;
    }
}

static void
learn_mp_reach(tvbuff_t *tvb, int offset, int end, uint32_t frame)
{
    unsigned safi;

    if (end - offset < 5)
        return;
    safi = tvb_get_uint8(tvb, offset + 2);
    offset += 5 + tvb_get_uint8(tvb, offset + 3);
    if (safi == BGP_SAFI_LABELLED || safi == BGP_SAFI_VPN)
        learn_labelled_prefixes(tvb, offset, end, frame);
    else if (safi == BGP_SAFI_VPLS)
        learn_label_blocks(tvb, offset, end, frame);
}

static void
learn_update(tvbuff_t *tvb, int offset, int end, uint32_t frame)
{
    if (end - offset < 2)
        return;
    offset += 2 + tvb_get_ntohs(tvb, offset);
    if (end - offset < 2)
        return;
    end = MIN(end, offset + 2 + tvb_get_ntohs(tvb, offset));
    offset += 2;
    while (end - offset >= 4) {
        bool extended = (tvb_get_uint8(tvb, offset) & BGP_ATTRIBUTE_EXTENDED) != 0;
        int length = extended ? tvb_get_ntohs(tvb, offset + 2) : tvb_get_uint8(tvb, offset + 2);
        unsigned type = tvb_get_uint8(tvb, offset + 1);

        offset += extended ? 4 : 3;
        if (length > end - offset)
            break;
        if (type == BGP_MP_REACH_NLRI)
            learn_mp_reach(tvb, offset, offset + length, frame);
        offset += length;
    }
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
    pinfo->can_desegment = pinfo->saved_can_desegment;
    return wrapper_call(&bgp_wrapper, tvb, pinfo, tree, data);
}

void
ldp_foreign_register(void)
{
    wrapper_create(&rsvp_wrapper, "rsvp", "LDP Extras RSVP", "ldp_extras_rsvp", dissect_rsvp_labels);
    wrapper_add(&rsvp_wrapper, "ip.proto", IP_PROTO_RSVP);
    wrapper_create(&bgp_wrapper, "bgp", "LDP Extras BGP", "ldp_extras_bgp", dissect_bgp_labels);
    wrapper_add(&bgp_wrapper, "tcp.port", BGP_PORT);
}
