/* discard-payload.h
 * The protocol itself, for a Wireshark that has none: the fields, preferences and columns that 4.4 has
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DISCARD_PAYLOAD_H
#define GAPFILL_DISCARD_PAYLOAD_H

#define DISCARD_PORT 9

/* Registers it and gives its number. Only where there is no such protocol. */
int discard_payload_register(void);

/* In the handoff routine; does nothing where discard_payload_register() was not called. */
void discard_payload_handoff(void);

#endif /* GAPFILL_DISCARD_PAYLOAD_H */
