/* ftp-tls.c
 * What the first records of a TLS connection tell of it; see ftp-tls.h
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

#include "ftp-tls.h"

bool
ftp_tls_is_record(const ftp_segment_t *segment)
{
    const uint8_t *p = segment->payload;

    return segment->captured >= 5 && (p[0] == 0x16 || p[0] == 0x17) && p[1] == 3 && p[2] <= 4
        && (p[3] << 8 | p[4]) > 0 && (p[3] << 8 | p[4]) <= 16384 + 2048;
}

bool
ftp_tls_is_alert(const ftp_segment_t *segment)
{
    const uint8_t *p = segment->payload;

    return segment->captured >= 7 && p[0] == 0x15 && p[1] == 3 && p[2] <= 4 && (uint32_t)(p[3] << 8 | p[4]) + 5 == segment->length
        && segment->length <= 64;
}

bool
ftp_tls_is_client_hello(const ftp_segment_t *segment)
{
    return ftp_tls_is_record(segment) && segment->payload[0] == 0x16 && segment->captured >= 6
        && segment->payload[5] == 1;
}

/* A vector of TLS (RFC 8446, section 3.4): where its content ends; 0 if not within end. */
static uint32_t
end_of_vector(const uint8_t *p, uint32_t at, unsigned size_bytes, uint32_t end)
{
    uint32_t size = 0;

    if (at == 0 || at + size_bytes > end)
        return 0;
    for (unsigned i = 0; i < size_bytes; i++)
        size = size << 8 | p[at + i];
    at += size_bytes;
    return size <= end - at ? at + size : 0;
}

#define TLS_HELLO_SESSION_ID    43      /* after record and handshake header, version and random */
#define TLS_EXTENSION_NAME      0
#define TLS_EXTENSION_ALPN      16

/* What a ClientHello has in an extension, as far as it was captured in the segment; NULL if nothing. */
static const uint8_t *
find_extension(const ftp_segment_t *segment, unsigned type, uint32_t *captured)
{
    const uint8_t *p = segment->payload;
    uint32_t at = end_of_vector(p, TLS_HELLO_SESSION_ID, 1, segment->captured);

    at = end_of_vector(p, at, 2, segment->captured);
    at = end_of_vector(p, at, 1, segment->captured);
    if (at == 0)
        return NULL;
    for (at += 2; at + 4 <= segment->captured;) {
        uint32_t end = end_of_vector(p, at + 2, 2, segment->captured);

        if ((unsigned)(p[at] << 8 | p[at + 1]) == type) {
            *captured = (end ? end : segment->captured) - at - 4;
            return p + at + 4;
        }
        if (end == 0)
            return NULL;
        at = end;
    }
    return NULL;
}

bool
ftp_tls_names_other_protocol(const ftp_segment_t *segment)
{
    uint32_t captured;
    const uint8_t *names = find_extension(segment, TLS_EXTENSION_ALPN, &captured);

    if (!names || captured < 3 || (names[2] >= 3 && captured < 6))
        return false;
    return names[2] < 3 || memcmp(names + 3, "ftp", 3) != 0;
}

char *
ftp_tls_server_name(wmem_allocator_t *allocator, const ftp_segment_t *segment)
{
    uint32_t captured;
    const uint8_t *names = find_extension(segment, TLS_EXTENSION_NAME, &captured);
    uint32_t length = names && captured > 5 && names[2] == 0 ? (uint32_t)(names[3] << 8 | names[4]) : 0;

    return length > 0 && length <= captured - 5 ? wmem_strndup(allocator, (const char *)names + 5, length) : NULL;
}
