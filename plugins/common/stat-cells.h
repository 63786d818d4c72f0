/* stat-cells.h
 * Tables of statistics, and their cells
 *
 * Texts are g_malloc'd and belong to the table, whose rows stat_cell_free() frees as stat_tap_ui.h wants it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_STAT_CELLS_H
#define GAPFILL_STAT_CELLS_H

#include <epan/address.h>
#include <epan/stat_tap_ui.h>

/*
 * For stat_tap_init_cb: adds an empty table of that title, or empties the one that is there by ui's stat_tap_reset_table_cb. What
 * stat_table_keep() has kept with it is gone in both cases.
 */
void stat_table_begin(stat_tap_table_ui *ui, const char *title, unsigned columns);

/* Keeps data with the table until stat_table_begin(), stat_table_reset() or the last cell is freed; free_data() frees them then. */
void stat_table_keep(stat_tap_table *table, void *data, GDestroyNotify free_data);

/* What was kept, or NULL. */
void *stat_table_kept(const stat_tap_table *table);

/* A hash table that is kept with the table, and made by the first call; frees are of its keys and values, or NULL. */
GHashTable *stat_table_index(stat_tap_table *table, GHashFunc hash, GEqualFunc equal, GDestroyNotify free_key,
        GDestroyNotify free_value);

/* Padded, as the window sorts texts, which then sort as the numbers do; a dash if there is none. */
char *stat_cell_number(bool is_known, uint64_t number);

/*
 * Gives the numbers at the beginning of a column of texts one width, that of the longest so far, which is kept in *width: so they
 * stand one below the other, and sort as the numbers that they are. A blank or a slash ends a number. cell is of a row that is
 * not in the table yet; one without a text stays as it is.
 */
void stat_cells_align(stat_tap_table *table, unsigned column, unsigned *width, stat_tap_table_item_type *cell);

/* As it may go to a terminal; a dash for NULL and for nothing. */
char *stat_cell_text(const char *text);

char *stat_cell_address(const address *a);

/* For stat_tap_free_table_item_cb: with the last cell goes what was kept. */
void stat_cell_free(stat_tap_table *table, unsigned row, unsigned column, stat_tap_table_item_type *item);

/* The row is new, or takes the place of the one that is there; the texts of items are the table's from then on. */
void stat_cells_set_row(stat_tap_table *table, unsigned row, unsigned columns, stat_tap_table_item_type *items);

/* Those behind it move up. */
void stat_cells_remove_row(stat_tap_table *table, unsigned row, unsigned columns);

/* For stat_tap_reset_table_cb: no rows are left, and nothing that was kept. */
void stat_table_reset(stat_tap_table *table, unsigned columns);

#endif /* GAPFILL_STAT_CELLS_H */
