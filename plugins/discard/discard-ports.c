/* discard-ports.c
 * The ports of Discard; see discard-ports.h
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

#include <epan/packet.h>

#include "discard-ports.h"

port_set_t discard_ports[2];

static int proto_of_ports = -1;
static discard_port_cb port_found;

static void
mark_discard_port(const char *table _U_, ftenum_t type _U_, void *key, void *value, void *user_data)
{
    dissector_handle_t handle = dtbl_entry_get_handle((dtbl_entry_t *)value);
    unsigned port = GPOINTER_TO_UINT(key);

    if (!handle || dissector_handle_get_protocol_index(handle) != proto_of_ports || port > 65535)
        return;
    port_set_add((port_set_t *)user_data, (uint16_t)port);
    port_found((uint16_t)port);
}

void
discard_ports_read(int proto_discard, discard_port_cb found)
{
    proto_of_ports = proto_discard;
    port_found = found;
    port_set_clear(&discard_ports[0]);
    port_set_clear(&discard_ports[1]);
    dissector_table_foreach("tcp.port", mark_discard_port, &discard_ports[0]);
    dissector_table_foreach("udp.port", mark_discard_port, &discard_ports[1]);
}
