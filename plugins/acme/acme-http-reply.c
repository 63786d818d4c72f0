/* acme-http-reply.c
 * What a server sends in answer to a validator's request; see acme-http-reply.h
 *
 * The first octets behind what the request acknowledges tell: that an HTTP answer has begun, or that another protocol is spoken.
 * Later acknowledgements may step over segments that were not captured, so they do not count.
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
#include <wsutil/pint.h>

#include "acme-http-reply.h"
#include "acme-memory.h"
#include "compat.h"
#include "flow.h"
#include "port-set.h"

#define ENTRY_BYTES     64      /* of a map, about */
#define TCP_HEADER      20
#define LOOKED_AT       5       /* octets of an answer */

/* A request that waits. */
typedef struct awaited {
    acme_validation_t *validation;
    uint16_t           client_port;
    bool               has_next;
    uint32_t           next;        /* sequence number of the answer */
} awaited_t;

/* awaited_t by conversation_t; file scope. */
static wmem_map_t *waiting;
/* Of the clients in it, so that other segments cost no more than a look at this: some requests wait until the capture ends. */
static port_set_t client_ports;

bool acme_reply_awaited;

void
acme_reply_await(const http_message_t *message, acme_validation_t *validation)
{
    packet_info *pinfo = message->pinfo;
    conversation_t *conversation;
    awaited_t *awaited;

    if (pinfo->ptype != PT_TCP || strcmp(message->scheme, "http") || proto_is_frame_protocol(pinfo->layers, "http2"))
        return;
    conversation = find_conversation_pinfo(pinfo, 0);
    awaited = conversation ? (awaited_t *)wmem_map_lookup(waiting, conversation) : NULL;
    if (conversation && !awaited && acme_take(ACME_QUESTIONS, ENTRY_BYTES))
        awaited = (awaited_t *)acme_room(ACME_QUESTIONS, sizeof *awaited);
    if (!awaited)
        return;
    memset(awaited, 0, sizeof *awaited);
    awaited->validation = validation;
    awaited->client_port = (uint16_t)pinfo->srcport;
    wmem_map_insert(waiting, conversation, awaited);
    port_set_add(&client_ports, awaited->client_port);
    acme_reply_awaited = true;
}

static acme_reply_t
kind_of(const uint8_t *bytes)
{
    if (!memcmp(bytes, "HTTP/", LOOKED_AT))
        return ACME_REPLY_HTTP;
    return bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] == 3 ? ACME_REPLY_TLS : ACME_REPLY_OTHER;
}

void
acme_reply_after(flow_packet_t *packet)
{
    conversation_t *conversation;
    awaited_t *awaited;
    unsigned header;

    if (wmem_map_size(waiting) == 0 || PINFO_FD_VISITED(packet->pinfo) || packet->quoted || packet->captured < TCP_HEADER
            || !(port_set_has(&client_ports, packet->srcport) || port_set_has(&client_ports, packet->dstport)))
        return;
    conversation = flow_conversation(packet);
    awaited = conversation ? (awaited_t *)wmem_map_lookup(waiting, conversation) : NULL;
    if (!awaited)
        return;
    header = (packet->bytes[12] >> 4) * 4u;
    if (packet->srcport == awaited->client_port) {
        if (!awaited->has_next)
            awaited->next = pntohu32(packet->bytes + 8);
        awaited->has_next = true;
    } else if (packet->captured >= header + LOOKED_AT && awaited->has_next && pntohu32(packet->bytes + 4) == awaited->next) {
        awaited->validation->reply = (uint8_t)kind_of(packet->bytes + header);
        wmem_map_remove(waiting, conversation);
    }
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

