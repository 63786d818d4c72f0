/* ldp-stream.h
 * The PDUs in the two directions of an LDP session's TCP connection
 *
 * RFC 5036 section 3.1 (PDUs), RFC 9293 (sequence numbers).
 *
 * Bindings depend on the order in which they were told, so the bytes are read in the order of their sequence
 * numbers (tcp-stream.h), however they were cut into segments, repeated or exchanged on the way. To be called on
 * the first pass, in the order of the capture. tvb is any of the packet. Units: sequence numbers as on the wire.
 * Ownership: the stream is its side's, see ldp-session.h. Lifetime: the file's. Bounds: LDP_MAX_EARLY segments of a
 * side wait, and one PDU, which has at most 65539 bytes; of the capture tcp-stream.h says how much. Errors: what
 * does not begin as a PDU is left out, until a segment does.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_STREAM_H
#define GAPFILL_LDP_STREAM_H

#include "ldp-session.h"

#define LDP_MAX_EARLY       64

/* From a SYN: seq is that of the first byte after it. */
void ldp_stream_begin(ldp_side_t *side, uint32_t seq);

/* The payload of a segment, as far as it was captured. */
void ldp_stream_segment(ldp_side_t *side, uint32_t seq, tvbuff_t *payload, packet_info *pinfo);

/* The other side has got all up to ack. */
void ldp_stream_acknowledged(ldp_side_t *side, uint32_t ack, packet_info *pinfo);

/* The bytes before what waits will not come any more. */
void ldp_stream_give_up(ldp_side_t *side, packet_info *pinfo);

/* Whether a segment of this number can belong to the stream: a reset may come from who guesses. */
bool ldp_stream_near(const ldp_side_t *side, uint32_t seq);

#endif /* GAPFILL_LDP_STREAM_H */
