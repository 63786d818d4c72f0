/* ftp-hosts.c
 * Pairs of hosts with an encrypted FTP session between them; see ftp-hosts.h
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

#include "ftp-hosts.h"

unsigned ftp_hosts_count;

static wmem_map_t *hosts_map;

static guint
hosts_hash(gconstpointer key)
{
    const ftp_hosts_t *hosts = (const ftp_hosts_t *)key;

    /* The order of the two must not matter. */
    return add_address_to_hash(0, &hosts->host[0]) + add_address_to_hash(0, &hosts->host[1]);
}

static gboolean
hosts_equal(gconstpointer a, gconstpointer b)
{
    const ftp_hosts_t *x = (const ftp_hosts_t *)a;
    const ftp_hosts_t *y = (const ftp_hosts_t *)b;

    return (addresses_equal(&x->host[0], &y->host[0]) && addresses_equal(&x->host[1], &y->host[1]))
        || (addresses_equal(&x->host[0], &y->host[1]) && addresses_equal(&x->host[1], &y->host[0]));
}

ftp_hosts_t *
ftp_hosts_find(const address *a, const address *b)
{
    ftp_hosts_t wanted;

    wanted.host[0] = *a;
    wanted.host[1] = *b;
    return (ftp_hosts_t *)wmem_map_lookup(hosts_map, &wanted);
}

ftp_hosts_t *
ftp_hosts_of(ftp_session_t *session)
{
    ftp_hosts_t *hosts = ftp_hosts_find(&session->flow.side[0], &session->flow.side[1]);

    if (!hosts) {
        hosts = wmem_new0(wmem_file_scope(), ftp_hosts_t);
        hosts->host[0] = session->flow.side[0];
        hosts->host[1] = session->flow.side[1];
        wmem_map_insert(hosts_map, hosts, hosts);
        ftp_hosts_count++;
    }
    return hosts;
}

void
ftp_hosts_note_port(ftp_hosts_t *hosts, uint16_t port)
{
    if (hosts->high == 0 || port < hosts->low)
        hosts->low = port;
    if (port > hosts->high)
        hosts->high = port;
}

void
ftp_hosts_reset(void)
{
    ftp_hosts_count = 0;
    hosts_map = wmem_map_new(wmem_file_scope(), hosts_hash, hosts_equal);
}
