/* ftp-payload.c
 * Packets of data connections; see ftp-payload.h
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

#include "ftp-data.h"
#include "ftp-infer.h"
#include "ftp-native.h"
#include "ftp-payload.h"
#include "ftp-tls.h"

#define FTP_DATA_PORT 20

static bool
is_inferred(const ftp_data_t *data)
{
    return !data->view[0].expect;
}

static void
look_at_first_payload(ftp_data_t *data, flow_packet_t *packet, const ftp_segment_t *segment)
{
    const ftp_session_t *session = ftp_data_session(data);

    data->looked_at = true;
    if (!session->tls_from || session->clear_data)
        return;
    if (!ftp_tls_is_client_hello(segment)) {
        /* The hello may be missing from the capture. */
        data->tls = is_inferred(data) && ftp_tls_is_record(segment);
        return;
    }
    /* Whoever opens a data connection, the FTP client is the TLS client (RFC 4217, section 7). */
    if (is_inferred(data) && !addresses_equal(&packet->src, &session->flow.side[0]))
        return;
    if (is_inferred(data) && ftp_infer_is_other_hello(session, packet, segment)) {
        ftp_data_reject(data);
        return;
    }
    data->tls = true;
    if (is_inferred(data))
        ftp_data_confirm(data);
    /* Others are recognised by the TLS dissector itself, and may be of another protocol after all. */
    if (is_inferred(data) && data->flow.port[0] != FTP_DATA_PORT)
        return;
    ftp_flow_set_ports(packet);
    ftp_native_start_tls(&data->flow, packet->pinfo, false);
}

/* Data goes one way on a connection. Where another reason to doubt is, both sides talking decides. */
static void
note_speaker(ftp_data_t *data, unsigned side, const ftp_segment_t *segment)
{
    const ftp_view_t *view = &data->view[0];

    data->spoken[side] = true;
    data->like_tls = data->like_tls || ftp_tls_is_record(segment);
    if (data->spoken[!side] && !data->like_tls && data->views == 1
            && (!view->expect || (view->expect->over && !ftp_view_transfer(view))))
        ftp_data_reject(data);
}

void
ftp_payload_segment(ftp_data_t *data, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment, uint32_t more)
{
    if (segment->length > 0 && !data->looked_at)
        look_at_first_payload(data, packet, segment);
    if (!data->tls && more > 0)
        note_speaker(data, side, segment);
    if (!data->tls)
        ftp_data_carried(data, packet->pinfo, more);
    else if (more > 0)
        ftp_native_count_tls(data, packet->pinfo, segment->length);
}

void
ftp_payload_after(ftp_data_t *data, flow_packet_t *packet, const ftp_segment_t *segment)
{
    if (segment->flags & (TH_FIN | TH_RST))
        ftp_data_closing(data, packet->pinfo, ftp_flow_side(&data->flow, packet), segment->flags & TH_RST);
    else
        ftp_data_settled(data, packet->pinfo);
}
