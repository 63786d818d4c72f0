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

#include "session-filter.h"
#include "session-match.h"
#include "compat.h"

/* A session that the packet at hand is of. */
typedef struct touched {
    session_t  *session;
    proto_tree *tree;
} touched_t;

extern int proto_session;

static const char *match_text = "";
static dfilter_t *match_code;               /* NULL: none is set */

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

    one->session->matched |= matched;
    if (added && one->tree)
        show_added(added, tvb, one->tree);
}

/* Bits that not all of the packet's sessions have. */
static uint32_t
find_missing(void)
{
    uint32_t missing = 0;

    for (unsigned i = 0; i < touched->len; i++)
        missing |= MATCHED_BY_PREFERENCE & ~g_array_index(touched, touched_t, i).session->matched;
    return missing;
}

static int
judge_packet(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (PINFO_FD_VISITED(pinfo) || !tree || !match_code || touched_in != pinfo->num)
        return 0;
    if (find_missing() && dfilter_apply_edt(match_code, dissection_of(pinfo))) {
        for (unsigned i = 0; i < touched->len; i++)
            add_to_session(&g_array_index(touched, touched_t, i), MATCHED_BY_PREFERENCE, tvb);
    }
    touched_in = 0;
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
session_match_is_on(void)
{
    return match_code != NULL;
}

char *
session_match_names(uint32_t matched)
{
    return g_strdup(matched & MATCHED_BY_PREFERENCE ? "session.match" : "-");
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

/* Why the filter cannot be used, or NULL. */
static char *
compile(void)
{
    GArray *fields = g_array_new(false, false, sizeof(int));
    char *refusal;

    dfilter_free(match_code);
    refusal = session_filter_compile(match_text, &match_code, fields);
    if (!match_code) {
        g_array_free(fields, true);
        fields = NULL;
    }
    ask_for_fields(fields);
    return refusal;
}

void
session_match_apply(void)
{
    char *refusal = compile();

    if (refusal)
        report_failure("Whole Session: the filter \"%s\" of session.match is not used: %s.", match_text, refusal);
    g_free(refusal);
}

/* Anew, as fields may have come and gone since the preference was set. */
void
session_match_reset(bool is_wanted)
{
    touched_in = 0;
    if (is_wanted) {
        g_free(compile());
        return;
    }
    dfilter_free(match_code);
    match_code = NULL;
    ask_for_fields(NULL);
}

void
session_match_register(module_t *module)
{
    prefs_register_string_preference(module, "match", "Match sessions by a display filter",
            "A display filter: where a packet matches it, all packets of its conversation have session.matched, "
            "those before it in later passes. It may not ask for fields of sessions, nor for columns.",
            &match_text);
}

void
session_match_init(session_match_cb show)
{
    show_added = show;
    touched = g_array_new(false, false, sizeof(touched_t));
    judge_handle = create_dissector_handle(judge_packet, proto_session);
}
