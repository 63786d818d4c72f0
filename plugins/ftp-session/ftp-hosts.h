/* ftp-hosts.h
 * Pairs of hosts with an encrypted FTP session between them, for what cannot be read but inferred
 *
 * In file scope; on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_HOSTS_H
#define GAPFILL_FTP_HOSTS_H

#include "ftp-model.h"

/* How many pairs there are. */
extern unsigned ftp_hosts_count;

/* A file is opened. */
void ftp_hosts_reset(void);

/* In either order; NULL if there is none. */
ftp_hosts_t *ftp_hosts_find(const address *a, const address *b);

/* The pair of the session's two, made if need be. */
ftp_hosts_t *ftp_hosts_of(ftp_session_t *session);

/* The server uses this port for data. */
void ftp_hosts_note_port(ftp_hosts_t *hosts, uint16_t port);

#endif /* GAPFILL_FTP_HOSTS_H */
