/* acme-authority.c
 * The authority's word on challenges, in the objects of its API; see acme-authority.h
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

#include "acme-authority.h"
#include "acme-connect.h"
#include "acme-expected.h"
#include "acme-expected-start.h"
#include "acme-memory.h"
#include "acme-problem.h"
#include "acme-resource.h"
#include "text.h"

#define MAX_RECORDS 16      /* of a challenge that are looked at */

static const char *
kept_text(packet_info *pinfo, const char *text)
{
    return text ? acme_keep(ACME_NAMES, text_shown(pinfo->pool, text, strlen(text), TEXT_LINE, NULL)) : NULL;
}

/* What the authority says of a connection that failed, and where its records of the challenge say that it went. */
static const char *
places_of_failure(wmem_allocator_t *pool, const acme_json_t *object, jsmntok_t *challenge, const char *detail)
{
    jsmntok_t *records = json_get_array(object->text, challenge, "validationRecord");
    int count = records ? MIN(json_get_array_len(records), MAX_RECORDS) : 0;

    for (int i = 0; i < count; i++) {
        jsmntok_t *record = json_get_array_index(records, i);
        const char *used = record && record->type == JSMN_OBJECT ? acme_json_text(object, record, "addressUsed") : NULL;

        if (used)
            detail = wmem_strconcat(pool, detail, " ", used, NULL);
    }
    return detail;
}

static void
note_challenge(packet_info *pinfo, const acme_json_t *object, jsmntok_t *challenge, const char *domain, acme_said_t *said)
{
    const char *status = acme_json_text(object, challenge, "status");
    const char *name = acme_json_text(object, challenge, "type");
    const char *url = acme_json_text(object, challenge, "url");
    const char *token = acme_json_text(object, challenge, "token");
    const acme_problem_t *problem = acme_problem_of(pinfo->pool, object, challenge);
    uint8_t type = name ? acme_challenge_type(name) : 0;
    acme_word_t word = { .frame = pinfo->num, .when = pinfo->abs_ts.secs };
    const acme_word_t *kept;
    bool alone;

    if (!status || !type || (strcmp(status, "valid") && strcmp(status, "invalid")))
        return;
    acme_expect_no_more(url);
    domain = domain ? domain : acme_expected_domain(url);
    token = type == ACME_HTTP_01 && token ? text_shown(pinfo->pool, token, strlen(token), TEXT_LINE, NULL) : NULL;
    word.valid = !strcmp(status, "valid");
    word.url = acme_keep(ACME_URLS, url);
    word.problem = problem ? kept_text(pinfo, acme_problem_text(pinfo->pool, problem)) : NULL;
    if (problem && !strcmp(problem->name, "connection") && problem->detail && (token || domain))
        acme_connect_failed(pinfo, type, domain, token, places_of_failure(pinfo->pool, object, challenge, problem->detail),
                acme_expected_start(url));
    kept = token || domain ? acme_authority_says(type, domain, token, &word, &alone) : NULL;
    /* Of several challenges that are given up together, one was tried. */
    if (!kept || (said->word && !kept->valid && !kept->problem))
        return;
    said->word = kept;
    said->type = type;
    said->domain = kept_text(pinfo, domain);
    said->alone = alone;
}

void
acme_authority_of_challenge(packet_info *pinfo, const acme_json_t *object, acme_said_t *said)
{
    note_challenge(pinfo, object, object->root, NULL, said);
}

/* An authorization that is over has no challenge that is still waited for. */
static void
forget_challenge(const acme_json_t *object, jsmntok_t *challenge)
{
    const char *status = acme_json_string(object, "status");

    if (status && strcmp(status, "pending"))
        acme_expect_no_more(acme_json_text(object, challenge, "url"));
}

void
acme_authority_of_authorization(packet_info *pinfo, const acme_json_t *object, acme_said_t *said)
{
    jsmntok_t *identifier = json_get_object(object->text, object->root, "identifier");
    jsmntok_t *array = json_get_array(object->text, object->root, "challenges");
    const char *domain = identifier ? acme_json_text(object, identifier, "value") : NULL;
    int count = array ? MIN(json_get_array_len(array), ACME_MAX_CHALLENGES) : 0;

    if (domain)
        domain = wmem_ascii_strdown(pinfo->pool, text_shown(pinfo->pool, domain, strlen(domain), TEXT_LINE, NULL), -1);
    for (int i = 0; i < count; i++) {
        jsmntok_t *challenge = json_get_array_index(array, i);

        if (!challenge || challenge->type != JSMN_OBJECT)
            continue;
        note_challenge(pinfo, object, challenge, domain, said);
        forget_challenge(object, challenge);
    }
}
