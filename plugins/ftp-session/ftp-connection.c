/* ftp-connection.c
 * TCP connections of FTP sessions, on the first pass: see ftp-connection.h
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
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls-utils.h>
#include <wsutil/pint.h>

#include "api-bool.h"
#include "flow.h"
#include "compat.h"
#include "ftp-connection.h"
#include "ftp-icmp.h"
#include "ftp-native.h"

#define FTP_DATA_PORT 20
#define FTPS_DATA_PORT 989

/* A data connection of an encrypted session follows what is said on the control connection by this much. */
#define FTP_INFERENCE_SECONDS 15
/* Server ports this near to ones seen in use for data connections are likely of the same range. */
#define FTP_RANGE_SLACK 16

api_bool_t ftp_recognise_by_content = true;
range_t *ftp_implicit_tls_ports;

static int proto_tcp = -1;
static int proto_tls = -1;
static int proto_ftp = -1;

/* Server ports that are FTP's by registration, preference or Decode As. */
static uint32_t control_ports[65536 / 32];

/* TCP segments */

typedef struct segment {
    uint32_t       seq;
    uint32_t       ack;
    uint8_t        flags;
    const uint8_t *payload;
    uint32_t       captured;    /* of the payload */
    uint32_t       length;      /* of the payload as sent */
} segment_t;

#define TCP_HEADER_MIN 20

static bool
parse_segment(const flow_packet_t *packet, segment_t *segment)
{
    uint32_t captured = tvb_captured_length(packet->tvb);
    uint32_t reported = tvb_reported_length(packet->tvb);
    const uint8_t *tcp;
    uint32_t header;

    if (captured < TCP_HEADER_MIN)
        return false;
    tcp = tvb_get_ptr(packet->tvb, 0, captured);
    header = (tcp[12] >> 4) * 4u;
    if (header < TCP_HEADER_MIN || header > reported)
        return false;
    segment->seq = pntohu32(tcp + 4);
    segment->ack = pntohu32(tcp + 8);
    segment->flags = tcp[13];
    segment->captured = captured > header ? captured - header : 0;
    segment->payload = tcp + (captured > header ? header : captured);
    segment->length = reported - header;
    return true;
}

static bool
is_syn(const segment_t *segment)
{
    return (segment->flags & (TH_SYN | TH_ACK)) == TH_SYN;
}

/* TLS's handshake or application data record. */
static bool
is_tls_record(const segment_t *segment)
{
    const uint8_t *p = segment->payload;

    return segment->captured >= 5 && (p[0] == 0x16 || p[0] == 0x17) && p[1] == 3 && p[2] <= 4
        && (p[3] << 8 | p[4]) > 0 && (p[3] << 8 | p[4]) <= 16384 + 2048;
}

static bool
is_client_hello(const segment_t *segment)
{
    return is_tls_record(segment) && segment->payload[0] == 0x16 && segment->captured >= 6
        && segment->payload[5] == 1;
}

/* A vector of TLS (RFC 8446, section 3.4): where its content ends; 0 if not within end. */
static uint32_t
end_of_vector(const uint8_t *p, uint32_t at, unsigned size_bytes, uint32_t end)
{
    uint32_t size = 0;

    if (at == 0 || at + size_bytes > end)
        return 0;
    for (unsigned i = 0; i < size_bytes; i++)
        size = size << 8 | p[at + i];
    at += size_bytes;
    return size <= end - at ? at + size : 0;
}

#define TLS_HELLO_SESSION_ID    43      /* after record and handshake header, version and random */
#define TLS_EXTENSION_NAME      0
#define TLS_EXTENSION_ALPN      16

/* What a ClientHello has in an extension, as far as it was captured in the segment; NULL if nothing. */
static const uint8_t *
find_extension(const segment_t *segment, unsigned type, uint32_t *captured)
{
    const uint8_t *p = segment->payload;
    uint32_t at = end_of_vector(p, TLS_HELLO_SESSION_ID, 1, segment->captured);

    at = end_of_vector(p, at, 2, segment->captured);
    at = end_of_vector(p, at, 1, segment->captured);
    if (at == 0)
        return NULL;
    for (at += 2; at + 4 <= segment->captured;) {
        uint32_t end = end_of_vector(p, at + 2, 2, segment->captured);

        if ((unsigned)(p[at] << 8 | p[at + 1]) == type) {
            *captured = (end ? end : segment->captured) - at - 4;
            return p + at + 4;
        }
        if (end == 0)
            return NULL;
        at = end;
    }
    return NULL;
}

/*
 * Whether the client names another protocol than FTP (RFC 7301): browsers do, always, and FTP clients
 * send "ftp" if anything. What is cut by the end of the segment may be anything.
 */
static bool
names_other_protocol(const segment_t *segment)
{
    uint32_t captured;
    const uint8_t *names = find_extension(segment, TLS_EXTENSION_ALPN, &captured);

    if (!names || captured < 3 || (names[2] >= 3 && captured < 6))
        return false;
    return names[2] < 3 || memcmp(names + 3, "ftp", 3) != 0;
}

/* The server as the client calls it (RFC 6066, section 3); NULL if it does not. */
static char *
name_of_server(wmem_allocator_t *allocator, const segment_t *segment)
{
    uint32_t captured;
    const uint8_t *names = find_extension(segment, TLS_EXTENSION_NAME, &captured);
    uint32_t length = names && captured > 5 && names[2] == 0 ? (uint32_t)(names[3] << 8 | names[4]) : 0;

    return length > 0 && length <= captured - 5 ? wmem_strndup(allocator, (const char *)names + 5, length) : NULL;
}

/* FTP clients call the server by the same name on both connections, or by none; another name is another service. */
static bool
names_other_server(const ftp_session_t *session, const packet_info *pinfo, const segment_t *segment)
{
    const char *name = session->server_name ? name_of_server(pinfo->pool, segment) : NULL;

    return name && g_ascii_strcasecmp(name, session->server_name) != 0;
}

static unsigned
side_of(const ftp_flow_t *flow, const flow_packet_t *packet)
{
    if (flow->port[0] == flow->port[1])
        return addresses_equal(&packet->src, &flow->side[0]) ? 0 : 1;
    return packet->srcport == flow->port[0] ? 0 : 1;
}

/* What conversation functions that take pinfo need, before the TCP dissector has set it. */
static void
set_ports(flow_packet_t *packet)
{
    packet->pinfo->ptype = PT_TCP;
    packet->pinfo->srcport = packet->srcport;
    packet->pinfo->destport = packet->dstport;
}

ftp_flow_t *
ftp_flow_of(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);

    return conversation ? ftp_flow_find(conversation, packet->srcport, packet->dstport) : NULL;
}

static void
hang_from_conversation(ftp_flow_t *flow, flow_packet_t *packet)
{
    ftp_flow_hang(flow, flow_conversation(packet));
}

/*
 * What the TCP dissector keeps of a conversation is reached by its protocol, as it has been in all
 * versions; get_tcp_conversation_data() would change the direction that it has noted.
 */
static const struct tcp_analysis *
tcp_analysis_of(const conversation_t *conversation)
{
    return (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
}

/* Notes of a connection's progress */

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
note_syn(ftp_flow_t *flow, const packet_info *pinfo, unsigned side, const segment_t *segment)
{
    ftp_half_t *half = &flow->half[side];

    if (half->syn_frame)
        return;
    half->syn_frame = pinfo->num;
    half->isn = segment->seq;
    half->next = segment->seq + 1;
    half->has_next = true;
}

/* A segment further ahead than this of all that was seen or acknowledged is none of the stream. */
#define FTP_WINDOW_MAX (16 << 20)

/* Returns by how much the stream has got longer. */
static uint32_t
note_payload(ftp_half_t *half, const ftp_half_t *other, const segment_t *segment)
{
    uint32_t end = segment->seq + segment->length;
    uint32_t known;
    int32_t more;

    if (!half->has_next) {
        half->has_next = true;
        half->next = segment->seq;
    }
    more = (int32_t)(end - half->next);
    known = other->has_acked && (int32_t)(other->acked - half->next) > 0 ? other->acked : half->next;
    if (more <= 0 || (int32_t)(end - known) > FTP_WINDOW_MAX)
        return 0;
    half->next = end;
    return (uint32_t)more;
}

static uint32_t
note_segment(ftp_flow_t *flow, const packet_info *pinfo, unsigned side, const segment_t *segment)
{
    flow->last_frame = pinfo->num;
    flow->last = pinfo->abs_ts;
    if (segment->flags & TH_SYN)
        note_syn(flow, pinfo, side, segment);
    if (segment->flags & TH_ACK)
        note_acknowledgement(flow, pinfo, side, segment->ack);
    if ((segment->flags & TH_FIN) && !flow->half[side].fin_frame) {
        flow->half[side].fin_frame = pinfo->num;
        flow->half[side].fin_seq = segment->seq + segment->length;
    }
    if ((segment->flags & TH_RST) && !flow->half[side].rst_frame)
        flow->half[side].rst_frame = pinfo->num;
    return segment->length > 0 && !(segment->flags & (TH_SYN | TH_RST))
        ? note_payload(&flow->half[side], &flow->half[!side], segment) : 0;
}

/* Control connections */

static void
begin_tls(ftp_session_t *session, flow_packet_t *packet)
{
    ftp_native_start_tls(&session->flow, packet->pinfo, false);
    ftp_session_start_tls(session, packet->pinfo);
    ftp_session_confirm(session);
}

/* After CCC (RFC 2228, section 3): lines in the clear where TLS records were. */
static void
end_tls(ftp_session_t *session, flow_packet_t *packet)
{
    session->tls_until = packet->pinfo->num;
    if (session->hosts->latest == session)
        session->hosts->latest = NULL;
    ftp_native_control(session, packet->pinfo->num);
}

bool
ftp_session_is_under_tls(const ftp_session_t *session, uint32_t frame)
{
    return session->tls_from && frame >= session->tls_from && !(session->tls_until && frame >= session->tls_until);
}

static void
note_encrypted_activity(ftp_session_t *session, const packet_info *pinfo)
{
    session->last_payload = pinfo->abs_ts;
    session->last_payload_frame = pinfo->num;
    session->hosts->latest = session;
}

static void
control_payload(ftp_session_t *session, flow_packet_t *packet, unsigned side, const segment_t *segment)
{
    packet_info *pinfo = packet->pinfo;

    if (session->hosts && ftp_session_is_under_tls(session, pinfo->num)) {
        if (!ftp_starts_line(segment->payload, segment->captured, side == 0)) {
            note_encrypted_activity(session, pinfo);
            return;
        }
        end_tls(session, packet);
        ftp_reader_start(&session->clear[side], segment->seq);
    }
    if (is_client_hello(segment) || (!session->from_start && !session->fits && is_tls_record(segment))) {
        if (is_client_hello(segment))
            session->server_name = name_of_server(wmem_file_scope(), segment);
        begin_tls(session, packet);
        note_encrypted_activity(session, pinfo);
    } else if (session->implicit && !session->tls_until) {
        session->does_not_fit = true;
    } else {
        session->unread_frame = pinfo->num;
        ftp_session_payload(session, pinfo, side, segment->seq, segment->payload, segment->captured, segment->length);
    }
}

/* What began with a greeting on a port that is not FTP's: the client's first command decides. */
static void
judge_content(ftp_session_t *session, const packet_info *pinfo)
{
    bool first = !session->confirmed;

    if (session->verdict == FTP_NO_VERDICT || session->judged)
        return;
    session->judged = true;
    session->fits = session->verdict == FTP_IS_FTP;
    session->does_not_fit = !session->fits;
    if (session->fits)
        ftp_session_confirm(session);
    if (session->fits && first)
        ftp_native_control(session, session->flow.first_frame);
    else if (!session->fits && !first)
        ftp_native_leave(session, pinfo->num);
}

static void
control_segment(ftp_session_t *session, flow_packet_t *packet, unsigned side, const segment_t *segment)
{
    packet_info *pinfo = packet->pinfo;
    bool reset = segment->flags & TH_RST;

    set_ports(packet);
    if (session->by_content && session->judged && !session->fits)
        return;
    if (segment->flags & TH_ACK)
        ftp_session_acked(session, pinfo, side, segment->ack);
    if (segment->length > 0 && !reset)
        control_payload(session, packet, side, segment);
    if (session->by_content)
        judge_content(session, pinfo);
    if (segment->flags & (TH_FIN | TH_RST))
        ftp_session_closing(session, pinfo, side, reset);
}

static bool
is_control_port(uint16_t port)
{
    return control_ports[port >> 5] & (1u << (port & 31));
}

static bool
is_implicit_tls_port(uint16_t port)
{
    return value_is_in_range(ftp_implicit_tls_ports, port);
}

static ftp_session_t *
new_control(flow_packet_t *packet, bool from_client)
{
    const address *client = from_client ? &packet->src : &packet->dst;
    const address *server = from_client ? &packet->dst : &packet->src;
    uint16_t client_port = from_client ? packet->srcport : packet->dstport;
    uint16_t server_port = from_client ? packet->dstport : packet->srcport;
    ftp_session_t *session = ftp_session_new(packet->pinfo, client, client_port, server, server_port);

    hang_from_conversation(&session->flow, packet);
    return session;
}

static ftp_flow_t *
open_control(flow_packet_t *packet, bool from_client)
{
    uint16_t server_port = from_client ? packet->dstport : packet->srcport;
    ftp_session_t *session = new_control(packet, from_client);

    session->implicit = !is_control_port(server_port);
    if (!session->implicit)
        ftp_session_confirm(session);
    return &session->flow;
}

static bool
has_word_at(const segment_t *segment, uint32_t at, const char *word)
{
    size_t length = strlen(word);

    return at + length <= segment->captured
        && g_ascii_strncasecmp((const char *)segment->payload + at, word, length) == 0;
}

static bool
mentions(const segment_t *segment, const char *word)
{
    for (uint32_t i = 0; i < segment->captured; i++) {
        if (has_word_at(segment, i, word) && (i == 0 || g_ascii_toupper(segment->payload[i - 1]) != 'T'))
            return true;
    }
    return false;
}

/* Others greet in the same way, and a mail server's name may begin with ftp. VMware's has USER and PASS too. */
static bool
names_other_service(const segment_t *segment)
{
    return mentions(segment, "SMTP") || mentions(segment, "LMTP") || mentions(segment, "VMware Authentication");
}

/* Whether the segment is the first that its sender says on the connection. */
static bool
is_first_payload(const conversation_t *conversation, const segment_t *segment)
{
    const struct tcp_analysis *tcp = conversation ? tcp_analysis_of(conversation) : NULL;

    return !tcp || segment->seq == tcp->flow1.base_seq + 1 || segment->seq == tcp->flow2.base_seq + 1;
}

static void
take_handshake_time(ftp_flow_t *flow)
{
    const struct tcp_analysis *tcp = tcp_analysis_of(flow->conversation);

    if (!tcp || nstime_is_zero(&tcp->ts_first_rtt) || nstime_is_unset(&tcp->ts_mru_syn))
        return;
    nstime_sum(&flow->established, &tcp->ts_mru_syn, &tcp->ts_first_rtt);
    flow->established_frame = flow->first_frame;
}

static bool
begins_like_greeting(const uint8_t *payload, uint32_t captured)
{
    return captured >= 4 && payload[0] == '2' && payload[1] == '2' && payload[2] == '0'
        && (payload[3] == ' ' || payload[3] == '-');
}

/* "220 ..." from a server whose port is not FTP's. */
static ftp_flow_t *
open_by_content(flow_packet_t *packet, const segment_t *segment)
{
    ftp_session_t *session;

    if (!ftp_recognise_by_content || !begins_like_greeting(segment->payload, segment->captured)
            || !ftp_native_is_free_port(packet->srcport) || !is_first_payload(flow_conversation(packet), segment)
            || names_other_service(segment))
        return NULL;
    session = new_control(packet, false);
    session->by_content = true;
    session->from_start = true;
    ftp_reader_start(&session->clear[0], segment->ack);
    ftp_reader_start(&session->clear[1], segment->seq);
    take_handshake_time(&session->flow);
    ftp_track_port(packet->dstport);
    if (mentions(segment, "FTP")) {
        session->fits = true;
        ftp_session_confirm(session);
        ftp_native_control(session, packet->pinfo->num);
    }
    return &session->flow;
}

/* Data connections */

static ftp_flow_t *
open_announced(flow_packet_t *packet, ftp_expect_t *expect, bool from_initiator)
{
    ftp_data_t *data = ftp_data_new(expect->session, expect, packet->pinfo,
            from_initiator ? &packet->src : &packet->dst, from_initiator ? packet->srcport : packet->dstport,
            from_initiator ? &packet->dst : &packet->src, from_initiator ? packet->dstport : packet->srcport);

    hang_from_conversation(&data->flow, packet);
    ftp_native_data(data, packet->pinfo->num);
    ftp_data_confirm(data, packet->pinfo);
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
    const struct tcp_analysis *tcp = conversation ? tcp_analysis_of(conversation) : NULL;
    nstime_t lead;

    if (!tcp || conversation->setup_frame >= expect->frame)
        return false;
    nstime_delta(&lead, &expect->announced_at, &tcp->ts_first);
    return has_carried(&tcp->flow1) || has_carried(&tcp->flow2) || nstime_to_sec(&lead) > FTP_DISORDER_SECONDS;
}

static ftp_expect_t *
find_announcement(flow_packet_t *packet, const segment_t *segment, bool from_initiator)
{
    const address *initiator = from_initiator ? &packet->src : &packet->dst;
    const address *listener = from_initiator ? &packet->dst : &packet->src;
    ftp_expect_t *expect = ftp_expect_find(listener, from_initiator ? packet->dstport : packet->srcport,
            initiator, &packet->pinfo->abs_ts);

    if (!expect || is_syn(segment))
        return expect;
    if (!expect->fxp && !addresses_equal(initiator, ftp_expect_peer(expect)))
        return NULL;
    return began_before(flow_conversation(packet), expect) ? NULL : expect;
}

static bool
is_recent(const ftp_session_t *session, const packet_info *pinfo)
{
    return pinfo->abs_ts.secs - session->last_payload.secs <= FTP_INFERENCE_SECONDS;
}

static bool
is_in_known_range(const ftp_hosts_t *hosts, uint16_t port)
{
    return hosts->high != 0 && port + FTP_RANGE_SLACK >= hosts->low && port <= hosts->high + FTP_RANGE_SLACK;
}

/*
 * The session that a new connection between two hosts may belong to: what is said on its control
 * connection cannot be read, but it was active just now.
 */
static ftp_session_t *
suspect_session(const flow_packet_t *packet)
{
    ftp_hosts_t *hosts = ftp_hosts_find(&packet->src, &packet->dst);
    ftp_session_t *session = hosts ? hosts->latest : NULL;

    if (!session || session->closed || session->decrypted || !is_recent(session, packet->pinfo))
        return NULL;
    return packet->dstport >= 1024 && !ftp_native_is_tls_port(packet->dstport) ? session : NULL;
}

static ftp_flow_t *
open_suspected(flow_packet_t *packet)
{
    ftp_session_t *session = suspect_session(packet);
    ftp_data_t *data;

    if (!session)
        return NULL;
    data = ftp_data_new(session, NULL, packet->pinfo, &packet->src, packet->srcport, &packet->dst, packet->dstport);
    hang_from_conversation(&data->flow, packet);
    ftp_track_port(packet->dstport);
    if (packet->srcport == FTP_DATA_PORT || packet->srcport == FTPS_DATA_PORT
            || (addresses_equal(&packet->dst, &session->flow.side[1])
                && is_in_known_range(session->hosts, packet->dstport)))
        ftp_data_confirm(data, packet->pinfo);
    return &data->flow;
}

static void
look_at_first_payload(ftp_data_t *data, flow_packet_t *packet, const segment_t *segment)
{
    data->looked_at = true;
    if (!data->session->tls_from || data->session->clear_data)
        return;
    if (!is_client_hello(segment)) {
        /* The hello may be missing from the capture. */
        data->tls = !data->expect && is_tls_record(segment);
        return;
    }
    /* Whoever opens a data connection, the FTP client is the TLS client (RFC 4217, section 7). */
    if (!data->expect && !addresses_equal(&packet->src, &data->session->flow.side[0]))
        return;
    if (!data->expect && (names_other_protocol(segment)
            || names_other_server(data->session, packet->pinfo, segment))) {
        ftp_data_reject(data);
        return;
    }
    data->tls = true;
    if (data->counterpart)
        data->counterpart->tls = true;
    if (!data->expect)
        ftp_data_confirm(data, packet->pinfo);
    /* Others are recognised by the TLS dissector itself, and may be of another protocol after all. */
    if (!data->expect && data->flow.port[0] != FTP_DATA_PORT)
        return;
    set_ports(packet);
    ftp_native_start_tls(&data->flow, packet->pinfo, false);
}

/* Data goes one way on a connection. Where another reason to doubt is, both sides talking decides. */
static void
note_speaker(ftp_data_t *data, unsigned side, const segment_t *segment)
{
    data->spoken[side] = true;
    data->like_tls = data->like_tls || is_tls_record(segment);
    if (data->spoken[!side] && !data->like_tls && !data->counterpart
            && (!data->expect || (data->expect->over && !ftp_data_transfer(data))))
        ftp_data_reject(data);
}

static void
data_segment(ftp_data_t *data, flow_packet_t *packet, unsigned side, const segment_t *segment, uint32_t more)
{
    if (segment->length > 0 && !data->looked_at)
        look_at_first_payload(data, packet, segment);
    if (!data->tls && more > 0)
        note_speaker(data, side, segment);
    if (!data->tls)
        ftp_data_carried(data, packet->pinfo, more);
    else if (more > 0)
        ftp_native_count_tls(data, packet->pinfo, segment->length);
}

/* Every TCP packet */

/* A connection that has not been seen before, or not as one of FTP's. */
static ftp_flow_t *
open_flow(flow_packet_t *packet, const segment_t *segment)
{
    bool syn = is_syn(segment);
    bool syn_ack = (segment->flags & TH_SYN) && !syn;
    ftp_expect_t *expect;

    if (!syn_ack && (expect = find_announcement(packet, segment, true)) != NULL)
        return open_announced(packet, expect, true);
    if (!syn && (expect = find_announcement(packet, segment, false)) != NULL)
        return open_announced(packet, expect, false);
    if (!syn_ack && (is_control_port(packet->dstport) || is_implicit_tls_port(packet->dstport)))
        return open_control(packet, true);
    if (!syn && (is_control_port(packet->srcport) || is_implicit_tls_port(packet->srcport)))
        return open_control(packet, false);
    if (syn)
        return open_suspected(packet);
    return open_by_content(packet, segment);
}

static void
on_segment(ftp_flow_t *flow, flow_packet_t *packet, const segment_t *segment)
{
    unsigned side = side_of(flow, packet);
    uint32_t more = note_segment(flow, packet->pinfo, side, segment);

    if (flow->channel == FTP_CHANNEL_CONTROL)
        control_segment((ftp_session_t *)flow, packet, side, segment);
    else
        data_segment((ftp_data_t *)flow, packet, side, segment, more);
}

/* Only SYNs come here, after the TCP dissector has decided whether they begin a new connection. */
static void
on_syn(flow_packet_t *packet, const segment_t *segment)
{
    ftp_flow_t *flow = ftp_flow_of(packet);
    unsigned side;

    if (!flow)
        flow = open_flow(packet, segment);
    if (!flow)
        return;
    side = side_of(flow, packet);
    note_segment(flow, packet->pinfo, side, segment);
    if (flow->channel == FTP_CHANNEL_CONTROL) {
        ((ftp_session_t *)flow)->from_start = true;
        ftp_reader_start(&((ftp_session_t *)flow)->clear[side], segment->seq + 1);
    }
}

static G_GNUC_NO_INLINE bool
is_suspicious_syn(flow_packet_t *packet)
{
    if (packet->quoted || !suspect_session(packet))
        return false;
    ftp_track_port(packet->dstport);
    return true;
}

/*
 * Pairs of ports on which the source has begun with something else than a greeting, by a hash; a SYN, which
 * comes in a short frame, takes its pairs out. Longer frames of such a pair need not be looked at.
 */
#define FTP_SHORT_FRAME 200

static uint32_t other_talk[65536 / 32];

static inline uint16_t
hash_of_ports(uint16_t from, uint16_t to)
{
    return (uint16_t)(from * 40503u + to);
}

static inline bool
is_other_talk(const flow_packet_t *packet)
{
    uint16_t hash = hash_of_ports(packet->srcport, packet->dstport);

    return packet->pinfo->fd->cap_len >= FTP_SHORT_FRAME && (other_talk[hash >> 5] & (1u << (hash & 31)));
}

static void
note_talk(uint16_t from, uint16_t to, bool other)
{
    uint16_t hash = hash_of_ports(from, to);

    if (other)
        other_talk[hash >> 5] |= 1u << (hash & 31);
    else
        other_talk[hash >> 5] &= ~(1u << (hash & 31));
}

static G_GNUC_NO_INLINE bool
is_beginning(flow_packet_t *packet, bool by_client)
{
    note_talk(packet->srcport, packet->dstport, false);
    note_talk(packet->dstport, packet->srcport, false);
    return by_client && ftp_hosts_count > 0 && is_suspicious_syn(packet);
}

/* Packets whose ports are not tracked. Nearly all packets of a capture pass here and end here. */
static inline bool
is_worth_a_look(flow_packet_t *packet)
{
    uint32_t captured;
    const uint8_t *tcp;
    uint32_t header;

    if (is_other_talk(packet) || (captured = tvb_captured_length(packet->tvb)) < TCP_HEADER_MIN)
        return false;
    tcp = tvb_get_ptr(packet->tvb, 0, captured);
    if (tcp[13] & TH_SYN)
        return is_beginning(packet, !(tcp[13] & TH_ACK));
    header = (tcp[12] >> 4) * 4u;
    if (captured <= header)
        return false;
    if (begins_like_greeting(tcp + header, captured - header))
        return true;
    note_talk(packet->srcport, packet->dstport, true);
    return false;
}

/* Anything but a SYN, of a connection that has its conversation. */
static ftp_flow_t *
take_segment(flow_packet_t *packet, const segment_t *segment)
{
    ftp_flow_t *flow = ftp_flow_of(packet);

    if (!flow)
        flow = open_flow(packet, segment);
    if (flow)
        on_segment(flow, packet, segment);
    return flow;
}

/* The error is all that follows on a SYN which was captured just before the announcement. */
static ftp_flow_t *
take_quoted(flow_packet_t *packet)
{
    static const segment_t unknown = { .flags = 0 };
    const conversation_t *conversation = flow_conversation(packet);
    const struct tcp_analysis *tcp = conversation ? tcp_analysis_of(conversation) : NULL;
    ftp_expect_t *expect = NULL;

    if (tcp && !(next_of(&tcp->flow1) && next_of(&tcp->flow2)))
        expect = find_announcement(packet, &unknown, true);
    return expect ? open_announced(packet, expect, true) : NULL;
}

/*
 * Apart from the test in front, so that that costs next to nothing. The TCP dissector has to make the
 * conversation by itself: the first packet of a connection that began before the capture is taken after it.
 */
static G_GNUC_NO_INLINE void
before_tracked(flow_packet_t *packet)
{
    segment_t segment;

    if (packet->quoted || !parse_segment(packet, &segment) || (segment.flags & TH_SYN))
        return;
    if (flow_conversation(packet))
        take_segment(packet, &segment);
    else if (!ftp_port_is_tracked(packet->dstport))
        ftp_track_port(packet->srcport);
}

void
ftp_connection_before(flow_packet_t *packet)
{
    if (PINFO_FD_VISITED(packet->pinfo))
        return;
    if (ftp_port_is_tracked(packet->srcport) || ftp_port_is_tracked(packet->dstport) || is_worth_a_look(packet))
        before_tracked(packet);
}

static const ftp_session_t *
session_of(const ftp_flow_t *flow)
{
    return flow->channel == FTP_CHANNEL_CONTROL ? (const ftp_session_t *)flow : ((const ftp_data_t *)flow)->session;
}

static void
note_icmp(const ftp_session_t *session, packet_info *pinfo, ftp_icmp_t *icmp)
{
    ftp_add_event(session, pinfo, FTP_EVENT_ICMP)->icmp = icmp;
}

static void
on_icmp(ftp_flow_t *flow, flow_packet_t *packet)
{
    ftp_icmp_t *icmp = wmem_new0(wmem_file_scope(), ftp_icmp_t);

    clear_address(&icmp->router);
    icmp->side = side_of(flow, packet);
    icmp->has_seq = tvb_captured_length(packet->tvb) >= 8;
    if (icmp->has_seq)
        icmp->seq = tvb_get_ntohl(packet->tvb, 4);
    ftp_icmp_read_header(icmp, packet);
    note_icmp(session_of(flow), packet->pinfo, icmp);
    if (flow->channel == FTP_CHANNEL_DATA && ((ftp_data_t *)flow)->counterpart)
        note_icmp(((ftp_data_t *)flow)->counterpart->session, packet->pinfo, icmp);
    if (flow->channel == FTP_CHANNEL_DATA && ftp_icmp_is_unreachable(icmp) && icmp->side == 0
            && !flow->half[1].syn_frame) {
        ftp_data_t *data = (ftp_data_t *)flow;

        data->refused = true;
        if (data->counterpart)
            data->counterpart->refused = true;
    }
}

/*
 * Whether Wireshark had called its FTP dissector for the packet without our doing. What that dissector has made
 * of the lines is left as it is then.
 */
static bool
is_read_by_wireshark(const ftp_session_t *session, uint32_t frame)
{
    if (!is_control_port(session->flow.port[1]) || (session->tls_until && frame >= session->tls_until))
        return false;
    return session->tls_by_wireshark || !ftp_session_is_under_tls(session, frame);
}

/* TLS within TLS is possible; FTP is in the outermost. */
#define TLS_LAYERS_MAX 4

/*
 * Lines of an encrypted control connection, out of what the TLS dissector keeps of a frame. Its key is
 * 0 in Wireshark 4.0 and counts TLS layers from 1 on later.
 */
static void
read_decrypted(ftp_session_t *session, flow_packet_t *packet)
{
    unsigned side = side_of(&session->flow, packet);
    const SslPacketInfo *tls = NULL;

    for (uint32_t key = 0; !tls && key <= TLS_LAYERS_MAX; key++)
        tls = (const SslPacketInfo *)p_get_proto_data(wmem_file_scope(), packet->pinfo, proto_tls, key);
    for (const SslRecordInfo *record = tls ? tls->records : NULL; record; record = record->next) {
        if (record->type != SSL_ID_APP_DATA || record->data_len == 0)
            continue;
        ftp_session_decrypted(session, packet->pinfo, side, record->plain_data, record->data_len);
        if (!is_read_by_wireshark(session, packet->pinfo->num))
            ftp_native_withdraw(session, packet->pinfo, side, record->plain_data, record->data_len);
    }
}

/* By now TLS has handed on what the segment carried. */
static void
after_data(ftp_data_t *data, flow_packet_t *packet, const segment_t *segment)
{
    if (segment->flags & (TH_FIN | TH_RST))
        ftp_data_closing(data, packet->pinfo, side_of(&data->flow, packet), segment->flags & TH_RST);
    else
        ftp_data_settled(data, packet->pinfo);
}

/* What follows from the packet for Wireshark's own dissectors, now that they have seen it. */
static void
after_control(ftp_session_t *session, flow_packet_t *packet, const segment_t *segment)
{
    packet_info *pinfo = packet->pinfo;

    ftp_native_has_read(session, pinfo);
    if (session->auth_frame == pinfo->num) {
        set_ports(packet);
        session->tls_by_wireshark = ftp_native_expect_tls(&session->flow, pinfo);
    }
    if (ftp_session_is_under_tls(session, pinfo->num))
        read_decrypted(session, packet);
    else if (segment->captured > 0 && !is_read_by_wireshark(session, pinfo->num))
        ftp_native_withdraw(session, pinfo, side_of(&session->flow, packet), segment->payload, segment->captured);
}

static void
note_stream(ftp_flow_t *flow)
{
    const struct tcp_analysis *tcp = flow->has_stream ? NULL : tcp_analysis_of(flow->conversation);

    if (tcp) {
        flow->has_stream = true;
        flow->stream = tcp->stream;
    }
}

void
ftp_connection_after(flow_packet_t *packet)
{
    segment_t segment;
    bool parsed = !packet->quoted && parse_segment(packet, &segment);
    ftp_flow_t *flow;

    if (parsed && (segment.flags & TH_SYN))
        on_syn(packet, &segment);
    flow = ftp_flow_of(packet);
    if (!flow && parsed && !(segment.flags & TH_SYN))
        flow = take_segment(packet, &segment);
    else if (!flow && packet->quoted)
        flow = take_quoted(packet);
    if (!flow)
        return;
    note_stream(flow);
    if (packet->quoted)
        on_icmp(flow, packet);
    else if (parsed && flow->channel == FTP_CHANNEL_CONTROL)
        after_control((ftp_session_t *)flow, packet, &segment);
    else if (parsed && flow->channel == FTP_CHANNEL_DATA)
        after_data((ftp_data_t *)flow, packet, &segment);
}

/* Ports */

static void
note_control_port(const char *table _U_, ftenum_t selector _U_, void *key, void *value, void *user_data _U_)
{
    dissector_handle_t handle = dtbl_entry_get_handle((dtbl_entry_t *)value);
    uint32_t port = GPOINTER_TO_UINT(key);

    if (handle && port < 65536 && dissector_handle_get_protocol_index(handle) == proto_ftp) {
        control_ports[port >> 5] |= 1u << (port & 31);
        ftp_track_port((uint16_t)port);
    }
}

static void
track_implicit_tls_port(uint32_t port, void *user_data _U_)
{
    ftp_track_port((uint16_t)port);
}

void
ftp_connection_reset(void)
{
    ftp_session_reset();
    ftp_native_reset();
    memset(control_ports, 0, sizeof control_ports);
    memset(other_talk, 0, sizeof other_talk);
    dissector_table_foreach("tcp.port", note_control_port, NULL);
    range_foreach(ftp_implicit_tls_ports, track_implicit_tls_port, NULL);
}

void
ftp_connection_init(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_tls = proto_get_id_by_filter_name("tls");
    proto_ftp = proto_get_id_by_filter_name("ftp");
}
