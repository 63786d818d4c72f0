/* ftp-detect.c
 * Which TCP connection is what to FTP; see ftp-detect.h
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

#include "ftp-accepted.h"
#include "ftp-afterwards.h"
#include "ftp-announce.h"
#include "ftp-content.h"
#include "ftp-control.h"
#include "ftp-copy.h"
#include "ftp-data.h"
#include "ftp-detect.h"
#include "ftp-dialogue.h"
#include "ftp-files.h"
#include "ftp-flow.h"
#include "ftp-hosts.h"
#include "ftp-icmp.h"
#include "ftp-infer.h"
#include "ftp-native.h"
#include "ftp-payload.h"
#include "ftp-ports.h"
#include "ftp-relay.h"
#include "ftp-twin.h"

static ftp_session_t *
new_control(flow_packet_t *packet, bool from_client)
{
    const address *client = from_client ? &packet->src : &packet->dst;
    const address *server = from_client ? &packet->dst : &packet->src;
    uint16_t client_port = from_client ? packet->srcport : packet->dstport;
    uint16_t server_port = from_client ? packet->dstport : packet->srcport;
    ftp_session_t *session = ftp_session_new(packet->pinfo, client, client_port, server, server_port);

    ftp_flow_hang(&session->flow, flow_conversation(packet));
    return session;
}

static ftp_flow_t *
open_control(flow_packet_t *packet, bool from_client)
{
    uint16_t server_port = from_client ? packet->dstport : packet->srcport;
    ftp_session_t *session = new_control(packet, from_client);

    session->implicit = !ftp_is_control_port(server_port);
    if (!session->implicit)
        ftp_session_confirm(session);
    return &session->flow;
}

static ftp_flow_t *
open_announced(flow_packet_t *packet, ftp_expect_t *expect, bool from_initiator)
{
    ftp_data_t *data = ftp_data_new(expect->session, expect, packet->pinfo,
            from_initiator ? &packet->src : &packet->dst, from_initiator ? packet->srcport : packet->dstport,
            from_initiator ? &packet->dst : &packet->src, from_initiator ? packet->dstport : packet->srcport);

    ftp_flow_hang(&data->flow, flow_conversation(packet));
    ftp_native_data(data, packet->pinfo->num);
    ftp_data_confirm(data);
    return &data->flow;
}

/* Packets may have been captured a little out of order. */
#define FTP_DISORDER_SECONDS 0.05

/* The sequence number after all that was sent; 0 if nothing was. */
static uint32_t
next_of(const tcp_flow_t *flow)
{
    return flow->tcp_analyze_seq_info ? flow->tcp_analyze_seq_info->nextseq : 0;
}

static bool
has_carried(const tcp_flow_t *flow)
{
    uint32_t next = next_of(flow);

    return next != 0 && (int32_t)(next - flow->base_seq) > 1;
}

/* The connection is older than the announcement. */
static bool
began_before(const conversation_t *conversation, const ftp_expect_t *expect)
{
    const struct tcp_analysis *tcp = conversation ? ftp_flow_tcp(conversation) : NULL;
    nstime_t lead;

    if (!tcp || conversation->setup_frame >= expect->frame)
        return false;
    nstime_delta(&lead, &expect->announced_at, &tcp->ts_first);
    return has_carried(&tcp->flow1) || has_carried(&tcp->flow2) || nstime_to_sec(&lead) > FTP_DISORDER_SECONDS;
}

static ftp_expect_t *
find_announcement(flow_packet_t *packet, const ftp_segment_t *segment, bool from_initiator)
{
    const address *initiator = from_initiator ? &packet->src : &packet->dst;
    const address *listener = from_initiator ? &packet->dst : &packet->src;
    ftp_expect_t *expect = ftp_expect_find(listener, from_initiator ? packet->dstport : packet->srcport,
            initiator, &packet->pinfo->abs_ts);

    if (!expect || ftp_segment_is_syn(segment))
        return expect;
    if (!expect->fxp && !addresses_equal(initiator, ftp_expect_peer(expect)))
        return NULL;
    return began_before(flow_conversation(packet), expect) ? NULL : expect;
}

/* That of the connection, whichever side the segment is from. */
static ftp_expect_t *
announcement_of(flow_packet_t *packet, const ftp_segment_t *segment, bool *from_initiator)
{
    bool syn = ftp_segment_is_syn(segment);
    bool syn_ack = (segment->flags & TH_SYN) && !syn;
    ftp_expect_t *expect = syn_ack ? NULL : find_announcement(packet, segment, true);

    *from_initiator = expect != NULL;
    return expect || syn ? expect : find_announcement(packet, segment, false);
}

static ftp_flow_t *
open_suspected(flow_packet_t *packet)
{
    ftp_session_t *session = ftp_infer_session(packet);
    ftp_data_t *data;

    if (!session)
        return NULL;
    data = ftp_data_new(session, NULL, packet->pinfo, &packet->src, packet->srcport, &packet->dst, packet->dstport);
    ftp_flow_hang(&data->flow, flow_conversation(packet));
    ftp_track_port(packet->dstport);
    data->prompt = ftp_infer_is_prompt(session, packet);
    if (ftp_infer_by_ports(session, packet))
        ftp_data_confirm(data);
    return &data->flow;
}

/* A connection that has not been seen before, or not as one of FTP's. */
static ftp_flow_t *
open_flow(flow_packet_t *packet, const ftp_segment_t *segment)
{
    bool syn = ftp_segment_is_syn(segment);
    bool syn_ack = (segment->flags & TH_SYN) && !syn;
    bool from_initiator;
    ftp_expect_t *expect;
    ftp_flow_t *flow;

    expect = announcement_of(packet, segment, &from_initiator);
    if (ftp_copy_is(packet, segment, expect ? expect->session : NULL))
        return NULL;
    if (expect)
        return open_announced(packet, expect, from_initiator);
    if (syn && (expect = ftp_afterwards_default(packet, segment)) != NULL)
        return open_announced(packet, expect, true);
    if (!syn && (flow = ftp_relay_open(packet, segment)) != NULL)
        return flow;
    if (!syn_ack && (ftp_is_control_port(packet->dstport) || ftp_is_implicit_tls_port(packet->dstport)))
        return open_control(packet, true);
    if (!syn && (ftp_is_control_port(packet->srcport) || ftp_is_implicit_tls_port(packet->srcport)))
        return open_control(packet, false);
    flow = syn ? open_suspected(packet) : ftp_content_open(packet, segment);
    return flow ? flow : ftp_afterwards_candidate(packet, segment);
}

static void
on_segment(ftp_flow_t *flow, flow_packet_t *packet, const ftp_segment_t *segment)
{
    unsigned side = ftp_flow_side(flow, packet);

    if (flow->channel == FTP_CHANNEL_CONTROL && segment->length > 0 && !(segment->flags & TH_RST))
        ftp_twin_segment((ftp_session_t *)flow, side, segment);
    ftp_flow_note_segment(flow, packet->pinfo, side, segment);
    if (flow->channel == FTP_CHANNEL_CONTROL)
        ftp_control_segment((ftp_session_t *)flow, packet, side, segment);
    else
        ftp_payload_segment((ftp_data_t *)flow, packet, side, segment);
}

/* Nobody has announced it, as far as was known when it was first seen. */
static bool
is_suspected(const ftp_flow_t *flow)
{
    const ftp_data_t *data = (const ftp_data_t *)flow;

    return flow->channel == FTP_CHANNEL_DATA && !data->confirmed && !data->view[0].expect;
}

static ftp_flow_t *
open_instead(ftp_flow_t *flow, flow_packet_t *packet, ftp_expect_t *expect, bool from_initiator)
{
    ftp_flow_unhang(flow);
    ftp_data_reject((ftp_data_t *)flow);
    return open_announced(packet, expect, from_initiator);
}

/* What was but suspected to be a data connection begins as a control connection does. */
static ftp_flow_t *
open_control_instead(ftp_flow_t *flow, flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_flow_t *control;

    ftp_flow_unhang(flow);
    control = ftp_content_open(packet, segment);
    if (control)
        ftp_data_reject((ftp_data_t *)flow);
    else
        ftp_flow_hang(flow, flow_conversation(packet));
    return control ? control : flow;
}

/* The announcement may have been captured after the SYN. */
static ftp_flow_t *
look_again(ftp_flow_t *flow, flow_packet_t *packet, const ftp_segment_t *segment)
{
    bool from_initiator;
    ftp_expect_t *expect;

    if (!is_suspected(flow))
        return flow;
    if (ftp_content_is_greeting(segment->payload, segment->captured))
        return open_control_instead(flow, packet, segment);
    expect = announcement_of(packet, segment, &from_initiator);
    return expect ? open_instead(flow, packet, expect, from_initiator) : flow;
}

static bool
has_ended(const ftp_half_t *half)
{
    return half->fin_frame || half->rst_frame;
}

/* As opposed to one that comes again, behind which lines may have been read. Packets that are replayed begin anew after the end. */
static bool
is_new_syn(const ftp_flow_t *flow, unsigned side, const ftp_segment_t *segment)
{
    const ftp_half_t *half = &flow->half[side];

    return !half->syn_frame || half->isn != segment->seq || has_ended(half) || has_ended(&flow->half[!side]);
}

/* Only SYNs come here, after the TCP dissector has decided whether they begin a new connection. */
static void
on_syn(flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_flow_t *flow = ftp_flow_of(packet);
    unsigned side;
    bool is_new;

    flow = flow ? look_again(flow, packet, segment) : open_flow(packet, segment);
    if (!flow)
        return;
    side = ftp_flow_side(flow, packet);
    is_new = is_new_syn(flow, side, segment);
    ftp_flow_note_segment(flow, packet->pinfo, side, segment);
    if (flow->channel == FTP_CHANNEL_CONTROL) {
        ((ftp_session_t *)flow)->from_start = true;
        if (is_new) {
            ftp_accepted_know_defaults((ftp_session_t *)flow);
            ftp_session_lines_begin((ftp_session_t *)flow, packet->pinfo, side, segment->seq + 1);
        }
    } else {
        ftp_payload_segment((ftp_data_t *)flow, packet, side, segment);
    }
}

static G_GNUC_NO_INLINE bool
is_suspicious_syn(flow_packet_t *packet)
{
    if (ftp_hosts_count == 0 || packet->quoted || !(ftp_infer_session(packet) || ftp_afterwards_wants(packet, true)))
        return false;
    ftp_track_port(packet->dstport);
    return true;
}

/* Packets whose ports are not tracked. Nearly all packets of a capture pass here and end here. */
static inline bool
is_worth_a_look(flow_packet_t *packet)
{
    const uint8_t *tcp = packet->bytes;
    uint32_t captured = packet->captured;
    uint32_t header;

    if (captured < FTP_TCP_HEADER_MIN)
        return false;
    if (tcp[13] & TH_SYN)
        return !(tcp[13] & TH_ACK) && is_suspicious_syn(packet);
    header = (tcp[12] >> 4) * 4u;
    return captured > header && ftp_content_is_greeting(tcp + header, captured - header);
}

/* Anything but a SYN, of a connection that has its conversation. */
static ftp_flow_t *
take_segment(flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_flow_t *flow = ftp_flow_of(packet);

    flow = flow ? look_again(flow, packet, segment) : open_flow(packet, segment);
    if (flow)
        on_segment(flow, packet, segment);
    return flow;
}

/* The error is all that follows on a SYN which was captured just before the announcement. */
static ftp_flow_t *
take_quoted(ftp_flow_t *flow, flow_packet_t *packet)
{
    static const ftp_segment_t unknown = { .flags = 0 };
    const conversation_t *conversation = flow_conversation(packet);
    const struct tcp_analysis *tcp = conversation ? ftp_flow_tcp(conversation) : NULL;
    ftp_expect_t *expect = NULL;

    if (tcp && !(next_of(&tcp->flow1) && next_of(&tcp->flow2)))
        expect = find_announcement(packet, &unknown, true);
    if (!expect)
        return flow;
    return flow ? open_instead(flow, packet, expect, true) : open_announced(packet, expect, true);
}

/*
 * Apart from the test in front, so that that costs next to nothing. The TCP dissector has to make the
 * conversation by itself: the first packet of a connection that began before the capture is taken after it.
 */
static G_GNUC_NO_INLINE void
before_tracked(flow_packet_t *packet)
{
    ftp_segment_t segment;

    if (packet->quoted || !ftp_segment_parse(packet, &segment) || (segment.flags & TH_SYN))
        return;
    if (flow_conversation(packet))
        take_segment(packet, &segment);
    else if (!ftp_port_is_tracked(packet->dstport))
        ftp_track_port(packet->srcport);
}

void
ftp_detect_before(flow_packet_t *packet)
{
    if (PINFO_FD_VISITED(packet->pinfo))
        return;
    if (ftp_port_is_tracked(packet->srcport) || ftp_port_is_tracked(packet->dstport) || is_worth_a_look(packet)
            || (ftp_afterwards_wanted && ftp_afterwards_wants(packet, false)))
        before_tracked(packet);
}

static void
look_after(ftp_flow_t *flow, flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_flow_note_stream(flow);
    if (packet->quoted)
        ftp_icmp_note(flow, packet);
    else if (segment && flow->channel == FTP_CHANNEL_CONTROL)
        ftp_control_after((ftp_session_t *)flow, packet, segment);
    else if (segment && flow->channel == FTP_CHANNEL_DATA)
        ftp_payload_after((ftp_data_t *)flow, packet, segment);
}

const ftp_flow_t *
ftp_detect_after(flow_packet_t *packet)
{
    ftp_segment_t segment;
    bool parsed = !packet->quoted && ftp_segment_parse(packet, &segment);
    ftp_flow_t *flow, *found;

    if (parsed && (segment.flags & TH_SYN))
        on_syn(packet, &segment);
    flow = found = ftp_flow_of(packet);
    if (!flow && parsed && !(segment.flags & TH_SYN))
        flow = take_segment(packet, &segment);
    else if (packet->quoted && (!flow || is_suspected(flow)))
        flow = take_quoted(flow, packet);
    if (flow)
        look_after(flow, packet, parsed ? &segment : NULL);
    /* One that was only just taken need not have found a place at its conversation. */
    return flow == found ? flow : ftp_flow_of(packet);
}

void
ftp_detect_reset(void)
{
    ftp_model_reset();
    ftp_flow_reset();
    ftp_copy_reset();
    ftp_hosts_reset();
    ftp_afterwards_reset();
    ftp_twin_reset();
    ftp_expect_reset();
    ftp_files_reset();
    ftp_dialogue_reset();
    ftp_native_reset();
    ftp_ports_reset();
}

void
ftp_detect_init(void)
{
    ftp_flow_init();
    ftp_control_init();
    ftp_ports_init();
}
