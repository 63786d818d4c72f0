/* ftp-native.c
 * Showing as FTP what Wireshark itself does not recognise: see ftp-native.h
 *
 * Wireshark's own dissectors are set for conversations, never for ports. Stand-ins (standin.h) in front of them
 * arrange what they go by, for those conversations alone.
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
#include <epan/conversation.h>
#include <epan/exceptions.h>
#include <epan/prefs.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls-utils.h>

#include "standin.h"
#include "compat.h"
#include "ftp-data.h"
#include "ftp-export.h"
#include "ftp-flow.h"
#include "ftp-native.h"
#include "ftp-notes.h"
#include "tap-ftp-follow.h"

static int proto_ftp = -1;
static int proto_ftp_data = -1;
static int proto_http = -1;

static dissector_table_t tcp_ports;
static heur_dissector_list_t heuristics;
static bool switched_off;

static dissector_handle_t ftp_handle;
static dissector_handle_t ftp_data_handle;
static dissector_handle_t tls_handle;

static int dissect_control(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_data(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t control_standin = { .name = "ftp_session.control", .dissect = dissect_control, .proto = &proto_ftp_session };
static standin_t data_standin = { .name = "ftp_session.data", .dissect = dissect_data, .proto = &proto_ftp_session };

/* Conversations for which this file has set a dissector of Wireshark's; a set, in file scope. */
static wmem_map_t *arranged;

/* What may carry FTP. */
static int carriers[2];
enum { CARRIER_TCP, CARRIER_TLS };

static void
arrange(conversation_t *conversation, uint32_t frame, dissector_handle_t handle)
{
    conversation_set_dissector_from_frame_number(conversation, frame, handle);
    wmem_map_insert(arranged, conversation, conversation);
}

static bool
is_arranged(packet_info *pinfo)
{
    return wmem_map_size(arranged) > 0 && wmem_map_lookup(arranged, find_conversation_pinfo(pinfo, 0));
}

static bool
is_under_tls(const packet_info *pinfo)
{
    return standin_nearest(pinfo, carriers, array_length(carriers)) == carriers[CARRIER_TLS];
}

static bool
is_native_port(uint16_t port)
{
    return dissector_get_uint_handle(tcp_ports, port) == ftp_data_handle;
}

/* What another dissector shows of a control connection stays, and what a relay's does. */
static bool
leaves_view(const ftp_flow_t *flow)
{
    if (flow->channel == FTP_CHANNEL_CONTROL)
        return switched_off || ((const ftp_session_t *)flow)->overlay;
    return switched_off || ((const ftp_data_t *)flow)->is_relayed;
}

void
ftp_native_data(ftp_data_t *data, uint32_t frame)
{
    conversation_t *conversation = data->flow.conversation;

    if (switched_off || !conversation || conversation_get_dissector(conversation, frame)
            || is_native_port(data->flow.port[0]) || is_native_port(data->flow.port[1]))
        return;
    if (ftp_notes_make(data))
        arrange(conversation, frame, ftp_data_handle);
}

void
ftp_native_count_tls(const ftp_data_t *data, const packet_info *pinfo, uint32_t length)
{
    if (conversation_get_dissector(data->flow.conversation, pinfo->num) == tls_handle)
        ftp_notes_count(data, pinfo, length);
}

void
ftp_native_start_tls(ftp_flow_t *flow, packet_info *pinfo, bool next_frame)
{
    dissector_handle_t application = flow->channel == FTP_CHANNEL_DATA ? ftp_data_handle : ftp_handle;

    if (!tls_handle || leaves_view(flow))
        return;
    if (next_frame)
        ssl_starttls_ack(tls_handle, pinfo, application);
    else
        ssl_starttls_post_ack(tls_handle, pinfo, application);
    /* A dissector that was set for a later frame than the first would win otherwise. */
    if (conversation_get_dissector(flow->conversation, pinfo->num + next_frame) != tls_handle)
        conversation_set_dissector_from_frame_number(flow->conversation, pinfo->num + next_frame, tls_handle);
}

bool
ftp_native_expect_tls(ftp_flow_t *flow, packet_info *pinfo)
{
    if (tls_handle && conversation_get_dissector(flow->conversation, pinfo->num + 1) == tls_handle)
        return true;
    ftp_native_start_tls(flow, pinfo, true);
    return false;
}

void
ftp_native_control(ftp_session_t *session, uint32_t from_frame)
{
    if (!leaves_view(&session->flow))
        arrange(session->flow.conversation, from_frame, ftp_handle);
}

void
ftp_native_leave(ftp_session_t *session, uint32_t from_frame)
{
    if (conversation_get_dissector(session->flow.conversation, from_frame) == ftp_handle
            && wmem_map_lookup(arranged, session->flow.conversation))
        conversation_set_dissector_from_frame_number(session->flow.conversation, from_frame, NULL);
}

bool
ftp_native_is_free_port(uint16_t port)
{
    dissector_handle_t handle = dissector_get_uint_handle(tcp_ports, port);

    return !handle || handle == tls_handle;
}

bool
ftp_native_is_chosen_port(uint16_t port)
{
    return dissector_is_uint_changed(tcp_ports, port);
}

const char *
ftp_native_owner(uint16_t port)
{
    dissector_handle_t handle = dissector_get_uint_handle(tcp_ports, port);

    return handle ? dissector_handle_get_protocol_short_name(handle) : NULL;
}

bool
ftp_native_is_tls_port(uint16_t port)
{
    dissector_handle_t handle = dissector_get_uint_handle(tcp_ports, port);

    return handle && (handle == tls_handle || dissector_handle_get_protocol_index(handle) == proto_http);
}

/*
 * Calls the native dissector, and who else stands in front of it, while a value that it goes by is another one. What it counts in
 * notes that are its own is taken back, if they are given: there it is the segment that counts, not what is in its records.
 */
static int
call_native(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *more, uint32_t *value,
        uint32_t meanwhile, ftp_notes_t *uncounted)
{
    const uint32_t saved_value = *value;
    const ftp_notes_t saved_notes = uncounted ? *uncounted : (ftp_notes_t) { 0 };
    volatile int result = 0;

    *value = meanwhile;
    TRY {
        result = standin_call(standin, tvb, pinfo, tree, more);
    }
    FINALLY {
        *value = saved_value;
        if (uncounted)
            *uncounted = saved_notes;
    }
    ENDTRY;
    return result;
}

/* A port that is taken over is so from the greeting on: the dissector that owns it might wait for more otherwise. */
static bool
may_be_shown(const ftp_session_t *session)
{
    return ftp_session_is_shown(session) || (session->is_strict && !session->judged);
}

static int
dissect_control_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const ftp_flow_t *flow = ftp_flow_of_pinfo(pinfo);

    if (flow && flow->channel == FTP_CHANNEL_CONTROL)
        tap_ftp_follow_decrypted((const ftp_session_t *)flow, pinfo, tvb);
    return standin_call(&control_standin, tvb, pinfo, tree, data);
}

static int
dissect_control(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const ftp_flow_t *flow;

    if (is_under_tls(pinfo))
        return dissect_control_tls(tvb, pinfo, tree, data);
    if (!is_arranged(pinfo))
        return standin_call(&control_standin, tvb, pinfo, tree, data);
    flow = ftp_flow_of_pinfo(pinfo);
    if (!flow || flow->channel != FTP_CHANNEL_CONTROL || !may_be_shown((const ftp_session_t *)flow))
        return 0;
    /* Requests are told from responses by the port that the dissector was called for. */
    return call_native(&control_standin, tvb, pinfo, tree, data, &pinfo->match_uint, flow->port[1], NULL);
}

/* Wireshark's dissector takes the conversation's first frame for the one that announced it. */
static int
call_native_data(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *more, const ftp_data_t *data, ftp_notes_t *uncounted)
{
    uint32_t *setup_frame = &data->flow.conversation->setup_frame;

    return call_native(&data_standin, tvb, pinfo, tree, more, setup_frame,
            data->own_notes ? data->view[0].expect->frame : *setup_frame, uncounted);
}

/* Another dissector that had the conversation before it was FTP data's, or NULL. */
static dissector_handle_t
earlier_dissector(const ftp_flow_t *flow)
{
    dissector_handle_t handle = conversation_get_dissector(flow->conversation, flow->first_frame - 1);

    return handle != ftp_data_handle ? handle : NULL;
}

/* Whether there is a dissector for one of the ports. Decided once for a connection. */
static bool
has_port_dissector(ftp_data_t *data)
{
    const uint16_t *port = data->flow.port;

    if (data->claim == FTP_CLAIM_UNKNOWN)
        data->claim = dissector_get_uint_handle(tcp_ports, port[0]) || dissector_get_uint_handle(tcp_ports, port[1])
            ? FTP_CLAIM_OTHER : FTP_CLAIM_NONE;
    return data->claim == FTP_CLAIM_OTHER;
}

/*
 * Since 4.4 a client's port has no say where the handshake tells which one it is, but by the preference
 * tcp.clientport_dissectors, or if the user has chosen its dissector.
 */
static bool
has_a_say(uint16_t port, uint16_t server_port)
{
    module_t *tcp = prefs_find_module("tcp");

    if (server_port == 0 || port == server_port || dissector_is_uint_changed(tcp_ports, port)
            || !tcp || !prefs_find_preference(tcp, "clientport_dissectors"))
        return true;
    return value_is_in_range(prefs_get_range_value("tcp", "clientport_dissectors"), port);
}

/* Of one port, if the user has chosen its dissector, or if not. */
static int
call_port(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *more, uint16_t port, bool chosen)
{
    return dissector_is_uint_changed(tcp_ports, port) == chosen
        ? dissector_try_uint_with_data(tcp_ports, port, tvb, pinfo, tree, true, more) : 0;
}

/* Those that the user has chosen first; the server's port, if it is known, then the lower one. */
static int
call_ports(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *more, const ftp_flow_t *flow)
{
    const struct tcp_analysis *tcp = ftp_flow_tcp(flow->conversation);
    const uint16_t server = tcp ? tcp->server_port : 0;
    const uint16_t low = MIN(flow->port[0], flow->port[1]), high = MAX(flow->port[0], flow->port[1]);
    const uint16_t ports[] = { server ? server : low, server == low ? high : server ? low : high };
    int result = 0;

    for (unsigned i = 0; result == 0 && i < 2 * array_length(ports); i++) {
        uint16_t port = ports[i % array_length(ports)];

        if (has_a_say(port, server))
            result = call_port(tvb, pinfo, tree, more, port, i < array_length(ports));
    }
    return result;
}

/* As packet-tcp.c by default: the conversation's, then the ports'. */
static int
call_claimant(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *more, ftp_data_t *data)
{
    dissector_handle_t handle = earlier_dissector(&data->flow);
    int result = handle ? call_dissector_only(handle, tvb, pinfo, tree, more) : 0;

    return result != 0 || !has_port_dissector(data) ? result : call_ports(tvb, pinfo, tree, more, &data->flow);
}

/* Whoever claims the payload does so in TCP's place, which would have asked them without naming FTP data. */
static int
ask_others(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *more, ftp_data_t *data)
{
    wmem_list_frame_t *last = wmem_list_tail(pinfo->layers);
    bool is_named = last && GPOINTER_TO_INT(wmem_list_frame_data(last)) == proto_ftp_data;
    heur_dtbl_entry_t *entry;
    int result;

    if (is_named) {
        wmem_list_remove_frame(pinfo->layers, last);
        pinfo->curr_layer_num--;
    }
    result = call_claimant(tvb, pinfo, tree, more, data);
    if (result == 0 && dissector_try_heuristic(heuristics, tvb, pinfo, tree, &entry, more))
        result = (int)tvb_captured_length(tvb);
    if (is_named && result == 0) {
        wmem_list_append(pinfo->layers, GINT_TO_POINTER(proto_ftp_data));
        pinfo->curr_layer_num++;
    }
    return result;
}

/*
 * Whatever Wireshark would call, had nothing been arranged: what is claimed by another dissector stays with it. Heuristics
 * come last, and may claim any packet.
 */
static int
dissect_data_clear(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *more, ftp_data_t *data)
{
    int result;

    if (!is_arranged(pinfo))
        return standin_call(&data_standin, tvb, pinfo, tree, more);
    if (data->rejected)
        return 0;
    result = ask_others(tvb, pinfo, tree, more, data);
    return result != 0 ? result : call_native_data(tvb, pinfo, tree, more, data, NULL);
}

static void
sum_up(ftp_data_t *data, tvbuff_t *tvb)
{
    uint32_t length = tvb_captured_length(tvb);

    if (!data->digest && data->bytes == 0 && ftp_data_session(data)->digests)
        data->digest = ftp_digest_new(ftp_data_session(data)->digests, &data->digest, NULL);
    if (data->digest)
        ftp_digest_bytes(data->digest, tvb_get_ptr(tvb, 0, length), length);
}

static int
dissect_data_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, ftp_data_t *data)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        data->decrypted = true;
        sum_up(data, tvb);
        ftp_data_from(data, pinfo, pinfo->srcport == data->flow.port[0] ? 0 : 1);
        data->last_payload = pinfo->abs_ts;
        ftp_data_carried(data, pinfo, data->bytes + tvb_reported_length(tvb), data->captured + tvb_reported_length(tvb));
    }
    ftp_export_decrypted(data, pinfo, tvb);
    return call_native_data(tvb, pinfo, tree, NULL, data, data->own_notes ? NULL : ftp_notes_of(data));
}

static int
dissect_data(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    ftp_flow_t *flow = ftp_flow_of_pinfo(pinfo);

    if (!flow || flow->channel != FTP_CHANNEL_DATA)
        return standin_call(&data_standin, tvb, pinfo, tree, data);
    if (is_under_tls(pinfo))
        return dissect_data_tls(tvb, pinfo, tree, (ftp_data_t *)flow);
    return dissect_data_clear(tvb, pinfo, tree, data, (ftp_data_t *)flow);
}

void
ftp_native_reset(void)
{
    switched_off = !standin_is_on(&proto_ftp) || !standin_is_on(&proto_ftp_data);
}

bool
ftp_native_init(void)
{
    proto_ftp = proto_get_id_by_filter_name("ftp");
    proto_ftp_data = proto_get_id_by_filter_name("ftp-data");
    proto_http = proto_get_id_by_filter_name("http");
    tcp_ports = find_dissector_table("tcp.port");
    heuristics = find_heur_dissector_list("tcp");
    ftp_handle = find_dissector("ftp");
    ftp_data_handle = find_dissector("ftp-data");
    tls_handle = find_dissector("tls");
    if (!ftp_handle || !ftp_data_handle)
        return false;
    carriers[CARRIER_TCP] = proto_get_id_by_filter_name("tcp");
    carriers[CARRIER_TLS] = proto_get_id_by_filter_name("tls");
    arranged = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    standin_add(&control_standin, ftp_handle);
    standin_add(&data_standin, ftp_data_handle);
    ftp_notes_init();
    return true;
}
