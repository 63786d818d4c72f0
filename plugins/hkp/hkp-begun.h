/* hkp-begun.h
 * Requests that a server answers, or that end, before all of them was sent
 *
 * No request is told by HTTP then. What its head says is shown in the packet of that, in passes after the first.
 * Sources: RFC 9110 section 10.1.1 (Expect), RFC 9112 section 9.5, RFC 9113 section 8.1 (answers before the end of a request).
 * Ownership and lifetime: in file scope, written on the first pass only; bounded with what hkp_remember() keeps. No errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_BEGUN_H
#define GAPFILL_HKP_BEGUN_H

#include "flow.h"
#include "hkp-request.h"

/* Called for each, after TCP; tree is TCP's for generated items, or NULL. */
typedef void (*hkp_begun_shown_t)(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const http_exchange_t *exchange,
        const hkp_asked_t *asked);

/* For the first pass: of this request there is the head. asked is not to be forgotten. */
void hkp_begun_note(const http_message_t *message, const hkp_asked_t *asked);

/* The packets of TCP that have a port for which hkp_begun_init()'s function was called, after their dissection. */
void hkp_begun_see(flow_packet_t *packet);

/* For each file. */
void hkp_begun_init(void (*want_port)(uint16_t port), hkp_begun_shown_t show);

#endif /* GAPFILL_HKP_BEGUN_H */
