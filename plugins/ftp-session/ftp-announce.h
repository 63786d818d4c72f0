/* ftp-announce.h
 * Addresses and ports that FTP's control connections announce, and which connection goes to which
 *
 * RFC 959 section 3.2, RFC 2428, RFC 1639; RFC 2577 (bounce)
 *
 * In file scope; changed on the first pass only. Of one address and port, 16 announcements are kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_ANNOUNCE_H
#define GAPFILL_FTP_ANNOUNCE_H

#include "ftp-model.h"

/* A file is opened. */
void ftp_expect_reset(void);
ftp_expect_t *ftp_expect_add(ftp_session_t *session, packet_info *pinfo, ftp_mode_t mode,
        const ftp_endpoint_t *endpoint);


/*
 * Without any announcement, the server connects to the client's port of the control connection, for the command in frame (RFC
 * 959, section 3.2); or to the endpoint of an announcement that was used before.
 */
ftp_expect_t *ftp_expect_add_tacit(ftp_session_t *session, packet_info *pinfo, const ftp_expect_t *used, uint32_t frame);

/* Another one has taken its place, or its session has ended. */
void ftp_expect_over(ftp_expect_t *expect, packet_info *pinfo);

/* No connection is to be found for it any more. */
void ftp_expect_forget(ftp_expect_t *expect);

/*
 * The announcement that suits a connection to the listener best; initiator may be NULL for any. NULL: none does.
 */
ftp_expect_t *ftp_expect_find(const address *listener, uint16_t port, const address *initiator,
        const nstime_t *now);

/* Whether another connection may use it too, while its transfer lasts (MODE E): there are less than FTP_PARTS_MAX. */
bool ftp_expect_is_shared(const ftp_expect_t *expect);

bool ftp_expect_is_unused(const ftp_expect_t *expect);
bool ftp_expect_is_nat(const ftp_expect_t *expect);
bool ftp_expect_is_bounce(const ftp_expect_t *expect);

/* By the control connection's addresses: who is to connect, and who listens. */
const address *ftp_expect_peer(const ftp_expect_t *expect);
const address *ftp_expect_listener(const ftp_expect_t *expect);

#endif /* GAPFILL_FTP_ANNOUNCE_H */
