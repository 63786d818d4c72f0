/* ftp-dialogue.c
 * FTP sessions: what commands and replies mean; see ftp-dialogue.h
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

#include "ftp-accepted.h"
#include "ftp-afterwards.h"
#include "ftp-announce.h"
#include "ftp-commands.h"
#include "ftp-dialogue.h"
#include "ftp-effect.h"
#include "ftp-files.h"
#include "ftp-hosts.h"
#include "ftp-path.h"
#include "ftp-pending.h"
#include "ftp-replies.h"
#include "ftp-said.h"
#include "ftp-transfer.h"
#include "ftp-unique.h"
#include "ftp-verify.h"

/* Bytes of PASV, EPSV or LPSV and CDUP with the end of the line. */
#define FTP_PASSIVE_LINE  6
#define FTP_SHORTEST_CDUP 6
/* Fewer bytes are no two commands. */
#define FTP_TWO_COMMANDS  10

/* What line callbacks get. */
typedef struct line_context {
    ftp_session_t *session;
    packet_info   *pinfo;
} line_context_t;

static void
client_line(void *user, const char *line, size_t length)
{
    line_context_t *context = (line_context_t *)user;
    ftp_session_t *session = context->session;
    ftp_command_t command;

    if (length == 0)
        return;
    ftp_said(session, context->pinfo, false, line, length);
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
    ftp_afterwards_end_latest(session, context->pinfo);
    ftp_command_given(session, context->pinfo, &command);
    ftp_afterwards_heard(session);
    if (session->open_transfers && session->open_transfers->command_frame == context->pinfo->num)
        ftp_afterwards_begin(session->open_transfers);
}

/* RNFR and RNTO make one step (RFC 959, section 4.1.3). */
static void
file_answered(ftp_session_t *session, ftp_transfer_t *transfer, bool good)
{
    const char *renamed = session->renamed;

    if (!ftp_verb_is_about_file(transfer->verb))
        return;
    session->renamed = transfer->verb == FTP_RNFR && good ? transfer->path : NULL;
    /* The 350 that came without a command was of RNFR. */
    session->rest_is_lost = session->rest_is_lost && transfer->verb != FTP_RNTO;
    if (!good || transfer->verb == FTP_RNFR || transfer->verb == FTP_MLST || transfer->verb == FTP_MKD)
        return;
    transfer->renamed = transfer->verb == FTP_RNTO ? renamed : NULL;
    if (!transfer->renamed || !transfer->path) {
        ftp_accepted_files_changed(session);
        return;
    }
    ftp_files_forget_sizes(session);
    ftp_verify_renamed(session, renamed, transfer->path);
}

/* MLST counts octets, whatever TYPE is set (RFC 3659, section 7.5.7). */
static void
learned_fact(ftp_session_t *session, packet_info *pinfo, const ftp_transfer_t *transfer)
{
    if (transfer->verb == FTP_MLST && transfer->path && session->has_size_fact)
        ftp_verify_size(session, pinfo, transfer->path, "MLST", session->size_fact);
}

static void
answer(ftp_session_t *session, packet_info *pinfo, unsigned place, const ftp_reply_t *reply)
{
    ftp_pending_t command = *ftp_pending_at(session, place);

    if (session->verdict == FTP_IS_FTP && reply->code < 400 && ftp_reply_answers(command.verb, reply->code))
        session->answered = true;
    if (command.transfer) {
        ftp_afterwards_end(command.transfer, pinfo, reply->code);
        ftp_transfer_finish(command.transfer, pinfo, reply);
        file_answered(session, command.transfer, reply->code < 400);
        if (command.verb == FTP_MKD && reply->code == 257)
            ftp_files_made_directory(session, command.transfer->argument, reply);
        learned_fact(session, pinfo, command.transfer);
    } else if (reply->code >= 200 && reply->code < 400) {
        ftp_accepted(session, pinfo, &command, reply);
    } else if (command.expect) {
        command.expect->refused = true;
        ftp_expect_forget(command.expect);
    }
    ftp_pending_remove(session, place);
}

/* 421: the server hangs up, whatever it was asked. */
static void
service_ends(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply)
{
    while (session->pending_count > 0) {
        if (ftp_pending_at(session, 0)->transfer)
            ftp_transfer_finish(ftp_pending_at(session, 0)->transfer, pinfo, reply);
        ftp_pending_drop(session, 0);
    }
}

/* Commands whose replies were not captured. */
static void
give_up_oldest(ftp_session_t *session, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const ftp_pending_t *oldest = ftp_pending_at(session, 0);

        if (oldest->transfer)
            ftp_transfer_forget(oldest->transfer);
        ftp_accepted_perhaps(session, oldest);
        ftp_pending_drop(session, 0);
    }
    if (count > 0)
        ftp_pending_begin(session);
}

static bool
may_answer(const ftp_pending_t *command, unsigned code)
{
    const ftp_transfer_t *transfer = command->transfer;

    if (!transfer || ftp_verb_is_about_file(command->verb) || ftp_verb_is_transfer(command->verb))
        return ftp_reply_answers(command->verb, code) && !(transfer && transfer->started && (code == 125 || code == 150));
    /* Others turned out to move data. */
    return ftp_reply_answers(FTP_RETR, code) && !(code == 125 || code == 150);
}

static bool
moves_data(const ftp_pending_t *command)
{
    return command->transfer && !ftp_verb_is_about_file(command->verb);
}

/* Whether a command behind it, which moves no data, waits for a reply with this code. */
static bool
is_asked_behind(ftp_session_t *session, unsigned place, unsigned code)
{
    while (++place < session->pending_count) {
        if (!moves_data(ftp_pending_at(session, place)) && ftp_reply_answers(ftp_pending_at(session, place)->verb, code))
            return true;
    }
    return false;
}

/* A FIN is enough of an end, though bytes before it were not captured. */
static bool
is_under_way(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    return data && data->confirmed && !data->refused && !ftp_data_is_closed(data)
        && !data->flow.half[0].fin_frame && !data->flow.half[1].fin_frame;
}

/*
 * Of a transfer that has begun, not its end but the answer to what was asked meanwhile: a command that the server does not know
 * (500 to 504); and 250, which is CWD's too, while the data connection is open.
 */
static bool
is_for_next(ftp_session_t *session, unsigned place, unsigned code)
{
    const ftp_transfer_t *transfer = ftp_pending_at(session, place)->transfer;

    if (!transfer || !transfer->started || place + 1 == session->pending_count)
        return false;
    if (code == 250)
        return is_under_way(transfer) && is_asked_behind(session, place, code);
    return code >= 500 && code <= 504 && !moves_data(ftp_pending_at(session, place + 1));
}

/*
 * The first command of the queue that the reply can be an answer to; as many as there are, if none. A code that answers no command
 * that moves data is not looked up for each of them.
 */
static unsigned
find_answered(ftp_session_t *session, unsigned code)
{
    const bool is_of_data = ftp_reply_answers(FTP_RETR, code);
    unsigned place = 0;

    for (; place < session->pending_count; place++) {
        const ftp_pending_t *command = ftp_pending_at(session, place);

        if ((is_of_data || !moves_data(command)) && may_answer(command, code) && !is_for_next(session, place, code))
            break;
        if (code < 200 && !is_of_data)
            return session->pending_count;
    }
    return place;
}

/*
 * Commands whose replies were lost must not take those of later ones; but a transfer goes on while others are answered.
 * Returns the place of what is answered then.
 */
static unsigned
skip_unanswered(ftp_session_t *session, unsigned place)
{
    if (place == 0 || (moves_data(ftp_pending_at(session, 0)) && !moves_data(ftp_pending_at(session, place))))
        return place;
    give_up_oldest(session, place);
    return 0;
}

/* Data is moved by a command that was not captured, or is none of those that do. NULL: the capture has too many transfers. */
static ftp_transfer_t *
transfer_of(ftp_session_t *session, packet_info *pinfo, ftp_pending_t *command)
{
    if (!command->transfer)
        command->transfer = ftp_transfer_new_late(session, pinfo, command->word, command->frame, &command->given);
    return command->transfer;
}

static void
transfer_begins(ftp_session_t *session, packet_info *pinfo, ftp_pending_t *command, const ftp_reply_t *reply)
{
    ftp_transfer_t *transfer = transfer_of(session, pinfo, command);

    if (!transfer)
        return;
    ftp_transfer_start(transfer, pinfo, reply);
    ftp_afterwards_begin(transfer);
}

/* Only a transfer can have failed so (RFC 959, section 4.2), and of the client's commands some or all were not captured. */
static bool
tells_of_lost_transfer(const ftp_session_t *session, unsigned code)
{
    bool is_behind = ftp_session_is_behind(session, 0) && !session->flow.half[0].fin_frame;

    return (code == 425 || code == 426) && (session->lost[0] || is_behind || session->verdict == FTP_NO_VERDICT);
}

/*
 * 200 where the transfer is all that was asked for and its data connection has ended: some servers say no more (em-ftpd). Whether
 * a line of the client's is missing must be known.
 */
static bool
ends_lone_transfer(ftp_session_t *session, unsigned code)
{
    const ftp_transfer_t *transfer = ftp_pending_at(session, 0)->transfer;
    const ftp_data_t *data = transfer ? ftp_transfer_data(transfer) : NULL;

    return code == 200 && session->pending_count == 1 && transfer && transfer->started
        && data && (data->flow.half[0].fin_frame || data->flow.half[1].fin_frame)
        && !session->lost[0] && !session->lost[1] && !ftp_session_is_behind(session, 0);
}

/* With no command that it can be an answer to. */
static void
unexpected_reply(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply)
{
    bool has_current = session->current && !session->current->transfer;
    bool is_of_data = ftp_reply_answers(FTP_RETR, reply->code) && reply->code < 400;

    if (reply->code >= 227 && reply->code <= 229) {
        session->explained += FTP_PASSIVE_LINE;
        give_up_oldest(session, session->pending_count);
        return;
    }
    if (session->pending_count > 0) {
        /* Servers have words of their own, but not for transfers. */
        if ((reply->code >= 200 && !moves_data(ftp_pending_at(session, 0))) || ends_lone_transfer(session, reply->code))
            answer(session, pinfo, 0, reply);
        return;
    }
    if (is_of_data && reply->code < 200) {
        transfer_begins(session, pinfo, ftp_pending_add(session), reply);
        return;
    }
    if ((is_of_data && has_current && session->current->data) || tells_of_lost_transfer(session, reply->code)) {
        ftp_transfer_t *transfer = transfer_of(session, pinfo, ftp_pending_add(session));

        if (transfer)
            ftp_transfer_finish(transfer, pinfo, reply);
        ftp_pending_remove(session, 0);
    }
    if (reply->code == 350)
        session->rest_is_lost = true;
    /* The command that was not captured may have been CWD, unless the server has other words for that. */
    if (session->cwd_code && reply->code == 200 && session->cwd_code != 200) {
        session->explained += FTP_TWO_COMMANDS - 1;
        ftp_accepted_forget_settings(session);
    } else if (reply->code == 250 || reply->code == 200) {
        ftp_accepted_start_over(session);
    }
}

/*
 * The client has closed the data connection of a download: Pure-FTPd 1.0.50 says how long it took, with the code that it began
 * with.
 */
static bool
ends_begun_transfer(ftp_session_t *session, const ftp_reply_t *reply)
{
    const ftp_transfer_t *transfer = session->pending_count > 0 ? ftp_pending_at(session, 0)->transfer : NULL;

    return reply->code == 150 && transfer && transfer->started && ftp_reply_tells_duration(reply);
}

static void
match_reply(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply)
{
    unsigned place = find_answered(session, reply->code);

    if (ends_begun_transfer(session, reply)) {
        answer(session, pinfo, 0, reply);
        return;
    }
    if (place == session->pending_count) {
        unexpected_reply(session, pinfo, reply);
        return;
    }
    place = skip_unanswered(session, place);
    if (reply->code >= 200)
        answer(session, pinfo, place, reply);
    else if (moves_data(ftp_pending_at(session, place)) || ftp_verb_is_open(ftp_pending_at(session, place)->verb))
        transfer_begins(session, pinfo, ftp_pending_at(session, place), reply);
}

static void
on_reply(ftp_session_t *session, packet_info *pinfo, const ftp_reply_t *reply)
{
    ftp_endpoint_t endpoint;

    if (ftp_effect_parse(reply->code, reply->text, reply->text_length, &endpoint))
        ftp_effect_by_server(session, pinfo, reply->code, &endpoint);
    else if (session->has_multiline_endpoint && reply->code == session->multiline)
        ftp_effect_by_server(session, pinfo, reply->code, &session->multiline_endpoint);
    session->has_multiline_endpoint = false;
    session->multiline = 0;
    if (reply->code == 421)
        service_ends(session, pinfo, reply);
    else
        match_reply(session, pinfo, reply);
    session->has_size_fact = false;
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
        ftp_accepted_know_defaults(session);
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
line_within_reply(ftp_session_t *session, packet_info *pinfo, const char *line, size_t length)
{
    ftp_endpoint_t endpoint;

    if (ftp_effect_parse(session->multiline, line, length, &endpoint)) {
        session->has_multiline_endpoint = true;
        session->multiline_endpoint = endpoint;
    }
    else if (session->multiline == 229 && ftp_parse_port(line, length, &endpoint))
        ftp_effect_stripe_by_server(session, pinfo, &endpoint);
    if (session->pending_count > 0 && ftp_pending_at(session, 0)->transfer)
        ftp_unique_note(ftp_pending_at(session, 0)->transfer, line, length);
    if (session->multiline == 211)
        session->digests |= ftp_digests_offered(line, length);
    if (session->multiline == 250 && ftp_parse_size_fact(line, length, &session->size_fact))
        session->has_size_fact = true;
}

/*
 * A line that is no reply stands for one if a command waits: its code is missing or broken. Behind a hole, it goes on with a reply
 * whose beginning was lost.
 */
static void
not_a_reply(ftp_session_t *session, packet_info *pinfo)
{
    ftp_transfer_t *transfer;

    if (!session->fits)
        session->does_not_fit = true;
    if (session->pending_count == 0 || session->lost[1])
        return;
    transfer = ftp_pending_at(session, 0)->transfer;
    if (transfer)
        ftp_transfer_fail(transfer, pinfo);
    ftp_pending_remove(session, 0);
}

/* The last of several lines. */
static bool
ends_reply(const ftp_session_t *session, const ftp_reply_t *reply)
{
    return session->multiline && reply->code == session->multiline && !reply->more;
}

static bool
goes_on(const ftp_session_t *session, const ftp_reply_t *reply)
{
    if (!session->multiline || ends_reply(session, reply))
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
        line_within_reply(session, context->pinfo, line, length);
        return;
    }
    if (length > 0 && !ends_reply(session, &reply))
        ftp_said(session, context->pinfo, true, line, length);
    if (!reply.code) {
        if (length > 0)
            not_a_reply(session, context->pinfo);
        return;
    }
    session->fits = true;
    ftp_afterwards_heard(session);
    if (session->greeting == FTP_SILENT)
        session->in_greeting = first_words(session, context->pinfo, &reply, line, length);
    if (reply.more) {
        session->multiline = reply.code;
        session->multiline_cut = false;
        session->stripes = NULL;
        line_within_reply(session, context->pinfo, reply.text, reply.text_length);
    } else if (session->in_greeting) {
        session->in_greeting = false;
        session->multiline = 0;
    } else {
        on_reply(session, context->pinfo, &reply);
    }
}

/* A reply is missing that is as long as the ones that the server has given to CWD before, and CWD waits for it. */
static bool
is_reply_to_cwd(ftp_session_t *session, uint32_t missing)
{
    return session->pending_count > 0 && ftp_pending_at(session, 0)->verb == FTP_CWD && missing == session->cwd_reply_bytes;
}

static void
take_lost_reply_to_cwd(ftp_session_t *session)
{
    static const ftp_reply_t lost = { .text = "" };
    const char *argument = ftp_pending_at(session, 0)->argument;

    ftp_files_changed_directory(session, argument ? argument : "", &lost);
    ftp_pending_remove(session, 0);
}

/*
 * What the client has acknowledged is lost as well where it has not been captured by now: the replies to commands of the same hole,
 * which are told of later, if a command is the first that follows.
 */
static bool
are_both_lost(const ftp_session_t *session, bool from_client)
{
    return session->lost[0] && (session->lost[1] || (from_client && ftp_session_is_behind(session, 1)))
        && session->lost_bytes >= session->explained + FTP_SHORTEST_CDUP;
}

/*
 * A path that is but a guess would be worse than one that is relative. What was lost may have changed the
 * directory if both a command and its reply are gone, and there is room for such a command; a reply to a lost
 * command gives it away otherwise. Of the commands that wait, the replies may have been lost: the next one is
 * most likely the answer to what was asked last.
 */
static void
lines_lost(void *user, bool from_client, uint32_t missing)
{
    line_context_t *context = (line_context_t *)user;
    ftp_session_t *session = context->session;

    session->lost[from_client ? 0 : 1] = true;
    session->renamed = NULL;
    if (from_client)
        session->lost_bytes += missing;
    if (are_both_lost(session, from_client)) {
        ftp_accepted_start_over(session);
        session->rest_is_lost = true;
    }
    if (from_client)
        return;
    /* The greeting came before all else. */
    if (session->greeting == FTP_SILENT)
        session->greeting = FTP_GREETED;
    session->multiline = 0;
    session->in_greeting = false;
    if (is_reply_to_cwd(session, missing))
        take_lost_reply_to_cwd(session);
    if (session->pending_count > 1)
        give_up_oldest(session, session->pending_count - 1);
}

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

        ftp_lines_init(&session->clear[side], side == 0, line_cb, lines_lost);
        ftp_lines_init(&session->plain[side], side == 0, line_cb, lines_lost);
    }
    return session;
}

void
ftp_session_confirm(ftp_session_t *session)
{
    if (!session->confirmed) {
        session->confirmed = true;
        session->id = ftp_session_count++;
    }
}

void
ftp_session_start_tls(ftp_session_t *session, packet_info *pinfo)
{
    session->fits = true;
    session->tls_from = pinfo->num;
    session->tls_until = 0;
    session->hosts = ftp_hosts_of(session);
    session->hosts->latest = session;
}

void
ftp_session_payload(ftp_session_t *session, packet_info *pinfo, unsigned side, uint32_t seq, const uint8_t *data,
        uint32_t captured, uint32_t length)
{
    line_context_t context = { session, pinfo };

    ftp_lines_segment(&session->clear[side], seq, data, captured, length, &context);
}

/* Lines in the clear begin here, after a SYN or TLS. */
void
ftp_session_lines_begin(ftp_session_t *session, packet_info *pinfo, unsigned side, uint32_t seq)
{
    line_context_t context = { session, pinfo };

    ftp_lines_begin(&session->clear[side], seq, &context);
}

void
ftp_session_acked(ftp_session_t *session, packet_info *pinfo, unsigned by_side, uint32_t ack)
{
    line_context_t context = { session, pinfo };

    ftp_lines_acknowledged(&session->clear[!by_side], ack, &context);
}

void
ftp_session_decrypted(ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data, size_t length)
{
    line_context_t context = { session, pinfo };

    session->decrypted = true;
    ftp_lines_bytes(&session->plain[side], data, length, &context);
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
    ftp_afterwards_end_session(session, pinfo);
    ftp_transfer_end_of_session(session, pinfo);
    if (session->current)
        ftp_expect_over(session->current, pinfo);
}

void
ftp_session_closing(ftp_session_t *session, packet_info *pinfo, unsigned side, bool reset)
{
    line_context_t context = { session, pinfo };

    ftp_lines_finish(&session->clear[side], &context);
    note_giving_up(session, pinfo, side);
    if (!session->closed && (reset || session->flow.half[!side].fin_frame))
        end_session(session, pinfo);
}

void
ftp_dialogue_reset(void)
{
    ftp_session_count = 0;
    ftp_digest_reset();
    ftp_said_reset();
    tcp_stream_reset();
}
