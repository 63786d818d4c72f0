/* ftp-digest.c
 * Digests of files; see ftp-digest.h
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

#include <glib.h>
#include <wsutil/wsgcrypt.h>

#include "ftp-digest.h"
#include "ftp-number.h"
#include "tcp-stream.h"

#define HELD_SEGMENTS   64
#define HELD_BYTES      65536
#define HOLE_MAX        (1 << 24)

struct ftp_digest {
    ftp_digest_t **owner;
    gcry_md_hd_t   sums;
    unsigned       algorithms;
    bool           is_broken;       /* something is missing */
    bool           is_read;
    uint64_t       length;
    tcp_stream_t   stream;
};

static const struct {
    const char *name;
    int         gcrypt;
    unsigned    length;
} algorithms[FTP_ALGORITHMS] = {
    [FTP_CRC32]  = { "CRC32",   GCRY_MD_CRC32,  4 },
    [FTP_MD5]    = { "MD5",     GCRY_MD_MD5,    16 },
    [FTP_SHA1]   = { "SHA-1",   GCRY_MD_SHA1,   20 },
    [FTP_SHA256] = { "SHA-256", GCRY_MD_SHA256, 32 },
    [FTP_SHA512] = { "SHA-512", GCRY_MD_SHA512, 64 },
};

static const struct {
    const char     *word;
    ftp_algorithm_t algorithm;
} commands[] = {
    { "XCRC", FTP_CRC32 }, { "XMD5", FTP_MD5 }, { "MD5", FTP_MD5 }, { "XSHA", FTP_SHA1 }, { "XSHA1", FTP_SHA1 },
    { "XSHA256", FTP_SHA256 }, { "XSHA512", FTP_SHA512 },
};

static ftp_digest_t *kept[FTP_DIGESTS_KEPT];
static unsigned next_kept;

/* Words */

typedef struct word {
    const char *text;
    size_t      length;
} word_t;

/* The next word, empty if there is none. */
static word_t
take_word(const char **at, const char *end)
{
    static const char between[] = " \t\"=;,*";
    word_t word;

    while (*at < end && strchr(between, **at))
        (*at)++;
    word.text = *at;
    while (*at < end && **at != '\0' && !strchr(between, **at))
        (*at)++;
    word.length = (size_t)(*at - word.text);
    return word;
}

static bool
is_word(word_t word, const char *text)
{
    return word.length == strlen(text) && g_ascii_strncasecmp(word.text, text, word.length) == 0;
}

/* FTP_ALGORITHMS if it is none. */
static ftp_algorithm_t
algorithm_of_command(word_t word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (is_word(word, commands[i].word))
            return commands[i].algorithm;
    }
    return FTP_ALGORITHMS;
}

static ftp_algorithm_t
algorithm_of_name(word_t word)
{
    ftp_algorithm_t algorithm = FTP_CRC32;

    while (algorithm < FTP_ALGORITHMS && !is_word(word, algorithms[algorithm].name))
        algorithm++;
    return algorithm;
}

unsigned
ftp_digests_offered(const char *line, size_t length)
{
    const char *at = line;
    const char *end = line + length;
    word_t word = take_word(&at, end);
    unsigned offered = 0;

    if (!is_word(word, "HASH"))
        return algorithm_of_command(word) < FTP_ALGORITHMS ? 1u << algorithm_of_command(word) : 0;
    while ((word = take_word(&at, end)).length > 0) {
        if (algorithm_of_name(word) < FTP_ALGORITHMS)
            offered |= 1u << algorithm_of_name(word);
    }
    return offered ? offered : (1u << FTP_ALGORITHMS) - 1;
}

static bool
read_value(word_t word, ftp_told_t *told)
{
    size_t digits = algorithms[told->algorithm].length * 2;
    size_t missing = digits - word.length;

    /* Servers leave leading zeros of a CRC away. */
    if (word.length == 0 || word.length > digits || (missing > 0 && told->algorithm != FTP_CRC32))
        return false;
    memset(told->value, 0, sizeof told->value);
    for (size_t i = 0; i < word.length; i++) {
        int digit = g_ascii_xdigit_value(word.text[i]);

        if (digit < 0)
            return false;
        told->value[(missing + i) / 2] = (uint8_t)(told->value[(missing + i) / 2] << 4 | digit);
    }
    told->length = (unsigned)digits / 2;
    return true;
}

static bool
read_range(word_t word, ftp_told_t *told)
{
    const char *end = word.text + word.length;
    const char *at = ftp_read_number(word.text, end, &told->begin);

    told->has_range = at && at < end && *at == '-' && ftp_read_number(at + 1, end, &told->end) == end;
    return told->has_range;
}

bool
ftp_digest_parse(const char *word, const char *text, size_t length, ftp_told_t *told)
{
    const char *at = text;
    const char *end = text + length;
    word_t command = { word, strlen(word) };
    word_t next = take_word(&at, end);

    told->has_range = false;
    told->algorithm = is_word(command, "HASH") ? algorithm_of_name(next) : algorithm_of_command(command);
    if (told->algorithm == FTP_ALGORITHMS)
        return false;
    told->name = algorithms[told->algorithm].name;
    if (is_word(command, "HASH")) {
        next = take_word(&at, end);
        if (read_range(next, told))
            next = take_word(&at, end);
    }
    /* Some say the file's name first, or the command's. */
    while (next.length > 0 && !read_value(next, told) && told->algorithm != FTP_CRC32)
        next = take_word(&at, end);
    return next.length > 0 && read_value(next, told);
}

/* Sums */

static void
free_digest(ftp_digest_t *digest)
{
    if (digest)
        gcry_md_close(digest->sums);
    g_free(digest);
}

void
ftp_digest_reset(void)
{
    for (unsigned i = 0; i < FTP_DIGESTS_KEPT; i++) {
        free_digest(kept[i]);
        kept[i] = NULL;
    }
    next_kept = 0;
}

static size_t
read_bytes(void *user, const uint8_t *data, size_t length, uint32_t frame G_GNUC_UNUSED)
{
    ftp_digest_bytes((ftp_digest_t *)user, data, length);
    return length;
}

static void
note_hole(void *user, tcp_stream_hole_t why G_GNUC_UNUSED, uint32_t missing G_GNUC_UNUSED, const uint8_t *unread G_GNUC_UNUSED,
        size_t length G_GNUC_UNUSED, uint32_t frame G_GNUC_UNUSED)
{
    ((ftp_digest_t *)user)->is_broken = true;
}

static const tcp_stream_reader_t reader = {
    .read = read_bytes,
    .hole = note_hole,
    .max_waiting = HELD_SEGMENTS,
    .max_waiting_bytes = HELD_BYTES,
    .furthest = HOLE_MAX,
};

/* What waits in the stream of one that gives way is counted there until it is read. */
static void
keep(ftp_digest_t *digest)
{
    ftp_digest_t **place = &kept[next_kept++ % FTP_DIGESTS_KEPT];

    if (*place) {
        *(*place)->owner = NULL;
        tcp_stream_finish(&(*place)->stream, &reader, 0, *place);
    }
    free_digest(*place);
    *place = digest;
}

ftp_digest_t *
ftp_digest_new(unsigned wanted, ftp_digest_t **owner, const uint32_t *seq)
{
    ftp_digest_t *digest = g_new0(ftp_digest_t, 1);

    if (gcry_md_open(&digest->sums, 0, 0) != 0) {
        g_free(digest);
        return NULL;
    }
    for (unsigned i = 0; i < FTP_ALGORITHMS; i++) {
        if ((wanted & 1u << i) && gcry_md_enable(digest->sums, algorithms[i].gcrypt) == 0)
            digest->algorithms |= 1u << i;
    }
    digest->owner = owner;
    if (seq)
        tcp_stream_begin(&digest->stream, *seq);
    keep(digest);
    return digest;
}

void
ftp_digest_bytes(ftp_digest_t *digest, const uint8_t *bytes, size_t length)
{
    if (digest->is_read)
        digest->is_broken = true;
    if (digest->is_broken)
        return;
    gcry_md_write(digest->sums, bytes, length);
    digest->length += length;
}

void
ftp_digest_segment(ftp_digest_t *digest, uint32_t seq, const uint8_t *bytes, uint32_t captured, uint32_t length,
        uint32_t frame)
{
    if (!digest->is_broken)
        tcp_stream_segment(&digest->stream, &reader, seq, bytes, captured, length, frame, digest);
}

const uint8_t *
ftp_digest_value(ftp_digest_t *digest, ftp_algorithm_t algorithm, uint64_t bytes)
{
    if (digest->is_broken || digest->length != bytes || !(digest->algorithms & 1u << algorithm))
        return NULL;
    digest->is_read = true;
    return gcry_md_read(digest->sums, algorithms[algorithm].gcrypt);
}
