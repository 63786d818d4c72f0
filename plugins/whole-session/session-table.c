/* session-table.c
 * Sessions; see session-table.h
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
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-udp.h>

#include "flow-note.h"
#include "session-table.h"
#include "session-sctp.h"
#include "session-start.h"
#include "session-tunnel.h"
#include "compat.h"

#define SESSION_NONE UINT32_MAX

#define SESSIONS_PER_BLOCK 1024
#define INDICES_PER_BLOCK 256       /* they are cleared, which should not be felt in short captures */

/*
 * Of a conversation the first session is noted by the number of its stream, which a packet that begins one tells without a search
 * for it. A conversation that has none, as Wireshark has read no whole header of it, goes by its own number.
 */
typedef enum { INDEX_TCP, INDEX_UDP, INDEX_OTHER, INDEXES } index_t;

/* Blocks never move, and come from the file's memory. */
static GPtrArray *session_blocks;       /* of session_t, by ID */
static GPtrArray *index_blocks[INDEXES];        /* of uint32_t: 1 + ID of the first session */
static uint32_t session_count;

static int proto_tcp = -1;
static int proto_udp = -1;
static int proto_data = -1;
static void (*tell_of)(conversation_t *conversation);
static nstime_t start;                  /* of the capture */
static bool has_start;

void
session_table_init(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_udp = proto_get_id_by_filter_name("udp");
    proto_data = proto_get_id_by_filter_name("data");
    session_blocks = g_ptr_array_new();
    for (unsigned i = 0; i < INDEXES; i++)
        index_blocks[i] = g_ptr_array_new();
}

void
session_table_reset(void)
{
    g_ptr_array_set_size(session_blocks, 0);
    for (unsigned i = 0; i < INDEXES; i++)
        g_ptr_array_set_size(index_blocks[i], 0);
    session_count = 0;
    has_start = false;
    tell_of = NULL;
    sctp_association_reset();
}

const nstime_t *
session_start(void)
{
    return &start;
}

static void
note_start(const packet_info *pinfo)
{
    has_start = (pinfo->presence_flags & PINFO_HAS_TS) != 0;
    if (has_start)
        nstime_delta(&start, &pinfo->abs_ts, &pinfo->rel_ts);
}

static session_t *
session_at(uint32_t id)
{
    session_t *block = (session_t *)g_ptr_array_index(session_blocks, id / SESSIONS_PER_BLOCK);

    return &block[id % SESSIONS_PER_BLOCK];
}

static session_t *
new_session(void)
{
    session_t *session;

    if (session_count / SESSIONS_PER_BLOCK == session_blocks->len)
        g_ptr_array_add(session_blocks, wmem_alloc_array(wmem_file_scope(), session_t, SESSIONS_PER_BLOCK));
    session = session_at(session_count);
    *session = (session_t) {
        .id = session_count, .protocols = PROTOCOL_SET_EMPTY, .last_time = SESSION_NO_TIME,
        .first = session_count, .next = SESSION_NONE, .announced_by = SESSION_NOT_ANNOUNCED,
    };
    session_count++;
    return session;
}

/* Where the first session of a conversation is noted. NULL if it cannot have one yet. */
static uint32_t *
find_index(index_t kind, uint32_t number)
{
    const GPtrArray *blocks = index_blocks[kind];
    uint32_t block = number / INDICES_PER_BLOCK;
    uint32_t *indices = block < blocks->len ? (uint32_t *)g_ptr_array_index(blocks, block) : NULL;

    return indices ? &indices[number % INDICES_PER_BLOCK] : NULL;
}

static void
set_index(index_t kind, uint32_t number, const session_t *session)
{
    GPtrArray *blocks = index_blocks[kind];
    uint32_t block = number / INDICES_PER_BLOCK;

    if (block >= blocks->len)
        g_ptr_array_set_size(blocks, (int)block + 1);
    if (!g_ptr_array_index(blocks, block))
        g_ptr_array_index(blocks, block) = wmem_alloc0_array(wmem_file_scope(), uint32_t, INDICES_PER_BLOCK);
    *find_index(kind, number) = session->id + 1;
}

static session_t *
session_at_index(index_t kind, uint32_t number)
{
    const uint32_t *slot = find_index(kind, number);

    return slot && *slot ? session_at(*slot - 1) : NULL;
}

static bool
find_stream(const conversation_t *conversation, unsigned transport, uint32_t *stream)
{
    const void *data = conversation_get_proto_data(conversation, transport == FLOW_TCP ? proto_tcp : proto_udp);

    if (data)
        *stream = transport == FLOW_TCP ? ((const struct tcp_analysis *)data)->stream : ((const struct udp_analysis *)data)->stream;
    return data != NULL;
}

/*
 * Of the sessions of one conversation, the one in this tunnel. Directions may go different ways (MPLS
 * labels always do), so a session that has not had a packet of this direction takes it, one that is in the same
 * tunnel the other way before others. What an ICMP error quotes has lost its tunnel.
 */
static session_t *
find_in_tunnel(session_t *first, const flow_packet_t *packet, bool may_join)
{
    uint32_t tunnel = tunnel_of_packet(packet);
    unsigned direction = direction_of(packet);
    session_t *vacant = NULL;
    session_t *session = first;

    for (;;) {
        if (session->tunnel[direction] == tunnel)
            return session;
        if (session->tunnel[direction] == 0 && (!vacant || (session->tunnel[!direction] == tunnel
            && vacant->tunnel[!direction] != tunnel)))
            vacant = session;
        if (session->next == SESSION_NONE)
            break;
        session = session_at(session->next);
    }
    if (packet->quoted || (!vacant && first->siblings == SESSION_MAX_SIBLINGS))
        return first;
    if (vacant && may_join)
        vacant->tunnel[direction] = tunnel;
    return may_join ? vacant : NULL;
}

/* At the end of the list: where directions have to be guessed together, the earlier tunnel comes first. */
static void
add_sibling(session_t *first, session_t *session)
{
    session_t *last = first;

    while (last->next != SESSION_NONE)
        last = session_at(last->next);
    last->next = session->id;
    session->first = first->id;
    first->siblings++;
}

static session_t *
add_in_tunnel(session_t *first, const flow_packet_t *packet)
{
    session_t *session = new_session();

    if (!has_start)
        note_start(packet->pinfo);
    session->tunnel[direction_of(packet)] = packet->quoted ? 0 : tunnel_of_packet(packet);
    if (first)
        add_sibling(first, session);
    return session;
}

static session_t *
find_or_add_in_tunnel(session_t *first, const flow_packet_t *packet)
{
    bool is_first_pass = !PINFO_FD_VISITED(packet->pinfo);
    session_t *session = NULL;

    if (first) {
        if (first->tunnel[direction_of(packet)] == tunnel_of_packet(packet))
            return first;
        session = find_in_tunnel(first, packet, is_first_pass);
    }
    return session || !is_first_pass ? session : add_in_tunnel(first, packet);
}

static session_t *
session_of_association(const flow_packet_t *packet)
{
    uint32_t known = sctp_association_find(packet);
    session_t *session = find_or_add_in_tunnel(known == SCTP_NO_SESSION ? NULL : session_at(known), packet);

    if (session && !PINFO_FD_VISITED(packet->pinfo))
        sctp_association_add(packet, session->first);
    return session;
}

session_t *
session_of_known_conversation(const conversation_t *conversation, unsigned transport)
{
    session_t *session = NULL;
    uint32_t stream;

    if (find_stream(conversation, transport, &stream))
        session = session_at_index(transport == FLOW_TCP ? INDEX_TCP : INDEX_UDP, stream);
    return session ? session : session_at_index(INDEX_OTHER, conversation->conv_index);
}

void
session_table_listen(void (*has_session)(conversation_t *conversation))
{
    tell_of = has_session;
}

/* H.245 names capabilities in its first message. */
static void
watch_if_announced(session_t *session, const flow_packet_t *packet)
{
    const session_t *announcer = session_announced_by(session);

    if (announcer && packet->transport == FLOW_TCP && (protocol_set_traits(announcer->protocols) & PROTOCOL_NEEDS_TREE))
        session->watch = SESSION_WATCH;
}

static void
note_first(conversation_t *conversation, session_t *session, const flow_packet_t *packet)
{
    uint32_t stream;

    if (find_stream(conversation, packet->transport, &stream))
        set_index(packet->transport == FLOW_TCP ? INDEX_TCP : INDEX_UDP, stream, session);
    else
        set_index(INDEX_OTHER, conversation->conv_index, session);
    session->announced_by = session_announce_find(packet, conversation);
    watch_if_announced(session, packet);
    if (tell_of)
        tell_of(conversation);
}

static session_t *
session_of_conversation(conversation_t *conversation, const flow_packet_t *packet)
{
    session_t *first = session_of_known_conversation(conversation, packet->transport);
    session_t *session = find_or_add_in_tunnel(first, packet);

    if (session && !first)
        note_first(conversation, session, packet);
    return session;
}

/* Nobody has searched for its conversation so far, and mostly nobody will. */
static session_t *
begin_session(flow_packet_t *packet)
{
    session_t *session = add_in_tunnel(NULL, packet);

    flow_begin_note(packet, session);
    set_index(packet->transport == FLOW_TCP ? INDEX_TCP : INDEX_UDP, packet->streams, session);
    if ((tell_of || session_announce_any()) && flow_conversation(packet))
        note_first(flow_conversation(packet), session, packet);
    return session;
}

/* The only one of its conversation has its first packet of a direction; as find_in_tunnel() does. */
static inline bool
takes_direction(session_t *session, const flow_packet_t *packet)
{
    uint32_t *tunnel = &session->tunnel[direction_of(packet)];

    if (*tunnel != 0 || packet->quoted || session->siblings > 0 || session->first != session->id || PINFO_FD_VISITED(packet->pinfo))
        return false;
    *tunnel = tunnel_of_packet(packet);
    return true;
}

/* Mostly that of the packet before it in the same direction. */
static session_t *
session_of_known(flow_known_t *known, const flow_packet_t *packet)
{
    session_t *session = (session_t *)known->note;

    if (session && (session->tunnel[direction_of(packet)] == tunnel_of_packet(packet) || takes_direction(session, packet)))
        return session;
    if (session)
        session = find_or_add_in_tunnel(session_at(session->first), packet);
    else
        session = session_of_conversation(known->conversation, packet);
    known->note = session;
    return session;
}

session_t *
session_of_packet(flow_packet_t *packet)
{
    flow_known_t *known;

    if (!packet->has_ports)
        return NULL;
    if (packet->transport == FLOW_SCTP)
        return session_of_association(packet);
    if (flow_begins_stream(packet))
        return begin_session(packet);
    known = flow_noted(packet);
    return known->note || known->conversation ? session_of_known(known, packet) : NULL;
}

const session_t *
session_that_shows(const session_t *session)
{
    for (uint32_t id = session->first; session->protocols == PROTOCOL_SET_EMPTY && id != SESSION_NONE; ) {
        session = session_at(id);
        id = session->next;
    }
    return session;
}

protocol_set_t
session_protocols(const session_t *session)
{
    return session_that_shows(session)->protocols;
}

session_t *
session_announced_by(const session_t *session)
{
    return session->announced_by == SESSION_NOT_ANNOUNCED ? NULL : session_at(session->announced_by);
}

/* What it has announced itself looks at its announcer, since that may come later. */
void
session_add_matches(session_t *session, uint32_t matched)
{
    session_t *announcer = session_announced_by(session);

    session->matched |= matched;
    if (announcer && (session->matched & MATCHED_BY_PREFERENCE))
        announcer->matches_related = true;
}

bool
session_is_recognised(const session_t *session)
{
    protocol_set_t protocols = session_protocols(session);
    unsigned count = protocol_set_count(protocols);

    return count > 1 || (count == 1 && !protocol_set_has(protocols, proto_data));
}

const session_t *
session_of_known_association(const flow_packet_t *packet)
{
    uint32_t known = packet->has_ports ? sctp_association_find(packet) : SCTP_NO_SESSION;

    return known == SCTP_NO_SESSION ? NULL : session_at(known);
}
