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
#include "hkp-connect.h"
#include "hkp-talk.h"
#include "compat.h"

#define HKP_PORT        11371

#define FLAG_SYN        0x02
#define FLAG_RST        0x04
#define FLAG_ACK        0x10
#define LENGTH_OFFSET   12
/* Of the header, with selective acknowledgements beside the segment size. */
#define CLIENT_WORDS    7
#define FLAGS_OFFSET    13

typedef struct attempt {
    address  client;
    address  server;
    uint16_t client_port;
    uint32_t first_frame;
    uint32_t last_frame;        /* of its SYNs */
    uint32_t refused_in;        /* 0: not refused */
    bool     unreachable;       /* that is an ICMP error */
    unsigned syns;
} attempt_t;

/* attempt_t by itself as long as it is open; by the frame that shows what came of it; file scope. */
static wmem_map_t *open_attempts;
static wmem_map_t *by_frame;
static unsigned kept;
static hkp_failure_shown_t show_failure;

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

/* Where it is shown moves from SYN to SYN. */
static void
note_syn(const flow_packet_t *packet)
{
    uint32_t frame = packet->pinfo->num;
    attempt_t *attempt = find_attempt(&packet->src, packet->srcport, &packet->dst);

    if (!attempt) {
        if (kept >= HKP_CONNECT_MAX)
            return;
        kept++;
        attempt = wmem_new0(wmem_file_scope(), attempt_t);
        copy_address_wmem(wmem_file_scope(), &attempt->client, &packet->src);
        copy_address_wmem(wmem_file_scope(), &attempt->server, &packet->dst);
        attempt->client_port = packet->srcport;
        attempt->first_frame = frame;
        wmem_map_insert(open_attempts, attempt, attempt);
    } else {
        wmem_map_remove(by_frame, GUINT_TO_POINTER(attempt->last_frame));
    }
    attempt->syns++;
    attempt->last_frame = frame;
    wmem_map_insert(by_frame, GUINT_TO_POINTER(frame), attempt);
}

static void
close_attempt(attempt_t *attempt)
{
    wmem_map_remove(open_attempts, attempt);
    wmem_map_remove(by_frame, GUINT_TO_POINTER(attempt->last_frame));
}

static void
note_answered(attempt_t *attempt)
{
    close_attempt(attempt);
    free_address_wmem(wmem_file_scope(), &attempt->client);
    free_address_wmem(wmem_file_scope(), &attempt->server);
    wmem_free(wmem_file_scope(), attempt);
    kept--;
}

static void
note_refused(attempt_t *attempt, uint32_t frame, bool unreachable)
{
    close_attempt(attempt);
    attempt->refused_in = frame;
    attempt->unreachable = unreachable;
    wmem_map_insert(by_frame, GUINT_TO_POINTER(frame), attempt);
}

/* Those who search for open ports write SYNs with no option, or the segment size alone; an operating system asks for more. */
static bool
is_of_a_client(const flow_packet_t *packet)
{
    return packet->bytes[LENGTH_OFFSET] >> 4 >= CLIENT_WORDS;
}

static void
note_segment(const flow_packet_t *packet, uint8_t flags)
{
    attempt_t *attempt;

    if ((flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN && packet->dstport == HKP_PORT) {
        if (is_of_a_client(packet))
            note_syn(packet);
        return;
    }
    if (packet->srcport != HKP_PORT || wmem_map_size(open_attempts) == 0)
        return;
    attempt = find_attempt(&packet->dst, packet->dstport, &packet->src);
    if (attempt && flags & FLAG_RST)
        note_refused(attempt, packet->pinfo->num, false);
    else if (attempt)
        note_answered(attempt);
}

/* An ICMP error that quotes a SYN; after a redirect it may well arrive. */
static void
note_quoted(const flow_packet_t *packet)
{
    attempt_t *attempt = packet->dstport == HKP_PORT ? find_attempt(&packet->src, packet->srcport, &packet->dst) : NULL;

    if (attempt && icmp_quote_is_failure(packet))
        note_refused(attempt, packet->pinfo->num, true);
}

static void
show_frame(flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const attempt_t *attempt = (const attempt_t *)wmem_map_lookup(by_frame, GUINT_TO_POINTER(pinfo->num));
    hkp_failure_t failure;

    if (!attempt || (!attempt->refused_in && !PINFO_FD_VISITED(pinfo)))
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
    if (!packet->has_ports || (packet->srcport != HKP_PORT && packet->dstport != HKP_PORT))
        return;
    if (!PINFO_FD_VISITED(packet->pinfo)) {
        if (packet->quoted)
            note_quoted(packet);
        else if (packet->captured > FLAGS_OFFSET)
            note_segment(packet, packet->bytes[FLAGS_OFFSET]);
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
}

void
hkp_connect_watch(const int *proto, hkp_failure_shown_t show)
{
    observer.proto = proto;
    show_failure = show;
    flow_add_observer(&observer);
    register_init_routine(init_connect);
}
