/* packet-discard.c
 * What is added to the Discard Protocol: totals, ICMP errors, replies
 *
 * RFC 863: a server that throws away what it gets, over TCP and UDP, on port 9.
 *
 * Where Wireshark has the protocol (4.4 and later), it gets more fields; where it has not (4.0), it is
 * brought along with the same fields and preferences (discard-payload.h).
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
#include <epan/expert.h>
#include <epan/prefs.h>

#include "api-bool.h"
#include "discard-flow.h"
#include "discard-payload.h"
#include "discard-ports.h"
#include "discard-wol.h"
#include "compat.h"

void proto_register_discard(void);
void proto_reg_handoff_discard(void);

static int proto_discard = -1;

static int hf_discard_bytes_total = -1;
static int hf_discard_unreachable_in = -1;
static int hf_discard_unreachable_packet = -1;
static int hf_discard_unreachable_candidates = -1;

static expert_field ei_discard_reply = EI_INIT;

static api_bool_t extend = true;

static proto_tree *
subtree_of(const flow_packet_t *packet, carries_t carries)
{
    return carries == CARRIES_DISCARD ? flow_native_subtree(packet->tree, proto_discard) : flow_subtree(packet);
}

static void
add_frame_link(proto_tree *tree, const flow_packet_t *packet, int hf, uint32_t frame, uint32_t candidates)
{
    proto_item *item = proto_tree_add_uint(tree, hf, packet->tvb, 0, 0, frame);

    proto_item_set_generated(item);
    if (candidates > 1) {
        proto_item_append_text(item, " (or another of %u packets alike)", candidates);
        item = proto_tree_add_uint(tree, hf_discard_unreachable_candidates, packet->tvb, 0, 0, candidates);
        proto_item_set_generated(item);
    }
}

static void
add_reply(proto_tree *tree, const flow_packet_t *packet, const discard_record_t *record)
{
    proto_item *item = tree ? proto_tree_get_parent(tree) : NULL;

    if (record->reply == SERVER_KNOWN)
        expert_add_info(packet->pinfo, item, &ei_discard_reply);
    else if (record->reply == SERVER_ASSUMED)
        expert_add_info_format(packet->pinfo, item, &ei_discard_reply, "Data from what looks like a Discard server; %s",
                packet->transport == FLOW_TCP ? "the start of the conversation was not captured"
                : "the first datagram captured was sent to its port");
}

static void
show_packet(const flow_packet_t *packet, carries_t carries, const discard_record_t *record)
{
    proto_tree *tree = subtree_of(packet, carries);

    if (record->counted)
        proto_item_set_generated(proto_tree_add_uint64(tree, hf_discard_bytes_total, packet->tvb, 0, 0,
                record->bytes_total));
    for (const quotes_error_t *error = record->packet.errors; error; error = error->next)
        add_frame_link(tree, packet, hf_discard_unreachable_in, error->frame, error->candidates);
    add_reply(tree, packet, record);
}

static void
after_quote(flow_packet_t *packet)
{
    const discard_quote_t *quote = discard_flow_quote(packet);

    if (quote)
        add_frame_link(subtree_of(packet, CARRIES_NOTHING), packet, hf_discard_unreachable_packet, quote->frame,
                quote->candidates);
}

static void
after_own_packet(flow_packet_t *packet)
{
    carries_t carries = CARRIES_NOTHING;
    const discard_record_t *record = discard_flow_record(packet, &carries);

    if (record)
        show_packet(packet, carries, record);
}

/* Apart from the test in front, so that that costs next to nothing. */
static G_GNUC_NO_INLINE void
after_discard_packet(flow_packet_t *packet)
{
    if (discard_wol_was_hidden())
        return;
    if (packet->quoted)
        after_quote(packet);
    else
        after_own_packet(packet);
}

static void
after_packet(flow_packet_t *packet)
{
    if (extend && uses_discard_port(packet))
        after_discard_packet(packet);
}

static void
before_packet(flow_packet_t *packet)
{
    if (extend && uses_discard_port(packet))
        discard_wol_hide(packet);
}

/* Registration */

static const flow_observer_t packets = {
    .proto = &proto_discard, .transports = FLOW_TCP | FLOW_UDP, .by_port = true, .after = after_packet
};
static const flow_observer_t magic_packets = {
    .proto = &proto_discard, .transports = FLOW_UDP, .by_port = true, .before = before_packet
};

static void
want_port(uint16_t port)
{
    flow_want_port(&packets, port);
    flow_want_port(&magic_packets, port);
}

static void
discard_init(void)
{
    flow_want_no_ports(&packets);
    flow_want_no_ports(&magic_packets);
    discard_ports_read(proto_discard, want_port);
}

/* The native protocol, if there is one, has preferences already. */
static void
register_extend_preference(void)
{
    module_t *module = prefs_find_module("discard");

    if (!module)
        module = prefs_register_protocol(proto_discard, NULL);
    prefs_register_bool_preference(module, "extend",
            "Add totals, ICMP errors and replies",
            "Otherwise there is only what Wireshark itself has from version 4.4 on, which takes Wake-on-LAN packets"
            " to this port for Discard in version 4.4",
            &extend);
}

void
proto_register_discard(void)
{
    static hf_register_info hf[] = {
        { &hf_discard_bytes_total,
            { "Bytes discarded so far", "discard.bytes_total",
              FT_UINT64, BASE_DEC, NULL, 0x0,
              "Payload thrown away in this conversation, retransmissions not counted twice", HFILL }
        },
        { &hf_discard_unreachable_in,
            { "Unreachable in", "discard.unreachable_in",
              FT_FRAMENUM, BASE_NONE, NULL, 0x0,
              "The ICMP error that quotes this packet", HFILL }
        },
        { &hf_discard_unreachable_packet,
            { "Unreachable packet", "discard.unreachable_packet",
              FT_FRAMENUM, BASE_NONE, NULL, 0x0,
              "The packet that this ICMP error quotes", HFILL }
        },
        { &hf_discard_unreachable_candidates,
            { "Packets that the error may quote", "discard.unreachable_candidates",
              FT_UINT32, BASE_DEC, NULL, 0x0,
              "Packets that the quote does not tell apart", HFILL }
        },
    };
    static ei_register_info ei[] = {
        { &ei_discard_reply,
            { "discard.reply", PI_PROTOCOL, PI_WARN,
              "Data from a Discard server, which should send none", EXPFILL }
        },
    };

    proto_discard = proto_get_id_by_filter_name("discard");
    if (proto_discard == -1)
        proto_discard = discard_payload_register();
    register_extend_preference();
    proto_register_field_array(proto_discard, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_discard), ei, array_length(ei));
    register_init_routine(discard_init);
    quotes_register();
}

/* 4.6 passes them on. */
static bool
native_keeps_magic_packets(void)
{
#ifdef WS_DISCARD_KEEPS_WOL
    return true;
#else
    return false;
#endif
}

void
proto_reg_handoff_discard(void)
{
    discard_payload_handoff();
    discard_flow_init(proto_discard);
    discard_wol_init(proto_discard);
    flow_add_observer(&packets);
    if (native_keeps_magic_packets())
        flow_add_observer(&magic_packets);
}
