/* openpgp-work.c
 * The work that verifying may be for one capture; see openpgp-work.h
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

#include "openpgp-work.h"

#define WORK_DEFAULT    5000    /* milliseconds */

/* Hashing: octets in a microsecond, and what the shortest takes. */
#define OCTETS_PER_MICROSECOND  200
#define HASH_LEAST              1

static unsigned work_milliseconds = WORK_DEFAULT;
static uint64_t work_left;

bool
openpgp_spend(uint64_t microseconds)
{
    if (microseconds > work_left)
        return false;
    work_left -= microseconds;
    return true;
}

uint64_t
openpgp_hash_cost(uint64_t octets)
{
    return HASH_LEAST + octets / OCTETS_PER_MICROSECOND;
}

void
openpgp_work_reset(void)
{
    work_left = (uint64_t)work_milliseconds * 1000;
}

void
openpgp_register_work(module_t *preferences)
{
    prefs_register_uint_preference(preferences, "verify_work",
            "Work for verifying signatures (milliseconds)",
            "Of a usual core, for a capture, reckoned from algorithms and sizes. What goes beyond is not verified",
            10, &work_milliseconds);
}
