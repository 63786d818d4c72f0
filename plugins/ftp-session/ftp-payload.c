/* ftp-payload.c
 * Packets of data connections; see ftp-payload.h
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

#include "ftp-data.h"
#include "ftp-hosts.h"
#include "ftp-infer.h"
#include "ftp-native.h"
#include "ftp-outcome.h"
#include "ftp-payload.h"
#include "ftp-relay.h"
#include "ftp-tls.h"

#define FTP_DATA_PORT 20

/*
 * SYNs without an answer, and in what time: the third one is sent after two seconds or three, and a server that is but slow has
 * answered by then. Where packets were captured several times, their number alone says little.
 */
#define FTP_KNOCKS          3
#define FTP_SILENCE_SECONDS 1.5

/* Of blocks, what waits for something missing. */
#define FTP_HELD_SEGMENTS 64
#define FTP_HELD_BYTES    65536
#define FTP_HOLE_MAX      (1 << 24)

static bool
is_inferred(const ftp_data_t *data)
{
    return !data->view[0].expect;
}

static void
judge_hello(ftp_data_t *data, flow_packet_t *packet, const ftp_segment_t *segment)
{
    const ftp_session_t *session = ftp_data_session(data);
    bool is_guess = is_inferred(data) || session->clear_data;

    /* Whoever opens a data connection, the FTP client is the TLS client (RFC 4217, section 7). */
    if (is_guess && !addresses_equal(&packet->src, &session->flow.side[0]))
        return;
    if (is_inferred(data) && ftp_infer_is_other_hello(session, packet, segment)) {
        ftp_data_reject(data);
        return;
    }
    data->tls = true;
    data->has_hello = true;
    if (is_inferred(data))
        ftp_data_confirm(data);
    /* Others are recognised by the TLS dissector itself, and may be of another protocol after all. */
    if (is_inferred(data) && data->flow.port[0] != FTP_DATA_PORT)
        return;
    ftp_flow_set_ports(packet);
    ftp_native_start_tls(&data->flow, packet->pinfo, false);
}

static bool
is_first_of_side(const ftp_data_t *data, const flow_packet_t *packet, const ftp_segment_t *segment)
{
    const ftp_half_t *half = &data->flow.half[ftp_flow_side(&data->flow, packet)];

    return half->syn_frame && segment->seq == half->isn + 1;
}

/* What a side sends first tells more than PROT C, which may have been followed by a PROT that was not captured. */
static void
judge_first_payload(ftp_data_t *data, flow_packet_t *packet, const ftp_segment_t *segment)
{
    const ftp_session_t *session = ftp_data_session(data);

    if (!session->tls_from)
        return;
    if (ftp_tls_is_client_hello(segment)) {
        judge_hello(data, packet, segment);
    } else if (session->clear_data) {
        return;
    } else if (ftp_tls_is_alert(segment)) {
        data->tls = data->nothing = true;
        /* A guess that is confirmed by when it was opened. */
        if (is_inferred(data) && data->prompt)
            ftp_data_confirm(data);
    } else {
        /* The hello may be missing from the capture, or come late; the head of the record as well. */
        data->tls = ftp_tls_is_record(segment) || (session->private_data && !is_first_of_side(data, packet, segment));
        if (is_inferred(data) && !data->tls && data->by_failure)
            ftp_data_reject(data);
    }
}

/* Captured behind the answer to it. */
static bool
is_late_hello(const ftp_data_t *data, unsigned side, const ftp_segment_t *segment)
{
    const ftp_half_t *half = &data->flow.half[side];

    return data->tls && !data->has_hello && half->syn_frame && segment->seq == half->isn + 1 && ftp_tls_is_client_hello(segment);
}

/* A port at which nothing but a SYN was seen may be another service's. */
static void
note_server_port(const ftp_data_t *data)
{
    const ftp_session_t *session = ftp_data_session(data);
    const ftp_flow_t *flow = &data->flow;

    if (is_inferred(data) && data->confirmed && data->tls && session->hosts
            && addresses_equal(&flow->side[1], &session->flow.side[1]))
        ftp_hosts_note_port(session->hosts, flow->port[1]);
}

static void
look_at_first_payload(ftp_data_t *data, flow_packet_t *packet, const ftp_segment_t *segment)
{
    data->looked_at = true;
    judge_first_payload(data, packet, segment);
    note_server_port(data);
}

/* Under TLS, what is opened right after a record and gets no answer for long is a data connection that is blocked. */
static void
confirm_by_silence(ftp_data_t *data)
{
    nstime_t waited;

    if (data->confirmed || data->syns < FTP_KNOCKS || !ftp_data_is_unanswered(data))
        return;
    nstime_delta(&waited, &data->flow.last, &data->flow.opened);
    if (nstime_to_sec(&waited) >= FTP_SILENCE_SECONDS)
        ftp_data_confirm_by_failure(data);
}

/* Data goes one way on a connection. Where another reason to doubt is, both sides talking decides. */
static void
note_speaker(ftp_data_t *data, unsigned side, const ftp_segment_t *segment)
{
    const ftp_view_t *view = &data->view[0];

    data->spoken[side] = true;
    data->like_tls = data->like_tls || ftp_tls_is_record(segment);
    if (data->spoken[!side] && !data->like_tls && data->views == 1
            && (!view->expect || (view->expect->over && !ftp_view_transfer(view))))
        ftp_data_reject(data);
}

/* The first number of a side as the handshake tells it, though one of its packets may not have been captured. */
static void
count_handshake(ftp_data_t *data, unsigned side, const ftp_segment_t *segment)
{
    if (segment->flags & TH_SYN)
        ftp_count_begin(&data->count[side], segment->seq + 1);
    if ((segment->flags & TH_ACK) && ((segment->flags & TH_SYN) || data->flow.half[side].syn_frame))
        ftp_count_begin(&data->count[!side], segment->ack);
}

static void
count_segment(ftp_data_t *data, unsigned side, const ftp_segment_t *segment)
{
    bool is_near = ftp_count_is_near(&data->count[side], segment->seq);

    data->count[side].has_seen = true;
    data->is_elsewhere = data->is_elsewhere && side == 0 && ftp_segment_is_syn(segment);
    if (ftp_segment_is_syn(segment) && side == 0)
        data->syns++;
    else if (side == 0)
        data->beyond_syn = true;
    if (segment->flags & TH_RST)
        return;
    count_handshake(data, side, segment);
    if ((segment->flags & TH_ACK) && is_near)
        ftp_count_acked(&data->count[!side], segment->ack);
    if (segment->flags & TH_SYN)
        return;
    if (data->count[side].sent > 0 && ftp_count_is_fin_alone(&data->count[!side])) {
        ftp_count_ended_unseen(&data->count[!side]);
        /* Nothing is on the way any more. */
        if (data->count[side].last_ack == segment->seq)
            ftp_count_ended_unseen(&data->count[side]);
    }
    if (segment->length > 0)
        ftp_count_sent(&data->count[side], segment->seq, segment->length);
    if (segment->flags & TH_FIN) {
        ftp_count_fin(&data->count[side], segment->seq + segment->length);
        ftp_count_ended_unseen(&data->count[!side]);
    }
}

static bool
takes_connection(unsigned side, const ftp_segment_t *segment)
{
    return side == 1 && !(segment->flags & TH_RST) && ((segment->flags & TH_SYN) || segment->length > 0);
}

/* Bytes that are not of the file, as far as it is known. */
static uint64_t
bytes_of_blocks(const ftp_data_t *data)
{
    return data->blocks ? data->blocks->blocks.others : 0;
}

static uint64_t
without(uint64_t bytes, uint64_t others)
{
    return bytes > others ? bytes - others : 0;
}

static void
carry(ftp_data_t *data, packet_info *pinfo, bool has_payload)
{
    uint64_t others = bytes_of_blocks(data);
    uint64_t bytes = without(ftp_count_got(&data->count[0]) + ftp_count_got(&data->count[1]), others);
    uint64_t captured = without(data->count[0].captured + data->count[1].captured, others);

    if (bytes != data->bytes && (has_payload || captured == 0))
        data->last_payload = pinfo->abs_ts;
    ftp_data_carried(data, pinfo, bytes, captured);
}

static size_t
read_blocks(void *user, const uint8_t *bytes, size_t length, uint32_t frame _U_)
{
    ftp_blocks_read((ftp_blocks_t *)user, bytes, length, NULL, NULL);
    return length;
}

static void
skip_hole(void *user, tcp_stream_hole_t why _U_, uint32_t missing, const uint8_t *unread _U_, size_t length _U_, uint32_t frame _U_)
{
    ftp_blocks_skip((ftp_blocks_t *)user, missing);
}

static const tcp_stream_reader_t block_reader = {
    .read = read_blocks,
    .hole = skip_hole,
    .max_waiting = FTP_HELD_SEGMENTS,
    .max_waiting_bytes = FTP_HELD_BYTES,
    .furthest = FTP_HOLE_MAX,
};

static void
feed_blocks(ftp_block_stream_t *blocks, unsigned side, const ftp_segment_t *segment, uint32_t frame)
{
    if (side != blocks->side && (segment->flags & TH_ACK))
        tcp_stream_acknowledged(&blocks->stream, &block_reader, segment->ack, frame, &blocks->blocks);
    else if (side == blocks->side && segment->length > 0)
        tcp_stream_segment(&blocks->stream, &block_reader, segment->seq, segment->payload, segment->captured, segment->length,
                frame, &blocks->blocks);
}

/* What is missing will not come any more: the receiver has got all of it, or the connection is gone. */
static bool
is_over(const ftp_count_t *count, const ftp_segment_t *segment)
{
    return count->finished || (segment->flags & TH_RST);
}

/* So it may be, but the receiver was not captured: a segment that is sent again may come. */
static bool
is_ending(const ftp_count_t *count)
{
    return count->has_fin && !count->has_acks;
}

/* Holes within a block, the length of which its head has told. */
static bool
pass_holes(ftp_block_stream_t *blocks, uint32_t frame)
{
    uint32_t missing;

    while ((missing = tcp_stream_missing(&blocks->stream)) > 0 && ftp_blocks_can_skip(&blocks->blocks, missing))
        tcp_stream_acknowledged(&blocks->stream, &block_reader, blocks->stream.next + missing, frame, &blocks->blocks);
    return missing == 0;
}

static void
finish_blocks(ftp_block_stream_t *blocks, const ftp_count_t *count, bool over, uint32_t frame)
{
    int32_t missing;

    blocks->is_waiting = !pass_holes(blocks, frame) && !over;
    if (blocks->is_waiting)
        return;
    tcp_stream_finish(&blocks->stream, &block_reader, frame, &blocks->blocks);
    missing = count->has_fin ? (int32_t)(count->fin_seq - blocks->stream.next) : 0;
    if (missing <= 0)
        return;
    blocks->is_waiting = !over && !ftp_blocks_can_skip(&blocks->blocks, (uint32_t)missing);
    if (blocks->is_waiting)
        return;
    /* Before the end, and beyond what a stream leaves out as being none of it. */
    blocks->stream.next = count->fin_seq;
    ftp_blocks_skip(&blocks->blocks, (uint32_t)missing);
}

static bool
has_all(const tcp_stream_t *stream, const ftp_count_t *count)
{
    return tcp_stream_missing(stream) == 0 && stream->next == count->fin_seq;
}

static void
end_blocks(ftp_data_t *data, const ftp_segment_t *segment, uint32_t frame)
{
    const ftp_count_t *count = &data->count[data->blocks->side];
    bool over = is_over(count, segment);

    if (over || is_ending(count))
        finish_blocks(data->blocks, count, over, frame);
    else if (data->blocks->is_waiting)
        data->blocks->is_waiting = !has_all(&data->blocks->stream, count);
}

static void
begin_blocks(ftp_data_t *data, unsigned side)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(&data->view[0]);

    if (!transfer || (transfer->mode != 'B' && transfer->mode != 'E') || !data->flow.half[side].syn_frame || data->tls)
        return;
    data->blocks = wmem_new0(wmem_file_scope(), ftp_block_stream_t);
    data->blocks->side = side;
    ftp_blocks_begin(&data->blocks->blocks, transfer->mode == 'E');
    tcp_stream_begin(&data->blocks->stream, data->flow.half[side].isn + 1);
}

/* Where the stream begins and what it carries must be known. */
static void
begin_digest(ftp_data_t *data, unsigned side)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(&data->view[0]);
    const ftp_half_t *half = &data->flow.half[side];
    const uint32_t first = half->isn + 1;

    data->digest_side = side;
    if (ftp_data_session(data)->digests && transfer && half->syn_frame && !data->tls)
        data->digest = ftp_digest_new(ftp_data_session(data)->digests, &data->digest, &first);
}

static void
take_segment(ftp_data_t *data, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment)
{
    const uint64_t sent = data->count[side].sent;
    bool has_payload = segment->length > 0 && !(segment->flags & (TH_SYN | TH_RST));
    bool is_new;

    if (takes_connection(side, segment))
        ftp_data_answered(data);
    if (has_payload && !data->looked_at) {
        look_at_first_payload(data, packet, segment);
        begin_digest(data, side);
        begin_blocks(data, side);
    }
    if (has_payload && is_late_hello(data, side, segment))
        look_at_first_payload(data, packet, segment);
    if (data->blocks && !(segment->flags & (TH_SYN | TH_RST)))
        feed_blocks(data->blocks, side, segment, packet->pinfo->num);
    if (has_payload && data->digest && side == data->digest_side)
        ftp_digest_segment(data->digest, segment->seq, segment->payload, segment->captured, segment->length, packet->pinfo->num);
    count_segment(data, side, segment);
    confirm_by_silence(data);
    if (data->blocks)
        end_blocks(data, segment, packet->pinfo->num);
    is_new = data->count[side].sent > sent;
    if (!data->tls && is_new)
        note_speaker(data, side, segment);
    if (data->tls) {
        if (is_new) {
            data->nothing = data->nothing && ftp_tls_is_alert(segment);
            ftp_native_count_tls(data, packet->pinfo, segment->length);
        }
        return;
    }
    carry(data, packet->pinfo, has_payload);
    if (is_new)
        ftp_data_from(data, packet->pinfo, side);
}

void
ftp_payload_segment(ftp_data_t *data, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment)
{
    ftp_segment_t rest = *segment;

    if (!data->is_relayed || !ftp_relay_talks(data, packet->pinfo, side, &rest))
        take_segment(data, packet, side, &rest);
}

void
ftp_payload_after(ftp_data_t *data, flow_packet_t *packet, const ftp_segment_t *segment)
{
    if (segment->flags & (TH_FIN | TH_RST))
        ftp_data_closing(data, packet->pinfo, ftp_flow_side(&data->flow, packet), segment->flags & TH_RST);
    else
        ftp_data_settled(data, packet->pinfo);
}
