/* ftp-outcome.h
 * What came of transfers and announcements, in a word, and on which packet that is said
 *
 * Reads what the other rooms have noted; exact in later passes, when all is known.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_OUTCOME_H
#define GAPFILL_FTP_OUTCOME_H

#include "ftp-model.h"

/* The side of the data connection that is the session's server. */
unsigned ftp_view_server_side(const ftp_view_t *view);

/* Where data goes: as it did, or if nothing or both sides spoke, as the command says. */
ftp_direction_t ftp_view_direction(const ftp_view_t *view);

/* How the connection was made known. */
ftp_mode_t ftp_data_mode(const ftp_data_t *data);

/* Whether the bytes of its connections are those of the file and nothing else: STRU F, and no heads of blocks among them. */
bool ftp_transfer_carries_file(const ftp_transfer_t *transfer);

/* What has come from the side that sends by the command's word, over all its connections; of a transfer with a data connection. */
uint64_t ftp_transfer_bytes(const ftp_transfer_t *transfer);

/* Whether it has more connections than are counted, so that its bytes are not all. */
bool ftp_transfer_lacks_parts(const ftp_transfer_t *transfer);

/* What had been carried as of the frame over all connections of which this is the first (MODE E). */
uint64_t ftp_parts_bytes_at(const ftp_data_t *data, uint32_t frame);
uint64_t ftp_parts_captured_at(const ftp_data_t *data, uint32_t frame);

/* Whether SYNs to the announced port are all there is: nothing came back. */
bool ftp_data_is_unanswered(const ftp_data_t *data);

/* Of a transfer, of an announcement without one, or of a connection; one of the three may be NULL. */
const char *ftp_outcome_name(const ftp_transfer_t *transfer, const ftp_data_t *data);

/* Whether it moves data, so that it has an outcome and a row in the table. */
bool ftp_transfer_moves_data(const ftp_transfer_t *transfer);

/* The one packet of it that has its outcome: the last of its data connection or, where there was none, of its story. */
uint32_t ftp_outcome_frame(const ftp_transfer_t *transfer, const ftp_expect_t *expect);

#endif /* GAPFILL_FTP_OUTCOME_H */
