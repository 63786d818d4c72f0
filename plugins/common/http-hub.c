/* http-hub.c
 * The observers of HTTP messages, and how the bytes of HTTP reach http-1.c and http-2.c; see http.h
 *
 * How HTTP is reached. Stand-ins (standin.h) are in front of the dissectors that TCP and TLS call, by whatever port table,
 * ALPN, heuristic or Decode As, and of the two heuristics, which call no handle for the first packet that they take.
 * HTTP/2 is reached in the same ways, and by HTTP itself, on its ports and after an upgrade: that is followed from there.
 *
 * What the stand-in sees. Bytes in stream order, reassembled, each once: those that the HTTP dissector
 * puts back for reassembly come again later.
 *
 * State. One http_connection per TCP conversation (one more for TLS inside it), in file scope, written on the first pass only.
 * Sequence numbers and times are as TCP's dissector and the capture have them.
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
#include <epan/conversation.h>
#include <epan/exceptions.h>
#include <epan/show_exception.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls.h>

#include "api-bool.h"
#include "cleanup.h"
#include "flow.h"
#include "http-1.h"
#include "http-1-head.h"
#include "http-2.h"
#include "http-budget.h"
#include "http-kept.h"
#include "hub.h"
#include "http.h"
#include "standin.h"
#include "tcp-ends.h"
#include "compat.h"

/*
 * Shared by all plugins of the bundle in one process that are built from the same sources: the first that is loaded makes it and
 * leaves its address with GLib under a name with a hash of those. Never freed.
 */
#define HTTP_HUB_NAME HUB_NAME("http")

#define TCP_FLAG_FIN 0x01

typedef struct http_hub {
    const http_observer_t *observers[HTTP_EXCHANGE_MAX_OBSERVERS];
    unsigned               count;
    unsigned               active[HTTP_EXCHANGE_MAX_OBSERVERS];     /* those that are switched on, by name */
    unsigned               active_count;
    const char            *names[HTTP_EXCHANGE_MAX_OBSERVERS];      /* of their protocols */
    int                    proto_http;
    int                    proto_http2;
    int                    callers[3];                  /* of HTTP/2: HTTP, TLS, TCP */
    int                    keeper;                      /* protocol under which packets keep their data: that of an observer */
    wmem_map_t            *connections[HTTP_TRANSPORTS];        /* by conversation */
} http_hub_t;

/* Of one direction of a connection. */
typedef struct http_sequence {
    bool     known;
    uint32_t begin;             /* of TCP, the first of the bytes that were seen with none missing between them */
    uint32_t next;              /* the first byte that was not yet seen */
} http_sequence_t;

typedef struct http_connection {
    http_sequence_t     sequence[2];
    http1_connection_t *http1;  /* NULL if it is HTTP/2 from the beginning */
    http2_connection_t *http2;  /* NULL as long as it is not that */
} http_connection_t;

static http_hub_t *the_hub;

/* --- Observers --- */

/* One catcher for all of them: setting it up costs more than most of them do. After an exception the next one's turn comes. */
static void
tell_all(http_message_t *message, unsigned wanting)
{
    packet_info *pinfo = message->pinfo;
    const char *volatile saved = pinfo->current_proto;
    volatile unsigned next = 0;

    while (next < the_hub->active_count) {
        TRY {
            while (next < the_hub->active_count) {
                unsigned slot = the_hub->active[next++];

                if (!(wanting & 1u << slot))
                    continue;
                pinfo->current_proto = the_hub->names[slot];
                the_hub->observers[slot]->message(message, &message->exchange->data[slot]);
            }
        }
        CATCH_NONFATAL_ERRORS {
            show_exception(message->tvb, pinfo, message->tree, EXCEPT_CODE, GET_MESSAGE);
        }
        ENDTRY;
    }
    pinfo->current_proto = saved;
}

static unsigned
who_wants(const http_glance_t *glance, const http_exchange_t *exchange)
{
    unsigned wanting = 0;

    for (unsigned i = 0; i < the_hub->active_count; i++) {
        unsigned slot = the_hub->active[i];

        if (the_hub->observers[slot]->wants(glance, exchange->data[slot]))
            wanting |= 1u << slot;
    }
    return wanting;
}

static unsigned
body_wanted(const http_glance_t *glance, const http_exchange_t *exchange)
{
    unsigned most = 0;

    for (unsigned i = 0; i < the_hub->active_count; i++) {
        unsigned slot = the_hub->active[i];
        unsigned wanted = the_hub->observers[slot]->body_wanted(glance, exchange->data[slot]);

        most = MAX(most, MIN(wanted, HTTP_BODY_MAX));
    }
    return most;
}

/* How many observers keep something about it. */
static unsigned
exchange_known_by(const http_exchange_t *exchange)
{
    unsigned count = 0;

    for (unsigned i = 0; i < the_hub->count; i++)
        count += exchange->data[i] != NULL;
    return count;
}

static void
tell_of_beginning(http_message_t *message)
{
    for (unsigned i = 0; i < the_hub->active_count; i++) {
        unsigned slot = the_hub->active[i];

        if (the_hub->observers[slot]->begins)
            the_hub->observers[slot]->begins(message, &message->exchange->data[slot]);
    }
}

static const http_listeners_t listeners = { who_wants, tell_all, body_wanted, tell_of_beginning, exchange_known_by };

/* --- Connections --- */

static bool
from_lower_end(const packet_info *pinfo)
{
    if (pinfo->srcport != pinfo->destport)
        return pinfo->srcport < pinfo->destport;
    return cmp_address(&pinfo->src, &pinfo->dst) < 0;
}

/* TCP's numbers count from the first byte, or are as sent, by preference; what is near tells which. */
static void
start_sequence(http_sequence_t *sequence, const tcp_flow_t *flow, uint32_t near)
{
    uint32_t first = flow->base_seq + 1;

    sequence->known = flow->base_seq != 0;
    sequence->begin = sequence->next = near - 1 <= near - first ? 1 : first;
}

/*
 * What TCP saw first tells whether messages were missed before this one. It keeps nothing of a conversation within a
 * tunnel, and to ask it for that would number one stream more.
 */
static void
start_sequences(http_connection_t *connection, conversation_t *conversation, const http_input_t *in)
{
    const struct tcp_analysis *tcpd = (const struct tcp_analysis *)conversation_get_proto_data(conversation, the_hub->callers[2]);

    if (tcpd && tcpd->fwd && tcpd->rev) {
        start_sequence(&connection->sequence[in->side], tcpd->fwd, in->seq);
        start_sequence(&connection->sequence[!in->side], tcpd->rev, in->ack);
    }
}

static bool
is_http2(const http_input_t *in)
{
    return in->transport == HTTP2_OVER_TCP || in->transport == HTTP2_OVER_TLS;
}

static http_connection_t *
find_connection(const http_input_t *in, conversation_t *conversation)
{
    wmem_map_t *connections = the_hub->connections[in->transport];
    http_connection_t *connection = (http_connection_t *)wmem_map_lookup(connections, conversation);

    if (!connection) {
        connection = wmem_new0(wmem_file_scope(), http_connection_t);
        wmem_map_insert(connections, conversation, connection);
        if (in->has_seq)
            start_sequences(connection, conversation, in);
        if (!is_http2(in))
            connection->http1 = http1_connection_new(connection->sequence[!in->side].next);
    }
    return connection;
}

/* --- Connections of late --- */

#define RECENT_CONNECTIONS 256      /* a power of two */

/* A connection with what find_or_create_conversation() went by. */
typedef struct recent_connection {
    http_connection_t *connection;      /* NULL: none */
    conversation_t    *conversation;
    unsigned           streams;         /* that TCP had counted then */
    http_transport_t   transport;
    tcp_ends_t         ends;
} recent_connection_t;

static recent_connection_t recent[RECENT_CONNECTIONS];
static bool any_recent;     /* so that Wireshark's start need not clear them */

static bool
is_of(const recent_connection_t *entry, const http_input_t *in)
{
    return entry->connection && entry->transport == in->transport && tcp_ends_are_those(&entry->ends, in->pinfo, in->side);
}

/*
 * TCP begins another conversation with the same ends where ports are used again; then it counts a stream, and numbers bytes
 * from 1. So nothing has changed if no stream was counted, or the bytes go on where those before ended.
 */
static bool
is_still_the_same(const recent_connection_t *entry, const http_input_t *in)
{
    const http_sequence_t *sequence = &entry->connection->sequence[in->side];

    if (entry->streams == get_tcp_stream_count())
        return true;
    return in->has_seq && sequence->known && sequence->next > 1 && in->seq == sequence->next && !entry->conversation->next;
}

static void
remember_connection(recent_connection_t *entry, const http_input_t *in, conversation_t *conversation,
        http_connection_t *connection)
{
    any_recent = true;
    entry->connection = connection;
    entry->conversation = conversation;
    entry->transport = in->transport;
    entry->streams = get_tcp_stream_count();
    tcp_ends_note(&entry->ends, in->pinfo, in->side);
}

static http_connection_t *
get_connection(const http_input_t *in)
{
    bool plain = tcp_ends_tell_all(in->pinfo);
    recent_connection_t *entry = &recent[(in->pinfo->srcport ^ in->pinfo->destport) % RECENT_CONNECTIONS];
    conversation_t *conversation;
    http_connection_t *connection;

    if (plain && is_of(entry, in) && is_still_the_same(entry, in)) {
        entry->streams = get_tcp_stream_count();
        return entry->connection;
    }
    conversation = flow_conversation_of_tcp(in->pinfo);
    if (!conversation)
        conversation = find_or_create_conversation(in->pinfo);
    connection = find_connection(in, conversation);
    if (plain)
        remember_connection(entry, in, conversation, connection);
    return connection;
}

/* NULL: it is not HTTP/2, or not yet. */
static http2_connection_t *
get_http2(http_connection_t *connection)
{
    static const http1_switch_t from_the_beginning = { NULL, 0 };
    const http1_switch_t *how = connection->http1 ? http1_switched(connection->http1) : &from_the_beginning;

    if (how && !connection->http2)
        connection->http2 = http2_connection_new(how->upgraded, how->client);
    return connection->http2;
}

/* Data that was put together when the connection closed comes with the sequence number of the FIN. */
static void
correct_sequence_at_fin(http_input_t *in, const http_sequence_t *sequence)
{
    uint32_t over = in->fin_seq - sequence->next - tvb_reported_length(in->tvb);

    if (in->fin && over <= 1)
        in->seq = sequence->next;
}

/* TCP hands on what is sent again, by preference; what has been seen of it is passed over. False: that is all. */
static bool
pass_over_seen(http_input_t *in, http_sequence_t *sequence)
{
    uint32_t seen = sequence->next - in->seq;

    if (!sequence->known || seen == 0 || in->seq - sequence->begin >= sequence->next - sequence->begin)
        return true;
    if (seen >= (uint32_t)in->consumed)
        return false;
    in->offset = (int)seen;
    sequence->next = in->seq + (uint32_t)in->consumed;
    return true;
}

/* False: all of it has been seen before. */
static bool
follow_sequence(http_input_t *in, http_sequence_t *sequence)
{
    if (!in->has_seq)
        return true;
    correct_sequence_at_fin(in, sequence);
    if (!pass_over_seen(in, sequence))
        return false;
    if (in->offset > 0)
        return true;
    in->gap = sequence->known && in->seq != sequence->next;
    in->missing = in->seq - sequence->next;
    if (in->gap || !sequence->known)
        sequence->begin = in->seq;
    sequence->known = true;
    sequence->next = in->seq + (uint32_t)in->consumed;
    return true;
}

/* --- Passes --- */

/* Where HTTP/2 goes on behind HTTP/1, items and offset are as that leaves them. */
static void
first_pass(http_input_t *in)
{
    proto_node *first = in->next;
    http_connection_t *connection = get_connection(in);
    http2_connection_t *http2;

    http_budget_earn((size_t)in->captured);
    if (!follow_sequence(in, &connection->sequence[in->side]))
        return;
    if (connection->http1) {
        in->native = the_hub->proto_http;
        http1_first_pass(connection->http1, in);
    }
    http2 = get_http2(connection);
    if (!http2 || the_hub->proto_http2 <= 0)
        return;
    in->native = the_hub->proto_http2;
    in->next = first;
    http2_first_pass(http2, in);
}

static void
later_pass(http_input_t *in)
{
    proto_node *first = in->next;

    if (!is_http2(in)) {
        in->native = the_hub->proto_http;
        http1_later_pass(in);
    }
    if (the_hub->proto_http2 <= 0)
        return;
    in->native = the_hub->proto_http2;
    in->next = first;
    http2_later_pass(in);
}

static void
after_native(http_input_t *in, proto_tree *tree, proto_node *last_before)
{
    in->tree = tree;
    in->next = tree ? last_before ? last_before->next : tree->first_child : NULL;
    in->keeper = the_hub->keeper;
    in->hub = &listeners;
    if (PINFO_FD_VISITED(in->pinfo))
        later_pass(in);
    else
        first_pass(in);
}

/* Bytes that TCP or TLS keep until there are more: with a head, a message begins there, which may never end. */
static void
note_beginning(http_input_t *in)
{
    http_connection_t *connection;
    const http_sequence_t *sequence;

    if (in->captured <= in->consumed || PINFO_FD_VISITED(in->pinfo) || is_http2(in)
            || !http1_message_begins(in->bytes, in->consumed, in->captured))
        return;
    in->hub = &listeners;
    connection = get_connection(in);
    sequence = &connection->sequence[in->side];
    if (connection->http1 && (!in->has_seq || !sequence->known || in->seq + (uint32_t)in->consumed == sequence->next))
        http1_note_beginning(connection->http1, in);
}

/* --- In front of the native dissectors --- */

static void
prepare_input(http_input_t *in, tvbuff_t *tvb, packet_info *pinfo, http_transport_t transport, const void *data)
{
    memset(in, 0, sizeof *in);
    in->tvb = tvb;
    in->pinfo = pinfo;
    in->transport = transport;
    in->side = from_lower_end(pinfo);
    if ((transport == OVER_TCP || transport == HTTP2_OVER_TCP) && data) {
        const struct tcpinfo *tcpinfo = (const struct tcpinfo *)data;

        in->has_seq = true;
        in->seq = tcpinfo->seq;
        in->ack = tcpinfo->lastackseq;
        in->fin = (tcpinfo->flags & TCP_FLAG_FIN) != 0;
        in->fin_seq = tcpinfo->nxtseq;
    }
}

/* Completes the input with what the native dissector has left to be reassembled. */
static bool
complete_input(http_input_t *in)
{
    in->captured = (int)tvb_captured_length(in->tvb);
    in->consumed = (int)tvb_reported_length(in->tvb);
    if (in->pinfo->desegment_len != 0)
        in->consumed = MIN(in->consumed, (int)in->pinfo->desegment_offset);
    if (in->captured <= 0)
        return false;
    in->bytes = tvb_get_ptr(in->tvb, 0, in->captured);
    return in->consumed > 0;
}

/* What an ICMP error quotes was sent before, and its ends are those of the packet that it quotes. */
static bool
nobody_watches(const packet_info *pinfo)
{
    return the_hub->active_count == 0 || pinfo->flags.in_error_pkt;
}

typedef struct watched {
    http_input_t in;
    proto_tree  *tree;
    proto_node  *last_before;
    bool         is_refused, is_over;
} watched_t;

/* Also if dissection ends with an exception; if this throws one, it is called again. */
static void
leave_watched(void *context)
{
    watched_t *watched = (watched_t *)context;

    if (watched->is_over)
        return;
    watched->is_over = true;
    if (!watched->is_refused && complete_input(&watched->in))
        after_native(&watched->in, watched->tree, watched->last_before);
    note_beginning(&watched->in);
}

static int
dissect_watched(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data,
    http_transport_t transport)
{
    watched_t watched = { .tree = tree, .last_before = tree ? tree->last_child : NULL };
    int result;

    if (nobody_watches(pinfo))
        return standin_call(standin, tvb, pinfo, tree, data);
    prepare_input(&watched.in, tvb, pinfo, transport, data);
    CLEANUP_PUSH(leave_watched, &watched);
    result = standin_call(standin, tvb, pinfo, tree, data);
    watched.is_refused = result == 0;
    CLEANUP_CALL_AND_POP;
    return result;
}

static int dissect_http_over_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_http_over_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_http2_watched(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Those of the plugin that made the hub are used, as are the heuristics below. */
static standin_t http_tcp_standin = { .name = "http.tcp", .dissect = dissect_http_over_tcp };
static standin_t http_tls_standin = { .name = "http.tls", .dissect = dissect_http_over_tls };
static standin_t http2_standin = { .name = "http.2", .dissect = dissect_http2_watched };

static int
dissect_http_over_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_watched(&http_tcp_standin, tvb, pinfo, tree, data, OVER_TCP);
}

static int
dissect_http_over_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_watched(&http_tls_standin, tvb, pinfo, tree, data, OVER_TLS);
}

/* Called by HTTP, its bytes are followed there. */
static int
dissect_http2_watched(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    int caller = standin_nearest(pinfo, the_hub->callers, array_length(the_hub->callers));

    if (caller == the_hub->callers[0])
        return standin_call(&http2_standin, tvb, pinfo, tree, data);
    return dissect_watched(&http2_standin, tvb, pinfo, tree, data, caller == the_hub->callers[1] ? HTTP2_OVER_TLS : HTTP2_OVER_TCP);
}

static bool
heuristic_unguarded(const standin_heuristic_t *heuristic, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data,
        http_transport_t transport)
{
    proto_node *last_before = tree ? tree->last_child : NULL;
    http_input_t in;

    if (!heuristic->next(tvb, pinfo, tree, data))
        return false;
    prepare_input(&in, tvb, pinfo, transport, data);
    if (!nobody_watches(pinfo) && complete_input(&in))
        after_native(&in, tree, last_before);
    return true;
}

/* The first line of a message of HTTP/1, by which it is recognised, begins with a word. */
static bool
may_begin_message(tvbuff_t *tvb)
{
    return tvb_captured_length(tvb) > 0 && g_ascii_isgraph(tvb_get_uint8(tvb, 0));
}

static bool
heuristic_watched(const standin_heuristic_t *heuristic, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data,
        http_transport_t transport)
{
    watched_t watched = { .tree = tree, .last_before = tree ? tree->last_child : NULL };
    bool accepted;

    if (nobody_watches(pinfo))
        return heuristic->next(tvb, pinfo, tree, data);
    prepare_input(&watched.in, tvb, pinfo, transport, data);
    CLEANUP_PUSH(leave_watched, &watched);
    accepted = heuristic->next(tvb, pinfo, tree, data);
    watched.is_refused = !accepted;
    CLEANUP_CALL_AND_POP;
    return accepted;
}

/* To be called after exceptions costs more than all else here, and nearly all that comes here is refused. */
static bool
heuristic_http1(const standin_heuristic_t *heuristic, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data,
        http_transport_t transport)
{
    return may_begin_message(tvb) ? heuristic_watched(heuristic, tvb, pinfo, tree, data, transport)
        : heuristic_unguarded(heuristic, tvb, pinfo, tree, data, transport);
}

static api_bool_t heuristic_http_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static api_bool_t heuristic_http_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static api_bool_t heuristic_http2_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static api_bool_t heuristic_http2_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_heuristic_t heuristics[HTTP_TRANSPORTS] = {
    [OVER_TCP] = { .list = "tcp", .short_name = "http_tcp", .dissect = heuristic_http_tcp },
    [OVER_TLS] = { .list = "tls", .short_name = "http_tls", .dissect = heuristic_http_tls },
    [HTTP2_OVER_TCP] = { .list = "tcp", .short_name = "http2_tcp", .dissect = heuristic_http2_tcp },
    [HTTP2_OVER_TLS] = { .list = "tls", .short_name = "http2_tls", .dissect = heuristic_http2_tls },
};

static api_bool_t
heuristic_http_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return heuristic_http1(&heuristics[OVER_TCP], tvb, pinfo, tree, data, OVER_TCP);
}

static api_bool_t
heuristic_http_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return heuristic_http1(&heuristics[OVER_TLS], tvb, pinfo, tree, data, OVER_TLS);
}

/* What nobody else has claimed comes here, so nothing is done beforehand. An exception leaves a gap in what was seen. */
static api_bool_t
heuristic_http2_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return heuristic_unguarded(&heuristics[HTTP2_OVER_TCP], tvb, pinfo, tree, data, HTTP2_OVER_TCP);
}

static api_bool_t
heuristic_http2_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return heuristic_watched(&heuristics[HTTP2_OVER_TLS], tvb, pinfo, tree, data, HTTP2_OVER_TLS);
}

static void
stand_in(void)
{
    standin_add(&http_tcp_standin, find_dissector("http-over-tcp"));
    standin_add(&http_tls_standin, find_dissector("http-over-tls"));
    standin_add(&http2_standin, find_dissector("http2"));
    for (unsigned i = 0; i < HTTP_TRANSPORTS; i++)
        standin_add_heuristic(&heuristics[i]);
}

/* --- The hub --- */

static const char *
observer_name(unsigned slot)
{
    return proto_get_protocol_filter_name(*the_hub->observers[slot]->proto);
}

/* A file is opened: protocols may have been switched on or off. */
static void
prepare(void)
{
    the_hub->active_count = 0;
    for (unsigned slot = 0; slot < the_hub->count; slot++) {
        unsigned place = the_hub->active_count;

        if (!standin_is_on(the_hub->observers[slot]->proto))
            continue;
        the_hub->names[slot] = proto_get_protocol_short_name(find_protocol_by_id(*the_hub->observers[slot]->proto));
        for (; place > 0 && strcmp(observer_name(slot), observer_name(the_hub->active[place - 1])) < 0; place--)
            the_hub->active[place] = the_hub->active[place - 1];
        the_hub->active[place] = slot;
        the_hub->active_count++;
    }
    if (any_recent)
        memset(recent, 0, sizeof recent);
    any_recent = false;
    http_budget_init();
    http_kept_init();
    http1_init();
    http2_init();
}

static void *
make_hub(void)
{
    http_hub_t *hub = g_new0(http_hub_t, 1);

    hub->proto_http = proto_get_id_by_filter_name("http");
    hub->proto_http2 = proto_get_id_by_filter_name("http2");
    hub->callers[0] = hub->proto_http;
    hub->callers[1] = proto_get_id_by_filter_name("tls");
    hub->callers[2] = proto_get_id_by_filter_name("tcp");
    for (unsigned i = 0; i < HTTP_TRANSPORTS; i++)
        hub->connections[i] = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    the_hub = hub;
    http1_register();
    http2_register();
    stand_in();
    register_init_routine(prepare);
    return hub;
}

void
http_exchange_add_observer(const http_observer_t *observer)
{
    if (proto_get_id_by_filter_name("http") <= 0)
        return;
    the_hub = (http_hub_t *)hub_find_or_make(HTTP_HUB_NAME, make_hub);
    if (the_hub->count == 0)
        the_hub->keeper = *observer->proto;
    for (unsigned i = 0; i < the_hub->count; i++) {
        if (the_hub->observers[i] == observer)
            return;
    }
    if (the_hub->count < HTTP_EXCHANGE_MAX_OBSERVERS)
        the_hub->observers[the_hub->count++] = observer;
}
