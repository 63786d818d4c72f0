/* ftp-content.c
 * FTP recognised by what is said, on ports that are not FTP's; see ftp-content.h
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
#include <epan/proto.h>
#include <epan/dissectors/packet-tcp.h>

#include "ftp-content.h"
#include "ftp-dialogue.h"
#include "ftp-native.h"
#include "ftp-twin.h"

api_bool_t ftp_recognise_by_content = true;
api_bool_t ftp_take_over_ports;

static bool
has_word_at(const ftp_segment_t *segment, uint32_t at, const char *word)
{
    size_t length = strlen(word);

    return at + length <= segment->captured
        && g_ascii_strncasecmp((const char *)segment->payload + at, word, length) == 0;
}

static bool
mentions(const ftp_segment_t *segment, const char *word)
{
    for (uint32_t i = 0; i < segment->captured; i++) {
        if (has_word_at(segment, i, word) && (i == 0 || g_ascii_toupper(segment->payload[i - 1]) != 'T'))
            return true;
    }
    return false;
}

/* Others greet in the same way, and a mail server's name may begin with ftp. VMware's has USER and PASS too. */
static bool
names_other_service(const ftp_segment_t *segment)
{
    return mentions(segment, "SMTP") || mentions(segment, "LMTP") || mentions(segment, "VMware Authentication");
}

/* Whether the segment is the first that its sender says on the connection. */
static bool
is_first_payload(const struct tcp_analysis *tcp, const ftp_segment_t *segment)
{
    return !tcp || segment->seq == tcp->flow1.base_seq + 1 || segment->seq == tcp->flow2.base_seq + 1;
}

/* Whether the other side, which has opened the connection, has said nothing yet. */
static bool
is_by_responder(const struct tcp_analysis *tcp, const flow_packet_t *packet, const ftp_segment_t *segment)
{
    if (!tcp || tcp->server_port == 0)
        return true;
    return tcp->server_port == packet->srcport
        && (segment->ack == tcp->flow1.base_seq + 1 || segment->ack == tcp->flow2.base_seq + 1);
}

static void
take_handshake_time(ftp_flow_t *flow)
{
    const struct tcp_analysis *tcp = ftp_flow_tcp(flow->conversation);

    if (!tcp || nstime_is_zero(&tcp->ts_first_rtt) || nstime_is_unset(&tcp->ts_mru_syn))
        return;
    nstime_sum(&flow->established, &tcp->ts_mru_syn, &tcp->ts_first_rtt);
    flow->established_frame = flow->first_frame;
}

/* The greeting of a server that Wireshark does not expect to be one of FTP. */
static void
note_other_port(ftp_session_t *session, packet_info *pinfo)
{
    const uint16_t port = session->flow.port[1];
    const char *owner = ftp_native_owner(port);

    ftp_add_event(session, pinfo, FTP_EVENT_OTHER_PORT)->text = wmem_strdup_printf(wmem_file_scope(),
        "FTP on port %u, which Wireshark has for %s; to see it as FTP: -d tcp.port==%u,ftp, or the preference "
        "ftp_session.take_over_ports", port, owner ? owner : "something else", port);
}

static void
begin_judging(ftp_session_t *session, packet_info *pinfo, const ftp_segment_t *segment, bool is_claimed)
{
    session->by_content = true;
    session->is_strict = is_claimed || !ftp_content_is_code(segment->payload, "220");
    session->overlay = is_claimed && !ftp_take_over_ports;
    session->says_ftp = mentions(segment, "FTP");
    session->greeted_in = pinfo->num;
    if (session->overlay)
        note_other_port(session, pinfo);
}

static ftp_session_t *
new_session(flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_session_t *session = ftp_session_new(packet->pinfo, &packet->dst, packet->dstport, &packet->src, packet->srcport);

    ftp_flow_hang(&session->flow, flow_conversation(packet));
    session->from_start = true;
    ftp_twin_begin(session, segment->ack - 1, segment->seq - 1);
    ftp_session_lines_begin(session, packet->pinfo, 0, segment->ack);
    ftp_session_lines_begin(session, packet->pinfo, 1, segment->seq);
    ftp_track_port(packet->dstport);
    return session;
}

static bool
may_be_greeting(flow_packet_t *packet, const ftp_segment_t *segment)
{
    const conversation_t *conversation = flow_conversation(packet);
    const struct tcp_analysis *tcp = conversation ? ftp_flow_tcp(conversation) : NULL;

    return is_first_payload(tcp, segment) && is_by_responder(tcp, packet, segment) && !names_other_service(segment);
}

/* A relay's port: of HTTP, SOCKS or, where those are known by what they say, of nothing. */
static bool
may_be_relay(uint16_t port)
{
    const char *owner = ftp_native_owner(port);

    return !owner || g_ascii_strcasecmp(owner, "HTTP") == 0 || g_ascii_strcasecmp(owner, "SOCKS") == 0;
}

/* Wireshark has made FTP of what the relay carries. */
static bool
is_handed_over(const packet_info *pinfo)
{
    return proto_is_frame_protocol(pinfo->layers, "ftp")
        && (proto_is_frame_protocol(pinfo->layers, "http") || proto_is_frame_protocol(pinfo->layers, "socks"));
}

/*
 * The greeting of a server behind a relay, HTTP's CONNECT or SOCKS: what comes before it is the relay's. The packet is seen before
 * and after its dissection; only then it is known what Wireshark has made of it.
 */
static ftp_flow_t *
open_in_tunnel(flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_session_t *session;

    if (!ftp_content_is_code(segment->payload, "220") || !may_be_relay(packet->srcport))
        return NULL;
    ftp_track_port(packet->dstport);
    if (!is_handed_over(packet->pinfo))
        return NULL;
    session = new_session(packet, segment);
    session->in_tunnel = true;
    ftp_track_port(packet->srcport);
    session->overlay = true;
    session->fits = true;
    ftp_session_confirm(session);
    return &session->flow;
}

ftp_flow_t *
ftp_content_open(flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_session_t *session;
    bool is_claimed;

    if (!ftp_recognise_by_content || !ftp_content_is_greeting(segment->payload, segment->captured))
        return NULL;
    if (!may_be_greeting(packet, segment))
        return open_in_tunnel(packet, segment);
    if (ftp_native_is_chosen_port(packet->srcport))
        return NULL;
    is_claimed = !ftp_native_is_free_port(packet->srcport);
    session = new_session(packet, segment);
    take_handshake_time(&session->flow);
    begin_judging(session, packet->pinfo, segment, is_claimed);
    if (session->says_ftp && !session->is_strict) {
        session->fits = true;
        ftp_session_confirm(session);
    }
    if (session->confirmed || is_claimed)
        ftp_native_control(session, packet->pinfo->num);
    return &session->flow;
}

bool
ftp_content_is_clear(ftp_session_t *session, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment)
{
    if (!ftp_recognise_by_content || session->does_not_fit || side != 1 || !session->flow.half[0].syn_frame
            || !ftp_content_is_greeting(segment->payload, segment->captured) || !may_be_greeting(packet, segment))
        return false;
    session->implicit = false;
    begin_judging(session, packet->pinfo, segment, true);
    return true;
}

bool
ftp_content_is_other(const ftp_session_t *session, flow_packet_t *packet, const ftp_segment_t *segment)
{
    const conversation_t *conversation = flow_conversation(packet);

    if (!ftp_recognise_by_content || !session->from_start || segment->captured == 0 || !g_ascii_isprint(segment->payload[0])
            || !is_first_payload(conversation ? ftp_flow_tcp(conversation) : NULL, segment))
        return false;
    return !ftp_content_is_greeting(segment->payload, segment->captured) || names_other_service(segment);
}

/* What follows on a long greeting is read from the client's first command on. */
bool
ftp_content_wants(ftp_session_t *session, packet_info *pinfo, unsigned side, const ftp_segment_t *segment)
{
    if (!session->is_strict || session->judged)
        return true;
    if (side == 0 && session->content[0] == 0 && session->content[1] > FTP_CONTENT_MAX) {
        session->in_greeting = false;
        session->multiline = 0;
        session->content[1] = 0;
        ftp_session_lines_begin(session, pinfo, 1, segment->ack);
    }
    session->content[side] += segment->length;
    return session->content[side] <= FTP_CONTENT_MAX || session->content[side] == segment->length;
}

static ftp_verdict_t
strict_verdict(const ftp_session_t *session, bool is_end)
{
    if (session->verdict == FTP_IS_OTHER || (session->verdict == FTP_IS_FTP && session->answered))
        return session->verdict;
    /* Nothing but the greeting. */
    if (is_end && session->verdict == FTP_NO_VERDICT && session->says_ftp && !session->does_not_fit)
        return FTP_IS_FTP;
    if (is_end || session->content[0] > FTP_CONTENT_MAX || (session->content[0] > 0 && session->content[1] > FTP_CONTENT_MAX))
        return FTP_IS_OTHER;
    return FTP_NO_VERDICT;
}

static void
decide(ftp_session_t *session, packet_info *pinfo, bool is_ftp)
{
    bool first = !session->confirmed;

    session->judged = true;
    session->fits = is_ftp;
    session->does_not_fit = !is_ftp;
    if (is_ftp)
        ftp_session_confirm(session);
    if (is_ftp && session->overlay)
        note_other_port(session, pinfo);
    if (is_ftp && first)
        ftp_native_control(session, session->greeted_in);
    else if (!is_ftp)
        ftp_native_leave(session, pinfo->num);
}

void
ftp_content_judge(ftp_session_t *session, packet_info *pinfo, bool is_end)
{
    ftp_verdict_t verdict = session->is_strict ? strict_verdict(session, is_end) : session->verdict;

    if (!session->judged && verdict != FTP_NO_VERDICT)
        decide(session, pinfo, verdict == FTP_IS_FTP);
}
