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
#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "ftp-path.h"

/*
 * What is no UTF-8 as ISO 8859-1: a guess, but names that differ stay different. NUL behind CR is padding (RFC 2640,
 * section 3.1).
 */
static char *
guess_text(wmem_allocator_t *allocator, const char *text, const char *end)
{
    GString *valid = g_string_new(NULL);
    const char *begin = text;
    const char *bad = text;
    char *copy;

    while (!g_utf8_validate(text, end - text, &bad)) {
        g_string_append_len(valid, text, bad - text);
        if (*bad || bad == begin || bad[-1] != '\r')
            g_string_append_unichar(valid, *bad ? (uint8_t)*bad : 0xfffd);
        text = bad + 1;
    }
    g_string_append_len(valid, text, end - text);
    copy = wmem_strdup(allocator, valid->str);
    g_string_free(valid, TRUE);
    return copy;
}

char *
ftp_text(wmem_allocator_t *allocator, const char *text, size_t length)
{
    return g_utf8_validate(text, (gssize)length, NULL) ? wmem_strndup(allocator, text, length)
        : guess_text(allocator, text, text + length);
}

/* A single quote with the name going on behind it: the server does not double them. */
static bool
is_inner_quote(const char *quote, const char *end)
{
    return quote + 1 < end && (g_ascii_isalnum(quote[1]) || (quote[1] & 0x80));
}

static const char *
last_quote(const char *text, const char *end)
{
    while (end > text && end[-1] != '"')
        end--;
    return end - 1;
}

char *
ftp_parse_quoted_path(wmem_allocator_t *allocator, const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = (const char *)memchr(text, '"', length);
    GString *path;
    const char *first = at;
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
    if (is_inner_quote(at, end)) {
        first++;
        g_string_truncate(path, 0);
        g_string_append_len(path, first, last_quote(first, end) - first);
    }
    if (at < end && path->len <= FTP_PATH_MAX)
        copy = ftp_text(allocator, path->str, path->len);
    g_string_free(path, TRUE);
    return copy;
}

/* Where the word begins in the text, ignoring case; NULL if nowhere. */
static const char *
find_words(const char *text, size_t length, const char *words)
{
    size_t size = strlen(words);

    for (size_t i = 0; i + size <= length; i++) {
        if (g_ascii_strncasecmp(text + i, words, size) == 0)
            return text + i;
    }
    return NULL;
}

char *
ftp_parse_told_path(wmem_allocator_t *allocator, const char *text, size_t length)
{
    static const char *const words[] = { "current directory is /", "current restricted directory is /", "directory changed to /" };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *found = find_words(text, length, words[i]);
        const char *path = found ? found + strlen(words[i]) - 1 : NULL;

        if (path && text + length - path <= FTP_PATH_MAX)
            return ftp_text(allocator, path, (size_t)(text + length - path));
    }
    return NULL;
}

/* Up to a blank or parenthesis; a dot at its end, and quotes around it, are the sentence's. */
static char *
name_at(wmem_allocator_t *allocator, const char *at, const char *end)
{
    size_t length;

    while (at < end && strchr(" '\"", *at))
        at++;
    for (length = 0; at + length < end && !strchr(" ()'\"", at[length]); length++)
        ;
    if (length > 1 && at[length - 1] == '.')
        length--;
    return length > 0 ? ftp_text(allocator, at, length) : NULL;
}

char *
ftp_parse_unique_name(wmem_allocator_t *allocator, const char *text, size_t length)
{
    static const char *const words[] = { "unique file name:", "unique file name is", "data connection for" };
    static const char label[] = "FILE: ";
    const size_t label_length = sizeof label - 1;

    if (length > label_length && g_ascii_strncasecmp(text, label, label_length) == 0)
        return ftp_text(allocator, text + label_length, length - label_length);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *found = find_words(text, length, words[i]);

        if (found)
            return name_at(allocator, found + strlen(words[i]), text + length);
    }
    return NULL;
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

/* Other systems */

static bool
has_drive(const char *path)
{
    return g_ascii_isalpha(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
}

ftp_names_t
ftp_names_of_directory(const char *directory, const char *text, size_t length)
{
    const char *bracket = strchr(directory, '[');

    if (*directory == '/')
        return FTP_NAMES_POSIX;
    if (has_drive(directory))
        return FTP_NAMES_DOS;
    if (bracket && strchr(bracket, ']') && (bracket == directory || bracket[-1] == ':'))
        return FTP_NAMES_VMS;
    if (*directory == '\'' || find_words(text, length, "name prefix") || find_words(text, length, "data set"))
        return FTP_NAMES_ZOS;
    return find_words(text, length, "current library") ? FTP_NAMES_LIBRARY : FTP_NAMES_OTHER;
}

ftp_names_t
ftp_names_of_system(const char *text, size_t length)
{
    static const struct {
        const char *name;
        ftp_names_t names;
    } systems[] = { { "MVS", FTP_NAMES_ZOS }, { "VMS", FTP_NAMES_VMS }, { "OS/400", FTP_NAMES_LIBRARY } };

    while (length > 0 && (*text == ' ' || *text == '\'')) {
        text++;
        length--;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(systems); i++) {
        if (length >= strlen(systems[i].name) && g_ascii_strncasecmp(text, systems[i].name, strlen(systems[i].name)) == 0)
            return systems[i].names;
    }
    return FTP_NAMES_POSIX;
}

static char *
without_apostrophes(wmem_allocator_t *allocator, const char *name)
{
    size_t length = strlen(name);

    if (length > 1 && name[0] == '\'' && name[length - 1] == '\'')
        return wmem_strndup(allocator, name + 1, length - 2);
    return wmem_strdup(allocator, name);
}

char *
ftp_told_directory(wmem_allocator_t *allocator, ftp_names_t names, const char *directory, const char *text, size_t length)
{
    size_t quote = names == FTP_NAMES_ZOS && *directory == '\'' ? 1 : 0;
    size_t size = strlen(directory) - quote;
    bool is_library = names == FTP_NAMES_ZOS && find_words(text, length, "partitioned data set");

    if (quote && size > 0 && directory[size] == '\'')
        size--;
    return wmem_strdup_printf(allocator, "%.*s%s", (int)size, directory + quote, is_library ? "(" : "");
}

/* A data set, a member of a library, or a file of z/OS UNIX. */
static char *
resolve_zos(wmem_allocator_t *allocator, const char *cwd, const char *name)
{
    if (*name == '/' || (cwd && *cwd == '/' && *name != '\''))
        return ftp_resolve_path(allocator, cwd && *cwd == '/' ? cwd : NULL, name);
    if (*name == '\'')
        return without_apostrophes(allocator, name);
    if (cwd && g_str_has_suffix(cwd, "."))
        return wmem_strdup_printf(allocator, "%s%s", cwd, name);
    return cwd && g_str_has_suffix(cwd, "(") ? wmem_strdup_printf(allocator, "%s%s)", cwd, name) : wmem_strdup(allocator, name);
}

static char *
resolve_dos(wmem_allocator_t *allocator, const char *cwd, const char *name)
{
    const char *from = has_drive(name) ? name : cwd;
    char *directory, *file, *path, *resolved;

    if (!from)
        return wmem_strdup(allocator, name);
    directory = g_strdelimit(g_strdup(from == name ? "/" : cwd + 2), "\\", '/');
    file = g_strdelimit(g_strdup(from == name ? name + 2 : name), "\\", '/');
    path = ftp_resolve_path(NULL, directory, file);
    resolved = wmem_strdup_printf(allocator, "%c:%s", *from, path);
    wmem_free(NULL, path);
    g_free(file);
    g_free(directory);
    return strchr(from, '\\') ? g_strdelimit(resolved, "/", '\\') : resolved;
}

/* [.SUB] is below cwd; another directory without a device is on cwd's. */
static char *
resolve_vms(wmem_allocator_t *allocator, const char *cwd, const char *name)
{
    size_t length = cwd ? strlen(cwd) : 0;

    if (length == 0 || cwd[length - 1] != ']' || strchr(name, ':') || strchr(name, '/') || g_str_has_prefix(name, "[-"))
        return wmem_strdup(allocator, name);
    if (length + strlen(name) > FTP_PATH_MAX)
        return wmem_strdup(allocator, name);
    if (g_str_has_prefix(name, "[."))
        return wmem_strdup_printf(allocator, "%.*s%s", (int)length - 1, cwd, name + 1);
    if (*name == '[')
        return wmem_strdup_printf(allocator, "%.*s%s", (int)strcspn(cwd, "["), cwd, name);
    return wmem_strdup_printf(allocator, "%s%s", cwd, name);
}

char *
ftp_resolve_name(wmem_allocator_t *allocator, ftp_names_t names, const char *cwd, const char *name)
{
    switch (names) {
    case FTP_NAMES_POSIX:
        return has_drive(name) ? wmem_strdup(allocator, name) : ftp_resolve_path(allocator, cwd, name);
    case FTP_NAMES_DOS:
        return resolve_dos(allocator, cwd, name);
    case FTP_NAMES_ZOS:
        return resolve_zos(allocator, cwd, name);
    case FTP_NAMES_VMS:
        return resolve_vms(allocator, cwd, name);
    case FTP_NAMES_LIBRARY:
        if (cwd && *cwd == '/')
            return ftp_resolve_path(allocator, cwd, name);
        return cwd && !strchr(name, '/') ? wmem_strdup_printf(allocator, "%s/%s", cwd, name) : wmem_strdup(allocator, name);
    default:
        return wmem_strdup(allocator, name);
    }
}

/* A directory below cwd, or on its device, of which one can tell the name. */
static bool
is_relative_vms(const char *cwd, const char *directory)
{
    return cwd && !g_str_has_prefix(directory, "[-") && strlen(cwd) + strlen(directory) <= FTP_PATH_MAX;
}

char *
ftp_change_directory(wmem_allocator_t *allocator, ftp_names_t names, const char *cwd, const char *argument)
{
    bool is_up = strcmp(argument, "..") == 0;

    switch (names) {
    case FTP_NAMES_POSIX:
    case FTP_NAMES_DOS:
        return ftp_resolve_name(allocator, names, cwd, argument);
    case FTP_NAMES_ZOS:
        if (*argument == '/' || (cwd && *cwd == '/' && *argument != '\''))
            return resolve_zos(allocator, cwd, argument);
        return *argument == '\'' && g_str_has_suffix(argument, ".'") ? without_apostrophes(allocator, argument) : NULL;
    case FTP_NAMES_VMS:
        if (is_up || !g_str_has_suffix(argument, "]") || (!strchr(argument, ':') && !is_relative_vms(cwd, argument)))
            return NULL;
        return resolve_vms(allocator, cwd, argument);
    case FTP_NAMES_LIBRARY:
        return is_up ? NULL : wmem_strdup(allocator, argument);
    default:
        return NULL;
    }
}

const char *
ftp_path_below(const char *directory, const char *path)
{
    size_t length = strlen(directory);

    if (length == 0 || strncmp(path, directory, length) != 0 || (path[length] != '\0' && path[length] != '/'))
        return NULL;
    return path + length;
}
