/* session-table.h
 * Sessions: which packets belong together, and what is known of them.
 *
 * A TCP or UDP session is one of Wireshark's conversations, an SCTP session an association. Where a
 * conversation is seen in several tunnels, each has a session of its own.
 *
 * Sessions are made on the first pass and live as long as the capture file is open. Each takes 56 bytes
 * and 4 bytes for each of Wireshark's streams of TCP and UDP.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_TABLE_H
#define GAPFILL_SESSION_TABLE_H

#include "flow.h"
#include "session-announce.h"
#include "session-protocols.h"

#define SESSION_NO_TIME INT64_MIN

/* So many bytes of payload are looked at closely where Wireshark may list what it does not show. */
#define SESSION_WATCH 24000

/* Why the next packets are looked at, whatever they have; bits of session_t.waits. */
#define SESSION_HAS_ASKED   0x1u        /* a dissector has asked TCP for more and has shown nothing */
#define SESSION_GUESSES_FTP 0x2u        /* by a greeting alone, which the client may refute (plugin ftp-session) */
#define SESSION_KEEPS_QUIET 0x4u        /* HTTP has shown nothing of what later passes may show as data */
#define SESSION_HAS_BEGUN   0x8u        /* HTTP has asked for the rest of a message in direction 0; twice that: in 1 */

/* More tunnels than these, with the same conversation in each, are not told apart. */
#define SESSION_MAX_SIBLINGS 63

/* Bit of session_t.matched for the preference session.match. Those above it are for the rows of session.filters. */
#define MATCHED_BY_PREFERENCE 0x1u
#define MATCHED_BITS 32

typedef struct session {
    uint32_t       id;          /* from 0, in order of the first packets */
    protocol_set_t protocols;   /* seen in this session */
    int64_t        last_time;   /* of its latest packet so far, in nanoseconds, or SESSION_NO_TIME */
    uint32_t       tunnel[2];   /* that the packets of each direction are in; 0 where none was seen */
    uint32_t       first;       /* of the sessions of one conversation in different tunnels */
    uint32_t       next;        /* of those, or SESSION_NONE */
    uint8_t        siblings;    /* in the first one: how many others there are */
    uint8_t        waits;       /* for what, see SESSION_HAS_ASKED */
    uint16_t       watch;       /* bytes of payload that are still to be looked at closely */
    uint16_t       seen;        /* see session-outcome.c */
    bool           announces : 1;       /* other conversations */
    bool           doubtful : 1;        /* HTTP may take for its own what it does not show, see session-learn.c */
    bool           early_text : 1;      /* what early_data is about begins with text */
    bool           matches_related : 1; /* one that it has announced matches the preference session.match */
    bool           differs_later : 1;   /* later passes show other protocols, see session-later.h */
    bool           alternates : 1;      /* between GIOP and ZIOP, see session-learn.c */
    bool           early_data;  /* all that Wireshark could not identify came before it had a dissector for the conversation */
    uint32_t       decided_in;  /* the frame in which the outcome became known; 0: none so far */
    uint32_t       last_frame;
    uint32_t       announced_by;        /* the session, or SESSION_NOT_ANNOUNCED */
    uint32_t       matched;     /* by which filters, see session-match.h */
} session_t;

/* Of two directions of a conversation, 0 or 1. */
static inline unsigned
direction_of(const flow_packet_t *packet)
{
    if (packet->srcport != packet->dstport)
        return packet->srcport > packet->dstport;
    return cmp_address(&packet->src, &packet->dst) > 0;
}

/* In the handoff routine. */
void session_table_init(void);

/* Forgets all sessions. To be called when a file is opened or closed. */
void session_table_reset(void);

/*
 * The session of a packet, from after() on; made if need be on the first pass. NULL where the packet
 * is of no conversation, as with an ICMP error that quotes one which is not in the capture.
 */
session_t *session_of_packet(flow_packet_t *packet);

/* The first session of a conversation of this transport (FLOW_TCP or FLOW_UDP), or NULL. */
session_t *session_of_known_conversation(const conversation_t *conversation, unsigned transport);

/* Until the file is closed: called with each conversation that gets its first session. */
void session_table_listen(void (*has_session)(conversation_t *conversation));

/*
 * The session, or if no protocols were seen in it yet, as with a copy of every packet outside of a tunnel that Wireshark takes for
 * retransmissions, one of the same conversation elsewhere in which some were.
 */
const session_t *session_that_shows(const session_t *session);

/* The protocols of that one. */
protocol_set_t session_protocols(const session_t *session);

/* The session that has announced this one, or NULL. */
session_t *session_announced_by(const session_t *session);

/* On the first pass: a packet of the session matches these filters. Tells the one that has announced it. */
void session_add_matches(session_t *session, uint32_t matched);

/* Whether anything but data was seen. */
bool session_is_recognised(const session_t *session);

/* The session of an SCTP packet as far as it is known already, else NULL. */
const session_t *session_of_known_association(const flow_packet_t *packet);

#endif /* GAPFILL_SESSION_TABLE_H */
