/* session-quote.c
 * Which session a quoted packet is of; see session-quote.h
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
#include <epan/proto_data.h>

#include "session-quote.h"
#include "session-rewritten.h"
#include "compat.h"

extern int proto_session;

/* Kept with the frame of an ICMP error: the session that it quotes, and below how it was found. Other keys are session IDs. */
#define QUOTE_SESSION_KEY 0x80000000
#define QUOTE_FOUND_KEY   0xc0000000

/* Shorter ones may have no tag: that of an INIT is there. */
#define SCTP_CUT 20

/* Where in its frame the quote begins. */
static uint32_t
quote_key(uint32_t kind, const flow_packet_t *packet)
{
    return kind | ((uint32_t)tvb_raw_offset(packet->tvb) & ~QUOTE_FOUND_KEY);
}

static void
keep_found(const flow_packet_t *packet, quote_found_t found)
{
    static quote_found_t kinds[] = { QUOTE_BY_ADDRESSES, QUOTE_BY_NUMBER, QUOTE_GUESSED, QUOTE_REFUTED };

    p_add_proto_data(wmem_file_scope(), packet->pinfo, proto_session, quote_key(QUOTE_FOUND_KEY, packet), &kinds[found]);
}

static session_t *
find_rewritten(const flow_packet_t *packet)
{
    bool is_certain = false;
    session_t *session = session_rewritten_find(packet, &is_certain);

    if (session)
        keep_found(packet, is_certain ? QUOTE_BY_NUMBER : QUOTE_GUESSED);
    return session;
}

/* The ports may have been used before. */
static session_t *
find_earlier(const flow_packet_t *packet, const conversation_t *conversation)
{
    session_t *session;

    if (!session_rewritten_is_refuted(conversation, packet))
        return NULL;
    session = session_rewritten_find_earlier(packet);
    if (!session)
        keep_found(packet, QUOTE_REFUTED);
    return session;
}

/* Its own conversation has another packet, or may be that of one whose addresses were other ones. */
static session_t *
find_session_of_quote(flow_packet_t *packet)
{
    const conversation_t *conversation = flow_conversation(packet);
    session_t *session = NULL;

    if (packet->transport == FLOW_TCP && packet->quoted)
        session = conversation && session_of_known_conversation(conversation, FLOW_TCP) ? find_earlier(packet, conversation)
            : find_rewritten(packet);
    return session ? session : session_of_packet(packet);
}

bool
session_quote_is_like_one(const flow_packet_t *packet)
{
    return packet->quoted || (packet->transport == FLOW_SCTP && packet->captured < SCTP_CUT);
}

/*
 * An error has lost the tunnel of what it quotes, so on later passes it might be taken for another session, one that
 * began after it.
 */
session_t *
session_of_quote(flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    uint32_t key = quote_key(QUOTE_SESSION_KEY, packet);
    session_t *session;

    if (PINFO_FD_VISITED(pinfo))
        return (session_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_session, key);
    session = find_session_of_quote(packet);
    if (session)
        p_add_proto_data(wmem_file_scope(), pinfo, proto_session, key, session);
    return session;
}

quote_found_t
session_quote_found(const flow_packet_t *packet)
{
    const quote_found_t *found = packet->quoted ? (const quote_found_t *)p_get_proto_data(wmem_file_scope(), packet->pinfo,
            proto_session, quote_key(QUOTE_FOUND_KEY, packet)) : NULL;

    return found ? *found : QUOTE_BY_ADDRESSES;
}
