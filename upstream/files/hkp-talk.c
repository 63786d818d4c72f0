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

/* How far the server's bytes went at a request, by its frame; where answers that were told end, by conversation and begin. File scope. */
static wmem_map_t *at_requests;
static wmem_map_t *ends_of_answers;

static bool
is_followed(packet_info *pinfo)
{
    return pinfo->ptype == PT_TCP && !proto_is_frame_protocol(pinfo->layers, "tls") && !proto_is_frame_protocol(pinfo->layers, "http2");
}

/* Behind the last byte that a server has sent, or that its client has acknowledged; false: it is not known. */
static bool
last_byte(packet_info *pinfo, uint32_t *seq)
{
    conversation_t *conversation = pinfo->ptype == PT_TCP ? find_conversation_pinfo(pinfo, 0) : NULL;
    /* The TCP dissector has just set the direction. */
    const struct tcp_analysis *tcpd = conversation ? get_tcp_conversation_data_idempotent(conversation) : NULL;

    if (!tcpd || !tcpd->fwd->tcp_analyze_seq_info || !tcpd->rev->tcp_analyze_seq_info)
        return false;
    *seq = tcpd->rev->tcp_analyze_seq_info->nextseq;
    if (*seq == 0 || (int32_t)(tcpd->fwd->tcp_analyze_seq_info->lastack - *seq) > 0)
        *seq = tcpd->fwd->tcp_analyze_seq_info->lastack;
    *seq -= (tcpd->conversation_completeness & COMPLETENESS_FIN) != 0;
    return true;
}

void
hkp_talk_asked(packet_info *pinfo)
{
    uint32_t seq;

    if (last_byte(pinfo, &seq))
        wmem_map_insert(at_requests, GUINT_TO_POINTER(pinfo->num), GUINT_TO_POINTER(seq));
}

void
hkp_talk_told(const http_message_t *message)
{
    const conversation_t *conversation = is_followed(message->pinfo) ? find_conversation_pinfo(message->pinfo, 0) : NULL;
    wmem_map_t *ends = conversation ? (wmem_map_t *)wmem_map_lookup(ends_of_answers, conversation) : NULL;
    uint32_t begin;

    if (!conversation || !message->data->seq)
        return;
    if (!ends) {
        ends = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
        wmem_map_insert(ends_of_answers, conversation, ends);
    }
    begin = *message->data->seq + (uint32_t)message->offset;
    wmem_map_insert(ends, GUINT_TO_POINTER(begin), GUINT_TO_POINTER(begin + (uint32_t)http_message_length(message)));
}

/* Behind the answers that follow each other from seq on. */
static uint32_t
behind_answers(packet_info *pinfo, uint32_t seq)
{
    const conversation_t *conversation = is_followed(pinfo) ? find_conversation_pinfo(pinfo, 0) : NULL;
    wmem_map_t *ends = conversation ? (wmem_map_t *)wmem_map_lookup(ends_of_answers, conversation) : NULL;
    void *end;

    while (ends && wmem_map_lookup_extended(ends, GUINT_TO_POINTER(seq), NULL, &end) && GPOINTER_TO_UINT(end) != seq)
        seq = GPOINTER_TO_UINT(end);
    return seq;
}

bool
hkp_talk_goes_on(packet_info *pinfo)
{
    uint32_t last;
    void *value;

    if (!wmem_map_lookup_extended(at_requests, GUINT_TO_POINTER(pinfo->num), NULL, &value) || !last_byte(pinfo, &last))
        return true;
    return (int32_t)(last - behind_answers(pinfo, GPOINTER_TO_UINT(value))) > 0;
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
    ends_of_answers = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
}
