/* session-http.c
 * What HTTP takes for its own and shows nothing of, or not yet; see session-http.h
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
#include <wsutil/wmem/wmem_strutl.h>

#include "port-set.h"
#include "session-http.h"
#include "session-later.h"
#include "compat.h"

#ifndef WS_HTTP_WAITS_FOR_REQUEST
#define WS_HTTP_WAITS_FOR_REQUEST   false
#endif

static int proto_http = -1;
static int proto_http2 = -1;
static int proto_data = -1;

/* In the file at hand. */
static port_set_t ports;

void
session_http_init(void)
{
    proto_http = proto_get_id_by_filter_name("http");
    proto_http2 = proto_get_id_by_filter_name("http2");
    proto_data = proto_get_id_by_filter_name("data");
}

void
session_http_reset(void)
{
    port_set_clear(&ports);
}

void
session_http_add_port(uint16_t port)
{
    port_set_add(&ports, port);
}

bool
session_http_uses_port(const flow_packet_t *packet)
{
    return packet->transport == FLOW_TCP && (port_set_has(&ports, packet->srcport) || port_set_has(&ports, packet->dstport));
}

/* A request in a segment of its own, of which HTTP certainly shows something; of what follows one it may ask for more. */
static bool
is_whole_request(const flow_packet_t *packet)
{
    static const char method[] = "GET ", version[] = " HTTP/1.1\r\n", end[] = "\r\n\r\n";
    const unsigned n = (unsigned)sizeof version - 1;
    unsigned offset = tcp_header_length(packet->bytes);
    const uint8_t *payload = packet->bytes + offset, *line_end;
    unsigned length;

    if (packet->captured < offset + n + sizeof method || packet->captured != tvb_reported_length(packet->tvb))
        return false;
    length = packet->captured - offset;
    if (memcmp(payload, method, sizeof method - 1)
            || ws_memmem(payload, length, end, sizeof end - 1) != payload + length - (sizeof end - 1))
        return false;
    line_end = (const uint8_t *)memchr(payload, '\n', length);
    return (unsigned)(line_end - payload) >= n && !memcmp(line_end + 1 - n, version, n);
}

typedef struct {
    const uint8_t *start;
    unsigned       length;
} octets_t;

/* Of the packet itself; none where TCP's header is cut off. */
static octets_t
payload_of(const flow_packet_t *packet)
{
    unsigned header = packet->captured >= TCP_HEADER_TO_FLAGS ? tcp_header_length(packet->bytes) : packet->captured;

    header = MIN(header, packet->captured);
    return (octets_t){ packet->bytes + header, packet->captured - header };
}

/* What TCP has put together in this packet, else its payload. */
static octets_t
message_of(const flow_packet_t *packet)
{
    const struct data_source *source = packet->pinfo->data_src && packet->pinfo->data_src->next ?
        get_data_source_by_name(packet->pinfo, "Reassembled TCP") : NULL;
    tvbuff_t *whole = source ? get_data_source_tvb(source) : NULL;
    unsigned length = whole ? tvb_captured_length(whole) : 0;

    return whole ? (octets_t){ tvb_get_ptr(whole, 0, (int)length), length } : payload_of(packet);
}

static bool
begins_with(octets_t octets, const char *text)
{
    size_t length = strlen(text);

    return octets.length >= length && !memcmp(octets.start, text, length);
}

/* RFC 9113 section 3.4. */
static bool
begins_http2(const flow_packet_t *packet)
{
    return begins_with(payload_of(packet), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

/* RFC 9112: a status line, or a request line with a method that HTTP's dissector knows. Not with one for a tunnel (CONNECT). */
static const char *const beginnings[] = {
    "HTTP/1.", "PRI ", "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "TRACE ", "PATCH ", "PROPFIND ", "PROPPATCH ",
    "MKCOL ", "COPY ", "MOVE ", "LOCK ", "UNLOCK ", "SEARCH ", "REPORT ", "SUBSCRIBE ", "UNSUBSCRIBE ", "NOTIFY ", "POLL "
};

static bool
begins_http(octets_t octets)
{
    for (unsigned i = 0; i < array_length(beginnings); i++) {
        if (begins_with(octets, beginnings[i]))
            return true;
    }
    return false;
}

/* What a tunnel carries, also by calling itself. */
static bool
is_no_message(const session_t *session, const flow_packet_t *packet)
{
    return session->protocols == PROTOCOL_SET_EMPTY && session_http_uses_port(packet) && !begins_http(message_of(packet));
}

/* Where it waits for one, HTTP shows nothing but messages until there was a request. */
static bool
lacks_request(const session_t *session, const flow_packet_t *packet)
{
    return WS_HTTP_WAITS_FOR_REQUEST && packet->transport == FLOW_TCP && !protocol_set_has(session->protocols, proto_http)
        && begins_with(message_of(packet), "HTTP/1.");
}

bool
session_http_is_doubtful(const session_t *session, const flow_packet_t *packet, protocol_set_t protocols)
{
    return protocol_set_has(protocols, proto_http) && (is_no_message(session, packet) || lacks_request(session, packet));
}

bool
session_http_may_be_none(const flow_packet_t *packet)
{
    return session_http_uses_port(packet) && !is_whole_request(packet) && !begins_http2(packet);
}

bool
session_http_is_awaited(const session_t *session, const flow_packet_t *packet)
{
    return session_http_uses_port(packet) && !protocol_set_has(session->protocols, proto_http);
}

/*
 * The middle of something, where no HTTP has begun, or a method that HTTP does not know, which it takes on any port by the
 * version behind it.
 */
bool
session_http_shows_nothing(const session_t *session, const flow_packet_t *packet, protocol_set_t protocols)
{
    octets_t message;

    if (packet->transport != FLOW_TCP || packet->quoted || protocol_set_has(session->protocols, proto_http)
            || !protocol_set_has(protocols, proto_http))
        return false;
    message = message_of(packet);
    return !begins_http(message) && !begins_with(message, "CONNECT ")
        && (session_http_uses_port(packet) || protocol_set_without(session->protocols, proto_data) == PROTOCOL_SET_EMPTY);
}

/* What HTTP shows once it was seen in the connection, and until then does not: no message, but a line, or binary. */
static bool
is_kept_quiet(const flow_packet_t *packet)
{
    octets_t payload = payload_of(packet);

    return !begins_http(message_of(packet)) && (!g_ascii_isprint(payload.start[0]) || memchr(payload.start, '\n', payload.length));
}

/* Of the conversation, by what came before. */
static bool
is_dissector(flow_packet_t *packet)
{
    conversation_t *conversation = flow_conversation(packet);
    dissector_handle_t handle = conversation ? conversation_get_dissector(conversation, packet->pinfo->num) : NULL;

    return handle && dissector_handle_get_protocol_index(handle) == proto_http;
}

static inline uint8_t
begun_by(const flow_packet_t *packet)
{
    return (uint8_t)(SESSION_HAS_BEGUN << direction_of(packet));
}

/* Of a message that comes octet by octet the first one is a beginning, too. */
static bool
may_begin_http(const flow_packet_t *packet)
{
    octets_t payload = payload_of(packet);

    for (unsigned i = 0; payload.length > 0 && i < array_length(beginnings); i++) {
        if (!memcmp(payload.start, beginnings[i], MIN(payload.length, strlen(beginnings[i]))))
            return true;
    }
    return false;
}

void
session_http_learn_that_more_is_asked_for(session_t *session, const flow_packet_t *packet)
{
    session->waits |= SESSION_HAS_ASKED;
    if (may_begin_http(packet))
        session->waits |= begun_by(packet);
}

/* It asks for the rest, which this may be, or shows it later. */
void
session_http_learn_from_silence(session_t *session, flow_packet_t *packet)
{
    if ((session->waits & begun_by(packet)) || !(session_http_uses_port(packet) || is_dissector(packet)))
        return;
    if (is_kept_quiet(packet))
        session->waits |= SESSION_KEEPS_QUIET;
    else
        session_http_learn_that_more_is_asked_for(session, packet);
}

static bool
has_seen_http(const session_t *session, const flow_packet_t *packet)
{
    octets_t message;

    if (!WS_HTTP_WAITS_FOR_REQUEST || !protocol_set_has(session->protocols, proto_http))
        return protocol_set_has(session->protocols, proto_http);
    message = message_of(packet);
    return begins_http(message) && !begins_with(message, "HTTP/1.");
}

/* HTTP/2 takes all of a connection in which its preface was seen. */
void
session_http_learn_from_message(session_t *session, const flow_packet_t *packet)
{
    bool is_http2 = protocol_set_has(session->protocols, proto_http2);

    if (!is_http2 && !has_seen_http(session, packet))
        return;
    session->waits &= (uint8_t)~SESSION_KEEPS_QUIET;
    if (!is_http2)
        session_later_note(session, proto_data, LATER_NOTHING);
}
