/* icmp-quote.h
 * What a quoted packet (flow.h) tells about the ICMP (RFC 792) or ICMPv6 (RFC 4443) message around it
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ICMP_QUOTE_H
#define GAPFILL_ICMP_QUOTE_H

#include "flow.h"

/* A message that cannot be found, as where a tunnel is of a kind that is not known here, is taken for an error. */

/*
 * The IPv4 header in front of a transport header, of a quoted packet or of one of its own, in the frame's bytes. Not found
 * where fragments were put together, as the header then lies in another buffer.
 */
bool icmp_quote_ipv4_header(const flow_packet_t *packet, tvbuff_t **frame, int *offset);

/* Whether the message says that something is wrong with the packet: a redirect does not. */
bool icmp_quote_is_error(const flow_packet_t *packet);

/*
 * Whether it says that the destination cannot be had so: neither do source quench, nor that the packet is too big, after which who
 * sent it goes on with shorter ones (RFC 1191 and 8201).
 */
bool icmp_quote_is_failure(const flow_packet_t *packet);

#endif /* GAPFILL_ICMP_QUOTE_H */
