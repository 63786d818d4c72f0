/* ftp-count.c
 * How many bytes of one direction of a TCP connection have got across; see ftp-count.h
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

#include <glib.h>

#include <epan/wmem_scopes.h>

#include "ftp-count.h"

#define FTP_GAPS_MAX 64

/* A segment further ahead than this of all that was seen or acknowledged is none of the stream. */
#define FTP_WINDOW_MAX (16 << 20)

void
ftp_count_begin(ftp_count_t *count, uint32_t seq)
{
    if (count->started)
        return;
    count->started = true;
    count->based = true;
    count->top_seq = seq;
}

static void
begin_amid(ftp_count_t *count, uint32_t seq)
{
    if (!count->started) {
        count->started = true;
        count->top_seq = seq;
    }
}

static int32_t
distance(const ftp_count_t *count, uint32_t seq)
{
    return (int32_t)(seq - count->top_seq);
}

static void
advance(ftp_count_t *count, uint64_t position, uint32_t seq)
{
    if (position > count->top) {
        count->top = position;
        count->top_seq = seq;
    }
}

bool
ftp_count_is_near(const ftp_count_t *count, uint32_t seq)
{
    int32_t d = distance(count, seq);

    return !count->started || (d <= FTP_WINDOW_MAX && d >= -FTP_WINDOW_MAX);
}

/* Gaps */

static void
remove_gap(ftp_count_t *count, unsigned at)
{
    count->gap_count--;
    memmove(count->gaps + at, count->gaps + at + 1, (count->gap_count - at) * sizeof *count->gaps);
}

/* The oldest one is forgotten where there are too many: it has most likely been acknowledged since. */
static void
insert_gap(ftp_count_t *count, unsigned at, uint64_t begin, uint64_t end)
{
    if (!count->gaps)
        count->gaps = wmem_alloc_array(wmem_file_scope(), ftp_gap_t, FTP_GAPS_MAX);
    if (count->gap_count == FTP_GAPS_MAX) {
        remove_gap(count, 0);
        at = at > 0 ? at - 1 : 0;
    }
    memmove(count->gaps + at + 1, count->gaps + at, (count->gap_count - at) * sizeof *count->gaps);
    count->gaps[at] = (ftp_gap_t) { begin, end };
    count->gap_count++;
}

static uint64_t
overlap(uint64_t begin, uint64_t end, uint64_t from, uint64_t until)
{
    uint64_t low = MAX(begin, from), high = MIN(end, until);

    return high > low ? high - low : 0;
}

/* What a late segment fills of the gaps. */
static void
fill_gaps(ftp_count_t *count, uint64_t begin, uint64_t end)
{
    for (unsigned i = 0; i < count->gap_count; i++) {
        ftp_gap_t *gap = &count->gaps[i];
        uint64_t low = MAX(gap->begin, begin), high = MIN(gap->end, end);

        if (low >= high)
            continue;
        count->captured += high - low;
        if (low > gap->begin && high < gap->end) {
            uint64_t gap_end = gap->end;

            gap->end = low;
            insert_gap(count, i + 1, high, gap_end);
            return;
        }
        if (low > gap->begin)
            gap->end = low;
        else
            gap->begin = high;
        if (gap->begin >= gap->end)
            remove_gap(count, i--);
    }
}

static void
note_seen(ftp_count_t *count, uint64_t begin, uint64_t end)
{
    if (begin < count->sent)
        fill_gaps(count, begin, MIN(end, count->sent));
    if (end <= count->sent)
        return;
    if (begin > count->sent)
        insert_gap(count, count->gap_count, count->sent, begin);
    count->captured += end - MAX(begin, count->sent);
    count->sent = end;
}

static void
note_segment(ftp_count_t *count, uint32_t seq, uint32_t length)
{
    int32_t d = distance(count, seq);
    uint64_t begin;

    if (d < 0 && (uint64_t)-(int64_t)d > count->top)
        return;
    begin = count->top + (uint64_t)(int64_t)d;
    note_seen(count, begin, begin + length);
    advance(count, begin + length, seq + length);
}

/* Whether it follows on the one that was left out before it; else it takes its place. */
static bool
goes_on_far(ftp_count_t *count, uint32_t seq, uint32_t length)
{
    if (count->has_far && !count->has_acks && seq == count->far_end)
        return true;
    count->has_far = true;
    count->far_seq = seq;
    count->far_end = seq + length;
    return false;
}

/* What comes after a FIN that was but guessed refutes it. */
static void
refute_fin(ftp_count_t *count, uint32_t end)
{
    if (!count->is_fin_guessed || (int32_t)(end - count->fin_seq) <= 0)
        return;
    count->is_fin_guessed = false;
    count->has_fin = false;
    count->finished = false;
}

void
ftp_count_sent(ftp_count_t *count, uint32_t seq, uint32_t length)
{
    begin_amid(count, seq);
    refute_fin(count, seq + length);
    if (distance(count, seq) > FTP_WINDOW_MAX) {
        if (!goes_on_far(count, seq, length))
            return;
        note_segment(count, count->far_seq, count->far_end - count->far_seq);
    }
    note_segment(count, seq, length);
}

/* Ends */

/* However far it is from what was seen: nothing comes after it. */
static void
finish(ftp_count_t *count)
{
    int32_t d = distance(count, count->fin_seq);
    bool is_behind = d < 0 && d >= -FTP_WINDOW_MAX && (uint64_t)-(int64_t)d <= count->top;
    uint64_t end = is_behind ? count->top - (uint64_t)-(int64_t)d : count->top + (uint32_t)(count->fin_seq - count->top_seq);

    count->finished = true;
    count->acked = end;
    count->top = end;
    count->top_seq = count->fin_seq;
}

static bool
is_fin_acked(const ftp_count_t *count)
{
    return count->has_fin && count->has_acks && count->last_ack == count->fin_seq + 1;
}

void
ftp_count_fin(ftp_count_t *count, uint32_t seq)
{
    begin_amid(count, seq);
    refute_fin(count, seq);
    if (count->has_fin)
        return;
    count->has_fin = true;
    count->fin_seq = seq;
    if (is_fin_acked(count))
        finish(count);
}

void
ftp_count_acked(ftp_count_t *count, uint32_t ack)
{
    int32_t d;

    begin_amid(count, ack);
    if (count->finished)
        return;
    d = distance(count, ack);
    if (!count->has_acks || (int32_t)(ack - count->last_ack) > 0 || (count->has_fin && ack == count->fin_seq + 1))
        count->last_ack = ack;
    count->has_acks = true;
    if (count->is_ending && d == 1 && count->sent == 0 && !count->has_fin)
        ftp_count_fin(count, ack - 1);
    if (is_fin_acked(count)) {
        finish(count);
    } else if (d > 0) {
        advance(count, count->top + (uint32_t)d, ack);
        count->acked = count->top;
    } else if ((uint64_t)-(int64_t)d <= count->top) {
        count->acked = MAX(count->acked, count->top - (uint64_t)-(int64_t)d);
    }
}

void
ftp_count_ended_unseen(ftp_count_t *count)
{
    if (count->has_fin)
        return;
    count->is_ending = count->sent == 0;
    if (count->acked <= count->sent)
        return;
    ftp_count_fin(count, count->last_ack - 1);
    count->is_fin_guessed = count->sent > 0;
}

bool
ftp_count_is_fin_alone(const ftp_count_t *count)
{
    return count->based && count->sent == 0 && !count->has_fin && count->acked == 1;
}

/* Bytes */

static uint64_t
seen_beyond(const ftp_count_t *count, uint64_t position)
{
    uint64_t seen = count->sent > position ? count->sent - position : 0;

    for (unsigned i = 0; i < count->gap_count; i++)
        seen -= overlap(count->gaps[i].begin, count->gaps[i].end, position, count->sent);
    return seen;
}

uint64_t
ftp_count_got(const ftp_count_t *count)
{
    if (count->finished)
        return count->acked;
    return count->has_acks ? count->acked + seen_beyond(count, count->acked) : count->sent;
}

bool
ftp_count_is_whole(const ftp_count_t *count)
{
    return count->finished || (count->has_fin && distance(count, count->fin_seq) <= 0);
}
