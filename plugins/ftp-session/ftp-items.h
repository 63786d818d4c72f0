/* ftp-items.h
 * What packets of FTP sessions are shown with: the session, how its data connection came about, the transfer
 *
 * All items are generated. Where tree is NULL nothing is shown.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FTP_ITEMS_H
#define GAPFILL_FTP_ITEMS_H

#include <epan/packet.h>

#include "ftp-model.h"

void ftp_items_register(int proto);

/* The session that the packet is of; *item for expert information. */
proto_tree *ftp_items_session(const ftp_session_t *session, ftp_channel_t channel, packet_info *pinfo, proto_tree *parent,
        tvbuff_t *tvb, proto_item **item);

void ftp_items_tls(bool is_tls, proto_tree *tree, tvbuff_t *tvb);
void ftp_items_banner_time(const nstime_t *waited, proto_tree *tree, tvbuff_t *tvb);

/* How the data connection came about; expect or view may be NULL. */
void ftp_items_setup(const ftp_expect_t *expect, const ftp_view_t *view, proto_tree *tree, tvbuff_t *tvb);

/* What is known of the transfer by now: in later passes, all. */
void ftp_items_transfer(const ftp_transfer_t *transfer, proto_tree *tree, tvbuff_t *tvb);
proto_tree *ftp_items_transfer_subtree(const ftp_transfer_t *transfer, const packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb);
void ftp_items_bytes(const ftp_data_t *data, uint64_t bytes, uint64_t captured, proto_tree *tree, tvbuff_t *tvb);

/* In later passes, on the one packet that a transfer or announcement has for it. */
void ftp_items_outcome(const ftp_transfer_t *transfer, const ftp_expect_t *expect, const packet_info *pinfo, proto_tree *tree,
        tvbuff_t *tvb);

/* On the announcement itself; and where it ends without a connection. */
void ftp_items_announcement(const ftp_expect_t *expect, proto_tree *tree, tvbuff_t *tvb);
proto_tree *ftp_items_end_subtree(const ftp_expect_t *expect, proto_tree *tree, tvbuff_t *tvb);

void ftp_items_syn_count(uint32_t syns, proto_tree *tree, tvbuff_t *tvb);

#endif /* GAPFILL_FTP_ITEMS_H */
