/* ldp-pw.c
 * Dissecting what a pseudowire carries by what was signalled for it
 *
 * RFC 4385 (control word), RFC 4448 (Ethernet), RFC 4618 (PPP and HDLC), RFC 4619 (Frame Relay), RFC 4717
 * (ATM), RFC 4553 (SAToP), RFC 5086 (CESoPSN), RFC 5085 (VCCV).
 *
 * MPLS looks up the innermost label in the "mpls.label" table. A label belongs to one router and to a time,
 * so nothing is left in the table: the key is lent for one packet, where the user has said nothing, and taken back
 * when that packet has been dissected. Owner is whoever calls ldp_pw_begin(); nothing outlives the
 * packet. (Inside Wireshark, packet-mpls.c would ask before it looks into the table.)
 * Errors: what does not look like the type that was signalled is left to Wireshark's own guess.
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

#include "ldp-codes.h"
#include "ldp-pw.h"
#include "ldp-reading.h"
#include "standin.h"
#include "compat.h"

#define LABEL_TABLE         "mpls.label"
#define NIBBLE_TABLE        "mpls.pfn"      /* not in 4.0 */

#define CONTROL_WORD        4
#define CW_NIBBLE_DATA      0
#define CW_FRAGMENT_BITS    0xc0
#define CW_FRAGMENT_LATER   0x80
#define RELAY_UI            0x03
#define ETHERTYPE_BYTES     2

typedef enum {
    PW_HAS_OWN_CW,          /* the native dissector reads the control word */
    PW_GENERIC_CW           /* that of RFC 4385, read here */
} pw_control_word_t;

typedef struct pw_kind {
    uint16_t            type;
    const char         *with_control_word;
    const char         *without;            /* NULL: the control word is mandatory */
    pw_control_word_t   control_word;
    dissector_handle_t  with_handle;
    dissector_handle_t  without_handle;
} pw_kind_t;

/* Where the names are NULL, the payload tells: see payload_handle(). */
static pw_kind_t pw_kinds[] = {
    { PW_ETHERNET,        "pw_eth_cw",                "pw_eth_nocw",         PW_HAS_OWN_CW, NULL, NULL },
    { PW_ETHERNET_TAGGED, "pw_eth_cw",                "pw_eth_nocw",         PW_HAS_OWN_CW, NULL, NULL },
    { PW_FR_DLCI,         "pw_fr",                    NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_FR_DLCI_MARTINI, "pw_fr",                    NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_FR_PORT,         "pw_hdlc_nocw_fr",          "pw_hdlc_nocw_fr",     PW_GENERIC_CW, NULL, NULL },
    { PW_ATM_AAL5_SDU,    "mpls_pw_atm_aal5_sdu",     NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_ATM_AAL5_PDU,    "mpls_pw_atm_11_or_aal5_pdu", NULL,                PW_HAS_OWN_CW, NULL, NULL },
    { PW_ATM_11_VCC,      "mpls_pw_atm_11_or_aal5_pdu", NULL,                PW_HAS_OWN_CW, NULL, NULL },
    { PW_ATM_11_VPC,      "mpls_pw_atm_11_or_aal5_pdu", NULL,                PW_HAS_OWN_CW, NULL, NULL },
    { PW_ATM_TRANSPARENT, "mpls_pw_atm_n1_cw",        "mpls_pw_atm_n1_nocw", PW_HAS_OWN_CW, NULL, NULL },
    { PW_ATM_N1_VCC,      "mpls_pw_atm_n1_cw",        "mpls_pw_atm_n1_nocw", PW_HAS_OWN_CW, NULL, NULL },
    { PW_ATM_N1_VPC,      "mpls_pw_atm_n1_cw",        "mpls_pw_atm_n1_nocw", PW_HAS_OWN_CW, NULL, NULL },
    { PW_SATOP_E1,        "pw_satop_mpls",            NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_SATOP_T1,        "pw_satop_mpls",            NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_SATOP_E3,        "pw_satop_mpls",            NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_SATOP_T3,        "pw_satop_mpls",            NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_CESOPSN,         "pw_cesopsn_mpls",          NULL,                  PW_HAS_OWN_CW, NULL, NULL },
    { PW_CESOPSN_CAS,     "pw_cesopsn_mpls",          NULL,                  PW_HAS_OWN_CW, NULL, NULL },
};

static const pw_kind_t other_kind = { 0, NULL, NULL, PW_GENERIC_CW, NULL, NULL };

static ldp_pw_dispatch_t *current;

static dissector_table_t label_table, nibble_table;
static dissector_handle_t payload_of_pw;
static dissector_handle_t chdlc_handle, ppp_handle, hdlc_ppp_handle, ip_handle, ipv6_handle, padding_handle;
static int proto_control_word = -1;
static int hf_cw_flags = -1;
static int hf_cw_length = -1;
static int hf_cw_sequence = -1;
static int ett_control_word = -1;

static dissector_table_t cisco_table;
static dissector_handle_t relay_handle;
static int proto_relay = -1;
static int proto_relay_word = -1;
static int hf_relay_type = -1;

static struct relay_field {
    const char *name;
    int         offset;
    int         length;
    int         hf;
} relay_fields[] = {
    { "pwfr.fecn",   0, 1, -1 },
    { "pwfr.becn",   0, 1, -1 },
    { "pwfr.de",     0, 1, -1 },
    { "pwfr.cr",     0, 1, -1 },
    { "pwfr.frag",   1, 1, -1 },
    { "pwfr.length", 1, 1, -1 },
    { "pwfr.seqno",  2, 2, -1 },
};

static const pw_kind_t *
find_kind(uint16_t type)
{
    for (unsigned i = 0; i < array_length(pw_kinds); i++) {
        if (pw_kinds[i].type == type)
            return &pw_kinds[i];
    }
    return &other_kind;
}

/* HDLC pseudowires are transparent, and PPP over them has or lacks the address and control fields. */
static dissector_handle_t
payload_handle(uint16_t type, tvbuff_t *tvb)
{
    uint16_t start = tvb_captured_length(tvb) >= 2 ? tvb_get_ntohs(tvb, 0) : 0;
    unsigned version = tvb_captured_length(tvb) ? tvb_get_uint8(tvb, 0) >> 4 : 0;

    switch (type) {
    case PW_HDLC:
        if (start == 0x0f00 || start == 0x8f00)
            return chdlc_handle;
        return start == 0xff03 ? hdlc_ppp_handle : NULL;
    case PW_PPP:
        return start == 0xff03 ? hdlc_ppp_handle : ppp_handle;
    case PW_IP:
        return version == 4 ? ip_handle : version == 6 ? ipv6_handle : NULL;
    default:
        return NULL;
    }
}

/* Where the payload of a packet with the control word of RFC 4385 ends: what short packets have behind is padding. */
static int
payload_end(tvbuff_t *tvb)
{
    int length = tvb_get_uint8(tvb, 1) & 0x3f;
    int reported = (int)tvb_reported_length(tvb);

    return length >= CONTROL_WORD && length < reported ? length : reported;
}

/* The control word of RFC 4385, with the native fields. */
static void
show_control_word(tvbuff_t *tvb, proto_tree *tree)
{
    proto_item *item = proto_tree_add_protocol_format(tree, proto_control_word, tvb, 0, CONTROL_WORD, "%s",
            proto_get_protocol_name(proto_control_word));
    proto_tree *subtree = proto_item_add_subtree(item, ett_control_word);

    proto_tree_add_item(subtree, hf_cw_flags, tvb, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(subtree, hf_cw_length, tvb, 1, 1, ENC_NA);
    proto_tree_add_item(subtree, hf_cw_sequence, tvb, 2, 2, ENC_BIG_ENDIAN);
}

static void
dissect_payload(const pw_kind_t *kind, uint16_t type, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    dissector_handle_t handle = kind->without_handle ? kind->without_handle : payload_handle(type, tvb);

    if (!handle || call_dissector_only(handle, tvb, pinfo, tree, data) == 0)
        call_data_dissector(tvb, pinfo, tree);
}

static int
dissect_generic(const pw_kind_t *kind, const ldp_pw_t *pw, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
        void *data)
{
    int end = (int)tvb_reported_length(tvb);

    if (!pw->control_word) {
        dissect_payload(kind, pw->type, tvb, pinfo, tree, data);
        return end;
    }
    show_control_word(tvb, tree);
    if (tvb_get_uint8(tvb, 1) & CW_FRAGMENT_BITS) {
        call_data_dissector(tvb_new_subset_remaining(tvb, CONTROL_WORD), pinfo, tree);
        return end;
    }
    end = payload_end(tvb);
    dissect_payload(kind, pw->type, tvb_new_subset_length(tvb, CONTROL_WORD, end - CONTROL_WORD), pinfo, tree, data);
    if (padding_handle && end < (int)tvb_reported_length(tvb))
        call_dissector(padding_handle, tvb_new_subset_remaining(tvb, end), pinfo, tree);
    return (int)tvb_reported_length(tvb);
}

/* Frame Relay */

static bool
is_relay(uint16_t type)
{
    return type == PW_FR_DLCI || type == PW_FR_DLCI_MARTINI;
}

/* Cisco's encapsulation has an Ethernet type in front. Wireshark knows it where there is a DLCI, which these frames do not have. */
static bool
is_cisco_relay(tvbuff_t *tvb)
{
    return tvb_captured_length(tvb) > CONTROL_WORD + ETHERTYPE_BYTES && tvb_get_uint8(tvb, CONTROL_WORD) != RELAY_UI
            && dissector_get_uint_handle(cisco_table, tvb_get_ntohs(tvb, CONTROL_WORD));
}

/*
 * RFC 4619 section 7.3 has two readings of the length: that of the frame, which Wireshark demands, or with the control word, as in
 * RFC 4385 and as routers send it; then it is 0 from 64 bytes on.
 */
static bool
counts_control_word(tvbuff_t *tvb)
{
    unsigned length = tvb_get_uint8(tvb, 1) & 0x3f, reported = tvb_reported_length(tvb);

    return length == reported || (length == 0 && reported >= 64 && reported < 64 + CONTROL_WORD);
}

/* Where the frame ends; 0: it is not what the control word says. */
static int
relay_end(tvbuff_t *tvb)
{
    int length = tvb_get_uint8(tvb, 1) & 0x3f, reported = (int)tvb_reported_length(tvb);

    if (length == 0 || length == reported)
        return reported;
    return length + CONTROL_WORD <= reported ? length + CONTROL_WORD : 0;
}

static void
show_relay_word(tvbuff_t *tvb, proto_tree *tree)
{
    proto_item *item = proto_tree_add_protocol_format(tree, proto_relay_word, tvb, 0, CONTROL_WORD, "%s: 0x%08x",
            proto_get_protocol_name(proto_relay_word), tvb_get_ntohl(tvb, 0));
    proto_tree *subtree = proto_item_add_subtree(item, ett_control_word);

    for (unsigned i = 0; i < array_length(relay_fields); i++)
        proto_tree_add_item(subtree, relay_fields[i].hf, tvb, relay_fields[i].offset, relay_fields[i].length, ENC_BIG_ENDIAN);
}

static void
dissect_cisco_relay(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    unsigned type = tvb_get_ntohs(tvb, 0);
    proto_item *item = proto_tree_add_protocol_format(tree, proto_relay, tvb, 0, ETHERTYPE_BYTES, "%s",
            proto_get_protocol_name(proto_relay));

    proto_tree_add_uint(proto_item_add_subtree(item, ett_control_word), hf_relay_type, tvb, 0, ETHERTYPE_BYTES, type);
    call_dissector(dissector_get_uint_handle(cisco_table, type), tvb_new_subset_remaining(tvb, ETHERTYPE_BYTES), pinfo, tree);
}

/* Returns 0 for what the native dissector reads as well as this one. */
static int
dissect_relay(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bool cisco = is_cisco_relay(tvb);
    int end = relay_end(tvb);
    tvbuff_t *frame;

    if (!end || (tvb_get_uint8(tvb, 1) & CW_FRAGMENT_BITS) || !(cisco || counts_control_word(tvb)))
        return 0;
    show_relay_word(tvb, tree);
    frame = tvb_new_subset_length(tvb, CONTROL_WORD, end - CONTROL_WORD);
    if (cisco)
        dissect_cisco_relay(frame, pinfo, tree);
    else
        call_dissector(relay_handle, frame, pinfo, tree);
    if (padding_handle && end < (int)tvb_reported_length(tvb))
        call_dissector(padding_handle, tvb_new_subset_remaining(tvb, end), pinfo, tree);
    return (int)tvb_reported_length(tvb);
}

static bool
is_ethernet(uint16_t type)
{
    return type == PW_ETHERNET || type == PW_ETHERNET_TAGGED;
}

/* RFC 4623 section 3: what is not the first fragment begins with no header. */
static bool
is_later_fragment(tvbuff_t *tvb)
{
    return (tvb_get_uint8(tvb, 1) & CW_FRAGMENT_LATER) != 0;
}

static int
dissect_pw(const ldp_pw_t *pw, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const pw_kind_t *kind = find_kind(pw->type);
    bool control_word = pw->control_word || (kind->with_control_word && !kind->without);
    dissector_handle_t handle;

    if (tvb_captured_length(tvb) < CONTROL_WORD)
        return 0;
    if (control_word && tvb_get_uint8(tvb, 0) >> 4 != CW_NIBBLE_DATA)
        return 0;       /* the associated channel, or not what was signalled */
    if (kind->control_word == PW_GENERIC_CW || (is_ethernet(pw->type) && pw->control_word && is_later_fragment(tvb)))
        return dissect_generic(kind, pw, tvb, pinfo, tree, data);
    if (is_relay(pw->type) && dissect_relay(tvb, pinfo, tree))
        return (int)tvb_reported_length(tvb);
    handle = control_word ? kind->with_handle : kind->without_handle;
    return handle ? call_dissector_only(handle, tvb, pinfo, tree, data) : 0;
}

static int
dissect_pw_payload(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const ldp_stack_t *stack = current ? current->stack : NULL;

    if (!stack)
        return 0;
    current->stack = NULL;      /* not for a stack further in that ends in the same label */
    return dissect_pw(&stack->reading.pw, tvb, pinfo, tree, data);
}

/*
 * A ping of the pseudowire itself is IP; so is a packet with a label that is the pseudowire's by chance, where its router is not
 * known, or that was.
 */
static bool
may_be_ip(const ldp_stack_t *stack)
{
    return stack->pw_alert || stack->pw->stale || stack->pw->doubtful;
}

static bool
is_wanted(const ldp_stack_t *stack)
{
    if (stack->reading.as == LDP_READ_NATIVE)
        return false;
    return !(stack->reading.as == LDP_READ_SIGNALLED && !stack->reading.pw.control_word && may_be_ip(stack)
            && ldp_reading_is_ip(&stack->carried));
}

/* Has the user said how to decode it? */
static bool
user_decides(const ldp_stack_t *stack, tvbuff_t *payload)
{
    dissector_handle_t chosen = dissector_get_uint_handle(label_table, stack->innermost);
    unsigned nibble;

    if (chosen && chosen != payload_of_pw)  /* that of a stack further out */
        return true;
    if (!nibble_table || tvb_captured_length(payload) == 0)
        return false;
    nibble = tvb_get_uint8(payload, 0) >> 4;
    return dissector_get_uint_handle(nibble_table, nibble) != dissector_get_default_uint_handle(NIBBLE_TABLE, nibble);
}

void
ldp_pw_begin(ldp_pw_dispatch_t *dispatch, const ldp_stack_t *stack, tvbuff_t *payload)
{
    dispatch->outer = current;
    dispatch->stack = NULL;
    dispatch->registered = false;
    if (payload && is_wanted(stack) && !user_decides(stack, payload)) {
        dispatch->stack = stack;
        dispatch->registered = true;
        standin_lend(LABEL_TABLE, stack->innermost, payload_of_pw);
    }
    current = dispatch;
}

void
ldp_pw_end(ldp_pw_dispatch_t *dispatch, const ldp_stack_t *stack)
{
    if (dispatch->registered)
        standin_return(LABEL_TABLE, stack->innermost);
    current = dispatch->outer;
}

void
ldp_pw_register(void)
{
    static int *ett[] = { &ett_control_word };

    proto_register_subtree_array(ett, array_length(ett));
}

void
ldp_pw_handoff(void)
{
    payload_of_pw = standin_handle(dissect_pw_payload);
    label_table = find_dissector_table(LABEL_TABLE);
    nibble_table = find_dissector_table(NIBBLE_TABLE);
    for (unsigned i = 0; i < array_length(pw_kinds); i++) {
        pw_kinds[i].with_handle = find_dissector(pw_kinds[i].with_control_word);
        if (pw_kinds[i].without)
            pw_kinds[i].without_handle = find_dissector(pw_kinds[i].without);
    }
    chdlc_handle = find_dissector("chdlc");
    ppp_handle = find_dissector("ppp");
    hdlc_ppp_handle = find_dissector("pw_hdlc_nocw_hdlc_ppp");
    ip_handle = find_dissector("ip");
    ipv6_handle = find_dissector("ipv6");
    padding_handle = find_dissector("pw_padding");
    proto_control_word = proto_get_id_by_filter_name("pwmcw");
    hf_cw_flags = proto_registrar_get_id_byname("pwmcw.flags");
    hf_cw_length = proto_registrar_get_id_byname("pwmcw.length");
    hf_cw_sequence = proto_registrar_get_id_byname("pwmcw.sequence_number");
    cisco_table = find_dissector_table("chdlc.protocol");
    relay_handle = find_dissector("fr_stripped_address");
    proto_relay = proto_get_id_by_filter_name("fr");
    proto_relay_word = proto_get_id_by_filter_name("pwfr");
    hf_relay_type = proto_registrar_get_id_byname("fr.chdlctype");
    for (unsigned i = 0; i < array_length(relay_fields); i++)
        relay_fields[i].hf = proto_registrar_get_id_byname(relay_fields[i].name);
}
