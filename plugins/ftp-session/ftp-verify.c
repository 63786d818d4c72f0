/* ftp-verify.c
 * Sizes that the server tells after a transfer; see ftp-verify.h
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
#include <epan/to_str.h>

#include "ftp-files.h"
#include "ftp-outcome.h"
#include "ftp-path.h"
#include "ftp-verify.h"

static bool
has_size(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);

    return data && ftp_data_knows_bytes(data) && transfer->is_plain && !transfer->is_range
        && (transfer->type == 'I' || transfer->type == 'L')
        && (transfer->verb == FTP_RETR || transfer->verb == FTP_STOR || transfer->verb == FTP_STOU);
}

void
ftp_verify_remember(ftp_transfer_t *transfer)
{
    ftp_session_t *session = transfer->session;
    ftp_recent_t *recent;

    if (!transfer->path || !has_size(transfer))
        return;
    if (!session->recent)
        session->recent = wmem_alloc0_array(wmem_file_scope(), ftp_recent_t, FTP_RECENT_MAX);
    recent = &session->recent[session->recent_next++ % FTP_RECENT_MAX];
    recent->transfer = transfer;
    recent->path = transfer->path;
}

static ftp_transfer_t *
find_recent(const ftp_session_t *session, const char *path)
{
    ftp_transfer_t *found = NULL;

    for (unsigned i = 0; session->recent && i < FTP_RECENT_MAX; i++) {
        const ftp_recent_t *recent = &session->recent[(session->recent_next + i) % FTP_RECENT_MAX];

        if (recent->transfer && strcmp(recent->path, path) == 0)
            found = recent->transfer;
    }
    return found;
}

static ftp_transfer_t *
find_complete(const ftp_session_t *session, const char *path)
{
    ftp_transfer_t *transfer = find_recent(session, path);

    return transfer && transfer->outcome == FTP_COMPLETE && !transfer->mismatch ? transfer : NULL;
}

/* MLST's size is approximate (RFC 3659, section 7.5.7): worth a word, but no proof. */
static bool
is_exact(const char *command)
{
    return strcmp(command, "MLST") != 0;
}

/* why: what the server says otherwise; NULL if it agrees. */
static void
note_word(ftp_transfer_t *transfer, packet_info *pinfo, const char *command, const char *why)
{
    ftp_event_t *event;

    if (why && transfer->is_unsure)
        return;
    event = ftp_add_event(transfer->session, pinfo, why ? FTP_EVENT_SIZE_MISMATCH : FTP_EVENT_SIZE_TOLD);
    if (!why || is_exact(command))
        transfer->told_by = command;
    transfer->mismatch = why && is_exact(command);
    event->transfer = transfer;
    event->text = why;
}

void
ftp_verify_size(ftp_session_t *session, packet_info *pinfo, const char *path, const char *command, uint64_t size)
{
    ftp_transfer_t *transfer = find_complete(session, path);
    const char *why = NULL;
    uint64_t known;

    if (!transfer)
        return;
    known = ftp_transfer_bytes(transfer) + (transfer->has_rest ? transfer->rest : 0);
    if (size != known)
        why = wmem_strdup_printf(wmem_file_scope(), "the server says %" PRIu64 " bytes (%s), %" PRIu64 " were transferred",
                size, command, known);
    note_word(transfer, pinfo, command, why);
}

/* Servers count the end of a range as the last byte or the one behind it. */
static bool
is_of_whole(const ftp_told_t *told, uint64_t bytes)
{
    return !told->has_range || (told->begin == 0 && (told->end == bytes || told->end + 1 == bytes));
}

/* "name", or name; with a range behind it, it is the name of no file. */
static const char *
path_of_digest(const ftp_session_t *session, const char *argument)
{
    size_t length = strlen(argument);

    if (length > 2 && argument[0] == '"' && argument[length - 1] == '"')
        argument = ftp_text(wmem_file_scope(), argument + 1, length - 2);
    return ftp_files_resolve(session, argument);
}

void
ftp_verify_digest(ftp_session_t *session, packet_info *pinfo, const char *argument, const char *command, const ftp_told_t *told)
{
    ftp_transfer_t *transfer = find_complete(session, path_of_digest(session, argument));
    ftp_data_t *data = transfer ? ftp_transfer_data(transfer) : NULL;
    const uint8_t *value;
    const char *why = NULL;

    if (!data || !data->digest || data->next_part || (transfer->has_rest && transfer->rest > 0)
            || !is_of_whole(told, data->bytes))
        return;
    value = ftp_digest_value(data->digest, told->algorithm, data->bytes);
    if (!value)
        return;
    if (memcmp(value, told->value, told->length) != 0)
        why = wmem_strdup_printf(wmem_file_scope(), "the server says %s %s (%s), the %" PRIu64 " bytes captured have %s",
                told->name, bytes_to_str(wmem_file_scope(), told->value, told->length), command, data->bytes,
                bytes_to_str(wmem_file_scope(), value, told->length));
    note_word(transfer, pinfo, command, why);
}

void
ftp_verify_files_changed(ftp_session_t *session)
{
    for (unsigned i = 0; session->recent && i < FTP_RECENT_MAX; i++)
        session->recent[i].transfer = NULL;
}

/* The file itself, or one in a directory of that name. */
static void
rename_recent(ftp_recent_t *recent, const char *from, const char *to)
{
    const char *below = ftp_path_below(from, recent->path);

    if (below && *below && strlen(to) + strlen(below) > FTP_PATH_MAX) {
        recent->transfer = NULL;
    } else if (below && *below) {
        char *path = wmem_strdup_printf(wmem_file_scope(), "%s%s", to, below);

        wmem_free(wmem_file_scope(), recent->own_path);
        recent->path = recent->own_path = path;
    } else if (below) {
        recent->path = to;
    } else if (strcmp(recent->path, to) == 0) {
        recent->transfer = NULL;
    }
}

void
ftp_verify_renamed(ftp_session_t *session, const char *from, const char *to)
{
    for (unsigned i = 0; session->recent && i < FTP_RECENT_MAX; i++) {
        if (session->recent[i].transfer)
            rename_recent(&session->recent[i], from, to);
    }
}
