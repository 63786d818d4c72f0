/* acme-challenge.c
 * Challenges, and the questions of validators with their answers; see acme-challenge.h
 *
 * That a question stays without an answer is known on later passes only, as all is written on the first.
 *
 * Bounds: 65536 challenges a capture; keys, domains, tokens and addresses, and the places of addresses in the sets of
 * validators, are from the share of names (acme-memory.h). Validations: one a message.
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
#include <epan/to_str.h>

#include "acme-challenge.h"
#include "acme-memory.h"

#define MAX_CHALLENGES  65536   /* a capture */
#define ENTRY_BYTES     64      /* of an address in a set */

int proto_acme = -1;

/* Keys are type, domain and token; file scope. */
static wmem_map_t *challenges;
/* Sets of addresses; keys are type and token or domain; file scope. */
static wmem_map_t *validators;

const char *
acme_challenge_name(uint8_t type)
{
    switch (type) {
    case ACME_HTTP_01: return "HTTP-01";
    case ACME_TLS_ALPN_01: return "TLS-ALPN-01";
    case ACME_DNS_01: return "DNS-01";
    case ACME_DNS_ACCOUNT_01: return "DNS-ACCOUNT-01";
    default: return "ACME";
    }
}

/* NULL: neither token nor domain is known, or there is no room. */
static wmem_map_t *
get_validators(packet_info *pinfo, uint8_t type, const char *domain, const char *token)
{
    const char *key;
    wmem_map_t *found;

    if (!domain && !token)
        return NULL;
    key = acme_keep(ACME_NAMES, wmem_strdup_printf(pinfo->pool, "%u %s %s", type, token ? "token" : "domain",
                token ? token : domain));
    found = key ? (wmem_map_t *)wmem_map_lookup(validators, key) : NULL;
    if (key && !found) {
        found = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
        wmem_map_insert(validators, key, found);
    }
    return found;
}

static acme_challenge_t *
new_challenge(packet_info *pinfo, uint8_t type, const char *domain, const char *token)
{
    acme_challenge_t *challenge = wmem_new0(wmem_file_scope(), acme_challenge_t);

    challenge->type = type;
    challenge->domain = domain;
    challenge->token = token;
    challenge->validators = get_validators(pinfo, type, domain, token);
    return challenge;
}

/* NULL: there is no room. */
static acme_challenge_t *
get_challenge(packet_info *pinfo, uint8_t type, const char *domain, const char *token)
{
    const char *key = acme_keep(ACME_NAMES, wmem_strdup_printf(pinfo->pool, "%u %s %s", type, domain ? domain : "",
                token ? token : ""));
    acme_challenge_t *challenge = key ? (acme_challenge_t *)wmem_map_lookup(challenges, key) : NULL;
    const char *kept_domain, *kept_token;

    if (!key || challenge || wmem_map_size(challenges) >= MAX_CHALLENGES)
        return challenge;
    kept_domain = acme_keep(ACME_NAMES, domain);
    kept_token = acme_keep(ACME_NAMES, token);
    if ((domain && !kept_domain) || (token && !kept_token))
        return NULL;
    challenge = new_challenge(pinfo, type, kept_domain, kept_token);
    wmem_map_insert(challenges, key, challenge);
    return challenge;
}

/* How many there are with this one; 0: that cannot be told any more. */
static uint32_t
count_validator(wmem_map_t *set, const char *validator)
{
    if (!wmem_map_lookup(set, validator)) {
        if (!acme_take(ACME_NAMES, ENTRY_BYTES))
            return 0;
        wmem_map_insert(set, validator, (void *)validator);
    }
    return wmem_map_size(set);
}

acme_validation_t *
acme_validation_new(packet_info *pinfo, uint8_t type, const char *domain, const char *token,
        const address *validator, bool counts)
{
    acme_challenge_t *challenge = get_challenge(pinfo, type, domain, token);
    const char *from = acme_keep(ACME_NAMES, address_to_str(pinfo->pool, validator));
    acme_validation_t *validation;

    if (!challenge || !from)
        return NULL;
    validation = wmem_new0(wmem_file_scope(), acme_validation_t);
    validation->challenge = challenge;
    validation->validator = from;
    validation->counts = counts;
    if (counts && challenge->validators)
        validation->validators = count_validator(challenge->validators, from);
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
    if (validation->response_frame)
        return;
    validation->response_frame = pinfo->num;
}

/* --- Registration --- */

static void
acme_challenge_init(void)
{
    challenges = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    validators = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
acme_register_challenge(void)
{
    register_init_routine(acme_challenge_init);
}
