/* acme-tls-redirect.c
 * Redirects to HTTPS that is not decrypted; see acme-tls-redirect.h
 *
 * Whether the requests in a connection can be read is known when the capture is, so its ClientHello and its first answer are
 * shown on later passes only; an alert at once.
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
#include "acme-memory.h"
#include "acme-tls-alert.h"
#include "acme-tls-redirect.h"
#include "acme-verdict-items.h"
#include "compat.h"
#include "show.h"
#include "tcp-header.h"

#define TARGET_BYTES    64  /* of a map */
#define TLS_MAJOR_VERSION 3

/* A connection that a redirect led to. */
typedef struct target {
    acme_validation_t *validation;
    acme_validation_t *sent;            /* whose redirect it was */
    const char        *server_name;     /* as it may be shown; NULL: none */
    uint16_t           client_port;
    uint32_t           next;            /* sequence number of the first answer to the ClientHello */
    int                alert;           /* of the server, -1: none in the clear */
    uint32_t           alert_frame;
    uint32_t           foreign_frame;   /* of an answer that is no TLS; 0: none */
} target_t;

static int hf_acme_tls_server_name = -1;

static expert_field ei_acme_redirect_alert = EI_INIT;

/* target_t by conversation_t; file scope. */
static wmem_map_t *targets;

/* --- First pass --- */

static void
new_target(flow_packet_t *packet, acme_validation_t *sent, const acme_client_hello_t *hello)
{
    conversation_t *conversation = flow_conversation(packet);
    acme_validation_t *validation;
    target_t *target;

    if (!conversation || !acme_take(ACME_QUESTIONS, TARGET_BYTES))
        return;
    validation = (acme_validation_t *)acme_validation_new(sent->challenge, &packet->src, true, sizeof *validation);
    target = (target_t *)acme_room(ACME_QUESTIONS, sizeof *target);
    if (!validation || !target)
        return;
    acme_validation_asked(packet->pinfo, validation);
    validation->went_to = acme_keep(ACME_URLS, wmem_strconcat(packet->pinfo->pool, "https://",
                hello->server_name ? hello->server_name : "", NULL));
    target->validation = validation;
    target->sent = sent;
    target->server_name = acme_keep(ACME_NAMES, hello->server_name);
    target->client_port = packet->srcport;
    target->next = tcp_header_ack(packet->bytes);
    target->alert = -1;
    sent->passed_on = true;
    acme_reply_await_hello(packet, validation);
    wmem_map_insert(targets, conversation, target);
}

static void
look_for_hello(flow_packet_t *packet)
{
    acme_client_hello_t hello = { NULL, false, false };
    acme_validation_t *sent = acme_connect_led(packet);

    if (sent && !sent->arrived && packet->captured >= TCP_HEADER_MIN && acme_tls_find_hello(packet, &hello) && !hello.offers_acme)
        new_target(packet, sent, &hello);
}

/* HTTP at the port of HTTPS, most of the time. Only the first octets tell; others may be from the middle of a record. */
static bool
is_foreign(const flow_packet_t *packet, tvbuff_t *payload, const target_t *target)
{
    return tcp_header_seq(packet->bytes) == target->next && tvb_captured_length(payload) >= TLS_RECORD_HEADER
        && tvb_get_uint8(payload, 1) != TLS_MAJOR_VERSION;
}

static void
note_server(const flow_packet_t *packet, target_t *target)
{
    tvbuff_t *payload = acme_tls_payload(packet);
    bool alert = payload && acme_tls_is_alert(payload);

    if (!payload || (alert && acme_tls_is_warning(payload)))
        return;
    if (alert && !target->validation->response_frame) {
        target->alert = tvb_get_uint8(payload, TLS_RECORD_HEADER + 1);
        target->alert_frame = packet->pinfo->num;
        acme_validation_judge(packet->pinfo, target->validation, ACME_CAUSE_NO_ANSWER);
    } else if (!target->validation->response_frame && is_foreign(packet, payload, target)) {
        target->foreign_frame = packet->pinfo->num;
        acme_validation_judge(packet->pinfo, target->validation, ACME_CAUSE_NO_ANSWER);
    }
    acme_validation_answered(packet->pinfo, target->validation);
}

/* --- Showing it --- */

static void
show_hello(flow_packet_t *packet, proto_tree *tree, proto_item *item, const target_t *target)
{
    packet_info *pinfo = packet->pinfo;
    const char *name = target->server_name ? target->server_name : "no name";

    acme_add_redirect_from(packet->tvb, tree, target->sent->response_frame);
    if (target->server_name)
        show_string(tree, hf_acme_tls_server_name, packet->tvb, name);
    acme_add_request(packet->tvb, pinfo, tree, item, target->validation);
    acme_columns(pinfo, target->validation->challenge,
            wmem_strconcat(pinfo->pool, "redirected to HTTPS, Client Hello for ", name, NULL));
}

/* What the server does in the place of speaking TLS; NULL: it may do so. */
static const char *
refusal_text(const packet_info *pinfo, const target_t *target)
{
    if (target->foreign_frame)
        return "answers, but not in TLS; let it speak HTTPS at this port, or redirect to the port where it does";
    return target->alert == -1 ? NULL : wmem_strconcat(pinfo->pool, "refuses: ", acme_tls_alert_name(pinfo->pool, target->alert),
            "; let it serve this name, or exempt /.well-known/acme-challenge/ from the redirect", NULL);
}

static void
show_answer(flow_packet_t *packet, proto_tree *tree, proto_item *item, const target_t *target)
{
    packet_info *pinfo = packet->pinfo;
    const char *refusal = refusal_text(pinfo, target);
    const char *text = target->foreign_frame ? "no TLS" : !refusal ? "HTTPS that is not decrypted"
        : wmem_strconcat(pinfo->pool, "HTTPS refused, ", acme_tls_alert_name(pinfo->pool, target->alert), NULL);

    acme_columns(pinfo, target->validation->challenge, acme_add_response(packet->tvb, pinfo, tree, item, target->validation, text));
    if (refusal)
        expert_add_info_format(pinfo, item, &ei_acme_redirect_alert, "The server that the redirect leads to %s", refusal);
}

static void
show(flow_packet_t *packet, const target_t *target)
{
    uint32_t frame = packet->pinfo->num;
    bool hello = frame == target->validation->request_frame;
    proto_item *item;
    proto_tree *tree;

    if (target->sent->arrived || (!hello && frame != target->validation->response_frame)
            || (!PINFO_FD_VISITED(packet->pinfo) && frame != target->alert_frame && frame != target->foreign_frame))
        return;
    tree = acme_add_tree(packet->tvb, 0, 0, flow_subtree(packet), target->validation->challenge, &item);
    if (hello)
        show_hello(packet, tree, item, target);
    else
        show_answer(packet, tree, item, target);
}

static target_t *
target_of(flow_packet_t *packet)
{
    conversation_t *conversation = wmem_map_size(targets) ? flow_conversation(packet) : NULL;

    return conversation ? (target_t *)wmem_map_lookup(targets, conversation) : NULL;
}

void
acme_tls_redirect_after(flow_packet_t *packet)
{
    target_t *target;

    if (!acme_connect_has_led() || packet->quoted || !packet->has_ports)
        return;
    target = target_of(packet);
    if (!PINFO_FD_VISITED(packet->pinfo)) {
        if (!target)
            look_for_hello(packet);
        else if (packet->srcport != target->client_port)
            note_server(packet, target);
    }
    if (target)
        show(packet, target);
}

/* --- Registration --- */

static void
acme_tls_redirect_init(void)
{
    targets = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

void
acme_register_tls_redirect(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_tls_server_name,
          { "Server name", "acme.tls.server_name", FT_STRING, BASE_NONE, NULL, 0,
            "Name that a redirected validator asks for in its ClientHello", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_acme_redirect_alert,
          { "acme.redirect_alert", PI_RESPONSE_CODE, PI_WARN, "The server that a redirect leads to refuses in TLS, or speaks none",
              EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_tls_redirect_init);
}
