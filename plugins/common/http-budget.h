/* http-budget.h
 * What the HTTP hub may keep of one capture, in bytes
 *
 * Counted is everything that the hub keeps beyond the packet in hand and that a sender can make much of: heads of HTTP/2 as
 * far as they are decoded (RFC 7541 lets an octet stand for a field of any length), their streams and exchanges, beginnings
 * of heads of HTTP/1, and bodies that come in pieces. The limit is HTTP_BUDGET_BASE and HTTP_BUDGET_RATIO for each byte of
 * HTTP that was captured, so what is kept grows with the capture and never by what is repeated in it. Where it is spent a
 * head is not told, and a body is not kept: nothing is shown of it.
 * Not counted: what observers hang on exchanges of their own, which can be as much again, and HTTP/1's exchanges (fixed
 * sizes, paid for by at least 16 captured bytes each; targets and fields of HTTP/1 are never kept).
 *
 * Units: bytes. State: one count for the open file, changed on the first pass only. No errors.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_HTTP_BUDGET_H
#define GAPFILL_HTTP_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_BUDGET_BASE    (4 * 1024 * 1024)
#define HTTP_BUDGET_RATIO   8

/* A file is opened. */
void http_budget_init(void);

/* So many bytes of HTTP were captured. */
void http_budget_earn(size_t captured);

/* False: it is spent, and nothing was taken. */
bool http_budget_take(size_t size);

/* What was taken before, and is freed. */
void http_budget_give_back(size_t size);

#endif /* GAPFILL_HTTP_BUDGET_H */
