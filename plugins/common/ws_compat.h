/* ws_compat.h
 * What differs between the APIs of Wireshark 4.0, 4.4 and 4.6.
 *
 * The plugins are written for the newest API. Each entry says which version needs it;
 * when that version is no longer supported, delete the entry. Inside Wireshark's own tree
 * this header is not needed at all.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_WS_COMPAT_H
#define GAPFILL_WS_COMPAT_H

#include <stdbool.h>
#include <stdint.h>

#include <ws_version.h>
#include <epan/packet.h>
#include <epan/conversation.h>

#define GAPFILL_WS_VERSION (WIRESHARK_VERSION_MAJOR * 100 + WIRESHARK_VERSION_MINOR)

/* 4.0: no plugin_describe(). */
#ifndef WS_PLUGIN_DESC_DISSECTOR
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#endif

/*
 * 4.0: heuristic dissectors and wmem's callbacks return gboolean, boolean preferences and what get_ber_identifier()
 * and get_ber_length() write are gboolean, which is an int. Inside Wireshark's tree both types are bool.
 */
#if GAPFILL_WS_VERSION < 402
typedef gboolean ws_heur_result_t;
typedef gboolean ws_bool_pref_t;
typedef gboolean ws_ber_bool_t;
typedef gboolean ws_wmem_result_t;
#else
typedef bool ws_heur_result_t;
typedef bool ws_bool_pref_t;
typedef bool ws_ber_bool_t;
typedef bool ws_wmem_result_t;
#endif

/* 4.0: the tvbuff accessors have GLib's type names. */
#if GAPFILL_WS_VERSION < 404
#ifndef tvb_get_uint8
#define tvb_get_uint8(tvb, offset) tvb_get_guint8(tvb, offset)
#endif
#endif

/* 4.0: BASE_UNIT_STRING takes the unit without UNS(). */
#ifndef UNS
#define UNS(unit) (unit)
#endif

/* 4.0, 4.4: val_to_str() allocates by itself, val_to_str_wmem() takes the allocator. */
#if GAPFILL_WS_VERSION < 406
#undef val_to_str
#define val_to_str(pool, value, strings, format) val_to_str_wmem(pool, value, strings, format)
#endif

/* 4.0: format_text() takes unsigned char, and is not in wsutil. */
#if GAPFILL_WS_VERSION < 404
#include <epan/strutil.h>
#define ws_format_text(pool, text, length) format_text(pool, (const unsigned char *)(text), length)
#else
#include <wsutil/str_util.h>
#define ws_format_text(pool, text, length) format_text(pool, text, length)
#endif

/* 4.0, 4.4: no dissector_try_uint_with_data(). */
#if GAPFILL_WS_VERSION < 406
#define dissector_try_uint_with_data dissector_try_uint_new
#endif

/* 4.0: tvb_child_uncompress_zlib() has no codec in its name. */
#if GAPFILL_WS_VERSION < 404
#define tvb_child_uncompress_zlib tvb_child_uncompress
#endif

/*
 * 4.0: no conversations told apart by interface and VLAN. 4.4: find_conversation_strat() takes
 * addresses and ports from pinfo only; from 4.6 on there is find_conversation_strat_xtd().
 */
#if GAPFILL_WS_VERSION < 404
#define ws_conversations_deinterlaced() false
#else
#include <epan/prefs.h>
#define ws_conversations_deinterlaced() (prefs.conversation_deinterlacing_key > 0)
#endif

static inline conversation_t *
ws_find_conversation_strat(packet_info *pinfo, const address *src, const address *dst, conversation_type ctype,
        uint32_t srcport, uint32_t dstport)
{
#if GAPFILL_WS_VERSION >= 406
    if (ws_conversations_deinterlaced())
        return find_conversation_strat_xtd(pinfo, pinfo->num, src, dst, ctype, srcport, dstport, 0);
#elif GAPFILL_WS_VERSION >= 404
    if (ws_conversations_deinterlaced()) {
        packet_info as_asked = *pinfo;

        as_asked.src = *src;
        as_asked.dst = *dst;
        as_asked.srcport = srcport;
        as_asked.destport = dstport;
        return find_conversation_strat(&as_asked, ctype, 0);
    }
#endif
    return find_conversation(pinfo->num, src, dst, ctype, srcport, dstport, 0);
}

/*
 * All: except_setup_clean(), which CLEANUP_PUSH needs, is not exported. The node of a catcher that catches nothing is
 * made into that of a cleanup function: except_setup_try() does nothing but fill both in and put the node on the stack.
 */
#include <epan/exceptions.h>

static inline void
ws_except_setup_clean(struct except_stacknode *node, struct except_cleanup *cleanup, void (*func)(void *), void *context)
{
    struct except_catch none;

    except_setup_try(node, &none, NULL, 0);
    cleanup->except_func = func;
    cleanup->except_context = context;
    node->except_type = XCEPT_CLEANUP;
    node->except_info.except_cleanup = cleanup;
}
#define except_setup_clean ws_except_setup_clean

/* 4.0, 4.4: the unsigned readers have no u in their names. */
#include <wsutil/pint.h>
#if GAPFILL_WS_VERSION < 406
#ifndef pntohu32
#define pntohu32(p) pntoh32(p)
#endif
#ifndef pntohu16
#define pntohu16(p) pntoh16(p)
#endif
#endif

/* 4.0: the callbacks of conversation filters have no user data. */
#if GAPFILL_WS_VERSION < 404
#define WS_FILTER_CALLBACK_ARGS packet_info *pinfo
#define ws_register_conversation_filter(proto_name, display_name, is_valid, build) \
    register_conversation_filter(proto_name, display_name, is_valid, build)
#else
#define WS_FILTER_CALLBACK_ARGS packet_info *pinfo, void *user_data _U_
#define ws_register_conversation_filter(proto_name, display_name, is_valid, build) \
    register_conversation_filter(proto_name, display_name, is_valid, build, NULL)
#endif

/* 4.4: the Discard dissector keeps Wake-on-LAN packets to itself. 4.0 has none but ours, 4.6 passes them on. */
#define WS_DISCARD_PASSES_WOL (GAPFILL_WS_VERSION >= 406)

#endif /* GAPFILL_WS_COMPAT_H */
