/* openpgp-ftp.h
 * OpenPGP in files that FTP transfers
 *
 * Source: RFC 959 section 3.4 (stream mode: a data connection is a file).
 *
 * A file is looked at if its first segment begins with a key or signature, or has a line of armor; it is put together from the
 * bytes of its connection, up to OPENPGP_FTP_FILE octets, OPENPGP_FTP_KEPT for a capture, on the first pass. Where a segment is
 * missing it is left out. It stands with the packet that completes it: behind which, of what was captured, nothing comes. It is
 * read each time it may be whole, OPENPGP_FTP_LOOKS octets for a capture; beyond that it is left out, and stands where it did.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_FTP_H
#define GAPFILL_OPENPGP_FTP_H

#include "openpgp-http.h"

#define OPENPGP_FTP_FILE    (4 * 1024 * 1024)
#define OPENPGP_FTP_KEPT    (32 * 1024 * 1024)
#define OPENPGP_FTP_LOOKS   (256 * 1024 * 1024)

void openpgp_register_ftp(module_t *preferences);
void openpgp_handoff_ftp(const int *proto, openpgp_show_t show, openpgp_review_body_t review);

#endif /* GAPFILL_OPENPGP_FTP_H */
