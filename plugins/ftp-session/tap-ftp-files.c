/* tap-ftp-files.c
 * The ledger of files; see tap-ftp-files.h
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
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>

#include "stat-cells.h"
#include "ftp-ledger.h"
#include "ftp-outcome.h"
#include "tap-ftp-files.h"
#include "tap-ftp-session.h"

#define SHOWN_MAX 4     /* numbers of sessions and frames in a cell, */
#define PARTS_MAX 1000  /* among the first so many parts */

typedef enum {
    COLUMN_FILE, COLUMN_OUTCOME, COLUMN_SERVER, COLUMN_DIRECTION, COLUMN_SIZE, COLUMN_BYTES, COLUMN_PARTS,
    COLUMN_VERIFIED, COLUMN_SESSIONS, COLUMN_FRAMES, COLUMNS
} file_column_t;

static stat_tap_table_item columns[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "File",      "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Outcome",   "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Server",    "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Direction", "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Size",      "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Bytes",     "%s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Parts",     "%u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Verified",  "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Sessions",  "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Frames",    "%s" },
};

static void
free_ledger(void *ledger)
{
    ftp_ledger_free((ftp_ledger_t *)ledger);
}

static ftp_ledger_t *
ledger_of(stat_tap_table *table)
{
    ftp_ledger_t *ledger = (ftp_ledger_t *)stat_table_kept(table);

    if (!ledger) {
        ledger = ftp_ledger_new();
        stat_table_keep(table, ledger, free_ledger);
    }
    return ledger;
}

static void
init_files(stat_tap_table_ui *ui)
{
    stat_table_begin(ui, "FTP Files", COLUMNS);
}

static const ftp_transfer_t *
part(const ftp_file_t *file, unsigned place)
{
    return (const ftp_transfer_t *)g_ptr_array_index(file->parts, place);
}

/* Each number once, the first few. */
static char *
numbers_text(const ftp_file_t *file, uint32_t (*number_of)(const ftp_transfer_t *transfer))
{
    GString *text = g_string_new(NULL);
    unsigned shown = 0;

    for (unsigned i = 0; i < MIN(file->parts->len, PARTS_MAX) && shown <= SHOWN_MAX; i++) {
        uint32_t number = number_of(part(file, i));

        if (i > 0 && number == number_of(part(file, i - 1)))
            continue;
        if (shown++ == SHOWN_MAX)
            g_string_append(text, ", ...");
        else
            g_string_append_printf(text, "%s%u", shown > 1 ? ", " : "", number);
    }
    if (file->parts->len > PARTS_MAX && shown <= SHOWN_MAX
            && number_of(part(file, file->parts->len - 1)) != number_of(part(file, PARTS_MAX - 1)))
        g_string_append(text, ", ...");
    return g_string_free(text, FALSE);
}

static uint32_t
session_of(const ftp_transfer_t *transfer)
{
    return transfer->session->id;
}

static uint32_t
frame_of(const ftp_transfer_t *transfer)
{
    return transfer->command_frame;
}

static char *
outcome_text(const ftp_file_t *file)
{
    const ftp_transfer_t *last = part(file, file->parts->len - 1);

    return g_strconcat(ftp_outcome_name(last, ftp_transfer_data(last)), file->deleted ? ", deleted" : NULL, NULL);
}

static void
fill_numbers(stat_tap_table_item_type *row, const ftp_file_t *file)
{
    uint64_t size;
    uint64_t bytes;
    bool has_size = ftp_file_size(file, &size);
    bool has_bytes = ftp_file_bytes(file, &bytes);

    row[COLUMN_SIZE].value.string_value = stat_cell_number(has_size, size);
    row[COLUMN_BYTES].value.string_value = stat_cell_number(has_bytes, bytes);
    row[COLUMN_PARTS].value.uint_value = file->parts->len;
}

static void
fill_row(stat_tap_table_item_type *row, const ftp_file_t *file)
{
    for (int column = 0; column < COLUMNS; column++)
        row[column].type = columns[column].type;
    row[COLUMN_FILE].value.string_value = stat_cell_text(file->name);
    row[COLUMN_SERVER].value.string_value = stat_cell_address(&part(file, 0)->session->flow.side[1]);
    row[COLUMN_DIRECTION].value.string_value = g_strdup(file->direction == FTP_TO_SERVER ? "to server" : "to client");
    fill_numbers(row, file);
    row[COLUMN_VERIFIED].value.string_value = stat_cell_text(ftp_file_verified(file));
    row[COLUMN_OUTCOME].value.string_value = outcome_text(file);
    row[COLUMN_SESSIONS].value.string_value = numbers_text(file, session_of);
    row[COLUMN_FRAMES].value.string_value = numbers_text(file, frame_of);
}

static void
show_file(const ftp_file_t *file, void *table)
{
    stat_tap_table_item_type items[COLUMNS] = { 0 };

    fill_row(items, file);
    stat_cells_set_row((stat_tap_table *)table, file->number, COLUMNS, items);
}

static tap_packet_status
count_file(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const ftp_tapped_t *tapped = (const ftp_tapped_t *)data;
    stat_tap_table *table = g_array_index(((stat_data_t *)tapdata)->stat_tap_data->tables, stat_tap_table *, 0);
    ftp_ledger_t *ledger = ledger_of(table);
    const ftp_file_t *file = tapped->transfer ? ftp_ledger_note(ledger, tapped->transfer) : NULL;

    ftp_ledger_foreach_renamed(ledger, show_file, table);
    if (!file)
        return TAP_PACKET_DONT_REDRAW;
    show_file(file, table);
    return TAP_PACKET_REDRAW;
}

static void
reset_files(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
}

void
tap_ftp_files_register(void)
{
    static tap_param parameters[] = {
        { PARAM_FILTER, "filter", "Filter", NULL, true }
    };
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "FTP Files",
        .tap_name = "ftp_session",
        .cli_string = "ftp_session,files",
        .stat_tap_init_cb = init_files,
        .packet_func = count_file,
        .stat_tap_reset_table_cb = reset_files,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = columns,
        .nparams = 1,
        .params = parameters,
    };

    register_stat_tap_table_ui(&table);
}
