/* packet-arp-snap.c
 * Routines for ARP and RARP in LLC frames
 *
 * RFC 1042 (LLC/SNAP), IEEE 802.1H (OUI 00:00:F8), ISO/IEC 8802-2 SAP 0x98.
 *
 * Wireshark's own dissector shows the message; a stand-in in front of it says how the message came. Where
 * Wireshark leaves the message as data, because of its OUI or SAP, that dissector is called here.
 *
 * An OUI that Wireshark does not know has no table to add a dissector to. A stand-in in front of LLC, on Ethernet and in
 * Linux's cooked captures, looks for such frames, and when the bytes have the
 * shape of an ARP message it makes the table; the frame then takes its usual way through LLC. The table
 * stays for the life of the process, so it answers for messages found in this way only: what a frame shows
 * does not depend on the frames and files before it.
 *
 * What is learnt about exchanges lives in file scope (arp-exchange.h). Nothing here throws.
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
#include <epan/etypes.h>
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/prefs.h>
#include <epan/dissectors/packet-llc.h>

#include "api-bool.h"
#include "arp-body.h"
#include "arp-exchange.h"
#include "arp-carrier.h"
#include "expert-reader.h"
#include "flow.h"
#include "show.h"
#include "standin.h"
#include "compat.h"

#define SHORT_NAME             "ARP-SNAP"

#define OUI_CISCO              0x00000C
#define SAP_ARP                0x98

#define ETHERNET_MAX_LENGTH    1500
#define SNAP_HEADER            8
#define SNAP_HEADER_START      0xAAAA03

/* Tables cannot be taken away again: after so many unknown OUIs in one process no more are added. */
#define ADOPTED_MAX            256

enum {
    ENCAPSULATION_RFC1042 = 1,
    ENCAPSULATION_8021H   = 2,
    ENCAPSULATION_OUI     = 3,
    ENCAPSULATION_SAP     = 4
};

void proto_register_arp_snap(void);
void proto_reg_handoff_arp_snap(void);

static int proto_arp_snap = -1;
static int proto_arp = -1;
static int proto_llc = -1;

static int hf_arp_snap_encapsulation = -1;
static int hf_arp_snap_oui = -1;
static int hf_arp_snap_pid = -1;
static int hf_arp_snap_heuristic = -1;
static int hf_arp_snap_response_in = -1;
static int hf_arp_snap_response_to = -1;
static int hf_arp_snap_time = -1;
static int hf_arp_snap_ethernet_frame = -1;

static int hf_llc_pid = -1;     /* Wireshark's own */

static int ett_arp_snap = -1;

static expert_field ei_arp_snap_mixed_encapsulation = EI_INIT;
static expert_field ei_arp_snap_hw_type = EI_INIT;
static expert_field ei_arp_snap_length_mismatch = EI_INIT;

static api_bool_t mark_all_media;
static api_bool_t show_in_columns = true;
static api_bool_t find_unknown_ouis = true;

static int dissect_arp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_llc(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t arp_standin = { .name = "arp_snap.arp", .dissect = dissect_arp, .proto = &proto_arp_snap };
static standin_t llc_standin = { .name = "arp_snap.llc", .dissect = dissect_llc, .proto = &proto_arp_snap };

static dissector_handle_t elsewhere_handle;
static dissector_handle_t adopted_handle;

static const value_string encapsulation_vals[] = {
    { ENCAPSULATION_RFC1042, "LLC/SNAP (RFC 1042)" },
    { ENCAPSULATION_8021H,   "LLC/SNAP (IEEE 802.1H)" },
    { ENCAPSULATION_OUI,     "LLC/SNAP with another OUI" },
    { ENCAPSULATION_SAP,     "LLC SAP 0x98 without SNAP" },
    { 0, NULL }
};

/* OUIs with a table or code of their own in Wireshark; adding one again would take that away. */
static const uint32_t known_ouis[] = {
    OUI_RFC1042, OUI_CISCO, 0x00005E, 0x000081, OUI_8021H, 0x0001E8, 0x001090, 0x0017F2, 0x001958,
    0x0020F6, 0x004096, 0x0040D6, 0x005043, 0x00805F, 0x0080C2, 0x00E02B, 0x00E02F, 0x00E052, 0x080007,
    0x506F9A
};

/* OUIs that were met; for the life of the process, as tables are. */
static struct {
    uint32_t          oui;
    char              table[sizeof "llc.arp_snap_000000_pid"];
    hf_register_info  pid;
} adopted[ADOPTED_MAX];
static unsigned adopted_count;

/* The message under such an OUI in the frame being dissected. */
static struct {
    uint32_t frame;
    int      offset;
} found;

/* Showing */

static unsigned
encapsulation_of(const carrier_t *carrier)
{
    if (carrier->kind == CARRIER_SAP)
        return ENCAPSULATION_SAP;
    if (carrier->oui == OUI_RFC1042)
        return ENCAPSULATION_RFC1042;
    return carrier->oui == OUI_8021H ? ENCAPSULATION_8021H : ENCAPSULATION_OUI;
}

/* SAP 0x98 is registered for ARP. */
static bool
is_heuristic(const carrier_t *carrier)
{
    return carrier->by_shape && carrier->kind == CARRIER_SNAP;
}

static void
add_header(proto_tree *tree, tvbuff_t *tvb, const carrier_t *carrier)
{
    show_uint(tree, hf_arp_snap_encapsulation, tvb, encapsulation_of(carrier));
    if (carrier->kind == CARRIER_SNAP) {
        proto_tree_add_uint(tree, hf_arp_snap_oui, carrier->frame, carrier->oui_offset, 3, carrier->oui);
        proto_tree_add_uint(tree, hf_arp_snap_pid, carrier->frame, carrier->oui_offset + 3, 2, carrier->pid);
    }
    show_boolean(tree, hf_arp_snap_heuristic, tvb, is_heuristic(carrier));
}

static void
add_exchange(proto_tree *tree, tvbuff_t *tvb, const exchange_link_t *link)
{
    if (link->response_in)
        show_uint(tree, hf_arp_snap_response_in, tvb, link->response_in);
    if (link->response_to) {
        show_uint(tree, hf_arp_snap_response_to, tvb, link->response_to);
        show_time(tree, hf_arp_snap_time, tvb, &link->response_time);
    }
}

static void
check_mixed(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, proto_item *item, const exchange_link_t *link)
{
    if (link->ethernet_frame) {
        show_uint(tree, hf_arp_snap_ethernet_frame, tvb, link->ethernet_frame);
        expert_add_info(pinfo, item, &ei_arp_snap_mixed_encapsulation);
    } else if (link->mixed_exchange) {
        expert_add_info_format(pinfo, item, &ei_arp_snap_mixed_encapsulation,
                "Request and reply differ: one is in LLC, the other in Ethernet II");
    }
}

static void
note_hardware_type(packet_info *pinfo, proto_item *item, unsigned type)
{
    if (expert_is_wanted(pinfo, item != NULL, PI_CHAT))
        expert_add_info_format(pinfo, item, &ei_arp_snap_hw_type, "Hardware type %u, where RFC 1042 wants 6 (IEEE 802)", type);
}

static void
check_message(packet_info *pinfo, proto_item *item, const carrier_t *carrier, const arp_body_t *body)
{
    unsigned needed = carrier->llc_length + arp_body_length(body);

    if (encapsulation_of(carrier) == ENCAPSULATION_RFC1042 && carrier->is_of_rfc1042 && body->hardware != ARP_HARDWARE_IEEE802)
        note_hardware_type(pinfo, item, body->hardware);
    if (carrier->has_length && body->hardware != ARP_HARDWARE_ATM && carrier->length != needed)
        expert_add_info_format(pinfo, item, &ei_arp_snap_length_mismatch,
                "The 802.3 length is %u, but the headers and the ARP message take %u bytes", carrier->length, needed);
}

static void
show_snap(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const carrier_t *carrier, const arp_body_t *body)
{
    const exchange_link_t *link = exchange_find(pinfo->num);
    const char *native = standin_speak_as(pinfo, SHORT_NAME);
    proto_item *item;
    proto_tree *subtree;

    if (show_in_columns)
        col_set_str(pinfo->cinfo, COL_PROTOCOL, arp_body_is_reverse(body) ? "RARP-SNAP" : "ARP-SNAP");
    item = proto_tree_add_item(flow_native_subtree(tree, proto_arp), proto_arp_snap, carrier->frame,
            carrier->llc_offset, carrier->llc_length, ENC_NA);
    subtree = proto_item_add_subtree(item, ett_arp_snap);
    add_header(subtree, tvb, carrier);
    check_message(pinfo, item, carrier, body);
    if (link) {
        check_mixed(subtree, tvb, pinfo, item, link);
        add_exchange(subtree, tvb, link);
    }
    pinfo->current_proto = native;
}

static bool
is_marked(const carrier_t *carrier)
{
    return (carrier->kind == CARRIER_SNAP || carrier->kind == CARRIER_SAP) && (carrier->is_8023 || mark_all_media);
}

static void
finish_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const carrier_t *carrier)
{
    arp_body_t body;

    if (!is_marked(carrier) || !arp_body_read(tvb, &body))
        return;
    if (!PINFO_FD_VISITED(pinfo))
        exchange_learn_snap(pinfo, &body);
    show_snap(tvb, pinfo, tree, carrier, &body);
}

/* Calling Wireshark's own dissector */

typedef int (*native_call_t)(const standin_t *standin, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static int
dissect_message(native_call_t call, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const carrier_t *carrier)
{
    volatile int result = -1;   /* stays so where the dissector ends with an exception */

    TRY {
        result = call(&arp_standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        if (result != 0)
            finish_message(tvb, pinfo, tree, carrier);
    }
    ENDTRY;
    return result;
}

/* An Ethernet II frame gets the link to a frame that came in LLC, and nothing else. */
static int
dissect_linked(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const exchange_link_t *link)
{
    volatile int result = 0;

    TRY {
        result = standin_call(&arp_standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        add_exchange(flow_native_subtree(tree, proto_arp), tvb, link);
    }
    ENDTRY;
    return result;
}

/* Most captures have no ARP in LLC. */
static int
dissect_in_ethernet(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const exchange_link_t *link;

    if (!PINFO_FD_VISITED(pinfo))
        exchange_learn_ethernet(pinfo, tvb);
    link = exchange_has_links() ? exchange_find(pinfo->num) : NULL;
    if (link && tvb_captured_length(tvb) >= ARP_HEADER_LENGTH)
        return dissect_linked(tvb, pinfo, tree, data, link);
    return standin_call(&arp_standin, tvb, pinfo, tree, data);
}

static int
dissect_arp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    wmem_list_frame_t *below = standin_below(pinfo);
    carrier_t carrier;

    if (carrier_is_plain_ethernet(below))
        return dissect_in_ethernet(tvb, pinfo, tree, data);
    carrier_read(tvb, pinfo, below, &carrier);
    if (carrier.kind == CARRIER_ETHERNET_II)
        return dissect_in_ethernet(tvb, pinfo, tree, data);
    if (carrier.kind == CARRIER_OTHER)
        return standin_call(&arp_standin, tvb, pinfo, tree, data);
    return dissect_message(standin_call, tvb, pinfo, tree, data, &carrier);
}

static void
set_columns_writable(packet_info *pinfo, bool writable)
{
    col_set_writable(pinfo->cinfo, COL_PROTOCOL, writable);
    col_set_writable(pinfo->cinfo, COL_INFO, writable);
}

static int
dissect_without_columns(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, const carrier_t *carrier)
{
    bool writable = col_get_writable(pinfo->cinfo, COL_INFO);
    volatile int result = 0;

    TRY {
        set_columns_writable(pinfo, false);
        result = dissect_message(standin_call_native, tvb, pinfo, tree, data, carrier);
    }
    FINALLY {
        set_columns_writable(pinfo, writable);
    }
    ENDTRY;
    return result;
}

/* An OUI or SAP under which Wireshark does not expect ARP. */
static int
dissect_elsewhere(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    carrier_t carrier;

    carrier_read(tvb, pinfo, wmem_list_tail(pinfo->layers), &carrier);
    carrier.by_shape = true;
    if (!is_marked(&carrier) || !arp_body_has_shape(tvb, carrier.pid))
        return 0;
    if (!show_in_columns)
        return dissect_without_columns(tvb, pinfo, tree, data, &carrier);
    return dissect_message(standin_call_native, tvb, pinfo, tree, data, &carrier);
}

/* OUIs that Wireshark does not know */

static int
dissect_adopted(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (found.frame != pinfo->num || found.offset != tvb_raw_offset(tvb))
        return 0;
    return dissect_elsewhere(tvb, pinfo, tree, data);
}

static bool
is_known_oui(uint32_t oui)
{
    for (unsigned i = 0; i < array_length(known_ouis); i++) {
        if (known_ouis[i] == oui)
            return true;
    }
    return false;
}

static bool
is_adopted_oui(uint32_t oui)
{
    for (unsigned i = 0; i < adopted_count; i++) {
        if (adopted[i].oui == oui)
            return true;
    }
    return false;
}

static void
adopt_oui(uint32_t oui)
{
    if (is_adopted_oui(oui) || adopted_count == ADOPTED_MAX)
        return;
    adopted[adopted_count].oui = oui;
    adopted[adopted_count].pid.p_id = &hf_llc_pid;
    snprintf(adopted[adopted_count].table, sizeof adopted[adopted_count].table, "llc.arp_snap_%06x_pid", oui);
    llc_add_oui(oui, adopted[adopted_count].table, "LLC PID of an OUI with ARP", &adopted[adopted_count].pid, proto_llc);
    dissector_add_uint(adopted[adopted_count].table, ETHERTYPE_ARP, adopted_handle);
    dissector_add_uint(adopted[adopted_count].table, ETHERTYPE_REVARP, adopted_handle);
    adopted_count++;
}

static bool
has_arp_under_unknown_oui(tvbuff_t *tvb, uint32_t *oui)
{
    unsigned length = tvb_reported_length(tvb);
    uint16_t pid;

    if (tvb_captured_length(tvb) < SNAP_HEADER || length <= SNAP_HEADER || tvb_get_ntoh24(tvb, 0) != SNAP_HEADER_START)
        return false;
    pid = tvb_get_ntohs(tvb, 6);
    if (pid != ETHERTYPE_ARP && pid != ETHERTYPE_REVARP)
        return false;
    *oui = tvb_get_ntoh24(tvb, 3);
    if (is_known_oui(*oui))
        return false;
    length = MIN(length, ETHERNET_MAX_LENGTH);
    return arp_body_has_shape(tvb_new_subset_length(tvb, SNAP_HEADER, (int)length - SNAP_HEADER), pid);
}

/* In front of LLC, which shows the frame with the table that is added here. */
static int
dissect_llc(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t oui;

    found.frame = 0;
    if (find_unknown_ouis && carrier_is_ethernet_or_cooked(pinfo, standin_proto_below(pinfo))
        && has_arp_under_unknown_oui(tvb, &oui)) {
        adopt_oui(oui);
        found.frame = pinfo->num;
        found.offset = tvb_raw_offset(tvb) + SNAP_HEADER;
    }
    return standin_call(&llc_standin, tvb, pinfo, tree, data);
}

/* Registration */

static void
take_place(const char *table, uint32_t key)
{
    standin_place_t *place = g_new0(standin_place_t, 1);

    place->table = table;
    place->key = key;
    place->proto = &proto_arp_snap;
    place->handle = elsewhere_handle;
    standin_take_place(place);
}

/* Asked of all tables that there are when Wireshark starts: their last letters come first. */
static bool
is_pid_table(const char *table)
{
    size_t length = strlen(table);

    if (length < 4 || memcmp(table + length - 3, "pid", 3))
        return false;
    return (g_str_has_prefix(table, "llc.") && table[length - 4] == '_') || g_str_has_suffix(table, ".llc.pid");
}

static void
add_to_pid_table(const char *table, const char *ui_name _U_, void *user_data _U_)
{
    if (is_pid_table(table)) {
        take_place(table, ETHERTYPE_ARP);
        take_place(table, ETHERTYPE_REVARP);
    }
}

void
proto_register_arp_snap(void)
{
    static hf_register_info hf[] = {
        { &hf_arp_snap_encapsulation,
            { "Encapsulation", "arp_snap.encapsulation",
              FT_UINT8, BASE_DEC, VALS(encapsulation_vals), 0x0,
              "What precedes the ARP message: LLC/SNAP of a standard, with another organization code, or LLC without SNAP", HFILL }
        },
        { &hf_arp_snap_oui,
            { "Organization code", "arp_snap.oui",
              FT_UINT24, BASE_OUI, NULL, 0x0,
              "Organization code of the SNAP header; absent without SNAP", HFILL }
        },
        { &hf_arp_snap_pid,
            { "Protocol ID", "arp_snap.pid",
              FT_UINT16, BASE_HEX, NULL, 0x0,
              "Protocol ID of the SNAP header, such as 0x0806 for ARP; absent without SNAP", HFILL }
        },
        { &hf_arp_snap_heuristic,
            { "Recognised by its shape", "arp_snap.heuristic",
              FT_BOOLEAN, BASE_NONE, NULL, 0x0,
              "By the shape of the message, not by a registered number", HFILL }
        },
        { &hf_arp_snap_response_in,
            { "Response in", "arp_snap.response_in",
              FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0x0,
              "The reply to this request", HFILL }
        },
        { &hf_arp_snap_response_to,
            { "Response to", "arp_snap.response_to",
              FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0x0,
              "The request that this is the reply to", HFILL }
        },
        { &hf_arp_snap_time,
            { "Response time", "arp_snap.time",
              FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
              "From the request to this reply", HFILL }
        },
        { &hf_arp_snap_ethernet_frame,
            { "Sender used Ethernet II in", "arp_snap.ethernet_frame",
              FT_FRAMENUM, BASE_NONE, NULL, 0x0,
              "The last frame before this one in which the sender used Ethernet II for ARP", HFILL }
        },
    };
    static int *ett[] = {
        &ett_arp_snap,
    };
    static ei_register_info ei[] = {
        { &ei_arp_snap_mixed_encapsulation,
            { "arp_snap.mixed_encapsulation", PI_PROTOCOL, PI_NOTE,
              "The sender uses both LLC and Ethernet II for ARP", EXPFILL }
        },
        { &ei_arp_snap_hw_type,
            { "arp_snap.hw_type", PI_PROTOCOL, PI_CHAT,
              "The hardware type is not the one that RFC 1042 wants", EXPFILL }
        },
        { &ei_arp_snap_length_mismatch,
            { "arp_snap.length_mismatch", PI_PROTOCOL, PI_WARN,
              "The 802.3 length does not fit the ARP message", EXPFILL }
        },
    };
    module_t *module;

    proto_arp_snap = proto_register_protocol("ARP over LLC/SNAP", SHORT_NAME, "arp_snap");
    proto_register_field_array(proto_arp_snap, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_arp_snap), ei, array_length(ei));

    module = prefs_register_protocol(proto_arp_snap, NULL);
    prefs_register_bool_preference(module, "mark_all_media",
            "Mark ARP over SNAP on all media",
            "Also where SNAP is the rule: 802.11, FDDI, Token Ring, ATM and others",
            &mark_all_media);
    prefs_register_bool_preference(module, "columns",
            "Show ARP-SNAP and RARP-SNAP in the Protocol and Info columns",
            "Otherwise they say what they say without the plugin",
            &show_in_columns);
    prefs_register_bool_preference(module, "find_unknown_ouis",
            "Find ARP under unknown OUIs",
            "By the shape of the message, where Wireshark does not know what the OUI's protocol IDs mean",
            &find_unknown_ouis);
    exchange_register();
}

void
proto_reg_handoff_arp_snap(void)
{
    proto_arp = proto_get_id_by_filter_name("arp");
    proto_llc = proto_get_id_by_filter_name("llc");
    hf_llc_pid = proto_registrar_get_id_byname("llc.pid");
    carrier_handoff();

    standin_add(&arp_standin, standin_find("ethertype", ETHERTYPE_ARP, NULL));
    standin_add(&llc_standin, find_dissector("llc"));
    elsewhere_handle = standin_handle(dissect_elsewhere);
    adopted_handle = standin_handle(dissect_adopted);
    dissector_all_tables_foreach_table(add_to_pid_table, NULL, NULL);
    take_place("llc.dsap", SAP_ARP);
}
