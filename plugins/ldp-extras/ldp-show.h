/* ldp-show.h
 * What labels mean, in the tree and in Info
 *
 * RFC 3032 (label stacks). Items are generated, and stand below the native items of the labels.
 *
 * Units: none. Ownership: items are the packet's tree's. Lifetime: the packet's; nothing is kept. Bounds: those of
 * a stack, see ldp-resolve.h. Errors: a label that means nothing shows nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_SHOW_H
#define GAPFILL_LDP_SHOW_H

#include "ldp-resolve.h"

/* Fields, subtrees and expert items of proto. */
void ldp_show_register(int proto);

bool ldp_has_anything_to_say(const ldp_stack_t *stack);

/* One label, below tree; reading: of the pseudowire that the payload is read by, else NULL. */
void ldp_show_use(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, uint32_t label, const ldp_use_t *use,
        const ldp_reading_t *reading);

/* All of a stack, of which the protocol mpls_proto has made items below tree, after the item before, which may be NULL. */
void ldp_show_stack(proto_tree *tree, proto_node *before, int mpls_proto, tvbuff_t *tvb, packet_info *pinfo,
        const ldp_stack_t *stack);
void ldp_show_info(packet_info *pinfo, const ldp_stack_t *stack);

/* The status codes that a packet of LDP tells, below tree. */
void ldp_show_status(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo);

/* What is wrong with the pseudowires that a packet of LDP has changed, below tree. */
void ldp_show_wires(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo);

/* Whether the node is an item of the field or protocol. */
bool ldp_is_item_of(const proto_node *node, int hf);

#endif /* GAPFILL_LDP_SHOW_H */
