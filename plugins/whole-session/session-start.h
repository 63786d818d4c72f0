/* session-start.h
 * When the capture began, as of the first packet of a session; defined in session-table.c
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_START_H
#define GAPFILL_SESSION_START_H

#include <wsutil/nstime.h>

/* Not what the user makes the time reference later on. Valid while a file is open that has sessions. */
const nstime_t *session_start(void);

#endif /* GAPFILL_SESSION_START_H */
