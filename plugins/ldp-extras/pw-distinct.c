/* pw-distinct.c
 * Packets that prove something together, each counted once; see pw-distinct.h
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

#include "pw-distinct.h"
#include "seconds.h"

#define PRINT_BYTES 96      /* headers as far as what a sender counts: identification, sequence numbers, message IDs */
#define COPY_SECONDS 1      /* in whole ones, so up to twice as much */

/* Of the length and the first bytes. */
static uint32_t
print_of(const pw_bytes_t *bytes)
{
    return bytes->reported ^ wmem_strong_hash(bytes->data, MIN(bytes->captured, PRINT_BYTES));
}

static bool
is_copy(const pw_distinct_t *distinct, uint32_t print, int64_t second)
{
    for (unsigned i = 0; i < distinct->count; i++) {
        int64_t since = seconds_since(second, distinct->second[i]);

        if (distinct->print[i] == print && since >= -COPY_SECONDS && since <= COPY_SECONDS)
            return true;
    }
    return false;
}

void
pw_distinct_note(pw_distinct_t *distinct, const pw_bytes_t *bytes, const packet_info *pinfo)
{
    uint32_t print;

    if (pw_distinct_is_enough(distinct))
        return;
    print = print_of(bytes);
    if (is_copy(distinct, print, pinfo->abs_ts.secs))
        return;
    if (distinct->count < PW_DISTINCT_ENOUGH - 1) {
        distinct->print[distinct->count] = print;
        distinct->second[distinct->count] = pinfo->abs_ts.secs;
    }
    distinct->count++;
}
