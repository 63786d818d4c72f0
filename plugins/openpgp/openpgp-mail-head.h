/* openpgp-mail-head.h
 * Heads of mails that IMAP fetches apart from their text
 *
 * Sources: RFC 3501 sections 6.4.5 (BODY[HEADER], BODY[HEADER.FIELDS (...)], BODY[TEXT], RFC822.HEADER, RFC822.TEXT), 7.4.1
 * (EXPUNGE) and 7.4.2 (FETCH), RFC 7162 section 3.2.10 (VANISHED).
 *
 * A head belongs to a text if both have the same section in the message of the same number, and of the same UID where both tell
 * it, and nothing came between them by which numbers mean other messages. Kept are heads of multiparts alone, as the text of
 * others says enough by itself: MAIL_HEADS of a connection, up to MAIL_HEAD_MAX octets each, MAIL_HEADS_KEPT of a capture, in
 * file scope. To be called on the first pass, in the order of the stream. Lengths are in octets.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MAIL_HEAD_H
#define GAPFILL_OPENPGP_MAIL_HEAD_H

#include <stddef.h>

#include "mime.h"

#define MAIL_HEADS      32
#define MAIL_HEAD_MAX   (32 * 1024)
#define MAIL_HEADS_KEPT (8 * 1024 * 1024)
#define MAIL_SECTION    24

/* What a literal is. */
typedef enum mail_half {
    MAIL_WHOLE,         /* neither of them, or of nobody knows which message */
    MAIL_HEAD,
    MAIL_TEXT
} mail_half_t;

/* Of what a server says. Zeroed to begin with. */
typedef struct mail_heads {
    struct mail_head *first;            /* the newest one */
    uint64_t number;                    /* of the message that the answer is about; 0: none */
    uint64_t uid;                       /* likewise; 0: it is not told */
    char     section[MAIL_SECTION];     /* of the last literal: what stands before HEADER or TEXT, such as "2." */
} mail_heads_t;

/* When a file is opened. */
void mail_heads_reset(void);

/* A line that the server says, or the rest of one behind a literal. */
void mail_heads_answer(mail_heads_t *heads, const char *line, size_t length);

/* A line that the client says. */
void mail_heads_asked(mail_heads_t *heads, const char *line, size_t length);

/* What the literal is that comes next; line: the server's, up to its count. */
mail_half_t mail_heads_literal(mail_heads_t *heads, const char *line, size_t length);

/* All of a literal that is a head. */
void mail_heads_keep(mail_heads_t *heads, mime_octets_t head);

/* The head for a literal that is a text, with the empty line; no octets: there is none. */
mime_octets_t mail_heads_find(const mail_heads_t *heads);

/* Numbers may mean other messages from here on. */
void mail_heads_forget(mail_heads_t *heads);

#endif /* GAPFILL_OPENPGP_MAIL_HEAD_H */
