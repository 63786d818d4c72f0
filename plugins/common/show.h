/* show.h
 * Items that say what was worked out, not what stands in the bytes
 *
 * All of them are generated (shown in brackets), of no length, and belong to the packet as other items do. With tree NULL nothing
 * is done. Text belongs to the caller and is copied.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SHOW_H
#define GAPFILL_SHOW_H

#include <epan/packet.h>

static inline proto_item *
show_uint(proto_tree *tree, int hf, tvbuff_t *tvb, uint32_t value)
{
    proto_item *item = tree ? proto_tree_add_uint(tree, hf, tvb, 0, 0, value) : NULL;

    proto_item_set_generated(item);
    return item;
}

static inline void
show_uint64(proto_tree *tree, int hf, tvbuff_t *tvb, uint64_t value)
{
    if (tree)
        proto_item_set_generated(proto_tree_add_uint64(tree, hf, tvb, 0, 0, value));
}

static inline void
show_boolean(proto_tree *tree, int hf, tvbuff_t *tvb, bool value)
{
    if (tree)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf, tvb, 0, 0, value));
}

/* No item for NULL and for nothing. */
static inline proto_item *
show_string(proto_tree *tree, int hf, tvbuff_t *tvb, const char *text)
{
    proto_item *item = NULL;

    if (tree && text && *text) {
        item = proto_tree_add_string(tree, hf, tvb, 0, 0, text);
        proto_item_set_generated(item);
    }
    return item;
}

static inline void
show_time(proto_tree *tree, int hf, tvbuff_t *tvb, const nstime_t *value)
{
    if (tree)
        proto_item_set_generated(proto_tree_add_time(tree, hf, tvb, 0, 0, value));
}

#endif /* GAPFILL_SHOW_H */
