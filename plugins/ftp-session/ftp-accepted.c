/* ftp-accepted.c
 * What a command changes once the server has accepted it; see ftp-accepted.h
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

#include "as-of.h"
#include "ftp-accepted.h"
#include "ftp-effect.h"
#include "ftp-files.h"
#include "ftp-number.h"
#include "ftp-pending.h"
#include "ftp-verify.h"

/* Bytes of a reply's code and the end of its line. */
#define FTP_AROUND_TEXT   6

void
ftp_accepted_know_defaults(ftp_session_t *session)
{
    session->mode = 0;
    session->structure = 0;
    session->mode_is_known = true;
    session->structure_is_known = true;
    session->rest_is_lost = false;
}

static void
set_protection(ftp_session_t *session, char level)
{
    session->clear_data = level == 'C';
    session->private_data = level == 'P';
}

/* What data begins with tells. */
static void
forget_protection(ftp_session_t *session)
{
    set_protection(session, 0);
}

/* The default is what most likely is in force; but not where it was not before. */
static char
doubted(char setting, char normal)
{
    return !setting || setting == normal ? 0 : FTP_SETTING_LOST;
}

void
ftp_accepted_forget_settings(ftp_session_t *session)
{
    session->type = 0;
    session->mode = doubted(session->mode, 'S');
    session->structure = doubted(session->structure, 'F');
    session->mode_is_known = false;
    session->structure_is_known = false;
    session->has_rest = false;
    session->has_range = false;
    session->has_allo = false;
    forget_protection(session);
    ftp_files_forget_sizes(session);
}

void
ftp_accepted_start_over(ftp_session_t *session)
{
    ftp_files_forget_directory(session);
    ftp_accepted_forget_settings(session);
}

/* Nobody is logged in any more (RFC 959, REIN; RFC 2228 section 3, AUTH). */
static void
forget_user(ftp_session_t *session, const packet_info *pinfo)
{
    const ftp_user_t nobody = { pinfo->num, NULL };

    session->logged_in = NULL;
    if (session->users)
        as_of_put(session->users, &nobody, sizeof nobody);
}

/* The client need not have waited for the reply before it went on. */
static bool
has_named_next_user(ftp_session_t *session, const ftp_pending_t *command)
{
    for (unsigned place = session->pending_count; place > 0; place--) {
        const ftp_pending_t *waiting = ftp_pending_at(session, place - 1);

        if (waiting->verb == FTP_USER)
            return true;
        if (waiting->verb == command->verb)
            return false;
    }
    return false;
}

static bool
holds_path(const ftp_reply_t *reply)
{
    return memchr(reply->text, '"', reply->text_length) || memchr(reply->text, '/', reply->text_length);
}

/* How the server says that it has changed the directory; most say it in the same words each time, unless they name it. */
static void
changed_directory(ftp_session_t *session, const char *argument, const ftp_reply_t *reply)
{
    ftp_files_changed_directory(session, argument, reply);
    session->cwd_code = reply->code;
    session->cwd_reply_bytes = holds_path(reply) ? 0 : (uint32_t)reply->text_length + FTP_AROUND_TEXT;
}

static bool
is_auth_tls(const char *mechanism)
{
    return g_ascii_strncasecmp(mechanism, "TLS", 3) == 0 || g_ascii_strncasecmp(mechanism, "SSL", 3) == 0;
}

static void
learned_size(ftp_session_t *session, packet_info *pinfo, const char *argument, const ftp_reply_t *reply)
{
    const char *path = ftp_files_learned_size(session, argument, reply);
    uint64_t size;

    if (path && (session->type == 'I' || session->type == 'L') && ftp_files_size_of(session, path, &size))
        ftp_verify_size(session, pinfo, path, "SIZE", size);
}

static void
learned_digest(ftp_session_t *session, packet_info *pinfo, const ftp_pending_t *command, const ftp_reply_t *reply)
{
    ftp_told_t told;

    if (ftp_digest_parse(command->word, reply->text, reply->text_length, &told))
        ftp_verify_digest(session, pinfo, command->argument, command->word, &told);
}

void
ftp_accepted_files_changed(ftp_session_t *session)
{
    ftp_files_forget_sizes(session);
    ftp_verify_files_changed(session);
}

/* RANG begin end, the last byte; a begin behind the end takes it back (draft-bryan-ftp-range, section 3). */
static void
set_range(ftp_session_t *session, const char *argument)
{
    const char *end = argument + strlen(argument);
    const char *second = ftp_next_number(argument, end);
    uint64_t last;

    session->has_range = ftp_parse_number(argument, strlen(argument), &session->rest) && ftp_read_number(second, end, &last)
        && session->rest <= last;
    session->has_rest = session->has_range;
    session->rest_is_lost = false;
}

static char
perhaps_changed(char setting, char normal, const char *argument)
{
    const char wanted = g_ascii_toupper(argument[0]);

    return wanted == (setting ? setting : normal) ? setting : FTP_SETTING_LOST;
}

void
ftp_accepted_perhaps(ftp_session_t *session, const ftp_pending_t *command)
{
    const char *argument = command->argument ? command->argument : "";

    switch (command->verb) {
    case FTP_CDUP:
    case FTP_CWD:
        ftp_accepted_start_over(session);
        break;
    case FTP_MODE:
        session->mode = perhaps_changed(session->mode, 'S', argument);
        break;
    case FTP_PROT:
        forget_protection(session);
        break;
    case FTP_RANG:
    case FTP_REST:
        session->rest_is_lost = true;
        break;
    case FTP_STRU:
        session->structure = perhaps_changed(session->structure, 'F', argument);
        break;
    case FTP_TYPE:
        if (g_ascii_toupper(argument[0]) != session->type) {
            session->type = 0;
            ftp_files_forget_sizes(session);
        }
        break;
    default:
        break;
    }
}

void
ftp_accepted(ftp_session_t *session, packet_info *pinfo, const ftp_pending_t *command, const ftp_reply_t *reply)
{
    const char *argument = command->argument ? command->argument : "";

    switch (command->verb) {
    case FTP_ALLO:
        /* 202: superfluous here */
        session->has_allo = reply->code == 200 && ftp_parse_number(argument, strlen(argument), &session->allo);
        break;
    case FTP_AUTH:
        if (reply->code == 234 && is_auth_tls(argument)) {
            session->auth_frame = pinfo->num;
            forget_user(session, pinfo);
            forget_protection(session);
        }
        break;
    case FTP_CDUP:
        ftp_files_changed_directory(session, "..", reply);
        break;
    case FTP_CWD:
        changed_directory(session, argument, reply);
        break;
    case FTP_HASH:
        learned_digest(session, pinfo, command, reply);
        break;
    case FTP_SITE:
        ftp_accepted_files_changed(session);
        ftp_files_learned_site(session, argument);
        break;
    case FTP_EPRT:
    case FTP_LPRT:
    case FTP_PORT:
    case FTP_SPOR:
        if (command->expect)
            ftp_effect_take(session, pinfo, command->expect);
        break;
    case FTP_MODE:
        session->mode = g_ascii_toupper(argument[0]);
        session->mode_is_known = true;
        break;
    case FTP_USER:
    case FTP_PASS:
        if (reply->code == 230)
            ftp_files_learned_directory(session, reply);
        break;
    case FTP_PROT:
        set_protection(session, g_ascii_toupper(argument[0]));
        break;
    case FTP_PWD:
        ftp_files_learned_directory(session, reply);
        break;
    case FTP_REIN:
        if (!has_named_next_user(session, command))
            forget_user(session, pinfo);
        ftp_accepted_start_over(session);
        ftp_accepted_know_defaults(session);
        break;
    case FTP_RANG:
        set_range(session, argument);
        break;
    case FTP_REST:
        session->has_range = false;
        session->rest_is_lost = false;
        session->has_rest = ftp_parse_number(argument, strlen(argument), &session->rest);
        break;
    case FTP_SIZE:
        if (reply->code == 213)
            learned_size(session, pinfo, command->argument, reply);
        break;
    case FTP_SYST:
        ftp_files_learned_system(session, reply);
        break;
    case FTP_STRU:
        session->structure = g_ascii_toupper(argument[0]);
        session->structure_is_known = true;
        break;
    case FTP_TYPE:
        session->type = g_ascii_toupper(argument[0]);
        break;
    default:
        break;
    }
}
