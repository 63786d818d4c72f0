/* acme-challenge.c
 * Challenges, the questions of validators with their answers, and the authority's word; see acme-challenge.h
 *
 * That a question stays without an answer is known on later passes only, as all is written on the first.
 *
 * Bounds: 65536 challenges and tokens a capture; they, their domains, tokens and addresses, and what the authority says, are from
 * the share of names (acme-memory.h), validations from that of questions. Validations: one a message.
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

#include "acme-challenge.h"
#include "acme-memory.h"

#define MAX_CHALLENGES  65536   /* a capture; likewise tokens */
#define ENTRY_BYTES     64      /* of an address in a set, or of a map */

int proto_acme = -1;

/*
 * acme_challenge_t by itself, acme_shared_t by token, and the last acme_challenge_t with a token by domain; file scope. Tokens are
 * told apart by where they are kept, as to hash one costs more than the rest of such a look-up.
 */
static wmem_map_t *challenges;
static wmem_map_t *tokens;
static wmem_map_t *domains;

/* Those that were asked about last, the latest at recent_last; file scope. */
static const acme_challenge_t *recent[64];
static unsigned recent_last;

const value_string acme_challenge_vals[] = {
    { ACME_HTTP_01, "http-01" },
    { ACME_TLS_ALPN_01, "tls-alpn-01" },
    { ACME_DNS_01, "dns-01" },
    { ACME_DNS_ACCOUNT_01, "dns-account-01" },
    { ACME_DNS_PERSIST_01, "dns-persist-01" },
    { ACME_ONION_CSR_01, "onion-csr-01" },
    { ACME_DEVICE_ATTEST_01, "device-attest-01" },
    { ACME_TKAUTH_01, "tkauth-01" },
    { 0, NULL }
};

const char *
acme_challenge_name(uint8_t type)
{
    static const char *names[] = { "ACME", "HTTP-01", "TLS-ALPN-01", "DNS-01", "DNS-ACCOUNT-01", "DNS-PERSIST-01", "ONION-CSR-01",
        "DEVICE-ATTEST-01", "TKAUTH-01" };

    return names[type < array_length(names) ? type : 0];
}

uint8_t
acme_challenge_type(const char *name)
{
    for (const value_string *known = acme_challenge_vals; known->strptr; known++) {
        if (!strcmp(known->strptr, name))
            return (uint8_t)known->value;
    }
    return 0;
}

/* --- Challenges --- */

/* token: as it is kept */
static uint32_t
hash_of(const char *domain, const char *token)
{
    return (domain ? acme_hash_text(domain) : 0) + (token ? g_direct_hash(token) * 31 : 0);
}

static unsigned
hash_challenge(const void *key)
{
    const acme_challenge_t *challenge = (const acme_challenge_t *)key;

    return challenge->hash + challenge->type;
}

static int
compare_challenges(const void *one, const void *other)
{
    const acme_challenge_t *a = (const acme_challenge_t *)one;
    const acme_challenge_t *b = (const acme_challenge_t *)other;

    return a->type == b->type && a->hash == b->hash && a->token == b->token && !g_strcmp0(a->domain, b->domain);
}

/* token: as it is kept. NULL: there is no room. */
acme_shared_t *
acme_shared_by_token(const char *token)
{
    acme_shared_t *shared = (acme_shared_t *)wmem_map_lookup(tokens, token);

    if (shared || wmem_map_size(tokens) >= MAX_CHALLENGES || !acme_take(ACME_NAMES, ENTRY_BYTES))
        return shared;
    shared = (acme_shared_t *)acme_room(ACME_NAMES, sizeof *shared);
    if (shared)
        wmem_map_insert(tokens, token, shared);
    return shared;
}

/* With its domain behind it. */
static acme_challenge_t *
new_challenge(const acme_challenge_t *wanted)
{
    size_t size = wanted->domain ? strlen(wanted->domain) + 1 : 0;
    acme_challenge_t *challenge;

    if (size > ACME_MAX_TEXT / 2 || !acme_take(ACME_NAMES, ENTRY_BYTES))
        return NULL;
    challenge = (acme_challenge_t *)acme_room(ACME_NAMES, sizeof *challenge + size);
    if (!challenge)
        return NULL;
    challenge->type = wanted->type;
    challenge->hash = wanted->hash;
    if (wanted->domain)
        challenge->domain = (char *)memcpy(challenge + 1, wanted->domain, size);
    challenge->token = wanted->token;
    if (wanted->token)
        challenge->shared = acme_shared_by_token(wanted->token);
    else if (wanted->domain)
        challenge->shared = (acme_shared_t *)acme_room(ACME_NAMES, sizeof(acme_shared_t));
    return (wanted->token || wanted->domain) && !challenge->shared ? NULL : challenge;
}

acme_challenge_t *
acme_challenge(uint8_t type, const char *domain, const char *token)
{
    const char *kept = acme_keep(ACME_NAMES, token);
    const acme_challenge_t wanted = { .type = type, .hash = hash_of(domain, kept), .domain = domain, .token = kept };
    acme_challenge_t *challenge = kept || !token ? (acme_challenge_t *)wmem_map_lookup(challenges, &wanted) : NULL;

    if (challenge || (token && !kept) || wmem_map_size(challenges) >= MAX_CHALLENGES)
        return challenge;
    challenge = new_challenge(&wanted);
    if (!challenge)
        return NULL;
    wmem_map_insert(challenges, challenge, challenge);
    if (token && domain)
        wmem_map_insert(domains, challenge->domain, challenge);
    return challenge;
}

static acme_challenge_t *
find_challenge(uint8_t type, const char *domain)
{
    const acme_challenge_t wanted = { .type = type, .hash = hash_of(domain, NULL), .domain = domain };

    return (acme_challenge_t *)wmem_map_lookup(challenges, &wanted);
}

static const acme_challenge_t *
challenge_at(const char *domain)
{
    static const uint8_t types[] = { ACME_DNS_PERSIST_01, ACME_DNS_ACCOUNT_01, ACME_DNS_01, ACME_TLS_ALPN_01 };
    const acme_challenge_t *challenge = NULL;

    for (unsigned i = 0; i < array_length(types) && !challenge; i++)
        challenge = find_challenge(types[i], domain);
    return challenge ? challenge : (const acme_challenge_t *)wmem_map_lookup(domains, domain);
}

static bool
is_below(const char *domain, const char *name)
{
    size_t length = strlen(name), longer = domain ? strlen(domain) : 0;

    return length > 0 && longer > length && domain[longer - length - 1] == '.' && !strcmp(domain + longer - length, name);
}

static const acme_challenge_t *
challenge_below(const char *name, unsigned *back)
{
    while (*back < array_length(recent)) {
        const acme_challenge_t *challenge = recent[(recent_last - (*back)++) % array_length(recent)];

        if (challenge && is_below(challenge->domain, name))
            return challenge;
    }
    return NULL;
}

bool
acme_challenge_is_known(uint8_t type, const char *domain)
{
    const acme_challenge_t *challenge = type == ACME_HTTP_01 ? (const acme_challenge_t *)wmem_map_lookup(domains, domain)
        : find_challenge(type, domain);

    return challenge && challenge->type == type;
}

const acme_challenge_t *
acme_challenge_of_domain(const char *domain, unsigned *back)
{
    return back ? challenge_below(domain, back) : challenge_at(domain);
}

/* --- Validations --- */

/* How many there are with this one; 0: that cannot be told any more. */
static uint32_t
count_validator(acme_shared_t *shared, const acme_place_t *validator)
{
    if (!shared->first)
        shared->first = validator;
    if (shared->first != validator) {
        if (!shared->others)
            shared->others = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
        if (!wmem_map_lookup(shared->others, validator)) {
            if (!acme_take(ACME_NAMES, ENTRY_BYTES))
                return 0;
            wmem_map_insert(shared->others, validator, (void *)validator);
        }
    }
    return 1 + (shared->others ? wmem_map_size(shared->others) : 0);
}

static void
remember(const acme_challenge_t *challenge)
{
    if (recent[recent_last % array_length(recent)] != challenge)
        recent[++recent_last % array_length(recent)] = challenge;
}

void *
acme_validation_new(acme_challenge_t *challenge, const address *validator, bool counts, size_t size)
{
    const acme_place_t *place = acme_place(validator);
    acme_validation_t *validation;

    if (!challenge || !place)
        return NULL;
    validation = (acme_validation_t *)acme_room(ACME_QUESTIONS, size);
    if (!validation)
        return NULL;
    validation->challenge = challenge;
    validation->validator = place;
    validation->counts = counts;
    if (counts)
        remember(challenge);
    if (counts && challenge->shared)
        validation->validators = count_validator(challenge->shared, place);
    return validation;
}

void
acme_validation_asked(packet_info *pinfo, acme_validation_t *validation)
{
    validation->request_frame = pinfo->num;
    validation->request_time = pinfo->abs_ts;
}

void
acme_validation_answered(packet_info *pinfo, acme_validation_t *validation)
{
    if (!PINFO_FD_VISITED(pinfo) && !validation->response_frame)
        validation->response_frame = pinfo->num;
}

void
acme_validation_judge(packet_info *pinfo, acme_validation_t *validation, acme_cause_t cause)
{
    if (PINFO_FD_VISITED(pinfo))
        return;
    validation->judged = true;
    validation->cause = (uint8_t)cause;
}

void
acme_validation_thumbprint(packet_info *pinfo, acme_validation_t *validation, const char *thumbprint)
{
    acme_challenge_t *challenge = validation->challenge;

    if (PINFO_FD_VISITED(pinfo))
        return;
    if (!challenge->thumbprint)
        challenge->thumbprint = acme_keep(ACME_NAMES, thumbprint);
    else if (strcmp(challenge->thumbprint, thumbprint))
        challenge->contradicted = true;
}

/* --- Registration --- */

static void
acme_challenge_init(void)
{
    challenges = wmem_map_new(wmem_file_scope(), hash_challenge, compare_challenges);
    tokens = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    domains = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
    memset(recent, 0, sizeof recent);
    recent_last = 0;
}

void
acme_register_challenge(void)
{
    acme_register_place();
    register_init_routine(acme_challenge_init);
}
