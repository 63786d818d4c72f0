/* hkp-talk.h
 * Whether a key server has said anything since, where no answer is known
 *
 * HTTP tells an answer when it is whole. One that the capture cuts off, or that is in segments that were lost, is none that can be
 * told, but there is one: then a request is not unanswered. Connections of HTTP/1 without TLS are followed.
 * Source: RFC 9293 (payload of segments). Ownership: in file scope, written on the first pass only. Units: frame numbers.
 * There are no errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HKP_TALK_H
#define GAPFILL_HKP_TALK_H

#include "flow.h"
#include "http.h"

/* For the first pass: a request in this packet, and an answer that is told. */
void hkp_talk_asked(packet_info *pinfo);
void hkp_talk_told(const http_message_t *message);

/* For later passes: the server has sent something after the request in this packet that is no answer told. */
bool hkp_talk_goes_on(packet_info *pinfo);

/*
 * For later passes: by whom and in which frame the connection of this packet was ended, if not before that of since; NULL: it was
 * not, or not all that the server sent is in the capture. In the packet's pool.
 */
const char *hkp_talk_end(packet_info *pinfo, uint32_t since);

/* The packets of TCP that have a port for which hkp_talk_init()'s function was called, after their dissection. */
void hkp_talk_see(flow_packet_t *packet);

void hkp_talk_init(void (*want_port)(uint16_t port));

#endif /* GAPFILL_HKP_TALK_H */
