/* acme-connect.h
 * Connections of validators that are refused or never answered
 *
 * Sources: RFC 8555 sections 8.3 (port 80) and 10.1 (IPv6), RFC 8737 section 3 (port 443), RFC 8305 (fallback), RFC 9293 section
 * 3.5 (handshake and reset); RFC 792 and RFC 4443 (errors that quote a SYN). Ownership and lifetime: all is in file scope, first
 * pass only.
 * Errors: there are none. Bounds: 65536 attempts a capture that are not answered, from a share of their own (acme-memory.h).
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_CONNECT_H
#define GAPFILL_ACME_CONNECT_H

#include <epan/expert.h>

#include "acme-challenge.h"
#include "flow.h"

void acme_register_connect(expert_module_t *expert);

/* Whether attempts are remembered in the file at hand. Where they are not, nothing is to be done after a segment. */
extern bool acme_connect_watching;
/* For packet-acme.c, after a segment of TCP. */
void acme_connect_after(flow_packet_t *packet);

/* There is an authority whose API is readable: from here on attempts are remembered. */
void acme_connect_watch(void);
/* The answer in this packet sends its validator to that port of the same host. */
void acme_connect_expect(packet_info *pinfo, uint16_t port, acme_validation_t *validation);
/* It got there, and its request can be read. */
void acme_connect_arrived(acme_validation_t *validation);
/* Whether any redirect led to a connection; and whose led to this one, whose client has sent the packet; NULL: none. */
bool acme_connect_has_led(void);
acme_validation_t *acme_connect_led(const flow_packet_t *packet);
/*
 * The authority says that it could not connect. Which attempts it means is known by the port of the challenge, by the
 * address that it names in its detail, and by the frame in which the challenge was started (0: unknown; then they are guesses).
 * domain: in lower case, as it may be shown; token: NULL for another type than http-01.
 */
void acme_connect_failed(packet_info *pinfo, uint8_t type, const char *domain, const char *token, const char *detail,
        uint32_t start);

/* The request of a validation is here; before it, its validator may have tried in vain over the other family. First pass only. */
void acme_connect_reached(packet_info *pinfo, acme_validation_t *validation);
/* The link back from there; that nothing has answered is certain on later passes. */
void acme_connect_add_fallback(tvbuff_t *tvb, proto_tree *tree, const acme_validation_t *validation, bool later_pass);

#endif /* GAPFILL_ACME_CONNECT_H */
