/* ftp-control.h
 * Reading the control connection of FTP: lines out of a TCP stream, commands, replies, announced
 * addresses and paths
 *
 * RFC 959 (FTP), RFC 1123 section 4.1, RFC 1639 (LPRT, LPSV), RFC 2228 and 4217 (AUTH, PROT, CCC),
 * RFC 2389 (FEAT), RFC 2428 (EPRT, EPSV), RFC 2640 (UTF-8), RFC 3659 (SIZE, MLSD)
 *
 * Nothing in here knows of packets: bytes go in, facts come out. Strings that functions return belong
 * to the allocator that was passed; a line passed to a callback is valid during the callback only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_CONTROL_H
#define GAPFILL_FTP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <epan/wmem_scopes.h>

/* Bounds of what one direction of a control connection keeps. */
#define FTP_LINE_MAX      4096   /* bytes of a line; the rest of a longer one is dropped */
#define FTP_HELD_SEGMENTS 64     /* segments that came before their turn */
#define FTP_HELD_BYTES    65536
#define FTP_PATH_MAX      4096   /* bytes of a resolved path */

typedef enum {
    FTP_UNKNOWN,
    FTP_ABOR, FTP_ACCT, FTP_ALLO, FTP_APPE, FTP_AUTH, FTP_CCC, FTP_CDUP, FTP_CWD, FTP_EPRT, FTP_EPSV,
    FTP_HELP, FTP_LIST, FTP_LPRT, FTP_LPSV, FTP_MLSD, FTP_MLST, FTP_MODE, FTP_NLST, FTP_NOOP, FTP_PASS, FTP_PASV,
    FTP_PORT, FTP_PROT, FTP_PWD, FTP_QUIT, FTP_REIN, FTP_REST, FTP_RETR, FTP_SIZE, FTP_STAT, FTP_STOR,
    FTP_STOU, FTP_STRU, FTP_TYPE, FTP_USER,
    FTP_DELE,       /* or anything else that changes files */
    FTP_OTHER       /* a command of FTP that needs no treatment */
} ftp_verb_t;

ftp_verb_t ftp_verb(const char *word, size_t length);

const char *ftp_verb_name(ftp_verb_t verb);

/* Whether the command moves data over a data connection. */
bool ftp_verb_is_transfer(ftp_verb_t verb);

/*
 * One direction of a control connection, put in order by sequence number. Segments that come too
 * early wait; missing ones are given up when the other side has acknowledged them or too much waits,
 * and reading goes on with the next line.
 */
typedef void (*ftp_line_cb)(void *user, const char *line, size_t length);

/* Bytes are missing: there may have been lines in them. */
typedef void (*ftp_lost_cb)(void *user, bool from_client);

typedef struct ftp_held {
    struct ftp_held *next;
    uint32_t         seq;
    uint32_t         length;    /* as sent */
    uint32_t         captured;
    uint8_t          data[];
} ftp_held_t;

typedef struct ftp_reader {
    ftp_line_cb  line_cb;
    ftp_lost_cb  lost_cb;
    uint32_t     next;          /* sequence number of the byte that comes next, if started */
    uint32_t     acked;         /* what the other side has acknowledged, if has_acked */
    uint32_t     hole;          /* a hole that was given up, hole_length bytes long */
    uint32_t     hole_length;
    bool         started;
    bool         has_acked;
    bool         from_client;
    bool         resync;        /* what comes next may begin amid a line */
    bool         dropping;      /* the rest of the line is not wanted */
    uint16_t     held_count;
    uint32_t     held_bytes;
    uint32_t     line_length;
    uint32_t     line_size;
    char        *line;          /* begin of a line whose end is yet to come */
    ftp_held_t  *held;          /* by sequence number */
} ftp_reader_t;

void ftp_reader_init(ftp_reader_t *reader, bool from_client, ftp_line_cb line_cb, ftp_lost_cb lost_cb);

/* Says where the stream begins, from a SYN. */
void ftp_reader_start(ftp_reader_t *reader, uint32_t seq);

/* A segment of length bytes, of which captured are there. */
void ftp_reader_segment(ftp_reader_t *reader, uint32_t seq, const uint8_t *data, uint32_t captured,
        uint32_t length, void *user);

/* The other side has acknowledged everything before seq. */
void ftp_reader_acked(ftp_reader_t *reader, uint32_t seq, void *user);

/* Bytes that are in order anyway, such as decrypted ones. */
void ftp_reader_bytes(ftp_reader_t *reader, const uint8_t *data, size_t length, void *user);

/* Nothing more will come: what there is of a line is one. */
void ftp_reader_finish(ftp_reader_t *reader, void *user);

/* Whether the bytes look like the beginning of a command or of a reply. */
bool ftp_starts_line(const uint8_t *data, size_t length, bool from_client);

typedef struct ftp_command {
    ftp_verb_t  verb;
    const char *argument;       /* points into the line; not terminated */
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

/* An address and port that were announced; family is 0 where only a port was, else 4 or 6. */
typedef struct ftp_endpoint {
    uint8_t  family;
    uint8_t  address[16];
    uint16_t port;
} ftp_endpoint_t;

bool ftp_parse_port(const char *text, size_t length, ftp_endpoint_t *endpoint);        /* PORT, 227 */
bool ftp_parse_long_port(const char *text, size_t length, ftp_endpoint_t *endpoint);   /* LPRT, 228 */
bool ftp_parse_eprt(const char *text, size_t length, ftp_endpoint_t *endpoint);        /* EPRT */
bool ftp_parse_epsv(const char *text, size_t length, ftp_endpoint_t *endpoint);        /* 229 */

/* The number that the text begins with. */
bool ftp_parse_number(const char *text, size_t length, uint64_t *number);

/* "... (1234 bytes)" of a 150 reply. */
bool ftp_parse_reply_size(const char *text, size_t length, uint64_t *size);

/* The path in double quotes of a 257 reply, or NULL. */
char *ftp_parse_quoted_path(wmem_allocator_t *allocator, const char *text, size_t length);

/* The name in "FILE: name" of RFC 1123 section 4.1.2.9, or NULL. */
char *ftp_parse_unique_name(wmem_allocator_t *allocator, const char *text, size_t length);

/* A copy in valid UTF-8. */
char *ftp_text(wmem_allocator_t *allocator, const char *text, size_t length);

/* path as seen from the directory cwd, which may be NULL if unknown; without ".", ".." and "//". */
char *ftp_resolve_path(wmem_allocator_t *allocator, const char *cwd, const char *path);

#endif /* GAPFILL_FTP_CONTROL_H */
