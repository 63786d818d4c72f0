/* session-outcome.c
 * What became of a conversation; see session-outcome.h
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
#include <wsutil/pint.h>

#include "icmp-quote.h"
#include "session-group.h"
#include "session-outcome.h"
#include "tcp-header.h"
#include "compat.h"

#define SCTP_CHUNK_OFFSET       12
#define SCTP_CHUNK_HEADER        4
#define SCTP_INIT                1
#define SCTP_ABORT               6
#define SCTP_SHUTDOWN_COMPLETE  14

/* What else a session has seen. */
#define SEEN_REFUSED    0x0080
#define SEEN_RESET      0x0100
#define SEEN_ICMP_ERROR 0x0200
#define SEEN_NOT_DUE    0x0400  /* what is sent expects no answer in this conversation */

#define BOTH(bit)       BOTH_SIDES(bit)
#define OF(bit, side)   ((bit) << (side))

static bool
was_opened(const session_t *session)
{
    return (session->seen & BOTH(SEEN_OPENING)) && !(session->seen & SEEN_ACCEPTED);
}

static bool
is_closed(const session_t *session)
{
    return (session->seen & BOTH(SEEN_CLOSING)) == BOTH(SEEN_CLOSING);
}

/* A reset answers what opens the connection, or ends it; after both sides have closed it, nothing is lost. */
static unsigned
judge_reset(const session_t *session, unsigned side)
{
    if (was_opened(session))
        return session->seen & OF(SEEN_OPENING, !side) ? SEEN_REFUSED : 0;
    return is_closed(session) ? 0 : SEEN_RESET;
}

/* RFC 9293 section 3.10.7.1: with this sequence number a reset answers what acknowledges nothing, and so what opens. */
static bool
answers_opening(const flow_packet_t *packet)
{
    return (tcp_header_flags(packet->bytes) & TH_ACK) && tcp_header_seq(packet->bytes) == 0;
}

/* The first packet of a conversation may be all that was captured of this direction. */
static unsigned
judge_tcp_reset(const session_t *session, const flow_packet_t *packet, unsigned side)
{
    if (!(session->seen & BOTH(SEEN_PACKET)) && answers_opening(packet))
        return SEEN_REFUSED;
    return judge_reset(session, side);
}

static unsigned
judge_tcp(const session_t *session, const flow_packet_t *packet, unsigned side)
{
    uint8_t flags;

    if (packet->captured < TCP_HEADER_TO_FLAGS)
        return SEEN_ACCEPTED;
    flags = tcp_header_flags(packet->bytes);
    if (flags & TH_RST)
        return judge_tcp_reset(session, packet, side);
    if ((flags & (TH_SYN | TH_ACK)) == TH_SYN)
        return OF(SEEN_OPENING, side);
    return SEEN_ACCEPTED | (flags & TH_FIN ? OF(SEEN_CLOSING, side) : 0);
}

/* RFC 9260 section 3.3.7: what acknowledges may stand in front of it. */
static bool
has_abort(const flow_packet_t *packet)
{
    unsigned offset = SCTP_CHUNK_OFFSET;

    while (packet->captured > offset && packet->bytes[offset] != SCTP_ABORT) {
        if (packet->captured < offset + SCTP_CHUNK_HEADER)
            return false;
        offset += (MAX(pntohu16(packet->bytes + offset + 2), SCTP_CHUNK_HEADER) + 3u) & ~3u;
    }
    return packet->captured > offset;
}

static unsigned
judge_sctp(const session_t *session, const flow_packet_t *packet, unsigned side)
{
    uint8_t chunk;

    if (packet->captured <= SCTP_CHUNK_OFFSET)
        return SEEN_ACCEPTED;
    chunk = packet->bytes[SCTP_CHUNK_OFFSET];
    if (has_abort(packet))
        return judge_reset(session, side);
    if (chunk == SCTP_INIT)
        return OF(SEEN_OPENING, side);
    return SEEN_ACCEPTED | (chunk == SCTP_SHUTDOWN_COMPLETE ? BOTH(SEEN_CLOSING) : 0);
}

/* A request of TFTP is answered by what it announces, from another port (RFC 1350 section 4); others where they were asked. */
static void
answer_announcer(const session_t *session)
{
    session_t *announcer = session_announced_by(session);

    if (announcer && (protocol_set_traits(session_protocols(announcer)) & PROTOCOL_ANSWERS_BY_ANOTHER))
        announcer->seen |= BOTH(SEEN_PACKET);
}

static unsigned
judge_first_datagram(const session_t *session, const flow_packet_t *packet)
{
    answer_announcer(session);
    /* What is inside of a tunnel may be answered through another one. */
    if (protocol_set_is_tunnel(packet))
        return SEEN_NOT_DUE;
    if (session_group_is_for(packet)) {
        session_group_note(packet);
        return SEEN_NOT_DUE;
    }
    return session_group_is_answer(packet) ? SEEN_NOT_DUE : 0;
}

static unsigned
judge_udp(const session_t *session, const flow_packet_t *packet)
{
    return session->seen & BOTH(SEEN_PACKET) ? 0 : judge_first_datagram(session, packet);
}

static unsigned
judge(const session_t *session, const flow_packet_t *packet)
{
    unsigned side = direction_of(packet);
    unsigned seen;

    if (packet->quoted)
        return icmp_quote_is_failure(packet) ? SEEN_ICMP_ERROR : 0;
    if (packet->transport == FLOW_TCP)
        seen = judge_tcp(session, packet, side);
    else
        seen = packet->transport == FLOW_UDP ? judge_udp(session, packet) : judge_sctp(session, packet, side);
    return seen | OF(SEEN_PACKET, side);
}

void
session_judge_outcome(session_t *session, const flow_packet_t *packet)
{
    session->seen |= judge(session, packet);
    if (session->decided_in == 0 && ((session->seen & (SEEN_ICMP_ERROR | SEEN_REFUSED | SEEN_RESET)) || is_closed(session)))
        session->decided_in = packet->pinfo->num;
}

static bool
is_unanswered(const session_t *session)
{
    if (session->seen & BOTH(SEEN_OPENING))
        return !(session->seen & SEEN_ACCEPTED);
    return !(session->seen & (SEEN_ACCEPTED | SEEN_NOT_DUE)) && (session->seen & BOTH(SEEN_PACKET)) != BOTH(SEEN_PACKET);
}

const char *
session_outcome(const session_t *session)
{
    if (session->seen & SEEN_ICMP_ERROR)
        return "icmp error";
    if (session->seen & SEEN_REFUSED)
        return "refused";
    if (session->seen & SEEN_RESET)
        return "reset";
    return is_unanswered(session) ? "unanswered" : "established";
}

int
session_opened_by(const session_t *session)
{
    switch (session->seen & BOTH(SEEN_OPENING)) {
    case OF(SEEN_OPENING, 0):
        return 0;
    case OF(SEEN_OPENING, 1):
        return 1;
    default:
        return -1;
    }
}
