/* ftp-endpoint.h
 * Addresses and ports that FTP's lines announce
 *
 * RFC 959 (PORT, 227), RFC 1639 (LPRT, 228), RFC 2428 (EPRT, 229)
 *
 * Text is what follows the command, or the code of the reply; lengths are in bytes. False where there is no endpoint in it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_ENDPOINT_H
#define GAPFILL_FTP_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address and port that were announced; family is 0 where only a port was, else 4 or 6. */
typedef struct ftp_endpoint {
    uint8_t  family;
    uint8_t  address[16];
    uint16_t port;
} ftp_endpoint_t;

bool ftp_parse_port(const char *text, size_t length, ftp_endpoint_t *endpoint);        /* PORT, 227 */
bool ftp_parse_long_port(const char *text, size_t length, ftp_endpoint_t *endpoint);   /* LPRT, 228 */
bool ftp_parse_eprt(const char *text, size_t length, ftp_endpoint_t *endpoint);        /* EPRT */
bool ftp_parse_epsv(const char *text, size_t length, ftp_endpoint_t *endpoint);        /* 229 */

#endif /* GAPFILL_FTP_ENDPOINT_H */
