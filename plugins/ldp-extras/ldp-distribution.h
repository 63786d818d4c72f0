/* ldp-distribution.h
 * What the messages of label distribution do to bindings
 *
 * RFC 5036 sections 3.5.7 to 3.5.11 (Label Mapping, Request, Abort, Withdraw, Release), RFC 5918 (typed wildcard),
 * RFC 8077 section 5 (pseudowire status, groups).
 *
 * Units: label values, message IDs, frames. Ownership: what is kept is the file's; elements are the caller's.
 * Lifetime: from ldp_distribution_reset() on; first pass only. Bounds: counted in ldp-capture.h; wildcards and
 * groups that look at bindings in vain, and statuses of groups, take steps there. Errors: what names nothing that
 * is known does nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_DISTRIBUTION_H
#define GAPFILL_LDP_DISTRIBUTION_H

#include "ldp-advert.h"

void ldp_distribution_reset(void);

/* side tells its peer a label. message_id is that of the request which the mapping answers, or NULL. */
void ldp_bind(ldp_side_t *side, const ldp_element_t *element, uint32_t label, const uint32_t *message_id,
        packet_info *pinfo);

/* What side told is withdrawn by it or released by its peer. Without a label all of the FEC's are meant. */
void ldp_unbind(ldp_side_t *side, const ldp_element_t *element, bool has_label, uint32_t label, ldp_end_t end,
        packet_info *pinfo);

/* side asks its peer for a label. */
void ldp_request(const ldp_side_t *side, const ldp_element_t *element, uint32_t message_id, uint32_t frame);

/* The labels of one FEC share their status. */
void ldp_pw_status_changed(const ldp_side_t *side, const ldp_element_t *element, uint32_t status, packet_info *pinfo);

#endif /* GAPFILL_LDP_DISTRIBUTION_H */
