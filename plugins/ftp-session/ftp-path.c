/* ftp-path.c
 * Names of files and directories in FTP's lines; see ftp-path.h
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

#include <stdbool.h>
#include <string.h>

#include <glib.h>

#include "ftp-path.h"

char *
ftp_text(wmem_allocator_t *allocator, const char *text, size_t length)
{
    char *valid = g_utf8_make_valid(text, (gssize)length);
    char *copy = wmem_strdup(allocator, valid);

    g_free(valid);
    return copy;
}

char *
ftp_parse_quoted_path(wmem_allocator_t *allocator, const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = (const char *)memchr(text, '"', length);
    GString *path;
    char *copy = NULL;

    if (!at)
        return NULL;
    path = g_string_new(NULL);
    for (at++; at < end; at++) {
        if (*at == '"') {
            if (at + 1 == end || at[1] != '"')
                break;
            at++;
        }
        g_string_append_c(path, *at);
    }
    if (at < end && path->len <= FTP_PATH_MAX)
        copy = ftp_text(allocator, path->str, path->len);
    g_string_free(path, TRUE);
    return copy;
}

char *
ftp_parse_unique_name(wmem_allocator_t *allocator, const char *text, size_t length)
{
    static const char label[] = "FILE: ";
    const size_t label_length = sizeof label - 1;

    if (length <= label_length || g_ascii_strncasecmp(text, label, label_length) != 0)
        return NULL;
    return ftp_text(allocator, text + label_length, length - label_length);
}

/* Paths */

static void
append_component(GString *path, const char *component, size_t length)
{
    bool absolute = path->len > 0 && path->str[0] == '/';
    const char *last;

    if (length == 0 || (length == 1 && component[0] == '.'))
        return;
    last = strrchr(path->str, '/');
    if (length == 2 && memcmp(component, "..", 2) == 0 && (last ? last[1] : path->str[0]) != '~') {
        if (absolute) {
            g_string_truncate(path, last == path->str ? 1 : (gsize)(last - path->str));
            return;
        }
        if (path->len > 0 && strcmp(last ? last + 1 : path->str, "..") != 0) {
            g_string_truncate(path, last ? (gsize)(last - path->str) : 0);
            return;
        }
    }
    if (path->len > 0 && path->str[path->len - 1] != '/')
        g_string_append_c(path, '/');
    g_string_append_len(path, component, (gssize)length);
}

static void
append_components(GString *path, const char *components)
{
    while (*components) {
        size_t length = strcspn(components, "/");

        append_component(path, components, length);
        components += length;
        components += *components == '/';
    }
}

char *
ftp_resolve_path(wmem_allocator_t *allocator, const char *cwd, const char *path)
{
    GString *resolved = g_string_new(NULL);
    char *copy;

    /* "~" and "~user" are where the server says. */
    if (*path == '~')
        cwd = NULL;
    if (*path == '/' || (cwd && *cwd == '/'))
        g_string_append_c(resolved, '/');
    if (cwd && *path != '/')
        append_components(resolved, cwd);
    append_components(resolved, path);
    if (resolved->len > FTP_PATH_MAX)
        g_string_truncate(resolved, FTP_PATH_MAX);
    copy = ftp_text(allocator, resolved->str, resolved->len);
    g_string_free(resolved, TRUE);
    return copy;
}
