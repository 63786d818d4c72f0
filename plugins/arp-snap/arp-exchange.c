/* arp-exchange.c
 * Pairs ARP requests with replies; see arp-exchange.h
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
#include <wiretap/wtap.h>

#include "arp-exchange.h"
#include "compat.h"

/* What a reply repeats of its request. Compared as bytes: no padding, all of it set. */
typedef struct question {
    uint32_t      kind;         /* operation of the request */
    uint32_t      vlan;
    arp_address_t asker;        /* hardware address */
    arp_address_t asker_protocol;
    arp_address_t asked;        /* hardware or protocol address */
} question_t;

typedef struct request {
    question_t      question;
    uint32_t        frame;
    uint32_t        interface;
    nstime_t        sent;
    bool            snap;
    bool            answered;
    arp_address_t   replier;    /* who answered first */
    struct request *older;      /* the same question before */
} request_t;

static wmem_map_t *ethernet_senders;    /* arp_address_t -> frame */
static wmem_map_t *requests;            /* question_t -> newest request_t */
static wmem_map_t *links;               /* frame -> exchange_link_t */

static unsigned
address_hash(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, sizeof(arp_address_t));
}

static gboolean
address_equal(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(arp_address_t)) == 0;
}

static unsigned
question_hash(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, sizeof(question_t));
}

static gboolean
question_equal(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(question_t)) == 0;
}

void
exchange_register(void)
{
    ethernet_senders = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), address_hash, address_equal);
    requests = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), question_hash, question_equal);
    links = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
}

const exchange_link_t *
exchange_find(uint32_t frame)
{
    return (const exchange_link_t *)wmem_map_lookup(links, GUINT_TO_POINTER(frame));
}

static exchange_link_t *
find_or_create_link(uint32_t frame)
{
    exchange_link_t *link = (exchange_link_t *)wmem_map_lookup(links, GUINT_TO_POINTER(frame));

    if (!link) {
        link = wmem_new0(wmem_file_scope(), exchange_link_t);
        wmem_map_insert(links, GUINT_TO_POINTER(frame), link);
    }
    return link;
}

static bool
is_zero(const arp_address_t *address)
{
    static const arp_address_t zero;

    return memcmp(address, &zero, sizeof zero) == 0;
}

static void
remember_ethernet_sender(uint32_t frame, const arp_body_t *body)
{
    arp_address_t *key;

    if (wmem_map_contains(ethernet_senders, &body->sender_hardware)) {
        wmem_map_insert(ethernet_senders, &body->sender_hardware, GUINT_TO_POINTER(frame));
    } else if (wmem_map_size(ethernet_senders) < EXCHANGE_MAX_ENTRIES) {
        key = wmem_new(wmem_file_scope(), arp_address_t);
        *key = body->sender_hardware;
        wmem_map_insert(ethernet_senders, key, GUINT_TO_POINTER(frame));
    }
}

static void
learn_sender(packet_info *pinfo, const arp_body_t *body, bool snap)
{
    uint32_t frame;

    if (is_zero(&body->sender_hardware))
        return;
    if (!snap) {
        remember_ethernet_sender(pinfo->num, body);
        return;
    }
    frame = GPOINTER_TO_UINT(wmem_map_lookup(ethernet_senders, &body->sender_hardware));
    if (frame)
        find_or_create_link(pinfo->num)->ethernet_frame = frame;
}

/* The operation that the message replies to; 0 for a request. */
static uint16_t
operation_replied_to(uint16_t operation)
{
    switch (operation) {
    case ARP_REPLY:     return ARP_REQUEST;
    case RARP_REPLY:    return RARP_REQUEST;
    case DRARP_REPLY:
    case DRARP_ERROR:   return DRARP_REQUEST;
    case INARP_REPLY:   return INARP_REQUEST;
    default:            return 0;
    }
}

/*
 * Who asks and what for, the same from a request and from its reply. ARP asks for a protocol address,
 * InARP for a hardware address. In RARP it is the target whom the request is about, and the reply
 * comes from a server; the asker's protocol address is not known yet.
 */
static void
read_question(const packet_info *pinfo, const arp_body_t *body, question_t *question)
{
    uint16_t replied_to = operation_replied_to(body->operation);

    memset(question, 0, sizeof *question);
    question->kind = replied_to ? replied_to : body->operation;
    question->vlan = pinfo->vlan_id;
    switch (question->kind) {
    case ARP_REQUEST:
        question->asker = replied_to ? body->target_hardware : body->sender_hardware;
        question->asker_protocol = replied_to ? body->target_protocol : body->sender_protocol;
        question->asked = replied_to ? body->sender_protocol : body->target_protocol;
        break;
    case INARP_REQUEST:
        question->asker = replied_to ? body->target_hardware : body->sender_hardware;
        question->asker_protocol = replied_to ? body->target_protocol : body->sender_protocol;
        question->asked = replied_to ? body->sender_hardware : body->target_hardware;
        break;
    default:
        question->asked = body->target_hardware;
        break;
    }
}

/* An announcement asks nothing. */
static bool
is_gratuitous(const arp_body_t *body)
{
    return (body->operation == ARP_REQUEST || body->operation == ARP_REPLY)
        && memcmp(&body->sender_protocol, &body->target_protocol, sizeof(arp_address_t)) == 0;
}

static uint32_t
interface_of(const packet_info *pinfo)
{
    return pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID ? pinfo->rec->rec_header.packet_header.interface_id : 0;
}

/* A question that is repeated without end takes the place of its oldest repetition. */
static request_t *
new_request(request_t *newest)
{
    request_t **end = &newest;
    request_t *oldest;

    for (unsigned i = 1; *end && i < EXCHANGE_MAX_REPEATS; i++)
        end = &(*end)->older;
    oldest = *end;
    if (!oldest || oldest == newest)
        return wmem_new0(wmem_file_scope(), request_t);
    *end = NULL;
    memset(oldest, 0, sizeof *oldest);
    return oldest;
}

static void
learn_request(const packet_info *pinfo, const question_t *question, bool snap)
{
    request_t *newest = (request_t *)wmem_map_lookup(requests, question);
    request_t *request;

    if (!newest && wmem_map_size(requests) >= EXCHANGE_MAX_ENTRIES)
        return;
    request = new_request(newest);
    request->question = *question;
    request->frame = pinfo->num;
    request->interface = interface_of(pinfo);
    request->sent = pinfo->abs_ts;
    request->snap = snap;
    request->older = newest;
    wmem_map_insert(requests, &request->question, request);
}

static bool
may_answer(const packet_info *pinfo, const arp_body_t *reply, const request_t *request)
{
    nstime_t delta;

    if (request->answered && memcmp(&request->replier, &reply->sender_hardware, sizeof(arp_address_t)) == 0)
        return false;
    nstime_delta(&delta, &pinfo->abs_ts, &request->sent);
    return delta.secs < EXCHANGE_WINDOW;
}

/* The latest request that the replier has not answered yet, best one from the same interface. */
static request_t *
find_request(const packet_info *pinfo, const arp_body_t *reply, const question_t *question)
{
    request_t *request = (request_t *)wmem_map_lookup(requests, question);
    request_t *found = NULL;

    for (unsigned i = 0; request && i < EXCHANGE_MAX_REPEATS; i++, request = request->older) {
        if (!may_answer(pinfo, reply, request))
            continue;
        if (request->interface == interface_of(pinfo))
            return request;
        if (!found)
            found = request;
    }
    return found;
}

static void
link_frames(const packet_info *pinfo, request_t *request, bool snap)
{
    exchange_link_t *asked = find_or_create_link(request->frame);
    exchange_link_t *replied = find_or_create_link(pinfo->num);

    if (!asked->response_in) {
        asked->response_in = pinfo->num;
        asked->mixed_exchange = request->snap != snap;
    }
    replied->response_to = request->frame;
    replied->mixed_exchange = request->snap != snap;
    nstime_delta(&replied->response_time, &pinfo->abs_ts, &request->sent);
}

static void
learn_reply(const packet_info *pinfo, const arp_body_t *body, const question_t *question, bool snap)
{
    request_t *request = find_request(pinfo, body, question);

    if (!request)
        return;
    if (!request->answered) {
        request->answered = true;
        request->replier = body->sender_hardware;
    }
    if (snap || request->snap)
        link_frames(pinfo, request, snap);
}

void
exchange_learn(packet_info *pinfo, const arp_body_t *body, bool snap)
{
    question_t question;

    if (!body->has_addresses || body->operation < ARP_REQUEST || body->operation > INARP_REPLY)
        return;
    learn_sender(pinfo, body, snap);
    if (is_gratuitous(body))
        return;
    read_question(pinfo, body, &question);
    if (operation_replied_to(body->operation))
        learn_reply(pinfo, body, &question, snap);
    else
        learn_request(pinfo, &question, snap);
}
