/* hkp-export.c
 * HKP's statistics and its list of Export Objects; see hkp-export.h
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
#include <epan/export_object.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <wsutil/wsgcrypt.h>

#include "hkp-export.h"
#include "openpgp-codes.h"
#include "compat.h"

/* RFC 9580 section 6.2.3: at most 76 characters. */
#define ARMOR_LINE_BYTES 48

static int hkp_tap = -1;
static int hkp_eo_tap = -1;

bool
hkp_is_tapped(void)
{
    return have_tap_listener(hkp_tap) || have_tap_listener(hkp_eo_tap);
}

void
hkp_tap_message(packet_info *pinfo, const hkp_tap_info_t *info)
{
    hkp_tap_info_t *copy;
    bool is_quoted = pinfo->flags.in_error_pkt;

    if (!hkp_is_tapped())
        return;
    pinfo->flags.in_error_pkt = false;      /* else statistics would not be told of what the error itself says */
    copy = (hkp_tap_info_t *)wmem_memdup(pinfo->pool, info, sizeof *info);
    tap_queue_packet(hkp_tap, pinfo, copy);
    if (copy->keys)
        tap_queue_packet(hkp_eo_tap, pinfo, copy);
    pinfo->flags.in_error_pkt = is_quoted;
}

/* --- Statistics --- */

static int st_node_operations = -1;
static int st_node_results = -1;
static int st_node_kinds = -1;

static void
hkp_stats_tree_init(stats_tree *st)
{
    st_node_operations = stats_tree_create_pivot(st, "Operations", 0);
    st_node_results = stats_tree_create_pivot(st, "Results", 0);
    st_node_kinds = stats_tree_create_pivot(st, "Search kinds", 0);
}

static tap_packet_status
hkp_stats_tree_packet(stats_tree *st, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const hkp_tap_info_t *info = (const hkp_tap_info_t *)data;

    if (info->is_request) {
        stats_tree_tick_pivot(st, st_node_operations, hkp_shortened(pinfo->pool, info->op, HKP_INFO_SEARCH));
        if (info->kind != KIND_NONE)
            stats_tree_tick_pivot(st, st_node_kinds, hkp_kind_name(info->kind));
    }
    if (info->outcome)
        stats_tree_tick_pivot(st, st_node_results, info->outcome);
    return TAP_PACKET_REDRAW;
}

/* --- Export Objects --- */

static void
append_base64(wmem_strbuf_t *text, const uint8_t *bytes, size_t length)
{
    char *line = g_base64_encode(bytes, length);

    wmem_strbuf_append(text, line);
    wmem_strbuf_append_c(text, '\n');
    g_free(line);
}

/* A primary key with all that belongs to it as an ASCII-armored block with CRC-24, as key servers send it. */
static char *
key_to_armor(wmem_allocator_t *allocator, const openpgp_key_t *key)
{
    const char *type = key->secret ? "PRIVATE" : "PUBLIC";
    unsigned length = key->length;
    wmem_strbuf_t *text = wmem_strbuf_new(allocator, NULL);
    uint8_t crc[OPENPGP_CRC24_LENGTH];
    unsigned i;

    wmem_strbuf_append_printf(text, "-----BEGIN PGP %s KEY BLOCK-----\n\n", type);
    for (i = 0; i < length; i += ARMOR_LINE_BYTES)
        append_base64(text, key->octets + i, MIN(length - i, ARMOR_LINE_BYTES));
    gcry_md_hash_buffer(GCRY_MD_CRC24_RFC2440, crc, key->octets, length);
    wmem_strbuf_append_c(text, '=');
    append_base64(text, crc, sizeof crc);
    wmem_strbuf_append_printf(text, "-----END PGP %s KEY BLOCK-----\n", type);
    return wmem_strbuf_finalize(text);
}

static void
export_key(export_object_list_t *list, packet_info *pinfo, const hkp_tap_info_t *info, const openpgp_key_t *key)
{
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);

    entry->pkt_num = pinfo->num;
    entry->hostname = g_strdup(info->host);
    entry->content_type = g_strdup("application/pgp-keys");
    entry->filename = g_strdup_printf("%s.asc", key->fingerprint);
    entry->payload_data = (uint8_t *)key_to_armor(NULL, key);
    entry->payload_len = strlen((const char *)entry->payload_data);
    list->add_entry(list->gui_data, entry);
}

static tap_packet_status
hkp_eo_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const hkp_tap_info_t *info = (const hkp_tap_info_t *)data;
    tap_packet_status status = TAP_PACKET_DONT_REDRAW;

    for (unsigned i = 0; i < wmem_array_get_count(info->keys->keys); i++) {
        const openpgp_key_t *key = (const openpgp_key_t *)wmem_array_index(info->keys->keys, i);

        if (!key->subkey && key->fingerprint[0] != '\0') {
            export_key((export_object_list_t *)tapdata, pinfo, info, key);
            status = TAP_PACKET_REDRAW;
        }
    }
    return status;
}

void
hkp_register_export(int proto)
{
    hkp_tap = register_tap("hkp");
    hkp_eo_tap = register_export_object(proto, hkp_eo_packet, NULL);
    stats_tree_register_plugin("hkp", "hkp", "HKP", 0, hkp_stats_tree_packet, hkp_stats_tree_init, NULL);
}
