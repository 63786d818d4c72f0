/* acme-hosts.c
 * Which addresses DNS says that the names of awaited challenges have; see acme-hosts.h
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

#include "acme-expected.h"
#include "acme-expected-start.h"
#include "acme-hosts.h"
#include "acme-memory.h"
#include "dns-message.h"

#define MAX_HOSTS   65536   /* a capture */
#define MAX_BACK    64      /* names of an address */
#define HOST_BYTES  160     /* with its place in the map, about */

/* A name that has an address. */
typedef struct host {
    const char  *domain;        /* of acme_keep() */
    struct host *next;          /* of this address */
} host_t;

/* The first host_t by acme_place_t; file scope. */
static wmem_map_t *by_place;
static unsigned host_count;

/* Whether it is kept already, or so many others are that it makes no difference. */
static bool
is_enough(const acme_place_t *place, const char *domain)
{
    const host_t *host = (const host_t *)wmem_map_lookup(by_place, place);

    for (int i = 0; host && host->domain != domain && i < MAX_BACK; i++)
        host = host->next;
    return host != NULL;
}

static void
keep_host(const acme_place_t *place, const char *domain)
{
    host_t *host;

    if (!place || is_enough(place, domain) || host_count >= MAX_HOSTS || !acme_take(ACME_NAMES, HOST_BYTES))
        return;
    host = wmem_new0(wmem_file_scope(), host_t);
    host->domain = domain;
    host->next = (host_t *)wmem_map_lookup(by_place, place);
    wmem_map_insert(by_place, place, host);
    host_count++;
}

static bool
is_awaited(const char *domain)
{
    return acme_is_awaited(ACME_HTTP_01, domain) || acme_is_awaited(ACME_TLS_ALPN_01, domain);
}

bool
acme_hosts_want(const dns_first_look_t *look)
{
    return (look->type == DNS_TYPE_A || look->type == DNS_TYPE_AAAA) && acme_expects_any();
}

static const acme_place_t *
place_of(const dns_message_t *message, const dns_record_t *record)
{
    int length = message->type == DNS_TYPE_A ? 4 : 16;
    address addr;

    if (record->section != DNS_ANSWER || record->type != message->type || record->length != length)
        return NULL;
    set_address(&addr, length == 4 ? AT_IPv4 : AT_IPv6, length, tvb_get_ptr(message->tvb, record->offset, length));
    return acme_place(&addr);
}

void
acme_hosts_learn(tvbuff_t *tvb, packet_info *pinfo)
{
    dns_message_t message;
    dns_record_t record;
    dns_cursor_t cursor;
    const char *domain;

    if (!dns_message_read(pinfo->pool, tvb, &message) || !(message.flags & DNS_FLAG_RESPONSE) || !message.name[0])
        return;
    domain = wmem_strndup(pinfo->pool, message.name, strlen(message.name) - 1);
    if (!is_awaited(domain) || !(domain = acme_keep(ACME_NAMES, domain)))
        return;
    cursor = dns_first_record(&message);
    while (dns_next_record(pinfo->pool, &message, &cursor, &record))
        keep_host(place_of(&message, &record), domain);
}

const char *
acme_host_awaited(const acme_place_t *place, uint8_t type, bool *several)
{
    const host_t *host = host_count ? (const host_t *)wmem_map_lookup(by_place, place) : NULL;
    const char *domain = NULL;

    *several = false;
    for (int i = 0; host; i++, host = host->next) {
        *several = i == MAX_BACK || (domain && acme_is_started(type, host->domain));
        if (*several)
            return NULL;
        if (acme_is_started(type, host->domain))
            domain = host->domain;
    }
    return domain;
}

/* --- Registration --- */

static void
acme_hosts_init(void)
{
    by_place = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    host_count = 0;
}

void
acme_register_hosts(void)
{
    register_init_routine(acme_hosts_init);
}
