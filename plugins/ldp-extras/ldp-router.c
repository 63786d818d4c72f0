/* ldp-router.c
 * Label switching routers and their addresses; see ldp-router.h
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

#include <string.h>

#include <epan/packet.h>
#include <wsutil/pint.h>

#include "as-of.h"
#include "ldp-capture.h"
#include "ldp-map.h"
#include "ldp-router.h"
#include "compat.h"

/* Bounds against captures made to cost: neighbors kept, and addresses of each. */
#define LDP_MAX_NEIGHBORS       262144
#define LDP_MAX_NEIGHBOR_IPS    8

/* Routers that an address may have had one after the other. */
#define LDP_MAX_OWNERS          16

#define LDP_MAX_SPEAKERS        2

#define RECENT_MACS             64
#define MAX_BACK                64      /* owners of an address that are looked through, the latest first */

/* Which router has an address, or is behind a MAC address, from which frame on. NULL: not known. */
typedef struct owner {
    uint32_t   frame;
    ldp_lsr_t *lsr;
} owner_t;

typedef struct owners {
    wmem_array_t    *history;       /* of owner_t, see as-of.h; NULL: none */
    uint32_t         different;
    const ldp_lsr_t *last;
    bool             shared;        /* several have it by turns, or together: it tells nothing any more */
    bool             listed;        /* an address: the last owner's Address message has it */
} owners_t;

/* A MAC address: who says Hello from it, in each network, who speaks from it, and the IP addresses that ARP or ND give it. */
typedef struct mac {
    uint64_t        key;
    owners_t        hello[LDP_NETWORKS];
    unsigned        speaker_count;
    struct {
        uint32_t         frame;
        const ldp_lsr_t *lsr;
    } speaker[LDP_MAX_SPEAKERS];
    unsigned        ip_count;
    struct {
        uint32_t    frame;
        address     addr;
    } ip[LDP_MAX_NEIGHBOR_IPS];
} mac_t;

static wmem_map_t *lsrs;
static wmem_map_t *macs;
static wmem_map_t *addresses[LDP_NETWORKS];
static mac_t *recent_macs[RECENT_MACS];     /* what two lookups a packet would find in the map */
static uint32_t lsr_count;
static uint32_t mac_count;

void
ldp_router_reset(void)
{
    lsrs = ldp_map_by_number();
    macs = ldp_map_by_number();
    for (unsigned i = 0; i < LDP_NETWORKS; i++)
        addresses[i] = ldp_map_by_bytes();
    lsr_count = mac_count = 0;
    memset(recent_macs, 0, sizeof recent_macs);
}

/* Routers */

uint32_t
ldp_router_count(void)
{
    return lsr_count;
}

static uint64_t
lsr_key(ldp_network_t network, uint32_t id, uint16_t space)
{
    return ((uint64_t)network << 48) | ((uint64_t)space << 32) | id;
}

ldp_lsr_t *
ldp_lsr_find(ldp_network_t network, uint32_t id)
{
    uint64_t key = lsr_key(network, id, 0);

    return (ldp_lsr_t *)wmem_map_lookup(lsrs, &key);
}

ldp_lsr_t *
ldp_lsr_get(ldp_network_t network, uint32_t id, uint16_t space, uint32_t frame)
{
    uint64_t key = lsr_key(network, id, space);
    ldp_lsr_t *lsr = (ldp_lsr_t *)wmem_map_lookup(lsrs, &key);

    if (!lsr && lsr_count < LDP_LSR_NUMBER_MAX) {
        lsr = (ldp_lsr_t *)ldp_keep(sizeof *lsr);
        lsr->key = key;
        lsr->network = network;
        lsr->id = id;
        lsr->space = space;
        lsr->first_frame = frame;
        lsr->number = ++lsr_count;
        ldp_map_insert(lsrs, &lsr->key, lsr);
    }
    return lsr;
}

/* Owners */

static ldp_lsr_t *
owner_at(const owners_t *owners, uint32_t frame)
{
    const owner_t *owner = (const owner_t *)as_of(owners->history, frame);

    return owner ? owner->lsr : NULL;
}

static ldp_lsr_t *
latest_owner(const owners_t *owners)
{
    const owner_t *owner = (const owner_t *)as_of_latest(owners->history);

    return owner ? owner->lsr : NULL;
}

static void
put_owner(owners_t *owners, ldp_lsr_t *lsr, uint32_t frame)
{
    const owner_t *latest = (const owner_t *)as_of_latest(owners->history);
    owner_t owner = { .frame = frame, .lsr = lsr };

    if (latest && latest->lsr == lsr)
        return;
    if (!owners->history)
        owners->history = wmem_array_new(wmem_file_scope(), sizeof owner);
    if (as_of_put(owners->history, &owner, sizeof owner))
        ldp_keep_count(2 * sizeof owner);
}

static bool
has_been_owner(const owners_t *owners, const ldp_lsr_t *lsr)
{
    unsigned count = owners->history ? wmem_array_get_count(owners->history) : 0;

    for (unsigned i = count; i > 0 && count - i < MAX_BACK; i--) {
        if (((const owner_t *)wmem_array_index(owners->history, i - 1))->lsr == lsr)
            return true;
    }
    return false;
}

static bool
had_owner(const owners_t *owners, uint32_t frame)
{
    return as_of_count(owners->history, frame) > 0;
}

/* The next owner. One that takes turns with another shares it with that: then it tells nothing. */
static void
set_owner(owners_t *owners, ldp_lsr_t *lsr, bool conflict, uint32_t frame)
{
    bool again = has_been_owner(owners, lsr);
    const ldp_lsr_t *last = latest_owner(owners);

    if (!again && owners->last != lsr)
        owners->different++;
    owners->last = lsr;
    owners->shared = conflict || owners->different > LDP_MAX_OWNERS || (last && again);
    put_owner(owners, owners->shared ? NULL : lsr, frame);
}

/* Addresses */

static owners_t *
owners_find(ldp_network_t network, const address *addr)
{
    ldp_bytes_t key = { (const uint8_t *)addr->data, (unsigned)addr->len };

    return (owners_t *)wmem_map_lookup(addresses[network], &key);
}

static owners_t *
owners_get(ldp_network_t network, const address *addr)
{
    owners_t *owners = owners_find(network, addr);
    ldp_bytes_t *key;

    if (owners)
        return owners;
    key = (ldp_bytes_t *)ldp_keep(sizeof *key);
    key->length = (unsigned)addr->len;
    key->data = (const uint8_t *)ldp_keep_copy(addr->data, key->length);
    owners = (owners_t *)ldp_keep(sizeof *owners);
    ldp_keep_count(sizeof(owner_t) * 4);        /* of its array */
    ldp_map_insert(addresses[network], key, owners);
    return owners;
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
ldp_lsr_by_address(ldp_network_t network, const address *addr, uint32_t frame)
{
    const owners_t *owners = is_ip(addr) ? owners_find(network, addr) : NULL;

    return owners ? owner_at(owners, frame) : NULL;
}

void
ldp_learn_address(const address *addr, ldp_lsr_t *lsr, bool listed, uint32_t frame)
{
    owners_t *owners = is_unicast_address(addr) ? owners_get(lsr->network, addr) : NULL;
    const ldp_lsr_t *last;

    if (!owners || owners->shared)
        return;
    last = latest_owner(owners);
    if (last != lsr) {
        set_owner(owners, lsr, last && listed && owners->listed && last->open_sessions, frame);
        owners->listed = false;
    }
    owners->listed = owners->listed || listed;
}

void
ldp_forget_address(const address *addr, const ldp_lsr_t *lsr, uint32_t frame)
{
    owners_t *owners = is_ip(addr) ? owners_find(lsr->network, addr) : NULL;

    if (owners && latest_owner(owners) == lsr)
        put_owner(owners, NULL, frame);
}

static bool
has_listed(const ldp_lsr_t *lsr, const address *addr, uint32_t frame)
{
    uint32_t listed = lsr->addresses_frame[addr->type == AT_IPv6];

    return listed && listed < frame;
}

static bool
is_shared(const owners_t *owners, uint32_t frame)
{
    return had_owner(owners, frame) && !owner_at(owners, frame);
}

bool
ldp_lsr_may_have_address(const ldp_lsr_t *lsr, const address *addr, uint32_t frame)
{
    const owners_t *owners = is_unicast_address(addr) ? owners_find(lsr->network, addr) : NULL;
    const ldp_lsr_t *owner = owners ? owner_at(owners, frame) : NULL;

    if (owner || !owners)
        return owner == lsr || !is_unicast_address(addr) || !has_listed(lsr, addr, frame);
    return is_shared(owners, frame) || !has_listed(lsr, addr, frame);
}

/* MAC addresses */

static mac_t *
mac_entry(const address *mac, bool create)
{
    const uint8_t *bytes = (const uint8_t *)mac->data;
    uint64_t key = 0;           /* its bytes, in whatever order */
    mac_t *entry;

    if (mac->type != AT_ETHER || mac->len != 6 || (bytes[0] & 1))
        return NULL;
    memcpy(&key, bytes, 6);
    entry = recent_macs[bytes[5] % RECENT_MACS];
    if (entry && entry->key == key)
        return entry;
    entry = (mac_t *)wmem_map_lookup(macs, &key);
    if (!entry && create && mac_count < LDP_MAX_NEIGHBORS) {
        entry = (mac_t *)ldp_keep(sizeof *entry);
        entry->key = key;
        mac_count++;
        ldp_map_insert(macs, &entry->key, entry);
    }
    if (entry)
        recent_macs[bytes[5] % RECENT_MACS] = entry;
    return entry;
}

/* A router may get another ID, but one that takes turns with another is behind the same MAC address. */
static void
add_hello(mac_t *entry, ldp_lsr_t *lsr, uint32_t frame)
{
    owners_t *hello = &entry->hello[lsr->network];

    if (!hello->shared && latest_owner(hello) != lsr)
        set_owner(hello, lsr, false, frame);
}

static void
add_speaker(mac_t *entry, const ldp_lsr_t *lsr, uint32_t frame)
{
    for (unsigned i = 0; i < entry->speaker_count; i++) {
        if (entry->speaker[i].lsr == lsr)
            return;
    }
    if (entry->speaker_count == LDP_MAX_SPEAKERS)
        return;
    entry->speaker[entry->speaker_count].frame = frame;
    entry->speaker[entry->speaker_count].lsr = lsr;
    entry->speaker_count++;
}

void
ldp_learn_mac(const address *mac, ldp_lsr_t *lsr, bool hello, uint32_t frame)
{
    mac_t *entry = mac_entry(mac, true);

    if (entry && hello)
        add_hello(entry, lsr, frame);
    else if (entry)
        add_speaker(entry, lsr, frame);
}

void
ldp_learn_neighbor(const address *mac, const address *addr, uint32_t frame)
{
    mac_t *entry = is_ip(addr) ? mac_entry(mac, true) : NULL;

    if (!entry)
        return;
    for (unsigned i = 0; i < entry->ip_count; i++) {
        if (addresses_equal(&entry->ip[i].addr, addr))
            return;
    }
    if (entry->ip_count == LDP_MAX_NEIGHBOR_IPS)
        return;
    ldp_keep_count(2 * (size_t)addr->len);
    entry->ip[entry->ip_count].frame = frame;
    copy_address_wmem(wmem_file_scope(), &entry->ip[entry->ip_count].addr, addr);
    entry->ip_count++;
}

/* Others of the network speak from there, and not this one. */
static bool
is_behind_another(const mac_t *entry, const ldp_lsr_t *lsr, uint32_t frame)
{
    bool another = false;

    for (unsigned i = 0; i < entry->speaker_count && entry->speaker[i].frame < frame; i++) {
        if (entry->speaker[i].lsr == lsr)
            return false;
        another = another || entry->speaker[i].lsr->network == lsr->network;
    }
    return another;
}

/* NULL where several routers have its IP addresses, or another one is behind it: proxy ARP. */
static ldp_lsr_t *
router_of_ips(ldp_network_t network, const mac_t *entry, uint32_t frame)
{
    ldp_lsr_t *lsr = NULL;

    for (unsigned i = 0; i < entry->ip_count && entry->ip[i].frame < frame; i++) {
        ldp_lsr_t *found = ldp_lsr_by_address(network, &entry->ip[i].addr, frame);

        if (found && lsr && found != lsr)
            return NULL;
        if (found)
            lsr = found;
    }
    return lsr && !is_behind_another(entry, lsr, frame) ? lsr : NULL;
}

ldp_lsr_t *
ldp_lsr_by_mac(ldp_network_t network, const address *mac, uint32_t frame)
{
    const mac_t *entry = mac_entry(mac, false);
    const owner_t *owner;

    if (!entry)
        return NULL;
    owner = (const owner_t *)as_of(entry->hello[network].history, frame);
    if (!owner && network != LDP_OWN_NETWORK)       /* on the customers' own link */
        owner = (const owner_t *)as_of(entry->hello[LDP_OWN_NETWORK].history, frame);
    return owner ? owner->lsr : router_of_ips(network, entry, frame);
}

bool
ldp_lsr_may_have_mac(const ldp_lsr_t *lsr, const address *mac, uint32_t frame)
{
    const mac_t *entry = mac_entry(mac, false);

    for (unsigned i = 0; entry && i < entry->ip_count && entry->ip[i].frame < frame; i++) {
        if (!ldp_lsr_may_have_address(lsr, &entry->ip[i].addr, frame))
            return false;
    }
    return true;
}
