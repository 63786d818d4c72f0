/* ftp-twin.c
 * One session that was captured on both sides of a NAT; see ftp-twin.h
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

#include "ftp-twin.h"
#include "seconds.h"

#define FTP_TWIN_SECONDS 2
/* Segments with payload by which the one that is captured first is ahead. */
#define FTP_TWIN_LEAD    3
/* Bytes that both have to have said alike. */
#define FTP_TWIN_ALIKE   16
/* Below it are numbers such as 0, 1 and 1000. */
#define FTP_TWIN_DRAWN   0x100000
/* Times that acknowledgements have to fit where nothing was captured twice. */
#define FTP_TWIN_ACKS    2

/* Initial sequence numbers of client and server -> the latest session with them; in file scope. */
static wmem_map_t *by_numbers;

void
ftp_twin_reset(void)
{
    by_numbers = wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
}

/* What a side's bytes begin after, as its SYN tells or the acknowledgement of it. */
static bool
number_of(const ftp_session_t *session, unsigned side, uint32_t *isn)
{
    const ftp_half_t *half = &session->flow.half[side];
    const ftp_half_t *other = &session->flow.half[!side];

    *isn = half->syn_frame ? half->isn : other->first_acked - 1;
    return half->syn_frame || (other->syn_frame && other->has_acked);
}

static bool
is_same_end(const ftp_session_t *a, const ftp_session_t *b, unsigned side)
{
    return a->flow.port[side] == b->flow.port[side] && addresses_equal(&a->flow.side[side], &b->flow.side[side]);
}

static bool
has_other_address(const ftp_session_t *a, const ftp_session_t *b, unsigned side)
{
    return !addresses_equal(&a->flow.side[side], &b->flow.side[side]);
}

/* Numbers that a host has drawn by lot, as opposed to those of packets that somebody has written. */
static bool
are_drawn(const ftp_session_t *session)
{
    return session->isn[0] >= FTP_TWIN_DRAWN && session->isn[1] >= FTP_TWIN_DRAWN;
}

/* A NAT exchanges one of the two ends; or both, as for containers and by NAT64: the numbers are all that is alike then. */
static bool
are_translated(const ftp_session_t *a, const ftp_session_t *b)
{
    if (has_other_address(a, b, 0) && has_other_address(a, b, 1))
        return are_drawn(a);
    return (is_same_end(a, b, 0) && has_other_address(a, b, 1)) || (is_same_end(a, b, 1) && has_other_address(a, b, 0));
}

/* The two go on at the same time. */
static bool
may_be_twins(const ftp_session_t *a, const ftp_session_t *b)
{
    return a != b && !b->closed && b->twin_segments <= FTP_TWIN_LEAD
        && seconds_since(a->flow.opened.secs, b->flow.opened.secs) <= FTP_TWIN_SECONDS
        && seconds_since(b->flow.opened.secs, a->flow.opened.secs) <= FTP_TWIN_SECONDS && are_translated(a, b);
}

void
ftp_twin_begin(ftp_session_t *session, uint32_t client_isn, uint32_t server_isn)
{
    uint64_t *key = wmem_new(wmem_file_scope(), uint64_t);
    ftp_session_t *other;

    *key = (uint64_t)client_isn << 32 | server_isn;
    other = (ftp_session_t *)wmem_map_lookup(by_numbers, key);
    session->has_numbers = true;
    session->isn[0] = client_isn;
    session->isn[1] = server_isn;
    if (other && !other->twin && may_be_twins(session, other)) {
        session->twin = other;
        other->twin = session;
    }
    wmem_map_insert(by_numbers, key, session);
}

static void
register_numbers(ftp_session_t *session)
{
    uint32_t isn[2];

    if (session->twin_sent[0] == 0 && session->twin_sent[1] == 0 && number_of(session, 0, &isn[0])
            && number_of(session, 1, &isn[1]))
        ftp_twin_begin(session, isn[0], isn[1]);
}

/* The first bytes of a side, in order. */
static void
keep(ftp_session_t *session, unsigned side, const ftp_segment_t *segment)
{
    uint32_t position = segment->seq - session->isn[side] - 1;
    uint32_t kept = session->twin_kept[side];
    uint32_t length = MIN(segment->captured, FTP_TWIN_KEPT - MIN(position, FTP_TWIN_KEPT));

    if (position == kept) {
        memcpy(session->twin_bytes[side] + kept, segment->payload, length);
        session->twin_kept[side] += length;
    }
    if (position < UINT32_MAX / 2)
        session->twin_sent[side] = MAX(session->twin_sent[side], position + segment->length);
}

static bool
says_otherwise(const ftp_session_t *a, const ftp_session_t *b, unsigned side)
{
    return memcmp(a->twin_bytes[side], b->twin_bytes[side], MIN(a->twin_kept[side], b->twin_kept[side])) != 0;
}

static void
part(ftp_session_t *session)
{
    session->twin->twin = NULL;
    session->twin = NULL;
}

/* What a side has acknowledged, of the bytes of the other. */
static uint32_t
acked_by(const ftp_session_t *session, unsigned side)
{
    return session->flow.half[side].acked - session->isn[!side] - 1;
}

/* The client's half is of the one, the server's of the other: each has got what the other had sent before this packet. */
static bool
acks_fit(const ftp_session_t *client, const ftp_session_t *server)
{
    return client->twin_sent[0] > 0 && server->twin_sent[1] > 0 && client->twin_sent[1] == 0 && server->twin_sent[0] == 0
        && client->flow.half[0].has_acked && server->flow.half[1].has_acked
        && acked_by(client, 0) == server->twin_sent[1] && acked_by(server, 1) == client->twin_sent[0];
}

static void
join(ftp_session_t *session)
{
    session->is_twin = true;
    session->twin->is_twin = true;
}

static void
compare(ftp_session_t *session)
{
    const ftp_session_t *twin = session->twin;
    uint32_t alike[2];

    if (says_otherwise(session, twin, 0) || says_otherwise(session, twin, 1)) {
        part(session);
        return;
    }
    for (unsigned side = 0; side < 2; side++)
        alike[side] = MIN(session->twin_kept[side], twin->twin_kept[side]);
    if (alike[0] + alike[1] >= FTP_TWIN_ALIKE)
        join(session);
}

static void
compare_halves(ftp_session_t *session)
{
    if (acks_fit(session, session->twin) || acks_fit(session->twin, session))
        session->twin_acks++;
    if (session->twin_acks + session->twin->twin_acks >= FTP_TWIN_ACKS)
        join(session);
}

void
ftp_twin_segment(ftp_session_t *session, unsigned side, const ftp_segment_t *segment)
{
    if (session->is_twin)
        return;
    if (!session->has_numbers)
        register_numbers(session);
    if (!session->has_numbers)
        return;
    if (session->twin)
        compare_halves(session);
    session->twin_segments++;
    keep(session, side, segment);
    if (session->twin && !session->is_twin)
        compare(session);
}

bool
ftp_twin_is_told_by_other(const ftp_session_t *session)
{
    return session->is_twin && session->twin->id < session->id && session->twin->confirmed && session->twin->twin_sent[0] > 0;
}
