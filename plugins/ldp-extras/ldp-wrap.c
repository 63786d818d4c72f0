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

typedef struct follow {
    const wrapper_t *wrapper;
    GArray          *keys;
} follow_t;

static void
collect_key(const char *table _U_, ftenum_t type _U_, void *key, void *value, void *user_data)
{
    follow_t *follow = (follow_t *)user_data;
    dtbl_entry_t *entry = (dtbl_entry_t *)value;

    if (dtbl_entry_get_handle(entry) == follow->wrapper->original
            && dtbl_entry_get_initial_handle(entry) == follow->wrapper->original) {
        uint32_t number = GPOINTER_TO_UINT(key);

        g_array_append_val(follow->keys, number);
    }
}

void
wrapper_follow(wrapper_t *wrapper, const char *table)
{
    follow_t follow = { wrapper, NULL };

    if (!wrapper->original)
        return;
    follow.keys = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    dissector_table_foreach(table, collect_key, &follow);
    for (unsigned i = 0; i < follow.keys->len; i++)
        dissector_add_uint(table, g_array_index(follow.keys, uint32_t, i), wrapper->handle);
    g_array_free(follow.keys, TRUE);
}

int
wrapper_call(const wrapper_t *wrapper, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return wrapper->original ? call_dissector_only(wrapper->original, tvb, pinfo, tree, data) : 0;
}
