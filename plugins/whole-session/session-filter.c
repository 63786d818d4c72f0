/* session-filter.c
 * Display filters that a preference has; see session-filter.h
 *
 * Wireshark tells nobody outside which fields a filter has. So every word of its text that is the name of a field counts,
 * also one that has another meaning where it stands: what is asked for in vain costs a little and changes nothing.
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

#include <epan/packet.h>

#include "session-filter.h"
#include "compat.h"

#define OURS            "session"
#define COLUMNS         "_ws.col"

/* Whether a name is this one, or below it. */
static bool
is_below(const char *name, const char *top)
{
    size_t length = strlen(top);

    return strncmp(name, top, length) == 0 && (name[length] == '.' || name[length] == '\0');
}

static char *
refuse_name(const char *name)
{
    if (is_below(name, OURS))
        return g_strdup_printf("\"%s\" is what the sessions themselves come to", name);
    if (is_below(name, COLUMNS))
        return g_strdup_printf("\"%s\" is a column, which is not written yet when sessions are matched", name);
    return NULL;
}

/* All fields of the name, of which one filter finds all. Whether there is one. */
static bool
add_fields_of_name(const char *name, GArray *fields)
{
    header_field_info *info = proto_registrar_get_byname(name);

    if (!info)
        info = proto_registrar_get_byalias(name);
    if (!info)
        return false;
    while (info->same_name_prev_id != -1)
        info = proto_registrar_get_nth(info->same_name_prev_id);
    for (; info; info = info->same_name_next)
        g_array_append_val(fields, info->id);
    return true;
}

/* A hyphen may be part of a name, or between two. */
static void
add_fields_of_word(const char *word, GArray *fields)
{
    char **parts;

    if (add_fields_of_name(word, fields) || !strchr(word, '-'))
        return;
    parts = g_strsplit(word, "-", -1);
    for (unsigned i = 0; parts[i]; i++)
        add_fields_of_name(parts[i], fields);
    g_strfreev(parts);
}

static bool
is_of_word(char character)
{
    return g_ascii_isalnum(character) || (character && strchr("_-.", character));
}

/* Behind a text in quotation marks, that begins here. */
static const char *
skip_quoted(const char *text)
{
    char mark = *text++;

    while (*text && *text != mark)
        text += text[0] == '\\' && text[1] ? 2 : 1;
    return *text ? text + 1 : text;
}

/* The next word, for g_free(); NULL: there is none. */
static char *
next_word(const char **text)
{
    const char *begin = *text;
    const char *end;

    while (*begin && !is_of_word(*begin))
        begin = *begin == '"' || *begin == '\'' ? skip_quoted(begin) : begin + 1;
    while (*begin == '.')       /* says that a name follows */
        begin++;
    for (end = begin; is_of_word(*end); )
        end++;
    *text = end;
    return *begin ? g_strndup(begin, (size_t)(end - begin)) : NULL;
}

static char *
read_words(const char *text, GArray *fields)
{
    char *refusal = NULL;
    char *word;

    while (!refusal && (word = next_word(&text))) {
        refusal = refuse_name(word);
        add_fields_of_word(word, fields);
        g_free(word);
    }
    return refusal;
}

/* What of a filter refers to the packet that is selected in the window. */
static bool
has_reference(const char *text)
{
    while (*text) {
        if (text[0] == '$' && text[1] == '{')
            return true;
        text = *text == '"' || *text == '\'' ? skip_quoted(text) : text + 1;
    }
    return false;
}

static char *
take_message(df_error_t *error)
{
    char *message = g_strdup(error && error->msg ? error->msg : "it is no display filter");

    g_strchomp(message);
    if (g_str_has_suffix(message, "."))
        message[strlen(message) - 1] = '\0';
    df_error_free(&error);
    return message;
}

static char *
read_expanded(const char *text, GArray *fields)
{
    df_error_t *error = NULL;
    char *expanded = dfilter_expand(text, &error);
    char *refusal;

    if (!expanded)
        return take_message(error);
    refusal = has_reference(expanded) ? g_strdup("\"${...}\" refers to the packet that is selected") : read_words(expanded, fields);
    g_free(expanded);
    return refusal;
}

char *
session_filter_compile(const char *text, dfilter_t **code, GArray *fields)
{
    df_error_t *error = NULL;
    char *refusal;

    *code = NULL;
    if (!dfilter_compile(text, code, &error))
        return take_message(error);
    refusal = *code ? read_expanded(text, fields) : NULL;
    if (refusal) {
        dfilter_free(*code);
        *code = NULL;
    }
    return refusal;
}
