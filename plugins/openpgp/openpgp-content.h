/* openpgp-content.h
 * Finding OpenPGP in the contents of another protocol, by the contents themselves
 *
 * Sources: RFC 9580 sections 4 (packets), 5.2 (signatures), 5.5 (keys) and 6 (armor); RFC 8259 section 7 (JSON strings); the form
 * encoding of the URL standard (application/x-www-form-urlencoded); for lists of keys what SKS answers to a hashquery.
 *
 * Text is searched once, for a line of armor, and no further than OPENPGP_SEARCH_MAX. Binary contents have to begin with a key or
 * signature that is whole and makes sense. All offsets and lengths are in octets. Nothing throws and nothing is kept; results
 * belong to the pool, or are a part of the contents.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_CONTENT_H
#define GAPFILL_OPENPGP_CONTENT_H

#include "openpgp-parse.h"

/* How far into a text its first armor is looked for. */
#define OPENPGP_SEARCH_MAX (1024 * 1024)

typedef enum {
    OPENPGP_CONTENT_NONE,       /* nothing is looked for */
    OPENPGP_CONTENT_KNOWN,      /* said to be OpenPGP: whatever openpgp_parse() makes of it */
    OPENPGP_CONTENT_TEXT,       /* such as HTML */
    OPENPGP_CONTENT_JSON,       /* in strings */
    OPENPGP_CONTENT_FORM,       /* in values */
    OPENPGP_CONTENT_OCTETS,     /* binary, or plain text */
    OPENPGP_CONTENT_ANY         /* any of the last four */
} openpgp_content_t;

/* What was found. */
typedef struct openpgp_found {
    openpgp_data_t           data;      /* the contents, or what they were freed from */
    const char              *name;      /* of the latter, for a data source; NULL: data are the contents themselves */
    const openpgp_summary_t *summary;
} openpgp_found_t;

/* False: there is no OpenPGP. */
bool openpgp_find(wmem_allocator_t *pool, openpgp_data_t contents, openpgp_content_t kind, openpgp_found_t *found);

#endif /* GAPFILL_OPENPGP_CONTENT_H */
