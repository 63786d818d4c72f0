/* acme-connect.c
 * Connections of validators that are refused or never answered; see acme-connect.h
 *
 * A SYN by itself does not tell what it is for. It is a validator's where that was sent to this port of the same host just before,
 * where DNS has the address for a name whose challenge is awaited, or where the authority says afterwards that it could not connect
 * to this address. So SYNs to the ports of challenges are remembered as long as they are not answered, but only once there is such
 * an authority or redirect in the capture.
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
#include <epan/expert.h>

#include "acme-connect.h"
#include "acme-expected.h"
#include "acme-hosts.h"
#include "acme-items.h"
#include "acme-memory.h"
#include "acme-verdict-items.h"
#include "flow.h"
#include "icmp-quote.h"
#include "port-set.h"
#include "seconds.h"
#include "show.h"
#include "tap-acme.h"
#include "tcp-header.h"

#define HTTP_PORT       80
#define TLS_PORT        443
#define MAX_ATTEMPTS    65536   /* a capture */
#define MAX_BACK        4096    /* attempts that are looked through */
#define MAX_RUNS        16384   /* of characters of addresses in a text */
#define MAX_WAITING     64      /* redirects, likewise */
#define FALLBACK_SECONDS 60     /* between two families */
#define REDIRECT_SECONDS 60     /* in which a validator follows */
#define WORD_SECONDS    600     /* in which an authority says what came of it */
#define ENTRY_BYTES     160     /* of an attempt with its places in maps, about */


typedef struct attempt {
    const acme_place_t *client;
    const acme_place_t *server;
    uint16_t            client_port;
    uint16_t            server_port;
    uint32_t            sequence;       /* of the SYN */
    bool                answered;
    uint32_t            frame;          /* of the first SYN */
    uint32_t            refused_in;     /* 0: not refused */
    nstime_t            when;
    acme_validation_t  *validation;     /* NULL: nobody's */
    acme_validation_t  *sent;           /* whose redirect led here, or NULL */
    const char         *domain;         /* awaited, that DNS has this address for; NULL: unknown */
    bool                several;        /* several such domains have it */
    bool                quoted;         /* it was an ICMP error that refused it; tables do not hear of those */
    uint32_t            fallback_in;    /* request over the other family that followed, or 0 */
    struct attempt     *older;
    struct attempt     *newer;
} attempt_t;

/* Where a validator was sent to. */
typedef struct waiting {
    const acme_place_t *validator;
    const acme_place_t *server;
    uint16_t            port;
    time_t              when;
    acme_validation_t  *sent;           /* NULL: it has been there */
} waiting_t;

static int hf_acme_fallback_in = -1;
static int hf_acme_fallback_from = -1;

static expert_field ei_acme_unreachable = EI_INIT;

bool acme_connect_watching;
/* attempt_t by itself; the latest; attempt_t by the frames of its SYN and of its end; waiting_t; file scope. */
static wmem_map_t *attempts;
/* Of the clients in it, so that other segments cost no more than a look at this. */
static port_set_t client_ports;
static attempt_t *newest;
static wmem_map_t *by_frame;
static wmem_array_t *waiting;
/* attempt_t by the validation that followed it over the other family; file scope. */
static wmem_map_t *fallbacks;
/* attempt_t by itself, of those that a redirect led to and that were answered; file scope. */
static wmem_map_t *led;

/* --- Attempts --- */

static unsigned
hash_attempt(const void *key)
{
    const attempt_t *attempt = (const attempt_t *)key;

    return g_direct_hash(attempt->client) * 31 + g_direct_hash(attempt->server) + attempt->client_port * 65537u
        + attempt->server_port;
}

static int
compare_attempts(const void *one, const void *other)
{
    const attempt_t *a = (const attempt_t *)one;
    const attempt_t *b = (const attempt_t *)other;

    return a->client == b->client && a->server == b->server && a->client_port == b->client_port
        && a->server_port == b->server_port;
}

static attempt_t *
find_in(wmem_map_t *map, const address *client, uint16_t client_port, const address *server, uint16_t server_port)
{
    attempt_t wanted = { .client_port = client_port, .server_port = server_port };

    if (wmem_map_size(map) == 0)
        return NULL;
    wanted.client = acme_place_find(client);
    wanted.server = acme_place_find(server);
    return wanted.client && wanted.server ? (attempt_t *)wmem_map_lookup(map, &wanted) : NULL;
}

static attempt_t *
find_attempt(const address *client, uint16_t client_port, const address *server, uint16_t server_port)
{
    return find_in(attempts, client, client_port, server, server_port);
}

static acme_validation_t *
new_validation(const attempt_t *attempt, acme_challenge_t *challenge)
{
    acme_validation_t *validation = (acme_validation_t *)acme_validation_new(challenge, &attempt->client->addr, true,
            sizeof *validation);

    if (!validation)
        return NULL;
    validation->connection = true;
    validation->request_frame = attempt->frame;
    validation->request_time = attempt->when;
    return validation;
}

static uint8_t
type_of_port(uint16_t port)
{
    return port == HTTP_PORT ? ACME_HTTP_01 : port == TLS_PORT ? ACME_TLS_ALPN_01 : 0;
}

static acme_challenge_t *
challenge_of(const attempt_t *attempt)
{
    uint8_t type = type_of_port(attempt->server_port);

    return acme_challenge(type, attempt->domain, type == ACME_HTTP_01 ? acme_awaited_token(type, attempt->domain) : NULL);
}

/* The validation that sent it to this port just before, the oldest first. */
static acme_validation_t *
take_waiting(const packet_info *pinfo, const acme_place_t *validator, const acme_place_t *server, uint16_t port)
{
    unsigned count = wmem_array_get_count(waiting);

    for (unsigned i = count > MAX_WAITING ? count - MAX_WAITING : 0; i < count; i++) {
        waiting_t *one = (waiting_t *)wmem_array_index(waiting, i);
        acme_validation_t *sent = one->sent;

        if (!sent || one->validator != validator || one->server != server || one->port != port
                || seconds_since(pinfo->abs_ts.secs, one->when) > REDIRECT_SECONDS)
            continue;
        one->sent = NULL;
        return sent;
    }
    return NULL;
}

/* NULL: there is no room. */
static attempt_t *
new_attempt(const flow_packet_t *packet)
{
    const acme_place_t *client = acme_place_of(ACME_CONNECTIONS, &packet->src);
    const acme_place_t *server = acme_place_of(ACME_CONNECTIONS, &packet->dst);
    attempt_t *attempt;

    if (!client || !server || wmem_map_size(attempts) >= MAX_ATTEMPTS || !acme_take(ACME_CONNECTIONS, ENTRY_BYTES))
        return NULL;
    attempt = wmem_new0(wmem_file_scope(), attempt_t);
    attempt->client = client;
    attempt->server = server;
    attempt->client_port = packet->srcport;
    attempt->server_port = packet->dstport;
    attempt->sequence = tcp_header_seq(packet->bytes);
    attempt->frame = packet->pinfo->num;
    attempt->when = packet->pinfo->abs_ts;
    attempt->older = newest;
    if (newest)
        newest->newer = attempt;
    newest = attempt;
    return attempt;
}

/* One that is sent again is, after an ICMP error too. One after a RST is another, as is one by the same ports later. */
static bool
is_same_attempt(const attempt_t *attempt, const flow_packet_t *packet)
{
    return (!attempt->refused_in || attempt->quoted) && attempt->sequence == tcp_header_seq(packet->bytes)
        && seconds_since(packet->pinfo->abs_ts.secs, attempt->when.secs) <= WORD_SECONDS;
}

static void
set_sent(packet_info *pinfo, attempt_t *attempt, acme_validation_t *sent)
{
    attempt->validation = new_validation(attempt, sent->challenge);
    if (attempt->validation)
        attempt->validation->went_to = acme_keep(ACME_NAMES, wmem_strdup_printf(pinfo->pool, "port %u", attempt->server_port));
    attempt->sent = sent;
    sent->passed_on = true;
}

static void
note_syn(const flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const acme_place_t *client = acme_place_find(&packet->src);
    const acme_place_t *server = acme_place_find(&packet->dst);
    attempt_t *before = find_attempt(&packet->src, packet->srcport, &packet->dst, packet->dstport);
    acme_validation_t *sent;
    attempt_t *attempt;

    if (before && is_same_attempt(before, packet))
        return;
    sent = client && server ? take_waiting(pinfo, client, server, packet->dstport) : NULL;
    attempt = sent || before || packet->dstport == HTTP_PORT || packet->dstport == TLS_PORT ? new_attempt(packet) : NULL;
    if (!attempt)
        return;
    if (!sent && before && before->refused_in && seconds_since(pinfo->abs_ts.secs, before->when.secs) <= REDIRECT_SECONDS)
        sent = before->sent;
    attempt->domain = acme_host_awaited(attempt->server, type_of_port(packet->dstport), &attempt->several);
    if (sent)
        set_sent(pinfo, attempt, sent);
    if (before)
        wmem_map_remove(attempts, before);
    wmem_map_insert(attempts, attempt, attempt);
    port_set_add(&client_ports, attempt->client_port);
    wmem_map_insert(by_frame, GUINT_TO_POINTER(pinfo->num), attempt);
}

static void
forget(attempt_t *attempt)
{
    if (attempt->older)
        attempt->older->newer = attempt->newer;
    if (attempt->newer)
        attempt->newer->older = attempt->older;
    else
        newest = attempt->older;
    wmem_free(wmem_file_scope(), attempt);
    acme_give(ACME_CONNECTIONS, ENTRY_BYTES);
}

/* Most are answered at once, and then forgotten. Whose connection it is, its request tells. */
static void
note_answered(attempt_t *attempt, uint32_t frame)
{
    attempt->answered = true;
    attempt->fallback_in = 0;
    if (attempt->sent) {
        attempt->sent->passed_on = attempt->sent->arrived;
        wmem_map_remove(led, attempt);
        wmem_map_insert(led, attempt, attempt);
    }
    if (attempt->validation)
        attempt->validation->response_frame = frame;
    wmem_map_remove(attempts, attempt);
    wmem_map_remove(by_frame, GUINT_TO_POINTER(attempt->frame));
    if (!attempt->sent && !attempt->validation && !attempt->refused_in)
        forget(attempt);
}

/* Anybody may connect there while the challenge is open. */
static acme_validation_t *
guess_validation(const attempt_t *attempt)
{
    acme_validation_t *validation = new_validation(attempt, challenge_of(attempt));

    if (validation)
        validation->guess = true;
    return validation;
}

static void
set_refused(attempt_t *attempt)
{
    acme_validation_t *validation = attempt->validation;

    if (!validation || !attempt->refused_in)
        return;
    validation->response_frame = attempt->refused_in;
    validation->judged = true;
    validation->cause = ACME_CAUSE_REFUSED;
}

static void
note_refused(attempt_t *attempt, uint32_t frame)
{
    if (attempt->refused_in)
        return;
    attempt->refused_in = frame;
    if (!attempt->validation && attempt->domain)
        attempt->validation = guess_validation(attempt);
    wmem_map_insert(by_frame, GUINT_TO_POINTER(frame), attempt);
    set_refused(attempt);
}

/* The attempt that a segment other than its SYN bears on: of the server any, of the client what acknowledges an answer. */
static attempt_t *
attempt_of(const flow_packet_t *packet, uint8_t flags)
{
    attempt_t *attempt = port_set_has(&client_ports, packet->dstport)
        ? find_attempt(&packet->dst, packet->dstport, &packet->src, packet->srcport) : NULL;

    if (!attempt && !(flags & TH_RST) && port_set_has(&client_ports, packet->srcport))
        attempt = find_attempt(&packet->src, packet->srcport, &packet->dst, packet->dstport);
    return attempt;
}

/* That SYN and ACK were lost from the capture refutes nothing. Nothing undoes a RST; errors of ICMP are no end. */
static void
note_segment(const flow_packet_t *packet, uint8_t flags)
{
    attempt_t *attempt;

    if ((flags & (TH_SYN | TH_ACK | TH_RST)) == TH_SYN) {
        note_syn(packet);
        return;
    }
    attempt = attempt_of(packet, flags);
    if (!attempt || (attempt->refused_in && !attempt->quoted))
        return;
    if (flags & TH_RST)
        note_refused(attempt, packet->pinfo->num);
    else
        note_answered(attempt, packet->pinfo->num);
}

/* An ICMP message that quotes a SYN. */
static void
note_quoted(const flow_packet_t *packet)
{
    attempt_t *attempt = find_attempt(&packet->src, packet->srcport, &packet->dst, packet->dstport);

    if (!attempt || attempt->refused_in || !icmp_quote_is_failure(packet))
        return;
    attempt->quoted = true;
    note_refused(attempt, packet->pinfo->num);
}

/* --- What others know --- */

void
acme_connect_watch(void)
{
    acme_connect_watching = true;
}

void
acme_connect_expect(packet_info *pinfo, uint16_t port, acme_validation_t *validation)
{
    waiting_t one = { acme_place(&pinfo->dst), acme_place(&pinfo->src), port, pinfo->abs_ts.secs, validation };

    if (!one.validator || !one.server || !acme_take(ACME_QUESTIONS, 2 * sizeof one))
        return;
    acme_connect_watching = true;
    wmem_array_append_one(waiting, one);
}

void
acme_connect_arrived(acme_validation_t *validation)
{
    unsigned count = wmem_array_get_count(waiting);

    validation->arrived = true;
    for (unsigned i = count > MAX_WAITING ? count - MAX_WAITING : 0; i < count; i++) {
        waiting_t *one = (waiting_t *)wmem_array_index(waiting, i);

        if (one->sent == validation)
            one->sent = NULL;
    }
}

bool
acme_connect_has_led(void)
{
    return wmem_map_size(led) > 0;
}

acme_validation_t *
acme_connect_led(const flow_packet_t *packet)
{
    const attempt_t *attempt = find_in(led, &packet->src, packet->srcport, &packet->dst, packet->dstport);

    return attempt ? attempt->sent : NULL;
}

/* A run of the characters of addresses: itself, and without what follows an address of IPv4 in it, or ends a sentence. */
static void
add_addresses(wmem_allocator_t *pool, wmem_map_t *addresses, const char *run, size_t length)
{
    const char *dot = (const char *)memchr(run, '.', length), *colon = (const char *)memchr(run, ':', length);

    wmem_map_insert(addresses, wmem_strndup(pool, run, length), addresses);
    while (length > 0 && (run[length - 1] == '.' || run[length - 1] == ':'))
        length--;
    if (length > 0)
        wmem_map_insert(addresses, wmem_strndup(pool, run, length), addresses);
    if (dot && colon && dot < colon)
        wmem_map_insert(addresses, wmem_strndup(pool, run, (size_t)(colon - run)), addresses);
}

/* What a text may name: the addresses in it, and not those that longer ones begin with. */
static wmem_map_t *
addresses_in(wmem_allocator_t *pool, const char *text)
{
    static const char characters[] = "0123456789abcdefABCDEF.:";
    wmem_map_t *addresses = wmem_map_new(pool, wmem_str_hash, g_str_equal);

    for (unsigned i = 0; *text && i < MAX_RUNS; i++) {
        size_t length = strspn(text, characters);

        if (length > 0)
            add_addresses(pool, addresses, text, length);
        text += length;
        text += strcspn(text, characters);
    }
    return addresses;
}

static bool
is_of_domain(const attempt_t *attempt, const char *domain)
{
    return attempt->domain && domain && !strcmp(attempt->domain, domain);
}

/* The oldest one over the other family that nobody has followed yet. */
static attempt_t *
find_failed(const packet_info *pinfo, const char *domain)
{
    attempt_t *attempt = newest, *found = NULL;

    for (unsigned i = 0; attempt && i < MAX_BACK; i++, attempt = attempt->older) {
        if (seconds_since(pinfo->abs_ts.secs, attempt->when.secs) > FALLBACK_SECONDS)
            break;
        if (!attempt->answered && !attempt->fallback_in && is_of_domain(attempt, domain)
                && attempt->server->addr.type != pinfo->dst.type && attempt->server_port == pinfo->destport)
            found = attempt;
    }
    return found;
}

void
acme_connect_reached(packet_info *pinfo, acme_validation_t *validation)
{
    attempt_t *attempt = acme_connect_watching ? find_failed(pinfo, validation->challenge->domain) : NULL;

    if (!attempt)
        return;
    if (!attempt->validation)
        attempt->validation = new_validation(attempt, validation->challenge);
    if (!attempt->validation)
        return;
    attempt->fallback_in = pinfo->num;
    attempt->validation->went_to = acme_place(&pinfo->dst) ? acme_place(&pinfo->dst)->text : NULL;
    attempt->validation->passed_on = true;
    attempt->validation->counts = false;
    attempt->validation->guess = false;
    wmem_map_insert(fallbacks, validation, attempt);
}

void
acme_connect_add_fallback(tvbuff_t *tvb, proto_tree *tree, const acme_validation_t *validation, bool later_pass)
{
    const attempt_t *attempt = (const attempt_t *)wmem_map_lookup(fallbacks, validation);

    if (attempt && !attempt->answered && (attempt->refused_in || later_pass))
        show_uint(tree, hf_acme_fallback_from, tvb, attempt->frame);
}

/* Between the start of the challenge and the word of its end it is the validators' that fail; without a start it is a guess. */
static void
set_failed(attempt_t *attempt, acme_challenge_t *challenge, bool started)
{
    if (!attempt->validation)
        attempt->validation = new_validation(attempt, challenge);
    if (attempt->validation)
        attempt->validation->guess = !started;
    set_refused(attempt);
}

void
acme_connect_failed(packet_info *pinfo, uint8_t type, const char *domain, const char *token, const char *detail,
        uint32_t start)
{
    uint16_t port = type == ACME_HTTP_01 ? HTTP_PORT : type == ACME_TLS_ALPN_01 ? TLS_PORT : 0;
    attempt_t *attempt = port ? newest : NULL;
    wmem_map_t *named = attempt ? addresses_in(pinfo->pool, detail) : NULL;

    for (unsigned i = 0; attempt && i < MAX_BACK; i++, attempt = attempt->older) {
        if (attempt->frame < start || seconds_since(pinfo->abs_ts.secs, attempt->when.secs) > WORD_SECONDS)
            return;
        if (attempt->answered || (attempt->validation && !attempt->validation->guess) || attempt->server_port != port
                || !(is_of_domain(attempt, domain) || wmem_map_contains(named, attempt->server->text)))
            continue;
        set_failed(attempt, attempt->several ? acme_challenge(type, NULL, NULL) : acme_challenge(type, domain, token), start > 0);
    }
}

/* --- Showing it --- */

static bool
is_ipv6(const attempt_t *attempt)
{
    return attempt->server->addr.type == AT_IPv6;
}

/* What to do, and what the validator did. */
static const char *
advice_of(packet_info *pinfo, const attempt_t *attempt)
{
    const char *advice = is_ipv6(attempt) ? "let the server answer on this address, or take it (AAAA) out of DNS: "
        "validators try IPv6 first, and not all of them IPv4 then" : acme_cause_advice(ACME_CAUSE_REFUSED);

    if (!attempt->fallback_in || !PINFO_FD_VISITED(pinfo))
        return advice;
    return wmem_strdup_printf(pinfo->pool, "the validator went on over %s in frame %u; %s", is_ipv6(attempt) ? "IPv4" : "IPv6",
            attempt->fallback_in, advice);
}

static void
add_unreachable(packet_info *pinfo, proto_item *item, const attempt_t *attempt)
{
    expert_add_info_format(pinfo, item, &ei_acme_unreachable, "Connection over %s %s; %s", is_ipv6(attempt) ? "IPv6" : "IPv4",
            attempt->refused_in ? "refused" : "not answered", advice_of(pinfo, attempt));
}

static void
add_fallback_in(flow_packet_t *packet, proto_tree *tree, const attempt_t *attempt)
{
    if (attempt->fallback_in && PINFO_FD_VISITED(packet->pinfo))
        show_uint(tree, hf_acme_fallback_in, packet->tvb, attempt->fallback_in);
}

static const char *
describe(const packet_info *pinfo, const attempt_t *attempt)
{
    return wmem_strdup_printf(pinfo->pool, "connection to %s port %u %s", attempt->server->text, attempt->server_port,
            attempt->refused_in ? "refused" : "not answered");
}

static void
show(flow_packet_t *packet, const attempt_t *attempt)
{
    packet_info *pinfo = packet->pinfo;
    const acme_validation_t *validation = attempt->validation;
    bool last = pinfo->num == (attempt->refused_in ? attempt->refused_in : attempt->frame);
    const char *text = describe(pinfo, attempt);
    proto_item *item;
    proto_tree *tree = acme_add_tree(packet->tvb, 0, 0, flow_subtree(packet), validation->challenge, &item);

    if (last)
        text = acme_add_response(packet->tvb, pinfo, tree, item, validation, text);
    else
        acme_add_request(packet->tvb, pinfo, tree, item, validation);
    if (!last && attempt->quoted)
        tap_acme_queue_validation(pinfo, validation, text);
    add_fallback_in(packet, tree, attempt);
    if (last)
        add_unreachable(pinfo, item, attempt);
    acme_columns(pinfo, validation->challenge, text);
}

/* That nothing comes, and what the authority says later, is known on later passes. */
static void
show_frame(flow_packet_t *packet)
{
    packet_info *pinfo = packet->pinfo;
    const attempt_t *attempt = (const attempt_t *)wmem_map_lookup(by_frame, GUINT_TO_POINTER(pinfo->num));
    bool known;

    if (!attempt || !attempt->validation || attempt->answered)
        return;
    known = PINFO_FD_VISITED(pinfo) || pinfo->num == attempt->refused_in;
    if (known)
        show(packet, attempt);
}

void
acme_connect_after(flow_packet_t *packet)
{
    if (!PINFO_FD_VISITED(packet->pinfo) && packet->has_ports) {
        if (packet->quoted)
            note_quoted(packet);
        else if (packet->captured >= TCP_HEADER_TO_FLAGS)
            note_segment(packet, tcp_header_flags(packet->bytes));
    }
    show_frame(packet);
}

/* --- Registration --- */

static void
acme_connect_init(void)
{
    acme_connect_watching = false;
    attempts = wmem_map_new(wmem_file_scope(), hash_attempt, compare_attempts);
    by_frame = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    port_set_clear(&client_ports);
    newest = NULL;
    waiting = wmem_array_new(wmem_file_scope(), sizeof(waiting_t));
    led = wmem_map_new(wmem_file_scope(), hash_attempt, compare_attempts);
    fallbacks = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

void
acme_register_connect(expert_module_t *expert)
{
    static hf_register_info hf[] = {
        { &hf_acme_fallback_in,
          { "Went on in", "acme.fallback_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Request for the same name over IPv4 after IPv6 had failed, or the other way round", HFILL } },
        { &hf_acme_fallback_from,
          { "After", "acme.fallback_from", FT_FRAMENUM, BASE_NONE, NULL, 0,
            "Connection over the other of IPv4 and IPv6 that had failed before", HFILL } },
    };
    static ei_register_info ei[] = {
        { &ei_acme_unreachable,
          { "acme.unreachable", PI_SEQUENCE, PI_WARN, "A validator's connection is refused or not answered", EXPFILL } },
    };

    proto_register_field_array(proto_acme, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
    register_init_routine(acme_connect_init);
}
