/* openpgp-work.h
 * The work that verifying may be for one capture
 *
 * Work is counted in microseconds of a usual core, from algorithms and sizes alone: the same capture gets the same answers
 * on every machine. It is spent on the first pass only.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_OPENPGP_WORK_H
#define GAPFILL_OPENPGP_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/prefs.h>

/* Takes that much; false: there is not as much left, and nothing is taken. */
bool openpgp_spend(uint64_t microseconds);

/* Of hashing so many octets. */
uint64_t openpgp_hash_cost(uint64_t octets);

/* When a file is opened. */
void openpgp_work_reset(void);
void openpgp_register_work(module_t *preferences);

#endif /* GAPFILL_OPENPGP_WORK_H */
