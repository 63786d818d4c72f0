/* ldp-distribution.c
 * What the messages of label distribution do to bindings; see ldp-distribution.h
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

#include "ldp-capture.h"
#include "ldp-codes.h"
#include "ldp-distribution.h"
#include "compat.h"

/* Labels that one router tells another for one FEC at one time. */
#define LDP_MAX_LABELS          64

/* Of the work that a capture may make: of a status that both a label and a pseudowire keep. */
#define STATUS_STEPS            8

#define ANY_LABEL               UINT32_MAX

/* In a key, instead of a FEC's number. No FEC has these. */
#define WITHDRAWAL_OF_WILDCARD  0x80000000

/* The last one of a router for a FEC of another router. */
typedef struct request {
    ldp_key_t key;          /* the label is the asking router's number */
    uint32_t  message_id;
    uint32_t  frame;
} request_t;

/* Withdrawals of one FEC, or of one wildcard or group, that wait for the release that answers them. */
typedef struct withdrawal {
    ldp_key_t key;
    unsigned  waiting;
    uint32_t  frame;        /* of the latest */
    uint32_t  label;        /* that all of them name, or ANY_LABEL */
} withdrawal_t;

/* Which adverts a withdrawal or release is about. */
typedef struct ending {
    bool       has_label;
    uint32_t   label;
    uint32_t   before;      /* told before this frame */
    ldp_end_t  end;
} ending_t;

static wmem_map_t *requests;
static wmem_map_t *withdrawals;

void
ldp_distribution_reset(void)
{
    requests = ldp_map_by_key();
    withdrawals = ldp_map_by_key();
}

/* Label Request */

void
ldp_request(const ldp_side_t *side, const ldp_element_t *element, uint32_t message_id, uint32_t frame)
{
    const ldp_lsr_t *peer = ldp_side_peer(side);
    ldp_key_t key;
    request_t *request;

    if (!peer || element->key_length == 0)
        return;
    key = (ldp_key_t) { peer->number, ldp_fec_get(element)->number, side->lsr->number };
    request = (request_t *)wmem_map_lookup(requests, &key);
    if (!request) {
        request = (request_t *)ldp_keep(sizeof *request);
        request->key = key;
        ldp_map_insert(requests, &request->key, request);
    }
    request->message_id = message_id;
    request->frame = frame;
}

/* RFC 5036 section 3.5.7.1: a mapping says which request it answers. */
static uint32_t
requested_in(const ldp_side_t *side, const ldp_fec_t *fec, const uint32_t *message_id)
{
    const ldp_lsr_t *peer = ldp_side_peer(side);
    ldp_key_t key = { side->lsr->number, fec->number, peer ? peer->number : 0 };
    const request_t *request = message_id ? (const request_t *)wmem_map_lookup(requests, &key) : NULL;

    return request && request->message_id == *message_id ? request->frame : 0;
}

/* Label Mapping */

static unsigned
count_labels(const ldp_side_t *side, const ldp_fec_t *fec)
{
    unsigned count = 0;

    for (const ldp_advert_t *advert = ldp_advert_of_fec(side, fec); advert; advert = advert->next_label)
        count++;
    return count;
}

/* Labels that were kept for this FEC over a graceful restart and are not the one told now. */
static void
end_held(const ldp_side_t *side, const ldp_fec_t *fec, packet_info *pinfo)
{
    ldp_advert_t *advert, *next;

    if (!side->held)
        return;
    for (advert = ldp_advert_of_fec(side->held, fec); advert; advert = next) {
        next = advert->next_label;
        ldp_advert_end(advert, pinfo->num, ldp_capture.shown_frame, LDP_REPLACED, pinfo);
    }
}

/*
 * RFC 3478 section 3.2: who has kept its labels hands none of them out anew. So where the new session tells one for another FEC
 * first, its old use is over. Those kept came before what is told now.
 */
static void
end_held_of_label(const ldp_side_t *side, const ldp_fec_t *fec, uint32_t label, packet_info *pinfo)
{
    const ldp_lsr_t *peer = ldp_side_peer(side);
    const ldp_scope_t *scope;
    ldp_member_t *member, *next;

    if (!side->held || !peer || label <= LDP_LABEL_LAST_SPECIAL || ldp_advert_find(side->held, fec, label))
        return;
    scope = ldp_scope_make_at_peer(side->lsr, peer, label);
    if (scope->tail && ((ldp_advert_t *)scope->tail->owner)->side == side)
        return;
    for (member = scope->head; member && ((ldp_advert_t *)member->owner)->side == side->held; member = next) {
        next = member->next;
        ldp_advert_end((ldp_advert_t *)member->owner, pinfo->num, ldp_capture.shown_frame, LDP_NOT_RECOVERED, pinfo);
    }
}

/* What is told again after a withdrawal is told anew: the release that is still to come is not about it. */
static void
end_if_withdrawn(const ldp_side_t *side, const ldp_fec_t *fec, uint32_t label, packet_info *pinfo)
{
    ldp_advert_t *advert = side->withdrawn ? ldp_advert_find(side, fec, label) : NULL;

    if (advert && ldp_advert_is_withdrawn(advert))
        ldp_advert_end(advert, pinfo->num, advert->withdrawn_in, LDP_WITHDRAWN, pinfo);
}

/* Who hands out a label anew has got the release of what it was. */
static void
end_withdrawn(const ldp_side_t *side, uint32_t label, packet_info *pinfo)
{
    const ldp_lsr_t *peer = ldp_side_peer(side);
    const ldp_scope_t *scope;
    ldp_member_t *member, *next;

    if (!side->withdrawn || !peer || label <= LDP_LABEL_LAST_SPECIAL)
        return;
    scope = ldp_scope_make_at_peer(side->lsr, peer, label);
    for (member = scope->head; member && scope->withdrawn; member = next) {
        ldp_advert_t *advert = (ldp_advert_t *)member->owner;

        next = member->next;
        if (ldp_advert_is_withdrawn(advert))
            ldp_advert_end(advert, pinfo->num, advert->withdrawn_in, LDP_WITHDRAWN, pinfo);
        else if (!ldp_capture_step(pinfo->num))
            return;
    }
}

void
ldp_bind(ldp_side_t *side, const ldp_element_t *element, uint32_t label, const uint32_t *message_id, packet_info *pinfo)
{
    ldp_fec_t *fec = ldp_fec_get(element);
    ldp_binding_t *binding;
    ldp_advert_t *advert;

    end_withdrawn(side, label, pinfo);
    end_if_withdrawn(side, fec, label, pinfo);
    binding = ldp_binding_current(side->lsr, fec, label, element);
    advert = ldp_advert_find(side, fec, label);
    if (advert && advert->binding == binding)
        return;     /* told again */
    if (advert)
        ldp_advert_end(advert, pinfo->num, ldp_capture.shown_frame, LDP_REPLACED, pinfo);
    if (count_labels(side, fec) >= LDP_MAX_LABELS)
        ldp_advert_end(ldp_advert_of_fec(side, fec), pinfo->num, ldp_capture.shown_frame, LDP_REPLACED, pinfo);
    if (!binding)
        binding = ldp_binding_new(side->lsr, fec, label, element, requested_in(side, fec, message_id), pinfo);
    end_held_of_label(side, fec, label, pinfo);
    ldp_advert_new(side, binding, pinfo);
    end_held(side, fec, pinfo);
}

/* Label Withdraw and Label Release */

static uint32_t
withdrawn_fec(const ldp_element_t *element, const ldp_fec_t *fec)
{
    return fec ? fec->number : WITHDRAWAL_OF_WILDCARD | (uint32_t)element->type << 16
            | (uint32_t)element->wildcard_type << 8 | (uint32_t)element->kind;
}

static const ldp_fec_t *
fec_of(const ldp_element_t *element, bool create)
{
    if (!element->key_length)
        return NULL;
    return create ? ldp_fec_get(element) : ldp_fec_find(element);
}

/* NULL: there is none. One may be of a label that was told before the capture began. */
static withdrawal_t *
withdrawal_of(const ldp_side_t *side, const ldp_element_t *element, bool create)
{
    const ldp_fec_t *fec = fec_of(element, create);
    ldp_key_t key = { side->number, withdrawn_fec(element, fec), element->group_only ? element->pw.group : 0 };
    withdrawal_t *withdrawal;

    if (element->key_length && !fec)
        return NULL;
    withdrawal = (withdrawal_t *)wmem_map_lookup(withdrawals, &key);
    if (!withdrawal && create) {
        withdrawal = (withdrawal_t *)ldp_keep(sizeof *withdrawal);
        withdrawal->key = key;
        ldp_map_insert(withdrawals, &withdrawal->key, withdrawal);
    }
    return withdrawal;
}

static void
await_release(withdrawal_t *withdrawal, uint32_t label, uint32_t frame)
{
    withdrawal->label = withdrawal->waiting == 0 || withdrawal->label == label ? label : ANY_LABEL;
    withdrawal->waiting++;
    withdrawal->frame = frame;
}

/* One of another label than those that were withdrawn is the peer's own. */
static bool
is_answered(const withdrawal_t *withdrawal, uint32_t label)
{
    return withdrawal->waiting > 0 && (withdrawal->label == ANY_LABEL || label == ANY_LABEL || withdrawal->label == label);
}

/*
 * RFC 5036 section 3.5.10: a withdrawal is answered by a release, which ends nothing that has been told meanwhile.
 * Returns before which frame a label must have been told to be meant.
 */
static uint32_t
told_before(const ldp_side_t *side, const ldp_element_t *element, uint32_t label, ldp_end_t end, uint32_t frame)
{
    withdrawal_t *withdrawal = withdrawal_of(side, element, end == LDP_WITHDRAWN);

    if (!withdrawal)
        return UINT32_MAX;
    if (end == LDP_WITHDRAWN) {
        await_release(withdrawal, label, frame);
        return UINT32_MAX;
    }
    if (!is_answered(withdrawal, label))
        return UINT32_MAX;
    withdrawal->waiting--;
    return withdrawal->frame;
}

/* What is withdrawn is, also where it was told in the same frame, or read in it: what waited for an earlier segment is. */
static bool
is_meant(const ldp_advert_t *advert, const ending_t *ending)
{
    return (!ending->has_label || advert->key.label == ending->label)
            && (advert->begun_frame < ending->before || ldp_advert_is_withdrawn(advert));
}

/*
 * RFC 5036 section 3.5.10: what is withdrawn may be in use until its release, which can not be seen where the peer never speaks.
 * Returns false if there is nothing new in it.
 */
static bool
end_advert(ldp_advert_t *advert, const ending_t *ending, packet_info *pinfo)
{
    bool withdrawn = ldp_advert_is_withdrawn(advert);

    if (ending->end != LDP_WITHDRAWN) {
        ldp_advert_end(advert, pinfo->num, withdrawn ? advert->withdrawn_in : ldp_capture.shown_frame,
                withdrawn ? LDP_WITHDRAWN : ending->end, pinfo);
        return true;
    }
    if (withdrawn)
        return false;
    if (ldp_side_other(advert->side)->lsr)
        ldp_advert_withdraw(advert, ldp_capture.shown_frame, pinfo);
    else
        ldp_advert_end(advert, pinfo->num, ldp_capture.shown_frame, LDP_WITHDRAWN, pinfo);
    return true;
}

static void
unbind_group(const ldp_side_t *side, const ldp_element_t *element, const ending_t *ending, packet_info *pinfo)
{
    ldp_advert_t *advert, *next;

    for (advert = ldp_advert_of_group(side, element); advert; advert = next) {
        next = advert->next_in_group;
        if (!(is_meant(advert, ending) && end_advert(advert, ending, pinfo)) && !ldp_capture_step(pinfo->num))
            return;
    }
}

static bool
wildcard_matches(const ldp_element_t *element, const ldp_advert_t *advert)
{
    const ldp_pw_t *pw = advert->binding->pw;

    if (element->type == LDP_ELEMENT_WILDCARD)
        return true;
    if (!pw)
        return element->wildcard_type == advert->binding->fec->type;
    return element->pw.type == PW_TYPE_MASK || pw->type == element->pw.type;
}

/* Those of one kind of FEC. */
static void
unbind_kind(const ldp_side_t *side, unsigned kind, const ldp_element_t *element, const ending_t *ending, packet_info *pinfo)
{
    ldp_advert_t *advert, *next;

    for (advert = side->active[kind]; advert; advert = next) {
        next = advert->next;
        if (!(is_meant(advert, ending) && wildcard_matches(element, advert) && end_advert(advert, ending, pinfo))
                && !ldp_capture_step(pinfo->num))
            return;
    }
}

static void
unbind_fec(const ldp_side_t *side, const ldp_element_t *element, const ending_t *ending, packet_info *pinfo)
{
    const ldp_fec_t *fec = ldp_fec_find(element);
    ldp_advert_t *advert, *next;

    for (advert = fec ? ldp_advert_of_fec(side, fec) : NULL; advert; advert = next) {
        next = advert->next_label;
        if (is_meant(advert, ending))
            end_advert(advert, ending, pinfo);
    }
}

void
ldp_unbind(ldp_side_t *side, const ldp_element_t *element, bool has_label, uint32_t label, ldp_end_t end,
        packet_info *pinfo)
{
    ending_t ending = { has_label, label, told_before(side, element, has_label ? label : ANY_LABEL, end, pinfo->num), end };

    if (element->group_only) {
        unbind_group(side, element, &ending, pinfo);
    } else if (element->type == LDP_ELEMENT_TYPED_WILDCARD) {
        unbind_kind(side, element->kind, element, &ending, pinfo);
    } else if (element->type == LDP_ELEMENT_WILDCARD) {
        for (unsigned kind = 0; kind < LDP_FEC_KINDS; kind++)
            unbind_kind(side, kind, element, &ending, pinfo);
    } else {
        unbind_fec(side, element, &ending, pinfo);
    }
}

/* Pseudowire status */

static void
set_status(const ldp_advert_t *advert, uint32_t status, packet_info *pinfo)
{
    const ldp_lsr_t *peer = ldp_side_peer(advert->side);

    if (!advert->pw_status)
        return;
    ldp_pw_status_set(advert->pw_status, status, pinfo->num);
    if (peer)
        ldp_wire_status(advert->side->lsr, peer, advert->binding->fec, status, pinfo);
}

static void
set_group_status(const ldp_side_t *side, const ldp_element_t *element, uint32_t status, packet_info *pinfo)
{
    for (const ldp_advert_t *advert = ldp_advert_of_group(side, element); advert; advert = advert->next_in_group) {
        if (!ldp_capture_steps(STATUS_STEPS, pinfo->num))
            return;
        set_status(advert, status, pinfo);
    }
}

void
ldp_pw_status_changed(const ldp_side_t *side, const ldp_element_t *element, uint32_t status, packet_info *pinfo)
{
    const ldp_fec_t *fec = element->key_length ? ldp_fec_find(element) : NULL;
    const ldp_advert_t *advert = fec ? ldp_advert_of_fec(side, fec) : NULL;

    if (element->group_only)
        set_group_status(side, element, status, pinfo);
    else if (advert)
        set_status(advert, status, pinfo);
}
