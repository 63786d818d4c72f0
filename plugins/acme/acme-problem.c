/* acme-problem.c
 * Problem documents, wherever an answer of the API has them; see acme-problem.h
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
#include <wsutil/str_util.h>

#include "acme-problem.h"

#define MAX_PROBLEMS    64
#define ACME_ERROR      "urn:ietf:params:acme:error:"

static const struct {
    const char *name;
    const char *advice;
} advices[] = {
    { "badNonce", "the client tries again with the nonce of this answer" },
    { "rateLimited", "wait for Retry-After, and test with the authority's staging server" },
    { "connection", "let validators connect, on every address that DNS has for this name" },
    { "unauthorized", "compare what the validator got with what it should get" },
    { "incorrectResponse", "compare what the validator got with what it should get" },
    { "dns", "let the zone's servers answer for this name, its records and its signatures" },
    { "caa", "add a CAA record that allows this authority" },
    { "tls", "let the server speak TLS at the port of the challenge" },
    { "accountDoesNotExist", "register the account with this authority" },
    { "externalAccountRequired", "register with the key ID and key that the authority gives out" },
    { "userActionRequired", "agree to the new terms of service" },
    { "alreadyReplaced", "order without replaces: another order has taken that certificate's place" },
    { "alreadyRevoked", "nothing is to be done" },
    { "orderNotReady", "wait until all authorizations are valid" },
    { "rejectedIdentifier", "the authority's policy does not allow this name" },
    { "badCSR", "the request has to name the order's identifiers, and no others" },
    { "invalidProfile", "order with one of the profiles that the directory lists, or with none" },
    { "unsupportedIdentifier", "order names of a kind that this authority certifies" },
    { "badPublicKey", "make a new key, of a kind and size that the authority takes" },
    { "badSignatureAlgorithm", "sign with one of the algorithms that the answer lists" },
    { "badRevocationReason", "revoke with a reason that the authority takes, or with none" },
    { "invalidContact", "register with an address that can be reached, or with none" },
    { "unsupportedContact", "register with a mail address, or with none" },
    { "onionCAARequired", "publish CAA in the onion service's descriptor" },
    { "compound", "its subproblems say what is wrong" },
    { "malformed", "the authority does not expect this request now: if its detail names no fault, begin with a new order" },
    { "conflict", "ask for the object again: it is not as the client thinks" },
    { "serverInternal", "try again later; the authority's status page may tell more" },
};

static const char *
last_part(const char *type)
{
    const char *colon = strrchr(type, ':');

    return colon && colon[1] ? colon + 1 : type;
}

bool
acme_is_problem(const acme_json_t *object, bool failed)
{
    const char *type = acme_json_string(object, "type");

    if (!type)
        return failed && object->root && (acme_json_string(object, "detail") || acme_json_string(object, "title"));
    return failed || g_str_has_prefix(type, ACME_ERROR);
}

/* A subproblem names its identifier, else that of what it is in holds. */
static const char *
identifier_of(const acme_json_t *object, jsmntok_t *problem, const char *identifier)
{
    jsmntok_t *own = json_get_object(object->text, problem, "identifier");
    const char *value = own ? acme_json_text(object, own, "value") : NULL;

    return value ? value : identifier;
}

static void
read_problem(const acme_json_t *object, jsmntok_t *place, const char *identifier, acme_problem_t *problem)
{
    problem->place = place;
    problem->of_request = place == object->root;
    problem->type = acme_json_text(object, place, "type");
    problem->detail = acme_json_text(object, place, "detail");
    if (!problem->detail)
        problem->detail = acme_json_text(object, place, "title");
    if (!problem->type)
        problem->type = "about:blank";      /* RFC 7807 section 4.2 */
    problem->name = last_part(problem->type);
    problem->identifier = identifier_of(object, place, identifier);
}

static void
add_problem(wmem_array_t *problems, const acme_json_t *object, jsmntok_t *place, const char *identifier)
{
    acme_problem_t problem;
    jsmntok_t *array;
    int count;

    if (!place || place->type != JSMN_OBJECT || wmem_array_get_count(problems) >= MAX_PROBLEMS)
        return;
    read_problem(object, place, identifier, &problem);
    wmem_array_append_one(problems, problem);
    array = json_get_array(object->text, place, "subproblems");
    count = array ? MIN(json_get_array_len(array), MAX_PROBLEMS) : 0;
    for (int i = 0; i < count; i++) {
        jsmntok_t *inner = json_get_array_index(array, i);

        if (!inner || inner->type != JSMN_OBJECT || wmem_array_get_count(problems) >= MAX_PROBLEMS)
            continue;
        read_problem(object, inner, problem.identifier, &problem);
        wmem_array_append_one(problems, problem);
    }
}

static void
add_problems_of_challenges(wmem_array_t *problems, const acme_json_t *object, const char *identifier)
{
    jsmntok_t *array = json_get_array(object->text, object->root, "challenges");
    int count = array ? MIN(json_get_array_len(array), MAX_PROBLEMS) : 0;

    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);

        if (challenge && challenge->type == JSMN_OBJECT)
            add_problem(problems, object, json_get_object(object->text, challenge, "error"), identifier);
    }
}

wmem_array_t *
acme_problems(wmem_allocator_t *pool, const acme_json_t *object, bool failed, const char *identifier)
{
    wmem_array_t *problems = wmem_array_new(pool, sizeof(acme_problem_t));

    if (!object->root)
        return problems;
    if (acme_is_problem(object, failed)) {
        add_problem(problems, object, object->root, identifier);
        return problems;
    }
    add_problem(problems, object, json_get_object(object->text, object->root, "error"), identifier);
    add_problems_of_challenges(problems, object, identifier);
    return problems;
}

const acme_problem_t *
acme_problem_of(wmem_allocator_t *pool, const acme_json_t *object, jsmntok_t *holder)
{
    jsmntok_t *place = json_get_object(object->text, holder, "error");
    acme_problem_t *problem;

    if (!place)
        return NULL;
    problem = wmem_new0(pool, acme_problem_t);
    read_problem(object, place, NULL, problem);
    return problem;
}

const char *
acme_problem_text(wmem_allocator_t *pool, const acme_problem_t *problem)
{
    return wmem_strconcat(pool, problem->name, problem->detail ? ": " : NULL, problem->detail, NULL);
}

bool
acme_problem_is_bad_nonce(const acme_problem_t *problem)
{
    return !strcmp(problem->name, "badNonce");
}

bool
acme_says_bad_nonce(const acme_json_t *object)
{
    const char *type = acme_json_string(object, "type");

    return type && !strcmp(last_part(type), "badNonce");
}

/* --- Limits of rates --- */

/* Boulder's words for limits that it gives no link for, today or before. */
static const struct {
    const char *phrase;
    const char *limit;
} limits[] = {
    { "exact set of ", "new certificates per exact set of identifiers" },
    { "failed authorizations", "authorization failures per identifier per account" },
    { "temporarily prevented from requesting", "consecutive authorization failures per identifier per account" },
    { "certificates already issued for", "new certificates per registered domain" },
    { ") already issued for", "new certificates per registered domain" },
    { "pending authorizations", "pending authorizations per account" },
    { "new orders", "new orders per account" },
    { "registrations", "new registrations per IP address" },
    { "Service busy", "overall requests limit" },
};

/* The part behind # of a link to the authority's page of limits names the one that was reached. */
static const char *
limit_of_link(wmem_allocator_t *pool, const char *detail)
{
    static const char page[] = "rate-limits/#";
    const char *name = strstr(detail, page);
    char *limit;

    if (!name)
        return NULL;
    name += sizeof page - 1;
    limit = wmem_strndup(pool, name, strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"));
    for (char *c = limit; *c; c++) {
        if (*c == '-')
            *c = ' ';
    }
    return limit[0] ? limit : NULL;
}

const char *
acme_problem_rate_limit(wmem_allocator_t *pool, const acme_problem_t *problem)
{
    const char *limit;

    if (strcmp(problem->name, "rateLimited") || !problem->detail)
        return NULL;
    limit = limit_of_link(pool, problem->detail);
    for (unsigned i = 0; !limit && i < array_length(limits); i++) {
        if (strstr(problem->detail, limits[i].phrase))
            limit = limits[i].limit;
    }
    return limit;
}

/* --- What to do --- */

const char *
acme_problem_advice(const acme_problem_t *problem)
{
    if (problem->detail && g_str_has_prefix(problem->detail, "During secondary validation"))
        return "another of the authority's perspectives failed: let all countries and networks look, and all servers of the name "
            "answer alike";
    if (problem->of_request && !strcmp(problem->name, "unauthorized"))
        return "the account may not do this: see whether it is deactivated or revoked, and use the key of the account that made "
            "the order";
    for (unsigned i = 0; i < array_length(advices); i++) {
        if (!strcmp(problem->name, advices[i].name))
            return advices[i].advice;
    }
    return NULL;
}
