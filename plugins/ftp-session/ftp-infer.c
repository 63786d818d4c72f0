/* ftp-infer.c
 * Data connections of sessions whose control connection can not be read; see ftp-infer.h
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

#include "ftp-hosts.h"
#include "ftp-infer.h"
#include "ftp-native.h"
#include "ftp-tls.h"
#include "seconds.h"

#define FTP_DATA_PORT 20
#define FTPS_DATA_PORT 989

/* A data connection of an encrypted session follows what is said on the control connection by this much. */
#define FTP_INFERENCE_SECONDS 15
/* Server ports this near to ones seen in use for data connections are likely of the same range. */
#define FTP_RANGE_SLACK 16
/* What is opened so soon after a record is an answer to it. */
#define FTP_PROMPT_SECONDS 0.01

/* FTP clients call the server by the same name on both connections, or by none; another name is another service. */
static bool
names_other_server(const ftp_session_t *session, const packet_info *pinfo, const ftp_segment_t *segment)
{
    const char *name = session->server_name ? ftp_tls_server_name(pinfo->pool, segment) : NULL;

    return name && g_ascii_strcasecmp(name, session->server_name) != 0;
}

static bool
is_recent(const ftp_session_t *session, const packet_info *pinfo)
{
    return seconds_since(pinfo->abs_ts.secs, session->last_payload.secs) <= FTP_INFERENCE_SECONDS;
}

static bool
is_in_known_range(const ftp_hosts_t *hosts, uint16_t port)
{
    return hosts->high != 0 && port + FTP_RANGE_SLACK >= hosts->low && port <= hosts->high + FTP_RANGE_SLACK;
}

ftp_session_t *
ftp_infer_session(const flow_packet_t *packet)
{
    ftp_hosts_t *hosts = ftp_hosts_find(&packet->src, &packet->dst);
    ftp_session_t *session = hosts ? hosts->latest : NULL;

    if (!session || session->closed || session->decrypted || !is_recent(session, packet->pinfo))
        return NULL;
    return packet->dstport >= 1024 && !ftp_native_is_tls_port(packet->dstport) ? session : NULL;
}

bool
ftp_infer_by_ports(const ftp_session_t *session, const flow_packet_t *packet)
{
    return packet->srcport == FTP_DATA_PORT || packet->srcport == FTPS_DATA_PORT
        || (addresses_equal(&packet->dst, &session->flow.side[1]) && is_in_known_range(session->hosts, packet->dstport));
}

bool
ftp_infer_is_prompt(const ftp_session_t *session, const flow_packet_t *packet)
{
    nstime_t lead;

    nstime_delta(&lead, &packet->pinfo->abs_ts, &session->last_payload);
    return nstime_to_sec(&lead) < FTP_PROMPT_SECONDS;
}

bool
ftp_infer_is_other_hello(const ftp_session_t *session, const flow_packet_t *packet, const ftp_segment_t *segment)
{
    return ftp_tls_names_other_protocol(segment) || names_other_server(session, packet->pinfo, segment);
}
