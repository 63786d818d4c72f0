/* acme-resource.h
 * What the URLs and objects of an ACME server stand for
 *
 * Sources: RFC 8555 section 7.1 (resources), RFC 9773 (renewal information).
 * Ownership and lifetime: what is learned is in file scope, owned by acme-resource.c, and learned on the first pass only.
 * Errors: unknown, or NULL. Beyond the bounds, see acme-resource.c, nothing is learned.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_RESOURCE_H
#define GAPFILL_ACME_RESOURCE_H

#include <epan/packet.h>

#include "acme-json.h"
#include "acme-jws.h"

#define ACME_MAX_CHALLENGES 64  /* of an authorization that are looked at */

typedef enum {
    ACME_RESOURCE_UNKNOWN, ACME_RESOURCE_DIRECTORY, ACME_RESOURCE_NEW_NONCE, ACME_RESOURCE_NEW_ACCOUNT, ACME_RESOURCE_NEW_ORDER,
    ACME_RESOURCE_NEW_AUTHZ, ACME_RESOURCE_REVOKE_CERT, ACME_RESOURCE_KEY_CHANGE, ACME_RESOURCE_RENEWAL_INFO, ACME_RESOURCE_ACCOUNT,
    ACME_RESOURCE_ORDERS, ACME_RESOURCE_ORDER, ACME_RESOURCE_AUTHORIZATION, ACME_RESOURCE_CHALLENGE,
        ACME_RESOURCE_FINALIZE, ACME_RESOURCE_CERTIFICATE
} acme_resource_t;

typedef enum {
    ACME_EVIDENCE_NONE, ACME_EVIDENCE_DIRECTORY, ACME_EVIDENCE_OBJECT, ACME_EVIDENCE_CONTENT
} acme_evidence_t;

typedef struct acme_kind {
    acme_resource_t resource;
    acme_evidence_t evidence;
} acme_kind_t;

extern const value_string acme_resource_vals[];
extern const value_string acme_evidence_vals[];

/* An account. */
typedef struct acme_owner {
    const char *url;
    const char *thumbprint;     /* of its key */
} acme_owner_t;

void acme_register_resource(void);

/* What is known of a URL, which may be NULL. */
acme_kind_t acme_kind_of_url(const char *url);
/* What a URL of renewal information is about (RFC 9773 section 4.1); NULL: it is none. url may be NULL. */
const char *acme_certificate_of_renewal(const char *url);
/* Whether any URL is known. */
bool acme_knows_urls(void);
/* The first time holds. url may be NULL. */
void acme_learn_url(const char *url, acme_resource_t resource, acme_evidence_t evidence);
/*
 * The URLs in an answer's object, and in an authorization what validators should find. owner: the account that asked; its
 * members may be NULL.
 */
void acme_learn_from_object(packet_info *pinfo, acme_resource_t resource, const acme_json_t *object, const acme_owner_t *owner);

/* Thumbprints of accounts by their URLs. Any may be NULL. The last time holds. */
void acme_learn_account(const char *url, const char *thumbprint);
const char *acme_account_thumbprint(const char *url);

/* By the members of a payload or object. */
acme_resource_t acme_resource_of_request(const acme_jws_t *jws);
acme_resource_t acme_resource_of_answer(const acme_json_t *object);
bool acme_is_directory(const acme_json_t *object);
/* What the answer to a request holds, unless it is a problem. */
acme_resource_t acme_resource_of_answer_to(acme_resource_t request);

#endif /* GAPFILL_ACME_RESOURCE_H */
