/* acme-tls-session.h
 * Connections whose ClientHello offers acme-tls/1
 *
 * Sources: RFC 8737 (TLS-ALPN-01), RFC 8738 section 6 (IP addresses as server names). Units: frames by number.
 * Ownership and lifetime: a session is in file scope, hung on its conversation, and written on the first pass only, by the
 * rooms above too. Errors: NULL where there is none, or no room for one.
 * Bounds: one a conversation, its texts from the share of names (acme-memory.h).
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_TLS_SESSION_H
#define GAPFILL_ACME_TLS_SESSION_H

#include <epan/conversation.h>

#include "acme-challenge.h"
#include "acme-tls-handshake.h"

/* A connection of a validator. */
typedef struct acme_tls_session {
    acme_validation_t *validation;
    address            client;
    uint16_t           client_port;
    bool               other_protocols;     /* offered besides acme-tls/1 */
    acme_alpn_t        chosen;
    bool               has_server_hello;
    int                alert;               /* of the server, -1: none in the clear */
    uint32_t           alert_frame;
    uint32_t           certificate_frame;   /* 0: not seen */
    bool               name_fits;           /* the only name in the certificate is the domain */
    bool               has_names;
    bool               has_identifier;
    bool               identifier_is_good;
} acme_tls_session_t;

void acme_register_tls_session(void);

/* Whether there is any; and any with a client on this port, which keeps others from being looked up. */
extern bool acme_tls_have_sessions;
bool acme_tls_port_is_marked(uint16_t port);

/* conversation may be NULL */
acme_tls_session_t *acme_tls_session_of(conversation_t *conversation);
/* First pass only; the packet is the client's. Does nothing where the conversation has a session. */
void acme_tls_start_session(flow_packet_t *packet, conversation_t *conversation, const acme_client_hello_t *hello);

#endif /* GAPFILL_ACME_TLS_SESSION_H */
