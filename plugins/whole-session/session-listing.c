/* session-listing.c
 * A line a session; see session-listing.h
 *
 * A row is made with the first packet of a session and brought up to date with each one, and before the table is drawn: of a
 * session's packets a filter for statistics lets some through only. Rows and what is kept of them belong to their table.
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

#include <stdio.h>
#include <string.h>

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/to_str.h>

#include "session-later.h"
#include "session-listing.h"
#include "session-match.h"
#include "session-outcome.h"
#include "session-start.h"
#include "session-stat.h"
#include "stat-bytes.h"
#include "stat-cells.h"
#include "compat.h"

typedef enum {
    COLUMN_FRAME, COLUMN_SESSION, COLUMN_OUTCOME, COLUMN_TRANSPORT, COLUMN_PROTOCOLS, COLUMN_FROM, COLUMN_TO,
    COLUMN_PACKETS, COLUMN_BYTES, COLUMN_START, COLUMN_DURATION, COLUMN_ERRORS, COLUMN_MATCHED, COLUMNS
} listing_column_t;

static stat_tap_table_item columns[COLUMNS] = {
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "First frame", "%11u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Session",     "%7u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Outcome",     "%-11s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Transport",   "%-9s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Protocols",   "%-24s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "From",        "%-21s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "To",          "%-21s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Packets",     "%8u" },
    STAT_BYTES_COLUMN,
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Start",       "%14s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Duration",    "%14s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "ICMP errors", "%11u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Matched by",  "%s" },
};

#define TABLE_TITLE "Whole Sessions"

static stat_tap_table_ui listing;
static bool is_finished;        /* finish_table() is called before the table is drawn */

/* What a row was made from last, so that texts are only made anew when they change. */
typedef struct listed {
    const session_t *session;
    unsigned       row;
    uint32_t       last_frame;      /* that was counted: one may have several packets of a session */
    protocol_set_t protocols;
    int            expected;        /* shown instead; -1: it is not */
    uint32_t       matched;
    const char    *outcome;
    bool           has_time;
    nstime_t       first;
    nstime_t       last;
} listed_t;

/* Session ID -> listed_t */
static GHashTable *
rows_of(stat_tap_table *table)
{
    return stat_table_index(table, g_direct_hash, g_direct_equal, NULL, g_free);
}

static void
set_text(stat_tap_table *table, unsigned row, listing_column_t column, char *text)
{
    stat_tap_table_item_type *item = stat_tap_get_field_data(table, row, column);

    g_free((char *)item->value.string_value);
    item->value.string_value = text;
}

/* Padded, as the window sorts texts. */
static char *
seconds_text(const nstime_t *since, const nstime_t *until)
{
    nstime_t span;

    nstime_delta(&span, until, since);
    return g_strdup_printf("%14.6f", nstime_to_sec(&span));
}

static char *
endpoint_text(const address *from, uint16_t port)
{
    char *text = address_to_str(NULL, from);
    char *endpoint = g_strdup_printf(from->type == AT_IPv6 ? "[%s]:%u" : "%s:%u", text, port);

    wmem_free(NULL, text);
    return endpoint;
}

static const char *
transport_name(unsigned transport)
{
    return transport == FLOW_TCP ? "TCP" : transport == FLOW_UDP ? "UDP" : "SCTP";
}

/* In brackets where it is only expected. */
static char *
protocols_text(protocol_set_t protocols, int expected)
{
    unsigned count = protocol_set_count(protocols);
    int *proto_ids = g_new(int, count + 1);
    GString *text = g_string_new(NULL);

    protocol_set_list(protocols, proto_ids);
    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(text, "%s%s", i ? "," : "", proto_get_protocol_filter_name(proto_ids[i]));
    if (expected > 0)
        g_string_append_printf(text, "%s(%s)", count ? "," : "", proto_get_protocol_filter_name(expected));
    if (text->len == 0)
        g_string_append_c(text, '-');
    g_free(proto_ids);
    return g_string_free(text, false);
}

static void
init_items(stat_tap_table_item_type *items)
{
    for (unsigned column = 0; column < COLUMNS; column++) {
        items[column].type = columns[column].type;
        if (columns[column].type == TABLE_ITEM_STRING)
            items[column].value.string_value = g_strdup("-");
    }
    g_free((char *)items[COLUMN_BYTES].value.string_value);
    stat_bytes_init(&items[COLUMN_BYTES]);
}

static listed_t *
add_row(stat_tap_table *table, const session_tap_info_t *info, uint32_t frame)
{
    stat_tap_table_item_type items[COLUMNS] = { 0 };
    listed_t *listed = g_new0(listed_t, 1);
    unsigned row = table->num_elements;

    init_items(items);
    items[COLUMN_FRAME].value.uint_value = frame;
    items[COLUMN_SESSION].value.uint_value = info->session->id;
    stat_tap_init_table_row(table, row, COLUMNS, items);
    set_text(table, row, COLUMN_TRANSPORT, g_strdup(transport_name(info->transport)));
    set_text(table, row, COLUMN_FROM, endpoint_text(&info->src, info->srcport));
    set_text(table, row, COLUMN_TO, endpoint_text(&info->dst, info->dstport));
    *listed = (listed_t) { .session = info->session, .row = row, .protocols = PROTOCOL_SET_EMPTY, .expected = -1 };
    return listed;
}

static listed_t *
find_row(stat_tap_table *table, const session_tap_info_t *info, uint32_t frame)
{
    GHashTable *by_id = rows_of(table);
    void *key = GUINT_TO_POINTER(info->session->id);
    listed_t *listed = (listed_t *)g_hash_table_lookup(by_id, key);

    if (!listed) {
        listed = add_row(table, info, frame);
        g_hash_table_insert(by_id, key, listed);
    }
    return listed;
}

static void
count_frame(stat_tap_table *table, listed_t *listed, const session_tap_info_t *info, const packet_info *pinfo)
{
    if (info->is_error)
        stat_tap_get_field_data(table, listed->row, COLUMN_ERRORS)->value.uint_value++;
    if (listed->last_frame == pinfo->num)
        return;
    listed->last_frame = pinfo->num;
    stat_tap_get_field_data(table, listed->row, COLUMN_PACKETS)->value.uint_value++;
    stat_bytes_add(stat_tap_get_field_data(table, listed->row, COLUMN_BYTES), info->bytes);
}

/* Packets need not be in order of their times. */
static void
note_time(stat_tap_table *table, listed_t *listed, const packet_info *pinfo)
{
    if (!(pinfo->presence_flags & PINFO_HAS_TS))
        return;
    if (!listed->has_time || nstime_cmp(&pinfo->abs_ts, &listed->first) < 0)
        listed->first = pinfo->abs_ts;
    if (!listed->has_time || nstime_cmp(&pinfo->abs_ts, &listed->last) > 0)
        listed->last = pinfo->abs_ts;
    listed->has_time = true;
    set_text(table, listed->row, COLUMN_START, seconds_text(session_start(), &listed->first));
    set_text(table, listed->row, COLUMN_DURATION, seconds_text(&listed->first, &listed->last));
}

static void
note_protocols(stat_tap_table *table, listed_t *listed, protocol_set_t protocols, int expected)
{
    if (listed->protocols == protocols && listed->expected == expected)
        return;
    set_text(table, listed->row, COLUMN_PROTOCOLS, protocols_text(protocols, expected));
    listed->protocols = protocols;
    listed->expected = expected;
}

static void
note_session(stat_tap_table *table, listed_t *listed)
{
    const char *outcome = session_outcome(listed->session);

    if (outcome != listed->outcome)
        set_text(table, listed->row, COLUMN_OUTCOME, g_strdup(outcome ? outcome : "-"));
    if (listed->matched != listed->session->matched)
        set_text(table, listed->row, COLUMN_MATCHED, session_match_names(listed->session->matched));
    listed->outcome = outcome;
    listed->matched = listed->session->matched;
}

static void
finish_row(void *key _U_, void *value, void *table)
{
    listed_t *listed = (listed_t *)value;
    int expected = session_is_recognised(listed->session) ? -1 : listed->expected;

    note_protocols((stat_tap_table *)table, listed, session_protocols_later(listed->session), expected);
    note_session((stat_tap_table *)table, listed);
}

static void
finish_table(void *tapdata _U_)
{
    stat_tap_table *table = stat_tap_find_table(&listing, TABLE_TITLE);

    if (table)
        g_hash_table_foreach(rows_of(table), finish_row, table);
}

static tap_packet_status
list_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const stat_data_t *ui = (const stat_data_t *)tapdata;
    const session_tap_info_t *info = (const session_tap_info_t *)data;
    stat_tap_table *table = g_array_index(ui->stat_tap_data->tables, stat_tap_table *, 0);
    listed_t *listed = find_row(table, info, pinfo->num);

    count_frame(table, listed, info, pinfo);
    note_time(table, listed, pinfo);
    note_protocols(table, listed, info->protocols, info->expected);
    note_session(table, listed);
    session_stat_before_drawing(info, finish_table, &is_finished);
    return TAP_PACKET_REDRAW;
}

static void
init_table(stat_tap_table_ui *ui)
{
    stat_table_begin(ui, TABLE_TITLE, COLUMNS);
}

static void
reset_table(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
}

void
session_listing_register(void)
{
    listing = (stat_tap_table_ui) {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = TABLE_TITLE,
        .tap_name = SESSION_TAP,
        .cli_string = "session,table",
        .stat_tap_init_cb = init_table,
        .packet_func = list_packet,
        .stat_tap_reset_table_cb = reset_table,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = columns,
    };

    register_stat_tap_table_ui(&listing);
}
