/* packet-discard.c
 * Routines for Discard Protocol dissection
 *
 * RFC 863: a server that throws away what it gets, over TCP and UDP, on port 9.
 *
 * Where Wireshark has the protocol (4.4 and later), it gets more fields; where it has not (4.0), it is
 * brought along with the same fields and preferences.
 *
 * What is learnt about a conversation (discard_flow_t) and about a packet (discard_record_t, and
 * discard_quote_t for a packet inside an ICMP error) lives in file scope and is written on the first
 * pass only, save that an ICMP error is noted with the earlier packet that it quotes: in one pass that
 * packet has been shown by then, so discard.unreachable_in needs a second pass.
 *
 * Too little captured or a header that makes no sense: the packet is left out; nothing throws.
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
#include <epan/conversation.h>
#include <epan/expert.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>

#include "api-bool.h"
#include "discard-coverage.h"
#include "flow.h"
#include "discard-quotes.h"
#include "compat.h"

#define DISCARD_PORT            9
#define DISCARD_FIRST_USER_PORT 1024
#define DISCARD_QUOTED_KEY      0x10000

#define TCP_MIN_HEADER  20
#define TCP_FLAG_SYN    0x02
#define TCP_FLAG_ACK    0x10
#define UDP_HEADER       8

#define WOL_SYNC         6
#define WOL_ADDRESS      6
#define WOL_REPEATS     16
#define WOL_LENGTH      (WOL_SYNC + WOL_REPEATS * WOL_ADDRESS)

void proto_register_discard(void);
void proto_reg_handoff_discard(void);

static int proto_discard = -1;
static int proto_data = -1;

static int hf_discard_data = -1;
static int hf_discard_text = -1;
static int hf_discard_md5_hash = -1;
static int hf_discard_len = -1;
static int hf_discard_bytes_total = -1;
static int hf_discard_unreachable_in = -1;
static int hf_discard_unreachable_packet = -1;
static int hf_discard_unreachable_candidates = -1;

static int ett_discard = -1;

static expert_field ei_discard_reply = EI_INIT;

static api_bool_t show_as_text;
static api_bool_t show_in_columns = true;
static api_bool_t generate_md5_hash;
static api_bool_t extend = true;

/* The server of a conversation, as far as it is known. */
typedef enum {
    SERVER_UNKNOWN,
    SERVER_ASSUMED,     /* its port says so; the start was not captured */
    SERVER_KNOWN,
    SERVER_OTHER        /* a client that uses the Discard port as its own */
} server_knowledge_t;

/* One per conversation with a Discard port. */
typedef struct discard_flow {
    server_knowledge_t knowledge;
    uint16_t           server_port;
    address            server;
    bool               seen_discard;    /* TCP: Wireshark has shown some of it as Discard */
    bool               port_spoke_first;/* UDP: the first datagram came from the Discard port */
    coverage_t         coverage;        /* TCP */
    uint64_t           bytes;           /* UDP */
    quotes_packet_t   *last;
} discard_flow_t;

/* One per packet that is shown. */
typedef struct discard_record {
    bool               counted;
    uint64_t           bytes_total;
    server_knowledge_t reply;           /* SERVER_UNKNOWN: it is none */
    quotes_packet_t    packet;
} discard_record_t;

/* One per ICMP error that quotes such a packet. */
typedef struct discard_quote {
    uint32_t frame;
    uint32_t candidates;
} discard_quote_t;

/* What is above the transport layer. */
typedef enum { CARRIES_NOTHING, CARRIES_DISCARD, CARRIES_OTHER } carries_t;

typedef struct discard_segment {
    uint32_t  seq;          /* TCP */
    uint8_t   flags;        /* TCP */
    uint32_t  payload;
    carries_t carries;
} discard_segment_t;

/* Ports that the user's preferences and Decode As settings give to Discard, for the file at hand. */
static uint8_t discard_ports[2][65536 / 8];
static bool hidden_for_wol;
static heur_dtbl_entry_t *wol_heuristic;

/* The protocol itself, where Wireshark lacks it */

static void
add_text(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    char *text;

    proto_tree_add_item_ret_display_string(tree, hf_discard_text, tvb, 0, -1, ENC_ASCII, pinfo->pool, &text);
    if (show_in_columns)
        col_append_str(pinfo->cinfo, COL_INFO, text);
}

static void
add_md5_hash(tvbuff_t *tvb, proto_tree *tree)
{
    unsigned length = tvb_captured_length(tvb);
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_MD5, tvb_get_ptr(tvb, 0, length), length);

    proto_item_set_generated(proto_tree_add_string(tree, hf_discard_md5_hash, tvb, 0, 0, digest));
    g_free(digest);
}

/*
 * A client may use the Discard port as its own: what it has to do with a server that Wireshark knows by its port
 * is that server's protocol. If the user gave the port to Discard, it is Discard.
 */
static bool
belongs_to_other_port(const packet_info *pinfo)
{
    dissector_table_t ports = find_dissector_table(pinfo->ptype == PT_TCP ? "tcp.port" : "udp.port");
    uint32_t other = pinfo->match_uint == pinfo->srcport ? pinfo->destport : pinfo->srcport;
    dissector_handle_t handle;

    if ((pinfo->ptype != PT_TCP && pinfo->ptype != PT_UDP) || dissector_is_uint_changed(ports, pinfo->match_uint))
        return false;
    handle = dissector_get_uint_handle(ports, other);
    return handle && dissector_handle_get_protocol_index(handle) != proto_discard
        && proto_is_protocol_enabled(find_protocol_by_id(dissector_handle_get_protocol_index(handle)));
}

static int
dissect_discard(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    unsigned length = tvb_reported_length(tvb);
    proto_item *item;
    proto_tree *discard_tree;

    if (belongs_to_other_port(pinfo))
        return 0;
    if (show_in_columns) {
        col_set_str(pinfo->cinfo, COL_PROTOCOL, "DISCARD");
        col_set_str(pinfo->cinfo, COL_INFO, show_as_text ? "Discard: " : "Discard");
    }

    item = proto_tree_add_item(tree, proto_discard, tvb, 0, -1, ENC_NA);
    discard_tree = proto_item_add_subtree(item, ett_discard);
    proto_tree_add_item(discard_tree, hf_discard_data, tvb, 0, -1, ENC_NA);
    if (show_as_text)
        add_text(tvb, pinfo, discard_tree);
    if (generate_md5_hash)
        add_md5_hash(tvb, discard_tree);
    proto_item_set_generated(proto_tree_add_uint(discard_tree, hf_discard_len, tvb, 0, 0, length));

    /* Says that a packet was cut short; an ICMP error that quotes one would be missing from statistics. */
    if (!pinfo->flags.in_error_pkt)
        tvb_ensure_bytes_exist(tvb, 0, length);
    return tvb_captured_length(tvb);
}

/* Ports */

static bool
is_discard_port(unsigned transport, uint16_t port)
{
    return discard_ports[transport == FLOW_UDP][port >> 3] & (1u << (port & 7));
}

static bool
uses_discard_port(const flow_packet_t *packet)
{
    return is_discard_port(packet->transport, packet->dstport) || is_discard_port(packet->transport, packet->srcport);
}

static void
mark_discard_port(const char *table _U_, ftenum_t type _U_, void *key, void *value, void *user_data)
{
    dissector_handle_t handle = dtbl_entry_get_handle((dtbl_entry_t *)value);
    unsigned port = GPOINTER_TO_UINT(key);
    uint8_t *ports = (uint8_t *)user_data;

    if (handle && dissector_handle_get_protocol_index(handle) == proto_discard && port <= 65535)
        ports[port >> 3] |= 1u << (port & 7);
}

static void
discard_init(void)
{
    memset(discard_ports, 0, sizeof discard_ports);
    dissector_table_foreach("tcp.port", mark_discard_port, discard_ports[0]);
    dissector_table_foreach("udp.port", mark_discard_port, discard_ports[1]);
}

/* Wake-on-LAN, whose usual port is 9 as well */

static bool
is_magic_packet(tvbuff_t *tvb, int offset)
{
    static const uint8_t sync[WOL_SYNC] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    const uint8_t *packet;

    if (tvb_captured_length_remaining(tvb, offset) < WOL_LENGTH)
        return false;
    packet = tvb_get_ptr(tvb, offset, WOL_LENGTH);
    return memcmp(packet, sync, WOL_SYNC) == 0
        && memcmp(packet + WOL_SYNC, packet + WOL_SYNC + WOL_ADDRESS, (WOL_REPEATS - 1) * WOL_ADDRESS) == 0;
}

static bool
wol_is_enabled(void)
{
    return wol_heuristic && wol_heuristic->enabled && proto_is_protocol_enabled(wol_heuristic->protocol);
}

/*
 * Wake-on-LAN is recognised by a heuristic, which comes after the ports. Switching Discard off for the
 * one packet leaves it to the heuristic, on every port that the user may have given to Discard.
 */
static G_GNUC_NO_INLINE void
before_datagram(const flow_packet_t *packet)
{
    if (!is_magic_packet(packet->tvb, UDP_HEADER))
        return;
    if (wol_is_enabled() && proto_is_protocol_enabled(find_protocol_by_id(proto_discard))) {
        proto_set_decoding(proto_discard, false);
        hidden_for_wol = true;
    }
}

static void
before_packet(flow_packet_t *packet)
{
    if (extend && uses_discard_port(packet))
        before_datagram(packet);
}

static bool
was_hidden_for_wol(void)
{
    bool hidden = hidden_for_wol;

    if (hidden)
        proto_set_decoding(proto_discard, true);
    hidden_for_wol = false;
    return hidden;
}

/* Reading a packet */

static carries_t
what_it_carries(const flow_packet_t *packet)
{
    wmem_list_frame_t *layer = packet->below ? wmem_list_frame_next(packet->below)
        : wmem_list_head(packet->pinfo->layers);
    int proto;

    layer = layer ? wmem_list_frame_next(layer) : NULL;
    if (!layer)
        return CARRIES_NOTHING;
    proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));
    if (proto == proto_discard)     /* 4.6 has Wake-on-LAN above it */
        return wmem_list_frame_next(layer) ? CARRIES_OTHER : CARRIES_DISCARD;
    return proto == proto_data ? CARRIES_NOTHING : CARRIES_OTHER;   /* TCP keep-alives show as data */
}

static bool
read_tcp(tvbuff_t *tvb, discard_segment_t *segment)
{
    unsigned header;

    if (tvb_captured_length(tvb) < TCP_MIN_HEADER)
        return false;
    segment->seq = tvb_get_ntohl(tvb, 4);
    header = (tvb_get_uint8(tvb, 12) >> 4) * 4;
    segment->flags = tvb_get_uint8(tvb, 13);
    if (header < TCP_MIN_HEADER || header > tvb_reported_length(tvb))
        return false;
    segment->payload = tvb_reported_length(tvb) - header;
    return true;
}

static bool
read_udp(tvbuff_t *tvb, discard_segment_t *segment)
{
    unsigned length;

    if (tvb_captured_length(tvb) < UDP_HEADER)
        return false;
    length = tvb_get_ntohs(tvb, 4);
    if (length == 0 || length > tvb_reported_length(tvb))    /* RFC 2675: 0 in a jumbogram */
        length = tvb_reported_length(tvb);
    if (length < UDP_HEADER)
        return false;
    segment->payload = length - UDP_HEADER;
    return true;
}

static bool
read_segment(const flow_packet_t *packet, discard_segment_t *segment)
{
    memset(segment, 0, sizeof *segment);
    segment->carries = what_it_carries(packet);
    if (segment->carries == CARRIES_OTHER)
        return false;
    return packet->transport == FLOW_TCP ? read_tcp(packet->tvb, segment) : read_udp(packet->tvb, segment);
}

/* Learning, on the first pass */

static void
set_server(discard_flow_t *flow, server_knowledge_t knowledge, const address *server, uint16_t port)
{
    flow->knowledge = knowledge;
    flow->server_port = port;
    copy_address_wmem(wmem_file_scope(), &flow->server, server);
}

/* Only who began a connection tells which side the server is. */
static void
learn_server_from_syn(discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    bool from_server = segment->flags & TCP_FLAG_ACK;
    uint16_t port = from_server ? packet->srcport : packet->dstport;

    if (flow->knowledge == SERVER_KNOWN || flow->knowledge == SERVER_OTHER)
        return;
    if (is_discard_port(packet->transport, port))
        set_server(flow, SERVER_KNOWN, from_server ? &packet->src : &packet->dst, port);
    else
        flow->knowledge = SERVER_OTHER;
}

/* The start was missed: the port speaks, and with two such ports who sends data. */
static void
assume_tcp_server(discard_flow_t *flow, const flow_packet_t *packet)
{
    if (is_discard_port(packet->transport, packet->dstport))
        set_server(flow, SERVER_ASSUMED, &packet->dst, packet->dstport);
    else if (packet->dstport >= DISCARD_FIRST_USER_PORT)
        set_server(flow, SERVER_ASSUMED, &packet->src, packet->srcport);
}

/*
 * A datagram from the Discard port alone does not show a server: a client may use that port.
 * After it, one to that port may still be an answer to it.
 */
static void
learn_udp_server(discard_flow_t *flow, const flow_packet_t *packet)
{
    if (flow->knowledge == SERVER_UNKNOWN && !is_discard_port(packet->transport, packet->dstport))
        flow->port_spoke_first = true;
    else if (flow->knowledge == SERVER_UNKNOWN)
        set_server(flow, flow->port_spoke_first ? SERVER_ASSUMED : SERVER_KNOWN, &packet->dst, packet->dstport);
}

static void
learn_server(discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (packet->transport == FLOW_UDP)
        learn_udp_server(flow, packet);
    else if (segment->flags & TCP_FLAG_SYN)
        learn_server_from_syn(flow, packet, segment);
    else if (flow->knowledge == SERVER_UNKNOWN && segment->payload > 0)
        assume_tcp_server(flow, packet);
}

static bool
has_server(const discard_flow_t *flow)
{
    return flow->knowledge == SERVER_KNOWN || flow->knowledge == SERVER_ASSUMED;
}

static bool
is_to_server(const discard_flow_t *flow, const flow_packet_t *packet)
{
    return has_server(flow) && packet->dstport == flow->server_port
        && addresses_equal(&packet->dst, &flow->server);
}

static bool
is_from_server(const discard_flow_t *flow, const flow_packet_t *packet)
{
    return has_server(flow) && packet->srcport == flow->server_port
        && addresses_equal(&packet->src, &flow->server) && !is_to_server(flow, packet);
}

static uint64_t
count_bytes(discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (packet->transport == FLOW_TCP)
        return coverage_add(&flow->coverage, segment->seq + !!(segment->flags & TCP_FLAG_SYN), segment->payload);
    return flow->bytes += segment->payload;
}

/* A segment that Wireshark has passed over, a retransmission perhaps, is Discard if others were. */
static bool
is_discard_data(const discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (segment->payload == 0)
        return false;
    return segment->carries == CARRIES_DISCARD || (packet->transport == FLOW_TCP && flow->seen_discard);
}

/* Also a first segment that TCP holds back until the one before it comes. */
static bool
is_worth_counting(const discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    return segment->payload > 0 && is_to_server(flow, packet)
        && (packet->transport == FLOW_TCP || segment->carries == CARRIES_DISCARD);
}

/* Packets without data belong to Discard if they are to its port or with a server that is known. */
static bool
is_worth_a_record(const discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (flow->knowledge == SERVER_OTHER)
        return false;
    if (segment->payload > 0)
        return is_discard_data(flow, packet, segment);
    return has_server(flow) || is_discard_port(packet->transport, packet->dstport);
}

static void
remember_packet(discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment,
        discard_record_t *record)
{
    if (!quotes_read_identity(packet, &record->packet.identity))
        return;
    record->packet.frame = packet->pinfo->num;
    record->packet.payload_bytes = segment->payload;
    quotes_remember(&record->packet, flow->last);
    flow->last = &record->packet;
}

static discard_flow_t *
find_flow(conversation_t *conversation)
{
    return conversation ? (discard_flow_t *)conversation_get_proto_data(conversation, proto_discard) : NULL;
}

static discard_flow_t *
find_or_create_flow(conversation_t *conversation)
{
    discard_flow_t *flow = find_flow(conversation);

    if (!flow && conversation) {
        flow = wmem_new0(wmem_file_scope(), discard_flow_t);
        conversation_add_proto_data(conversation, proto_discard, flow);
    }
    return flow;
}

/* How many layers are below does not depend on what a later pass sees above. */
static uint32_t
record_key(const flow_packet_t *packet)
{
    uint32_t depth = 0;

    for (const wmem_list_frame_t *layer = packet->below; layer; layer = wmem_list_frame_prev(layer))
        depth++;
    return depth + (packet->quoted ? DISCARD_QUOTED_KEY : 0);
}

static void
learn_packet(flow_packet_t *packet, const discard_segment_t *segment)
{
    discard_flow_t *flow = find_or_create_flow(flow_conversation(packet));
    discard_record_t *record;
    uint64_t bytes = 0;

    if (!flow)
        return;
    learn_server(flow, packet, segment);
    if (segment->carries == CARRIES_DISCARD && packet->transport == FLOW_TCP)
        flow->seen_discard = true;
    if ((segment->flags & TCP_FLAG_SYN) && is_to_server(flow, packet))
        coverage_syn(&flow->coverage, segment->seq);
    if (is_worth_counting(flow, packet, segment))
        bytes = count_bytes(flow, packet, segment);
    if (!is_worth_a_record(flow, packet, segment))
        return;
    record = wmem_new0(wmem_file_scope(), discard_record_t);
    if (is_discard_data(flow, packet, segment)) {
        record->counted = is_to_server(flow, packet);
        record->bytes_total = bytes;
        if (is_from_server(flow, packet))
            record->reply = flow->knowledge;
    }
    remember_packet(flow, packet, segment, record);
    p_add_proto_data(wmem_file_scope(), packet->pinfo, proto_discard, record_key(packet), record);
}

static void
learn_quote(flow_packet_t *packet)
{
    discard_flow_t *flow = find_flow(flow_conversation(packet));
    quotes_identity_t identity;
    quotes_packet_t *found;
    discard_quote_t *quote;
    uint32_t candidates;

    if (!quotes_is_failure(packet) || !quotes_read_identity(packet, &identity))
        return;
    found = quotes_match(&identity, flow ? flow->last : NULL, packet->pinfo->num, &candidates);
    if (!found)
        return;
    quote = wmem_new(wmem_file_scope(), discard_quote_t);
    quote->frame = found->frame;
    quote->candidates = candidates;
    p_add_proto_data(wmem_file_scope(), packet->pinfo, proto_discard, record_key(packet), quote);
}

/* Showing */

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
        expert_add_info_format(packet->pinfo, item, &ei_discard_reply,
                "Data from what looks like a Discard server; the start of the conversation was not captured");
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
    discard_quote_t *quote;

    if (!PINFO_FD_VISITED(packet->pinfo))
        learn_quote(packet);
    quote = (discard_quote_t *)p_get_proto_data(wmem_file_scope(), packet->pinfo, proto_discard, record_key(packet));
    if (quote)
        add_frame_link(subtree_of(packet, CARRIES_NOTHING), packet, hf_discard_unreachable_packet, quote->frame,
                quote->candidates);
}

static void
after_own_packet(flow_packet_t *packet)
{
    discard_segment_t segment;
    discard_record_t *record;

    if (!read_segment(packet, &segment))
        return;
    if (!PINFO_FD_VISITED(packet->pinfo))
        learn_packet(packet, &segment);
    record = (discard_record_t *)p_get_proto_data(wmem_file_scope(), packet->pinfo, proto_discard, record_key(packet));
    if (record)
        show_packet(packet, segment.carries, record);
}

/* Apart from the test in front, so that that costs next to nothing. */
static G_GNUC_NO_INLINE void
after_discard_packet(flow_packet_t *packet)
{
    if (was_hidden_for_wol())
        return;
    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_discard)))
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

/* Registration */

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

static void
register_protocol(void)
{
    static hf_register_info hf[] = {
        { &hf_discard_data,
            { "Data", "discard.data",
              FT_BYTES, BASE_NONE, NULL, 0x0,
              NULL, HFILL }
        },
        { &hf_discard_text,
            { "Text", "discard.text",
              FT_STRING, BASE_NONE, NULL, 0x0,
              NULL, HFILL }
        },
        { &hf_discard_md5_hash,
            { "Payload MD5 hash", "discard.md5_hash",
              FT_STRING, BASE_NONE, NULL, 0x0,
              NULL, HFILL }
        },
        { &hf_discard_len,
            { "Reported Length", "discard.len",
              FT_UINT32, BASE_DEC, NULL, 0x0,
              NULL, HFILL }
        },
    };
    module_t *module;

    proto_discard = proto_register_protocol("Discard Protocol", "DISCARD", "discard");
    proto_register_field_array(proto_discard, hf, array_length(hf));
    module = prefs_register_protocol(proto_discard, NULL);
    prefs_register_bool_preference(module, "show_as_text",
            "Show data as text",
            "Show data as text in the Packet Details pane",
            &show_as_text);
    prefs_register_bool_preference(module, "md5_hash",
            "Generate MD5 hash",
            "Whether or not MD5 hashes should be generated and shown for each payload.",
            &generate_md5_hash);
    prefs_register_bool_preference(module, "columns",
            "Show Discard in the Protocol and Info columns",
            "Otherwise they say what they say without the plugin",
            &show_in_columns);
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
    static int *ett[] = {
        &ett_discard,
    };
    static ei_register_info ei[] = {
        { &ei_discard_reply,
            { "discard.reply", PI_PROTOCOL, PI_WARN,
              "Data from a Discard server, which should send none", EXPFILL }
        },
    };

    proto_discard = proto_get_id_by_filter_name("discard");
    if (proto_discard == -1)
        register_protocol();
    register_extend_preference();
    proto_register_field_array(proto_discard, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
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
    static const flow_observer_t packets = { .proto = &proto_discard, .transports = FLOW_TCP | FLOW_UDP, .after = after_packet };
    static const flow_observer_t magic_packets = { .proto = &proto_discard, .transports = FLOW_UDP, .before = before_packet };

    proto_data = proto_get_id_by_filter_name("data");
    wol_heuristic = find_heur_dissector_by_unique_short_name("wol_udp");
    if (hf_discard_data != -1) {
        dissector_handle_t handle = create_dissector_handle(dissect_discard, proto_discard);

        dissector_add_uint_with_preference("udp.port", DISCARD_PORT, handle);
        dissector_add_uint_with_preference("tcp.port", DISCARD_PORT, handle);
    }
    flow_add_observer(&packets);
    if (native_keeps_magic_packets())
        flow_add_observer(&magic_packets);
}
