/* ftp-path.h
 * Names of files and directories in FTP's lines
 *
 * RFC 959 (215, 257), RFC 1123 section 4.1.2.9 (STOU), RFC 2640 (UTF-8). Rules of other systems: z/OS Communications Server,
 * OpenVMS and IBM i (OS/400), manuals of their FTP servers.
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

typedef enum {
    FTP_NAMES_POSIX,
    FTP_NAMES_DOS,          /* C:\dir\file, with slashes of either kind */
    FTP_NAMES_ZOS,          /* data sets; a directory is a prefix that ends with a dot, or a library, here with a parenthesis */
    FTP_NAMES_VMS,          /* DISK:[DIR.SUB]FILE.TYPE;1 */
    FTP_NAMES_LIBRARY,      /* OS/400: LIBRARY/FILE.MEMBER */
    FTP_NAMES_OTHER         /* the rules are not known */
} ftp_names_t;

/* By what the server says of where it is, quoted, and the text around that. */
ftp_names_t ftp_names_of_directory(const char *directory, const char *text, size_t length);

/* By its answer to SYST; FTP_NAMES_POSIX where that says nothing else. */
ftp_names_t ftp_names_of_system(const char *text, size_t length);

/* A directory as the server names it, to be used as cwd below. */
char *ftp_told_directory(wmem_allocator_t *allocator, ftp_names_t names, const char *directory, const char *text, size_t length);

/* Where a directory leads that the client names; NULL if that is not known. */
char *ftp_change_directory(wmem_allocator_t *allocator, ftp_names_t names, const char *cwd, const char *argument);

/* A file as seen from the directory cwd, which may be NULL if unknown. Where the rules are not known, as it was given. */
char *ftp_resolve_name(wmem_allocator_t *allocator, ftp_names_t names, const char *cwd, const char *name);

/* The path in double quotes of a 257 reply, or NULL. */
char *ftp_parse_quoted_path(wmem_allocator_t *allocator, const char *text, size_t length);

/* The path that a reply ends with, behind "directory is" and the like; or NULL. */
char *ftp_parse_told_path(wmem_allocator_t *allocator, const char *text, size_t length);

/* The name that the server has chosen, in a reply to STOU: "FILE: name" of RFC 1123, or as servers say it; or NULL. */
char *ftp_parse_unique_name(wmem_allocator_t *allocator, const char *text, size_t length);

/* A copy in valid UTF-8; bytes that are none are read as ISO 8859-1, NUL becomes U+FFFD. */
char *ftp_text(wmem_allocator_t *allocator, const char *text, size_t length);

/* path as seen from the directory cwd, which may be NULL if unknown; without ".", ".." and "//". */
char *ftp_resolve_path(wmem_allocator_t *allocator, const char *cwd, const char *path);

/* What of the path follows on the directory, with its slash; empty if it is the directory itself, NULL if it is not below it. */
const char *ftp_path_below(const char *directory, const char *path);

#endif /* GAPFILL_FTP_PATH_H */
