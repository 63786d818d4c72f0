/* packet-acme.c
 * Routines for Automatic Certificate Management Environment (ACME) dissection
 *
 * RFC 8555 (ACME, HTTP-01 and DNS-01), RFC 8737 (TLS-ALPN-01), RFC 8738 (IP identifiers).
 *
 * The roof: registration, and statistics of what the tap is given. acme-http.c, acme-tls.c and acme-dns.c recognise the
 * challenges, acme-api.c the API; below them are acme-items.c (what is shown alike), acme-expected.c and, as the floor,
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
#include <epan/stats_tree.h>
#include <epan/tap.h>

#include "acme-api.h"
#include "acme-challenge.h"
#include "acme-dns.h"
#include "acme-expected.h"
#include "acme-http.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "acme-tls.h"

void proto_register_acme(void);
void proto_reg_handoff_acme(void);

/* --- Statistics --- */

static const char *st_requests = "Questions by Validator";
static const char *st_domains = "Answers by Domain";
static const char *st_challenges = "Answers by Challenge";
static const char *st_outcomes = "Answers by Outcome";
static const char *st_validators = "Answers by Validator";
static int st_node_requests = -1;
static int st_node_domains = -1;
static int st_node_challenges = -1;
static int st_node_outcomes = -1;
static int st_node_validators = -1;

static void
acme_stats_tree_init(stats_tree *st)
{
    st_node_requests = stats_tree_create_node(st, st_requests, 0, STAT_DT_INT, true);
    st_node_domains = stats_tree_create_node(st, st_domains, 0, STAT_DT_INT, true);
    st_node_challenges = stats_tree_create_node(st, st_challenges, 0, STAT_DT_INT, true);
    st_node_outcomes = stats_tree_create_node(st, st_outcomes, 0, STAT_DT_INT, true);
    st_node_validators = stats_tree_create_node(st, st_validators, 0, STAT_DT_INT, true);
}

/* Counts a path of nodes below parent. */
static void
tick_path(stats_tree *st, const char *top, const char *first, const char *second, const char *third)
{
    int node;

    tick_stat_node(st, top, 0, true);
    node = tick_stat_node(st, first, stats_tree_parent_id_by_name(st, top), true);
    if (second)
        node = tick_stat_node(st, second, node, third != NULL);
    if (third)
        tick_stat_node(st, third, node, false);
}

static tap_packet_status
acme_stats_tree_packet(stats_tree *st, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
        tap_flags_t flags _U_)
{
    const acme_tap_t *tap = (const acme_tap_t *)data;
    const acme_challenge_t *challenge = tap->validation->challenge;
    const char *domain = challenge->domain ? challenge->domain : "unknown";
    const char *type = acme_challenge_name(challenge->type);
    const char *validator = tap->validation->validator ? tap->validation->validator : "unknown";

    if (!tap->outcome) {
        tick_path(st, st_requests, validator, domain, type);
        return TAP_PACKET_REDRAW;
    }
    tick_path(st, st_domains, domain, type, tap->outcome);
    tick_path(st, st_challenges, type, tap->outcome, NULL);
    tick_path(st, st_outcomes, tap->outcome, type, domain);
    tick_path(st, st_validators, validator, domain, tap->outcome);
    return TAP_PACKET_REDRAW;
}

/* --- Registration --- */

void
proto_register_acme(void)
{
    expert_module_t *expert;

    proto_acme = proto_register_protocol("Automatic Certificate Management Environment", "ACME", "acme");
    expert = expert_register_protocol(proto_acme);
    acme_register_memory();
    acme_register_challenge();
    acme_register_expected();
    acme_register_items(expert);
    acme_register_api(expert);
    acme_register_dns(expert);
    acme_register_http(expert);
    acme_register_tls(expert);
}

void
proto_reg_handoff_acme(void)
{
    stats_tree_register_plugin("acme", "acme", "ACME", 0, acme_stats_tree_packet, acme_stats_tree_init, NULL);
    acme_handoff_api();
    acme_handoff_dns();
    acme_handoff_http();
    acme_handoff_tls();
}
