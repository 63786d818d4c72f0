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

#ifdef HAVE_ZLIB

/* Inflates into a buffer that doubles up to limit. */
static unsigned
inflate_bounded(wmem_allocator_t *pool, z_stream *stream, unsigned limit, uint8_t **out, bool *whole)
{
    unsigned size = MIN(CLAMP(stream->avail_in, INFLATE_LEAST, INFLATE_FIRST), limit);
    int result;

    *out = (uint8_t *)wmem_alloc(pool, size);
    for (;;) {
        stream->next_out = *out + stream->total_out;
        stream->avail_out = size - (unsigned)stream->total_out;
        result = inflate(stream, Z_NO_FLUSH);
        if (result != Z_OK || stream->avail_out > 0 || size == limit)
            break;
        size = size > limit / 2 ? limit : size * 2;
        *out = (uint8_t *)wmem_realloc(pool, *out, size);
    }
    *whole = result == Z_STREAM_END;
    return (unsigned)stream->total_out;
}

unsigned
openpgp_inflate(wmem_allocator_t *pool, uint8_t algorithm, const uint8_t *in, unsigned in_length, uint32_t *left, uint8_t **out,
        bool *whole)
{
    z_stream stream;
    unsigned length;

    *whole = false;
    *out = NULL;
    memset(&stream, 0, sizeof stream);
    if (*left == 0 || inflateInit2(&stream, algorithm == OPENPGP_COMPRESSION_ZIP ? -MAX_WBITS : MAX_WBITS) != Z_OK)
        return 0;
    stream.next_in = (Bytef *)in;
    stream.avail_in = in_length;
    length = inflate_bounded(pool, &stream, *left, out, whole);
    inflateEnd(&stream);
    *left -= length;
    return length;
}

#else

unsigned
openpgp_inflate(wmem_allocator_t *pool _U_, uint8_t algorithm _U_, const uint8_t *in _U_, unsigned in_length _U_,
        uint32_t *left _U_, uint8_t **out, bool *whole)
{
    *whole = false;
    *out = NULL;
    return 0;
}

#endif
