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

#include <epan/conversation.h>

#include "hkp-talk.h"
#include "packet-tcp.h"

/* Of tcp.completeness. A FIN has a number of its own behind the bytes. Whose it is is not told; one byte does not matter. */
#define COMPLETENESS_FIN 0x10

/* How far the server's bytes went: at a request, by its frame; at the latest answer told, by the conversation. File scope. */
static wmem_map_t *at_requests;
static wmem_map_t *at_answers;

static conversation_t *
conversation_of(packet_info *pinfo)
{
    if (pinfo->ptype != PT_TCP || proto_is_frame_protocol(pinfo->layers, "tls") || proto_is_frame_protocol(pinfo->layers, "http2"))
        return NULL;
    return find_conversation_pinfo(pinfo, 0);
}

/* The sequence number behind the last byte of a side; false: it is not followed. */
static bool
last_byte(const conversation_t *conversation, packet_info *pinfo, bool of_sender, uint32_t *seq)
{
    /* With no conversation it leaves the analysis of the packet alone. */
    const struct tcp_analysis *tcpd = conversation ? get_tcp_conversation_data(NULL, pinfo) : NULL;
    const tcp_flow_t *flow = tcpd ? of_sender ? tcpd->fwd : tcpd->rev : NULL;

    if (!flow || !flow->tcp_analyze_seq_info)
        return false;
    *seq = flow->tcp_analyze_seq_info->nextseq - ((tcpd->conversation_completeness & COMPLETENESS_FIN) != 0);
    return true;
}

void
hkp_talk_asked(packet_info *pinfo)
{
    uint32_t seq;

    if (last_byte(conversation_of(pinfo), pinfo, false, &seq))
        wmem_map_insert(at_requests, GUINT_TO_POINTER(pinfo->num), GUINT_TO_POINTER(seq));
}

void
hkp_talk_told(packet_info *pinfo)
{
    conversation_t *conversation = conversation_of(pinfo);
    uint32_t seq;

    if (last_byte(conversation, pinfo, true, &seq))
        wmem_map_insert(at_answers, conversation, GUINT_TO_POINTER(seq));
}

bool
hkp_talk_goes_on(packet_info *pinfo)
{
    conversation_t *conversation = conversation_of(pinfo);
    uint32_t last, told;
    void *value;

    if (!wmem_map_lookup_extended(at_requests, GUINT_TO_POINTER(pinfo->num), NULL, &value)
            || !last_byte(conversation, pinfo, false, &last))
        return false;
    told = GPOINTER_TO_UINT(value);
    if (wmem_map_lookup_extended(at_answers, conversation, NULL, &value) && (int32_t)(GPOINTER_TO_UINT(value) - told) > 0)
        told = GPOINTER_TO_UINT(value);
    return (int32_t)(last - told) > 0;
}

const char *
hkp_talk_end(packet_info *pinfo _U_, uint32_t since _U_)
{
    return NULL;
}

void
hkp_talk_init(void)
{
    at_requests = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    at_answers = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
}
