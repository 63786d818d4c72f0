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
#include "http-spare.h"

static http_spare_t spare_asked;

void
http_pairing_begin_file(void)
{
    http_spare_begin(&spare_asked, sizeof(http_asked_t));
}

void
http_pairing_init(http_pairing_t *pairing, uint32_t last_ack)
{
    pairing->first = NULL;
    pairing->early.response_frame = 0;
    pairing->last_ack = last_ack;
    pairing->uncertain = false;
    pairing->strange = false;
}

/*
 * Behind a hole there may be requests that are not in the capture. They have been answered where a response to nobody has come
 * since the last pair, and the client knew that where requests before this one do not wait for what it had acknowledged.
 */
static bool
is_unsure(const http_pairing_t *pairing, const http_input_t *in)
{
    if (in->ack == pairing->last_ack)
        return in->gap || (pairing->first && pairing->last->unsure);
    return in->gap && !pairing->strange;
}

void
http_pairing_request(http_pairing_t *pairing, http_input_t *in, const http_asked_t *asked)
{
    http_asked_t *waiting = (http_asked_t *)http_spare_take(&spare_asked);

    *waiting = *asked;
    waiting->ack = in->ack;
    waiting->unsure = is_unsure(pairing, in);
    waiting->next = NULL;
    if (pairing->first)
        pairing->last->next = waiting;
    else
        pairing->first = waiting;
    pairing->last = waiting;
    pairing->last_ack = in->ack;
    in->gap = false;
}

void
http_pairing_note_early(http_pairing_t *pairing, const http_input_t *in, const http_exchange_t *exchange)
{
    if (!in->has_seq) {
        pairing->uncertain = true;
        return;
    }
    pairing->early = *exchange;
    pairing->early_ack = in->ack;
}

bool
http_pairing_take_early(http_pairing_t *pairing, const http_input_t *in, int offset, http_exchange_t *exchange)
{
    bool is_answered = pairing->early.response_frame != 0 && in->has_seq
        && (int32_t)(in->seq + (uint32_t)offset - pairing->early_ack) < 0;

    if (is_answered) {
        exchange->response_frame = pairing->early.response_frame;
        exchange->response_time = pairing->early.response_time;
        exchange->status = pairing->early.status;
    }
    pairing->early.response_frame = 0;
    return is_answered;
}

static void
stop_waiting(http_pairing_t *pairing)
{
    http_asked_t *first = pairing->first;

    pairing->first = first->next;
    http_spare_give_back(&spare_asked, first);
}

/*
 * Drops every waiting request but the one, and those behind it, whose sender had acknowledged all bytes
 * before seq. Requests in one flight say the same, so the first of them is meant, if it is certain to be the first: also where
 * the bytes that it acknowledged are missing, as those are the responses to what is missing before it.
 */
static void
drop_unanswerable(http_pairing_t *pairing, uint32_t seq, bool gap)
{
    while (pairing->first) {
        if (pairing->first->ack == seq && (!pairing->first->unsure || gap)) {
            pairing->uncertain = false;
            return;
        }
        pairing->first->exchange->unread = pairing->first->unsure;
        stop_waiting(pairing);
    }
}

static void
drop_all_but_the_last(http_pairing_t *pairing)
{
    while (pairing->first && pairing->first != pairing->last)
        stop_waiting(pairing);
    if (pairing->first)
        pairing->uncertain = false;
}

bool
http_pairing_response(http_pairing_t *pairing, const http_input_t *in, int offset, bool interim, http_asked_t *asked)
{
    if (pairing->uncertain && in->has_seq)
        drop_unanswerable(pairing, in->seq + (uint32_t)offset, in->gap && offset == 0);
    else if (pairing->uncertain)
        drop_all_but_the_last(pairing);
    if (!interim)
        pairing->strange = !pairing->first;
    if (!pairing->first)
        return false;
    *asked = *pairing->first;
    if (!interim)
        stop_waiting(pairing);
    return true;
}
