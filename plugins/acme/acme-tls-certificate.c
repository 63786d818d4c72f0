/* acme-tls-certificate.c
 * The certificate of a TLS-ALPN-01 challenge; see acme-tls-certificate.h
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
#include <epan/expert.h>
#include <epan/to_str.h>

#include "acme-base64url.h"
#include "acme-expected.h"
#include "acme-tls-certificate.h"
#include "acme-tls-session.h"
#include "show.h"
#include "standin.h"
#include "text.h"

#define ACME_OID            "1.3.6.1.5.5.7.1.31"
#define SUBJECT_ALT_NAME_OID "2.5.29.17"
#define DIGEST_BYTES        32
#define DER_SEQUENCE        0x30
#define DER_TAG             0x1f

static int hf_acme_tls_digest = -1;
static int hf_acme_tls_critical = -1;

static int ett_acme_identifier = -1;

static expert_field ei_acme_identifier_malformed = EI_INIT;

/* The session whose server's frame is dissected now, on the first pass; NULL: none. */
static acme_tls_session_t *
session_of_certificate(packet_info *pinfo)
{
    if (!acme_tls_have_sessions || PINFO_FD_VISITED(pinfo) || pinfo->ptype != PT_TCP || !acme_tls_port_is_marked(pinfo->destport))
        return NULL;
    return acme_tls_session_of(find_conversation_pinfo(pinfo, 0));
}

/* The extension's value is behind its critical flag, which DER writes only if it is true. */
static bool
is_critical(tvbuff_t *tvb)
{
    static const uint8_t critical_true[] = { 0x01, 0x01, 0xff };
    tvbuff_t *source = tvb_get_ds_tvb(tvb);
    int before = (int)tvb_raw_offset(tvb) - 2 - (int)sizeof critical_true;

    return before >= 0 && tvb_memeql(source, before, critical_true, sizeof critical_true) == 0;
}

/* What the first pass has to say of the identifier; good: it is a digest of the right length. */
static void
note_identifier(packet_info *pinfo, tvbuff_t *tvb, bool good, bool critical)
{
    acme_tls_session_t *session = session_of_certificate(pinfo);
    const char *digest;

    if (!session || session->has_identifier)
        return;
    session->certificate_frame = pinfo->num;
    session->has_identifier = true;
    session->identifier_is_good = good && critical;
    if (!good)
        return;
    digest = acme_base64url(pinfo->pool, tvb_get_ptr(tvb, 2, DIGEST_BYTES), DIGEST_BYTES);
    session->validation->check = (uint8_t)acme_check_digest(ACME_TLS_ALPN_01,
            session->validation->challenge->domain, digest);
}

static int
dissect_acme_identifier(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent, void *data _U_)
{
    bool good = tvb_captured_length(tvb) >= 2 + DIGEST_BYTES && tvb_get_ntohs(tvb, 0) == 0x0420;
    bool critical = is_critical(tvb);
    proto_item *item = proto_tree_add_item(parent, proto_acme, tvb, 0, good ? 2 + DIGEST_BYTES : -1, ENC_NA);
    proto_tree *tree = proto_item_add_subtree(item, ett_acme_identifier);
    const char *saved = standin_speak_as(pinfo, "ACME");

    proto_item_append_text(item, ", identifier in a certificate");
    if (good)
        proto_tree_add_item(tree, hf_acme_tls_digest, tvb, 2, DIGEST_BYTES, ENC_NA);
    else
        expert_add_info(pinfo, item, &ei_acme_identifier_malformed);
    pinfo->current_proto = saved;
    show_boolean(tree, hf_acme_tls_critical, tvb, critical);
    note_identifier(pinfo, tvb, good, critical);
    return good ? 2 + DIGEST_BYTES : (int)tvb_captured_length(tvb);
}

/* Whether a GeneralName is the domain. */
static bool
name_is_domain(packet_info *pinfo, tvbuff_t *tvb, int offset, int length, int tag, const char *domain)
{
    ws_in6_addr ipv6;

    if (tag == 2)
        return !g_ascii_strcasecmp(text_shown(pinfo->pool, (const char *)tvb_get_ptr(tvb, offset, length), (size_t)length,
                    TEXT_LINE, NULL), domain);
    if (tag != 7)
        return false;
    if (length == 4)
        return !strcmp(tvb_ip_to_str(pinfo->pool, tvb, offset), domain);
    if (length != 16)
        return false;
    tvb_get_ipv6(tvb, offset, &ipv6);
    return !strcmp(ip6_to_str(pinfo->pool, &ipv6), domain);
}

/* DER (X.690 section 8.1) with a tag of one octet; Wireshark's own functions throw where it is broken. */
typedef struct element {
    uint8_t tag;
    int     offset;     /* of the contents */
    int     end;
} element_t;

static bool
read_length(tvbuff_t *tvb, int *offset, int end, uint32_t *length)
{
    int octets;

    *length = tvb_get_uint8(tvb, (*offset)++);
    if (*length < 0x80)
        return true;
    octets = (int)*length & 0x7f;
    if (octets == 0 || octets > 3 || octets > end - *offset)
        return false;
    for (*length = 0; octets > 0; octets--)
        *length = *length << 8 | tvb_get_uint8(tvb, (*offset)++);
    return true;
}

/* false: there is none, or it is cut off. */
static bool
read_element(tvbuff_t *tvb, int offset, int end, element_t *element)
{
    uint32_t length;

    if (end - offset < 2)
        return false;
    element->tag = tvb_get_uint8(tvb, offset++);
    if (!read_length(tvb, &offset, end, &length) || length > (uint32_t)(end - offset))
        return false;
    element->offset = offset;
    element->end = offset + (int)length;
    return true;
}

/* RFC 8737 section 3: the certificate must have one name, that of the domain; which that is is unknown without a server name. */
static void
compare_names(tvbuff_t *tvb, packet_info *pinfo, acme_tls_session_t *session)
{
    const char *domain = session->validation->challenge->domain;
    element_t all, name;
    unsigned names = 0, fitting = 0;

    session->has_names = true;
    if (!read_element(tvb, 0, (int)tvb_captured_length(tvb), &all) || all.tag != DER_SEQUENCE)
        return;
    for (int offset = all.offset; read_element(tvb, offset, all.end, &name); offset = name.end) {
        names++;
        if (!domain || name_is_domain(pinfo, tvb, name.offset, name.end - name.offset, name.tag & DER_TAG, domain))
            fitting++;
    }
    session->name_fits = names == 1 && fitting == 1;
}

static int dissect_subject_alt_name(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t subject_alt_name_standin = {
    .name = "acme.subjectAltName", .dissect = dissect_subject_alt_name, .proto = &proto_acme
};

static int
dissect_subject_alt_name(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    acme_tls_session_t *session = session_of_certificate(pinfo);
    int length = standin_call(&subject_alt_name_standin, tvb, pinfo, tree, data);

    if (session && !session->has_names) {
        session->certificate_frame = pinfo->num;
        compare_names(tvb, pinfo, session);
    }
    return length;
}

/* --- Registration --- */

void
acme_register_tls_certificate(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_tls_digest,
          { "Digest", "acme.tls.digest", FT_BYTES, BASE_NONE, NULL, 0,
            "SHA-256 of the key authorization, from the certificate", HFILL } },
        { &hf_acme_tls_critical,
          { "Critical", "acme.tls.critical", FT_BOOLEAN, BASE_NONE, NULL, 0,
            "The extension is marked critical, as RFC 8737 demands", HFILL } },
    };
    static int *ett[] = { &ett_acme_identifier };
    static ei_register_info ei[] = {
        { &ei_acme_identifier_malformed,
          { "acme.tls.identifier_malformed", PI_MALFORMED, PI_WARN, "acmeIdentifier is not an OCTET STRING of 32 bytes",
              EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
}

void
acme_handoff_tls_certificate(void)
{
    static standin_place_t identifier = { .table = "ber.oid", .text = ACME_OID, .proto = &proto_acme };

    identifier.handle = standin_handle(dissect_acme_identifier);
    standin_take_place(&identifier);
    standin_add(&subject_alt_name_standin, standin_find("ber.oid", 0, SUBJECT_ALT_NAME_OID));
}
