/* ldp-wrap.c
 * Standing in for a native dissector in its tables; see ldp-wrap.h
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>

#include "ldp-wrap.h"
#include "ws_compat.h"

void
wrapper_create(wrapper_t *wrapper, const char *native, const char *name, const char *filter, dissector_t dissector)
{
    int parent = proto_get_id_by_filter_name(native);

    if (parent == -1)
        return;
    wrapper->handle = create_dissector_handle(dissector,
            proto_register_protocol_in_name_only(name, name, filter, parent, FT_PROTOCOL));
}

void
wrapper_add(wrapper_t *wrapper, const char *table, uint32_t key)
{
    dissector_table_t found = wrapper->handle ? find_dissector_table(table) : NULL;
    dissector_handle_t original = found ? dissector_get_uint_handle(found, key) : NULL;

    if (!original || (wrapper->original && wrapper->original != original))
        return;
    wrapper->original = original;
    dissector_add_uint(table, key, wrapper->handle);
}

int
wrapper_call(const wrapper_t *wrapper, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return wrapper->original ? call_dissector_only(wrapper->original, tvb, pinfo, tree, data) : 0;
}
