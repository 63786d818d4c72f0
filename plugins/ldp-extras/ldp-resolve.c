/* ldp-resolve.c
 * Which binding a label of a packet means; see ldp-resolve.h
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
#include "ldp-foreign-labels.h"
#include "ldp-resolve.h"
#include "ldp-restart.h"
#include "compat.h"

#define LABEL_ENTROPY_INDICATOR 7
#define LABEL_GENERIC_ACH       13
#define LABEL_OAM_ALERT         14
#define LABEL_EXTENSION         15

/* Who reads the next label. */
typedef enum {
    READER_KNOWN,           /* reader is that router */
    READER_UNKNOWN,         /* some router that receives the packet */
    READER_REMOTE,          /* some router further away: only a pseudowire's is worth looking for */
    READER_NONE             /* nobody: not a label of this kind */
} reader_kind_t;

typedef struct resolver {
    const ldp_hop_t *hop;
    reader_kind_t    kind;
    ldp_lsr_t       *reader;
    uint32_t         frame;
    bool             outermost;     /* the label that the sender was told, as far as one can see */
} resolver_t;

/* Events before the latest that are looked at for another router's binding. */
#define MAX_EVENTS_BACK 64

void
ldp_stack_read(tvbuff_t *tvb, int offset, int end, ldp_stack_t *stack)
{
    memset(stack, 0, sizeof *stack);
    for (; end - offset >= 4 && stack->count < LDP_MAX_STACK; offset += 4) {
        ldp_label_t *label = &stack->label[stack->count++];
        uint32_t entry = tvb_get_ntohl(tvb, offset);

        label->offset = offset;
        label->label = entry >> 12;
        label->ttl = (uint8_t)entry;
        label->bottom = (entry & 0x100) != 0;
        stack->innermost = label->label;
        if (label->bottom) {
            stack->payload = offset + 4;
            break;
        }
    }
}

static void
use_at_router(const resolver_t *resolver, uint32_t label, ldp_use_t *use)
{
    const ldp_scope_t *scope = ldp_scope_at_lsr(resolver->reader, label);
    const ldp_event_t *event = scope ? ldp_scope_at(scope, resolver->frame) : NULL;

    if (!event)
        return;
    use->match = LDP_MATCH_RECEIVER;
    use->binding = (ldp_binding_t *)event->owner;
    use->stale = event->active == 0;
    use->candidates = MAX(event->active, 1);
    use->ambiguous = event->active > 1;
    if (!resolver->outermost || !resolver->hop->sender)
        return;
    scope = ldp_scope_at_peer(scope, resolver->reader, resolver->hop->sender, label);
    event = scope ? ldp_scope_at(scope, resolver->frame) : NULL;
    if (!event)
        return;
    use->advert = (const ldp_advert_t *)event->owner;
    use->binding = use->advert->binding;
    use->stale = event->active == 0;
    use->candidates = MAX(event->active, 1);
    use->ambiguous = event->active > 1;
}

/* Nobody sends to itself, nor to a router that is known to be elsewhere. */
static bool
can_read(const resolver_t *resolver, const ldp_lsr_t *lsr)
{
    const ldp_hop_t *hop = resolver->hop;

    if (lsr == hop->sender)
        return false;
    if (!resolver->outermost)
        return true;
    return !(hop->to_mac && !ldp_lsr_may_have_mac(lsr, hop->to_mac, resolver->frame))
            && !(hop->to_ip && !ldp_lsr_may_have_address(lsr, hop->to_ip, resolver->frame));
}

static bool
is_active(const ldp_binding_t *binding, uint32_t frame)
{
    return binding->ended_frame == 0 || binding->ended_frame >= frame;
}

/* Bindings of one label, as far as its latest events name them. */
typedef struct ldp_candidates {
    ldp_binding_t  *binding[MAX_EVENTS_BACK];
    unsigned        count;
    unsigned        possible;       /* of them, whose router can read the label */
    ldp_binding_t  *latest;         /* the latest of those */
} ldp_candidates_t;

static void
add_candidate(const resolver_t *resolver, ldp_candidates_t *candidates, ldp_binding_t *binding)
{
    for (unsigned i = 0; i < candidates->count; i++) {
        if (candidates->binding[i] == binding)
            return;
    }
    candidates->binding[candidates->count++] = binding;
    if (!can_read(resolver, binding->lsr))
        return;
    candidates->possible++;
    if (!candidates->latest)
        candidates->latest = binding;
}

/* The latest event is the last of count. */
static void
find_candidates(const resolver_t *resolver, const ldp_scope_t *scope, unsigned count, ldp_candidates_t *candidates)
{
    const ldp_event_t *latest = (const ldp_event_t *)wmem_array_index(scope->events, count - 1);
    unsigned wanted = MAX(latest->active, 1), stop = count > MAX_EVENTS_BACK ? count - MAX_EVENTS_BACK : 0;

    candidates->count = candidates->possible = 0;
    candidates->latest = NULL;
    for (unsigned i = count; i > stop && candidates->count < wanted; i--) {
        ldp_binding_t *binding = (ldp_binding_t *)((const ldp_event_t *)wmem_array_index(scope->events, i - 1))->owner;

        if (latest->active == 0 || is_active(binding, resolver->frame))
            add_candidate(resolver, candidates, binding);
    }
    /* Those that were not found may be possible as well. */
    if (candidates->count < wanted)
        candidates->possible += wanted - candidates->count;
}

/* Where the session was captured as a whole, the end of what it told is known. */
static bool
is_wholly_known(const ldp_lsr_t *lsr, uint32_t frame)
{
    return lsr->complete_frame && lsr->complete_frame < frame
            && !(lsr->incomplete_frame && lsr->incomplete_frame < frame);
}

static void
use_anywhere(const resolver_t *resolver, uint32_t label, ldp_use_t *use)
{
    const ldp_scope_t *scope = ldp_scope_anywhere(label, resolver->kind == READER_REMOTE);
    unsigned count = scope ? as_of_count(scope->events, resolver->frame) : 0;
    const ldp_event_t *event;
    ldp_candidates_t candidates;

    if (count == 0 || ldp_label_is_foreign(label, resolver->frame))
        return;
    event = (const ldp_event_t *)wmem_array_index(scope->events, count - 1);
    find_candidates(resolver, scope, count, &candidates);
    if (!candidates.latest)
        return;
    /* A label that several routers had may be another one's by now. */
    if (event->active == 0 && (event->mixed || !is_wholly_known(candidates.latest->lsr, resolver->frame)))
        return;
    use->binding = candidates.latest;
    use->stale = event->active == 0;
    use->candidates = candidates.possible;
    use->match = use->candidates > 1 ? LDP_MATCH_ONE_OF : LDP_MATCH_ONLY;
    use->ambiguous = use->candidates > 1;
}

/*
 * A label that LDP took back is free for others. Only an outermost label or a pseudowire's is LDP's for certain:
 * what else is below a tunnel's label is a VPN's, and BGP need not be in the capture.
 */
static bool
may_be_anothers(const resolver_t *resolver, uint32_t label, const ldp_use_t *use)
{
    if (!use->stale)
        return false;
    return (!resolver->outermost && !use->binding->pw)
            || ldp_label_is_foreign_of(use->binding->lsr, label, resolver->frame);
}

/*
 * Worth a note only where the capture holds all that the receiver told the sender, where the receiver has
 * no session that it holds in part, and where nobody else hands out labels. A label that ends the stack may
 * be a VPN's, whose tunnel's label has been taken off on the way, where the receiver asks for that.
 */
static bool
is_unknown(const resolver_t *resolver, const ldp_label_t *label)
{
    const ldp_lsr_t *reader = resolver->reader;
    uint32_t frame = resolver->frame;

    return resolver->outermost && resolver->hop->sender && is_wholly_known(reader, frame)
            && !(label->bottom && reader->popped_frame && reader->popped_frame < frame)
            && !ldp_foreign_was_seen(frame)
            && !ldp_label_is_foreign_of(reader, label->label, frame)
            && ldp_pair_complete(reader, resolver->hop->sender, frame);
}

static void
use_special(const resolver_t *resolver, uint32_t label, ldp_use_t *use)
{
    if (resolver->kind != READER_KNOWN)
        return;
    use_at_router(resolver, label, use);
    /* Explicit null stands for every FEC it was bound to: only one FEC can be named. */
    if (use->ambiguous || use->stale)
        memset(use, 0, sizeof *use);
}

static void
use_label(const resolver_t *resolver, const ldp_label_t *entry, ldp_use_t *use)
{
    uint32_t label = entry->label;

    switch (resolver->kind) {
    case READER_KNOWN:
        use_at_router(resolver, label, use);
        if (!use->binding)
            use->unknown = is_unknown(resolver, entry);
        if (!use->binding && !resolver->outermost)
            use->service_of = resolver->reader;
        break;
    case READER_UNKNOWN:
    case READER_REMOTE:
        use_anywhere(resolver, label, use);
        break;
    case READER_NONE:
        break;
    }
    if (use->binding && may_be_anothers(resolver, label, use))
        memset(use, 0, sizeof *use);
}

/* Who reads the label below one that has been looked up. */
static void
next_reader(resolver_t *resolver, const ldp_use_t *use)
{
    const ldp_binding_t *binding = use->binding;

    resolver->outermost = false;
    resolver->reader = NULL;
    if (resolver->kind == READER_NONE)
        return;
    if (!binding || use->ambiguous) {
        resolver->kind = READER_REMOTE;
        return;
    }
    if (binding->pw) {
        resolver->kind = READER_NONE;   /* a flow label */
        return;
    }
    resolver->reader = ldp_fec_egress(binding->fec, resolver->frame);
    if (resolver->reader)
        resolver->kind = READER_KNOWN;
    else
        resolver->kind = binding->fec->host ? READER_NONE : READER_REMOTE;
}

static void
find_pseudowire(ldp_stack_t *stack, bool alert)
{
    for (unsigned i = 0; i < stack->count; i++) {
        if (!stack->use[i].binding || !stack->use[i].binding->pw || stack->use[i].ambiguous)
            continue;
        stack->pw = &stack->use[i];
        stack->pw_alert = alert || stack->label[i].ttl <= 1;
        return;
    }
}

static reader_kind_t
first_reader(const ldp_hop_t *hop)
{
    if (hop->receiver)
        return READER_KNOWN;
    return hop->carried ? READER_NONE : READER_UNKNOWN;
}

void
ldp_stack_resolve(ldp_stack_t *stack, const ldp_hop_t *hop, uint32_t frame)
{
    resolver_t resolver = {
        .hop = hop, .kind = first_reader(hop), .reader = hop->receiver, .frame = frame, .outermost = true
    };
    bool alert = false;

    for (unsigned i = 0; i < stack->count; i++) {
        uint32_t label = stack->label[i].label;

        if (label > LDP_LABEL_LAST_SPECIAL) {
            use_label(&resolver, &stack->label[i], &stack->use[i]);
            if (i + 1 < stack->count)
                next_reader(&resolver, &stack->use[i]);
        } else if (label == LABEL_ENTROPY_INDICATOR || label == LABEL_EXTENSION) {
            i++;
            resolver.outermost = false;
        } else if (label == LABEL_GENERIC_ACH || label == LABEL_OAM_ALERT) {
            break;
        } else if (label == LDP_ROUTER_ALERT) {
            alert = true;
        } else {
            use_special(&resolver, label, &stack->use[i]);
            resolver.outermost = false;
        }
    }
    if (stack->payload)
        find_pseudowire(stack, alert);
}
