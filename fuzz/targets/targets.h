/* targets.h
 * What can be fuzzed: each target has a name, and an envelope that the data of a record is put into
 *
 * Copyright 2026, the Gapfill authors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_FUZZ_TARGETS_H
#define GAPFILL_FUZZ_TARGETS_H

#include "frames.h"

typedef struct target {
    const char *name;
    envelope_t  envelope;
    bool        is_stateless;   /* an input means the same whatever was before it */
} target_t;

/* NULL if there is none of that name. */
const target_t *target_of_name(const char *name);

#endif /* GAPFILL_FUZZ_TARGETS_H */
