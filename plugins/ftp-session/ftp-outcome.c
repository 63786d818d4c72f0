/* ftp-outcome.c
 * What came of transfers and announcements; see ftp-outcome.h
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

#include "ftp-outcome.h"

#define FTP_DATA_PORT 20
#define FTPS_DATA_PORT 989

unsigned
ftp_view_server_side(const ftp_view_t *view)
{
    const ftp_flow_t *flow = &view->data->flow;
    const address *server = &view->session->flow.side[1];

    if (view->expect)
        return view->expect->passive ? 1 : 0;
    if (addresses_equal(&flow->side[0], &flow->side[1]))
        return flow->port[0] == FTP_DATA_PORT || flow->port[0] == FTPS_DATA_PORT ? 0 : 1;
    return addresses_equal(&flow->side[1], server) ? 1 : 0;
}

/* Where nothing else was captured, acknowledgements tell. That of a single byte may be of a FIN. */
static bool
has_got_across(const ftp_data_t *data, unsigned side)
{
    return !data->tls && ftp_count_got(&data->count[side]) > 1;
}

ftp_direction_t
ftp_view_direction(const ftp_view_t *view)
{
    const ftp_transfer_t *transfer = ftp_view_transfer(view);
    const ftp_data_t *data = view->data;
    unsigned server = ftp_view_server_side(view);

    if (data->data_from[0] != data->data_from[1])
        return data->data_from[server] ? FTP_TO_CLIENT : FTP_TO_SERVER;
    if (!data->data_from[0] && has_got_across(data, 0) != has_got_across(data, 1))
        return has_got_across(data, server) ? FTP_TO_CLIENT : FTP_TO_SERVER;
    return transfer ? ftp_verb_direction(transfer->verb) : FTP_DIRECTION_UNKNOWN;
}

ftp_mode_t
ftp_data_mode(const ftp_data_t *data)
{
    const ftp_view_t *view = &data->view[0];

    if (view->expect)
        return view->expect->mode;
    return view->evidence == FTP_EVIDENCE_AFTERWARDS ? FTP_MODE_NOT_CAPTURED : FTP_MODE_UNKNOWN;
}

static uint64_t
all_bytes(const ftp_data_t *data)
{
    uint64_t bytes = 0;

    for (; data; data = data->next_part)
        bytes += data->bytes;
    return bytes;
}

uint64_t
ftp_transfer_bytes(const ftp_transfer_t *transfer)
{
    const ftp_data_t *data = ftp_transfer_data(transfer);
    const ftp_view_t *view = transfer->expect ? ftp_expect_view(transfer->expect) : &data->view[0];
    unsigned server;

    if (!transfer->wrong_way || data->tls)
        return all_bytes(data);
    server = ftp_view_server_side(view);
    return ftp_count_got(&data->count[ftp_verb_direction(transfer->verb) == FTP_TO_CLIENT ? server : !server]);
}

uint64_t
ftp_parts_bytes_at(const ftp_data_t *data, uint32_t frame)
{
    uint64_t bytes = 0;

    for (; data; data = data->next_part)
        bytes += ftp_data_bytes_at(data, frame);
    return bytes;
}

/* Heads are told from the file as long as the stream is read from its beginning. */
static bool
has_read_blocks(const ftp_data_t *data)
{
    for (; data; data = data->next_part) {
        if (data->bytes > 0 && (!data->blocks || data->blocks->blocks.is_lost || data->blocks->is_waiting))
            return false;
    }
    return true;
}

bool
ftp_transfer_lacks_parts(const ftp_transfer_t *transfer)
{
    return transfer->expect && ftp_expect_leader(transfer->expect)->lacks_parts;
}

/* The bytes may be those of a compressed file. */
static bool
is_doubted(const ftp_transfer_t *transfer)
{
    return transfer->is_unsure && transfer->is_promised && ftp_transfer_data(transfer)
        && ftp_transfer_bytes(transfer) + (transfer->has_rest ? transfer->rest : 0) != transfer->expected;
}

bool
ftp_transfer_carries_file(const ftp_transfer_t *transfer)
{
    return (transfer->is_plain && !is_doubted(transfer))
        || (transfer->in_blocks && has_read_blocks(ftp_transfer_data(transfer)) && !ftp_transfer_lacks_parts(transfer));
}

uint64_t
ftp_parts_captured_at(const ftp_data_t *data, uint32_t frame)
{
    uint64_t bytes = 0;

    for (; data; data = data->next_part)
        bytes += ftp_data_captured_at(data, frame);
    return bytes;
}

bool
ftp_data_is_unanswered(const ftp_data_t *data)
{
    bool is_over = data->view[0].expect && data->view[0].expect->over;

    return ftp_data_is_only_syns(data) && !data->is_elsewhere && (is_over || data->syns > 1);
}

bool
ftp_transfer_moves_data(const ftp_transfer_t *transfer)
{
    return ftp_verb_is_transfer(transfer->verb) || transfer->verb == FTP_UNKNOWN;
}

static const char *
incomplete_name(const ftp_transfer_t *transfer)
{
    if (transfer->aborted)
        return "aborted";
    if (transfer->reply_code == 425)
        return "refused";
    return transfer->reply_code >= 400 && !transfer->started ? "failed" : "incomplete";
}

const char *
ftp_outcome_name(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    if (data && data->refused && data->bytes == 0)
        return "refused";
    if (data && ftp_data_is_unanswered(data))
        return "unanswered";
    if (!transfer)
        return data ? "unknown" : "unused";
    if (transfer->outcome == FTP_COMPLETE)
        return transfer->mismatch ? "mismatch" : "complete";
    if (transfer->outcome == FTP_INCOMPLETE)
        return incomplete_name(transfer);
    return transfer->data && transfer->data->view[0].evidence == FTP_EVIDENCE_INFERRED ? "inferred" : "unknown";
}

static uint32_t
last_frame_of(const ftp_data_t *data)
{
    uint32_t last = 0;

    for (; data; data = data->next_part)
        last = MAX(last, data->flow.last_frame);
    return last;
}

uint32_t
ftp_outcome_frame(const ftp_transfer_t *transfer, const ftp_expect_t *expect)
{
    const ftp_data_t *data = transfer ? ftp_transfer_data(transfer) : expect->data;

    if (data && data->confirmed)
        return last_frame_of(data);
    if (transfer)
        return transfer->reply_code ? transfer->reply_frame : transfer->heard_frame;
    return expect->over ? expect->over_frame : expect->frame;
}
