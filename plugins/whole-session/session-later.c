/* session-later.c
 * What later passes show of a session otherwise than the first one; see session-later.h
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

#include <epan/packet.h>

#include "session-later.h"
#include "compat.h"

typedef struct later {
    protocol_set_t protocols;   /* that later passes show */
    int            shown;
    int            hidden;
} later_t;

static wmem_map_t *laters;      /* of later_t, by session ID; NULL: none */

static later_t *
find_later(const session_t *session)
{
    return (later_t *)wmem_map_lookup(laters, GUINT_TO_POINTER(session->id));
}

void
session_later_follow(const session_t *session)
{
    later_t *later = find_later(session);

    later->protocols = protocol_set_without(session->protocols, later->hidden);
    if (later->shown != LATER_NOTHING)
        later->protocols = protocol_set_with(later->protocols, later->shown);
}

static later_t *
add_later(session_t *session)
{
    later_t *later = wmem_new0(wmem_file_scope(), later_t);

    if (!laters)
        laters = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    wmem_map_insert(laters, GUINT_TO_POINTER(session->id), later);
    session->differs_later = true;
    return later;
}

void
session_later_note(session_t *session, int shown, int hidden)
{
    later_t *later = session->differs_later ? find_later(session) : NULL;

    if (later && later->shown == shown && later->hidden == hidden)
        return;
    if (!later)
        later = add_later(session);
    later->shown = shown;
    later->hidden = hidden;
    session_later_follow(session);
}

protocol_set_t
session_protocols_later(const session_t *session)
{
    session = session_that_shows(session);
    return session->differs_later ? find_later(session)->protocols : session->protocols;
}

protocol_set_t
session_protocols_now(const session_t *session, const packet_info *pinfo)
{
    return PINFO_FD_VISITED(pinfo) ? session_protocols_later(session) : session_protocols(session);
}

void
session_later_reset(void)
{
    laters = NULL;
}
