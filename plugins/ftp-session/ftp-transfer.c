/* ftp-transfer.c
 * Commands that move data, and what comes of them; see ftp-transfer.h
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

#include "ftp-announce.h"
#include "ftp-files.h"
#include "ftp-outcome.h"
#include "ftp-path.h"
#include "ftp-replies.h"
#include "ftp-transfer.h"
#include "ftp-unique.h"
#include "ftp-verify.h"

void (*ftp_transfer_attached_cb)(const ftp_transfer_t *transfer);

void
ftp_transfer_check_direction(const ftp_view_t *view, packet_info *pinfo)
{
    ftp_transfer_t *transfer = ftp_view_transfer(view);
    ftp_direction_t wanted = transfer ? ftp_verb_direction(transfer->verb) : FTP_DIRECTION_UNKNOWN;
    unsigned receiver = ftp_view_server_side(view) ^ (wanted == FTP_TO_CLIENT ? 1 : 0);

    if (wanted == FTP_DIRECTION_UNKNOWN || transfer->wrong_way || view->data->rejected || !view->data->data_from[receiver])
        return;
    transfer->wrong_way = true;
    ftp_add_event(view->session, pinfo, FTP_EVENT_WRONG_DIRECTION)->transfer = transfer;
}

/* The place in the file that the transfer has come to, as far as its offset is known. */
static uint64_t
reached(const ftp_transfer_t *transfer)
{
    return ftp_transfer_bytes(transfer) + (transfer->has_rest ? transfer->rest : 0);
}

/* Fewer bytes than the server has promised; with REST, servers differ in what they promise. */
static bool
falls_short(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    if (!data || !ftp_data_knows_bytes(data) || !transfer->is_promised || !transfer->is_plain || transfer->is_unsure
            || transfer->is_range || (transfer->type != 'I' && transfer->type != 'L')
            || transfer->verb == FTP_LIST || transfer->verb == FTP_NLST || transfer->verb == FTP_MLSD)
        return false;
    /* Bytes from before the capture began are not known. */
    if (!data->count[0].based && !data->count[1].based)
        return false;
    return reached(transfer) < transfer->expected;
}

void
ftp_transfer_forget(ftp_transfer_t *transfer)
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
        ftp_transfer_forget(transfer);
    }
    if (why) {
        ftp_event_t *event = ftp_add_event(transfer->session, pinfo, FTP_EVENT_INCOMPLETE);

        event->transfer = transfer;
        event->text = why;
    }
}

/*
 * Sequence numbers wrap around every 4 GiB. Of a gap in the capture that is larger, they give the length but for a multiple of
 * that: if a number of the server's differs from what was counted by just such a multiple, it is the length.
 */
static void
count_beyond_wrap(const ftp_transfer_t *transfer, packet_info *pinfo, uint64_t said)
{
    ftp_data_t *data = ftp_transfer_data(transfer);

    if (data && !data->tls && data->bytes > 0 && said > data->bytes && (said - data->bytes) % (G_GUINT64_CONSTANT(1) << 32) == 0)
        ftp_data_carried(data, pinfo, said, data->captured);
}

static void
settle_count(const ftp_transfer_t *transfer, packet_info *pinfo)
{
    if (transfer->has_said)
        count_beyond_wrap(transfer, pinfo, transfer->said);
    if (transfer->is_promised && transfer->is_plain && !transfer->has_rest)
        count_beyond_wrap(transfer, pinfo, transfer->expected);
}

static bool
data_went_both_ways(const ftp_data_t *data)
{
    return data->data_from[0] && data->data_from[1];
}

static bool
has_all_that_was_promised(const ftp_transfer_t *transfer)
{
    return transfer->is_promised && reached(transfer) >= transfer->expected;
}

/*
 * The client has sent ABOR and closes a download before the server does: what the server says then (226, and no more, by
 * FileZilla Server) is that it has stopped.
 */
static bool
is_broken_off(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);
    const ftp_view_t *view = data ? transfer->expect ? ftp_expect_view(transfer->expect) : &data->view[0] : NULL;
    const ftp_half_t *client, *server;
    uint32_t end;

    if (!transfer->aborted || !view || ftp_verb_direction(transfer->verb) != FTP_TO_CLIENT)
        return false;
    server = &data->flow.half[ftp_view_server_side(view)];
    client = &data->flow.half[!ftp_view_server_side(view)];
    end = client->fin_frame && (!client->rst_frame || client->fin_frame < client->rst_frame)
        ? client->fin_frame : client->rst_frame;
    return end && (!server->fin_frame || end < server->fin_frame) && !has_all_that_was_promised(transfer);
}

/* Once the server has spoken and the data connection is closed, the outcome is known. */
static void
judge_success(ftp_transfer_t *transfer, packet_info *pinfo)
{
    ftp_data_t *data = ftp_transfer_data(transfer);

    settle_count(transfer, pinfo);
    if (data && !data->tls)
        data->is_elsewhere = ftp_data_is_only_syns(data);
    if (data && data->refused && data->bytes == 0) {
        settle(transfer, pinfo, FTP_INCOMPLETE,
            "The data connection was refused, though the server says that the transfer is complete");
        return;
    }
    if (transfer->wrong_way && !data_went_both_ways(data)) {
        settle(transfer, pinfo, FTP_INCOMPLETE, "The data went the other way");
        return;
    }
    if (data && !ftp_data_is_closed(data) && (transfer->aborted || falls_short(transfer)))
        return;
    if (is_broken_off(transfer)) {
        settle(transfer, pinfo, FTP_INCOMPLETE, "The client has sent ABOR and closed the data connection before the end");
        return;
    }
    if (falls_short(transfer)) {
        settle(transfer, pinfo, FTP_INCOMPLETE, wmem_strdup_printf(wmem_file_scope(),
            "%" PRIu64 " bytes of %" PRIu64 " were carried, though the server says it is complete",
            reached(transfer), transfer->expected));
    } else {
        settle(transfer, pinfo, FTP_COMPLETE, NULL);
    }
}

/* By 425: FileZilla Server says so too of a connection that does not resume the TLS session, after its handshake. */
static const char *
why_refused(const ftp_data_t *data)
{
    return data && data->flow.established_frame && !data->refused ? "The server says that it does not take the data connection"
        : "The server says that there was no data connection";
}

static void
judge_failure(ftp_transfer_t *transfer, packet_info *pinfo)
{
    const char *why = NULL;
    ftp_expect_t *expect = transfer->expect;

    if (transfer->reply_code == 425) {
        ftp_add_event(transfer->session, pinfo, FTP_EVENT_REFUSED)->text = why_refused(ftp_transfer_data(transfer));
    } else if (transfer->reply_code == 225) {
        why = "The server says that no transfer is in progress";
    } else if (transfer->reply_code < 200 && !transfer->aborted) {
        why = "The client closed the data connection before the end";
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

/* What moves no data succeeds in its own words: RNFR by 350. */
static bool
is_success(const ftp_transfer_t *transfer)
{
    return ftp_verb_is_about_file(transfer->verb) ? transfer->reply_code >= 200 && transfer->reply_code < 400
        : ftp_reply_completes(transfer->reply_code);
}

void
ftp_transfer_finish(ftp_transfer_t *transfer, packet_info *pinfo, const ftp_reply_t *reply)
{
    const unsigned code = reply->code;

    if (transfer->reply_code)
        return;
    transfer->reply_code = code;
    ftp_unique_note(transfer, reply->text, reply->text_length);
    transfer->has_said = ftp_parse_reply_size(reply->text, reply->text_length, &transfer->said);
    transfer->reply_frame = pinfo->num;
    /* The end of the control connection may have overtaken it. */
    if (transfer->outcome == FTP_INCOMPLETE)
        transfer->outcome = FTP_UNDECIDED;
    if (transfer->expect && ftp_expect_view(transfer->expect))
        ftp_transfer_check_direction(ftp_expect_view(transfer->expect), pinfo);
    ftp_add_event(transfer->session, pinfo, FTP_EVENT_REPLY)->transfer = transfer;
    if (ftp_transfer_lacks_parts(transfer))
        ftp_add_event(transfer->session, pinfo, FTP_EVENT_LACKS_PARTS)->transfer = transfer;
    if (is_success(transfer)) {
        judge_success(transfer, pinfo);
        ftp_verify_remember(transfer);
    } else {
        judge_failure(transfer, pinfo);
    }
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

static void
resolve_transfer_path(ftp_transfer_t *transfer)
{
    ftp_session_t *session = transfer->session;
    const char *path = path_argument(transfer);

    if (*path != '\0') {
        transfer->path = ftp_files_resolve(session, path);
    } else if (transfer->verb != FTP_STOU) {
        transfer->path = ftp_files_directory(session);
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
expect_size_known_before(ftp_session_t *session, ftp_transfer_t *transfer)
{
    if (transfer->verb == FTP_RETR) {
        uint64_t size;

        if (ftp_files_size_of(session, transfer->path, &size)) {
            expect_size(transfer, size);
            transfer->promised_by_size = true;
        }
    } else if (transfer->verb == FTP_STOR || transfer->verb == FTP_APPE || transfer->verb == FTP_STOU) {
        transfer->has_append = transfer->verb == FTP_APPE && ftp_files_size_of(session, transfer->path, &transfer->append);
        ftp_files_forget_sizes(session);
        ftp_verify_files_changed(session);
        /* Room that was asked for, which may be more than is needed. */
        transfer->has_expected = session->has_allo;
        transfer->expected = session->allo;
        session->has_allo = false;
    }
}

void
ftp_transfer_attach(ftp_transfer_t *transfer, ftp_expect_t *expect)
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

/* The server has refused the command before it used the connection, if there is one: that stays for the next command. */
static bool
is_left_over(const ftp_expect_t *expect)
{
    const ftp_transfer_t *user = expect->transfer;
    const ftp_data_t *data = expect->data;

    return user && user->reply_code >= 400 && user->reply_code != 425 && !user->started
        && !(data && (data->refused || data->data_from[0] || data->data_from[1] || ftp_data_is_closed(data)));
}

static void
leave_to_next(ftp_expect_t *expect)
{
    expect->transfer->left = expect;
    expect->transfer->expect = NULL;
    expect->transfer = NULL;
}

void
ftp_transfer_begin(ftp_transfer_t *transfer)
{
    ftp_session_t *session = transfer->session;
    ftp_expect_t *expect;
    bool has_records;

    if (transfer->active)
        return;
    transfer->active = true;
    if (ftp_verb_is_about_file(transfer->verb)) {
        resolve_transfer_path(transfer);
        return;
    }
    transfer->type = session->type;
    transfer->mode = session->mode;
    has_records = session->structure && session->structure != 'F';
    transfer->is_plain = (!session->mode || session->mode == 'S') && !has_records;
    transfer->lacks_offset = session->rest_is_lost;
    transfer->is_unsure = transfer->lacks_offset || !session->mode_is_known || !session->structure_is_known;
    transfer->in_blocks = (session->mode == 'B' || session->mode == 'E') && !has_records;
    transfer->has_rest = session->has_rest;
    transfer->rest = session->rest;
    transfer->is_range = session->has_range;
    session->has_rest = false;
    session->has_range = false;
    session->rest_is_lost = false;
    if (transfer->verb != FTP_UNKNOWN)
        resolve_transfer_path(transfer);
    expect_size_known_before(session, transfer);
    expect = transfer->expect ? NULL : announcement_in_use(session);
    if (expect && is_left_over(expect))
        leave_to_next(expect);
    if (expect && !expect->transfer)
        ftp_transfer_attach(transfer, expect);
}

static ftp_transfer_t *
new_transfer(ftp_session_t *session, ftp_verb_t verb, const char *name, uint32_t frame)
{
    ftp_transfer_t *transfer;

    if (ftp_transfer_count == FTP_TRANSFERS_MAX)
        return NULL;
    ftp_transfer_count++;
    transfer = wmem_new0(wmem_file_scope(), ftp_transfer_t);
    transfer->session = session;
    transfer->verb = verb;
    transfer->name = name;
    transfer->command_frame = frame;
    transfer->heard_frame = frame;
    transfer->argument = "";
    add_open_transfer(session, transfer);
    return transfer;
}

ftp_transfer_t *
ftp_transfer_new(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command)
{
    ftp_transfer_t *transfer = new_transfer(session, command->verb, ftp_verb_name(command->verb), pinfo->num);

    if (!transfer)
        return NULL;
    transfer->given = pinfo->abs_ts;
    transfer->argument = ftp_text(wmem_file_scope(), command->argument, command->argument_length);
    /* Until the server comes to it; the directory may be another one by then. */
    transfer->path = session->pending_count > 1 ? path_argument(transfer) : NULL;
    ftp_add_event(session, pinfo, FTP_EVENT_COMMAND)->transfer = transfer;
    return transfer;
}

ftp_transfer_t *
ftp_transfer_new_late(ftp_session_t *session, packet_info *pinfo, const char *name, uint32_t frame, const nstime_t *given)
{
    ftp_transfer_t *transfer = new_transfer(session, FTP_UNKNOWN, name, frame);

    if (!transfer)
        return NULL;
    transfer->heard_frame = frame ? frame : pinfo->num;
    transfer->given = frame ? *given : pinfo->abs_ts;
    ftp_transfer_begin(transfer);
    return transfer;
}

/*
 * With REST, some servers name the file's size, others what is left of it. The latter, where it can't be the size, or where SIZE
 * has told that. REST may be beyond the end, for some servers.
 */
static uint64_t
whole_size(const ftp_transfer_t *transfer, uint64_t size)
{
    bool is_size = transfer->promised_by_size && transfer->expected == size;
    bool is_rest = transfer->has_rest && !is_size && (size < transfer->rest
        || (transfer->promised_by_size && transfer->expected == size + transfer->rest));

    return is_rest ? size + transfer->rest : size;
}

void
ftp_transfer_start(ftp_transfer_t *transfer, packet_info *pinfo, const ftp_reply_t *reply)
{
    uint64_t size;

    transfer->started = true;
    /* Of an upload the server knows but the name, which may hold such words. */
    if (ftp_verb_direction(transfer->verb) != FTP_TO_SERVER && ftp_parse_reply_size(reply->text, reply->text_length, &size)) {
        expect_size(transfer, whole_size(transfer, size));
        transfer->promised_by_size = false;
    }
    ftp_unique_note(transfer, reply->text, reply->text_length);
    ftp_add_event(transfer->session, pinfo, FTP_EVENT_REPLY)->transfer = transfer;
}

void
ftp_transfer_fail(ftp_transfer_t *transfer, packet_info *pinfo)
{
    settle(transfer, pinfo, FTP_INCOMPLETE, NULL);
    ftp_add_event(transfer->session, pinfo, FTP_EVENT_REPLY)->transfer = transfer;
}

/*
 * A firewall forgets a control connection on which nothing is said while a large file is transferred: the server's last word does
 * not arrive, but the file has.
 */
static bool
has_arrived(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    return data && ftp_data_knows_bytes(data) && transfer->is_plain && has_all_that_was_promised(transfer);
}

/* If nothing was heard of the server, its half of the capture is missing; and its last words may be. */
void
ftp_transfer_end_of_session(ftp_session_t *session, packet_info *pinfo)
{
    bool is_heard = session->greeting != FTP_SILENT && !ftp_session_lacks_lines(session, 1);

    while (session->open_transfers) {
        ftp_transfer_t *transfer = session->open_transfers;

        if (is_heard && transfer->active && !transfer->reply_code && ftp_transfer_moves_data(transfer) && !has_arrived(transfer))
            settle(transfer, pinfo, FTP_INCOMPLETE, "The control connection ended without a final reply");
        ftp_transfer_forget(transfer);
    }
}

void
ftp_transfer_data_closed(ftp_transfer_t *transfer, packet_info *pinfo, bool reset)
{
    if (transfer->outcome != FTP_UNDECIDED)
        return;
    if (is_success(transfer))
        judge_success(transfer, pinfo);
    else if (reset && !transfer->aborted && falls_short(transfer))
        settle(transfer, pinfo, FTP_INCOMPLETE, wmem_strdup_printf(wmem_file_scope(),
            "The data connection was reset after %" PRIu64 " of %" PRIu64 " bytes", reached(transfer), transfer->expected));
}
