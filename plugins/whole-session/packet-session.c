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
#include <epan/dissectors/packet-tcp.h>

#include "api-bool.h"
#include "flow.h"
#include "session-protocols.h"
#include "session-stat.h"
#include "session-table.h"
#include "session-tunnel.h"
#include "compat.h"

#define NANOSECONDS 1000000000
#define TCP_SEQ_OFFSET 4
#define SECONDS_MAX (INT64_MAX / NANOSECONDS)

void proto_register_session(void);
void proto_reg_handoff_session(void);

int proto_session = -1;
static int proto_tcp = -1;

static int hf_session_id = -1;
static int hf_session_outer_id = -1;
static int hf_session_proto = -1;
static int hf_session_time_delta = -1;

static int ett_session = -1;

static expert_field ei_session_icmp_error = EI_INIT;
static expert_field ei_session_negative_delta = EI_INIT;

static api_bool_t session_enabled = true;

static int session_tap = -1;

/* By what a port is looked up. */
static dissector_table_t tcp_port_table;
static dissector_table_t udp_port_table;
static dissector_table_t sctp_port_table;

/* Key of the session ID that a packet in the window keeps for the conversation filter. */
#define PACKET_SESSION_KEY 0

/* Kept with the frame of an ICMP error: the session that it quotes. Other keys are session IDs. */
#define QUOTE_SESSION_KEY 0x80000000

/* What does not fit, beyond the year 2262, is no time to compare with. */
static int64_t
packet_time(const packet_info *pinfo)
{
    if (!(pinfo->presence_flags & PINFO_HAS_TS) || pinfo->abs_ts.secs <= -SECONDS_MAX || pinfo->abs_ts.secs >= SECONDS_MAX)
        return SESSION_NO_TIME;
    return (int64_t)pinfo->abs_ts.secs * NANOSECONDS + pinfo->abs_ts.nsecs;
}

/* Kept with the frame: by how much its timestamp lies before its predecessor's. */
static void
note_negative_delta(packet_info *pinfo, const session_t *session, int64_t delta)
{
    int64_t *kept = wmem_new(wmem_file_scope(), int64_t);

    *kept = delta;
    p_add_proto_data(wmem_file_scope(), pinfo, proto_session, session->id, kept);
}

static bool
begins_unfinished_pdu(struct tcp_analysis *tcpd, uint32_t seq, uint32_t frame)
{
    const struct tcp_multisegment_pdu *pdu =
        (const struct tcp_multisegment_pdu *)wmem_tree_lookup32(tcpd->fwd->multisegment_pdus, seq);

    return pdu && pdu->first_frame == frame;
}

/*
 * A dissector that has only asked TCP for more has recognised nothing. 4.0 leaves its layer there all the same as
 * long as no tree is built, as in the first of two passes. TCP keeps its sequence numbers as it shows them.
 */
static bool
only_asks_for_more(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);
    struct tcp_analysis *tcpd = conversation ?
        (struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp) : NULL;
    uint32_t seq;

    if (!tcpd || !tcpd->fwd || tvb_captured_length(packet->tvb) < TCP_SEQ_OFFSET + 4)
        return false;
    seq = tvb_get_ntohl(packet->tvb, TCP_SEQ_OFFSET);
    return begins_unfinished_pdu(tcpd, seq, packet->pinfo->num)
        || begins_unfinished_pdu(tcpd, seq - tcpd->fwd->base_seq, packet->pinfo->num);
}

static void
learn_protocols(session_t *session, flow_packet_t *packet)
{
    protocol_set_t protocols = protocol_set_add_layers(session->protocols, packet);

    if (protocols == session->protocols)
        return;
    if (packet->tree || packet->transport != FLOW_TCP || !only_asks_for_more(packet))
        session->protocols = protocols;
}

/* Whether the packet is earlier than its predecessor. */
static bool
learn_from_packet(session_t *session, flow_packet_t *packet)
{
    int64_t now = packet_time(packet->pinfo);
    bool is_earlier = now != SESSION_NO_TIME && now < session->last_time;

    if (is_earlier)
        note_negative_delta(packet->pinfo, session, session->last_time - now);
    if (now != SESSION_NO_TIME)
        session->last_time = now;
    learn_protocols(session, packet);
    return is_earlier;
}

static int
protocol_of_handle(dissector_handle_t handle)
{
    return handle ? dissector_handle_get_protocol_index(handle) : -1;
}

static int
protocol_of_port(dissector_table_t table, uint16_t port)
{
    return table && port ? protocol_of_handle(dissector_get_uint_handle(table, port)) : -1;
}

/* What Wireshark would try: the dissector that some announcement set, the lower port, the higher port. */
static int
expected_protocol(flow_packet_t *packet)
{
    conversation_t *conversation = packet->transport == FLOW_SCTP ? NULL : flow_conversation(packet);
    dissector_table_t table = packet->transport == FLOW_TCP ? tcp_port_table :
        packet->transport == FLOW_UDP ? udp_port_table : sctp_port_table;
    int proto_id = -1;

    if (conversation)
        proto_id = protocol_of_handle(conversation_get_dissector(conversation, packet->pinfo->num));
    if (proto_id <= 0)
        proto_id = protocol_of_port(table, MIN(packet->srcport, packet->dstport));
    if (proto_id <= 0)
        proto_id = protocol_of_port(table, MAX(packet->srcport, packet->dstport));
    return proto_id;
}

static unsigned
list_protocols(const session_t *session, flow_packet_t *packet, int **proto_ids)
{
    protocol_set_t protocols = session_protocols(session);
    unsigned count = protocol_set_count(protocols);

    *proto_ids = wmem_alloc_array(packet->pinfo->pool, int, count + 1);
    protocol_set_list(protocols, *proto_ids);
    if (count == 0 && !PINFO_FD_VISITED(packet->pinfo)) {
        int expected = expected_protocol(packet);

        if (expected > 0)
            (*proto_ids)[count++] = expected;
    }
    return count;
}

static void
show_protocols(proto_tree *tree, proto_item *item, const session_t *session, flow_packet_t *packet)
{
    int *proto_ids;
    unsigned count = list_protocols(session, packet, &proto_ids);

    for (unsigned i = 0; i < count; i++) {
        const char *name = proto_get_protocol_filter_name(proto_ids[i]);

        proto_item_set_generated(proto_tree_add_string(tree, hf_session_proto, packet->tvb, 0, 0, name));
        proto_item_append_text(item, "%s%s", i == 0 ? ": " : ", ", name);
    }
}

static void
show_notes(proto_item *item, const session_t *session, const flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const int64_t *delta = (const int64_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_session, session->id);

    if (packet->quoted)
        expert_add_info(pinfo, item, &ei_session_icmp_error);
    if (delta) {
        nstime_t since = { -(time_t)(*delta / NANOSECONDS), -(int)(*delta % NANOSECONDS) };

        proto_item_set_generated(proto_tree_add_time(proto_item_get_subtree(item), hf_session_time_delta,
                    packet->tvb, 0, 0, &since));
        expert_add_info(pinfo, item, &ei_session_negative_delta);
    }
}

/* Under the transport's own item, since one at the root would change the protocol hierarchy. */
static proto_item *
show_session(const session_t *session, flow_packet_t *packet)
{
    bool carries_another = packet->inner_below != NULL;
    proto_item *item = proto_tree_add_item(flow_subtree(packet), proto_session, packet->tvb, 0, 0, ENC_NA);
    proto_tree *tree = proto_item_add_subtree(item, ett_session);

    proto_item_set_generated(item);
    proto_item_append_text(item, " %u", session->id);
    proto_item_set_generated(proto_tree_add_uint(tree, carries_another ? hf_session_outer_id : hf_session_id,
                packet->tvb, 0, 0, session->id));
    show_protocols(tree, item, session, packet);
    if (!carries_another)
        p_add_proto_data(packet->pinfo->pool, packet->pinfo, proto_session, PACKET_SESSION_KEY,
                GUINT_TO_POINTER(session->id + 1));
    return item;
}

static void
tap_session(const session_t *session, packet_info *pinfo)
{
    session_tap_info_t *info = wmem_new(pinfo->pool, session_tap_info_t);

    info->id = session->id;
    info->protocols = session_protocols(session);
    info->bytes = pinfo->fd->pkt_len;
    tap_queue_packet(session_tap, pinfo, info);
}

/*
 * The error itself counts for the session, and its note is about the error. Taps, that of expert information too, are
 * told by this flag to leave out all about what an error quotes.
 */
static void
tell_taps(proto_item *item, const session_t *session, const flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    bool in_error = pinfo->flags.in_error_pkt;

    pinfo->flags.in_error_pkt = false;
    TRY {
        show_notes(item, session, packet);
        if (have_tap_listener(session_tap))
            tap_session(session, pinfo);
    }
    FINALLY {
        pinfo->flags.in_error_pkt = in_error;
    }
    ENDTRY;
}

static G_GNUC_NO_INLINE void
show_packet(const session_t *session, flow_packet_t *packet, bool has_news)
{
    proto_item *item = packet->tree ? show_session(session, packet) : NULL;

    if (has_news)
        tell_taps(item, session, packet);
}

/*
 * An error has lost the tunnel of what it quotes, so on later passes it might be taken for another session, one that
 * began after it.
 */
static session_t *
session_of_quote(flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    uint32_t key = QUOTE_SESSION_KEY | (uint32_t)tvb_raw_offset(packet->tvb);
    session_t *session;

    if (PINFO_FD_VISITED(pinfo))
        return (session_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_session, key);
    session = session_of_packet(packet);
    if (session)
        p_add_proto_data(wmem_file_scope(), pinfo, proto_session, key, session);
    return session;
}

static void
follow_session(flow_packet_t *packet)
{
    session_t *session = packet->quoted ? session_of_quote(packet) : session_of_packet(packet);
    bool has_news;

    if (!session)
        return;
    has_news = PINFO_FD_VISITED(packet->pinfo) || learn_from_packet(session, packet);
    has_news = has_news || packet->quoted || have_tap_listener(session_tap);
    if (has_news || packet->tree)
        show_packet(session, packet, has_news);
}

static const flow_observer_t session_observer = {
    .proto = &proto_session, .transports = FLOW_TCP | FLOW_UDP | FLOW_SCTP, .after = follow_session
};

static void
session_init(void)
{
    protocol_set_reset();
    session_table_reset();
    tunnel_forget();
    if (session_enabled)
        flow_add_observer(&session_observer);
    else
        flow_remove_observer(&session_observer);
}

static void
session_cleanup(void)
{
    protocol_set_reset();
    session_table_reset();
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
            { "Session Index", "session.id", FT_UINT32, BASE_DEC, NULL, 0x0,
                "Index of the conversation, those of TCP, UDP and SCTP counted together", HFILL }
        },
        { &hf_session_outer_id,
            { "Outer Session Index", "session.outer_id", FT_UINT32, BASE_DEC, NULL, 0x0,
                "Index of the conversation that carries another one in this packet", HFILL }
        },
        { &hf_session_proto,
            { "Protocol", "session.proto", FT_STRING, BASE_NONE, NULL, 0x0,
                "Filter name of a protocol seen above the transport layer in the conversation", HFILL }
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
        { &ei_session_negative_delta,
            { "session.negative_delta", PI_SEQUENCE, PI_NOTE,
                "Earlier timestamp than the packet before it in this session", EXPFILL }
        },
    };
    expert_module_t *expert;
    module_t *module;

    proto_session = proto_register_protocol("Whole Session", "Session", "session");
    proto_register_field_array(proto_session, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert = expert_register_protocol(proto_session);
    expert_register_field_array(expert, ei, array_length(ei));
    module = prefs_register_protocol(proto_session, NULL);
    prefs_register_bool_preference(module, "enabled", "Show the protocols of the whole session",
            "Whether every packet of a TCP, UDP or SCTP conversation, and every ICMP error that quotes it, "
            "carries the protocols that were seen in the conversation",
            &session_enabled);
    session_tap = register_tap(SESSION_TAP);
    session_stat_register();
    register_conversation_filter("session", "Whole session", is_filter_valid, build_filter, NULL);
    register_init_routine(session_init);
    register_cleanup_routine(session_cleanup);
}

void
proto_reg_handoff_session(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    tcp_port_table = find_dissector_table("tcp.port");
    udp_port_table = find_dissector_table("udp.port");
    sctp_port_table = find_dissector_table("sctp.port");
    tunnel_init();
    flow_add_observer(&session_observer);
}
