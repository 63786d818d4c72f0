/* expert-reader.h
 * Whether somebody reads expert information of a packet
 *
 * Its readers are the tree, the column of Expert Information (packet list of the window) and statistics (-z expert). That there is
 * some counts in any case: expert_add_info() is for that, and its text is to be made only for these. Nothing is kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_EXPERT_READER_H
#define GAPFILL_EXPERT_READER_H

#include <stdbool.h>

#include <epan/column-utils.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/tap.h>

/* The statistics register themselves after all dissectors, so they are looked for when a packet is there. */
static inline bool
expert_has_reader(const packet_info *pinfo, bool has_tree)
{
    static int tap;

    if (has_tree || col_get_writable(pinfo->cinfo, COL_EXPERT))
        return true;
    if (tap <= 0)
        tap = find_tap_id("expert");
    return have_tap_listener(tap);
}

/*
 * Whether information of this severity (PI_NOTE and so on) is to be added at all: with no reader it leaves nothing behind but that
 * it is the gravest so far, which the window's status bar shows.
 */
static inline bool
expert_is_wanted(const packet_info *pinfo, bool has_tree, int severity)
{
    return severity > expert_get_highest_severity() || expert_has_reader(pinfo, has_tree);
}

#endif /* GAPFILL_EXPERT_READER_H */
