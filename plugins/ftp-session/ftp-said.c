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

#include "ftp-path.h"
#include "ftp-said.h"
#include "ftp-words.h"

/* Bytes of a line, lines of a packet, bytes of a capture. */
#define FTP_SAID_LINE_MAX   512
#define FTP_SAID_PACKET_MAX 64
#define FTP_SAID_MAX        (64u << 20)

/* What is allocated at a time: bytes for text; lines at first. */
#define FTP_SAID_ROOM       16384
#define FTP_SAID_LINES      256

/* In the order of frames. Few are ever drawn: what it takes to show them is done then. */
static struct {
    ftp_said_t *lines;
    size_t      count;
    size_t      room;
    char       *text;       /* where the next one goes */
    size_t      text_room;
    size_t      kept;
} said_log;

void
ftp_said_reset(void)
{
    memset(&said_log, 0, sizeof said_log);
}

static void
make_room(size_t length)
{
    if (said_log.count == said_log.room) {
        said_log.room = MAX(2 * said_log.room, FTP_SAID_LINES);
        said_log.lines = (ftp_said_t *)wmem_realloc(wmem_file_scope(), said_log.lines, said_log.room * sizeof *said_log.lines);
    }
    if (said_log.text_room < length) {
        said_log.text = (char *)wmem_alloc(wmem_file_scope(), FTP_SAID_ROOM);
        said_log.text_room = FTP_SAID_ROOM;
    }
}

static bool
is_full(uint32_t frame)
{
    return said_log.count >= FTP_SAID_PACKET_MAX && said_log.lines[said_log.count - FTP_SAID_PACKET_MAX].frame == frame;
}

void
ftp_said(const ftp_session_t *session, const packet_info *pinfo, bool from_server, const char *line, size_t length)
{
    length = MIN(length, FTP_SAID_LINE_MAX);
    if (said_log.kept + sizeof *said_log.lines + length > FTP_SAID_MAX || is_full(pinfo->num))
        return;
    make_room(length);
    memcpy(said_log.text, line, length);
    said_log.lines[said_log.count++] = (ftp_said_t){ session, said_log.text, pinfo->num, (uint16_t)length, from_server };
    said_log.text += length;
    said_log.text_room -= length;
    said_log.kept += sizeof *said_log.lines + length;
}

static bool
is_secret(const ftp_command_t *command)
{
    return command->verb == FTP_PASS || command->verb == FTP_ACCT;
}

char *
ftp_said_text(wmem_allocator_t *allocator, const ftp_said_t *said)
{
    ftp_command_t command;
    size_t length = said->length;

    if (!said->from_server && ftp_parse_command(said->line, length, &command) && is_secret(&command))
        length = (size_t)(command.word - said->line) + command.word_length;
    return ftp_text(allocator, said->line, length);
}

const ftp_said_t *
ftp_said_in(const packet_info *pinfo, size_t *count)
{
    size_t first = 0, end = said_log.count;

    while (first < end) {
        size_t middle = first + (end - first) / 2;

        if (said_log.lines[middle].frame < pinfo->num)
            first = middle + 1;
        else
            end = middle;
    }
    while (end < said_log.count && said_log.lines[end].frame == pinfo->num)
        end++;
    *count = end - first;
    return said_log.lines + first;
}
