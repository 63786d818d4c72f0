/* openpgp-ftp-control.h
 * Which file an FTP data connection carries, as the control connection says
 *
 * Sources: RFC 959 sections 4.1 (CWD, CDUP, PORT, PASV, TYPE, REST, RETR, STOR) and 5.4 (replies); RFC 2428 (EPRT, EPSV).
 *
 * A data connection is between the same two hosts, and has the port that was announced last before the transfer. Where a line
 * is missing, or a command comes before the one before it was answered, nothing is said from then on.
 *
 * State: of a session where it is and what it waits for; of a port what goes over it next. OPENPGP_FTP_TRANSFERS transfers of a
 * capture are known at most. All in file scope, written on the first pass. Nothing throws.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_FTP_CONTROL_H
#define GAPFILL_OPENPGP_FTP_CONTROL_H

#include <stdbool.h>

#include <epan/packet.h>

#define OPENPGP_FTP_TRANSFERS   100000

/* In file scope. */
typedef struct openpgp_ftp_transfer {
    const char *place;          /* server, user and path: the same for a file and its signature */
    bool        is_signature;   /* by its name */
    bool        is_done;        /* the server has said that all was transferred */
    bool        is_text;        /* its line ends may have become others, as it was not told to be binary */
} openpgp_ftp_transfer_t;

/* Of the data connection that the packet belongs to; NULL: unknown. To be asked once for each, on the first pass. */
const openpgp_ftp_transfer_t *openpgp_ftp_transfer(packet_info *pinfo);

/* Told when the server has said that all was transferred, and then with each line of that session until the next transfer. */
typedef void (*openpgp_ftp_ended_t)(packet_info *pinfo, const openpgp_ftp_transfer_t *transfer);

/* wanted: a preference. */
void openpgp_handoff_ftp_control(const int *proto, bool (*is_wanted)(void), openpgp_ftp_ended_t ended);

#endif /* GAPFILL_OPENPGP_FTP_CONTROL_H */
