/* hkp-begun.c
 * Requests that a server answers, or that end, before all of them was sent; see hkp-begun.h
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

#include "hkp-begun.h"
#include "hkp-talk.h"
#include "compat.h"

typedef struct begun {
    const http_exchange_t *exchange;
    const hkp_asked_t     *asked;
    struct begun          *next;        /* of the same frame */
} begun_t;

/* begun_t by the frame of the head, file scope. */
static wmem_map_t *by_frame;
static void (*want_client_port)(uint16_t port);
static hkp_begun_shown_t show_begun;

void
hkp_begun_note(const http_message_t *message, const hkp_asked_t *asked)
{
    packet_info *pinfo = message->pinfo;
    gpointer frame = GUINT_TO_POINTER(message->exchange->request_frame);
    begun_t *begun;

    if (pinfo->ptype != PT_TCP || asked->doubtful)
        return;
    begun = wmem_new(wmem_file_scope(), begun_t);
    *begun = (begun_t){ message->exchange, asked, (begun_t *)wmem_map_lookup(by_frame, frame) };
    wmem_map_insert(by_frame, frame, begun);
    /* In HTTP/2 it is told when the answer comes. */
    if (message->exchange->request_frame == pinfo->num)
        hkp_talk_asked(pinfo);
    else
        want_client_port((uint16_t)pinfo->destport);
}

void
hkp_begun_see(flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const begun_t *begun;

    if (wmem_map_size(by_frame) == 0 || packet->quoted || !PINFO_FD_VISITED(pinfo))
        return;
    begun = (const begun_t *)wmem_map_lookup(by_frame, GUINT_TO_POINTER(pinfo->num));
    for (; begun; begun = begun->next) {
        if (!begun->asked->whole)
            show_begun(packet->tvb, pinfo, flow_subtree(packet), begun->exchange, begun->asked);
    }
}

void
hkp_begun_init(void (*want_port)(uint16_t port), hkp_begun_shown_t show)
{
    want_client_port = want_port;
    show_begun = show;
    by_frame = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}
