/* ftp-export-name.c
 * Names of exported files; see ftp-export-name.h
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

#include "ftp-export-name.h"
#include "text.h"

/* Neither empty nor made of dots and spaces alone, which have meanings of their own. */
static bool
is_name(const char *component)
{
    return component[strspn(component, ". ")] != '\0';
}

/* In a name that came out of text_shown(): backslashes are those of \xNN, and colons make drives and streams. */
static char *
make_safe(char *name)
{
    return g_strdelimit(g_strdelimit(name, "\\", '%'), ":", '_');
}

char *
ftp_export_name(packet_info *pinfo, const char *path)
{
    char **components = g_strsplit_set(path, "/\\", 0);
    GPtrArray *names = g_ptr_array_new();
    char *name;

    for (char **component = components; *component; component++) {
        if (is_name(*component))
            g_ptr_array_add(names, make_safe(wmem_strdup(pinfo->pool,
                    text_shown(pinfo->pool, *component, strlen(*component), TEXT_LINE, NULL))));
        else if (strcmp(*component, "..") == 0 && names->len > 0)
            g_ptr_array_set_size(names, (int)names->len - 1);
    }
    g_ptr_array_add(names, NULL);
    name = names->len > 1 ? g_strjoinv("/", (char **)names->pdata) : g_strdup("unnamed");
    g_ptr_array_free(names, TRUE);
    g_strfreev(components);
    return name;
}
