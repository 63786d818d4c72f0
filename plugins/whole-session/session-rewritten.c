/* session-rewritten.c
 * Of which session a quote with other addresses is; see session-rewritten.h
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

#include "session-rewritten.h"
#include "tcp-header.h"
#include "compat.h"

/* Further below what was sent last no router has a packet any more. */
#define MAX_IN_FLIGHT   (1u << 24)

/* Between more conversations with the same ports no choice is made: one more is kept, which tells that. */
#define MAX_CONVERSATIONS 256

/* Where the first of two addresses and ports stand in a conversation's key, behind them its type. */
enum { KEY_ADDRESS_1, KEY_PORT_1, KEY_ADDRESS_2, KEY_PORT_2, KEY_TYPE };

static int proto_tcp = -1;

/* GPtrArray of conversation_t by both ports; NULL: nobody has asked. */
static GHashTable *by_ports;

void
session_rewritten_init(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
}

void
session_rewritten_reset(void)
{
    if (by_ports)
        g_hash_table_destroy(by_ports);
    by_ports = NULL;
}

static void *
key_of_ports(uint32_t one, uint32_t other)
{
    return GUINT_TO_POINTER((MIN(one, other) << 16) | MAX(one, other));
}

static bool
is_of_tcp(const conversation_element_t *key)
{
    return key[KEY_ADDRESS_1].type == CE_ADDRESS && key[KEY_PORT_1].type == CE_PORT && key[KEY_ADDRESS_2].type == CE_ADDRESS
        && key[KEY_PORT_2].type == CE_PORT && key[KEY_TYPE].type == CE_CONVERSATION_TYPE
        && key[KEY_TYPE].conversation_type_val == CONVERSATION_TCP;
}

static void
free_list(void *list)
{
    g_ptr_array_free((GPtrArray *)list, true);
}

static void
add_conversation(conversation_t *conversation)
{
    const conversation_element_t *key = conversation->key_ptr;
    GPtrArray *some;
    void *ports;

    if (!is_of_tcp(key))
        return;
    ports = key_of_ports(key[KEY_PORT_1].port_val, key[KEY_PORT_2].port_val);
    some = (GPtrArray *)g_hash_table_lookup(by_ports, ports);
    if (!some) {
        some = g_ptr_array_new();
        g_hash_table_insert(by_ports, ports, some);
    }
    if (some->len <= MAX_CONVERSATIONS)
        g_ptr_array_add(some, conversation);
}

/* All that have the same key, from the first one on; those without a session will be told of when they get one. */
static void
add_chain(void *key _U_, void *value, void *user_data _U_)
{
    for (conversation_t *conversation = (conversation_t *)value; conversation; conversation = conversation->next) {
        if (session_of_known_conversation(conversation, FLOW_TCP))
            add_conversation(conversation);
    }
}

static void
add_table(void *key _U_, void *value, void *user_data _U_)
{
    wmem_map_foreach((wmem_map_t *)value, add_chain, NULL);
}

static void
make_index(void)
{
    by_ports = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_list);
    wmem_map_foreach(get_conversation_hashtables(), add_table, NULL);
    session_table_listen(add_conversation);
}

/* TCP keeps these numbers as they are in packets, whether it shows them so or not. */
static bool
fits_flow(const tcp_flow_t *flow, uint32_t seq)
{
    uint32_t offset = seq - flow->base_seq;
    uint32_t sent;

    if (!flow->static_flags || !flow->tcp_analyze_seq_info || flow->tcp_analyze_seq_info->nextseq == 0)
        return false;
    sent = flow->tcp_analyze_seq_info->nextseq - flow->base_seq;
    return offset <= sent && sent - offset <= MAX_IN_FLIGHT;      /* of an acknowledgment it is the next one */
}

/* As packet-tcp.c has it: one flow has the packets that come from the greater address, or else from the greater port. */
static bool
is_first_flow(const conversation_element_t *key, bool from_first)
{
    const address *from = &key[from_first ? KEY_ADDRESS_1 : KEY_ADDRESS_2].addr_val;
    const address *to = &key[from_first ? KEY_ADDRESS_2 : KEY_ADDRESS_1].addr_val;
    int order = cmp_address(from, to);

    if (order == 0)
        return key[from_first ? KEY_PORT_1 : KEY_PORT_2].port_val > key[from_first ? KEY_PORT_2 : KEY_PORT_1].port_val;
    return order > 0;
}

/* A NAT puts another address in the place of one. */
static bool
has_address_of(const conversation_element_t *key, bool from_first, const flow_packet_t *packet)
{
    return addresses_equal(&key[from_first ? KEY_ADDRESS_1 : KEY_ADDRESS_2].addr_val, &packet->src)
        || addresses_equal(&key[from_first ? KEY_ADDRESS_2 : KEY_ADDRESS_1].addr_val, &packet->dst);
}

static const tcp_flow_t *
fitting_flow(const conversation_t *conversation, bool from_first, const flow_packet_t *packet)
{
    const conversation_element_t *key = conversation->key_ptr;
    const struct tcp_analysis *tcpd = (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
    const tcp_flow_t *flow;

    if (!tcpd || key[from_first ? KEY_PORT_1 : KEY_PORT_2].port_val != packet->srcport || !has_address_of(key, from_first, packet))
        return NULL;
    flow = is_first_flow(key, from_first) ? &tcpd->flow1 : &tcpd->flow2;
    return fits_flow(flow, tcp_header_seq(packet->bytes)) ? flow : NULL;
}

/* The direction that the quoted packet may be of, or NULL. */
static const tcp_flow_t *
find_flow(const conversation_t *conversation, const flow_packet_t *packet)
{
    const tcp_flow_t *flow = fitting_flow(conversation, true, packet);

    return flow ? flow : fitting_flow(conversation, false, packet);
}

/* A segment with this very number is in flight. */
static bool
is_in_flight(const tcp_flow_t *flow, uint32_t seq)
{
    for (const tcp_unacked_t *segment = flow->tcp_analyze_seq_info->segments; segment; segment = segment->next) {
        if (segment->seq == seq)
            return true;
    }
    return false;
}

static bool
has_both_addresses(const conversation_t *conversation, const flow_packet_t *packet)
{
    const address *one = &conversation->key_ptr[KEY_ADDRESS_1].addr_val;
    const address *other = &conversation->key_ptr[KEY_ADDRESS_2].addr_val;

    return (addresses_equal(one, &packet->src) && addresses_equal(other, &packet->dst))
        || (addresses_equal(one, &packet->dst) && addresses_equal(other, &packet->src));
}

/* Only among those with just its addresses, or among all. */
static const conversation_t *
find_only_one(const GPtrArray *some, const flow_packet_t *packet, bool with_addresses)
{
    const conversation_t *found = NULL;

    for (unsigned i = 0; i < some->len; i++) {
        const conversation_t *conversation = (const conversation_t *)g_ptr_array_index(some, i);

        if ((with_addresses && !has_both_addresses(conversation, packet)) || !find_flow(conversation, packet))
            continue;
        if (found)
            return NULL;
        found = conversation;
    }
    return found;
}

static const conversation_t *
find_by_number(const flow_packet_t *packet, bool with_addresses)
{
    const GPtrArray *some;

    if (packet->transport != FLOW_TCP || packet->captured < TCP_HEADER_TO_SEQ)
        return NULL;
    if (!by_ports)
        make_index();
    some = (const GPtrArray *)g_hash_table_lookup(by_ports, key_of_ports(packet->srcport, packet->dstport));
    return some && some->len <= MAX_CONVERSATIONS ? find_only_one(some, packet, with_addresses) : NULL;
}

/* Not just what was captured of it: segments may have been lost, or sent before the capture began. */
static bool
is_refuted_by_flow(const tcp_flow_t *flow, uint32_t seq)
{
    uint32_t sent;

    if (!flow->static_flags || !flow->tcp_analyze_seq_info || flow->tcp_analyze_seq_info->nextseq == 0)
        return false;
    sent = flow->tcp_analyze_seq_info->nextseq - flow->base_seq;
    return sent < UINT32_MAX - 2 * MAX_IN_FLIGHT && seq - flow->base_seq + MAX_IN_FLIGHT > sent + 2 * MAX_IN_FLIGHT;
}

bool
session_rewritten_is_refuted(const conversation_t *conversation, const flow_packet_t *packet)
{
    const conversation_element_t *key = conversation->key_ptr;
    const struct tcp_analysis *tcpd = (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
    bool from_first;

    if (!tcpd || !is_of_tcp(key) || packet->captured < TCP_HEADER_TO_SEQ)
        return false;
    from_first = key[KEY_PORT_1].port_val == packet->srcport && addresses_equal(&key[KEY_ADDRESS_1].addr_val, &packet->src);
    return is_refuted_by_flow(is_first_flow(key, from_first) ? &tcpd->flow1 : &tcpd->flow2, tcp_header_seq(packet->bytes));
}

session_t *
session_rewritten_find_earlier(const flow_packet_t *packet)
{
    const conversation_t *found = find_by_number(packet, true);

    return found ? session_of_known_conversation(found, FLOW_TCP) : NULL;
}

session_t *
session_rewritten_find(const flow_packet_t *packet, bool *is_certain)
{
    const conversation_t *found = find_by_number(packet, false);

    if (!found)
        return NULL;
    *is_certain = is_in_flight(find_flow(found, packet), tcp_header_seq(packet->bytes));
    return session_of_known_conversation(found, FLOW_TCP);
}
