/* ftp-session.c
 * FTP sessions: what commands and replies mean for the state of a session and of its transfers
 *
 * Commands wait in a queue for their final replies (RFC 959, section 5.4). The command at its head is
 * the one that the server is at; a transfer is tied to the announcement that is in effect then, which
 * is right with pipelining too.
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

#include <glib.h>

#include <epan/packet.h>
#include <epan/proto_data.h>
#include <epan/to_str.h>

#include "ftp-session.h"

/* What line callbacks get. */
typedef struct line_context {
    ftp_session_t *session;
    packet_info   *pinfo;
} line_context_t;

uint32_t ftp_tracked_ports[65536 / 32];
unsigned ftp_hosts_count;

void (*ftp_transfer_attached_cb)(const ftp_transfer_t *transfer);

static uint32_t next_session_id;
static size_t path_bytes;
static wmem_map_t *hosts_map;

/* Events */

ftp_events_t *
ftp_events(packet_info *pinfo)
{
    return (ftp_events_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_ftp_session, 0);
}

ftp_event_t *
ftp_add_event(const ftp_session_t *session, packet_info *pinfo, ftp_event_kind_t kind)
{
    ftp_events_t *events = ftp_events(pinfo);
    ftp_event_t *event = wmem_new0(wmem_file_scope(), ftp_event_t);

    event->kind = kind;
    event->session = session;
    if (!events) {
        events = wmem_new0(wmem_file_scope(), ftp_events_t);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_ftp_session, 0, events);
    }
    if (events->count == FTP_EVENTS_MAX)
        return event;   /* of no frame: nobody will see it */
    events->count++;
    if (events->last)
        events->last->next = event;
    else
        events->first = event;
    events->last = event;
    return event;
}

void
ftp_track_port(uint16_t port)
{
    ftp_tracked_ports[port >> 5] |= 1u << (port & 31);
}

/* Hosts */

static guint
hosts_hash(gconstpointer key)
{
    const ftp_hosts_t *hosts = (const ftp_hosts_t *)key;

    /* The order of the two must not matter. */
    return add_address_to_hash(0, &hosts->host[0]) + add_address_to_hash(0, &hosts->host[1]);
}

static gboolean
hosts_equal(gconstpointer a, gconstpointer b)
{
    const ftp_hosts_t *x = (const ftp_hosts_t *)a;
    const ftp_hosts_t *y = (const ftp_hosts_t *)b;

    return (addresses_equal(&x->host[0], &y->host[0]) && addresses_equal(&x->host[1], &y->host[1]))
        || (addresses_equal(&x->host[0], &y->host[1]) && addresses_equal(&x->host[1], &y->host[0]));
}

ftp_hosts_t *
ftp_hosts_find(const address *a, const address *b)
{
    ftp_hosts_t wanted;

    wanted.host[0] = *a;
    wanted.host[1] = *b;
    return (ftp_hosts_t *)wmem_map_lookup(hosts_map, &wanted);
}

static ftp_hosts_t *
hosts_of(ftp_session_t *session)
{
    ftp_hosts_t *hosts = ftp_hosts_find(&session->flow.side[0], &session->flow.side[1]);

    if (!hosts) {
        hosts = wmem_new0(wmem_file_scope(), ftp_hosts_t);
        hosts->host[0] = session->flow.side[0];
        hosts->host[1] = session->flow.side[1];
        wmem_map_insert(hosts_map, hosts, hosts);
        ftp_hosts_count++;
    }
    return hosts;
}

static void
note_passive_port(ftp_hosts_t *hosts, uint16_t port)
{
    if (hosts->high == 0 || port < hosts->low)
        hosts->low = port;
    if (port > hosts->high)
        hosts->high = port;
}

void
ftp_session_reset(void)
{
    memset(ftp_tracked_ports, 0, sizeof ftp_tracked_ports);
    next_session_id = 0;
    path_bytes = 0;
    ftp_hosts_count = 0;
    hosts_map = wmem_map_new(wmem_file_scope(), hosts_hash, hosts_equal);
    ftp_expect_reset();
}

bool
ftp_session_is_shown(const ftp_session_t *session)
{
    return session->confirmed && (session->fits || !session->does_not_fit);
}

bool
ftp_session_greeting_arrived(const ftp_session_t *session)
{
    const ftp_half_t *half = session->flow.half;

    if (session->greeting == FTP_SILENT)
        return false;
    return !half[1].syn_frame || !half[0].has_acked || half[0].acked != half[1].isn + 1;
}

const char *
ftp_session_user(const ftp_session_t *session, uint32_t frame, bool later_pass)
{
    const char *user = NULL;

    if (session->users)
        user = (const char *)wmem_tree_lookup32_le(session->users, frame);
    return user || !later_pass ? user : session->first_user;
}

/* Flows */

ftp_flow_t *
ftp_flow_find(const conversation_t *conversation, uint16_t srcport, uint16_t dstport)
{
    ftp_flow_t *flow = (ftp_flow_t *)conversation_get_proto_data(conversation, proto_ftp_session);

    for (; flow; flow = flow->next) {
        if ((flow->port[0] == srcport && flow->port[1] == dstport)
                || (flow->port[0] == dstport && flow->port[1] == srcport))
            return flow;
    }
    return NULL;
}

void
ftp_flow_hang(ftp_flow_t *flow, conversation_t *conversation)
{
    ftp_flow_t *place = (ftp_flow_t *)conversation_get_proto_data(conversation, proto_ftp_session);
    unsigned count = 1;

    flow->conversation = conversation;
    if (!place) {
        conversation_add_proto_data(conversation, proto_ftp_session, flow);
        return;
    }
    for (; place->next; place = place->next)
        count++;
    if (count < FTP_FLOWS_MAX)
        place->next = flow;
}

/* Transfers */

ftp_data_t *
ftp_transfer_data(const ftp_transfer_t *transfer)
{
    return transfer->expect ? transfer->expect->data : transfer->data;
}

ftp_transfer_t *
ftp_data_transfer(const ftp_data_t *data)
{
    if (!data->expect)
        return data->inferred;
    return data->expect->data == data ? data->expect->transfer : NULL;
}

/* Bytes under TLS that are not decrypted say little about the file. */
bool
ftp_data_knows_bytes(const ftp_data_t *data)
{
    return !data->tls || data->decrypted;
}

const ftp_flow_t *
ftp_data_flow(const ftp_data_t *data)
{
    return data->primary || !data->counterpart ? &data->flow : &data->counterpart->flow;
}

/* Whether everything up to the FIN was captured, or has arrived all the same. */
static bool
has_all(const ftp_half_t *half, const ftp_half_t *other)
{
    return half->fin_frame && ((half->has_next && (int32_t)(half->next - half->fin_seq) >= 0)
        || (other->has_acked && (int32_t)(other->acked - half->fin_seq) >= 0));
}

static bool
data_is_closed(const ftp_data_t *data)
{
    const ftp_half_t *half = ftp_data_flow(data)->half;

    return half[0].rst_frame || half[1].rst_frame || has_all(&half[0], &half[1]) || has_all(&half[1], &half[0]);
}

/* A FIN says how long the stream is, though the last segments may be missing from the capture. */
static uint64_t
bytes_carried(const ftp_data_t *data)
{
    const ftp_half_t *half = ftp_data_flow(data)->half;
    uint64_t bytes = data->bytes;

    for (unsigned side = 0; side < 2 && !data->decrypted; side++) {
        uint32_t sent = half[side].fin_seq - half[side].isn - 1;

        if (has_all(&half[side], &half[!side]) && half[side].syn_frame && sent < 1u << 31 && sent > bytes)
            bytes = sent;
    }
    return bytes;
}

/* Fewer bytes than the server has promised; with REST, servers differ in what they promise. */
static bool
falls_short(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);
    const ftp_half_t *half = data ? ftp_data_flow(data)->half : NULL;

    if (!data || !ftp_data_knows_bytes(data) || !transfer->is_promised || !transfer->is_plain
            || (transfer->type != 'I' && transfer->type != 'L')
            || transfer->verb == FTP_LIST || transfer->verb == FTP_NLST || transfer->verb == FTP_MLSD)
        return false;
    /* Bytes from before the capture began are not known. */
    if (!half[0].syn_frame && !half[1].syn_frame)
        return false;
    return bytes_carried(data) + (transfer->has_rest ? transfer->rest : 0) < transfer->expected;
}

static void
remove_open_transfer(ftp_transfer_t *transfer)
{
    ftp_transfer_t **place = transfer->previous_open ? &transfer->previous_open->next_open
        : &transfer->session->open_transfers;

    if (*place != transfer)
        return;
    *place = transfer->next_open;
    if (transfer->next_open)
        transfer->next_open->previous_open = transfer->previous_open;
    transfer->next_open = NULL;
    transfer->previous_open = NULL;
}

static void
add_open_transfer(ftp_session_t *session, ftp_transfer_t *transfer)
{
    transfer->next_open = session->open_transfers;
    if (session->open_transfers)
        session->open_transfers->previous_open = transfer;
    session->open_transfers = transfer;
}

static void
settle(ftp_transfer_t *transfer, packet_info *pinfo, ftp_outcome_t outcome, const char *why)
{
    if (transfer->outcome == FTP_UNDECIDED) {
        transfer->outcome = outcome;
        remove_open_transfer(transfer);
    }
    if (why) {
        ftp_event_t *event = ftp_add_event(transfer->session, pinfo, FTP_EVENT_INCOMPLETE);

        event->transfer = transfer;
        event->text = why;
    }
}

/* Once the server has spoken and the data connection is closed, the outcome is known. */
static void
judge_success(ftp_transfer_t *transfer, packet_info *pinfo)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    if (data && data->refused && data->bytes == 0) {
        settle(transfer, pinfo, FTP_INCOMPLETE,
            "The data connection was refused, though the server says that the transfer is complete");
        return;
    }
    if (data && !data_is_closed(data) && falls_short(transfer))
        return;
    if (falls_short(transfer)) {
        settle(transfer, pinfo, FTP_INCOMPLETE, wmem_strdup_printf(wmem_file_scope(),
            "%" PRIu64 " bytes of %" PRIu64 " were carried, though the server says it is complete",
            bytes_carried(data) + (transfer->has_rest ? transfer->rest : 0), transfer->expected));
    } else {
        settle(transfer, pinfo, FTP_COMPLETE, NULL);
    }
}

static void
judge_failure(ftp_transfer_t *transfer, packet_info *pinfo)
{
    const char *why = NULL;
    ftp_expect_t *expect = transfer->expect;

    if (transfer->reply_code == 425) {
        ftp_add_event(transfer->session, pinfo, FTP_EVENT_REFUSED)->text =
            "The server says that there was no data connection";
    } else if (transfer->started || transfer->reply_code == 426 || transfer->reply_code == 451
            || transfer->reply_code == 552) {
        why = transfer->aborted ? wmem_strdup_printf(wmem_file_scope(), "Aborted by the client, reply %u",
                transfer->reply_code)
            : wmem_strdup_printf(wmem_file_scope(), "The server gave up, reply %u", transfer->reply_code);
    }
    /* A refusal to begin with, such as 550, explains itself. */
    if (expect && expect->foreign && !expect->passive && transfer->active
            && (transfer->started || transfer->reply_code == 425)) {
        expect->bounce = true;
        ftp_add_event(transfer->session, pinfo, FTP_EVENT_BOUNCE)->expect = expect;
    }
    settle(transfer, pinfo, FTP_INCOMPLETE, why);
}

static void
note_duration(ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    transfer->has_duration = data && data->bytes > 0;
    if (transfer->has_duration)
        nstime_delta(&transfer->duration, &data->last_payload, &data->flow.opened);
}

static void
finish_transfer(ftp_transfer_t *transfer, packet_info *pinfo, unsigned code)
{
    if (transfer->reply_code)
        return;
    transfer->reply_code = code;
    transfer->reply_frame = pinfo->num;
    /* The end of the control connection may have overtaken it. */
    if (transfer->outcome == FTP_INCOMPLETE)
        transfer->outcome = FTP_UNDECIDED;
    note_duration(transfer);
    ftp_add_event(transfer->session, pinfo, FTP_EVENT_REPLY)->transfer = transfer;
    if (code >= 200 && code < 300)
        judge_success(transfer, pinfo);
    else
        judge_failure(transfer, pinfo);
}

static const char *
path_argument(const ftp_transfer_t *transfer)
{
    const char *path = transfer->argument;

    if (transfer->verb != FTP_LIST && transfer->verb != FTP_NLST)
        return path;
    /* LIST -al dir: options come from the ls that servers once called. */
    while (*path == '-') {
        path += strcspn(path, " ");
        path += strspn(path, " ");
    }
    return path;
}

/* As seen from the working directory, in the memory of the file. */
static const char *
resolve(const ftp_session_t *session, const char *path)
{
    const char *resolved;

    if (session->has_other_paths || path_bytes > FTP_PATHS_MAX)
        return path;
    resolved = ftp_resolve_path(wmem_file_scope(), session->cwd, path);
    path_bytes += strlen(resolved);
    return resolved;
}

static void
resolve_transfer_path(ftp_transfer_t *transfer)
{
    ftp_session_t *session = transfer->session;
    const char *path = path_argument(transfer);

    if (*path != '\0') {
        transfer->path = resolve(session, path);
    } else if (transfer->verb != FTP_STOU) {
        transfer->path = session->cwd;
        if (session->cwd && !session->cwd_is_shared)
            path_bytes += strlen(session->cwd);
        session->cwd_is_shared = true;
    }
}

static void
expect_size(ftp_transfer_t *transfer, uint64_t size)
{
    transfer->has_expected = true;
    transfer->is_promised = true;
    transfer->expected = size;
}

static void
forget_sizes(ftp_session_t *session)
{
    for (unsigned i = 0; session->sizes && i < FTP_SIZES_MAX; i++) {
        wmem_free(wmem_file_scope(), session->sizes[i].path);
        session->sizes[i].path = NULL;
    }
}

static ftp_size_t *
find_size(ftp_session_t *session, const char *path)
{
    for (unsigned i = 0; session->sizes && i < FTP_SIZES_MAX; i++) {
        if (session->sizes[i].path && strcmp(session->sizes[i].path, path) == 0)
            return &session->sizes[i];
    }
    return NULL;
}

static void
expect_size_known_before(ftp_session_t *session, ftp_transfer_t *transfer)
{
    if (transfer->verb == FTP_RETR) {
        const ftp_size_t *size = transfer->path ? find_size(session, transfer->path) : NULL;

        if (size && size->type == session->type)
            expect_size(transfer, size->size);
    } else if (transfer->verb == FTP_STOR || transfer->verb == FTP_APPE || transfer->verb == FTP_STOU) {
        forget_sizes(session);
        /* Room that was asked for, which may be more than is needed. */
        transfer->has_expected = session->has_allo;
        transfer->expected = session->allo;
        session->has_allo = false;
    }
}

static void
attach(ftp_transfer_t *transfer, ftp_expect_t *expect)
{
    transfer->expect = expect;
    expect->transfer = transfer;
    if (ftp_transfer_attached_cb)
        ftp_transfer_attached_cb(transfer);
}

/*
 * The announcement that a transfer uses is the last one, unless the client has connected to an older one since.
 */
static ftp_expect_t *
announcement_in_use(const ftp_session_t *session)
{
    ftp_expect_t *used = session->current;

    if (!used || used->data || !session->open)
        return used;
    for (unsigned i = 0; i < FTP_OPEN_MAX; i++) {
        ftp_expect_t *expect = session->open[i];

        if (expect && expect->data && !expect->data->refused && expect->data->confirmed && !expect->transfer
                && expect->data->flow.first_frame > (used->data ? used->data->flow.first_frame : used->frame))
            used = expect;
    }
    return used;
}

/* The server has come to the command at the head of the queue. */
static void
activate(ftp_session_t *session, const ftp_pending_t *head)
{
    ftp_transfer_t *transfer = head->transfer;
    ftp_expect_t *expect;

    if (!transfer || transfer->active)
        return;
    transfer->active = true;
    transfer->type = session->type;
    transfer->is_plain = (!session->mode || session->mode == 'S') && (!session->structure || session->structure == 'F');
    transfer->has_rest = session->has_rest;
    transfer->rest = session->rest;
    session->has_rest = false;
    resolve_transfer_path(transfer);
    expect_size_known_before(session, transfer);
    expect = announcement_in_use(session);
    if (expect && !expect->transfer)
        attach(transfer, expect);
}

static ftp_transfer_t *
new_transfer(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command)
{
    ftp_transfer_t *transfer = wmem_new0(wmem_file_scope(), ftp_transfer_t);

    transfer->session = session;
    transfer->verb = command->verb;
    transfer->command_frame = pinfo->num;
    transfer->argument = ftp_text(wmem_file_scope(), command->argument, command->argument_length);
    /* Until the server comes to it; the directory may be another one by then. */
    transfer->path = session->pending_count > 1 ? path_argument(transfer) : NULL;
    add_open_transfer(session, transfer);
    ftp_add_event(session, pinfo, FTP_EVENT_COMMAND)->transfer = transfer;
    return transfer;
}

/* Commands that wait for a reply */

static ftp_pending_t *
pending_at(ftp_session_t *session, unsigned place)
{
    return &session->pending[(session->pending_first + place) % session->pending_size];
}

static void
grow_pending(ftp_session_t *session)
{
    uint16_t size = session->pending_size ? session->pending_size * 2 : 4;
    ftp_pending_t *grown = wmem_alloc_array(wmem_file_scope(), ftp_pending_t, size);

    for (unsigned i = 0; i < session->pending_count; i++)
        grown[i] = *pending_at(session, i);
    wmem_free(wmem_file_scope(), session->pending);
    session->pending = grown;
    session->pending_first = 0;
    session->pending_size = size;
}

static void
drop_pending(ftp_session_t *session, unsigned place)
{
    for (; place > 0; place--)
        *pending_at(session, place) = *pending_at(session, place - 1);
    session->pending_first = (session->pending_first + 1) % session->pending_size;
    session->pending_count--;
}

static void
remove_pending(ftp_session_t *session, unsigned place)
{
    drop_pending(session, place);
    if (session->pending_count > 0)
        activate(session, pending_at(session, 0));
}

static ftp_pending_t *
add_pending(ftp_session_t *session)
{
    ftp_pending_t *pending;

    if (session->pending_count == FTP_PENDING_MAX) {
        if (pending_at(session, 0)->transfer)
            remove_open_transfer(pending_at(session, 0)->transfer);
        remove_pending(session, 0);
    }
    if (session->pending_count == session->pending_size)
        grow_pending(session);
    pending = pending_at(session, session->pending_count++);
    memset(pending, 0, sizeof *pending);
    return pending;
}

/* Commands */

static void
announce(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command, ftp_pending_t *pending)
{
    ftp_endpoint_t endpoint;
    const char *text = command->argument;
    size_t length = command->argument_length;

    if (command->verb == FTP_PORT && ftp_parse_port(text, length, &endpoint))
        pending->expect = ftp_expect_add(session, pinfo, FTP_MODE_PORT, &endpoint);
    else if (command->verb == FTP_EPRT && ftp_parse_eprt(text, length, &endpoint))
        pending->expect = ftp_expect_add(session, pinfo, FTP_MODE_EPRT, &endpoint);
    else if (command->verb == FTP_LPRT && ftp_parse_long_port(text, length, &endpoint))
        pending->expect = ftp_expect_add(session, pinfo, FTP_MODE_LPRT, &endpoint);
}

static void
new_user(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command)
{
    char *name = ftp_text(wmem_file_scope(), command->argument, command->argument_length);

    if (!session->users)
        session->users = wmem_tree_new(wmem_file_scope());
    if (!session->first_user)
        session->first_user = name;
    wmem_tree_insert32(session->users, pinfo->num, name);
}

static bool
wants_argument(ftp_verb_t verb)
{
    switch (verb) {
    case FTP_ALLO:
    case FTP_AUTH:
    case FTP_CWD:
    case FTP_MODE:
    case FTP_PROT:
    case FTP_REST:
    case FTP_SIZE:
    case FTP_STRU:
    case FTP_TYPE:
        return true;
    default:
        return false;
    }
}

static void
note_abort(ftp_session_t *session)
{
    for (unsigned i = 0; i < session->pending_count; i++) {
        if (pending_at(session, i)->transfer)
            pending_at(session, i)->transfer->aborted = true;
    }
}

static void
on_command(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command)
{
    ftp_pending_t *pending;

    if (command->verb == FTP_ABOR)
        note_abort(session);
    session->lost[0] = false;
    session->lost[1] = false;
    pending = add_pending(session);
    pending->verb = command->verb;
    pending->frame = pinfo->num;
    if (wants_argument(command->verb))
        pending->argument = ftp_text(wmem_file_scope(), command->argument, command->argument_length);
    if (command->verb == FTP_USER)
        new_user(session, pinfo, command);
    else if (ftp_verb_is_transfer(command->verb) || command->verb == FTP_MLST)
        pending->transfer = new_transfer(session, pinfo, command);
    else
        announce(session, pinfo, command, pending);
    if (session->pending_count == 1)
        activate(session, pending);
}

static void
client_line(void *user, const char *line, size_t length)
{
    line_context_t *context = (line_context_t *)user;
    ftp_session_t *session = context->session;
    ftp_command_t command;

    if (length == 0)
        return;
    if (!ftp_parse_command(line, length, &command)) {
        session->does_not_fit = true;
        if (session->verdict == FTP_NO_VERDICT)
            session->verdict = FTP_IS_OTHER;
        return;
    }
    if (session->verdict == FTP_NO_VERDICT && command.verb != FTP_NOOP && command.verb != FTP_HELP)
        session->verdict = ftp_is_telling(&command) ? FTP_IS_FTP : FTP_IS_OTHER;
    if (command.verb != FTP_UNKNOWN)
        session->fits = true;
    session->multiline_cut = true;
    on_command(session, context->pinfo, &command);
}

/* Replies */

static void
take_effect(ftp_session_t *session, packet_info *pinfo, ftp_expect_t *expect)
{
    if (session->current && session->current != expect)
        ftp_expect_over(session->current, pinfo);
    session->current = expect;
}

static void
announced_by_server(ftp_session_t *session, packet_info *pinfo, unsigned code, const ftp_endpoint_t *endpoint)
{
    ftp_mode_t mode = code == 227 ? FTP_MODE_PASV : code == 229 ? FTP_MODE_EPSV : FTP_MODE_LPSV;

    take_effect(session, pinfo, ftp_expect_add(session, pinfo, mode, endpoint));
    if (session->hosts)
        note_passive_port(session->hosts, endpoint->port);
}

static bool
parse_announcement(unsigned code, const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    switch (code) {
    case 227:
        return ftp_parse_port(text, length, endpoint);
    case 228:
        return ftp_parse_long_port(text, length, endpoint);
    case 229:
        return ftp_parse_epsv(text, length, endpoint);
    default:
        return false;
    }
}

static void
set_directory(ftp_session_t *session, const char *path)
{
    if (!session->cwd_is_shared)
        wmem_free(wmem_file_scope(), (void *)session->cwd);
    session->cwd = path;
    session->cwd_is_shared = false;
}

static void
changed_directory(ftp_session_t *session, const char *path)
{
    if (session->has_other_paths || path_bytes > FTP_PATHS_MAX)
        set_directory(session, NULL);
    else
        set_directory(session, ftp_resolve_path(wmem_file_scope(), session->cwd, path));
}

/* RFC 959, appendix II, has the server say where it is; what it says then need not be like a path of POSIX. */
static void
learned_directory(ftp_session_t *session, char *path)
{
    session->has_other_paths = *path != '/';
    if (session->has_other_paths) {
        wmem_free(wmem_file_scope(), path);
        path = NULL;
    }
    set_directory(session, path);
}

static void
learned_size(ftp_session_t *session, const char *path, const ftp_reply_t *reply)
{
    ftp_size_t *entry;
    char *resolved;
    uint64_t size;

    if (!path || !ftp_parse_number(reply->text, reply->text_length, &size))
        return;
    if (!session->sizes)
        session->sizes = wmem_alloc0_array(wmem_file_scope(), ftp_size_t, FTP_SIZES_MAX);
    resolved = session->has_other_paths ? wmem_strdup(wmem_file_scope(), path)
        : ftp_resolve_path(wmem_file_scope(), session->cwd, path);
    entry = find_size(session, resolved);
    if (!entry)
        entry = &session->sizes[session->sizes_next++ % FTP_SIZES_MAX];
    wmem_free(wmem_file_scope(), entry->path);
    entry->path = resolved;
    entry->size = size;
    entry->type = session->type;
}

static void
start_over(ftp_session_t *session)
{
    set_directory(session, NULL);
    session->type = 0;
    session->mode = 0;
    session->structure = 0;
    session->has_rest = false;
    session->has_allo = false;
    session->clear_data = false;
    forget_sizes(session);
}

static bool
is_auth_tls(const char *mechanism)
{
    return g_ascii_strncasecmp(mechanism, "TLS", 3) == 0 || g_ascii_strncasecmp(mechanism, "SSL", 3) == 0;
}

static void
accepted(ftp_session_t *session, packet_info *pinfo, const ftp_pending_t *command, const ftp_reply_t *reply)
{
    const char *argument = command->argument ? command->argument : "";
    char *path;

    switch (command->verb) {
    case FTP_ALLO:
        /* 202: superfluous here */
        session->has_allo = reply->code == 200 && ftp_parse_number(argument, strlen(argument), &session->allo);
        break;
    case FTP_AUTH:
        if (reply->code == 234 && is_auth_tls(argument)) {
            session->auth_frame = pinfo->num;
            session->clear_data = false;
        }
        break;
    case FTP_CDUP:
        changed_directory(session, "..");
        break;
    case FTP_CWD:
        changed_directory(session, argument);
        break;
    case FTP_DELE:
        forget_sizes(session);
        break;
    case FTP_EPRT:
    case FTP_LPRT:
    case FTP_PORT:
        if (command->expect)
            take_effect(session, pinfo, command->expect);
        break;
    case FTP_MODE:
        session->mode = g_ascii_toupper(argument[0]);
        break;
    case FTP_PROT:
        session->clear_data = g_ascii_toupper(argument[0]) == 'C';
        break;
    case FTP_PWD:
        path = ftp_parse_quoted_path(wmem_file_scope(), reply->text, reply->text_length);
        if (path)
            learned_directory(session, path);
        break;
    case FTP_REIN:
        start_over(session);
        break;
    case FTP_REST:
        session->has_rest = ftp_parse_number(argument, strlen(argument), &session->rest);
        break;
    case FTP_SIZE:
        if (reply->code == 213)
            learned_size(session, command->argument, reply);
        break;
    case FTP_STRU:
        session->structure = g_ascii_toupper(argument[0]);
        break;
    case FTP_TYPE:
        session->type = g_ascii_toupper(argument[0]);
        break;
    default:
        break;
    }
}

static void
note_unique_name(ftp_transfer_t *transfer, const ftp_reply_t *reply)
{
    char *name = transfer->verb == FTP_STOU
        ? ftp_parse_unique_name(wmem_file_scope(), reply->text, reply->text_length) : NULL;

    if (name)
        transfer->path = resolve(transfer->session, name);
}

static void
preliminary_reply(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply)
{
    ftp_transfer_t *transfer = session->pending_count > 0 ? pending_at(session, 0)->transfer : NULL;
    uint64_t size;

    if (!transfer)
        return;
    transfer->started = true;
    if (ftp_parse_reply_size(reply->text, reply->text_length, &size))
        expect_size(transfer, size);
    note_unique_name(transfer, reply);
    ftp_add_event(session, pinfo, FTP_EVENT_REPLY)->transfer = transfer;
}

static bool
is_answered_meanwhile(ftp_verb_t verb, unsigned code)
{
    return (verb == FTP_STAT && code >= 211 && code <= 213) || (verb == FTP_HELP && (code == 211 || code == 214))
        || (verb == FTP_NOOP && code == 200);
}

/* STAT, HELP and NOOP are answered while a transfer goes on. */
static unsigned
index_of_answered(ftp_session_t *session, unsigned code)
{
    const ftp_pending_t *head = pending_at(session, 0);

    if (!head->transfer || head->verb == FTP_MLST)
        return 0;
    for (unsigned i = 1; i < session->pending_count; i++) {
        if (is_answered_meanwhile(pending_at(session, i)->verb, code))
            return i;
    }
    return 0;
}

static void
final_reply(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply)
{
    ftp_pending_t command;
    unsigned place;

    if (session->pending_count == 0) {
        /* The answer to a command that was not captured, which may have been CWD. */
        if (reply->code == 250 || reply->code == 200)
            start_over(session);
        return;
    }
    place = index_of_answered(session, reply->code);
    command = *pending_at(session, place);
    if (command.transfer) {
        finish_transfer(command.transfer, pinfo, reply->code);
    } else if (reply->code >= 200 && reply->code < 400) {
        accepted(session, pinfo, &command, reply);
    } else if (command.expect) {
        command.expect->refused = true;
        ftp_expect_forget(command.expect);
    }
    remove_pending(session, place);
}

/* 421: the server hangs up, whatever it was asked. */
static void
service_ends(ftp_session_t *session, packet_info *pinfo)
{
    while (session->pending_count > 0) {
        if (pending_at(session, 0)->transfer)
            finish_transfer(pending_at(session, 0)->transfer, pinfo, 421);
        drop_pending(session, 0);
    }
}

/* Commands whose replies were not captured. */
static void
give_up_oldest(ftp_session_t *session, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const ftp_pending_t *oldest = pending_at(session, 0);

        if (oldest->transfer)
            remove_open_transfer(oldest->transfer);
        if (oldest->verb == FTP_CWD || oldest->verb == FTP_CDUP)
            start_over(session);
        drop_pending(session, 0);
    }
    if (count > 0)
        activate(session, pending_at(session, 0));
}

/* Whether a reply with this code can be an answer to the command; most codes are of many commands. */
static bool
may_answer(const ftp_pending_t *command, unsigned code)
{
    switch (code) {
    case 125:
    case 150:
        return command->transfer != NULL;
    case 226:
        return command->transfer || command->verb == FTP_ABOR;
    case 221:
        return command->verb == FTP_QUIT;
    case 227:
        return command->verb == FTP_PASV;
    case 228:
        return command->verb == FTP_LPSV;
    case 229:
        return command->verb == FTP_EPSV;
    default:
        return true;
    }
}

/* Commands whose replies were lost must not take those of later ones. */
static void
skip_unanswered(ftp_session_t *session, unsigned code)
{
    unsigned place = 0;

    while (place < session->pending_count && !may_answer(pending_at(session, place), code))
        place++;
    if (place < session->pending_count)
        give_up_oldest(session, place);
}

static void
on_reply(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply)
{
    ftp_endpoint_t endpoint;

    if (parse_announcement(reply->code, reply->text, reply->text_length, &endpoint))
        announced_by_server(session, pinfo, reply->code, &endpoint);
    else if (session->has_multiline_endpoint && reply->code == session->multiline)
        announced_by_server(session, pinfo, reply->code, &session->multiline_endpoint);
    session->has_multiline_endpoint = false;
    session->multiline = 0;
    skip_unanswered(session, reply->code);
    if (reply->code == 421)
        service_ends(session, pinfo);
    else if (reply->code >= 100 && reply->code < 200)
        preliminary_reply(session, pinfo, reply);
    else
        final_reply(session, pinfo, reply);
}

/* Returns whether the reply is what a server says before it is asked anything. */
static bool
first_words(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply, const char *line, size_t length)
{
    if (reply->code == 120)
        return true;
    if (reply->code == 220) {
        session->greeting = FTP_GREETED;
        session->greeting_frame = pinfo->num;
        if (session->flow.established_frame)
            nstime_delta(&session->banner_time, &pinfo->abs_ts, &session->flow.established);
        ftp_add_event(session, pinfo, FTP_EVENT_GREETING);
        return true;
    }
    session->greeting = session->from_start ? FTP_WRONG_WORDS : FTP_GREETED;
    if (session->from_start) {
        ftp_add_event(session, pinfo, FTP_EVENT_WRONG_WORDS)->text =
            ftp_text(wmem_file_scope(), line, length > 80 ? 80 : length);
    }
    return session->from_start;
}

static void
line_within_reply(ftp_session_t *session, const char *line, size_t length)
{
    ftp_endpoint_t endpoint;

    if (parse_announcement(session->multiline, line, length, &endpoint)) {
        session->has_multiline_endpoint = true;
        session->multiline_endpoint = endpoint;
    }
}

/* A line that is no reply stands for one if a command waits: its code is missing or broken. */
static void
not_a_reply(ftp_session_t *session, packet_info *pinfo)
{
    ftp_transfer_t *transfer;

    if (!session->fits)
        session->does_not_fit = true;
    if (session->pending_count == 0)
        return;
    transfer = pending_at(session, 0)->transfer;
    if (transfer) {
        settle(transfer, pinfo, FTP_INCOMPLETE, NULL);
        ftp_add_event(session, pinfo, FTP_EVENT_REPLY)->transfer = transfer;
    }
    remove_pending(session, 0);
}

static bool
goes_on(const ftp_session_t *session, const ftp_reply_t *reply)
{
    if (!session->multiline || (reply->code == session->multiline && !reply->more))
        return false;
    /* An end that never came must not swallow the answer to what was asked since. */
    return !session->multiline_cut || !reply->code || reply->more;
}

static void
server_line(void *user, const char *line, size_t length)
{
    line_context_t *context = (line_context_t *)user;
    ftp_session_t *session = context->session;
    ftp_reply_t reply;

    ftp_parse_reply(line, length, &reply);
    if (goes_on(session, &reply)) {
        line_within_reply(session, line, length);
        return;
    }
    if (!reply.code) {
        if (length > 0)
            not_a_reply(session, context->pinfo);
        return;
    }
    session->fits = true;
    if (session->greeting == FTP_SILENT)
        session->in_greeting = first_words(session, context->pinfo, &reply, line, length);
    if (reply.more) {
        session->multiline = reply.code;
        session->multiline_cut = false;
        line_within_reply(session, reply.text, reply.text_length);
    } else if (session->in_greeting) {
        session->in_greeting = false;
        session->multiline = 0;
    } else {
        on_reply(session, context->pinfo, &reply);
    }
}

/*
 * A path that is but a guess would be worse than one that is relative. What was lost may have changed the
 * directory if both a command and its reply are gone; a reply to a lost command gives it away otherwise. Of
 * the commands that wait, the replies may have been lost: the next one is most likely the answer to what
 * was asked last.
 */
static void
lines_lost(void *user, bool from_client)
{
    line_context_t *context = (line_context_t *)user;
    ftp_session_t *session = context->session;

    session->lost[from_client ? 0 : 1] = true;
    if (session->lost[0] && session->lost[1])
        start_over(session);
    if (from_client)
        return;
    session->multiline = 0;
    session->in_greeting = false;
    if (session->pending_count > 1)
        give_up_oldest(session, session->pending_count - 1);
}

/* Control connections */

ftp_session_t *
ftp_session_new(packet_info *pinfo, const address *client, uint16_t client_port, const address *server,
        uint16_t server_port)
{
    ftp_session_t *session = wmem_new0(wmem_file_scope(), ftp_session_t);

    session->flow.channel = FTP_CHANNEL_CONTROL;
    copy_address_wmem(wmem_file_scope(), &session->flow.side[0], client);
    copy_address_wmem(wmem_file_scope(), &session->flow.side[1], server);
    session->flow.port[0] = client_port;
    session->flow.port[1] = server_port;
    session->flow.first_frame = pinfo->num;
    session->flow.opened = pinfo->abs_ts;
    for (unsigned side = 0; side < 2; side++) {
        ftp_line_cb line_cb = side == 0 ? client_line : server_line;

        ftp_reader_init(&session->clear[side], side == 0, line_cb, lines_lost);
        ftp_reader_init(&session->plain[side], side == 0, line_cb, lines_lost);
    }
    return session;
}

void
ftp_session_confirm(ftp_session_t *session)
{
    if (!session->confirmed) {
        session->confirmed = true;
        session->id = next_session_id++;
    }
}

void
ftp_session_start_tls(ftp_session_t *session, packet_info *pinfo)
{
    session->fits = true;
    session->tls_from = pinfo->num;
    session->tls_until = 0;
    session->hosts = hosts_of(session);
    session->hosts->latest = session;
}

void
ftp_session_payload(ftp_session_t *session, packet_info *pinfo, unsigned side, uint32_t seq, const uint8_t *data,
        uint32_t captured, uint32_t length)
{
    line_context_t context = { session, pinfo };

    ftp_reader_segment(&session->clear[side], seq, data, captured, length, &context);
}

void
ftp_session_acked(ftp_session_t *session, packet_info *pinfo, unsigned by_side, uint32_t ack)
{
    line_context_t context = { session, pinfo };

    ftp_reader_acked(&session->clear[!by_side], ack, &context);
}

void
ftp_session_decrypted(ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data, size_t length)
{
    line_context_t context = { session, pinfo };

    session->decrypted = true;
    ftp_reader_bytes(&session->plain[side], data, length, &context);
}

static void
note_giving_up(ftp_session_t *session, packet_info *pinfo, unsigned side)
{
    nstime_t waited;
    const char *who = "The client gave up";
    const char *why = " without a greeting from the server";

    if (session->gave_up || !session->flow.established_frame || session->tls_from
            || ftp_session_greeting_arrived(session))
        return;
    if (session->greeting != FTP_SILENT && side != 0)
        return;
    session->gave_up = true;
    nstime_delta(&waited, &pinfo->abs_ts, &session->flow.established);
    if (session->greeting != FTP_SILENT) {
        why = ": the server's greeting has not reached it";
    } else if (side != 0) {
        who = "The server ended the connection";
        why = " without a greeting";
    }
    ftp_add_event(session, pinfo, FTP_EVENT_GAVE_UP)->text = wmem_strdup_printf(wmem_file_scope(),
        "%s after %.3f seconds%s", who, nstime_to_sec(&waited), why);
}

static void
end_session(ftp_session_t *session, packet_info *pinfo)
{
    session->closed = true;
    while (session->open_transfers) {
        ftp_transfer_t *transfer = session->open_transfers;

        if (transfer->active && !transfer->reply_code && transfer->verb != FTP_MLST)
            settle(transfer, pinfo, FTP_INCOMPLETE, "The control connection ended without a final reply");
        remove_open_transfer(transfer);
    }
    if (session->current)
        ftp_expect_over(session->current, pinfo);
}

void
ftp_session_closing(ftp_session_t *session, packet_info *pinfo, unsigned side, bool reset)
{
    line_context_t context = { session, pinfo };

    ftp_reader_finish(&session->clear[side], &context);
    note_giving_up(session, pinfo, side);
    if (!session->closed && (reset || session->flow.half[!side].fin_frame))
        end_session(session, pinfo);
}

/* Data connections */

static ftp_data_t *
new_data(ftp_session_t *session, ftp_expect_t *expect, packet_info *pinfo)
{
    ftp_data_t *data = wmem_new0(wmem_file_scope(), ftp_data_t);

    data->flow.channel = FTP_CHANNEL_DATA;
    data->flow.first_frame = pinfo->num;
    data->flow.opened = pinfo->abs_ts;
    data->session = session;
    data->expect = expect;
    return data;
}

/* Most data connections are between the same two addresses as the control connection: share them. */
static void
set_side(ftp_data_t *data, unsigned side, const address *addr, uint16_t port)
{
    data->flow.port[side] = port;
    if (addresses_equal(addr, &data->session->flow.side[0]))
        data->flow.side[side] = data->session->flow.side[0];
    else if (addresses_equal(addr, &data->session->flow.side[1]))
        data->flow.side[side] = data->session->flow.side[1];
    else
        copy_address_wmem(wmem_file_scope(), &data->flow.side[side], addr);
}

static void
note_evidence(ftp_data_t *data)
{
    ftp_expect_t *expect = data->expect;
    bool as_announced = !expect->foreign || addresses_equal(&data->flow.side[1], &expect->announced);
    bool by_peer = expect->fxp || addresses_equal(&data->flow.side[0], ftp_expect_peer(expect));

    data->evidence = as_announced && by_peer ? FTP_EVIDENCE_ANNOUNCED : FTP_EVIDENCE_OTHER_ADDRESS;
    if (!as_announced && !data->expect->passive)
        copy_address_wmem(wmem_file_scope(), &data->session->nat_address, &data->expect->announced);
}

/* The client has asked for a transfer already, and now connects to an older announcement than the last. */
static void
take_over_transfer(ftp_expect_t *expect)
{
    ftp_expect_t *last = expect->session->current;
    ftp_transfer_t *transfer = last ? last->transfer : NULL;

    if (!transfer || expect == last || expect->transfer || expect->passive != last->passive || last->data
            || transfer->reply_code)
        return;
    last->transfer = NULL;
    attach(transfer, expect);
}

/* It has turned out not to be a data connection. */
void
ftp_data_reject(ftp_data_t *data)
{
    if (data->confirmed && data->ordinal == data->session->ordinals)
        data->session->ordinals--;
    data->confirmed = false;
    data->rejected = true;
}

ftp_data_t *
ftp_data_new(ftp_session_t *session, ftp_expect_t *expect, packet_info *pinfo, const address *initiator,
        uint16_t initiator_port, const address *listener, uint16_t listener_port)
{
    ftp_data_t *data = new_data(session, expect, pinfo);

    data->primary = true;
    set_side(data, 0, initiator, initiator_port);
    set_side(data, 1, listener, listener_port);
    if (!expect) {
        data->evidence = FTP_EVIDENCE_INFERRED;
        return data;
    }
    if (expect->data && !expect->data->refused)
        ftp_data_reject(expect->data);
    expect->data = data;
    take_over_transfer(expect);
    note_evidence(data);
    if (expect->pasv && !expect->pasv->data) {
        data->counterpart = new_data(expect->pasv->session, expect->pasv, pinfo);
        data->counterpart->counterpart = data;
        data->counterpart->flow.side[0] = data->flow.side[0];
        data->counterpart->flow.side[1] = data->flow.side[1];
        data->counterpart->evidence = FTP_EVIDENCE_ANNOUNCED;
        expect->pasv->data = data->counterpart;
    }
    return data;
}

static void
stand_for_transfer(ftp_data_t *data)
{
    ftp_transfer_t *transfer = wmem_new0(wmem_file_scope(), ftp_transfer_t);

    transfer->session = data->session;
    transfer->data = data;
    data->inferred = transfer;
}

void
ftp_data_confirm(ftp_data_t *data, packet_info *pinfo)
{
    if (data->confirmed || data->rejected)
        return;
    data->confirmed = true;
    data->confirmed_frame = pinfo->num;
    data->ordinal = ++data->session->ordinals;
    if (!data->expect) {
        stand_for_transfer(data);
        if (data->session->hosts && addresses_equal(&data->flow.side[1], &data->session->flow.side[1]))
            note_passive_port(data->session->hosts, data->flow.port[1]);
    } else if (data->expect->transfer && ftp_transfer_attached_cb) {
        ftp_transfer_attached_cb(data->expect->transfer);
    }
    if (data->counterpart)
        ftp_data_confirm(data->counterpart, pinfo);
}

void
ftp_data_carried(ftp_data_t *data, packet_info *pinfo, uint64_t bytes)
{
    ftp_progress_t progress;

    if (bytes == 0)
        return;
    if (data->bytes == 0)
        data->first_payload = pinfo->abs_ts;
    data->last_payload = pinfo->abs_ts;
    data->bytes += bytes;
    if (!data->progress)
        data->progress = wmem_array_sized_new(wmem_file_scope(), sizeof(ftp_progress_t), 4);
    progress.frame = pinfo->num;
    progress.low = (uint32_t)data->bytes;
    progress.high = (uint32_t)(data->bytes >> 32);
    wmem_array_append_one(data->progress, progress);
    if (data->counterpart) {
        data->counterpart->bytes = data->bytes;
        data->counterpart->progress = data->progress;
        data->counterpart->first_payload = data->first_payload;
        data->counterpart->last_payload = data->last_payload;
    }
}

uint64_t
ftp_data_bytes_at(const ftp_data_t *data, uint32_t frame)
{
    const ftp_progress_t *progress;
    unsigned low = 0;
    unsigned high = data->progress ? wmem_array_get_count(data->progress) : 0;

    if (high == 0)
        return 0;
    progress = (const ftp_progress_t *)wmem_array_get_raw(data->progress);
    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (progress[middle].frame <= frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : (uint64_t)progress[low - 1].high << 32 | progress[low - 1].low;
}

static void
data_closed(ftp_data_t *data, packet_info *pinfo, bool reset)
{
    ftp_transfer_t *transfer = ftp_data_transfer(data);

    if (!transfer || transfer->outcome != FTP_UNDECIDED || transfer->data)
        return;
    if (transfer->reply_code >= 200 && transfer->reply_code < 300)
        judge_success(transfer, pinfo);
    else if (reset && !transfer->aborted && falls_short(transfer))
        settle(transfer, pinfo, FTP_INCOMPLETE, wmem_strdup_printf(wmem_file_scope(),
            "The data connection was reset after %" PRIu64 " of %" PRIu64 " bytes", data->bytes, transfer->expected));
}

/* What was missing of a connection that is being closed may have come. */
void
ftp_data_settled(ftp_data_t *data, packet_info *pinfo)
{
    const ftp_half_t *half = data->flow.half;

    if (!half[0].fin_frame && !half[1].fin_frame)
        return;
    data_closed(data, pinfo, false);
    if (data->counterpart)
        data_closed(data->counterpart, pinfo, false);
}

void
ftp_data_closing(ftp_data_t *data, packet_info *pinfo, unsigned side, bool reset)
{
    if (reset && side == 1 && !data->flow.half[1].syn_frame && data->flow.half[0].syn_frame && data->bytes == 0) {
        if (!data->refused) {
            data->refused = true;
            if (data->counterpart)
                data->counterpart->refused = true;
            ftp_add_event(data->session, pinfo, FTP_EVENT_REFUSED)->text = "The data connection was refused";
            if (data->counterpart)
                ftp_add_event(data->counterpart->session, pinfo, FTP_EVENT_REFUSED)->text =
                    "The data connection was refused";
        }
        return;
    }
    data_closed(data, pinfo, reset);
    if (data->counterpart)
        data_closed(data->counterpart, pinfo, reset);
}
