/* ftp-path.h
 * Names of files and directories in FTP's lines
 *
 * RFC 959 (257), RFC 1123 section 4.1.2.9 (STOU), RFC 2640 (UTF-8)
 *
 * Strings that functions return belong to the allocator that was passed.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_PATH_H
#define GAPFILL_FTP_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include <wsutil/wmem/wmem.h>

#define FTP_PATH_MAX      4096   /* bytes of a resolved path */

/* The path in double quotes of a 257 reply, or NULL. */
char *ftp_parse_quoted_path(wmem_allocator_t *allocator, const char *text, size_t length);

/* The name in "FILE: name" of RFC 1123 section 4.1.2.9, or NULL. */
char *ftp_parse_unique_name(wmem_allocator_t *allocator, const char *text, size_t length);

/* A copy in valid UTF-8. */
char *ftp_text(wmem_allocator_t *allocator, const char *text, size_t length);

/* path as seen from the directory cwd, which may be NULL if unknown; without ".", ".." and "//". */
char *ftp_resolve_path(wmem_allocator_t *allocator, const char *cwd, const char *path);

#endif /* GAPFILL_FTP_PATH_H */
