/* api-bool.h
 * The type of truth values in Wireshark's callbacks and preferences.
 *
 * What a heuristic dissector and a callback of wmem return, what a boolean preference points at and what
 * get_ber_identifier() writes is bool today and was gboolean, which is an int, in Wireshark 4.0. No version is asked
 * for: the type is the one that the headers have. Inside Wireshark's own tree, bool takes its place.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_API_BOOL_H
#define GAPFILL_API_BOOL_H

#include <epan/packet.h>

typedef __typeof__(((heur_dissector_t)NULL)(NULL, NULL, NULL, NULL)) api_bool_t;

#endif /* GAPFILL_API_BOOL_H */
