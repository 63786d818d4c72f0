/* ldp-stream.c
 * The PDUs of an LDP session; see ldp-stream.h
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
#include <wsutil/pint.h>

#include "as-of.h"
#include "ldp-capture.h"
#include "ldp-codes.h"
#include "ldp-learn.h"
#include "ldp-restart.h"
#include "ldp-stream.h"
#include "compat.h"

#define LENGTH_END          4       /* version and length come first */
#define IDENTIFIER_END      10
#define MAX_PDU             (LENGTH_END + 65535)

/* Bytes that a router may send before the first of them is acknowledged: what is further ahead was not sent in this session. */
#define FURTHEST            (1u << 20)

/* What the reader of a stream has to know. */
typedef struct reading {
    ldp_side_t  *side;
    packet_info *pinfo;
} reading_t;

static void
note_gap(ldp_session_t *session, uint32_t frame)
{
    session->gap = true;
    for (unsigned i = 0; i < 2; i++) {
        if (session->side[i].lsr && !session->side[i].lsr->incomplete_frame)
            session->side[i].lsr->incomplete_frame = frame;
    }
}

static void
count_wait(ldp_lsr_t *lsr, int change, uint32_t frame)
{
    const ldp_wait_t *latest = (const ldp_wait_t *)as_of_latest(lsr->waits);
    ldp_wait_t wait = { .frame = frame, .streams = (latest ? latest->streams : 0) + (unsigned)change };

    if (!lsr->waits) {
        ldp_keep_count(4 * sizeof wait);
        lsr->waits = wmem_array_sized_new(wmem_file_scope(), sizeof wait, 2);
    }
    if (as_of_put(lsr->waits, &wait, sizeof wait))
        ldp_keep_count(2 * sizeof wait);
}

/* What is missing may only be late: until it comes, or is given up, less is known. */
static void
note_waiting(ldp_side_t *side, uint32_t frame)
{
    uint32_t missing = tcp_stream_missing(&side->stream);
    bool waits = missing && missing <= FURTHEST;

    if (waits == side->waits)
        return;
    side->waits = waits;
    for (unsigned i = 0; i < 2; i++) {
        ldp_lsr_t *lsr = waits ? side->session->side[i].lsr : side->waiting[i];

        if (lsr)
            count_wait(lsr, waits ? 1 : -1, frame);
        side->waiting[i] = waits ? lsr : NULL;
    }
}

static void
lose(ldp_side_t *side, uint32_t frame)
{
    side->skip = 0;
    side->lost = true;
    note_gap(side->session, frame);
}

/* Does a PDU begin here? Asked where that is not certain, and of a short segment as far as it goes. */
static bool
begins_pdu(const ldp_side_t *side, const uint8_t *data, size_t length)
{
    uint8_t begin[IDENTIFIER_END] = { 0, LDP_VERSION, 0, IDENTIFIER_END - LENGTH_END };

    memcpy(begin, data, MIN(length, IDENTIFIER_END));
    if (pntohu16(begin) != LDP_VERSION || pntohu16(begin + 2) < IDENTIFIER_END - LENGTH_END)
        return false;
    return length < IDENTIFIER_END || !side->lsr
            || (pntohu32(begin + 4) == side->lsr->id && pntohu16(begin + 8) == side->lsr->space);
}

static void
learn(const reading_t *reading, const uint8_t *data, size_t length)
{
    tvbuff_t *tvb = tvb_new_real_data(data, (unsigned)length, (int)length);

    ldp_learn_pdu(tvb, 0, (int)length, reading->pinfo, reading->side->session->network, reading->side);
    tvb_free(tvb);
}

/* Returns how many bytes whole PDUs take from the beginning on. */
static size_t
read_whole_pdus(const reading_t *reading, const uint8_t *data, size_t length)
{
    size_t offset = 0;

    while (length - offset >= LENGTH_END) {
        size_t size = LENGTH_END + (size_t)pntohu16(data + offset + 2);

        if (pntohu16(data + offset) != LDP_VERSION) {
            lose(reading->side, reading->pinfo->num);
            return length;
        }
        if (size > length - offset)
            break;
        learn(reading, data + offset, size);
        offset += size;
    }
    return offset;
}

static size_t
read_bytes(void *user, const uint8_t *data, size_t length, uint32_t frame)
{
    const reading_t *reading = (const reading_t *)user;
    ldp_side_t *side = reading->side;
    size_t skipped;

    if (side->lost && !begins_pdu(side, data, length))
        return length;
    side->lost = false;
    ldp_capture.shown_frame = frame;
    skipped = MIN(side->skip, length);
    side->skip -= (uint32_t)skipped;
    return skipped + read_whole_pdus(reading, data + skipped, length - skipped);
}

/* The snapshot length cut the segment: what is left of its last PDU is read, and the rest of that PDU left out. */
static void
read_cut_end(const reading_t *reading, const uint8_t *unread, size_t length, uint32_t missing)
{
    ldp_side_t *side = reading->side;
    size_t size = length < LENGTH_END ? 0 : LENGTH_END + (size_t)pntohu16(unread + 2);

    if (side->lost || (length == 0 && side->skip >= missing && side->skip)) {
        side->skip -= side->lost ? 0 : missing;
        return;
    }
    note_gap(side->session, reading->pinfo->num);
    if (size)
        learn(reading, unread, length);
    if (length + missing > size)
        lose(side, reading->pinfo->num);
    else
        side->skip = (uint32_t)(size - length - missing);
}

static void
read_hole(void *user, tcp_stream_hole_t why, uint32_t missing, const uint8_t *unread, size_t length, uint32_t frame)
{
    const reading_t *reading = (const reading_t *)user;

    switch (why) {
    case TCP_STREAM_NO_BEGIN:
        reading->side->lost = true;
        break;
    case TCP_STREAM_CUT:
        ldp_capture.shown_frame = frame;
        read_cut_end(reading, unread, length, missing);
        break;
    case TCP_STREAM_LOST:
        lose(reading->side, reading->pinfo->num);
        break;
    }
}

static const tcp_stream_reader_t reader = {
    .read = read_bytes, .hole = read_hole, .max_waiting = LDP_MAX_EARLY, .max_waiting_bytes = LDP_MAX_EARLY * (size_t)MAX_PDU
};

void
ldp_stream_begin(ldp_side_t *side, uint32_t seq)
{
    side->begun = true;
    tcp_stream_begin(&side->stream, seq);
}

/* An Initialization is short: what does not begin as a PDU is further on in a longer one. */
static bool
follows_initialization(const ldp_side_t *side, const uint8_t *data, size_t length)
{
    if (length < IDENTIFIER_END + 2)
        return false;
    return !begins_pdu(side, data, length)
            || LDP_FOLLOWS_INITIALIZATION(pntohu16(data + IDENTIFIER_END) & LDP_MESSAGE_TYPE_MASK);
}

void
ldp_stream_segment(ldp_side_t *side, uint32_t seq, tvbuff_t *payload, packet_info *pinfo)
{
    reading_t reading = { side, pinfo };
    unsigned captured = tvb_captured_length(payload);
    const uint8_t *data = captured ? tvb_get_ptr(payload, 0, (int)captured) : NULL;

    tcp_stream_segment(&side->stream, &reader, seq, data, captured, tvb_reported_length(payload), pinfo->num, &reading);
    note_waiting(side, pinfo->num);
    ldp_capture.shown_frame = pinfo->num;
    if (side->waits && follows_initialization(side, data, captured))
        ldp_session_is_ahead(side, pinfo);
}

void
ldp_stream_acknowledged(ldp_side_t *side, uint32_t ack, packet_info *pinfo)
{
    reading_t reading = { side, pinfo };

    tcp_stream_acknowledged(&side->stream, &reader, ack, pinfo->num, &reading);
    note_waiting(side, pinfo->num);
    ldp_capture.shown_frame = pinfo->num;
}

void
ldp_stream_give_up(ldp_side_t *side, packet_info *pinfo)
{
    reading_t reading = { side, pinfo };

    if (tcp_stream_missing(&side->stream) > FURTHEST)
        return;
    tcp_stream_finish(&side->stream, &reader, pinfo->num, &reading);
    note_waiting(side, pinfo->num);
    ldp_capture.shown_frame = pinfo->num;
}

bool
ldp_stream_near(const ldp_side_t *side, uint32_t seq)
{
    int32_t ahead = tcp_stream_distance(&side->stream, seq);

    return ahead >= -65536 && ahead <= 65536;
}
