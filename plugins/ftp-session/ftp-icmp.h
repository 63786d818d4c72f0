/* ftp-icmp.h
 * ICMP and ICMPv6 errors about FTP connections (RFC 792, RFC 4443)
 *
 * Ownership: an error is the connection's, in file scope; texts are constants or go into the caller's buffer.
 * Errors: there are none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_ICMP_H
#define GAPFILL_FTP_ICMP_H

#include "flow.h"
#include "ftp-model.h"

/* Takes down the error that quotes the packet, on the first pass. */
void ftp_icmp_note(ftp_flow_t *flow, flow_packet_t *packet);

/* Destination unreachable: the connection has no future, as far as the router can tell. */
bool ftp_icmp_is_unreachable(const ftp_icmp_t *icmp);

const char *ftp_icmp_name(const ftp_icmp_t *icmp);

/* "client", "server" and the like. */
const char *ftp_side_name(const ftp_flow_t *flow, unsigned side);

bool ftp_icmp_quotes_greeting(const ftp_flow_t *flow, const ftp_icmp_t *icmp);
bool ftp_icmp_quotes_syn(const ftp_flow_t *flow, const ftp_icmp_t *icmp);

/* Whose what is quoted, and whether it had arrived all the same. */
void ftp_icmp_describe_quoted(wmem_strbuf_t *text, const ftp_flow_t *flow, const ftp_icmp_t *icmp, uint32_t frame);

/* What became of the connection; in later passes, to the end. */
void ftp_icmp_describe_aftermath(wmem_strbuf_t *text, const ftp_flow_t *flow, const packet_info *pinfo);

#endif /* GAPFILL_FTP_ICMP_H */
