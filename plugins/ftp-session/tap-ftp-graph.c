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
#include "ftp-said.h"
#include "seq-analysis.h"
#include "tap-ftp-graph.h"

typedef struct arrow {
    const ftp_data_t *refuted;  /* not NULL: no arrow, but what was drawn of it is to go */
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

static const char *
shown_text(const packet_info *pinfo, const ftp_said_t *said)
{
    const char *text = ftp_said_text(pinfo->pool, said);

    return format_text(pinfo->pool, text, strlen(text));
}

/* A packet may let the reader go on with lines of the other side. */
static void
queue_line(packet_info *pinfo, const ftp_said_t *said)
{
    const ftp_flow_t *flow = &said->session->flow;
    const char *text = shown_text(pinfo, said);
    arrow_t *arrow = queue(pinfo, said->session, text, wmem_strdup_printf(pinfo->pool, ": %s", text));

    arrow->from = &flow->side[said->from_server];
    arrow->to = &flow->side[!said->from_server];
    arrow->from_port = flow->port[said->from_server];
    arrow->to_port = flow->port[!said->from_server];
}

void
tap_ftp_graph_lines(const ftp_session_t *session, packet_info *pinfo)
{
    const ftp_said_t *said;
    size_t count;

    if (!have_tap_listener(ftp_graph_tap))
        return;
    said = ftp_said_in(pinfo, &count);
    for (size_t i = 0; i < count; i++) {
        if (said[i].session == session)
            queue_line(pinfo, &said[i]);
    }
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

void
tap_ftp_graph_take_back(const ftp_data_t *data, packet_info *pinfo)
{
    arrow_t *arrow;

    if (!have_tap_listener(ftp_graph_tap))
        return;
    arrow = wmem_new0(pinfo->pool, arrow_t);
    arrow->refuted = data;
    tap_queue_packet(ftp_graph_tap, pinfo, arrow);
}

/* The graph */

static bool
is_between(const seq_analysis_item_t *item, const ftp_flow_t *flow, unsigned from)
{
    return item->port_src == flow->port[from] && item->port_dst == flow->port[!from]
        && addresses_equal(&item->src_addr, &flow->side[from]) && addresses_equal(&item->dst_addr, &flow->side[!from]);
}

/* Its items come in the order of their frames. */
static void
hide(const seq_analysis_info_t *graph, const ftp_data_t *data)
{
    for (GList *link = graph->items->tail; link; link = link->prev) {
        seq_analysis_item_t *item = (seq_analysis_item_t *)link->data;

        if (item->frame_number < data->flow.first_frame)
            break;
        if (is_between(item, &data->flow, 0) || is_between(item, &data->flow, 1))
            item->display = false;
    }
}

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
    seq_analysis_item_t *item;

    if (arrow->refuted) {
        hide(graph, arrow->refuted);
        return TAP_PACKET_REDRAW;
    }
    item = sequence_analysis_create_sai_with_addresses(pinfo, graph);
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
