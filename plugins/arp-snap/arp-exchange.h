/* arp-exchange.h
 * Pairs ARP requests with replies, whatever they are encapsulated in, and remembers who uses Ethernet II
 *
 * Written on the first pass and kept in file scope. Each table holds at most EXCHANGE_MAX_ENTRIES
 * different senders or questions; what comes after them is not remembered.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ARP_EXCHANGE_H
#define GAPFILL_ARP_EXCHANGE_H

#include <epan/packet.h>

#include "arp-body.h"

#define EXCHANGE_MAX_ENTRIES 65536
/* Repetitions of one question that are looked through for the one that a reply answers. */
#define EXCHANGE_MAX_REPEATS 8
/* Seconds after which a reply is no longer taken for the answer. */
#define EXCHANGE_WINDOW 60

/* What is known about one frame. */
typedef struct exchange_link {
    uint32_t response_in;
    uint32_t response_to;
    nstime_t response_time;     /* valid with response_to */
    uint32_t ethernet_frame;
    bool     mixed_exchange;    /* request and reply differ in encapsulation */
} exchange_link_t;

/* Registration time: makes the tables, which are emptied with every file. */
void exchange_register(void);

/* First pass, for every message. snap: it came in LLC, not in Ethernet II. */
void exchange_learn(packet_info *pinfo, const arp_body_t *body, bool snap);

/* NULL where nothing is known. */
const exchange_link_t *exchange_find(uint32_t frame);

#endif /* GAPFILL_ARP_EXCHANGE_H */
