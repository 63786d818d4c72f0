/* acme-attempt.h
 * Nonces of signed requests, and requests that are sent again because theirs was refused
 *
 * Source: RFC 8555 section 6.5 (an answer "badNonce" is no failure: the client tries again). Units: frames by number.
 * Ownership and lifetime: attempts are in file scope and acme-attempt.c's, written on the first pass only.
 * Errors: NULL where a bound is reached, see acme-attempt.c.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_ATTEMPT_H
#define GAPFILL_ACME_ATTEMPT_H

#include <epan/packet.h>

#include "acme-jws.h"

/* One signed request as far as its nonce goes. Frames are 0 where they are not known. */
typedef struct acme_attempt {
    uint32_t issued_frame;      /* of the answer that gave this nonce out */
    uint32_t used_frame;        /* of an earlier request with the same one */
    uint32_t retry_of;          /* of the answer that refused the nonce of this same request before */
    uint32_t retry_in;          /* of the request that tries again */
    bool     refused;           /* the answer is badNonce */
} acme_attempt_t;

void acme_register_attempt(void);

/* An answer gives out this nonce, which may be NULL; first pass only. */
void acme_nonce_issued(packet_info *pinfo, const char *nonce);

/* The client that this packet goes to begins anew, as it is given the directory; first pass only. */
void acme_attempt_new_run(packet_info *pinfo);

/* A request; first pass only. */
acme_attempt_t *acme_attempt(packet_info *pinfo, const acme_jws_t *jws);
/* Its answer refuses the nonce; next: the nonce that the answer gives out. Either may be NULL. First pass only. */
void acme_attempt_refused(packet_info *pinfo, acme_attempt_t *attempt, const char *next);

#endif /* GAPFILL_ACME_ATTEMPT_H */
