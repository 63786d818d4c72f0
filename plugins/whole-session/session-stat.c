/* session-stat.c
 * The statistics of sessions: protocols by conversations, packets and bytes.
 *
 * A packet counts for every protocol of its session, also for those that are recognised later, so that
 * the figures are the same whether the capture is read once or twice. Those that a filter for statistics keeps from this tap
 * recognise it, too, so the rest is counted before the table is drawn.
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

#include "session-later.h"
#include "session-stat.h"
#include "stat-bytes.h"
#include "stat-cells.h"
#include "compat.h"

typedef struct session_count {
    uint32_t       id;
    const session_t *session;
    protocol_set_t protocols;   /* that the packets so far have been counted for */
    uint32_t       packets;
    uint64_t       bytes;
} session_count_t;

enum { COLUMN_PROTOCOL, COLUMN_CONVERSATIONS, COLUMN_PACKETS, COLUMN_BYTES, COLUMNS };

static stat_tap_table_item columns[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Protocol", "%-24s" },
    { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Conversations", "%13u" },
    { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Packets", "%10u" },
    STAT_BYTES_COLUMN,
};

#define TABLE_TITLE "Protocols of Sessions"

static stat_tap_table_ui by_protocol;
static bool is_finished;        /* finish_table() is called before the table is drawn */

/* One window or -z option at a time, as Wireshark has one set of tables for each statistic. */
static GHashTable *counts;      /* of session_count_t, by ID */
static GPtrArray *in_order;     /* the same, in order of their first packets */
static GHashTable *rows;        /* 1 + row, by protocol */

static void
forget_counts(void)
{
    if (!counts) {
        counts = g_hash_table_new_full(g_int_hash, g_int_equal, NULL, g_free);
        rows = g_hash_table_new(g_direct_hash, g_direct_equal);
        in_order = g_ptr_array_new();
    }
    g_ptr_array_set_size(in_order, 0);
    g_hash_table_remove_all(counts);
    g_hash_table_remove_all(rows);
}

static session_count_t *
find_count(const session_t *session)
{
    session_count_t *count = (session_count_t *)g_hash_table_lookup(counts, &session->id);

    if (!count) {
        count = g_new0(session_count_t, 1);
        count->id = session->id;
        count->session = session;
        count->protocols = PROTOCOL_SET_EMPTY;
        g_hash_table_insert(counts, &count->id, count);
        g_ptr_array_add(in_order, count);
    }
    return count;
}

static unsigned
add_row(stat_tap_table *table, int proto_id)
{
    const char *name = proto_get_protocol_filter_name(proto_id);
    stat_tap_table_item_type items[COLUMNS] = {
        [COLUMN_PROTOCOL] = { .type = TABLE_ITEM_STRING, .value.string_value = g_strdup(name) },
        [COLUMN_CONVERSATIONS] = { .type = TABLE_ITEM_UINT },
        [COLUMN_PACKETS] = { .type = TABLE_ITEM_UINT },
    };
    unsigned row = table->num_elements;

    stat_bytes_init(&items[COLUMN_BYTES]);
    stat_tap_init_table_row(table, row, COLUMNS, items);
    g_hash_table_insert(rows, GINT_TO_POINTER(proto_id), GUINT_TO_POINTER(row + 1));
    return row;
}

static unsigned
find_row(stat_tap_table *table, int proto_id)
{
    unsigned row = GPOINTER_TO_UINT(g_hash_table_lookup(rows, GINT_TO_POINTER(proto_id)));

    return row ? row - 1 : add_row(table, proto_id);
}

static void
add_to_row(stat_tap_table *table, int proto_id, unsigned conversations, uint32_t packets, uint64_t bytes)
{
    unsigned row = find_row(table, proto_id);

    stat_tap_get_field_data(table, row, COLUMN_CONVERSATIONS)->value.uint_value += conversations;
    stat_tap_get_field_data(table, row, COLUMN_PACKETS)->value.uint_value += packets;
    stat_bytes_add(stat_tap_get_field_data(table, row, COLUMN_BYTES), (double)bytes);
}

/* For each of them that is new in the session its packets so far. */
static void
count_protocols(stat_tap_table *table, session_count_t *count, protocol_set_t protocols)
{
    unsigned n = protocol_set_count(protocols);
    int *proto_ids;

    if (protocols == count->protocols)
        return;
    proto_ids = g_new(int, n + 1);
    protocol_set_list(protocols, proto_ids);
    for (unsigned i = 0; i < n; i++) {
        if (!protocol_set_has(count->protocols, proto_ids[i]))
            add_to_row(table, proto_ids[i], 1, count->packets, count->bytes);
    }
    g_free(proto_ids);
    count->protocols = protocols;
}

static void
finish_table(void *tapdata _U_)
{
    stat_tap_table *table = stat_tap_find_table(&by_protocol, TABLE_TITLE);

    for (unsigned i = 0; table && i < in_order->len; i++) {
        session_count_t *count = (session_count_t *)g_ptr_array_index(in_order, i);

        count_protocols(table, count, session_protocols_later(count->session));
    }
}

void
session_stat_before_drawing(const session_tap_info_t *info, tap_draw_cb draw, bool *is_set)
{
    GString *error;

    if (*is_set || !info->may_change)
        return;
    *is_set = true;
    /* The last one that was registered draws first. */
    error = register_tap_listener(SESSION_TAP, is_set, NULL, TL_REQUIRES_NOTHING, NULL, NULL, draw, NULL);
    if (error)
        g_string_free(error, true);
}

static tap_packet_status
count_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const stat_data_t *ui = (const stat_data_t *)tapdata;
    const session_tap_info_t *info = (const session_tap_info_t *)data;
    stat_tap_table *table = g_array_index(ui->stat_tap_data->tables, stat_tap_table *, 0);
    session_count_t *count = find_count(info->session);
    unsigned n = protocol_set_count(info->protocols);
    int *proto_ids = wmem_alloc_array(pinfo->pool, int, n + 1);

    count_protocols(table, count, info->protocols);
    protocol_set_list(info->protocols, proto_ids);
    for (unsigned i = 0; i < n; i++)
        add_to_row(table, proto_ids[i], 0, 1, info->bytes);
    count->packets++;
    count->bytes += info->bytes;
    session_stat_before_drawing(info, finish_table, &is_finished);
    return TAP_PACKET_REDRAW;
}

static void
init_table(stat_tap_table_ui *ui)
{
    forget_counts();
    stat_table_begin(ui, TABLE_TITLE, COLUMNS);
}

static void
reset_table(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
    forget_counts();
}

void
session_stat_register(void)
{
    by_protocol = (stat_tap_table_ui) {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "Session Protocols",
        .tap_name = SESSION_TAP,
        .cli_string = "session,tree",
        .stat_tap_init_cb = init_table,
        .packet_func = count_packet,
        .stat_tap_reset_table_cb = reset_table,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = columns,
    };

    register_stat_tap_table_ui(&by_protocol);
}
