/* tcp-header.h
 * The fixed part of TCP's header, as it lies in a flow_packet_t's bytes
 *
 * Source: RFC 9293 section 3.1. Flags are Wireshark's TH_* (packet-tcp.h). That so many bytes were captured is for the caller to
 * see to: TCP_HEADER_MIN, TCP_HEADER_TO_FLAGS, or for the sequence number TCP_HEADER_TO_SEQ.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_TCP_HEADER_H
#define GAPFILL_TCP_HEADER_H

#include <epan/packet.h>
#include <epan/dissectors/packet-tcp.h>
#include <wsutil/pint.h>

#include "compat.h"

#define TCP_HEADER_MIN      20
#define TCP_HEADER_TO_FLAGS 14
#define TCP_HEADER_TO_SEQ    8

static inline uint32_t
tcp_header_seq(const uint8_t *header)
{
    return pntohu32(header + 4);
}

static inline uint32_t
tcp_header_ack(const uint8_t *header)
{
    return pntohu32(header + 8);
}

/* In bytes, with the options, as the header says. */
static inline unsigned
tcp_header_length(const uint8_t *header)
{
    return (header[12] >> 4) * 4u;
}

static inline uint8_t
tcp_header_flags(const uint8_t *header)
{
    return header[13];
}

#endif /* GAPFILL_TCP_HEADER_H */
