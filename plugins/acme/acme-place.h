/* acme-place.h
 * Addresses of validators and of those that they ask, each once
 *
 * Ownership and lifetime: a place is in file scope, owned by acme-place.c. First pass only. Errors: NULL where the share of names
 * is used up (acme-memory.h).
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_PLACE_H
#define GAPFILL_ACME_PLACE_H

#include <epan/address.h>

#include "acme-memory.h"

typedef struct acme_place {
    address     addr;
    const char *text;
} acme_place_t;

void acme_register_place(void);

/* The same pointer for the same address; NULL: there is no room. First pass only. */
const acme_place_t *acme_place(const address *addr);
/* Likewise, from another share of memory than names. */
const acme_place_t *acme_place_of(acme_share_t share, const address *addr);
/* Likewise; NULL: it is not kept. */
const acme_place_t *acme_place_find(const address *addr);

#endif /* GAPFILL_ACME_PLACE_H */
