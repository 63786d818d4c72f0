/* session-learn.c
 * Which protocols a packet adds to its session; see session-learn.h
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
#include <epan/dissectors/packet-tcp.h>
#include <wsutil/wmem/wmem_strutl.h>

#include "flow-note.h"
#include "port-set.h"
#include "session-chunks.h"
#include "session-http.h"
#include "session-later.h"
#include "session-learn.h"
#include "session-sctp.h"
#include "tcp-header.h"
#include "tcp-preference.h"
#include "compat.h"

extern int proto_session;

static int proto_tcp = -1;
static int proto_data = -1;
static int proto_http = -1;
static int proto_http2 = -1;
static int proto_ftp = -1;
static int proto_tls = -1;
static int proto_giop = -1;
static int proto_ziop = -1;
static dissector_table_t tcp_ports;

/* In the file at hand: those of the silent ones below, of TLS, and of sessions that may have to be watched. */
static port_set_t silent_ports;
static port_set_t tls_ports;
static port_set_t watched_ports;

/* What brings certificates, and those parts of them of which often nothing is shown. */
static const char *const carrier_names[] = { "tls", "dtls", "ocsp" };
static const char *const part_names[] = { "pkcs-1", "pkixalgs", "x509af" };
static int parts[array_length(part_names)];

/*
 * Signalling of H.323, in which capabilities are named by their OID (H.241 has that of H.264): Wireshark lists the protocol, of
 * which there is nothing to show unless it has parameters. Also a capability of a later message may be the first one of that kind.
 * And what calls another dissector, or that for data, for a tree alone.
 */
static const char *const treed_names[] = { "q931", "h225", "h245", "egd", "lwapp", "mactelnet", "mcpe", "msrp", "fmtp", "pktgen",
                                         "wassp", "ipp", "sbus" };

/*
 * What takes foreign bytes on its ports and shows nothing of them, as HSRP what does not go to its groups (RFC 2281 section 2);
 * SAIA S-Bus, whose own it takes for foreign ones without a tree; and those above.
 */
static const char *const silent_names[] = { "hsrp", "ldap", "lnet", "rtmpt", "elcom", "sip", "ptp", "mip", "ssdp", "megaco", "sbus",
                                          "q931", "h225", "h245", "egd", "lwapp", "mactelnet", "fmtp", "pktgen", "wassp" };
static int silent[array_length(silent_names)];

/* What a message is called that has come over several transactions of a named pipe of SMB, SMB2. */
static const char *const pipe_sources[] = { "DCERPC over SMB", "Named Pipe over SMB2" };

/* In the file at hand: TCP puts segments together, preference tcp.desegment_tcp_streams. */
static bool tcp_desegments;

/* Likewise: it counts sequence numbers from the first one. */
static bool tcp_is_relative;

static void watch(flow_packet_t *packet);

static const flow_observer_t watcher = {
    .proto = &proto_session, .transports = FLOW_TCP | FLOW_UDP | FLOW_SCTP, .by_port = true, .before = watch
};

void
session_learn_init(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_data = proto_get_id_by_filter_name("data");
    proto_http = proto_get_id_by_filter_name("http");
    proto_http2 = proto_get_id_by_filter_name("http2");
    proto_ftp = proto_get_id_by_filter_name("ftp");
    proto_tls = proto_get_id_by_filter_name("tls");
    proto_giop = proto_get_id_by_filter_name("giop");
    proto_ziop = proto_get_id_by_filter_name("ziop");
    tcp_ports = find_dissector_table("tcp.port");
    session_http_init();
    for (unsigned i = 0; i < array_length(silent); i++)
        silent[i] = proto_get_id_by_filter_name(silent_names[i]);
    protocol_set_init();
    protocol_set_mark("data", PROTOCOL_IS_DATA);
    for (unsigned i = 0; i < array_length(carrier_names); i++)
        protocol_set_mark(carrier_names[i], PROTOCOL_CARRIES_PARTS);
    for (unsigned i = 0; i < array_length(treed_names); i++)
        protocol_set_mark(treed_names[i], PROTOCOL_NEEDS_TREE);
    for (unsigned i = 0; i < array_length(parts); i++) {
        parts[i] = proto_get_id_by_filter_name(part_names[i]);
        protocol_set_mark(part_names[i], PROTOCOL_IS_PART);
    }
    protocol_set_mark("dcerpc", PROTOCOL_USES_PIPES);
    protocol_set_mark("giop", PROTOCOL_ALTERNATES);
    protocol_set_mark("ziop", PROTOCOL_ALTERNATES);
    flow_add_observer(&watcher);
}

static bool
is_fin(const flow_packet_t *packet)
{
    return packet->transport == FLOW_TCP && (tcp_header_flags(packet->bytes) & TH_FIN);
}

/* With a FIN, TCP hands over what it has held back. */
static bool
may_carry_something(const flow_packet_t *packet)
{
    unsigned header;

    if (packet->transport != FLOW_TCP)
        return true;
    if (packet->captured < TCP_HEADER_TO_FLAGS)
        return false;
    header = tcp_header_length(packet->bytes);
    return packet->captured > header || tvb_reported_length(packet->tvb) > header || is_fin(packet);
}

static void
add_port(port_set_t *ports, uint16_t port)
{
    if (port_set_has(ports, port))
        return;
    port_set_add(ports, port);
    flow_want_port(&watcher, port);
}

static void
add_http_port(uint16_t port)
{
    session_http_add_port(port);
    flow_want_port(&watcher, port);
}

static bool
is_silent(int proto_id)
{
    for (unsigned i = 0; i < array_length(silent); i++) {
        if (silent[i] == proto_id)
            return true;
    }
    return false;
}

/* HTTP takes what is none, and shows nothing of it. */
static void
mark_port(const char *table _U_, ftenum_t type _U_, void *key, void *value, void *user_data _U_)
{
    dissector_handle_t handle = dtbl_entry_get_handle((dtbl_entry_t *)value);
    int proto_id = handle ? dissector_handle_get_protocol_index(handle) : -1;
    unsigned port = GPOINTER_TO_UINT(key);

    if (proto_id <= 0 || port > UINT16_MAX)
        return;
    if (proto_id == proto_http)
        add_http_port((uint16_t)port);
    else if (is_silent(proto_id))
        add_port(&silent_ports, (uint16_t)port);
    else if (proto_id == proto_tls)
        add_port(&tls_ports, (uint16_t)port);
}

void
session_learn_reset(bool wanted)
{
    tcp_desegments = tcp_preference("desegment_tcp_streams", true);
    tcp_is_relative = tcp_numbers_are_relative();
    if (wanted)
        flow_add_observer(&watcher);
    else
        flow_remove_observer(&watcher);
    flow_want_no_ports(&watcher);
    session_http_reset();
    port_set_clear(&silent_ports);
    port_set_clear(&tls_ports);
    port_set_clear(&watched_ports);
    dissector_table_foreach("tcp.port", mark_port, NULL);
    dissector_table_foreach("udp.port", mark_port, NULL);
}

static bool
uses_silent_port(const flow_packet_t *packet)
{
    return packet->transport != FLOW_SCTP
        && (port_set_has(&silent_ports, packet->srcport) || port_set_has(&silent_ports, packet->dstport));
}

static bool
comes_from_tls_port(const flow_packet_t *packet)
{
    return packet->transport == FLOW_TCP && port_set_has(&tls_ports, packet->srcport);
}

static bool
may_be_watched(const flow_packet_t *packet)
{
    return session_http_uses_port(packet) || uses_silent_port(packet) || comes_from_tls_port(packet)
        || (port_set_has(&watched_ports, packet->srcport) && port_set_has(&watched_ports, packet->dstport));
}

static const session_t *
peek_session(flow_packet_t *packet)
{
    const flow_known_t *known;

    if (packet->transport == FLOW_SCTP)
        return session_of_known_association(packet);
    known = flow_peek(packet);
    return known ? (const session_t *)known->note : NULL;
}

/* Before a packet is dissected. */
static void
watch(flow_packet_t *packet)
{
    const session_t *session;

    if (PINFO_FD_VISITED(packet->pinfo) || packet->tree || !(packet->quoted || may_be_watched(packet))
            || !may_carry_something(packet))
        return;
    /* Many a dissector takes a quote for its own and shows nothing of it. */
    if (packet->quoted) {
        packet->wants_tree = true;
        return;
    }
    session = peek_session(packet);
    if (!session || session->protocols == PROTOCOL_SET_EMPTY)
        packet->wants_tree = (session && ((session->waits & SESSION_HAS_ASKED) || session->watch > 0))
            || session_http_may_be_none(packet) || uses_silent_port(packet) || comes_from_tls_port(packet);
    else
        packet->wants_tree = session->watch > 0
            || ((session->waits & SESSION_HAS_ASKED) && (is_fin(packet) || session_http_is_awaited(session, packet)));
}

/*
 * Nobody is offered more of what was not captured, is a fragment, has a wrong checksum or was quoted. TCP notes there, too, where
 * the next message is to begin.
 */
static inline bool
may_be_completed(const flow_packet_t *packet)
{
    const packet_info *pinfo = packet->pinfo;

    return tcp_desegments && !packet->quoted && !pinfo->fragmented && packet->captured == tvb_reported_length(packet->tvb)
        && !*pinfo->noreassembly_reason;
}

/* What a dissector has asked TCP for more of, that begins in this segment, which has this sequence number. */
static const struct tcp_multisegment_pdu *
find_unfinished(const struct tcp_analysis *tcpd, uint32_t seq, uint32_t length, uint32_t frame)
{
    const struct tcp_multisegment_pdu *pdu = (const struct tcp_multisegment_pdu *)wmem_tree_lookup32_le(
            tcpd->fwd->multisegment_pdus, seq + length);

    return pdu && pdu->first_frame == frame && pdu->seq >= seq ? pdu : NULL;
}

/*
 * Whether a dissector has asked for more of what begins at that offset of the payload. TCP keeps its sequence numbers as it shows
 * them; those of data in a SYN begin after it.
 */
static inline bool
asks_for_more(flow_packet_t *packet, uint32_t *offset)
{
    conversation_t *conversation = flow_conversation(packet);
    const struct tcp_analysis *tcpd = conversation ?
        (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp) : NULL;
    const struct tcp_multisegment_pdu *pdu;
    uint32_t seq, length, frame = packet->pinfo->num;

    if (!tcpd || !tcpd->fwd || packet->captured < TCP_HEADER_TO_FLAGS)
        return false;
    length = tvb_reported_length(packet->tvb);
    seq = tcp_header_seq(packet->bytes) + ((tcp_header_flags(packet->bytes) & TH_SYN) ? 1 : 0);
    if (tcp_is_relative)
        seq -= tcpd->fwd->base_seq;
    pdu = find_unfinished(tcpd, seq, length, frame);
    *offset = pdu ? pdu->seq - seq : 0;
    return pdu && may_be_completed(packet);
}

/*
 * A dissector that has only asked for more has recognised nothing, and is not called with this segment alone again. One that
 * asks behind a whole message has shown that.
 */
static bool
only_asks_for_more(flow_packet_t *packet)
{
    uint32_t offset;

    return asks_for_more(packet, &offset) && offset == 0;
}

/* That the conversation has by now as of an earlier frame; as of 1: from its first packet on. NULL: none. */
static dissector_handle_t
find_dissector_as_of(flow_packet_t *packet, uint32_t frame)
{
    conversation_t *conversation = packet->transport == FLOW_SCTP ? NULL : flow_conversation(packet);

    return conversation ? conversation_get_dissector(conversation, frame) : NULL;
}

/* What TLS leaves to others, as the greetings in front of it. */
static bool
begins_with_text(const flow_packet_t *packet)
{
    const unsigned least = 5, letters = 4;
    unsigned offset;

    if (packet->transport != FLOW_TCP || packet->captured < TCP_HEADER_TO_FLAGS)
        return false;
    offset = tcp_header_length(packet->bytes);
    for (unsigned i = 0; i < letters; i++) {
        if (packet->captured < offset + least || !g_ascii_isprint(packet->bytes[offset + i]))
            return false;
    }
    return true;
}

/* It is made the dissector from its greeting on, once a command has made it certain (plugin ftp-session). */
static bool
is_ftp_since_greeting(const session_t *session, flow_packet_t *packet)
{
    bool is_first = protocol_set_count(session->protocols) == 1;
    dissector_handle_t handle = is_first ? find_dissector_as_of(packet, session->last_frame) : NULL;

    return handle && dissector_handle_get_protocol_index(handle) == proto_ftp;
}

/* HTTP/2 takes all of a connection in which its preface was seen, also what the server has said before (RFC 9113 section 3.4). */
static bool
takes_early_data(const session_t *session, protocol_set_t protocols, flow_packet_t *packet)
{
    dissector_handle_t handle = find_dissector_as_of(packet, 1);

    if (protocol_set_has(protocols, proto_http2) && !protocol_set_has(session->protocols, proto_http2))
        return true;
    if (!handle)
        return is_ftp_since_greeting(session, packet);
    return !(session->early_text && dissector_handle_get_protocol_index(handle) == proto_tls);
}

/*
 * A dissector that recognises a conversation later gets its earlier packets, too, when they are looked at again: what was
 * data until then is no more.
 */
static protocol_set_t
settle_data(session_t *session, protocol_set_t protocols, flow_packet_t *packet)
{
    if (!(protocol_set_traits(protocols) & PROTOCOL_IS_DATA))
        return protocols;
    if (!(protocol_set_traits(session->protocols) & PROTOCOL_IS_DATA)) {
        session->early_data = (protocol_set_traits(protocols) & PROTOCOL_IS_DATA) && !find_dissector_as_of(packet, 1);
    } else if (session->early_data && takes_early_data(session, protocols, packet)) {
        session->early_data = false;
        protocols = protocol_set_without(protocols, proto_data);
    }
    return protocols;
}

static protocol_set_t
drop_unseen_parts(protocol_set_t before, protocol_set_t protocols)
{
    if (!(protocol_set_traits(protocols) & PROTOCOL_IS_PART))
        return protocols;
    for (unsigned i = 0; i < array_length(parts); i++) {
        if (!protocol_set_has(before, parts[i]))
            protocols = protocol_set_without(protocols, parts[i]);
    }
    return protocols;
}

/* Something was put together in it. */
static inline bool
has_several_sources(const packet_info *pinfo)
{
    return pinfo->data_src && pinfo->data_src->next;
}

/* Of a body that is not complete HTTP mostly asks for more, and has not shown it. */
static protocol_set_t
drop_lost_body(const session_t *session, flow_packet_t *packet, protocol_set_t protocols)
{
    wmem_list_frame_t *last = NULL;
    uint32_t offset;

    if (has_several_sources(packet->pinfo))
        last = session_layer_before_lost_body(packet, proto_http);
    if (last && packet->transport == FLOW_TCP && asks_for_more(packet, &offset))
        return protocols;
    return last ? protocol_set_add_layers_to(session->protocols, packet, last) : protocols;
}

/* Of what the packet adds, without a tree. */
static protocol_set_t
drop_unseen(session_t *session, flow_packet_t *packet, protocol_set_t protocols)
{
    protocols = drop_lost_body(session, packet, protocols);
    protocols = drop_unseen_parts(session->protocols, protocols);
    if (session_http_shows_nothing(session, packet, protocols)) {
        protocols = protocol_set_without(protocols, proto_http);
        session->doubtful = true;
        session->waits |= SESSION_KEEPS_QUIET;
    }
    if (session->doubtful && !protocol_set_has(session->protocols, proto_data))
        protocols = protocol_set_without(protocols, proto_data);
    return protocols;
}

/* Whether later packets may have to be dissected with a tree. */
static bool
may_show_less(const session_t *session, unsigned traits)
{
    return (traits & (PROTOCOL_CARRIES_PARTS | PROTOCOL_NEEDS_TREE)) || (session->doubtful && !(traits & PROTOCOL_IS_DATA));
}

/* The first that is seen of the session is nothing that anybody knows. */
static bool
is_data_alone(const session_t *session, protocol_set_t protocols)
{
    return session->protocols == PROTOCOL_SET_EMPTY && protocol_set_count(protocols) == 1
        && (protocol_set_traits(protocols) & PROTOCOL_IS_DATA) && session->announced_by == SESSION_NOT_ANNOUNCED;
}

/* Nobody has been made the conversation's dissector: it need not be searched for. HTTP may still take its port's for its own. */
static void
learn_data_alone(session_t *session, const flow_packet_t *packet, protocol_set_t protocols)
{
    session->protocols = protocols;
    session->early_data = true;
    session->early_text = begins_with_text(packet);
    session->watch = session_http_uses_port(packet) ? SESSION_WATCH : 0;
}

static bool
is_port_of_ftp(uint16_t port)
{
    dissector_handle_t handle = dissector_get_uint_handle(tcp_ports, port);

    return handle && dissector_handle_get_protocol_index(handle) == proto_ftp;
}

static bool
has_dissector_ftp(flow_packet_t *packet)
{
    dissector_handle_t handle = find_dissector_as_of(packet, packet->pinfo->num);

    return handle && dissector_handle_get_protocol_index(handle) == proto_ftp;
}

/* What greets like FTP elsewhere than on its ports. */
static G_GNUC_NO_INLINE bool
begins_with_guess(flow_packet_t *packet, protocol_set_t protocols)
{
    return packet->transport == FLOW_TCP && protocol_set_has(protocols, proto_ftp)
        && !is_port_of_ftp(packet->srcport) && !is_port_of_ftp(packet->dstport) && has_dissector_ftp(packet);
}

/* The client speaks something else: FTP is the conversation's dissector no more, and later passes show its greeting as data. */
static G_GNUC_NO_INLINE void
learn_from_guess(session_t *session, flow_packet_t *packet)
{
    dissector_handle_t handle = find_dissector_as_of(packet, session->last_frame);
    int proto_id = handle ? dissector_handle_get_protocol_index(handle) : -1;

    if (proto_id == proto_ftp || proto_id == proto_tls)
        return;
    session->waits &= (uint8_t)~SESSION_GUESSES_FTP;
    session->protocols = protocol_set_without(session->protocols, proto_ftp);
    session_later_note(session, proto_data, LATER_NOTHING);
}

static void
learn(session_t *session, flow_packet_t *packet, protocol_set_t protocols)
{
    unsigned traits;

    if (is_data_alone(session, protocols)) {
        learn_data_alone(session, packet, protocols);
        return;
    }
    if (packet->transport == FLOW_TCP && only_asks_for_more(packet)) {
        session_http_learn_that_more_is_asked_for(session, packet);
        return;
    }
    if (session->protocols == PROTOCOL_SET_EMPTY && begins_with_guess(packet, protocols))
        session->waits |= SESSION_GUESSES_FTP;
    if (!packet->tree && !packet->wants_tree)
        protocols = drop_unseen(session, packet, protocols);
    session->doubtful = session->doubtful || session_http_is_doubtful(session, packet, protocols);
    session->protocols = settle_data(session, protocols, packet);
    traits = protocol_set_traits(protocols);
    session->alternates = (traits & PROTOCOL_ALTERNATES) != 0;
    session->watch = may_show_less(session, traits) ? SESSION_WATCH : 0;
}

static bool
completes_pipe_message(const packet_info *pinfo)
{
    for (unsigned i = 0; i < array_length(pipe_sources); i++) {
        if (get_data_source_by_name(pinfo, pipe_sources[i]))
            return true;
    }
    return false;
}

/* Wireshark shows the earlier parts of a message in a named pipe as data, once it knows that they are. */
static void
learn_from_pipe(session_t *session, const flow_packet_t *packet)
{
    if (!session->differs_later && (protocol_set_traits(session->protocols) & PROTOCOL_USES_PIPES)
            && completes_pipe_message(packet->pinfo))
        session_later_note(session, proto_data, LATER_NOTHING);
}

/* Each of GIOP and ZIOP shows the other's messages, too: the last one that was made the connection's dissector, all of them. */
static void
learn_alternation(session_t *session, flow_packet_t *packet)
{
    dissector_handle_t handle = find_dissector_as_of(packet, 1);
    int proto_id = handle ? dissector_handle_get_protocol_index(handle) : -1;

    if (proto_id == proto_giop || proto_id == proto_ziop)
        session_later_note(session, proto_id, proto_id == proto_giop ? proto_ziop : proto_giop);
}

/* What names capabilities may do so at any time. */
static bool
is_watched_for_good(const session_t *session)
{
    return session->watch > 0 && (protocol_set_traits(session->protocols) & PROTOCOL_NEEDS_TREE);
}

void
session_learn_protocols(session_t *session, flow_packet_t *packet)
{
    protocol_set_t before, protocols;

    if ((session->waits & SESSION_GUESSES_FTP) && !packet->quoted)
        learn_from_guess(session, packet);
    before = session->protocols;
    protocols = protocol_set_add_layers(before, packet);

    if (packet->wants_tree && !is_watched_for_good(session))
        session->watch -= MIN(session->watch, tvb_reported_length(packet->tvb));
    if (protocols != before) {
        learn(session, packet, protocols);
        if (session->differs_later && session->protocols != before)
            session_later_follow(session);
    }
    if (packet->is_bare && session_http_may_be_silent(session, packet))
        session_http_learn_from_silence(session, packet);
    else if ((session->waits & SESSION_KEEPS_QUIET) && !packet->quoted)
        session_http_learn_from_message(session, packet);
    if (session->alternates && packet->transport == FLOW_TCP && !packet->quoted)
        learn_alternation(session, packet);
    if (has_several_sources(packet->pinfo))
        learn_from_pipe(session, packet);
    if (session->watch > 0 || (session->waits & SESSION_HAS_ASKED)) {
        add_port(&watched_ports, packet->srcport);
        add_port(&watched_ports, packet->dstport);
    }
}
