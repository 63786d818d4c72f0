/* alone.c
 * In libFuzzer's place where the plugins are built by GCC: reads inputs, and changes each a number of times, always in the same way
 *
 *     build/sanitize/4.0/bin/openpgp CHANGES FILE...
 *
 * What is new is not looked for. The seed of each change is the input's number and its own.
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST     16384

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

static uint32_t state;

static uint32_t
draw(size_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % (uint32_t)below;
}

/* One octet more, fewer, or other. */
size_t
LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    size_t at = draw(size + 1);

    switch (size == 0 ? 0 : draw(3)) {
    case 0:
        if (size < most) {
            memmove(data + at + 1, data + at, size - at);
            data[at] = (uint8_t)draw(256);
            return size + 1;
        }
        break;
    case 1:
        if (at < size) {
            memmove(data + at, data + at + 1, size - at - 1);
            return size - 1;
        }
        break;
    default:
        data[at < size ? at : 0] ^= (uint8_t)(1u << draw(8));
    }
    return size;
}

static size_t
read_input(const char *path, uint8_t *data)
{
    FILE  *file = fopen(path, "rb");
    size_t size;

    if (!file) {
        perror(path);
        exit(2);
    }
    size = fread(data, 1, LONGEST, file);
    fclose(file);
    return size;
}

/* In room of its own size, so that ASan sees what is read beyond it. */
static void
run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size);

    if (size > 0) {
        memcpy(copy, data, size);
    }
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

int
main(int argc, char **argv)
{
    static uint8_t data[LONGEST], changed[LONGEST];
    unsigned changes = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0, executions = 0;

    LLVMFuzzerInitialize(&argc, &argv);
    for (int input = 2; input < argc; input++) {
        size_t size = read_input(argv[input], data);

        run(data, size);
        memcpy(changed, data, size);
        for (unsigned change = 0; change < changes; change++) {
            state = (uint32_t)input << 16 | change;
            size = LLVMFuzzerCustomMutator(changed, size, sizeof changed, state);
            run(changed, size);
        }
        executions += 1 + changes;
    }
    printf("%u inputs\n", executions);
    return 0;
}
