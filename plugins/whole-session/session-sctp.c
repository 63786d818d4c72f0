/* session-sctp.c
 * Which packets are of one SCTP association; see session-sctp.h
 *
 * RFC 9260, section 8.5: a packet carries the tag that its receiver chose, so ports and tag name an
 * association in one direction, whichever of their addresses the endpoints use. The tags of both directions
 * are put together by INIT and INIT ACK, section 3.3.2 and 3.3.3, or failing that by the addresses of the first
 * packets that go one way and the other. A new association between the same ports has new tags.
 *
 * What is kept are 64-bit hashes, two or three an association, in an open hash table of 12 bytes an entry.
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

#include "session-sctp.h"
#include "compat.h"

#define TABLE_FIRST_SIZE 64     /* a power of two */

#define SCTP_TAG_OFFSET          4
#define SCTP_CHUNK_OFFSET       12
#define SCTP_INITIATE_TAG_OFFSET 16

#define SCTP_CHUNK_INIT               1
#define SCTP_CHUNK_INIT_ACK           2
#define SCTP_CHUNK_ABORT              6
#define SCTP_CHUNK_SHUTDOWN_COMPLETE 14
#define SCTP_FLAG_REFLECTED        0x01

static uint64_t *keys;          /* 0: free */
static uint32_t *values;
static unsigned size;
static unsigned used;
static uint64_t seed;           /* so that nobody can make up tags that fall into one place */

/* What a packet says of the tags of its association; 0 where it says nothing. */
typedef struct tags {
    uint32_t forward;           /* in packets of this direction */
    uint32_t backward;          /* in those of the other */
} tags_t;

void
sctp_association_reset(void)
{
    g_free(keys);
    g_free(values);
    keys = NULL;
    values = NULL;
    size = used = 0;
    seed = ((uint64_t)g_random_int() << 32) | g_random_int();
}

static unsigned
slot_of(uint64_t key)
{
    unsigned slot = (unsigned)(key >> 32) & (size - 1);

    while (keys[slot] && keys[slot] != key)
        slot = (slot + 1) & (size - 1);
    return slot;
}

static uint32_t
table_find(uint64_t key)
{
    unsigned slot;

    if (size == 0)
        return SCTP_NO_SESSION;
    slot = slot_of(key);
    return keys[slot] ? values[slot] : SCTP_NO_SESSION;
}

static void
table_grow(void)
{
    uint64_t *old_keys = keys;
    uint32_t *old_values = values;
    unsigned old_size = size;

    size = size ? 2 * size : TABLE_FIRST_SIZE;
    keys = g_new0(uint64_t, size);
    values = g_new(uint32_t, size);
    for (unsigned i = 0; i < old_size; i++) {
        if (old_keys[i]) {
            unsigned slot = slot_of(old_keys[i]);

            keys[slot] = old_keys[i];
            values[slot] = old_values[i];
        }
    }
    g_free(old_keys);
    g_free(old_values);
}

static void
table_set(uint64_t key, uint32_t value)
{
    unsigned slot;

    if (8 * (used + 1) > 7 * size)
        table_grow();
    slot = slot_of(key);
    used += keys[slot] == 0;
    keys[slot] = key;
    values[slot] = value;
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 32);
}

/* Packets from one port to the other with this tag. */
static uint64_t
tag_key(uint16_t srcport, uint16_t dstport, uint32_t tag)
{
    return mix(mix(seed, ((uint64_t)srcport << 48) | ((uint64_t)dstport << 32) | tag), 1) | 1;
}

/* Packets from one address and port to the other, with a tag that nothing has told so far. */
static uint64_t
waiting_key(const address *src, uint16_t srcport, const address *dst, uint16_t dstport)
{
    uint64_t hash = mix(~seed, ((uint64_t)srcport << 16) | dstport);

    hash = mix(hash, add_address_to_hash64(0, src));
    return mix(hash, add_address_to_hash64(0, dst)) | 1;
}

static uint64_t
forward_waiting_key(const flow_packet_t *packet)
{
    return waiting_key(&packet->src, packet->srcport, &packet->dst, packet->dstport);
}

static uint64_t
backward_waiting_key(const flow_packet_t *packet)
{
    return waiting_key(&packet->dst, packet->dstport, &packet->src, packet->srcport);
}

static tags_t
read_tags(const flow_packet_t *packet)
{
    unsigned captured = tvb_captured_length(packet->tvb);
    tags_t tags = { 0, 0 };
    uint8_t chunk;

    if (captured < SCTP_TAG_OFFSET + 4)
        return tags;
    tags.forward = tvb_get_ntohl(packet->tvb, SCTP_TAG_OFFSET);
    if (captured < SCTP_CHUNK_OFFSET + 2)
        return tags;
    chunk = tvb_get_uint8(packet->tvb, SCTP_CHUNK_OFFSET);
    if ((chunk == SCTP_CHUNK_INIT || chunk == SCTP_CHUNK_INIT_ACK) && captured >= SCTP_INITIATE_TAG_OFFSET + 4)
        tags.backward = tvb_get_ntohl(packet->tvb, SCTP_INITIATE_TAG_OFFSET);
    /* An endpoint that does not know the association sends the tag back as it came. */
    if ((chunk == SCTP_CHUNK_ABORT || chunk == SCTP_CHUNK_SHUTDOWN_COMPLETE) &&
            (tvb_get_uint8(packet->tvb, SCTP_CHUNK_OFFSET + 1) & SCTP_FLAG_REFLECTED)) {
        tags.backward = tags.forward;
        tags.forward = 0;
    }
    return tags;
}

static uint32_t
find_by_tags(const flow_packet_t *packet, tags_t tags)
{
    uint32_t session = SCTP_NO_SESSION;

    if (tags.forward)
        session = table_find(tag_key(packet->srcport, packet->dstport, tags.forward));
    if (session == SCTP_NO_SESSION && tags.backward)
        session = table_find(tag_key(packet->dstport, packet->srcport, tags.backward));
    return session;
}

/* A known session that lacks just what this packet tells. */
static uint32_t
find_waiting(const flow_packet_t *packet, tags_t tags)
{
    uint32_t session = SCTP_NO_SESSION;

    if (tags.backward)
        session = table_find(backward_waiting_key(packet));
    /* The quote of an INIT tells nothing. */
    if (session == SCTP_NO_SESSION && (tags.forward || !tags.backward))
        session = table_find(forward_waiting_key(packet));
    return session;
}

uint32_t
sctp_association_find(const flow_packet_t *packet)
{
    tags_t tags = read_tags(packet);
    uint32_t session = find_by_tags(packet, tags);

    return session != SCTP_NO_SESSION ? session : find_waiting(packet, tags);
}

static void
learn_tag(uint16_t srcport, uint16_t dstport, uint32_t tag, uint64_t waiting, uint32_t session)
{
    uint64_t key = tag_key(srcport, dstport, tag);

    if (table_find(key) == session)
        return;
    table_set(key, session);
    if (table_find(waiting) == session)
        table_set(waiting, SCTP_NO_SESSION);
}

void
sctp_association_add(const flow_packet_t *packet, uint32_t session)
{
    tags_t tags = read_tags(packet);
    bool is_known = find_by_tags(packet, tags) == session || find_waiting(packet, tags) == session;

    if (!is_known) {
        if (!tags.forward)
            table_set(forward_waiting_key(packet), session);
        if (!tags.backward)
            table_set(backward_waiting_key(packet), session);
    }
    if (tags.forward)
        learn_tag(packet->srcport, packet->dstport, tags.forward, forward_waiting_key(packet), session);
    if (tags.backward)
        learn_tag(packet->dstport, packet->srcport, tags.backward, backward_waiting_key(packet), session);
}
