/* hkp-page.h
 * Pages for people that key servers, and what stands before them, answer with
 *
 * Sources: what SKS 1.1.6, onak 0.6.2, pksd, Hockeypuck 2.x and Hagrid write. Only what a reader sees of a page counts: no tags,
 * comments, scripts or styles. Pages are looked at up to HKP_PAGE_MAX octets.
 * Ownership: results belong to the pool. Errors: a page that says nothing of the kind is HKP_SAYS_NOTHING; nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_PAGE_H
#define GAPFILL_HKP_PAGE_H

#include "hkp-text.h"

#define HKP_PAGE_MAX (256 * 1024)

/* Whether it is markup, and not plain text. */
bool hkp_is_page(hkp_text_t body);

/* What is seen of it, in lower case and with single spaces; of plain text all. */
const char *hkp_page_text(wmem_allocator_t *pool, hkp_text_t body);

typedef enum {
    HKP_SAYS_NOTHING,
    HKP_SAYS_NOT_FOUND,     /* in a server's own words */
    HKP_SAYS_ERROR,         /* likewise: why it does not answer the question */
    HKP_SAYS_NO_PATH        /* a web server's: it has nothing by the path that was asked for */
} hkp_says_t;

/* search: what was searched for, or NULL. Words that are in it are not the server's. */
hkp_says_t hkp_page_says(wmem_allocator_t *pool, hkp_text_t body, const char *search);

/* Links to keys that a page has. */
typedef struct hkp_links {
    unsigned count;
    bool     has_id;        /* one is to the key with this ID, or the page names it as a subkey */
    bool     has_subkeys;   /* some are listed; not looked for where has_id */
    bool     lists_keys;    /* with links, there are lines of public keys, "pub" */
} hkp_links_t;

/* hex: key ID or fingerprint that was asked for, or NULL. */
hkp_links_t hkp_page_links(wmem_allocator_t *pool, hkp_text_t page, const char *hex);

#endif /* GAPFILL_HKP_PAGE_H */
