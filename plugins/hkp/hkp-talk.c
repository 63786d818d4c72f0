/* hkp-talk.c
 * Whether a key server has said anything since; see hkp-talk.h
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

#include "port-set.h"
#include "hkp-talk.h"
#include "compat.h"

#define OFFSET_OF_LENGTH    12      /* of the header of TCP, in its upper four bits, in words */

/* Of a connection. */
typedef struct talk {
    uint16_t client_port;
    uint32_t heard;         /* the last segment with payload that came from the server */
    uint32_t told;          /* the last answer that was told */
} talk_t;

/* talk_t by conversation, file scope; the client ports that occur. */
static wmem_map_t *talks;
static port_set_t client_ports;
static void (*want_client_port)(uint16_t port);

static talk_t *
talk_of(const packet_info *pinfo)
{
    conversation_t *conversation = wmem_map_size(talks) > 0 ? find_conversation_pinfo((packet_info *)pinfo, 0) : NULL;

    return conversation ? (talk_t *)wmem_map_lookup(talks, conversation) : NULL;
}

void
hkp_talk_asked(packet_info *pinfo)
{
    conversation_t *conversation;
    talk_t *talk;

    if (pinfo->ptype != PT_TCP || proto_is_frame_protocol(pinfo->layers, "tls") || proto_is_frame_protocol(pinfo->layers, "http2"))
        return;
    conversation = find_conversation_pinfo(pinfo, 0);
    if (!conversation || wmem_map_contains(talks, conversation))
        return;
    talk = wmem_new0(wmem_file_scope(), talk_t);
    talk->client_port = (uint16_t)pinfo->srcport;
    wmem_map_insert(talks, conversation, talk);
    port_set_add(&client_ports, talk->client_port);
    want_client_port(talk->client_port);
}

void
hkp_talk_told(packet_info *pinfo)
{
    talk_t *talk = talk_of(pinfo);

    if (talk)
        talk->told = pinfo->num;
}

bool
hkp_talk_goes_on(packet_info *pinfo)
{
    const talk_t *talk = talk_of(pinfo);

    return talk && talk->heard > pinfo->num && talk->heard > talk->told;
}

static bool
has_payload(const flow_packet_t *packet)
{
    tvbuff_t *tvb = packet->tvb;

    return tvb_captured_length(tvb) > OFFSET_OF_LENGTH
        && tvb_reported_length(tvb) > (tvb_get_uint8(tvb, OFFSET_OF_LENGTH) >> 4) * 4u;
}

void
hkp_talk_see(flow_packet_t *packet)
{
    conversation_t *conversation;
    talk_t *talk;

    if (!port_set_has(&client_ports, packet->dstport) || packet->quoted || PINFO_FD_VISITED(packet->pinfo)
            || !packet->has_ports || !has_payload(packet))
        return;
    conversation = flow_conversation(packet);
    talk = conversation ? (talk_t *)wmem_map_lookup(talks, conversation) : NULL;
    if (talk && talk->client_port == packet->dstport)
        talk->heard = packet->pinfo->num;
}

void
hkp_talk_init(void (*want_port)(uint16_t port))
{
    want_client_port = want_port;
    talks = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    port_set_clear(&client_ports);
}
