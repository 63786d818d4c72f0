/* ftp-endpoint.c
 * Addresses and ports that FTP's lines announce; see ftp-endpoint.h
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

#include <wsutil/inet_addr.h>

#include "ftp-endpoint.h"
#include "ftp-number.h"

/* Bytes in decimal with commas in between; returns how many there are. */
static unsigned
read_bytes(const char *at, const char *end, uint8_t *bytes, unsigned most)
{
    unsigned count = 0;

    while (count < most) {
        uint64_t number;

        at = ftp_read_number(at, end, &number);
        if (!at || number > 255)
            break;
        bytes[count++] = (uint8_t)number;
        while (at < end && *at == ' ')
            at++;
        if (at == end || *at != ',')
            break;
        at++;
        while (at < end && *at == ' ')
            at++;
    }
    return count;
}

/* Servers differ in what is around the six numbers, so look for the numbers only. */
bool
ftp_parse_port(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    uint8_t bytes[6];

    for (const char *at = ftp_first_number(text, end); at < end; at = ftp_next_number(at, end)) {
        if (read_bytes(at, end, bytes, 6) == 6) {
            memset(endpoint, 0, sizeof *endpoint);
            endpoint->family = 4;
            memcpy(endpoint->address, bytes, 4);
            endpoint->port = (uint16_t)(bytes[4] << 8 | bytes[5]);
            return endpoint->port != 0;
        }
    }
    return false;
}

/* af, length of address, address, length of port, port */
static bool
take_long_port(const uint8_t *bytes, unsigned count, ftp_endpoint_t *endpoint)
{
    unsigned size = count >= 2 ? bytes[1] : 0;

    if (!(size == 4 && bytes[0] == 4) && !(size == 16 && bytes[0] == 6))
        return false;
    if (count < 2 + size + 3 || bytes[2 + size] != 2)
        return false;
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->family = bytes[0];
    memcpy(endpoint->address, bytes + 2, size);
    endpoint->port = (uint16_t)(bytes[3 + size] << 8 | bytes[4 + size]);
    return endpoint->port != 0;
}

bool
ftp_parse_long_port(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    uint8_t bytes[21];

    for (const char *at = ftp_first_number(text, end); at < end; at = ftp_next_number(at, end)) {
        if (take_long_port(bytes, read_bytes(at, end, bytes, sizeof bytes), endpoint))
            return true;
    }
    return false;
}

static bool
parse_address(const char *text, size_t length, unsigned family, ftp_endpoint_t *endpoint)
{
    char buffer[64];
    ws_in4_addr v4;
    ws_in6_addr v6;

    if (length >= sizeof buffer)
        return false;
    memcpy(buffer, text, length);
    buffer[length] = '\0';
    buffer[strcspn(buffer, "%")] = '\0';
    endpoint->family = family == 1 ? 4 : 6;
    if (family == 1 && ws_inet_pton4(buffer, &v4)) {
        memcpy(endpoint->address, &v4, 4);
        return true;
    }
    if (family == 2 && ws_inet_pton6(buffer, &v6)) {
        memcpy(endpoint->address, &v6, 16);
        return true;
    }
    return false;
}

static bool
parse_port_number(const char *text, size_t length, uint16_t *port)
{
    uint64_t number;

    if (!ftp_parse_number(text, length, &number) || number == 0 || number > 65535)
        return false;
    *port = (uint16_t)number;
    return true;
}

/* <d>family<d>address<d>port<d>: finds the three fields. */
static bool
split_fields(const char *text, const char *end, const char *field[3], size_t length[3])
{
    char delimiter;

    if (text == end || *text < 33 || *text > 126 || g_ascii_isalnum(*text))
        return false;
    delimiter = *text++;
    for (int i = 0; i < 3; i++) {
        const char *stop = (const char *)memchr(text, delimiter, (size_t)(end - text));

        if (!stop)
            return false;
        field[i] = text;
        length[i] = (size_t)(stop - text);
        text = stop + 1;
    }
    return true;
}

bool
ftp_parse_eprt(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    const char *field[3];
    size_t size[3];
    uint64_t family;

    while (text < end && *text == ' ')
        text++;
    memset(endpoint, 0, sizeof *endpoint);
    return split_fields(text, end, field, size) && ftp_parse_number(field[0], size[0], &family)
        && family <= 2 && parse_address(field[1], size[1], (unsigned)family, endpoint)
        && parse_port_number(field[2], size[2], &endpoint->port);
}

bool
ftp_parse_epsv(const char *text, size_t length, ftp_endpoint_t *endpoint)
{
    const char *end = text + length;
    const char *field[3];
    size_t size[3];

    memset(endpoint, 0, sizeof *endpoint);
    for (const char *at = text; at < end; at++) {
        if (*at != '(' && *at != '|')
            continue;
        if (split_fields(*at == '(' ? at + 1 : at, end, field, size)
                && parse_port_number(field[2], size[2], &endpoint->port))
            return true;
        if (*at == '|')
            break;
    }
    return false;
}
