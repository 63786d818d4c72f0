/* ftp-content.h
 * FTP recognised by what is said, on ports that are not FTP's
 *
 * RFC 959 section 5.4: the server speaks first. On a port that Wireshark has for nothing, a greeting with 220 and a first
 * command of FTP are enough, and the connection is shown as FTP. On one that another dissector owns, the session is laid over
 * what that one shows, which stays: 220, 120, 421 or 530 by the side that was connected to, commands of FTP, and an answer
 * that fits. Until it is decided, at most FTP_CONTENT_MAX bytes of a direction are read.
 *
 * On the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_CONTENT_H
#define GAPFILL_FTP_CONTENT_H

#include "api-bool.h"
#include "ftp-flow.h"
#include "ftp-model.h"

#define FTP_CONTENT_MAX 512

/* Preferences */
extern api_bool_t ftp_recognise_by_content;
extern api_bool_t ftp_take_over_ports;

static inline bool
ftp_content_is_code(const uint8_t *payload, const char *code)
{
    return payload[0] == code[0] && payload[1] == code[1] && payload[2] == code[2];
}

/* Whether a server of FTP may begin so. Cheap: it is asked of nearly every connection. */
static inline bool
ftp_content_is_greeting(const uint8_t *payload, uint32_t captured)
{
    return captured >= 4 && (payload[3] == ' ' || payload[3] == '-')
        && (ftp_content_is_code(payload, "220") || ftp_content_is_code(payload, "120") || ftp_content_is_code(payload, "421")
            || ftp_content_is_code(payload, "530"));
}

/* A control connection if the segment is the greeting of what may be one, else NULL. */
ftp_flow_t *ftp_content_open(flow_packet_t *packet, const ftp_segment_t *segment);

/* A connection that was to begin with TLS begins with a greeting in the clear; false if it does not. */
bool ftp_content_is_clear(ftp_session_t *session, flow_packet_t *packet, unsigned side, const ftp_segment_t *segment);

/* One that was to begin with TLS begins with words that no greeting does. */
bool ftp_content_is_other(const ftp_session_t *session, flow_packet_t *packet, const ftp_segment_t *segment);

/* Whether the lines of the segment are to be read. */
bool ftp_content_wants(ftp_session_t *session, packet_info *pinfo, unsigned side, const ftp_segment_t *segment);

/* The segment has been read; decides what the connection is, if that can be. */
void ftp_content_judge(ftp_session_t *session, packet_info *pinfo, bool is_end);

#endif /* GAPFILL_FTP_CONTENT_H */
