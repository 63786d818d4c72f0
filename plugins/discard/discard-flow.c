/* discard-flow.c
 * What is learnt of a conversation with a Discard server; see discard-flow.h
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
#include <epan/proto_data.h>

#include "discard-coverage.h"
#include "discard-flow.h"
#include "discard-ports.h"
#include "icmp-quote.h"
#include "tcp-header.h"
#include "compat.h"

#define DISCARD_FIRST_USER_PORT 1024
#define DISCARD_QUOTED_KEY      0x10000

#define UDP_HEADER       8

static int proto_discard = -1;
static int proto_data = -1;

/* One per conversation with a Discard port. */
typedef struct discard_flow {
    server_knowledge_t knowledge;
    uint16_t           server_port;
    address            server;
    bool               seen_discard;    /* TCP: Wireshark has shown some of it as Discard */
    bool               port_spoke_first;/* UDP: the first datagram came from the Discard port */
    bool               has_server_next; /* TCP: what the server sends next has the number server_next */
    uint32_t           server_next;
    coverage_t         coverage;        /* TCP */
    uint64_t           bytes;           /* UDP */
    quotes_packet_t   *last;
} discard_flow_t;

typedef struct discard_segment {
    uint32_t  seq;          /* TCP */
    uint32_t  ack;          /* TCP */
    uint8_t   flags;        /* TCP */
    uint32_t  payload;
    carries_t carries;
} discard_segment_t;

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
read_tcp(const flow_packet_t *packet, discard_segment_t *segment)
{
    unsigned reported = tvb_reported_length(packet->tvb);
    unsigned header;

    if (packet->captured < TCP_HEADER_MIN)
        return false;
    segment->seq = tcp_header_seq(packet->bytes);
    segment->ack = tcp_header_ack(packet->bytes);
    segment->flags = tcp_header_flags(packet->bytes);
    header = tcp_header_length(packet->bytes);
    if (header < TCP_HEADER_MIN || header > reported)
        return false;
    segment->payload = segment->flags & TH_RST ? 0 : reported - header;    /* RFC 9293, section 3.5.2: text that says why */
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
    return packet->transport == FLOW_TCP ? read_tcp(packet, segment) : read_udp(packet->tvb, segment);
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
    bool from_server = segment->flags & TH_ACK;
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
 * Nothing tells whether the first datagram captured was the first one sent, so that the server is assumed at best. A datagram
 * from the Discard port alone does not show one: a client may use that port. After it, one to that port may be an answer to it.
 */
static void
learn_udp_server(discard_flow_t *flow, const flow_packet_t *packet)
{
    if (flow->knowledge == SERVER_UNKNOWN && !is_discard_port(packet->transport, packet->dstport))
        flow->port_spoke_first = true;
    else if (flow->knowledge == SERVER_UNKNOWN)
        set_server(flow, SERVER_ASSUMED, &packet->dst, packet->dstport);
}

static void
learn_server(discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (packet->transport == FLOW_UDP)
        learn_udp_server(flow, packet);
    else if (segment->flags & TH_SYN)
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

/* A segment that Wireshark has passed over, a retransmission perhaps, is Discard if others were. */
static bool
is_discard_data(const discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (segment->payload == 0)
        return false;
    return segment->carries == CARRIES_DISCARD || (packet->transport == FLOW_TCP && flow->seen_discard);
}

/* By what the server has sent or the client has acknowledged, whichever is further. */
static void
note_server_next(discard_flow_t *flow, uint32_t next)
{
    if (!flow->has_server_next || (int32_t)(next - flow->server_next) > 0)
        flow->server_next = next;
    flow->has_server_next = true;
}

static void
follow_server(discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    bool is_syn = segment->flags & TH_SYN;

    if (is_from_server(flow, packet) && (is_syn || segment->payload > 0))
        note_server_next(flow, segment->seq + is_syn + segment->payload);
    else if (is_to_server(flow, packet) && (segment->flags & TH_ACK))
        note_server_next(flow, segment->ack);
}

/* RFC 9293, section 3.8.4: it may carry one byte, which the client has already. */
static bool
is_keep_alive(const discard_flow_t *flow, const discard_segment_t *segment)
{
    return flow->has_server_next && segment->payload == 1 && segment->seq + 1 == flow->server_next;
}

static bool
is_reply(const discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (!is_from_server(flow, packet) || !is_discard_data(flow, packet, segment))
        return false;
    return packet->transport == FLOW_TCP ? !is_keep_alive(flow, segment) : !flow->port_spoke_first;
}

static uint64_t
count_bytes(discard_flow_t *flow, const flow_packet_t *packet, const discard_segment_t *segment)
{
    if (packet->transport == FLOW_TCP)
        return coverage_add(&flow->coverage, segment->seq + !!(segment->flags & TH_SYN), segment->payload);
    return flow->bytes += segment->payload;
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
    bool replies;

    if (!flow)
        return;
    learn_server(flow, packet, segment);
    if (segment->carries == CARRIES_DISCARD && packet->transport == FLOW_TCP)
        flow->seen_discard = true;
    if ((segment->flags & TH_SYN) && is_to_server(flow, packet))
        coverage_syn(&flow->coverage, segment->seq);
    if (is_worth_counting(flow, packet, segment))
        bytes = count_bytes(flow, packet, segment);
    replies = is_reply(flow, packet, segment);
    if (packet->transport == FLOW_TCP)
        follow_server(flow, packet, segment);
    if (!is_worth_a_record(flow, packet, segment))
        return;
    record = wmem_new0(wmem_file_scope(), discard_record_t);
    if (is_discard_data(flow, packet, segment)) {
        record->counted = is_to_server(flow, packet);
        record->bytes_total = bytes;
    }
    if (replies)
        record->reply = flow->knowledge;
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

    if (!icmp_quote_is_error(packet) || !quotes_read_identity(packet, &identity))
        return;
    found = quotes_match(&identity, flow ? flow->last : NULL, packet->pinfo->num, &candidates);
    if (!found)
        return;
    quote = wmem_new(wmem_file_scope(), discard_quote_t);
    quote->frame = found->frame;
    quote->candidates = candidates;
    p_add_proto_data(wmem_file_scope(), packet->pinfo, proto_discard, record_key(packet), quote);
}

/* What is known */

void
discard_flow_init(int proto)
{
    proto_discard = proto;
    proto_data = proto_get_id_by_filter_name("data");
}

const discard_record_t *
discard_flow_record(flow_packet_t *packet, carries_t *carries)
{
    discard_segment_t segment;

    if (!read_segment(packet, &segment))
        return NULL;
    *carries = segment.carries;
    if (!PINFO_FD_VISITED(packet->pinfo))
        learn_packet(packet, &segment);
    return (discard_record_t *)p_get_proto_data(wmem_file_scope(), packet->pinfo, proto_discard, record_key(packet));
}

const discard_quote_t *
discard_flow_quote(flow_packet_t *packet)
{
    if (!PINFO_FD_VISITED(packet->pinfo))
        learn_quote(packet);
    return (discard_quote_t *)p_get_proto_data(wmem_file_scope(), packet->pinfo, proto_discard, record_key(packet));
}
