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
#include <epan/prefs.h>
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

static bool
has_plain_conversation(const packet_info *pinfo)
{
#ifndef WS_NO_DEINTERLACING
    if (prefs.conversation_deinterlacing_key > 0)
        return false;
#endif
    return !pinfo->use_conv_addr_port_endpoints && !pinfo->conv_elements && pinfo->src.type == pinfo->dst.type
        && (pinfo->src.type == AT_IPv4 || pinfo->src.type == AT_IPv6);
}

static bool
has_same_ends(const openpgp_recent_place_t *place, const packet_info *pinfo, bool forward)
{
    size_t length = (size_t)pinfo->src.len;

    return place->ports[forward] == pinfo->srcport && place->ports[!forward] == pinfo->destport
        && place->address_type == pinfo->src.type && !memcmp(place->addresses[forward], pinfo->src.data, length)
        && !memcmp(place->addresses[!forward], pinfo->dst.data, length);
}

void *
openpgp_recent_find(const openpgp_recent_t *recent, const packet_info *pinfo)
{
    const openpgp_recent_place_t *place = &recent->places[place_of(pinfo)];

    return place->what && place->streams == get_tcp_stream_count() && has_plain_conversation(pinfo)
        && has_same_ends(place, pinfo, openpgp_recent_is_forward(pinfo)) ? place->what : NULL;
}

void
openpgp_recent_note(openpgp_recent_t *recent, const packet_info *pinfo, void *what)
{
    openpgp_recent_place_t *place = &recent->places[place_of(pinfo)];
    bool forward = openpgp_recent_is_forward(pinfo);

    if (!has_plain_conversation(pinfo))
        return;
    place->what = what;
    place->address_type = pinfo->src.type;
    memcpy(place->addresses[forward], pinfo->src.data, (size_t)pinfo->src.len);
    memcpy(place->addresses[!forward], pinfo->dst.data, (size_t)pinfo->dst.len);
    place->ports[forward] = pinfo->srcport;
    place->ports[!forward] = pinfo->destport;
    place->streams = get_tcp_stream_count();
}

void
openpgp_recent_forget(openpgp_recent_t *recent)
{
    memset(recent, 0, sizeof *recent);
}
