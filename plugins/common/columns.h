/* columns.h
 * The Protocol column behind the first message of a segment
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_COLUMNS_H
#define GAPFILL_COLUMNS_H

#include <stdbool.h>

#include <epan/column-utils.h>
#include <epan/packet.h>

/*
 * Sets Protocol where Info can be set: TCP locks Protocol, but not Info, while it hands over what follows the first message of
 * a segment, and the two would name different protocols. The lock is as it was afterwards. name: not copied, has to outlive
 * the packet.
 */
static inline void
columns_set_protocol(packet_info *pinfo, const char *name)
{
    bool locked = !col_get_writable(pinfo->cinfo, COL_PROTOCOL) && col_get_writable(pinfo->cinfo, COL_INFO);

    if (locked)
        col_set_writable(pinfo->cinfo, COL_PROTOCOL, true);
    col_set_str(pinfo->cinfo, COL_PROTOCOL, name);
    if (locked)
        col_set_writable(pinfo->cinfo, COL_PROTOCOL, false);
}

#endif /* GAPFILL_COLUMNS_H */
