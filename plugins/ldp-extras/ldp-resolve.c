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

#include "ldp-codes.h"
#include "ldp-direction.h"
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
    const ldp_hop_t     *hop;
    ldp_payload_t       *carried;       /* of a label that ends the stack, else NULL */
    reader_kind_t        kind;
    ldp_lsr_t           *reader;
    uint32_t             frame;
    bool                 outermost;     /* the label that the sender was told, as far as one can see */
    bool                 doubtful;      /* the label before was a guess */
    unsigned            *entries_left;  /* that may still be looked at for this stack */
} resolver_t;

/* The latest bindings of a label that are looked at. */
#define MAX_ENTRIES_BACK 512

void
ldp_stack_read(tvbuff_t *tvb, int offset, int end, ldp_stack_t *stack)
{
    stack->count = 0;
    stack->payload = 0;
    stack->pw = NULL;
    stack->pw_alert = false;
    for (; end - offset >= 4 && stack->count < LDP_MAX_STACK; offset += 4) {
        ldp_label_t *label = &stack->label[stack->count];
        uint32_t entry = tvb_get_ntohl(tvb, offset);

        memset(&stack->use[stack->count++], 0, sizeof stack->use[0]);
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

bool
ldp_use_is_doubtful(const ldp_use_t *use)
{
    return use->doubtful || use->stale || use->observed;
}

/* Whether the packet can not have the label for this FEC. */
static bool
is_refuted(const resolver_t *resolver, const ldp_binding_t *binding)
{
    return resolver->carried && ldp_payload_refutes(resolver->carried, binding->fec);
}

static bool
binding_is_active(const ldp_binding_t *binding, uint32_t frame)
{
    return binding->ended_frame == 0 || binding->ended_frame >= frame;
}

static bool
advert_is_active(const ldp_advert_t *advert, uint32_t frame)
{
    return advert->ended_frame == 0 || advert->ended_frame >= frame;
}

/* Several FECs of one router */

/* What one router has the label for; owners are adverts where it is known whom it told, else bindings. */
typedef struct ldp_told {
    bool      adverts;
    bool      has_pseudowire;
    unsigned  count;
    void     *owner[MAX_ENTRIES_BACK];      /* the latest first */
} ldp_told_t;

static ldp_binding_t *
told_binding(const ldp_told_t *told, unsigned i)
{
    return told->adverts ? ((ldp_advert_t *)told->owner[i])->binding : (ldp_binding_t *)told->owner[i];
}

static bool
told_is_active(const ldp_told_t *told, const void *owner, uint32_t frame)
{
    return told->adverts ? advert_is_active((const ldp_advert_t *)owner, frame)
            : binding_is_active((const ldp_binding_t *)owner, frame);
}

/* Of so many entries the first one that is looked at. */
static unsigned
oldest_looked_at(const resolver_t *resolver, unsigned count)
{
    unsigned number = MIN(MIN(count, MAX_ENTRIES_BACK), *resolver->entries_left);

    *resolver->entries_left -= number;
    return count - number;
}

static void
told_add(ldp_told_t *told, void *owner)
{
    told->owner[told->count++] = owner;
    told->has_pseudowire = told->has_pseudowire || told_binding(told, told->count - 1)->pw;
}

static void
told_find(const resolver_t *resolver, const ldp_scope_t *scope, ldp_told_t *told)
{
    unsigned count = ldp_scope_entered(scope, resolver->frame);
    unsigned oldest = oldest_looked_at(resolver, count);

    told->count = 0;
    told->has_pseudowire = false;
    for (unsigned i = count; i > oldest; i--) {
        void *owner = ldp_scope_entry(scope, i - 1);

        if (told_is_active(told, owner, resolver->frame))
            told_add(told, owner);
    }
}

/* Of those that fit the one with the longest prefix, where there is a destination; of several the first that was told. */
static unsigned
told_best(const resolver_t *resolver, const ldp_told_t *told)
{
    bool has_destination = resolver->carried && resolver->carried->kind == LDP_PAYLOAD_IP;
    unsigned best = told->count;

    for (unsigned i = told->count; i > 0; i--) {
        const ldp_binding_t *binding = told_binding(told, i - 1);

        if (is_refuted(resolver, binding))
            continue;
        if (best == told->count
                || (has_destination && binding->fec->prefix_bits > told_binding(told, best)->fec->prefix_bits))
            best = i - 1;
    }
    return best;
}

static void
set_use(ldp_use_t *use, const ldp_told_t *told, unsigned i)
{
    use->binding = told_binding(told, i);
    use->advert = told->adverts ? (const ldp_advert_t *)told->owner[i] : NULL;
}

/* Those besides the best one, in the order in which they were told. */
static const ldp_more_t *
told_more(const resolver_t *resolver, const ldp_told_t *told, unsigned best)
{
    wmem_allocator_t *pool = resolver->hop->pool;
    ldp_more_t *more = wmem_new0(pool, ldp_more_t);

    more->binding = wmem_alloc_array(pool, ldp_binding_t *, told->count);
    more->advert = told->adverts ? wmem_alloc_array(pool, const ldp_advert_t *, told->count) : NULL;
    for (unsigned i = told->count; i > 0; i--) {
        if (i - 1 == best)
            continue;
        more->binding[more->count] = told_binding(told, i - 1);
        if (more->advert)
            more->advert[more->count] = (const ldp_advert_t *)told->owner[i - 1];
        more->count++;
    }
    return more;
}

static void
use_several(const resolver_t *resolver, const ldp_scope_t *scope, ldp_told_t *told, ldp_use_t *use)
{
    unsigned best;

    told_find(resolver, scope, told);
    best = told->has_pseudowire ? 0 : told_best(resolver, told);
    if (best >= told->count)
        return;
    set_use(use, told, best);
    use->ambiguous = told->has_pseudowire || told->count < use->candidates;    /* one that was not looked at may fit better */
    if (!told->has_pseudowire && told->count > 1)
        use->more = told_more(resolver, told, best);
}

/* That it is over is known where it was said, or where all is known. */
static bool
has_ended_for_certain(const ldp_binding_t *binding, uint32_t frame)
{
    return binding->end == LDP_WITHDRAWN || binding->end == LDP_RELEASED || ldp_lsr_is_wholly_known(binding->lsr, frame);
}

/* A session that began since, and of which some is missing, may have told it again. */
static bool
told_has_ended(const resolver_t *resolver, const ldp_told_t *told)
{
    const ldp_advert_t *advert = (const ldp_advert_t *)told->owner[0];

    if (!told->adverts)
        return has_ended_for_certain(told_binding(told, 0), resolver->frame);
    return advert->end == LDP_WITHDRAWN || advert->end == LDP_RELEASED
            || ldp_session_is_last_known(advert->side->session, advert->side->lsr, resolver->hop->sender, resolver->frame);
}

/* One router's label, of the peer that is told or of anybody. */
static void
use_told(const resolver_t *resolver, const ldp_scope_t *scope, const ldp_event_t *event, bool adverts, ldp_use_t *use)
{
    ldp_told_t told;            /* more of it than this is not read */

    told.adverts = adverts;
    told.count = 1;
    told.owner[0] = event->owner;
    memset(use, 0, sizeof *use);
    if (event->active == 0 && !told_has_ended(resolver, &told))
        return;
    use->match = LDP_MATCH_RECEIVER;
    use->stale = event->active == 0;
    use->candidates = MAX(event->active, 1);
    if (event->active > 1)
        use_several(resolver, scope, &told, use);
    else if (!is_refuted(resolver, told_binding(&told, 0)))
        set_use(use, &told, 0);
}

static void
use_at_router(const resolver_t *resolver, uint32_t label, ldp_use_t *use)
{
    const ldp_scope_t *scope = ldp_scope_at_lsr(resolver->reader, label);
    const ldp_event_t *event = scope ? ldp_scope_at(scope, resolver->frame) : NULL;
    bool several = ldp_lsr_is_several(resolver->reader, resolver->frame);
    const ldp_scope_t *at_peer;
    const ldp_event_t *told;

    if (!event)
        return;
    if (resolver->outermost && resolver->hop->sender && !(several && ldp_lsr_is_several(resolver->hop->sender, resolver->frame))) {
        at_peer = ldp_scope_at_peer(scope, resolver->reader, resolver->hop->sender, label);
        told = at_peer ? ldp_scope_at(at_peer, resolver->frame) : NULL;
        if (told) {
            use_told(resolver, at_peer, told, true, use);
            return;
        }
    }
    if (!several)
        use_told(resolver, scope, event, false, use);
}

/* Any router's */

/* Nobody sends to itself, nor back to who is behind the sender, nor to a router that is known to be elsewhere. */
static bool
can_read(const resolver_t *resolver, const ldp_lsr_t *lsr)
{
    const ldp_hop_t *hop = resolver->hop;
    uint32_t frame = resolver->frame;

    if (lsr == hop->sender || (hop->from_mac && ldp_is_behind(lsr, hop->from_mac, frame)))
        return false;
    if (!resolver->outermost)
        return true;
    if (ldp_lsr_is_remote(lsr, frame) && !(hop->to_mac && ldp_is_present(lsr, hop->to_mac)))
        return false;
    return !(hop->to_mac && (ldp_is_beyond(lsr, hop->to_mac, frame) || !ldp_lsr_may_have_mac(lsr, hop->to_mac, frame)))
            && !(hop->to_ip && !ldp_lsr_may_have_address(lsr, hop->to_ip, frame));
}

/* Whether the label can have been sent for this binding, whoever reads it: what is IP is not in an Ethernet frame, for one. */
static bool
is_possible(const resolver_t *resolver, const ldp_binding_t *binding)
{
    if (!can_read(resolver, binding->lsr) || is_refuted(resolver, binding))
        return false;
    if (!binding->pw || !resolver->carried)
        return true;
    if (resolver->carried->kind == LDP_PAYLOAD_IP && resolver->carried->proven)
        return binding->pw->type == PW_IP;
    return !ldp_payload_refutes_wire(resolver->carried, binding->pw);
}

/* Bindings of one label, as far as its latest events name them. */
typedef struct ldp_candidates {
    unsigned        count;
    unsigned        possible;       /* of them, which the packet does not refute */
    bool            several;        /* routers have them */
    ldp_told_t      told;           /* the possible ones */
} ldp_candidates_t;

static void
add_candidate(const resolver_t *resolver, ldp_candidates_t *candidates, ldp_binding_t *binding)
{
    ldp_told_t *told = &candidates->told;

    candidates->count++;
    if (!is_possible(resolver, binding))
        return;
    if (told->count && told_binding(told, 0)->lsr != binding->lsr)
        candidates->several = true;
    else
        told_add(told, binding);
    candidates->possible++;
}

/* Those that are active at the event, or the last one that was. */
static void
find_candidates(const resolver_t *resolver, const ldp_scope_t *scope, const ldp_event_t *event, ldp_candidates_t *candidates)
{
    unsigned count = event->active ? ldp_scope_entered(scope, resolver->frame) : 0;
    unsigned oldest = oldest_looked_at(resolver, count);

    candidates->count = candidates->possible = candidates->told.count = 0;
    candidates->several = candidates->told.adverts = candidates->told.has_pseudowire = false;
    if (event->active == 0)
        add_candidate(resolver, candidates, (ldp_binding_t *)event->owner);
    for (unsigned i = count; i > oldest; i--) {
        ldp_binding_t *binding = (ldp_binding_t *)ldp_scope_entry(scope, i - 1);

        if (binding_is_active(binding, resolver->frame))
            add_candidate(resolver, candidates, binding);
    }
    /* Those that were not found may be possible as well. */
    if (candidates->count < event->active) {
        candidates->possible += event->active - candidates->count;
        candidates->several = true;
    }
}

static void
use_anywhere(const resolver_t *resolver, uint32_t label, ldp_use_t *use)
{
    const ldp_scope_t *scope = ldp_scope_anywhere(resolver->hop->network, label, resolver->kind == READER_REMOTE);
    const ldp_event_t *event = scope ? ldp_scope_at(scope, resolver->frame) : NULL;
    ldp_candidates_t candidates;
    ldp_told_t *told = &candidates.told;
    unsigned best = 0;

    if (!event || ldp_label_is_foreign(label, resolver->frame))
        return;
    find_candidates(resolver, scope, event, &candidates);
    if (told->count == 0)
        return;
    /* A label that several routers had may be another one's by now. */
    if (event->active == 0 && (event->mixed || !has_ended_for_certain(told_binding(told, 0), resolver->frame)))
        return;
    if (!candidates.several && !told->has_pseudowire) {
        best = told_best(resolver, told);
        use->more = told->count > 1 ? told_more(resolver, told, best) : NULL;
        candidates.several = false;
    } else if (told->count > 1) {
        candidates.several = true;
    }
    set_use(use, told, best);
    use->stale = event->active == 0;
    use->candidates = candidates.possible;
    use->match = candidates.several ? LDP_MATCH_ONE_OF : LDP_MATCH_ONLY;
    use->ambiguous = candidates.several;
}

static void
use_observed(const resolver_t *resolver, uint32_t label, ldp_use_t *use)
{
    const ldp_hop_t *hop = resolver->hop;

    if (!resolver->outermost || hop->carried || !hop->to_mac || use->refuted)
        return;
    use->observed = ldp_observed_find(hop->network, hop->to_mac, label);
    if (use->observed) {
        use->match = LDP_MATCH_OBSERVED;
        use->candidates = 1;
        use->unknown = false;
    }
}

/*
 * A label that LDP took back is free for others. Only an outermost label or a pseudowire's is LDP's for certain:
 * what else is below a tunnel's label is a VPN's, and BGP need not be in the capture. What its router has handed out
 * otherwise since was taken back in a message that is not there.
 */
static bool
may_be_anothers(const resolver_t *resolver, uint32_t label, const ldp_use_t *use)
{
    const ldp_lsr_t *lsr = use->binding->lsr;
    uint32_t told_in = use->advert ? use->advert->advertised_in : use->binding->advertised_in;
    bool foreign = ldp_label_is_foreign_of(lsr, label, resolver->frame);

    if (!use->stale)
        return foreign && !ldp_label_is_foreign_of(lsr, label, told_in);
    return (!resolver->outermost && !use->binding->pw) || foreign;
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

    return resolver->outermost && resolver->hop->sender && ldp_lsr_is_wholly_known(reader, frame)
            && !ldp_lsr_is_several(reader, frame)
            && !(label->bottom && reader->popped_frame && reader->popped_frame < frame)
            && !ldp_foreign_was_seen(frame)
            && !ldp_label_is_foreign_of(reader, label->label, frame)
            && ldp_pair_complete(reader, resolver->hop->sender, frame);
}

/* Leaves those that cover the destination, beside the best one. Returns false if the packet does not tell them from the others. */
static bool
keep_covering(const resolver_t *resolver, ldp_use_t *use)
{
    ldp_more_t *more;
    unsigned kept = 0;

    if (!resolver->carried || resolver->carried->kind != LDP_PAYLOAD_IP || use->more->count + 1 < use->candidates)
        return false;
    more = (ldp_more_t *)wmem_memdup(resolver->hop->pool, use->more, sizeof *more);
    for (unsigned i = 0; i < more->count; i++) {
        if (is_refuted(resolver, more->binding[i]))
            continue;
        more->binding[kept] = more->binding[i];
        if (more->advert)
            more->advert[kept] = more->advert[i];
        kept++;
    }
    more->count = kept;
    use->more = kept ? more : NULL;
    use->candidates = kept + 1;
    use->doubtful = true;
    return true;
}

/*
 * Explicit null stands for every FEC it was bound to: those that the packet can be for are named. Which it is for nobody tells: the
 * next hop of a packet that BGP sends to the same router covers no destination.
 */
static void
use_special(const resolver_t *resolver, uint32_t label, ldp_use_t *use)
{
    if (resolver->kind != READER_KNOWN)
        return;
    use_at_router(resolver, label, use);
    if (use->ambiguous || use->stale || !use->binding || (use->more && !keep_covering(resolver, use)))
        memset(use, 0, sizeof *use);
}

static void
use_label(const resolver_t *resolver, const ldp_label_t *entry, ldp_use_t *use)
{
    uint32_t label = entry->label;

    switch (resolver->kind) {
    case READER_KNOWN:
        use_at_router(resolver, label, use);
        if (!use->match)
            use->unknown = is_unknown(resolver, entry);
        if (!use->match && !resolver->outermost)
            use->service_of = resolver->reader;
        break;
    case READER_UNKNOWN:
    case READER_REMOTE:
        use_anywhere(resolver, label, use);
        break;
    case READER_NONE:
        break;
    }
    if (!use->binding) {
        use->refuted = use->match && !use->stale;
        use->match = (ldp_match_t)0;
    }
    if (use->binding && may_be_anothers(resolver, label, use))
        memset(use, 0, sizeof *use);
    if (!use->binding)
        use_observed(resolver, label, use);
    use->doubtful = resolver->doubtful || use->ambiguous || (use->binding && use->match != LDP_MATCH_RECEIVER);
}

/* The router where the paths to all FECs of the label end, or NULL. */
static ldp_lsr_t *
egress_of(const ldp_use_t *use, uint32_t frame)
{
    ldp_lsr_t *egress = ldp_fec_egress(use->binding->lsr->network, use->binding->fec, frame);

    for (unsigned i = 0; egress && use->more && i < use->more->count; i++) {
        if (ldp_fec_egress(use->binding->lsr->network, use->more->binding[i]->fec, frame) != egress)
            return NULL;
    }
    return egress;
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
    resolver->doubtful = ldp_use_is_doubtful(use);
    if (use->observed) {
        resolver->kind = READER_KNOWN;
        resolver->reader = ldp_observed_router(use->observed);
        return;
    }
    if (!binding || use->ambiguous) {
        resolver->kind = READER_REMOTE;
        return;
    }
    /* A flow label; or one of the root's (RFC 5331), or of a multicast VPN. */
    if (binding->pw || binding->fec->kind == LDP_FEC_MULTIPOINT) {
        resolver->kind = READER_NONE;
        return;
    }
    resolver->reader = egress_of(use, resolver->frame);
    if (resolver->reader)
        resolver->kind = READER_KNOWN;
    else
        resolver->kind = binding->fec->host && !use->more ? READER_NONE : READER_REMOTE;
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

/* Whether the label is the last one; an entropy label below it is no label of this kind. */
static bool
ends_stack(const ldp_stack_t *stack, unsigned i)
{
    if (i + 3 == stack->count && stack->label[i + 1].label == LABEL_ENTROPY_INDICATOR)
        i += 2;
    return stack->label[i].bottom;
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
    unsigned entries_left = LDP_MAX_BINDINGS_OF_STACK;
    resolver_t resolver = {
        .hop = hop, .kind = first_reader(hop), .reader = hop->receiver, .frame = frame, .outermost = true,
        .entries_left = hop->bindings_left ? hop->bindings_left : &entries_left
    };
    bool alert = false;

    memset(stack->use, 0, stack->count * sizeof stack->use[0]);
    stack->pw = NULL;
    stack->pw_alert = false;
    for (unsigned i = 0; i < stack->count; i++) {
        uint32_t label = stack->label[i].label;

        resolver.carried = ends_stack(stack, i) ? &stack->carried : NULL;
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

void
ldp_stack_resolve_observed(ldp_stack_t *stack, const ldp_hop_t *hop)
{
    resolver_t resolver = { .hop = hop, .outermost = true };

    if (stack->count == 1 && stack->innermost > LDP_LABEL_LAST_SPECIAL && !stack->use[0].binding)
        use_observed(&resolver, stack->innermost, &stack->use[0]);
}

/* Presence */

/* The label ends the stack, or there is a flow label below it that its router takes. */
static bool
is_last(const ldp_stack_t *stack, const ldp_pw_t *pw)
{
    return stack->label[0].bottom || (stack->count == 2 && stack->label[1].bottom && pw->flow_label);
}

/* A router that speaks from where the packet goes, as far as that is known without link Hellos. */
static bool
may_be_present(const resolver_t *resolver, const ldp_lsr_t *lsr)
{
    const address *mac = resolver->hop->to_mac;
    uint32_t frame = resolver->frame;

    return ldp_lsr_is_remote(lsr, frame) && can_read(resolver, lsr) && ldp_is_behind(lsr, mac, frame)
        && !ldp_is_beyond(lsr, mac, frame);
}

static bool
observe_presence(ldp_stack_t *stack, const resolver_t *resolver, const ldp_binding_t *binding, const packet_info *pinfo)
{
    const address *mac = resolver->hop->to_mac;

    if (!binding_is_active(binding, resolver->frame) || !ldp_pw_is_judged(binding->pw->type) || !is_last(stack, binding->pw)
            || !may_be_present(resolver, binding->lsr))
        return false;
    ldp_presence_observed(binding->lsr, mac, !ldp_payload_refutes_wire(&stack->carried, binding->pw), &stack->carried.bytes, pinfo);
    return ldp_is_present(binding->lsr, mac);
}

/* Any IP packet would prove a pseudowire of IP. */
bool
ldp_stack_observe_presence(ldp_stack_t *stack, const ldp_hop_t *hop, const packet_info *pinfo)
{
    const resolver_t resolver = { .hop = hop, .frame = pinfo->num };
    const ldp_scope_t *scope;
    unsigned count;
    bool present = false;

    if (stack->count == 0 || stack->use[0].match || hop->receiver || hop->carried || !hop->to_mac)
        return false;
    scope = ldp_scope_anywhere(hop->network, stack->label[0].label, true);
    if (!scope || (stack->carried.kind == LDP_PAYLOAD_IP && stack->carried.proven) || !ldp_payload_wire(&stack->carried))
        return false;
    count = ldp_scope_entered(scope, pinfo->num);
    for (unsigned i = count; i > 0 && count - i < MAX_ENTRIES_BACK; i--)
        present = observe_presence(stack, &resolver, (const ldp_binding_t *)ldp_scope_entry(scope, i - 1), pinfo) || present;
    return present;
}
