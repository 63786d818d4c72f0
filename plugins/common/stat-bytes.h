/* stat-bytes.h
 * A count of bytes in a statistics table.
 *
 * More than 32 bits are neither in TABLE_ITEM_UINT nor, without six decimals in the window, in TABLE_ITEM_FLOAT:
 * a text, which sorts as the number does. The table's stat_tap_free_table_item_cb frees it with g_free().
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_STAT_BYTES_H
#define GAPFILL_STAT_BYTES_H

#include <stdio.h>

#include <epan/stat_tap_ui.h>

#define STAT_BYTES_COLUMN   { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Bytes", "%14s" }
#define STAT_BYTES_TEXT     24  /* bytes of the text with its end */

static inline void
stat_bytes_set(stat_tap_table_item_type *item, double bytes)
{
    item->user_data.float_value = bytes;
    snprintf((char *)item->value.string_value, STAT_BYTES_TEXT, "%14.0f", bytes);
}

static inline void
stat_bytes_init(stat_tap_table_item_type *item)
{
    item->type = TABLE_ITEM_STRING;
    item->value.string_value = (const char *)g_malloc0(STAT_BYTES_TEXT);
    stat_bytes_set(item, 0);
}

static inline void
stat_bytes_add(stat_tap_table_item_type *item, double bytes)
{
    stat_bytes_set(item, item->user_data.float_value + bytes);
}

#endif /* GAPFILL_STAT_BYTES_H */
