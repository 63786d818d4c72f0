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
#include <epan/dissectors/packet-tls-utils.h>

#include "standin.h"
#include "compat.h"
#include "ftp-export.h"
#include "ftp-native.h"

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

/*
 * packet-ftp.c's notes about a data connection, which it alone declares; the layout has not changed
 * from 4.0 to 4.6. It makes them when it understands an announcement, and takes a later line from
 * the client for the command. Those that it made without our doing are its own: nothing is written there. Where it
 * does not find the connection, and its payload would be data, we make some, so that its fields and Export Objects are
 * there too.
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

/* Notes are the conversation's: of several connections in one, they are left to the first. */
static bool
is_alone(const ftp_data_t *data)
{
    return data->flow.conversation
        && conversation_get_proto_data(data->flow.conversation, proto_ftp_session) == &data->flow;
}

static native_data_notes_t *
notes_of_conversation(const ftp_data_t *data)
{
    if (!is_alone(data))
        return NULL;
    return (native_data_notes_t *)conversation_get_proto_data(data->flow.conversation, proto_ftp_data);
}

/* Those that we may write to. */
static native_data_notes_t *
own_notes_of(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    if (data)
        return data->own_notes ? notes_of_conversation(data) : NULL;
    return transfer->expect ? (native_data_notes_t *)transfer->expect->native_notes : NULL;
}

static native_data_notes_t *
new_notes(const ftp_data_t *data)
{
    native_data_notes_t *notes = wmem_new0(wmem_file_scope(), native_data_notes_t);

    notes->setup_method = data->expect->mode == FTP_MODE_EPSV ? "EPASV" : ftp_mode_name(data->expect->mode);
    notes->setup_frame = data->expect->frame;
    if (data->session->cwd)
        notes->current_working_directory = wmem_strbuf_new(wmem_file_scope(), data->session->cwd);
    return notes;
}

static void
make_own_notes(ftp_data_t *data)
{
    void *notes = data->expect->native_notes ? data->expect->native_notes : new_notes(data);

    conversation_add_proto_data(data->flow.conversation, proto_ftp_data, notes);
    data->own_notes = true;
}

static bool
is_command_of(const native_data_notes_t *notes, const ftp_transfer_t *transfer)
{
    const char *name = ftp_verb_name(transfer->verb);

    return notes->command && notes->command_frame == transfer->command_frame
        && g_ascii_strncasecmp(notes->command, name, strlen(name)) == 0;
}

static void
tell_command(const ftp_transfer_t *transfer)
{
    native_data_notes_t *notes = own_notes_of(transfer);

    if (!notes || is_command_of(notes, transfer))
        return;
    notes->command = wmem_strdup_printf(wmem_file_scope(), *transfer->argument ? "%s %s" : "%s%s",
            ftp_verb_name(transfer->verb), transfer->argument);
    notes->command_frame = transfer->command_frame;
}

/*
 * Wireshark's dissector ties what it says of a data connection to the frames of the command and of the
 * announcement when it reads a command while there is none in its notes. So it has to find none.
 */
static void
on_transfer_attached(const ftp_transfer_t *transfer)
{
    native_data_notes_t *notes = own_notes_of(transfer);

    if (transfer->command_frame != transfer->session->unread_frame)
        tell_command(transfer);
    else if (notes)
        notes->command = NULL;
}

void
ftp_native_has_read(ftp_session_t *session, packet_info *pinfo)
{
    const ftp_events_t *events = ftp_events(pinfo);

    session->unread_frame = 0;
    for (const ftp_event_t *event = events ? events->first : NULL; event; event = event->next) {
        if (event->kind == FTP_EVENT_COMMAND && event->session == session)
            tell_command(event->transfer);
    }
}

static bool
is_native_port(uint16_t port)
{
    return dissector_get_uint_handle(tcp_ports, port) == ftp_data_handle;
}

void
ftp_native_data(ftp_data_t *data, uint32_t frame)
{
    conversation_t *conversation = data->flow.conversation;

    if (switched_off || !is_alone(data) || conversation_get_dissector(conversation, frame)
            || is_native_port(data->flow.port[0]) || is_native_port(data->flow.port[1]))
        return;
    if (!notes_of_conversation(data))
        make_own_notes(data);
    arrange(conversation, frame, ftp_data_handle);
}

/*
 * A segment of a connection under TLS that Wireshark's dissector itself finds. Without us it would count the segment, as
 * FTP data, in what it says on the command.
 */
void
ftp_native_count_tls(const ftp_data_t *data, const packet_info *pinfo, uint32_t length)
{
    native_data_notes_t *notes = notes_of_conversation(data);

    if (!notes || data->own_notes || conversation_get_dissector(data->flow.conversation, pinfo->num) != tls_handle)
        return;
    if (notes->first_frame_num == 0) {
        notes->first_frame_num = pinfo->num;
        notes->first_frame_time = pinfo->abs_ts;
    }
    notes->last_frame_num = pinfo->num;
    notes->last_frame_time = pinfo->abs_ts;
    notes->frames_seen++;
    notes->bytes_seen += length;
    notes->setup_frame = data->flow.conversation->setup_frame;
}

void
ftp_native_start_tls(ftp_flow_t *flow, packet_info *pinfo, bool next_frame)
{
    dissector_handle_t application = flow->channel == FTP_CHANNEL_DATA ? ftp_data_handle : ftp_handle;

    if (!tls_handle || switched_off)
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

/* Both ends of a conversation as Wireshark makes it for an announcement; the second one's port is open. */
typedef struct native_key {
    address  listener;
    uint16_t port;
    address  peer;
} native_key_t;

static bool
read_announced(const char *line, size_t length, unsigned side, ftp_verb_t *verb, ftp_endpoint_t *endpoint)
{
    ftp_command_t command;
    ftp_reply_t reply;

    memset(endpoint, 0, sizeof *endpoint);
    if (side == 0) {
        ftp_parse_command(line, length, &command);
        *verb = command.verb;
        if (*verb == FTP_PORT)
            ftp_parse_port(command.argument, command.argument_length, endpoint);
        else if (*verb == FTP_EPRT)
            ftp_parse_eprt(command.argument, command.argument_length, endpoint);
    } else {
        ftp_parse_reply(line, length, &reply);
        *verb = reply.code == 227 ? FTP_PASV : reply.code == 229 ? FTP_EPSV : FTP_UNKNOWN;
        if (*verb == FTP_PASV)
            ftp_parse_port(reply.text, reply.text_length, endpoint);
        else if (*verb == FTP_EPSV)
            ftp_parse_epsv(reply.text, reply.text_length, endpoint);
    }
    return endpoint->family != 0 || endpoint->port != 0;
}

#define FTP_DATA_PORT 20

static void
set_native_key(native_key_t *key, const packet_info *pinfo, ftp_verb_t verb, const ftp_endpoint_t *endpoint)
{
    address announced = ADDRESS_INIT_NONE;

    if (endpoint->family != 0)
        set_address(&announced, endpoint->family == 4 ? AT_IPv4 : AT_IPv6, endpoint->family == 4 ? 4 : 16,
                endpoint->address);
    key->port = endpoint->port;
    key->listener = pinfo->src;
    key->peer = pinfo->dst;
    if (verb == FTP_PASV) {
        key->listener = announced;
    } else if (verb == FTP_EPRT) {
        key->peer = announced;
    } else if (verb == FTP_PORT) {
        key->port = FTP_DATA_PORT;
        key->listener = pinfo->dst;
        key->peer = announced;
    }
}

/* A port that no connection has. */
#define NO_PORT_AT_ALL 0

static void *
withdraw_conversation(const native_key_t *key, uint32_t frame)
{
    void *notes = NULL;

    for (;;) {
        conversation_t *conversation = find_conversation(frame, &key->listener, &key->peer, CONVERSATION_TCP,
                key->port, 0, NO_PORT_B);

        if (!conversation || conversation->setup_frame != frame || conversation->options != NO_PORT2
                || !conversation_get_proto_data(conversation, proto_ftp_data))
            return notes;
        notes = conversation_get_proto_data(conversation, proto_ftp_data);
        conversation_set_port2(conversation, NO_PORT_AT_ALL);
    }
}

void
ftp_native_withdraw(const ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data,
        size_t length)
{
    const uint8_t *end = (const uint8_t *)memchr(data, '\n', length);
    const ftp_events_t *events;
    ftp_endpoint_t endpoint;
    ftp_verb_t verb;
    native_key_t key;
    void *notes;

    if (!read_announced((const char *)data, end ? (size_t)(end - data) : length, side, &verb, &endpoint))
        return;
    set_native_key(&key, pinfo, verb, &endpoint);
    notes = withdraw_conversation(&key, pinfo->num);
    events = notes ? ftp_events(pinfo) : NULL;
    for (ftp_event_t *event = events ? events->first : NULL; event; event = event->next) {
        if (event->kind == FTP_EVENT_ANNOUNCEMENT && event->expect->session == session
                && event->expect->port == endpoint.port)
            event->expect->native_notes = notes;
    }
}

void
ftp_native_control(ftp_session_t *session, uint32_t from_frame)
{
    if (!switched_off)
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

    return (!handle || handle == tls_handle) && !dissector_is_uint_changed(tcp_ports, port);
}

bool
ftp_native_is_tls_port(uint16_t port)
{
    dissector_handle_t handle = dissector_get_uint_handle(tcp_ports, port);

    return handle && (handle == tls_handle || dissector_handle_get_protocol_index(handle) == proto_http);
}

ftp_flow_t *
ftp_flow_of_pinfo(packet_info *pinfo)
{
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);

    return conversation ? ftp_flow_find(conversation, (uint16_t)pinfo->srcport, (uint16_t)pinfo->destport) : NULL;
}

/* Wireshark's dissector tells requests from responses by the port that it was called for. */
static int
call_native_control(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const ftp_session_t *session)
{
    uint32_t saved = pinfo->match_uint;
    volatile int result = 0;

    pinfo->match_uint = session->flow.port[1];
    TRY {
        result = standin_call(&control_standin, tvb, pinfo, tree, NULL);
    }
    FINALLY {
        pinfo->match_uint = saved;
    }
    ENDTRY;
    return result;
}

static int
dissect_control(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const ftp_flow_t *flow;

    if (!is_arranged(pinfo) || is_under_tls(pinfo))
        return standin_call(&control_standin, tvb, pinfo, tree, data);
    flow = ftp_flow_of_pinfo(pinfo);

    if (!flow || flow->channel != FTP_CHANNEL_CONTROL || !ftp_session_is_shown((const ftp_session_t *)flow))
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
        result = standin_call(&data_standin, tvb, pinfo, tree, NULL);
    }
    FINALLY {
        conversation->setup_frame = saved;
    }
    ENDTRY;
    return result;
}

/* Another dissector that has the conversation. */
static int
call_earlier(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const ftp_flow_t *flow)
{
    dissector_handle_t handle = conversation_get_dissector(flow->conversation, flow->first_frame - 1);

    return handle && handle != ftp_data_handle ? call_dissector_only(handle, tvb, pinfo, tree, data) : 0;
}

/*
 * Whatever Wireshark would call, had nothing been arranged: what is claimed by another dissector stays with it. As
 * packet-tcp.c by default, ports come before heuristics, and lower ones first.
 */
static int
call_claimant(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const ftp_flow_t *flow)
{
    int result = call_earlier(tvb, pinfo, tree, data, flow);
    heur_dtbl_entry_t *entry;

    if (result == 0)
        result = dissector_try_uint_with_data(tcp_ports, MIN(pinfo->srcport, pinfo->destport), tvb, pinfo, tree, true, data);
    if (result == 0)
        result = dissector_try_uint_with_data(tcp_ports, MAX(pinfo->srcport, pinfo->destport), tvb, pinfo, tree, true, data);
    if (result == 0 && dissector_try_heuristic(heuristics, tvb, pinfo, tree, &entry, data))
        result = (int)tvb_captured_length(tvb);
    return result;
}

static int
dissect_data_clear(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const ftp_flow_t *flow)
{
    int result;

    if (!is_arranged(pinfo))
        return standin_call(&data_standin, tvb, pinfo, tree, data);
    if (((const ftp_data_t *)flow)->rejected)
        return 0;
    result = call_claimant(tvb, pinfo, tree, data, flow);
    return result != 0 ? result : call_native_data(tvb, pinfo, tree, (const ftp_data_t *)flow);
}

/* What Wireshark's notes count is the segment, not what is in its records. */
static int
call_native_uncounted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const ftp_data_t *data)
{
    native_data_notes_t *notes = data->own_notes ? NULL : notes_of_conversation(data);
    native_data_notes_t saved;
    volatile int result = 0;

    if (!notes)
        return call_native_data(tvb, pinfo, tree, data);
    saved = *notes;
    TRY {
        result = call_native_data(tvb, pinfo, tree, data);
    }
    FINALLY {
        *notes = saved;
    }
    ENDTRY;
    return result;
}

static int
dissect_data_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, ftp_data_t *data)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        data->decrypted = true;
        if (data->counterpart)
            data->counterpart->decrypted = true;
        ftp_data_carried(data, pinfo, tvb_reported_length(tvb));
    }
    ftp_export_decrypted(data, pinfo, tvb);
    return call_native_uncounted(tvb, pinfo, tree, data);
}

static int
dissect_data(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    ftp_flow_t *flow = ftp_flow_of_pinfo(pinfo);

    if (!flow || flow->channel != FTP_CHANNEL_DATA)
        return standin_call(&data_standin, tvb, pinfo, tree, data);
    if (is_under_tls(pinfo))
        return dissect_data_tls(tvb, pinfo, tree, (ftp_data_t *)flow);
    return dissect_data_clear(tvb, pinfo, tree, data, flow);
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
    ftp_transfer_attached_cb = on_transfer_attached;
    return true;
}
