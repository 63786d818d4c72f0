/* ldp-wrap.h
 * Standing in for a native dissector in its tables
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_WRAP_H
#define GAPFILL_LDP_WRAP_H

#include <epan/packet.h>

/* For the life of the process. original is NULL as long as there is nothing to wrap. */
typedef struct wrapper {
    dissector_handle_t handle;
    dissector_handle_t original;
} wrapper_t;

/*
 * native is the filter name of the protocol that is wrapped: the wrapper is a part of it that shows nowhere
 * as a protocol of its own.
 */
void wrapper_create(wrapper_t *wrapper, const char *native, const char *name, const char *filter,
        dissector_t dissector);

/* Takes the place of what is there; of nothing else than the first that it found. */
void wrapper_add(wrapper_t *wrapper, const char *table, uint32_t key);

int wrapper_call(const wrapper_t *wrapper, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

#endif /* GAPFILL_LDP_WRAP_H */
