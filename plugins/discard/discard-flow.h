/* discard-flow.h
 * What is learnt of a conversation with a Discard server, and of its packets
 *
 * All lives in file scope and is written on the first pass only, save that an ICMP error is noted with the earlier
 * packet that it quotes: in one pass that packet has been shown by then, so discard.unreachable_in needs a second pass.
 *
 * Too little captured or a header that makes no sense: the packet is left out; nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DISCARD_FLOW_H
#define GAPFILL_DISCARD_FLOW_H

#include "flow.h"
#include "discard-quotes.h"

/* The server of a conversation, as far as it is known. */
typedef enum {
    SERVER_UNKNOWN,
    SERVER_ASSUMED,     /* its port says so; the start was not captured, or UDP has none */
    SERVER_KNOWN,
    SERVER_OTHER        /* a client that uses the Discard port as its own */
} server_knowledge_t;

/* One per packet that is shown. */
typedef struct discard_record {
    bool               counted;
    uint64_t           bytes_total;
    server_knowledge_t reply;           /* SERVER_UNKNOWN: it is none */
    quotes_packet_t    packet;
} discard_record_t;

/* One per ICMP error that quotes such a packet. */
typedef struct discard_quote {
    uint32_t frame;
    uint32_t candidates;
} discard_quote_t;

/* What is above the transport layer. */
typedef enum { CARRIES_NOTHING, CARRIES_DISCARD, CARRIES_OTHER } carries_t;

/* In the handoff routine. */
void discard_flow_init(int proto_discard);

/* For after(): what is known of a packet, learnt on the first pass; NULL: nothing to show. */
const discard_record_t *discard_flow_record(flow_packet_t *packet, carries_t *carries);

/* The same for a packet that an ICMP error quotes. */
const discard_quote_t *discard_flow_quote(flow_packet_t *packet);

#endif /* GAPFILL_DISCARD_FLOW_H */
