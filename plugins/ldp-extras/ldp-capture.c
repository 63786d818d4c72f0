/* ldp-capture.c
 * How much is kept of a capture; see ldp-capture.h
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

#include <epan/wmem_scopes.h>

#include "ldp-capture.h"

#define ALLOCATION_OVERHEAD 16

ldp_capture_t ldp_capture;

void
ldp_capture_reset(void)
{
    memset(&ldp_capture, 0, sizeof ldp_capture);
}

void
ldp_keep_count(size_t size)
{
    ldp_capture.kept += size;
}

void *
ldp_keep(size_t size)
{
    ldp_keep_count(size + ALLOCATION_OVERHEAD);
    return wmem_alloc0(wmem_file_scope(), size);
}

void *
ldp_keep_copy(const void *data, size_t size)
{
    ldp_keep_count(size + ALLOCATION_OVERHEAD);
    return wmem_memdup(wmem_file_scope(), data, size);
}

static void
stop(uint32_t frame)
{
    if (!ldp_capture.full_frame)
        ldp_capture.full_frame = frame;
}

bool
ldp_capture_is_full(uint32_t frame)
{
    if (ldp_capture.kept > LDP_KEPT_MAX)
        stop(frame);
    return ldp_capture.full_frame != 0;
}

bool
ldp_capture_step(uint32_t frame)
{
    return ldp_capture_steps(1, frame);
}

bool
ldp_capture_steps(uint32_t count, uint32_t frame)
{
    ldp_capture.steps += count;
    if (ldp_capture.steps > LDP_STEPS_MAX)
        stop(frame);
    return ldp_capture.full_frame == 0;
}

bool
ldp_capture_explains(uint32_t frame)
{
    return ldp_capture.full_frame == 0 || frame <= ldp_capture.full_frame;
}
