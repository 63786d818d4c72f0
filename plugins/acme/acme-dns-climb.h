/* acme-dns-climb.h
 * CAA of a domain and of the names above it, of which the first that has records decides
 *
 * RFC 8659 section 3. Authorities may ask for all of these names at once (Boulder does), and answers come in any order.
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

#include "acme-dns-question.h"

void acme_register_dns_climb(void);

/*
 * A question for the CAA of a challenge's domain, or of a name above it, which is in doubt until the same client asks for the
 * domain; first pass only.
 */
void acme_dns_climb_asked(const acme_dns_t *message, acme_question_t *question);

/*
 * An answer to it; first pass only. empty: the name has none, so that the one above decides; else this is what it comes to.
 * Judges the question that decides, as soon as all below it are known to be empty.
 */
void acme_dns_climb_answered(const acme_dns_t *message, acme_question_t *question, bool empty, acme_cause_t cause);

#endif /* GAPFILL_ACME_DNS_CLIMB_H */
