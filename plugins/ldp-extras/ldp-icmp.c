/* ldp-icmp.c
 * Label stacks in ICMP and ICMPv6 errors; see ldp-icmp.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>
#include <epan/in_cksum.h>

#include "ldp-icmp.h"
#include "ldp-show.h"
#include "compat.h"

#define ICMP_HEADER                 8
#define ICMP_EXTENSION_HEADER       4
#define ICMP_EXTENSION_VERSION      2
#define ICMP_EXTENSION_DEFAULT      128     /* where the length field does not say */
#define ICMP_OBJECT_HEADER          4
#define ICMP_OBJECT_MPLS            0x0101  /* class and C-type */

/* Offset of the extension, 0 where there is none. */
static int
icmp_extension_offset(tvbuff_t *tvb, bool v6)
{
    unsigned length;
    int offset;

    if (tvb_captured_length(tvb) < ICMP_HEADER + ICMP_EXTENSION_DEFAULT + ICMP_EXTENSION_HEADER + ICMP_OBJECT_HEADER)
        return 0;
    length = v6 ? tvb_get_uint8(tvb, 4) * 8u : tvb_get_uint8(tvb, 5) * 4u;
    offset = ICMP_HEADER + (int)MAX(length, ICMP_EXTENSION_DEFAULT);
    if (tvb_captured_length_remaining(tvb, offset) < ICMP_EXTENSION_HEADER + ICMP_OBJECT_HEADER
            || tvb_get_uint8(tvb, offset) >> 4 != ICMP_EXTENSION_VERSION)
        return 0;
    /* Without a length the version alone would often be right by chance. */
    if (tvb_get_ntohs(tvb, offset + 2) == 0)
        return length ? offset : 0;
    if (tvb_captured_length(tvb) == tvb_reported_length(tvb)
            && ip_checksum_tvb(tvb, offset, tvb_reported_length_remaining(tvb, offset)) != 0)
        return 0;
    return offset;
}

/*
 * The next native item of a label after item, in the order of the tree below root; item is root itself to begin
 * with, and NULL is returned at the end.
 */
static proto_node *
next_icmp_label(const proto_node *root, proto_node *item, int label_hf)
{
    while (item) {
        if (item->first_child) {
            item = item->first_child;
        } else {
            while (item != root && !item->next)
                item = item->parent;
            if (item == root)
                return NULL;
            item = item->next;
        }
        if (ldp_is_item_of(item, label_hf))
            return item;
    }
    return NULL;
}

/* Goes on from *at, since the labels and their items come in the same order. */
static void
show_icmp_stack(proto_tree *tree, proto_node **at, int label_hf, tvbuff_t *tvb, packet_info *pinfo, const ldp_stack_t *stack)
{
    for (unsigned i = 0; i < stack->count; i++) {
        const ldp_use_t *use = &stack->use[i];
        int start = tvb_raw_offset(tvb) + stack->label[i].offset;

        if (!use->binding && !use->unknown)
            continue;
        while (*at && (*at == tree || (*at)->finfo->start < start))
            *at = next_icmp_label(tree, *at, label_hf);
        ldp_show_use(*at && (*at)->finfo->start == start ? (*at)->parent : tree, tvb, pinfo, stack->label[i].label, use,
                NULL);
    }
}

void
ldp_icmp_show_labels(tvbuff_t *tvb, packet_info *pinfo, ldp_network_t network, proto_tree *native, int label_hf,
        bool v6)
{
    int offset = icmp_extension_offset(tvb, v6), end = (int)tvb_captured_length(tvb);
    unsigned bindings_left = LDP_MAX_BINDINGS_OF_STACK;
    const ldp_hop_t hop = {
        .receiver = ldp_lsr_by_address(network, &pinfo->src, pinfo->num), .network = network, .pool = pinfo->pool,
        .bindings_left = &bindings_left
    };
    proto_node *at = native;

    if (offset == 0)
        return;
    for (offset += ICMP_EXTENSION_HEADER; end - offset >= ICMP_OBJECT_HEADER;) {
        int length = tvb_get_ntohs(tvb, offset);
        ldp_stack_t stack;

        if (length < ICMP_OBJECT_HEADER || length > end - offset)
            break;
        if (tvb_get_ntohs(tvb, offset + 2) == ICMP_OBJECT_MPLS) {
            ldp_stack_read(tvb, offset + ICMP_OBJECT_HEADER, offset + length, &stack);
            stack.carried = ldp_payload_quoted(tvb, ICMP_HEADER);     /* what the router took the stack from */
            stack.payload = 0;
            ldp_stack_resolve(&stack, &hop, pinfo->num);
            show_icmp_stack(native, &at, label_hf, tvb, pinfo, &stack);
        }
        offset += length;
    }
}
