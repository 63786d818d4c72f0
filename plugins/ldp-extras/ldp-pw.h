/* ldp-pw.h
 * Dissecting what a pseudowire carries by what was signalled for it
 *
 * RFC 8077 (types), RFC 4385 (control word); the types' own RFCs are named in ldp-pw.c.
 *
 * Units: bytes. Ownership: a dispatch is the caller's. Lifetime: from ldp_pw_begin() to ldp_pw_end(), around one
 * packet. Bounds: none are needed. Errors: what does not look like the type that was signalled is left to
 * Wireshark's own guess.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_PW_H
#define GAPFILL_LDP_PW_H

#include "ldp-resolve.h"

/* What was set up for the packets inside this one; restored by ldp_pw_end(). */
typedef struct ldp_pw_dispatch {
    const ldp_stack_t        *stack;        /* NULL: taken, or nothing to dispatch */
    struct ldp_pw_dispatch   *outer;
    bool                      registered;
} ldp_pw_dispatch_t;

void ldp_pw_register(void);
void ldp_pw_handoff(void);

/* Around the native dissection of the stack. payload is what follows the stack. */
void ldp_pw_begin(ldp_pw_dispatch_t *dispatch, const ldp_stack_t *stack, tvbuff_t *payload);
void ldp_pw_end(ldp_pw_dispatch_t *dispatch, const ldp_stack_t *stack);

#endif /* GAPFILL_LDP_PW_H */
