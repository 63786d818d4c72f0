/* ftp-relay.c
 * Data connections through the relay that carries their session; see ftp-relay.h
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

#include "ftp-announce.h"
#include "ftp-data.h"
#include "ftp-relay.h"

#define HTTP_REQUEST_MAX  1024
#define SOCKS4_REQUEST_MIN 9        /* VN, CD, port, address, NUL */
#define SOCKS5_REQUEST_MIN 10       /* VER, CMD, RSV, ATYP, address, port */
#define SOCKS_REPLY_MIN   8         /* of SOCKS 4; one of SOCKS 5 is longer */
#define SOCKS4_GRANTED    0x5a
#define SOCKS4_LAST       0x5d      /* the others refuse */

/* CONNECT host:port HTTP/1.1; 0 if it is not. */
static uint16_t
port_of_http(const char *text, size_t length)
{
    const char *end = text + MIN(length, HTTP_REQUEST_MAX);
    unsigned port = 0;

    if (length < 8 || memcmp(text, "CONNECT ", 8) != 0)
        return 0;
    for (text += 8; text < end && *text != ' '; text++)
        port = g_ascii_isdigit(*text) && port <= UINT16_MAX ? port * 10 + (unsigned)(*text - '0') : 0;
    return text < end && port <= UINT16_MAX ? (uint16_t)port : 0;
}

static uint16_t
port_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Of a request to connect; 0 if it is none. */
static uint16_t
port_of_socks(const uint8_t *bytes, size_t length)
{
    if (length >= SOCKS4_REQUEST_MIN && bytes[0] == 4 && bytes[1] == 1)
        return port_at(bytes + 2);
    if (length >= SOCKS5_REQUEST_MIN && bytes[0] == 5 && bytes[1] == 1 && bytes[2] == 0)
        return port_at(bytes + length - 2);
    return 0;
}

ftp_flow_t *
ftp_relay_open(flow_packet_t *packet, const ftp_segment_t *segment)
{
    uint16_t port = segment->captured < segment->length ? 0 : port_of_http((const char *)segment->payload, segment->captured);
    ftp_expect_t *expect;
    ftp_data_t *data;

    if (port == 0 && segment->captured == segment->length)
        port = port_of_socks(segment->payload, segment->captured);
    expect = port ? ftp_expect_find(&packet->dst, port, &packet->src, &packet->pinfo->abs_ts) : NULL;
    if (!expect || !expect->passive || !expect->session->in_tunnel || expect->session->flow.port[1] != packet->dstport)
        return NULL;
    data = ftp_data_new(expect->session, expect, packet->pinfo, &packet->src, packet->srcport, &packet->dst, packet->dstport);
    data->is_relayed = true;
    ftp_flow_hang(&data->flow, flow_conversation(packet));
    ftp_data_confirm(data);
    return &data->flow;
}

typedef enum { RELAY_TALKS, RELAY_CONSENTS, RELAY_REFUSES } relay_word_t;

/* What the beginning of a segment of the relay's says. */
static relay_word_t
relay_word(const ftp_segment_t *segment)
{
    const uint8_t *bytes = segment->payload;

    if (segment->captured >= 12 && memcmp(bytes, "HTTP/1.", 7) == 0)
        return bytes[9] == '2' ? RELAY_CONSENTS : bytes[9] == '1' ? RELAY_TALKS : RELAY_REFUSES;
    if (segment->captured < SOCKS_REPLY_MIN)
        return RELAY_TALKS;
    if (bytes[0] == 5 && bytes[2] == 0)
        return bytes[1] == 0 ? RELAY_CONSENTS : RELAY_REFUSES;
    if (bytes[0] == 0 && bytes[1] >= SOCKS4_GRANTED && bytes[1] <= SOCKS4_LAST)
        return bytes[1] == SOCKS4_GRANTED ? RELAY_CONSENTS : RELAY_REFUSES;
    return RELAY_TALKS;
}

/* An empty line ends it. 0: it goes on in the next segment. */
static uint32_t
end_of_http_head(ftp_data_t *data, const ftp_segment_t *segment)
{
    for (uint32_t i = 0; i < segment->captured; i++) {
        if (segment->payload[i] == '\n' && ++data->relay_line_ends == 2)
            return i + 1;
        if (segment->payload[i] != '\n' && segment->payload[i] != '\r')
            data->relay_line_ends = 0;
    }
    return segment->captured < segment->length ? segment->length : 0;
}

/* RFC 1928, section 6: by the type of the address. */
static uint32_t
length_of_socks(const uint8_t *reply)
{
    if (reply[0] == 0)
        return SOCKS_REPLY_MIN;
    return reply[3] == 1 ? 10 : reply[3] == 4 ? 22 : reply[3] == 3 ? 7u + reply[4] : UINT32_MAX;
}

static uint32_t
end_of_head(ftp_data_t *data, const ftp_segment_t *segment, bool is_socks)
{
    return is_socks ? MIN(length_of_socks(segment->payload), segment->length) : end_of_http_head(data, segment);
}

static void
drop_front(ftp_segment_t *segment, uint32_t length)
{
    const uint32_t captured = MIN(length, segment->captured);

    segment->seq += length;
    segment->length -= length;
    segment->payload += captured;
    segment->captured -= captured;
}

static void
begin_data(ftp_data_t *data, packet_info *pinfo, ftp_segment_t *segment, uint32_t head)
{
    data->relayed_from = pinfo->num;
    data->relayed_at = head;
    ftp_count_begin(&data->count[1], segment->seq + head);
    ftp_count_begin(&data->count[0], segment->ack);
    drop_front(segment, head);
}

bool
ftp_relay_talks(ftp_data_t *data, packet_info *pinfo, unsigned side, ftp_segment_t *segment)
{
    bool is_first = side == 1 && !data->relay_consents;
    relay_word_t word = is_first ? relay_word(segment) : RELAY_TALKS;
    uint32_t head;

    if (data->relayed_from)
        return false;
    if (word == RELAY_REFUSES)
        ftp_data_refuse(data, pinfo);
    if (word == RELAY_CONSENTS) {
        data->refused = false;      /* the client has asked again */
        data->relay_consents = true;
    }
    if (side == 0 || !data->relay_consents)
        return true;
    head = end_of_head(data, segment, word == RELAY_CONSENTS && segment->payload[0] != 'H');
    if (head > 0)
        begin_data(data, pinfo, segment, head);
    return head == 0 || segment->length == 0;
}
