/* tap-ftp-session.c
 * Table of FTP transfers: -z ftp_session,transfers and Statistics in the GUI
 *
 * A row is made when a transfer is first heard of and brought up to date whenever a packet of it passes. So is one
 * for an announcement to whose port no transfer belongs, or not yet: a connection that was refused, or none at all.
 * Rows belong to their table; the index of rows belongs to the table as well, and is made anew with it.
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
#include "ftp-outcome.h"
#include "tap-ftp-session.h"

typedef enum {
    COLUMN_SESSION, COLUMN_CLIENT, COLUMN_SERVER, COLUMN_USER, COLUMN_MODE, COLUMN_COMMAND, COLUMN_PATH,
    COLUMN_BYTES, COLUMN_EXPECTED, COLUMN_SECONDS, COLUMN_REPLY, COLUMN_OUTCOME, COLUMNS
} transfer_column_t;

static stat_tap_table_item columns[COLUMNS] = {
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Session",  "%u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Client",   "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Server",   "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "User",     "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Mode",     "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Command",  "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Path",     "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Bytes",    "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Expected", "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Seconds",  "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Reply",    "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Outcome",  "%s" },
};

static int ftp_session_tap = -1;

/* stat_tap_table * -> GHashTable of ftp_transfer_t * or ftp_expect_t * -> row + 1 */
static GHashTable *indexes;

static void
queue(packet_info *pinfo, const ftp_session_t *session, const ftp_transfer_t *transfer, const ftp_expect_t *expect)
{
    ftp_tapped_t *tapped = wmem_new(pinfo->pool, ftp_tapped_t);

    tapped->session = session;
    tapped->transfer = transfer;
    tapped->expect = expect;
    tap_queue_packet(ftp_session_tap, pinfo, tapped);
}

void
tap_ftp_session_queue(packet_info *pinfo, const ftp_transfer_t *transfer)
{
    if (have_tap_listener(ftp_session_tap))
        queue(pinfo, transfer->session, transfer, transfer->expect);
}

void
tap_ftp_session_queue_announcement(packet_info *pinfo, const ftp_expect_t *expect)
{
    if (!have_tap_listener(ftp_session_tap))
        return;
    if (expect->transfer)
        tap_ftp_session_queue(pinfo, expect->transfer);
    else
        queue(pinfo, expect->session, NULL, expect);
}

static GHashTable *
new_index(stat_tap_table *table)
{
    GHashTable *rows = g_hash_table_new(g_direct_hash, g_direct_equal);

    if (!indexes)
        indexes = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)g_hash_table_destroy);
    g_hash_table_replace(indexes, table, rows);
    return rows;
}

static void
init_transfers(stat_tap_table_ui *ui)
{
    static const char title[] = "FTP Transfers";
    stat_tap_table *table = stat_tap_find_table(ui, title);

    if (table) {
        if (ui->stat_tap_reset_table_cb)
            ui->stat_tap_reset_table_cb(table);
        return;
    }
    table = stat_tap_init_table(title, COLUMNS, 0, NULL);
    stat_tap_add_table(ui, table);
    new_index(table);
}

static const ftp_data_t *
data_of(const ftp_tapped_t *tapped)
{
    return tapped->transfer ? ftp_transfer_data(tapped->transfer) : tapped->expect->data;
}

static char *
bytes_text(const ftp_data_t *data)
{
    return data && ftp_data_knows_bytes(data) ? stat_cell_number(true, ftp_parts_bytes_at(data, UINT32_MAX - 1))
        : stat_cell_number(false, 0);
}

static char *
seconds_text(const ftp_data_t *data)
{
    nstime_t duration;

    if (!data || data->bytes == 0)
        return stat_cell_number(false, 0);
    nstime_delta(&duration, &data->last_payload, &data->flow.opened);
    return g_strdup_printf("%14.6f", nstime_to_sec(&duration));
}

/* The command, as far as there is one. */
static void
fill_command(stat_tap_table_item_type *row, const ftp_transfer_t *transfer)
{
    row[COLUMN_COMMAND].value.string_value = stat_cell_text(transfer ? transfer->name : NULL);
    row[COLUMN_PATH].value.string_value = stat_cell_text(transfer ? transfer->path : NULL);
    row[COLUMN_EXPECTED].value.string_value = stat_cell_number(transfer && transfer->has_expected,
            transfer ? transfer->expected : 0);
    row[COLUMN_REPLY].value.string_value = transfer && transfer->reply_code
        ? g_strdup_printf("%u", transfer->reply_code) : g_strdup("-");
}

static uint32_t
frame_of(const ftp_tapped_t *tapped, const ftp_data_t *data)
{
    if (tapped->transfer && tapped->transfer->command_frame)
        return tapped->transfer->command_frame;
    return tapped->expect ? tapped->expect->frame : data ? data->flow.first_frame : 0;
}

static void
fill_row(stat_tap_table_item_type *row, const ftp_tapped_t *tapped)
{
    const ftp_session_t *session = tapped->session;
    const ftp_data_t *data = data_of(tapped);
    uint32_t frame = frame_of(tapped, data);
    ftp_mode_t mode = tapped->expect ? tapped->expect->mode : data ? ftp_data_mode(data) : FTP_MODE_NONE;

    for (int column = 0; column < COLUMNS; column++)
        row[column].type = columns[column].type;
    row[COLUMN_SESSION].value.uint_value = session->id;
    row[COLUMN_CLIENT].value.string_value = stat_cell_address(&session->flow.side[0]);
    row[COLUMN_SERVER].value.string_value = stat_cell_address(&session->flow.side[1]);
    row[COLUMN_USER].value.string_value = stat_cell_text(ftp_session_user(session, frame, true));
    row[COLUMN_MODE].value.string_value = g_strdup(ftp_mode_name(mode));
    fill_command(row, tapped->transfer);
    row[COLUMN_BYTES].value.string_value = bytes_text(data);
    row[COLUMN_SECONDS].value.string_value = seconds_text(data);
    row[COLUMN_OUTCOME].value.string_value = g_strdup(ftp_outcome_name(tapped->transfer, data));
}

/* Of a transfer and its announcement, whichever was heard of first has made the row. 0: none yet. */
static unsigned
row_of(GHashTable *rows, const ftp_tapped_t *tapped)
{
    unsigned row = tapped->transfer ? GPOINTER_TO_UINT(g_hash_table_lookup(rows, tapped->transfer)) : 0;

    return row || !tapped->expect ? row : GPOINTER_TO_UINT(g_hash_table_lookup(rows, tapped->expect));
}

static void
note_row(GHashTable *rows, const ftp_tapped_t *tapped, unsigned row)
{
    if (tapped->transfer)
        g_hash_table_insert(rows, (gpointer)tapped->transfer, GUINT_TO_POINTER(row));
    if (tapped->expect && !g_hash_table_contains(rows, tapped->expect))
        g_hash_table_insert(rows, (gpointer)tapped->expect, GUINT_TO_POINTER(row));
}

static tap_packet_status
count_transfer(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
        tap_flags_t flags _U_)
{
    stat_data_t *listener = (stat_data_t *)tapdata;
    const ftp_tapped_t *tapped = (const ftp_tapped_t *)data;
    stat_tap_table *table = g_array_index(listener->stat_tap_data->tables, stat_tap_table *, 0);
    GHashTable *rows = (GHashTable *)g_hash_table_lookup(indexes, table);
    unsigned row = row_of(rows, tapped);
    stat_tap_table_item_type items[COLUMNS] = { 0 };

    if (tapped->transfer && !ftp_transfer_moves_data(tapped->transfer))
        return TAP_PACKET_DONT_REDRAW;
    if (row == 0)
        row = table->num_elements + 1;
    note_row(rows, tapped, row);
    fill_row(items, tapped);
    stat_cells_set_row(table, row - 1, COLUMNS, items);
    return TAP_PACKET_REDRAW;
}

static void
reset_transfers(stat_tap_table *table)
{
    stat_cells_reset(table, COLUMNS);
    new_index(table);
}

void
tap_ftp_session_register(void)
{
    static tap_param parameters[] = {
        { PARAM_FILTER, "filter", "Filter", NULL, true }
    };
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "FTP Transfers",
        .tap_name = "ftp_session",
        .cli_string = "ftp_session,transfers",
        .stat_tap_init_cb = init_transfers,
        .packet_func = count_transfer,
        .stat_tap_reset_table_cb = reset_transfers,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = columns,
        .nparams = 1,
        .params = parameters,
    };

    ftp_session_tap = register_tap("ftp_session");
    register_stat_tap_table_ui(&table);
}
