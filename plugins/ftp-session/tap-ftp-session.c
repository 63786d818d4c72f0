/* tap-ftp-session.c
 * Table of FTP transfers: -z ftp_session,transfers and Statistics in the GUI
 *
 * A row is made when a transfer is first heard of and brought up to date whenever a packet of it passes. So is one
 * for an announcement to whose port no transfer belongs, or not yet: a connection that was refused, or none at all. In one
 * pass, the row of a connection that was taken for a data connection and turns out to be none is taken back.
 * A row that would be too wide leaves its client, user and server to a row of the session's own.
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
#include "ftp-data.h"
#include "ftp-outcome.h"
#include "tap-ftp-session.h"

/* Rows of IPv4 with a path of 30 characters are to fit 120 columns: a cell takes two more, so what is read together is in one. */
typedef enum {
    COLUMN_OUTCOME, COLUMN_FRAME, COLUMN_SESSION, COLUMN_COMMAND, COLUMN_BYTES, COLUMNS
} transfer_column_t;

static stat_tap_table_item columns[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Outcome Reply", "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Frame Start", "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Session Client<User@Server", "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Mode+TLS Command+REST Path", "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Bytes/Expected Seconds", "%s" },
};

/* What fits: all of a row between IPv4 addresses whose path has no more than this. */
#define ROW_WIDTH   120
#define PATH_WIDTH  30
#define SEPARATOR   2   /* which tshark writes behind each cell */

static int ftp_session_tap = -1;

typedef struct table_row {
    gpointer key;       /* ftp_transfer_t * or ftp_expect_t *; NULL of a session's own row */
    char    *ends;      /* what the row may leave to the session's own; NULL: nothing */
    unsigned beyond;    /* letters of the path that are more than PATH_WIDTH */
} table_row_t;

/* What belongs to a table. */
typedef struct table_state {
    GHashTable *rows;           /* by key: row + 1 */
    GArray     *kept;           /* table_row_t, by row */
    GHashTable *told;           /* the ends that have a row of their own */
    unsigned    width[COLUMNS]; /* of the numbers in front */
} table_state_t;

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

static void
free_state(void *value)
{
    table_state_t *state = (table_state_t *)value;

    g_hash_table_destroy(state->told);
    g_array_free(state->kept, TRUE);
    g_hash_table_destroy(state->rows);
    g_free(state);
}

static void
forget_row(void *row)
{
    g_free(((table_row_t *)row)->ends);
}

static table_state_t *
state_of(stat_tap_table *table)
{
    table_state_t *state = (table_state_t *)stat_table_kept(table);

    if (!state) {
        state = g_new0(table_state_t, 1);
        state->rows = g_hash_table_new(g_direct_hash, g_direct_equal);
        state->kept = g_array_new(FALSE, TRUE, sizeof(table_row_t));
        g_array_set_clear_func(state->kept, forget_row);
        state->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        stat_table_keep(table, state, free_state);
    }
    return state;
}

static void
init_transfers(stat_tap_table_ui *ui)
{
    stat_table_begin(ui, "FTP Transfers", COLUMNS);
}

static const ftp_data_t *
data_of(const ftp_tapped_t *tapped)
{
    return tapped->transfer ? ftp_transfer_data(tapped->transfer) : tapped->expect->data;
}

static bool
knows_bytes(const ftp_data_t *data)
{
    return data && ftp_data_knows_bytes(data);
}

/* Where in the end it is another number than was carried, with what was there before. */
static bool
is_expected_told(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    uint64_t bytes = knows_bytes(data) ? ftp_parts_bytes_at(data, UINT32_MAX - 1) : 0;

    return transfer && transfer->has_expected && transfer->reply_code
        && !(knows_bytes(data) && (transfer->expected == bytes
            || (transfer->has_rest && transfer->expected == bytes + transfer->rest)));
}

/* As many decimals as are asked for below ten, and fewer beyond. */
static void
append_seconds(GString *text, double seconds, int decimals)
{
    int less = seconds < 10 ? 0 : seconds < 100 ? 1 : decimals;

    g_string_append_printf(text, " %.*f", decimals - less, seconds);
}

/* NULL: nothing is known. */
static char *
bytes_text(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    bool is_told = is_expected_told(transfer, data);
    GString *text = g_string_new(NULL);
    nstime_t duration;

    if (knows_bytes(data))
        g_string_append_printf(text, "%" PRIu64, ftp_parts_bytes_at(data, UINT32_MAX - 1));
    else if (is_told)
        g_string_append_c(text, '-');
    if (is_told)
        g_string_append_printf(text, "/%" PRIu64, transfer->expected);
    if (ftp_data_duration(data, &duration))
        append_seconds(text, nstime_to_sec(&duration), 2);
    return g_string_free(text, text->len == 0);
}

/* Without 226, which is what "complete" means unless another reply is told. */
static char *
outcome_text(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    const char *outcome = ftp_outcome_name(transfer, data);

    if (!transfer || !transfer->reply_code || (transfer->reply_code == 226 && g_str_equal(outcome, "complete")))
        return g_strdup(outcome);
    return g_strdup_printf("%s %u", outcome, transfer->reply_code);
}

/* Between the client, on the left, and the server. */
static char
direction_sign(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    ftp_direction_t direction = data ? ftp_view_direction(&data->view[0])
        : transfer ? ftp_verb_direction(transfer->verb) : FTP_DIRECTION_UNKNOWN;

    return direction == FTP_TO_CLIENT ? '<' : direction == FTP_TO_SERVER ? '>' : '-';
}

static char *
ends_text(const ftp_session_t *session, const char *user, char direction)
{
    char *client = stat_cell_address(&session->flow.side[0]);
    char *server = stat_cell_address(&session->flow.side[1]);
    char *name = stat_cell_text(user);
    char *text = user && *user ? g_strdup_printf("%u %s%c%s@%s", session->id, client, direction, name, server)
        : g_strdup_printf("%u %s%c%s", session->id, client, direction, server);

    g_free(name);
    g_free(server);
    g_free(client);
    return text;
}

static char *
command_text(ftp_mode_t mode, const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    char *command = stat_cell_text(transfer ? transfer->name : NULL);
    char *path = stat_cell_text(transfer ? transfer->path : NULL);
    GString *text = g_string_new(ftp_mode_name(mode));

    if (data && data->tls)
        g_string_append(text, "+TLS");
    g_string_append_printf(text, " %s", command);
    if (transfer && transfer->has_rest)
        g_string_append_printf(text, "+%" PRIu64, transfer->rest);
    g_string_append_printf(text, " %s", path);
    g_free(path);
    g_free(command);
    return g_string_free(text, FALSE);
}

/* The packet where the transfer begins, by what is known of it. */
static uint32_t
start_of(const ftp_tapped_t *tapped, const ftp_data_t *data, nstime_t *at)
{
    if (tapped->transfer && tapped->transfer->command_frame) {
        *at = tapped->transfer->given;
        return tapped->transfer->command_frame;
    }
    if (tapped->expect) {
        *at = tapped->expect->announced_at;
        return tapped->expect->frame;
    }
    *at = data ? data->flow.opened : tapped->transfer->given;
    return data ? data->flow.first_frame : tapped->transfer->heard_frame;
}

/* Seconds from the beginning of the capture. */
static double
since_begin(const packet_info *pinfo, const nstime_t *at)
{
    nstime_t before;

    nstime_delta(&before, &pinfo->abs_ts, at);
    return nstime_to_sec(&pinfo->rel_ts) - nstime_to_sec(&before);
}

static char *
frame_text(const ftp_tapped_t *tapped, const ftp_data_t *data, const packet_info *pinfo)
{
    GString *text = g_string_new(NULL);
    nstime_t at;

    g_string_printf(text, "%u", start_of(tapped, data, &at));
    append_seconds(text, since_begin(pinfo, &at), 1);
    return g_string_free(text, FALSE);
}

static ftp_mode_t
mode_of(const ftp_tapped_t *tapped, const ftp_data_t *data)
{
    const ftp_expect_t *expect = tapped->expect ? tapped->expect : tapped->transfer ? tapped->transfer->left : NULL;

    return expect ? expect->mode : data ? ftp_data_mode(data) : FTP_MODE_NONE;
}

static const char *
user_of(const ftp_tapped_t *tapped)
{
    nstime_t at;

    return ftp_session_user(tapped->session, start_of(tapped, data_of(tapped), &at), true);
}

static void
fill_row(stat_tap_table_item_type *row, const ftp_tapped_t *tapped, const char *user, const packet_info *pinfo)
{
    const ftp_transfer_t *transfer = tapped->transfer;
    const ftp_data_t *data = data_of(tapped);

    for (int column = 0; column < COLUMNS; column++)
        row[column].type = columns[column].type;
    row[COLUMN_OUTCOME].value.string_value = outcome_text(transfer, data);
    row[COLUMN_FRAME].value.string_value = frame_text(tapped, data, pinfo);
    row[COLUMN_SESSION].value.string_value = ends_text(tapped->session, user, direction_sign(transfer, data));
    row[COLUMN_COMMAND].value.string_value = command_text(mode_of(tapped, data), transfer, data);
    row[COLUMN_BYTES].value.string_value = bytes_text(transfer, data);
    /* Left out at the end of a row, which is not wider then than it has to be. */
    if (!row[COLUMN_BYTES].value.string_value)
        row[COLUMN_BYTES].type = TABLE_ITEM_NONE;
}

/* True if the other rows have become wider by it. */
static bool
align(stat_tap_table *table, table_state_t *state, stat_tap_table_item_type *row)
{
    static const transfer_column_t aligned[] = { COLUMN_FRAME, COLUMN_SESSION, COLUMN_BYTES };
    bool is_wider = false;

    for (size_t i = 0; i < G_N_ELEMENTS(aligned); i++) {
        unsigned before = state->width[aligned[i]];

        stat_cells_align(table, aligned[i], &state->width[aligned[i]], &row[aligned[i]]);
        is_wider = is_wider || state->width[aligned[i]] > before;
    }
    return is_wider;
}

/* Of a transfer and its announcement, whichever was heard of first has made the row; it is the transfer's then. 0: none yet. */
static unsigned
row_of(GHashTable *rows, const ftp_tapped_t *tapped)
{
    unsigned row = tapped->transfer ? GPOINTER_TO_UINT(g_hash_table_lookup(rows, tapped->transfer)) : 0;

    return row || !tapped->expect ? row : GPOINTER_TO_UINT(g_hash_table_lookup(rows, tapped->expect));
}

/* What a row has to do with the others; its width is looked at by fit_row(). */
static void
note_row(table_state_t *state, const ftp_tapped_t *tapped, const char *user, unsigned row)
{
    const char *path = tapped->transfer && tapped->transfer->path ? tapped->transfer->path : "";
    unsigned letters = (unsigned)g_utf8_strlen(path, -1);
    table_row_t *kept;

    if (row > state->kept->len)
        g_array_set_size(state->kept, row);
    kept = &g_array_index(state->kept, table_row_t, row - 1);
    g_free(kept->ends);
    kept->ends = tapped->session->flow.side[0].type == AT_IPv4 ? ends_text(tapped->session, user, '-') : NULL;
    kept->beyond = letters > PATH_WIDTH ? letters - PATH_WIDTH : 0;
    kept->key = tapped->transfer ? (gpointer)tapped->transfer : (gpointer)tapped->expect;
    g_hash_table_insert(state->rows, kept->key, GUINT_TO_POINTER(row));
    if (tapped->transfer && tapped->expect)
        g_hash_table_remove(state->rows, tapped->expect);
}

static unsigned
width_of_row(stat_tap_table *table, unsigned row)
{
    unsigned width = 0;

    for (unsigned column = 0; column < COLUMNS; column++) {
        const stat_tap_table_item_type *cell = stat_tap_get_field_data(table, row, column);

        if (cell->type == TABLE_ITEM_STRING)
            width += (unsigned)g_utf8_strlen(cell->value.string_value, -1) + SEPARATOR;
    }
    return width;
}

/* It stands beside the row that has left them to it, if rows are sorted by their frames. */
static void
add_session_row(stat_tap_table *table, table_state_t *state, const char *ends, unsigned of_row)
{
    const stat_tap_table_item_type *frame = stat_tap_get_field_data(table, of_row, COLUMN_FRAME);
    stat_tap_table_item_type items[COLUMNS] = { 0 };

    if (!g_hash_table_add(state->told, g_strdup(ends)))
        return;
    for (int column = 0; column <= COLUMN_SESSION; column++)
        items[column].type = columns[column].type;
    items[COLUMN_OUTCOME].value.string_value = g_strdup("session");
    items[COLUMN_FRAME].value.string_value = g_strdup(frame->value.string_value);
    items[COLUMN_SESSION].value.string_value = g_strdup(ends);
    (void)align(table, state, items);
    stat_cells_set_row(table, table->num_elements, COLUMNS, items);
    g_array_set_size(state->kept, table->num_elements);
}

/* One that has been made to fit before stays as it is. */
static void
fit_row(stat_tap_table *table, table_state_t *state, unsigned row)
{
    const table_row_t *kept = &g_array_index(state->kept, table_row_t, row);
    stat_tap_table_item_type *cell = stat_tap_get_field_data(table, row, COLUMN_SESSION);
    const char *text = cell->value.string_value;
    size_t number;

    if (!kept->ends || width_of_row(table, row) <= ROW_WIDTH + kept->beyond)
        return;
    number = strspn(text, " ");
    number += strcspn(text + number, " ");
    cell->value.string_value = g_strdup_printf("%.*s %c", (int)number, text, text[strcspn(text, "<>-")]);
    g_free((char *)text);
    add_session_row(table, state, kept->ends, row);
}

static void
fit(stat_tap_table *table, table_state_t *state, unsigned row, bool is_wider)
{
    unsigned rows = table->num_elements;

    for (unsigned other = is_wider ? 0 : row; other < (is_wider ? rows : row + 1); other++)
        fit_row(table, state, other);
}

static bool
is_refuted(const ftp_transfer_t *transfer)
{
    return transfer && transfer->data && transfer->data->rejected;
}

/* Does nothing if there is none. Mostly it is one of the last. */
static void
take_back_row(stat_tap_table *table, table_state_t *state, const ftp_transfer_t *transfer)
{
    unsigned row = GPOINTER_TO_UINT(g_hash_table_lookup(state->rows, transfer));

    if (row == 0)
        return;
    stat_cells_remove_row(table, row - 1, COLUMNS);
    g_hash_table_remove(state->rows, transfer);
    g_array_remove_index(state->kept, row - 1);
    for (; row <= state->kept->len; row++) {
        gpointer key = g_array_index(state->kept, table_row_t, row - 1).key;

        if (key)
            g_hash_table_insert(state->rows, key, GUINT_TO_POINTER(row));
    }
}

static tap_packet_status
count_transfer(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data,
        tap_flags_t flags _U_)
{
    stat_data_t *listener = (stat_data_t *)tapdata;
    const ftp_tapped_t *tapped = (const ftp_tapped_t *)data;
    stat_tap_table *table = g_array_index(listener->stat_tap_data->tables, stat_tap_table *, 0);
    table_state_t *state = state_of(table);
    unsigned row = row_of(state->rows, tapped);
    stat_tap_table_item_type items[COLUMNS] = { 0 };
    const char *user;
    bool is_wider;

    if (tapped->transfer && !ftp_transfer_moves_data(tapped->transfer))
        return TAP_PACKET_DONT_REDRAW;
    if (is_refuted(tapped->transfer)) {
        take_back_row(table, state, tapped->transfer);
        return TAP_PACKET_REDRAW;
    }
    if (row == 0)
        row = table->num_elements + 1;
    user = user_of(tapped);
    note_row(state, tapped, user, row);
    fill_row(items, tapped, user, pinfo);
    is_wider = align(table, state, items);
    stat_cells_set_row(table, row - 1, COLUMNS, items);
    fit(table, state, row - 1, is_wider);
    return TAP_PACKET_REDRAW;
}

static void
reset_transfers(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
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
