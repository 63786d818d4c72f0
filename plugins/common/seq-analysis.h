/* seq-analysis.h
 * The graph of Statistics > Flow Graph and -z flow, as epan/sequence_analysis.h declares it
 *
 * That header belongs to no development package. The part of an item that is used here is the same in all versions but for the
 * type of truth values; sequence_analysis_create_sai_with_addresses() makes the item, as large as the version at hand has it.
 * An item belongs to the graph it is added to, and so do its texts, which are g_malloc'd.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SEQ_ANALYSIS_H
#define GAPFILL_SEQ_ANALYSIS_H

#ifdef GAPFILL_IN_TREE
#include <epan/sequence_analysis.h>
#else

#include <epan/address.h>
#include <epan/packet_info.h>
#include <epan/tap.h>

#include "api-bool.h"

typedef struct _seq_analysis_item {
    uint32_t   frame_number;
    address    src_addr;
    uint16_t   port_src;
    address    dst_addr;
    uint16_t   port_dst;
    char      *frame_label;         /* on the arrow */
    char      *time_str;
    char      *comment;             /* beside the graph */
    uint16_t   conv_num;
    unsigned   fg_color;
    unsigned   bg_color;
    api_bool_t has_color_filter;
    api_bool_t display;
} seq_analysis_item_t;

typedef struct _seq_analysis_info {
    const char *name;
    api_bool_t  any_addr;
    int         nconv;
    GQueue     *items;              /* of seq_analysis_item_t * */
} seq_analysis_info_t;

WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int proto_id, const char *tap_listener,
        unsigned tap_flags, tap_packet_cb tap_func);

WS_DLL_PUBLIC seq_analysis_item_t *sequence_analysis_create_sai_with_addresses(packet_info *pinfo, seq_analysis_info_t *sainfo);

#endif /* GAPFILL_IN_TREE */

#endif /* GAPFILL_SEQ_ANALYSIS_H */
