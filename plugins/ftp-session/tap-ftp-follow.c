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

/* Cuts off what was there before; false if nothing is left. */
static bool
is_new(follow_info_t *info, followed_t *followed)
{
    uint32_t *next = &info->seq[followed->from_server];
    bool is_first = info->bytes_written[followed->from_server] == 0;
    int32_t before;

    if (!followed->has_seq)
        return true;
    before = (int32_t)(*next - followed->seq);
    if (!is_first && before > 0 && *next != 0) {
        if ((uint32_t)before >= followed->length)
            return false;
        followed->bytes += before;
        followed->length -= (uint32_t)before;
        followed->seq += (uint32_t)before;
    }
    *next = followed->seq + followed->length;
    return true;
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
    followed_t followed = *(const followed_t *)data;
    follow_record_t *record;

    name_ends(info, followed.session);
    if (!is_new(info, &followed))
        return TAP_PACKET_DONT_REDRAW;
    record = g_new0(follow_record_t, 1);
    record->is_server = followed.from_server;
    record->packet_num = pinfo->num;
    record->abs_ts = pinfo->abs_ts;
    record->data = g_byte_array_append(g_byte_array_sized_new(followed.length), followed.bytes, followed.length);
    info->bytes_written[followed.from_server] += followed.length;
    info->payload = g_list_prepend(info->payload, record);
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
