/* http-pairing.c
 * Which request a response of HTTP/1 answers; see http-pairing.h
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

#include "http-pairing.h"

void
http_pairing_init(http_pairing_t *pairing, uint32_t last_ack)
{
    pairing->waiting = wmem_list_new(wmem_file_scope());
    pairing->last_ack = last_ack;
    pairing->uncertain = false;
}

void
http_pairing_request(http_pairing_t *pairing, http_input_t *in, const http_asked_t *asked)
{
    http_asked_t *waiting = wmem_new(wmem_file_scope(), http_asked_t);

    *waiting = *asked;
    waiting->ack = in->ack;
    waiting->unsure = in->gap && in->ack == pairing->last_ack;
    wmem_list_append(pairing->waiting, waiting);
    pairing->last_ack = in->ack;
    in->gap = false;
}

static void
stop_waiting(http_pairing_t *pairing, wmem_list_frame_t *first)
{
    wmem_free(wmem_file_scope(), wmem_list_frame_data(first));
    wmem_list_remove_frame(pairing->waiting, first);
}

/*
 * Drops every waiting request but the one, and those behind it, whose sender had acknowledged all bytes
 * before seq. Requests in one flight say the same, so the first of them is meant, if it is certain to be the first.
 */
static void
drop_unanswerable(http_pairing_t *pairing, uint32_t seq)
{
    wmem_list_frame_t *first;

    while ((first = wmem_list_head(pairing->waiting))) {
        const http_asked_t *waiting = (const http_asked_t *)wmem_list_frame_data(first);

        if (waiting->ack == seq && !waiting->unsure) {
            pairing->uncertain = false;
            return;
        }
        stop_waiting(pairing, first);
    }
}

bool
http_pairing_response(http_pairing_t *pairing, const http_input_t *in, int offset, bool interim, http_asked_t *asked)
{
    wmem_list_frame_t *first;

    if (pairing->uncertain && in->has_seq)
        drop_unanswerable(pairing, in->seq + (uint32_t)offset);
    first = wmem_list_head(pairing->waiting);
    if (!first)
        return false;
    *asked = *(const http_asked_t *)wmem_list_frame_data(first);
    if (!interim)
        stop_waiting(pairing, first);
    return true;
}
