/* ftp-ahead.c
 * Replies that were captured before the commands that they answer; see ftp-ahead.h
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

#include "ftp-ahead.h"
#include "ftp-dialogue.h"
#include "ftp-tls.h"

/* Segments that wait, and for how long: at most until so many others have come, of which the client's that follow count twice. */
#define FTP_AHEAD_MAX       8
#define FTP_AHEAD_PASSED    3
#define FTP_AHEAD_SECONDS   0.05

/* Of the client's bytes that are waited for, and of a segment that waits. */
#define FTP_AHEAD_BYTES     4096

struct ftp_ahead {
    unsigned count;
    struct {
        ftp_segment_t segment;
        nstime_t      at;
        unsigned      passed;   /* segments since, counted so */
    } kept[FTP_AHEAD_MAX];
};

/*
 * More is acknowledged than has been captured, and than was given up for another segment.
 * A command that was captured behind what is missing is there: its reply is not ahead of it.
 */
static bool
is_ahead(const ftp_session_t *session, uint32_t ack)
{
    const tcp_stream_t *stream = &session->clear[0].stream;
    int32_t more = (int32_t)(ack - (tcp_stream_is_behind(stream) ? stream->acked : stream->next));
    uint32_t missing = tcp_stream_missing(stream);

    return stream->started && !session->flow.half[0].fin_frame && more > 0 && more <= FTP_AHEAD_BYTES
        && (missing == 0 || ack - stream->next <= missing);
}

static bool
may_wait(const ftp_session_t *session, const packet_info *pinfo, const ftp_segment_t *segment)
{
    return session->confirmed && !(session->by_content && !session->judged) && !session->implicit
        && !ftp_session_is_under_tls(session, pinfo->num) && !ftp_tls_is_record(segment) && segment->length <= FTP_AHEAD_BYTES
        && (segment->flags & (TH_SYN | TH_ACK | TH_FIN | TH_RST)) == TH_ACK;
}

bool
ftp_ahead_keep(ftp_session_t *session, const packet_info *pinfo, unsigned side, const ftp_segment_t *segment)
{
    struct ftp_ahead *ahead = session->ahead;
    ftp_segment_t *kept;

    if (side != 1 || !is_ahead(session, segment->ack) || !may_wait(session, pinfo, segment)
            || (ahead && ahead->count == FTP_AHEAD_MAX))
        return false;
    if (!ahead)
        ahead = session->ahead = wmem_new0(wmem_file_scope(), struct ftp_ahead);
    ahead->kept[ahead->count].at = pinfo->abs_ts;
    ahead->kept[ahead->count].passed = 0;
    kept = &ahead->kept[ahead->count++].segment;
    *kept = *segment;
    kept->payload = (const uint8_t *)wmem_memdup(wmem_file_scope(), segment->payload, segment->captured);
    return true;
}

/* Before the client's next line, which may wait behind what is missing. */
static void
read_first(ftp_session_t *session, packet_info *pinfo)
{
    struct ftp_ahead *ahead = session->ahead;
    ftp_segment_t segment = ahead->kept[0].segment;

    memmove(&ahead->kept[0], &ahead->kept[1], --ahead->count * sizeof ahead->kept[0]);
    ftp_session_acked(session, pinfo, 1, segment.ack - 1);
    if (segment.length > 0)
        ftp_session_payload(session, pinfo, 1, segment.seq, segment.payload, segment.captured, segment.length);
    ftp_session_acked(session, pinfo, 1, segment.ack);
    wmem_free(wmem_file_scope(), (void *)segment.payload);
}

static bool
has_waited(const struct ftp_ahead *ahead, const packet_info *pinfo)
{
    nstime_t waited;

    nstime_delta(&waited, &pinfo->abs_ts, &ahead->kept[0].at);
    return nstime_to_sec(&waited) > FTP_AHEAD_SECONDS;
}

static void
note_passed(struct ftp_ahead *ahead, unsigned side, const ftp_segment_t *segment)
{
    for (unsigned i = 0; i < ahead->count; i++)
        if (side == 1)
            ahead->kept[i].passed++;
        else if ((int32_t)(segment->seq - ahead->kept[i].segment.ack) >= 0)
            ahead->kept[i].passed += 2;
}

void
ftp_ahead_give_up(ftp_session_t *session, packet_info *pinfo, unsigned side, const ftp_segment_t *segment)
{
    struct ftp_ahead *ahead = session->ahead;
    bool is_end = segment->flags & (TH_SYN | TH_FIN | TH_RST);

    if (!ahead)
        return;
    note_passed(ahead, side, segment);
    while (ahead->count > 0 && (is_end || ahead->count == FTP_AHEAD_MAX || ahead->kept[0].passed >= FTP_AHEAD_PASSED
            || has_waited(ahead, pinfo) || !is_ahead(session, ahead->kept[0].segment.ack)))
        read_first(session, pinfo);
}

void
ftp_ahead_follow(ftp_session_t *session, packet_info *pinfo)
{
    struct ftp_ahead *ahead = session->ahead;

    while (ahead && ahead->count > 0 && !is_ahead(session, ahead->kept[0].segment.ack))
        read_first(session, pinfo);
}
