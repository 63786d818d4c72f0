/* ftp-digest.h
 * Digests of files that the server tells, and those of the bytes that were captured
 *
 * draft-bryan-ftpext-hash (HASH), XCRC, XMD5, XSHA, XSHA1, XSHA256, XSHA512 and MD5 as servers have them; libgcrypt.
 *
 * A session whose server offers such a command (FEAT), or whose client has used one, has its data connections summed up on
 * the first pass. Of a capture, the latest FTP_DIGESTS_KEPT sums are kept; an older one is taken from its owner.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_DIGEST_H
#define GAPFILL_FTP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FTP_DIGESTS_KEPT 256

typedef enum { FTP_CRC32, FTP_MD5, FTP_SHA1, FTP_SHA256, FTP_SHA512, FTP_ALGORITHMS } ftp_algorithm_t;

typedef struct ftp_digest ftp_digest_t;

/* What a reply says. */
typedef struct ftp_told {
    ftp_algorithm_t algorithm;
    const char     *name;           /* of the algorithm */
    bool            has_range;
    uint64_t        begin;
    uint64_t        end;
    uint8_t         value[64];
    unsigned        length;         /* of value */
} ftp_told_t;

/* A file is opened: forgets all, without a look at their owners. */
void ftp_digest_reset(void);

/* Algorithms, as bits, that a line of FEAT's answer offers, or that a command is about; 0 if it is about none. */
unsigned ftp_digests_offered(const char *line, size_t length);

/* The answer to the command that was given as this word; false if it is not understood. */
bool ftp_digest_parse(const char *word, const char *text, size_t length, ftp_told_t *told);

/* A sum of what follows; *owner is where its owner keeps it. seq is the number of the first byte, NULL if numbers do not matter. */
ftp_digest_t *ftp_digest_new(unsigned algorithms, ftp_digest_t **owner, const uint32_t *seq);

void ftp_digest_segment(ftp_digest_t *digest, uint32_t seq, const uint8_t *bytes, uint32_t captured, uint32_t length,
        uint32_t frame);
void ftp_digest_bytes(ftp_digest_t *digest, const uint8_t *bytes, size_t length);

/* The value, if so many bytes were summed up and none is missing; else NULL. Nothing is added after that. */
const uint8_t *ftp_digest_value(ftp_digest_t *digest, ftp_algorithm_t algorithm, uint64_t bytes);

#endif /* GAPFILL_FTP_DIGEST_H */
