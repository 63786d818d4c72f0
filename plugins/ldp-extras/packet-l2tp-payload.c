/* packet-l2tp-payload.c
 * What L2TPv3 sessions carry whose control channel is not in the capture
 *
 * RFC 3931 (L2TPv3), RFC 4719 (Ethernet), RFC 4349 (HDLC), RFC 4591 (Frame Relay), RFC 4454 (AAL5).
 *
 * Without the control channel neither the pseudowire type nor the length of cookie and sublayer is known. The
 * payload is guessed from its shape: at each place where it may begin, as each kind that it may be, how much
 * of it can be verified is weighed (pw-shape.h), and the best that is good enough holds for the session, until a packet
 * contradicts it: from there on only packets that prove it themselves are shown so, until enough of them do, or prove
 * something else, as where an identifier is used anew. UDP on other ports than L2TP's is L2TPv3 where its header says so and
 * its payload proves it.
 * Ownership and lifetime: what was guessed for a session (addresses and session ID) is kept in file scope with
 * the frames that decided it. Only the first pass guesses; packets before the first of them stay undissected in every
 * pass. Bounds: L2TP_SESSIONS_MAX bytes of sessions of a capture; those that begin later stay data; READINGS_MAX changes of a
 * session. Errors: what can not be told stays data.
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
#include <wsutil/pint.h>

#include "api-bool.h"
#include "as-of.h"
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

/* Of a session; the last one is for packets only that prove it themselves. */
#define READINGS_MAX        16

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
    uint8_t  score;         /* of the packet that it was guessed from */
} guess_t;

/* What holds from a frame on. */
typedef struct reading {
    uint32_t  frame;
    uint32_t  cookie;       /* its first bytes, where there are some for certain, else 0 */
    guess_t   guess;
    bool      doubted;      /* a packet contradicts it: it holds for those that prove it */
} reading_t;

typedef struct l2tp_session {
    guess_t        likely;      /* what it was likely to be last; once it is decided, what the latest proofs say */
    pw_distinct_t  proofs;      /* packets in a row that say so: enough of them decide */
    wmem_array_t  *readings;    /* of reading_t, see as-of.h; NULL: not decided */
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

static pw_score_t
score_kind(const pw_bytes_t *bytes, kind_t kind)
{
    bool tagged;

    switch (kind) {
    case KIND_ETHERNET:
    case KIND_ETHERNET_VLAN:
        return pw_score_ethernet(bytes, &tagged);
    case KIND_CHDLC:
        return pw_score_chdlc(bytes);
    case KIND_PPP:
        return pw_score_ppp(bytes);
    case KIND_FRAME_RELAY:
        return pw_score_frame_relay(bytes, true);
    case KIND_AAL5_SNAP:
        return pw_score_llc_snap(bytes);
    case KIND_IPV4:
        return pw_score_ipv4(bytes);
    case KIND_IPV6:
        return pw_score_ipv6(bytes, true);
    default:
        return PW_SCORE_NONE;
    }
}

#define SHORTEST_ETHERNET   14
#define LLC_SNAP            0xaaaa
#define LLC_ISO             0xfefe

/* Whether they can be of that kind at all, known or not what is in it. */
static bool
may_be_kind(const pw_bytes_t *bytes, kind_t kind)
{
    const uint8_t *data = bytes->data;
    unsigned start;

    if (bytes->captured < 2)
        return true;
    start = pntohu16(data);
    switch (kind) {
    case KIND_ETHERNET:
    case KIND_ETHERNET_VLAN:
        return bytes->reported >= SHORTEST_ETHERNET && (bytes->captured < SHORTEST_ETHERNET || !(data[6] & 0x01));
    case KIND_CHDLC:
        return start == 0x0f00 || start == 0x8f00;
    case KIND_PPP:
        return (data[0] & 0x01) || (data[1] & 0x01);    /* RFC 1661 section 2: a protocol is odd, also a compressed one */
    case KIND_FRAME_RELAY:
        return !(data[0] & 0x01) && (data[1] & 0x01);
    case KIND_AAL5_SNAP:
        return start == LLC_SNAP || start == LLC_ISO;
    case KIND_IPV4:
        return data[0] >> 4 == 4;
    case KIND_IPV6:
        return data[0] >> 4 == 6;
    default:
        return true;
    }
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

/* What holds for a packet, itself included; NULL: nothing yet. */
static const reading_t *
reading_at(const l2tp_session_t *session, uint32_t frame)
{
    return session->readings ? (const reading_t *)as_of(session->readings, frame + 1) : NULL;
}

/* Of eight bytes or more the first are a cookie, which is the same in all packets: a sublayer has four. */
static uint32_t
cookie_of(tvbuff_t *tvb, int header)
{
    return header >= 2 * OFFSET_STEP && tvb_bytes_exist(tvb, 0, 4) ? tvb_get_ntohl(tvb, 0) : 0;
}

static void
set_reading(l2tp_session_t *session, const reading_t *reading)
{
    if (!session->readings) {
        session_bytes += SESSION_OVERHEAD + sizeof *reading;
        session->readings = wmem_array_sized_new(wmem_file_scope(), sizeof *reading, 1);
    }
    if (as_of_put(session->readings, reading, sizeof *reading))
        session_bytes += 2 * sizeof *reading;
}

/* Another packet that says so, or the first. */
static void
note_proof(l2tp_session_t *session, const guess_t *guess, tvbuff_t *tvb, const packet_info *pinfo)
{
    static const pw_distinct_t none = { .count = 0 };
    pw_bytes_t bytes = pw_bytes_of(tvb, 0);

    if (guess->kind != session->likely.kind || guess->offset != session->likely.offset)
        session->proofs = none;
    session->likely = *guess;
    pw_distinct_note(&session->proofs, &bytes, pinfo);
}

static void
decide(l2tp_session_t *session, const guess_t *guess, uint32_t cookie, bool doubted, uint32_t frame)
{
    unsigned count = session->readings ? wmem_array_get_count(session->readings) : 0;
    const reading_t reading = {
        .frame = frame, .cookie = cookie, .guess = *guess, .doubted = doubted || count + 1 >= READINGS_MAX
    };

    set_reading(session, &reading);
}

/* taken: bytes behind the session ID that are not in tvb any more. needed: what is likely is not enough on a port of others. */
static void
learn_session(l2tp_session_t *session, tvbuff_t *tvb, int taken, pw_score_t needed, const packet_info *pinfo)
{
    static const guess_t nothing = { .kind = KIND_NONE };
    guess_t guess = guess_payload(tvb);
    uint32_t cookie = cookie_of(tvb, guess.offset);

    guess.offset = (uint8_t)(guess.offset + taken);
    if (guess.score < needed) {
        session->likely = nothing;
        return;
    }
    note_proof(session, &guess, tvb, pinfo);
    if (guess.score == PW_SCORE_SURE || pw_distinct_is_enough(&session->proofs))
        decide(session, &guess, cookie, false, pinfo->num);
}

/* What a packet says of what holds, from header on. */
static pw_score_t
score_reading(tvbuff_t *tvb, int header, const guess_t *guess)
{
    pw_bytes_t bytes = pw_bytes_of(tvb, header);

    return score_kind(&bytes, (kind_t)guess->kind);
}

static bool
is_impossible(tvbuff_t *tvb, int header, const guess_t *guess)
{
    pw_bytes_t bytes = pw_bytes_of(tvb, header);

    return !may_be_kind(&bytes, (kind_t)guess->kind);
}

/* The packet proves what holds: with another cookie in a session of the same kind. */
static void
confirm(l2tp_session_t *session, const reading_t *before, uint32_t cookie, tvbuff_t *tvb, const packet_info *pinfo)
{
    note_proof(session, &before->guess, tvb, pinfo);
    if (cookie != before->cookie || (before->doubted && pw_distinct_is_enough(&session->proofs)))
        decide(session, &before->guess, cookie, false, pinfo->num);
}

/* The packet is not known to be what holds. Returns whether it is known to be not. */
static bool
contradicts(l2tp_session_t *session, const reading_t *before, tvbuff_t *tvb, int taken, const packet_info *pinfo)
{
    static const guess_t nothing = { .kind = KIND_NONE };
    guess_t other = guess_payload(tvb);

    other.offset = (uint8_t)(other.offset + taken);
    if (other.score == PW_SCORE_SURE) {
        note_proof(session, &other, tvb, pinfo);
        return true;
    }
    if (!is_impossible(tvb, before->guess.offset - taken, &before->guess))
        return false;
    session->likely = nothing;
    return true;
}

static void
check_session(l2tp_session_t *session, const reading_t *latest, tvbuff_t *tvb, int taken, const packet_info *pinfo)
{
    const reading_t before = *latest;
    int header = before.guess.offset - taken;
    pw_score_t score;

    if (header < 0 || wmem_array_get_count(session->readings) >= READINGS_MAX)
        return;
    score = score_reading(tvb, header, &before.guess);
    if (score == PW_SCORE_SURE)
        confirm(session, &before, cookie_of(tvb, header), tvb, pinfo);
    else if (score == PW_SCORE_NONE && contradicts(session, &before, tvb, taken, pinfo)) {
        if (session->likely.kind != KIND_NONE && pw_distinct_is_enough(&session->proofs))
            decide(session, &session->likely, cookie_of(tvb, session->likely.offset - taken), false, pinfo->num);
        else if (!before.doubted)
            decide(session, &before.guess, before.cookie, true, pinfo->num);
    }
}

/* The first packets that prove something decide, and later ones may say otherwise. */
static void
learn(l2tp_session_t *session, tvbuff_t *tvb, int taken, const packet_info *pinfo)
{
    const reading_t *latest = (const reading_t *)as_of_latest(session->readings);

    if (latest)
        check_session(session, latest, tvb, taken, pinfo);
    else
        learn_session(session, tvb, taken, PW_SCORE_LIKELY, pinfo);
}

/* Whether what holds can be said of this packet. */
static bool
is_said_of(const reading_t *reading, tvbuff_t *tvb, int header)
{
    if (header < 0 || (int)tvb_captured_length(tvb) <= header)
        return false;
    return (!reading->doubted && cookie_of(tvb, header) == reading->cookie)
            || score_reading(tvb, header, &reading->guess) == PW_SCORE_SURE;
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
    const reading_t *reading;
    int header;

    if (!find_place(tvb, &place))
        return 0;
    session = find_session(pinfo, place.session_id);
    if (!session)
        return 0;
    if (!PINFO_FD_VISITED(pinfo))
        learn(session, tvb, place.taken, pinfo);
    reading = reading_at(session, pinfo->num);
    if (!reading || !payload_handles[reading->guess.kind])
        return 0;
    header = reading->guess.offset - place.taken;
    if (!is_said_of(reading, tvb, header))
        return 0;
    show_guess(tree, tvb, pinfo, &reading->guess, header);
    return call_dissector_only(payload_handles[reading->guess.kind], tvb_new_subset_remaining(tvb, header), pinfo, tree, data);
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
    if (!session->readings && !PINFO_FD_VISITED(pinfo))
        learn_session(session, payload, 0, PW_SCORE_SURE, pinfo);
    return reading_at(session, pinfo->num) != NULL;
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
