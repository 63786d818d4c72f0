/* ldp-direction.h
 * On which side of this link a router is, as the packets of its own sessions tell
 *
 * A router whose segments come from a MAC address is behind that, so it does not read the labels of what is sent from there. A
 * router to which segments go with a label (other than explicit null) is not at the end of this link: who is there swaps or pops
 * the label (RFC 3031 section 3.16). Nor is one whose segments come from there with a TTL that was counted down.
 *
 * A router whose Hellos are all targeted may be at the end of this link nevertheless: the packets of its pseudowires tell.
 *
 * Units: frames. Ownership: the file's. Lifetime: from ldp_direction_reset() on; written on the first pass only, and asked as
 * of a frame. Bounds: counted in ldp-capture.h; three entries a router and MAC address. Errors: where there is no MAC
 * address nothing is said.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_DIRECTION_H
#define GAPFILL_LDP_DIRECTION_H

#include "ldp-router.h"
#include "pw-distinct.h"

void ldp_direction_reset(void);

/* A segment of the router's session has come from there, as it was sent or forwarded; or with a label for it has gone there. */
void ldp_speaks_from(const ldp_lsr_t *lsr, const address *mac, bool forwarded, uint32_t frame);
void ldp_is_reached_by_label(const ldp_lsr_t *lsr, const address *mac, uint32_t frame);

bool ldp_is_behind(const ldp_lsr_t *lsr, const address *mac, uint32_t frame);
bool ldp_is_beyond(const ldp_lsr_t *lsr, const address *mac, uint32_t frame);

/*
 * A packet has gone there with a pseudowire's label of this router, and its bytes prove to be what was signalled, or something
 * else. PW_DISTINCT_ENOUGH that do and none that do not tell that the router is there; what is known by the end is known to
 * later passes.
 */
void ldp_presence_observed(const ldp_lsr_t *lsr, const address *mac, bool fits, const pw_bytes_t *bytes, const packet_info *pinfo);
bool ldp_is_present(const ldp_lsr_t *lsr, const address *mac);

#endif /* GAPFILL_LDP_DIRECTION_H */
