/* session-named.c
 * The user's table of named display filters; see session-named.h
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
#include <epan/uat.h>

#include "api-bool.h"
#include "session-filter.h"
#include "session-named.h"
#include "compat.h"

static session_named_t *rows;
static unsigned row_count;

static void *
copy_row(void *copy, const void *row, size_t size _U_)
{
    session_named_t *to = (session_named_t *)copy;
    const session_named_t *from = (const session_named_t *)row;

    to->name = g_strdup(from->name);
    to->filter = g_strdup(from->filter);
    return copy;
}

static void
free_row(void *row)
{
    session_named_t *named = (session_named_t *)row;

    g_free(named->name);
    g_free(named->filter);
}

static char *
refuse_filter(const char *filter)
{
    GArray *fields = g_array_new(false, false, sizeof(int));
    dfilter_t *code;
    char *refusal = session_filter_compile(filter, &code, fields);

    if (!refusal && !code)
        refusal = g_strdup("it is empty");
    dfilter_free(code);
    g_array_free(fields, true);
    return refusal;
}

static api_bool_t
check_row(void *row, char **error)
{
    const session_named_t *named = (const session_named_t *)row;
    char *refusal;

    *error = NULL;
    if (!named->name || !*named->name) {
        *error = g_strdup("A filter needs a name");
        return false;
    }
    refusal = refuse_filter(named->filter ? named->filter : "");
    if (refusal)
        *error = g_strdup_printf("The filter \"%s\" cannot be used: %s", named->filter ? named->filter : "", refusal);
    g_free(refusal);
    return *error == NULL;
}

UAT_CSTRING_CB_DEF(session_filters, name, session_named_t)
UAT_DISPLAY_FILTER_CB_DEF(session_filters, filter, session_named_t)

void
session_named_register(module_t *module, void (*has_changed)(void))
{
    static uat_field_t fields[] = {
        UAT_FLD_CSTRING(session_filters, name, "Name", "What session.matched_by says of the conversations"),
        UAT_FLD_DISPLAY_FILTER(session_filters, filter, "Filter", "A display filter that a packet of the conversation matches"),
        UAT_END_FIELDS
    };
    uat_t *uat = uat_new("Filters of Sessions", sizeof(session_named_t), "session_filters", true, &rows, &row_count,
            UAT_AFFECTS_DISSECTION, NULL, copy_row, check_row, free_row, has_changed, NULL, fields);

    prefs_register_uat_preference(module, "filters", "Named filters",
            "Display filters with names: session.matched_by is the names of those that a packet of the conversation matches", uat);
}

const session_named_t *
session_named_at(unsigned row)
{
    return row < row_count ? &rows[row] : NULL;
}
