/* openpgp-inflate.c
 * What OpenPGP's compressed data hold; see openpgp-inflate.h
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

#include <string.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_BZIP2
#include <bzlib.h>
#endif

#include "openpgp-codes.h"
#include "openpgp-inflate.h"

/* The first buffer for uncompressed data is as large as the compressed data, within these. */
#define INFLATE_LEAST       64
#define INFLATE_FIRST       65536

/* Of a body: what its compressed data may make at least, for each octet of it, and at most. */
#define INFLATED_LEAST      65536
#define INFLATED_PER_OCTET  64
#define INFLATED_MOST       (32 * 1024 * 1024)

uint32_t
openpgp_inflate_limit(unsigned captured)
{
    uint64_t limit = INFLATED_LEAST + (uint64_t)INFLATED_PER_OCTET * captured;

    return (uint32_t)MIN(limit, INFLATED_MOST);
}

/* What a library makes; it tells of each step how much that was, and whether there is more. */
typedef enum step {
    STEP_MORE,
    STEP_END,
    STEP_ERROR
} step_t;

typedef struct stream stream_t;
struct stream {
    step_t (*next)(stream_t *stream, uint8_t *out, unsigned size, unsigned *made);
    void    *library;
};

/* Into a buffer that doubles up to limit. */
static unsigned
inflate_bounded(wmem_allocator_t *pool, stream_t *stream, unsigned in_length, unsigned limit, uint8_t **out, bool *whole)
{
    unsigned size = MIN(CLAMP(in_length, INFLATE_LEAST, INFLATE_FIRST), limit);
    unsigned total = 0, made;
    step_t step;

    *out = (uint8_t *)wmem_alloc(pool, size);
    for (;;) {
        step = stream->next(stream, *out + total, size - total, &made);
        total += made;
        if (step != STEP_MORE || total < size || size == limit)
            break;
        size = size > limit / 2 ? limit : size * 2;
        *out = (uint8_t *)wmem_realloc(pool, *out, size);
    }
    *whole = step == STEP_END;
    return total;
}

/* --- ZIP and ZLIB --- */

#ifdef HAVE_ZLIB
static step_t
zlib_next(stream_t *stream, uint8_t *out, unsigned size, unsigned *made)
{
    z_stream *library = (z_stream *)stream->library;
    int result;

    library->next_out = out;
    library->avail_out = size;
    result = inflate(library, Z_NO_FLUSH);
    *made = size - library->avail_out;
    return result == Z_STREAM_END ? STEP_END : result == Z_OK ? STEP_MORE : STEP_ERROR;
}

static unsigned
inflate_zlib(wmem_allocator_t *pool, uint8_t algorithm, const uint8_t *in, unsigned in_length, uint32_t limit, uint8_t **out,
        bool *whole)
{
    z_stream library;
    stream_t stream = { zlib_next, &library };
    unsigned length;

    memset(&library, 0, sizeof library);
    if (inflateInit2(&library, algorithm == OPENPGP_COMPRESSION_ZIP ? -MAX_WBITS : MAX_WBITS) != Z_OK)
        return 0;
    library.next_in = (Bytef *)in;
    library.avail_in = in_length;
    length = inflate_bounded(pool, &stream, in_length, limit, out, whole);
    inflateEnd(&library);
    return length;
}
#endif

/* --- BZip2 --- */

#ifdef HAVE_BZIP2
/* What a block may take to work out, in octets, also where it turns out broken and nothing comes out of it. */
#define BZIP2_BLOCK 900000

static step_t
bzip2_next(stream_t *stream, uint8_t *out, unsigned size, unsigned *made)
{
    bz_stream *library = (bz_stream *)stream->library;
    int result;

    library->next_out = (char *)out;
    library->avail_out = size;
    result = BZ2_bzDecompress(library);
    *made = size - library->avail_out;
    return result == BZ_STREAM_END ? STEP_END : result == BZ_OK ? STEP_MORE : STEP_ERROR;
}

static unsigned
inflate_bzip2(wmem_allocator_t *pool, const uint8_t *in, unsigned in_length, uint32_t limit, uint8_t **out, bool *whole)
{
    bz_stream library;
    stream_t stream = { bzip2_next, &library };
    unsigned length;

    memset(&library, 0, sizeof library);
    if (BZ2_bzDecompressInit(&library, 0, 0) != BZ_OK)
        return 0;
    library.next_in = (char *)in;
    library.avail_in = in_length;
    length = inflate_bounded(pool, &stream, in_length, limit, out, whole);
    BZ2_bzDecompressEnd(&library);
    return length;
}
#endif

/* --- Any --- */

bool
openpgp_can_inflate(uint8_t algorithm)
{
    switch (algorithm) {
#ifdef HAVE_ZLIB
    case OPENPGP_COMPRESSION_ZIP:
    case OPENPGP_COMPRESSION_ZLIB:
        return true;
#endif
#ifdef HAVE_BZIP2
    case OPENPGP_COMPRESSION_BZIP2:
        return true;
#endif
    default:
        return false;
    }
}

unsigned
openpgp_inflate(wmem_allocator_t *pool, uint8_t algorithm, const uint8_t *in, unsigned in_length, uint32_t *left, uint8_t **out,
        bool *whole)
{
    unsigned length = 0;

    *whole = false;
    *out = NULL;
    if (*left == 0 || in_length == 0 || !openpgp_can_inflate(algorithm))
        return 0;
#ifdef HAVE_BZIP2
    if (algorithm == OPENPGP_COMPRESSION_BZIP2)
        length = inflate_bzip2(pool, in, in_length, *left, out, whole);
#endif
#ifdef HAVE_ZLIB
    if (algorithm != OPENPGP_COMPRESSION_BZIP2)
        length = inflate_zlib(pool, algorithm, in, in_length, *left, out, whole);
#endif
    *left -= length;
#ifdef HAVE_BZIP2
    if (algorithm == OPENPGP_COMPRESSION_BZIP2 && !*whole)
        *left -= MIN(*left, BZIP2_BLOCK);
#endif
    return length;
}
