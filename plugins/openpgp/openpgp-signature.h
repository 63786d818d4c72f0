/* openpgp-signature.h
 * Shows OpenPGP signatures
 *
 * Source: RFC 9580 section 5.2. Ownership: items belong to the packet's tree. Errors: where data end too soon
 * tvbuffs throw, and the packet's dissector makes that expert information.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_SIGNATURE_H
#define GAPFILL_OPENPGP_SIGNATURE_H

#include "openpgp-items.h"

/* A signature that fills tvb, below tree; item gets a label. */
void openpgp_dissect_signature(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree, proto_item *item);
void openpgp_register_signature(int proto, expert_module_t *expert);

#endif /* GAPFILL_OPENPGP_SIGNATURE_H */
