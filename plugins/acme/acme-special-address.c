/* acme-special-address.c
 * Addresses where no public server can be; see acme-special-address.h
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

#include "acme-special-address.h"

/* The first bits of an address. */
typedef struct prefix {
    uint8_t bits;
    uint8_t bytes[16];
} prefix_t;

static const prefix_t ipv4_prefixes[] = {
    { 8, { 0 } },
    { 8, { 10 } },
    { 10, { 100, 64 } },        /* shared by customers of a provider */
    { 8, { 127 } },
    { 16, { 169, 254 } },
    { 12, { 172, 16 } },
    { 24, { 192, 0, 0 } },
    { 24, { 192, 0, 2 } },      /* documentation, as 198.51.100.0 and 203.0.113.0 */
    { 24, { 192, 31, 196 } },   /* AS112, as 192.175.48.0 */
    { 24, { 192, 52, 193 } },
    { 24, { 192, 88, 99 } },
    { 16, { 192, 168 } },
    { 24, { 192, 175, 48 } },
    { 15, { 198, 18 } },        /* benchmarks */
    { 24, { 198, 51, 100 } },
    { 24, { 203, 0, 113 } },
    { 4, { 224 } },             /* multicast */
    { 4, { 240 } },
};

static const prefix_t ipv6_prefixes[] = {
    { 127, { 0 } },             /* unspecified and loopback */
    { 96, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } },
    { 96, { 0x00, 0x64, 0xff, 0x9b } },
    { 48, { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 } },
    { 64, { 0x01, 0x00 } },     /* discarded */
    { 64, { 0x01, 0x00, 0, 0, 0, 0, 0x00, 0x01 } },
    { 23, { 0x20, 0x01 } },     /* of protocols, Teredo among them */
    { 32, { 0x20, 0x01, 0x0d, 0xb8 } },
    { 16, { 0x20, 0x02 } },     /* 6to4 */
    { 48, { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 } },
    { 20, { 0x3f, 0xff } },     /* documentation */
    { 16, { 0x5f, 0x00 } },
    { 7, { 0xfc } },
    { 10, { 0xfe, 0x80 } },
    { 8, { 0xff } },            /* multicast */
};

static bool
begins_with(const uint8_t *address, const prefix_t *prefix)
{
    unsigned whole = prefix->bits / 8;

    return !memcmp(address, prefix->bytes, whole)
        && (prefix->bits % 8 == 0 || (address[whole] ^ prefix->bytes[whole]) >> (8 - prefix->bits % 8) == 0);
}

bool
acme_is_special_ipv4(const ws_in4_addr *address)
{
    for (unsigned i = 0; i < array_length(ipv4_prefixes); i++) {
        if (begins_with((const uint8_t *)address, &ipv4_prefixes[i]))
            return true;
    }
    return false;
}

bool
acme_is_special_ipv6(const ws_in6_addr *address)
{
    for (unsigned i = 0; i < array_length(ipv6_prefixes); i++) {
        if (begins_with(address->bytes, &ipv6_prefixes[i]))
            return true;
    }
    return false;
}
