/* ftp-copy.c
 * Data connections whose SYN is captured again after their end; see ftp-copy.h
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
#include <epan/conversation.h>

#include "ftp-copy.h"
#include "port-set.h"

/* Of each pair of ports that a SYN has had, a number: only what has one is looked for. */
static port_set_t pairs;

void
ftp_copy_reset(void)
{
    port_set_clear(&pairs);
}

static bool
is_new_pair(const flow_packet_t *packet)
{
    uint16_t pair = (uint16_t)(31u * packet->srcport + packet->dstport);
    bool is_new = !port_set_has(&pairs, pair);

    port_set_add(&pairs, pair);
    return is_new;
}

/* Hangs from the copy's conversation. */
typedef struct ftp_copy {
    ftp_flow_t        flow;     /* first, so that the two can be cast */
    const ftp_data_t *of;
} ftp_copy_t;

static const ftp_data_t *
data_of(const ftp_flow_t *flow)
{
    if (flow->channel == FTP_CHANNEL_COPY)
        return ((const ftp_copy_t *)flow)->of;
    return flow->channel == FTP_CHANNEL_DATA ? (const ftp_data_t *)flow : NULL;
}

/* The data connection that had this conversation's ports before, or NULL. */
static const ftp_data_t *
earlier_data(const flow_packet_t *packet, const conversation_t *now)
{
    const conversation_t *before;
    const ftp_flow_t *flow;

    if (now->setup_frame < 2)
        return NULL;
    before = find_conversation(now->setup_frame - 1, &packet->src, &packet->dst, CONVERSATION_TCP,
            packet->srcport, packet->dstport, 0);
    flow = before && before != now ? ftp_flow_find(before, packet->srcport, packet->dstport) : NULL;
    return flow ? data_of(flow) : NULL;
}

static bool
is_of(const ftp_data_t *data, const ftp_session_t *session)
{
    if (!session)
        return !ftp_data_session(data)->closed;
    return data->view[0].session == session || (data->views > 1 && data->view[1].session == session);
}

/* Of a connection that was accepted: one that was refused is tried again with the same number (Windows does so). */
static bool
repeats(const ftp_data_t *data, const flow_packet_t *packet, const ftp_segment_t *syn)
{
    const ftp_half_t *half = &data->flow.half[0];

    return ftp_flow_side(&data->flow, packet) == 0 && half->syn_frame && half->isn == syn->seq && data->beyond_syn;
}

static void
mark(const flow_packet_t *packet, conversation_t *conversation, const ftp_data_t *data)
{
    ftp_copy_t *copy = wmem_new0(wmem_file_scope(), ftp_copy_t);

    copy->flow.channel = FTP_CHANNEL_COPY;
    copy->flow.port[0] = packet->srcport;
    copy->flow.port[1] = packet->dstport;
    copy->of = data;
    ftp_flow_hang(&copy->flow, conversation);
}

static bool
begins_copy(flow_packet_t *packet, conversation_t *conversation, const ftp_segment_t *syn, const ftp_session_t *announcer)
{
    const ftp_data_t *data = earlier_data(packet, conversation);

    if (!data || !is_of(data, announcer) || !repeats(data, packet, syn))
        return false;
    mark(packet, conversation, data);
    return true;
}

/* The server has answered with another number than before: it is a new connection. */
static bool
refutes(const ftp_flow_t *copy, const flow_packet_t *packet, const ftp_segment_t *segment)
{
    const ftp_half_t *server = &((const ftp_copy_t *)copy)->of->flow.half[1];

    return (segment->flags & TH_SYN) && packet->srcport == copy->port[1] && server->syn_frame && server->isn != segment->seq;
}

bool
ftp_copy_is(flow_packet_t *packet, const ftp_segment_t *segment, const ftp_session_t *announcer)
{
    conversation_t *conversation;
    ftp_flow_t *flow;

    if (ftp_segment_is_syn(segment) && is_new_pair(packet))
        return false;
    conversation = flow_conversation(packet);
    flow = conversation ? ftp_flow_find(conversation, packet->srcport, packet->dstport) : NULL;
    if (!flow)
        return conversation && ftp_segment_is_syn(segment) && begins_copy(packet, conversation, segment, announcer);
    if (flow->channel != FTP_CHANNEL_COPY)
        return false;
    if (!refutes(flow, packet, segment))
        return true;
    ftp_flow_unhang(flow);
    return false;
}
