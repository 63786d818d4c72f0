/* ftp-native.h
 * Showing as FTP what Wireshark itself does not recognise
 *
 * Source: packet-ftp.c and packet-tls.c of Wireshark. Ownership: conversations and their dissectors are
 * Wireshark's, in file scope; they are written on the first pass. Errors: where Wireshark has no such dissector,
 * nothing is done.
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

#include "ftp-model.h"

/* For the handoff routine; false if this Wireshark has no FTP. */
bool ftp_native_init(void);

/* A file is opened; if the user has switched FTP off, Wireshark's view is left alone. */
void ftp_native_reset(void);

/* The connection's payload is FTP's from this frame on, whatever its port. */
void ftp_native_control(ftp_session_t *session, uint32_t from_frame);

/* It is not, after all: Wireshark decides from this frame on. */
void ftp_native_leave(ftp_session_t *session, uint32_t from_frame);

/* Whether none but TLS claims the port; whether the user has said what it is; whose it is, or NULL. */
bool ftp_native_is_free_port(uint16_t port);
bool ftp_native_is_chosen_port(uint16_t port);
const char *ftp_native_owner(uint16_t port);

/* What Wireshark has no dissector for is dissected as FTP data from now on. */
void ftp_native_data(ftp_data_t *data, uint32_t frame);

/*
 * A segment of a data connection under TLS, with length bytes, not sent before; on the first pass. Had we not given it to
 * TLS, Wireshark would count it as FTP data.
 */
void ftp_native_count_tls(const ftp_data_t *data, const packet_info *pinfo, uint32_t length);

/* TLS begins in this frame, or in the next; pinfo's ports must be set. */
void ftp_native_start_tls(ftp_flow_t *flow, packet_info *pinfo, bool next_frame);

/*
 * TLS is to begin after this frame, with which Wireshark's dissectors are done; returns whether they know
 * without our telling them.
 */
bool ftp_native_expect_tls(ftp_flow_t *flow, packet_info *pinfo);

/* Whether Wireshark takes a server port for TLS or for HTTP. */
bool ftp_native_is_tls_port(uint16_t port);

#endif /* GAPFILL_FTP_NATIVE_H */
