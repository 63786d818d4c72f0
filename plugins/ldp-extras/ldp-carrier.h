/* ldp-carrier.h
 * Whose routers speak: those of the network itself, or customers that it carries in pseudowires and VPNs
 *
 * RFC 3985 (pseudowires), RFC 4364 (VPNs), RFC 4365 section 3 (LDP between sites).
 *
 * What is in a label as anything but IP, or in a pseudowire of IP, is customers'. So is IP below a label that LDP does not tell at
 * a router whose sessions are in the capture as a whole, once its hop limit says that who put the label there has forwarded it: the
 * packet came from a customer's site. Customers of several services may have the same identifiers: a router that is heard by two
 * circuits, or from two MAC addresses, may be two of them, and tells what it tells to a peer that is one.
 *
 * Units: frames. Ownership: nothing is kept but the last stack, and with routers how they are heard. Lifetime: from
 * ldp_carrier_reset() on; what is set holds for what is dissected below it in the same frame. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_CARRIER_H
#define GAPFILL_LDP_CARRIER_H

#include "ldp-resolve.h"

void ldp_carrier_reset(void);

/* What is dissected next comes below this stack. */
void ldp_carrier_set(const ldp_stack_t *stack, const ldp_hop_t *hop, uint32_t frame);

/* Whose network it is above the layer. forwarded: an IP packet that says so. */
ldp_network_t ldp_carrier_network(wmem_list_frame_t *layer, bool forwarded, uint32_t frame);

/* On the first pass: a customers' router speaks in this packet. */
void ldp_carrier_hears(ldp_lsr_t *lsr, const packet_info *pinfo);

/* Whether the router may have sent what the stack that was set last carries: it was heard by another circuit only, if not. */
bool ldp_carrier_may_be_from(const ldp_lsr_t *lsr, uint32_t frame);

void ldp_carrier_handoff(void);

#endif /* GAPFILL_LDP_CARRIER_H */
