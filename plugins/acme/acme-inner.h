/* acme-inner.h
 * Another dissector's items below those of ACME
 *
 * Ownership: nothing is kept. Errors: what the dissector throws is shown in the tree, and goes no further.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_INNER_H
#define GAPFILL_ACME_INNER_H

#include <epan/packet.h>

/* Calls it for all of tvb, but it leaves no trace in columns and layers. handle: NULL does nothing. */
void acme_inner_call(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif /* GAPFILL_ACME_INNER_H */
