/* openpgp-mail-parts.h
 * OpenPGP in a mail: typed parts, parts by their contents, signed and encrypted mail, Autocrypt
 *
 * Sources: RFC 3156 (PGP/MIME), RFC 2183 section 2.3 (file names), RFC 3676 (format=flowed), Autocrypt Level 1 section 2.1 (the
 * header field). What is looked for in parts of other types is openpgp-content.h's.
 *
 * Lengths are in octets. Results belong to the pool, or are a part of the message. Nothing throws and nothing is kept. Of a part
 * that is said to be OpenPGP all is taken, of other parts OPENPGP_SEARCH_MAX octets are searched.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MAIL_PARTS_H
#define GAPFILL_OPENPGP_MAIL_PARTS_H

#include "openpgp-mail-reader.h"
#include "openpgp-packet.h"
#include "openpgp-signed.h"

typedef struct openpgp_mail_part {
    const char    *type;        /* media type; NULL: of the header field Autocrypt, or of no known type */
    const char    *filename;    /* may be shown; or NULL */
    const char    *address;     /* that an Autocrypt key is for, may be shown; or NULL */
    bool           wrong_address;   /* which is not the mail's sender */
    bool           prefers_encryption;
    bool           of_signature;    /* document is what it signs */
    bool           cut;         /* of the mail something was not captured, perhaps here */
    bool           flowed;      /* its text may have been broken into lines after it was signed (RFC 3676) */
    bool           delsp;       /* and the blanks before the line ends do not belong to it */
    openpgp_data_t data;
    mime_octets_t  document;    /* NULL: not all of it was captured */
} openpgp_mail_part_t;

/* Array of openpgp_mail_part_t, empty if there is none. */
wmem_array_t *openpgp_mail_parts(wmem_allocator_t *pool, mime_octets_t message, mail_content_t content, bool cut);

/*
 * What its signatures are over, in scope; NULL: that is in the data. The document is hashed by whoever asks first, and has to be
 * there until then.
 */
openpgp_subject_t *openpgp_mail_subject(wmem_allocator_t *scope, const openpgp_mail_part_t *part);

#endif /* GAPFILL_OPENPGP_MAIL_PARTS_H */
