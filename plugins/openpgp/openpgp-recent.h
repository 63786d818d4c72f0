/* openpgp-recent.h
 * What belongs to the TCP connection of a packet, without Wireshark's search for its conversation, which takes longer than most of
 * what is done here
 *
 * A place is of the connection that had a packet there last, and void when TCP has begun another stream, which may be between the
 * same sockets. Only of IPv4 and IPv6, and where conversations are told apart by addresses and ports alone.
 *
 * Ownership: what is noted is the caller's, and has to live until openpgp_recent_forget(). For the first pass. No errors: what is
 * not there has to be found otherwise.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_RECENT_H
#define GAPFILL_OPENPGP_RECENT_H

#include <epan/packet.h>

#include "tcp-ends.h"

#define OPENPGP_RECENT_PLACES   64      /* a power of two */

typedef struct openpgp_recent_place {
    void       *what;       /* NULL: none */
    tcp_ends_t  ends;       /* side 1 is that with the larger port */
    unsigned    streams;    /* that TCP had counted then */
} openpgp_recent_place_t;

typedef struct openpgp_recent {
    openpgp_recent_place_t places[OPENPGP_RECENT_PLACES];
} openpgp_recent_t;

/* Which side has sent the packet. */
bool openpgp_recent_is_forward(const packet_info *pinfo);

/* NULL: none is known. */
void *openpgp_recent_find(const openpgp_recent_t *recent, const packet_info *pinfo);

void openpgp_recent_note(openpgp_recent_t *recent, const packet_info *pinfo, void *what);

/* A file is opened. */
void openpgp_recent_forget(openpgp_recent_t *recent);

#endif /* GAPFILL_OPENPGP_RECENT_H */
