/* ftp-files.c
 * Names and sizes of files, as a session's commands and replies tell them; see ftp-files.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib.h>

#include <epan/packet.h>
#include <epan/to_str.h>

#include "ftp-files.h"
#include "ftp-number.h"
#include "ftp-path.h"

#define FTP_SIZES_MAX     16            /* answers to SIZE that are remembered */
#define FTP_PATHS_MAX     (256 << 20)   /* bytes of paths of a capture; what comes after is left relative */

static size_t path_bytes;

/* Where a server puts a user at login, as the first PWD of any of the user's sessions was answered. */
typedef struct ftp_home {
    ftp_names_t names;
    const char *directory;
} ftp_home_t;

static wmem_map_t *homes;       /* server, port and user -> ftp_home_t * */

void
ftp_files_reset(void)
{
    path_bytes = 0;
    homes = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

const char *
ftp_files_resolve(const ftp_session_t *session, const char *path)
{
    const char *resolved;

    if (session->names == FTP_NAMES_OTHER || session->names_jobs || path_bytes > FTP_PATHS_MAX)
        return path;
    resolved = ftp_resolve_name(wmem_file_scope(), session->names, session->cwd, path);
    path_bytes += strlen(resolved);
    return resolved;
}

const char *
ftp_files_directory(ftp_session_t *session)
{
    if (session->cwd && !session->cwd_is_shared)
        path_bytes += strlen(session->cwd);
    session->cwd_is_shared = true;
    return session->cwd;
}

static void
set_directory(ftp_session_t *session, const char *path)
{
    if (!session->cwd_is_shared)
        wmem_free(wmem_file_scope(), (void *)session->cwd);
    session->cwd = path;
    session->cwd_is_shared = false;
}

void
ftp_files_forget_directory(ftp_session_t *session)
{
    session->has_moved = true;
    set_directory(session, NULL);
}

/* The server's own words come first, where they are understood (RFC 959, appendix II). */
static bool
learned_directory(ftp_session_t *session, const ftp_reply_t *reply)
{
    char *quoted = ftp_parse_quoted_path(NULL, reply->text, reply->text_length);
    ftp_names_t names = quoted ? ftp_names_of_directory(quoted, reply->text, reply->text_length) : FTP_NAMES_OTHER;

    if (names != FTP_NAMES_OTHER) {
        session->names = names;
        set_directory(session, ftp_told_directory(wmem_file_scope(), names, quoted, reply->text, reply->text_length));
    }
    wmem_free(NULL, quoted);
    return names != FTP_NAMES_OTHER;
}

/* Without quotes: in the words of Pure-FTPd or Serv-U. */
static bool
told_directory(ftp_session_t *session, const ftp_reply_t *reply)
{
    char *told = ftp_parse_told_path(wmem_file_scope(), reply->text, reply->text_length);

    if (!told)
        return false;
    session->names = FTP_NAMES_POSIX;
    set_directory(session, told);
    return true;
}

void
ftp_files_changed_directory(ftp_session_t *session, const char *path, const ftp_reply_t *reply)
{
    session->has_moved = true;
    if (learned_directory(session, reply) || told_directory(session, reply))
        return;
    set_directory(session, path_bytes > FTP_PATHS_MAX ? NULL
        : ftp_change_directory(wmem_file_scope(), session->names, session->cwd, path));
}

/* To be freed with wmem_free(NULL); NULL: the user is not known. */
static char *
home_key(const ftp_session_t *session)
{
    const char *user = ftp_session_user(session, UINT32_MAX - 1, false);
    char *server = address_to_str(NULL, &session->flow.side[1]);
    char *key = user ? wmem_strdup_printf(NULL, "%s %u %s", server, session->flow.port[1], user) : NULL;

    wmem_free(NULL, server);
    return key;
}

static void
remember_home(const ftp_session_t *session)
{
    char *key = session->has_moved || !session->from_start ? NULL : home_key(session);
    ftp_home_t *home;

    if (key && !wmem_map_contains(homes, key)) {
        home = wmem_new(wmem_file_scope(), ftp_home_t);
        home->names = session->names;
        home->directory = wmem_strdup(wmem_file_scope(), session->cwd);
        wmem_map_insert(homes, wmem_strdup(wmem_file_scope(), key), home);
    }
    wmem_free(NULL, key);
}

/* The server may say twice that a user is logged in; another one begins elsewhere, and may see other files under the same names. */
static void
change_user(ftp_session_t *session)
{
    const char *user = ftp_session_user(session, UINT32_MAX - 1, false);

    if (user && session->logged_in && strcmp(user, session->logged_in) == 0)
        return;
    session->logged_in = user;
    set_directory(session, NULL);
    ftp_files_forget_sizes(session);
}

/* The login was accepted, in words that may say where the client is. */
static void
enter_home(ftp_session_t *session, const ftp_reply_t *reply)
{
    const ftp_home_t *home;
    char *key;

    change_user(session);
    key = session->cwd || told_directory(session, reply) ? NULL : home_key(session);
    home = key ? (const ftp_home_t *)wmem_map_lookup(homes, key) : NULL;
    session->has_moved = false;
    if (home) {
        session->names = home->names;
        set_directory(session, wmem_strdup(wmem_file_scope(), home->directory));
    }
    wmem_free(NULL, key);
}

void
ftp_files_learned_directory(ftp_session_t *session, const ftp_reply_t *reply)
{
    if (reply->code == 230) {
        enter_home(session, reply);
        return;
    }
    if (learned_directory(session, reply)) {
        remember_home(session);
        return;
    }
    if (!memchr(reply->text, '"', reply->text_length))
        return;
    /* What is said is not understood. */
    session->names = FTP_NAMES_OTHER;
    set_directory(session, NULL);
}

void
ftp_files_made_directory(ftp_session_t *session, const char *argument, const ftp_reply_t *reply)
{
    bool is_known = session->names != FTP_NAMES_POSIX || (session->cwd && session->cwd[0] == '/');
    char *quoted = is_known ? NULL : ftp_parse_quoted_path(NULL, reply->text, reply->text_length);
    size_t whole = quoted ? strlen(quoted) : 0;
    size_t part = strlen(argument);

    if (part > 0 && part < whole && quoted[0] == '/' && quoted[whole - part - 1] == '/'
            && strcmp(quoted + whole - part, argument) == 0)
        set_directory(session, wmem_strndup(wmem_file_scope(), quoted, MAX(whole - part - 1, 1)));
    wmem_free(NULL, quoted);
}

void
ftp_files_learned_system(ftp_session_t *session, const ftp_reply_t *reply)
{
    ftp_names_t names = ftp_names_of_system(reply->text, reply->text_length);

    if (names != FTP_NAMES_POSIX && !session->cwd)
        session->names = names;
}

void
ftp_files_learned_site(ftp_session_t *session, const char *argument)
{
    char *upper = g_ascii_strup(argument, -1);
    const char *type = strstr(upper, "FILE");

    type = type ? strchr(type, '=') : NULL;
    if (type)
        session->names_jobs = strncmp(type, "=JES", 4) == 0;
    g_free(upper);
}

void
ftp_files_forget_sizes(ftp_session_t *session)
{
    for (unsigned i = 0; session->sizes && i < FTP_SIZES_MAX; i++) {
        wmem_free(wmem_file_scope(), session->sizes[i].path);
        session->sizes[i].path = NULL;
    }
}

static ftp_size_t *
find_size(ftp_session_t *session, const char *path)
{
    for (unsigned i = 0; session->sizes && i < FTP_SIZES_MAX; i++) {
        if (session->sizes[i].path && strcmp(session->sizes[i].path, path) == 0)
            return &session->sizes[i];
    }
    return NULL;
}

const char *
ftp_files_learned_size(ftp_session_t *session, const char *path, const ftp_reply_t *reply)
{
    ftp_size_t *entry;
    char *resolved;
    uint64_t size;

    if (!path || !ftp_parse_number(reply->text, reply->text_length, &size))
        return NULL;
    if (!session->sizes)
        session->sizes = wmem_alloc0_array(wmem_file_scope(), ftp_size_t, FTP_SIZES_MAX);
    resolved = ftp_resolve_name(wmem_file_scope(), session->names, session->cwd, path);
    entry = find_size(session, resolved);
    if (!entry)
        entry = &session->sizes[session->sizes_next++ % FTP_SIZES_MAX];
    wmem_free(wmem_file_scope(), entry->path);
    entry->path = resolved;
    entry->size = size;
    entry->type = session->type;
    return resolved;
}

bool
ftp_files_size_of(ftp_session_t *session, const char *path, uint64_t *size)
{
    const ftp_size_t *entry = path ? find_size(session, path) : NULL;

    if (!entry || entry->type != session->type)
        return false;
    *size = entry->size;
    return true;
}
