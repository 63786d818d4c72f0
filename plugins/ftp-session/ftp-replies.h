/* ftp-replies.h
 * Which replies answer which commands
 *
 * RFC 959 section 5.4, RFC 1639, RFC 2228, RFC 2389, RFC 2428, RFC 3659, RFC 4217. Most codes are of many commands, and
 * servers differ; what is in the table is of the commands named there alone.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_REPLIES_H
#define GAPFILL_FTP_REPLIES_H

#include <stdbool.h>

#include "ftp-words.h"

/* Whether the command is none of those whose replies are known: it may move data too. */
bool ftp_verb_is_open(ftp_verb_t verb);

/* Whether a reply with this code can be an answer to the command. */
bool ftp_reply_answers(ftp_verb_t verb, unsigned code);

/* Whether it says that the data was transferred; of one that can be a final answer to a transfer. */
bool ftp_reply_completes(unsigned code);

#endif /* GAPFILL_FTP_REPLIES_H */
