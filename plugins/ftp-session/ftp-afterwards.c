/* ftp-afterwards.c
 * Data connections worked out afterwards, in clear text; see ftp-afterwards.h
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
#include <epan/dissectors/packet-tcp.h>

#include "ftp-afterwards.h"
#include "ftp-announce.h"
#include "ftp-data.h"
#include "ftp-hosts.h"
#include "ftp-native.h"
#include "ftp-outcome.h"
#include "ftp-transfer.h"

#define FTP_DATA_PORT 20
#define FTP_FIRST_FREE_PORT 1024

unsigned ftp_afterwards_wanted;

void
ftp_afterwards_reset(void)
{
    ftp_afterwards_wanted = 0;
}

void
ftp_afterwards_heard(ftp_session_t *session)
{
    if (session->tls_from || session->closed)
        return;
    if (session->pair) {
        if (!session->pair->clear)
            session->pair->clear = session;
        return;
    }
    session->pair = ftp_hosts_of(session);
    session->pair->clear_sessions++;
    session->pair->clear = session;
}

static void
stop_wanting(ftp_session_t *session)
{
    if (!session->pair || session->pair->wanting != session)
        return;
    session->pair->wanting = NULL;
    ftp_afterwards_wanted--;
}

void
ftp_afterwards_begin(ftp_transfer_t *transfer)
{
    ftp_hosts_t *pair = transfer->session->pair;

    if (!pair || pair->wanting || transfer->session->closed || transfer->expect || transfer->data
            || !ftp_transfer_moves_data(transfer))
        return;
    pair->wanting = transfer->session;
    pair->clear = transfer->session;
    ftp_afterwards_wanted++;
}

/* Connections that may carry data */

static const ftp_hosts_t *
pair_of(const flow_packet_t *packet)
{
    const ftp_hosts_t *pair = ftp_hosts_find(&packet->src, &packet->dst);

    return pair && pair->clear && pair->clear->pair == pair && !pair->clear->closed ? pair : NULL;
}

/* Ports at which something else is to be expected are out of the question. */
static bool
may_listen(uint16_t port)
{
    return port >= FTP_FIRST_FREE_PORT && !ftp_native_owner(port);
}

/* Whether the server has opened the connection, as its ports tell. */
static bool
is_active(const ftp_session_t *session, const address *from, uint16_t srcport, uint16_t dstport)
{
    return addresses_equal(from, &session->flow.side[1]) && srcport == FTP_DATA_PORT && dstport >= FTP_FIRST_FREE_PORT;
}

/* The side that has opened it sends to the other's port. */
static bool
is_plausible(const ftp_session_t *session, const flow_packet_t *packet, bool from_initiator)
{
    const address *initiator = from_initiator ? &packet->src : &packet->dst;
    uint16_t port = from_initiator ? packet->dstport : packet->srcport;
    uint16_t other = from_initiator ? packet->srcport : packet->dstport;

    return is_active(session, initiator, other, port)
        || (may_listen(port) && (other >= FTP_FIRST_FREE_PORT || other == session->flow.port[1] - 1));
}

bool
ftp_afterwards_wants(const flow_packet_t *packet, bool is_syn)
{
    const ftp_hosts_t *pair = packet->quoted ? NULL : pair_of(packet);

    if (!pair || !(is_syn || pair->wanting))
        return false;
    return is_plausible(pair->clear, packet, true) || (!is_syn && is_plausible(pair->clear, packet, false));
}

/* Of a connection whose handshake was not captured: clients connect to servers, but for a server's port 20. */
static bool
is_from_initiator(const ftp_session_t *session, const flow_packet_t *packet, const ftp_segment_t *segment)
{
    if (segment->flags & TH_SYN)
        return ftp_segment_is_syn(segment);
    if (addresses_equal(&packet->src, &session->flow.side[1]))
        return packet->srcport == FTP_DATA_PORT;
    return packet->dstport != FTP_DATA_PORT;
}

static void
remember(ftp_hosts_t *pair, ftp_data_t *data)
{
    ftp_data_t **place;

    if (!pair->candidates)
        pair->candidates = wmem_alloc0_array(wmem_file_scope(), ftp_data_t *, FTP_CANDIDATES_MAX);
    place = &pair->candidates[pair->next_candidate++ % FTP_CANDIDATES_MAX];
    if (*place && !(*place)->confirmed && !(*place)->rejected)
        pair->dropped_frame = (*place)->flow.first_frame;
    *place = data;
}

/* Began within the capture, but before anything was said: none of this session. */
static bool
is_older(flow_packet_t *packet, const ftp_segment_t *segment)
{
    const conversation_t *conversation = flow_conversation(packet);
    const struct tcp_analysis *tcp = conversation ? ftp_flow_tcp(conversation) : NULL;

    return !(segment->flags & TH_SYN) && tcp && tcp->server_port != 0;
}

ftp_flow_t *
ftp_afterwards_candidate(flow_packet_t *packet, const ftp_segment_t *segment)
{
    ftp_hosts_t *pair = (ftp_hosts_t *)pair_of(packet);
    bool from_initiator;
    ftp_data_t *data;

    if (!pair || (!pair->wanting && !(segment->flags & TH_SYN)) || is_older(packet, segment))
        return NULL;
    from_initiator = is_from_initiator(pair->clear, packet, segment);
    if (!is_plausible(pair->clear, packet, from_initiator))
        return NULL;
    data = ftp_data_new(pair->clear, NULL, packet->pinfo, from_initiator ? &packet->src : &packet->dst,
            from_initiator ? packet->srcport : packet->dstport, from_initiator ? &packet->dst : &packet->src,
            from_initiator ? packet->dstport : packet->srcport);
    ftp_flow_hang(&data->flow, flow_conversation(packet));
    ftp_track_port(from_initiator ? packet->dstport : packet->srcport);
    remember(pair, data);
    return &data->flow;
}

/*
 * RFC 959, section 3.2: the client's port is that of the control connection. The server's should be the one below its own, and
 * often is not.
 */
static bool
is_to_default_port(const ftp_session_t *session, const flow_packet_t *packet)
{
    return packet->dstport == session->flow.port[0] && addresses_equal(&packet->dst, &session->flow.side[0]);
}

/* The endpoint that the client has announced last holds until it announces another one (RFC 959, section 5.2, HOST-PORT). */
static bool
is_to_last_endpoint(const ftp_session_t *session, const flow_packet_t *packet)
{
    const ftp_expect_t *last = session->current;

    return last && !last->passive && last->mode != FTP_MODE_DEFAULT && last->data && !last->refused && packet->dstport == last->port
        && addresses_equal(&packet->dst, &last->data->flow.side[1]);
}

ftp_expect_t *
ftp_afterwards_default(flow_packet_t *packet, const ftp_segment_t *segment)
{
    const ftp_hosts_t *pair = ftp_segment_is_syn(segment) ? pair_of(packet) : NULL;
    ftp_transfer_t *transfer = pair ? pair->clear->open_transfers : NULL;
    ftp_expect_t *expect = NULL;

    if (!transfer || transfer->expect || transfer->data || !transfer->active || !ftp_transfer_moves_data(transfer)
            || !addresses_equal(&packet->src, &pair->clear->flow.side[1]))
        return NULL;
    if (is_to_last_endpoint(pair->clear, packet))
        expect = ftp_expect_add_tacit(pair->clear, packet->pinfo, pair->clear->current, 0);
    else if (is_to_default_port(pair->clear, packet))
        expect = ftp_expect_add_tacit(pair->clear, packet->pinfo, NULL, transfer->command_frame);
    if (expect)
        ftp_transfer_attach(transfer, expect);
    return expect;
}

/* Which of them is the transfer's */

typedef enum { NO_FIT, WEAK_FIT, STRONG_FIT } fit_t;

static unsigned
server_side(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    return addresses_equal(&data->flow.side[1], &transfer->session->flow.side[1]) ? 1 : 0;
}

/* Data goes the way that the command says; where none was captured, one way. */
static bool
fits_direction(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    unsigned server = server_side(transfer, data);
    bool from_server = ftp_count_got(&data->count[server]) > 0;
    bool from_client = ftp_count_got(&data->count[!server]) > 0;

    switch (ftp_verb_direction(transfer->verb)) {
    case FTP_TO_CLIENT:
        return !from_client;
    case FTP_TO_SERVER:
        return !from_server;
    default:
        return from_client != from_server;
    }
}

static uint32_t
first_data_frame(const ftp_data_t *data)
{
    return data->progress ? ((const ftp_progress_t *)wmem_array_index(data->progress, 0))->frame : 0;
}

/* It has carried data since the command, and was opened after what came before it. */
static bool
fits_time(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    const ftp_session_t *session = transfer->session;
    bool has_syn = data->flow.half[0].syn_frame || data->flow.half[1].syn_frame;

    if (has_syn && data->flow.first_frame <= session->settled_frame)
        return false;
    if (first_data_frame(data))
        return first_data_frame(data) > transfer->command_frame;
    return has_syn && data->beyond_syn && ftp_data_is_closed(data);
}

static fit_t
fit(const ftp_transfer_t *transfer, const ftp_data_t *data)
{
    uint64_t whole = data->bytes + (transfer->has_rest ? transfer->rest : 0);
    bool is_closed = data->flow.half[0].fin_frame || data->flow.half[1].fin_frame;

    if (data->confirmed || data->rejected || data->refused || data->tls || !fits_direction(transfer, data)
            || !fits_time(transfer, data))
        return NO_FIT;
    if (transfer->is_promised && transfer->is_plain && whole == transfer->expected && data->bytes > 0)
        return STRONG_FIT;
    if (transfer->is_promised && (transfer->type == 'I' || transfer->type == 'L') && is_closed)
        return NO_FIT;
    /* What began before the capture may be anything else. */
    return is_closed && (data->flow.half[0].syn_frame || data->flow.half[1].syn_frame) ? WEAK_FIT : NO_FIT;
}

/* NULL if there is none, or more than one of the best. */
static ftp_data_t *
only_one_that_fits(const ftp_transfer_t *transfer)
{
    const ftp_hosts_t *pair = transfer->session->pair;
    fit_t best_fit = pair->clear_sessions > 1 ? WEAK_FIT : NO_FIT;
    ftp_data_t *best = NULL;

    if (!pair->candidates || pair->dropped_frame > transfer->session->settled_frame)
        return NULL;
    for (unsigned i = 0; i < FTP_CANDIDATES_MAX; i++) {
        ftp_data_t *data = pair->candidates[i];
        fit_t f = data ? fit(transfer, data) : NO_FIT;

        if (f > best_fit)
            best = data;
        else if (f == best_fit && f != NO_FIT)
            best = NULL;
        best_fit = MAX(f, best_fit);
    }
    return best;
}

static void
belongs_to(ftp_data_t *data, ftp_transfer_t *transfer, packet_info *pinfo)
{
    ftp_view_t *view = &data->view[0];

    view->session = transfer->session;
    view->inferred = transfer;
    view->evidence = FTP_EVIDENCE_AFTERWARDS;
    transfer->data = data;
    ftp_data_confirm(data);
    ftp_add_event(transfer->session, pinfo, FTP_EVENT_DATA_FOUND)->transfer = transfer;
}

static bool
is_left_open(const ftp_transfer_t *transfer)
{
    return transfer->session->pair && !transfer->expect && !transfer->data && ftp_transfer_moves_data(transfer);
}

void
ftp_afterwards_end(ftp_transfer_t *transfer, packet_info *pinfo, unsigned code)
{
    ftp_data_t *data;

    if (!ftp_transfer_moves_data(transfer))
        return;
    data = is_left_open(transfer) && (code < 400 || transfer->started) ? only_one_that_fits(transfer) : NULL;
    if (data)
        belongs_to(data, transfer, pinfo);
    if (data || code)
        transfer->session->settled_frame = pinfo->num;
    if (data || code || transfer->session->closed)
        stop_wanting(transfer->session);
}

void
ftp_afterwards_end_latest(ftp_session_t *session, packet_info *pinfo)
{
    ftp_transfer_t *latest = session->open_transfers;

    if (!session->pair)
        return;
    if (latest && !latest->reply_code && is_left_open(latest))
        ftp_afterwards_end(latest, pinfo, 0);
}

void
ftp_afterwards_end_session(ftp_session_t *session, packet_info *pinfo)
{
    if (!session->pair)
        return;
    ftp_afterwards_end_latest(session, pinfo);
    stop_wanting(session);
    session->pair->clear_sessions--;
    if (session->pair->clear == session)
        session->pair->clear = NULL;
}
