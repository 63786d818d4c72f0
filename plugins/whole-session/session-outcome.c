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
#include "session-quote.h"
#include "session-reset.h"
#include "tcp-header.h"
#include "compat.h"

#define SCTP_CHUNK_OFFSET       12
#define SCTP_CHUNK_HEADER        4
#define SCTP_INIT                1
#define SCTP_INIT_ACK            2
#define SCTP_ABORT               6
#define SCTP_COOKIE_ECHO        10
#define SCTP_SHUTDOWN_COMPLETE  14

/* What else a session has seen. */
#define SEEN_ICMP_ERROR 0x0200
#define SEEN_NOT_DUE    0x0400  /* what is sent expects no answer in this conversation */
#define SEEN_ANSWERED   0x0800  /* by direction: what opens the connection, which is not accepted by that alone */
#define SEEN_RESET_BY_1 0x2000  /* side 1 has sent the last reset that counts, else side 0 */
#define SEEN_WENT_ON    0x4000  /* that side has sent something else since */

#define BOTH(bit)       BOTH_SIDES(bit)
#define OF(bit, side)   ((bit) << (side))

static bool
was_opened(const session_t *session)
{
    return (session->seen & BOTH(SEEN_OPENING)) && !(session->seen & (SEEN_ACCEPTED | BOTH(SEEN_ANSWERED)));
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
judge_tcp_reset(const session_t *session, flow_packet_t *packet, unsigned side)
{
    bool is_acceptable;

    if (!(session->seen & BOTH(SEEN_PACKET)))
        return answers_opening(packet) ? SEEN_REFUSED : SEEN_RESET;
    if (was_opened(session))
        is_acceptable = !(tcp_header_flags(packet->bytes) & TH_ACK) || session_acknowledges_opening(packet);
    else
        is_acceptable = !(session->seen & SEEN_ACCEPTED) || session_reset_is_near(packet);
    return is_acceptable ? judge_reset(session, side) : 0;
}

/* RFC 9293 section 3.10.7.4: who still has an old connection answers a SYN with its acknowledgment, which establishes nothing. */
static bool
is_of_old_connection(const session_t *session, flow_packet_t *packet, unsigned side)
{
    return was_opened(session) && !(session->seen & OF(SEEN_OPENING, side)) && !session_acknowledges_opening(packet);
}

/* After the handshake every segment acknowledges something; what does not, such as a port scan's, tells of no connection. */
static unsigned
judge_tcp(const session_t *session, flow_packet_t *packet, unsigned side)
{
    uint8_t flags = tcp_header_flags(packet->bytes);

    if (flags & TH_RST)
        return judge_tcp_reset(session, packet, side);
    if (flags & TH_SYN)
        return OF(flags & TH_ACK ? SEEN_ANSWERED : SEEN_OPENING, side);
    if (!(flags & TH_ACK) || is_of_old_connection(session, packet, side))
        return 0;
    return SEEN_ACCEPTED | (flags & TH_FIN ? OF(SEEN_CLOSING, side) : 0);
}

/* A reset that was none for both sides (forged, of an old connection, before another try) is taken back. */
static void
refute_reset(session_t *session, const flow_packet_t *packet)
{
    unsigned resetter = (session->seen & SEEN_RESET_BY_1) != 0;

    if (tcp_header_flags(packet->bytes) & TH_RST)
        return;
    if (direction_of(packet) == resetter)
        session->seen |= SEEN_WENT_ON;
    else if (session->seen & SEEN_WENT_ON)
        session->seen &= (uint16_t)~(SEEN_RESETS | SEEN_WENT_ON);
}

static void
note_resetter(session_t *session, unsigned side)
{
    session->seen &= (uint16_t)~(SEEN_RESET_BY_1 | SEEN_WENT_ON);
    if (side == 1)
        session->seen |= SEEN_RESET_BY_1;
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
    if (has_abort(packet))
        return judge_reset(session, side);
    switch (packet->bytes[SCTP_CHUNK_OFFSET]) {
    case SCTP_INIT:
        return OF(SEEN_OPENING, side);
    case SCTP_INIT_ACK:
        return SEEN_ANSWERED;   /* whoever sends it: RFC 9260 section 5.1, the association is there with COOKIE ACK */
    case SCTP_COOKIE_ECHO:
        return 0;
    case SCTP_SHUTDOWN_COMPLETE:
        return SEEN_ACCEPTED | BOTH(SEEN_CLOSING);
    default:
        return SEEN_ACCEPTED;
    }
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

/* Of what was cut short nobody knows what it is. */
static bool
is_cut(const flow_packet_t *packet)
{
    if (packet->transport == FLOW_UDP)
        return false;
    return packet->captured < (packet->transport == FLOW_TCP ? TCP_HEADER_TO_FLAGS : SCTP_CHUNK_OFFSET + 1u);
}

static unsigned
judge_transport(const session_t *session, flow_packet_t *packet, unsigned side)
{
    if (packet->transport == FLOW_TCP)
        return judge_tcp(session, packet, side);
    return packet->transport == FLOW_UDP ? judge_udp(session, packet) : judge_sctp(session, packet, side);
}

static void
judge(session_t *session, flow_packet_t *packet)
{
    unsigned side = direction_of(packet);
    unsigned seen = judge_transport(session, packet, side) | OF(SEEN_PACKET, side);

    if (seen & SEEN_RESETS)
        note_resetter(session, side);
    else if ((session->seen & SEEN_RESETS) && packet->transport == FLOW_TCP)
        refute_reset(session, packet);
    session->seen |= seen;
}

void
session_judge_outcome(session_t *session, flow_packet_t *packet)
{
    if (packet->quoted)
        session->seen |= session_quote_counts(session_quote_found(packet)) && icmp_quote_is_failure(packet) ? SEEN_ICMP_ERROR : 0;
    else if (!is_cut(packet))
        judge(session, packet);
    if (session->decided_in == 0 && ((session->seen & (SEEN_ICMP_ERROR | SEEN_RESETS)) || is_closed(session)))
        session->decided_in = packet->pinfo->num;
}

/* Both sides have sent SYN and SYN, ACK: that establishes the connection, too (RFC 9293 section 3.5, simultaneous open). */
static bool
is_unanswered(const session_t *session)
{
    if (session->seen & (BOTH(SEEN_OPENING) | BOTH(SEEN_ANSWERED)))
        return !(session->seen & SEEN_ACCEPTED) && (session->seen & BOTH(SEEN_ANSWERED)) != BOTH(SEEN_ANSWERED);
    return !(session->seen & (SEEN_ACCEPTED | SEEN_NOT_DUE)) && (session->seen & BOTH(SEEN_PACKET)) != BOTH(SEEN_PACKET);
}

const char *
session_outcome(const session_t *session)
{
    if (session->seen & SEEN_ICMP_ERROR)
        return "icmp error";
    if (!(session->seen & BOTH(SEEN_PACKET)))
        return NULL;
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
