/* hkp-compare.c
 * Whether a key is the one that was asked for; see hkp-compare.h
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

#include <wsutil/wsgcrypt.h>

#include "hkp-compare.h"
#include "compat.h"

#define SHORT_KEYID_DIGITS  8
#define KEYID_DIGITS        16
#define V3_DIGITS           32
#define V6_DIGITS           64

#define SHA1_LENGTH         20
#define WKD_HASH_LENGTH     32

/* The key ID of a fingerprint: its end, of v6 its beginning. Of v3 it is no part of it. */
static const char *
keyid_of(const char *id, size_t digits)
{
    return digits == V6_DIGITS ? id : id + digits - KEYID_DIGITS;
}

static bool
long_agrees(const char *longer, size_t digits, const char *id, size_t id_digits)
{
    const char *keyid;

    if (digits == V3_DIGITS || id_digits == V3_DIGITS)
        return true;        /* cannot be told */
    if (id_digits > KEYID_DIGITS)
        return false;       /* fingerprints of two versions */
    keyid = digits > KEYID_DIGITS ? keyid_of(longer, digits) : longer;
    return !g_ascii_strncasecmp(keyid + KEYID_DIGITS - id_digits, id, id_digits);
}

bool
hkp_ids_agree(const char *one, const char *other)
{
    size_t digits = strlen(one), other_digits = strlen(other);

    if (digits < SHORT_KEYID_DIGITS || other_digits < SHORT_KEYID_DIGITS)
        return true;
    if (digits == other_digits)
        return !g_ascii_strcasecmp(one, other);
    return digits > other_digits ? long_agrees(one, digits, other, other_digits) : long_agrees(other, other_digits, one, digits);
}

bool
hkp_is_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at && at > text && at[1] != '\0' && !strchr(at + 1, '@') && !strpbrk(text, " \t<>\"(),:;\\");
}

static bool
is_ascii(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] & 0x80)
            return false;
    }
    return true;
}

/* Domains that are not in ASCII can be written in two ways (RFC 5890), and nobody here compares those. */
static bool
may_be_same_address(const char *one, size_t length, const char *other)
{
    const char *at = (const char *)memchr(one, '@', length);
    const char *other_at = strchr(other, '@');

    if (!at || !other_at || at - one != other_at - other || g_ascii_strncasecmp(one, other, (size_t)(at - one)))
        return false;
    return !is_ascii(at, length - (size_t)(at - one)) || !is_ascii(other_at, strlen(other_at));
}

/* hash has room for WKD_HASH_LENGTH characters and a NUL. */
static void
hash_local_part(const char *local_part, size_t length, char *hash)
{
    static const char digits[] = "ybndrfg8ejkmcpqxot1uwisza345h769";
    char *lower = g_ascii_strdown(local_part, (gssize)length);
    uint8_t digest[SHA1_LENGTH];
    unsigned n = 0;

    gcry_md_hash_buffer(GCRY_MD_SHA1, digest, lower, length);
    g_free(lower);
    for (unsigned bit = 0; bit < SHA1_LENGTH * 8; bit += 5) {
        unsigned byte = bit / 8, two = digest[byte] << 8 | (byte + 1 < SHA1_LENGTH ? digest[byte + 1] : 0);

        hash[n++] = digits[two >> (11 - bit % 8) & 31];
    }
    hash[n] = '\0';
}

/* A web server makes HASH@domain of a request to a Web Key Directory, for a key server that knows these hashes. */
static bool
is_hash_of_address(const char *one, size_t length, const char *other)
{
    const char *at = (const char *)memchr(one, '@', length);
    char hash[WKD_HASH_LENGTH + 1];

    if (!at || strcspn(other, "@") != WKD_HASH_LENGTH || strlen(other) - WKD_HASH_LENGTH != length - (size_t)(at - one)
            || g_ascii_strncasecmp(at, other + WKD_HASH_LENGTH, length - (size_t)(at - one)))
        return false;
    hash_local_part(one, (size_t)(at - one), hash);
    return !g_ascii_strncasecmp(hash, other, WKD_HASH_LENGTH);
}

static bool
is_same_address(const char *one, size_t length, const char *other)
{
    return (length == strlen(other) && !g_ascii_strncasecmp(one, other, length)) || may_be_same_address(one, length, other)
        || is_hash_of_address(one, length, other);
}

/* One of what stands in angle brackets; *brackets: there is such. */
static bool
has_in_brackets(const char *userid, const char *mailbox, bool *brackets)
{
    const char *from = userid;

    *brackets = false;
    for (const char *close = strchr(from, '>'); close; close = strchr(from, '>')) {
        const char *address = close;

        while (address > from && address[-1] != '<')
            address--;
        if (address > from) {
            *brackets = true;
            if (is_same_address(address, (size_t)(close - address), mailbox))
                return true;
        }
        from = close + 1;
    }
    return false;
}

/* A word of it. */
static bool
has_word(const char *userid, const char *mailbox)
{
    static const char between[] = " \t<>(),;:\"";

    while (*userid) {
        size_t length = strcspn(userid, between);

        if (length > 0 && is_same_address(userid, length, mailbox))
            return true;
        userid += length;
        userid += strspn(userid, between);
    }
    return false;
}

bool
hkp_userid_is_of(const char *userid, const char *mailbox)
{
    bool brackets;

    return has_in_brackets(userid, mailbox, &brackets) || (!brackets && has_word(userid, mailbox));
}

bool
hkp_userid_contains(const char *userid, const char *text)
{
    size_t length = strlen(text);

    for (const char *at = userid; *at; at++) {
        if (!g_ascii_strncasecmp(at, text, length))
            return true;
    }
    return length == 0;
}

const char *
hkp_wkd_hash(wmem_allocator_t *pool, const char *local_part)
{
    char *hash = (char *)wmem_alloc(pool, WKD_HASH_LENGTH + 1);

    hash_local_part(local_part, strlen(local_part), hash);
    return hash;
}
