/* packet-l2tp-payload.c
 * What L2TPv3 sessions carry whose control channel is not in the capture
 *
 * RFC 3931 (L2TPv3), RFC 4719 (Ethernet), RFC 4349 (HDLC), RFC 4591 (Frame Relay), RFC 4454 (AAL5).
 *
 * Without the control channel neither the pseudowire type nor the length of cookie and sublayer is known. The
 * payload is guessed from its shape: at each place where it may begin, as each kind that it may be, how much
 * of it can be verified is weighed (pw-shape.h), and the best that is good enough holds for the session. UDP on other
 * ports than L2TP's is L2TPv3 where its header says so and its payload proves it.
 * Ownership and lifetime: what was guessed for a session (addresses and session ID) is kept in file scope with
 * the frame that decided it. Only the first pass guesses; packets before that frame stay undissected in every
 * pass. Bounds: L2TP_SESSIONS_MAX bytes of sessions of a capture; those that begin later stay data. Errors: what can
 * not be told stays data.
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
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/ipproto.h>
#include <epan/prefs.h>

#include "api-bool.h"
#include "flow.h"
#include "pw-distinct.h"
#include "pw-shape.h"
#include "show.h"
#include "standin.h"
#include "compat.h"

void proto_register_l2tp_payload(void);
void proto_reg_handoff_l2tp_payload(void);

#define SHORT_NAME          "L2TPv3 Payload"
#define TYPE_UNKNOWN        0
#define TYPE_ETHERNET_VLAN  4
#define SESSION_ID          4
#define L2TP_PORT           1701
#define MAX_OFFSET          12

/* Of a capture, in bytes, with what a session takes in the map. */
#define L2TP_SESSIONS_MAX   (16u << 20)
#define SESSION_OVERHEAD    128

#define OFFSET_STEP         4

typedef enum {
    KIND_NONE,
    KIND_ETHERNET,
    KIND_CHDLC,
    KIND_PPP,
    KIND_IPV4,
    KIND_IPV6,
    KIND_ETHERNET_VLAN,
    KIND_FRAME_RELAY,
    KIND_AAL5_SNAP,
    KINDS
} kind_t;

static const value_string kind_vals[] = {
    { KIND_ETHERNET,        "Ethernet" },
    { KIND_CHDLC,           "Cisco HDLC" },
    { KIND_PPP,             "PPP" },
    { KIND_IPV4,            "IPv4" },
    { KIND_IPV6,            "IPv6" },
    { KIND_ETHERNET_VLAN,   "Ethernet VLAN" },
    { KIND_FRAME_RELAY,     "Frame Relay" },
    { KIND_AAL5_SNAP,       "AAL5 LLC/SNAP" },
    { 0, NULL }
};

typedef struct guess {
    uint8_t  kind;
    uint8_t  offset;        /* of the payload, from the end of the session ID */
    uint8_t  score;
} guess_t;

typedef struct l2tp_session {
    guess_t   guess;        /* what holds, or what was likely last */
    pw_distinct_t likely;   /* packets in a row that it was likely for: enough of them decide as one does that is sure */
    uint32_t  decided_in;   /* 0: not decided */
} l2tp_session_t;

static int proto_l2tp_payload = -1;
static int proto_l2tp = -1;
static int hf_kind = -1;
static int hf_offset = -1;
static int ett_l2tp_payload = -1;
static expert_field ei_guessed = EI_INIT;
static api_bool_t look_at_udp = true;

static wmem_map_t *sessions;
static size_t session_bytes;
static dissector_handle_t payload_handles[KINDS];

/* Weighing */

static void
keep_better(guess_t *best, kind_t kind, int offset, pw_score_t score)
{
    if (score > best->score) {
        best->kind = (uint8_t)kind;
        best->offset = (uint8_t)offset;
        best->score = (uint8_t)score;
    }
}

/*
 * Kinds that explain a header come before the bare IP packets in them: an IP packet in Cisco HDLC without a
 * cookie is one at offset 4 as well.
 */
static guess_t
guess_payload(tvbuff_t *tvb)
{
    guess_t best = { KIND_NONE, 0, PW_SCORE_NONE };
    int offset;
    bool tagged;

    for (offset = 0; offset <= MAX_OFFSET; offset += OFFSET_STEP) {
        pw_bytes_t bytes = pw_bytes_of(tvb, offset);
        pw_score_t score = pw_score_ethernet(&bytes, &tagged);

        keep_better(&best, tagged ? KIND_ETHERNET_VLAN : KIND_ETHERNET, offset, score);
        keep_better(&best, KIND_CHDLC, offset, pw_score_chdlc(&bytes));
        keep_better(&best, KIND_PPP, offset, pw_score_ppp(&bytes));
        keep_better(&best, KIND_FRAME_RELAY, offset, pw_score_frame_relay(&bytes, true));
        keep_better(&best, KIND_AAL5_SNAP, offset, pw_score_llc_snap(&bytes));
    }
    for (offset = 0; offset <= MAX_OFFSET; offset += OFFSET_STEP) {
        pw_bytes_t bytes = pw_bytes_of(tvb, offset);

        keep_better(&best, KIND_IPV4, offset, pw_score_ipv4(&bytes));
        keep_better(&best, KIND_IPV6, offset, pw_score_ipv6(&bytes, true));
    }
    return best;
}

/* Sessions */

/*
 * The session ID comes before cookie and sublayer, of which the control channel and the preferences tell Wireshark
 * how many bytes there are, but not whom it calls. So where the packet begins is noted on the way in.
 */
typedef struct l2tp_packet {
    tvbuff_t *tvb;          /* from the session ID on; valid while the packet is dissected */
} l2tp_packet_t;

static l2tp_packet_t current;

static int dissect_l2tp_ip(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static int dissect_l2tp_udp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t ip_standin = { .name = "l2tp_payload.ip", .dissect = dissect_l2tp_ip, .proto = &proto_l2tp_payload };
static standin_t udp_standin = { .name = "l2tp_payload.udp", .dissect = dissect_l2tp_udp, .proto = &proto_l2tp_payload };

#define UDP_SHIM    4       /* flags, version, reserved */

static int
dissect_packet(const standin_t *standin, int session_id, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const l2tp_packet_t outer = current;
    volatile int result = 0;

    current.tvb = tvb_bytes_exist(tvb, session_id, SESSION_ID) ? tvb_new_subset_remaining(tvb, session_id) : NULL;
    TRY {
        result = standin_call(standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        current = outer;
    }
    ENDTRY;
    return result;
}

static int
dissect_l2tp_ip(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_packet(&ip_standin, 0, tvb, pinfo, tree, data);
}

static int
dissect_l2tp_udp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect_packet(&udp_standin, UDP_SHIM, tvb, pinfo, tree, data);
}

/* Where the payload of a packet lies. */
typedef struct place {
    uint32_t  session_id;
    int       taken;        /* bytes that Wireshark took for cookie and sublayer */
} place_t;

#define MAX_TAKEN   15      /* a cookie of eight bytes, LAPD's sublayer of seven */

static bool
find_place(tvbuff_t *payload, place_t *place)
{
    tvbuff_t *whole = tvb_get_ds_tvb(payload);
    int offset = tvb_raw_offset(payload) - SESSION_ID;

    if (!whole)
        return false;
    if (current.tvb && tvb_get_ds_tvb(current.tvb) == whole) {
        place->taken = offset - tvb_raw_offset(current.tvb);
        place->session_id = tvb_get_ntohl(current.tvb, 0);
        if (place->taken >= 0 && place->taken <= MAX_TAKEN)
            return true;
    }
    /* Over a port that the user chose: as long as no preference says more, the session ID is right before it. */
    if (offset < 0 || !tvb_bytes_exist(whole, offset, SESSION_ID))
        return false;
    place->taken = 0;
    place->session_id = tvb_get_ntohl(whole, offset);
    return true;
}

typedef struct session_key {
    uint32_t        id;
    const address  *src;
    const address  *dst;
} session_key_t;

static unsigned
session_hash(const void *data)
{
    const session_key_t *key = (const session_key_t *)data;
    unsigned hash = add_address_to_hash(key->id * 2654435761u, key->src);

    return add_address_to_hash(hash, key->dst);
}

static gboolean
session_equal(const void *one, const void *other)
{
    const session_key_t *a = (const session_key_t *)one;
    const session_key_t *b = (const session_key_t *)other;

    return a->id == b->id && addresses_equal(a->src, b->src) && addresses_equal(a->dst, b->dst);
}

static void
keep_key(session_key_t *kept, const session_key_t *key)
{
    address *addresses = wmem_alloc_array(wmem_file_scope(), address, 2);

    copy_address_wmem(wmem_file_scope(), &addresses[0], key->src);
    copy_address_wmem(wmem_file_scope(), &addresses[1], key->dst);
    kept->id = key->id;
    kept->src = &addresses[0];
    kept->dst = &addresses[1];
}

/* NULL on later passes if there is none, and where there are too many. */
static l2tp_session_t *
find_session(packet_info *pinfo, uint32_t id)
{
    session_key_t key = { id, &pinfo->src, &pinfo->dst };
    l2tp_session_t *session = (l2tp_session_t *)wmem_map_lookup(sessions, &key);
    session_key_t *kept;

    if (session || PINFO_FD_VISITED(pinfo) || session_bytes > L2TP_SESSIONS_MAX)
        return session;
    session_bytes += sizeof key + sizeof *session + 2 * (sizeof(address) + (size_t)key.src->len) + SESSION_OVERHEAD;
    kept = wmem_new(wmem_file_scope(), session_key_t);
    keep_key(kept, &key);
    session = wmem_new0(wmem_file_scope(), l2tp_session_t);
    wmem_map_insert(sessions, kept, session);
    return session;
}

/* taken: bytes behind the session ID that are not in tvb any more. needed: what is likely is not enough on a port of others. */
static void
learn_session(l2tp_session_t *session, tvbuff_t *tvb, int taken, pw_score_t needed, const packet_info *pinfo)
{
    static const pw_distinct_t none = { .count = 0 };
    guess_t guess = guess_payload(tvb);
    pw_bytes_t bytes = pw_bytes_of(tvb, 0);

    guess.offset = (uint8_t)(guess.offset + taken);

    if (guess.score < needed) {
        session->likely = none;
        return;
    }
    if (guess.score == PW_SCORE_LIKELY) {
        if (guess.kind != session->guess.kind || guess.offset != session->guess.offset)
            session->likely = none;
        pw_distinct_note(&session->likely, &bytes, pinfo);
    }
    session->guess = guess;
    if (guess.score == PW_SCORE_SURE || pw_distinct_is_enough(&session->likely))
        session->decided_in = pinfo->num;
}

/* Showing */

static void
show_guess(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const guess_t *guess, int header)
{
    proto_item *item, *field;
    proto_tree *subtree;
    const char *native = standin_speak_as(pinfo, SHORT_NAME);

    item = proto_tree_add_protocol_format(flow_native_subtree(tree, proto_l2tp), proto_l2tp_payload, tvb, 0,
            header, "L2TPv3 Payload: %s", val_to_str_const(guess->kind, kind_vals, "Unknown"));
    proto_item_set_generated(item);
    subtree = proto_item_add_subtree(item, ett_l2tp_payload);
    field = show_uint(subtree, hf_kind, tvb, guess->kind);
    expert_add_info(pinfo, field, &ei_guessed);
    show_uint(subtree, hf_offset, tvb, guess->offset);
    pinfo->current_proto = native;
}

static int
dissect_unknown_type(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    place_t place;
    l2tp_session_t *session;
    const guess_t *guess;
    int header;

    if (!find_place(tvb, &place))
        return 0;
    session = find_session(pinfo, place.session_id);
    if (!session)
        return 0;
    if (!session->decided_in && !PINFO_FD_VISITED(pinfo))
        learn_session(session, tvb, place.taken, PW_SCORE_LIKELY, pinfo);
    guess = &session->guess;
    header = guess->offset - place.taken;
    if (!session->decided_in || session->decided_in > pinfo->num || header < 0
            || (int)tvb_captured_length(tvb) <= header || !payload_handles[guess->kind])
        return 0;
    show_guess(tree, tvb, pinfo, guess, header);
    return call_dissector_only(payload_handles[guess->kind], tvb_new_subset_remaining(tvb, header), pinfo, tree, data);
}

/* With the control channel Wireshark knows that the type is Ethernet with VLAN tags, but has no dissector for it. */
static int
dissect_l2tp_payload(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (pinfo->match_uint == TYPE_ETHERNET_VLAN)
        return call_dissector_only(payload_handles[KIND_ETHERNET_VLAN], tvb, pinfo, tree, data);
    return dissect_unknown_type(tvb, pinfo, tree, data);
}

/* UDP on any port */

#define FLAGS_CONTROL   0xc8    /* T, L and S are set: RFC 3931 section 3.2.1 */
#define L2TP_VERSION    3
#define CONTROL_HEADER  12
#define AVP_HEADER      6

/* A control message: its flags, a length that is the datagram's, and a first AVP that is the message type. */
static bool
is_control_message(tvbuff_t *tvb)
{
    return tvb_captured_length(tvb) >= CONTROL_HEADER + AVP_HEADER + 2 && tvb_get_uint8(tvb, 0) == FLAGS_CONTROL
            && tvb_get_uint8(tvb, 1) == L2TP_VERSION && tvb_get_ntohs(tvb, 2) == tvb_reported_length(tvb)
            && (tvb_get_ntohs(tvb, CONTROL_HEADER) & 0x3ff) == AVP_HEADER + 2
            && tvb_get_ntohl(tvb, CONTROL_HEADER + 2) == 0;
}

/* RFC 3931 section 4.1.2.1: no flag is set in a data message, and what is reserved is 0. */
static bool
has_data_header(tvbuff_t *tvb)
{
    return tvb_captured_length(tvb) > UDP_SHIM + SESSION_ID && tvb_get_ntohl(tvb, 0) == L2TP_VERSION << 16
            && tvb_get_ntohl(tvb, UDP_SHIM) != 0;
}

/* A session whose payload is proved, or was before this frame. */
static bool
is_data_message(tvbuff_t *tvb, packet_info *pinfo)
{
    tvbuff_t *payload;
    l2tp_session_t *session;

    if (!has_data_header(tvb))
        return false;
    payload = tvb_new_subset_remaining(tvb, UDP_SHIM + SESSION_ID);
    session = find_session(pinfo, tvb_get_ntohl(tvb, UDP_SHIM));
    if (!session)
        return false;
    if (!session->decided_in && !PINFO_FD_VISITED(pinfo))
        learn_session(session, payload, 0, PW_SCORE_SURE, pinfo);
    return session->decided_in && session->decided_in <= pinfo->num;
}

/* As a heuristic of L2TP itself, which is in front of its dissector already. */
static api_bool_t
dissect_by_shape(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!look_at_udp || tvb_captured_length(tvb) < UDP_SHIM + SESSION_ID || tvb_get_uint8(tvb, 1) != L2TP_VERSION
            || !standin_is_on(&proto_l2tp_payload) || !(is_control_message(tvb) || is_data_message(tvb, pinfo)))
        return false;
    return dissect_l2tp_udp(tvb, pinfo, tree, data) > 0;
}

static void
sessions_init(void)
{
    sessions = wmem_map_new(wmem_file_scope(), session_hash, session_equal);
    session_bytes = 0;
}

void
proto_register_l2tp_payload(void)
{
    static hf_register_info hf[] = {
        { &hf_kind,
            { "Kind", "l2tp_payload.kind", FT_UINT8, BASE_DEC, VALS(kind_vals), 0x0,
            "What the payload was recognised as", HFILL }
        },
        { &hf_offset,
            { "Offset", "l2tp_payload.offset", FT_UINT8, BASE_DEC, NULL, 0x0,
            "Bytes of cookie and sublayer before the payload", HFILL }
        },
    };
    static int *ett[] = { &ett_l2tp_payload };
    static ei_register_info ei[] = {
        { &ei_guessed,
            { "l2tp_payload.guessed", PI_ASSUMPTION, PI_NOTE,
            "Guessed from the payload: the control channel is not in the capture", EXPFILL }
        },
    };

    proto_l2tp_payload = proto_register_protocol("L2TPv3 Payload", SHORT_NAME, "l2tp_payload");
    proto_register_field_array(proto_l2tp_payload, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_l2tp_payload), ei, array_length(ei));
    prefs_register_bool_preference(prefs_register_protocol(proto_l2tp_payload, NULL), "udp",
            "Look for L2TPv3 in UDP on any port",
            "By its header and what it proves to carry; otherwise on the port that Wireshark has for it only",
            &look_at_udp);
    register_init_routine(sessions_init);
}

void
proto_reg_handoff_l2tp_payload(void)
{
    static const struct {
        kind_t       kind;
        const char  *dissector;
    } kinds[] = {
        { KIND_ETHERNET,        "eth_withoutfcs" },
        { KIND_CHDLC,           "chdlc" },
        { KIND_PPP,             "ppp_hdlc" },
        { KIND_IPV4,            "ip" },
        { KIND_IPV6,            "ipv6" },
        { KIND_ETHERNET_VLAN,   "eth_withoutfcs" },
        { KIND_FRAME_RELAY,     "fr" },
        { KIND_AAL5_SNAP,       "llc" },
    };
    static standin_place_t unknown = { .table = "l2tp.pw_type", .key = TYPE_UNKNOWN, .proto = &proto_l2tp_payload };
    static standin_place_t vlan = { .table = "l2tp.pw_type", .key = TYPE_ETHERNET_VLAN, .proto = &proto_l2tp_payload };

    proto_l2tp = proto_get_id_by_filter_name("l2tp");
    for (unsigned i = 0; i < array_length(kinds); i++)
        payload_handles[kinds[i].kind] = find_dissector(kinds[i].dissector);
    standin_add(&ip_standin, standin_find("ip.proto", IP_PROTO_L2TP, NULL));
    standin_add(&udp_standin, standin_find("udp.port", L2TP_PORT, NULL));
    if (udp_standin.native)
        heur_dissector_add("udp", dissect_by_shape, "L2TPv3 over UDP", "l2tp_payload_udp", proto_l2tp, HEURISTIC_ENABLE);
    unknown.handle = vlan.handle = standin_handle(dissect_l2tp_payload);
    standin_take_place(&unknown);
    if (payload_handles[KIND_ETHERNET_VLAN])
        standin_take_place(&vlan);
}
