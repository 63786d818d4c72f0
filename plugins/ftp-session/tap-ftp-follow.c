/* tap-ftp-follow.c
 * -z follow,ftp_session and Follow > FTP Session; see tap-ftp-follow.h
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
#include <epan/addr_resolv.h>
#include <epan/follow.h>
#include <epan/tap.h>
#include <epan/to_str.h>

#include "compat.h"
#include "ftp-describe.h"
#include "ftp-outcome.h"
#include "tap-ftp-follow.h"

/* Bytes that may come late, and gaps of one side that wait for them. */
#define FTP_GAP_MAX  65536
#define FTP_GAPS_MAX 64

/* Bytes of one side. */
typedef struct followed {
    const ftp_session_t *session;
    bool                 from_server;
    bool                 has_seq;
    uint32_t             seq;
    const uint8_t       *bytes;
    uint32_t             length;
} followed_t;

static int ftp_follow_tap = -1;

static void
queue(packet_info *pinfo, const ftp_session_t *session, bool from_server, const uint8_t *bytes, uint32_t length,
        const uint32_t *seq)
{
    followed_t *followed = wmem_new(pinfo->pool, followed_t);

    followed->session = session;
    followed->from_server = from_server;
    followed->has_seq = seq != NULL;
    followed->seq = seq ? *seq : 0;
    followed->bytes = bytes;
    followed->length = length;
    tap_queue_packet(ftp_follow_tap, pinfo, followed);
}

static bool
is_from_server(const ftp_session_t *session, const packet_info *pinfo)
{
    return pinfo->srcport == session->flow.port[1] && pinfo->destport == session->flow.port[0];
}

void
tap_ftp_follow_segment(const ftp_session_t *session, flow_packet_t *packet)
{
    ftp_segment_t segment;

    if (!have_tap_listener(ftp_follow_tap) || packet->quoted || ftp_session_is_under_tls(session, packet->pinfo->num)
            || !ftp_segment_parse(packet, &segment) || segment.captured == 0 || (segment.flags & (TH_SYN | TH_RST)))
        return;
    queue(packet->pinfo, session, ftp_flow_side(&session->flow, packet) == 1,
            (const uint8_t *)wmem_memdup(packet->pinfo->pool, segment.payload, segment.captured), segment.captured, &segment.seq);
}

void
tap_ftp_follow_decrypted(const ftp_session_t *session, packet_info *pinfo, tvbuff_t *tvb)
{
    uint32_t length = tvb_captured_length(tvb);

    if (have_tap_listener(ftp_follow_tap) && length > 0)
        queue(pinfo, session, is_from_server(session, pinfo), (const uint8_t *)tvb_memdup(pinfo->pool, tvb, 0, length), length,
                NULL);
}

void
tap_ftp_follow_transfer(const ftp_transfer_t *transfer, packet_info *pinfo)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);
    char *line;

    if (!have_tap_listener(ftp_follow_tap) || !ftp_transfer_moves_data(transfer) || transfer->reply_frame != pinfo->num)
        return;
    line = wmem_strdup_printf(pinfo->pool, "[%s: ", ftp_describe_transfer(pinfo->pool, transfer));
    if (data && ftp_data_knows_bytes(data))
        line = wmem_strdup_printf(pinfo->pool, "%s%" PRIu64 " bytes, ", line, ftp_parts_bytes_at(data, pinfo->num));
    line = wmem_strdup_printf(pinfo->pool, "%s%s]\r\n", line, ftp_outcome_name(transfer, data));
    queue(pinfo, transfer->session, true, (const uint8_t *)line, (uint32_t)strlen(line), NULL);
}

/* Puts bytes at the end, or before a later record of the list, whose newest comes first. */
static void
add_record(follow_info_t *info, packet_info *pinfo, const followed_t *followed, uint32_t from, uint32_t length, GList *later)
{
    follow_record_t *record = g_new0(follow_record_t, 1);

    record->is_server = followed->from_server;
    record->packet_num = pinfo->num;
    record->seq = followed->seq + from;
    record->abs_ts = pinfo->abs_ts;
    record->data = g_byte_array_append(g_byte_array_sized_new(length), followed->bytes + from, length);
    info->bytes_written[followed->from_server] += length;
    info->payload = later ? g_list_insert_before(info->payload, later->next, record) : g_list_prepend(info->payload, record);
}

/* Gaps are records without data, which are freed with the others: seq is where one begins, packet_num how long it is. */

static void
note_gap(follow_info_t *info, bool from_server, uint32_t seq, uint32_t length)
{
    follow_record_t *gap;

    if (length == 0 || length > FTP_GAP_MAX || g_list_length(info->fragments[from_server]) >= FTP_GAPS_MAX)
        return;
    gap = g_new0(follow_record_t, 1);
    gap->seq = seq;
    gap->packet_num = length;
    info->fragments[from_server] = g_list_prepend(info->fragments[from_server], gap);
}

static GList *
record_at(const follow_info_t *info, bool from_server, uint32_t seq)
{
    for (GList *at = info->payload; at; at = at->next) {
        const follow_record_t *record = (const follow_record_t *)at->data;

        if (record->is_server == from_server && record->seq == seq)
            return at;
    }
    return NULL;
}

/* What of the segment lies in the gap, of which the rest stays. */
static void
fill_gap(follow_info_t *info, packet_info *pinfo, const followed_t *followed, GList *place)
{
    GList **gaps = &info->fragments[followed->from_server];
    follow_record_t *gap = (follow_record_t *)place->data;
    const uint32_t begin = gap->seq, end = begin + gap->packet_num;
    int32_t from = MAX((int32_t)(begin - followed->seq), 0);
    int32_t to = (int32_t)MIN((int64_t)(int32_t)(end - followed->seq), followed->length);

    if (from >= to)
        return;
    add_record(info, pinfo, followed, (uint32_t)from, (uint32_t)(to - from), record_at(info, followed->from_server, end));
    *gaps = g_list_delete_link(*gaps, place);
    g_free(gap);
    note_gap(info, followed->from_server, begin, followed->seq + (uint32_t)from - begin);
    note_gap(info, followed->from_server, followed->seq + (uint32_t)to, end - (followed->seq + (uint32_t)to));
}

static void
fill_gaps(follow_info_t *info, packet_info *pinfo, const followed_t *followed)
{
    for (GList *place = info->fragments[followed->from_server], *next; place; place = next) {
        next = place->next;
        fill_gap(info, pinfo, followed, place);
    }
}

/* The number of the first byte after the SYN, if that may be just before the segment. */
static uint32_t
first_seq(const followed_t *followed)
{
    const ftp_half_t *half = &followed->session->flow.half[followed->from_server];
    bool is_told = half->syn_frame && !followed->session->in_tunnel;

    return is_told && followed->seq - (half->isn + 1) <= FTP_GAP_MAX ? half->isn + 1 : followed->seq;
}

/* Bytes of TLS have numbers too, and are no gap. */
static bool
was_under_tls(const ftp_session_t *session, uint32_t frame)
{
    return session->tls_from && session->tls_from < frame;
}

/* What is new at the end; before it, only what fills a gap is. */
static void
add_segment(follow_info_t *info, packet_info *pinfo, const followed_t *followed)
{
    uint32_t *next = &info->seq[followed->from_server];
    int32_t known;

    if (*next == 0)
        *next = first_seq(followed);
    fill_gaps(info, pinfo, followed);
    known = (int32_t)(*next - followed->seq);
    if (known < 0 && !was_under_tls(followed->session, pinfo->num))
        note_gap(info, followed->from_server, *next, (uint32_t)-known);
    known = MAX(known, 0);
    if ((uint32_t)known >= followed->length)
        return;
    add_record(info, pinfo, followed, (uint32_t)known, followed->length - (uint32_t)known, NULL);
    *next = followed->seq + followed->length;
}

static void
name_ends(follow_info_t *info, const ftp_session_t *session)
{
    if (info->client_port != 0)
        return;
    info->client_port = session->flow.port[0];
    copy_address(&info->client_ip, &session->flow.side[0]);
    info->server_port = session->flow.port[1];
    copy_address(&info->server_ip, &session->flow.side[1]);
}

static tap_packet_status
follow(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    follow_info_t *info = (follow_info_t *)tapdata;
    const followed_t *followed = (const followed_t *)data;

    name_ends(info, followed->session);
    if (followed->has_seq)
        add_segment(info, pinfo, followed);
    else
        add_record(info, pinfo, followed, 0, followed->length, NULL);
    return TAP_PACKET_DONT_REDRAW;
}

static char *
filter_of_index(unsigned stream, unsigned sub_stream _U_)
{
    return ws_strdup_printf("ftp_session.id eq %u", stream);
}

static char *
filter_of_packet(epan_dissect_t *edt _U_, packet_info *pinfo, unsigned *stream, unsigned *sub_stream _U_)
{
    const ftp_flow_t *flow = pinfo->ptype == PT_TCP ? ftp_flow_of_pinfo(pinfo) : NULL;
    const ftp_session_t *session;

    if (!flow)
        return NULL;
    session = flow->channel == FTP_CHANNEL_CONTROL ? (const ftp_session_t *)flow : ftp_data_session((const ftp_data_t *)flow);
    if (!ftp_session_is_shown(session))
        return NULL;
    *stream = session->id;
    return filter_of_index(session->id, 0);
}

static char *
filter_of_ends(address *from, address *to, int from_port, int to_port)
{
    const char *family = from->type == AT_IPv6 ? "ipv6" : "ip";
    char *a = address_to_str(NULL, from);
    char *b = address_to_str(NULL, to);
    char *filter = ws_strdup_printf("ftp_session and %s.addr eq %s and %s.addr eq %s and tcp.port eq %d and tcp.port eq %d",
            family, a, family, b, from_port, to_port);

    wmem_free(NULL, a);
    wmem_free(NULL, b);
    return filter;
}

static uint32_t
count(void)
{
    return ftp_session_count;
}

void
tap_ftp_follow_register(int proto)
{
    ftp_follow_tap = register_tap("ftp_session_follow");
    register_follow_stream(proto, "ftp_session_follow", filter_of_packet, filter_of_index, filter_of_ends, tcp_port_to_display,
            follow, count, NULL);
}
