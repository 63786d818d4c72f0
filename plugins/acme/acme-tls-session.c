/* acme-tls-session.c
 * Connections whose ClientHello offers acme-tls/1; see acme-tls-session.h
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
#include <epan/to_str.h>
#include <wsutil/inet_addr.h>

#include "port-set.h"
#include "acme-tls-session.h"

/* Ports of clients that have offered acme-tls/1 in this file. */
static port_set_t client_ports;
bool acme_tls_have_sessions;

static void
mark_port(uint16_t port)
{
    port_set_add(&client_ports, port);
    acme_tls_have_sessions = true;
}

bool
acme_tls_port_is_marked(uint16_t port)
{
    return port_set_has(&client_ports, port);
}

/* RFC 8738 section 6: the name of an address in in-addr.arpa or ip6.arpa stands for that address. */
static const char *
ipv4_of_name(wmem_allocator_t *pool, const char *name)
{
    unsigned b[4];
    int end = 0;

    if (sscanf(name, "%3u.%3u.%3u.%3u.in-addr.arpa%n", &b[0], &b[1], &b[2], &b[3], &end) != 4 || !end || name[end])
        return NULL;
    if (b[0] > 255 || b[1] > 255 || b[2] > 255 || b[3] > 255)
        return NULL;
    return wmem_strdup_printf(pool, "%u.%u.%u.%u", b[3], b[2], b[1], b[0]);
}

static const char *
ipv6_of_name(wmem_allocator_t *pool, const char *name)
{
    ws_in6_addr address = { { 0 } };

    for (int i = 31; i >= 0; i--) {
        if (!g_ascii_isxdigit(name[0]) || name[1] != '.')
            return NULL;
        address.bytes[i / 2] |= g_ascii_xdigit_value(name[0]) << (i % 2 ? 0 : 4);
        name += 2;
    }
    if (strcmp(name, "ip6.arpa"))
        return NULL;
    return ip6_to_str(pool, &address);
}

static const char *
domain_of_server_name(wmem_allocator_t *pool, const char *name)
{
    const char *address;

    if (!name)
        return NULL;
    address = ipv4_of_name(pool, name);
    if (!address)
        address = ipv6_of_name(pool, name);
    return address ? address : name;
}

acme_tls_session_t *
acme_tls_session_of(conversation_t *conversation)
{
    return conversation ? (acme_tls_session_t *)conversation_get_proto_data(conversation, proto_acme) : NULL;
}

void
acme_tls_start_session(flow_packet_t *packet, conversation_t *conversation, const acme_client_hello_t *hello)
{
    packet_info *pinfo = packet->pinfo;
    acme_validation_t *validation;
    acme_tls_session_t *session;

    if (!conversation || acme_tls_session_of(conversation))
        return;
    validation = (acme_validation_t *)acme_validation_new(acme_challenge(ACME_TLS_ALPN_01,
                domain_of_server_name(pinfo->pool, hello->server_name), NULL), &pinfo->src, true, sizeof *validation);
    if (!validation)
        return;
    acme_validation_asked(pinfo, validation);
    session = wmem_new0(wmem_file_scope(), acme_tls_session_t);
    session->validation = validation;
    copy_address_wmem(wmem_file_scope(), &session->client, &pinfo->src);
    session->client_port = packet->srcport;
    session->other_protocols = hello->offers_others;
    session->alert = -1;
    conversation_add_proto_data(conversation, proto_acme, session);
    mark_port(packet->srcport);
}

static void
acme_tls_session_init(void)
{
    port_set_clear(&client_ports);
    acme_tls_have_sessions = false;
}

void
acme_register_tls_session(void)
{
    register_init_routine(acme_tls_session_init);
}
