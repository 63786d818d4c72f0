/* acme-chain.c
 * Certificates and requests for them in messages of the API; see acme-chain.h
 *
 * Newer versions of Wireshark read the first certificate of such a body themselves, and only that; then the others are shown here.
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

#include "acme-base64url.h"
#include "acme-chain.h"
#include "acme-challenge.h"
#include "acme-inner.h"
#include "show.h"

#define MAX_SHOWN       16
#define CERTIFICATE_OID "2.5.4.36"      /* id-at-userCertificate, whose value is a certificate */

static int hf_acme_chain_length = -1;

static int ett_acme_certificate = -1;

static dissector_handle_t certificate_handle;
static dissector_handle_t request_handle;
static bool first_is_native;

/* A text's place in a body. */
typedef struct span {
    int start;
    int length;
} span_t;

/* --- Chains --- */

/* The next block of PEM at or behind *offset, which is moved behind it: all of it, and what is between its lines. */
static bool
next_block(tvbuff_t *body, int *offset, span_t *block, span_t *base64)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    static const char end[] = "-----END CERTIFICATE-----";
    const char *text = (const char *)tvb_get_ptr(body, 0, -1);
    int length = (int)tvb_captured_length(body);
    const char *first = g_strstr_len(text + *offset, length - *offset, begin);
    const char *inside = first ? first + sizeof begin - 1 : text;
    const char *last = first ? g_strstr_len(inside, length - (inside - text), end) : NULL;

    if (!last)
        return false;
    block->start = (int)(first - text);
    base64->start = block->start + (int)sizeof begin - 1;
    base64->length = (int)(last - text) - base64->start;
    *offset = (int)(last - text) + (int)sizeof end - 1;
    block->length = *offset - block->start;
    return true;
}

/* What base64 encodes, in the packet's pool. */
static uint8_t *
decode_block(tvbuff_t *body, packet_info *pinfo, span_t base64, gsize *length)
{
    char *text = (char *)tvb_get_string_enc(pinfo->pool, body, base64.start, base64.length, ENC_ASCII);

    *length = 0;
    if (text[0] && text[1])       /* GLib asks for more than one character */
        g_base64_decode_inplace(text, length);
    return (uint8_t *)text;
}

static void
show_certificate(tvbuff_t *body, packet_info *pinfo, proto_tree *tree, unsigned number, span_t block, span_t base64)
{
    proto_tree *subtree = proto_tree_add_subtree_format(tree, body, block.start, block.length, ett_acme_certificate, NULL,
            "Certificate %u of the chain", number);
    gsize length;
    const uint8_t *bytes = decode_block(body, pinfo, base64, &length);
    tvbuff_t *der;

    if (length == 0)
        return;
    der = tvb_new_child_real_data(body, bytes, (unsigned)length, (int)length);
    add_new_data_source(pinfo, der, wmem_strdup_printf(pinfo->pool, "Certificate %u", number));
    acme_inner_call(certificate_handle, der, pinfo, subtree);
}

unsigned
acme_chain_show(tvbuff_t *body, packet_info *pinfo, proto_tree *tree)
{
    unsigned count = 0;
    int offset = 0;
    span_t block, base64;

    if (!body || tvb_captured_length(body) == 0)
        return 0;
    while (next_block(body, &offset, &block, &base64)) {
        count++;
        if (count <= MAX_SHOWN && (count > 1 || !first_is_native))
            show_certificate(body, pinfo, tree, count, block, base64);
    }
    show_uint(tree, hf_acme_chain_length, body, count);
    return count;
}

const uint8_t *
acme_chain_first(tvbuff_t *body, packet_info *pinfo, size_t *length)
{
    const uint8_t *bytes;
    span_t block, base64;
    int offset = 0;
    gsize decoded;

    if (!body || tvb_captured_length(body) == 0 || !next_block(body, &offset, &block, &base64))
        return NULL;
    bytes = decode_block(body, pinfo, base64, &decoded);
    *length = decoded;
    return decoded > 0 ? bytes : NULL;
}

/* --- DER of signed payloads --- */

void
acme_der_show(acme_der_t kind, const char *encoded, tvbuff_t *body, packet_info *pinfo, proto_tree *tree)
{
    const char *name = kind == ACME_DER_REQUEST ? "Certification request" : "Certificate to revoke";
    size_t length = 0;
    const char *bytes = acme_base64url_decode(pinfo->pool, encoded, &length);
    proto_tree *subtree;
    tvbuff_t *der;

    if (!bytes || length == 0)
        return;
    der = tvb_new_child_real_data(body, (const uint8_t *)bytes, (unsigned)length, (int)length);
    add_new_data_source(pinfo, der, name);
    subtree = proto_tree_add_subtree(tree, der, 0, -1, ett_acme_certificate, NULL, name);
    acme_inner_call(kind == ACME_DER_REQUEST ? request_handle : certificate_handle, der, pinfo, subtree);
}

/* --- Registration --- */

void
acme_register_chain(void)
{
    static hf_register_info hf[] = {
        { &hf_acme_chain_length,
          { "Certificates", "acme.chain.length", FT_UINT32, BASE_DEC, NULL, 0,
            "Certificates of the chain that the authority hands out", HFILL } },
    };
    static int *ett[] = { &ett_acme_certificate };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

void
acme_handoff_chain(void)
{
    dissector_table_t types = find_dissector_table("media_type");

    certificate_handle = dissector_get_string_handle(find_dissector_table("ber.oid"), CERTIFICATE_OID);
    request_handle = dissector_get_string_handle(find_dissector_table("ber.syntax"), "CertificationRequest");
    first_is_native = types && dissector_get_string_handle(types, "application/pem-certificate-chain");
}
