/* ftp-words.h
 * Commands and replies of FTP: one line of text in, what it says out
 *
 * RFC 959 (FTP), RFC 1123 section 4.1, RFC 2228 and 4217 (AUTH, PROT, CCC), RFC 2389 (FEAT), RFC 3659 (SIZE, MLSD)
 *
 * Nothing in here knows of packets. What functions point at is part of the line that they were given; nothing is kept.
 * Lengths are in bytes; a line is without its end.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_WORDS_H
#define GAPFILL_FTP_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    FTP_UNKNOWN,
    FTP_ABOR, FTP_ACCT, FTP_ALLO, FTP_APPE, FTP_AUTH, FTP_CCC, FTP_CDUP, FTP_CWD, FTP_EPRT, FTP_EPSV,
    FTP_HASH, FTP_HELP, FTP_LIST, FTP_LPRT, FTP_LPSV, FTP_MLSD, FTP_MLST, FTP_MODE, FTP_NLST, FTP_NOOP, FTP_PASS, FTP_PASV,
    FTP_PORT, FTP_PROT, FTP_PWD, FTP_QUIT, FTP_RANG, FTP_REIN, FTP_REST, FTP_RETR, FTP_SIZE, FTP_STAT, FTP_STOR,
    FTP_SITE, FTP_SPAS, FTP_SPOR, FTP_STOU, FTP_STRU, FTP_SYST, FTP_TYPE, FTP_USER,
    FTP_DELE, FTP_MKD, FTP_RMD, FTP_RNFR, FTP_RNTO,
    FTP_OTHER       /* a command of FTP that needs no treatment */
} ftp_verb_t;

ftp_verb_t ftp_verb(const char *word, size_t length);

const char *ftp_verb_name(ftp_verb_t verb);

/* Whether the command moves data over a data connection. */
bool ftp_verb_is_transfer(ftp_verb_t verb);

/* Whether it names a file or directory without moving data. */
bool ftp_verb_is_about_file(ftp_verb_t verb);

/* Where the data is moved to, for ftp_session.direction. */
typedef enum { FTP_DIRECTION_UNKNOWN, FTP_TO_CLIENT, FTP_TO_SERVER } ftp_direction_t;

ftp_direction_t ftp_verb_direction(ftp_verb_t verb);

/* Whether the bytes look like the beginning of a command or of a reply. */
bool ftp_starts_line(const uint8_t *data, size_t length, bool from_client);

typedef struct ftp_command {
    ftp_verb_t  verb;
    const char *word;           /* points into the line; not terminated; likewise: */
    size_t      word_length;
    const char *argument;
    size_t      argument_length;
} ftp_command_t;

/* False if the line cannot be a command of any kind. */
bool ftp_parse_command(const char *line, size_t length, ftp_command_t *command);

typedef struct ftp_reply {
    unsigned    code;           /* 100 to 699; 0 if the line has none */
    bool        more;           /* a hyphen follows the code: lines follow */
    const char *text;
    size_t      text_length;
} ftp_reply_t;

/* Whether no other protocol whose server greets with 220 has such a command. */
bool ftp_is_telling(const ftp_command_t *command);

void ftp_parse_reply(const char *line, size_t length, ftp_reply_t *reply);

/* "... (1234 bytes)" of a 150 reply, the last one; not what is part of a name in double quotes. */
bool ftp_parse_reply_size(const char *text, size_t length, uint64_t *size);

/* How long a transfer took, as Pure-FTPd says it at its end. */
bool ftp_reply_tells_duration(const ftp_reply_t *reply);

/* The size among the facts of a file, in a line of a reply (RFC 3659, section 7.2). */
bool ftp_parse_size_fact(const char *line, size_t length, uint64_t *size);

#endif /* GAPFILL_FTP_WORDS_H */
