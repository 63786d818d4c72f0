/* ftp-ports.h
 * Server ports on which FTP is to be expected
 *
 * RFC 959 (21), RFC 4217 section 2.1 (990, from before it); what the user says: ftp.tcp.port, Decode As, a preference.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_PORTS_H
#define GAPFILL_FTP_PORTS_H

#include <epan/packet.h>
#include <epan/range.h>

/* Preference */
extern range_t *ftp_implicit_tls_ports;

/* For the handoff routine. */
void ftp_ports_init(void);

/* A file is opened: finds out which ports are FTP's now, and tracks them. */
void ftp_ports_reset(void);

/* By registration, preference or Decode As. */
bool ftp_is_control_port(uint16_t port);

/* Under TLS from the first byte. */
bool ftp_is_implicit_tls_port(uint16_t port);

#endif /* GAPFILL_FTP_PORTS_H */
