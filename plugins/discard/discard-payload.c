/* discard-payload.c
 * Routines for Discard Protocol dissection; see discard-payload.h
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
#include <epan/prefs.h>

#include "api-bool.h"
#include "discard-payload.h"
#include "standin.h"
#include "compat.h"

static int proto_discard = -1;

static int hf_discard_data = -1;
static int hf_discard_text = -1;
static int hf_discard_md5_hash = -1;
static int hf_discard_len = -1;

static int ett_discard = -1;

static api_bool_t show_as_text;
static api_bool_t show_in_columns = true;
static api_bool_t generate_md5_hash;

static void
add_text(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    char *text;

    proto_tree_add_item_ret_display_string(tree, hf_discard_text, tvb, 0, -1, ENC_ASCII, pinfo->pool, &text);
    if (show_in_columns)
        col_append_str(pinfo->cinfo, COL_INFO, text);
}

static void
add_md5_hash(tvbuff_t *tvb, proto_tree *tree)
{
    unsigned length = tvb_captured_length(tvb);
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_MD5, tvb_get_ptr(tvb, 0, length), length);

    proto_item_set_generated(proto_tree_add_string(tree, hf_discard_md5_hash, tvb, 0, 0, digest));
    g_free(digest);
}

/*
 * A client may use the Discard port as its own: what it has to do with a server that Wireshark knows by its port
 * is that server's protocol. If the user gave the port to Discard, it is Discard.
 */
static bool
belongs_to_other_port(const packet_info *pinfo)
{
    dissector_table_t ports = find_dissector_table(pinfo->ptype == PT_TCP ? "tcp.port" : "udp.port");
    uint32_t other = pinfo->match_uint == pinfo->srcport ? pinfo->destport : pinfo->srcport;
    dissector_handle_t handle;
    int proto;

    if ((pinfo->ptype != PT_TCP && pinfo->ptype != PT_UDP) || dissector_is_uint_changed(ports, pinfo->match_uint))
        return false;
    handle = dissector_get_uint_handle(ports, other);
    proto = handle ? dissector_handle_get_protocol_index(handle) : proto_discard;
    return proto != proto_discard && standin_is_on(&proto);
}

static void
show_columns(packet_info *pinfo, unsigned length)
{
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "DISCARD");
    col_add_fstr(pinfo->cinfo, COL_INFO, "Discard, %u byte%s%s", length, length == 1 ? "" : "s", show_as_text ? ": " : "");
}

static int
dissect_discard(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    unsigned length = tvb_reported_length(tvb);
    proto_item *item;
    proto_tree *discard_tree;

    if (belongs_to_other_port(pinfo))
        return 0;
    if (show_in_columns)
        show_columns(pinfo, length);

    item = proto_tree_add_item(tree, proto_discard, tvb, 0, -1, ENC_NA);
    discard_tree = proto_item_add_subtree(item, ett_discard);
    proto_tree_add_item(discard_tree, hf_discard_data, tvb, 0, -1, ENC_NA);
    if (show_as_text)
        add_text(tvb, pinfo, discard_tree);
    if (generate_md5_hash)
        add_md5_hash(tvb, discard_tree);
    proto_item_set_generated(proto_tree_add_uint(discard_tree, hf_discard_len, tvb, 0, 0, length));

    /* Says that a packet was cut short; an ICMP error that quotes one would be missing from statistics. */
    if (!pinfo->flags.in_error_pkt)
        tvb_ensure_bytes_exist(tvb, 0, length);
    return tvb_captured_length(tvb);
}

static void
register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_discard, NULL);

    prefs_register_bool_preference(module, "show_as_text",
            "Show data as text",
            "Show data as text in the Packet Details pane",
            &show_as_text);
    prefs_register_bool_preference(module, "md5_hash",
            "Generate MD5 hash",
            "Whether or not MD5 hashes should be generated and shown for each payload.",
            &generate_md5_hash);
    prefs_register_bool_preference(module, "columns",
            "Show Discard in the Protocol and Info columns",
            "Otherwise they say what they say without the plugin",
            &show_in_columns);
}

int
discard_payload_register(void)
{
    static hf_register_info hf[] = {
        { &hf_discard_data,
            { "Data", "discard.data",
              FT_BYTES, BASE_NONE, NULL, 0x0,
              "Payload that is thrown away", HFILL }
        },
        { &hf_discard_text,
            { "Text", "discard.text",
              FT_STRING, BASE_NONE, NULL, 0x0,
              "Payload as text, where the preference asks for it", HFILL }
        },
        { &hf_discard_md5_hash,
            { "Payload MD5 hash", "discard.md5_hash",
              FT_STRING, BASE_NONE, NULL, 0x0,
              "MD5 of the payload, where the preference asks for it", HFILL }
        },
        { &hf_discard_len,
            { "Reported Length", "discard.len",
              FT_UINT32, BASE_DEC, NULL, 0x0,
              "Bytes of the payload in this packet", HFILL }
        },
    };
    static int *ett[] = {
        &ett_discard,
    };

    proto_discard = proto_register_protocol("Discard Protocol", "DISCARD", "discard");
    proto_register_field_array(proto_discard, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    register_preferences();
    return proto_discard;
}

void
discard_payload_handoff(void)
{
    dissector_handle_t handle;

    if (proto_discard == -1)
        return;
    handle = create_dissector_handle(dissect_discard, proto_discard);
    dissector_add_uint_with_preference("udp.port", DISCARD_PORT, handle);
    dissector_add_uint_with_preference("tcp.port", DISCARD_PORT, handle);
}
