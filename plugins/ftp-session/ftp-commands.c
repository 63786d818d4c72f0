/* ftp-commands.c
 * What commands mean when they are given; see ftp-commands.h
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

#include "ftp-announce.h"
#include "ftp-commands.h"
#include "ftp-effect.h"
#include "ftp-digest.h"
#include "ftp-outcome.h"
#include "ftp-path.h"
#include "ftp-pending.h"
#include "ftp-replies.h"
#include "ftp-transfer.h"

#define FTP_WORD_MAX 16     /* bytes that are kept of a command that is not known */

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
    else if (command->verb == FTP_SPOR)
        pending->expect = ftp_effect_stripes_by_client(session, pinfo, text, length);
    else if (command->verb == FTP_LPRT && ftp_parse_long_port(text, length, &endpoint))
        pending->expect = ftp_expect_add(session, pinfo, FTP_MODE_LPRT, &endpoint);
}

static void
new_user(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command)
{
    ftp_user_t user = { pinfo->num, ftp_text(wmem_file_scope(), command->argument, command->argument_length) };

    if (!session->users)
        session->users = wmem_array_sized_new(wmem_file_scope(), sizeof user, 1);
    as_of_put(session->users, &user, sizeof user);
}

static bool
wants_argument(ftp_verb_t verb)
{
    switch (verb) {
    case FTP_ALLO:
    case FTP_AUTH:
    case FTP_CWD:
    case FTP_HASH:
    case FTP_MODE:
    case FTP_PROT:
    case FTP_RANG:
    case FTP_REST:
    case FTP_SITE:
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
        if (ftp_pending_at(session, i)->transfer)
            ftp_pending_at(session, i)->transfer->aborted = true;
    }
}

/* With SITE, what is asked for comes second. */
static const char *
command_word(const ftp_command_t *command)
{
    size_t length = command->word_length;
    char *word;

    if (command->verb == FTP_SITE && command->argument_length > 0) {
        length = (size_t)(command->argument - command->word);
        for (size_t i = 0; i < command->argument_length && g_ascii_isalnum(command->argument[i]); i++)
            length++;
    }
    word = ftp_text(wmem_file_scope(), command->word, MIN(length, FTP_WORD_MAX));
    for (char *at = word; *at; at++)
        *at = g_ascii_toupper(*at);
    return word;
}

/* The client's last announcement, to which the reply was not captured: the client would not go on if it had been refused. */
static void
attach_unanswered(ftp_session_t *session, ftp_transfer_t *transfer)
{
    for (unsigned place = session->pending_count - 1; place > 0; place--) {
        const ftp_pending_t *before = ftp_pending_at(session, place - 1);

        if (before->expect && !before->expect->transfer)
            ftp_transfer_attach(transfer, before->expect);
        if (before->expect || (before->transfer && ftp_transfer_moves_data(before->transfer)))
            return;
    }
}

void
ftp_command_given(ftp_session_t *session, packet_info *pinfo, const ftp_command_t *command)
{
    bool is_reply_missing = session->greeting == FTP_SILENT || session->lost[1] || ftp_session_is_behind(session, 1);
    ftp_pending_t *pending;

    if (command->verb == FTP_ABOR)
        note_abort(session);
    session->lost[0] = false;
    session->lost[1] = false;
    session->lost_bytes = 0;
    session->explained = 0;
    pending = ftp_pending_add(session);
    pending->verb = command->verb;
    pending->frame = pinfo->num;
    pending->given = pinfo->abs_ts;
    if (ftp_verb_is_open(command->verb) || command->verb == FTP_HASH)
        pending->word = command_word(command);
    if (wants_argument(command->verb))
        pending->argument = ftp_text(wmem_file_scope(), command->argument, command->argument_length);
    if (command->verb == FTP_HASH)
        session->digests |= ftp_digests_offered(pending->word, strlen(pending->word));
    if (command->verb == FTP_USER)
        new_user(session, pinfo, command);
    else if (ftp_verb_is_transfer(command->verb) || ftp_verb_is_about_file(command->verb))
        pending->transfer = ftp_transfer_new(session, pinfo, command);
    else
        announce(session, pinfo, command, pending);
    if (session->pending_count == 1)
        ftp_pending_begin(session);
    else if (is_reply_missing && pending->transfer && ftp_transfer_moves_data(pending->transfer))
        attach_unanswered(session, pending->transfer);
}
