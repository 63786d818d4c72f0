/* packet-ftp-session.c
 * FTP sessions: every packet of a control connection, of its data connections, and of the ICMP errors
 * that quote them, told what it is part of
 *
 * RFC 959 and those in ftp_control.h; RFC 4217 (TLS); RFC 2577 (bounce); RFC 792 and 4443 (ICMP)
 *
 * Wireshark's own FTP dissector reads the first line of a segment and does not follow sessions. This
 * one sees every TCP packet by way of flow.h, reads the control connections by itself, finds their
 * data connections, and shows its results below the TCP item. State is written on the first pass
 * only, belongs to the capture file, and hangs from conversations (ftp_flow_t) and frames (ftp_events_t).
 * Packets of other connections are turned away by a bitmap of ports.
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
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/ipproto.h>
#include <epan/conversation_filter.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls-utils.h>

#include "flow.h"
#include "ws_compat.h"
#include "ftp_session.h"
#include "tap-ftp-session.h"

void proto_register_ftp_session(void);
void proto_reg_handoff_ftp_session(void);

#define FTP_CONTROL_PORT 21
#define FTP_IMPLICIT_TLS_PORTS "990"
#define FTP_DATA_PORT 20
#define FTPS_DATA_PORT 989

/* A data connection of an encrypted session follows what is said on the control connection by this much. */
#define FTP_INFERENCE_SECONDS 15
/* Server ports this near to ones seen in use for data connections are likely of the same range. */
#define FTP_RANGE_SLACK 16

int proto_ftp_session = -1;
unsigned ftp_announcement_lifetime = 300;

static unsigned slow_banner_seconds = 5;
static ws_bool_pref_t recognise_by_content = true;
static range_t *implicit_tls_ports;

static int proto_tcp = -1;
static int proto_ftp = -1;
static int proto_ftp_data = -1;
static int proto_http = -1;
static int proto_tls = -1;

static dissector_table_t tcp_ports;

static int hf_ftp_session_id = -1;
static int hf_ftp_session_channel = -1;
static int hf_ftp_session_control_stream = -1;
static int hf_ftp_session_transfer = -1;
static int hf_ftp_session_mode = -1;
static int hf_ftp_session_evidence = -1;
static int hf_ftp_session_setup_frame = -1;
static int hf_ftp_session_command_frame = -1;
static int hf_ftp_session_user = -1;
static int hf_ftp_session_command = -1;
static int hf_ftp_session_path = -1;
static int hf_ftp_session_type = -1;
static int hf_ftp_session_rest = -1;
static int hf_ftp_session_size_expected = -1;
static int hf_ftp_session_bytes = -1;
static int hf_ftp_session_duration = -1;
static int hf_ftp_session_complete = -1;
static int hf_ftp_session_reply_code = -1;
static int hf_ftp_session_tls = -1;
static int hf_ftp_session_banner_time = -1;

static int ett_ftp_session = -1;
static int ett_ftp_session_transfer = -1;

static expert_field ei_ftp_session_no_banner = EI_INIT;
static expert_field ei_ftp_session_slow_banner = EI_INIT;
static expert_field ei_ftp_session_icmp_error = EI_INIT;
static expert_field ei_ftp_session_data_refused = EI_INIT;
static expert_field ei_ftp_session_data_unused = EI_INIT;
static expert_field ei_ftp_session_incomplete = EI_INIT;
static expert_field ei_ftp_session_nat = EI_INIT;
static expert_field ei_ftp_session_bounce = EI_INIT;

static dissector_handle_t ftp_handle;
static dissector_handle_t ftp_data_handle;
static dissector_handle_t tls_handle;
static dissector_handle_t control_clear_handle;
static dissector_handle_t data_clear_handle;
static dissector_handle_t data_tls_handle;

/* Server ports that are FTP's by registration, preference or Decode As. */
static uint32_t control_ports[65536 / 32];

static const value_string channel_vals[] = {
    { FTP_CHANNEL_CONTROL, "Control" },
    { FTP_CHANNEL_DATA, "Data" },
    { 0, NULL }
};

static const value_string mode_vals[] = {
    { FTP_MODE_PASV, "PASV" },
    { FTP_MODE_EPSV, "EPSV" },
    { FTP_MODE_PORT, "PORT" },
    { FTP_MODE_EPRT, "EPRT" },
    { FTP_MODE_UNKNOWN, "Unknown (control connection encrypted)" },
    { FTP_MODE_LPSV, "LPSV" },
    { FTP_MODE_LPRT, "LPRT" },
    { 0, NULL }
};

static const value_string evidence_vals[] = {
    { FTP_EVIDENCE_ANNOUNCED, "Announced" },
    { FTP_EVIDENCE_OTHER_ADDRESS, "Announced with another address (NAT)" },
    { FTP_EVIDENCE_INFERRED, "Inferred" },
    { 0, NULL }
};

const char *
ftp_mode_name(ftp_mode_t mode)
{
    return mode == FTP_MODE_UNKNOWN ? "?" : val_to_str_const(mode, mode_vals, "-");
}

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

static conversation_t *
conversation_of(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);

    if (conversation)
        return conversation;
    set_ports(packet);
    return find_or_create_conversation(packet->pinfo);
}

static ftp_flow_t *
flow_of(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);

    return conversation ? (ftp_flow_t *)conversation_get_proto_data(conversation, proto_ftp_session) : NULL;
}

static void
hang_from_conversation(ftp_flow_t *flow, flow_packet_t *packet)
{
    flow->conversation = conversation_of(packet);
    conversation_add_proto_data(flow->conversation, proto_ftp_session, flow);
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

#define FTP_WINDOW_MAX (1 << 30)

/* Returns by how much the stream has got longer. */
static uint32_t
note_payload(ftp_half_t *half, const segment_t *segment)
{
    uint32_t end = segment->seq + segment->length;
    int32_t more;

    if (!half->has_next) {
        half->has_next = true;
        half->next = segment->seq;
    }
    more = (int32_t)(end - half->next);
    if (more <= 0 || more > FTP_WINDOW_MAX)
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
    if ((segment->flags & TH_FIN) && !flow->half[side].fin_frame)
        flow->half[side].fin_frame = pinfo->num;
    if ((segment->flags & TH_RST) && !flow->half[side].rst_frame)
        flow->half[side].rst_frame = pinfo->num;
    return segment->length > 0 && !(segment->flags & (TH_SYN | TH_RST))
        ? note_payload(&flow->half[side], segment) : 0;
}

/* Wireshark's own view */

/*
 * packet-ftp.c's notes about a data connection, which it alone declares; the layout has not changed
 * from 4.0 to 4.6. It makes them when it understands an announcement, and takes the next line from
 * the client for the command. With them in place and right, its fields and Export Objects are right.
 */
typedef struct native_data_notes {
    const char    *command;
    uint32_t       command_frame;
    const char    *setup_method;
    uint32_t       setup_frame;
    wmem_strbuf_t *current_working_directory;
    unsigned       first_frame_num;
    nstime_t       first_frame_time;
    unsigned       last_frame_num;
    nstime_t       last_frame_time;
    unsigned       frames_seen;
    unsigned       bytes_seen;
} native_data_notes_t;

static native_data_notes_t *
native_notes_of(const ftp_data_t *data)
{
    if (!data->flow.conversation)
        return NULL;
    return (native_data_notes_t *)conversation_get_proto_data(data->flow.conversation, proto_ftp_data);
}

static void
make_native_notes(ftp_data_t *data)
{
    native_data_notes_t *notes = wmem_new0(wmem_file_scope(), native_data_notes_t);

    notes->setup_method = data->expect->mode == FTP_MODE_EPSV ? "EPASV" : ftp_mode_name(data->expect->mode);
    notes->setup_frame = data->expect->frame;
    if (data->session->cwd)
        notes->current_working_directory = wmem_strbuf_new(wmem_file_scope(), data->session->cwd);
    conversation_add_proto_data(data->flow.conversation, proto_ftp_data, notes);
    data->own_notes = true;
}

static void
tell_native_command(ftp_transfer_t *transfer)
{
    ftp_data_t *data = ftp_transfer_data(transfer);
    native_data_notes_t *notes = data ? native_notes_of(data) : NULL;

    if (!notes || notes->command_frame == transfer->command_frame)
        return;
    notes->command = wmem_strdup_printf(wmem_file_scope(), *transfer->argument ? "%s %s" : "%s%s",
            ftp_verb_name(transfer->verb), transfer->argument);
    notes->command_frame = transfer->command_frame;
}

/* What Wireshark has not recognised as FTP data is dissected as such from now on. */
static void
make_native_data(ftp_data_t *data, uint32_t frame)
{
    conversation_t *conversation = data->flow.conversation;

    if (!native_notes_of(data))
        make_native_notes(data);
    if (conversation_get_dissector(conversation, frame) != ftp_data_handle)
        conversation_set_dissector(conversation, data_clear_handle);
}

static void
use_tls_from(ftp_flow_t *flow, flow_packet_t *packet, dissector_handle_t application, bool next_frame)
{
    set_ports(packet);
    if (next_frame)
        ssl_starttls_ack(tls_handle, packet->pinfo, application);
    else
        ssl_starttls_post_ack(tls_handle, packet->pinfo, application);
    /* A dissector that was set for a later frame than the first would win otherwise. */
    if (conversation_get_dissector(flow->conversation, packet->pinfo->num + next_frame) != tls_handle)
        conversation_set_dissector_from_frame_number(flow->conversation, packet->pinfo->num + next_frame, tls_handle);
}

/* Control connections */

/* The packet that is being looked at in observe_before(), for callbacks that need more than pinfo. */
static flow_packet_t *current_packet;

static void
auth_accepted(ftp_session_t *session)
{
    if (!current_packet || !tls_handle)
        return;
    use_tls_from(&session->flow, current_packet, ftp_handle, true);
}

static void
begin_tls(ftp_session_t *session, flow_packet_t *packet)
{
    if (tls_handle)
        use_tls_from(&session->flow, packet, ftp_handle, false);
    ftp_session_start_tls(session, packet->pinfo);
    ftp_session_confirm(session);
}

/* After CCC (RFC 2228, section 3): lines in the clear where TLS records were. */
static void
end_tls(ftp_session_t *session, flow_packet_t *packet)
{
    session->tls_until = packet->pinfo->num;
    session->hosts->latest = NULL;
    conversation_set_dissector_from_frame_number(session->flow.conversation, packet->pinfo->num,
            control_clear_handle);
}

static bool
is_under_tls(const ftp_session_t *session, uint32_t frame)
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

    if (session->hosts && is_under_tls(session, pinfo->num)) {
        if (!ftp_starts_line(segment->payload, segment->captured, side == 0)) {
            note_encrypted_activity(session, pinfo);
            return;
        }
        end_tls(session, packet);
        ftp_reader_start(&session->clear[side], segment->seq);
    }
    if (is_client_hello(segment) || (!session->from_start && !session->fits && is_tls_record(segment))) {
        begin_tls(session, packet);
        note_encrypted_activity(session, pinfo);
    } else if (session->implicit && !session->tls_until) {
        session->does_not_fit = true;
    } else {
        ftp_session_payload(session, pinfo, side, segment->seq, segment->payload, segment->captured, segment->length);
    }
}

/* A greeting on a port that is not FTP's makes a session only once it is clear that it is not SMTP. */
static void
judge_content(ftp_session_t *session, unsigned side, const segment_t *segment)
{
    ftp_command_t command;
    const uint8_t *end;

    if (session->confirmed || session->does_not_fit || side != 0 || segment->captured == 0)
        return;
    end = (const uint8_t *)memchr(segment->payload, '\n', segment->captured);
    if (!end || !ftp_parse_command((const char *)segment->payload, (size_t)(end - segment->payload), &command))
        command.verb = FTP_UNKNOWN;
    session->does_not_fit = !ftp_is_telling(&command);
    session->fits = !session->does_not_fit;
    if (session->fits) {
        ftp_session_confirm(session);
        conversation_set_dissector_from_frame_number(session->flow.conversation, session->flow.first_frame,
                control_clear_handle);
    }
}

static void
control_segment(ftp_session_t *session, flow_packet_t *packet, unsigned side, const segment_t *segment)
{
    packet_info *pinfo = packet->pinfo;
    bool reset = segment->flags & TH_RST;

    set_ports(packet);
    if (session->by_content) {
        judge_content(session, side, segment);
        if (session->does_not_fit && !session->fits)
            return;
    }
    if (segment->flags & TH_ACK)
        ftp_session_acked(session, pinfo, side, segment->ack);
    if (segment->length > 0 && !reset)
        control_payload(session, packet, side, segment);
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
    return value_is_in_range(implicit_tls_ports, port);
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
mentions_ftp(const segment_t *segment)
{
    for (uint32_t i = 0; i + 3 <= segment->captured && segment->payload[i] != '\n'; i++) {
        if (g_ascii_strncasecmp((const char *)segment->payload + i, "FTP", 3) == 0
                && (i == 0 || g_ascii_toupper(segment->payload[i - 1]) != 'T'))
            return true;
    }
    return false;
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

    if (!recognise_by_content || !begins_like_greeting(segment->payload, segment->captured)
            || !is_first_payload(flow_conversation(packet), segment))
        return NULL;
    session = new_control(packet, false);
    session->by_content = true;
    session->from_start = true;
    take_handshake_time(&session->flow);
    ftp_track_port(packet->dstport);
    if (mentions_ftp(segment)) {
        session->fits = true;
        ftp_session_confirm(session);
        conversation_set_dissector_from_frame_number(session->flow.conversation, packet->pinfo->num,
                control_clear_handle);
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
    make_native_data(data, packet->pinfo->num);
    ftp_data_confirm(data, packet->pinfo);
    return &data->flow;
}

static ftp_expect_t *
find_announcement(flow_packet_t *packet, const segment_t *segment, bool from_initiator)
{
    const address *initiator = from_initiator ? &packet->src : &packet->dst;
    const address *listener = from_initiator ? &packet->dst : &packet->src;
    ftp_expect_t *expect = ftp_expect_find(listener, from_initiator ? packet->dstport : packet->srcport,
            initiator, &packet->pinfo->abs_ts);

    if (expect && !is_syn(segment) && !expect->fxp && !addresses_equal(initiator, ftp_expect_peer(expect)))
        return NULL;
    return expect;
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

/* HTTPS and its like between the same two hosts. */
static bool
is_port_of_tls(uint16_t port)
{
    dissector_handle_t handle = dissector_get_uint_handle(tcp_ports, port);

    return handle && (handle == tls_handle || dissector_handle_get_protocol_index(handle) == proto_http);
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
    return packet->dstport >= 1024 && !is_port_of_tls(packet->dstport) ? session : NULL;
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
    if (!data->session->tls_from || data->session->clear_data || !is_client_hello(segment))
        return;
    /* Whoever opens a data connection, the FTP client is the TLS client (RFC 4217, section 7). */
    if (!data->expect && !addresses_equal(&packet->src, &data->session->flow.side[0]))
        return;
    data->tls = true;
    if (data->counterpart)
        data->counterpart->tls = true;
    if (!data->expect)
        ftp_data_confirm(data, packet->pinfo);
    else if (tls_handle)
        use_tls_from(&data->flow, packet, data_tls_handle, false);
}

static void
data_segment(ftp_data_t *data, flow_packet_t *packet, unsigned side, const segment_t *segment, uint32_t more)
{
    if (segment->length > 0 && !data->looked_at)
        look_at_first_payload(data, packet, segment);
    if (!data->tls)
        ftp_data_carried(data, packet->pinfo, more);
    if (segment->flags & (TH_FIN | TH_RST))
        ftp_data_closing(data, packet->pinfo, side, segment->flags & TH_RST);
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
    ftp_flow_t *flow = flow_of(packet);
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

/* Packets whose ports are not tracked. Nearly all packets of a capture pass here and end here. */
static bool
is_worth_a_look(flow_packet_t *packet)
{
    uint32_t captured = tvb_captured_length(packet->tvb);
    const uint8_t *tcp;
    uint32_t header;

    if (captured < TCP_HEADER_MIN)
        return false;
    tcp = tvb_get_ptr(packet->tvb, 0, captured);
    if ((tcp[13] & (TH_SYN | TH_ACK)) == TH_SYN) {
        if (ftp_hosts_count == 0 || packet->quoted || !suspect_session(packet))
            return false;
        ftp_track_port(packet->dstport);
        return true;
    }
    header = (tcp[12] >> 4) * 4u;
    return captured > header && begins_like_greeting(tcp + header, captured - header);
}

static void
observe_before(flow_packet_t *packet)
{
    segment_t segment;
    ftp_flow_t *flow;

    if (!packet->has_ports || PINFO_FD_VISITED(packet->pinfo))
        return;
    if (!ftp_port_is_tracked(packet->srcport) && !ftp_port_is_tracked(packet->dstport) && !is_worth_a_look(packet))
        return;
    if (packet->quoted || !parse_segment(packet, &segment) || (segment.flags & TH_SYN))
        return;
    flow = flow_of(packet);
    if (!flow)
        flow = open_flow(packet, &segment);
    if (!flow)
        return;
    current_packet = packet;
    on_segment(flow, packet, &segment);
    current_packet = NULL;
}

/* ICMP errors */

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER 40
#define ICMP_HEADER 8

/* Where the IPv4 header begins that ends at end, or -1. */
static int
ipv4_header_before(const uint8_t *bytes, int end, uint8_t protocol)
{
    for (int length = IPV4_HEADER_MIN; length <= 60 && length <= end; length += 4) {
        if (bytes[end - length] == (0x40 | length / 4) && bytes[end - length + 9] == protocol)
            return end - length;
    }
    return -1;
}

static int
ipv6_header_before(const uint8_t *bytes, int end, uint8_t protocol)
{
    int start = end - IPV6_HEADER;

    return start >= 0 && bytes[start] >> 4 == 6 && bytes[start + 6] == protocol ? start : -1;
}

/* The error's own header is not handed down to the transport: find it in front of what it quotes. */
static void
read_icmp_header(ftp_icmp_t *icmp, const flow_packet_t *packet)
{
    tvbuff_t *frame = tvb_get_ds_tvb(packet->tvb);
    int tcp = tvb_raw_offset(packet->tvb) - tvb_raw_offset(frame);
    int length = (int)tvb_captured_length(frame);
    const uint8_t *bytes;
    int quoted;
    int outer;

    if (tcp < IPV4_HEADER_MIN + ICMP_HEADER || tcp > length)
        return;
    bytes = tvb_get_ptr(frame, 0, length);
    icmp->v6 = packet->src.type == AT_IPv6;
    quoted = icmp->v6 ? ipv6_header_before(bytes, tcp, IP_PROTO_TCP) : ipv4_header_before(bytes, tcp, IP_PROTO_TCP);
    if (quoted < ICMP_HEADER)
        return;
    icmp->has_header = true;
    icmp->type = bytes[quoted - ICMP_HEADER];
    icmp->code = bytes[quoted - ICMP_HEADER + 1];
    outer = icmp->v6 ? ipv6_header_before(bytes, quoted - ICMP_HEADER, IP_PROTO_ICMPV6)
        : ipv4_header_before(bytes, quoted - ICMP_HEADER, IP_PROTO_ICMP);
    if (outer >= 0) {
        address router;

        set_address(&router, icmp->v6 ? AT_IPv6 : AT_IPv4, icmp->v6 ? 16 : 4, bytes + outer + (icmp->v6 ? 8 : 12));
        copy_address_wmem(wmem_file_scope(), &icmp->router, &router);
    }
}

/* Destination unreachable: the connection has no future, as far as the router can tell. */
static bool
is_unreachable(const ftp_icmp_t *icmp)
{
    if (!icmp->has_header)
        return false;
    /* Fragmentation needed, and Packet too big, only ask for smaller packets. */
    return icmp->v6 ? icmp->type == 1 : icmp->type == 3 && icmp->code != 4;
}

static void
on_icmp(ftp_flow_t *flow, flow_packet_t *packet)
{
    ftp_icmp_t *icmp = wmem_new0(wmem_file_scope(), ftp_icmp_t);

    clear_address(&icmp->router);
    icmp->side = side_of(flow, packet);
    icmp->last_frame = flow->last_frame;
    icmp->has_seq = tvb_captured_length(packet->tvb) >= 8;
    if (icmp->has_seq)
        icmp->seq = tvb_get_ntohl(packet->tvb, 4);
    read_icmp_header(icmp, packet);
    ftp_add_event(packet->pinfo, FTP_EVENT_ICMP)->icmp = icmp;
    if (flow->channel == FTP_CHANNEL_DATA && is_unreachable(icmp) && icmp->side == 0 && !flow->half[1].syn_frame)
        ((ftp_data_t *)flow)->refused = true;
}

static const value_string icmp_unreachable_vals[] = {
    { 0, "network unreachable" },
    { 1, "host unreachable" },
    { 2, "protocol unreachable" },
    { 3, "port unreachable" },
    { 4, "fragmentation needed" },
    { 5, "source route failed" },
    { 6, "network unknown" },
    { 7, "host unknown" },
    { 9, "network administratively prohibited" },
    { 10, "host administratively prohibited" },
    { 11, "network unreachable for this type of service" },
    { 12, "host unreachable for this type of service" },
    { 13, "communication administratively prohibited" },
    { 0, NULL }
};

static const value_string icmpv6_unreachable_vals[] = {
    { 0, "no route" },
    { 1, "administratively prohibited" },
    { 2, "beyond scope of source address" },
    { 3, "address unreachable" },
    { 4, "port unreachable" },
    { 5, "source address failed policy" },
    { 6, "route rejected" },
    { 0, NULL }
};

static const char *
icmp_name(const ftp_icmp_t *icmp)
{
    if (!icmp->has_header)
        return "ICMP error";
    if (icmp->v6) {
        switch (icmp->type) {
        case 1:
            return val_to_str_const(icmp->code, icmpv6_unreachable_vals, "destination unreachable");
        case 2:
            return "packet too big";
        case 3:
            return "hop limit exceeded";
        default:
            return "ICMPv6 error";
        }
    }
    switch (icmp->type) {
    case 3:
        return val_to_str_const(icmp->code, icmp_unreachable_vals, "destination unreachable");
    case 4:
        return "source quench";
    case 5:
        return "redirect";
    case 11:
        return "time to live exceeded";
    default:
        return "ICMP error";
    }
}

static const char *
side_name(const ftp_flow_t *flow, unsigned side)
{
    if (flow->channel == FTP_CHANNEL_CONTROL)
        return side == 0 ? "client" : "server";
    return side == 0 ? "opening side" : "listening side";
}

static bool
quotes_greeting(const ftp_flow_t *flow, const ftp_icmp_t *icmp)
{
    return flow->channel == FTP_CHANNEL_CONTROL && ((const ftp_session_t *)flow)->greeting_frame && icmp->has_seq
        && icmp->side == 1 && flow->half[1].syn_frame && icmp->seq == flow->half[1].isn + 1;
}

static bool
quotes_syn(const ftp_flow_t *flow, const ftp_icmp_t *icmp)
{
    return icmp->has_seq && flow->half[icmp->side].syn_frame && icmp->seq == flow->half[icmp->side].isn;
}

/* Whose what is quoted, and whether it had arrived all the same. */
static void
describe_quoted(wmem_strbuf_t *text, const ftp_flow_t *flow, const ftp_icmp_t *icmp, uint32_t frame)
{
    const ftp_half_t *half = &flow->half[icmp->side];
    const ftp_half_t *other = &flow->half[!icmp->side];
    const char *sender = side_name(flow, icmp->side);
    const char *receiver = side_name(flow, !icmp->side);

    if (quotes_greeting(flow, icmp)) {
        wmem_strbuf_append_printf(text, "the server's greeting (frame %u)",
                ((const ftp_session_t *)flow)->greeting_frame);
    } else if (quotes_syn(flow, icmp)) {
        wmem_strbuf_append_printf(text, "the %s's %s (frame %u)", sender, icmp->side == 0 ? "SYN" : "SYN+ACK",
                half->syn_frame);
        if (half->acked_frame && half->acked_frame < frame)
            wmem_strbuf_append_printf(text, ", which had arrived: the %s's frame %u acknowledges it", receiver,
                    half->acked_frame);
        else if (half->acked_frame)
            wmem_strbuf_append_printf(text, ", which the %s's frame %u acknowledges later", receiver,
                    half->acked_frame);
        else
            wmem_strbuf_append_printf(text, ", which the %s has not acknowledged", receiver);
        return;
    } else {
        wmem_strbuf_append_printf(text, "a segment of the %s", sender);
    }
    if (icmp->has_seq && other->has_acked && (int32_t)(other->acked - icmp->seq) > 0)
        wmem_strbuf_append_printf(text, ", which the %s has acknowledged", receiver);
}

static void
describe_aftermath(wmem_strbuf_t *text, const ftp_flow_t *flow, const packet_info *pinfo)
{
    if (flow->channel == FTP_CHANNEL_CONTROL && ((const ftp_session_t *)flow)->greeting == FTP_SILENT
            && flow->half[1].syn_frame && !((const ftp_session_t *)flow)->tls_from)
        wmem_strbuf_append(text, PINFO_FD_VISITED(pinfo) ? "; no greeting ever comes" : "; no greeting has come yet");
    if (!PINFO_FD_VISITED(pinfo))
        return;
    if (flow->last_frame <= pinfo->num)
        wmem_strbuf_append(text, "; nothing follows on the connection");
    else
        wmem_strbuf_append(text, "; the connection goes on");
}

static void
show_icmp(const ftp_flow_t *flow, const ftp_icmp_t *icmp, packet_info *pinfo, proto_item *item)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, NULL);
    const ftp_session_t *session = (const ftp_session_t *)flow;

    if (icmp->router.type != AT_NONE)
        wmem_strbuf_append_printf(text, "%s says: ", address_to_str(pinfo->pool, &icmp->router));
    wmem_strbuf_append_printf(text, "%s, of ", icmp_name(icmp));
    describe_quoted(text, flow, icmp, pinfo->num);
    describe_aftermath(text, flow, pinfo);
    expert_add_info_format(pinfo, item, &ei_ftp_session_icmp_error, "%s", wmem_strbuf_get_str(text));
    if (!is_unreachable(icmp))
        return;
    if (flow->channel == FTP_CHANNEL_DATA) {
        if (icmp->side == 0 && !flow->half[1].syn_frame)
            expert_add_info_format(pinfo, item, &ei_ftp_session_data_refused,
                    "The data connection cannot be opened: %s", icmp_name(icmp));
    } else if (flow->half[1].syn_frame && !session->tls_from && !ftp_session_greeting_arrived(session)
            && (quotes_syn(flow, icmp) || quotes_greeting(flow, icmp))) {
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner,
                "No greeting %s the client, and this error tells the %s that the other side is out of reach",
                PINFO_FD_VISITED(pinfo) ? "ever reaches" : "has reached", side_name(flow, icmp->side));
    }
}

/* Display. Where tree is NULL, expert information and taps are all there is to do. */

static proto_item *
add_uint(proto_tree *tree, int hf, tvbuff_t *tvb, uint32_t value)
{
    proto_item *item = proto_tree_add_uint(tree, hf, tvb, 0, 0, value);

    proto_item_set_generated(item);
    return item;
}

static void
add_uint64(proto_tree *tree, int hf, tvbuff_t *tvb, uint64_t value)
{
    proto_item_set_generated(proto_tree_add_uint64(tree, hf, tvb, 0, 0, value));
}

static void
add_string(proto_tree *tree, int hf, tvbuff_t *tvb, const char *value)
{
    if (value && *value)
        proto_item_set_generated(proto_tree_add_string(tree, hf, tvb, 0, 0, value));
}

static void
add_boolean(proto_tree *tree, int hf, tvbuff_t *tvb, bool value)
{
    proto_item_set_generated(proto_tree_add_boolean(tree, hf, tvb, 0, 0, value));
}

static void
add_time(proto_tree *tree, int hf, tvbuff_t *tvb, const nstime_t *value)
{
    proto_item_set_generated(proto_tree_add_time(tree, hf, tvb, 0, 0, value));
}

static void
add_type(proto_tree *tree, tvbuff_t *tvb, char type)
{
    char text[2] = { type, '\0' };

    if (g_ascii_isalpha(type))
        add_string(tree, hf_ftp_session_type, tvb, text);
}

/* How the data connection came about. */
static void
show_setup(const ftp_expect_t *expect, const ftp_data_t *data, proto_tree *tree, tvbuff_t *tvb)
{
    if (data && data->confirmed)
        add_uint(tree, hf_ftp_session_transfer, tvb, data->ordinal);
    if (expect) {
        add_uint(tree, hf_ftp_session_mode, tvb, expect->mode);
        add_uint(tree, hf_ftp_session_setup_frame, tvb, expect->frame);
    } else if (data) {
        add_uint(tree, hf_ftp_session_mode, tvb, FTP_MODE_UNKNOWN);
    }
    if (data && data->confirmed)
        add_uint(tree, hf_ftp_session_evidence, tvb, data->evidence);
}

/* What is known of the transfer by now: in later passes, all. */
static void
show_transfer(const ftp_transfer_t *transfer, proto_tree *tree, tvbuff_t *tvb)
{
    if (!transfer->command_frame)
        return;
    add_string(tree, hf_ftp_session_command, tvb, ftp_verb_name(transfer->verb));
    add_string(tree, hf_ftp_session_path, tvb, transfer->path);
    add_uint(tree, hf_ftp_session_command_frame, tvb, transfer->command_frame);
    add_type(tree, tvb, transfer->type);
    if (transfer->has_rest)
        add_uint64(tree, hf_ftp_session_rest, tvb, transfer->rest);
    if (transfer->has_expected)
        add_uint64(tree, hf_ftp_session_size_expected, tvb, transfer->expected);
    if (transfer->outcome != FTP_UNDECIDED)
        add_boolean(tree, hf_ftp_session_complete, tvb, transfer->outcome == FTP_COMPLETE);
    if (transfer->reply_code)
        add_uint(tree, hf_ftp_session_reply_code, tvb, transfer->reply_code);
    if (transfer->has_duration)
        add_time(tree, hf_ftp_session_duration, tvb, &transfer->duration);
}

static proto_tree *
transfer_subtree(const ftp_transfer_t *transfer, proto_tree *tree, tvbuff_t *tvb)
{
    proto_item *item;

    if (!tree)
        return NULL;
    tree = proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_ftp_session_transfer, &item, "%s %s",
            ftp_verb_name(transfer->verb), transfer->path ? transfer->path : "");
    proto_item_set_generated(item);
    return tree;
}

static void
show_transfer_event(const ftp_event_t *event, packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    const ftp_transfer_t *transfer = event->transfer;
    const ftp_data_t *data = ftp_transfer_data(transfer);

    tree = transfer_subtree(transfer, tree, tvb);
    show_setup(transfer->expect, data, tree, tvb);
    show_transfer(transfer, tree, tvb);
    if (event->kind == FTP_EVENT_REPLY && pinfo->num == transfer->reply_frame && data && ftp_data_knows_bytes(data))
        add_uint64(tree, hf_ftp_session_bytes, tvb, ftp_data_bytes_at(data, pinfo->num));
}

static void
show_announcement(const ftp_expect_t *expect, packet_info *pinfo, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    add_uint(tree, hf_ftp_session_mode, tvb, expect->mode);
    if (expect->data && expect->data->confirmed)
        add_uint(tree, hf_ftp_session_transfer, tvb, expect->data->ordinal);
    if (ftp_expect_is_bounce(expect)) {
        expert_add_info_format(pinfo, item, &ei_ftp_session_bounce,
                "FTP bounce: the client %s makes the server connect to %s, port %u",
                address_to_str(pinfo->pool, ftp_expect_listener(expect)),
                address_to_str(pinfo->pool, &expect->announced), expect->port);
    } else if (ftp_expect_is_nat(expect)) {
        expert_add_info_format(pinfo, item, &ei_ftp_session_nat,
                "The announced address %s is not the %s's, which is %s here",
                address_to_str(pinfo->pool, &expect->announced), expect->passive ? "server" : "client",
                address_to_str(pinfo->pool, ftp_expect_listener(expect)));
    }
    if (PINFO_FD_VISITED(pinfo) && ftp_expect_is_unused(expect) && expect->over_frame != pinfo->num)
        expert_add_info_format(pinfo, item, &ei_ftp_session_data_unused,
                "No data connection uses port %u (as is known in frame %u)", expect->port, expect->over_frame);
}

static void
show_greeting(const ftp_session_t *session, packet_info *pinfo, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    if (!session->flow.established_frame)
        return;
    add_time(tree, hf_ftp_session_banner_time, tvb, &session->banner_time);
    if (slow_banner_seconds && nstime_to_sec(&session->banner_time) > slow_banner_seconds)
        expert_add_info_format(pinfo, item, &ei_ftp_session_slow_banner,
                "The greeting took %.3f seconds", nstime_to_sec(&session->banner_time));
}

static bool
event_is_of(const ftp_event_t *event, const ftp_session_t *session)
{
    if (event->transfer)
        return event->transfer->session == session;
    return !event->expect || event->expect->session == session;
}

static void
show_event(const ftp_event_t *event, const ftp_flow_t *flow, const ftp_session_t *session, packet_info *pinfo,
        proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    switch (event->kind) {
    case FTP_EVENT_COMMAND:
    case FTP_EVENT_REPLY:
        show_transfer_event(event, pinfo, tree, tvb);
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_ANNOUNCEMENT:
        show_announcement(event->expect, pinfo, tree, item, tvb);
        break;
    case FTP_EVENT_UNUSED:
        if (ftp_expect_is_unused(event->expect))
            expert_add_info_format(pinfo, item, &ei_ftp_session_data_unused,
                    "No data connection has used port %u, announced in frame %u", event->expect->port,
                    event->expect->frame);
        break;
    case FTP_EVENT_GREETING:
        show_greeting(session, pinfo, tree, item, tvb);
        break;
    case FTP_EVENT_WRONG_WORDS:
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner,
                "The server's first words are not a greeting: %s", event->text);
        break;
    case FTP_EVENT_GAVE_UP:
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner, "%s", event->text);
        break;
    case FTP_EVENT_REFUSED:
        expert_add_info_format(pinfo, item, &ei_ftp_session_data_refused, "%s", event->text);
        break;
    case FTP_EVENT_INCOMPLETE:
        expert_add_info_format(pinfo, item, &ei_ftp_session_incomplete, "%s %s is incomplete: %s",
                ftp_verb_name(event->transfer->verb), event->transfer->path ? event->transfer->path : "", event->text);
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_BOUNCE:
        if (ftp_expect_is_bounce(event->expect))
            expert_add_info_format(pinfo, item, &ei_ftp_session_bounce,
                    "FTP bounce: the server was made to connect to %s, port %u, in frame %u",
                    address_to_str(pinfo->pool, &event->expect->announced), event->expect->port, event->expect->frame);
        break;
    case FTP_EVENT_ICMP:
        show_icmp(flow, event->icmp, pinfo, item);
        break;
    }
}

static void
show_events(const ftp_flow_t *flow, const ftp_session_t *session, packet_info *pinfo, proto_tree *tree,
        proto_item *item, tvbuff_t *tvb)
{
    const ftp_events_t *events = ftp_events(pinfo);

    for (const ftp_event_t *event = events ? events->first : NULL; event; event = event->next) {
        if (event_is_of(event, session))
            show_event(event, flow, session, pinfo, tree, item, tvb);
    }
}

static proto_tree *
show_session(const ftp_session_t *session, ftp_channel_t channel, packet_info *pinfo, proto_tree *parent,
        tvbuff_t *tvb, proto_item **item)
{
    proto_tree *tree;

    *item = proto_tree_add_protocol_format(parent, proto_ftp_session, tvb, 0, 0, "FTP Session %u, %s connection",
            session->id, channel == FTP_CHANNEL_CONTROL ? "control" : "data");
    proto_item_set_generated(*item);
    tree = proto_item_add_subtree(*item, ett_ftp_session);
    add_uint(tree, hf_ftp_session_id, tvb, session->id);
    add_uint(tree, hf_ftp_session_channel, tvb, channel);
    if (session->flow.has_stream)
        add_uint(tree, hf_ftp_session_control_stream, tvb, session->flow.stream);
    add_string(tree, hf_ftp_session_user, tvb, ftp_session_user(session, pinfo->num, PINFO_FD_VISITED(pinfo)));
    return tree;
}

static void
show_control(const ftp_session_t *session, packet_info *pinfo, proto_tree *parent, tvbuff_t *tvb)
{
    proto_item *item;
    proto_tree *tree;

    if (!ftp_session_is_shown(session))
        return;
    tree = show_session(session, FTP_CHANNEL_CONTROL, pinfo, parent, tvb, &item);
    add_boolean(tree, hf_ftp_session_tls, tvb, is_under_tls(session, pinfo->num));
    show_events(&session->flow, session, pinfo, tree, item, tvb);
}

static void
show_data(const ftp_data_t *data, packet_info *pinfo, proto_tree *parent, tvbuff_t *tvb)
{
    const ftp_transfer_t *transfer = ftp_data_transfer(data);
    proto_item *item;
    proto_tree *tree;

    if (!data->confirmed || !ftp_session_is_shown(data->session))
        return;
    tree = show_session(data->session, FTP_CHANNEL_DATA, pinfo, parent, tvb, &item);
    add_boolean(tree, hf_ftp_session_tls, tvb, data->tls);
    show_setup(data->expect, data, tree, tvb);
    if (transfer)
        show_transfer(transfer, tree, tvb);
    if (ftp_data_knows_bytes(data))
        add_uint64(tree, hf_ftp_session_bytes, tvb, ftp_data_bytes_at(data, pinfo->num));
    show_events(&data->flow, data->session, pinfo, tree, item, tvb);
    if (transfer)
        tap_ftp_session_queue(pinfo, transfer);
}

static void
show_flow(const ftp_flow_t *flow, flow_packet_t *packet)
{
    proto_tree *tree = flow_native_subtree(packet->tree, proto_tcp);
    const ftp_data_t *data = (const ftp_data_t *)flow;

    if (flow->channel == FTP_CHANNEL_CONTROL) {
        show_control((const ftp_session_t *)flow, packet->pinfo, tree, packet->tvb);
        return;
    }
    show_data(data, packet->pinfo, tree, packet->tvb);
    if (data->counterpart)
        show_data(data->counterpart, packet->pinfo, tree, packet->tvb);
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
    const SslPacketInfo *tls = NULL;

    for (uint32_t key = 0; !tls && key <= TLS_LAYERS_MAX; key++)
        tls = (const SslPacketInfo *)p_get_proto_data(wmem_file_scope(), packet->pinfo, proto_tls, key);
    for (const SslRecordInfo *record = tls ? tls->records : NULL; record; record = record->next) {
        if (record->type == SSL_ID_APP_DATA && record->data_len > 0)
            ftp_session_decrypted(session, packet->pinfo, side_of(&session->flow, packet), record->plain_data,
                    record->data_len);
    }
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

static void
observe_after(flow_packet_t *packet)
{
    segment_t segment;
    ftp_flow_t *flow;

    if (!packet->has_ports || (!ftp_port_is_tracked(packet->srcport) && !ftp_port_is_tracked(packet->dstport)))
        return;
    if (!PINFO_FD_VISITED(packet->pinfo) && !packet->quoted && parse_segment(packet, &segment)
            && (segment.flags & TH_SYN))
        on_syn(packet, &segment);
    flow = flow_of(packet);
    if (!flow)
        return;
    if (!PINFO_FD_VISITED(packet->pinfo)) {
        note_stream(flow);
        if (packet->quoted)
            on_icmp(flow, packet);
        else if (flow->channel == FTP_CHANNEL_CONTROL && is_under_tls((ftp_session_t *)flow, packet->pinfo->num))
            read_decrypted((ftp_session_t *)flow, packet);
    }
    show_flow(flow, packet);
}

static const flow_observer_t observer = {
    .transports = FLOW_TCP,
    .before = observe_before,
    .after = observe_after,
};

/* Dissectors that stand in front of Wireshark's own */

static ftp_flow_t *
flow_of_pinfo(packet_info *pinfo)
{
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);

    return conversation ? (ftp_flow_t *)conversation_get_proto_data(conversation, proto_ftp_session) : NULL;
}

/* Wireshark's dissector tells requests from responses by the port that it was called for. */
static int
call_native_control(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const ftp_session_t *session)
{
    uint32_t saved = pinfo->match_uint;
    volatile int result = 0;

    pinfo->match_uint = session->flow.port[1];
    TRY {
        result = call_dissector_only(ftp_handle, tvb, pinfo, tree, NULL);
    }
    FINALLY {
        pinfo->match_uint = saved;
    }
    ENDTRY;
    return result;
}

static int
dissect_control_clear(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const ftp_flow_t *flow = flow_of_pinfo(pinfo);

    if (!flow || flow->channel != FTP_CHANNEL_CONTROL)
        return 0;
    return call_native_control(tvb, pinfo, tree, (const ftp_session_t *)flow);
}

/* Wireshark's dissector takes the conversation's first frame for the one that announced it. */
static int
call_native_data(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const ftp_data_t *data)
{
    conversation_t *conversation = data->flow.conversation;
    uint32_t saved = conversation->setup_frame;
    volatile int result = 0;

    if (data->own_notes)
        conversation->setup_frame = data->expect->frame;
    TRY {
        result = call_dissector_only(ftp_data_handle, tvb, pinfo, tree, NULL);
    }
    FINALLY {
        conversation->setup_frame = saved;
    }
    ENDTRY;
    return result;
}

static int
dissect_data_clear(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const ftp_flow_t *flow = flow_of_pinfo(pinfo);

    if (!flow || flow->channel != FTP_CHANNEL_DATA)
        return call_dissector_only(ftp_data_handle, tvb, pinfo, tree, NULL);
    return call_native_data(tvb, pinfo, tree, (const ftp_data_t *)flow);
}

static int
dissect_data_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    ftp_flow_t *flow = flow_of_pinfo(pinfo);
    ftp_data_t *ftp_data = (ftp_data_t *)flow;

    if (!flow || flow->channel != FTP_CHANNEL_DATA)
        return 0;
    if (!PINFO_FD_VISITED(pinfo)) {
        ftp_data->decrypted = true;
        if (ftp_data->counterpart)
            ftp_data->counterpart->decrypted = true;
        ftp_data_carried(ftp_data, pinfo, tvb_reported_length(tvb));
    }
    return call_native_data(tvb, pinfo, tree, ftp_data);
}

/* Conversation filter */

static const ftp_session_t *
session_of_selected(packet_info *pinfo)
{
    const ftp_flow_t *flow = pinfo->ptype == PT_TCP ? flow_of_pinfo(pinfo) : NULL;
    const ftp_session_t *session;

    if (!flow)
        return NULL;
    session = flow->channel == FTP_CHANNEL_CONTROL ? (const ftp_session_t *)flow : ((const ftp_data_t *)flow)->session;
    return ftp_session_is_shown(session) ? session : NULL;
}

static ws_heur_result_t
session_filter_valid(WS_FILTER_CALLBACK_ARGS)
{
    return session_of_selected(pinfo) != NULL;
}

static char *
session_filter_build(WS_FILTER_CALLBACK_ARGS)
{
    const ftp_session_t *session = session_of_selected(pinfo);

    return session ? ws_strdup_printf("ftp_session.id == %u", session->id) : NULL;
}

/* Registration */

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

static void
ftp_session_init(void)
{
    ftp_session_reset();
    memset(control_ports, 0, sizeof control_ports);
    dissector_table_foreach("tcp.port", note_control_port, NULL);
    range_foreach(implicit_tls_ports, track_implicit_tls_port, NULL);
}

static void
register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_ftp_session, NULL);

    prefs_register_uint_preference(module, "slow_banner", "Slow greeting after (seconds)",
        "A greeting that takes longer than this many seconds is noted (0: never)", 10, &slow_banner_seconds);
    prefs_register_uint_preference(module, "announcement_lifetime", "Lifetime of an announcement (seconds)",
        "For how long a data connection may follow the command or reply that announced its port", 10,
        &ftp_announcement_lifetime);
    prefs_register_bool_preference(module, "recognise_by_content", "Recognise FTP on any port",
        "Whether a greeting and commands of FTP make a session on a port that is not FTP's", &recognise_by_content);
    range_convert_str(wmem_epan_scope(), &implicit_tls_ports, FTP_IMPLICIT_TLS_PORTS, 65535);
    prefs_register_range_preference(module, "implicit_tls_ports", "Ports of FTP over TLS from the start",
        "Server ports of control connections that begin with TLS", &implicit_tls_ports, 65535);
}

void
proto_register_ftp_session(void)
{
    static hf_register_info hf[] = {
        { &hf_ftp_session_id,
            { "Session", "ftp_session.id", FT_UINT32, BASE_DEC, NULL, 0x0,
              "Sessions are numbered from 0 in the order of their control connections", HFILL }},
        { &hf_ftp_session_channel,
            { "Channel", "ftp_session.channel", FT_UINT8, BASE_DEC, VALS(channel_vals), 0x0, NULL, HFILL }},
        { &hf_ftp_session_control_stream,
            { "Control stream", "ftp_session.control_stream", FT_UINT32, BASE_DEC, NULL, 0x0,
              "TCP stream of the control connection", HFILL }},
        { &hf_ftp_session_transfer,
            { "Transfer", "ftp_session.transfer", FT_UINT32, BASE_DEC, NULL, 0x0,
              "Data connections of a session are numbered from 1", HFILL }},
        { &hf_ftp_session_mode,
            { "Mode", "ftp_session.mode", FT_UINT8, BASE_DEC, VALS(mode_vals), 0x0,
              "How the data connection was announced", HFILL }},
        { &hf_ftp_session_evidence,
            { "Evidence", "ftp_session.evidence", FT_UINT8, BASE_DEC, VALS(evidence_vals), 0x0,
              "Why the data connection is taken for one of the session", HFILL }},
        { &hf_ftp_session_setup_frame,
            { "Announced in", "ftp_session.setup_frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
              "Frame that announced the address and port of the data connection", HFILL }},
        { &hf_ftp_session_command_frame,
            { "Command in", "ftp_session.command_frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
              "Frame of the command that the transfer carries out", HFILL }},
        { &hf_ftp_session_user,
            { "User", "ftp_session.user", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL }},
        { &hf_ftp_session_command,
            { "Command", "ftp_session.command", FT_STRING, BASE_NONE, NULL, 0x0,
              "Command that the transfer carries out", HFILL }},
        { &hf_ftp_session_path,
            { "Path", "ftp_session.path", FT_STRING, BASE_NONE, NULL, 0x0,
              "Path of the transfer, resolved against the working directory", HFILL }},
        { &hf_ftp_session_type,
            { "Type", "ftp_session.type", FT_STRING, BASE_NONE, NULL, 0x0,
              "Representation type of the transfer as set by TYPE", HFILL }},
        { &hf_ftp_session_rest,
            { "Restart offset", "ftp_session.rest", FT_UINT64, BASE_DEC, NULL, 0x0,
              "Where in the file the transfer begins, as set by REST", HFILL }},
        { &hf_ftp_session_size_expected,
            { "Size expected", "ftp_session.size_expected", FT_UINT64, BASE_DEC, NULL, 0x0,
              "Size of the file according to SIZE, ALLO or the reply that begins the transfer", HFILL }},
        { &hf_ftp_session_bytes,
            { "Bytes carried", "ftp_session.bytes", FT_UINT64, BASE_DEC, NULL, 0x0,
              "Bytes that the data connection has carried so far, retransmissions and TLS not counted", HFILL }},
        { &hf_ftp_session_duration,
            { "Duration", "ftp_session.duration", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
              "From the first packet of the data connection to its last data", HFILL }},
        { &hf_ftp_session_complete,
            { "Complete", "ftp_session.complete", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
              "Whether the transfer came to its end, by the server's word and by the bytes carried", HFILL }},
        { &hf_ftp_session_reply_code,
            { "Reply code", "ftp_session.reply_code", FT_UINT16, BASE_DEC, NULL, 0x0,
              "Code of the final reply to the transfer", HFILL }},
        { &hf_ftp_session_tls,
            { "TLS", "ftp_session.tls", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
              "Whether this connection is under TLS", HFILL }},
        { &hf_ftp_session_banner_time,
            { "Time to greeting", "ftp_session.banner_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
              "From the end of the handshake to the server's greeting", HFILL }},
    };
    static int *ett[] = {
        &ett_ftp_session,
        &ett_ftp_session_transfer,
    };
    static ei_register_info ei[] = {
        { &ei_ftp_session_no_banner,
            { "ftp_session.no_banner", PI_RESPONSE_CODE, PI_WARN, "No greeting from the server", EXPFILL }},
        { &ei_ftp_session_slow_banner,
            { "ftp_session.slow_banner", PI_RESPONSE_CODE, PI_NOTE, "Slow greeting", EXPFILL }},
        { &ei_ftp_session_icmp_error,
            { "ftp_session.icmp_error", PI_SEQUENCE, PI_WARN, "ICMP error about a connection of the session", EXPFILL }},
        { &ei_ftp_session_data_refused,
            { "ftp_session.data_refused", PI_RESPONSE_CODE, PI_WARN, "Data connection refused", EXPFILL }},
        { &ei_ftp_session_data_unused,
            { "ftp_session.data_unused", PI_SEQUENCE, PI_NOTE, "Announced port without a data connection", EXPFILL }},
        { &ei_ftp_session_incomplete,
            { "ftp_session.incomplete", PI_SEQUENCE, PI_WARN, "Incomplete transfer", EXPFILL }},
        { &ei_ftp_session_nat,
            { "ftp_session.nat", PI_PROTOCOL, PI_NOTE, "Announced address differs", EXPFILL }},
        { &ei_ftp_session_bounce,
            { "ftp_session.bounce", PI_SECURITY, PI_WARN, "FTP bounce", EXPFILL }},
    };
    expert_module_t *expert;

    proto_ftp_session = proto_register_protocol("FTP Session", "FTP Session", "ftp_session");
    proto_register_field_array(proto_ftp_session, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert = expert_register_protocol(proto_ftp_session);
    expert_register_field_array(expert, ei, array_length(ei));
    register_preferences();
    register_init_routine(ftp_session_init);
    tap_ftp_session_register();
    ws_register_conversation_filter("ftp_session", "FTP session", session_filter_valid, session_filter_build);
}

/* In-name-only protocols do not show in frame.protocols; others need the handles to have names. */
static dissector_handle_t
register_stand_in(const char *name, const char *filter, int parent, dissector_t dissector)
{
    int proto = proto_register_protocol_in_name_only(name, name, filter, parent, FT_PROTOCOL);

    return register_dissector(filter, dissector, proto);
}

void
proto_reg_handoff_ftp_session(void)
{
    static bool initialized = false;

    if (initialized)
        return;
    initialized = true;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_ftp = proto_get_id_by_filter_name("ftp");
    proto_ftp_data = proto_get_id_by_filter_name("ftp-data");
    proto_tls = proto_get_id_by_filter_name("tls");
    proto_http = proto_get_id_by_filter_name("http");
    tcp_ports = find_dissector_table("tcp.port");
    ftp_handle = find_dissector("ftp");
    ftp_data_handle = find_dissector("ftp-data");
    tls_handle = find_dissector("tls");
    if (!ftp_handle || !ftp_data_handle)
        return;
    control_clear_handle = register_stand_in("FTP on any port", "ftp_session_control", proto_ftp,
            dissect_control_clear);
    data_clear_handle = register_stand_in("FTP Data of a session", "ftp_session_data", proto_ftp_data,
            dissect_data_clear);
    data_tls_handle = register_stand_in("FTP Data over TLS", "ftp_session_data_tls", proto_ftp_data,
            dissect_data_tls);
    ftp_session_tls_cb = auth_accepted;
    ftp_transfer_attached_cb = tell_native_command;
    flow_add_observer(&observer);
}

/*
 * Editor modelines  -  https://www.wireshark.org/tools/modelines.html
 *
 * Local variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * vi: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
