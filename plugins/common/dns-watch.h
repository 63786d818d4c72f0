/* dns-watch.h
 * Seeing DNS messages after Wireshark's own dissector has shown them, in datagrams, streams (TCP, TLS) and HTTPS
 *
 * Wireshark has no hook for what is in a message. One stand-in (standin.h) serves all plugins of the bundle that are loaded: it
 * looks at a message's question once, asks each watcher whether it wants that, and costs next to nothing where none does.
 *
 * Source: RFC 1035 section 4.2. Ownership: a watcher is its plugin's, which keeps it for the life of the process (static). Errors:
 * without a DNS dissector nothing is told; what a watcher throws goes on to whoever called DNS.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_DNS_WATCH_H
#define GAPFILL_DNS_WATCH_H

#include <epan/packet.h>

#include "dns-message.h"

#define DNS_MAX_WATCHERS 8
#define DNS_MAX_WATCHED_TYPE 511

typedef struct dns_watcher {
    const int *proto;           /* of the plugin: not asked where it is switched off */
    /*
     * A quick look, at messages of its types, those whose name begins with an underscore, and those that are no standard query; at
     * others only where another watcher has named their type.
     */
    bool     (*wants)(const dns_first_look_t *look);
    /* One that it wants, in the packets' order; tree is that which DNS was given, and pinfo->current_proto that of DNS. */
    void     (*message)(tvbuff_t *tvb, const dns_first_look_t *look, packet_info *pinfo, proto_tree *tree);
    const uint16_t *types;      /* of questions, up to DNS_MAX_WATCHED_TYPE; 0 behind the last one */
} dns_watcher_t;

/*
 * Call it in the handoff routine; adding the same watcher again does nothing. Those whose protocol's filter name comes last are
 * told first, so that loading order does not matter.
 */
void dns_watch(const dns_watcher_t *watcher);

/* A type that is of interest only from now on, in the file at hand. On the first pass. */
void dns_watch_type(uint16_t type);

#endif /* GAPFILL_DNS_WATCH_H */
