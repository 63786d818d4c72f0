/* hkp-talk.c
 * Whether a key server has said anything since; see hkp-talk.h
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
#include <epan/conversation.h>

#include "port-set.h"
#include "tcp-header.h"
#include "hkp-talk.h"
#include "compat.h"

/* RFC 8446 sections 5 and 6: an alert with its content type behind it and a tag of 16 octets. */
#define RECORD_HEADER       5
#define RECORD_ALERT        21
#define RECORD_DATA         23
#define HIDDEN_ALERT        19

/* Of a connection. */
typedef struct talk {
    uint16_t client_port;
    bool     tls;
    bool     http2;
    bool     known;         /* what follows */
    uint32_t next;          /* of the server, the first byte that was neither seen nor acknowledged; as sent */
    uint32_t heard;         /* the last segment with payload that came from the server */
    uint32_t told;          /* the last answer that was told, of HTTP/2 the last segment that was read */
    bool     hole;          /* bytes of the server are not in the capture, or came late */
    uint32_t ended;         /* the first frame by which the server ends it, or either side resets it */
    const char *how;
} talk_t;

/*
 * talk_t by conversation, file scope; the client ports that occur, and those that have acknowledged something. Of these, what has
 * payload need not be looked at: those who wait for an answer send none.
 */
static wmem_map_t *talks;
static port_set_t client_ports;
static port_set_t begun_ports;
static void (*want_client_port)(uint16_t port);

/* Wireshark's own search takes 1,200 instructions. */
static conversation_t *
conversation_of(packet_info *pinfo)
{
    conversation_t *conversation = flow_conversation_of_tcp(pinfo);

    return conversation ? conversation : find_conversation_pinfo(pinfo, 0);
}

static talk_t *
talk_of(packet_info *pinfo)
{
    conversation_t *conversation = wmem_map_size(talks) > 0 ? conversation_of(pinfo) : NULL;

    return conversation ? (talk_t *)wmem_map_lookup(talks, conversation) : NULL;
}

void
hkp_talk_asked(packet_info *pinfo)
{
    conversation_t *conversation;
    talk_t *talk;

    bool tls = pinfo->ptype == PT_TCP && proto_is_frame_protocol(pinfo->layers, "tls");
    bool http2 = pinfo->ptype == PT_TCP && proto_is_frame_protocol(pinfo->layers, "http2");

    /* Of HTTP/2 in clear text the exchange says whether its answer can be missing. */
    if (pinfo->ptype != PT_TCP || (http2 && !tls))
        return;
    conversation = conversation_of(pinfo);
    if (!conversation || wmem_map_contains(talks, conversation))
        return;
    talk = wmem_new0(wmem_file_scope(), talk_t);
    talk->client_port = (uint16_t)pinfo->srcport;
    talk->tls = tls;
    talk->http2 = http2;
    wmem_map_insert(talks, conversation, talk);
    port_set_add(&client_ports, talk->client_port);
    want_client_port(talk->client_port);
}

void
hkp_talk_told(const http_message_t *message)
{
    talk_t *talk = talk_of(message->pinfo);

    if (talk)
        talk->told = message->pinfo->num;
}

bool
hkp_talk_goes_on(packet_info *pinfo)
{
    const talk_t *talk = talk_of(pinfo);

    return talk && talk->heard > pinfo->num && talk->heard > talk->told;
}

const char *
hkp_talk_end(packet_info *pinfo, uint32_t since)
{
    const talk_t *talk = talk_of(pinfo);

    return talk && talk->ended >= since && !talk->hole ? wmem_strdup_printf(pinfo->pool, "%s in frame %u", talk->how, talk->ended)
        : NULL;
}

static bool
has_payload(const flow_packet_t *packet)
{
    unsigned header = tcp_header_length(packet->bytes);

    return packet->captured > header || tvb_reported_length(packet->tvb) > header;
}

/* An alert, also where TLS 1.3 hides it among application data. */
static bool
is_alert(const flow_packet_t *packet)
{
    unsigned offset = tcp_header_length(packet->bytes);

    return tvb_captured_length(packet->tvb) >= offset + RECORD_HEADER && (tvb_get_uint8(packet->tvb, offset) == RECORD_ALERT
            || (tvb_get_uint8(packet->tvb, offset) == RECORD_DATA && tvb_get_ntohs(packet->tvb, offset + 3) <= HIDDEN_ALERT));
}

static void
advance(talk_t *talk, uint32_t next)
{
    if (!talk->known || (int32_t)(next - talk->next) > 0)
        talk->next = next;
    talk->known = true;
}

/* What the client acknowledges the server has sent, whether it is in the capture or not; a FIN counts as one byte. */
static void
note_client(talk_t *talk, const flow_packet_t *packet)
{
    uint32_t ack = tcp_header_ack(packet->bytes);

    if (!(tcp_header_flags(packet->bytes) & TH_ACK))
        return;
    if (talk->known && (int32_t)(ack - talk->next) > 1) {
        talk->heard = packet->pinfo->num;
        talk->hole = true;
    }
    advance(talk, ack);
    port_set_add(&begun_ports, packet->srcport);
}

/* Whether bytes of the server are missing in front of this segment of it. */
static bool
is_behind_hole(const talk_t *talk, const flow_packet_t *packet)
{
    return talk->known && (int32_t)(tcp_header_seq(packet->bytes) - talk->next) > 0;
}

/* A segment of the server with payload. What TLS cannot decrypt, HTTP/2 does not see. */
static void
note_segment(talk_t *talk, const flow_packet_t *packet)
{
    const packet_info *pinfo = packet->pinfo;

    talk->hole = talk->hole || is_behind_hole(talk, packet);
    advance(talk, tcp_header_seq(packet->bytes) + tvb_reported_length(packet->tvb) - tcp_header_length(packet->bytes));
    if (talk->tls && is_alert(packet))
        return;
    if (talk->http2 && proto_is_frame_protocol(pinfo->layers, "http2"))
        talk->told = pinfo->num;
    else
        talk->heard = pinfo->num;
}

/* A client that has asked may end its own side. */
static void
note_end(talk_t *talk, const flow_packet_t *packet)
{
    bool of_client = talk->client_port == packet->srcport;
    uint16_t flags = tcp_header_flags(packet->bytes);

    if (talk->ended)
        return;
    talk->hole = talk->hole || (!of_client && is_behind_hole(talk, packet));
    if (flags & TH_RST)
        talk->how = of_client ? "the client reset the connection" : "the server reset the connection";
    else if (!of_client && (flags & TH_FIN))
        talk->how = "the server closed the connection";
    if (talk->how)
        talk->ended = packet->pinfo->num;
}

static bool
is_of_talk(const flow_packet_t *packet)
{
    if (!packet->has_ports || packet->captured < TCP_HEADER_TO_FLAGS)
        return false;
    if (port_set_has(&client_ports, packet->dstport))
        return has_payload(packet) || (tcp_header_flags(packet->bytes) & (TH_FIN | TH_RST));
    return port_set_has(&client_ports, packet->srcport) && (!has_payload(packet) || !port_set_has(&begun_ports, packet->srcport));
}

void
hkp_talk_see(flow_packet_t *packet)
{
    conversation_t *conversation;
    talk_t *talk;

    if (packet->quoted || PINFO_FD_VISITED(packet->pinfo) || !is_of_talk(packet))
        return;
    conversation = flow_conversation(packet);
    talk = conversation ? (talk_t *)wmem_map_lookup(talks, conversation) : NULL;
    if (!talk)
        return;
    if (talk->client_port == packet->srcport)
        note_client(talk, packet);
    else if (has_payload(packet))
        note_segment(talk, packet);
    note_end(talk, packet);
}

void
hkp_talk_init(void (*want_port)(uint16_t port))
{
    want_client_port = want_port;
    talks = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    port_set_clear(&client_ports);
    port_set_clear(&begun_ports);
}
