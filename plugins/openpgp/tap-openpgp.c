/* tap-openpgp.c
 * The keys of a capture as a table, and the list of Export Objects; see tap-openpgp.h
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

#include <epan/export_object.h>
#include <epan/packet.h>
#include <epan/proto_data.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <wsutil/wsgcrypt.h>

#include "openpgp-objects.h"
#include "tap-openpgp.h"
#include "compat.h"

#define DIGEST_LENGTH   16

/* Longest text of a cell; behind it an ellipsis. */
#define CELL_MAX        400

/* Of what this protocol keeps with a packet. */
#define EXPORTED_DATA   2

static int proto_openpgp = -1;
static int openpgp_tap = -1;
static int openpgp_eo_tap = -1;

bool
tap_openpgp_is_on(void)
{
    return have_tap_listener(openpgp_tap) || have_tap_listener(openpgp_eo_tap);
}

void
tap_openpgp_queue(packet_info *pinfo, const openpgp_review_t *review)
{
    wmem_array_t *objects;

    if (!tap_openpgp_is_on())
        return;
    objects = openpgp_objects(pinfo, review);
    tap_queue_packet(openpgp_tap, pinfo, objects);
    tap_queue_packet(openpgp_eo_tap, pinfo, objects);
}

static const openpgp_object_t *
object_at(const void *objects, unsigned i)
{
    return (const openpgp_object_t *)wmem_array_index((wmem_array_t *)objects, i);
}

static unsigned
object_count(const void *objects)
{
    return wmem_array_get_count((wmem_array_t *)objects);
}

static void
digest_of(const openpgp_object_t *object, uint8_t *digest)
{
    uint8_t whole[32];

    gcry_md_hash_buffer(GCRY_MD_SHA256, whole, wmem_array_get_raw(object->octets), wmem_array_get_count(object->octets));
    memcpy(digest, whole, DIGEST_LENGTH);
}

/* --- The table --- */

enum {
    COLUMN_FINGERPRINT,
    COLUMN_STATE,
    COLUMN_USER_IDS,
    COLUMN_ALGORITHMS,
    COLUMN_CREATED,
    COLUMN_EXPIRES,
    COLUMN_FRAME,
    COLUMN_SEEN,
    COLUMN_WHERE,
    COLUMN_DIFFERENCES,
    COLUMNS
};

static stat_tap_table_item table_fields[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Fingerprint", "%-40s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "State", "%-10s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "User IDs", "%-30s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Algorithms", "%-20s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Created", "%-10s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Expires", "%-10s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "First frame", "%8u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Times", "%6u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "From", "%-15s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Differences", "%s" },
};

/* What was seen first of a key: hung on the row's first item. On the second one of the first row hang all rows by fingerprint. */
typedef struct sighting {
    uint8_t digest[DIGEST_LENGTH];
} sighting_t;

/* The fingerprints are those of the rows. */
static void
free_rows(stat_tap_table_item_type *item)
{
    if (item->user_data.ptr_value)
        g_hash_table_destroy((GHashTable *)item->user_data.ptr_value);
}

static void
free_row(stat_tap_table_item_type *row)
{
    for (unsigned column = 0; column < COLUMNS; column++) {
        if (table_fields[column].type == TABLE_ITEM_STRING)
            g_free((char *)row[column].value.string_value);
    }
    g_free(row[COLUMN_FINGERPRINT].user_data.ptr_value);
    free_rows(&row[COLUMN_USER_IDS]);
}

static void
table_reset(stat_tap_table *table)
{
    for (unsigned row = 0; row < table->num_elements; row++) {
        free_row(table->elements[row]);
        g_free(table->elements[row]);
    }
    table->num_elements = 0;
}

static void
table_free_item(stat_tap_table *table _U_, unsigned row _U_, unsigned column, stat_tap_table_item_type *item)
{
    if (table_fields[column].type == TABLE_ITEM_STRING)
        g_free((char *)item->value.string_value);
    if (column == COLUMN_FINGERPRINT)
        g_free(item->user_data.ptr_value);
    else if (column == COLUMN_USER_IDS)
        free_rows(item);
}

static void
table_init(stat_tap_table_ui *ui)
{
    static const char title[] = "OpenPGP Keys";
    stat_tap_table *table = stat_tap_find_table(ui, title);

    if (table)
        table_reset(table);
    else
        stat_tap_add_table(ui, stat_tap_init_table(title, COLUMNS, 0, NULL));
}

static char *
date_text(uint64_t seconds)
{
    GDateTime *date = g_date_time_new_from_unix_utc((gint64)seconds);
    char *text = date ? g_date_time_format(date, "%Y-%m-%d") : NULL;

    if (date)
        g_date_time_unref(date);
    return text ? text : g_strdup("?");
}

/* Whole characters of UTF-8. */
static char *
cell_text(const char *text)
{
    const char *end;

    if (strlen(text) <= CELL_MAX)
        return g_strdup(text);
    end = g_utf8_find_prev_char(text, text + CELL_MAX);
    return g_strdup_printf("%.*s\xe2\x80\xa6", end ? (int)(end - text) : 0, text);
}

static void
set_cell(stat_tap_table_item_type *item, char *text)
{
    g_free((char *)item->value.string_value);
    item->value.string_value = text;
}

/* Of what was seen last. */
static void
set_standing(stat_tap_table_item_type *row, const openpgp_object_t *object)
{
    const openpgp_standing_t *standing = object->standing;

    bool known = standing->state <= OPENPGP_STATE_REVOKED && !standing->incomplete;

    set_cell(&row[COLUMN_EXPIRES], standing->expires ? date_text(standing->expires) : g_strdup(known ? "never" : "unknown"));
    set_cell(&row[COLUMN_STATE], g_strdup(openpgp_state_text(standing->state)));
}

/* Of a table that is not empty. */
static GHashTable *
rows_of(const stat_tap_table *table)
{
    return (GHashTable *)table->elements[0][COLUMN_USER_IDS].user_data.ptr_value;
}

static stat_tap_table_item_type *
add_row(stat_tap_table *table, const packet_info *pinfo, const openpgp_object_t *object, const char *from)
{
    stat_tap_table_item_type row[COLUMNS];
    stat_tap_table_item_type *added;
    sighting_t *sighting = g_new0(sighting_t, 1);

    memset(row, 0, sizeof row);
    for (unsigned column = 0; column < COLUMNS; column++)
        row[column].type = table_fields[column].type;
    digest_of(object, sighting->digest);
    row[COLUMN_FINGERPRINT].user_data.ptr_value = sighting;
    row[COLUMN_FINGERPRINT].value.string_value = g_strdup(object->key->fingerprint);
    row[COLUMN_USER_IDS].value.string_value = cell_text(object->user_ids);
    row[COLUMN_ALGORITHMS].value.string_value = cell_text(object->algorithms);
    row[COLUMN_CREATED].value.string_value = date_text(object->key->creation);
    row[COLUMN_FRAME].value.uint_value = pinfo->num;
    row[COLUMN_WHERE].value.string_value = g_strdup(from);
    row[COLUMN_DIFFERENCES].value.string_value = g_strdup("");
    set_standing(row, object);
    if (table->num_elements == 0)
        row[COLUMN_USER_IDS].user_data.ptr_value = g_hash_table_new(g_str_hash, g_str_equal);
    stat_tap_init_table_row(table, table->num_elements, COLUMNS, row);
    added = table->elements[table->num_elements - 1];
    g_hash_table_insert(rows_of(table), (void *)added[COLUMN_FINGERPRINT].value.string_value, added);
    return added;
}

static stat_tap_table_item_type *
find_row(const stat_tap_table *table, const openpgp_object_t *object)
{
    return table->num_elements == 0 ? NULL
        : (stat_tap_table_item_type *)g_hash_table_lookup(rows_of(table), object->key->fingerprint);
}

/* As a whole: things have commas in them, but none ends where another one goes on. */
static bool
is_in_list(const char *list, const char *text)
{
    size_t length = strlen(text);

    for (const char *at = strstr(list, text); at; at = strstr(at + 1, text)) {
        bool begins = at == list || (at - list >= 2 && !strncmp(at - 2, ", ", 2));

        if (begins && (at[length] == '\0' || !strncmp(at + length, ", ", 2)))
            return true;
    }
    return false;
}

/* Adds to a list of things of which each stands there once. */
static void
add_to_list(stat_tap_table_item_type *item, const char *text)
{
    const char *list = item->value.string_value;

    if (strlen(list) < CELL_MAX && !is_in_list(list, text))
        set_cell(item, g_strdup_printf("%s%s%s", list, *list ? ", " : "", text));
}

static void
note_difference(stat_tap_table_item_type *row, const openpgp_object_t *object, const char *from)
{
    const sighting_t *first = (const sighting_t *)row[COLUMN_FINGERPRINT].user_data.ptr_value;
    uint8_t digest[DIGEST_LENGTH];
    char *text;

    digest_of(object, digest);
    if (memcmp(digest, first->digest, DIGEST_LENGTH) == 0)
        return;
    text = g_strdup_printf("%s: %u user ID%s, %u subkey%s, %u signature%s", from, object->user_id_count,
        object->user_id_count == 1 ? "" : "s", object->subkey_count, object->subkey_count == 1 ? "" : "s",
        object->signature_count, object->signature_count == 1 ? "" : "s");
    add_to_list(&row[COLUMN_DIFFERENCES], text);
    g_free(text);
}

static void
table_key(stat_tap_table *table, packet_info *pinfo, const openpgp_object_t *object)
{
    char *from = address_to_str(NULL, &pinfo->net_src);
    stat_tap_table_item_type *row = find_row(table, object);

    if (!row && table->num_elements < OPENPGP_TABLE_MAX)
        row = add_row(table, pinfo, object, from);
    if (row) {
        row[COLUMN_SEEN].value.uint_value++;
        add_to_list(&row[COLUMN_WHERE], from);
        note_difference(row, object, from);
        set_standing(row, object);
    }
    wmem_free(NULL, from);
}

static tap_packet_status
table_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    stat_data_t *stat_data = (stat_data_t *)tapdata;
    stat_tap_table *table = g_array_index(stat_data->stat_tap_data->tables, stat_tap_table *, 0);

    for (unsigned i = 0; i < object_count(data); i++) {
        if (object_at(data, i)->kind == OPENPGP_OBJECT_KEY && object_at(data, i)->standing)
            table_key(table, pinfo, object_at(data, i));
    }
    return TAP_PACKET_REDRAW;
}

/* --- Export Objects --- */

static GHashTable *exported;    /* digests of what the list has */
static uint32_t latest;         /* the last frame that was asked for it */

static unsigned
digest_hash(const void *digest)
{
    unsigned hash;

    memcpy(&hash, digest, sizeof hash);
    return hash;
}

static gboolean
digest_equal(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_LENGTH) == 0;
}

static void
export_reset(void)
{
    if (exported)
        g_hash_table_destroy(exported);
    exported = NULL;
    latest = 0;
}

/* sharkd makes a list anew without saying so: the frames begin again. */
static void
note_frame(packet_info *pinfo)
{
    if (p_get_proto_data(pinfo->pool, pinfo, proto_openpgp, EXPORTED_DATA))
        return;
    p_add_proto_data(pinfo->pool, pinfo, proto_openpgp, EXPORTED_DATA, &exported);
    if (pinfo->num <= latest)
        export_reset();
    latest = pinfo->num;
}

/* True the first time. */
static bool
is_new(const openpgp_object_t *object)
{
    uint8_t *digest = g_new(uint8_t, DIGEST_LENGTH);

    digest_of(object, digest);
    if (!exported)
        exported = g_hash_table_new_full(digest_hash, digest_equal, g_free, NULL);
    if (g_hash_table_contains(exported, digest)) {
        g_free(digest);
        return false;
    }
    g_hash_table_add(exported, digest);
    return true;
}

static const char *
file_end(const openpgp_object_t *object)
{
    if (object->kind == OPENPGP_OBJECT_KEY)
        return object->secret ? "-secret.gpg" : ".gpg";
    return object->kind == OPENPGP_OBJECT_SIGNATURE ? ".sig" : ".pgp";
}

static const char *
media_type(const openpgp_object_t *object)
{
    return object->kind == OPENPGP_OBJECT_KEY ? "application/pgp-keys" :
        object->kind == OPENPGP_OBJECT_SIGNATURE ? "application/pgp-signature" : "application/pgp-encrypted";
}

static void
export_object(export_object_list_t *list, packet_info *pinfo, const openpgp_object_t *object)
{
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);
    char *from = address_to_str(NULL, &pinfo->net_src);

    entry->pkt_num = pinfo->num;
    entry->hostname = g_strdup(from);
    entry->content_type = g_strdup(media_type(object));
    entry->filename = g_strconcat(object->name, file_end(object), NULL);
    entry->payload_len = wmem_array_get_count(object->octets);
    entry->payload_data = (uint8_t *)g_memdup2(wmem_array_get_raw(object->octets), entry->payload_len);
    list->add_entry(list->gui_data, entry);
    wmem_free(NULL, from);
}

static tap_packet_status
export_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    tap_packet_status status = TAP_PACKET_DONT_REDRAW;

    note_frame(pinfo);
    for (unsigned i = 0; i < object_count(data); i++) {
        if (is_new(object_at(data, i))) {
            export_object((export_object_list_t *)tapdata, pinfo, object_at(data, i));
            status = TAP_PACKET_REDRAW;
        }
    }
    return status;
}

void
tap_openpgp_register(int proto)
{
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "OpenPGP Keys",
        .tap_name = "openpgp",
        .cli_string = "openpgp,keys",
        .stat_tap_init_cb = table_init,
        .packet_func = table_packet,
        .stat_tap_reset_table_cb = table_reset,
        .stat_tap_free_table_item_cb = table_free_item,
        .nfields = COLUMNS,
        .fields = table_fields,
    };

    proto_openpgp = proto;
    openpgp_tap = register_tap("openpgp");
    openpgp_eo_tap = register_export_object(proto, export_packet, export_reset);
    register_init_routine(export_reset);
    register_stat_tap_table_ui(&table);
}
