/* acme-progress-items.h
 * Showing what becomes of the API's objects, and of requests whose nonce is refused
 *
 * Sources: see acme-progress.h and acme-attempt.h, whose structures these are. Ownership: texts are in the packet's pool.
 * Errors: there are none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_PROGRESS_ITEMS_H
#define GAPFILL_ACME_PROGRESS_ITEMS_H

#include <epan/expert.h>
#include <epan/packet.h>

#include "acme-attempt.h"
#include "acme-issued.h"
#include "acme-progress.h"

void acme_register_progress_items(expert_module_t *expert);

/* Of an answer; item: what an expert item hangs on; told may be NULL. kind: "order". */
void acme_progress_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item, const acme_told_t *told,
        const char *kind);
/* "valid, before: pending"; only "valid" where it was so before, or nothing was told. */
const char *acme_progress_text(packet_info *pinfo, const acme_told_t *told, const char *status);

/* What becomes of a certificate, which may be NULL, in other frames. */
void acme_issued_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_issued_t *certificate);

/* Of a signed request. Either attempt may be NULL. */
void acme_attempt_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_attempt_t *attempt);
/*
 * Of the answer that refuses its nonce; text: the problem. False: the client never tried again, as is known on later passes, so
 * that it is a problem like any other.
 */
bool acme_refusal_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const acme_attempt_t *attempt, const char *text);

#endif /* GAPFILL_ACME_PROGRESS_ITEMS_H */
