/* tap-ldp-binding.c
 * The label information base of a capture as a table; see tap-ldp-binding.h
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
#include <epan/proto_data.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/to_str.h>

#include "stat-bytes.h"
#include "stat-cells.h"
#include "tap-ldp-binding.h"
#include "compat.h"

#define ALLOCATION_OVERHEAD 16
#define NUMBER_TEXT         16      /* a label or a frame as text, at most in most rows */

static int proto_id = -1;
static int tap_ldp_binding = -1;

typedef struct binding_tap {
    wmem_array_t  *touched;     /* of ldp_binding_t *: began or ended in this frame; or NULL */
    unsigned       count;
    ldp_binding_t *used[LDP_MAX_STACK];
    bool           doubtful[LDP_MAX_STACK];     /* the use is a guess */
} binding_tap_t;

void
tap_ldp_binding_touched(packet_info *pinfo, ldp_binding_t *binding)
{
    wmem_array_t *touched = (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_id, 0);

    if (!touched) {
        touched = wmem_array_new(wmem_file_scope(), sizeof(ldp_binding_t *));
        p_add_proto_data(wmem_file_scope(), pinfo, proto_id, 0, touched);
    }
    wmem_array_append(touched, &binding, 1);
}

void
tap_ldp_binding_queue(packet_info *pinfo, const ldp_stack_t *stack)
{
    binding_tap_t *data;

    if (!have_tap_listener(tap_ldp_binding))
        return;
    data = wmem_new0(pinfo->pool, binding_tap_t);
    data->touched = (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_id, 0);
    for (unsigned i = 0; stack && i < stack->count; i++) {
        if (stack->use[i].binding) {
            data->doubtful[data->count] = ldp_use_is_doubtful(&stack->use[i]);
            data->used[data->count++] = stack->use[i].binding;
        }
    }
    if (data->touched || data->count || ldp_wire_touched(pinfo))
        tap_queue_packet(tap_ldp_binding, pinfo, data);
}

enum {
    COLUMN_LSR,
    COLUMN_LABEL,
    COLUMN_FEC,
    COLUMN_ADVERTISED,
    COLUMN_WITHDRAWN,
    COLUMN_PACKETS,
    COLUMN_BYTES,
    COLUMNS
};

static stat_tap_table_item table_fields[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "LSR", "%-15s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Label", "%7s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "FEC", "%-30s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Advertised in", "%10u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Withdrawn in", "%10s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Packets", "%10u" },
    STAT_BYTES_COLUMN,
};

static void
table_reset(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
}

static void
table_init(stat_tap_table_ui *ui)
{
    stat_table_begin(ui, "Label Information Base", COLUMNS);
}

/* How many all rows take: kept in the first one. */
static unsigned *
table_bytes(const stat_tap_table *table)
{
    return &table->elements[0][COLUMN_FEC].user_data.uint_value;
}

/* The row, its place among the rows, five texts and what it takes to allocate the six of them. */
static unsigned
row_bytes(const char *lsr, const char *fec)
{
    return (unsigned)(COLUMNS * sizeof(stat_tap_table_item_type) + sizeof(stat_tap_table_item_type *) + strlen(lsr) + 1
            + strlen(fec) + 1 + STAT_BYTES_TEXT + 2 * NUMBER_TEXT + 6 * ALLOCATION_OVERHEAD);
}

/* Allocated for g_free(), as an allocator of NULL means. */
static char *
label_text(const ldp_binding_t *binding)
{
    return binding ? ldp_label_text(binding->key.label, NULL) : g_strdup("");
}

/*
 * lsr and fec are copied. binding is NULL for the row that stands for those left out. doubtful: of the packets for which the
 * binding is a guess, as the question mark says that Info has too.
 */
static void
table_new_row(stat_tap_table *table, const char *lsr, const char *fec, ldp_binding_t *binding, bool doubtful)
{
    stat_tap_table_item_type items[COLUMNS];

    memset(items, 0, sizeof items);
    for (unsigned column = 0; column < COLUMNS; column++)
        items[column].type = table_fields[column].type;
    items[COLUMN_LSR].value.string_value = g_strdup(lsr);
    items[COLUMN_LSR].user_data.ptr_value = binding;
    items[COLUMN_FEC].value.string_value = doubtful ? g_strdup_printf("%s?", fec) : g_strdup(fec);
    items[COLUMN_LABEL].value.string_value = label_text(binding);
    items[COLUMN_LABEL].user_data.uint_value = doubtful;
    items[COLUMN_WITHDRAWN].value.string_value = g_strdup(binding ? "-" : "");
    if (binding)
        items[COLUMN_ADVERTISED].value.uint_value = binding->advertised_in;
    stat_bytes_init(&items[COLUMN_BYTES]);
    stat_tap_init_table_row(table, table->num_elements, COLUMNS, items);
    *table_bytes(table) += row_bytes(lsr, fec);
}

static void
table_add(stat_tap_table *table, ldp_binding_t *binding, bool doubtful)
{
    address lsr;
    uint32_t id = g_htonl(binding->lsr->id);
    char text[WS_INET_ADDRSTRLEN];

    set_address(&lsr, AT_IPv4, sizeof id, &id);
    address_to_str_buf(&lsr, text, sizeof text);
    binding->row[doubtful] = table->num_elements;
    table_new_row(table, text, binding->fec->text, binding, doubtful);
}

static bool
table_has(const stat_tap_table *table, const ldp_binding_t *binding, bool doubtful)
{
    unsigned row = binding->row[doubtful];

    return row < table->num_elements && table->elements[row][COLUMN_LSR].user_data.ptr_value == binding
            && table->elements[row][COLUMN_LABEL].user_data.uint_value == (unsigned)doubtful;
}

/* The last row says so. */
static bool
table_is_full(const stat_tap_table *table)
{
    return table->num_elements && !table->elements[table->num_elements - 1][COLUMN_LSR].user_data.ptr_value;
}

/* As text; the number itself is beside it. */
static void
set_withdrawn(stat_tap_table_item_type *item, uint32_t frame)
{
    if (item->user_data.uint_value == frame)
        return;
    item->user_data.uint_value = frame;
    g_free((char *)item->value.string_value);
    item->value.string_value = g_strdup_printf("%u", frame);
}

/* In both of its rows, as far as they are there. */
static void
set_end(stat_tap_table *table, const ldp_binding_t *binding)
{
    for (unsigned doubtful = 0; doubtful < 2; doubtful++) {
        if (table_has(table, binding, doubtful))
            set_withdrawn(&table->elements[binding->row[doubtful]][COLUMN_WITHDRAWN], binding->withdrawn_in);
    }
}

/* NULL for one that is left out. */
static stat_tap_table_item_type *
table_row(stat_tap_table *table, ldp_binding_t *binding, bool doubtful)
{
    if (!table_has(table, binding, doubtful)) {
        if (table_is_full(table))
            return NULL;
        if (table->num_elements && *table_bytes(table) > LDP_TABLE_BYTES_MAX) {
            table_new_row(table, "", "(more are left out)", NULL, false);
            return NULL;
        }
        table_add(table, binding, doubtful);
    }
    set_end(table, binding);
    return table->elements[binding->row[doubtful]];
}

static tap_packet_status
table_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const binding_tap_t *tap = (const binding_tap_t *)data;
    stat_data_t *stat_data = (stat_data_t *)tapdata;
    stat_tap_table *table = g_array_index(stat_data->stat_tap_data->tables, stat_tap_table *, 0);

    for (unsigned i = 0; tap->touched && i < wmem_array_get_count(tap->touched); i++)
        table_row(table, *(ldp_binding_t **)wmem_array_index(tap->touched, i), false);
    for (unsigned i = 0; i < tap->count; i++) {
        stat_tap_table_item_type *row = table_row(table, tap->used[i], tap->doubtful[i]);

        if (!row)
            continue;
        row[COLUMN_PACKETS].value.uint_value++;
        stat_bytes_add(&row[COLUMN_BYTES], pinfo->fd->pkt_len);
    }
    return TAP_PACKET_REDRAW;
}

void
tap_ldp_binding_register(int proto)
{
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "LDP Label Bindings",
        .tap_name = TAP_LDP_BINDING,
        .cli_string = "ldp_binding,table",
        .stat_tap_init_cb = table_init,
        .packet_func = table_packet,
        .stat_tap_reset_table_cb = table_reset,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = table_fields,
    };

    proto_id = proto;
    tap_ldp_binding = register_tap(TAP_LDP_BINDING);
    register_stat_tap_table_ui(&table);
}
