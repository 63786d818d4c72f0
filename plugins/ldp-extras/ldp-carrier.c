/* ldp-carrier.c
 * Whose routers speak; see ldp-carrier.h
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
#include <wsutil/pint.h>

#include "ldp-carrier.h"
#include "ldp-codes.h"
#include "own-link.h"
#include "compat.h"

static int proto_mpls = -1;
static int proto_ip = -1;
static int proto_ipv6 = -1;
static int proto_gre = -1;
static int proto_udp = -1;
static int proto_eth = -1;
static int proto_chdlc = -1;
static int proto_ppp = -1;
static int proto_fr = -1;

/* Of the stack that was read last. */
static struct {
    uint32_t       frame;
    ldp_circuit_t  circuit;
    bool           wire_of_ip;      /* it ends in a pseudowire of type IP */
    bool           service;         /* or in a label that LDP does not tell, at a router of which all is known */
} last;

void
ldp_carrier_reset(void)
{
    memset(&last, 0, sizeof last);
}

/* A pseudowire stays the same with another label. */
static ldp_circuit_t
circuit_of(const ldp_stack_t *stack)
{
    ldp_circuit_t circuit = { .label = stack->innermost + 1 };

    if (stack->pw)
        circuit.wire = (uint64_t)stack->pw->binding->fec->number << 32 | stack->pw->binding->lsr->number;
    return circuit;
}

static bool
is_same(const ldp_circuit_t *one, const ldp_circuit_t *other)
{
    return one->wire && other->wire ? one->wire == other->wire : one->label == other->label;
}

/* It may be LDP's after all where the session is not in the capture as a whole. */
static bool
is_service(const ldp_stack_t *stack, const ldp_hop_t *hop, uint32_t frame)
{
    const ldp_use_t *use;
    const ldp_lsr_t *reader;

    if (stack->pw || stack->count == 0 || !stack->payload || stack->innermost <= LDP_LABEL_LAST_SPECIAL)
        return false;
    use = &stack->use[stack->count - 1];
    reader = stack->count == 1 ? hop->receiver : use->service_of;
    return !use->binding && reader && ldp_lsr_is_wholly_known(reader, frame);
}

void
ldp_carrier_set(const ldp_stack_t *stack, const ldp_hop_t *hop, uint32_t frame)
{
    if (hop->network == LDP_CUSTOMERS && last.frame == frame)
        return;                     /* the customers' own stack */
    last.frame = frame;
    last.circuit = circuit_of(stack);
    last.wire_of_ip = stack->pw && stack->pw->binding->pw->type == PW_IP;
    last.service = is_service(stack, hop, frame);
}

/* Newer versions leave IP out of the layers where it is right in a label: then what it carries is above, or nothing. */
static bool
is_in_ip(int above)
{
    return above == 0 || above == proto_ip || above == proto_ipv6 || above == proto_gre || above == proto_udp;
}

/* What is in a label as anything but IP is in a pseudowire. */
static bool
is_of_customers(int above, bool forwarded, uint32_t frame)
{
    if (!is_in_ip(above))
        return true;
    return last.frame == frame && (last.wire_of_ip || (last.service && forwarded));
}

static bool
is_link(int proto_id)
{
    return proto_id == proto_eth || proto_id == proto_chdlc || proto_id == proto_ppp || proto_id == proto_fr;
}

/* A link of its own above IP is an overlay's: L2TPv3, VXLAN, Geneve, Ethernet in GRE. */
ldp_network_t
ldp_carrier_network(wmem_list_frame_t *layer, bool forwarded, uint32_t frame)
{
    bool has_link = false;
    int above = 0;

    for (; layer; layer = wmem_list_frame_prev(layer)) {
        int proto_id = GPOINTER_TO_INT(wmem_list_frame_data(layer));

        if (proto_id == proto_mpls && above != proto_mpls && is_of_customers(above, forwarded, frame))
            return LDP_CUSTOMERS;
        if (has_link && (proto_id == proto_ip || proto_id == proto_ipv6 || proto_id == proto_gre || proto_id == proto_udp))
            return LDP_CUSTOMERS;
        has_link = has_link || is_link(proto_id);
        above = proto_id;
    }
    return LDP_OWN_NETWORK;
}

/* Of a frame of the customers' own; 0: there is none, as in PPP. */
static uint64_t
mac_of(const packet_info *pinfo)
{
    if (pinfo->dl_src.type != AT_ETHER || last.wire_of_ip || last.service || !own_link_is_known(wmem_list_tail(pinfo->layers)))
        return 0;
    return (uint64_t)pntohu16(pinfo->dl_src.data) << 32 | pntohu32((const uint8_t *)pinfo->dl_src.data + 2);
}

static void
begin_circuit(ldp_lsr_t *lsr, uint64_t mac)
{
    lsr->circuit = last.circuit;
    lsr->circuit_mac = mac;
}

void
ldp_carrier_hears(ldp_lsr_t *lsr, const packet_info *pinfo)
{
    uint64_t mac;

    if (lsr->network != LDP_CUSTOMERS || lsr->several_frame || last.frame != pinfo->num)
        return;
    mac = mac_of(pinfo);
    if (!lsr->circuit.label)
        begin_circuit(lsr, mac);
    else if (!is_same(&lsr->circuit, &last.circuit) || (mac && lsr->circuit_mac && mac != lsr->circuit_mac))
        lsr->several_frame = pinfo->num;
    else if (!lsr->circuit.wire)
        begin_circuit(lsr, mac);
}

bool
ldp_carrier_may_be_from(const ldp_lsr_t *lsr, uint32_t frame)
{
    return last.frame != frame || !lsr->circuit.label || ldp_lsr_is_several(lsr, frame) || is_same(&lsr->circuit, &last.circuit);
}

void
ldp_carrier_handoff(void)
{
    proto_mpls = proto_get_id_by_filter_name("mpls");
    proto_ip = proto_get_id_by_filter_name("ip");
    proto_ipv6 = proto_get_id_by_filter_name("ipv6");
    proto_gre = proto_get_id_by_filter_name("gre");
    proto_udp = proto_get_id_by_filter_name("udp");
    proto_eth = proto_get_id_by_filter_name("eth");
    proto_chdlc = proto_get_id_by_filter_name("chdlc");
    proto_ppp = proto_get_id_by_filter_name("ppp");
    proto_fr = proto_get_id_by_filter_name("fr");
}
