/* ldp-scope.h
 * Who has a label, as of a frame: by router, by router and peer, or anywhere in a network
 *
 * RFC 5036 section 2.3 (label space), RFC 3031 section 3.14 (scope of labels).
 *
 * A scope is a set of things that come and go: who is in it now (for the first pass), and how many were in it, and
 * the latest of them, at each frame (for all passes). Units: frames, label values. Ownership: scopes are the
 * file's; members lie in the bindings and adverts that own them. Lifetime: the file's, from ldp_scope_reset() on.
 * Bounds: counted in ldp-capture.h, with a member's leaving when it enters. Errors: a scope that nobody was ever in
 * is NULL.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_SCOPE_H
#define GAPFILL_LDP_SCOPE_H

#include <wsutil/wmem/wmem.h>

#include "ldp-router.h"

struct ldp_scope;

typedef struct ldp_member {
    struct ldp_scope  *scope;
    struct ldp_member *prev;
    struct ldp_member *next;
    void              *owner;
} ldp_member_t;

typedef struct ldp_event {
    uint32_t  frame;
    uint32_t  active;   /* members after this frame */
    void     *owner;    /* the latest of them, or the last that left where there is none */
    bool      mixed;    /* more than one router has ever been in it */
} ldp_event_t;

typedef struct ldp_scope {
    uint64_t      key;
    ldp_member_t *head;
    ldp_member_t *tail;
    wmem_array_t *events;   /* of ldp_event_t, see as-of.h; NULL: none */
    wmem_array_t *entries;  /* of ldp_entry_t, in the order in which they entered; NULL: there was one, */
    struct ldp_entry {
        uint32_t  frame;
        void     *owner;
    } first_entry;          /* which this is */
    uint32_t      active;
    bool          mixed : 1;
    uint32_t      withdrawn : 31;   /* members that wait for their release */
    const void   *first_lsr;
    const ldp_lsr_t      *first_peer;       /* at a router: whom it told first, */
    struct ldp_scope     *at_first_peer;    /* and what it told that one; see ldp_scope_at_peer() */
} ldp_scope_t;

void ldp_scope_reset(void);

/* The state that frames before this one left. */
const ldp_event_t *ldp_scope_at(const ldp_scope_t *scope, uint32_t frame);

/* How many had entered before this frame, and which; they may have left since. */
unsigned ldp_scope_entered(const ldp_scope_t *scope, uint32_t frame);
void *ldp_scope_entry(const ldp_scope_t *scope, unsigned i);

/* For the first pass. A member that is in no scope may leave. */
void ldp_scope_enter(ldp_scope_t *scope, ldp_member_t *member, void *owner, const ldp_lsr_t *lsr, uint32_t frame);
void ldp_scope_leave(ldp_member_t *member, uint32_t frame);
ldp_scope_t *ldp_scope_make_at_lsr(const ldp_lsr_t *lsr, uint32_t label);
ldp_scope_t *ldp_scope_make_at_peer(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, uint32_t label);
ldp_scope_t *ldp_scope_make_anywhere(ldp_network_t network, uint32_t label, bool pseudowires_only);

/* at_lsr is the scope of the same router and label. */
const ldp_scope_t *ldp_scope_at_lsr(const ldp_lsr_t *lsr, uint32_t label);
const ldp_scope_t *ldp_scope_at_peer(const ldp_scope_t *at_lsr, const ldp_lsr_t *lsr, const ldp_lsr_t *peer,
        uint32_t label);
const ldp_scope_t *ldp_scope_anywhere(ldp_network_t network, uint32_t label, bool pseudowires_only);

#endif /* GAPFILL_LDP_SCOPE_H */
