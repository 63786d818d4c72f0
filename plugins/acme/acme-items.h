/* acme-items.h
 * Items and columns that challenges and the API have in common
 *
 * Ownership: items belong to the packet's tree; texts that are passed in are copied. Texts from the network have to be such as may
 * be shown (acme_shown()). Errors: there are none; without a tree
 * nothing is done.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_ITEMS_H
#define GAPFILL_ACME_ITEMS_H

#include <epan/expert.h>
#include <epan/packet.h>

#include "acme-challenge.h"

/* Of a question whose answer went by, as sequence numbers show, and was not captured. */
#define ACME_ANSWER_LOST    "answered, but not in this capture"

void acme_register_items(expert_module_t *expert);

/* A NUL-terminated text as it may be shown in a line; in pool. */
const char *acme_shown(wmem_allocator_t *pool, const char *text);

/* An item for the protocol below parent, with or without the challenge in it. */
proto_tree *acme_add_tree(tvbuff_t *tvb, int offset, int length, proto_tree *parent, const acme_challenge_t *challenge,
        proto_item **item);
proto_tree *acme_add_plain_tree(tvbuff_t *tvb, int offset, int length, proto_tree *parent, proto_item **item);

/* what: is wrong; behind it comes what to do about that cause. */
void acme_add_expert(packet_info *pinfo, proto_item *item, expert_field *ei, acme_cause_t cause, const char *what);
/* status: of HTTP; offset: of the status line */
void acme_add_status(tvbuff_t *tvb, int offset, proto_tree *tree, uint16_t status);
/* length 0: generated. Returns the item. */
proto_item *acme_add_token(tvbuff_t *tvb, proto_tree *tree, const char *token, int offset, int length);
/* An API's name of a type, which may be NULL or unknown; then nothing is added. */
void acme_add_challenge_type(tvbuff_t *tvb, proto_tree *tree, const char *name);
/* frame 0: on a later pass that means there is none, and reply tells what there is. */
void acme_add_response_in(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item, uint32_t frame,
        acme_reply_t reply);
/* frame: of the answer that sent the validator here; 0: none */
void acme_add_redirect_from(tvbuff_t *tvb, proto_tree *tree, uint32_t frame);
/* frame 0: unknown */
void acme_add_response_to(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t frame, const nstime_t *asked);

/*
 * Protocol and Info; further calls for the same frame append to Info. challenge may be NULL. text: NULL leaves Info as Wireshark
 * has it.
 */
void acme_columns(packet_info *pinfo, const acme_challenge_t *challenge, const char *text);

#endif /* GAPFILL_ACME_ITEMS_H */
