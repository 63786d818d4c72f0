/* packet-ftp-session.c
 * FTP sessions: every packet of a control connection, of its data connections, and of the ICMP errors
 * that quote them, told what it is part of
 *
 * RFC 959 and those in ftp-words.h, ftp-endpoint.h and ftp-path.h; RFC 4217 (TLS); RFC 2577 (bounce); RFC 792 and 4443 (ICMP)
 *
 * Wireshark's own FTP dissector reads the first line of a segment and does not follow sessions. This
 * one sees every TCP packet by way of flow.h, reads the control connections by itself, finds their
 * data connections, and shows its results below the TCP item. State is written on the first pass
 * only, belongs to the capture file, and hangs from conversations (ftp_flow_t) and frames (ftp_events_t).
 * Packets of other connections are turned away by a bitmap of ports.
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
#include <epan/expert.h>
#include <epan/conversation_filter.h>
#include <epan/prefs.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <wsutil/str_util.h>

#include "flow.h"
#include "compat.h"
#include "ftp-announce.h"
#include "ftp-content.h"
#include "ftp-describe.h"
#include "ftp-detect.h"
#include "ftp-export.h"
#include "ftp-flow.h"
#include "ftp-icmp.h"
#include "ftp-model.h"
#include "ftp-native.h"
#include "ftp-outcome.h"
#include "ftp-ports.h"
#include "ftp-store.h"
#include "tap-ftp-files.h"
#include "tap-ftp-follow.h"
#include "tap-ftp-graph.h"
#include "tap-ftp-session.h"

void proto_register_ftp_session(void);
void proto_reg_handoff_ftp_session(void);

#define FTP_IMPLICIT_TLS_PORTS "990"

static unsigned slow_banner_seconds = 5;

static bool ready;

static int hf_ftp_session_id = -1;
static int hf_ftp_session_channel = -1;
static int hf_ftp_session_control_stream = -1;
static int hf_ftp_session_same_as = -1;
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
static int hf_ftp_session_bytes_captured = -1;
static int hf_ftp_session_direction = -1;
static int hf_ftp_session_duration = -1;
static int hf_ftp_session_outcome = -1;
static int hf_ftp_session_syn_count = -1;
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
static expert_field ei_ftp_session_wrong_direction = EI_INIT;
static expert_field ei_ftp_session_data_unanswered = EI_INIT;
static expert_field ei_ftp_session_size_mismatch = EI_INIT;
static expert_field ei_ftp_session_bounce = EI_INIT;
static expert_field ei_ftp_session_other_port = EI_INIT;

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
    { FTP_MODE_DEFAULT, "Default data port" },
    { FTP_MODE_NOT_CAPTURED, "Announcement not captured" },
    { 0, NULL }
};

static const value_string evidence_vals[] = {
    { FTP_EVIDENCE_ANNOUNCED, "Announced" },
    { FTP_EVIDENCE_OTHER_ADDRESS, "Announced with another address (NAT)" },
    { FTP_EVIDENCE_INFERRED, "Inferred" },
    { FTP_EVIDENCE_AFTERWARDS, "Worked out afterwards" },
    { 0, NULL }
};

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

static const value_string direction_vals[] = {
    { FTP_TO_CLIENT, "To the client" },
    { FTP_TO_SERVER, "To the server" },
    { 0, NULL }
};

/* How the data connection came about. */
static void
show_setup(const ftp_expect_t *expect, const ftp_view_t *view, proto_tree *tree, tvbuff_t *tvb)
{
    bool is_confirmed = view && view->data->confirmed;

    if (is_confirmed)
        add_uint(tree, hf_ftp_session_transfer, tvb, view->ordinal);
    if (expect) {
        add_uint(tree, hf_ftp_session_mode, tvb, expect->mode);
        add_uint(tree, hf_ftp_session_setup_frame, tvb, expect->frame);
    } else if (view) {
        add_uint(tree, hf_ftp_session_mode, tvb, ftp_data_mode(view->data));
    }
    if (is_confirmed)
        add_uint(tree, hf_ftp_session_evidence, tvb, view->evidence);
    if (is_confirmed && ftp_view_direction(view) != FTP_DIRECTION_UNKNOWN)
        add_uint(tree, hf_ftp_session_direction, tvb, ftp_view_direction(view));
}

/* What is known of the transfer by now: in later passes, all. */
static void
show_transfer(const ftp_transfer_t *transfer, proto_tree *tree, tvbuff_t *tvb)
{
    if (transfer->command_frame) {
        add_string(tree, hf_ftp_session_command, tvb, transfer->name);
        add_string(tree, hf_ftp_session_path, tvb, transfer->path);
        add_uint(tree, hf_ftp_session_command_frame, tvb, transfer->command_frame);
    }
    add_type(tree, tvb, transfer->type);
    if (transfer->has_rest)
        add_uint64(tree, hf_ftp_session_rest, tvb, transfer->rest);
    if (transfer->has_expected)
        add_uint64(tree, hf_ftp_session_size_expected, tvb, transfer->expected);
    if (transfer->outcome != FTP_UNDECIDED && ftp_transfer_moves_data(transfer))
        add_boolean(tree, hf_ftp_session_complete, tvb, transfer->outcome == FTP_COMPLETE);
    if (transfer->reply_code)
        add_uint(tree, hf_ftp_session_reply_code, tvb, transfer->reply_code);
    if (transfer->has_duration)
        add_time(tree, hf_ftp_session_duration, tvb, &transfer->duration);
}

static proto_tree *
transfer_subtree(const ftp_transfer_t *transfer, const packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    proto_item *item;

    if (!tree)
        return NULL;
    tree = proto_tree_add_subtree(tree, tvb, 0, 0, ett_ftp_session_transfer, &item, ftp_describe_transfer(pinfo->pool, transfer));
    proto_item_set_generated(item);
    return tree;
}

static void
show_bytes(const ftp_data_t *data, uint64_t bytes, uint64_t captured, proto_tree *tree, tvbuff_t *tvb)
{
    if (!ftp_data_knows_bytes(data))
        return;
    add_uint64(tree, hf_ftp_session_bytes, tvb, bytes);
    add_uint64(tree, hf_ftp_session_bytes_captured, tvb, captured);
}

/* In later passes, on the one packet that a transfer or announcement has for it. */
static void
show_outcome(const ftp_transfer_t *transfer, const ftp_expect_t *expect, const packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    const ftp_data_t *data = transfer ? ftp_transfer_data(transfer) : expect ? expect->data : NULL;

    if (!PINFO_FD_VISITED(pinfo) || (transfer && !ftp_transfer_moves_data(transfer)) || (!transfer && !expect)
            || ftp_outcome_frame(transfer, expect) != pinfo->num)
        return;
    add_string(tree, hf_ftp_session_outcome, tvb, ftp_outcome_name(transfer, data));
}

/* Of an announcement that nobody has used. */
static void
show_end_of_announcement(const ftp_expect_t *expect, const packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    proto_item *item;

    if (!tree || !PINFO_FD_VISITED(pinfo) || ftp_outcome_frame(NULL, expect) != pinfo->num)
        return;
    tree = proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_ftp_session_transfer, &item, "Announcement of port %u", expect->port);
    proto_item_set_generated(item);
    show_setup(expect, NULL, tree, tvb);
    show_outcome(NULL, expect, pinfo, tree, tvb);
}

/* Whether another event of the transfer follows in the frame. */
static bool
is_last_of_transfer(const ftp_event_t *event)
{
    for (const ftp_event_t *next = event->next; next; next = next->next) {
        if (next->transfer == event->transfer && (next->kind == FTP_EVENT_COMMAND || next->kind == FTP_EVENT_REPLY))
            return false;
    }
    return true;
}

static void
show_transfer_event(const ftp_event_t *event, packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb)
{
    const ftp_transfer_t *transfer = event->transfer;
    const ftp_data_t *data = ftp_transfer_data(transfer);

    tree = transfer_subtree(transfer, pinfo, tree, tvb);
    show_setup(transfer->expect, transfer->expect ? ftp_expect_view(transfer->expect) : data ? &data->view[0] : NULL, tree, tvb);
    show_transfer(transfer, tree, tvb);
    if (event->kind == FTP_EVENT_REPLY && pinfo->num == transfer->reply_frame && data)
        show_bytes(data, ftp_parts_bytes_at(data, pinfo->num), ftp_parts_captured_at(data, pinfo->num), tree, tvb);
    if (!(data && data->confirmed) && is_last_of_transfer(event))
        show_outcome(transfer, NULL, pinfo, tree, tvb);
}

static void
show_announcement(const ftp_expect_t *expect, packet_info *pinfo, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    const ftp_view_t *view = ftp_expect_view(expect);

    add_uint(tree, hf_ftp_session_mode, tvb, expect->mode);
    if (view && view->data->confirmed)
        add_uint(tree, hf_ftp_session_transfer, tvb, view->ordinal);
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
    if (!expect->over && !expect->data && !expect->transfer)
        show_outcome(NULL, expect, pinfo, tree, tvb);
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
    return event->session == session;
}

static void
show_icmp(const ftp_flow_t *flow, const ftp_icmp_t *icmp, packet_info *pinfo, proto_item *item)
{
    const ftp_session_t *session = (const ftp_session_t *)flow;

    expert_add_info_format(pinfo, item, &ei_ftp_session_icmp_error, "%s", ftp_describe_icmp(flow, icmp, pinfo));
    if (!ftp_icmp_is_unreachable(icmp))
        return;
    if (flow->channel == FTP_CHANNEL_DATA) {
        if (icmp->side == 0 && !flow->half[1].syn_frame)
            expert_add_info_format(pinfo, item, &ei_ftp_session_data_refused,
                    "The data connection cannot be opened: %s", ftp_icmp_name(icmp));
    } else if (flow->half[1].syn_frame && !session->tls_from && !ftp_session_greeting_arrived(session)
            && (ftp_icmp_quotes_syn(flow, icmp) || ftp_icmp_quotes_greeting(flow, icmp))) {
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner,
                "No greeting %s the client, and this error tells the %s that the other side is out of reach",
                PINFO_FD_VISITED(pinfo) ? "ever reaches" : "has reached", ftp_side_name(flow, icmp->side));
    }
}

/* In later passes on the last SYN; before, on the packet that ends the wait. */
static void
show_unanswered(const ftp_expect_t *expect, packet_info *pinfo, proto_tree *tree, proto_item *item, tvbuff_t *tvb)
{
    expert_add_info_format(pinfo, item, &ei_ftp_session_data_unanswered, "%s", ftp_describe_unanswered(pinfo->pool, expect));
    add_uint(tree, hf_ftp_session_syn_count, tvb, expect->data->syns);
}

static void
tap_transfer(const ftp_transfer_t *transfer, packet_info *pinfo)
{
    tap_ftp_follow_transfer(transfer, pinfo);
    tap_ftp_graph_transfer(transfer, pinfo);
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
        if (event->kind == FTP_EVENT_REPLY && is_last_of_transfer(event))
            tap_transfer(event->transfer, pinfo);
        break;
    case FTP_EVENT_ANNOUNCEMENT:
        show_announcement(event->expect, pinfo, tree, item, tvb);
        break;
    case FTP_EVENT_UNUSED:
        if (ftp_expect_is_unused(event->expect))
            expert_add_info_format(pinfo, item, &ei_ftp_session_data_unused,
                    "No data connection has used port %u, announced in frame %u", event->expect->port,
                    event->expect->frame);
        else if (!event->expect->data)
            break;
        if (!event->expect->data && !event->expect->transfer)
            show_end_of_announcement(event->expect, pinfo, tree, tvb);
        tap_ftp_session_queue_announcement(pinfo, event->expect);
        break;
    case FTP_EVENT_GREETING:
        show_greeting(session, pinfo, tree, item, tvb);
        break;
    case FTP_EVENT_OTHER_PORT:
        /* Where it is proved while that is not known before. */
        if (PINFO_FD_VISITED(pinfo) == (pinfo->num == session->greeted_in))
            expert_add_info_format(pinfo, item, &ei_ftp_session_other_port, "%s", event->text);
        break;
    case FTP_EVENT_WRONG_WORDS:
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner,
                "The server's first words are not a greeting: %s",
                format_text(pinfo->pool, event->text, strlen(event->text)));
        break;
    case FTP_EVENT_GAVE_UP:
        expert_add_info_format(pinfo, item, &ei_ftp_session_no_banner, "%s", event->text);
        break;
    case FTP_EVENT_REFUSED:
        expert_add_info_format(pinfo, item, &ei_ftp_session_data_refused, "%s", event->text);
        break;
    case FTP_EVENT_INCOMPLETE:
        if (event->transfer->outcome != FTP_COMPLETE)
            expert_add_info_format(pinfo, item, &ei_ftp_session_incomplete, "%s is incomplete: %s",
                    ftp_describe_transfer(pinfo->pool, event->transfer), event->text);
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_UNANSWERED:
        if (!PINFO_FD_VISITED(pinfo) && event->expect->data)
            show_unanswered(event->expect, pinfo, tree, item, tvb);
        tap_ftp_session_queue_announcement(pinfo, event->expect);
        break;
    case FTP_EVENT_SIZE_TOLD:
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_SIZE_MISMATCH:
        expert_add_info_format(pinfo, item, &ei_ftp_session_size_mismatch, "%s: %s",
                ftp_describe_transfer(pinfo->pool, event->transfer), event->text);
        tap_ftp_session_queue(pinfo, event->transfer);
        break;
    case FTP_EVENT_WRONG_DIRECTION:
        expert_add_info_format(pinfo, item, &ei_ftp_session_wrong_direction, "%s: data comes from the side that should receive it",
                ftp_describe_transfer(pinfo->pool, event->transfer));
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
    if (session->is_twin && ftp_session_is_shown(session->twin))
        add_uint(tree, hf_ftp_session_same_as, tvb, session->twin->id);
    add_string(tree, hf_ftp_session_user, tvb, ftp_session_user(session, pinfo->num, PINFO_FD_VISITED(pinfo)));
    return tree;
}

static void
show_control(const ftp_session_t *session, flow_packet_t *packet, proto_tree *parent)
{
    packet_info *pinfo = packet->pinfo;
    tvbuff_t *tvb = packet->tvb;
    proto_item *item;
    proto_tree *tree;

    if (!ftp_session_is_shown(session))
        return;
    tree = show_session(session, FTP_CHANNEL_CONTROL, pinfo, parent, tvb, &item);
    add_boolean(tree, hf_ftp_session_tls, tvb, ftp_session_is_under_tls(session, pinfo->num));
    tap_ftp_follow_segment(session, packet);
    tap_ftp_graph_segment(session, packet);
    show_events(&session->flow, session, pinfo, tree, item, tvb);
}

static void
show_view(const ftp_view_t *view, packet_info *pinfo, proto_tree *parent, tvbuff_t *tvb)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(view);
    const ftp_data_t *data = view->data;
    proto_item *item;
    proto_tree *tree;

    if (!data->confirmed || !ftp_session_is_shown(view->session))
        return;
    tree = show_session(view->session, FTP_CHANNEL_DATA, pinfo, parent, tvb, &item);
    add_boolean(tree, hf_ftp_session_tls, tvb, data->tls);
    show_setup(view->expect, view, tree, tvb);
    if (transfer)
        show_transfer(transfer, tree, tvb);
    show_bytes(data, ftp_data_bytes_at(data, pinfo->num), ftp_data_captured_at(data, pinfo->num), tree, tvb);
    tap_ftp_graph_data(view, pinfo);
    if (view->expect && view->expect->data == data && PINFO_FD_VISITED(pinfo) && pinfo->num == data->flow.last_frame
            && ftp_data_is_unanswered(data))
        show_unanswered(view->expect, pinfo, tree, item, tvb);
    show_outcome(transfer, view->expect && view->expect->data == data ? view->expect : NULL, pinfo, tree, tvb);
    show_events(&data->flow, view->session, pinfo, tree, item, tvb);
    if (transfer)
        tap_ftp_session_queue(pinfo, transfer);
    else if (view->expect && view->expect->data == data && (data->refused || data->bytes > 0 || data->syns > 1))
        tap_ftp_session_queue_announcement(pinfo, view->expect);
}

static void
show_data(const ftp_data_t *data, flow_packet_t *packet, proto_tree *tree)
{
    show_view(&data->view[0], packet->pinfo, tree, packet->tvb);
    if (!packet->quoted)
        ftp_export_segment(data, packet->pinfo, packet->tvb);
    for (unsigned i = 1; i < data->views; i++)
        show_view(&data->view[i], packet->pinfo, tree, packet->tvb);
}

static void
show_flow(const ftp_flow_t *flow, flow_packet_t *packet)
{
    proto_tree *tree = flow_subtree(packet);

    if (flow->channel == FTP_CHANNEL_CONTROL)
        show_control((const ftp_session_t *)flow, packet, tree);
    else
        show_data((const ftp_data_t *)flow, packet, tree);
}

static void
after_tracked(flow_packet_t *packet)
{
    const ftp_flow_t *flow;

    if (!PINFO_FD_VISITED(packet->pinfo))
        ftp_detect_after(packet);
    flow = ftp_flow_of(packet);
    if (flow)
        show_flow(flow, packet);
}

static const flow_observer_t detector = {
    .proto = &proto_ftp_session,
    .transports = FLOW_TCP,
    .before = ftp_detect_before,
};

const flow_observer_t ftp_tracker = {
    .proto = &proto_ftp_session,
    .transports = FLOW_TCP,
    .by_port = true,
    .after = after_tracked,
};

static void
observe(bool wanted)
{
    void (*change)(const flow_observer_t *) = wanted ? flow_add_observer : flow_remove_observer;

    change(&detector);
    change(&ftp_tracker);
}

/* Conversation filter */

static const ftp_session_t *
session_of_selected(packet_info *pinfo)
{
    const ftp_flow_t *flow = pinfo->ptype == PT_TCP ? ftp_flow_of_pinfo(pinfo) : NULL;
    const ftp_session_t *session;

    if (!flow)
        return NULL;
    session = flow->channel == FTP_CHANNEL_CONTROL ? (const ftp_session_t *)flow : ftp_data_session((const ftp_data_t *)flow);
    return ftp_session_is_shown(session) ? session : NULL;
}

static bool
session_filter_valid(packet_info *pinfo, void *user_data _U_)
{
    return session_of_selected(pinfo) != NULL;
}

static char *
session_filter_build(packet_info *pinfo, void *user_data _U_)
{
    const ftp_session_t *session = session_of_selected(pinfo);

    return session ? ws_strdup_printf("ftp_session.id == %u", session->id) : NULL;
}

/* Registration */

/* Sessions are read from FTP's lines, so without FTP there are none. */
static bool
is_switched_on(void)
{
    return proto_is_protocol_enabled(find_protocol_by_id(proto_ftp_session))
        && proto_is_protocol_enabled(find_protocol_by_id(proto_get_id_by_filter_name("ftp")));
}

/* A file is opened, or what is switched on has changed. */
static void
begin_file(void)
{
    if (!ready)
        return;
    ftp_detect_reset();
    ftp_export_reset();
    observe(is_switched_on());
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
        "Whether a greeting and commands of FTP make a session on a port that is not FTP's", &ftp_recognise_by_content);
    prefs_register_bool_preference(module, "take_over_ports", "Show it as FTP where the port is another protocol's",
        "Whether FTP that is recognised on a port of another protocol is dissected as FTP, which decryption needs",
        &ftp_take_over_ports);
    range_convert_str(wmem_epan_scope(), &ftp_implicit_tls_ports, FTP_IMPLICIT_TLS_PORTS, 65535);
    prefs_register_range_preference(module, "implicit_tls_ports", "Ports of FTP over TLS from the start",
        "Server ports of control connections that begin with TLS", &ftp_implicit_tls_ports, 65535);
    prefs_register_uint_preference(module, "export_max", "Files to export, in all (MB)",
        "How much of a capture's files Export Objects keeps, in megabytes (0: all)", 10, &ftp_store_max);
}

void
proto_register_ftp_session(void)
{
    static hf_register_info hf[] = {
        { &hf_ftp_session_id,
            { "Session", "ftp_session.id", FT_UINT32, BASE_DEC, NULL, 0x0,
              "Sessions are numbered from 0 in the order of their control connections", HFILL }},
        { &hf_ftp_session_channel,
            { "Channel", "ftp_session.channel", FT_UINT8, BASE_DEC, VALS(channel_vals), 0x0,
              "Whether this is the control connection or a data connection", HFILL }},
        { &hf_ftp_session_control_stream,
            { "Control stream", "ftp_session.control_stream", FT_UINT32, BASE_DEC, NULL, 0x0,
              "TCP stream of the control connection", HFILL }},
        { &hf_ftp_session_same_as,
            { "Same session as", "ftp_session.same_as", FT_UINT32, BASE_DEC, NULL, 0x0,
              "Number of the session that is this one, seen on the other side of a NAT", HFILL }},
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
            { "User", "ftp_session.user", FT_STRING, BASE_NONE, NULL, 0x0,
              "User of the session as the command USER gave it; absent before it, and under TLS without keys", HFILL }},
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
              "What the receiver has got so far, captured or acknowledged; retransmissions and TLS are not counted", HFILL }},
        { &hf_ftp_session_bytes_captured,
            { "Bytes captured", "ftp_session.bytes_captured", FT_UINT64, BASE_DEC, NULL, 0x0,
              "Of the bytes carried so far, those that the capture holds", HFILL }},
        { &hf_ftp_session_direction,
            { "Direction", "ftp_session.direction", FT_UINT8, BASE_DEC, VALS(direction_vals), 0x0,
              "Where the data goes, or would go by the command", HFILL }},
        { &hf_ftp_session_duration,
            { "Duration", "ftp_session.duration", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
              "From the first packet of the data connection to its last data", HFILL }},
        { &hf_ftp_session_complete,
            { "Complete", "ftp_session.complete", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
              "Whether the transfer came to its end, by the server's word and by the bytes carried", HFILL }},
        { &hf_ftp_session_outcome,
            { "Outcome", "ftp_session.outcome", FT_STRING, BASE_NONE, NULL, 0x0,
              "What came of the transfer or announcement, once for each, in later passes", HFILL }},
        { &hf_ftp_session_syn_count,
            { "SYNs without an answer", "ftp_session.syn_count", FT_UINT32, BASE_DEC, NULL, 0x0,
              "How many segments that open a connection went to the announced port, with data_unanswered", HFILL }},
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
            { "ftp_session.icmp_error", PI_SEQUENCE, PI_WARN, "ICMP error about a connection of FTP", EXPFILL }},
        { &ei_ftp_session_data_refused,
            { "ftp_session.data_refused", PI_RESPONSE_CODE, PI_WARN, "Data connection refused", EXPFILL }},
        { &ei_ftp_session_data_unused,
            { "ftp_session.data_unused", PI_SEQUENCE, PI_NOTE, "Announced port without a data connection", EXPFILL }},
        { &ei_ftp_session_incomplete,
            { "ftp_session.incomplete", PI_SEQUENCE, PI_WARN, "Incomplete transfer", EXPFILL }},
        { &ei_ftp_session_nat,
            { "ftp_session.nat", PI_PROTOCOL, PI_NOTE, "Announced address differs", EXPFILL }},
        { &ei_ftp_session_data_unanswered,
            { "ftp_session.data_unanswered", PI_RESPONSE_CODE, PI_WARN, "SYNs to the announced port without an answer", EXPFILL }},
        { &ei_ftp_session_size_mismatch,
            { "ftp_session.size_mismatch", PI_PROTOCOL, PI_WARN, "The server tells another size or digest than was transferred",
              EXPFILL }},
        { &ei_ftp_session_wrong_direction,
            { "ftp_session.wrong_direction", PI_PROTOCOL, PI_WARN, "Data from the side that should receive it", EXPFILL }},
        { &ei_ftp_session_bounce,
            { "ftp_session.bounce", PI_SECURITY, PI_WARN, "FTP bounce", EXPFILL }},
        { &ei_ftp_session_other_port,
            { "ftp_session.other_port", PI_PROTOCOL, PI_NOTE, "FTP on a port that Wireshark has for another protocol", EXPFILL }},
    };
    expert_module_t *expert;

    proto_ftp_session = proto_register_protocol("FTP Session", "FTP Session", "ftp_session");
    proto_register_field_array(proto_ftp_session, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert = expert_register_protocol(proto_ftp_session);
    expert_register_field_array(expert, ei, array_length(ei));
    register_preferences();
    register_init_routine(begin_file);
    tap_ftp_session_register();
    tap_ftp_files_register();
    tap_ftp_follow_register(proto_ftp_session);
    tap_ftp_graph_register(proto_ftp_session);
    ftp_export_register(proto_ftp_session);
    register_conversation_filter("ftp_session", "FTP session", session_filter_valid, session_filter_build, NULL);
}

void
proto_reg_handoff_ftp_session(void)
{
    static bool initialized = false;

    if (initialized)
        return;
    initialized = true;
    if (!ftp_native_init())
        return;
    ftp_detect_init();
    ready = true;
    observe(true);
}
