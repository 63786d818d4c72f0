/* ftp-said.c
 * What was said on control connections; see ftp-said.h
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
#include <epan/proto_data.h>

#include "ftp-path.h"
#include "ftp-said.h"
#include "ftp-words.h"

#define FTP_SAID_KEY 2

/* Bytes of a line, lines of a packet, bytes of a capture. */
#define FTP_SAID_LINE_MAX   512
#define FTP_SAID_PACKET_MAX 64
#define FTP_SAID_MAX        (64u << 20)

typedef struct said_list {
    ftp_said_t *first;
    ftp_said_t *last;
    unsigned    count;
} said_list_t;

static size_t kept;

void
ftp_said_reset(void)
{
    kept = 0;
}

static said_list_t *
list_of(packet_info *pinfo)
{
    said_list_t *list = (said_list_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_ftp_session, FTP_SAID_KEY);

    if (!list) {
        list = wmem_new0(wmem_file_scope(), said_list_t);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_ftp_session, FTP_SAID_KEY, list);
    }
    return list;
}

static void
note(const ftp_session_t *session, packet_info *pinfo, bool from_server, const char *line, size_t length)
{
    said_list_t *list;
    ftp_said_t *said;

    length = MIN(length, FTP_SAID_LINE_MAX);
    if (kept + sizeof *said + length > FTP_SAID_MAX || (list = list_of(pinfo))->count == FTP_SAID_PACKET_MAX)
        return;
    kept += sizeof *said + length;
    said = wmem_new0(wmem_file_scope(), ftp_said_t);
    said->session = session;
    said->from_server = from_server;
    said->text = ftp_text(wmem_file_scope(), line, length);
    list->count++;
    if (list->last)
        list->last->next = said;
    else
        list->first = said;
    list->last = said;
}

static bool
is_secret(const ftp_command_t *command)
{
    return command->verb == FTP_PASS || command->verb == FTP_ACCT;
}

void
ftp_said_command(const ftp_session_t *session, packet_info *pinfo, const char *line, size_t length)
{
    ftp_command_t command;

    if (ftp_parse_command(line, length, &command) && is_secret(&command))
        length = (size_t)(command.word - line) + command.word_length;
    note(session, pinfo, false, line, length);
}

void
ftp_said_reply(const ftp_session_t *session, packet_info *pinfo, const char *line, size_t length)
{
    note(session, pinfo, true, line, length);
}

const ftp_said_t *
ftp_said_in(packet_info *pinfo)
{
    const said_list_t *list =
        (const said_list_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_ftp_session, FTP_SAID_KEY);

    return list ? list->first : NULL;
}
