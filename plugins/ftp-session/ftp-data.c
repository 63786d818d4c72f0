/* ftp-data.c
 * Data connections of FTP; see ftp-data.h
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

#include "ftp-announce.h"
#include "ftp-data.h"
#include "ftp-transfer.h"

static ftp_data_t *
new_data(packet_info *pinfo)
{
    ftp_data_t *data = wmem_new0(wmem_file_scope(), ftp_data_t);

    data->flow.channel = FTP_CHANNEL_DATA;
    data->flow.first_frame = pinfo->num;
    data->flow.opened = pinfo->abs_ts;
    return data;
}

static ftp_view_t *
add_view(ftp_data_t *data, ftp_session_t *session, ftp_expect_t *expect)
{
    ftp_view_t *view = &data->view[data->views++];

    view->data = data;
    view->session = session;
    view->expect = expect;
    view->evidence = expect ? FTP_EVIDENCE_ANNOUNCED : FTP_EVIDENCE_INFERRED;
    return view;
}

/* Most data connections are between the same two addresses as the control connection: share them. */
static void
set_side(ftp_data_t *data, unsigned side, const address *addr, uint16_t port)
{
    data->flow.port[side] = port;
    if (addresses_equal(addr, &ftp_data_session(data)->flow.side[0]))
        data->flow.side[side] = ftp_data_session(data)->flow.side[0];
    else if (addresses_equal(addr, &ftp_data_session(data)->flow.side[1]))
        data->flow.side[side] = ftp_data_session(data)->flow.side[1];
    else
        copy_address_wmem(wmem_file_scope(), &data->flow.side[side], addr);
}

static void
note_evidence(ftp_view_t *view)
{
    const ftp_flow_t *flow = &view->data->flow;
    ftp_expect_t *expect = view->expect;
    bool as_announced = !expect->foreign || addresses_equal(&flow->side[1], &expect->announced);
    bool by_peer = expect->fxp || addresses_equal(&flow->side[0], ftp_expect_peer(expect));

    view->evidence = as_announced && by_peer ? FTP_EVIDENCE_ANNOUNCED : FTP_EVIDENCE_OTHER_ADDRESS;
    if (!as_announced && !expect->passive)
        copy_address_wmem(wmem_file_scope(), &view->session->nat_address, &expect->announced);
}

/* The client has asked for a transfer already, and now connects to an older announcement than the last. */
static void
take_over_transfer(ftp_expect_t *expect)
{
    ftp_expect_t *last = expect->session->current;
    ftp_transfer_t *transfer = last ? last->transfer : NULL;

    if (!transfer || expect == last || expect->transfer || expect->passive != last->passive || last->data
            || transfer->reply_code)
        return;
    last->transfer = NULL;
    ftp_transfer_attach(transfer, expect);
}

void
ftp_data_reject(ftp_data_t *data)
{
    for (unsigned i = 0; i < data->views; i++) {
        ftp_view_t *view = &data->view[i];

        if (data->confirmed && view->ordinal == view->session->ordinals)
            view->session->ordinals--;
        /* A command that it was found for stays without it. */
        if (view->inferred && view->inferred->command_frame) {
            view->inferred->data = NULL;
            view->inferred->wrong_way = false;
        }
    }
    data->confirmed = false;
    data->rejected = true;
}

/* Of several connections of a transfer, the first one stands for all. */
static void
join_parts(ftp_expect_t *leader, ftp_data_t *data)
{
    if (!leader->data)
        leader->data = data;
    if (leader->data == data)
        return;
    data->is_part = true;
    leader->parts++;
    data->next_part = leader->data->next_part;
    leader->data->next_part = data;
}

static void
belongs_to(ftp_data_t *data, ftp_session_t *session, ftp_expect_t *expect)
{
    ftp_view_t *view = add_view(data, session, expect);

    if (expect->data && !expect->data->refused && !ftp_expect_is_shared(expect)) {
        ftp_data_reject(expect->data);
        data->instead_of = expect->data;
    }
    if (!expect->data || !ftp_expect_is_shared(expect))
        expect->data = data;
    join_parts(ftp_expect_leader(expect), data);
    take_over_transfer(expect);
    note_evidence(view);
    if (expect->pasv && !expect->pasv->data) {
        add_view(data, expect->pasv->session, expect->pasv);
        expect->pasv->data = data;
    }
}

ftp_data_t *
ftp_data_new(ftp_session_t *session, ftp_expect_t *expect, packet_info *pinfo, const address *initiator,
        uint16_t initiator_port, const address *listener, uint16_t listener_port)
{
    ftp_data_t *data = new_data(pinfo);

    data->view[0].session = session;
    set_side(data, 0, initiator, initiator_port);
    set_side(data, 1, listener, listener_port);
    if (expect)
        belongs_to(data, session, expect);
    else
        add_view(data, session, NULL);
    return data;
}

static void
stand_for_transfer(ftp_view_t *view)
{
    ftp_transfer_t *transfer;

    if (view->inferred)
        return;
    transfer = wmem_new0(wmem_file_scope(), ftp_transfer_t);
    transfer->session = view->session;
    transfer->data = view->data;
    view->inferred = transfer;
}

static void
confirm_view(ftp_view_t *view)
{
    view->ordinal = ++view->session->ordinals;
    if (!view->expect)
        stand_for_transfer(view);
    else if (view->expect->transfer && ftp_transfer_attached_cb)
        ftp_transfer_attached_cb(view->expect->transfer);
}

void
ftp_data_confirm(ftp_data_t *data)
{
    if (data->confirmed || data->rejected)
        return;
    data->confirmed = true;
    for (unsigned i = 0; i < data->views; i++)
        confirm_view(&data->view[i]);
}

void
ftp_data_from(ftp_data_t *data, packet_info *pinfo, unsigned side)
{
    data->data_from[side] = true;
    for (unsigned i = 0; i < data->views; i++)
        ftp_transfer_check_direction(&data->view[i], pinfo);
}

static void
closed(ftp_data_t *data, packet_info *pinfo, bool reset)
{
    for (unsigned i = 0; i < data->views; i++) {
        ftp_transfer_t *transfer = ftp_view_transfer(&data->view[i]);

        if (transfer)
            ftp_transfer_data_closed(transfer, pinfo, reset);
    }
}

/* What was missing of a connection that is being closed may have come. */
void
ftp_data_settled(ftp_data_t *data, packet_info *pinfo)
{
    const ftp_half_t *half = data->flow.half;

    if (half[0].fin_frame || half[1].fin_frame)
        closed(data, pinfo, false);
}

void
ftp_data_confirm_by_failure(ftp_data_t *data)
{
    if (data->view[0].expect || !data->prompt || data->confirmed)
        return;
    data->by_failure = true;
    ftp_data_confirm(data);
}

void
ftp_data_mark_refused(ftp_data_t *data)
{
    data->refused = true;
    ftp_data_confirm_by_failure(data);
}

void
ftp_data_refuse(ftp_data_t *data, packet_info *pinfo)
{
    if (data->refused)
        return;
    ftp_data_mark_refused(data);
    for (unsigned i = 0; i < data->views; i++) {
        ftp_add_event(data->view[i].session, pinfo, FTP_EVENT_REFUSED)->text = data->view[i].expect
            ? "The data connection was refused" : "By all appearances, a data connection was refused";
    }
}

/* It acknowledges more than a SYN: what has come before it was not captured, or comes later. */
static bool
is_reset_of_more(const ftp_flow_t *flow)
{
    return flow->half[1].has_acked && (int32_t)(flow->half[1].acked - flow->half[0].isn) > 1;
}

void
ftp_data_answered(ftp_data_t *data)
{
    if (!data->refused)
        return;
    data->refused = false;
    data->flow.half[1].rst_frame = 0;
}

void
ftp_data_closing(ftp_data_t *data, packet_info *pinfo, unsigned side, bool reset)
{
    if (reset && side == 1 && !data->flow.half[1].syn_frame && data->flow.half[0].syn_frame && data->bytes == 0
            && !is_reset_of_more(&data->flow))
        ftp_data_refuse(data, pinfo);
    else
        closed(data, pinfo, reset);
}

bool
ftp_data_duration(const ftp_data_t *data, nstime_t *duration)
{
    const nstime_t *opened = data ? &data->flow.opened : NULL;
    const nstime_t *last = NULL;

    for (; data; data = data->next_part) {
        if (nstime_cmp(&data->flow.opened, opened) < 0)
            opened = &data->flow.opened;
        if (data->bytes > 0 && (!last || nstime_cmp(&data->last_payload, last) > 0))
            last = &data->last_payload;
    }
    if (last)
        nstime_delta(duration, last, opened);
    return last != NULL;
}
