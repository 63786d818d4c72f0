/* tap-ldp-binding.h
 * The label information base of a capture as a table: -z ldp_binding,table
 *
 * RFC 5036 section 2.6 (label information base). A row a binding: router, label, FEC, frames, packets and bytes
 * that used it.
 *
 * Units: packets, bytes on the wire. Ownership: rows are the table's; what a frame has begun or ended hangs on the
 * frame and is the file's. Lifetime: the listener's. Bounds: LDP_TABLE_BYTES_MAX bytes of rows a table, some
 * 330,000 bindings; a last row says that there are more. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TAP_LDP_BINDING_H
#define GAPFILL_TAP_LDP_BINDING_H

#include "ldp-resolve.h"

#define TAP_LDP_BINDING         "ldp_binding"

#define LDP_TABLE_BYTES_MAX     (96u << 20)

void tap_ldp_binding_register(int proto);

/* A binding has begun or ended in this frame; on the first pass. */
void tap_ldp_binding_touched(packet_info *pinfo, ldp_binding_t *binding);

/* At most once a labelled packet, or with NULL for a packet of LDP. */
void tap_ldp_binding_queue(packet_info *pinfo, const ldp_stack_t *stack);

#endif /* GAPFILL_TAP_LDP_BINDING_H */
