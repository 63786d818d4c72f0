/* session-named.h
 * The user's table of named display filters, session.filters
 *
 * Rows are checked when they are entered or read: one that has no name, or whose filter cannot be used, is refused by
 * Wireshark with the reason, like any bad row of its tables. They live until the table changes.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_NAMED_H
#define GAPFILL_SESSION_NAMED_H

#include <epan/prefs.h>

typedef struct session_named {
    char *name;
    char *filter;
} session_named_t;

/* has_changed is called whenever the table is. */
void session_named_register(module_t *module, void (*has_changed)(void));

/* NULL: there is no row of this number, from 0. */
const session_named_t *session_named_at(unsigned row);

#endif /* GAPFILL_SESSION_NAMED_H */
