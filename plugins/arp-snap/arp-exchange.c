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

/* When and where a message came. */
typedef struct arrival {
    nstime_t at;
    uint32_t frame;
    uint32_t interface;
    uint32_t vlan;
} arrival_t;

/* A message for Ethernet and IPv4, as nearly all are, that came in Ethernet II. */
#define NOTE_LENGTH 28

typedef struct note {
    arrival_t arrival;
    uint8_t   bytes[NOTE_LENGTH];
} note_t;

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
static wmem_array_t *notes;             /* note_t; NULL: messages are read at once */

/*
 * Who sends the messages does not know the factors, and so cannot make keys that fall on each other: multiply-shift hashing
 * (Dietzfelbinger), which costs a twentieth of wmem_strong_hash().
 */
#define MAX_WORDS (sizeof(question_t) / sizeof(uint32_t))
static uint64_t factors[MAX_WORDS];

static void
make_factors(void)
{
    for (unsigned i = 0; i < MAX_WORDS; i++)
        factors[i] = ((uint64_t)g_random_int() << 32) | g_random_int();
}

static unsigned
hash_words(const void *key, unsigned count)
{
    const uint8_t *bytes = (const uint8_t *)key;
    uint64_t sum = 0;

    for (unsigned i = 0; i < count; i++) {
        uint32_t word;

        memcpy(&word, bytes + i * sizeof word, sizeof word);
        sum += factors[i] * word;
    }
    return (unsigned)(sum >> 32);
}

static unsigned
address_hash(const void *key)
{
    return hash_words(key, sizeof(arp_address_t) / sizeof(uint32_t));
}

static gboolean
address_equal(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(arp_address_t)) == 0;
}

static unsigned
question_hash(const void *key)
{
    return hash_words(key, MAX_WORDS);
}

static gboolean
question_equal(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(question_t)) == 0;
}

/* A file is opened. */
static void
begin_notes(void)
{
    notes = wmem_array_new(wmem_file_scope(), sizeof(note_t));
}

void
exchange_register(void)
{
    make_factors();
    register_init_routine(begin_notes);
    ethernet_senders = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), address_hash, address_equal);
    requests = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), question_hash, question_equal);
    links = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
}

bool
exchange_has_links(void)
{
    return wmem_map_size(links) > 0;
}

const exchange_link_t *
exchange_find(uint32_t frame)
{
    return (const exchange_link_t *)wmem_map_lookup(links, GUINT_TO_POINTER(frame));
}

/* NULL if there are too many. */
static exchange_link_t *
find_or_create_link(uint32_t frame)
{
    exchange_link_t *link = (exchange_link_t *)wmem_map_lookup(links, GUINT_TO_POINTER(frame));

    if (!link && wmem_map_size(links) < EXCHANGE_MAX_LINKS) {
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
learn_sender(uint32_t number, const arp_body_t *body, bool snap)
{
    exchange_link_t *link;
    uint32_t frame;

    if (is_zero(&body->sender_hardware))
        return;
    if (!snap) {
        remember_ethernet_sender(number, body);
        return;
    }
    frame = GPOINTER_TO_UINT(wmem_map_lookup(ethernet_senders, &body->sender_hardware));
    link = frame ? find_or_create_link(number) : NULL;
    if (link)
        link->ethernet_frame = frame;
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
read_question(uint32_t vlan, const arp_body_t *body, question_t *question)
{
    uint16_t replied_to = operation_replied_to(body->operation);

    memset(question, 0, sizeof *question);
    question->kind = replied_to ? replied_to : body->operation;
    question->vlan = vlan;
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

static arrival_t
arrival_of(const packet_info *pinfo)
{
    bool known = (pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID) != 0;

    return (arrival_t){
        .at = pinfo->abs_ts, .frame = pinfo->num, .vlan = pinfo->vlan_id,
        .interface = known ? pinfo->rec->rec_header.packet_header.interface_id : 0,
    };
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
learn_request(const arrival_t *arrival, const question_t *question, bool snap)
{
    request_t *newest = (request_t *)wmem_map_lookup(requests, question);
    request_t *request;

    if (!newest && wmem_map_size(requests) >= EXCHANGE_MAX_ENTRIES)
        return;
    request = new_request(newest);
    request->question = *question;
    request->frame = arrival->frame;
    request->interface = arrival->interface;
    request->sent = arrival->at;
    request->snap = snap;
    request->older = newest;
    wmem_map_insert(requests, &request->question, request);
}

static bool
may_answer(const arrival_t *arrival, const arp_body_t *reply, const request_t *request)
{
    nstime_t delta;

    if (request->answered && memcmp(&request->replier, &reply->sender_hardware, sizeof(arp_address_t)) == 0)
        return false;
    nstime_delta(&delta, &arrival->at, &request->sent);
    return delta.secs < EXCHANGE_WINDOW;
}

/* The latest request that the replier has not answered yet, best one from the same interface. */
static request_t *
find_request(const arrival_t *arrival, const arp_body_t *reply, const question_t *question)
{
    request_t *request = (request_t *)wmem_map_lookup(requests, question);
    request_t *found = NULL;

    for (unsigned i = 0; request && i < EXCHANGE_MAX_REPEATS; i++, request = request->older) {
        if (!may_answer(arrival, reply, request))
            continue;
        if (request->interface == arrival->interface)
            return request;
        if (!found)
            found = request;
    }
    return found;
}

static void
link_frames(const arrival_t *arrival, request_t *request, bool snap)
{
    exchange_link_t *asked = find_or_create_link(request->frame);
    exchange_link_t *replied = asked ? find_or_create_link(arrival->frame) : NULL;

    if (!replied)
        return;
    if (!asked->response_in) {
        asked->response_in = arrival->frame;
        asked->mixed_exchange = request->snap != snap;
    }
    replied->response_to = request->frame;
    replied->mixed_exchange = request->snap != snap;
    nstime_delta(&replied->response_time, &arrival->at, &request->sent);
}

static void
learn_reply(const arrival_t *arrival, const arp_body_t *body, const question_t *question, bool snap)
{
    request_t *request = find_request(arrival, body, question);

    if (!request)
        return;
    if (!request->answered) {
        request->answered = true;
        request->replier = body->sender_hardware;
    }
    if (snap || request->snap)
        link_frames(arrival, request, snap);
}

static void
learn(const arrival_t *arrival, const arp_body_t *body, bool snap)
{
    question_t question;

    if (!body->has_addresses || body->operation < ARP_REQUEST || body->operation > INARP_REPLY)
        return;
    learn_sender(arrival->frame, body, snap);
    if (is_gratuitous(body))
        return;
    read_question(arrival->vlan, body, &question);
    if (operation_replied_to(body->operation))
        learn_reply(arrival, body, &question, snap);
    else
        learn_request(arrival, &question, snap);
}

/* --- Notes --- */

static bool
make_note(const packet_info *pinfo, tvbuff_t *tvb)
{
    static const uint8_t usual[] = { 0, ARP_HARDWARE_ETHERNET, 0x08, 0, 6, 4 };
    const uint8_t *bytes;
    note_t note;

    if (wmem_array_get_count(notes) == EXCHANGE_MAX_NOTES || tvb_captured_length(tvb) < NOTE_LENGTH)
        return false;
    bytes = tvb_get_ptr(tvb, 0, NOTE_LENGTH);
    if (memcmp(bytes, usual, sizeof usual) != 0)
        return false;
    note.arrival = arrival_of(pinfo);
    memcpy(note.bytes, bytes, NOTE_LENGTH);
    wmem_array_append_one(notes, note);
    return true;
}

/* In the order in which they came; from here on there are no more. */
static void
read_notes(void)
{
    unsigned count = notes ? wmem_array_get_count(notes) : 0;

    for (unsigned i = 0; i < count; i++) {
        const note_t *note = (const note_t *)wmem_array_index(notes, i);
        arp_body_t body;

        arp_body_read_bytes(note->bytes, NOTE_LENGTH, &body);
        learn(&note->arrival, &body, false);
    }
    if (notes)
        wmem_destroy_array(notes);
    notes = NULL;
}

void
exchange_learn_snap(const packet_info *pinfo, const arp_body_t *body)
{
    arrival_t arrival = arrival_of(pinfo);

    read_notes();
    learn(&arrival, body, true);
}

void
exchange_learn_ethernet(const packet_info *pinfo, tvbuff_t *tvb)
{
    arrival_t arrival;
    arp_body_t body;

    if ((notes && make_note(pinfo, tvb)) || !arp_body_read(tvb, &body))
        return;
    read_notes();
    arrival = arrival_of(pinfo);
    learn(&arrival, &body, false);
}
