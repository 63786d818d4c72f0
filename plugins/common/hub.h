/* hub.h
 * What all plugins of a process share, found by its name or made
 *
 * A hub is a struct that the plugin which comes first makes, and those that come later find. Its name holds a hash of all
 * sources in plugins/common (GAPFILL_LAYOUT, made by CMake), so that .so files built from different sources never meet in one.
 * Ownership and lifetime: made by the caller's function, never freed; its address is left with GLib beside a protocol's, which
 * lives as long as libwireshark does and is the same for all plugins. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HUB_H
#define GAPFILL_HUB_H

#include <epan/packet.h>

#define HUB_NAME(what) "gapfill-" what "-" GAPFILL_LAYOUT

/* The one of that name; where there is none, the one that make() returns, which is left under the name from then on. */
static inline void *
hub_find_or_make(const char *name, void *(*make)(void))
{
    const void *place = find_protocol_by_id(proto_get_id_by_filter_name("frame"));
    void *hub = g_dataset_get_data(place, name);

    if (!hub) {
        hub = make();
        g_dataset_set_data(place, name, hub);
    }
    return hub;
}

#endif /* GAPFILL_HUB_H */
