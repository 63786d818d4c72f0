/* acme-http-body.h
 * What a web server answered in the place of a key authorization
 *
 * Sources: RFC 8555 sections 8.1 (key authorizations) and 8.3 (white space at the end of the body); RFC 3629 section 6 (byte
 * order marks).
 * Units: bytes. Ownership: texts belong to pool or are constant. Errors: there are none. Bounds: 4096 bytes of a body are read.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_HTTP_BODY_H
#define GAPFILL_ACME_HTTP_BODY_H

#include <epan/tvbuff.h>

#include "acme-cause.h"

typedef struct acme_body {
    acme_cause_t cause;         /* by itself: the account is unknown here */
    const char  *fault;         /* in few words; NULL without a cause */
    int          offset;        /* of the key authorization, which may be behind a byte order mark; -1: there is none */
    const char  *token;         /* of the key authorization */
    const char  *thumbprint;
} acme_body_t;

/* body may be NULL; html: its media type says so; token: that was asked for */
void acme_read_body(wmem_allocator_t *pool, tvbuff_t *body, bool html, const char *token, acme_body_t *read);

#endif /* GAPFILL_ACME_HTTP_BODY_H */
