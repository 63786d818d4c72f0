/* acme-expected-start.h
 * When challenges of the API began: were told of first, and were started
 *
 * Source: RFC 8555 section 7.5.1 (the client says that it is ready). Units: frames by number. Lifetime, ownership and bounds are
 * those of acme-expected.h, whose source has this too. Errors: 0 where it is not known.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_EXPECTED_START_H
#define GAPFILL_ACME_EXPECTED_START_H

#include <epan/packet.h>

/* The client says that it is ready for this challenge, or the authority that it is at it; first pass only. url may be NULL. */
void acme_expect_start(packet_info *pinfo, const char *url);
/* Whether a challenge of this type and domain is still to be decided, and the client has said that it is ready for it. */
bool acme_is_started(uint8_t type, const char *domain);
/* Frames in which a challenge was told of first, and was started; 0: unknown. url may be NULL. */
uint32_t acme_expected_since(const char *url);
uint32_t acme_expected_start(const char *url);

#endif /* GAPFILL_ACME_EXPECTED_START_H */
