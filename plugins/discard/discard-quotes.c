/* discard-quotes.c
 * Finding the packet that an ICMP or ICMPv6 error quotes; see discard-quotes.h
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

#include "discard-quotes.h"
#include "icmp-quote.h"
#include "tcp-header.h"
#include "compat.h"

#define QUOTE_MIN         8     /* RFC 792 */
#define UDP_HEADER        8

#define KEY_LENGTH offsetof(quotes_identity_t, has_id)

static wmem_map_t *packets;     /* identity, of which only the key counts -> newest packet */

static unsigned
key_hash(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, KEY_LENGTH);
}

static gboolean
key_equal(const void *a, const void *b)
{
    return memcmp(a, b, KEY_LENGTH) == 0;
}

void
quotes_register(void)
{
    packets = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), key_hash, key_equal);
}

static void
read_address(uint8_t *to, const address *from)
{
    memset(to, 0, 16);
    memcpy(to, from->data, MIN(from->len, 16));
}

static void
read_payload(tvbuff_t *tvb, unsigned offset, quotes_identity_t *identity)
{
    unsigned captured = tvb_captured_length(tvb);

    if (captured <= offset)
        return;
    identity->payload_length = MIN(captured - offset, QUOTES_PAYLOAD);
    tvb_memcpy(tvb, identity->payload, offset, identity->payload_length);
}

/* RFC 4884: a short quote with extensions behind it is filled up with zeros. */
static void
ignore_padding(quotes_identity_t *identity)
{
    while (identity->payload_length > 0 && identity->payload[identity->payload_length - 1] == 0)
        identity->payload_length--;
}

static void
read_transport(const flow_packet_t *packet, quotes_identity_t *identity)
{
    tvbuff_t *tvb = packet->tvb;
    unsigned header;

    if (packet->transport == FLOW_TCP) {
        identity->number = tcp_header_seq(packet->bytes);
        header = packet->captured >= TCP_HEADER_MIN ? tcp_header_length(packet->bytes) : 0;
        if (header >= TCP_HEADER_MIN)
            read_payload(tvb, header, identity);
    } else {
        identity->number = tvb_get_ntohs(tvb, 4);
        identity->checksum = tvb_get_ntohs(tvb, 6);
        read_payload(tvb, UDP_HEADER, identity);
    }
    if (packet->quoted)
        ignore_padding(identity);
}

bool
quotes_read_identity(const flow_packet_t *packet, quotes_identity_t *identity)
{
    tvbuff_t *frame;
    int offset;

    if (tvb_captured_length(packet->tvb) < QUOTE_MIN)
        return false;
    memset(identity, 0, sizeof *identity);
    read_address(identity->src, &packet->src);
    read_address(identity->dst, &packet->dst);
    identity->srcport = packet->srcport;
    identity->dstport = packet->dstport;
    identity->transport = packet->transport;
    if (icmp_quote_ipv4_header(packet, &frame, &offset)) {
        identity->has_id = true;
        identity->id = tvb_get_ntohs(frame, offset + 4);
    }
    read_transport(packet, identity);
    return true;
}

void
quotes_remember(quotes_packet_t *packet, quotes_packet_t *last)
{
    packet->previous = last;
    packet->older = (quotes_packet_t *)wmem_map_lookup(packets, &packet->identity);
    wmem_map_insert(packets, &packet->identity, packet);
}

/* Some systems quote the identification in their own byte order. */
static bool
id_contradicts(const quotes_identity_t *a, const quotes_identity_t *b)
{
    return a->has_id && b->has_id && a->id != b->id && a->id != GUINT16_SWAP_LE_BE(b->id);
}

/*
 * How well a packet with the quote's key fits it. 0: it is another one; 1: nothing speaks against it;
 * 2: its contents are the same. A checksum that differs does not exclude a UDP datagram captured where
 * it was sent, since the network interface may have filled it in later.
 */
static unsigned
fit(const quotes_identity_t *packet, const quotes_identity_t *quote)
{
    unsigned quoted = MIN(packet->payload_length, quote->payload_length);

    if (id_contradicts(packet, quote) || memcmp(packet->payload, quote->payload, quoted) != 0)
        return 0;
    if (packet->transport == FLOW_TCP || packet->checksum == quote->checksum)
        return 2;
    return quoted > 0 || (packet->has_id && quote->has_id && quote->id != 0) ? 1 : 0;
}

/*
 * Errors come in the order of the packets: of several that fit equally, the oldest that has none yet.
 */
static quotes_packet_t *
find_exact(const quotes_identity_t *quote, uint32_t *candidates)
{
    quotes_packet_t *packet = (quotes_packet_t *)wmem_map_lookup(packets, quote);
    quotes_packet_t *unanswered = NULL, *newest = NULL;
    uint32_t unanswered_count = 0, count = 0;
    unsigned best = 1;

    for (unsigned i = 0; packet && i < QUOTES_MAX_CANDIDATES; i++, packet = packet->older) {
        unsigned fitness = fit(&packet->identity, quote);

        if (fitness < best)
            continue;
        if (fitness > best || !newest) {
            best = fitness;
            newest = packet;
            unanswered = NULL;
            unanswered_count = count = 0;
        }
        count++;
        if (!packet->errors) {
            unanswered = packet;
            unanswered_count++;
        }
    }
    *candidates = unanswered ? unanswered_count : count;
    return unanswered ? unanswered : newest;
}

/* Its payload is at this offset in the packet's, as far as both are kept. */
static bool
is_part_of(const quotes_identity_t *quote, const quotes_identity_t *packet, uint32_t offset)
{
    return offset >= packet->payload_length
        || memcmp(packet->payload + offset, quote->payload, MIN(packet->payload_length - offset, quote->payload_length)) == 0;
}

/*
 * A segment that the sender's network interface cut up is captured whole; the quote is of a part of it, other than the first, which
 * has the segment's own number and identification.
 */
static quotes_packet_t *
find_segment_around(const quotes_identity_t *quote, quotes_packet_t *last)
{
    for (unsigned i = 0; last && i < QUOTES_MAX_CANDIDATES; i++, last = last->previous) {
        uint32_t offset = quote->number - last->identity.number;

        if (last->identity.srcport == quote->srcport && last->identity.dstport == quote->dstport
                && memcmp(last->identity.src, quote->src, sizeof quote->src) == 0
                && offset > 0 && offset < last->payload_bytes && is_part_of(quote, &last->identity, offset))
            return last;
    }
    return NULL;
}

static void
note_error(quotes_packet_t *packet, uint32_t frame, uint32_t candidates)
{
    quotes_error_t **end = &packet->errors;
    quotes_error_t *error;

    if (packet->error_count == QUOTES_MAX_ERRORS)
        return;
    error = wmem_new0(wmem_file_scope(), quotes_error_t);
    error->frame = frame;
    error->candidates = candidates;
    while (*end)
        end = &(*end)->next;
    *end = error;
    packet->error_count++;
}

quotes_packet_t *
quotes_match(const quotes_identity_t *quote, quotes_packet_t *last, uint32_t error_frame, uint32_t *candidates)
{
    quotes_packet_t *packet = find_exact(quote, candidates);

    if (!packet && quote->transport == FLOW_TCP) {
        packet = find_segment_around(quote, last);
        *candidates = 1;
    }
    if (packet)
        note_error(packet, error_frame, *candidates);
    return packet;
}
