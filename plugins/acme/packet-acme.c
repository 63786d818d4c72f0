/* packet-acme.c
 * Routines for Automatic Certificate Management Environment (ACME) dissection
 *
 * RFC 8555 (ACME, HTTP-01 and DNS-01), RFC 8737 (TLS-ALPN-01), RFC 8738 (IP identifiers).
 *
 * The roof: registration. acme-http.c, acme-tls.c and acme-dns.c recognise the challenges, acme-api.c the API; below them are
 * acme-items.c (what is shown alike) with tap-acme.c (statistics), acme-expected.c and, as the floor, acme-verdict.c and
 * acme-challenge.c.
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
#include <epan/expert.h>

#include "acme-api.h"
#include "acme-challenge.h"
#include "acme-connect.h"
#include "acme-dns.h"
#include "acme-expected.h"
#include "acme-http.h"
#include "acme-http-reply.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "acme-tls.h"
#include "acme-tls-redirect.h"
#include "acme-verdict-items.h"
#include "tap-acme.h"
#include "tap-acme-perspectives.h"

void proto_register_acme(void);
void proto_reg_handoff_acme(void);

/* --- Registration --- */

void
proto_register_acme(void)
{
    expert_module_t *expert;

    proto_acme = proto_register_protocol("Automatic Certificate Management Environment", "ACME", "acme");
    expert = expert_register_protocol(proto_acme);
    tap_acme_register();
    tap_acme_perspectives_register();
    acme_register_memory();
    acme_register_challenge();
    acme_register_expected();
    acme_register_items(expert);
    acme_register_verdict_items(expert);
    acme_register_api(expert);
    acme_register_connect(expert);
    acme_register_dns(expert);
    acme_register_http(expert);
    acme_register_tls(expert);
}

/* Nobody has been led anywhere where attempts are not watched. */
static G_GNUC_NO_INLINE void
after_some_segment(flow_packet_t *packet)
{
    if (acme_connect_watching)
        acme_connect_after(packet);
    if (acme_reply_awaited)
        acme_reply_after(packet);
    if (acme_tls_may_concern(packet))
        acme_tls_after(packet);
    if (acme_connect_watching)
        acme_tls_redirect_after(packet);
}

/* Nearly all segments are nobody's business here. */
static void
after_segment(flow_packet_t *packet)
{
    if (acme_tls_may_concern(packet) || acme_connect_watching || acme_reply_awaited)
        after_some_segment(packet);
}

static const flow_observer_t segments = { .proto = &proto_acme, .transports = FLOW_TCP, .after = after_segment };

void
proto_reg_handoff_acme(void)
{
    tap_acme_handoff();
    acme_handoff_api();
    acme_handoff_dns();
    acme_handoff_http();
    acme_handoff_tls();
    flow_add_observer(&segments);
}
