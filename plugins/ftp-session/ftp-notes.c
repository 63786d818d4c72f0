/* ftp-notes.c
 * What Wireshark's FTP dissector notes about data connections; see ftp-notes.h
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

#include "ftp-notes.h"
#include "ftp-transfer.h"

static int proto_ftp_data = -1;

/* Notes are the conversation's: of several connections in one, they are left to the first. */
static bool
is_alone(const ftp_data_t *data)
{
    return data->flow.conversation
        && conversation_get_proto_data(data->flow.conversation, proto_ftp_session) == &data->flow;
}

ftp_notes_t *
ftp_notes_of(const ftp_data_t *data)
{
    if (!is_alone(data))
        return NULL;
    return (ftp_notes_t *)conversation_get_proto_data(data->flow.conversation, proto_ftp_data);
}

/* Those that we may write to. They are the first session's. */
static ftp_notes_t *
own_notes_of(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    if (data)
        return data->own_notes && ftp_data_session(data) == transfer->session ? ftp_notes_of(data) : NULL;
    return transfer->expect ? (ftp_notes_t *)transfer->expect->native_notes : NULL;
}

static ftp_notes_t *
new_notes(const ftp_view_t *view)
{
    ftp_notes_t *notes = wmem_new0(wmem_file_scope(), ftp_notes_t);

    notes->setup_method = view->expect->mode == FTP_MODE_EPSV ? "EPASV" : ftp_mode_name(view->expect->mode);
    notes->setup_frame = view->expect->frame;
    if (view->session->cwd)
        notes->current_working_directory = wmem_strbuf_new(wmem_file_scope(), view->session->cwd);
    return notes;
}

bool
ftp_notes_make(ftp_data_t *data)
{
    const ftp_view_t *view = &data->view[0];

    if (!is_alone(data))
        return false;
    if (ftp_notes_of(data))
        return true;
    conversation_add_proto_data(data->flow.conversation, proto_ftp_data,
            view->expect->native_notes ? view->expect->native_notes : new_notes(view));
    data->own_notes = true;
    return true;
}

static bool
is_command_of(const ftp_notes_t *notes, const ftp_transfer_t *transfer)
{
    const char *name = ftp_verb_name(transfer->verb);

    return notes->command && notes->command_frame == transfer->command_frame
        && g_ascii_strncasecmp(notes->command, name, strlen(name)) == 0;
}

static void
tell_command(const ftp_transfer_t *transfer)
{
    ftp_notes_t *notes = own_notes_of(transfer);

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
    ftp_notes_t *notes = own_notes_of(transfer);

    if (transfer->command_frame != transfer->session->unread_frame)
        tell_command(transfer);
    else if (notes)
        notes->command = NULL;
}

void
ftp_notes_has_read(ftp_session_t *session, packet_info *pinfo)
{
    const ftp_events_t *events = ftp_events(pinfo);

    session->unread_frame = 0;
    for (const ftp_event_t *event = events ? events->first : NULL; event; event = event->next) {
        if (event->kind == FTP_EVENT_COMMAND && event->session == session)
            tell_command(event->transfer);
    }
}

void
ftp_notes_count(const ftp_data_t *data, const packet_info *pinfo, uint32_t length)
{
    ftp_notes_t *notes = ftp_notes_of(data);

    if (!notes || data->own_notes)
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
ftp_notes_withdraw(const ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data,
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
ftp_notes_init(void)
{
    proto_ftp_data = proto_get_id_by_filter_name("ftp-data");
    ftp_transfer_attached_cb = on_transfer_attached;
}
