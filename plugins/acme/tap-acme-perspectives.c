/* tap-acme-perspectives.c
 * A table of the addresses that looked at challenges, and what each of them got; see tap-acme-perspectives.h
 *
 * A line an identifier, type of challenge and address. Of an address that asked several times the last look counts, as it is the
 * last that a validator goes by; redirects that it follows are one look.
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

#include "acme-verdict.h"
#include "compat.h"
#include "stat-cells.h"
#include "tap-acme.h"
#include "tap-acme-perspectives.h"

typedef enum {
    COLUMN_IDENTIFIER, COLUMN_CHALLENGE, COLUMN_ADDRESS, COLUMN_OUTCOME, COLUMN_CAUSE, COLUMN_SERVER, COLUMN_ENDED_AT,
    COLUMN_FIRST, COLUMN_LAST, COLUMNS
} perspective_column_t;

static stat_tap_table_item columns[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Identifier", "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Challenge",  "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Address",    "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Outcome",    "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Cause",      "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Asked",      "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Ended at",   "%s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "First",      "%u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Last",       "%u" },
};

/* What a row is made of. */
typedef struct perspective {
    unsigned                 row;
    address                  server;        /* that was asked first; without a type: unknown */
    const char              *outcome;       /* of the last that has ended; NULL: undecided */
    acme_cause_t             cause;         /* likewise */
    uint32_t                 first;
    uint32_t                 last;
    bool                     certain;       /* the outcome; else it is a guess */
} perspective_t;

static void
free_perspective(void *data)
{
    perspective_t *perspective = (perspective_t *)data;

    free_address(&perspective->server);
    g_free(perspective);
}

/* "type domain address" -> perspective_t */
static GHashTable *
index_of(stat_tap_table *table)
{
    return stat_table_index(table, g_str_hash, g_str_equal, g_free, free_perspective);
}

static void
init_perspectives(stat_tap_table_ui *ui)
{
    stat_table_begin(ui, "ACME Perspectives", COLUMNS);
}

/* --- Rows --- */

static perspective_t *
perspective_of(GHashTable *perspectives, const acme_tap_t *event)
{
    char *key = g_strdup_printf("%u %s %s", event->type, event->domain ? event->domain : "", event->validation->validator->text);
    perspective_t *perspective = (perspective_t *)g_hash_table_lookup(perspectives, key);

    if (perspective) {
        g_free(key);
        return perspective;
    }
    perspective = g_new0(perspective_t, 1);
    perspective->row = g_hash_table_size(perspectives);
    perspective->first = event->frame;
    g_hash_table_insert(perspectives, key, perspective);
    return perspective;
}

/* Errors of ICMP come from others than the one that was asked. */
static const address *
server_of(const packet_info *pinfo, const acme_validation_t *validation)
{
    if (pinfo->num == validation->request_frame)
        return &pinfo->dst;
    return pinfo->num == validation->response_frame && !validation->connection ? &pinfo->src : NULL;
}

static void
take_event(perspective_t *perspective, const packet_info *pinfo, const acme_tap_t *event)
{
    const address *server = server_of(pinfo, event->validation);

    if (perspective->server.type == AT_NONE && server)
        copy_address(&perspective->server, server);
    perspective->last = event->frame;
    if (!event->ended || (event->validation->guess && perspective->certain))
        return;
    perspective->certain = !event->validation->guess;
    perspective->outcome = acme_verdict_outcome(event->validation, event->later_pass);
    perspective->cause = acme_verdict_cause(event->validation, event->later_pass);
}

/* A guess has a question mark. */
static char *
cell_of(const perspective_t *perspective, const char *text)
{
    return text && *text && perspective->outcome && !perspective->certain ? g_strconcat(text, "?", NULL) : stat_cell_text(text);
}

/* validation: the last one. */
static void
fill_row(stat_tap_table_item_type *row, const perspective_t *perspective, const acme_validation_t *validation)
{
    const acme_challenge_t *challenge = validation->challenge;

    for (int column = 0; column < COLUMNS; column++)
        row[column].type = columns[column].type;
    row[COLUMN_IDENTIFIER].value.string_value = stat_cell_text(challenge->domain);
    row[COLUMN_CHALLENGE].value.string_value = g_strdup(val_to_str_const(challenge->type, acme_challenge_vals, "-"));
    row[COLUMN_ADDRESS].value.string_value = g_strdup(validation->validator->text);
    row[COLUMN_SERVER].value.string_value = perspective->server.type == AT_NONE ? g_strdup("-")
        : stat_cell_address(&perspective->server);
    row[COLUMN_OUTCOME].value.string_value = cell_of(perspective, perspective->outcome);
    row[COLUMN_CAUSE].value.string_value = cell_of(perspective, acme_cause_name(perspective->cause));
    row[COLUMN_ENDED_AT].value.string_value = stat_cell_text(validation->went_to);
    row[COLUMN_FIRST].value.uint_value = perspective->first;
    row[COLUMN_LAST].value.uint_value = perspective->last;
}

/* What does not count as a look, such as a question for CAA, has no row. */
static tap_packet_status
count_in_table(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    stat_data_t *listener = (stat_data_t *)tapdata;
    const acme_tap_t *event = (const acme_tap_t *)data;
    stat_tap_table *table = g_array_index(listener->stat_tap_data->tables, stat_tap_table *, 0);
    stat_tap_table_item_type items[COLUMNS] = { 0 };
    perspective_t *perspective;

    if (!event->validation || (!event->validation->counts && !event->validation->connection))
        return TAP_PACKET_DONT_REDRAW;
    perspective = perspective_of(index_of(table), event);
    take_event(perspective, pinfo, event);
    fill_row(items, perspective, event->validation);
    stat_cells_set_row(table, perspective->row, COLUMNS, items);
    return TAP_PACKET_REDRAW;
}

static void
reset_perspectives(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
}

/* --- Registration --- */

void
tap_acme_perspectives_register(void)
{
    static tap_param parameters[] = {
        { PARAM_FILTER, "filter", "Filter", NULL, true }
    };
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "ACME Perspectives",
        .tap_name = "acme",
        .cli_string = "acme,perspectives",
        .stat_tap_init_cb = init_perspectives,
        .packet_func = count_in_table,
        .stat_tap_reset_table_cb = reset_perspectives,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = columns,
        .nparams = 1,
        .params = parameters,
    };

    register_stat_tap_table_ui(&table);
}
