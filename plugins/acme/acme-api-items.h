/* acme-api-items.h
 * Showing requests to the ACME API and their answers
 *
 * Sources: RFC 8555 sections 6 and 7, RFC 7807 (problem documents). Units: offsets and lengths are in bytes; frames by number.
 * Ownership and lifetime: acme_api_t is in file scope and its caller's, written on the first pass only; the rest is
 * valid while a message is shown. Errors: there are none.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_API_ITEMS_H
#define GAPFILL_ACME_API_ITEMS_H

#include <epan/expert.h>
#include <epan/packet.h>

#include "acme-attempt.h"
#include "acme-authority.h"
#include "acme-issued.h"
#include "acme-json.h"
#include "acme-jws.h"
#include "acme-progress.h"
#include "acme-resource.h"

/* A request to the API and its answer. In file scope, written on the first pass only. */
typedef struct acme_api {
    acme_kind_t request;
    acme_kind_t answer;
    const char *url;
    const char *account;        /* its URL, or NULL */
    const char *thumbprint;     /* of the account's key, or NULL */
    const char *new_thumbprint; /* of the key that a key change asks for, or NULL */
    const char *domain;         /* of a challenge; NULL: unknown */
    acme_said_t said;           /* by the answer */
    const acme_told_t *told;    /* likewise, of its object; NULL: nothing */
    acme_attempt_t *attempt;    /* of a signed request, or NULL */
    bool        is_head;        /* nothing comes in the body of what answers it */
    acme_issued_t *certificate; /* that it is about: handed out, renewed, replaced or revoked; NULL: unknown */
    uint32_t    request_frame;
    uint32_t    response_frame;
    nstime_t    request_time;
} acme_api_t;

/* Where a message is shown, and what it is called. */
typedef struct api_view {
    packet_info *pinfo;
    proto_tree  *parent;
    tvbuff_t    *tvb;
    int          offset;
    int          length;
    tvbuff_t    *body;
    bool         is_chain;      /* the body has certificates */
    bool         lacks_body;    /* there may be more in it than was read */
    const char  *location;      /* header fields of an answer, or NULL */
    const char  *replay_nonce;
    const char  *retry_after;
    uint16_t     status;        /* 0: unknown */
} acme_view_t;

void acme_register_api_items(expert_module_t *expert);
void acme_handoff_api_items(void);

/* jws: NULL where it is not signed; url: of the request. */
void acme_show_api_request(const acme_view_t *view, const acme_api_t *api, const acme_jws_t *jws, const char *url);
/* object: without a root where the answer has none. */
void acme_show_api_answer(const acme_view_t *view, const acme_api_t *api, const acme_json_t *object);

#endif /* GAPFILL_ACME_API_ITEMS_H */
