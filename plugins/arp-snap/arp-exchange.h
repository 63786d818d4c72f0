/* arp-exchange.h
 * Pairs ARP requests with replies, whatever they are encapsulated in, and remembers who uses Ethernet II
 *
 * Written on the first pass and kept in file scope. Each table holds at most EXCHANGE_MAX_ENTRIES
 * different senders or questions; what comes after them is not remembered. As long as no message has come in LLC, which is for
 * ever in most captures, what comes in Ethernet II is only noted down, and read when the first one does, or when
 * EXCHANGE_MAX_NOTES have come.
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
#define EXCHANGE_MAX_NOTES   65536
/* Frames of which something is known: some 28 MB. Of those that come later nothing is. */
#define EXCHANGE_MAX_LINKS   262144
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

/* First pass, for every message: one that came in LLC, and one in Ethernet II. */
void exchange_learn_snap(const packet_info *pinfo, const arp_body_t *body);
void exchange_learn_ethernet(const packet_info *pinfo, tvbuff_t *tvb);

/* Whether exchange_find() finds something for any frame. */
bool exchange_has_links(void);

/* NULL where nothing is known. */
const exchange_link_t *exchange_find(uint32_t frame);

#endif /* GAPFILL_ARP_EXCHANGE_H */
