/* tcp-preference.h
 * Preferences of Wireshark's TCP dissector that are on or off
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TCP_PREFERENCE_H
#define GAPFILL_TCP_PREFERENCE_H

#include <epan/prefs.h>
#include <epan/prefs-int.h>

/* As it is set; otherwise is for a Wireshark that has none of that name (without the "tcp." in front). No errors. */
static inline bool
tcp_preference(const char *name, bool otherwise)
{
    module_t *tcp = prefs_find_module("tcp");
    pref_t *preference = tcp ? prefs_find_preference(tcp, name) : NULL;

    return preference ? prefs_get_bool_value(preference, pref_current) : otherwise;
}

/* TCP counts sequence numbers from the first one of a connection, also where it notes what a dissector has asked for more of. */
static inline bool
tcp_numbers_are_relative(void)
{
    return tcp_preference("analyze_sequence_numbers", true) && tcp_preference("relative_sequence_numbers", true);
}

#endif /* GAPFILL_TCP_PREFERENCE_H */
