/* ldp-advert.c
 * Bindings as one peer was told them; see ldp-advert.h
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

#include "ldp-advert.h"
#include "ldp-capture.h"
#include "compat.h"

/* Chains of FECs and of labels below one key; never a label. */
#define ANY_LABEL UINT32_MAX

/* The first advert of a chain. */
typedef struct chain {
    ldp_key_t     key;
    ldp_advert_t *first;
} chain_t;

static wmem_map_t *adverts;     /* by label, active ones */
static wmem_map_t *fecs;        /* chains by FEC */
static wmem_map_t *groups;      /* chains by type and group of pseudowires: the key's FEC is kind and type, its label the group */

void
ldp_advert_reset(void)
{
    adverts = ldp_map_by_key();
    fecs = ldp_map_by_key();
    groups = ldp_map_by_key();
}

/* Chains */

static chain_t *
chain_find(wmem_map_t *map, const ldp_key_t *key)
{
    return (chain_t *)wmem_map_lookup(map, key);
}

static chain_t *
chain_get(wmem_map_t *map, const ldp_key_t *key)
{
    chain_t *chain = chain_find(map, key);

    if (!chain) {
        chain = (chain_t *)ldp_keep(sizeof *chain);
        chain->key = *key;
        ldp_map_insert(map, &chain->key, chain);
    }
    return chain;
}

static ldp_key_t
fec_key(const ldp_side_t *side, uint32_t fec)
{
    return (ldp_key_t) { side->number, fec, ANY_LABEL };
}

static ldp_key_t
group_key(const ldp_side_t *side, ldp_fec_kind_t kind, const ldp_pw_t *pw)
{
    return (ldp_key_t) { side->number, (uint32_t)kind << 16 | pw->type, pw->group };
}

static void
add_to_side(ldp_advert_t *advert)
{
    ldp_advert_t **list = &advert->side->active[advert->binding->fec->kind];

    advert->next = *list;
    if (*list)
        (*list)->prev = advert;
    *list = advert;
}

/* After the first. */
static void
add_to_fec(ldp_advert_t *advert)
{
    ldp_key_t key = fec_key(advert->side, advert->key.fec);
    chain_t *chain = chain_get(fecs, &key);
    ldp_advert_t *first = chain->first;

    if (!first) {
        chain->first = advert;
        return;
    }
    advert->next_label = first->next_label;
    advert->prev_label = first;
    if (first->next_label)
        first->next_label->prev_label = advert;
    first->next_label = advert;
}

static void
add_to_group(ldp_advert_t *advert)
{
    ldp_key_t key = group_key(advert->side, advert->binding->fec->kind, advert->binding->pw);
    chain_t *chain = chain_get(groups, &key);

    advert->next_in_group = chain->first;
    if (chain->first)
        chain->first->prev_in_group = advert;
    chain->first = advert;
}

static void
remove_from_side(ldp_advert_t *advert)
{
    if (advert->prev)
        advert->prev->next = advert->next;
    else
        advert->side->active[advert->binding->fec->kind] = advert->next;
    if (advert->next)
        advert->next->prev = advert->prev;
    advert->prev = advert->next = NULL;
}

static void
remove_from_fec(ldp_advert_t *advert)
{
    ldp_key_t key = fec_key(advert->side, advert->key.fec);

    if (advert->prev_label)
        advert->prev_label->next_label = advert->next_label;
    else
        chain_find(fecs, &key)->first = advert->next_label;
    if (advert->next_label)
        advert->next_label->prev_label = advert->prev_label;
    advert->prev_label = advert->next_label = NULL;
}

static void
remove_from_group(ldp_advert_t *advert)
{
    ldp_key_t key = group_key(advert->side, advert->binding->fec->kind, advert->binding->pw);

    if (advert->prev_in_group)
        advert->prev_in_group->next_in_group = advert->next_in_group;
    else
        chain_find(groups, &key)->first = advert->next_in_group;
    if (advert->next_in_group)
        advert->next_in_group->prev_in_group = advert->prev_in_group;
    advert->prev_in_group = advert->next_in_group = NULL;
}

/* Finding */

ldp_advert_t *
ldp_advert_find(const ldp_side_t *side, const ldp_fec_t *fec, uint32_t label)
{
    ldp_key_t key = { side->number, fec->number, label };

    return (ldp_advert_t *)wmem_map_lookup(adverts, &key);
}

static ldp_advert_t *
first_of(wmem_map_t *map, const ldp_key_t *key)
{
    const chain_t *chain = chain_find(map, key);

    return chain ? chain->first : NULL;
}

ldp_advert_t *
ldp_advert_of_fec(const ldp_side_t *side, const ldp_fec_t *fec)
{
    ldp_key_t key = fec_key(side, fec->number);

    return first_of(fecs, &key);
}

ldp_advert_t *
ldp_advert_of_group(const ldp_side_t *side, const ldp_element_t *element)
{
    ldp_key_t key = group_key(side, element->kind, &element->pw);

    return first_of(groups, &key);
}

/* Life */

/* The labels of one pseudowire have one status; so has a binding that is told again after a restart. */
static void
share_status(ldp_advert_t *advert)
{
    const ldp_advert_t *first = ldp_advert_of_fec(advert->side, advert->binding->fec);

    advert->pw_status = first ? first->pw_status : advert->binding->pw_status;
    if (!advert->pw_status)
        advert->pw_status = (ldp_pw_status_t *)ldp_keep(sizeof(ldp_pw_status_t));
    if (!advert->binding->pw_status)
        advert->binding->pw_status = advert->pw_status;
}

static ldp_wire_word_t
word_of(const ldp_advert_t *advert)
{
    return (ldp_wire_word_t){ advert ? advert->binding->pw : NULL, advert ? advert->key.label : 0 };
}

/* The latest other label of this FEC that the side goes on with, or NULL. */
static const ldp_advert_t *
still_told(const ldp_advert_t *advert)
{
    const ldp_advert_t *latest = NULL;

    for (const ldp_advert_t *other = ldp_advert_of_fec(advert->side, advert->binding->fec); other; other = other->next_label) {
        if (other != advert && !ldp_advert_is_withdrawn(other) && (!latest || other->begun_frame > latest->begun_frame))
            latest = other;
    }
    return latest;
}

static void
tell_wire(const ldp_advert_t *advert, packet_info *pinfo)
{
    const ldp_lsr_t *peer = ldp_side_peer(advert->side);
    ldp_binding_t *binding = advert->binding;

    if (binding->pw && peer)
        binding->wire = ldp_wire_told(advert->side->lsr, peer, binding->fec, word_of(advert), pinfo);
}

static void
take_back_from_wire(const ldp_advert_t *advert, packet_info *pinfo)
{
    const ldp_lsr_t *peer = ldp_side_peer(advert->side);
    ldp_binding_t *binding = advert->binding;

    if (binding->pw && peer)
        binding->wire = ldp_wire_taken_back(advert->side->lsr, peer, binding->fec, advert->key.label,
                word_of(still_told(advert)), pinfo);
}

/* As soon as one knows whom. */
static void
tell_peer(ldp_advert_t *advert, packet_info *pinfo)
{
    ldp_lsr_t *peer = ldp_side_peer(advert->side), *lsr = advert->side->lsr;
    uint32_t label = advert->key.label;

    if (peer && label != LDP_LABEL_IMPLICIT_NULL)
        ldp_scope_enter(ldp_scope_make_at_peer(lsr, peer, label), &advert->at_peer, advert, lsr, pinfo->num);
    tell_wire(advert, pinfo);
}

void
ldp_adverts_have_peer(const ldp_side_t *side, packet_info *pinfo)
{
    ldp_advert_t *advert;

    for (unsigned kind = 0; kind < LDP_FEC_KINDS; kind++) {
        for (advert = side->active[kind]; advert && advert->next; advert = advert->next)
            ;
        for (; advert; advert = advert->prev)
            tell_peer(advert, pinfo);
    }
}

void
ldp_advert_new(ldp_side_t *side, ldp_binding_t *binding, packet_info *pinfo)
{
    ldp_advert_t *advert = (ldp_advert_t *)ldp_keep(sizeof *advert);

    advert->key = (ldp_key_t) { side->number, binding->key.fec, binding->key.label };
    advert->side = side;
    advert->binding = binding;
    advert->advertised_in = ldp_capture.shown_frame;
    advert->begun_frame = pinfo->num;
    binding->adverts++;
    if (binding->pw) {
        share_status(advert);
        add_to_group(advert);
    }
    add_to_side(advert);
    add_to_fec(advert);
    ldp_map_insert(adverts, &advert->key, advert);
    tell_peer(advert, pinfo);
}

void
ldp_advert_withdraw(ldp_advert_t *advert, uint32_t shown_frame, packet_info *pinfo)
{
    advert->withdrawn_in = shown_frame;
    advert->end = LDP_WITHDRAWN;
    advert->side->withdrawn++;
    if (advert->at_peer.scope)
        advert->at_peer.scope->withdrawn++;
    take_back_from_wire(advert, pinfo);
    if (advert->binding->adverts == 1)
        ldp_binding_withdraw(advert->binding, shown_frame, pinfo);
}

/* After a restart the new session has told the pseudowire already. */
static bool
is_told_anew(const ldp_advert_t *advert, ldp_end_t end)
{
    return end == LDP_REPLACED && advert->side->session->closed;
}

void
ldp_advert_end(ldp_advert_t *advert, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo)
{
    ldp_binding_t *binding = advert->binding;

    if (ldp_advert_is_withdrawn(advert)) {
        advert->side->withdrawn--;
        if (advert->at_peer.scope)
            advert->at_peer.scope->withdrawn--;
    }
    remove_from_side(advert);
    remove_from_fec(advert);
    if (binding->pw)
        remove_from_group(advert);
    if (!is_told_anew(advert, end))
        take_back_from_wire(advert, pinfo);
    wmem_map_remove(adverts, &advert->key);
    advert->withdrawn_in = shown_frame;
    advert->ended_frame = frame;
    advert->end = end;
    ldp_scope_leave(&advert->at_peer, frame);
    if (--binding->adverts == 0)
        ldp_binding_end(binding, frame, shown_frame, end, pinfo);
}
