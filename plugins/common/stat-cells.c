/* stat-cells.c
 * Tables of statistics, and their cells; see stat-cells.h
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
#include <epan/to_str.h>
#include <wsutil/str_util.h>

#include "compat.h"
#include "stat-cells.h"

#define NO_NUMBER   "             -"

#define KEPT        "gapfill-kept"

void
stat_table_begin(stat_tap_table_ui *ui, const char *title, unsigned columns)
{
    stat_tap_table *table = stat_tap_find_table(ui, title);

    if (table) {
        if (ui->stat_tap_reset_table_cb)
            ui->stat_tap_reset_table_cb(table);
        return;
    }
    table = stat_tap_init_table(title, columns, 0, NULL);
    /* One that is gone may have been at this address. */
    stat_table_keep(table, NULL, NULL);
    stat_tap_add_table(ui, table);
}

void
stat_table_keep(stat_tap_table *table, void *data, GDestroyNotify free_data)
{
    g_dataset_set_data_full(table, KEPT, data, free_data);
}

void *
stat_table_kept(const stat_tap_table *table)
{
    return g_dataset_get_data(table, KEPT);
}

GHashTable *
stat_table_index(stat_tap_table *table, GHashFunc hash, GEqualFunc equal, GDestroyNotify free_key, GDestroyNotify free_value)
{
    GHashTable *kept = (GHashTable *)stat_table_kept(table);

    if (!kept) {
        kept = g_hash_table_new_full(hash, equal, free_key, free_value);
        stat_table_keep(table, kept, (GDestroyNotify)g_hash_table_destroy);
    }
    return kept;
}

char *
stat_cell_number(bool is_known, uint64_t number)
{
    return is_known ? g_strdup_printf("%14" PRIu64, number) : g_strdup(NO_NUMBER);
}

/* Of the number in front, up to what is behind a blank or a slash. */
static unsigned
width_of_number(const char *text)
{
    return (unsigned)strcspn(text + strspn(text, " "), " /");
}

static void
pad(stat_tap_table_item_type *item, unsigned width)
{
    const char *text;

    if (item->type != TABLE_ITEM_STRING)
        return;
    text = item->value.string_value + strspn(item->value.string_value, " ");
    text = g_strdup_printf("%*s%s", (int)(width - width_of_number(text)), "", text);
    g_free((char *)item->value.string_value);
    item->value.string_value = text;
}

void
stat_cells_align(stat_tap_table *table, unsigned column, unsigned *width, stat_tap_table_item_type *cell)
{
    unsigned needed = cell->type == TABLE_ITEM_STRING ? width_of_number(cell->value.string_value) : 0;

    if (needed > *width) {
        *width = needed;
        for (unsigned row = 0; row < table->num_elements; row++)
            pad(stat_tap_get_field_data(table, row, column), needed);
    }
    pad(cell, *width);
}

char *
stat_cell_address(const address *a)
{
    char *text = address_to_str(NULL, a);
    char *copy = g_strdup(text);

    wmem_free(NULL, text);
    return copy;
}

char *
stat_cell_text(const char *text)
{
    char *printable;
    char *copy;

    if (!text || !*text)
        return g_strdup("-");
    printable = format_text(NULL, text, strlen(text));
    copy = g_strdup(printable);
    wmem_free(NULL, printable);
    return copy;
}

static void
free_text(stat_tap_table_item_type *item)
{
    if (item->type == TABLE_ITEM_STRING)
        g_free((char *)item->value.string_value);
    item->type = TABLE_ITEM_NONE;
    item->value.string_value = NULL;
}

static void
free_texts(stat_tap_table *table, unsigned row, unsigned columns)
{
    for (unsigned column = 0; column < columns; column++)
        free_text(stat_tap_get_field_data(table, row, column));
}

/* Nothing else tells that a table is closed: the window and sharkd free its cells, the last one last. */
void
stat_cell_free(stat_tap_table *table, unsigned row, unsigned column, stat_tap_table_item_type *item)
{
    free_text(item);
    if (row + 1 == table->num_elements && column + 1 == table->num_fields)
        stat_table_keep(table, NULL, NULL);
}

void
stat_table_reset(stat_tap_table *table, unsigned columns)
{
    for (unsigned row = 0; row < table->num_elements; row++) {
        free_texts(table, row, columns);
        g_free(table->elements[row]);
    }
    g_free(table->elements);
    table->elements = NULL;
    table->num_elements = 0;
    stat_table_keep(table, NULL, NULL);
}

void
stat_cells_set_row(stat_tap_table *table, unsigned row, unsigned columns, stat_tap_table_item_type *items)
{
    if (row < table->num_elements)
        free_texts(table, row, columns);
    stat_tap_init_table_row(table, row, columns, items);
}

void
stat_cells_remove_row(stat_tap_table *table, unsigned row, unsigned columns)
{
    free_texts(table, row, columns);
    g_free(table->elements[row]);
    table->num_elements--;
    memmove(table->elements + row, table->elements + row + 1, (table->num_elements - row) * sizeof *table->elements);
}
