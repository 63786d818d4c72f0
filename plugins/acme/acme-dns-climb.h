/* acme-dns-climb.h
 * CAA of a domain and of the names above it, of which the first that has records decides
 *
 * RFC 8659 section 3. Authorities may ask for all of these names at once (Boulder does), and answers come in any order. Of several
 * domains below one name, each that its client validates may be what the name is asked for: nothing in a question tells.
 * Units: times in seconds since 1970. Ownership and lifetime: climbs are in file scope, written on the first pass only.
 * Errors: what there is no room for is left out (acme-memory.h).
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_DNS_CLIMB_H
#define GAPFILL_ACME_DNS_CLIMB_H

#include "acme-dns-seen.h"

#define ACME_MAX_CLIMBS 16      /* that a question may be a step of */

typedef struct acme_climb acme_climb_t;

void acme_register_dns_climb(void);

/*
 * Those that a question of this client for the CAA of a name may be a step of: the one of the name itself, if it is the domain of a
 * challenge, those below it that are under way, and those of the latest challenges below it, which its client may ask for yet.
 */
unsigned acme_climbs_at(const acme_place_t *client, const char *name, int64_t now, acme_climb_t *climbs[ACME_MAX_CLIMBS]);
const acme_challenge_t *acme_climb_challenge(const acme_climb_t *climb);

/* How many labels of the domain the name leaves out, and back. */
uint8_t acme_climb_step(const acme_climb_t *climb, const char *name);
const char *acme_climb_name(const acme_climb_t *climb, uint8_t step);

/* The question at this place is asked: it is in doubt until the same client asks for the domain itself. */
void acme_dns_climb_asked(const packet_info *pinfo, unsigned place);

/*
 * The answer at this place. empty: the name has none, so that the one above decides; else this is what it comes to.
 * Judges the answers that decide, as soon as all below are known to be empty.
 */
void acme_dns_climb_answered(const packet_info *pinfo, unsigned place, bool empty, acme_cause_t cause);

#endif /* GAPFILL_ACME_DNS_CLIMB_H */
