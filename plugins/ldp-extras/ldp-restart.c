/* ldp-restart.c
 * Sessions that begin, end, and begin anew; see ldp-restart.h
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

#include "as-of.h"
#include "ldp-capture.h"
#include "ldp-restart.h"
#include "compat.h"

/* The session of two routers, from which frame on. */
typedef struct pair_entry {
    uint32_t       frame;
    ldp_session_t *session;
} pair_entry_t;

typedef struct pair {
    uint64_t      key;
    wmem_array_t *sessions;     /* of pair_entry_t, see as-of.h */
} pair_t;

static wmem_map_t *pairs;
static ldp_session_t *held;
static unsigned held_count;
static nstime_t next_expiry;    /* no held session ends before; unset: there is none */

void
ldp_restart_reset(void)
{
    pairs = ldp_map_by_number();
    held = NULL;
    held_count = 0;
    nstime_set_unset(&next_expiry);
}

/* Pairs */

static uint64_t
pair_key(const ldp_lsr_t *one, const ldp_lsr_t *other)
{
    return one->number < other->number ? ((uint64_t)one->number << 32) | other->number
            : ((uint64_t)other->number << 32) | one->number;
}

static pair_t *
pair_find(const ldp_lsr_t *one, const ldp_lsr_t *other)
{
    uint64_t key = pair_key(one, other);

    return (pair_t *)wmem_map_lookup(pairs, &key);
}

static pair_t *
pair_get(const ldp_lsr_t *one, const ldp_lsr_t *other)
{
    pair_t *pair = pair_find(one, other);

    if (!pair) {
        pair = (pair_t *)ldp_keep(sizeof *pair);
        pair->key = pair_key(one, other);
        ldp_keep_count(4 * sizeof(pair_entry_t));
        pair->sessions = wmem_array_new(wmem_file_scope(), sizeof(pair_entry_t));
        ldp_map_insert(pairs, &pair->key, pair);
    }
    return pair;
}

static ldp_session_t *
session_number(const pair_t *pair, unsigned count)
{
    return count ? ((const pair_entry_t *)wmem_array_index(pair->sessions, count - 1))->session : NULL;
}

/* The latest session but this one. */
static ldp_session_t *
former_session(const pair_t *pair, const ldp_session_t *session)
{
    unsigned count = wmem_array_get_count(pair->sessions);
    ldp_session_t *former = session_number(pair, count);

    if (former == session && count > 1)
        former = session_number(pair, count - 1);
    return former == session ? NULL : former;
}

static void
put_session(pair_t *pair, ldp_session_t *session, uint32_t frame)
{
    pair_entry_t entry = { .frame = frame, .session = session };

    if (session_number(pair, wmem_array_get_count(pair->sessions)) == session)
        return;
    if (as_of_put(pair->sessions, &entry, sizeof entry))
        ldp_keep_count(2 * sizeof entry);
}

void
ldp_session_heard(ldp_side_t *side, uint32_t frame)
{
    ldp_lsr_t *peer = ldp_side_other(side)->lsr;
    const ldp_session_t *latest;
    pair_t *pair;

    if (!peer)
        return;
    pair = pair_get(side->lsr, peer);
    latest = session_number(pair, wmem_array_get_count(pair->sessions));
    if (!latest || latest->closed)
        put_session(pair, side->session, frame);
}

/* As of a frame, and without what is missing for good. */
static bool
is_whole(const ldp_session_t *session, uint32_t frame)
{
    return session->complete_frame && !session->gap && !ldp_lsr_waits(session->side[0].lsr, frame)
            && !ldp_lsr_waits(session->side[1].lsr, frame);
}

bool
ldp_session_is_last_known(const ldp_session_t *session, const ldp_lsr_t *one, const ldp_lsr_t *other, uint32_t frame)
{
    const pair_t *pair = pair_find(one, other);
    const ldp_session_t *latest = pair ? session_number(pair, as_of_count(pair->sessions, frame)) : NULL;

    return !latest || latest == session || is_whole(latest, frame);
}

static bool
has_told(const ldp_session_t *session, const ldp_lsr_t *lsr, uint32_t frame)
{
    const ldp_side_t *side = &session->side[session->side[0].lsr != lsr];

    return side->lsr == lsr && side->mapped_frame && side->mapped_frame < frame;
}

bool
ldp_pair_complete(const ldp_lsr_t *teller, const ldp_lsr_t *told, uint32_t frame)
{
    const pair_t *pair = pair_find(teller, told);
    const ldp_session_t *session = pair ? session_number(pair, as_of_count(pair->sessions, frame)) : NULL;

    return session && session->complete_frame && session->complete_frame < frame
            && (!session->closed_in || session->closed_in >= frame) && has_told(session, teller, frame);
}

bool
ldp_pair_is_whole(const ldp_lsr_t *one, const ldp_lsr_t *other, uint32_t frame)
{
    const pair_t *pair = pair_find(one, other);
    const ldp_session_t *session = pair ? session_number(pair, as_of_count(pair->sessions, frame + 1)) : NULL;

    return session && is_whole(session, frame + 1);
}

/* Closing */

static void
end_side(ldp_side_t *side, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo)
{
    for (unsigned kind = 0; kind < LDP_FEC_KINDS; kind++) {
        while (side->active[kind])
            ldp_advert_end(side->active[kind], frame, shown_frame, end, pinfo);
    }
}

static void
expect_expiry(const nstime_t *when)
{
    if (nstime_is_unset(&next_expiry) || nstime_cmp(when, &next_expiry) < 0)
        nstime_copy(&next_expiry, when);
}

static void
add_milliseconds(nstime_t *sum, const nstime_t *base, uint32_t milliseconds)
{
    nstime_t delta = NSTIME_INIT_SECS_NSECS(milliseconds / 1000, (int)(milliseconds % 1000) * 1000000);

    nstime_sum(sum, base, &delta);
}

/* RFC 3478 section 3: both sides speak of it, and one of them keeps its forwarding state. */
static bool
can_restart(const ldp_session_t *session)
{
    return session->side[0].ft && session->side[1].ft && (session->side[0].reconnect_ms || session->side[1].reconnect_ms);
}

static void
hold_session(ldp_session_t *session, packet_info *pinfo)
{
    uint32_t longest = 0;

    for (unsigned i = 0; i < 2; i++) {
        if (session->side[i].reconnect_ms)
            longest = MAX(longest, session->side[i].reconnect_ms);
        else
            end_side(&session->side[i], pinfo->num, ldp_capture.shown_frame, LDP_SESSION_CLOSED, pinfo);
    }
    session->held = true;
    held_count++;
    add_milliseconds(&session->held_until, &pinfo->abs_ts, longest);
    expect_expiry(&session->held_until);
    session->next_held = held;
    held = session;
}

void
ldp_session_close(ldp_session_t *session, packet_info *pinfo, bool may_restart, ldp_end_t end)
{
    if (session->closed)
        return;
    session->closed = true;
    session->closed_in = ldp_capture.shown_frame;
    for (unsigned i = 0; i < 2; i++) {
        if (session->side[i].lsr)
            session->side[i].lsr->open_sessions--;
    }
    if (may_restart && can_restart(session) && held_count < LDP_MAX_HELD) {
        hold_session(session, pinfo);
        return;
    }
    for (unsigned i = 0; i < 2; i++)
        end_side(&session->side[i], pinfo->num, ldp_capture.shown_frame, end, pinfo);
}

/* Held sessions */

static void
unlink_held(ldp_session_t *session)
{
    ldp_session_t **link;

    for (link = &held; *link && *link != session; link = &(*link)->next_held)
        ;
    if (*link)
        *link = session->next_held;
    session->held = false;
    session->next_held = NULL;
    held_count--;
}

static void
end_held(ldp_session_t *session, packet_info *pinfo)
{
    unlink_held(session);
    for (unsigned i = 0; i < 2; i++)
        end_side(&session->side[i], pinfo->num - 1, session->closed_in, LDP_NOT_RECOVERED, pinfo);
}

void
ldp_expire_held(packet_info *pinfo)
{
    ldp_session_t *session, *next;

    if (!held || nstime_cmp(&next_expiry, &pinfo->abs_ts) >= 0)
        return;
    nstime_set_unset(&next_expiry);
    for (session = held; session; session = next) {
        next = session->next_held;
        if (nstime_cmp(&session->held_until, &pinfo->abs_ts) >= 0)
            expect_expiry(&session->held_until);
        else
            end_held(session, pinfo);
    }
}

/* Beginning */

static ldp_side_t *
side_of(ldp_session_t *session, const ldp_lsr_t *lsr)
{
    for (unsigned i = 0; i < 2; i++) {
        if (session->side[i].lsr == lsr)
            return &session->side[i];
    }
    return NULL;
}

/* The session before, of the same two routers, is over now; what of it stays is for this side to say. */
static void
take_over(ldp_side_t *side, ldp_session_t *former, packet_info *pinfo)
{
    ldp_side_t *kept;

    if (!former->closed)
        ldp_session_close(former, pinfo, true, LDP_SESSION_RESTARTED);
    if (!former->held)
        return;
    kept = side_of(former, side->lsr);
    if (!kept)
        return;
    if (!side->ft || side->recovery_ms == 0) {
        for (; kept; kept = kept->held)
            end_side(kept, pinfo->num, ldp_capture.shown_frame, LDP_NOT_RECOVERED, pinfo);
        return;
    }
    side->held = kept;
    add_milliseconds(&former->held_until, &pinfo->abs_ts, side->recovery_ms);
    expect_expiry(&former->held_until);
}

static void
begin_session(ldp_side_t *side, const ldp_lsr_t *peer, packet_info *pinfo)
{
    pair_t *pair = pair_get(side->lsr, peer);
    ldp_session_t *former = former_session(pair, side->session);

    if (former)
        take_over(side, former, pinfo);
    put_session(pair, side->session, pinfo->num);
}

static bool
was_seen_to_begin(const ldp_session_t *session)
{
    return session->side[0].begun || session->side[1].begun;
}

/*
 * RFC 5036 section 2.5.2: two routers have one session, so one that began before the capture is older than one that began in it.
 * What was there before RFC 7552 may have one by IPv4 and one by IPv6.
 */
static bool
may_be_older(const ldp_session_t *session, const ldp_lsr_t *one, const ldp_lsr_t *other)
{
    const pair_t *pair = pair_find(one, other);
    const ldp_session_t *former = pair ? former_session(pair, session) : NULL;

    return former && !was_seen_to_begin(session)
            && (was_seen_to_begin(former) || former->side[0].addr.type != session->side[0].addr.type);
}

/* What it goes on with ends the one before. */
void
ldp_session_goes_on(ldp_side_t *side, packet_info *pinfo)
{
    ldp_session_t *session = side->session;
    ldp_lsr_t *peer = ldp_side_peer(side);

    if (side->went_on || side->initialized)
        return;
    side->went_on = true;
    if (!peer && was_seen_to_begin(session))
        peer = ldp_lsr_by_address(session->network, &ldp_side_other(side)->addr, pinfo->num);
    if (!peer || peer == side->lsr || may_be_older(session, side->lsr, peer))
        return;
    side->receiver = peer;
    begin_session(side, peer, pinfo);
}

/* How much of the former one is kept is for the Initialization to say, should it be late only. */
void
ldp_session_is_ahead(const ldp_side_t *side, packet_info *pinfo)
{
    ldp_session_t *session = side->session, *former;
    const ldp_side_t *other = ldp_side_other(side);
    const ldp_lsr_t *lsr = ldp_lsr_by_address(session->network, &side->addr, pinfo->num);
    const ldp_lsr_t *peer = ldp_lsr_by_address(session->network, &other->addr, pinfo->num);
    pair_t *pair = lsr && peer && lsr != peer ? pair_find(lsr, peer) : NULL;

    if (!pair || side->went_on || side->initialized || session->closed || !was_seen_to_begin(session))
        return;
    former = former_session(pair, session);
    if (former && !former->closed)
        ldp_session_close(former, pinfo, true, LDP_SESSION_RESTARTED);
    put_session(pair, session, pinfo->num);
}

void
ldp_session_initialized(ldp_side_t *side, packet_info *pinfo)
{
    ldp_session_t *session = side->session;
    ldp_lsr_t *peer = ldp_side_peer(side);

    if (side->initialized)
        end_side(side, pinfo->num, ldp_capture.shown_frame, LDP_SESSION_RESTARTED, pinfo);
    side->initialized = true;
    if (session->side[0].initialized && session->side[1].initialized && !session->gap)
        session->complete_frame = pinfo->num;
    if (peer)
        begin_session(side, peer, pinfo);
}
