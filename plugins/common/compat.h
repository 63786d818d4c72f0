/* compat.h
 * What older APIs of Wireshark lack, and nothing else.
 *
 * The plugins are written for the newest API. cmake/wireshark-features.cmake looks what the Wireshark at hand has, and
 * defines WS_LACKS_X for what it has not: so they can be built for a version that nobody has tried. Each entry stands in
 * an #ifdef of its own, so that nothing is left for the newest; when a version is no longer supported, delete its entries.
 * The sources compile against the newest Wireshark without this header, and inside Wireshark's own tree it is not needed
 * at all.
 *
 * What works otherwise in an older version, without a difference that could be mapped, gets a macro that only that
 * version has: sources ask for it by #ifdef.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_COMPAT_H
#define GAPFILL_COMPAT_H

#include <ws_version.h>

#define GAPFILL_WS_VERSION (WIRESHARK_VERSION_MAJOR * 100 + WIRESHARK_VERSION_MINOR)

/* --- 4.0 and 4.4 --- */

/*
 * No header tells how a dissector works, so these go by the version: 4.4's Discard dissector keeps Wake-on-LAN packets to itself,
 * 4.0 has none but ours; and 4.0's HTTP dissector has seen HTTP in a connection when there was a request, 4.4's a response, too.
 */
#if GAPFILL_WS_VERSION < 406
#define WS_DISCARD_KEEPS_WOL
#endif
#if GAPFILL_WS_VERSION < 404
#define WS_HTTP_WAITS_FOR_REQUEST   true
#endif

/* val_to_str() allocates by itself, val_to_str_wmem() takes the allocator. */
#ifdef WS_LACKS_VAL_TO_STR_POOL
#include <epan/value_string.h>
#undef val_to_str
#define val_to_str(pool, value, strings, format) val_to_str_wmem(pool, value, strings, format)
#endif

/* The unsigned readers have no u in their names. */
#ifdef WS_LACKS_PNTOHU
#include <wsutil/pint.h>
#ifndef pntohu32
#define pntohu32(p) pntoh32(p)
#endif
#ifndef pntohu16
#define pntohu16(p) pntoh16(p)
#endif
#endif

/* A data source is asked for its tvbuff; sources ask only whether there is one. */
#ifdef WS_LACKS_DATA_SOURCE_BY_NAME
#include <epan/packet.h>

static inline const void *
ws_data_source_by_name(const packet_info *pinfo, const char *name)
{
    return get_data_source_tvb_by_name((packet_info *)pinfo, name);
}
#define get_data_source_by_name(pinfo, name) ws_data_source_by_name(pinfo, name)
#endif

/*
 * 4.0 does not tell conversations apart by interface and VLAN. In 4.4 find_conversation_strat() does, but takes
 * addresses and ports from pinfo only.
 */
#ifdef WS_LACKS_CONVERSATION_STRAT_XTD
#include <epan/conversation.h>
#include <epan/prefs.h>

static inline conversation_t *
find_conversation_strat_xtd(const packet_info *pinfo, const uint32_t setup_frame, const address *src, const address *dst,
        const conversation_type ctype, const uint32_t srcport, const uint32_t dstport, const unsigned options)
{
#if !defined(WS_LACKS_DEINTERLACING) && !defined(WS_LACKS_CONVERSATION_STRAT)
    if (prefs.conversation_deinterlacing_key > 0) {
        packet_info as_asked = *pinfo;

        as_asked.src = *src;
        as_asked.dst = *dst;
        as_asked.srcport = srcport;
        as_asked.destport = dstport;
        return find_conversation_strat(&as_asked, ctype, options);
    }
#else
    (void)pinfo;
#endif
    return find_conversation(setup_frame, src, dst, ctype, srcport, dstport, options);
}
#endif

/* --- 4.0 --- */

#ifdef WS_LACKS_DEINTERLACING
#define WS_NO_DEINTERLACING
#endif

/* A layer below, as Frame Relay's, may set what UDP's conversations go by. */
#ifdef WS_LACKS_CONVERSATION_STRAT
#define WS_UDP_GOES_BY_ELEMENTS true
#endif

/* The frames that a packet was put together of are the packet's. */
#ifdef WS_LACKS_DEPENDENT_FRAMES_OF_FRAME
#define WS_DEPENDENT_FRAMES_OF_PACKET
#endif

/* Errors of display filters are bare texts. */
#ifdef WS_LACKS_DF_ERROR
#include <stdbool.h>
#include <epan/dfilter/dfilter.h>

typedef struct df_error {
    char *msg;
} df_error_t;

static inline void
df_error_free(df_error_t **error)
{
    if (*error)
        g_free((*error)->msg);
    g_free(*error);
    *error = NULL;
}

static inline void
ws_set_df_error(df_error_t **error, char *message)
{
    *error = g_new(df_error_t, 1);
    (*error)->msg = message;
}

static inline bool
ws_dfilter_compile(const char *text, dfilter_t **code, df_error_t **error)
{
    char *message = NULL;
    bool is_good = dfilter_compile(text, code, &message);

    if (!is_good)
        ws_set_df_error(error, message);
    return is_good;
}

static inline char *
ws_dfilter_expand(const char *text, df_error_t **error)
{
    char *message = NULL;
    char *expanded = dfilter_expand(text, &message);

    if (!expanded)
        ws_set_df_error(error, message);
    return expanded;
}

#undef dfilter_compile
#define dfilter_compile(text, code, error) ws_dfilter_compile(text, code, error)
#define dfilter_expand(text, error) ws_dfilter_expand(text, error)
#endif

/* No plugin_describe(). */
#ifdef WS_LACKS_PLUGIN_DESCRIBE
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#endif

/* The tvbuff accessors have GLib's type names. */
#ifdef WS_LACKS_TVB_GET_UINT8
#ifndef tvb_get_uint8
#define tvb_get_uint8(tvb, offset) tvb_get_guint8(tvb, offset)
#endif
#endif

/* BASE_UNIT_STRING takes the unit without UNS(). */
#ifdef WS_LACKS_UNS
#ifndef UNS
#define UNS(unit) (unit)
#endif
#endif

/* format_text() takes unsigned char, and is not in wsutil. */
#ifdef WS_LACKS_FORMAT_TEXT_CHAR
#include <epan/strutil.h>
#define format_text(pool, text, length) format_text(pool, (const unsigned char *)(text), length)
#endif

/* No dissector_try_uint_with_data(), 4.4 neither. */
#ifdef WS_LACKS_TRY_UINT_WITH_DATA
#define dissector_try_uint_with_data dissector_try_uint_new
#endif

/* tvb_child_uncompress_zlib() has no codec in its name. */
#ifdef WS_LACKS_UNCOMPRESS_ZLIB
#define tvb_child_uncompress_zlib tvb_child_uncompress
#endif

/* The callbacks of conversation filters have no user data: a source file registers one at the most. */
#ifdef WS_LACKS_FILTER_USER_DATA
#include <stdbool.h>
#include <epan/packet.h>
#include <epan/proto.h>
#include <epan/conversation_filter.h>
#include <wsutil/wslog.h>
#include <wsutil/ws_assert.h>

static bool (*ws_filter_is_valid)(packet_info *pinfo, void *user_data);
static char *(*ws_filter_build)(packet_info *pinfo, void *user_data);
static void *ws_filter_user_data;

static inline gboolean
ws_call_filter_is_valid(packet_info *pinfo)
{
    return ws_filter_is_valid(pinfo, ws_filter_user_data);
}

static inline char *
ws_call_filter_build(packet_info *pinfo)
{
    return ws_filter_build(pinfo, ws_filter_user_data);
}

static inline void
ws_register_conversation_filter(const char *proto_name, const char *display_name,
        bool (*is_valid)(packet_info *, void *), char *(*build)(packet_info *, void *), void *user_data)
{
    ws_assert(!ws_filter_is_valid);
    ws_filter_is_valid = is_valid;
    ws_filter_build = build;
    ws_filter_user_data = user_data;
    register_conversation_filter(proto_name, display_name, ws_call_filter_is_valid, ws_call_filter_build);
}
#define register_conversation_filter ws_register_conversation_filter
#endif

/* Followers do not count their streams. */
#ifdef WS_LACKS_FOLLOW_COUNT
#include <epan/follow.h>

static inline void
ws_register_follow_stream(int proto, const char *tap, follow_conv_filter_func of_packet, follow_index_filter_func of_index,
        follow_address_filter_func of_address, follow_port_to_display_func port, tap_packet_cb follow, uint32_t (*count)(void),
        void *sub_streams)
{
    (void)count;
    (void)sub_streams;
    register_follow_stream(proto, tap, of_packet, of_index, of_address, port, follow);
}
#define register_follow_stream ws_register_follow_stream
#endif

#endif /* GAPFILL_COMPAT_H */
