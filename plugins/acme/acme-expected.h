/* acme-expected.h
 * What validators should find, as the decrypted API says
 *
 * Source: RFC 8555 section 8.1 (key authorizations) and 7.1.6 (a challenge is over when it is valid or invalid).
 * Ownership and lifetime: all is in file scope, owned by acme-expected.c.
 * First pass only; what is told is as of that time, so it is to be kept with the answer that it judges.
 * Errors: beyond the bounds, see acme-expected.c, nothing is expected.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_EXPECTED_H
#define GAPFILL_ACME_EXPECTED_H

#include <epan/packet.h>

#include "acme-challenge.h"

/* A challenge as the API shows it. domain: in lower case; token and thumbprint, of the account's key, may be NULL. */
typedef struct acme_expected {
    const char *url;
    uint8_t     type;
    const char *domain;
    const char *token;
    const char *thumbprint;
    const char *account;        /* its URL, or NULL */
} acme_expected_t;

void acme_register_expected(void);

/* The last time holds. */
void acme_expect(packet_info *pinfo, const acme_expected_t *expected);
/* The challenge is over. */
void acme_expect_no_more(const char *url);

/* The thumbprint of the account that has this token; NULL: unknown. */
const char *acme_expected_thumbprint(const char *token);
/*
 * Whether one of the digests that challenges of this domain wait for is this one; it differs if one of this type waits for another.
 * domain may be NULL.
 */
acme_check_t acme_check_digest(uint8_t type, const char *domain, const char *digest);
/* Whether a challenge of this type and domain, which may be NULL, is still to be decided by the authority, as its API shows. */
bool acme_is_awaited(uint8_t type, const char *domain);
/* Whether there is, or was, any. */
bool acme_expects_any(void);
/* Whether there is, or was, any of this domain. */
bool acme_expects_domain(const char *domain);
/* Whether an account that waits, or waited, for this domain has this URL. */
acme_check_t acme_check_account(const char *domain, const char *account);
/* Of the challenge of this type and domain that was started and is still to be decided; NULL: unknown. */
const char *acme_awaited_token(uint8_t type, const char *domain);
/* The domain of a challenge that is or was expected; NULL: unknown. */
const char *acme_expected_domain(const char *url);

#endif /* GAPFILL_ACME_EXPECTED_H */
