/* ftp-native.h
 * Showing as FTP what Wireshark itself does not recognise
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_NATIVE_H
#define GAPFILL_FTP_NATIVE_H

#include <epan/packet.h>

#include "ftp-session.h"

/* For the handoff routine; false if this Wireshark has no FTP. */
bool ftp_native_init(void);

/* A file is opened; if the user has switched FTP off, Wireshark's view is left alone. */
void ftp_native_reset(void);

/* The connection that pinfo is about, or NULL. */
ftp_flow_t *ftp_flow_of_pinfo(packet_info *pinfo);

/* The connection's payload is FTP's from this frame on, whatever its port. */
void ftp_native_control(ftp_session_t *session, uint32_t from_frame);

/* It is not, after all: Wireshark decides from this frame on. */
void ftp_native_leave(ftp_session_t *session, uint32_t from_frame);

/* Whether FTP may be looked for on the port: none but TLS claims it, and the user has not said what it is. */
bool ftp_native_is_free_port(uint16_t port);

/* Wireshark's dissector is done with the control connection's frame, whose lines were read before it. */
void ftp_native_has_read(ftp_session_t *session, packet_info *pinfo);

/* What Wireshark has no dissector for is dissected as FTP data from now on. */
void ftp_native_data(ftp_data_t *data, uint32_t frame);

/* A segment of a data connection under TLS, with length bytes, not sent before; on the first pass. */
void ftp_native_count_tls(const ftp_data_t *data, const packet_info *pinfo, uint32_t length);

/* TLS begins in this frame, or in the next; pinfo's ports must be set. */
void ftp_native_start_tls(ftp_flow_t *flow, packet_info *pinfo, bool next_frame);

/*
 * TLS is to begin after this frame, with which Wireshark's dissectors are done; returns whether they know
 * without our telling them.
 */
bool ftp_native_expect_tls(ftp_flow_t *flow, packet_info *pinfo);

/*
 * Wireshark's dissector makes the conversation of a data connection when it reads the announcement, and
 * its TCP dissector then counts streams and tcp.completeness otherwise than without it. After a line
 * that is read only because we had it dissected as FTP, takes that conversation out of the way.
 */
void ftp_native_withdraw(const ftp_session_t *session, packet_info *pinfo, unsigned side, const uint8_t *data,
        size_t length);

/* Whether Wireshark takes a server port for TLS or for HTTP. */
bool ftp_native_is_tls_port(uint16_t port);

#endif /* GAPFILL_FTP_NATIVE_H */
