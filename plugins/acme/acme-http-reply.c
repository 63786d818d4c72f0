/* acme-http-reply.c
 * What a server sends in answer to a validator's request; see acme-http-reply.h
 *
 * The first octets behind what the request acknowledges tell: that an answer has begun, or that another protocol is spoken. What
 * comes behind a gap, and what the client acknowledges beyond it, tell that there was more than was captured.
 *
 * Bounds: one entry a connection, from the share of questions (acme-memory.h).
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

#include <string.h>

#include <epan/packet.h>

#include "acme-http-reply.h"
#include "acme-memory.h"
#include "compat.h"
#include "flow.h"
#include "port-set.h"
#include "tcp-header.h"

#define ENTRY_BYTES     64      /* of a map, about */
#define LOOKED_AT       5       /* octets of an answer */

/* A request that waits. */
typedef struct awaited {
    acme_validation_t *validation;
    uint16_t           client_port;
    bool               hello;       /* it is a ClientHello */
    bool               has_next;
    uint32_t           next;        /* sequence number of the answer */
    uint32_t           end;         /* behind what was captured of it without a gap */
    acme_validation_t *before;      /* of the request before on this connection, until its end is known; NULL: none */
    uint32_t           before_end;
} awaited_t;

/* awaited_t by conversation_t; file scope. */
static wmem_map_t *waiting;
/* Of the clients in it, so that other segments cost no more than a look at this: some requests wait until the capture ends. */
static port_set_t client_ports;

bool acme_reply_awaited;

/* What else the octets tell remains. */
static void
note_lost(acme_validation_t *validation)
{
    if (validation->reply == ACME_REPLY_NONE || validation->reply == ACME_REPLY_HTTP)
        validation->reply = ACME_REPLY_LOST;
}

/* NULL: there is no room. */
static awaited_t *
await(conversation_t *conversation, uint16_t client_port, acme_validation_t *validation)
{
    awaited_t *awaited = conversation ? (awaited_t *)wmem_map_lookup(waiting, conversation) : NULL;
    awaited_t before;

    if (conversation && !awaited && acme_take(ACME_QUESTIONS, ENTRY_BYTES))
        awaited = (awaited_t *)acme_room(ACME_QUESTIONS, sizeof *awaited);
    if (!awaited)
        return NULL;
    before = *awaited;
    memset(awaited, 0, sizeof *awaited);
    awaited->before = before.has_next ? before.validation : NULL;
    awaited->before_end = before.end;
    awaited->validation = validation;
    awaited->client_port = client_port;
    wmem_map_insert(waiting, conversation, awaited);
    port_set_add(&client_ports, client_port);
    acme_reply_awaited = true;
    return awaited;
}

void
acme_reply_await(const http_message_t *message, acme_validation_t *validation)
{
    packet_info *pinfo = message->pinfo;

    if (pinfo->ptype != PT_TCP || strcmp(message->scheme, "http") || proto_is_frame_protocol(pinfo->layers, "http2"))
        return;
    await(find_conversation_pinfo(pinfo, 0), (uint16_t)pinfo->srcport, validation);
}

static void
set_next(awaited_t *awaited, const flow_packet_t *packet)
{
    if (awaited->has_next)
        return;
    awaited->next = awaited->end = tcp_header_ack(packet->bytes);
    awaited->has_next = true;
    if (awaited->before && (int32_t)(awaited->next - awaited->before_end) > 0)
        note_lost(awaited->before);
}

void
acme_reply_await_hello(flow_packet_t *packet, acme_validation_t *validation)
{
    awaited_t *awaited = packet->captured >= TCP_HEADER_MIN ? await(flow_conversation(packet), packet->srcport, validation) : NULL;

    if (!awaited)
        return;
    awaited->hello = true;
    set_next(awaited, packet);
}

static bool
is_tls(const uint8_t *bytes)
{
    return bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] == 3;
}

/* Of an answer in TLS to a ClientHello others tell what there is in it. */
static acme_reply_t
kind_of(const awaited_t *awaited, const uint8_t *bytes)
{
    if (awaited->hello)
        return is_tls(bytes) ? ACME_REPLY_NONE : ACME_REPLY_NO_TLS;
    if (!memcmp(bytes, "HTTP/", LOOKED_AT))
        return ACME_REPLY_HTTP;
    return is_tls(bytes) ? ACME_REPLY_TLS : ACME_REPLY_OTHER;
}

/* Whether the client acknowledges more than was captured, and more than the end of the connection. */
static bool
acknowledges_more(const awaited_t *awaited, const flow_packet_t *packet)
{
    return tcp_header_flags(packet->bytes) & TH_ACK && (int32_t)(tcp_header_ack(packet->bytes) - awaited->end) > 1;
}

/* Whether there are octets missing before or in what the server sends; what was captured without a gap is counted. */
static bool
leaves_gap(awaited_t *awaited, const flow_packet_t *packet, unsigned header)
{
    unsigned whole = tvb_reported_length(packet->tvb);
    uint32_t sequence = tcp_header_seq(packet->bytes);
    uint32_t end = sequence + (whole > header ? whole - header : 0);

    if (whole <= header || (int32_t)(end - awaited->end) <= 0)
        return false;
    if ((int32_t)(sequence - awaited->end) > 0 || packet->captured < whole)
        return true;
    awaited->end = end;
    return false;
}

/* Whether all that the segments tell is known. */
static bool
read_segment(awaited_t *awaited, const flow_packet_t *packet)
{
    acme_validation_t *validation = awaited->validation;
    unsigned header = tcp_header_length(packet->bytes);
    bool lost;

    if (packet->srcport == awaited->client_port) {
        set_next(awaited, packet);
        lost = acknowledges_more(awaited, packet);
    } else {
        if (!awaited->has_next)
            return false;
        if (packet->captured >= header + LOOKED_AT && tcp_header_seq(packet->bytes) == awaited->next)
            validation->reply = (uint8_t)kind_of(awaited, packet->bytes + header);
        lost = leaves_gap(awaited, packet, header);
    }
    if (lost)
        note_lost(validation);
    return lost || (validation->reply != ACME_REPLY_NONE && validation->reply != ACME_REPLY_HTTP);
}

void
acme_reply_after(flow_packet_t *packet)
{
    conversation_t *conversation;
    awaited_t *awaited;

    if (wmem_map_size(waiting) == 0 || PINFO_FD_VISITED(packet->pinfo) || packet->quoted || packet->captured < TCP_HEADER_MIN
            || !(port_set_has(&client_ports, packet->srcport) || port_set_has(&client_ports, packet->dstport)))
        return;
    conversation = flow_conversation(packet);
    awaited = conversation ? (awaited_t *)wmem_map_lookup(waiting, conversation) : NULL;
    if (!awaited)
        return;
    if (awaited->validation->response_frame || read_segment(awaited, packet))
        wmem_map_remove(waiting, conversation);
}

static void
acme_http_reply_init(void)
{
    waiting = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    port_set_clear(&client_ports);
    acme_reply_awaited = false;
}

void
acme_register_http_reply(void)
{
    register_init_routine(acme_http_reply_init);
}

