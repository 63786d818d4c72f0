/* acme-verdict-items.h
 * Questions and answers of validators with their verdicts
 *
 * Ownership: items belong to the packet's tree. Errors: there are none; without a tree only statistics are made.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_VERDICT_ITEMS_H
#define GAPFILL_ACME_VERDICT_ITEMS_H

#include <epan/expert.h>

#include "acme-word.h"

void acme_register_verdict_items(expert_module_t *expert);

void acme_add_request(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation);
/* The answer, with its verdict. text: in few words, for the item and statistics; returns it, or what to say instead. */
const char *acme_add_response(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation, const char *text);
/* What the authority said in this frame; that is an outcome where no validator is in the capture. */
void acme_add_word(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_said_t *said);

#endif /* GAPFILL_ACME_VERDICT_ITEMS_H */
