/* acme-base64url.h
 * base64url, and SHA-256 in it
 *
 * Sources: RFC 4648 section 5, without padding as RFC 7515 section 2 has it; RFC 8555 section 8.1.
 * Units: lengths are in bytes. Ownership: results belong to pool. Errors: said with each.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_BASE64URL_H
#define GAPFILL_ACME_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wsutil/wmem/wmem.h>

#define ACME_DIGEST_LENGTH 43   /* characters of a SHA-256 digest */

/* Whether all characters are of the alphabet; an empty text is. */
bool acme_is_base64url(const char *text, size_t length);
char *acme_base64url(wmem_allocator_t *pool, const uint8_t *bytes, size_t length);
/*
 * NULL: text is NULL or not base64url; then *length is left alone. The result is followed by a NUL, which *length
 * does not count.
 */
char *acme_base64url_decode(wmem_allocator_t *pool, const char *text, size_t *length);
/* Of a NUL-terminated text. */
char *acme_sha256_base64url(wmem_allocator_t *pool, const char *text);

#endif /* GAPFILL_ACME_BASE64URL_H */
