/* http-1-carry.h
 * Heads of HTTP/1 that stock Wireshark cuts in two: the beginning is kept for the next call, up to 16 KiB
 *
 * Units: bytes, paid for from http-budget.h. Ownership: freed with the last user, a direction, a call or a message.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_1_CARRY_H
#define GAPFILL_HTTP_1_CARRY_H

#include "http-1-head.h"
#include "http-input.h"

typedef struct http1_carry {
    wmem_array_t *bytes;
    unsigned      users;
} http1_carry_t;

http1_carry_t *http1_carry_new(unsigned length);

/* Of NULL, both do nothing. */
http1_carry_t *http1_carry_use(http1_carry_t *carry);
void http1_carry_release(http1_carry_t *carry);

/* Puts what was carried over before the bytes of this call. */
void http1_carry_join(http_input_t *in, const http1_carry_t *carry);

/* Whether the rest of the input is the beginning of a head, and nothing else that HTTP calls a continuation. */
bool http1_carry_is_worth(const http_input_t *in, const http1_head_t *head, int offset);

#endif /* GAPFILL_HTTP_1_CARRY_H */
