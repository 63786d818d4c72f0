/* ftp-flow.c
 * TCP connections that have to do with FTP; see ftp-flow.h
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
#include <epan/dissectors/packet-tcp.h>
#include <wsutil/pint.h>

#include "compat.h"
#include "ftp-flow.h"

#define FTP_FLOWS_MAX     64    /* connections that Wireshark takes for one conversation */

static int proto_tcp = -1;

/* Segments */

bool
ftp_segment_parse(const flow_packet_t *packet, ftp_segment_t *segment)
{
    uint32_t captured = packet->captured;
    uint32_t reported;
    const uint8_t *tcp = packet->bytes;
    uint32_t header;

    if (captured < FTP_TCP_HEADER_MIN)
        return false;
    reported = tvb_reported_length(packet->tvb);
    header = (tcp[12] >> 4) * 4u;
    if (header < FTP_TCP_HEADER_MIN || header > reported)
        return false;
    segment->seq = pntohu32(tcp + 4);
    segment->ack = pntohu32(tcp + 8);
    segment->flags = tcp[13];
    segment->captured = captured > header ? captured - header : 0;
    segment->payload = tcp + (captured > header ? header : captured);
    segment->length = reported - header;
    return true;
}

/* Connections and conversations */

ftp_flow_t *
ftp_flow_find(const conversation_t *conversation, uint16_t srcport, uint16_t dstport)
{
    ftp_flow_t *flow = (ftp_flow_t *)conversation_get_proto_data(conversation, proto_ftp_session);

    for (; flow; flow = flow->next) {
        if ((flow->port[0] == srcport && flow->port[1] == dstport)
                || (flow->port[0] == dstport && flow->port[1] == srcport))
            return flow;
    }
    return NULL;
}

void
ftp_flow_hang(ftp_flow_t *flow, conversation_t *conversation)
{
    ftp_flow_t *place = (ftp_flow_t *)conversation_get_proto_data(conversation, proto_ftp_session);
    unsigned count = 1;

    flow->conversation = conversation;
    if (!place) {
        conversation_add_proto_data(conversation, proto_ftp_session, flow);
        return;
    }
    for (; place->next; place = place->next)
        count++;
    if (count < FTP_FLOWS_MAX)
        place->next = flow;
}

void
ftp_flow_unhang(ftp_flow_t *flow)
{
    ftp_flow_t *place = (ftp_flow_t *)conversation_get_proto_data(flow->conversation, proto_ftp_session);

    if (place == flow) {
        conversation_delete_proto_data(flow->conversation, proto_ftp_session);
        if (flow->next)
            conversation_add_proto_data(flow->conversation, proto_ftp_session, flow->next);
    }
    for (; place; place = place->next) {
        if (place->next == flow)
            place->next = flow->next;
    }
    flow->next = NULL;
}

/* Of the packet that was looked at last, before TCP: a dissector that TCP calls for it need not search again. */
static struct {
    uint32_t        frame;          /* 0: none */
    const void     *src, *dst;      /* where its addresses stand */
    uint16_t        srcport, dstport;
    conversation_t *conversation;
} latest;

void
ftp_flow_reset(void)
{
    latest.frame = 0;
}

static void
note_latest(const flow_packet_t *packet, conversation_t *conversation)
{
    latest.frame = packet->pinfo->num;
    latest.src = packet->src.data;
    latest.dst = packet->dst.data;
    latest.srcport = packet->srcport;
    latest.dstport = packet->dstport;
    latest.conversation = conversation;
}

static bool
is_latest(const packet_info *pinfo)
{
    return latest.frame == pinfo->num && latest.conversation && !PINFO_FD_VISITED(pinfo)
        && latest.src == pinfo->src.data && latest.dst == pinfo->dst.data
        && latest.srcport == pinfo->srcport && latest.dstport == pinfo->destport;
}

static ftp_flow_t *
find_own(const conversation_t *conversation, uint16_t srcport, uint16_t dstport)
{
    ftp_flow_t *flow = conversation ? ftp_flow_find(conversation, srcport, dstport) : NULL;

    return flow && flow->channel != FTP_CHANNEL_COPY ? flow : NULL;
}

ftp_flow_t *
ftp_flow_of(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);

    note_latest(packet, conversation);
    return find_own(conversation, packet->srcport, packet->dstport);
}

ftp_flow_t *
ftp_flow_of_pinfo(packet_info *pinfo)
{
    conversation_t *conversation = is_latest(pinfo) ? latest.conversation : find_conversation_pinfo(pinfo, 0);

    return find_own(conversation, (uint16_t)pinfo->srcport, (uint16_t)pinfo->destport);
}

unsigned
ftp_flow_side(const ftp_flow_t *flow, const flow_packet_t *packet)
{
    if (flow->port[0] == flow->port[1])
        return addresses_equal(&packet->src, &flow->side[0]) ? 0 : 1;
    return packet->srcport == flow->port[0] ? 0 : 1;
}

/*
 * What the TCP dissector keeps of a conversation is reached by its protocol, as it has been in all
 * versions; get_tcp_conversation_data() would change the direction that it has noted.
 */
const struct tcp_analysis *
ftp_flow_tcp(const conversation_t *conversation)
{
    return (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
}

void
ftp_flow_note_stream(ftp_flow_t *flow)
{
    const struct tcp_analysis *tcp = flow->has_stream ? NULL : ftp_flow_tcp(flow->conversation);

    if (tcp) {
        flow->has_stream = true;
        flow->stream = tcp->stream;
    }
}

/* Progress */

static void
note_established(ftp_flow_t *flow, const packet_info *pinfo)
{
    if (flow->established_frame)
        return;
    flow->established_frame = pinfo->num;
    flow->established = pinfo->abs_ts;
}

static void
note_acknowledgement(ftp_flow_t *flow, const packet_info *pinfo, unsigned side, uint32_t ack)
{
    ftp_half_t *half = &flow->half[side];
    ftp_half_t *other = &flow->half[!side];

    if (!half->has_acked)
        half->first_acked = ack;
    if (!half->has_acked || (int32_t)(ack - half->acked) > 0) {
        half->has_acked = true;
        half->acked = ack;
    }
    if (other->syn_frame && !other->acked_frame && (int32_t)(ack - other->isn) > 0) {
        other->acked_frame = pinfo->num;
        if (side == 0)
            note_established(flow, pinfo);
    }
}

static void
note_syn(ftp_flow_t *flow, const packet_info *pinfo, unsigned side, const ftp_segment_t *segment)
{
    ftp_half_t *half = &flow->half[side];

    if (half->syn_frame)
        return;
    half->syn_frame = pinfo->num;
    half->isn = segment->seq;
}

void
ftp_flow_note_segment(ftp_flow_t *flow, const packet_info *pinfo, unsigned side, const ftp_segment_t *segment)
{
    flow->last_frame = pinfo->num;
    flow->last = pinfo->abs_ts;
    if (segment->flags & TH_SYN)
        note_syn(flow, pinfo, side, segment);
    if (segment->flags & TH_ACK)
        note_acknowledgement(flow, pinfo, side, segment->ack);
    if ((segment->flags & TH_FIN) && !flow->half[side].fin_frame)
        flow->half[side].fin_frame = pinfo->num;
    if ((segment->flags & TH_RST) && !flow->half[side].rst_frame)
        flow->half[side].rst_frame = pinfo->num;
}

void
ftp_flow_init(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
}
