/* flow-stream.h
 * What Wireshark tells of its streams and conversations; for flow.c alone, behind flow.h.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FLOW_STREAM_H
#define GAPFILL_FLOW_STREAM_H

#include <epan/packet.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-udp.h>

#include "tcp-ends.h"
#include "compat.h"

#define TCP_MIN_HEADER 20
#define UDP_HEADER 8

#define FLOW_MAX_TABLES 8

#ifndef WS_UDP_GOES_BY_ELEMENTS
#define WS_UDP_GOES_BY_ELEMENTS false
#endif

/* Wireshark's tables of conversations with wildcards; fewer than three: they have other names than are known here. */
typedef struct flow_wildcards {
    wmem_map_t *tables[FLOW_MAX_TABLES];
    unsigned    count;
} flow_wildcards_t;

/* Counted by Wireshark: a packet for which the number grows is the first one of its conversation. */
static inline unsigned
flow_count_streams(unsigned transport)
{
    if (transport == FLOW_TCP)
        return get_tcp_stream_count();
    return transport == FLOW_UDP ? get_udp_stream_count() : 0;
}

static inline conversation_type
flow_conversation_type_of(const flow_packet_t *packet)
{
    if (packet->transport == FLOW_TCP)
        return CONVERSATION_TCP;
    return packet->transport == FLOW_UDP ? CONVERSATION_UDP : CONVERSATION_SCTP;
}

/* Of a header that is cut short, in a quote or in the capture, TCP and UDP themselves look up nothing. */
static inline bool
flow_transport_has_looked_up(const flow_packet_t *packet)
{
    return packet->captured >= (packet->transport == FLOW_TCP ? TCP_MIN_HEADER : UDP_HEADER);
}

/* What the conversation goes by in the place of both ends. What the packet carries may set it anew. */
static inline conversation_element_t *
flow_elements_of(const packet_info *pinfo, unsigned transport)
{
    return WS_UDP_GOES_BY_ELEMENTS && transport == FLOW_UDP ? pinfo->conv_elements : NULL;
}

/* Whether the packet's conversation is the latest of its addresses and ports. */
static inline bool
flow_goes_by_ends(const flow_packet_t *packet)
{
    return packet->by_ends && !tcp_ends_are_deinterlaced();
}

static inline conversation_t *
flow_find_latest(const flow_packet_t *packet)
{
    if (packet->elements)
        return find_conversation_full(packet->pinfo->num, packet->elements);
    return find_conversation_strat_xtd(packet->pinfo, packet->pinfo->num, &packet->src, &packet->dst,
            flow_conversation_type_of(packet), packet->srcport, packet->dstport, 0);
}

/* Their names say what their keys consist of: two addresses and ports less one of them or two, and the type. */
static inline void
flow_add_if_wildcards(void *key, void *value, void *found)
{
    flow_wildcards_t *to = (flow_wildcards_t *)found;
    const char *name = (const char *)key;
    unsigned commas = 0;

    for (const char *c = name; *c; c++)
        commas += *c == ',';
    if (g_str_has_prefix(name, "address,port,") && commas < 4 && to->count < FLOW_MAX_TABLES)
        to->tables[to->count++] = (wmem_map_t *)value;
}

static inline void
flow_find_wildcards(flow_wildcards_t *wildcards)
{
    wildcards->count = 0;
    wmem_map_foreach(get_conversation_hashtables(), flow_add_if_wildcards, wildcards);
}

/* One that has been announced, with wildcards, may be another one for packets that go back. */
static inline bool
flow_may_have_wildcards(const flow_wildcards_t *wildcards)
{
    for (unsigned i = 0; i < wildcards->count; i++) {
        if (wmem_map_size(wildcards->tables[i]) > 0)
            return true;
    }
    return wildcards->count < 3;
}

/* As of the packet's frame, without wildcards; NULL: there is none. */
static inline conversation_t *
flow_find_exact(const packet_info *pinfo, const address *from, uint16_t from_port, const address *to, uint16_t to_port,
        conversation_type type)
{
    conversation_element_t elements[] = {
        { .type = CE_ADDRESS, .addr_val = *from },
        { .type = CE_PORT, .port_val = from_port },
        { .type = CE_ADDRESS, .addr_val = *to },
        { .type = CE_PORT, .port_val = to_port },
        { .type = CE_CONVERSATION_TYPE, .conversation_type_val = type },
    };

    return find_conversation_full(pinfo->num, elements);
}

#endif /* GAPFILL_FLOW_STREAM_H */
