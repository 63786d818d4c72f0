/* session-listing.h
 * The list of sessions: -z session,table and Statistics in the window
 *
 * Source: epan/stat_tap_ui.h. Units: bytes are those of frames. Ownership: a listener's rows are its own, and
 * freed when it is reset.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_LISTING_H
#define GAPFILL_SESSION_LISTING_H

void session_listing_register(void);

#endif /* GAPFILL_SESSION_LISTING_H */
