/* ldp-capture.h
 * What all rooms of ldp-extras share about the capture: bytes and work spent on it, and what is explained of it
 *
 * What LDP says is small, and what has to be kept of it is many times larger; so all that is kept is counted, and
 * has one bound. Once that is reached nothing more is learnt, and since what is known would then grow wrong, labels
 * of later frames are not explained: they stay as Wireshark has them. The same holds for work that a capture makes
 * on purpose. Units: bytes, frames. Ownership: what ldp_keep() returns is the file's. Lifetime: from
 * ldp_capture_reset(), when a file is opened, to the next one. Errors: allocation does not fail; who learns asks
 * ldp_capture_is_full() before each message and each element, so that the bound is exceeded by what one of them
 * takes at most.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_CAPTURE_H
#define GAPFILL_LDP_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a capture: bytes that are kept, with what they take in maps; about half a million bindings. */
#define LDP_KEPT_MAX    ((size_t)512 << 20)

/* Of a capture: bindings that wildcards and groups look at without effect, and pseudowires whose status a group sets. */
#define LDP_STEPS_MAX   4000000

typedef struct ldp_capture {
    uint32_t  shown_frame;      /* that holds what is being learnt: may have come before its turn */
    uint32_t  full_frame;       /* the last frame whose labels are explained, or 0: all are */
    uint32_t  steps;
    size_t    kept;
} ldp_capture_t;

extern ldp_capture_t ldp_capture;

void ldp_capture_reset(void);

/* Zeroed, or a copy. */
void *ldp_keep(size_t size);
void *ldp_keep_copy(const void *data, size_t size);

/* So much is kept, or will be, without ldp_keep(). */
void ldp_keep_count(size_t size);

/* Asked while frame is learnt from. */
bool ldp_capture_is_full(uint32_t frame);

/* Takes a step of work; false if there were too many. */
bool ldp_capture_step(uint32_t frame);
bool ldp_capture_steps(uint32_t count, uint32_t frame);

/* Whether labels of this frame are explained. */
bool ldp_capture_explains(uint32_t frame);

#endif /* GAPFILL_LDP_CAPTURE_H */
