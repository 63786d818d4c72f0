/* session-quote.h
 * Which session the packet is of that an ICMP error quotes, and how that is known
 *
 * Worked out on the first pass and kept with the frame of the error.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_QUOTE_H
#define GAPFILL_SESSION_QUOTE_H

#include "session-table.h"

typedef enum {
    QUOTE_BY_ADDRESSES,         /* those of the session, its ports, or SCTP's tag */
    QUOTE_BY_NUMBER,            /* as session-rewritten.h has it, certain */
    QUOTE_GUESSED,              /* the same, not certain: of the outcome this tells nothing */
    QUOTE_REFUTED               /* by addresses and ports, but the number is not the session's: nor does this */
} quote_found_t;

/* It is a quoted packet, or one of SCTP that is cut in front of its tag: what is known of it changes with what comes later. */
bool session_quote_is_like_one(const flow_packet_t *packet);

/* The session of such a packet; NULL: none. */
session_t *session_of_quote(flow_packet_t *packet);

/* Whether it tells of the session's outcome. */
static inline bool
session_quote_counts(quote_found_t found)
{
    return found == QUOTE_BY_ADDRESSES || found == QUOTE_BY_NUMBER;
}

/* Whether it has another address than the session. */
static inline bool
session_quote_is_rewritten(quote_found_t found)
{
    return found == QUOTE_BY_NUMBER || found == QUOTE_GUESSED;
}

/* How that of any packet was found, once session_of_quote() was called for it: one that is not quoted by its addresses. */
quote_found_t session_quote_found(const flow_packet_t *packet);

#endif /* GAPFILL_SESSION_QUOTE_H */
