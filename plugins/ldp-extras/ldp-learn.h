/* ldp-learn.h
 * Reading what LDP says: PDUs, messages and TLVs
 *
 * RFC 5036 sections 3.1 to 3.5, RFC 3478 section 2 (FT Session TLV), RFC 8077 section 5 (PW status, interface
 * parameters, group).
 *
 * Only what bindings need is read; Wireshark's own dissector shows the rest. To be called on the first pass only.
 * Units: offsets and lengths in bytes. Ownership and lifetime: nothing here outlives the packet; what is learnt is
 * the other rooms'. Bounds: nothing is read once ldp_capture_is_full(). Errors: lengths are checked against what
 * holds them and what was captured; a message or TLV that does not fit ends its PDU, a PDU with another LDP
 * identifier than the ones before in its direction is left out.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_LEARN_H
#define GAPFILL_LDP_LEARN_H

#include "ldp-session.h"

/* The PDU from offset to end, which may be cut. side is NULL for one over UDP. */
void ldp_learn_pdu(tvbuff_t *tvb, int offset, int end, packet_info *pinfo, ldp_network_t network, ldp_side_t *side);

/* PDUs over UDP. */
void ldp_learn_hello(tvbuff_t *tvb, packet_info *pinfo, ldp_network_t network);

#endif /* GAPFILL_LDP_LEARN_H */
