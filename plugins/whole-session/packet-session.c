/* packet-session.c
 * Whole sessions: every packet of a TCP, UDP or SCTP conversation, and every ICMP error that
 * quotes it, carries the protocols that were seen in that conversation.
 *
 * The protocols are those that Wireshark itself lists for a packet (frame.protocols) above the transport.
 * What is known of a session is written on the first pass only, see session-table.h; earlier timestamps are kept
 * with their frames. On the first pass a packet shows what has been seen up to it, and
 * failing that what Wireshark's own tables expect; later passes show what the whole session has.
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

#include <epan/packet.h>
#include <epan/exceptions.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/expert.h>
#include <epan/tap.h>
#include <epan/conversation_filter.h>

#include "api-bool.h"
#include "flow.h"
#include "session-announce.h"
#include "session-expected.h"
#include "session-fragments.h"
#include "session-group.h"
#include "session-http.h"
#include "session-later.h"
#include "session-learn.h"
#include "session-listing.h"
#include "session-match.h"
#include "session-outcome.h"
#include "session-protocols.h"
#include "session-quote.h"
#include "session-reset.h"
#include "session-rewritten.h"
#include "session-stat.h"
#include "session-table.h"
#include "session-tunnel.h"
#include "show.h"
#include "standin.h"
#include "compat.h"

#define PROTO_NAME "Whole Session"

#define NANOSECONDS 1000000000
#define SECONDS_MAX (INT64_MAX / NANOSECONDS)

void proto_register_session(void);
void proto_reg_handoff_session(void);

int proto_session = -1;

static int hf_session_id = -1;
static int hf_session_outer_id = -1;
static int hf_session_proto = -1;
static int hf_session_expected = -1;
static int hf_session_outcome = -1;
static int hf_session_related = -1;
static int hf_session_matched = -1;
static int hf_session_matched_by = -1;
static int hf_session_time_delta = -1;

static int ett_session = -1;

static expert_field ei_session_icmp_error = EI_INIT;
static expert_field ei_session_by_sequence = EI_INIT;
static expert_field ei_session_negative_delta = EI_INIT;

static api_bool_t session_enabled = true;
static api_bool_t session_quiet = false;

static int session_tap = -1;

/* Key of the session ID that a packet in the window keeps for the conversation filter. */
#define PACKET_SESSION_KEY 0

/* Kept with a frame that is earlier than its predecessor in a session; and whether there is any in the file. */
#define EARLIER_KEY UINT32_MAX
static bool any_is_earlier;

/* What does not fit, beyond the year 2262, is no time to compare with. */
static int64_t
packet_time(const packet_info *pinfo)
{
    if (!(pinfo->presence_flags & PINFO_HAS_TS) || pinfo->abs_ts.secs <= -SECONDS_MAX || pinfo->abs_ts.secs >= SECONDS_MAX)
        return SESSION_NO_TIME;
    return (int64_t)pinfo->abs_ts.secs * NANOSECONDS + pinfo->abs_ts.nsecs;
}

/* Kept with the frame: by how much its timestamp lies before its predecessor's, which may be twice as far as a time from zero. */
static void
note_negative_delta(packet_info *pinfo, const session_t *session, uint64_t delta)
{
    uint64_t *kept = wmem_new(wmem_file_scope(), uint64_t);

    *kept = delta;
    p_add_proto_data(wmem_file_scope(), pinfo, proto_session, session->id, kept);
    p_add_proto_data(wmem_file_scope(), pinfo, proto_session, EARLIER_KEY, kept);
    any_is_earlier = true;
}

/* Only a packet that carries something can announce. */
static void
note_announcer(const session_t *session, const flow_packet_t *packet)
{
    if (!packet->quoted && !packet->is_bare)
        session_announce_note(packet->pinfo->num, session->id);
}

/* Nothing came above the transport, and nobody waits for the next packet, whatever it has. */
static inline bool
has_no_protocols(const session_t *session, const flow_packet_t *packet)
{
    return packet->is_bare && !packet->inner_below && !packet->wants_tree && session->watch == 0 && session->waits == 0
        && !session_http_may_be_silent(session, packet);
}

static void
learn_protocols(session_t *session, flow_packet_t *packet)
{
    protocol_set_t before = session->protocols;

    session_learn_protocols(session, packet);
    if (session->protocols != before)
        session->announces = (protocol_set_traits(session->protocols) & PROTOCOL_ANNOUNCES) != 0;
    if (session->announces)
        note_announcer(session, packet);
}

/* Whether the packet is earlier than its predecessor. */
static bool
learn_from_packet(session_t *session, flow_packet_t *packet)
{
    int64_t now = packet_time(packet->pinfo);
    bool is_earlier = now != SESSION_NO_TIME && now < session->last_time;

    if (is_earlier)
        note_negative_delta(packet->pinfo, session, (uint64_t)session->last_time - (uint64_t)now);
    if (now != SESSION_NO_TIME)
        session->last_time = now;
    if (!has_no_protocols(session, packet))
        learn_protocols(session, packet);
    session_learn_outcome(session, packet);
    return is_earlier;
}

/* Ends with PROTO_ID_NONE. */
#define PROTO_ID_NONE 0

static const int *
list_protocols(const session_t *session, const packet_info *pinfo)
{
    protocol_set_t protocols = session_protocols_now(session, pinfo);
    unsigned count = protocol_set_count(protocols);
    int *proto_ids = wmem_alloc_array(pinfo->pool, int, count + 1);

    protocol_set_list(protocols, proto_ids);
    proto_ids[count] = PROTO_ID_NONE;
    return proto_ids;
}

static const char *
join_names(const int *proto_ids, wmem_allocator_t *pool)
{
    wmem_strbuf_t *names;

    if (*proto_ids == PROTO_ID_NONE)
        return "";
    names = wmem_strbuf_new(pool, ": ");
    wmem_strbuf_append(names, proto_get_protocol_filter_name(*proto_ids));
    while (*++proto_ids != PROTO_ID_NONE) {
        wmem_strbuf_append(names, ", ");
        wmem_strbuf_append(names, proto_get_protocol_filter_name(*proto_ids));
    }
    return wmem_strbuf_get_str(names);
}

static void
show_expected(proto_tree *tree, proto_item *item, const session_t *session, flow_packet_t *packet)
{
    int proto_id = session_expected(session, packet);
    const char *name;

    if (proto_id <= 0)
        return;
    name = proto_get_protocol_filter_name(proto_id);
    show_string(tree, hf_session_expected, packet->tvb, name);
    proto_item_append_text(item, ", %s expected", name);
}

static void
show_notes_of_quote(proto_item *item, const flow_packet_t *packet)
{
    expert_add_info(packet->pinfo, item, &ei_session_icmp_error);
    if (session_quote_is_rewritten(session_quote_found(packet)))
        expert_add_info(packet->pinfo, item, &ei_session_by_sequence);
}

static void
show_notes(proto_item *item, const session_t *session, const flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const uint64_t *delta = (const uint64_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_session, session->id);

    if (packet->quoted)
        show_notes_of_quote(item, packet);
    if (delta) {
        nstime_t since = { -(time_t)(*delta / NANOSECONDS), -(int)(*delta % NANOSECONDS) };

        show_time(proto_item_get_subtree(item), hf_session_time_delta,
                    packet->tvb, &since);
        expert_add_info(pinfo, item, &ei_session_negative_delta);
    }
}

/* Once a session: in one pass where it was decided, later on its last packet. */
static void
show_outcome(proto_tree *tree, proto_item *item, const session_t *session, tvbuff_t *tvb, const packet_info *pinfo)
{
    uint32_t frame = PINFO_FD_VISITED(pinfo) ? session->last_frame : session->decided_in;
    const char *outcome;

    if (frame != pinfo->num)
        return;
    outcome = session_outcome(session);
    if (!outcome)
        return;
    show_string(tree, hf_session_outcome, tvb, outcome);
    proto_item_append_text(item, ", %s", outcome);
}

static void
show_matched_by(uint32_t matched, tvbuff_t *tvb, proto_tree *tree)
{
    for (unsigned bit = 1; bit < MATCHED_BITS; bit++) {
        if (matched & (1u << bit))
            show_string(tree, hf_session_matched_by, tvb, session_match_name(bit));
    }
}

static void
show_matched(uint32_t matched, tvbuff_t *tvb, proto_tree *tree)
{
    if (!matched)
        return;
    if (matched & MATCHED_BY_PREFERENCE)
        show_boolean(tree, hf_session_matched, tvb, true);
    show_matched_by(matched & ~MATCHED_BY_PREFERENCE, tvb, tree);
    proto_item_append_text(proto_tree_get_parent(tree), ", matched");
}

static uint32_t
matched_bits(const session_t *session)
{
    return session->matched | (session_match_holds(session) ? MATCHED_BY_PREFERENCE : 0);
}

static void
show_announcer(const session_t *session, tvbuff_t *tvb, proto_tree *tree)
{
    if (session->announced_by != SESSION_NOT_ANNOUNCED)
        show_uint(tree, hf_session_related, tvb, session->announced_by);
}

/*
 * Made only where somebody reads it, and at once: each text that is appended costs as much as a field. From 4.4 on, what is
 * printed by its name is not visible, but not hidden either.
 */
static void
set_text(proto_item *item, const session_t *session, const int *proto_ids, wmem_allocator_t *pool)
{
    if (PTREE_DATA(item)->visible || (PITEM_FINFO(item) && !proto_item_is_hidden(item)))
        proto_item_set_text(item, PROTO_NAME " %u%s", session->id, join_names(proto_ids, pool));
}

/* Which session it is, and its protocols. */
static proto_item *
add_session_item(proto_tree *under, const session_t *session, tvbuff_t *tvb, packet_info *pinfo, int hf)
{
    const int *proto_ids = list_protocols(session, pinfo);
    proto_item *item = proto_tree_add_item(under, proto_session, tvb, 0, 0, ENC_NA);
    proto_tree *tree = proto_item_add_subtree(item, ett_session);

    proto_item_set_generated(item);
    set_text(item, session, proto_ids, pinfo->pool);
    show_uint(tree, hf, tvb, session->id);
    for (; *proto_ids != PROTO_ID_NONE; proto_ids++)
        show_string(tree, hf_session_proto, tvb, proto_get_protocol_filter_name(*proto_ids));
    return item;
}

static void
remember_for_menu(const session_t *session, packet_info *pinfo)
{
    p_add_proto_data(pinfo->pool, pinfo, proto_session, PACKET_SESSION_KEY, GUINT_TO_POINTER(session->id + 1));
}

/* By a filter, or by a list of fields from Wireshark 4.4 on; a field counts for its protocol. */
static bool
is_asked_for(void)
{
    return proto_registrar_get_nth((unsigned)proto_session)->ref_type != HF_REF_TYPE_NONE;
}

static bool
packet_names_all(const session_t *session, const flow_packet_t *packet)
{
    const int *proto_ids = list_protocols(session, packet->pinfo);

    while (*proto_ids != PROTO_ID_NONE && flow_has_layer(packet, *proto_ids))
        proto_ids++;
    return *proto_ids == PROTO_ID_NONE;
}

/* Wireshark's stream index says the same. */
static bool
is_a_stream(const session_t *session, const flow_packet_t *packet)
{
    return packet->transport != FLOW_SCTP && !packet->quoted && !packet->outer && !packet->inner_below
        && session->siblings == 0 && session->first == session->id;
}

static bool
has_notes(const session_t *session, const packet_info *pinfo)
{
    uint32_t decided_in = PINFO_FD_VISITED(pinfo) ? session->last_frame : session->decided_in;

    return session_match_is_on() || session->announced_by != SESSION_NOT_ANNOUNCED || decided_in == pinfo->num
        || p_get_proto_data(wmem_file_scope(), (packet_info *)pinfo, proto_session, session->id);
}

static bool
adds_nothing(const session_t *session, flow_packet_t *packet)
{
    return is_a_stream(session, packet) && !is_asked_for() && !has_notes(session, packet->pinfo)
        && packet_names_all(session, packet) && (session_is_recognised(session) || session_expected(session, packet) <= 0);
}

/* Under the transport's own item, since one at the root would change the protocol hierarchy. */
static proto_item *
show_session(const session_t *session, flow_packet_t *packet)
{
    bool carries_another = packet->inner_below != NULL;
    proto_item *item = add_session_item(flow_subtree(packet), session, packet->tvb, packet->pinfo,
            carries_another ? hf_session_outer_id : hf_session_id);
    proto_tree *tree = proto_item_get_subtree(item);

    if (!carries_another)
        show_matched(matched_bits(session), packet->tvb, tree);
    show_announcer(session, packet->tvb, tree);
    if (!session_is_recognised(session))
        show_expected(tree, item, session, packet);
    show_outcome(tree, item, session, packet->tvb, packet->pinfo);
    if (!carries_another)
        remember_for_menu(session, packet->pinfo);
    return item;
}

static void
show_fragment(const session_t *session, tvbuff_t *tvb, packet_info *pinfo, proto_tree *under)
{
    proto_item *item = add_session_item(under, session, tvb, pinfo, hf_session_id);

    show_matched(matched_bits(session), tvb, proto_item_get_subtree(item));
    show_announcer(session, tvb, proto_item_get_subtree(item));
    remember_for_menu(session, pinfo);
}

static void
tap_session(const session_t *session, flow_packet_t *packet)
{
    session_tap_info_t *info = wmem_new(packet->pinfo->pool, session_tap_info_t);

    *info = (session_tap_info_t) {
        .session = session, .protocols = session_protocols_now(session, packet->pinfo),
        .expected = session_is_recognised(session) ? -1 : session_expected(session, packet),
        .bytes = packet->pinfo->fd->pkt_len, .transport = packet->transport,
        .is_error = packet->quoted && session_quote_counts(session_quote_found(packet)),
        .may_change = !PINFO_FD_VISITED(packet->pinfo),
        .src = packet->src, .dst = packet->dst, .srcport = packet->srcport, .dstport = packet->dstport,
    };
    tap_queue_packet(session_tap, packet->pinfo, info);
}

/*
 * The error itself counts for the session, and its note is about the error. Taps, that of expert information too, are
 * told by this flag to leave out all about what an error quotes.
 */
static void
tell_taps(proto_item *item, const session_t *session, flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    bool in_error = pinfo->flags.in_error_pkt;

    pinfo->flags.in_error_pkt = false;
    TRY {
        show_notes(item, session, packet);
        if (have_tap_listener(session_tap))
            tap_session(session, packet);
    }
    FINALLY {
        pinfo->flags.in_error_pkt = in_error;
    }
    ENDTRY;
}

/* Expert information is shown below the session's item, whoever asks for it. */
static bool
wants_item(const flow_packet_t *packet, bool has_notes)
{
    return packet->tree && (has_notes || proto_field_is_referenced(packet->tree, proto_session));
}

static G_GNUC_NO_INLINE proto_item *
show_packet(const session_t *session, flow_packet_t *packet)
{
    if (!session_quiet || !adds_nothing(session, packet))
        return show_session(session, packet);
    remember_for_menu(session, packet->pinfo);
    return NULL;
}

/* What of it somebody reads. */
static proto_item *
tell(const session_t *session, flow_packet_t *packet, bool has_notes)
{
    proto_item *item = wants_item(packet, has_notes) ? show_packet(session, packet) : NULL;

    if (has_notes || have_tap_listener(session_tap))
        tell_taps(item, session, packet);
    return item;
}

static inline session_t *
find_session(flow_packet_t *packet)
{
    return session_quote_is_like_one(packet) ? session_of_quote(packet) : session_of_packet(packet);
}

static void
follow_on_first_pass(flow_packet_t *packet)
{
    session_t *session = find_session(packet);
    proto_item *item;

    session_fragments_after(packet, session);
    if (!session)
        return;
    item = tell(session, packet, learn_from_packet(session, packet) || packet->quoted);
    if (session_match_is_on() && !packet->inner_below)
        session_match_touch(session, packet->pinfo, proto_item_get_subtree(item));
}

static bool
is_noted(const packet_info *pinfo)
{
    return any_is_earlier && p_get_proto_data(wmem_file_scope(), (packet_info *)pinfo, proto_session, EARLIER_KEY);
}

/* Nothing is learnt any more: for nobody the session is not even searched for. */
static void
follow_again(flow_packet_t *packet)
{
    bool has_notes = packet->quoted || is_noted(packet->pinfo);
    session_t *session;

    if (!wants_item(packet, has_notes) && !has_notes && !have_tap_listener(session_tap))
        return;
    session = find_session(packet);
    if (session)
        tell(session, packet, has_notes);
}

static void
follow_session(flow_packet_t *packet)
{
    if (PINFO_FD_VISITED(packet->pinfo))
        follow_again(packet);
    else
        follow_on_first_pass(packet);
}

static void
before_packet(flow_packet_t *packet)
{
    if (!PINFO_FD_VISITED(packet->pinfo))
        session_fragments_before(packet);
}

static const flow_observer_t session_observer = {
    .proto = &proto_session, .transports = FLOW_TCP | FLOW_UDP | FLOW_SCTP, .after = follow_session
};

static const flow_observer_t reassembly_observer = {
    .proto = &proto_session, .transports = FLOW_TCP | FLOW_UDP | FLOW_SCTP, .reassembled_only = true, .before = before_packet
};

static void
observe(bool enabled)
{
    void (*add_or_remove)(const flow_observer_t *observer) = enabled ? flow_add_observer : flow_remove_observer;

    add_or_remove(&session_observer);
    add_or_remove(&reassembly_observer);
}

static void
session_init(void)
{
    protocol_set_reset();
    session_table_reset();
    session_rewritten_reset();
    session_fragments_reset();
    session_group_reset();
    session_announce_reset();
    session_later_reset();
    any_is_earlier = false;
    session_learn_reset(session_enabled);
    tunnel_forget();
    session_match_reset(session_enabled && standin_is_on(&proto_session));
    session_fragments_listen(session_match_is_on());
    observe(session_enabled);
}

static void
session_cleanup(void)
{
    session_table_reset();
    session_rewritten_reset();
    session_fragments_reset();
    session_group_reset();
    session_announce_reset();
    session_later_reset();
}

static unsigned
shown_session(packet_info *pinfo)
{
    return GPOINTER_TO_UINT(p_get_proto_data(pinfo->pool, pinfo, proto_session, PACKET_SESSION_KEY));
}

static bool
is_filter_valid(packet_info *pinfo, void *user_data _U_)
{
    return shown_session(pinfo) != 0;
}

static char *
build_filter(packet_info *pinfo, void *user_data _U_)
{
    return g_strdup_printf("session.id == %u", shown_session(pinfo) - 1);
}

void
proto_register_session(void)
{
    static hf_register_info hf[] = {
        { &hf_session_id,
            { "Session index", "session.id", FT_UINT32, BASE_DEC, NULL, 0x0,
                "Index of the conversation, those of TCP, UDP and SCTP counted together", HFILL }
        },
        { &hf_session_outer_id,
            { "Outer session index", "session.outer_id", FT_UINT32, BASE_DEC, NULL, 0x0,
                "Index of the conversation that carries another one in this packet", HFILL }
        },
        { &hf_session_proto,
            { "Protocol", "session.proto", FT_STRING, BASE_NONE, NULL, 0x0,
                "Filter name of a protocol seen above the transport layer in the conversation", HFILL }
        },
        { &hf_session_expected,
            { "Expected protocol", "session.expected", FT_STRING, BASE_NONE, NULL, 0x0,
                "Filter name of what the ports or an announcement let one expect, where nothing was recognised", HFILL }
        },
        { &hf_session_outcome,
            { "Outcome", "session.outcome", FT_STRING, BASE_NONE, NULL, 0x0,
                "The worst that happened to the conversation, once; unanswered: also what was opened and answered only", HFILL }
        },
        { &hf_session_related,
            { "Announced by session", "session.related", FT_UINT32, BASE_DEC, NULL, 0x0,
                "Index of the conversation that has announced this one", HFILL }
        },
        { &hf_session_matched,
            { "Matched", "session.matched", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
                "A packet of the conversation matches the preference session.match", HFILL }
        },
        { &hf_session_matched_by,
            { "Matched by", "session.matched_by", FT_STRING, BASE_NONE, NULL, 0x0,
                "Name of a filter of the preference session.filters that a packet of the conversation matches", HFILL }
        },
        { &hf_session_time_delta,
            { "Time since previous packet in this session", "session.time_delta", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
                "Only where it is negative", HFILL }
        },
    };
    static int *ett[] = {
        &ett_session,
    };
    static ei_register_info ei[] = {
        { &ei_session_icmp_error,
            { "session.icmp_error", PI_RESPONSE_CODE, PI_NOTE,
                "ICMP error that quotes a packet of this session", EXPFILL }
        },
        { &ei_session_by_sequence,
            { "session.by_sequence", PI_ASSUMPTION, PI_NOTE,
                "Quoted with another address (NAT): of this session by its ports and sequence number", EXPFILL }
        },
        { &ei_session_negative_delta,
            { "session.negative_delta", PI_SEQUENCE, PI_NOTE,
                "Earlier timestamp than the packet before it in this session", EXPFILL }
        },
    };
    expert_module_t *expert;
    module_t *module;

    proto_session = proto_register_protocol(PROTO_NAME, "Session", "session");
    proto_register_field_array(proto_session, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert = expert_register_protocol(proto_session);
    expert_register_field_array(expert, ei, array_length(ei));
    module = prefs_register_protocol(proto_session, session_match_apply);
    prefs_register_bool_preference(module, "enabled", "Show the protocols of the whole session",
            "Whether every packet of a TCP, UDP or SCTP conversation, and every ICMP error that quotes it, "
            "carries the protocols that were seen in the conversation",
            &session_enabled);
    prefs_register_bool_preference(module, "quiet", "Leave out what says nothing new",
            "Whether details have no item of a session on packets that show all its protocols themselves, and for which "
            "Wireshark's stream index says the same; filters find it nevertheless",
            &session_quiet);
    session_match_register(module);
    session_tap = register_tap(SESSION_TAP);
    session_stat_register();
    session_listing_register();
    register_conversation_filter("session", "Whole session", is_filter_valid, build_filter, NULL);
    register_init_routine(session_init);
    register_cleanup_routine(session_cleanup);
}

void
proto_reg_handoff_session(void)
{
    session_table_init();
    session_expected_init();
    session_learn_init();
    session_announce_init();
    session_fragments_init(show_fragment);
    session_reset_init();
    session_rewritten_init();
    session_match_init(show_matched);
    tunnel_init();
    observe(true);
}
