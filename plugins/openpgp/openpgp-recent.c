/* openpgp-recent.c
 * What belongs to a TCP connection; see openpgp-recent.h
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
#include <epan/dissectors/packet-tcp.h>

#include "openpgp-recent.h"
#include "compat.h"

static unsigned
place_of(const packet_info *pinfo)
{
    return (pinfo->srcport ^ pinfo->destport) % OPENPGP_RECENT_PLACES;
}

bool
openpgp_recent_is_forward(const packet_info *pinfo)
{
    return pinfo->srcport != pinfo->destport ? pinfo->srcport > pinfo->destport : cmp_address(&pinfo->src, &pinfo->dst) > 0;
}

void *
openpgp_recent_find(const openpgp_recent_t *recent, const packet_info *pinfo)
{
    const openpgp_recent_place_t *place = &recent->places[place_of(pinfo)];

    return place->what && place->streams == get_tcp_stream_count() && tcp_ends_tell_all(pinfo)
        && tcp_ends_are_those(&place->ends, pinfo, openpgp_recent_is_forward(pinfo)) ? place->what : NULL;
}

void
openpgp_recent_note(openpgp_recent_t *recent, const packet_info *pinfo, void *what)
{
    openpgp_recent_place_t *place = &recent->places[place_of(pinfo)];

    if (!tcp_ends_tell_all(pinfo))
        return;
    place->what = what;
    tcp_ends_note(&place->ends, pinfo, openpgp_recent_is_forward(pinfo));
    place->streams = get_tcp_stream_count();
}

void
openpgp_recent_forget(openpgp_recent_t *recent)
{
    memset(recent, 0, sizeof *recent);
}
