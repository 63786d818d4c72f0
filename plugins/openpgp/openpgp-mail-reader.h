/* openpgp-mail-reader.h
 * Whole messages in what a side of an SMTP, POP or IMAP connection says
 *
 * Sources: RFC 5321 sections 2.3.8 (lines), 4.1.1.4 (DATA) and 4.5.2 (dots), RFC 3030 section 2 (BDAT), RFC 1939 section 3 (POP),
 * RFC 3501 sections 4.3 (literals), 6.3.11 (APPEND), 6.4.5 and 7.4.2 (FETCH, also of a part of the octets).
 *
 * One side is enough: that a message begins is told by the command before it (SMTP, IMAP) or by its first line (POP). What is
 * neither a command nor a message is left out. Lengths are in octets. A message is kept in file scope until it ends; what would be
 * more than OPENPGP_MAIL_MAX, or more than OPENPGP_MAIL_KEPT with those of other connections, is left out as a whole. To be called
 * on the first pass, in the order of the stream.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MAIL_READER_H
#define GAPFILL_OPENPGP_MAIL_READER_H

#include <stddef.h>

#include "mime.h"
#include "openpgp-mail-head.h"

#define OPENPGP_MAIL_MAX    (16 * 1024 * 1024)
#define OPENPGP_MAIL_KEPT   (64 * 1024 * 1024)

typedef enum mail_protocol {
    MAIL_SMTP,
    MAIL_POP,
    MAIL_IMAP
} mail_protocol_t;

typedef enum mail_content {
    MAIL_NOTHING,               /* nobody wants it */
    MAIL_MESSAGE,               /* fields and body, or fields alone */
    MAIL_BODY,                  /* of a message or a part, as it was encoded */
    MAIL_JOINED                 /* as MESSAGE, its fields having been given before */
} mail_content_t;

/* Whom a message is given to, for the time of the call. cut: something of it was not captured. */
typedef void (*mail_sink_t)(void *user, mime_octets_t message, mail_content_t content, bool cut);

#define MAIL_TAG_MAX    32
#define MAIL_PLACE_MAX  64

/* IMAP: a message or part that comes in several pieces, as BODY[]<0>, BODY[]<4096>. */
typedef struct mail_pieces {
    wmem_array_t  *message;     /* up to here; NULL: none has begun */
    mail_content_t content;
    bool           cut;
    bool           too_large;
    char           place[MAIL_PLACE_MAX];       /* number of the message, and section */
    uint64_t       next;        /* octet with which the next piece begins */
} mail_pieces_t;

/* Zeroed to begin with, and protocol and other set. */
typedef struct mail_reader {
    mail_protocol_t protocol;
    struct mail_reader *other;  /* of the other direction */
    /* COMPRESSED: nothing is read any more (RFC 4978) */
    enum { MAIL_LINES, MAIL_FIRST_LINE, MAIL_DOTTED, MAIL_COUNTED, MAIL_COMPRESSED } state;
    char            compress_tag[MAIL_TAG_MAX];     /* of the other direction's command that asks for compression, or "" */
    mail_content_t  content;
    bool            in_line;    /* DOTTED: what comes next is not the beginning of a line */
    bool            bare;       /* DOTTED: lines end with LF alone, as the first one does; else such an LF is of the text */
    bool            returned;   /* DOTTED: the last octet was CR */
    bool            last;       /* COUNTED: the message ends with these octets */
    bool            cut;
    bool            too_large;
    uint64_t        left;       /* COUNTED */
    wmem_array_t   *message;    /* NULL: none has begun */
    mail_pieces_t   pieces;
    bool            goes_on;    /* COUNTED: it is a piece of them, and not the last one */
    uint64_t        asked_from; /* the piece that the other side has asked for last: its first octet */
    uint64_t        asked_count;        /* 0: for none yet */
    mail_heads_t    heads;      /* IMAP: of what was fetched without its text */
    mail_half_t     half;       /* COUNTED: what it is of a message */
    mail_sink_t     sink;
    void           *user;
} mail_reader_t;

/* When a file is opened. */
void mail_reader_reset(void);

/* The next octets. Returns how many it has taken; the others are to come again with more behind them. */
size_t mail_read(mail_reader_t *reader, const uint8_t *data, size_t length);

/* Nothing comes any more: pieces of a message that wait for the next one, or for the rest of it, are given as they are, cut. */
void mail_ended(mail_reader_t *reader);

/* Whether a message, or pieces of one, have begun and not ended. */
bool mail_is_within(const mail_reader_t *reader);

/* Nothing is captured any more: likewise, and a message that has no end yet. */
void mail_broken_off(mail_reader_t *reader);

/* So many octets, 0 if that is not known, are missing before those that come next. */
void mail_missing(mail_reader_t *reader, uint32_t missing);

#endif /* GAPFILL_OPENPGP_MAIL_READER_H */
