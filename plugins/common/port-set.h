/* port-set.h
 * A set of port numbers, a bit for each
 *
 * Source: RFC 9293, RFC 768, RFC 9260 (16 bits). Lifetime: the owner's; a static one is empty. What holds for one file only
 * is cleared whenever a file is opened. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_PORT_SET_H
#define GAPFILL_PORT_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct port_set {
    uint8_t bits[(UINT16_MAX + 1) / 8];
} port_set_t;

static inline bool
port_set_has(const port_set_t *set, uint16_t port)
{
    return set->bits[port >> 3] & (1u << (port & 7));
}

static inline void
port_set_add(port_set_t *set, uint16_t port)
{
    set->bits[port >> 3] |= (uint8_t)(1u << (port & 7));
}

static inline void
port_set_clear(port_set_t *set)
{
    memset(set->bits, 0, sizeof set->bits);
}

#endif /* GAPFILL_PORT_SET_H */
