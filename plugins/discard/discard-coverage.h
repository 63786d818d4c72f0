/* discard-coverage.h
 * Which bytes of one direction of a TCP connection have been seen
 *
 * Segments may come in any order, overlap and repeat; each byte counts once. RFC 9293 section 3.4 for
 * sequence numbers.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DISCARD_COVERAGE_H
#define GAPFILL_DISCARD_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Beyond this many stretches with gaps between them, the oldest gap is closed: bytes that come for it
 * later are not counted. */
#define COVERAGE_MAX_RANGES 1024

typedef struct coverage_range {
    int64_t begin;
    int64_t end;
} coverage_range_t;

/* All zero: nothing seen. Owned by whoever embeds it; the ranges live in file scope. */
typedef struct coverage {
    bool              started;
    bool              from_syn;     /* position 0 is the byte after the SYN, nothing comes before it */
    uint32_t          high_seq;     /* sequence number and position of the highest segment so far */
    int64_t           high_position;
    uint64_t          bytes;
    coverage_range_t *ranges;       /* ascending, never touching */
    unsigned          count;
    unsigned          size;
} coverage_t;

/* The connection begins with this sequence number, that of the SYN. */
void coverage_syn(coverage_t *coverage, uint32_t seq);

/* Returns how many different bytes have been seen, these included. */
uint64_t coverage_add(coverage_t *coverage, uint32_t seq, uint32_t length);

#endif /* GAPFILL_DISCARD_COVERAGE_H */
