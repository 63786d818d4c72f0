/* seconds.h
 * Seconds between two times of a capture
 *
 * They can be any: pcapng has 64 bits of them, and so has time_t.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SECONDS_H
#define GAPFILL_SECONDS_H

#include <stdint.h>

/* How many seconds now comes after then; what 64 bits do not hold is the most, or least, that they do. */
static inline int64_t
seconds_since(int64_t now, int64_t then)
{
    if (then < 0 && now > INT64_MAX + then)
        return INT64_MAX;
    return then > 0 && now < INT64_MIN + then ? INT64_MIN : now - then;
}

#endif /* GAPFILL_SECONDS_H */
