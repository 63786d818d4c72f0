/* openpgp-key.h
 * Shows OpenPGP keys, subkeys, user IDs and user attributes
 *
 * item is the packet's, below which tree is; it gets a label.
 *
 * Source: RFC 9580 sections 5.5, 5.11 and 5.12. Ownership: items belong to the packet's tree. Errors: as in
 * openpgp-items.h.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_KEY_H
#define GAPFILL_OPENPGP_KEY_H

#include "openpgp-items.h"

void openpgp_dissect_key(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_user_id(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_user_attribute(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree,
                                    proto_item *item);
void openpgp_register_key(int proto, expert_module_t *expert);

#endif /* GAPFILL_OPENPGP_KEY_H */
