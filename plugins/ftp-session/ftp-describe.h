/* ftp-describe.h
 * What expert information and tree items say, in words
 *
 * Texts are in the pool that is given. They depend on the packet only where pinfo is taken.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_DESCRIBE_H
#define GAPFILL_FTP_DESCRIBE_H

#include "ftp-model.h"

/* "RETR /a/b", or "Transfer" where the command was not captured. */
const char *ftp_describe_transfer(wmem_allocator_t *pool, const ftp_transfer_t *transfer);

/* Of an announcement to whose port SYNs went, and nothing came back: expect->data is there. */
/* expect is NULL where the announcement can't be read. */
const char *ftp_describe_unanswered(wmem_allocator_t *pool, const ftp_data_t *data, const ftp_expect_t *expect);

/* Who sent the error, what it is about, and what follows, as far as it is known by now. */
const char *ftp_describe_icmp(const ftp_flow_t *flow, const ftp_icmp_t *icmp, packet_info *pinfo);

#endif /* GAPFILL_FTP_DESCRIBE_H */
