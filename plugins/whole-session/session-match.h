/* session-match.h
 * Which sessions have a packet that a display filter of the user's matches
 *
 * A packet is judged when all of it has been dissected the first time, and what it then says of its sessions stays for the later
 * passes. It counts for the sessions that session.id names on it: not for a tunnel that only carries the matching one.
 * While no filter is set nobody is called for that, and no tree is built.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_MATCH_H
#define GAPFILL_SESSION_MATCH_H

#include <epan/prefs.h>

#include "session-table.h"

/* What the packet adds to the bits of its session, shown below the session's item. */
typedef void (*session_match_cb)(uint32_t added, tvbuff_t *tvb, proto_tree *tree);

void session_match_register(module_t *module);

/* In the handoff routine. */
void session_match_init(session_match_cb show);

/* Preferences have changed: says what is wrong with them. */
void session_match_apply(void);

/* A file is opened; nothing is judged in it where this is not wanted. */
void session_match_reset(bool is_wanted);

/* Whether session.matched is to be on the packets of the session, as far as is known. */
bool session_match_holds(const session_t *session);

/* Bits of the filters that are set. */
extern uint32_t session_match_bits;

/* Whether any filter is set. */
static inline bool
session_match_is_on(void)
{
    return session_match_bits != 0;
}

/* Of the filter with this number of a bit. */
const char *session_match_name(unsigned bit);

/* The filters of these bits, with commas, or "-"; for g_free(). */
char *session_match_names(uint32_t matched);

/* On the first pass: the packet at hand is of this session, whose item has this tree, or NULL. */
void session_match_touch(session_t *session, const packet_info *pinfo, proto_tree *tree);

#endif /* GAPFILL_SESSION_MATCH_H */
