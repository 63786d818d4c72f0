/* records.c
 * What an input of the fuzzer says: a list of records, each of which is a packet or what is done with it
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "records.h"

#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

static record_t
record_of(const uint8_t *header, size_t left)
{
    size_t length = header[1] | (size_t)header[2] << 8;

    return (record_t) {
        .reply = header[0] & 1,
        .fate = header[0] >> 1 & 7,
        .kind = header[0] >> 4,
        .data = header + RECORD_HEADER,
        .length = length < left ? length : left,
    };
}

size_t
records_read(const uint8_t *input, size_t length, record_t records[RECORDS_MAX])
{
    size_t at = 0, n = 0;

    while (n < RECORDS_MAX && length - at >= RECORD_HEADER) {
        records[n] = record_of(input + at, length - at - RECORD_HEADER);
        at += RECORD_HEADER + records[n++].length;
    }
    return n;
}

/* Writes as many as there is room for. */
static size_t
write_records(const record_t *records, size_t n, uint8_t *out, size_t most)
{
    size_t at = 0;

    for (size_t i = 0; i < n && at + RECORD_HEADER + records[i].length <= most; i++) {
        out[at] = (uint8_t)((records[i].reply ? 1 : 0) | (unsigned)records[i].fate << 1 | records[i].kind << 4);
        out[at + 1] = records[i].length & 0xff;
        out[at + 2] = (uint8_t)(records[i].length >> 8);
        memcpy(out + at + RECORD_HEADER, records[i].data, records[i].length);
        at += RECORD_HEADER + records[i].length;
    }
    return at;
}

/* Numbers that are the same for a seed. */
static unsigned
draw(unsigned *seed, size_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % (unsigned)below;
}

static void
swap(record_t *one, record_t *other)
{
    record_t kept = *one;

    *one = *other;
    *other = kept;
}

/* Loses, repeats, exchanges, shortens one of them, or changes what becomes of it. */
static size_t
rearrange(record_t *records, size_t n, unsigned *seed)
{
    size_t at = draw(seed, n);

    switch (draw(seed, 6)) {
    case 0:
        if (n > 1) {
            memmove(records + at, records + at + 1, (n - at - 1) * sizeof *records);
            return n - 1;
        }
        break;
    case 1:
        if (n < RECORDS_MAX) {
            memmove(records + at + 1, records + at, (n - at) * sizeof *records);
            swap(&records[at + 1], &records[draw(seed, n + 1)]);
            return n + 1;
        }
        break;
    case 2: swap(&records[at], &records[draw(seed, n)]); break;
    case 3: records[at].length = draw(seed, records[at].length + 1); break;
    case 4: records[at].fate = draw(seed, 8); break;
    case 5: records[at].kind = draw(seed, 16); break;
    }
    return n;
}

/* A number of 1, 2 or 4 octets such as length fields have when they are wrong. */
static void
plant_number(uint8_t *data, size_t length, unsigned *seed)
{
    static const uint32_t numbers[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff };
    size_t   width = (size_t)1 << draw(seed, 3);
    uint32_t number = draw(seed, 3) ? numbers[draw(seed, sizeof numbers / sizeof numbers[0])] : (uint32_t)length - draw(seed, 8);

    if (length >= width) {
        uint8_t *at = data + draw(seed, length - width + 1);

        for (size_t i = 0; i < width; i++) {
            at[i] = (uint8_t)(number >> 8 * (width - 1 - i));
        }
    }
}

/* The octets of one record, in room of its own. Returns what has to be freed. */
static uint8_t *
change_octets(record_t *record, size_t most, unsigned *seed)
{
    uint8_t *data;

    most = most < 0xffff ? most : 0xffff;
    most = most > record->length ? most : record->length;
    data = malloc(most + 1);
    memcpy(data, record->data, record->length);
    if (draw(seed, 4) == 0) {
        plant_number(data, record->length, seed);
    } else {
        record->length = LLVMFuzzerMutate(data, record->length, most);
    }
    record->data = data;
    return data;
}

size_t
records_mutate(uint8_t *input, size_t length, size_t most, unsigned seed)
{
    static record_t records[RECORDS_MAX];
    size_t   n = records_read(input, length, records);
    uint8_t *written, *data = NULL;

    if (n == 0 || draw(&seed, 16) == 0) {
        return LLVMFuzzerMutate(input, length, most);
    }
    if (draw(&seed, 3) == 0) {
        n = rearrange(records, n, &seed);
    } else {
        data = change_octets(&records[draw(&seed, n)], most > length ? most - length + RECORD_HEADER : 0, &seed);
    }
    written = malloc(most);
    length = write_records(records, n, written, most);
    memcpy(input, written, length);
    free(written);
    free(data);
    return length;
}

size_t
records_cross(const uint8_t *one, size_t one_length, const uint8_t *other, size_t other_length, uint8_t *out, size_t most, unsigned seed)
{
    static record_t first[RECORDS_MAX], second[RECORDS_MAX];
    size_t   n = records_read(one, one_length, first), m = records_read(other, other_length, second);
    size_t   kept = draw(&seed, n + 1), from = draw(&seed, m + 1);
    size_t   length = write_records(first, kept, out, most);

    return length + write_records(second + from, m - from, out + length, most - length);
}
