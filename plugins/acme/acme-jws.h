/* acme-jws.h
 * Signed requests of ACME
 *
 * Sources: RFC 8555 section 6.2 (requests), RFC 7515 section 7.2.2 (flattened JWS), RFC 7638 (thumbprints of keys), RFC 8555
 * section 7.3.5 (key change). Units: lengths are in bytes. Ownership: all is in the pool that it was parsed in.
 * Errors: false or NULL where it is none. Signatures are not checked.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_JWS_H
#define GAPFILL_ACME_JWS_H

#include "acme-json.h"

/* A signed request. */
typedef struct acme_jws {
    acme_json_t  outer;
    char          *header_text;
    size_t         header_length;
    char          *payload_text;
    size_t         payload_length;
    acme_json_t  header;
    acme_json_t  payload;     /* no root if the payload is empty */
    const char    *url;
    const char    *nonce;
    const char    *kid;
    const char    *thumbprint;  /* of the key in the header, or NULL */
} acme_jws_t;

bool acme_jws_parse(wmem_allocator_t *pool, tvbuff_t *body, acme_jws_t *jws);
/* The thumbprint of the key that the payload of a key change asks for. */
const char *acme_jws_new_key(wmem_allocator_t *pool, const acme_jws_t *jws);

#endif /* GAPFILL_ACME_JWS_H */
