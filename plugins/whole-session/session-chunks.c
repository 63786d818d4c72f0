/* session-chunks.c
 * A chunk of HTTP whose end is not there; see session-chunks.h
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

#include <stdlib.h>
#include <string.h>

#include <epan/packet.h>
#include <wsutil/wmem/wmem_strutl.h>

#include "session-chunks.h"
#include "tcp-header.h"
#include "compat.h"

/* What Wireshark calls the data source that it makes of chunks. */
#define DECHUNKED "De-chunked entity body"

#define CRLF_LENGTH         2
#define MAX_SIZE_DIGITS     16

typedef struct octets {
    const uint8_t *data;
    unsigned       length;
} octets_t;

/* The size in a line, which Wireshark takes from what a line begins with. */
static unsigned long
chunk_size(const uint8_t *line, unsigned length)
{
    char digits[MAX_SIZE_DIGITS + 1];
    unsigned used = MIN(length, MAX_SIZE_DIGITS);

    memcpy(digits, line, used);
    digits[used] = '\0';
    return strtoul(digits, NULL, 16);
}

/*
 * Walks chunks from at on. Whether the data of the last one are there and its end is not; else at becomes the offset of what is no
 * chunk with data any more.
 */
static bool
lacks_an_end(octets_t octets, unsigned *at)
{
    while (*at < octets.length) {
        const uint8_t *line = octets.data + *at;
        const uint8_t *line_end = (const uint8_t *)memchr(line, '\n', octets.length - *at);
        unsigned begin = line_end ? (unsigned)(line_end + 1 - octets.data) : octets.length;
        unsigned long size = line_end ? chunk_size(line, (unsigned)(line_end - line)) : 0;

        if (size == 0 || size > octets.length - begin)
            return false;
        *at = begin + (unsigned)size + CRLF_LENGTH;
        if (*at > octets.length)
            return true;
    }
    return false;
}

static bool
ends_with(octets_t octets, const char *text)
{
    unsigned length = (unsigned)strlen(text);

    return octets.length >= length && !memcmp(octets.data + octets.length - length, text, length);
}

typedef enum { LOST_NONE, LOST_FIRST, LOST_LATER } lost_t;

/* Of which message in it the last chunk is without its end. */
static lost_t
find_lost_body(octets_t octets)
{
    static const char head_end[] = "\n\r\n";
    const unsigned n = (unsigned)sizeof head_end - 1;
    lost_t lost = LOST_FIRST;
    unsigned at = 0;

    if (ends_with(octets, "\r\n0\r\n\r\n"))
        return LOST_NONE;
    while (at < octets.length) {
        const uint8_t *found = ws_memmem(octets.data + at, octets.length - at, head_end, n);

        if (!found)
            break;
        at = (unsigned)(found - octets.data) + n;
        if (lacks_an_end(octets, &at))
            return lost;
        lost = LOST_LATER;
    }
    return LOST_NONE;
}

static octets_t
all_octets(tvbuff_t *tvb)
{
    unsigned length = tvb_captured_length(tvb);

    return (octets_t) { length > 0 ? tvb_get_ptr(tvb, 0, (int)length) : NULL, length };
}

/* HTTP may have come in a segment, or in what was put together or decrypted: a data source. The first one is the frame. */
static lost_t
find_lost_body_of(const flow_packet_t *packet)
{
    bool is_segment = packet->transport == FLOW_TCP && packet->captured >= TCP_HEADER_TO_FLAGS;
    unsigned offset = is_segment ? tcp_header_length(packet->bytes) : 0;
    lost_t lost = LOST_NONE;

    if (offset < packet->captured)
        lost = find_lost_body((octets_t) { packet->bytes + offset, packet->captured - offset });
    for (const GSList *item = packet->pinfo->data_src->next; item && lost == LOST_NONE; item = item->next)
        lost = find_lost_body(all_octets(get_data_source_tvb((const struct data_source *)item->data)));
    return lost;
}

static wmem_list_frame_t *
last_layer_of(const flow_packet_t *packet, int proto_id, wmem_list_frame_t *top)
{
    wmem_list_frame_t *layer = top;

    while (layer && layer != packet->below && GPOINTER_TO_INT(wmem_list_frame_data(layer)) != proto_id)
        layer = wmem_list_frame_prev(layer);
    return layer == packet->below ? NULL : layer;
}

/* All messages of a segment share one layer of HTTP, and a body has mostly one: of several bodies the last one is lost. */
wmem_list_frame_t *
session_layer_before_lost_body(const flow_packet_t *packet, int proto_http)
{
    wmem_list_frame_t *top = packet->inner_below ? packet->inner_below : packet->top;
    wmem_list_frame_t *http = get_data_source_by_name(packet->pinfo, DECHUNKED) ? last_layer_of(packet, proto_http, top) : NULL;
    lost_t lost;

    if (!http || http == top)
        return NULL;
    lost = find_lost_body_of(packet);
    return lost == LOST_NONE ? NULL : lost == LOST_FIRST ? http : wmem_list_frame_prev(top);
}
