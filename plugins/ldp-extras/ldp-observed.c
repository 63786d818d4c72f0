/* ldp-observed.c
 * Where a label leads, as the packets with it tell; see ldp-observed.h
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
#include <epan/to_str.h>
#include <wsutil/pint.h>

#include "ldp-capture.h"
#include "ldp-map.h"
#include "ldp-observed.h"
#include "pw-distinct.h"
#include "compat.h"

#define NETWORK_SHIFT 16     /* above the first two bytes of the MAC address */

struct ldp_observed {
    ldp_key_t  key;         /* network and MAC address, and label */
    uint32_t   first_frame;
    bool       refuted;
    address    dst;
    pw_distinct_t packets;
};

static wmem_map_t *observations;
static uint32_t observation_count;

void
ldp_observed_reset(void)
{
    observations = ldp_map_by_key();
    observation_count = 0;
}

static bool
make_key(ldp_key_t *key, ldp_network_t network, const address *mac, uint32_t label)
{
    const uint8_t *bytes = (const uint8_t *)mac->data;

    if (mac->type != AT_ETHER || mac->len != 6 || (bytes[0] & 1))
        return false;
    *key = (ldp_key_t) { (uint32_t)network << NETWORK_SHIFT | pntohu16(bytes), pntohu32(bytes + 2), label };
    return true;
}

/* NULL: there is no room. */
static ldp_observed_t *
begin(const ldp_key_t *key, const address *dst, uint32_t frame)
{
    ldp_observed_t *observed;

    if (observation_count == LDP_MAX_OBSERVED || ldp_capture_is_full(frame))
        return NULL;
    observation_count++;
    observed = (ldp_observed_t *)ldp_keep(sizeof *observed);
    observed->key = *key;
    observed->first_frame = frame;
    ldp_keep_count(2 * (size_t)dst->len);
    copy_address_wmem(wmem_file_scope(), &observed->dst, dst);
    ldp_map_insert(observations, &observed->key, observed);
    return observed;
}

void
ldp_observe(ldp_network_t network, const address *to_mac, uint32_t label, const ldp_payload_t *carried, const packet_info *pinfo)
{
    ldp_key_t key;
    ldp_observed_t *observed;

    if (!make_key(&key, network, to_mac, label))
        return;
    observed = (ldp_observed_t *)wmem_map_lookup(observations, &key);
    if (!observed && (observed = begin(&key, &carried->dst, pinfo->num)) == NULL)
        return;
    if (addresses_equal(&observed->dst, &carried->dst))
        pw_distinct_note(&observed->packets, &carried->bytes, pinfo);
    else
        observed->refuted = true;
}

ldp_lsr_t *
ldp_observed_router(const ldp_observed_t *observed)
{
    ldp_network_t network = (ldp_network_t)(observed->key.owner >> NETWORK_SHIFT);

    return observed->dst.type == AT_IPv4 ? ldp_lsr_find(network, pntohu32(observed->dst.data)) : NULL;
}

const ldp_observed_t *
ldp_observed_find(ldp_network_t network, const address *to_mac, uint32_t label)
{
    ldp_key_t key;
    const ldp_observed_t *observed;

    if (observation_count == 0 || !make_key(&key, network, to_mac, label))
        return NULL;
    observed = (const ldp_observed_t *)wmem_map_lookup(observations, &key);
    return observed && !observed->refuted && pw_distinct_is_enough(&observed->packets) && ldp_observed_router(observed)
            ? observed : NULL;
}

uint32_t
ldp_observed_first(const ldp_observed_t *observed)
{
    return observed->first_frame;
}

const char *
ldp_observed_text(const ldp_observed_t *observed, wmem_allocator_t *pool)
{
    return wmem_strdup_printf(pool, "%s/%d", address_to_str(pool, &observed->dst), observed->dst.len * 8);
}
