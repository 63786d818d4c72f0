/* hkp-request-items.h
 * The fields of a request to a key server
 *
 * Sources: those of hkp-request.h. Nothing is kept, and nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_REQUEST_ITEMS_H
#define GAPFILL_HKP_REQUEST_ITEMS_H

#include <epan/expert.h>

#include "hkp-request.h"

extern expert_field ei_hkp_encoding;

/* The fields of the request, below tree. */
void hkp_show_request(http_message_t *message, proto_tree *tree, const hkp_request_t *request);

/* The same for what an answer is to, as generated fields. */
void hkp_show_asked(tvbuff_t *tvb, proto_tree *tree, const hkp_asked_t *asked);

void hkp_register_request(int proto, expert_module_t *expert);

#endif /* GAPFILL_HKP_REQUEST_ITEMS_H */
