/* ldp-fec.c
 * FEC elements of LDP, and what they stand for; see ldp-fec.h
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
#include <epan/addr_resolv.h>
#include <epan/afn.h>
#include <epan/to_str.h>

#include "ldp-capture.h"
#include "ldp-codes.h"
#include "ldp-fec.h"
#include "ldp-map.h"
#include "compat.h"

static wmem_map_t *fecs;
static uint32_t fec_count;

const value_string ldp_pw_type_short_vals[] = {
    { PW_FR_DLCI_MARTINI,   "Frame Relay DLCI (Martini)" },
    { PW_ATM_AAL5_SDU,      "ATM AAL5 SDU" },
    { PW_ATM_TRANSPARENT,   "ATM transparent cell" },
    { PW_ETHERNET_TAGGED,   "Ethernet tagged" },
    { PW_ETHERNET,          "Ethernet" },
    { PW_HDLC,              "HDLC" },
    { PW_PPP,               "PPP" },
    { PW_SONET_MPLS,        "SONET/SDH" },
    { PW_ATM_N1_VCC,        "ATM n-to-one VCC cell" },
    { PW_ATM_N1_VPC,        "ATM n-to-one VPC cell" },
    { PW_IP,                "IP" },
    { PW_ATM_11_VCC,        "ATM one-to-one VCC cell" },
    { PW_ATM_11_VPC,        "ATM one-to-one VPC cell" },
    { PW_ATM_AAL5_PDU,      "ATM AAL5 PDU" },
    { PW_FR_PORT,           "Frame Relay port" },
    { PW_SONET_PACKET,      "SONET/SDH over packet" },
    { PW_SATOP_E1,          "SAToP E1" },
    { PW_SATOP_T1,          "SAToP T1" },
    { PW_SATOP_E3,          "SAToP E3" },
    { PW_SATOP_T3,          "SAToP T3" },
    { PW_CESOPSN,           "CESoPSN" },
    { PW_TDMOIP_AAL1,       "TDMoIP AAL1" },
    { PW_CESOPSN_CAS,       "CESoPSN with CAS" },
    { PW_TDMOIP_AAL2,       "TDMoIP AAL2" },
    { PW_FR_DLCI,           "Frame Relay DLCI" },
    { 0, NULL }
};

const value_string ldp_special_label_vals[] = {
    LDP_SPECIAL_LABELS,
    { 0, NULL }
};

char *
ldp_label_text(uint32_t label, wmem_allocator_t *pool)
{
    const char *name = try_val_to_str(label, ldp_special_label_vals);

    return name ? wmem_strdup_printf(pool, "%u (%s)", label, name) : wmem_strdup_printf(pool, "%u", label);
}

/* The bytes that make two elements the same one. */
static bool
set_key(ldp_element_t *element, uint8_t type, tvbuff_t *tvb, int offset, unsigned length)
{
    if (length + 3 > LDP_FEC_KEY_MAX)   /* with a PW type behind */
        return false;
    element->key[0] = type;
    tvb_memcpy(tvb, element->key + 1, offset, length);
    element->key_length = 1 + length;
    return true;
}

static void
set_key_pw_type(ldp_element_t *element, unsigned at)
{
    element->key[at] = (uint8_t)(element->pw.type >> 8);
    element->key[at + 1] = (uint8_t)element->pw.type;
}

static bool
address_family(uint16_t af, address_type *type, unsigned *length)
{
    if (af == AFNUM_INET) {
        *type = AT_IPv4;
        *length = 4;
        return true;
    }
    if (af == AFNUM_INET6) {
        *type = AT_IPv6;
        *length = 16;
        return true;
    }
    return false;
}

/* Key of a prefix: type, family, length in bits, address with all bits after the prefix cleared. */
static bool
set_prefix(tvbuff_t *tvb, int offset, uint16_t af, unsigned bits, wmem_allocator_t *pool, ldp_element_t *element)
{
    address_type type;
    unsigned length;
    uint8_t *bytes = element->key + 3;

    if (!address_family(af, &type, &length) || bits > length * 8)
        return false;
    memset(bytes, 0, length);
    tvb_memcpy(tvb, bytes, offset, (bits + 7) / 8);
    if (bits % 8)
        bytes[bits / 8] &= (uint8_t)(0xff << (8 - bits % 8));
    element->key[0] = LDP_ELEMENT_PREFIX;
    element->key[1] = (uint8_t)af;
    element->key[2] = (uint8_t)bits;
    element->key_length = 3 + length;
    element->kind = (af == AFNUM_INET) ? LDP_FEC_IPV4 : LDP_FEC_IPV6;
    element->host = bits == length * 8;
    set_address(&element->host_address, type, (int)length, bytes);
    element->text = wmem_strdup_printf(pool, "%s/%u", address_to_str(pool, &element->host_address), bits);
    return true;
}

static int
parse_prefix(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element)
{
    unsigned bits;
    int bytes;

    if (length < 4)
        return 0;
    bits = tvb_get_uint8(tvb, offset + 3);
    bytes = (int)(bits + 7) / 8;
    if (length < 4 + bytes || !set_prefix(tvb, offset + 4, tvb_get_ntohs(tvb, offset + 1), bits, pool, element))
        return 0;
    return 4 + bytes;
}

static int
parse_host(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element)
{
    int bytes;

    if (length < 4)
        return 0;
    bytes = tvb_get_uint8(tvb, offset + 3);
    if (length < 4 + bytes
            || !set_prefix(tvb, offset + 4, tvb_get_ntohs(tvb, offset + 1), (unsigned)bytes * 8, pool, element)
            || !element->host)
        return 0;
    return 4 + bytes;
}

static ldp_fec_kind_t
prefix_kind(uint16_t af)
{
    return af == AFNUM_INET ? LDP_FEC_IPV4 : af == AFNUM_INET6 ? LDP_FEC_IPV6 : LDP_FEC_OTHER;
}

static int
parse_typed_wildcard(tvbuff_t *tvb, int offset, int length, ldp_element_t *element)
{
    int bytes;

    if (length < 3)
        return 0;
    bytes = tvb_get_uint8(tvb, offset + 2);
    if (length < 3 + bytes)
        return 0;
    element->wildcard_type = tvb_get_uint8(tvb, offset + 1);
    element->kind = LDP_FEC_OTHER;
    if (element->wildcard_type == LDP_ELEMENT_PREFIX && bytes >= 2)
        element->kind = prefix_kind(tvb_get_ntohs(tvb, offset + 3));
    else if (element->wildcard_type == LDP_ELEMENT_PW_ID)
        element->kind = LDP_FEC_PW_ID;
    else if (element->wildcard_type == LDP_ELEMENT_PW_GENERALIZED)
        element->kind = LDP_FEC_PW_GENERALIZED;
    else if (element->wildcard_type >= LDP_ELEMENT_P2MP && element->wildcard_type <= LDP_ELEMENT_MP2MP_DOWN)
        element->kind = LDP_FEC_MULTIPOINT;
    /* RFC 6667: of pseudowires, those of one type, or of all where it is 0x7fff. */
    if ((element->kind == LDP_FEC_PW_ID || element->kind == LDP_FEC_PW_GENERALIZED) && bytes >= 2)
        element->pw.type = tvb_get_ntohs(tvb, offset + 3) & PW_TYPE_MASK;
    else
        element->pw.type = PW_TYPE_MASK;
    return 3 + bytes;
}

/* RFC 4364 section 4.2 */
static char *
distinguisher_text(tvbuff_t *tvb, int offset, wmem_allocator_t *pool)
{
    switch (tvb_get_ntohs(tvb, offset)) {
    case 0:
        return wmem_strdup_printf(pool, "%u:%u", tvb_get_ntohs(tvb, offset + 2), tvb_get_ntohl(tvb, offset + 4));
    case 1:
        return wmem_strdup_printf(pool, "%s:%u", tvb_ip_to_str(pool, tvb, offset + 2), tvb_get_ntohs(tvb, offset + 6));
    case 2:
        return wmem_strdup_printf(pool, "%u:%u", tvb_get_ntohl(tvb, offset + 2), tvb_get_ntohs(tvb, offset + 6));
    default:
        return tvb_bytes_to_str(pool, tvb, offset, 8);
    }
}

/* AGI, SAII or TAII; RFC 8077 section 6.1. The forms that RFC 4446 and 5003 define in their own notation. */
static char *
attachment_text(tvbuff_t *tvb, int offset, wmem_allocator_t *pool)
{
    unsigned type = tvb_get_uint8(tvb, offset);
    int length = tvb_get_uint8(tvb, offset + 1);

    offset += 2;
    if (length == 4)
        return tvb_ip_to_str(pool, tvb, offset);
    if (length == 8 && type == 1)   /* as a route distinguisher */
        return distinguisher_text(tvb, offset, pool);
    if (length == 12 && type == 2)
        return wmem_strdup_printf(pool, "%u:%s:%u", tvb_get_ntohl(tvb, offset), tvb_ip_to_str(pool, tvb, offset + 4),
                tvb_get_ntohl(tvb, offset + 8));
    return length ? tvb_bytes_to_str(pool, tvb, offset, length) : wmem_strdup(pool, "-");
}

void
ldp_parse_interface_parameters(tvbuff_t *tvb, int offset, int length, ldp_pw_t *pw)
{
    while (length >= 2) {
        int sub_length = tvb_get_uint8(tvb, offset + 1);

        if (sub_length < 2 || sub_length > length)
            return;
        if (sub_length == 4) {
            switch (tvb_get_uint8(tvb, offset)) {
            case PW_PARAMETER_MTU:
                pw->mtu = tvb_get_ntohs(tvb, offset + 2);
                break;
            case PW_PARAMETER_VCCV:
                pw->has_vccv = true;
                pw->vccv_cc = tvb_get_uint8(tvb, offset + 2);
                pw->vccv_cv = tvb_get_uint8(tvb, offset + 3);
                break;
            case PW_PARAMETER_FLOW_LABEL:
                pw->has_flow_label = true;
                pw->flow_label = (tvb_get_uint8(tvb, offset + 2) & PW_FLOW_LABEL_RECEIVE) != 0;
                break;
            default:
                break;
            }
        }
        offset += sub_length;
        length -= sub_length;
    }
}

static int
parse_pw_id(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element)
{
    uint16_t type_field;
    int bytes;

    if (length < 8)
        return 0;
    type_field = tvb_get_ntohs(tvb, offset + 1);
    bytes = tvb_get_uint8(tvb, offset + 3);
    if (length < 8 + bytes || (bytes > 0 && bytes < 4))
        return 0;
    element->kind = LDP_FEC_PW_ID;
    element->pw.type = type_field & PW_TYPE_MASK;
    element->pw.control_word = (type_field & PW_CONTROL_WORD) != 0;
    element->pw.group = tvb_get_ntohl(tvb, offset + 4);
    if (bytes == 0) {
        element->group_only = true;
        return 8;
    }
    element->pw.has_id = true;
    element->pw.id = tvb_get_ntohl(tvb, offset + 8);
    ldp_parse_interface_parameters(tvb, offset + 12, bytes - 4, &element->pw);
    element->key[0] = LDP_ELEMENT_PW_ID;
    set_key_pw_type(element, 1);
    tvb_memcpy(tvb, element->key + 3, offset + 8, 4);
    element->key_length = 7;
    element->text = wmem_strdup_printf(pool, "PW %u %s", element->pw.id,
            val_to_str(pool, element->pw.type, ldp_pw_type_short_vals, "type %u"));
    return 8 + bytes;
}

/* Offset of the next of AGI, SAII and TAII, or 0 if this one does not fit. */
static int
next_attachment(tvbuff_t *tvb, int offset, int end)
{
    if (end - offset < 2 || end - offset < 2 + tvb_get_uint8(tvb, offset + 1))
        return 0;
    return offset + 2 + tvb_get_uint8(tvb, offset + 1);
}

static int
parse_pw_generalized(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element)
{
    uint16_t type_field;
    int bytes, saii, taii, end;

    if (length < 4)
        return 0;
    type_field = tvb_get_ntohs(tvb, offset + 1);
    bytes = tvb_get_uint8(tvb, offset + 3);
    if (length < 4 + bytes)
        return 0;
    element->kind = LDP_FEC_PW_GENERALIZED;
    element->pw.type = type_field & PW_TYPE_MASK;
    element->pw.control_word = (type_field & PW_CONTROL_WORD) != 0;
    if (bytes == 0) {
        element->group_only = true;
        return 4;
    }
    end = offset + 4 + bytes;
    saii = next_attachment(tvb, offset + 4, end);
    taii = saii ? next_attachment(tvb, saii, end) : 0;
    if (!taii || !next_attachment(tvb, taii, end))
        return 0;
    if (!set_key(element, LDP_ELEMENT_PW_GENERALIZED, tvb, offset + 3, 1 + (unsigned)bytes))
        return 0;
    /* The type is of the identity, the C bit is not. */
    set_key_pw_type(element, element->key_length);
    element->key_length += 2;
    element->text = wmem_strdup_printf(pool, "PW AGI %s SAII %s TAII %s %s",
            attachment_text(tvb, offset + 4, pool), attachment_text(tvb, saii, pool), attachment_text(tvb, taii, pool),
            val_to_str(pool, element->pw.type, ldp_pw_type_short_vals, "type %u"));
    return 4 + bytes;
}

static const char *
multipoint_name(uint8_t type)
{
    switch (type) {
    case LDP_ELEMENT_P2MP:
        return "P2MP";
    case LDP_ELEMENT_MP2MP_UP:
        return "MP2MP up";
    default:
        return "MP2MP down";
    }
}

static int
parse_multipoint(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element)
{
    address_type type;
    address root;
    unsigned address_length;
    int opaque, opaque_length, total;
    const char *opaque_text;

    if (length < 4 || !address_family(tvb_get_ntohs(tvb, offset + 1), &type, &address_length)
            || tvb_get_uint8(tvb, offset + 3) != address_length || length < 6 + (int)address_length)
        return 0;
    opaque = offset + 4 + (int)address_length;
    opaque_length = tvb_get_ntohs(tvb, opaque);
    total = 6 + (int)address_length + opaque_length;
    if (length < total || !set_key(element, element->type, tvb, offset + 1, (unsigned)total - 1))
        return 0;
    set_address_tvb(&root, type, (int)address_length, tvb, offset + 4);
    /* RFC 6388 section 2.3.1: generic LSP identifier */
    if (opaque_length == 7 && tvb_get_uint8(tvb, opaque + 2) == 1)
        opaque_text = wmem_strdup_printf(pool, "%u", tvb_get_ntohl(tvb, opaque + 5));
    else
        opaque_text = opaque_length ? tvb_bytes_to_str(pool, tvb, opaque + 2, opaque_length) : "-";
    element->kind = LDP_FEC_MULTIPOINT;
    element->text = wmem_strdup_printf(pool, "%s root %s LSP %s", multipoint_name(element->type),
            address_to_str(pool, &root), opaque_text);
    return total;
}

int
ldp_fec_parse(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element)
{
    memset(element, 0, sizeof *element);
    if (length < 1)
        return 0;
    element->type = tvb_get_uint8(tvb, offset);
    switch (element->type) {
    case LDP_ELEMENT_WILDCARD:
        return 1;
    case LDP_ELEMENT_PREFIX:
        return parse_prefix(tvb, offset, length, pool, element);
    case LDP_ELEMENT_HOST:
        return parse_host(tvb, offset, length, pool, element);
    case LDP_ELEMENT_TYPED_WILDCARD:
        return parse_typed_wildcard(tvb, offset, length, element);
    case LDP_ELEMENT_P2MP:
    case LDP_ELEMENT_MP2MP_UP:
    case LDP_ELEMENT_MP2MP_DOWN:
        return parse_multipoint(tvb, offset, length, pool, element);
    case LDP_ELEMENT_PW_ID:
        return parse_pw_id(tvb, offset, length, pool, element);
    case LDP_ELEMENT_PW_GENERALIZED:
        return parse_pw_generalized(tvb, offset, length, pool, element);
    default:
        return 0;
    }
}

bool
ldp_element_is_pw(const ldp_element_t *element)
{
    return element->kind == LDP_FEC_PW_ID || element->kind == LDP_FEC_PW_GENERALIZED;
}

/* FECs */

bool
ldp_fec_is_prefix(const ldp_fec_t *fec)
{
    return fec->kind == LDP_FEC_IPV4 || fec->kind == LDP_FEC_IPV6;
}

bool
ldp_fec_covers(const ldp_fec_t *fec, const address *addr)
{
    const uint8_t *bytes = (const uint8_t *)addr->data;
    unsigned whole = fec->prefix_bits / 8u, rest = fec->prefix_bits % 8u;

    if (addr->type != (fec->kind == LDP_FEC_IPV4 ? AT_IPv4 : AT_IPv6) || memcmp(bytes, fec->prefix, whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] >> (8 - rest)) == (fec->prefix[whole] >> (8 - rest));
}

void
ldp_fec_reset(void)
{
    fecs = ldp_map_by_bytes();
    fec_count = 0;
}

ldp_fec_t *
ldp_fec_find(const ldp_element_t *element)
{
    ldp_bytes_t key = { element->key, element->key_length };

    return (ldp_fec_t *)wmem_map_lookup(fecs, &key);
}

static ldp_fec_t *
fec_new(const ldp_element_t *element)
{
    ldp_fec_t *fec = (ldp_fec_t *)ldp_keep(sizeof *fec);

    fec->number = ++fec_count;
    fec->kind = element->kind;
    fec->type = element->key[0];
    fec->text = (const char *)ldp_keep_copy(element->text, strlen(element->text) + 1);
    fec->host = element->host;
    if (ldp_fec_is_prefix(fec)) {
        fec->prefix_bits = element->key[2];
        memcpy(fec->prefix, element->key + 3, element->key_length - 3);
    }
    if (!element->host)
        return fec;
    ldp_keep_count(2 * (size_t)element->host_address.len);
    copy_address_wmem(wmem_file_scope(), &fec->host_address, &element->host_address);
    return fec;
}

ldp_fec_t *
ldp_fec_get(const ldp_element_t *element)
{
    ldp_fec_t *fec = ldp_fec_find(element);
    ldp_bytes_t *key;

    if (fec)
        return fec;
    fec = fec_new(element);
    key = (ldp_bytes_t *)ldp_keep(sizeof *key);
    key->data = (const uint8_t *)ldp_keep_copy(element->key, element->key_length);
    key->length = element->key_length;
    fec->key = key->data;
    ldp_map_insert(fecs, key, fec);
    return fec;
}
