/* ftp-announce.c
 * Addresses and ports that FTP's control connections announce; see ftp-announce.h
 *
 * One table, keyed by the address and port that is listened on. An announcement is entered under the
 * address of the control connection and, if it names another one, under that as well: one of the two
 * is right whether there is NAT in between or not. Under a key, the newest comes first; at most
 * FTP_CHAIN_MAX are kept. An announcement is used up by the connection that it was made for, and is
 * but a last resort once it is superseded or its session closed.
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

#include <epan/address.h>
#include <epan/packet.h>

#include "ftp-announce.h"
#include "ftp-outcome.h"
#include "seconds.h"

#define FTP_CHAIN_MAX     16    /* announcements of one address and port by different sessions */

typedef struct expect_key {
    address  listener;
    uint32_t port;
} expect_key_t;

typedef struct expect_link {
    struct expect_link *older;
    ftp_expect_t       *expect;
} expect_link_t;

typedef struct expect_chain {
    expect_link_t *newest;
} expect_chain_t;

static wmem_map_t *expectations;

static guint
expect_key_hash(gconstpointer key)
{
    const expect_key_t *k = (const expect_key_t *)key;

    return add_address_to_hash(k->port, &k->listener);
}

static gboolean
expect_key_equal(gconstpointer a, gconstpointer b)
{
    const expect_key_t *x = (const expect_key_t *)a;
    const expect_key_t *y = (const expect_key_t *)b;

    return x->port == y->port && addresses_equal(&x->listener, &y->listener);
}

void
ftp_expect_reset(void)
{
    expectations = wmem_map_new(wmem_file_scope(), expect_key_hash, expect_key_equal);
}

/* A map's key must outlive the announcement that it was made for. */
static expect_chain_t *
chain_of(const address *listener, uint16_t port, bool create)
{
    expect_key_t wanted = { .listener = *listener, .port = port };
    expect_chain_t *chain = (expect_chain_t *)wmem_map_lookup(expectations, &wanted);
    expect_key_t *key;

    if (chain || !create)
        return chain;
    key = wmem_new(wmem_file_scope(), expect_key_t);
    copy_address_wmem(wmem_file_scope(), &key->listener, listener);
    key->port = port;
    chain = wmem_new0(wmem_file_scope(), expect_chain_t);
    wmem_map_insert(expectations, key, chain);
    return chain;
}

static void
cut_chain(expect_chain_t *chain)
{
    expect_link_t *link = chain->newest;

    for (unsigned i = 1; link && i < FTP_CHAIN_MAX; i++)
        link = link->older;
    if (link && link->older) {
        wmem_free(wmem_file_scope(), link->older);
        link->older = NULL;
    }
}

static void
enter(ftp_expect_t *expect, const address *listener)
{
    expect_chain_t *chain = chain_of(listener, expect->port, true);
    expect_link_t *link = wmem_new(wmem_file_scope(), expect_link_t);

    link->expect = expect;
    link->older = chain->newest;
    chain->newest = link;
    cut_chain(chain);
}

static void
leave(const ftp_expect_t *expect, const address *listener)
{
    expect_chain_t *chain = chain_of(listener, expect->port, false);
    expect_link_t **place;

    if (!chain)
        return;
    for (place = &chain->newest; *place; place = &(*place)->older) {
        if ((*place)->expect == expect) {
            expect_link_t *link = *place;

            *place = link->older;
            wmem_free(wmem_file_scope(), link);
            return;
        }
    }
}

const address *
ftp_expect_listener(const ftp_expect_t *expect)
{
    return &expect->session->flow.side[expect->passive ? 1 : 0];
}

const address *
ftp_expect_peer(const ftp_expect_t *expect)
{
    return &expect->session->flow.side[expect->passive ? 0 : 1];
}

void
ftp_expect_forget(ftp_expect_t *expect)
{
    if (expect->forgotten)
        return;
    expect->forgotten = true;
    leave(expect, ftp_expect_listener(expect));
    if (expect->foreign)
        leave(expect, &expect->announced);
}

/* 6to4 (RFC 3056): 2002:AABB:CCDD::/48 belongs to the IPv4 address in it. */
static bool
is_6to4_of(const address *v6, const address *v4)
{
    const uint8_t *bytes = (const uint8_t *)v6->data;

    return v6->type == AT_IPv6 && v4->type == AT_IPv4 && bytes[0] == 0x20 && bytes[1] == 0x02
        && memcmp(bytes + 2, v4->data, 4) == 0;
}

/* ::ffff:a.b.c.d */
static bool
is_mapped(const address *v6, const address *v4)
{
    static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    const uint8_t *bytes = (const uint8_t *)v6->data;

    return v6->type == AT_IPv6 && v4->type == AT_IPv4 && memcmp(bytes, prefix, 12) == 0
        && memcmp(bytes + 12, v4->data, 4) == 0;
}

static bool
same_host(const address *a, const address *b)
{
    return addresses_equal(a, b) || is_6to4_of(a, b) || is_6to4_of(b, a) || is_mapped(a, b) || is_mapped(b, a);
}

static bool
is_unspecified(const ftp_endpoint_t *endpoint)
{
    for (unsigned i = 0; i < (endpoint->family == 4 ? 4u : 16u); i++) {
        if (endpoint->address[i] != 0)
            return false;
    }
    return true;
}

/* Addresses that mean nothing outside of a network: the other side has to use another one. */
static bool
is_private(const address *a)
{
    const uint8_t *b = (const uint8_t *)a->data;

    if (a->type == AT_IPv4) {
        return b[0] == 10 || b[0] == 127 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168)
            || (b[0] == 169 && b[1] == 254) || (b[0] == 100 && (b[1] & 0xc0) == 64);
    }
    if (a->type == AT_IPv6)
        return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
    return false;
}

/* In the same private network, with no NAT in between: what is common as the size of one. */
static bool
are_neighbours(const address *a, const address *b)
{
    return a->type == b->type && is_private(a) && is_private(b) && memcmp(a->data, b->data, a->type == AT_IPv4 ? 3 : 8) == 0;
}

static void
set_announced(ftp_expect_t *expect, const ftp_endpoint_t *endpoint)
{
    address announced = ADDRESS_INIT_NONE;

    if (endpoint->family == 0 || is_unspecified(endpoint))
        return;
    set_address(&announced, endpoint->family == 4 ? AT_IPv4 : AT_IPv6, endpoint->family == 4 ? 4 : 16,
            endpoint->address);
    copy_address_wmem(wmem_file_scope(), &expect->announced, &announced);
    /* Behind a relay, whose address the control connection has, any may be right. */
    expect->foreign = !expect->session->in_tunnel && !same_host(&announced, ftp_expect_listener(expect));
}

/* PORT with an address and port on which a server listens for another session is FXP (RFC 959, figure 2). */
static void
look_for_other_session(ftp_expect_t *expect, const nstime_t *now)
{
    ftp_expect_t *pasv = ftp_expect_find(&expect->announced, expect->port, NULL, now);

    if (pasv && pasv->passive && pasv->session != expect->session) {
        expect->fxp = true;
        expect->pasv = pasv;
        pasv->fxp = true;
    }
}

static void
keep_open(ftp_session_t *session, ftp_expect_t *expect)
{
    ftp_expect_t **place;

    if (!session->open)
        session->open = wmem_alloc0_array(wmem_file_scope(), ftp_expect_t *, FTP_OPEN_MAX);
    place = &session->open[session->open_next++ % FTP_OPEN_MAX];
    if (*place)
        ftp_expect_forget(*place);
    *place = expect;
}

static ftp_expect_t *
new_expect(ftp_session_t *session, packet_info *pinfo, ftp_mode_t mode, const ftp_endpoint_t *endpoint)
{
    ftp_expect_t *expect = wmem_new0(wmem_file_scope(), ftp_expect_t);

    expect->session = session;
    expect->mode = mode;
    expect->passive = mode == FTP_MODE_PASV || mode == FTP_MODE_EPSV || mode == FTP_MODE_LPSV;
    expect->frame = pinfo->num;
    expect->announced_at = pinfo->abs_ts;
    expect->port = endpoint->port;
    clear_address(&expect->announced);
    set_announced(expect, endpoint);
    if (expect->foreign && !expect->passive)
        look_for_other_session(expect, &pinfo->abs_ts);
    enter(expect, ftp_expect_listener(expect));
    if (expect->foreign)
        enter(expect, &expect->announced);
    keep_open(session, expect);
    ftp_track_port(expect->port);
    return expect;
}

ftp_expect_t *
ftp_expect_add(ftp_session_t *session, packet_info *pinfo, ftp_mode_t mode, const ftp_endpoint_t *endpoint)
{
    ftp_expect_t *expect = new_expect(session, pinfo, mode, endpoint);

    ftp_add_event(session, pinfo, FTP_EVENT_ANNOUNCEMENT)->expect = expect;
    return expect;
}

ftp_expect_t *
ftp_expect_add_tacit(ftp_session_t *session, packet_info *pinfo, const ftp_expect_t *used, uint32_t frame)
{
    ftp_endpoint_t endpoint = { .family = 0, .port = used ? used->port : session->flow.port[0] };
    ftp_expect_t *expect = new_expect(session, pinfo, used ? used->mode : FTP_MODE_DEFAULT, &endpoint);

    expect->frame = used ? used->frame : frame;
    if (used) {
        expect->foreign = used->foreign;
        expect->announced = used->announced;
    }
    return expect;
}

void
ftp_expect_over(ftp_expect_t *expect, packet_info *pinfo)
{
    if (expect->over)
        return;
    expect->over = true;
    expect->over_frame = pinfo->num;
    if (expect->data && ftp_data_is_unanswered(expect->data))
        ftp_add_event(expect->session, pinfo, FTP_EVENT_UNANSWERED)->expect = expect;
    else if (ftp_expect_is_unused(expect) || (expect->data && (expect->data->refused || !expect->transfer)))
        ftp_add_event(expect->session, pinfo, FTP_EVENT_UNUSED)->expect = expect;
}

static bool
is_expired(const ftp_expect_t *expect, const nstime_t *now)
{
    return seconds_since(now->secs, expect->announced_at.secs) > (int64_t)ftp_announcement_lifetime;
}

/*
 * After its session has ended, nothing comes of an announcement but by packets that were captured out of
 * order; the port may by then be anybody's.
 */
#define FTP_AFTER_END_SECONDS 1

static bool
is_of_the_past(const ftp_expect_t *expect, const nstime_t *now)
{
    return is_expired(expect, now) || (expect->session->closed
            && seconds_since(now->secs, expect->session->flow.last.secs) > FTP_AFTER_END_SECONDS);
}

/* While its transfer lasts, in MODE E. */
static bool
takes_several(const ftp_expect_t *expect)
{
    const ftp_expect_t *leader = ftp_expect_leader((ftp_expect_t *)expect);

    return expect->session->mode == 'E' && !expect->over && !(leader->transfer && leader->transfer->reply_code);
}

bool
ftp_expect_is_shared(const ftp_expect_t *expect)
{
    return takes_several(expect) && ftp_expect_leader((ftp_expect_t *)expect)->parts + 1 < FTP_PARTS_MAX;
}

/* A connection of another host than the client, by which nothing was transferred yet, gives way to the client's. */
static bool
is_used_up(const ftp_expect_t *expect, const address *initiator)
{
    const ftp_data_t *data = expect->data;

    if (!data || data->refused)
        return false;
    if (initiator && ftp_expect_is_shared(expect) && addresses_equal(&data->flow.side[0], initiator))
        return false;
    return !initiator || expect->fxp || addresses_equal(&data->flow.side[0], ftp_expect_peer(expect))
        || !addresses_equal(initiator, ftp_expect_peer(expect)) || (expect->transfer && expect->transfer->started);
}

/* How well a connection from initiator suits the announcement; 0 if not at all. */
static unsigned
fitness(const ftp_expect_t *expect, const address *initiator, const nstime_t *now)
{
    if (expect->refused || is_of_the_past(expect, now) || is_used_up(expect, initiator))
        return 0;
    if (!initiator || addresses_equal(initiator, ftp_expect_peer(expect)))
        return expect->over ? 2 : 4;
    if (expect->fxp)
        return 3;
    /* Another host than the client: only while nothing else can be meant. */
    return expect->passive && !expect->over && !expect->session->closed ? 1 : 0;
}

/* Of those that fit alike, that of a session whose own address it is, as where a NAT's two sides announce the outer one. */
static unsigned
rank(const ftp_expect_t *expect, const address *listener, const address *initiator, const nstime_t *now)
{
    unsigned f = fitness(expect, initiator, now);

    return f == 0 ? 0 : 2 * f + addresses_equal(listener, ftp_expect_listener(expect));
}

/* A connection that suits no announcement: it would, if it were not one too many. */
static void
note_left_out(const expect_chain_t *chain, const address *initiator)
{
    for (const expect_link_t *link = chain->newest; link; link = link->older) {
        ftp_expect_t *expect = link->expect;

        if (expect->data && takes_several(expect) && !ftp_expect_is_shared(expect)
                && addresses_equal(&expect->data->flow.side[0], initiator))
            ftp_expect_leader(expect)->lacks_parts = true;
    }
}

ftp_expect_t *
ftp_expect_find(const address *listener, uint16_t port, const address *initiator, const nstime_t *now)
{
    expect_chain_t *chain = chain_of(listener, port, false);
    ftp_expect_t *best = NULL;
    unsigned best_rank = 0;

    for (expect_link_t *link = chain ? chain->newest : NULL; link; link = link->older) {
        unsigned r = rank(link->expect, listener, initiator, now);

        if (r > best_rank) {
            best = link->expect;
            best_rank = r;
        }
    }
    if (chain && !best && initiator)
        note_left_out(chain, initiator);
    return best;
}

/*
 * Only where a connection was to be expected and none came: not if the server refused the command, and
 * not if the transfer went well, as its data connection is then but missing from the capture.
 */
bool
ftp_expect_is_unused(const ftp_expect_t *expect)
{
    return expect->over && !expect->data && !expect->refused
        && (!expect->transfer || (!expect->transfer->started && expect->transfer->reply_code < 400));
}

/*
 * NAT explains an address that is not that of the control connection, unless a connection was made to
 * just that address: FXP, or a server with several addresses.
 */
bool
ftp_expect_is_nat(const ftp_expect_t *expect)
{
    return expect->foreign && !expect->fxp && !ftp_expect_is_bounce(expect)
        && !(expect->data && addresses_equal(&expect->data->flow.side[1], &expect->announced));
}

/*
 * A client that makes the server connect to a third host (RFC 2577). Only where nothing harmless
 * explains it: not NAT, not a transfer between two servers, which uses a port that a server chose.
 */
bool
ftp_expect_is_bounce(const ftp_expect_t *expect)
{
    const address *client = ftp_expect_listener(expect);

    if (!expect->foreign || expect->passive || expect->fxp)
        return false;
    if (expect->data && addresses_equal(&expect->data->flow.side[1], client))
        return false;
    /* Nobody behind NAT listens there. */
    if (expect->port < 1024)
        return true;
    if (!expect->data && (addresses_equal(&expect->session->nat_address, &expect->announced)
            || (is_private(&expect->announced) && !are_neighbours(&expect->announced, client))))
        return false;
    return expect->bounce;
}
