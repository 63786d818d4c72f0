/* ldp-map.c
 * Maps by what their keys are made of; see ldp-map.h
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

#include "ldp-capture.h"
#include "ldp-map.h"
#include "compat.h"

#define ENTRY_BYTES 64      /* a node, and its share of the table */

/* Odd, and others in each run: what a capture holds can not be chosen so that many keys meet in one place. */
static uint64_t factors[4];

static void
choose_factors(void)
{
    for (unsigned i = 0; i < array_length(factors) && !factors[i]; i++)
        factors[i] = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
}

/* Multiply-add-shift over words of 32 bits: the upper half is near enough to universal, and costs a few instructions. */
static unsigned
hash_number(const void *key)
{
    uint64_t number = *(const uint64_t *)key;

    return (unsigned)((factors[0] + (number >> 32) * factors[1] + (number & 0xffffffff) * factors[2]) >> 32);
}

static gboolean
equal_numbers(const void *one, const void *other)
{
    return *(const uint64_t *)one == *(const uint64_t *)other;
}

static unsigned
hash_key(const void *key)
{
    const ldp_key_t *of = (const ldp_key_t *)key;

    return (unsigned)((factors[0] + of->owner * factors[1] + of->fec * factors[2] + of->label * factors[3]) >> 32);
}

static gboolean
equal_keys(const void *one, const void *other)
{
    const ldp_key_t *a = (const ldp_key_t *)one;
    const ldp_key_t *b = (const ldp_key_t *)other;

    return a->owner == b->owner && a->fec == b->fec && a->label == b->label;
}

static unsigned
hash_bytes(const void *key)
{
    const ldp_bytes_t *bytes = (const ldp_bytes_t *)key;

    return wmem_strong_hash(bytes->data, bytes->length);
}

static gboolean
equal_bytes(const void *one, const void *other)
{
    const ldp_bytes_t *a = (const ldp_bytes_t *)one;
    const ldp_bytes_t *b = (const ldp_bytes_t *)other;

    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

wmem_map_t *
ldp_map_by_number(void)
{
    choose_factors();
    return wmem_map_new(wmem_file_scope(), hash_number, equal_numbers);
}

wmem_map_t *
ldp_map_by_key(void)
{
    choose_factors();
    return wmem_map_new(wmem_file_scope(), hash_key, equal_keys);
}

wmem_map_t *
ldp_map_by_bytes(void)
{
    return wmem_map_new(wmem_file_scope(), hash_bytes, equal_bytes);
}

void
ldp_map_insert(wmem_map_t *map, const void *key, void *value)
{
    ldp_keep_count(ENTRY_BYTES);
    wmem_map_insert(map, key, value);
}
