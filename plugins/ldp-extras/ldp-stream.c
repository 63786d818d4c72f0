/* ldp-stream.c
 * The PDUs in the two directions of an LDP session's TCP connection
 *
 * RFC 5036 section 3.1 (PDUs), RFC 9293 (sequence numbers).
 *
 * Bindings depend on the order in which they were told, so the bytes are read in the order of their sequence
 * numbers, however they were cut into segments, repeated or exchanged on the way. What arrives early waits until
 * what is missing has come, or until the other side acknowledges it: then the capture lacks it.
 * Ownership: a stream belongs to its side of the session and lives as long as the file; early segments and the
 * beginning of a PDU are copies in file scope, freed when they have been read. Bounds: LDP_MAX_EARLY segments
 * wait, and one PDU, which has at most 65539 bytes. Errors: what does not begin as a PDU is left out, until a
 * segment does.
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <epan/packet.h>

#include "ldp-state.h"
#include "ldp-codes.h"
#include "ws_compat.h"

#define LDP_MAX_EARLY       64
#define LENGTH_END          4       /* version and length come first */
#define IDENTIFIER_END      10

static bool
is_after(uint32_t seq, uint32_t other)
{
    return (int32_t)(seq - other) > 0;
}

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
lose(ldp_side_t *side, uint32_t frame)
{
    side->stream.partial_length = 0;
    side->stream.skip = 0;
    side->stream.lost = true;
    note_gap(side->session, frame);
}

/* Does a PDU begin here? Asked where that is not certain, and of a short segment as far as it goes. */
static bool
begins_pdu(const ldp_side_t *side, tvbuff_t *tvb)
{
    unsigned captured = tvb_captured_length(tvb);
    uint8_t begin[IDENTIFIER_END] = { 0, LDP_VERSION, 0, IDENTIFIER_END - LENGTH_END };

    tvb_memcpy(tvb, begin, 0, MIN(captured, IDENTIFIER_END));
    if (pntohu16(begin) != LDP_VERSION || pntohu16(begin + 2) < IDENTIFIER_END - LENGTH_END)
        return false;
    return captured < IDENTIFIER_END || !side->lsr
            || (pntohu32(begin + 4) == side->lsr->id && pntohu16(begin + 8) == side->lsr->space);
}

static void
keep_partial(ldp_stream_t *stream, tvbuff_t *tvb, unsigned offset)
{
    unsigned length = tvb_captured_length(tvb) - offset;

    if (stream->partial_length + length > stream->partial_capacity) {
        stream->partial_capacity = MAX(2 * stream->partial_capacity, stream->partial_length + length);
        stream->partial = (uint8_t *)wmem_realloc(wmem_file_scope(), stream->partial, stream->partial_capacity);
    }
    tvb_memcpy(tvb, stream->partial + stream->partial_length, (int)offset, length);
    stream->partial_length += length;
}

/* Whole PDUs from the beginning of the tvb on; returns where the first that is not begins. */
static unsigned
read_whole_pdus(ldp_side_t *side, tvbuff_t *tvb, packet_info *pinfo)
{
    unsigned offset = 0, captured = tvb_captured_length(tvb);

    while (captured - offset >= LENGTH_END) {
        unsigned length = LENGTH_END + tvb_get_ntohs(tvb, (int)offset + 2);

        if (tvb_get_ntohs(tvb, (int)offset) != LDP_VERSION) {
            lose(side, pinfo->num);
            return captured;
        }
        if (length > captured - offset)
            break;
        ldp_learn_pdu(tvb, (int)offset, (int)(offset + length), pinfo, side);
        offset += length;
    }
    return offset;
}

/* The bytes after the last whole PDU begin one that goes on in the next segment. */
static void
read_bytes(ldp_side_t *side, tvbuff_t *tvb, packet_info *pinfo)
{
    ldp_stream_t *stream = &side->stream;
    unsigned offset;

    if (stream->partial_length == 0) {
        offset = read_whole_pdus(side, tvb, pinfo);
        keep_partial(stream, tvb, offset);
        return;
    }
    keep_partial(stream, tvb, 0);
    if (stream->partial_length < LENGTH_END
            || stream->partial_length < LENGTH_END + (unsigned)pntohu16(stream->partial + 2))
        return;
    tvb = tvb_new_child_real_data(tvb, (uint8_t *)wmem_memdup(pinfo->pool, stream->partial, stream->partial_length),
            stream->partial_length, (int)stream->partial_length);
    stream->partial_length = 0;
    offset = read_whole_pdus(side, tvb, pinfo);
    keep_partial(stream, tvb, offset);
}

/* The snapshot length cut the segment: what is left of its last PDU is read, and the rest of that PDU left out. */
static void
read_cut_end(ldp_side_t *side, tvbuff_t *tvb, unsigned missing, packet_info *pinfo)
{
    ldp_stream_t *stream = &side->stream;
    unsigned have = stream->partial_length, length;
    tvbuff_t *cut;

    note_gap(side->session, pinfo->num);
    if (have < LENGTH_END) {
        lose(side, pinfo->num);
        return;
    }
    length = LENGTH_END + pntohu16(stream->partial + 2);
    cut = tvb_new_child_real_data(tvb, (uint8_t *)wmem_memdup(pinfo->pool, stream->partial, have), have, (int)have);
    ldp_learn_pdu(cut, 0, (int)have, pinfo, side);
    stream->partial_length = 0;
    if (have + missing > length)
        lose(side, pinfo->num);
    else
        stream->skip = length - have - missing;
}

/* The next bytes of the stream; missing is how many of the segment were not captured after them. */
static void
read_segment(ldp_side_t *side, tvbuff_t *tvb, unsigned missing, packet_info *pinfo)
{
    ldp_stream_t *stream = &side->stream;
    unsigned captured = tvb_captured_length(tvb);

    side->stream.next_seq += captured + missing;
    if (stream->lost) {
        if (!begins_pdu(side, tvb))
            return;
        stream->lost = false;
    }
    if (stream->skip >= captured + missing) {
        stream->skip -= captured + missing;
        return;
    }
    if (stream->skip >= captured && missing) {
        lose(side, pinfo->num);
        return;
    }
    tvb = tvb_new_subset_remaining(tvb, (int)stream->skip);
    stream->skip = 0;
    read_bytes(side, tvb, pinfo);
    if (missing && !stream->lost)
        read_cut_end(side, tvb, missing, pinfo);
}

static void
keep_early(ldp_stream_t *stream, uint32_t seq, tvbuff_t *tvb, uint32_t frame)
{
    ldp_early_t **link = &stream->early, *early;

    while (*link && is_after(seq, (*link)->seq))
        link = &(*link)->next;
    early = wmem_new(wmem_file_scope(), ldp_early_t);
    early->seq = seq;
    early->frame = frame;
    early->length = tvb_captured_length(tvb);
    early->missing = tvb_reported_length(tvb) - early->length;
    early->data = (uint8_t *)tvb_memdup(wmem_file_scope(), tvb, 0, early->length);
    early->next = *link;
    *link = early;
    stream->early_count++;
}

/* Reads a segment that begins at, or before, what comes next. */
static void
read_from(ldp_side_t *side, uint32_t seq, tvbuff_t *tvb, unsigned missing, packet_info *pinfo)
{
    unsigned known = side->stream.next_seq - seq, captured = tvb_captured_length(tvb);

    if (known >= captured + missing)
        return;
    if (known > captured) {
        lose(side, pinfo->num);
        side->stream.next_seq = seq + captured + missing;
        return;
    }
    read_segment(side, tvb_new_subset_remaining(tvb, (int)known), missing, pinfo);
}

/* Reads what waited and comes next now. */
static void
read_early(ldp_side_t *side, tvbuff_t *tvb, packet_info *pinfo)
{
    ldp_stream_t *stream = &side->stream;

    while (stream->early && !is_after(stream->early->seq, stream->next_seq)) {
        ldp_early_t *early = stream->early;
        tvbuff_t *data = tvb_new_child_real_data(tvb, (uint8_t *)wmem_memdup(pinfo->pool, early->data, early->length),
                early->length, (int)early->length);

        stream->early = early->next;
        stream->early_count--;
        ldp_state->shown_frame = early->frame;
        read_from(side, early->seq, data, early->missing, pinfo);
        wmem_free(wmem_file_scope(), early->data);
        wmem_free(wmem_file_scope(), early);
    }
    ldp_state->shown_frame = pinfo->num;
}

/* The bytes before the first segment that waits will not come any more. */
void
ldp_stream_give_up(ldp_side_t *side, tvbuff_t *tvb, packet_info *pinfo)
{
    while (side->stream.early) {
        lose(side, pinfo->num);
        side->stream.next_seq = side->stream.early->seq;
        read_early(side, tvb, pinfo);
    }
}

/* The other side has got all up to ack. */
void
ldp_stream_acknowledged(ldp_side_t *side, uint32_t ack, tvbuff_t *tvb, packet_info *pinfo)
{
    while (side->stream.early && !is_after(side->stream.early->seq, ack)) {
        lose(side, pinfo->num);
        side->stream.next_seq = side->stream.early->seq;
        read_early(side, tvb, pinfo);
    }
}

/* The payload of a segment, as far as it was captured. */
void
ldp_stream_segment(ldp_side_t *side, uint32_t seq, tvbuff_t *payload, packet_info *pinfo)
{
    ldp_stream_t *stream = &side->stream;

    if (tvb_reported_length(payload) == 0)
        return;
    ldp_state->shown_frame = pinfo->num;
    if (!stream->started) {
        stream->started = true;
        stream->next_seq = seq;
        stream->lost = true;        /* may be in the middle of a PDU */
    }
    if (is_after(seq, stream->next_seq)) {
        note_gap(side->session, pinfo->num);
        keep_early(stream, seq, payload, pinfo->num);
        if (stream->early_count > LDP_MAX_EARLY)
            ldp_stream_give_up(side, payload, pinfo);
        return;
    }
    read_from(side, seq, payload, tvb_reported_length(payload) - tvb_captured_length(payload), pinfo);
    read_early(side, payload, pinfo);
}

/* The SYN tells where the stream begins. */
void
ldp_stream_begin(ldp_side_t *side, uint32_t seq)
{
    if (!side->stream.started) {
        side->stream.started = true;
        side->stream.next_seq = seq;
    }
}

/* Whether a segment of this number can belong to the stream: a reset may come from who guesses. */
bool
ldp_stream_near(const ldp_side_t *side, uint32_t seq)
{
    int32_t ahead = (int32_t)(seq - side->stream.next_seq);

    return !side->stream.started || (ahead >= -65536 && ahead <= 65536);
}
