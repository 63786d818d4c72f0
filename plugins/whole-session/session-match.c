/* session-match.c
 * Which sessions a display filter matches; see session-match.h
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

#include <stddef.h>

#include <epan/packet.h>
#include <epan/epan_dissect.h>
#include <wsutil/report_message.h>

#include "api-bool.h"
#include "session-filter.h"
#include "session-fragments.h"
#include "session-match.h"
#include "session-named.h"
#include "compat.h"

/* A session that the packet at hand is of. */
typedef struct touched {
    session_t  *session;
    proto_tree *tree;
} touched_t;

extern int proto_session;

static const char *match_text = "";
static dfilter_t *codes[MATCHED_BITS];      /* NULL: none is set */
static api_bool_t match_related = false;
uint32_t session_match_bits;

static dissector_handle_t judge_handle;     /* a postdissector once a filter has been set */
static bool is_registered;
static session_match_cb show_added;

static GArray *touched;                     /* of touched_t */
static uint32_t touched_in;                 /* the frame */

/* Wireshark calls postdissectors with the packet_info of the dissection that is asked about. */
static epan_dissect_t *
dissection_of(packet_info *pinfo)
{
    return (epan_dissect_t *)(void *)((char *)pinfo - offsetof(epan_dissect_t, pi));
}

static void
add_to_session(const touched_t *one, uint32_t matched, tvbuff_t *tvb)
{
    uint32_t added = matched & ~one->session->matched;

    session_add_matches(one->session, matched);
    if (added && one->tree)
        show_added(added, tvb, one->tree);
}

/* Bits that not all of the packet's sessions have. */
static uint32_t
find_missing(void)
{
    uint32_t missing = 0;

    for (unsigned i = 0; i < touched->len; i++)
        missing |= session_match_bits & ~g_array_index(touched, touched_t, i).session->matched;
    return missing;
}

static uint32_t
judge(uint32_t asked, packet_info *pinfo)
{
    uint32_t matched = 0;

    for (unsigned i = 0; i < MATCHED_BITS; i++) {
        if ((asked & (1u << i)) && dfilter_apply_edt(codes[i], dissection_of(pinfo)))
            matched |= 1u << i;
    }
    return matched;
}

/* Only filters are asked whose answer would be news. */
static void
judge_for_sessions(tvbuff_t *tvb, packet_info *pinfo)
{
    uint32_t matched = judge(find_missing(), pinfo);

    for (unsigned i = 0; matched && i < touched->len; i++)
        add_to_session(&g_array_index(touched, touched_t, i), matched, tvb);
    touched_in = 0;
}

/* Of which session it is will be known when its datagram is put together. */
static void
judge_fragment(packet_info *pinfo)
{
    uint32_t matched = judge(session_match_bits, pinfo);

    if (matched)
        session_fragments_match(pinfo->num, matched);
}

static int
judge_packet(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (PINFO_FD_VISITED(pinfo) || !tree || !session_match_bits)
        return 0;
    if (touched_in == pinfo->num)
        judge_for_sessions(tvb, pinfo);
    if (session_fragments_has(pinfo->num))
        judge_fragment(pinfo);
    return 0;
}

void
session_match_touch(session_t *session, const packet_info *pinfo, proto_tree *tree)
{
    touched_t one = { session, tree };

    if (touched_in != pinfo->num) {
        touched_in = pinfo->num;
        g_array_set_size(touched, 0);
    }
    g_array_append_val(touched, one);
}

bool
session_match_holds(const session_t *session)
{
    const session_t *announcer;

    if ((session->matched & MATCHED_BY_PREFERENCE) || !match_related)
        return session->matched & MATCHED_BY_PREFERENCE;
    announcer = session_announced_by(session);
    return session->matches_related || (announcer && (announcer->matched & MATCHED_BY_PREFERENCE));
}

const char *
session_match_name(unsigned bit)
{
    const session_named_t *named = bit > 0 ? session_named_at(bit - 1) : NULL;

    return named ? named->name : "session.match";
}

char *
session_match_names(uint32_t matched)
{
    GString *names = g_string_new(NULL);

    for (unsigned bit = 0; bit < MATCHED_BITS; bit++) {
        if (matched & (1u << bit))
            g_string_append_printf(names, "%s%s", names->len ? "," : "", session_match_name(bit));
    }
    if (names->len == 0)
        g_string_append_c(names, '-');
    return g_string_free(names, false);
}

/* Takes the array; NULL: nothing. A postdissector that is not registered costs no packet anything. */
static void
ask_for_fields(GArray *fields)
{
    if (fields && !is_registered) {
        register_postdissector(judge_handle);
        is_registered = true;
    }
    if (is_registered)
        set_postdissector_wanted_hfids(judge_handle, fields);
}

static char *
compile(unsigned bit, const char *text, GArray *fields)
{
    char *refusal = session_filter_compile(text, &codes[bit], fields);

    if (codes[bit])
        session_match_bits |= 1u << bit;
    return refusal;
}

static void
forget_filters(void)
{
    for (unsigned i = 0; i < MATCHED_BITS; i++) {
        dfilter_free(codes[i]);
        codes[i] = NULL;
    }
    session_match_bits = 0;
}

/* Why the preference's filter cannot be used, or NULL. The others have been checked by their table. */
static char *
compile_all(void)
{
    GArray *fields = g_array_new(false, false, sizeof(int));
    const session_named_t *named;
    char *refusal;

    forget_filters();
    refusal = compile(0, match_text, fields);
    for (unsigned bit = 1; bit < MATCHED_BITS && (named = session_named_at(bit - 1)) != NULL; bit++)
        g_free(compile(bit, named->filter, fields));
    if (!session_match_bits) {
        g_array_free(fields, true);
        fields = NULL;
    }
    ask_for_fields(fields);
    return refusal;
}

void
session_match_apply(void)
{
    char *refusal = compile_all();

    if (refusal)
        report_failure("Whole Session: the filter \"%s\" of session.match is not used: %s.", match_text, refusal);
    g_free(refusal);
}

static void
apply_named(void)
{
    g_free(compile_all());
    if (session_named_at(MATCHED_BITS - 1))
        report_failure("Whole Session: only the first %d filters of session.filters are used.", MATCHED_BITS - 1);
}

/* Anew, as fields may have come and gone since the preference was set. */
void
session_match_reset(bool is_wanted)
{
    touched_in = 0;
    if (is_wanted) {
        g_free(compile_all());
        return;
    }
    forget_filters();
    ask_for_fields(NULL);
}

void
session_match_register(module_t *module)
{
    prefs_register_string_preference(module, "match", "Match sessions by a display filter",
            "A display filter: where a packet matches it, all packets of its conversation have session.matched, "
            "those before it in later passes. It may not ask for fields of sessions, nor for columns.",
            &match_text);
    prefs_register_bool_preference(module, "match_related", "Match what was announced, too",
            "Whether session.matched is also on the conversations that a matching one has announced, and on the one that has "
            "announced it (FTP, SIP, RTSP, TFTP and others)",
            &match_related);
    session_named_register(module, apply_named);
}

void
session_match_init(session_match_cb show)
{
    show_added = show;
    touched = g_array_new(false, false, sizeof(touched_t));
    judge_handle = create_dissector_handle(judge_packet, proto_session);
}
