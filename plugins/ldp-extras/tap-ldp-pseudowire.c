/* tap-ldp-pseudowire.c
 * The pseudowires of a capture as a table; see tap-ldp-pseudowire.h
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

#include <string.h>

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/to_str.h>

#include "ldp-restart.h"
#include "ldp-status.h"
#include "ldp-wire.h"
#include "stat-cells.h"
#include "tap-ldp-binding.h"
#include "tap-ldp-pseudowire.h"
#include "compat.h"

enum {
    COLUMN_WIRE,
    COLUMN_STATE,
    COLUMN_LSR,
    COLUMN_PEER,
    COLUMN_LABEL,
    COLUMN_PEER_LABEL,
    COLUMN_TYPE,
    COLUMN_MTU,
    COLUMN_CONTROL_WORD,
    COLUMN_GROUP,
    COLUMN_STATUS,
    COLUMN_UP_SINCE,
    COLUMNS
};

static stat_tap_table_item table_fields[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Pseudowire", "%-12s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "State", "%-10s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "LSR", "%-15s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Peer", "%-15s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Label", "%7s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Peer's label", "%12s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Type", "%-10s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "MTU", "%-9s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Control word", "%-12s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Group", "%-5s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Status", "%-10s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Up since", "%8s" },
};

static void
table_reset(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
}

static void
table_init(stat_tap_table_ui *ui)
{
    stat_table_begin(ui, "Pseudowires", COLUMNS);
}

static void
table_new_row(stat_tap_table *table, const char *name, ldp_wire_t *wire)
{
    stat_tap_table_item_type items[COLUMNS];

    memset(items, 0, sizeof items);
    for (unsigned column = 0; column < COLUMNS; column++) {
        items[column].type = TABLE_ITEM_STRING;
        items[column].value.string_value = g_strdup(column == COLUMN_WIRE ? name : "");
    }
    items[COLUMN_WIRE].user_data.ptr_value = wire;
    stat_tap_init_table_row(table, table->num_elements, COLUMNS, items);
}

static bool
table_has(const stat_tap_table *table, const ldp_wire_t *wire)
{
    return wire->row < table->num_elements && table->elements[wire->row][COLUMN_WIRE].user_data.ptr_value == wire;
}

/* NULL for one that is left out. */
static stat_tap_table_item_type *
table_row(stat_tap_table *table, ldp_wire_t *wire)
{
    if (table_has(table, wire))
        return table->elements[wire->row];
    if (table->num_elements > LDP_PSEUDOWIRES_MAX)
        return NULL;
    if (table->num_elements == LDP_PSEUDOWIRES_MAX) {
        table_new_row(table, "(more are left out)", NULL);
        return NULL;
    }
    wire->row = table->num_elements;
    table_new_row(table, wire->text, wire);
    return table->elements[wire->row];
}

static void
set_cell(stat_tap_table_item_type *row, unsigned column, const char *text)
{
    g_free((char *)row[column].value.string_value);
    row[column].value.string_value = g_strdup(text);
}

/* Once where both say the same or one says nothing. */
static void
set_both(stat_tap_table_item_type *row, unsigned column, const char *one, const char *other)
{
    char *text = one && other && strcmp(one, other) != 0 ? g_strdup_printf("%s / %s", one, other)
            : g_strdup(one ? one : other ? other : "-");

    g_free((char *)row[column].value.string_value);
    row[column].value.string_value = text;
}

static void
set_router(stat_tap_table_item_type *row, unsigned column, const ldp_lsr_t *lsr)
{
    char text[WS_INET_ADDRSTRLEN];
    uint32_t id = g_htonl(lsr->id);
    address addr;

    set_address(&addr, AT_IPv4, sizeof id, &id);
    address_to_str_buf(&addr, text, sizeof text);
    set_cell(row, column, text);
}

static const char *
number_text(uint32_t number, wmem_allocator_t *pool)
{
    return wmem_strdup_printf(pool, "%u", number);
}

static const char *
type_text(const ldp_wire_end_t *end)
{
    return end->pw ? val_to_str_const(end->pw->type, ldp_pw_type_short_vals, "other") : NULL;
}

static const char *
mtu_text(const ldp_wire_end_t *end, wmem_allocator_t *pool)
{
    return end->pw && end->pw->mtu ? number_text(end->pw->mtu, pool) : NULL;
}

static const char *
word_text(const ldp_wire_end_t *end)
{
    return !end->pw ? NULL : end->pw->control_word ? "yes" : "no";
}

static const char *
group_text(const ldp_wire_end_t *end, wmem_allocator_t *pool)
{
    return end->pw ? number_text(end->pw->group, pool) : NULL;
}

static const char *
status_text(const ldp_wire_end_t *end, wmem_allocator_t *pool)
{
    return end->pw ? ldp_pw_status_text(end->status, pool) : NULL;
}

/* What the other side says may be missing in the capture, and routers may agree otherwise. */
static const char *
state_text(const ldp_wire_t *wire, const ldp_wire_state_t *state, wmem_allocator_t *pool)
{
    if (ldp_wire_is_in_use(wire, state->frame))
        return wmem_strdup_printf(pool, "not known: packets use it, but the capture has %s", ldp_wire_reasons_text(state, pool));
    if (state->reasons == LDP_WIRE_ONE_SIDE && !ldp_pair_is_whole(state->end[0].lsr, state->end[1].lsr, state->frame))
        return wmem_strdup_printf(pool, "not known: the capture has %s", ldp_wire_reasons_text(state, pool));
    return state->reasons ? wmem_strdup_printf(pool, "down: %s", ldp_wire_reasons_text(state, pool)) : "up";
}

static void
fill_row(stat_tap_table_item_type *row, const ldp_wire_t *wire, const ldp_wire_state_t *state, wmem_allocator_t *pool)
{
    const ldp_wire_end_t *one = &state->end[0], *other = &state->end[1];

    set_router(row, COLUMN_LSR, one->lsr);
    set_router(row, COLUMN_PEER, other->lsr);
    set_cell(row, COLUMN_LABEL, one->pw ? ldp_label_text(one->label, pool) : "-");
    set_cell(row, COLUMN_PEER_LABEL, other->pw ? ldp_label_text(other->label, pool) : "-");
    set_both(row, COLUMN_TYPE, type_text(one), type_text(other));
    set_both(row, COLUMN_MTU, mtu_text(one, pool), mtu_text(other, pool));
    set_both(row, COLUMN_CONTROL_WORD, word_text(one), word_text(other));
    set_both(row, COLUMN_GROUP, group_text(one, pool), group_text(other, pool));
    set_both(row, COLUMN_STATUS, status_text(one, pool), status_text(other, pool));
    set_cell(row, COLUMN_UP_SINCE, state->up_since ? number_text(state->up_since, pool) : "-");
    set_cell(row, COLUMN_STATE, state_text(wire, state, pool));
}

static tap_packet_status
table_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data _U_, tap_flags_t flags _U_)
{
    stat_data_t *stat_data = (stat_data_t *)tapdata;
    stat_tap_table *table = g_array_index(stat_data->stat_tap_data->tables, stat_tap_table *, 0);
    wmem_array_t *touched = ldp_wire_touched(pinfo);

    for (unsigned i = 0; touched && i < wmem_array_get_count(touched); i++) {
        ldp_wire_t *wire = *(ldp_wire_t **)wmem_array_index(touched, i);
        stat_tap_table_item_type *row = table_row(table, wire);
        const ldp_wire_state_t *state = ldp_wire_after(wire, pinfo->num);

        if (row && state)
            fill_row(row, wire, state, pinfo->pool);
    }
    return TAP_PACKET_REDRAW;
}

void
tap_ldp_pseudowire_register(void)
{
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "LDP Pseudowires",
        .tap_name = TAP_LDP_BINDING,
        .cli_string = "ldp_binding,pseudowires",
        .stat_tap_init_cb = table_init,
        .packet_func = table_packet,
        .stat_tap_reset_table_cb = table_reset,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = table_fields,
    };

    register_stat_tap_table_ui(&table);
}
