/* ftp-unique.h
 * STOU: the name that the server has chosen
 *
 * RFC 1123 section 4.1.2.9 wants it in the reply that begins the transfer; servers have it in any reply, in any of its lines.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_UNIQUE_H
#define GAPFILL_FTP_UNIQUE_H

#include "ftp-model.h"

/* A line of a reply to a transfer, with the code in front or without. The name in it is the path then. First pass only. */
void ftp_unique_note(ftp_transfer_t *transfer, const char *line, size_t length);

#endif /* GAPFILL_FTP_UNIQUE_H */
