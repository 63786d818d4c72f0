/* acme-problem.h
 * Problem documents, wherever an answer of the API has them
 *
 * Sources: RFC 7807 (problem documents), RFC 8555 sections 6.7 (errors), 6.7.1 (subproblems), 7.1.3, 7.1.4 and 8 (the error of an
 * order, authorization and challenge). Ownership: all is in the pool of the answer's packet. Errors: NULL where there is none.
 * Bounds: 64 problems of an answer.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_PROBLEM_H
#define GAPFILL_ACME_PROBLEM_H

#include <epan/packet.h>

#include "acme-json.h"

typedef struct acme_problem {
    const jsmntok_t *place;         /* in the body */
    const char      *type;          /* a URI */
    const char      *name;          /* its last part: "unauthorized" */
    const char      *detail;        /* or title; NULL: none */
    const char      *identifier;    /* NULL: not said */
    bool             of_request;    /* it refuses the request, and is not what became of a challenge, authorization or order */
} acme_problem_t;

/* Whether the object itself is one. failed: the HTTP status says so. */
bool acme_is_problem(const acme_json_t *object, bool failed);
/* Those of an answer, acme_problem_t; identifier: what the object is about, or NULL. */
wmem_array_t *acme_problems(wmem_allocator_t *pool, const acme_json_t *object, bool failed, const char *identifier);
/* The error of one challenge of an authorization, or of any other object in it; NULL: none. */
const acme_problem_t *acme_problem_of(wmem_allocator_t *pool, const acme_json_t *object, jsmntok_t *holder);

/* "unauthorized: ...". */
const char *acme_problem_text(wmem_allocator_t *pool, const acme_problem_t *problem);
/* What to do, as a clause that stands behind a semicolon; NULL: nothing to add. */
const char *acme_problem_advice(const acme_problem_t *problem);
/* Which limit was reached, "new certificates per registered domain"; NULL: it is no rateLimited, or does not say. */
const char *acme_problem_rate_limit(wmem_allocator_t *pool, const acme_problem_t *problem);
/* Whether it, or an answer, refuses the nonce of the request, which the client sends again then (RFC 8555 section 6.5). */
bool acme_problem_is_bad_nonce(const acme_problem_t *problem);
bool acme_says_bad_nonce(const acme_json_t *object);

#endif /* GAPFILL_ACME_PROBLEM_H */
