/* ftp-files.h
 * Names and sizes of files, as a session's commands and replies tell them
 *
 * RFC 959 (CWD, CDUP, PWD), RFC 3659 section 4 (SIZE)
 *
 * Strings belong to the file's memory, in which paths have a bound; beyond it they are as they were given.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_FILES_H
#define GAPFILL_FTP_FILES_H

#include "ftp-model.h"

/* A file is opened. */
void ftp_files_reset(void);

/* As seen from the working directory. */
const char *ftp_files_resolve(const ftp_session_t *session, const char *path);

/* The working directory itself, for longer than it is the one; NULL if unknown. */
const char *ftp_files_directory(ftp_session_t *session);

/* CWD was accepted: the reply may say where that led. */
void ftp_files_changed_directory(ftp_session_t *session, const char *path, const ftp_reply_t *reply);
void ftp_files_forget_directory(ftp_session_t *session);

/* The answers to PWD, and with some servers to PASS, which say where the client is, and to SYST, which says what the server is. */
void ftp_files_learned_directory(ftp_session_t *session, const ftp_reply_t *reply);

/* The answer to MKD names what was made by its whole path (RFC 959, appendix II): where the directory is not known, it tells it. */
void ftp_files_made_directory(ftp_session_t *session, const char *argument, const ftp_reply_t *reply);

/* SITE FILETYPE=JES of z/OS: names are those of jobs from then on, and of data sets again after FILETYPE=SEQ. */
void ftp_files_learned_site(ftp_session_t *session, const char *argument);
void ftp_files_learned_system(ftp_session_t *session, const ftp_reply_t *reply);

/* The answer to SIZE, under the TYPE that is set. Returns the file's path until the next answer, or NULL. */
const char *ftp_files_learned_size(ftp_session_t *session, const char *path, const ftp_reply_t *reply);
bool ftp_files_size_of(ftp_session_t *session, const char *path, uint64_t *size);

/* Files have changed. */
void ftp_files_forget_sizes(ftp_session_t *session);

#endif /* GAPFILL_FTP_FILES_H */
