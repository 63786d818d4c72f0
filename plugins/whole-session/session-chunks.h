/* session-chunks.h
 * A chunk of HTTP whose end is not there (RFC 9112 section 7.1): what HTTP's dissector makes of it depends on a tree
 *
 * Only for a tree it reads the CRLF behind a chunk. Where that is missing it ends there, and shows nothing of the body; without
 * a tree it hands the body on.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_SESSION_CHUNKS_H
#define GAPFILL_SESSION_CHUNKS_H

#include "flow.h"

/*
 * For after(), of a packet without a tree: the last layer of which a tree would show something, since a chunk has no end. NULL: it
 * would show something of all.
 */
wmem_list_frame_t *session_layer_before_lost_body(const flow_packet_t *packet, int proto_http);

#endif /* GAPFILL_SESSION_CHUNKS_H */
