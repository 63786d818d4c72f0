/* ftp-export-name.h
 * What an exported file is called: the path that was used, made safe
 *
 * Names with slashes in between, below the folder that it is saved to: no root, no "..", no drive, nothing that does not
 * print. What text.h writes as \xNN is %xNN here, and a colon an underscore. Paths that differ in nothing else have the same name.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_EXPORT_NAME_H
#define GAPFILL_FTP_EXPORT_NAME_H

#include <epan/packet_info.h>

/* Of a path in UTF-8; to be freed with g_free(). */
char *ftp_export_name(packet_info *pinfo, const char *path);

#endif /* GAPFILL_FTP_EXPORT_NAME_H */
