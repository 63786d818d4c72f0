/* http-budget.c
 * What the HTTP hub may keep of one capture; see http-budget.h
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

#include <stdint.h>

#include "http-budget.h"

static uint64_t limit;
static uint64_t taken;

void
http_budget_init(void)
{
    limit = HTTP_BUDGET_BASE;
    taken = 0;
}

void
http_budget_earn(size_t captured)
{
    limit += (uint64_t)captured * HTTP_BUDGET_RATIO;
}

bool
http_budget_take(size_t size)
{
    if (size > limit || taken > limit - size)
        return false;
    taken += size;
    return true;
}

void
http_budget_give_back(size_t size)
{
    taken -= size < taken ? size : taken;
}
