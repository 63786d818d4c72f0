/* mime.h
 * Mail and bodies like it, taken to pieces: header fields, parts, transfer encodings
 *
 * Sources: RFC 5322 section 2.2 (fields), RFC 2045 sections 5 and 6 (Content-Type, encodings), RFC 2046 section 5 (multipart,
 * message/rfc822), RFC 3156 section 5 (what is signed of a part).
 *
 * Lengths are in octets; a message comes as it was written, without what its carrier adds (dots of SMTP and POP). Line ends are
 * CR LF or LF. Results are parts of the message, or belong to the pool. Errors: what is cut goes to the end of what there is, what
 * makes no sense is text/plain without encoding. Nothing throws and nothing is kept. Bounds: MIME_PARTS parts, MIME_NESTING
 * parts within each other; the message is read once for each of the latter at most.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_MIME_H
#define GAPFILL_MIME_H

#include <stdbool.h>
#include <stdint.h>

#include <wsutil/wmem/wmem.h>

#define MIME_PARTS      500
#define MIME_NESTING    10

typedef struct mime_octets {
    const uint8_t *octets;      /* NULL: none */
    unsigned       length;
} mime_octets_t;

typedef enum mime_encoding {
    MIME_IDENTITY,
    MIME_BASE64,
    MIME_QUOTED_PRINTABLE
} mime_encoding_t;

/* A part, or the message itself, which is the first one. Parts stand in the order in which they begin. */
typedef struct mime_part {
    const char      *type;      /* such as "text/plain", in lower case */
    const char      *content;   /* all of Content-Type, or "" */
    mime_encoding_t  encoding;
    mime_octets_t    head;      /* its fields, with their line ends */
    mime_octets_t    body;      /* as it stands */
    mime_octets_t    whole;     /* both, with the empty line between them; not the line end that is the boundary's */
    int              parent;    /* which part it is in; -1: none */
    unsigned         position;  /* among the parts of that one, from 0 on */
} mime_part_t;

/* Array of mime_part_t. */
wmem_array_t *mime_read(wmem_allocator_t *pool, mime_octets_t message);

/* The value of the next field of that name from *offset of the head on, which moves behind it; in one line. NULL: none. */
const char *mime_field(wmem_allocator_t *pool, mime_octets_t head, const char *name, unsigned *offset);

/* That of a parameter (;name=value), unquoted, also in pieces (RFC 2231 section 3: ;name*0=va;name*1=lue); NULL: none. */
const char *mime_parameter(wmem_allocator_t *pool, const char *value, const char *name);

/* Without the encoding, and no more than most octets of it. */
mime_octets_t mime_decode(wmem_allocator_t *pool, mime_octets_t body, mime_encoding_t encoding, unsigned most);

/* With line ends of CR LF. */
mime_octets_t mime_canonical(wmem_allocator_t *pool, mime_octets_t text);

/* Whether the octets begin with a header field. */
bool mime_is_field(mime_octets_t octets);

#endif /* GAPFILL_MIME_H */
