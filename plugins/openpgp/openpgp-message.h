/* openpgp-message.h
 * Shows the OpenPGP packets of messages: session keys, encrypted, compressed and literal data
 *
 * item is the packet's, below which tree is; it gets a label.
 *
 * Source: RFC 9580 sections 5.1, 5.6 to 5.9, 5.13 and 5.14. Ownership: items belong to the packet's tree. Errors:
 * as in openpgp-items.h.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_MESSAGE_H
#define GAPFILL_OPENPGP_MESSAGE_H

#include "openpgp-items.h"

void openpgp_dissect_pkesk(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_skesk(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_one_pass(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_compressed(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_encrypted(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_literal(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_mdc(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_dissect_marker(openpgp_context_t *context, const openpgp_packet_t *packet, proto_tree *tree, proto_item *item);
void openpgp_register_message(int proto, expert_module_t *expert);

#endif /* GAPFILL_OPENPGP_MESSAGE_H */
