/* ldp-learn.c
 * Reading what LDP says; see ldp-learn.h
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
#include <epan/afn.h>

#include "ldp-capture.h"
#include "ldp-carrier.h"
#include "ldp-codes.h"
#include "ldp-distribution.h"
#include "ldp-learn.h"
#include "ldp-restart.h"
#include "ldp-status.h"
#include "own-link.h"
#include "compat.h"

#define PDU_HEADER      10
#define MESSAGE_HEADER  8       /* with the message ID, which its length counts */
#define TLV_HEADER      4

/* What one message says, TLV by TLV. */
typedef struct ldp_message {
    tvbuff_t        *tvb;
    packet_info     *pinfo;
    ldp_session_t   *session;       /* NULL: Hello over UDP */
    ldp_side_t      *side;
    ldp_lsr_t       *lsr;
    uint16_t         type;
    int              fec;           /* offset and length of the FEC TLV's value */
    int              fec_length;
    bool             has_label;
    uint32_t         label;
    bool             other_label;   /* ATM or Frame Relay: not for MPLS shims */
    int              parameters;    /* interface parameters of a generalized PWid FEC */
    int              parameters_length;
    bool             has_group;
    uint32_t         group;
    bool             has_status;
    uint32_t         status;
    bool             has_pw_status;
    uint32_t         pw_status;
    bool             targeted;
    address          transport;     /* AT_NONE: not given */
    int              addresses;     /* offset and length of the Address List TLV's value */
    int              addresses_length;
    uint32_t         ident;         /* message ID */
    bool             has_request;
    uint32_t         request;       /* message ID of the request that is answered */
    bool             has_receiver;
    uint32_t         receiver_id;
    uint16_t         receiver_space;
    bool             ft;
    uint32_t         reconnect_ms;
    uint32_t         recovery_ms;
} ldp_message_t;

/* Address and Address Withdraw. */
static void
apply_addresses(const ldp_message_t *message)
{
    int offset = message->addresses, length = message->addresses_length;
    uint16_t family;
    address_type type;
    int size;

    if (length < 2)
        return;
    family = tvb_get_ntohs(message->tvb, offset);
    if (family == AFNUM_INET) {
        type = AT_IPv4;
        size = 4;
    } else if (family == AFNUM_INET6) {
        type = AT_IPv6;
        size = 16;
    } else {
        return;
    }
    if (!message->lsr->addresses_frame[type == AT_IPv6])
        message->lsr->addresses_frame[type == AT_IPv6] = message->pinfo->num;
    for (offset += 2, length -= 2; length >= size; offset += size, length -= size) {
        address addr;

        set_address_tvb(&addr, type, size, message->tvb, offset);
        if (message->type == LDP_ADDRESS)
            ldp_learn_address(&addr, message->lsr, true, message->pinfo->num);
        else
            ldp_forget_address(&addr, message->lsr, message->pinfo->num);
    }
}

static void
read_transport_address(ldp_message_t *message, int offset, int length, address_type type)
{
    if (length == (type == AT_IPv4 ? 4 : 16))
        set_address_tvb(&message->transport, type, length, message->tvb, offset);
}

static void
read_session_parameters(ldp_message_t *message, int offset, int length)
{
    if (length < 14)
        return;
    message->has_receiver = true;
    message->receiver_id = tvb_get_ntohl(message->tvb, offset + 8);
    message->receiver_space = tvb_get_ntohs(message->tvb, offset + 12);
}

static void
read_fault_tolerance(ldp_message_t *message, int offset, int length)
{
    if (length < 12)
        return;
    message->ft = (tvb_get_ntohs(message->tvb, offset) & LDP_FT_LEARN_FROM_NETWORK) != 0;
    message->reconnect_ms = tvb_get_ntohl(message->tvb, offset + 4);
    message->recovery_ms = tvb_get_ntohl(message->tvb, offset + 8);
}

static void
read_tlv(ldp_message_t *message, uint16_t type, int offset, int length)
{
    switch (type) {
    case LDP_TLV_FEC:
        message->fec = offset;
        message->fec_length = length;
        break;
    case LDP_TLV_ADDRESS_LIST:
        message->addresses = offset;
        message->addresses_length = length;
        break;
    case LDP_TLV_GENERIC_LABEL:
        if (length == 4) {
            message->has_label = true;
            message->label = tvb_get_ntohl(message->tvb, offset) & 0xfffff;
        }
        break;
    case LDP_TLV_ATM_LABEL:
    case LDP_TLV_FRAME_RELAY_LABEL:
        message->other_label = true;
        break;
    case LDP_TLV_STATUS:
        if (length >= 4) {
            message->has_status = true;
            message->status = tvb_get_ntohl(message->tvb, offset);
            ldp_status_told(message->status, false, message->pinfo);
        }
        break;
    case LDP_TLV_COMMON_HELLO:
        if (length >= 4)
            message->targeted = (tvb_get_ntohs(message->tvb, offset + 2) & LDP_HELLO_TARGETED) != 0;
        break;
    case LDP_TLV_IPV4_TRANSPORT:
        read_transport_address(message, offset, length, AT_IPv4);
        break;
    case LDP_TLV_IPV6_TRANSPORT:
        read_transport_address(message, offset, length, AT_IPv6);
        break;
    case LDP_TLV_COMMON_SESSION:
        read_session_parameters(message, offset, length);
        break;
    case LDP_TLV_FT_SESSION:
        read_fault_tolerance(message, offset, length);
        break;
    case LDP_TLV_REQUEST_ID:
        if (length == 4) {
            message->has_request = true;
            message->request = tvb_get_ntohl(message->tvb, offset);
        }
        break;
    case LDP_TLV_PW_STATUS:
        if (length == 4) {
            message->has_pw_status = true;
            message->pw_status = tvb_get_ntohl(message->tvb, offset);
            ldp_status_told(message->pw_status, true, message->pinfo);
        }
        break;
    case LDP_TLV_PW_PARAMETERS:
        message->parameters = offset;
        message->parameters_length = length;
        break;
    case LDP_TLV_PW_GROUP:
        if (length == 4) {
            message->has_group = true;
            message->group = tvb_get_ntohl(message->tvb, offset);
        }
        break;
    default:
        break;
    }
}

/* Label Mapping, Request, Withdraw and Release: the same for each element of the FEC TLV. */
static void
apply_element(ldp_message_t *message, ldp_element_t *element)
{
    ldp_side_t *side = message->side;
    ldp_side_t *other = ldp_side_other(side);

    switch (message->type) {
    case LDP_LABEL_MAPPING:
        if (element->key_length == 0 || !message->has_label)
            break;
        if (message->parameters)
            ldp_parse_interface_parameters(message->tvb, message->parameters, message->parameters_length,
                    &element->pw);
        ldp_bind(side, element, message->label, message->has_request ? &message->request : NULL, message->pinfo);
        if (!side->mapped_frame)
            side->mapped_frame = message->pinfo->num;
        break;
    case LDP_LABEL_REQUEST:
        ldp_request(side, element, message->ident, ldp_capture.shown_frame);
        break;
    case LDP_LABEL_WITHDRAW:
        ldp_unbind(side, element, message->has_label, message->label, LDP_WITHDRAWN, message->pinfo);
        break;
    case LDP_LABEL_RELEASE:
        if (other->lsr)
            ldp_unbind(other, element, message->has_label, message->label, LDP_RELEASED, message->pinfo);
        break;
    default:
        break;
    }
    if (message->has_pw_status && (message->type == LDP_LABEL_MAPPING || message->type == LDP_NOTIFICATION))
        ldp_pw_status_changed(side, element, message->pw_status, message->pinfo);
}

static void
apply_elements(ldp_message_t *message)
{
    int offset = message->fec, length = message->fec_length, used;

    if (message->other_label)
        return;
    while (length > 0 && !ldp_capture_is_full(message->pinfo->num)) {
        ldp_element_t element;

        used = ldp_fec_parse(message->tvb, offset, length, message->pinfo->pool, &element);
        if (used == 0)
            break;
        if (message->has_group && element.type == LDP_ELEMENT_PW_GENERALIZED)
            element.pw.group = message->group;
        apply_element(message, &element);
        offset += used;
        length -= used;
    }
}

static bool
survives_restart(uint32_t status)
{
    return status == LDP_STATUS_HOLD_TIMER_EXPIRED || status == LDP_STATUS_KEEPALIVE_EXPIRED
            || status == LDP_STATUS_TEMPORARY_SHUTDOWN;
}

static void
apply_notification(const ldp_message_t *message)
{
    if (message->has_status && (message->status & LDP_STATUS_FATAL))
        ldp_session_close(message->session, message->pinfo, survives_restart(message->status & LDP_STATUS_CODE_MASK),
                LDP_SESSION_CLOSED);
}

static bool
is_multicast(const address *addr)
{
    const uint8_t *bytes = (const uint8_t *)addr->data;

    return (addr->type == AT_IPv4 && (bytes[0] & 0xf0) == 0xe0) || (addr->type == AT_IPv6 && bytes[0] == 0xff);
}

static void
note_hello(ldp_lsr_t *lsr, bool targeted, uint32_t frame)
{
    uint32_t *first = targeted ? &lsr->targeted_frame : &lsr->link_frame;

    if (!*first)
        *first = frame;
}

/* A link Hello comes from the very interface that labelled packets are sent to; not so in a pseudowire of PPP, for one. */
static void
apply_hello(const ldp_message_t *message)
{
    packet_info *pinfo = message->pinfo;

    ldp_learn_address(&pinfo->src, message->lsr, false, pinfo->num);
    if (message->transport.type != AT_NONE)
        ldp_learn_address(&message->transport, message->lsr, false, pinfo->num);
    note_hello(message->lsr, message->targeted, pinfo->num);
    if (!message->targeted && is_multicast(&pinfo->dst) && own_link_is_known(wmem_list_tail(pinfo->layers)))
        ldp_learn_mac(&pinfo->dl_src, message->lsr, true, pinfo->num);
}

static void
apply_initialization(const ldp_message_t *message)
{
    ldp_side_t *side = message->side;
    bool had_peer = ldp_side_peer(side) != NULL;

    if (message->has_receiver)
        side->receiver = ldp_lsr_get(message->lsr->network, message->receiver_id, message->receiver_space, message->pinfo->num);
    side->ft = message->ft;
    side->reconnect_ms = message->reconnect_ms;
    side->recovery_ms = message->recovery_ms;
    ldp_session_initialized(side, message->pinfo);
    if (!had_peer && side->receiver)
        ldp_adverts_have_peer(side, message->pinfo);
}

static void
apply_message(ldp_message_t *message)
{
    if (!message->session) {
        if (message->type == LDP_HELLO)
            apply_hello(message);
        return;
    }
    if (LDP_FOLLOWS_INITIALIZATION(message->type) && !message->session->closed)
        ldp_session_goes_on(message->side, message->pinfo);
    switch (message->type) {
    case LDP_INITIALIZATION:
        apply_initialization(message);
        break;
    case LDP_ADDRESS:
    case LDP_ADDRESS_WITHDRAW:
        if (!message->session->closed)
            apply_addresses(message);
        break;
    case LDP_NOTIFICATION:
        if (message->has_pw_status)
            apply_elements(message);
        apply_notification(message);
        break;
    case LDP_LABEL_MAPPING:
    case LDP_LABEL_REQUEST:
    case LDP_LABEL_WITHDRAW:
    case LDP_LABEL_RELEASE:
        if (!message->session->closed)
            apply_elements(message);
        break;
    default:
        break;
    }
}

/* One message, whose header and length have been checked. */
static void
read_message(ldp_message_t *message, int offset, int end)
{
    message->type = tvb_get_ntohs(message->tvb, offset) & LDP_MESSAGE_TYPE_MASK;
    message->ident = tvb_get_ntohl(message->tvb, offset + 4);
    offset += MESSAGE_HEADER;
    while (end - offset >= TLV_HEADER) {
        uint16_t type = tvb_get_ntohs(message->tvb, offset) & LDP_TLV_TYPE_MASK;
        int length = tvb_get_ntohs(message->tvb, offset + 2);

        offset += TLV_HEADER;
        if (length > end - offset)
            break;
        read_tlv(message, type, offset, length);
        offset += length;
    }
    apply_message(message);
}

static bool
identify_side(ldp_side_t *side, ldp_lsr_t *lsr, packet_info *pinfo)
{
    ldp_side_t *other = ldp_side_other(side);

    if (!side->lsr) {
        side->lsr = lsr;
        lsr->open_sessions += !side->session->closed;
        ldp_learn_address(&side->addr, lsr, false, pinfo->num);
        ldp_session_heard(side, pinfo->num);
        if (!other->receiver)
            ldp_adverts_have_peer(other, pinfo);
    }
    return side->lsr == lsr;
}

static void
note_completeness(const ldp_side_t *side, uint32_t frame)
{
    ldp_lsr_t *lsr = side->lsr;

    if (!side->initialized || side->session->gap) {
        if (!lsr->incomplete_frame)
            lsr->incomplete_frame = frame;
    } else if (side->mapped_frame && !lsr->complete_frame) {
        lsr->complete_frame = frame;
    }
}

static ldp_session_t *
session_of(const ldp_side_t *side)
{
    return side ? side->session : NULL;
}

void
ldp_learn_pdu(tvbuff_t *tvb, int offset, int end, packet_info *pinfo, ldp_network_t network, ldp_side_t *side)
{
    ldp_lsr_t *lsr;

    if (end - offset < PDU_HEADER || ldp_capture_is_full(pinfo->num))
        return;
    lsr = ldp_lsr_get(network, tvb_get_ntohl(tvb, offset + 4), tvb_get_ntohs(tvb, offset + 8), pinfo->num);
    if (!lsr || (side && !identify_side(side, lsr, pinfo)))
        return;
    ldp_carrier_hears(lsr, pinfo);
    offset += PDU_HEADER;
    while (end - offset >= MESSAGE_HEADER) {
        int length = tvb_get_ntohs(tvb, offset + 2) + 4;
        ldp_message_t message = {
            .tvb = tvb, .pinfo = pinfo, .session = session_of(side), .side = side, .lsr = lsr
        };

        if (length < MESSAGE_HEADER || length > end - offset || ldp_capture_is_full(pinfo->num))
            break;
        read_message(&message, offset, offset + length);
        offset += length;
    }
    if (side)
        note_completeness(side, pinfo->num);
}

void
ldp_learn_hello(tvbuff_t *tvb, packet_info *pinfo, ldp_network_t network)
{
    int offset = 0, captured = (int)tvb_captured_length(tvb), reported = (int)tvb_reported_length(tvb);

    ldp_capture.shown_frame = pinfo->num;
    while (captured - offset >= PDU_HEADER && tvb_get_ntohs(tvb, offset) == LDP_VERSION) {
        int length = tvb_get_ntohs(tvb, offset + 2) + 4;

        if (length > reported - offset)
            break;
        ldp_learn_pdu(tvb, offset, MIN(offset + length, captured), pinfo, network, NULL);
        offset += length;
    }
}
