/* openpgp-release.h
 * Debian's Release files, each with a signature in a file of its own
 *
 * Source: Debian's repository format (Release, and Release.gpg beside it, which is a detached signature of it).
 *
 * A Release that was fetched is kept in file scope for the signatures that come after it, up to OPENPGP_RELEASE_MAX octets,
 * OPENPGP_RELEASES_KEPT for a capture; larger ones count as not captured. To be called on the first pass.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_RELEASE_H
#define GAPFILL_OPENPGP_RELEASE_H

#include "openpgp-signed.h"

#define OPENPGP_RELEASE_MAX     (4 * 1024 * 1024)
#define OPENPGP_RELEASES_KEPT   (16 * 1024 * 1024)

/* When a file is opened. */
void openpgp_release_reset(void);

/* Whether the target of a request is one of the two; *is_signature: it is Release.gpg. */
bool openpgp_release_is_asked(const char *target, bool *is_signature);

/* Where that is: host, which may be NULL, and folder. In file scope. */
const char *openpgp_release_place(const char *host, const char *target);

/* The newest one of a place counts. */
void openpgp_release_add(const char *place, const uint8_t *octets, unsigned length);

/* What a signature of that place is over; it lives as long as the file is open. NULL: that has not been fetched. */
const openpgp_subject_t *openpgp_release_find(const char *place);

#endif /* GAPFILL_OPENPGP_RELEASE_H */
