/* discard-wol.h
 * Wake-on-LAN, whose usual port is Discard's as well
 *
 * A magic packet is six bytes ff and the address of the sleeping station sixteen times. Wireshark recognises one by a
 * heuristic, which comes after the ports.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DISCARD_WOL_H
#define GAPFILL_DISCARD_WOL_H

#include "flow.h"

/* In the handoff routine. */
void discard_wol_init(int proto_discard);

/*
 * Before a datagram is dissected: Discard is switched off for a magic packet, so that the heuristic gets it on every port
 * that the user may have given to Discard.
 */
void discard_wol_hide(const flow_packet_t *packet);

/* After it: whether that was so; Discard is switched on again. */
bool discard_wol_was_hidden(void);

#endif /* GAPFILL_DISCARD_WOL_H */
