/* dns-watch.c
 * Seeing DNS messages after Wireshark's own dissector; see dns-watch.h
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
#include <epan/exceptions.h>

#include "dns-watch.h"
#include "hub.h"
#include "standin.h"

/*
 * Shared by all plugins of the bundle in one process that are built from the same sources: the first that is loaded makes it and
 * leaves its address with GLib under a name with a hash of those. Never freed.
 */
#define DNS_HUB_NAME HUB_NAME("dns")

typedef struct dns_hub {
    const dns_watcher_t *watchers[DNS_MAX_WATCHERS];    /* by their protocols' names, backwards */
    unsigned             count;
    unsigned             active;        /* bits of those that are switched on */
    uint32_t             types[(DNS_MAX_WATCHED_TYPE + 1) / 32];        /* bits of those that anybody may want */
    int                  proto_udp;
} dns_hub_t;

static dns_hub_t *the_hub;

/* --- Messages --- */

/* What most messages end at, without a call. */
static inline bool
is_of_interest(const dns_first_look_t *look)
{
    if (look->type <= DNS_MAX_WATCHED_TYPE && (the_hub->types[look->type / 32] & 1U << look->type % 32))
        return true;
    if (!look->bytes)
        return false;
    return (look->bytes[2] & DNS_FLAGS_OPCODE >> 8)
        || (look->captured > DNS_HEADER_LENGTH + 1 && look->bytes[DNS_HEADER_LENGTH + 1] == '_');
}

static unsigned
ask_watchers(const dns_first_look_t *look)
{
    unsigned wanted = 0;

    for (unsigned i = 0; i < the_hub->count; i++) {
        if (the_hub->active & 1U << i && the_hub->watchers[i]->wants(look))
            wanted |= 1U << i;
    }
    return wanted;
}

/* Bits of the watchers that want it. */
static inline unsigned
who_wants(const dns_first_look_t *look)
{
    return is_of_interest(look) ? ask_watchers(look) : 0;
}

static void
tell(unsigned wanted, tvbuff_t *tvb, const dns_first_look_t *look, packet_info *pinfo, proto_tree *tree)
{
    for (unsigned i = 0; i < the_hub->count; i++) {
        if (wanted & 1U << i)
            the_hub->watchers[i]->message(tvb, look, pinfo, tree);
    }
}

static void
tell_stream(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    tvbuff_t *message;
    int offset = 0;

    while ((message = dns_next_in_stream(tvb, &offset))) {
        dns_first_look_t look = dns_first_look(message);

        tell(who_wants(&look), message, &look, pinfo, tree);
    }
}

static int dissect_dns_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static standin_t dns_standin = { .name = "gapfill.dns", .dissect = dissect_dns_first };

/* Also where DNS throws, as it does for messages that are cut off. */
static int
dissect_dns_first(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    dns_carrier_t carrier = dns_carrier(pinfo, standin_proto_below(pinfo), the_hub->proto_udp);
    dns_first_look_t look;
    unsigned wanted = 0;
    volatile int result = 0;

    if (carrier == DNS_IN_DATAGRAM || carrier == DNS_IN_HTTP) {
        look = dns_first_look(tvb);
        wanted = who_wants(&look);
    }
    if (carrier != DNS_IN_STREAM && !wanted)
        return standin_call(&dns_standin, tvb, pinfo, tree, data);
    TRY {
        result = standin_call(&dns_standin, tvb, pinfo, tree, data);
    }
    FINALLY {
        if (carrier == DNS_IN_STREAM)
            tell_stream(tvb, pinfo, tree);
        else
            tell(wanted, tvb, &look, pinfo, tree);
    }
    ENDTRY;
    return result;
}

/* --- Watchers --- */

static void
add_type(uint16_t type)
{
    the_hub->types[type / 32] |= 1U << type % 32;
}

static void
add_types_of(const dns_watcher_t *watcher)
{
    for (const uint16_t *type = watcher->types; *type; type++)
        add_type(*type);
}

/* A file is opened: protocols may have been switched on or off. */
static void
find_active(void)
{
    the_hub->active = 0;
    memset(the_hub->types, 0, sizeof the_hub->types);
    for (unsigned i = 0; i < the_hub->count; i++) {
        if (!standin_is_on(the_hub->watchers[i]->proto))
            continue;
        the_hub->active |= 1U << i;
        add_types_of(the_hub->watchers[i]);
    }
    standin_wake(&dns_standin, the_hub->active != 0);
}

static void *
make_hub(void)
{
    dns_hub_t *hub = g_new0(dns_hub_t, 1);

    hub->proto_udp = proto_get_id_by_filter_name("udp");
    standin_add(&dns_standin, find_dissector("dns"));
    register_init_routine(find_active);
    return hub;
}

static const char *
name_of(const dns_watcher_t *watcher)
{
    return proto_get_protocol_filter_name(*watcher->proto);
}

static void
add_watcher(dns_hub_t *hub, const dns_watcher_t *watcher)
{
    unsigned place = hub->count;

    if (place == DNS_MAX_WATCHERS)
        return;
    for (; place > 0 && strcmp(name_of(watcher), name_of(hub->watchers[place - 1])) > 0; place--)
        hub->watchers[place] = hub->watchers[place - 1];
    hub->watchers[place] = watcher;
    hub->count++;
}

void
dns_watch(const dns_watcher_t *watcher)
{
    if (!find_dissector("dns"))
        return;
    the_hub = (dns_hub_t *)hub_find_or_make(DNS_HUB_NAME, make_hub);
    for (unsigned i = 0; i < the_hub->count; i++) {
        if (the_hub->watchers[i] == watcher)
            return;
    }
    add_watcher(the_hub, watcher);
}

void
dns_watch_type(uint16_t type)
{
    if (the_hub)
        add_type(type);
}
