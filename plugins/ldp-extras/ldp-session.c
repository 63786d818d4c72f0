/* ldp-session.c
 * LDP sessions and their two sides; see ldp-session.h
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

#include "ldp-capture.h"
#include "ldp-session.h"
#include "compat.h"

static uint32_t side_count;

void
ldp_session_reset(void)
{
    side_count = 0;
}

static void
init_side(ldp_session_t *session, unsigned which, const address *addr, uint16_t port)
{
    ldp_side_t *side = &session->side[which];

    side->session = session;
    side->number = ++side_count;
    side->port = port;
    ldp_keep_count(2 * (size_t)addr->len);
    copy_address_wmem(wmem_file_scope(), &side->addr, addr);
}

ldp_session_t *
ldp_session_new(ldp_network_t network, const address *src, uint16_t srcport, const address *dst, uint16_t dstport)
{
    ldp_session_t *session = (ldp_session_t *)ldp_keep(sizeof *session);

    session->network = network;
    init_side(session, 0, src, srcport);
    init_side(session, 1, dst, dstport);
    return session;
}

ldp_side_t *
ldp_side_other(const ldp_side_t *side)
{
    return &side->session->side[side == &side->session->side[0] ? 1 : 0];
}

ldp_lsr_t *
ldp_side_peer(const ldp_side_t *side)
{
    const ldp_side_t *other = ldp_side_other(side);

    return other->lsr ? other->lsr : side->receiver;
}
