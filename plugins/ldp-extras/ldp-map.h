/* ldp-map.h
 * Maps of ldp-extras, by what their keys are made of
 *
 * Units: none. Ownership: maps are the file's; keys and values are the caller's, and have to stay as long.
 * Lifetime: make them anew whenever a file is opened. Bounds: what an entry takes is counted, see ldp-capture.h.
 * Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_MAP_H
#define GAPFILL_LDP_MAP_H

#include <stdint.h>

#include <wsutil/wmem/wmem.h>

/* A FEC and a label, of whoever has numbered itself: a router or one side of a session. */
typedef struct ldp_key {
    uint32_t  owner;
    uint32_t  fec;
    uint32_t  label;
} ldp_key_t;

typedef struct ldp_bytes {
    const uint8_t *data;
    unsigned       length;
} ldp_bytes_t;

/* Keys are uint64_t, ldp_key_t, ldp_bytes_t. */
wmem_map_t *ldp_map_by_number(void);
wmem_map_t *ldp_map_by_key(void);
wmem_map_t *ldp_map_by_bytes(void);

void ldp_map_insert(wmem_map_t *map, const void *key, void *value);

#endif /* GAPFILL_LDP_MAP_H */
