/* ftp-tls.h
 * What the first records of a TLS connection tell of it, from the bytes of one segment
 *
 * RFC 8446 (records, ClientHello), RFC 6066 section 3 (server name), RFC 7301 (ALPN). Nothing is kept.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_TLS_H
#define GAPFILL_FTP_TLS_H

#include "ftp-flow.h"

/* One alert record, in the clear or not, and nothing else. */
bool ftp_tls_is_alert(const ftp_segment_t *segment);

/* A handshake or application data record. */
bool ftp_tls_is_record(const ftp_segment_t *segment);

bool ftp_tls_is_client_hello(const ftp_segment_t *segment);

/*
 * Whether the client names another protocol than FTP: browsers do, always, and FTP clients send "ftp" if anything.
 * What is cut by the end of the segment may be anything.
 */
bool ftp_tls_names_other_protocol(const ftp_segment_t *segment);

/* The server as the client calls it; NULL if it does not. */
char *ftp_tls_server_name(wmem_allocator_t *allocator, const ftp_segment_t *segment);

#endif /* GAPFILL_FTP_TLS_H */
