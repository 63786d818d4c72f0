/* hkp-talk.h
 * Whether a key server has said anything since, where no answer is known
 *
 * HTTP tells an answer when it is whole. One that the capture cuts off, or that is in segments that were lost, is none that can be
 * told, but there is one: then a request is not unanswered. Connections are followed by what the TCP dissector knows of their
 * sequence numbers; under TLS and in HTTP/2 whatever the server sends after a request may be of its answer.
 * Source: RFC 9293. Ownership: in file scope, written on the first pass only. There are no errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef __HKP_TALK_H__
#define __HKP_TALK_H__

#include <epan/packet.h>

#include "hkp-http.h"

/* For the first pass: a request in this packet, and an answer that is told. */
void hkp_talk_asked(packet_info *pinfo);
void hkp_talk_told(const http_message_t *message);

/* For later passes: the server has sent something after the request in this packet that is no answer told, or may have. */
bool hkp_talk_goes_on(packet_info *pinfo);

/* Who ended the connection of this packet, and where; always NULL: TCP does not tell it yet. */
const char *hkp_talk_end(packet_info *pinfo, uint32_t since);

/* For the registration routine. */
void hkp_talk_init(void);

#endif /* __HKP_TALK_H__ */
