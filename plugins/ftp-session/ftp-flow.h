/* ftp-flow.h
 * TCP connections that have to do with FTP: their segments, their conversations, how far they have got
 *
 * RFC 9293. Sequence numbers are as on the wire. Written on the first pass only; a connection hangs from its conversation.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_FLOW_H
#define GAPFILL_FTP_FLOW_H

#include <epan/packet.h>
#include <epan/dissectors/packet-tcp.h>

#include "flow.h"
#include "ftp-model.h"

#define FTP_TCP_HEADER_MIN 20

typedef struct ftp_segment {
    uint32_t       seq;
    uint32_t       ack;
    uint8_t        flags;
    const uint8_t *payload;
    uint32_t       captured;    /* of the payload */
    uint32_t       length;      /* of the payload as sent */
} ftp_segment_t;

static inline bool
ftp_segment_is_syn(const ftp_segment_t *segment)
{
    return (segment->flags & (TH_SYN | TH_ACK)) == TH_SYN;
}

/* What conversation functions that take pinfo need, before the TCP dissector has set it. */
static inline void
ftp_flow_set_ports(const flow_packet_t *packet)
{
    packet->pinfo->ptype = PT_TCP;
    packet->pinfo->srcport = packet->srcport;
    packet->pinfo->destport = packet->dstport;
}

/* For the handoff routine. */
void ftp_flow_init(void);

/* A file is opened. */
void ftp_flow_reset(void);

/* False if the packet is cut before the end of TCP's fixed header, or is none of TCP. The payload is valid as long as packet. */
bool ftp_segment_parse(const flow_packet_t *packet, ftp_segment_t *segment);

/*
 * The flow of a conversation with these ports. Announcements that are not used make Wireshark put several
 * connections from a server's port 20 into one conversation, up to 4.6 at least. Copies (ftp-copy.h) are found as well.
 */
ftp_flow_t *ftp_flow_find(const conversation_t *conversation, uint16_t srcport, uint16_t dstport);
void ftp_flow_hang(ftp_flow_t *flow, conversation_t *conversation);

/* It is none of FTP's after all. */
void ftp_flow_unhang(ftp_flow_t *flow);

/* What the packet, or the quoted one, belongs to; NULL if it is nothing of FTP's. */
ftp_flow_t *ftp_flow_of(flow_packet_t *packet);
ftp_flow_t *ftp_flow_of_pinfo(packet_info *pinfo);

/* Which side has sent the packet. */
unsigned ftp_flow_side(const ftp_flow_t *flow, const flow_packet_t *packet);

/* What the TCP dissector keeps of a conversation, or NULL. */
const struct tcp_analysis *ftp_flow_tcp(const conversation_t *conversation);
void ftp_flow_note_stream(ftp_flow_t *flow);

/* Takes down what the segment says of the connection. */
void ftp_flow_note_segment(ftp_flow_t *flow, const packet_info *pinfo, unsigned side, const ftp_segment_t *segment);

#endif /* GAPFILL_FTP_FLOW_H */
