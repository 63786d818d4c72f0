/* tap-ftp-graph.c
 * Flow graph of FTP sessions; see tap-ftp-graph.h
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
#include <epan/tap.h>
#include <wsutil/str_util.h>

#include "compat.h"
#include "ftp-describe.h"
#include "ftp-outcome.h"
#include "seq-analysis.h"
#include "tap-ftp-graph.h"

#define ARROWS_MAX 64   /* of a packet */

typedef struct arrow {
    const char    *label;
    const char    *comment;
    const address *from;        /* NULL: as the packet goes */
    const address *to;
    uint16_t       from_port;
    uint16_t       to_port;
} arrow_t;

static int ftp_graph_tap = -1;

static arrow_t *
queue(packet_info *pinfo, const ftp_session_t *session, const char *label, const char *more)
{
    arrow_t *arrow = wmem_new0(pinfo->pool, arrow_t);

    arrow->label = label;
    arrow->comment = wmem_strdup_printf(pinfo->pool, "FTP Session %u%s", session->id, more);
    arrow->from_port = (uint16_t)pinfo->srcport;
    arrow->to_port = (uint16_t)pinfo->destport;
    tap_queue_packet(ftp_graph_tap, pinfo, arrow);
    return arrow;
}

/* Commands and replies */

static bool
is_secret(const ftp_command_t *command)
{
    return command->verb == FTP_PASS || command->verb == FTP_ACCT;
}

static void
queue_line(packet_info *pinfo, const ftp_session_t *session, const char *line, size_t length)
{
    const char *text = ftp_text(pinfo->pool, line, length);

    text = format_text(pinfo->pool, text, strlen(text));
    queue(pinfo, session, text, wmem_strdup_printf(pinfo->pool, ": %s", text));
}

static void
queue_command(packet_info *pinfo, const ftp_session_t *session, const char *line, size_t length)
{
    ftp_command_t command;

    if (ftp_parse_command(line, length, &command) && is_secret(&command))
        length = (size_t)(command.word - line) + command.word_length;
    queue_line(pinfo, session, line, length);
}

/* A line of the server; *goes_on: code of a reply that has more, 0 if there is none. */
static bool
queue_reply(packet_info *pinfo, const ftp_session_t *session, const char *line, size_t length, unsigned *goes_on)
{
    ftp_reply_t reply;

    ftp_parse_reply(line, length, &reply);
    if (*goes_on) {
        if (reply.code == *goes_on && !reply.more)
            *goes_on = 0;
        return false;
    }
    *goes_on = reply.more ? reply.code : 0;
    queue_line(pinfo, session, line, length);
    return true;
}

static size_t
length_of_line(const char *text, size_t length)
{
    while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == '\n'))
        length--;
    return length;
}

static void
queue_lines(packet_info *pinfo, const ftp_session_t *session, bool from_server, const char *text, size_t length)
{
    unsigned goes_on = 0;

    for (unsigned arrows = 0; length > 0 && arrows < ARROWS_MAX;) {
        const char *end = (const char *)memchr(text, '\n', length);
        size_t line = end ? (size_t)(end - text) + 1 : length;
        size_t shown = length_of_line(text, line);

        if (shown > 0 && from_server) {
            arrows += queue_reply(pinfo, session, text, shown, &goes_on);
        } else if (shown > 0) {
            queue_command(pinfo, session, text, shown);
            arrows++;
        }
        text += line;
        length -= line;
    }
}

void
tap_ftp_graph_segment(const ftp_session_t *session, flow_packet_t *packet)
{
    ftp_segment_t segment;

    if (!have_tap_listener(ftp_graph_tap) || packet->quoted || ftp_session_is_under_tls(session, packet->pinfo->num)
            || !ftp_segment_parse(packet, &segment) || (segment.flags & (TH_SYN | TH_RST)))
        return;
    queue_lines(packet->pinfo, session, ftp_flow_side(&session->flow, packet) == 1, (const char *)segment.payload,
            segment.captured);
}

void
tap_ftp_graph_decrypted(const ftp_session_t *session, packet_info *pinfo, tvbuff_t *tvb)
{
    uint32_t length = tvb_captured_length(tvb);

    if (have_tap_listener(ftp_graph_tap) && length > 0)
        queue_lines(pinfo, session, pinfo->srcport == session->flow.port[1] && pinfo->destport == session->flow.port[0],
                (const char *)tvb_get_ptr(tvb, 0, length), length);
}

/* Transfers */

/* From the side that sends the data, as far as that is known. */
static void
point(arrow_t *arrow, const ftp_view_t *view)
{
    const ftp_flow_t *flow = &view->data->flow;
    ftp_direction_t direction = ftp_view_direction(view);
    unsigned from = ftp_view_server_side(view) ^ (direction == FTP_TO_SERVER ? 1 : 0);

    if (direction == FTP_DIRECTION_UNKNOWN)
        return;
    arrow->from = &flow->side[from];
    arrow->to = &flow->side[!from];
    arrow->from_port = flow->port[from];
    arrow->to_port = flow->port[!from];
}

void
tap_ftp_graph_transfer(const ftp_transfer_t *transfer, packet_info *pinfo)
{
    const ftp_data_t *data;
    const ftp_view_t *view;
    const char *outcome, *name;
    const char *carried = "";

    if (!have_tap_listener(ftp_graph_tap) || !ftp_transfer_moves_data(transfer) || transfer->reply_frame != pinfo->num)
        return;
    data = ftp_transfer_data(transfer);
    view = transfer->expect ? ftp_expect_view(transfer->expect) : data ? &data->view[0] : NULL;
    if (!view)
        return;
    outcome = ftp_outcome_name(transfer, data);
    name = ftp_describe_transfer(pinfo->pool, transfer);
    if (ftp_data_knows_bytes(data))
        carried = wmem_strdup_printf(pinfo->pool, " %" PRIu64 " bytes,", ftp_parts_bytes_at(data, pinfo->num));
    point(queue(pinfo, transfer->session, wmem_strdup_printf(pinfo->pool, "[%s: %s]", outcome, name),
            wmem_strdup_printf(pinfo->pool, ", transfer %u: %s:%s %s", view->ordinal, name, carried, outcome)), view);
}

static void
queue_opening(const ftp_view_t *view, packet_info *pinfo)
{
    const char *mode = ftp_mode_name(ftp_data_mode(view->data));

    queue(pinfo, view->session, "[data connection]", wmem_strdup_printf(pinfo->pool,
            ", transfer %u: data connection to port %u (%s)", view->ordinal, view->data->flow.port[1], mode));
}

static void
queue_first_data(const ftp_view_t *view, packet_info *pinfo)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(view);
    const char *name = transfer ? ftp_describe_transfer(pinfo->pool, transfer) : "Data";

    point(queue(pinfo, view->session, wmem_strdup_printf(pinfo->pool, "[data: %s]", name),
            wmem_strdup_printf(pinfo->pool, ", transfer %u: first data of %s", view->ordinal, name)), view);
}

void
tap_ftp_graph_data(const ftp_view_t *view, packet_info *pinfo)
{
    if (!have_tap_listener(ftp_graph_tap))
        return;
    if (pinfo->num == view->data->flow.half[0].syn_frame)
        queue_opening(view, pinfo);
    if (pinfo->num == view->data->first_payload_frame)
        queue_first_data(view, pinfo);
}

/* The graph */

static void
turn(seq_analysis_item_t *item, const arrow_t *arrow)
{
    if (!arrow->from || addresses_equal(&item->src_addr, arrow->from))
        return;
    if (addresses_equal(&item->src_addr, arrow->to)) {
        address from = item->dst_addr;

        item->dst_addr = item->src_addr;
        item->src_addr = from;
    }
}

static tap_packet_status
draw(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    seq_analysis_info_t *graph = (seq_analysis_info_t *)tapdata;
    const arrow_t *arrow = (const arrow_t *)data;
    seq_analysis_item_t *item = sequence_analysis_create_sai_with_addresses(pinfo, graph);

    if (!item)
        return TAP_PACKET_DONT_REDRAW;
    turn(item, arrow);
    item->frame_number = pinfo->num;
    item->port_src = arrow->from_port;
    item->port_dst = arrow->to_port;
    item->frame_label = g_strdup(arrow->label);
    item->comment = g_strdup(arrow->comment);
    item->display = true;
    g_queue_push_tail(graph->items, item);
    return TAP_PACKET_REDRAW;
}

void
tap_ftp_graph_register(int proto)
{
    ftp_graph_tap = register_tap("ftp_session_graph");
    register_seq_analysis("ftp_session", "FTP Sessions", proto, "ftp_session_graph", TL_REQUIRES_NOTHING, draw);
}
