/* ftp-ports.c
 * Server ports on which FTP is to be expected; see ftp-ports.h
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

#include <epan/packet.h>

#include "ftp-model.h"
#include "ftp-ports.h"

range_t *ftp_implicit_tls_ports;

static int proto_ftp = -1;

static uint32_t control_ports[65536 / 32];

bool
ftp_is_control_port(uint16_t port)
{
    return control_ports[port >> 5] & (1u << (port & 31));
}

bool
ftp_is_implicit_tls_port(uint16_t port)
{
    return value_is_in_range(ftp_implicit_tls_ports, port);
}

static void
note_control_port(const char *table _U_, ftenum_t selector _U_, void *key, void *value, void *user_data _U_)
{
    dissector_handle_t handle = dtbl_entry_get_handle((dtbl_entry_t *)value);
    uint32_t port = GPOINTER_TO_UINT(key);

    if (handle && port < 65536 && dissector_handle_get_protocol_index(handle) == proto_ftp) {
        control_ports[port >> 5] |= 1u << (port & 31);
        ftp_track_port((uint16_t)port);
    }
}

static void
track_implicit_tls_port(uint32_t port, void *user_data _U_)
{
    ftp_track_port((uint16_t)port);
}

void
ftp_ports_reset(void)
{
    memset(control_ports, 0, sizeof control_ports);
    dissector_table_foreach("tcp.port", note_control_port, NULL);
    range_foreach(ftp_implicit_tls_ports, track_implicit_tls_port, NULL);
}

void
ftp_ports_init(void)
{
    proto_ftp = proto_get_id_by_filter_name("ftp");
}
