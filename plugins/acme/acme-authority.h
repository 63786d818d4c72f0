/* acme-authority.h
 * The authority's word on challenges, in the objects of its API
 *
 * Sources: RFC 8555 sections 7.1.4 (authorizations), 7.1.6 (states) and 8 (challenges). Ownership and lifetime: what is kept is in
 * file scope. First pass only. Errors: an object that says nothing final leaves all as it is.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_AUTHORITY_H
#define GAPFILL_ACME_AUTHORITY_H

#include "acme-word.h"
#include "acme-json.h"

void acme_authority_of_authorization(packet_info *pinfo, const acme_json_t *object, acme_said_t *said);
void acme_authority_of_challenge(packet_info *pinfo, const acme_json_t *object, acme_said_t *said);

#endif /* GAPFILL_ACME_AUTHORITY_H */
