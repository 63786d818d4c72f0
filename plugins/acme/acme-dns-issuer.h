/* acme-dns-issuer.h
 * Records that name an authority: dns-persist-01, and CAA
 *
 * Sources: draft-ietf-acme-dns-persist (TXT at _validation-persist), RFC 8659 (CAA), RFC 8657 (accounturi, validationmethods).
 * Units: times in seconds since 1970. Ownership: what is shown belongs to the packet; which authority a domain names for itself is
 * in file scope, first pass only. Errors: there are none. Bounds: the share of names (acme-memory.h); 64 parameters of a value.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_DNS_ISSUER_H
#define GAPFILL_ACME_DNS_ISSUER_H

#include <epan/expert.h>

#include "acme-dns-answer.h"

void acme_register_dns_issuer(void);

/* An acme_dns_value_t for dns-persist-01. */
const char *acme_dns_persist_value(const acme_dns_t *message, proto_tree *tree, const dns_record_t *record, const char *value,
        acme_question_t *question);

/* A question about CAA, or an answer to one, which is judged as soon as it is known to decide; first pass only. */
void acme_dns_note_caa(const acme_dns_t *message);
/* Shows CAA records, and what they come to for the question as it is judged. */
void acme_dns_read_caa(const acme_dns_t *message, proto_tree *tree, const acme_question_t *question, acme_dns_result_t *result);

/* An authority of this capture, by its directory; first pass only. */
void acme_dns_learn_issuer(const char *name);

#endif /* GAPFILL_ACME_DNS_ISSUER_H */
