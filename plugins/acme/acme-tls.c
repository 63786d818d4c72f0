/* acme-tls.c
 * TLS-ALPN-01 challenges: handshakes with the protocol acme-tls/1
 *
 * RFC 8737 (TLS-ALPN-01), RFC 5246 section 7.2 (alerts).
 *
 * A ClientHello is looked for in every TCP segment above which TLS was dissected: in the segment itself,
 * and in what was reassembled with it. If it offers acme-tls/1, the conversation gets a session (acme-tls-session.c),
 * and from then on each of its TLS frames is shown. Certificates are in acme-tls-certificate.c.
 *
 * Nothing in the observer throws: all lengths are checked first.
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
#include <wsutil/str_util.h>

#include "acme-connect.h"
#include "acme-http-reply.h"
#include "acme-items.h"
#include "acme-verdict-items.h"
#include "acme-tls.h"
#include "acme-tls-alert.h"
#include "acme-tls-certificate.h"
#include "acme-tls-redirect.h"
#include "acme-tls-session.h"
#include "flow.h"

int acme_proto_tls = -1;

static expert_field ei_acme_alpn_others = EI_INIT;
static expert_field ei_acme_sni_missing = EI_INIT;
static expert_field ei_acme_certificate_mismatch = EI_INIT;
static expert_field ei_acme_tls_alert = EI_INIT;

/* --- The client's side --- */

static acme_tls_session_t *
find_session(flow_packet_t *packet)
{
    return acme_tls_session_of(flow_conversation(packet));
}

static void
look_for_client_hello(flow_packet_t *packet)
{
    acme_client_hello_t hello = { NULL, false, false };

    acme_tls_session_t *session;

    if (!acme_tls_find_hello(packet, &hello) || !hello.offers_acme)
        return;
    acme_tls_start_session(packet, flow_conversation(packet), &hello);
    session = find_session(packet);
    if (!session || session->validation->request_frame != packet->pinfo->num)
        return;
    acme_connect_reached(packet->pinfo, session->validation);
    acme_reply_await_hello(packet, session->validation);
}

/* --- The server's side --- */

/* What is wrong without a look at the certificate; NULL: nothing. */
static const char *
choice_fault(const acme_tls_session_t *session)
{
    return session->chosen == ACME_ALPN_NONE || session->chosen == ACME_ALPN_OTHER ? "server does not choose acme-tls/1" : NULL;
}

static bool
server_hello_found(packet_info *pinfo, acme_tls_reader_t *messages, void *data)
{
    acme_tls_session_t *session = (acme_tls_session_t *)data;
    acme_tls_reader_t message;
    int type;

    while ((type = acme_tls_next(messages, &message)) != -1) {
        if (type == TLS_SERVER_HELLO) {
            session->has_server_hello = true;
            acme_tls_read_server_hello(&message, &session->chosen);
        } else if (type == TLS_CERTIFICATE && !session->certificate_frame)
            session->certificate_frame = pinfo->num;
    }
    return true;
}

static bool
encrypted_extensions_found(packet_info *pinfo _U_, acme_tls_reader_t *messages, void *data)
{
    acme_tls_session_t *session = (acme_tls_session_t *)data;
    acme_tls_reader_t message;

    return acme_tls_next(messages, &message) == TLS_ENCRYPTED_EXTENSIONS
        && acme_tls_read_encrypted_extensions(&message, &session->chosen);
}

/* By itself, as it is where TLS 1.3 is decrypted; what it has may have been seen by acme-tls-certificate.c before. */
static bool
certificate_found(packet_info *pinfo, acme_tls_reader_t *messages, void *data)
{
    acme_tls_session_t *session = (acme_tls_session_t *)data;
    acme_tls_reader_t message;

    if (acme_tls_next(messages, &message) != TLS_CERTIFICATE || !acme_tls_is_certificate(&message))
        return false;
    session->certificate_frame = pinfo->num;
    return true;
}

static void
note_alert(const flow_packet_t *packet, acme_tls_session_t *session)
{
    tvbuff_t *payload = acme_tls_payload(packet);

    if (session->alert != -1 || !payload || !acme_tls_is_alert(payload) || acme_tls_is_warning(payload))
        return;
    session->alert = tvb_get_uint8(payload, TLS_RECORD_HEADER + 1);
    session->alert_frame = packet->pinfo->num;
}

/* Whether the segment has nothing but a warning. */
static bool
is_warning_alone(const flow_packet_t *packet)
{
    tvbuff_t *payload = acme_tls_payload(packet);

    return payload && tvb_captured_length(payload) == TLS_RECORD_HEADER + 2 && acme_tls_is_alert(payload)
        && acme_tls_is_warning(payload);
}

static bool
is_from_client(const flow_packet_t *packet, const acme_tls_session_t *session)
{
    return packet->srcport == session->client_port && addresses_equal(&packet->pinfo->src, &session->client);
}

static void
note_server_packet(flow_packet_t *packet, acme_tls_session_t *session)
{
    if (is_warning_alone(packet) || session->validation->reply == ACME_REPLY_NO_TLS)
        return;
    acme_validation_answered(packet->pinfo, session->validation);
    note_alert(packet, session);
    if (session->chosen == ACME_ALPN_UNKNOWN)
        acme_tls_for_each(packet, TLS_SERVER_HELLO, server_hello_found, session);
    if (session->chosen == ACME_ALPN_UNKNOWN)
        acme_tls_for_each(packet, TLS_ENCRYPTED_EXTENSIONS, encrypted_extensions_found, session);
    if (!session->certificate_frame)
        acme_tls_for_each(packet, TLS_CERTIFICATE, certificate_found, session);
    if (!session->certificate_frame && choice_fault(session))
        acme_validation_judge(packet->pinfo, session->validation, ACME_CAUSE_CERTIFICATE);
}

/* --- Showing it --- */

/* What is wrong with the certificate; NULL: nothing. */
static const char *
certificate_fault(const acme_tls_session_t *session)
{
    if (choice_fault(session))
        return choice_fault(session);
    if (!session->has_identifier)
        return "certificate without acmeIdentifier";
    if (!session->identifier_is_good)
        return "acmeIdentifier malformed or not critical";
    if (!session->name_fits)
        return "certificate is not for this name alone";
    if (session->validation->check == ACME_CHECK_DIFFERS)
        return "acmeIdentifier of another token or key";
    return NULL;
}

static void
show_certificate(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    const char *fault = certificate_fault(session);

    acme_validation_judge(packet->pinfo, session->validation, fault ? ACME_CAUSE_CERTIFICATE : ACME_CAUSE_NONE);
    acme_columns(packet->pinfo, session->validation->challenge,
            acme_add_response(packet->tvb, packet->pinfo, tree, item, session->validation,
                fault ? fault : "certificate with acmeIdentifier"));
    if (fault)
        acme_add_expert(packet->pinfo, item, &ei_acme_certificate_mismatch, ACME_CAUSE_CERTIFICATE,
                wmem_strdup_printf(packet->pinfo->pool, "Challenge not met: %s", fault));
}

static void
show_alert(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    const char *name = acme_tls_alert_name(packet->pinfo->pool, session->alert);

    acme_validation_judge(packet->pinfo, session->validation, ACME_CAUSE_CERTIFICATE);
    acme_columns(packet->pinfo, session->validation->challenge,
            acme_add_response(packet->tvb, packet->pinfo, tree, item, session->validation, name));
    acme_add_expert(packet->pinfo, item, &ei_acme_tls_alert, ACME_CAUSE_CERTIFICATE,
            wmem_strdup_printf(packet->pinfo->pool, "Server refuses: %s", name));
}

static void
show_client_hello(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    acme_connect_add_fallback(packet->tvb, tree, session->validation, PINFO_FD_VISITED(packet->pinfo));
    acme_add_request(packet->tvb, packet->pinfo, tree, item, session->validation);
    if (!session->validation->challenge->domain)
        expert_add_info(packet->pinfo, item, &ei_acme_sni_missing);
    if (session->other_protocols)
        expert_add_info(packet->pinfo, item, &ei_acme_alpn_others);
    acme_columns(packet->pinfo, session->validation->challenge, "Client Hello");
}

/* The first answer of a server that hides the rest, or whose certificate comes in another frame. */
static void
show_first_answer(flow_packet_t *packet, proto_tree *tree, proto_item *item, const acme_tls_session_t *session)
{
    packet_info *pinfo = packet->pinfo;
    const acme_validation_t *validation = session->validation;
    bool more = session->certificate_frame || session->alert != -1;
    const char *fault = choice_fault(session);
    const char *text = session->has_server_hello ? "Server Hello" : "server's answer";

    /* That this is all there is can be known on later passes only. */
    if (more || !PINFO_FD_VISITED(pinfo)) {
        acme_add_response_to(packet->tvb, pinfo, tree, validation->request_frame, &validation->request_time);
        acme_columns(pinfo, validation->challenge, text);
        return;
    }
    acme_add_response(packet->tvb, pinfo, tree, item, validation, fault ? fault : "encrypted answer");
    acme_columns(pinfo, validation->challenge, fault ? fault : wmem_strconcat(pinfo->pool, text, ", rest encrypted", NULL));
    if (fault)
        acme_add_expert(pinfo, item, &ei_acme_certificate_mismatch, ACME_CAUSE_CERTIFICATE,
                wmem_strdup_printf(pinfo->pool, "Challenge not met: %s", fault));
}

static void
show_session(flow_packet_t *packet, const acme_tls_session_t *session)
{
    packet_info *pinfo = packet->pinfo;
    const acme_validation_t *validation = session->validation;
    proto_item *item;
    proto_tree *tree = acme_add_tree(packet->tvb, 0, 0, flow_native_subtree(packet->tree, acme_proto_tls), validation->challenge,
            &item);

    if (pinfo->num == validation->request_frame)
        show_client_hello(packet, tree, item, session);
    else if (pinfo->num == session->certificate_frame)
        show_certificate(packet, tree, item, session);
    else if (pinfo->num == session->alert_frame && !session->certificate_frame)
        show_alert(packet, tree, item, session);
    else if (pinfo->num == validation->response_frame)
        show_first_answer(packet, tree, item, session);
    else
        acme_columns(pinfo, validation->challenge, NULL);
}

void
acme_tls_after(flow_packet_t *packet)
{
    bool tracked = acme_tls_have_sessions && (acme_tls_port_is_marked(packet->srcport)
        || acme_tls_port_is_marked(packet->dstport));
    acme_tls_session_t *session;

    if (!tracked && packet->top_protocol != acme_proto_tls)
        return;
    if (packet->quoted || !flow_has_layer(packet, acme_proto_tls))
        return;
    if (!PINFO_FD_VISITED(packet->pinfo) && (!tracked || !find_session(packet)))
        look_for_client_hello(packet);
    session = find_session(packet);
    if (!session || packet->pinfo->num < session->validation->request_frame)
        return;
    if (!PINFO_FD_VISITED(packet->pinfo) && !is_from_client(packet, session))
        note_server_packet(packet, session);
    show_session(packet, session);
}

/* --- Registration --- */

void
acme_register_tls(expert_module_t *expert)
{
    static ei_register_info ei[] = {
        { &ei_acme_alpn_others,
          { "acme.tls.alpn_others", PI_PROTOCOL, PI_WARN, "Other protocols are offered besides acme-tls/1", EXPFILL } },
        { &ei_acme_sni_missing,
          { "acme.tls.sni_missing", PI_PROTOCOL, PI_WARN, "No server name, so the domain is unknown", EXPFILL } },
        { &ei_acme_certificate_mismatch,
          { "acme.tls.certificate_mismatch", PI_PROTOCOL, PI_WARN, "Certificate does not meet the challenge", EXPFILL } },
        { &ei_acme_tls_alert,
          { "acme.tls.alert", PI_RESPONSE_CODE, PI_WARN, "Server refuses", EXPFILL } },
    };

    expert_register_field_array(expert, ei, array_length(ei));
    acme_register_tls_session();
    acme_register_tls_certificate(expert);
    acme_register_tls_redirect(expert);
}

void
acme_handoff_tls(void)
{
    acme_proto_tls = proto_get_id_by_filter_name("tls");
    if (acme_proto_tls == -1)
        return;
    acme_handoff_tls_certificate();
}
