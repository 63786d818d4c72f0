/* ldp-restart.h
 * Sessions that begin, end, and begin anew
 *
 * RFC 5036 section 2.5.3 (Initialization), section 3.5.1.2 (fatal Notifications), RFC 3478 section 3 (graceful
 * restart).
 *
 * Units: frames. Ownership: the sessions' own; see ldp-session.h. Lifetime: from ldp_restart_reset() on; first pass
 * only, but for ldp_pair_complete() and ldp_pair_is_whole(). Bounds: counted in ldp-capture.h; LDP_MAX_HELD sessions
 * at a time are kept over a restart, others end at once. Errors: none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_RESTART_H
#define GAPFILL_LDP_RESTART_H

#include "ldp-advert.h"

#define LDP_MAX_HELD            1024

void ldp_restart_reset(void);

/* side has sent its first PDU: the session of two routers is known, also where it began before the capture. */
void ldp_session_heard(ldp_side_t *side, uint32_t frame);

/* side has sent its Initialization, or something that comes after it. */
void ldp_session_initialized(ldp_side_t *side, packet_info *pinfo);
void ldp_session_goes_on(ldp_side_t *side, packet_info *pinfo);

/* side has sent something that comes after its Initialization, which can not be read before what is missing has come. */
void ldp_session_is_ahead(const ldp_side_t *side, packet_info *pinfo);

/* What was told in it ends, or waits for a restart if it may. */
void ldp_session_close(ldp_session_t *session, packet_info *pinfo, bool may_restart, ldp_end_t end);

/* What was kept over a restart, and not told again in time, has ended before this frame. */
void ldp_expire_held(packet_info *pinfo);

/* Whether the capture holds the session of the two from its beginning, and the one has told the other something, as of a frame. */
bool ldp_pair_complete(const ldp_lsr_t *teller, const ldp_lsr_t *told, uint32_t frame);

/* Whether no other session of the two has begun since, as of a frame, but those that the capture has as a whole. */
bool ldp_session_is_last_known(const ldp_session_t *session, const ldp_lsr_t *one, const ldp_lsr_t *other, uint32_t frame);

/* Whether the capture has all that the two said in the session of that frame, before and after; as far as the capture was read. */
bool ldp_pair_is_whole(const ldp_lsr_t *one, const ldp_lsr_t *other, uint32_t frame);

#endif /* GAPFILL_LDP_RESTART_H */
