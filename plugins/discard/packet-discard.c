/* packet-discard.c
 * Routines for Discard Protocol dissection
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>
#include <ws_compat.h>

void proto_register_discard(void);
void proto_reg_handoff_discard(void);

static int proto_discard = -1;

void
proto_register_discard(void)
{
    proto_discard = proto_get_id_by_filter_name("discard");
    if (proto_discard == -1)
        proto_discard = proto_register_protocol("Discard Protocol", "DISCARD", "discard");
}

void
proto_reg_handoff_discard(void)
{
}
