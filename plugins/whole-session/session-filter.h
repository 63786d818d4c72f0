/* session-filter.h
 * Display filters that a preference has: what is wrong with one, and which fields it asks for
 *
 * Source: epan/dfilter/dfilter.h of each version.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_FILTER_H
#define GAPFILL_SESSION_FILTER_H

#include <glib.h>

#include <epan/dfilter/dfilter.h>

/*
 * NULL, with the filter in code (NULL where the text is blank) for dfilter_free(), and the IDs (int) of its fields and
 * protocols added to fields. Else why it cannot be used, as a sentence for the user, for g_free().
 */
char *session_filter_compile(const char *text, dfilter_t **code, GArray *fields);

#endif /* GAPFILL_SESSION_FILTER_H */
