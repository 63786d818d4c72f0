/* openpgp-state.h
 * Whether an OpenPGP key may be used at a time: by what its good self-signatures of that time say
 *
 * Sources: RFC 9580 sections 5.2.1 (types), 5.2.3 and 5.2.3.10 (the newest self-signature holds), 5.2.3.13 (key expiration),
 * 5.2.3.23 (revocation keys), 5.2.3.31 (reasons for revocation), 10.1 (what belongs to a key).
 *
 * Only signatures that were verified count, and that this code understands in all that is critical. Where some could not be
 * verified that might matter, the state is unknown. A key is given piece by piece, in the order of its packets; all is of the
 * allocator that is given. Times are seconds since 1970.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_STATE_H
#define GAPFILL_OPENPGP_STATE_H

#include "openpgp-verify.h"

/* openpgp.key.state */
typedef enum openpgp_state {
    OPENPGP_STATE_NONE,
    OPENPGP_STATE_USABLE,
    OPENPGP_STATE_EXPIRED,
    OPENPGP_STATE_REVOKED,
    OPENPGP_STATE_NO_USER_ID,
    OPENPGP_STATE_NOT_YET,
    OPENPGP_STATE_UNKNOWN
} openpgp_state_t;

/* It is known that the key may not be used. */
bool openpgp_state_is_bad(openpgp_state_t state);

/* As in "key revoked". */
const char *openpgp_state_text(openpgp_state_t state);

/* What is found out of a primary key or subkey. */
typedef struct openpgp_standing {
    const openpgp_known_key_t *key;     /* NULL: it is not whole */
    bool                       subkey;
    bool                       incomplete;      /* what is missing, or was not verified, may say that it ends at another time */
    openpgp_state_t            state;
    uint64_t                   expires; /* 0: never, or not known */
} openpgp_standing_t;

typedef struct openpgp_assessment openpgp_assessment_t;

/* Of a primary key at a time; the result is for the following calls. */
openpgp_assessment_t *openpgp_assess(wmem_allocator_t *pool, openpgp_standing_t *primary, uint16_t validity_days, uint64_t now);
void openpgp_assess_subkey(openpgp_assessment_t *assessment, openpgp_standing_t *subkey);
void openpgp_assess_component(openpgp_assessment_t *assessment, bool is_user_id);
/* by_primary: it says that the primary key made it. */
void openpgp_assess_signature(openpgp_assessment_t *assessment, const openpgp_statement_t *statement,
                              const openpgp_verdict_t *verdict, bool by_primary);
/* When all has been given; more_to_come: the capture lacks what may belong to it. */
void openpgp_assess_end(openpgp_assessment_t *assessment, bool more_to_come);

#endif /* GAPFILL_OPENPGP_STATE_H */
