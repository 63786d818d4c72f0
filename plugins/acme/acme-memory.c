/* acme-memory.c
 * Text that ACME keeps for a capture; see acme-memory.h
 *
 * Bounds: 32 MB of names, 8 MB of URLs, 32 MB of DNS questions a capture, the map's own entries counted.
 *
 * acme_room() cuts what it gives from blocks, as the allocator's own headers would be a third of it.
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

#include "acme-memory.h"

#define MEGABYTE        (1024 * 1024)
#define ENTRY_BYTES     64      /* of a map and of the allocator, about */
#define BLOCK_BYTES     8192

/* What is kept, by itself; file scope. */
static wmem_map_t *texts;
static size_t left[ACME_SHARES];

/* What is left of the last block; file scope. */
static char *block;
static size_t block_left;

/* Random, and the factor odd. */
static uint64_t seed, factor;

static inline uint64_t
mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 32;
}

/* By eight octets; the last ones may be read twice. */
unsigned
acme_hash_text(const void *text)
{
    const char *at = (const char *)text;
    size_t length = strlen(at), rest = length;
    uint64_t hash = seed + length, word = 0;

    for (; rest >= sizeof word; rest -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = mix(hash, word);
    }
    if (length < sizeof word)
        memcpy(&word, at, rest);
    else if (rest > 0)
        memcpy(&word, at + rest - sizeof word, sizeof word);
    return (unsigned)(mix(hash, word) >> 32);
}

bool
acme_take(acme_share_t share, size_t bytes)
{
    if (bytes > left[share])
        return false;
    left[share] -= bytes;
    return true;
}

void
acme_give(acme_share_t share, size_t bytes)
{
    left[share] += bytes;
}

const char *
acme_keep(acme_share_t share, const char *text)
{
    const char *kept = text ? (const char *)wmem_map_lookup(texts, text) : NULL;
    size_t length;

    if (kept || !text)
        return kept;
    length = strlen(text);
    if (length > ACME_MAX_TEXT || !acme_take(share, length + 1 + ENTRY_BYTES))
        return NULL;
    kept = wmem_strdup(wmem_file_scope(), text);
    wmem_map_insert(texts, kept, (void *)kept);
    return kept;
}

void *
acme_room(acme_share_t share, size_t bytes)
{
    void *room;

    bytes = (bytes + 7) & ~(size_t)7;
    if (bytes > BLOCK_BYTES || !acme_take(share, bytes))
        return NULL;
    if (bytes > block_left) {
        block = (char *)wmem_alloc0(wmem_file_scope(), BLOCK_BYTES);
        block_left = BLOCK_BYTES;
    }
    room = block;
    block += bytes;
    block_left -= bytes;
    return room;
}

static void
acme_memory_init(void)
{
    block = NULL;
    block_left = 0;
    texts = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
    left[ACME_NAMES] = 32 * MEGABYTE;
    left[ACME_URLS] = 8 * MEGABYTE;
    left[ACME_QUESTIONS] = 32 * MEGABYTE;
    left[ACME_CONNECTIONS] = 16 * MEGABYTE;
}

void
acme_register_memory(void)
{
    seed = (uint64_t)g_random_int() << 32 | g_random_int();
    factor = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
    register_init_routine(acme_memory_init);
}
