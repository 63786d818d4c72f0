/* hkp-compare.h
 * Whether a key is the one that was asked for
 *
 * Sources: RFC 9580 sections 5.5.4 (fingerprints and key IDs) and 5.11 (user IDs, RFC 5322 addresses by convention);
 * draft-koch-openpgp-webkey-service section 3.1 (addresses are compared without regard to case).
 * Ownership: nothing is kept; results are answers or belong to the pool. Errors: what cannot be compared is no mismatch.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_COMPARE_H
#define GAPFILL_HKP_COMPARE_H

#include <stdbool.h>

#include <wsutil/wmem/wmem.h>

/* Two key IDs or fingerprints, hex in any case without 0x: whether they can be of the same key. */
bool hkp_ids_agree(const char *one, const char *other);

/* An e-mail address and nothing else: one @ with something before it and a name behind it. */
bool hkp_is_address(const char *text);

/*
 * Whether an address of the user ID (in angle brackets, else any word of it) is this one, or may be: domains beyond ASCII. Of the
 * mailbox there may be the hash of hkp_wkd_hash() before the @.
 */
bool hkp_userid_is_of(const char *userid, const char *mailbox);

/* Whether the text is somewhere in the user ID, as a search for words would find it. */
bool hkp_userid_contains(const char *userid, const char *text);

/*
 * Z-Base-32 of the SHA-1 of a local part in lower case (ASCII): the name of its file in a Web Key Directory. Source:
 * draft-koch-openpgp-webkey-service section 3.1, RFC 6189 section 5.1.6.
 */
const char *hkp_wkd_hash(wmem_allocator_t *pool, const char *local_part);

#endif /* GAPFILL_HKP_COMPARE_H */
