/* acme-dns-answer.h
 * Answers to TXT questions about challenges, and what they come to
 *
 * Sources: RFC 8555 section 8.4, RFC 1034 section 3.6.2 (CNAME), RFC 2308 (negative answers). Ownership: results belong to
 * the packet's
 * pool. Errors: there are none; what is cut off is not judged by what is missing. Bounds: 512 records of a section, 16
 * CNAMEs in a row.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_DNS_ANSWER_H
#define GAPFILL_ACME_DNS_ANSWER_H

#include <epan/expert.h>

#include "acme-dns-question.h"

/* How a type of challenge looks at a TXT value: what is wrong with it; NULL: nothing. */
typedef const char *(*acme_dns_value_t)(const acme_dns_t *message, proto_tree *tree, const dns_record_t *record,
        const char *value, acme_question_t *question);

/* What an answer comes to. */
typedef struct acme_dns_result {
    bool         judged;
    bool         partial;       /* there is more in it than can be read */
    acme_cause_t cause;
    unsigned     good;          /* values */
    const char  *value;         /* the first of them */
    const char  *name;          /* that CNAMEs lead to */
    const char  *text;          /* in few words, for Info; with a good value NULL */
} acme_dns_result_t;

void acme_register_dns_answer(void);

/* Shows the CNAMEs, and each value by look; keeps the names that the client may ask for next. */
void acme_dns_read_answer(const acme_dns_t *message, proto_tree *tree, acme_question_t *question, acme_dns_value_t look,
        acme_dns_result_t *result);

/* Keeps the names that an answer to a question of another type leads to. */
void acme_dns_learn_aliases(const acme_dns_t *message);

/* What an answer has of one type. */
typedef struct acme_dns_records {
    unsigned      rcode;
    wmem_array_t *records;      /* dns_record_t of the answer section, of the question's name or its aliases */
    const char   *name;         /* that CNAMEs lead to, as dns_name() has it */
    bool          has_alias;    /* there are CNAMEs */
    bool          partial;      /* there is more in it than can be read: truncated, or cut off in the capture */
    bool          absent;       /* there is none, and that is no referral, nor a CNAME out of the answer, nor cut off */
} acme_dns_records_t;

/* What is said of an answer that is not all there. */
const char *acme_dns_partial_text(const acme_dns_t *message);

acme_dns_records_t acme_dns_records(const acme_dns_t *message, uint16_t type);

#endif /* GAPFILL_ACME_DNS_ANSWER_H */
