/* pieces.c
 * wmem's memory in pieces that ASan watches, at less than what a call of malloc() for each of them takes
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define _GNU_SOURCE
#include "pieces.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sanitizer/asan_interface.h>

#include <wireshark.h>
#include <wsutil/wmem/wmem.h>

#define CHUNK_BYTES     32768
#define CHUNKS_RESTING  256             /* freed ones wait so long until they are used again */
#define LARGE           4096            /* from here on malloc() gives a piece */
#define UNSET           0xbe            /* what a new piece is filled with, as ASan does it */

/* In front of a piece; nobody else may touch it. */
typedef struct head {
    size_t        size;
    struct large *large;
} head_t;

/* A piece that malloc() gave; one of a list. */
typedef struct large {
    struct large *next, **link;
    head_t        head;                 /* the piece is behind it */
} large_t;

typedef struct chunk {
    struct chunk *next;
    size_t        used;
    _Alignas(16) uint8_t bytes[CHUNK_BYTES];
} chunk_t;

typedef struct arena {
    chunk_t *chunks;                    /* the first is being filled */
    large_t *large;
} arena_t;

/* What wsutil/wmem/wmem_allocator.h has, which is not installed, as far as it is needed. */
struct _wmem_allocator_t {
    void *(*walloc)(void *, const size_t);
    void  (*wfree)(void *, void *);
    void *(*wrealloc)(void *, void *, const size_t);
    void  (*free_all)(void *);
    void  (*gc)(void *);
    void  (*cleanup)(void *);
    void   *callbacks;
    void   *private_data;
};

static chunk_t  *resting, **resting_end = &resting;
static unsigned  n_resting;
static bool      is_started;

static chunk_t *
take_chunk(void)
{
    chunk_t *chunk = resting;

    if (n_resting > CHUNKS_RESTING) {
        resting = chunk->next;
        n_resting--;
    } else {
        chunk = malloc(sizeof *chunk);
        ASAN_POISON_MEMORY_REGION(chunk->bytes, CHUNK_BYTES);
    }
    chunk->used = 0;
    return chunk;
}

/* Clears it, so that LeakSanitizer sees nothing there. */
static void
put_chunk(chunk_t *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->used);
    memset(chunk->bytes, 0, chunk->used);
    ASAN_POISON_MEMORY_REGION(chunk->bytes, chunk->used);
    chunk->next = NULL;
    *resting_end = chunk;
    resting_end = &chunk->next;
    n_resting++;
}

/* What nobody may touch behind a piece, besides the next one's head; more behind larger ones, as with ASan. */
static size_t
gap_after(size_t size)
{
    return size <= 96 ? 16 : size <= 448 ? 64 : 128;
}

static head_t *
small_of(arena_t *arena, size_t size)
{
    size_t  takes = sizeof(head_t) + ((size + 15) & ~(size_t)15) + gap_after(size);
    head_t *head;

    if (!arena->chunks || arena->chunks->used + takes > CHUNK_BYTES) {
        chunk_t *chunk = take_chunk();

        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    head = (head_t *)(void *)(arena->chunks->bytes + arena->chunks->used);
    arena->chunks->used += takes;
    ASAN_UNPOISON_MEMORY_REGION(head, sizeof *head + size);
    head->large = NULL;
    return head;
}

static head_t *
large_of(arena_t *arena, size_t size)
{
    large_t *large = malloc(sizeof *large + size);

    if (!large) {
        abort();
    }
    large->next = arena->large;
    large->link = &arena->large;
    if (large->next) {
        large->next->link = &large->next;
    }
    arena->large = large;
    large->head.large = large;
    return &large->head;
}

static void *
give(void *private_data, const size_t size)
{
    head_t *head = (size < LARGE ? small_of : large_of)(private_data, size);

    head->size = size;
    ASAN_POISON_MEMORY_REGION(head, sizeof *head);
    memset(head + 1, UNSET, size < LARGE ? size : LARGE);
    return head + 1;
}

static void
free_large(large_t *large)
{
    *large->link = large->next;
    if (large->next) {
        large->next->link = large->link;
    }
    free(large);
}

static head_t *
head_of(void *piece)
{
    head_t *head = (head_t *)piece - 1;

    if (__asan_address_is_poisoned(piece)) {
        *(volatile char *)piece;        /* freed twice, or never given: ASan says so */
    }
    ASAN_UNPOISON_MEMORY_REGION(head, sizeof *head);
    return head;
}

static void
take_back(void *private_data _U_, void *piece)
{
    head_t *head = head_of(piece);

    if (head->large) {
        free_large(head->large);
    } else {
        memset(piece, 0, head->size);
        ASAN_POISON_MEMORY_REGION(head, sizeof *head + head->size);
    }
}

static void *
move(void *private_data, void *piece, const size_t size)
{
    head_t *head = head_of(piece);
    size_t  before = head->size;
    void   *moved;

    ASAN_POISON_MEMORY_REGION(head, sizeof *head);
    moved = give(private_data, size);
    memcpy(moved, piece, before < size ? before : size);
    take_back(private_data, piece);
    return moved;
}

static void
take_all_back(void *private_data)
{
    arena_t *arena = private_data;

    while (arena->chunks) {
        chunk_t *chunk = arena->chunks;

        arena->chunks = chunk->next;
        put_chunk(chunk);
    }
    while (arena->large) {
        ASAN_UNPOISON_MEMORY_REGION(&arena->large->head, sizeof(head_t));
        free_large(arena->large);
    }
}

static void
keep(void *private_data _U_)
{
}

/* In place of Wireshark's own. */
wmem_allocator_t *
wmem_allocator_new(const wmem_allocator_type_t type)
{
    wmem_allocator_t *(*next)(wmem_allocator_type_t) = (wmem_allocator_t *(*)(wmem_allocator_type_t))dlsym(RTLD_NEXT, "wmem_allocator_new");
    wmem_allocator_t *made = next(type);

    if (is_started) {
        made->cleanup(made->private_data);
        made->walloc = give;
        made->wfree = take_back;
        made->wrealloc = move;
        made->free_all = take_all_back;
        made->gc = keep;
        made->cleanup = free;
        made->private_data = calloc(1, sizeof(arena_t));
    }
    return made;
}

bool
pieces_start(void)
{
    wmem_allocator_t *tried;
    char *piece, *moved;
    bool  is_right;

    is_started = true;
    tried = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    piece = (char *)wmem_alloc(tried, 24);
    is_right = __asan_address_is_poisoned(piece - 1) && __asan_address_is_poisoned(piece + 24);
    moved = (char *)wmem_realloc(tried, piece, 25);
    is_right &= moved != piece && __asan_address_is_poisoned(piece) && !__asan_address_is_poisoned(moved + 24);
    wmem_free_all(tried);
    is_right &= __asan_address_is_poisoned(moved);
    wmem_destroy_allocator(tried);
    return is_right;
}
