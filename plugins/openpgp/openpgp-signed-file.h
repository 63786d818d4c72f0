/* openpgp-signed-file.h
 * Files with a signature in a file of its own beside them: FILE.sig, FILE.asc, FILE.sign, FILE.gpg
 *
 * Source: RFC 9580 section 10.4 (detached signatures); Debian's repository format (Release.gpg). That the two stand beside
 * each other is a custom.
 *
 * A file that was fetched is kept in file scope for the signatures that come after it, up to OPENPGP_FILE_MAX octets,
 * OPENPGP_FILES_KEPT for a capture; larger ones count as not captured. Only such files are kept as are usually signed, by their
 * names. A signature that comes first waits for its file, up to OPENPGP_EXPECTED octets, OPENPGP_EXPECTED_KEPT for a capture.
 * To be called on the first pass.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_SIGNED_FILE_H
#define GAPFILL_OPENPGP_SIGNED_FILE_H

#include <epan/packet.h>

#include "openpgp-signed.h"

#define OPENPGP_FILE_MAX    (4 * 1024 * 1024)
#define OPENPGP_FILES_KEPT  (16 * 1024 * 1024)
#define OPENPGP_EXPECTED        (64 * 1024)
#define OPENPGP_EXPECTED_KEPT   (4 * 1024 * 1024)

/* When a capture is opened. */
void openpgp_signed_file_reset(void);

/* What the target of a request is. */
typedef enum openpgp_asked {
    OPENPGP_ASKED_OTHER,
    OPENPGP_ASKED_FILE,             /* that is usually signed */
    OPENPGP_ASKED_COMPRESSED,       /* the same; compressed as it stands, so that what a content coding makes may be another file */
    OPENPGP_ASKED_SIGNATURE
} openpgp_asked_t;

openpgp_asked_t openpgp_signed_file_asked(const char *target, size_t length);

/* Where the file is, for its signature too: host, which may be NULL, and path. In file scope, as the query, which may be empty. */
const char *openpgp_signed_file_place(const char *host, const char *target, openpgp_asked_t asked);
const char *openpgp_signed_file_query(const char *target);

/*
 * The newest one of a place counts; there is none any more if length is 0. doubt: why it may not be what was signed. Signatures
 * that waited for it are verified. query: in file scope, as below.
 */
void openpgp_signed_file_add(packet_info *pinfo, const char *place, const char *query, openpgp_data_t file, openpgp_doubt_t doubt);

/*
 * What a signature of that place is over; it lives as long as the capture is open. With another query, or if the last signature
 * came before its file, it may be over another one, and does not prove that it is bad. NULL: that has not been fetched.
 */
const openpgp_subject_t *openpgp_signed_file_find(const char *place, const char *query);

/* A signature of that place has come before its file: *subject will be what it is over. The data are copied. */
void openpgp_signed_file_expect(const char *place, const char *query, openpgp_data_t signature, const openpgp_subject_t **subject);
bool openpgp_signed_file_is_expected(const char *place);

#endif /* GAPFILL_OPENPGP_SIGNED_FILE_H */
