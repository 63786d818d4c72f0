/* ldp-binding.c
 * Label bindings; see ldp-binding.h
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
#include <wsutil/pint.h>

#include "as-of.h"
#include "ldp-binding.h"
#include "ldp-capture.h"
#include "compat.h"

typedef struct pw_status_entry {
    uint32_t  frame;
    uint32_t  status;
} pw_status_entry_t;

static wmem_map_t *bindings;
static uint32_t binding_count;
static ldp_touched_cb touched_cb;

void
ldp_binding_reset(ldp_touched_cb touched)
{
    bindings = ldp_map_by_key();
    binding_count = 0;
    touched_cb = touched;
}

uint32_t
ldp_binding_count(void)
{
    return binding_count;
}

static void
enter(ldp_scope_t *scope, ldp_member_t *member, ldp_binding_t *binding, uint32_t frame)
{
    ldp_scope_enter(scope, member, binding, binding->lsr, frame);
}

static ldp_scope_t *
make_egresses(ldp_network_t network, ldp_fec_t *fec)
{
    if (network == LDP_OWN_NETWORK)
        return &fec->egresses;
    if (!fec->customers_egresses)
        fec->customers_egresses = (ldp_scope_t *)ldp_keep(sizeof(ldp_scope_t));
    return fec->customers_egresses;
}

static void
begin(ldp_binding_t *binding, uint32_t frame)
{
    uint32_t label = binding->key.label;

    if (label <= LDP_LABEL_IMPLICIT_NULL && label != 1)
        enter(make_egresses(binding->lsr->network, binding->fec), &binding->special, binding, frame);
    if (label == LDP_LABEL_IMPLICIT_NULL) {
        if (!binding->lsr->popped_frame)
            binding->lsr->popped_frame = frame;
        return;
    }
    enter(ldp_scope_make_at_lsr(binding->lsr, label), &binding->at_lsr, binding, frame);
    if (label <= LDP_LABEL_LAST_SPECIAL)
        return;
    enter(ldp_scope_make_anywhere(binding->lsr->network, label, false), &binding->anywhere, binding, frame);
    if (binding->pw)
        enter(ldp_scope_make_anywhere(binding->lsr->network, label, true), &binding->special, binding, frame);
}

void
ldp_binding_end(ldp_binding_t *binding, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo)
{
    binding->withdrawn_in = shown_frame;
    binding->ended_frame = frame;
    binding->end = end;
    ldp_scope_leave(&binding->at_lsr, frame);
    ldp_scope_leave(&binding->anywhere, frame);
    ldp_scope_leave(&binding->special, frame);
    touched_cb(pinfo, binding);
}

void
ldp_binding_withdraw(ldp_binding_t *binding, uint32_t shown_frame, packet_info *pinfo)
{
    binding->withdrawn_in = shown_frame;
    touched_cb(pinfo, binding);
}

static bool
same_pw(const ldp_pw_t *one, const ldp_pw_t *other)
{
    if (!one || !other)
        return one == other;
    return one->type == other->type && one->control_word == other->control_word && one->group == other->group
            && one->mtu == other->mtu && one->has_vccv == other->has_vccv && one->vccv_cc == other->vccv_cc
            && one->vccv_cv == other->vccv_cv && one->flow_label == other->flow_label;
}

ldp_binding_t *
ldp_binding_current(const ldp_lsr_t *lsr, const ldp_fec_t *fec, uint32_t label, const ldp_element_t *element)
{
    ldp_key_t key = { lsr->number, fec->number, label };
    ldp_binding_t *binding = (ldp_binding_t *)wmem_map_lookup(bindings, &key);

    return binding && binding->adverts && same_pw(binding->pw, ldp_element_is_pw(element) ? &element->pw : NULL)
            ? binding : NULL;
}

ldp_binding_t *
ldp_binding_new(ldp_lsr_t *lsr, ldp_fec_t *fec, uint32_t label, const ldp_element_t *element, uint32_t requested_in,
        packet_info *pinfo)
{
    ldp_binding_t *binding = (ldp_binding_t *)ldp_keep(sizeof *binding);

    binding->key = (ldp_key_t) { lsr->number, fec->number, label };
    binding->lsr = lsr;
    binding->fec = fec;
    binding->advertised_in = ldp_capture.shown_frame;
    binding->requested_in = requested_in;
    if (ldp_element_is_pw(element))
        binding->pw = (ldp_pw_t *)ldp_keep_copy(&element->pw, sizeof element->pw);
    ldp_map_insert(bindings, &binding->key, binding);
    begin(binding, pinfo->num);
    binding_count++;
    ldp_keep_count(2 * 2 * sizeof binding);     /* in what touched_cb() keeps of its first and last frame */
    touched_cb(pinfo, binding);
    return binding;
}

ldp_lsr_t *
ldp_fec_egress(ldp_network_t network, const ldp_fec_t *fec, uint32_t frame)
{
    const ldp_scope_t *egresses = network == LDP_OWN_NETWORK ? &fec->egresses : fec->customers_egresses;
    const ldp_event_t *event;
    ldp_lsr_t *lsr;

    if (fec->host) {
        lsr = ldp_lsr_by_address(network, &fec->host_address, frame);
        if (!lsr && fec->kind == LDP_FEC_IPV4)
            lsr = ldp_lsr_find(network, pntohu32(fec->host_address.data));
        if (lsr && lsr->first_frame < frame)
            return lsr;
    }
    event = egresses ? ldp_scope_at(egresses, frame) : NULL;
    return event && event->active == 1 ? ((ldp_binding_t *)event->owner)->lsr : NULL;
}

void
ldp_pw_status_set(ldp_pw_status_t *status, uint32_t value, uint32_t frame)
{
    const pw_status_entry_t *latest = (const pw_status_entry_t *)as_of_latest(status->history);
    pw_status_entry_t entry = { .frame = frame, .status = value };

    if (latest && latest->status == value)
        return;
    if (!status->history)
        status->history = wmem_array_new(wmem_file_scope(), sizeof entry);
    if (as_of_put(status->history, &entry, sizeof entry))
        ldp_keep_count(2 * sizeof entry + (latest ? 0 : sizeof(void *) * 8));
}

const uint32_t *
ldp_pw_status_at(const ldp_pw_status_t *status, uint32_t frame)
{
    const pw_status_entry_t *entry = status ? (const pw_status_entry_t *)as_of(status->history, frame) : NULL;

    return entry ? &entry->status : NULL;
}
