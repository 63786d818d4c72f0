/* ftp-control.c
 * Packets of control connections; see ftp-control.h
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
#include <epan/proto_data.h>
#include <epan/dissectors/packet-tls-utils.h>

#include "ftp-ahead.h"
#include "ftp-content.h"
#include "ftp-control.h"
#include "ftp-dialogue.h"
#include "ftp-native.h"
#include "ftp-notes.h"
#include "ftp-ports.h"
#include "ftp-tls.h"

static int proto_tls = -1;

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

static void
note_encrypted_activity(ftp_session_t *session, const packet_info *pinfo, unsigned side, const ftp_segment_t *segment)
{
    const uint32_t end = segment->seq + segment->length;

    session->last_payload = pinfo->abs_ts;
    session->last_payload_frame = pinfo->num;
    session->hosts->latest = session;
    if (!session->has_records[side] || (int32_t)(end - session->records_end[side]) > 0)
        session->records_end[side] = end;
    session->has_records[side] = true;
}

/* As opposed to lines from before, such as the 234, that are captured late or are sent again. */
static bool
is_behind_records(const ftp_session_t *session, unsigned side, const ftp_segment_t *segment)
{
    return session->has_records[side] && (int32_t)(segment->seq - session->records_end[side]) >= 0;
}

static void
take_late_line(ftp_session_t *session, packet_info *pinfo)
{
    session->late_lines[session->late_next++ % FTP_LATE_MAX] = pinfo->num;
    ftp_native_control(session, pinfo->num);
    ftp_native_start_tls(&session->flow, pinfo, true);
}

/* Returns whether there is nothing to be read. */
static bool
encrypted_payload(ftp_session_t *session, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment)
{
    if (!ftp_starts_line(segment->payload, segment->captured, side == 0)) {
        note_encrypted_activity(session, packet->pinfo, side, segment);
        return true;
    }
    if (is_behind_records(session, side, segment)) {
        end_tls(session, packet);
        ftp_session_lines_begin(session, packet->pinfo, side, segment->seq);
    } else {
        take_late_line(session, packet->pinfo);
    }
    return false;
}

static bool
begins_tls(const ftp_session_t *session, const ftp_segment_t *segment)
{
    if (session->is_other)
        return false;
    return ftp_tls_is_client_hello(segment) || (!session->from_start && !session->fits && ftp_tls_is_record(segment));
}

static void
control_payload(ftp_session_t *session, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment)
{
    packet_info *pinfo = packet->pinfo;

    if (session->hosts && ftp_session_is_under_tls(session, pinfo->num) && encrypted_payload(session, packet, side, segment))
        return;
    if (begins_tls(session, segment)) {
        if (ftp_tls_is_client_hello(segment))
            session->server_name = ftp_tls_server_name(wmem_file_scope(), segment);
        begin_tls(session, packet);
        note_encrypted_activity(session, pinfo, side, segment);
    } else if (session->implicit && !session->tls_until && !ftp_content_is_clear(session, packet, side, segment)) {
        session->does_not_fit = true;
        session->is_other = session->is_other || ftp_content_is_other(session, packet, segment);
    } else if (ftp_content_wants(session, pinfo, side, segment)) {
        session->unread_frame = pinfo->num;
        ftp_session_payload(session, pinfo, side, segment->seq, segment->payload, segment->captured, segment->length);
    }
}

void
ftp_control_segment(ftp_session_t *session, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment)
{
    packet_info *pinfo = packet->pinfo;
    bool reset = segment->flags & TH_RST;

    ftp_flow_set_ports(packet);
    if (session->by_content && session->judged && !session->fits)
        return;
    ftp_ahead_give_up(session, pinfo, side, segment);
    if (ftp_ahead_keep(session, pinfo, side, segment))
        return;
    if (segment->flags & TH_ACK)
        ftp_session_acked(session, pinfo, side, segment->ack);
    if (segment->length > 0 && !reset)
        control_payload(session, packet, side, segment);
    ftp_ahead_follow(session, pinfo);
    if (session->by_content)
        ftp_content_judge(session, pinfo, segment->flags & (TH_FIN | TH_RST));
    if (segment->flags & (TH_FIN | TH_RST))
        ftp_session_closing(session, pinfo, side, reset);
}

/*
 * Whether Wireshark had called its FTP dissector for the packet without our doing. What that dissector has made
 * of the lines is left as it is then.
 */
static bool
is_read_by_wireshark(const ftp_session_t *session, uint32_t frame)
{
    if (session->in_tunnel)
        return true;
    if (!ftp_is_control_port(session->flow.port[1]) || (session->tls_until && frame >= session->tls_until))
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
    unsigned side = ftp_flow_side(&session->flow, packet);
    const SslPacketInfo *tls = NULL;

    for (uint32_t key = 0; !tls && key <= TLS_LAYERS_MAX; key++)
        tls = (const SslPacketInfo *)p_get_proto_data(wmem_file_scope(), packet->pinfo, proto_tls, key);
    for (const SslRecordInfo *record = tls ? tls->records : NULL; record; record = record->next) {
        if (record->type != SSL_ID_APP_DATA || record->data_len == 0)
            continue;
        ftp_session_decrypted(session, packet->pinfo, side, record->plain_data, record->data_len);
        if (!is_read_by_wireshark(session, packet->pinfo->num))
            ftp_notes_withdraw(session, packet->pinfo, side, record->plain_data, record->data_len);
    }
}

void
ftp_control_after(ftp_session_t *session, flow_packet_t *packet, const ftp_segment_t *segment)
{
    packet_info *pinfo = packet->pinfo;

    ftp_notes_has_read(session, pinfo);
    if (session->auth_frame == pinfo->num) {
        ftp_flow_set_ports(packet);
        session->tls_by_wireshark = ftp_native_expect_tls(&session->flow, pinfo);
    }
    if (ftp_session_is_under_tls(session, pinfo->num))
        read_decrypted(session, packet);
    else if (segment->captured > 0 && !is_read_by_wireshark(session, pinfo->num))
        ftp_notes_withdraw(session, pinfo, ftp_flow_side(&session->flow, packet), segment->payload, segment->captured);
}

void
ftp_control_init(void)
{
    proto_tls = proto_get_id_by_filter_name("tls");
}
