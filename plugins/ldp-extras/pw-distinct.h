/* pw-distinct.h
 * Packets that prove something together, each counted once
 *
 * A mirrored port or two captures merged show a packet several times, which proves no more than once. It is told by its first
 * bytes, TTL and identification among them; what comes again after a second or two was sent again.
 *
 * Ownership: the caller's, zeroed to begin with. First pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_PW_DISTINCT_H
#define GAPFILL_PW_DISTINCT_H

#include "pw-shape.h"

#define PW_DISTINCT_ENOUGH  3       /* counted as far as that */

typedef struct pw_distinct {
    uint32_t count;
    uint32_t print[PW_DISTINCT_ENOUGH - 1];     /* of those that were counted, */
    int64_t  second[PW_DISTINCT_ENOUGH - 1];    /* and when they came */
} pw_distinct_t;

void pw_distinct_note(pw_distinct_t *distinct, const pw_bytes_t *bytes, const packet_info *pinfo);

static inline bool
pw_distinct_is_enough(const pw_distinct_t *distinct)
{
    return distinct->count >= PW_DISTINCT_ENOUGH;
}

#endif /* GAPFILL_PW_DISTINCT_H */
