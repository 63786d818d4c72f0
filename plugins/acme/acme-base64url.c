/* acme-base64url.c
 * base64url, and SHA-256 in it; see acme-base64url.h
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

#include <epan/packet.h>
#include <wsutil/wsgcrypt.h>

#include "acme-base64url.h"

/* Bits for the characters from 0 to 127. */
static const uint64_t characters[2] = { 0x03ff200000000000u, 0x07fffffe87fffffeu };

bool
acme_is_base64url(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint8_t c = (uint8_t)text[i];

        if (c > 127 || !(characters[c >> 6] >> (c & 63) & 1))
            return false;
    }
    return true;
}

char *
acme_base64url(wmem_allocator_t *pool, const uint8_t *bytes, size_t length)
{
    char *encoded = g_base64_encode(bytes, length);
    char *result;

    g_strdelimit(encoded, "+", '-');
    g_strdelimit(encoded, "/", '_');
    result = wmem_strndup(pool, encoded, strcspn(encoded, "="));
    g_free(encoded);
    return result;
}

char *
acme_base64url_decode(wmem_allocator_t *pool, const char *text, size_t *length)
{
    size_t n = text ? strlen(text) : 0;
    char *padded;

    if (!text || n % 4 == 1 || !acme_is_base64url(text, n))
        return NULL;
    padded = (char *)wmem_alloc0(pool, n + 4);
    for (size_t i = 0; i < n; i++)
        padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    while (n % 4)
        padded[n++] = '=';
    *length = 0;
    if (n > 0)
        g_base64_decode_inplace(padded, length);
    padded[*length] = '\0';
    return padded;
}

char *
acme_sha256_base64url(wmem_allocator_t *pool, const char *text)
{
    uint8_t digest[HASH_SHA2_256_LENGTH];

    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, text, strlen(text));
    return acme_base64url(pool, digest, sizeof digest);
}
