/* acme-record.h
 * What an authority says of its own look: the records of a challenge
 *
 * Source: "validationRecord" of Boulder's and Pebble's challenges, which RFC 8555 section 7.1.5 leaves to the authority: an entry
 * for each URL, name and address that a validator went to. Ownership: nothing is kept. Errors: members that are none are left out.
 * Bounds: 32 records of an answer, 16 addresses of each.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_RECORD_H
#define GAPFILL_ACME_RECORD_H

#include <epan/packet.h>

#include "acme-json.h"

void acme_register_record(void);

/* Those of a challenge, or of all challenges of an authorization. */
void acme_records_show(const acme_json_t *object, tvbuff_t *body, packet_info *pinfo, proto_tree *tree);

#endif /* GAPFILL_ACME_RECORD_H */
