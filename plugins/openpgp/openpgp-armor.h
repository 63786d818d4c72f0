/* openpgp-armor.h
 * Shows OpenPGP's ASCII armor and cleartext signatures
 *
 * Source: RFC 9580 sections 6 and 7. Ownership: items belong to the packet's tree. Errors: what ends too soon or
 * has a wrong checksum gets expert information.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_ARMOR_H
#define GAPFILL_OPENPGP_ARMOR_H

#include "openpgp-items.h"

/* Every block in the text, below tree. */
void openpgp_dissect_armor(openpgp_context_t *context, tvbuff_t *tvb, proto_tree *tree);
void openpgp_register_armor(int proto, expert_module_t *expert);

#endif /* GAPFILL_OPENPGP_ARMOR_H */
