/* openpgp-inflate.h
 * What OpenPGP's compressed data hold, within bounds
 *
 * Source: RFC 9580 section 5.6.
 *
 * All lengths are in octets. Nothing throws. Results belong to the allocator that is given. Each library may be missing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_INFLATE_H
#define GAPFILL_OPENPGP_INFLATE_H

#include <stdbool.h>
#include <stdint.h>

#include <wsutil/wmem/wmem.h>

/*
 * Octets that all the compressed data of one body may make together. It grows with the body, so that the work for a capture
 * is bounded by the capture's own size: against bombs of which there are many as well as against a single one.
 */
uint32_t openpgp_inflate_limit(unsigned captured);

/* Whether there is a library for this algorithm, and it compresses at all. */
bool openpgp_can_inflate(uint8_t algorithm);

/*
 * Compressed data, uncompressed as far as *left goes, which it lessens: by more than comes out where BZip2 is broken.
 * *whole: to the end of the stream. *out is NULL where there is nothing. Returns the octets.
 */
unsigned openpgp_inflate(wmem_allocator_t *pool, uint8_t algorithm, const uint8_t *in, unsigned in_length, uint32_t *left,
                         uint8_t **out, bool *whole);

#endif /* GAPFILL_OPENPGP_INFLATE_H */
