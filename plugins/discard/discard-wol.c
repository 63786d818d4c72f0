/* discard-wol.c
 * Leaving Wake-on-LAN packets to WOL; see discard-wol.h
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

#include "discard-wol.h"
#include "compat.h"

#define UDP_HEADER       8

#define WOL_SYNC         6
#define WOL_ADDRESS      6
#define WOL_REPEATS     16
#define WOL_LENGTH      (WOL_SYNC + WOL_REPEATS * WOL_ADDRESS)

static int proto_hidden = -1;
static bool hidden;
static heur_dtbl_entry_t *wol_heuristic;

void
discard_wol_init(int proto_discard)
{
    proto_hidden = proto_discard;
    wol_heuristic = find_heur_dissector_by_unique_short_name("wol_udp");
}

static bool
is_magic_packet(tvbuff_t *tvb, int offset)
{
    static const uint8_t sync[WOL_SYNC] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    const uint8_t *packet;

    if (tvb_captured_length_remaining(tvb, offset) < WOL_LENGTH)
        return false;
    packet = tvb_get_ptr(tvb, offset, WOL_LENGTH);
    return memcmp(packet, sync, WOL_SYNC) == 0
        && memcmp(packet + WOL_SYNC, packet + WOL_SYNC + WOL_ADDRESS, (WOL_REPEATS - 1) * WOL_ADDRESS) == 0;
}

static bool
wol_is_enabled(void)
{
    return wol_heuristic && wol_heuristic->enabled && proto_is_protocol_enabled(wol_heuristic->protocol);
}

void
discard_wol_hide(const flow_packet_t *packet)
{
    if (!is_magic_packet(packet->tvb, UDP_HEADER) || !wol_is_enabled())
        return;
    proto_set_decoding(proto_hidden, false);
    hidden = true;
}

bool
discard_wol_was_hidden(void)
{
    bool was_hidden = hidden;

    if (was_hidden)
        proto_set_decoding(proto_hidden, true);
    hidden = false;
    return was_hidden;
}
