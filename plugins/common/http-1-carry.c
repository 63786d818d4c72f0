/* http-1-carry.c
 * Heads of HTTP/1 in two pieces; see http-1-carry.h
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <epan/packet.h>

#include "http-1-carry.h"
#include "http-body.h"
#include "http-budget.h"

#define MAX_CARRY 16384

http1_carry_t *
http1_carry_use(http1_carry_t *carry)
{
    if (carry)
        carry->users++;
    return carry;
}

void
http1_carry_release(http1_carry_t *carry)
{
    if (!carry || --carry->users > 0)
        return;
    http_budget_give_back(wmem_array_get_count(carry->bytes));
    wmem_destroy_array(carry->bytes);
    wmem_free(wmem_file_scope(), carry);
}

/* Puts what was carried over before the bytes of this call. */
void
http1_carry_join(http_input_t *in, const http1_carry_t *carry)
{
    int before = (int)wmem_array_get_count(carry->bytes);
    int captured = before + in->captured;
    uint8_t *bytes = (uint8_t *)wmem_alloc(in->pinfo->pool, captured);

    memcpy(bytes, wmem_array_get_raw(carry->bytes), before);
    memcpy(bytes + before, in->bytes, in->captured);
    in->tvb = tvb_new_child_real_data(in->tvb, bytes, captured, before + (int)tvb_reported_length(in->tvb));
    in->bytes = bytes;
    in->captured = captured;
    in->consumed += before;
    in->seq -= (uint32_t)before;
}

http1_carry_t *
http1_carry_new(unsigned length)
{
    http1_carry_t *carry = wmem_new0(wmem_file_scope(), http1_carry_t);

    carry->bytes = wmem_array_sized_new(wmem_file_scope(), 1, length);
    return carry;
}

/* Whether the rest of the input is the beginning of a head, and nothing else that HTTP calls a continuation. */
bool
http1_carry_is_worth(const http_input_t *in, const http1_head_t *head, int offset)
{
    http_line_t line;

    if (in->consumed - offset > MAX_CARRY || in->captured < in->consumed)
        return false;
    return head->size > 0 || (!http_next_line(in->bytes, offset, in->consumed, &line)
            && http1_may_become_start_line((const char *)in->bytes + offset, in->consumed - offset));
}
