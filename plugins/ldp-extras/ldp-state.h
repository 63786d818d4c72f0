/* ldp-state.h
 * What LDP has said in this capture: label switching routers, sessions and label bindings
 *
 * Sources: RFC 5036 (LDP), RFC 3478 (graceful restart), RFC 8077 (pseudowires).
 *
 * Ownership: all is allocated in file scope by the first pass and never freed before the file is
 * closed. Lifetime: a binding is kept after its withdrawal, with the frames in which its life began
 * and ended, so that each packet is given the bindings as they were when it was captured, in
 * whichever order and however often packets are dissected. Everything that asks "as of frame N"
 * answers from what frames before N said.
 * Errors: what can not be parsed teaches nothing.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_LDP_STATE_H
#define GAPFILL_LDP_STATE_H

#include <epan/packet.h>

extern int proto_ldp_binding;

#define LDP_LABEL_IMPLICIT_NULL 3
#define LDP_LABEL_LAST_SPECIAL  15

/*
 * A pointer that changes with time: sorted by frame, read by binary search. NULL stands for "unknown".
 */
typedef struct ldp_version {
    uint32_t  frame;
    void     *value;
} ldp_version_t;

typedef struct ldp_versions {
    ldp_version_t *versions;
    uint32_t       count;
    uint32_t       capacity;
    uint32_t       owners;      /* different values */
    const void    *last_owner;
    bool           shared;      /* several have it by turns, or together: it tells nothing any more */
    bool           listed;      /* an address: the last owner's Address message has it */
} ldp_versions_t;

void ldp_versions_set(ldp_versions_t *versions, uint32_t frame, void *value);
void *ldp_versions_get(const ldp_versions_t *versions, uint32_t frame);

/*
 * A set of things that come and go: who is in it now (for the first pass), and how many were in it,
 * and the latest of them, at each frame (for all passes).
 */
struct ldp_scope;

typedef struct ldp_member {
    struct ldp_scope  *scope;
    struct ldp_member *prev;
    struct ldp_member *next;
    void              *owner;
} ldp_member_t;

typedef struct ldp_event {
    uint32_t  frame;
    uint32_t  active;   /* members after this frame */
    void     *owner;    /* the latest of them, or the last that left where there is none */
    bool      mixed;    /* more than one router has ever been in it */
} ldp_event_t;

typedef struct ldp_scope {
    uint64_t      key;
    ldp_member_t *head;
    ldp_member_t *tail;
    ldp_event_t  *events;
    uint32_t      count;
    uint32_t      capacity;
    uint32_t      active;
    bool          mixed;
    const void   *first_lsr;
    const struct ldp_lsr *first_peer;   /* at a router: whom it told first, */
    struct ldp_scope     *at_first_peer;    /* and what it told that one; see ldp_scope_at_peer() */
} ldp_scope_t;

const ldp_event_t *ldp_scope_at(const ldp_scope_t *scope, uint32_t frame);

/*
 * A label switching router, by LDP identifier.
 */
typedef struct ldp_lsr {
    uint32_t  id;                   /* router ID, host byte order */
    uint16_t  space;
    uint32_t  number;               /* from 1 */
    uint32_t  first_frame;
    uint32_t  complete_frame;       /* label mapping in a session seen from its Initialization, or 0 */
    uint32_t  addresses_frame[2];   /* its first Address messages, of IPv4 and IPv6, or 0 */
    uint32_t  open_sessions;
    uint32_t  popped_frame;         /* told somebody to pop the label before it (implicit null), or 0 */
    uint32_t  incomplete_frame;     /* a session, or a part of it, is not in the capture, or 0 */
} ldp_lsr_t;

/*
 * Pseudowire attributes as signalled in one Label Mapping.
 */
typedef struct ldp_pw {
    uint16_t  type;
    bool      control_word;
    bool      has_id;               /* FEC 128 */
    uint32_t  id;
    uint32_t  group;
    uint16_t  mtu;                  /* 0: not signalled */
    uint8_t   vccv_cc;
    uint8_t   vccv_cv;
    bool      has_vccv;
    bool      has_flow_label;
    bool      flow_label;           /* the advertiser can receive one */
} ldp_pw_t;

typedef enum {
    LDP_FEC_IPV4,
    LDP_FEC_IPV6,
    LDP_FEC_PW_ID,
    LDP_FEC_PW_GENERALIZED,
    LDP_FEC_MULTIPOINT,
    LDP_FEC_OTHER,
    LDP_FEC_KINDS
} ldp_fec_kind_t;

/* What a FEC element says, before it is interned; see ldp_fec_parse(). */
#define LDP_FEC_KEY_MAX 280

typedef struct ldp_element {
    uint8_t         type;
    ldp_fec_kind_t  kind;
    uint8_t         wildcard_type;  /* typed wildcard: the type it stands for */
    bool            group_only;     /* PW FEC without a PW: all of its group */
    bool            host;
    address         host_address;   /* points into key */
    ldp_pw_t        pw;
    uint8_t         key[LDP_FEC_KEY_MAX];
    unsigned        key_length;
    const char     *text;           /* in the pool given */
} ldp_element_t;

/*
 * A forwarding equivalence class, the same for all who bind labels to it.
 */
typedef struct ldp_fec {
    uint32_t        number;         /* from 1 */
    ldp_fec_kind_t  kind;
    uint8_t         type;           /* of the element */
    const char     *text;
    bool            host;           /* one address: names its egress */
    address         host_address;
    ldp_scope_t     egresses;       /* bindings of implicit or explicit null */
} ldp_fec_t;

/* Why a binding ended. */
typedef enum {
    LDP_ACTIVE,
    LDP_WITHDRAWN,
    LDP_RELEASED,
    LDP_SESSION_CLOSED,
    LDP_SESSION_RESTARTED,
    LDP_REPLACED,
    LDP_NOT_RECOVERED
} ldp_end_t;

typedef struct ldp_binding_key {
    uint32_t  lsr;
    uint32_t  fec;
    uint32_t  label;
} ldp_binding_key_t;

/*
 * One label that one router bound to one FEC, from when its first peer was told until the last was
 * told otherwise.
 */
typedef struct ldp_binding {
    ldp_binding_key_t  key;
    ldp_lsr_t         *lsr;
    ldp_fec_t         *fec;
    uint32_t           advertised_in;
    uint32_t           withdrawn_in;
    uint32_t           requested_in;
    uint32_t           ended_frame; /* from when on it has ended, or 0: withdrawn_in may be earlier */
    uint32_t           adverts;     /* peers that are told so now */
    uint32_t           row;         /* in the table; see packet-ldp-binding.c */
    ldp_end_t          end;
    ldp_pw_t          *pw;
    ldp_versions_t    *pw_status;   /* uint32_t; NULL if it is no pseudowire's */
    ldp_member_t       at_lsr;      /* by router and label */
    ldp_member_t       anywhere;    /* by label */
    ldp_member_t       special;     /* by label among pseudowires, or by FEC among nulls */
} ldp_binding_t;

typedef struct ldp_advert_key {
    uint32_t  side;
    uint32_t  fec;
    uint32_t  label;
} ldp_advert_key_t;

/*
 * A binding as one peer was told.
 */
typedef struct ldp_advert {
    ldp_advert_key_t    key;
    ldp_binding_t      *binding;
    struct ldp_side    *side;
    uint32_t            advertised_in;
    uint32_t            withdrawn_in;
    uint32_t            begun_frame;    /* from when on it counts */
    ldp_end_t           end;
    ldp_versions_t     *pw_status;
    struct ldp_advert  *prev;           /* active ones of this side and kind */
    struct ldp_advert  *next;
    struct ldp_advert  *prev_label;     /* active ones of this side and FEC */
    struct ldp_advert  *next_label;
    ldp_member_t        at_peer;        /* by router, peer and label */
} ldp_advert_t;

/* A segment that came before its turn. */
typedef struct ldp_early {
    uint32_t           seq;
    uint32_t           frame;
    unsigned           length;
    unsigned           missing;         /* bytes after them that were not captured */
    uint8_t           *data;
    struct ldp_early  *next;
} ldp_early_t;

/* How far one direction of the TCP connection has been read; see ldp-stream.c. */
typedef struct ldp_stream {
    bool          started;
    bool          lost;                 /* a PDU has to be found again */
    uint32_t      next_seq;
    uint32_t      skip;                 /* bytes of a PDU that can not be read */
    uint8_t      *partial;              /* the beginning of a PDU */
    unsigned      partial_length;
    unsigned      partial_capacity;
    ldp_early_t  *early;
    unsigned      early_count;
} ldp_stream_t;

/*
 * One direction of a session: what one router says to the other.
 */
typedef struct ldp_side {
    uint32_t             number;        /* from 1 */
    struct ldp_session  *session;
    address              addr;
    uint16_t             port;
    ldp_lsr_t           *lsr;
    ldp_lsr_t           *receiver;      /* as its Initialization names it */
    bool                 initialized;
    uint32_t             mapped_frame;
    ldp_stream_t         stream;
    bool                 ft;            /* FT Session TLV with the L flag */
    uint32_t             reconnect_ms;
    uint32_t             recovery_ms;
    ldp_advert_t        *active[LDP_FEC_KINDS];
    struct ldp_side     *held;          /* of the session before, kept over a graceful restart */
} ldp_side_t;

typedef struct ldp_session {
    ldp_side_t           side[2];
    bool                 gap;           /* bytes of it are missing */
    bool                 closed;
    bool                 held;          /* closed, but labels stay: graceful restart */
    nstime_t             held_until;
    uint32_t             closed_in;
    uint32_t             complete_frame;
    struct ldp_session  *next_held;
} ldp_session_t;

/* All state of the capture. */
typedef struct ldp_state {
    uint32_t        bindings;       /* none: nothing to look up */
    uint32_t        lsr_count;
    uint32_t        fec_count;
    uint32_t        side_count;
    uint32_t        mac_count;
    wmem_map_t     *lsrs;
    wmem_map_t     *fecs;
    wmem_map_t     *binding_by_key;
    wmem_map_t     *advert_by_key;
    wmem_map_t     *withdrawals;    /* by side and FEC: how many wait for a release */
    wmem_map_t     *requests;
    wmem_map_t     *scopes;         /* by peer, by router, by label: told apart by the key */
    wmem_map_t     *pairs;          /* ldp_versions_t of ldp_session_t */
    wmem_map_t     *macs;
    wmem_map_t     *addresses;
    wmem_map_t     *foreign;        /* labels that others than LDP handed out, with the routers that did */
    uint32_t        foreign_frame;  /* first packet of RSVP-TE, BGP or segment routing, or 0 */
    ldp_session_t  *held;
    uint32_t        held_count;
    nstime_t        next_expiry;    /* no held session ends before; unset: there is none */
    uint32_t        shown_frame;    /* that holds what is being learnt: may have come before its turn */
    uint64_t        wildcard_steps;
} ldp_state_t;

extern ldp_state_t *ldp_state;

/* Called in the frame in which a binding begins or ends. */
typedef void (*ldp_touched_cb)(packet_info *pinfo, ldp_binding_t *binding);

void ldp_state_register(ldp_touched_cb touched);

/* Routers and their addresses. */
ldp_lsr_t *ldp_lsr_get(uint32_t id, uint16_t space, uint32_t frame);
ldp_lsr_t *ldp_lsr_by_address(const address *addr, uint32_t frame);
ldp_lsr_t *ldp_lsr_by_mac(const address *mac, uint32_t frame);
bool ldp_lsr_may_have_mac(const ldp_lsr_t *lsr, const address *mac, uint32_t frame);
ldp_lsr_t *ldp_fec_egress(const ldp_fec_t *fec, uint32_t frame);
void ldp_learn_address(const address *addr, ldp_lsr_t *lsr, bool listed, uint32_t frame);
bool ldp_lsr_may_have_address(const ldp_lsr_t *lsr, const address *addr, uint32_t frame);
void ldp_forget_address(const address *addr, const ldp_lsr_t *lsr, uint32_t frame);
void ldp_learn_hello_mac(const address *mac, ldp_lsr_t *lsr, uint32_t frame);
void ldp_learn_neighbor(const address *mac, const address *addr, uint32_t frame);

/* Sessions. */
void ldp_session_initialized(ldp_side_t *side, packet_info *pinfo);
void ldp_session_close(ldp_session_t *session, packet_info *pinfo, bool may_restart, ldp_end_t end);
void ldp_expire_held(packet_info *pinfo);
bool ldp_pair_complete(const ldp_lsr_t *one, const ldp_lsr_t *other, uint32_t frame);

/* Bindings. */
void ldp_bind(ldp_side_t *side, const ldp_element_t *element, uint32_t label, const uint32_t *message_id,
        packet_info *pinfo);
void ldp_unbind(ldp_side_t *side, const ldp_element_t *element, bool has_label, uint32_t label, ldp_end_t end,
        packet_info *pinfo);
void ldp_request(const ldp_side_t *side, const ldp_element_t *element, uint32_t message_id, uint32_t frame);
void ldp_pw_status_changed(const ldp_side_t *side, const ldp_element_t *element, uint32_t status, uint32_t frame);
const uint32_t *ldp_pw_status(const ldp_binding_t *binding, const ldp_advert_t *advert, uint32_t frame);

/* Scopes, by what they are looked up with. NULL where there is none. */
const ldp_scope_t *ldp_scope_at_lsr(const ldp_lsr_t *lsr, uint32_t label);
const ldp_scope_t *ldp_scope_at_peer(const ldp_scope_t *at_lsr, const ldp_lsr_t *lsr, const ldp_lsr_t *peer,
        uint32_t label);
const ldp_scope_t *ldp_scope_anywhere(uint32_t label, bool pseudowires_only);

/* Labels that other protocols handed out. */
void ldp_foreign_seen(uint32_t frame);
void ldp_foreign_label(uint32_t label, const address *router, uint32_t frame);
void ldp_foreign_range(uint32_t first, uint32_t size, const address *router, uint32_t frame);
void ldp_service_label(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame);
bool ldp_label_is_foreign(uint32_t label, uint32_t frame);
bool ldp_label_is_foreign_of(const ldp_lsr_t *lsr, uint32_t label, uint32_t frame);

/* ldp-fec.c */
int ldp_fec_parse(tvbuff_t *tvb, int offset, int length, wmem_allocator_t *pool, ldp_element_t *element);
void ldp_parse_interface_parameters(tvbuff_t *tvb, int offset, int length, ldp_pw_t *pw);
extern const value_string ldp_pw_type_short_vals[];

/* ldp-learn.c */
void ldp_learn_pdu(tvbuff_t *tvb, int offset, int end, packet_info *pinfo, ldp_side_t *side);
void ldp_learn_hello(tvbuff_t *tvb, packet_info *pinfo);

/* ldp-stream.c: on the first pass, in the order of the capture. tvb is any of the packet. */
void ldp_stream_begin(ldp_side_t *side, uint32_t seq);
void ldp_stream_segment(ldp_side_t *side, uint32_t seq, tvbuff_t *payload, packet_info *pinfo);
void ldp_stream_acknowledged(ldp_side_t *side, uint32_t ack, tvbuff_t *tvb, packet_info *pinfo);
void ldp_stream_give_up(ldp_side_t *side, tvbuff_t *tvb, packet_info *pinfo);
bool ldp_stream_near(const ldp_side_t *side, uint32_t seq);

/* ldp-foreign.c, ldp-segment-routing.c */
void ldp_foreign_register(void);
void ldp_segment_routing_register(void);

#endif /* GAPFILL_LDP_STATE_H */
