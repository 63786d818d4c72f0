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

#include <epan/packet.h>
#include <epan/conversation_filter.h>
#include <epan/prefs.h>
#include <epan/tap.h>

#include "flow.h"
#include "compat.h"
#include "ftp-content.h"
#include "ftp-describe.h"
#include "ftp-detect.h"
#include "ftp-event-items.h"
#include "ftp-export.h"
#include "ftp-flow.h"
#include "ftp-items.h"
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

static bool ready;

static void
show_control(const ftp_session_t *session, flow_packet_t *packet, proto_tree *parent)
{
    packet_info *pinfo = packet->pinfo;
    tvbuff_t *tvb = packet->tvb;
    proto_item *item;
    proto_tree *tree;

    if (!ftp_session_is_shown(session))
        return;
    tree = ftp_items_session(session, FTP_CHANNEL_CONTROL, pinfo, parent, tvb, &item);
    ftp_items_tls(ftp_session_is_under_tls(session, pinfo->num), tree, tvb);
    if (!session->in_tunnel || pinfo->num >= session->flow.first_frame) {
        tap_ftp_follow_segment(session, packet);
        tap_ftp_graph_lines(session, pinfo);
    }
    ftp_events_show(&session->flow, session, pinfo, tree, item, tvb);
}

/* The item says by itself what the connection is for, and what came of it as far as it is known. */
static void
append_transfer(proto_item *item, const ftp_transfer_t *transfer, const ftp_data_t *data, const packet_info *pinfo)
{
    if (!item || !transfer->command_frame)
        return;
    proto_item_append_text(item, ": %s", ftp_describe_transfer(pinfo->pool, transfer));
    if (transfer->outcome != FTP_UNDECIDED && ftp_transfer_moves_data(transfer))
        proto_item_append_text(item, ", %s", ftp_outcome_name(transfer, data));
}

static void
show_view(const ftp_view_t *view, packet_info *pinfo, proto_tree *parent, tvbuff_t *tvb)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(view);
    const ftp_data_t *data = view->data;
    proto_item *item;
    proto_tree *tree;

    if (data->rejected && view->inferred && !PINFO_FD_VISITED(pinfo))
        tap_ftp_session_queue(pinfo, view->inferred);
    if (data->instead_of && pinfo->num == data->flow.first_frame)
        tap_ftp_graph_take_back(data->instead_of, pinfo);
    if (!data->confirmed || !ftp_session_is_shown(view->session))
        return;
    tree = ftp_items_session(view->session, FTP_CHANNEL_DATA, pinfo, parent, tvb, &item);
    ftp_items_tls(data->tls, tree, tvb);
    ftp_items_setup(view->expect, view, tree, tvb);
    if (transfer) {
        append_transfer(item, transfer, data, pinfo);
        ftp_items_transfer(transfer, tree, tvb);
    }
    ftp_items_bytes(data, ftp_data_bytes_at(data, pinfo->num), ftp_data_captured_at(data, pinfo->num), tree, tvb);
    tap_ftp_graph_data(view, pinfo);
    if ((!view->expect || view->expect->data == data) && PINFO_FD_VISITED(pinfo) && pinfo->num == data->flow.last_frame
            && ftp_data_is_unanswered(data))
        ftp_event_unanswered(data, view->expect, pinfo, tree, item, tvb);
    ftp_items_outcome(transfer, view->expect && view->expect->data == data ? view->expect : NULL, pinfo, tree, tvb);
    ftp_events_show(&data->flow, view->session, pinfo, tree, item, tvb);
    if (transfer)
        tap_ftp_session_queue(pinfo, transfer);
    else if (view->expect && view->expect->data == data && (data->refused || data->bytes > 0 || data->syns > 1))
        tap_ftp_session_queue_announcement(pinfo, view->expect);
}

static void
show_data(const ftp_data_t *data, flow_packet_t *packet, proto_tree *tree)
{
    show_view(&data->view[0], packet->pinfo, tree, packet->tvb);
    if (!packet->quoted && (!data->is_relayed || (data->relayed_from && packet->pinfo->num >= data->relayed_from)))
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
    const ftp_flow_t *flow = PINFO_FD_VISITED(packet->pinfo) ? ftp_flow_of(packet) : ftp_detect_after(packet);
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
        "A greeting that takes longer than this many seconds is noted (0: never)", 10, &ftp_slow_banner_seconds);
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
    proto_ftp_session = proto_register_protocol("FTP Session", "FTP Session", "ftp_session");
    ftp_items_register(proto_ftp_session);
    ftp_events_register(proto_ftp_session);
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
