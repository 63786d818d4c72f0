/* ftp-icmp.c
 * ICMP and ICMPv6 errors about FTP connections: see ftp-icmp.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>
#include <epan/ipproto.h>

#include "ftp-data.h"
#include "ftp-flow.h"
#include "ftp-icmp.h"

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER 40
#define ICMP_HEADER 8

/* Where the IPv4 header begins that ends at end, or -1. */
static int
ipv4_header_before(const uint8_t *bytes, int end, uint8_t protocol)
{
    for (int length = IPV4_HEADER_MIN; length <= 60 && length <= end; length += 4) {
        if (bytes[end - length] == (0x40 | length / 4) && bytes[end - length + 9] == protocol)
            return end - length;
    }
    return -1;
}

static int
ipv6_header_before(const uint8_t *bytes, int end, uint8_t protocol)
{
    int start = end - IPV6_HEADER;

    return start >= 0 && bytes[start] >> 4 == 6 && bytes[start + 6] == protocol ? start : -1;
}

/* The error's own header is not handed down to the transport: finds it in front of what it quotes. */
static void
read_header(ftp_icmp_t *icmp, const flow_packet_t *packet)
{
    tvbuff_t *frame = tvb_get_ds_tvb(packet->tvb);
    int tcp = tvb_raw_offset(packet->tvb) - tvb_raw_offset(frame);
    int length = (int)tvb_captured_length(frame);
    const uint8_t *bytes;
    int quoted;
    int outer;

    if (tcp < IPV4_HEADER_MIN + ICMP_HEADER || tcp > length)
        return;
    bytes = tvb_get_ptr(frame, 0, length);
    icmp->v6 = packet->src.type == AT_IPv6;
    quoted = icmp->v6 ? ipv6_header_before(bytes, tcp, IP_PROTO_TCP) : ipv4_header_before(bytes, tcp, IP_PROTO_TCP);
    if (quoted < ICMP_HEADER)
        return;
    icmp->has_header = true;
    icmp->type = bytes[quoted - ICMP_HEADER];
    icmp->code = bytes[quoted - ICMP_HEADER + 1];
    outer = icmp->v6 ? ipv6_header_before(bytes, quoted - ICMP_HEADER, IP_PROTO_ICMPV6)
        : ipv4_header_before(bytes, quoted - ICMP_HEADER, IP_PROTO_ICMP);
    if (outer >= 0) {
        address router;

        set_address(&router, icmp->v6 ? AT_IPv6 : AT_IPv4, icmp->v6 ? 16 : 4, bytes + outer + (icmp->v6 ? 8 : 12));
        copy_address_wmem(wmem_file_scope(), &icmp->router, &router);
    }
}

bool
ftp_icmp_is_unreachable(const ftp_icmp_t *icmp)
{
    if (!icmp->has_header)
        return false;
    /* Fragmentation needed, and Packet too big, only ask for smaller packets. */
    return icmp->v6 ? icmp->type == 1 : icmp->type == 3 && icmp->code != 4;
}

static const value_string icmp_unreachable_vals[] = {
    { 0, "network unreachable" },
    { 1, "host unreachable" },
    { 2, "protocol unreachable" },
    { 3, "port unreachable" },
    { 4, "fragmentation needed" },
    { 5, "source route failed" },
    { 6, "network unknown" },
    { 7, "host unknown" },
    { 9, "network administratively prohibited" },
    { 10, "host administratively prohibited" },
    { 11, "network unreachable for this type of service" },
    { 12, "host unreachable for this type of service" },
    { 13, "communication administratively prohibited" },
    { 0, NULL }
};

static const value_string icmpv6_unreachable_vals[] = {
    { 0, "no route" },
    { 1, "administratively prohibited" },
    { 2, "beyond scope of source address" },
    { 3, "address unreachable" },
    { 4, "port unreachable" },
    { 5, "source address failed policy" },
    { 6, "route rejected" },
    { 0, NULL }
};

const char *
ftp_icmp_name(const ftp_icmp_t *icmp)
{
    if (!icmp->has_header)
        return "ICMP error";
    if (icmp->v6) {
        switch (icmp->type) {
        case 1:
            return val_to_str_const(icmp->code, icmpv6_unreachable_vals, "destination unreachable");
        case 2:
            return "packet too big";
        case 3:
            return "hop limit exceeded";
        default:
            return "ICMPv6 error";
        }
    }
    switch (icmp->type) {
    case 3:
        return val_to_str_const(icmp->code, icmp_unreachable_vals, "destination unreachable");
    case 4:
        return "source quench";
    case 5:
        return "redirect";
    case 11:
        return "time to live exceeded";
    default:
        return "ICMP error";
    }
}

const char *
ftp_side_name(const ftp_flow_t *flow, unsigned side)
{
    if (flow->channel == FTP_CHANNEL_CONTROL)
        return side == 0 ? "client" : "server";
    return side == 0 ? "opening side" : "listening side";
}

bool
ftp_icmp_quotes_greeting(const ftp_flow_t *flow, const ftp_icmp_t *icmp)
{
    return flow->channel == FTP_CHANNEL_CONTROL && ((const ftp_session_t *)flow)->greeting_frame && icmp->has_seq
        && icmp->side == 1 && flow->half[1].syn_frame && icmp->seq == flow->half[1].isn + 1;
}

bool
ftp_icmp_quotes_syn(const ftp_flow_t *flow, const ftp_icmp_t *icmp)
{
    return icmp->has_seq && flow->half[icmp->side].syn_frame && icmp->seq == flow->half[icmp->side].isn;
}

void
ftp_icmp_describe_quoted(wmem_strbuf_t *text, const ftp_flow_t *flow, const ftp_icmp_t *icmp, uint32_t frame)
{
    const ftp_half_t *half = &flow->half[icmp->side];
    const ftp_half_t *other = &flow->half[!icmp->side];
    const char *sender = ftp_side_name(flow, icmp->side);
    const char *receiver = ftp_side_name(flow, !icmp->side);

    if (ftp_icmp_quotes_greeting(flow, icmp)) {
        wmem_strbuf_append_printf(text, "the server's greeting (frame %u)",
                ((const ftp_session_t *)flow)->greeting_frame);
    } else if (ftp_icmp_quotes_syn(flow, icmp)) {
        wmem_strbuf_append_printf(text, "the %s's %s (frame %u)", sender, icmp->side == 0 ? "SYN" : "SYN+ACK",
                half->syn_frame);
        if (half->acked_frame && half->acked_frame < frame)
            wmem_strbuf_append_printf(text, ", which had arrived: the %s's frame %u acknowledges it", receiver,
                    half->acked_frame);
        else if (half->acked_frame)
            wmem_strbuf_append_printf(text, ", which the %s's frame %u acknowledges later", receiver,
                    half->acked_frame);
        else
            wmem_strbuf_append_printf(text, ", which the %s has not acknowledged", receiver);
        return;
    } else {
        wmem_strbuf_append_printf(text, "a segment of the %s", sender);
    }
    if (icmp->has_seq && other->has_acked && (int32_t)(other->acked - icmp->seq) > 0)
        wmem_strbuf_append_printf(text, ", which the %s has acknowledged", receiver);
}

void
ftp_icmp_describe_aftermath(wmem_strbuf_t *text, const ftp_flow_t *flow, const packet_info *pinfo)
{
    if (flow->channel == FTP_CHANNEL_CONTROL && ((const ftp_session_t *)flow)->greeting == FTP_SILENT
            && flow->half[1].syn_frame && !((const ftp_session_t *)flow)->tls_from)
        wmem_strbuf_append(text, PINFO_FD_VISITED(pinfo) ? "; no greeting ever comes" : "; no greeting has come yet");
    if (!PINFO_FD_VISITED(pinfo))
        return;
    if (flow->last_frame <= pinfo->num)
        wmem_strbuf_append(text, "; nothing follows on the connection");
    else
        wmem_strbuf_append(text, "; the connection goes on");
}

static void
refuse(ftp_data_t *data, const ftp_icmp_t *icmp)
{
    if (ftp_icmp_is_unreachable(icmp) && icmp->side == 0 && !data->flow.half[1].syn_frame)
        ftp_data_mark_refused(data);
}

void
ftp_icmp_note(ftp_flow_t *flow, flow_packet_t *packet)
{
    ftp_icmp_t *icmp = wmem_new0(wmem_file_scope(), ftp_icmp_t);
    ftp_data_t *data = (ftp_data_t *)flow;

    clear_address(&icmp->router);
    icmp->side = ftp_flow_side(flow, packet);
    icmp->has_seq = tvb_captured_length(packet->tvb) >= 8;
    if (icmp->has_seq)
        icmp->seq = tvb_get_ntohl(packet->tvb, 4);
    read_header(icmp, packet);
    if (flow->channel == FTP_CHANNEL_CONTROL) {
        ftp_add_event((ftp_session_t *)flow, packet->pinfo, FTP_EVENT_ICMP)->icmp = icmp;
        return;
    }
    for (unsigned i = 0; i < data->views; i++)
        ftp_add_event(data->view[i].session, packet->pinfo, FTP_EVENT_ICMP)->icmp = icmp;
    refuse(data, icmp);
}
