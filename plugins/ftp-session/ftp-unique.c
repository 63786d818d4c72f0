/* ftp-unique.c
 * STOU: the name that the server has chosen; see ftp-unique.h
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

#include "ftp-files.h"
#include "ftp-path.h"
#include "ftp-unique.h"

void
ftp_unique_note(ftp_transfer_t *transfer, const char *line, size_t length)
{
    ftp_reply_t part;
    char *name;

    if (transfer->verb != FTP_STOU)
        return;
    ftp_parse_reply(line, length, &part);
    name = part.more ? ftp_parse_unique_name(wmem_file_scope(), part.text, part.text_length)
        : ftp_parse_unique_name(wmem_file_scope(), line, length);
    if (name)
        transfer->path = ftp_files_resolve(transfer->session, name);
}
