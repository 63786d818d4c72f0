/* hkp-connect.c
 * Connections to key servers that are refused or never answered; see hkp-connect.h
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
#include <epan/to_str.h>

#include "flow.h"
#include "icmp-quote.h"
#include "tcp-header.h"
#include "hkp-connect.h"
#include "hkp-request.h"
#include "hkp-talk.h"
#include "compat.h"

/* Bytes of the header, with selective acknowledgements beside the segment size. */
#define CLIENT_HEADER   28

typedef struct attempt {
    address  client;
    address  server;
    uint16_t client_port;
    uint32_t first_frame;
    uint32_t seq;               /* of its SYNs */
    uint32_t shown_in;          /* the last of its SYNs, or what refuses it */
    uint32_t refused_in;        /* 0: not refused */
    bool     unreachable;       /* that is an ICMP error */
    bool     again;             /* it was refused before */
    unsigned syns;
} attempt_t;

/* attempt_t by itself as long as it is open; by the frame that shows what came of it; file scope. */
static wmem_map_t *open_attempts;
static wmem_map_t *by_frame;
static unsigned kept;
static hkp_failure_shown_t show_failure;
static hkp_begun_shown_t show_begun;

static unsigned
hash_attempt(const void *key)
{
    const attempt_t *attempt = (const attempt_t *)key;

    return add_address_to_hash(add_address_to_hash(attempt->client_port, &attempt->client), &attempt->server);
}

static int
compare_attempts(const void *one, const void *other)
{
    const attempt_t *a = (const attempt_t *)one;
    const attempt_t *b = (const attempt_t *)other;

    return a->client_port == b->client_port && addresses_equal(&a->client, &b->client) && addresses_equal(&a->server, &b->server);
}

static attempt_t *
find_attempt(const address *client, uint16_t client_port, const address *server)
{
    attempt_t wanted = { .client = *client, .server = *server, .client_port = client_port };

    return (attempt_t *)wmem_map_lookup(open_attempts, &wanted);
}

/* NULL: there is no room. */
static attempt_t *
new_attempt(const flow_packet_t *packet, uint32_t seq)
{
    attempt_t *attempt;

    if (kept >= HKP_CONNECT_MAX)
        return NULL;
    kept++;
    attempt = wmem_new0(wmem_file_scope(), attempt_t);
    copy_address_wmem(wmem_file_scope(), &attempt->client, &packet->src);
    copy_address_wmem(wmem_file_scope(), &attempt->server, &packet->dst);
    attempt->client_port = packet->srcport;
    attempt->first_frame = packet->pinfo->num;
    attempt->seq = seq;
    wmem_map_insert(open_attempts, attempt, attempt);
    return attempt;
}

/* Where it is shown moves from packet to packet. */
static void
show_in(attempt_t *attempt, uint32_t frame)
{
    if (attempt->shown_in)
        wmem_map_remove(by_frame, GUINT_TO_POINTER(attempt->shown_in));
    attempt->shown_in = frame;
    wmem_map_insert(by_frame, GUINT_TO_POINTER(frame), attempt);
}

/* What was refused is tried again with the same SYN by Windows after a reset, by others after an ICMP error. */
static void
note_syn(const flow_packet_t *packet)
{
    uint32_t seq = tcp_header_seq(packet->bytes);
    attempt_t *attempt = find_attempt(&packet->src, packet->srcport, &packet->dst);

    if (attempt && attempt->refused_in && attempt->seq != seq) {
        wmem_map_remove(open_attempts, attempt);
        attempt = NULL;
    }
    if (!attempt)
        attempt = new_attempt(packet, seq);
    if (!attempt)
        return;
    attempt->syns++;
    attempt->again = attempt->again || attempt->refused_in;
    attempt->refused_in = 0;
    show_in(attempt, packet->pinfo->num);
}

static void
note_answered(attempt_t *attempt)
{
    wmem_map_remove(open_attempts, attempt);
    wmem_map_remove(by_frame, GUINT_TO_POINTER(attempt->shown_in));
    free_address_wmem(wmem_file_scope(), &attempt->client);
    free_address_wmem(wmem_file_scope(), &attempt->server);
    wmem_free(wmem_file_scope(), attempt);
    kept--;
}

static void
note_refused(attempt_t *attempt, uint32_t frame, bool unreachable)
{
    attempt->refused_in = frame;
    attempt->unreachable = unreachable;
    show_in(attempt, frame);
}

/* Those who search for open ports write SYNs with no option, or the segment size alone; an operating system asks for more. */
static bool
is_of_a_client(const flow_packet_t *packet)
{
    return tcp_header_length(packet->bytes) >= CLIENT_HEADER;
}

static void
note_server(const flow_packet_t *packet, uint8_t flags)
{
    attempt_t *attempt = find_attempt(&packet->dst, packet->dstport, &packet->src);

    if (!attempt)
        return;
    if (!(flags & TH_RST))
        note_answered(attempt);
    else if (!attempt->refused_in)
        note_refused(attempt, packet->pinfo->num, false);
}

/* It goes on, so that it was answered, though that is not in the capture. */
static void
note_client(const flow_packet_t *packet, uint8_t flags)
{
    attempt_t *attempt = find_attempt(&packet->src, packet->srcport, &packet->dst);

    if (attempt && !attempt->refused_in && flags & TH_ACK && !(flags & TH_RST))
        note_answered(attempt);
}

static void
note_segment(const flow_packet_t *packet, uint8_t flags)
{
    bool is_syn = (flags & (TH_SYN | TH_ACK | TH_RST)) == TH_SYN && packet->dstport == HKP_PORT;

    if (is_syn && is_of_a_client(packet))
        note_syn(packet);
    if (is_syn || wmem_map_size(open_attempts) == 0)
        return;
    if (packet->srcport == HKP_PORT)
        note_server(packet, flags);
    else
        note_client(packet, flags);
}

/* An ICMP error that quotes a SYN; after a redirect it may well arrive. */
static void
note_quoted(const flow_packet_t *packet)
{
    attempt_t *attempt = packet->dstport == HKP_PORT ? find_attempt(&packet->src, packet->srcport, &packet->dst) : NULL;

    if (attempt && !attempt->refused_in && icmp_quote_is_failure(packet))
        note_refused(attempt, packet->pinfo->num, true);
}

static void
show_frame(flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const attempt_t *attempt = wmem_map_size(by_frame) > 0
        ? (const attempt_t *)wmem_map_lookup(by_frame, GUINT_TO_POINTER(pinfo->num)) : NULL;
    hkp_failure_t failure;

    if (!attempt || (!PINFO_FD_VISITED(pinfo) && (!attempt->refused_in || attempt->again)))
        return;
    failure = (hkp_failure_t){
        .refused = attempt->refused_in != 0, .unreachable = attempt->unreachable, .syn_frame = attempt->first_frame,
        .syns = attempt->syns,
        .server = wmem_strdup_printf(pinfo->pool, "%s port %u", address_to_str(pinfo->pool, &attempt->server), HKP_PORT)
    };
    show_failure(packet->tvb, pinfo, flow_subtree(packet), &failure);
}

static void
after_tcp(flow_packet_t *packet)
{
    hkp_talk_see(packet);
    hkp_begun_see(packet);
    if (!packet->has_ports || (packet->srcport != HKP_PORT && packet->dstport != HKP_PORT))
        return;
    if (!PINFO_FD_VISITED(packet->pinfo)) {
        if (packet->quoted)
            note_quoted(packet);
        else if (packet->captured >= TCP_HEADER_TO_FLAGS)
            note_segment(packet, tcp_header_flags(packet->bytes));
    }
    show_frame(packet);
}

static flow_observer_t observer = { .transports = FLOW_TCP, .by_port = true, .after = after_tcp };

static void
want_port(uint16_t port)
{
    flow_want_port(&observer, port);
}

static void
init_connect(void)
{
    flow_want_no_ports(&observer);
    want_port(HKP_PORT);
    open_attempts = wmem_map_new(wmem_file_scope(), hash_attempt, compare_attempts);
    by_frame = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    kept = 0;
    hkp_talk_init(want_port);
    hkp_begun_init(want_port, show_begun);
}

void
hkp_connect_watch(const int *proto, hkp_failure_shown_t show, hkp_begun_shown_t begun)
{
    observer.proto = proto;
    show_failure = show;
    show_begun = begun;
    flow_add_observer(&observer);
    register_init_routine(init_connect);
}
