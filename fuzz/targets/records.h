/* records.h
 * What an input of the fuzzer says: a list of records, each of which is a packet or what is done with it
 *
 *     flags (1 octet)   length (2 octets, the least first)   data
 *
 * The last record may be shorter than its length says. Every input can be read so; no input is turned away.
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FUZZ_RECORDS_H
#define GAPFILL_FUZZ_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDS_MAX         256     /* of an input; what follows is not read */
#define RECORD_HEADER       3

/* What becomes of a packet on its way into the capture. */
typedef enum {
    FATE_NONE, FATE_TWICE, FATE_LOST, FATE_LATE /* after the next one */, FATE_SNAPPED, FATE_NEW_FILE /* it is the first of */,
    FATE_QUOTED /* by an ICMP error */, FATE_PAUSE /* of a minute, in front of it */
} fate_t;

/* data points into the input. */
typedef struct record {
    bool           reply;       /* from the server */
    fate_t         fate;
    unsigned       kind;        /* 0 to 15; what it means is the target's */
    const uint8_t *data;
    size_t         length;
} record_t;

/* How many were read. */
size_t records_read(const uint8_t *input, size_t length, record_t records[RECORDS_MAX]);

/* Changes an input of length octets in its place, to most octets at most; the seed says how. Returns its new length. */
size_t records_mutate(uint8_t *input, size_t length, size_t most, unsigned seed);

/* The first records of one input and the last ones of another. */
size_t records_cross(const uint8_t *one, size_t one_length, const uint8_t *other, size_t other_length,
    uint8_t *out, size_t most, unsigned seed);

#endif /* GAPFILL_FUZZ_RECORDS_H */
