/* harness.c
 * What libFuzzer calls, for the target that the program is named for
 *
 *     build/fuzz/bin/openpgp [libFuzzer's options] [FOLDER or FILE...]
 *
 * GAPFILL_FUZZ_STOCK: without the plugins. GAPFILL_FUZZ_SLOW names a folder for inputs that take more than SLOW_MS of processor
 * time. GAPFILL_FUZZ_TOLERATED names a file of dissector bugs that are Wireshark's own (stock-bugs.txt). GAPFILL_FUZZ_WHOLE: each
 * input has all passes, else only some have more than the first, always the same ones. GAPFILL_FUZZ_ALONE: each
 * input has a session of its own, else inputs of the stateless targets share one. GAPFILL_FUZZ_PCAP
 * names a file that each input is written to as a capture, before it is dissected.
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "session.h"
#include "targets.h"

#define SLOW_MS     100
#define KIND_WHOLE  15
#define SHARING     256     /* inputs of a session */
#define FNV_BASIS   2166136261u
#define FNV_PRIME   16777619u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size, uint8_t *out, size_t most,
    unsigned seed);

static const target_t *target;
static unsigned        inputs_a_session = SHARING;

/* Of every target, kind 15 is a whole Ethernet frame, so that a sample can have in front what it depends on. */
static void
envelop(frames_t *frames, const record_t *record)
{
    if (record->kind == KIND_WHOLE) {
        target_of_name("sequence")->envelope(frames, &(record_t) { .data = record->data, .length = record->length });
    } else {
        target->envelope(frames, record);
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *slash = strrchr((*argv)[0], '/'), *tolerated = getenv("GAPFILL_FUZZ_TOLERATED");

    (void)argc;
    target = target_of_name(slash ? slash + 1 : (*argv)[0]);
    if (!target) {
        fprintf(stderr, "%s: not the name of a target\n", (*argv)[0]);
        exit(2);
    }
    if (getenv("GAPFILL_FUZZ_ALONE")) {
        inputs_a_session = 1;
    }
    if (tolerated) {
        session_tolerate(tolerated);
    }
    session_start(getenv("GAPFILL_FUZZ_STOCK") ? NULL : GAPFILL_FUZZ_PLUGINS);
    return 0;
}

static double
processor_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
keep_slow(const uint8_t *data, size_t size, double ms)
{
    const char *folder = getenv("GAPFILL_FUZZ_SLOW");
    char  path[4096];
    FILE *file;

    fprintf(stderr, "SLOW: %.0f ms\n", ms);
    if (folder) {
        snprintf(path, sizeof path, "%s/%s-%.0f-ms-%zu", folder, target->name, ms, size);
        file = fopen(path, "wb");
        if (file) {
            fwrite(data, 1, size, file);
            fclose(file);
        }
    }
}

/* Says the same of the same input. Later passes take nearly all of the time, and find little that the first does not. */
static bool
has_all_passes(const uint8_t *data, size_t size)
{
    uint32_t hash = FNV_BASIS;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ data[i]) * FNV_PRIME;
    }
    return getenv("GAPFILL_FUZZ_WHOLE") || (hash >> 8) % (target->is_stateless ? 16 : 4) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const frames_bounds_t few = { .records = 40, .files = 1 }, many = { .records = RECORDS_MAX, .files = 3 };
    static frames_t frames;
    double start = processor_ms(), ms;

    frames_make(&frames, data, size, envelop, target->is_stateless ? &few : &many);
    if (getenv("GAPFILL_FUZZ_PCAP")) {
        frames_write(&frames, getenv("GAPFILL_FUZZ_PCAP"));
    }
    session_run(&frames, has_all_passes(data, size), target->is_stateless ? inputs_a_session : 1);
    frames_free(&frames);
    ms = processor_ms() - start;
    if (ms > SLOW_MS) {
        keep_slow(data, size, ms);
    }
    return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return records_mutate(data, size, most, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size, uint8_t *out, size_t most, unsigned seed)
{
    return records_cross(one, one_size, other, other_size, out, most, seed);
}
