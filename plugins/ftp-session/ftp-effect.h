/* ftp-effect.h
 * What announcements do to a session: the one in effect, and several endpoints at once
 *
 * RFC 959 section 4.2 (227), RFC 1639 (228), RFC 2428 (229). GridFTP (GFD.020, section 3): SPAS is answered by a line for each
 * endpoint in a reply 229, SPOR names one for each; any of them may be connected to, by any number of connections in MODE E.
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

#ifndef GAPFILL_FTP_EFFECT_H
#define GAPFILL_FTP_EFFECT_H

#include "ftp-model.h"

/* The announcement is the one in effect, and the last one is over. */
void ftp_effect_take(ftp_session_t *session, packet_info *pinfo, ftp_expect_t *expect);

/* What a reply with this code announces; false if it announces nothing. */
bool ftp_effect_parse(unsigned code, const char *text, size_t length, ftp_endpoint_t *endpoint);

void ftp_effect_by_server(ftp_session_t *session, packet_info *pinfo, unsigned code, const ftp_endpoint_t *endpoint);

/* One of several endpoints; session->stripes is the first of them. */
void ftp_effect_stripe_by_server(ftp_session_t *session, packet_info *pinfo, const ftp_endpoint_t *endpoint);

/* The argument of SPOR; returns the first announcement, or NULL. It takes effect with the reply. */
ftp_expect_t *ftp_effect_stripes_by_client(ftp_session_t *session, packet_info *pinfo, const char *text, size_t length);

#endif /* GAPFILL_FTP_EFFECT_H */
