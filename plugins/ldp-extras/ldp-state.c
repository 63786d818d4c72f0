/* ldp-state.c
 * Routers, sessions and label bindings as LDP tells them; see ldp-state.h
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>
#include <epan/to_str.h>

#include "ldp-state.h"
#include "ldp-codes.h"
#include "ws_compat.h"

/* Bounds against captures made to cost: neighbors kept, and addresses of each. */
#define LDP_MAX_NEIGHBORS       262144
#define LDP_MAX_NEIGHBOR_IPS    8

/* Routers that an address may have had one after the other. */
#define LDP_MAX_OWNERS          16

/* Labels that one router tells another for one FEC at one time. */
#define LDP_MAX_LABELS          64

/* Sessions whose labels are kept over a graceful restart, at one time. */
#define LDP_MAX_HELD            1024

/* Bindings that wildcard withdrawals may look at in vain, in all of a capture. */
#define LDP_MAX_WILDCARD_STEPS  100000000

/* Chains of FECs and of labels below one key; never a label. */
#define ANY_LABEL UINT32_MAX

ldp_state_t *ldp_state;
static ldp_touched_cb touched_cb;

/* Hashes */

static unsigned
hash_uint64(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, sizeof(uint64_t));
}

static gboolean
equal_uint64(const void *one, const void *other)
{
    return *(const uint64_t *)one == *(const uint64_t *)other;
}

/* Both kinds of keys are three numbers. */
typedef struct ldp_triple {
    uint32_t  number[3];
} ldp_triple_t;

G_STATIC_ASSERT(sizeof(ldp_triple_t) == sizeof(ldp_binding_key_t));
G_STATIC_ASSERT(sizeof(ldp_triple_t) == sizeof(ldp_advert_key_t));

static unsigned
hash_triple(const void *key)
{
    return wmem_strong_hash((const uint8_t *)key, sizeof(ldp_triple_t));
}

static gboolean
equal_triple(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(ldp_triple_t)) == 0;
}

typedef struct ldp_bytes {
    const uint8_t *data;
    unsigned       length;
} ldp_bytes_t;

static unsigned
hash_bytes(const void *key)
{
    const ldp_bytes_t *bytes = (const ldp_bytes_t *)key;

    return wmem_strong_hash(bytes->data, bytes->length);
}

static gboolean
equal_bytes(const void *one, const void *other)
{
    const ldp_bytes_t *a = (const ldp_bytes_t *)one;
    const ldp_bytes_t *b = (const ldp_bytes_t *)other;

    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

/* Versions */

void
ldp_versions_set(ldp_versions_t *versions, uint32_t frame, void *value)
{
    if (versions->count && versions->versions[versions->count - 1].value == value)
        return;
    if (versions->count && versions->versions[versions->count - 1].frame == frame) {
        versions->versions[versions->count - 1].value = value;
        return;
    }
    if (versions->count == versions->capacity) {
        versions->capacity = versions->capacity ? versions->capacity * 2 : 1;
        versions->versions = wmem_realloc(wmem_file_scope(), versions->versions,
                versions->capacity * sizeof(ldp_version_t));
    }
    versions->versions[versions->count].frame = frame;
    versions->versions[versions->count].value = value;
    versions->count++;
}

void *
ldp_versions_get(const ldp_versions_t *versions, uint32_t frame)
{
    uint32_t low = 0, high = versions->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (versions->versions[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? versions->versions[low - 1].value : NULL;
}

/* Scopes */

const ldp_event_t *
ldp_scope_at(const ldp_scope_t *scope, uint32_t frame)
{
    uint32_t low = 0, high = scope->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (scope->events[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &scope->events[low - 1] : NULL;
}

static void
scope_event(ldp_scope_t *scope, uint32_t frame, void *owner)
{
    ldp_event_t *event = scope->count ? &scope->events[scope->count - 1] : NULL;

    if (!event || event->frame < frame) {
        if (scope->count == scope->capacity) {
            scope->capacity = scope->capacity ? scope->capacity * 2 : 1;
            scope->events = wmem_realloc(wmem_file_scope(), scope->events, scope->capacity * sizeof(ldp_event_t));
        }
        event = &scope->events[scope->count++];
        event->frame = frame;
    }
    event->active = scope->active;
    event->mixed = scope->mixed;
    event->owner = scope->tail ? scope->tail->owner : owner;
}

static void
scope_enter(ldp_scope_t *scope, ldp_member_t *member, void *owner, const ldp_lsr_t *lsr, uint32_t frame)
{
    member->scope = scope;
    member->owner = owner;
    member->prev = scope->tail;
    member->next = NULL;
    if (scope->tail)
        scope->tail->next = member;
    else
        scope->head = member;
    scope->tail = member;
    scope->active++;
    if (!scope->first_lsr)
        scope->first_lsr = lsr;
    else if (scope->first_lsr != lsr)
        scope->mixed = true;
    scope_event(scope, frame, owner);
}

static void
scope_leave(ldp_member_t *member, uint32_t frame)
{
    ldp_scope_t *scope = member->scope;

    if (!scope)
        return;
    if (member->prev)
        member->prev->next = member->next;
    else
        scope->head = member->next;
    if (member->next)
        member->next->prev = member->prev;
    else
        scope->tail = member->prev;
    member->scope = NULL;
    scope->active--;
    scope_event(scope, frame, member->owner);
}

/*
 * Scopes share one map. Router numbers take 21 bits each, which leaves one pattern of the upper
 * bits for what belongs to no router.
 */
#define SCOPE_NUMBER_MASK 0x1fffff

static uint64_t
scope_key(uint32_t lsr, uint32_t peer, uint32_t label)
{
    return ((uint64_t)(lsr & SCOPE_NUMBER_MASK) << 43) | ((uint64_t)(peer & SCOPE_NUMBER_MASK) << 22) | label;
}

#define SCOPE_ALL_LABELS    0
#define SCOPE_PSEUDOWIRES   1

static ldp_scope_t *
scope_find(uint64_t key)
{
    return ldp_state ? (ldp_scope_t *)wmem_map_lookup(ldp_state->scopes, &key) : NULL;
}

static ldp_scope_t *
scope_get(uint64_t key)
{
    ldp_scope_t *scope = scope_find(key);

    if (!scope) {
        scope = wmem_new0(wmem_file_scope(), ldp_scope_t);
        scope->key = key;
        wmem_map_insert(ldp_state->scopes, &scope->key, scope);
    }
    return scope;
}

const ldp_scope_t *
ldp_scope_at_lsr(const ldp_lsr_t *lsr, uint32_t label)
{
    return scope_find(scope_key(lsr->number, 0, label));
}

/* Most routers tell a label to one peer: that one's scope is found without the map. */
const ldp_scope_t *
ldp_scope_at_peer(const ldp_scope_t *at_lsr, const ldp_lsr_t *lsr, const ldp_lsr_t *peer, uint32_t label)
{
    if (at_lsr->first_peer == peer)
        return at_lsr->at_first_peer;
    return scope_find(scope_key(lsr->number, peer->number, label));
}

static ldp_scope_t *
scope_get_at_peer(const ldp_lsr_t *lsr, const ldp_lsr_t *peer, uint32_t label)
{
    ldp_scope_t *at_lsr = scope_get(scope_key(lsr->number, 0, label));

    if (!at_lsr->first_peer) {
        at_lsr->first_peer = peer;
        at_lsr->at_first_peer = wmem_new0(wmem_file_scope(), ldp_scope_t);
    }
    return at_lsr->first_peer == peer ? at_lsr->at_first_peer :
        scope_get(scope_key(lsr->number, peer->number, label));
}

const ldp_scope_t *
ldp_scope_anywhere(uint32_t label, bool pseudowires_only)
{
    return scope_find(scope_key(0, pseudowires_only ? SCOPE_PSEUDOWIRES : SCOPE_ALL_LABELS, label));
}

/* Routers */

ldp_lsr_t *
ldp_lsr_get(uint32_t id, uint16_t space, uint32_t frame)
{
    uint64_t key = ((uint64_t)space << 32) | id;
    ldp_lsr_t *lsr = (ldp_lsr_t *)wmem_map_lookup(ldp_state->lsrs, &key);

    if (!lsr && ldp_state->lsr_count < SCOPE_NUMBER_MASK) {
        uint64_t *kept = wmem_new(wmem_file_scope(), uint64_t);

        *kept = key;
        lsr = wmem_new0(wmem_file_scope(), ldp_lsr_t);
        lsr->id = id;
        lsr->space = space;
        lsr->first_frame = frame;
        lsr->number = ++ldp_state->lsr_count;
        wmem_map_insert(ldp_state->lsrs, kept, lsr);
    }
    return lsr;
}

static ldp_versions_t *
address_versions(const address *addr, bool create)
{
    ldp_bytes_t key = { (const uint8_t *)addr->data, (unsigned)addr->len };
    ldp_versions_t *versions = (ldp_versions_t *)wmem_map_lookup(ldp_state->addresses, &key);

    if (!versions && create) {
        ldp_bytes_t *kept = wmem_new(wmem_file_scope(), ldp_bytes_t);

        kept->data = (const uint8_t *)wmem_memdup(wmem_file_scope(), key.data, key.length);
        kept->length = key.length;
        versions = wmem_new0(wmem_file_scope(), ldp_versions_t);
        wmem_map_insert(ldp_state->addresses, kept, versions);
    }
    return versions;
}

static bool
is_ip(const address *addr)
{
    return addr->type == AT_IPv4 || addr->type == AT_IPv6;
}

/* Link-local addresses, loopback and multicast are several routers', or nobody's. */
static bool
is_unicast_address(const address *addr)
{
    const uint8_t *bytes = (const uint8_t *)addr->data;

    if (addr->type == AT_IPv4)
        return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224 && pntohu16(bytes) != 0xa9fe;
    if (addr->type != AT_IPv6)
        return false;
    return bytes[0] != 0xff && !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) && pntohu32(bytes) != 0;
}

ldp_lsr_t *
ldp_lsr_by_address(const address *addr, uint32_t frame)
{
    const ldp_versions_t *versions = is_ip(addr) ? address_versions(addr, false) : NULL;

    return versions ? (ldp_lsr_t *)ldp_versions_get(versions, frame) : NULL;
}

static bool
has_version(const ldp_versions_t *versions, const void *value)
{
    for (uint32_t i = 0; i < versions->count; i++) {
        if (versions->versions[i].value == value)
            return true;
    }
    return false;
}

static bool
is_shared(const ldp_versions_t *versions, uint32_t frame)
{
    return versions->versions[0].frame < frame && !ldp_versions_get(versions, frame);
}

/* The next owner. One that takes turns with another shares it with that: then it tells nothing. */
static void
set_owner(ldp_versions_t *versions, ldp_lsr_t *lsr, bool conflict, uint32_t frame)
{
    bool again = has_version(versions, lsr);
    const void *last = ldp_versions_get(versions, UINT32_MAX);

    if (!again && versions->last_owner != lsr)
        versions->owners++;
    versions->last_owner = lsr;
    versions->shared = conflict || versions->owners > LDP_MAX_OWNERS || (last && again);
    ldp_versions_set(versions, frame, versions->shared ? NULL : lsr);
}

/*
 * An address may move to another router, but one that two have in their Address messages at the same time is
 * several routers' (anycast). listed: it is from such a message.
 */
void
ldp_learn_address(const address *addr, ldp_lsr_t *lsr, bool listed, uint32_t frame)
{
    ldp_versions_t *versions = is_unicast_address(addr) ? address_versions(addr, true) : NULL;
    const ldp_lsr_t *last;

    if (!versions || versions->shared)
        return;
    last = (const ldp_lsr_t *)ldp_versions_get(versions, UINT32_MAX);
    if (last != lsr) {
        set_owner(versions, lsr, last && listed && versions->listed && last->open_sessions, frame);
        versions->listed = false;
    }
    versions->listed = versions->listed || listed;
}

void
ldp_forget_address(const address *addr, const ldp_lsr_t *lsr, uint32_t frame)
{
    ldp_versions_t *versions = is_ip(addr) ? address_versions(addr, false) : NULL;

    if (versions && ldp_versions_get(versions, UINT32_MAX) == lsr)
        ldp_versions_set(versions, frame, NULL);
}

/* A MAC address: who says Hello from it, and the IP addresses that ARP or ND give it. */
typedef struct ldp_mac {
    uint64_t        key;
    ldp_versions_t  hello;
    unsigned        ip_count;
    struct {
        uint32_t    frame;
        address     addr;
    } ip[LDP_MAX_NEIGHBOR_IPS];
} ldp_mac_t;

static ldp_mac_t *
mac_entry(const address *mac, bool create)
{
    const uint8_t *bytes = (const uint8_t *)mac->data;
    uint64_t key = 0;
    ldp_mac_t *entry;

    if (mac->type != AT_ETHER || mac->len != 6 || (bytes[0] & 1))
        return NULL;
    for (unsigned i = 0; i < 6; i++)
        key = (key << 8) | bytes[i];
    entry = (ldp_mac_t *)wmem_map_lookup(ldp_state->macs, &key);
    if (!entry && create && ldp_state->mac_count < LDP_MAX_NEIGHBORS) {
        entry = wmem_new0(wmem_file_scope(), ldp_mac_t);
        entry->key = key;
        ldp_state->mac_count++;
        wmem_map_insert(ldp_state->macs, &entry->key, entry);
    }
    return entry;
}

void
ldp_learn_hello_mac(const address *mac, ldp_lsr_t *lsr, uint32_t frame)
{
    ldp_mac_t *entry = mac_entry(mac, true);

    /* A router may get another ID, but one that takes turns with another is behind the same MAC address. */
    if (entry && !entry->hello.shared && ldp_versions_get(&entry->hello, UINT32_MAX) != lsr)
        set_owner(&entry->hello, lsr, false, frame);
}

void
ldp_learn_neighbor(const address *mac, const address *addr, uint32_t frame)
{
    ldp_mac_t *entry = is_ip(addr) ? mac_entry(mac, true) : NULL;

    if (!entry)
        return;
    for (unsigned i = 0; i < entry->ip_count; i++) {
        if (addresses_equal(&entry->ip[i].addr, addr))
            return;
    }
    if (entry->ip_count == LDP_MAX_NEIGHBOR_IPS)
        return;
    entry->ip[entry->ip_count].frame = frame;
    copy_address_wmem(wmem_file_scope(), &entry->ip[entry->ip_count].addr, addr);
    entry->ip_count++;
}

ldp_lsr_t *
ldp_lsr_by_mac(const address *mac, uint32_t frame)
{
    const ldp_mac_t *entry = mac_entry(mac, false);
    ldp_lsr_t *lsr;

    if (!entry)
        return NULL;
    lsr = (ldp_lsr_t *)ldp_versions_get(&entry->hello, frame);
    if (lsr || (entry->hello.count && entry->hello.versions[0].frame < frame))
        return lsr;
    for (unsigned i = 0; i < entry->ip_count && entry->ip[i].frame < frame; i++) {
        ldp_lsr_t *found = ldp_lsr_by_address(&entry->ip[i].addr, frame);

        if (found && lsr && found != lsr)
            return NULL;        /* proxy ARP */
        if (found)
            lsr = found;
    }
    return lsr;
}

static bool
has_listed(const ldp_lsr_t *lsr, const address *addr, uint32_t frame)
{
    uint32_t listed = lsr->addresses_frame[addr->type == AT_IPv6];

    return listed && listed < frame;
}

/* Whether this router can have the address: no, if it has told its addresses and this is none of them, or another's. */
bool
ldp_lsr_may_have_address(const ldp_lsr_t *lsr, const address *addr, uint32_t frame)
{
    const ldp_versions_t *versions = is_unicast_address(addr) ? address_versions(addr, false) : NULL;
    const void *owner = versions ? ldp_versions_get(versions, frame) : NULL;

    if (owner || !versions)
        return owner == lsr || !is_unicast_address(addr) || !has_listed(lsr, addr, frame);
    return is_shared(versions, frame) || !has_listed(lsr, addr, frame);
}

/* Whether this router can be behind the MAC address, of which ARP or ND tell IP addresses. */
bool
ldp_lsr_may_have_mac(const ldp_lsr_t *lsr, const address *mac, uint32_t frame)
{
    const ldp_mac_t *entry = mac_entry(mac, false);

    for (unsigned i = 0; entry && i < entry->ip_count && entry->ip[i].frame < frame; i++) {
        if (!ldp_lsr_may_have_address(lsr, &entry->ip[i].addr, frame))
            return false;
    }
    return true;
}

ldp_lsr_t *
ldp_fec_egress(const ldp_fec_t *fec, uint32_t frame)
{
    const ldp_event_t *event;
    ldp_lsr_t *lsr;

    if (fec->host) {
        lsr = ldp_lsr_by_address(&fec->host_address, frame);
        if (!lsr && fec->kind == LDP_FEC_IPV4) {
            uint64_t key = pntohu32(fec->host_address.data);

            lsr = (ldp_lsr_t *)wmem_map_lookup(ldp_state->lsrs, &key);
        }
        if (lsr && lsr->first_frame < frame)
            return lsr;
    }
    event = ldp_scope_at(&fec->egresses, frame);
    return event && event->active == 1 ? ((ldp_binding_t *)event->owner)->lsr : NULL;
}

/* FECs */

static ldp_fec_t *
fec_find(const ldp_element_t *element)
{
    ldp_bytes_t key = { element->key, element->key_length };

    return (ldp_fec_t *)wmem_map_lookup(ldp_state->fecs, &key);
}

static ldp_fec_t *
fec_get(const ldp_element_t *element)
{
    ldp_fec_t *fec = fec_find(element);
    ldp_bytes_t *key;

    if (fec)
        return fec;
    key = wmem_new(wmem_file_scope(), ldp_bytes_t);
    key->data = (const uint8_t *)wmem_memdup(wmem_file_scope(), element->key, element->key_length);
    key->length = element->key_length;
    fec = wmem_new0(wmem_file_scope(), ldp_fec_t);
    fec->number = ++ldp_state->fec_count;
    fec->kind = element->kind;
    fec->type = element->key[0];
    fec->text = wmem_strdup(wmem_file_scope(), element->text);
    fec->host = element->host;
    if (element->host)
        copy_address_wmem(wmem_file_scope(), &fec->host_address, &element->host_address);
    wmem_map_insert(ldp_state->fecs, key, fec);
    return fec;
}

/* Bindings */

static void
binding_begin(ldp_binding_t *binding, uint32_t frame)
{
    uint32_t label = binding->key.label;

    if (label <= LDP_LABEL_IMPLICIT_NULL && label != 1)
        scope_enter(&binding->fec->egresses, &binding->special, binding, binding->lsr, frame);
    if (label == LDP_LABEL_IMPLICIT_NULL) {
        if (!binding->lsr->popped_frame)
            binding->lsr->popped_frame = frame;
        return;
    }
    scope_enter(scope_get(scope_key(binding->lsr->number, 0, label)), &binding->at_lsr, binding, binding->lsr, frame);
    if (label <= LDP_LABEL_LAST_SPECIAL)
        return;
    scope_enter(scope_get(scope_key(0, SCOPE_ALL_LABELS, label)), &binding->anywhere, binding, binding->lsr, frame);
    if (binding->pw)
        scope_enter(scope_get(scope_key(0, SCOPE_PSEUDOWIRES, label)), &binding->special, binding, binding->lsr,
                frame);
}

static void
binding_end(ldp_binding_t *binding, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo)
{
    binding->withdrawn_in = shown_frame;
    binding->ended_frame = frame;
    binding->end = end;
    scope_leave(&binding->at_lsr, frame);
    scope_leave(&binding->anywhere, frame);
    scope_leave(&binding->special, frame);
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

static bool
is_pw(const ldp_element_t *element)
{
    return element->kind == LDP_FEC_PW_ID || element->kind == LDP_FEC_PW_GENERALIZED;
}

static ldp_binding_t *
binding_new(const ldp_binding_key_t *key, ldp_lsr_t *lsr, ldp_fec_t *fec, const ldp_element_t *element, uint32_t frame)
{
    ldp_binding_t *binding = wmem_new0(wmem_file_scope(), ldp_binding_t);

    binding->key = *key;
    binding->lsr = lsr;
    binding->fec = fec;
    binding->advertised_in = ldp_state->shown_frame;
    if (is_pw(element))
        binding->pw = (ldp_pw_t *)wmem_memdup(wmem_file_scope(), &element->pw, sizeof element->pw);
    wmem_map_insert(ldp_state->binding_by_key, &binding->key, binding);
    binding_begin(binding, frame);
    ldp_state->bindings++;
    return binding;
}

/* Adverts */

static void
chain_advert(ldp_advert_t *advert)
{
    ldp_advert_t **list = &advert->side->active[advert->binding->fec->kind];
    ldp_advert_key_t any = { advert->key.side, advert->key.fec, ANY_LABEL };
    ldp_advert_t *first = (ldp_advert_t *)wmem_map_lookup(ldp_state->advert_by_key, &any);

    advert->next = *list;
    if (*list)
        (*list)->prev = advert;
    *list = advert;
    if (first) {
        advert->next_label = first->next_label;
        advert->prev_label = first;
        if (first->next_label)
            first->next_label->prev_label = advert;
        first->next_label = advert;
    } else {
        ldp_advert_key_t *kept = (ldp_advert_key_t *)wmem_memdup(wmem_file_scope(), &any, sizeof any);

        wmem_map_insert(ldp_state->advert_by_key, kept, advert);
    }
}

static void
unchain_advert(ldp_advert_t *advert)
{
    if (advert->prev)
        advert->prev->next = advert->next;
    else
        advert->side->active[advert->binding->fec->kind] = advert->next;
    if (advert->next)
        advert->next->prev = advert->prev;
    if (advert->next_label)
        advert->next_label->prev_label = advert->prev_label;
    if (advert->prev_label) {
        advert->prev_label->next_label = advert->next_label;
    } else {
        ldp_advert_key_t any = { advert->key.side, advert->key.fec, ANY_LABEL };

        if (advert->next_label)
            wmem_map_insert(ldp_state->advert_by_key,
                    wmem_memdup(wmem_file_scope(), &any, sizeof any), advert->next_label);
        else
            wmem_map_remove(ldp_state->advert_by_key, &any);
    }
    advert->prev = advert->next = advert->prev_label = advert->next_label = NULL;
}

/* frame: from when on it counts; shown_frame: the frame that says why. */
static void
advert_end(ldp_advert_t *advert, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo)
{
    ldp_binding_t *binding = advert->binding;

    unchain_advert(advert);
    wmem_map_remove(ldp_state->advert_by_key, &advert->key);
    advert->withdrawn_in = shown_frame;
    advert->end = end;
    scope_leave(&advert->at_peer, frame);
    if (--binding->adverts == 0)
        binding_end(binding, frame, shown_frame, end, pinfo);
}

static ldp_advert_t *
advert_find(const ldp_side_t *side, const ldp_fec_t *fec, uint32_t label)
{
    ldp_advert_key_t key = { side->number, fec->number, label };

    return (ldp_advert_t *)wmem_map_lookup(ldp_state->advert_by_key, &key);
}

static ldp_lsr_t *
side_peer(const ldp_side_t *side)
{
    const ldp_side_t *other = &side->session->side[side == &side->session->side[0] ? 1 : 0];

    return other->lsr ? other->lsr : side->receiver;
}

/* The labels of one pseudowire have one status; so has a binding that is told again after a restart. */
static void
share_status(ldp_advert_t *advert)
{
    const ldp_advert_t *first = advert_find(advert->side, advert->binding->fec, ANY_LABEL);

    advert->pw_status = first ? first->pw_status : advert->binding->pw_status;
    if (!advert->pw_status)
        advert->pw_status = wmem_new0(wmem_file_scope(), ldp_versions_t);
    if (!advert->binding->pw_status)
        advert->binding->pw_status = advert->pw_status;
}

static void
advert_new(ldp_side_t *side, ldp_binding_t *binding, uint32_t frame)
{
    ldp_advert_t *advert = wmem_new0(wmem_file_scope(), ldp_advert_t);
    ldp_lsr_t *peer = side_peer(side);

    advert->key.side = side->number;
    advert->key.fec = binding->key.fec;
    advert->key.label = binding->key.label;
    advert->side = side;
    advert->binding = binding;
    advert->advertised_in = ldp_state->shown_frame;
    advert->begun_frame = frame;
    binding->adverts++;
    if (binding->pw)
        share_status(advert);
    chain_advert(advert);
    wmem_map_insert(ldp_state->advert_by_key, &advert->key, advert);
    if (peer && binding->key.label != LDP_LABEL_IMPLICIT_NULL)
        scope_enter(scope_get_at_peer(side->lsr, peer, binding->key.label), &advert->at_peer, advert, side->lsr, frame);
}

/* Labels that were kept for this FEC over a graceful restart and are not the one told now. */
static void
end_held(const ldp_side_t *side, const ldp_fec_t *fec, uint32_t frame, packet_info *pinfo)
{
    ldp_advert_t *advert, *next;

    if (!side->held)
        return;
    for (advert = advert_find(side->held, fec, ANY_LABEL); advert; advert = next) {
        next = advert->next_label;
        advert_end(advert, frame, ldp_state->shown_frame, LDP_REPLACED, pinfo);
    }
}

typedef struct ldp_request {
    uint32_t  message_id;
    uint32_t  frame;
} ldp_request_t;

/* RFC 5036 section 3.5.7.1: a mapping says which request it answers. */
static uint32_t
requested_in(const ldp_side_t *side, const ldp_fec_t *fec, const uint32_t *message_id)
{
    const ldp_lsr_t *peer = side_peer(side);
    ldp_binding_key_t key = { side->lsr->number, fec->number, peer ? peer->number : 0 };
    const ldp_request_t *request = message_id ? (const ldp_request_t *)wmem_map_lookup(ldp_state->requests, &key) : NULL;

    return request && request->message_id == *message_id ? request->frame : 0;
}

/* The binding that the router has for this label and FEC already, as far as it says the same of a pseudowire. */
static ldp_binding_t *
current_binding(const ldp_binding_key_t *key, const ldp_element_t *element)
{
    ldp_binding_t *binding = (ldp_binding_t *)wmem_map_lookup(ldp_state->binding_by_key, key);

    return binding && binding->adverts && same_pw(binding->pw, is_pw(element) ? &element->pw : NULL) ? binding : NULL;
}

static unsigned
count_labels(const ldp_side_t *side, const ldp_fec_t *fec)
{
    unsigned count = 0;

    for (const ldp_advert_t *advert = advert_find(side, fec, ANY_LABEL); advert; advert = advert->next_label)
        count++;
    return count;
}

/* message_id is that of the request which the mapping answers, or NULL. */
void
ldp_bind(ldp_side_t *side, const ldp_element_t *element, uint32_t label, const uint32_t *message_id, packet_info *pinfo)
{
    ldp_fec_t *fec = fec_get(element);
    ldp_binding_key_t key = { side->lsr->number, fec->number, label };
    ldp_binding_t *binding = current_binding(&key, element);
    ldp_advert_t *advert = advert_find(side, fec, label);

    if (advert && advert->binding == binding)
        return;     /* told again */
    if (advert)
        advert_end(advert, pinfo->num, ldp_state->shown_frame, LDP_REPLACED, pinfo);
    if (count_labels(side, fec) >= LDP_MAX_LABELS)
        advert_end(advert_find(side, fec, ANY_LABEL), pinfo->num, ldp_state->shown_frame, LDP_REPLACED, pinfo);
    if (!binding) {
        binding = binding_new(&key, side->lsr, fec, element, pinfo->num);
        binding->requested_in = requested_in(side, fec, message_id);
        touched_cb(pinfo, binding);
    }
    advert_new(side, binding, pinfo->num);
    end_held(side, fec, pinfo->num, pinfo);
}

static bool
wildcard_matches(const ldp_element_t *element, const ldp_advert_t *advert)
{
    const ldp_pw_t *pw = advert->binding->pw;

    if (element->type == LDP_ELEMENT_WILDCARD)
        return true;
    if (element->group_only)
        return pw && pw->type == element->pw.type && pw->group == element->pw.group;
    if (!pw)
        return element->wildcard_type == advert->binding->fec->type;
    return element->pw.type == PW_TYPE_MASK || pw->type == element->pw.type;
}

/* Withdrawals of one FEC, or of one wildcard, that wait for the release that answers them. */
typedef struct ldp_withdrawal {
    unsigned  waiting;
    uint32_t  frame;        /* of the latest */
} ldp_withdrawal_t;

/* No FEC has these numbers. */
#define WITHDRAWAL_OF_WILDCARD 0x80000000

/* NULL: there is none, or the FEC is not known, so that there is nothing to withdraw. */
static ldp_withdrawal_t *
withdrawal_of(const ldp_side_t *side, const ldp_element_t *element, bool create)
{
    const ldp_fec_t *fec = element->key_length ? fec_find(element) : NULL;
    ldp_advert_key_t key = { side->number, 0, 0 };
    ldp_withdrawal_t *withdrawal;

    if (element->key_length && !fec)
        return NULL;
    key.fec = fec ? fec->number : WITHDRAWAL_OF_WILDCARD | (uint32_t)element->type << 16 | (uint32_t)element->wildcard_type << 8
            | (uint32_t)element->kind;
    withdrawal = (ldp_withdrawal_t *)wmem_map_lookup(ldp_state->withdrawals, &key);
    if (!withdrawal && create) {
        withdrawal = wmem_new0(wmem_file_scope(), ldp_withdrawal_t);
        wmem_map_insert(ldp_state->withdrawals, wmem_memdup(wmem_file_scope(), &key, sizeof key), withdrawal);
    }
    return withdrawal;
}

/*
 * RFC 5036 section 3.5.10: a withdrawal is answered by a release, which ends nothing that has been told meanwhile.
 * Returns before which frame a label must have been told to be meant.
 */
static uint32_t
told_before(const ldp_side_t *side, const ldp_element_t *element, ldp_end_t end, uint32_t frame)
{
    ldp_withdrawal_t *withdrawal = withdrawal_of(side, element, end == LDP_WITHDRAWN);

    if (!withdrawal)
        return UINT32_MAX;
    if (end == LDP_WITHDRAWN) {
        withdrawal->waiting++;
        withdrawal->frame = frame;
        return UINT32_MAX;
    }
    if (withdrawal->waiting == 0)
        return UINT32_MAX;
    withdrawal->waiting--;
    return withdrawal->frame;
}

typedef struct ldp_ending {
    bool       has_label;
    uint32_t   label;
    uint32_t   before;
    ldp_end_t  end;
} ldp_ending_t;

static bool
is_meant(const ldp_advert_t *advert, const ldp_ending_t *ending)
{
    return (!ending->has_label || advert->key.label == ending->label) && advert->begun_frame < ending->before;
}

static void
unbind_wildcard(ldp_side_t *side, const ldp_element_t *element, const ldp_ending_t *ending, packet_info *pinfo)
{
    for (unsigned kind = 0; kind < LDP_FEC_KINDS; kind++) {
        ldp_advert_t *advert, *next;

        if (element->type != LDP_ELEMENT_WILDCARD && element->kind != (ldp_fec_kind_t)kind)
            continue;
        for (advert = side->active[kind]; advert; advert = next) {
            next = advert->next;
            if (is_meant(advert, ending) && wildcard_matches(element, advert))
                advert_end(advert, pinfo->num, ldp_state->shown_frame, ending->end, pinfo);
            else if (++ldp_state->wildcard_steps > LDP_MAX_WILDCARD_STEPS)
                return;
        }
    }
}

/* Several routers may be told of one FEC with several labels; without a label all of them are meant. */
void
ldp_unbind(ldp_side_t *side, const ldp_element_t *element, bool has_label, uint32_t label, ldp_end_t end,
        packet_info *pinfo)
{
    ldp_ending_t ending = { has_label, label, told_before(side, element, end, pinfo->num), end };
    const ldp_fec_t *fec;
    ldp_advert_t *advert, *next;

    if (element->type == LDP_ELEMENT_WILDCARD || element->type == LDP_ELEMENT_TYPED_WILDCARD || element->group_only) {
        unbind_wildcard(side, element, &ending, pinfo);
        return;
    }
    fec = fec_find(element);
    if (!fec)
        return;
    for (advert = advert_find(side, fec, ANY_LABEL); advert; advert = next) {
        next = advert->next_label;
        if (is_meant(advert, &ending))
            advert_end(advert, pinfo->num, ldp_state->shown_frame, end, pinfo);
    }
}

/* side asks its peer for a label. */
void
ldp_request(const ldp_side_t *side, const ldp_element_t *element, uint32_t message_id, uint32_t frame)
{
    const ldp_lsr_t *peer = side_peer(side);
    ldp_binding_key_t key;
    ldp_request_t *request;

    if (!peer || element->key_length == 0)
        return;
    key.lsr = peer->number;
    key.fec = fec_get(element)->number;
    key.label = side->lsr->number;
    request = (ldp_request_t *)wmem_map_lookup(ldp_state->requests, &key);
    if (!request) {
        request = wmem_new(wmem_file_scope(), ldp_request_t);
        wmem_map_insert(ldp_state->requests, wmem_memdup(wmem_file_scope(), &key, sizeof key), request);
    }
    request->message_id = message_id;
    request->frame = frame;
}

static void
status_set(const ldp_advert_t *first, uint32_t status, uint32_t frame)
{
    const uint32_t *last;

    if (!first->pw_status)
        return;
    last = (const uint32_t *)ldp_versions_get(first->pw_status, UINT32_MAX);
    if (!last || *last != status)
        ldp_versions_set(first->pw_status, frame, wmem_memdup(wmem_file_scope(), &status, sizeof status));
}

static void
group_status_changed(const ldp_side_t *side, const ldp_element_t *element, uint32_t status, uint32_t frame)
{
    for (const ldp_advert_t *advert = side->active[element->kind]; advert; advert = advert->next) {
        if (++ldp_state->wildcard_steps > LDP_MAX_WILDCARD_STEPS)
            return;
        if (wildcard_matches(element, advert))
            status_set(advert, status, frame);
    }
}

/* The labels of one FEC share their status. */
void
ldp_pw_status_changed(const ldp_side_t *side, const ldp_element_t *element, uint32_t status, uint32_t frame)
{
    const ldp_fec_t *fec = element->key_length ? fec_find(element) : NULL;
    const ldp_advert_t *advert = fec ? advert_find(side, fec, ANY_LABEL) : NULL;

    if (element->group_only)
        group_status_changed(side, element, status, frame);
    else if (advert)
        status_set(advert, status, frame);
}

const uint32_t *
ldp_pw_status(const ldp_binding_t *binding, const ldp_advert_t *advert, uint32_t frame)
{
    const ldp_versions_t *status = advert ? advert->pw_status : binding->pw_status;

    return status ? (const uint32_t *)ldp_versions_get(status, frame) : NULL;
}

/* Sessions */

static ldp_versions_t *
pair_sessions(const ldp_lsr_t *one, const ldp_lsr_t *other, bool create)
{
    uint64_t key = one->number < other->number ? ((uint64_t)one->number << 32) | other->number
            : ((uint64_t)other->number << 32) | one->number;
    ldp_versions_t *sessions = (ldp_versions_t *)wmem_map_lookup(ldp_state->pairs, &key);

    if (!sessions && create) {
        sessions = wmem_new0(wmem_file_scope(), ldp_versions_t);
        wmem_map_insert(ldp_state->pairs, wmem_memdup(wmem_file_scope(), &key, sizeof key), sessions);
    }
    return sessions;
}

static void
end_side(ldp_side_t *side, uint32_t frame, uint32_t shown_frame, ldp_end_t end, packet_info *pinfo)
{
    for (unsigned kind = 0; kind < LDP_FEC_KINDS; kind++) {
        while (side->active[kind])
            advert_end(side->active[kind], frame, shown_frame, end, pinfo);
    }
}

static void
unlink_held(ldp_session_t *session)
{
    ldp_session_t **link;

    for (link = &ldp_state->held; *link && *link != session; link = &(*link)->next_held)
        ;
    if (*link)
        *link = session->next_held;
    session->held = false;
    session->next_held = NULL;
    ldp_state->held_count--;
}

static void
expect_expiry(const nstime_t *when)
{
    if (nstime_is_unset(&ldp_state->next_expiry) || nstime_cmp(when, &ldp_state->next_expiry) < 0)
        nstime_copy(&ldp_state->next_expiry, when);
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
            end_side(&session->side[i], pinfo->num, ldp_state->shown_frame, LDP_SESSION_CLOSED, pinfo);
    }
    session->held = true;
    ldp_state->held_count++;
    add_milliseconds(&session->held_until, &pinfo->abs_ts, longest);
    expect_expiry(&session->held_until);
    session->next_held = ldp_state->held;
    ldp_state->held = session;
}

void
ldp_session_close(ldp_session_t *session, packet_info *pinfo, bool may_restart, ldp_end_t end)
{
    if (session->closed)
        return;
    session->closed = true;
    session->closed_in = ldp_state->shown_frame;
    for (unsigned i = 0; i < 2; i++) {
        if (session->side[i].lsr)
            session->side[i].lsr->open_sessions--;
    }
    if (may_restart && can_restart(session) && ldp_state->held_count < LDP_MAX_HELD) {
        hold_session(session, pinfo);
        return;
    }
    for (unsigned i = 0; i < 2; i++)
        end_side(&session->side[i], pinfo->num, ldp_state->shown_frame, end, pinfo);
}

/* What was kept over a restart, and not told again in time, has ended before this frame. */
void
ldp_expire_held(packet_info *pinfo)
{
    ldp_session_t *session, *next;

    if (nstime_cmp(&ldp_state->next_expiry, &pinfo->abs_ts) >= 0)
        return;
    nstime_set_unset(&ldp_state->next_expiry);
    for (session = ldp_state->held; session; session = next) {
        next = session->next_held;
        if (nstime_cmp(&session->held_until, &pinfo->abs_ts) >= 0) {
            expect_expiry(&session->held_until);
            continue;
        }
        unlink_held(session);
        for (unsigned i = 0; i < 2; i++)
            end_side(&session->side[i], pinfo->num - 1, session->closed_in, LDP_NOT_RECOVERED, pinfo);
    }
}

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
    ldp_side_t *held;

    if (!former->closed)
        ldp_session_close(former, pinfo, true, LDP_SESSION_RESTARTED);
    if (!former->held)
        return;
    held = side_of(former, side->lsr);
    if (!held)
        return;
    if (!side->ft || side->recovery_ms == 0) {
        end_side(held, pinfo->num, ldp_state->shown_frame, LDP_NOT_RECOVERED, pinfo);
        return;
    }
    side->held = held;
    add_milliseconds(&former->held_until, &pinfo->abs_ts, side->recovery_ms);
}

void
ldp_session_initialized(ldp_side_t *side, packet_info *pinfo)
{
    ldp_session_t *session = side->session;
    ldp_lsr_t *peer = side_peer(side);
    ldp_versions_t *sessions;
    ldp_session_t *former;

    if (side->initialized)
        end_side(side, pinfo->num, ldp_state->shown_frame, LDP_SESSION_RESTARTED, pinfo);
    side->initialized = true;
    if (session->side[0].initialized && session->side[1].initialized && !session->gap)
        session->complete_frame = pinfo->num;
    if (!peer)
        return;
    sessions = pair_sessions(side->lsr, peer, true);
    former = (ldp_session_t *)ldp_versions_get(sessions, UINT32_MAX);
    if (former == session && sessions->count > 1)
        former = (ldp_session_t *)sessions->versions[sessions->count - 2].value;
    if (former && former != session)
        take_over(side, former, pinfo);
    ldp_versions_set(sessions, pinfo->num, session);
}

bool
ldp_pair_complete(const ldp_lsr_t *one, const ldp_lsr_t *other, uint32_t frame)
{
    const ldp_versions_t *sessions = pair_sessions(one, other, false);
    const ldp_session_t *session = sessions ? (const ldp_session_t *)ldp_versions_get(sessions, frame) : NULL;

    return session && session->complete_frame && session->complete_frame < frame
            && (!session->closed_in || session->closed_in >= frame);
}

/* Labels of other protocols */

/* A router that handed out labels otherwise than by LDP. Single labels and ranges are in lists by label and by block. */
#define LDP_MAX_FOREIGN     16      /* in one list */
#define FOREIGN_BLOCK_BITS  6
#define FOREIGN_RANGE       0x80000000

typedef struct ldp_foreign {
    uint32_t             frame;
    uint32_t             first;
    uint32_t             last;
    bool                 told;      /* by a protocol; else seen in use */
    address              router;
    struct ldp_foreign  *next;
} ldp_foreign_t;

void
ldp_foreign_seen(uint32_t frame)
{
    if (!ldp_state->foreign_frame)
        ldp_state->foreign_frame = frame;
}

static void
foreign_add(uint32_t key, const ldp_foreign_t *foreign)
{
    ldp_foreign_t *first = (ldp_foreign_t *)wmem_map_lookup(ldp_state->foreign, GUINT_TO_POINTER(key));
    ldp_foreign_t **link = &first, *kept;
    unsigned length = 0;

    for (; *link; link = &(*link)->next, length++) {
        if ((*link)->first == foreign->first && (*link)->last == foreign->last && (*link)->told == foreign->told
                && addresses_equal(&(*link)->router, &foreign->router))
            return;
    }
    if (length == LDP_MAX_FOREIGN)
        return;
    kept = (ldp_foreign_t *)wmem_memdup(wmem_file_scope(), foreign, sizeof *foreign);
    copy_address_wmem(wmem_file_scope(), &kept->router, &foreign->router);
    *link = kept;
    if (length == 0)
        wmem_map_insert(ldp_state->foreign, GUINT_TO_POINTER(key), kept);
}

void
ldp_foreign_label(uint32_t label, const address *router, uint32_t frame)
{
    ldp_foreign_t foreign = { .frame = frame, .first = label, .last = label, .told = true };

    copy_address_shallow(&foreign.router, router);
    foreign_add(label, &foreign);
}

/* At most so many labels that they lie in two blocks. */
void
ldp_foreign_range(uint32_t first, uint32_t size, const address *router, uint32_t frame)
{
    ldp_foreign_t foreign = { .frame = frame, .first = first, .told = true };

    foreign.last = first + MIN(size, 1u << FOREIGN_BLOCK_BITS) - 1;
    copy_address_shallow(&foreign.router, router);
    for (uint32_t block = first >> FOREIGN_BLOCK_BITS; size && block <= foreign.last >> FOREIGN_BLOCK_BITS; block++)
        foreign_add(FOREIGN_RANGE | block, &foreign);
}

static bool
is_address_of(const address *addr, const ldp_lsr_t *lsr, uint32_t frame)
{
    return (addr->type == AT_IPv4 && pntohu32(addr->data) == lsr->id) || ldp_lsr_by_address(addr, frame) == lsr;
}

/* lsr is NULL for any router that told so. A list that is full stands for everyone. */
static bool
foreign_find(uint32_t key, const ldp_lsr_t *lsr, uint32_t label, uint32_t frame)
{
    const ldp_foreign_t *foreign = (const ldp_foreign_t *)wmem_map_lookup(ldp_state->foreign, GUINT_TO_POINTER(key));
    unsigned length = 0;

    for (; foreign && foreign->frame < frame; foreign = foreign->next, length++) {
        if (label < foreign->first || label > foreign->last)
            continue;
        if (lsr ? is_address_of(&foreign->router, lsr, frame) : foreign->told)
            return true;
    }
    return length == LDP_MAX_FOREIGN;
}

bool
ldp_label_is_foreign(uint32_t label, uint32_t frame)
{
    return foreign_find(label, NULL, label, frame)
            || foreign_find(FOREIGN_RANGE | label >> FOREIGN_BLOCK_BITS, NULL, label, frame);
}

bool
ldp_label_is_foreign_of(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame)
{
    return foreign_find(label, lsr, label, frame)
            || foreign_find(FOREIGN_RANGE | label >> FOREIGN_BLOCK_BITS, lsr, label, frame);
}

/* A label at the end of a tunnel that the router there did not hand out by LDP. */
void
ldp_service_label(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame)
{
    uint32_t id = g_htonl(lsr->id);
    ldp_foreign_t foreign = { .frame = frame, .first = label, .last = label };

    set_address(&foreign.router, AT_IPv4, sizeof id, &id);
    foreign_add(label, &foreign);
}

/* Life */

static wmem_map_t *
new_map(GHashFunc hash, GEqualFunc equal)
{
    return wmem_map_new(wmem_file_scope(), hash, equal);
}

static void
state_init(void)
{
    ldp_state = wmem_new0(wmem_file_scope(), ldp_state_t);
    nstime_set_unset(&ldp_state->next_expiry);
    ldp_state->lsrs = new_map(hash_uint64, equal_uint64);
    ldp_state->fecs = new_map(hash_bytes, equal_bytes);
    ldp_state->binding_by_key = new_map(hash_triple, equal_triple);
    ldp_state->advert_by_key = new_map(hash_triple, equal_triple);
    ldp_state->withdrawals = new_map(hash_triple, equal_triple);
    ldp_state->requests = new_map(hash_triple, equal_triple);
    ldp_state->scopes = new_map(hash_uint64, equal_uint64);
    ldp_state->pairs = new_map(hash_uint64, equal_uint64);
    ldp_state->macs = new_map(hash_uint64, equal_uint64);
    ldp_state->addresses = new_map(hash_bytes, equal_bytes);
    ldp_state->foreign = new_map(g_direct_hash, g_direct_equal);
}

static void
state_cleanup(void)
{
    ldp_state = NULL;
}

void
ldp_state_register(ldp_touched_cb touched)
{
    touched_cb = touched;
    register_init_routine(state_init);
    register_cleanup_routine(state_cleanup);
}
