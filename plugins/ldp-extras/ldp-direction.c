/* ldp-direction.c
 * On which side of this link a router is; see ldp-direction.h
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

#include "ldp-capture.h"
#include "ldp-direction.h"
#include "ldp-map.h"
#include "compat.h"

#define BEHIND  0x00000
#define BEYOND  0x10000
#define PRESENT 0x20000

typedef struct sighting {
    ldp_key_t  key;         /* router, what, MAC address */
    uint32_t   frame;       /* the first one */
    bool       refuted;
    pw_distinct_t packets;  /* that prove that the router is there */
} sighting_t;

static wmem_map_t *sightings;

void
ldp_direction_reset(void)
{
    sightings = ldp_map_by_key();
}

static bool
make_key(ldp_key_t *key, const ldp_lsr_t *lsr, const address *mac, uint32_t what)
{
    if (mac->type != AT_ETHER || mac->len != 6)
        return false;
    *key = (ldp_key_t) { lsr->number, what | pntohu16(mac->data), pntohu32((const uint8_t *)mac->data + 2) };
    return true;
}

/* NULL: there is no MAC address, or no room. */
static sighting_t *
note(const ldp_lsr_t *lsr, const address *mac, uint32_t what, uint32_t frame)
{
    ldp_key_t key;
    sighting_t *sighting;

    if (!make_key(&key, lsr, mac, what))
        return NULL;
    sighting = (sighting_t *)wmem_map_lookup(sightings, &key);
    if (sighting || ldp_capture_is_full(frame))
        return sighting;
    sighting = (sighting_t *)ldp_keep(sizeof *sighting);
    sighting->key = key;
    sighting->frame = frame;
    ldp_map_insert(sightings, &sighting->key, sighting);
    return sighting;
}

static bool
was_noted(const ldp_lsr_t *lsr, const address *mac, uint32_t what, uint32_t frame)
{
    ldp_key_t key;
    const sighting_t *sighting = make_key(&key, lsr, mac, what) ? (const sighting_t *)wmem_map_lookup(sightings, &key) : NULL;

    return sighting && sighting->frame < frame;
}

void
ldp_speaks_from(const ldp_lsr_t *lsr, const address *mac, bool forwarded, uint32_t frame)
{
    note(lsr, mac, BEHIND, frame);
    if (forwarded)
        note(lsr, mac, BEYOND, frame);
}

void
ldp_is_reached_by_label(const ldp_lsr_t *lsr, const address *mac, uint32_t frame)
{
    note(lsr, mac, BEYOND, frame);
}

bool
ldp_is_behind(const ldp_lsr_t *lsr, const address *mac, uint32_t frame)
{
    return was_noted(lsr, mac, BEHIND, frame);
}

bool
ldp_is_beyond(const ldp_lsr_t *lsr, const address *mac, uint32_t frame)
{
    return was_noted(lsr, mac, BEYOND, frame);
}

void
ldp_presence_observed(const ldp_lsr_t *lsr, const address *mac, bool fits, const pw_bytes_t *bytes, const packet_info *pinfo)
{
    sighting_t *sighting = note(lsr, mac, PRESENT, pinfo->num);

    if (!sighting)
        return;
    if (fits)
        pw_distinct_note(&sighting->packets, bytes, pinfo);
    else
        sighting->refuted = true;
}

bool
ldp_is_present(const ldp_lsr_t *lsr, const address *mac)
{
    ldp_key_t key;
    const sighting_t *sighting = make_key(&key, lsr, mac, PRESENT) ? (const sighting_t *)wmem_map_lookup(sightings, &key) : NULL;

    return sighting && !sighting->refuted && pw_distinct_is_enough(&sighting->packets);
}
