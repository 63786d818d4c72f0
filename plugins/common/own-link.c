/* own-link.c
 * Whether a packet's link-layer addresses are its own; see own-link.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>

#include "own-link.h"
#include "compat.h"

typedef enum {
    LAYER_OTHER,
    LAYER_NETWORK,
    LAYER_ADDRESSED,        /* a link with addresses */
    LAYER_BARE,             /* a link without */
    LAYER_LABELS
} layer_kind_t;

static struct {
    const char   *name;
    layer_kind_t  kind;
    int           proto;
} known[] = {
    { "ip", LAYER_NETWORK, -1 }, { "ipv6", LAYER_NETWORK, -1 }, { "eth", LAYER_ADDRESSED, -1 }, { "wlan", LAYER_ADDRESSED, -1 },
    { "ppp", LAYER_BARE, -1 }, { "chdlc", LAYER_BARE, -1 }, { "fr", LAYER_BARE, -1 }, { "mpls", LAYER_LABELS, -1 }
};

static void
find_protocols(void)
{
    for (unsigned i = 0; i < array_length(known); i++)
        known[i].proto = proto_get_id_by_filter_name(known[i].name);
}

static layer_kind_t
kind_of(const wmem_list_frame_t *layer)
{
    int proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));

    for (unsigned i = 0; i < array_length(known); i++) {
        if (known[i].proto == proto)
            return known[i].kind;
    }
    return LAYER_OTHER;
}

bool
own_link_is_known(wmem_list_frame_t *layer)
{
    layer_kind_t above = LAYER_OTHER;
    bool is_below_network = false;

    if (known[0].proto == -1)
        find_protocols();
    for (; layer; layer = wmem_list_frame_prev(layer)) {
        layer_kind_t kind = kind_of(layer);

        if (kind == LAYER_ADDRESSED)
            return true;
        if (kind == LAYER_BARE || (kind == LAYER_NETWORK && is_below_network)
                || (kind == LAYER_LABELS && above != LAYER_NETWORK && above != LAYER_LABELS))
            return false;
        is_below_network = is_below_network || kind == LAYER_NETWORK;
        above = kind;
    }
    return true;
}
