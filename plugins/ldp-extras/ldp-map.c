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

#include <epan/wmem_scopes.h>

#include "ldp-capture.h"
#include "ldp-map.h"
#include "compat.h"

#define ENTRY_BYTES 64      /* a node, and its share of the table */

static unsigned
hash_number(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, sizeof(uint64_t));
}

static gboolean
equal_numbers(const void *one, const void *other)
{
    return *(const uint64_t *)one == *(const uint64_t *)other;
}

static unsigned
hash_key(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, sizeof(ldp_key_t));
}

static gboolean
equal_keys(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(ldp_key_t)) == 0;
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
    return wmem_map_new(wmem_file_scope(), hash_number, equal_numbers);
}

wmem_map_t *
ldp_map_by_key(void)
{
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
