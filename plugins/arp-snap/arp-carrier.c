/* arp-carrier.c
 * What is in front of an ARP message; see arp-carrier.h
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
#include <wiretap/wtap.h>

#include "arp-carrier.h"
#include "compat.h"

#define SLL_LLC               4     /* Linux: ETH_P_802_2 */
#define SAP_SNAP              0xaa
#define SNAP_LENGTH           5
#define LLC_LENGTH_UI         3
#define LLC_LENGTH_I          4
#define LLC_CONTROL_UI        0x03
#define LLC_CONTROL_I_MASK    0x01
#define VLAN_TAG_LENGTH       4
#define MAX_8023_LENGTH       1500
#define HARDWARE_ETHERNET     1     /* Linux: ARPHRD_ETHER */
#define SLL_HARDWARE_BEFORE   14    /* of the cooked header, seen from its end */
#define SLL2_HARDWARE_BEFORE  12

static int proto_llc = -1;
static int proto_eth = -1;
static int proto_sll = -1;
static int proto_tr = -1;
static int proto_vlan = -1;
static int proto_8021ad = -1;
static int proto_ethertype = -1;

void
carrier_handoff(void)
{
    proto_llc = proto_get_id_by_filter_name("llc");
    proto_eth = proto_get_id_by_filter_name("eth");
    proto_sll = proto_get_id_by_filter_name("sll");
    proto_tr = proto_get_id_by_filter_name("tr");
    proto_vlan = proto_get_id_by_filter_name("vlan");
    proto_8021ad = proto_get_id_by_filter_name("ieee8021ad");
    proto_ethertype = proto_get_id_by_filter_name("ethertype");
}

static int
layer_id(const wmem_list_frame_t *layer)
{
    return layer ? GPOINTER_TO_INT(wmem_list_frame_data(layer)) : -1;
}

static bool
is_tag(int id)
{
    return id == proto_vlan || id == proto_8021ad;
}

/* Goes back over tags and what stands for their types, and counts them. */
static wmem_list_frame_t *
skip_tags(wmem_list_frame_t *layer, unsigned *tags)
{
    *tags = 0;
    while (layer && (is_tag(layer_id(layer)) || layer_id(layer) == proto_ethertype)) {
        if (is_tag(layer_id(layer)))
            (*tags)++;
        layer = wmem_list_frame_prev(layer);
    }
    return layer;
}

static bool
sll_is_ethernet(const carrier_t *carrier, const packet_info *pinfo)
{
    bool is_sll2 = pinfo->rec->rec_header.packet_header.pkt_encap == WTAP_ENCAP_SLL2;
    int offset = carrier->llc_offset - (is_sll2 ? SLL2_HARDWARE_BEFORE : SLL_HARDWARE_BEFORE);

    return offset >= 0 && tvb_get_ntohs(carrier->frame, offset) == HARDWARE_ETHERNET;
}

/* layer: the one of LLC. A tag may itself be in LLC. */
static void
read_medium(carrier_t *carrier, const packet_info *pinfo, wmem_list_frame_t *layer)
{
    wmem_list_frame_t *below = wmem_list_frame_prev(layer);
    bool next_to_llc = layer_id(below) == proto_eth || is_tag(layer_id(below));
    unsigned tags;

    while (below && (layer_id(below) == proto_llc || skip_tags(below, &tags) != below))
        below = layer_id(below) == proto_llc ? wmem_list_frame_prev(below) : skip_tags(below, &tags);
    if (layer_id(below) == proto_sll)
        carrier->is_8023 = sll_is_ethernet(carrier, pinfo);
    else
        carrier->is_8023 = layer_id(below) == proto_eth;
    carrier->is_of_rfc1042 = carrier->is_8023 || layer_id(below) == proto_tr;
    if (carrier->is_8023 && next_to_llc && carrier->llc_offset >= 2) {
        carrier->length = tvb_get_ntohs(carrier->frame, carrier->llc_offset - 2);
        carrier->has_length = carrier->length <= MAX_8023_LENGTH;
    }
}

/* An LLC header of this length that ends here and carries data. */
static bool
is_llc_header(tvbuff_t *frame, int end, int length, bool snap)
{
    uint8_t control;

    if (end < length)
        return false;
    if ((tvb_get_uint8(frame, end - length) == SAP_SNAP) != snap)
        return false;
    if (snap && tvb_get_uint8(frame, end - length + 1) != SAP_SNAP)
        return false;
    control = tvb_get_uint8(frame, end - length + 2);
    return length == LLC_LENGTH_UI ? control == LLC_CONTROL_UI : !(control & LLC_CONTROL_I_MASK);
}

static bool
find_llc_header(carrier_t *carrier, int end, bool snap)
{
    if (is_llc_header(carrier->frame, end, LLC_LENGTH_UI, snap))
        carrier->llc_offset = end - LLC_LENGTH_UI;
    else if (is_llc_header(carrier->frame, end, LLC_LENGTH_I, snap))
        carrier->llc_offset = end - LLC_LENGTH_I;
    else
        return false;
    return true;
}

static void
read_llc(tvbuff_t *tvb, carrier_t *carrier, unsigned tags)
{
    int message = tvb_raw_offset(tvb);
    int end = message - (int)(tags * VLAN_TAG_LENGTH);

    carrier->frame = tvb_get_ds_tvb(tvb);
    if (find_llc_header(carrier, end - SNAP_LENGTH, true)) {
        carrier->kind = CARRIER_SNAP;
        carrier->oui_offset = end - SNAP_LENGTH;
        carrier->oui = tvb_get_ntoh24(carrier->frame, carrier->oui_offset);
        carrier->pid = tvb_get_ntohs(carrier->frame, carrier->oui_offset + 3);
    } else if (find_llc_header(carrier, end, false)) {
        carrier->kind = CARRIER_SAP;
    }
    carrier->llc_length = message - carrier->llc_offset;
}

void
carrier_read(tvbuff_t *tvb, packet_info *pinfo, wmem_list_frame_t *below, carrier_t *carrier)
{
    wmem_list_frame_t *last = below;
    wmem_list_frame_t *layer;
    unsigned tags;

    memset(carrier, 0, sizeof *carrier);
    layer = skip_tags(last, &tags);
    if (layer_id(layer) == proto_llc) {
        read_llc(tvb, carrier, tags);
        if (carrier->kind != CARRIER_OTHER)
            read_medium(carrier, pinfo, layer);
    } else if (layer_id(last) == proto_ethertype || layer_id(last) == proto_sll) {
        carrier->kind = CARRIER_ETHERNET_II;
    }
}

bool
carrier_is_plain_ethernet(wmem_list_frame_t *below)
{
    return layer_id(below) == proto_ethertype && layer_id(wmem_list_frame_prev(below)) == proto_eth;
}

bool
carrier_is_ethernet_or_cooked(const packet_info *pinfo, int below)
{
    return below == proto_eth || is_tag(below) || (below == proto_sll && pinfo->match_uint == SLL_LLC);
}
