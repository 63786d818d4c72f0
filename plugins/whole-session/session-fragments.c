/* session-fragments.c
 * The fragments of a session's datagrams; see session-fragments.h
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

#include "session-fragments.h"
#include "standin.h"
#include "compat.h"

/* The sessions of a frame that is a fragment: several where a tunnel's packets were cut. */
typedef struct owner {
    session_t    *session;
    struct owner *next;
} owner_t;

/* Frames noted before a packet was dissected. Packets in packets make a stack. */
struct session_pending {
    const flow_packet_t    *packet;
    wmem_array_t           *frames;
    struct session_pending *outer;
};

/* Packets of one frame that get the frames which theirs was put together from. */
#define MAX_NOTED 16

extern int proto_session;

static wmem_map_t *owners;      /* by frame; NULL: there are no fragments */
static wmem_map_t *matches;     /* bits of session_t.matched by frame, of fragments; NULL: there are none */
static uint32_t fragment_frame; /* on the first pass: the latest frame that is a fragment */
struct session_pending *session_fragments_pending;
static uint32_t noted_frame;    /* on the first pass: in which so many packets were noted */
static unsigned noted_count;
static session_fragment_cb show_fragment;
static int proto_ip = -1;
static int proto_ipv6 = -1;
static int proto_ipv6_fragment = -1;

void
session_fragments_reset(void)
{
    owners = NULL;
    matches = NULL;
    fragment_frame = 0;
    session_fragments_pending = NULL;
    noted_frame = 0;
}

/* A datagram may hold thousands of packets, each of which would own all of its fragments: those that come first do. */
static bool
may_note(uint32_t frame)
{
    if (noted_frame != frame) {
        noted_frame = frame;
        noted_count = 0;
    }
    return noted_count++ < MAX_NOTED;
}

static void
note_frame(void *frame, void *value _U_, void *frames)
{
    uint32_t number = GPOINTER_TO_UINT(frame);

    wmem_array_append_one((wmem_array_t *)frames, number);
}

#ifdef WS_DEPENDENT_FRAMES_OF_PACKET
static bool
has_other_frames(const packet_info *pinfo)
{
    return pinfo->dependent_frames != NULL;
}

static void
note_other_frames(const packet_info *pinfo, wmem_array_t *frames)
{
    for (const GSList *frame = pinfo->dependent_frames; frame; frame = frame->next)
        note_frame(frame->data, NULL, frames);
}
#else
static bool
has_other_frames(const packet_info *pinfo)
{
    return pinfo->fd->dependent_frames != NULL;
}

static void
note_other_frames(const packet_info *pinfo, wmem_array_t *frames)
{
    g_hash_table_foreach(pinfo->fd->dependent_frames, note_frame, frames);
}
#endif

void
session_fragments_before(const flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    struct session_pending *noted;

    if (!has_other_frames(pinfo) || !may_note(pinfo->num))
        return;
    noted = wmem_new(pinfo->pool, struct session_pending);
    noted->packet = packet;
    noted->frames = wmem_array_new(pinfo->pool, sizeof(uint32_t));
    noted->outer = session_fragments_pending;
    note_other_frames(pinfo, noted->frames);
    session_fragments_pending = noted;
}

static bool
is_owner(const owner_t *owner, const session_t *session)
{
    for (; owner; owner = owner->next) {
        if (owner->session == session)
            return true;
    }
    return false;
}

static void
add_owner(uint32_t frame, session_t *session)
{
    owner_t *known = (owner_t *)wmem_map_lookup(owners, GUINT_TO_POINTER(frame));
    owner_t *owner;

    if (is_owner(known, session))
        return;
    if (matches)
        session_add_matches(session, GPOINTER_TO_UINT(wmem_map_lookup(matches, GUINT_TO_POINTER(frame))));
    owner = wmem_new(wmem_file_scope(), owner_t);
    owner->session = session;
    owner->next = known;
    wmem_map_insert(owners, GUINT_TO_POINTER(frame), owner);
}

/* What Wireshark calls for a fragment that it does not look into. */
static int dissect_data_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t data_standin = { .name = "session.data", .dissect = dissect_data_first, .proto = &proto_session, .asleep = true };

/* Most files have no fragments, and then the dissector costs no more than without us. */
void
session_fragments_listen(bool from_the_start)
{
    standin_wake(&data_standin, from_the_start);
}

static void
make_owners(void)
{
    owners = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    standin_wake(&data_standin, true);
}

void
session_fragments_own(const flow_packet_t *packet, session_t *session)
{
    const wmem_array_t *frames;

    if (session_fragments_pending->packet != packet)
        return;
    frames = session_fragments_pending->frames;
    session_fragments_pending = session_fragments_pending->outer;
    if (!session)
        return;
    if (!owners)
        make_owners();
    for (unsigned i = 0; i < wmem_array_get_count((wmem_array_t *)frames); i++)
        add_owner(*(const uint32_t *)wmem_array_index((wmem_array_t *)frames, i), session);
}

bool
session_fragments_has(uint32_t frame)
{
    return fragment_frame == frame;
}

void
session_fragments_match(uint32_t frame, uint32_t matched)
{
    if (!matches)
        matches = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    wmem_map_insert(matches, GUINT_TO_POINTER(frame), GUINT_TO_POINTER(matched));
}

static void
show_fragment_of_all(const owner_t *owner, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, int proto_below)
{
    proto_tree *under = flow_native_subtree(tree, proto_below);

    if (under == tree)      /* below IPv6's fragment header, whose item is not one of the tree's own */
        under = flow_native_subtree(tree, proto_ipv6);
    for (; owner; owner = owner->next)
        show_fragment(owner->session, tvb, pinfo, under);
}

/* What is no fragment, but of a protocol that Wireshark does not know, is never put together. */
static bool
is_ip(int proto_id)
{
    return proto_id == proto_ip || proto_id == proto_ipv6 || proto_id == proto_ipv6_fragment;
}

static int
dissect_data_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const owner_t *owner = NULL;
    int proto_below = -1;
    int result;

    if (!PINFO_FD_VISITED(pinfo) && is_ip(standin_proto_below(pinfo)))
        fragment_frame = pinfo->num;
    if (owners && tree && PINFO_FD_VISITED(pinfo)) {
        owner = (const owner_t *)wmem_map_lookup(owners, GUINT_TO_POINTER(pinfo->num));
        proto_below = standin_proto_below(pinfo);
    }
    result = standin_call(&data_standin, tvb, pinfo, tree, data);
    if (owner)
        show_fragment_of_all(owner, tvb, pinfo, tree, proto_below);
    return result;
}

void
session_fragments_init(session_fragment_cb show)
{
    show_fragment = show;
    proto_ip = proto_get_id_by_filter_name("ip");
    proto_ipv6 = proto_get_id_by_filter_name("ipv6");
    proto_ipv6_fragment = proto_get_id_by_filter_name("ipv6.fraghdr");
    standin_add(&data_standin, find_dissector("data"));
}
