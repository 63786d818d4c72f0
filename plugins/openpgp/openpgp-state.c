/* openpgp-state.c
 * Whether an OpenPGP key may be used at a time; see openpgp-state.h
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

#include "openpgp-codes.h"
#include "openpgp-state.h"

#define SECONDS_OF_DAY  86400

/* RFC 9580 section 5.2.3.31: with these a key was good until then; with any other it never was. */
#define REASON_SUPERSEDED       1
#define REASON_RETIRED          3

/* Who may revoke a key: more than anybody names, and few enough to look for each of those who did among them. */
#define REVOKERS_MAX            64

/* The newest good self-signature over something. */
typedef struct newest {
    bool     found;
    bool     revokes;
    bool     asserted;          /* one of them does not revoke */
    uint32_t creation;
    uint32_t key_validity;
} newest_t;

struct openpgp_assessment {
    wmem_allocator_t   *pool;
    uint64_t            now;
    uint16_t            validity_days;
    openpgp_standing_t *primary;
    newest_t            direct;
    newest_t            ending;         /* over a user ID, of those that say when the key ends */
    newest_t            component;      /* over the user ID or attribute at hand */
    bool                is_user_id;
    bool                has_user_id;    /* one is bound */
    bool                certified;      /* one is, at whatever time; in version 6 the key itself will do */
    bool                revoked;
    bool                unverified;     /* there was one by the primary key that nobody verified */
    bool                misplaced;      /* a certification by the primary key may be of another user ID than it stands behind */
    unsigned            components;     /* user IDs and attributes */
    wmem_array_t       *revokers;       /* of openpgp_octets_t: who else may revoke it, each once */
    bool                more_revokers;  /* than these */
    wmem_array_t       *revocations;    /* of openpgp_octets_t: who else has, by fingerprint */
    wmem_array_t       *claims;         /* of openpgp_octets_t: who else may have, by fingerprint or key ID */
    openpgp_standing_t *subkey;         /* at hand, or NULL */
    newest_t            binding;
    bool                subkey_revoked;
    wmem_array_t       *subkeys;        /* of openpgp_standing_t * that are bound and not revoked */
};

bool
openpgp_state_is_bad(openpgp_state_t state)
{
    return state > OPENPGP_STATE_USABLE && state < OPENPGP_STATE_UNKNOWN;
}

const char *
openpgp_state_text(openpgp_state_t state)
{
    switch (state) {
    case OPENPGP_STATE_USABLE:
        return "usable";
    case OPENPGP_STATE_EXPIRED:
        return "expired";
    case OPENPGP_STATE_REVOKED:
        return "revoked";
    case OPENPGP_STATE_NO_USER_ID:
        return "without a bound user ID";
    case OPENPGP_STATE_NOT_YET:
        return "not yet valid";
    default:
        return "unknown";
    }
}

/* --- One signature --- */

static bool
is_between(uint32_t creation, uint32_t validity, uint64_t now)
{
    return validity == 0 || (uint64_t)creation + validity > now;
}

/* One that has expired is as if it were not there. */
static void
note(newest_t *newest, const openpgp_statement_t *statement, uint64_t now)
{
    bool revokes = statement->type == OPENPGP_SIG_CERT_REVOCATION;

    if (!is_between(statement->creation, statement->validity, now))
        return;
    newest->asserted |= !revokes;
    if (newest->found && statement->creation < newest->creation)
        return;
    newest->found = true;
    newest->revokes = revokes;
    newest->creation = statement->creation;
    newest->key_validity = statement->key_validity;
}

/* Whether a revocation of the key holds at the time: who lost it may not date that back, who retired it may. */
static bool
revokes_now(const openpgp_assessment_t *assessment, const openpgp_statement_t *statement)
{
    bool soft = statement->reason == REASON_SUPERSEDED || statement->reason == REASON_RETIRED;

    return !soft || statement->creation <= assessment->now;
}

static bool
is_certification(uint8_t type)
{
    return (type >= OPENPGP_SIG_CERT_FIRST && type <= OPENPGP_SIG_CERT_LAST) || type == OPENPGP_SIG_CERT_REVOCATION;
}

static void
note_revoker(openpgp_assessment_t *assessment, const openpgp_octets_t *revoker)
{
    unsigned count = wmem_array_get_count(assessment->revokers);

    for (unsigned i = 0; i < count; i++) {
        const openpgp_octets_t *known = (const openpgp_octets_t *)wmem_array_index(assessment->revokers, i);

        if (known->length == revoker->length && memcmp(known->octets, revoker->octets, revoker->length) == 0)
            return;
    }
    if (count < REVOKERS_MAX)
        wmem_array_append(assessment->revokers, revoker, 1);
    else
        assessment->more_revokers = true;
}

static void
note_revokers(openpgp_assessment_t *assessment, const openpgp_statement_t *statement)
{
    for (unsigned i = 0; i < OPENPGP_REVOKERS && statement->revokers[i].octets; i++)
        note_revoker(assessment, &statement->revokers[i]);
}

static void
note_direct(openpgp_assessment_t *assessment, const openpgp_statement_t *statement)
{
    note_revokers(assessment, statement);
    note(&assessment->direct, statement, assessment->now);
}

/* It says that it was made before the key was: GnuPG leaves it out, too. */
static bool
is_older_than_key(const openpgp_assessment_t *assessment, const openpgp_statement_t *statement)
{
    return assessment->primary->key && statement->creation < assessment->primary->key->creation;
}

/* What says something in favor of the key, and not before its time. */
static void
note_assertion(openpgp_assessment_t *assessment, const openpgp_statement_t *statement)
{
    if (is_older_than_key(assessment, statement))
        return;
    if (statement->type == OPENPGP_SIG_DIRECT_KEY)
        assessment->certified |= assessment->primary->key->version == 6;
    else if (is_certification(statement->type))
        assessment->certified |= assessment->is_user_id && statement->type != OPENPGP_SIG_CERT_REVOCATION;
    if (statement->creation > assessment->now)
        return;
    if (statement->type == OPENPGP_SIG_DIRECT_KEY)
        note_direct(assessment, statement);
    else if (statement->type == OPENPGP_SIG_SUBKEY_BINDING)
        note(&assessment->binding, statement, assessment->now);
    else if (is_certification(statement->type))
        note(&assessment->component, statement, assessment->now);
}

static void
note_self_signature(openpgp_assessment_t *assessment, const openpgp_statement_t *statement)
{
    if (statement->type == OPENPGP_SIG_KEY_REVOCATION)
        assessment->revoked |= revokes_now(assessment, statement);
    else if (statement->type == OPENPGP_SIG_SUBKEY_REVOCATION)
        assessment->subkey_revoked |= revokes_now(assessment, statement);
    else
        note_assertion(assessment, statement);
}

/*
 * Somebody else says that the key is revoked. Who it is proves a fingerprint alone: keys of version 3 can have any key ID. Without
 * a verdict it may be so.
 */
static void
note_revocation(openpgp_assessment_t *assessment, const openpgp_statement_t *statement, openpgp_check_t check)
{
    openpgp_octets_t by = statement->issuer_fingerprint.octets ? statement->issuer_fingerprint : statement->issuer_keyid;

    if (!by.octets || check == OPENPGP_CHECK_BAD || !revokes_now(assessment, statement))
        return;
    if (check == OPENPGP_CHECK_GOOD && statement->issuer_fingerprint.octets)
        wmem_array_append(assessment->revocations, &by, 1);
    else
        wmem_array_append(assessment->claims, &by, 1);
}

/* What is over nothing that belongs to the key, or of a type that nobody knows, does not matter for it. */
static bool
is_unverified(openpgp_check_t check)
{
    return check >= OPENPGP_CHECK_ALGORITHM && check != OPENPGP_CHECK_TEXT && check < OPENPGP_CHECK_KIND;
}

/* GnuPG and others put signatures right that stand in another order than they should. */
static bool
may_be_misplaced(const openpgp_assessment_t *assessment, openpgp_check_t check)
{
    return check == OPENPGP_CHECK_TEXT || (check == OPENPGP_CHECK_BAD && assessment->components > 1);
}

/* It says nothing of the primary key. */
static bool
binds_disputed(const openpgp_assessment_t *assessment, const openpgp_statement_t *statement)
{
    return assessment->subkey && !assessment->subkey->key
        && (statement->type == OPENPGP_SIG_SUBKEY_BINDING || statement->type == OPENPGP_SIG_SUBKEY_REVOCATION);
}

void
openpgp_assess_signature(openpgp_assessment_t *assessment, const openpgp_statement_t *statement, const openpgp_verdict_t *verdict,
        bool by_primary)
{
    if (by_primary && is_unverified((openpgp_check_t)verdict->check) && !binds_disputed(assessment, statement))
        assessment->unverified = true;
    if (by_primary && is_certification(statement->type))
        assessment->misplaced |= may_be_misplaced(assessment, (openpgp_check_t)verdict->check);
    if (statement->unknown_critical || !statement->has_creation)
        return;
    if (by_primary && verdict->check == OPENPGP_CHECK_GOOD)
        note_self_signature(assessment, statement);
    else if (!by_primary && statement->type == OPENPGP_SIG_KEY_REVOCATION)
        note_revocation(assessment, statement, (openpgp_check_t)verdict->check);
}

/* --- Ends of what signatures are about --- */

/* A user ID that was bound and then revoked says nothing of the key any more, which can be used without it. */
static void
end_component(openpgp_assessment_t *assessment)
{
    newest_t *newest = &assessment->component;

    assessment->has_user_id |= newest->asserted && assessment->is_user_id;
    if (newest->found && !newest->revokes && newest->key_validity
            && (!assessment->ending.found || newest->creation > assessment->ending.creation))
        assessment->ending = *newest;
    memset(newest, 0, sizeof *newest);
    assessment->is_user_id = false;
}

static void
end_subkey(openpgp_assessment_t *assessment)
{
    openpgp_standing_t *subkey = assessment->subkey;
    const newest_t *binding = &assessment->binding;

    assessment->subkey = NULL;
    if (!subkey)
        return;
    if (assessment->subkey_revoked)
        subkey->state = OPENPGP_STATE_REVOKED;
    else if (!subkey->key || !binding->found)
        subkey->state = OPENPGP_STATE_UNKNOWN;
    else if (subkey->key->creation > assessment->now)
        subkey->state = OPENPGP_STATE_NOT_YET;
    else
        subkey->state = is_between(subkey->key->creation, binding->key_validity, assessment->now) ? OPENPGP_STATE_USABLE
            : OPENPGP_STATE_EXPIRED;
    if (subkey->key && binding->found && binding->key_validity)
        subkey->expires = (uint64_t)subkey->key->creation + binding->key_validity;
    wmem_array_append(assessment->subkeys, &subkey, 1);
}

/* by: its fingerprint, or the end of it or, of version 6, the beginning: the key ID. */
static bool
is_revoker(const openpgp_octets_t *revoker, const openpgp_octets_t *by)
{
    if (by->length > revoker->length)
        return false;
    return memcmp(by->octets, revoker->octets, by->length) == 0
        || memcmp(by->octets, revoker->octets + revoker->length - by->length, by->length) == 0;
}

/* Whether one of these is by somebody who may revoke the key. */
static bool
has_revoker(const openpgp_assessment_t *assessment, wmem_array_t *revocations)
{
    for (unsigned i = 0; i < wmem_array_get_count(assessment->revokers); i++) {
        const openpgp_octets_t *revoker = (const openpgp_octets_t *)wmem_array_index(assessment->revokers, i);

        for (unsigned j = 0; j < wmem_array_get_count(revocations); j++) {
            if (is_revoker(revoker, (const openpgp_octets_t *)wmem_array_index(revocations, j)))
                return true;
        }
    }
    return false;
}

/* By whoever may revoke it, as far as is known. */
static bool
may_be_revoked(const openpgp_assessment_t *assessment)
{
    unsigned others = wmem_array_get_count(assessment->revocations) + wmem_array_get_count(assessment->claims);

    return (assessment->more_revokers && others > 0) || has_revoker(assessment, assessment->claims);
}

/*
 * A direct-key signature may be about something else: only where it says when the key ends, it comes before user IDs, of which the
 * newest one holds that says so. That is how GnuPG reads RFC 9580 section 5.2.3.10, and most keys are made by it.
 */
static uint64_t
expiry_of(const openpgp_assessment_t *assessment)
{
    const openpgp_known_key_t *key = assessment->primary->key;
    uint32_t validity;

    if (key->version < 4)
        return assessment->validity_days ? key->creation + (uint64_t)assessment->validity_days * SECONDS_OF_DAY : 0;
    validity = assessment->direct.key_validity ? assessment->direct.key_validity : assessment->ending.key_validity;
    return validity ? (uint64_t)key->creation + validity : 0;
}

static openpgp_state_t
without_user_id(const openpgp_assessment_t *assessment)
{
    return assessment->misplaced && assessment->components > 0 ? OPENPGP_STATE_UNKNOWN : OPENPGP_STATE_NO_USER_ID;
}

/* What is known for sure comes first. */
static openpgp_state_t
state_of_primary(const openpgp_assessment_t *assessment, bool incomplete)
{
    const openpgp_known_key_t *key = assessment->primary->key;
    uint64_t expires = assessment->primary->expires;

    if (assessment->revoked || has_revoker(assessment, assessment->revocations))
        return OPENPGP_STATE_REVOKED;
    if (!assessment->certified && !incomplete)
        return without_user_id(assessment);
    if (key->creation > assessment->now)
        return OPENPGP_STATE_NOT_YET;
    if (incomplete || may_be_revoked(assessment))
        return OPENPGP_STATE_UNKNOWN;
    if (expires && expires <= assessment->now)
        return OPENPGP_STATE_EXPIRED;
    if (!assessment->has_user_id && !(key->version == 6 && assessment->direct.found))
        return without_user_id(assessment);
    return OPENPGP_STATE_USABLE;
}

/* --- Pieces of a key --- */

openpgp_assessment_t *
openpgp_assess(wmem_allocator_t *pool, openpgp_standing_t *primary, uint16_t validity_days, uint64_t now)
{
    openpgp_assessment_t *assessment = wmem_new0(pool, openpgp_assessment_t);

    assessment->pool = pool;
    assessment->now = now;
    assessment->validity_days = validity_days;
    assessment->primary = primary;
    assessment->revokers = wmem_array_new(pool, sizeof(openpgp_octets_t));
    assessment->revocations = wmem_array_new(pool, sizeof(openpgp_octets_t));
    assessment->claims = wmem_array_new(pool, sizeof(openpgp_octets_t));
    assessment->subkeys = wmem_array_new(pool, sizeof(openpgp_standing_t *));
    return assessment;
}

void
openpgp_assess_component(openpgp_assessment_t *assessment, bool is_user_id)
{
    end_component(assessment);
    end_subkey(assessment);
    assessment->components++;
    assessment->is_user_id = is_user_id;
}

void
openpgp_assess_subkey(openpgp_assessment_t *assessment, openpgp_standing_t *subkey)
{
    end_component(assessment);
    end_subkey(assessment);
    assessment->subkey = subkey;
    assessment->subkey_revoked = false;
    memset(&assessment->binding, 0, sizeof assessment->binding);
}

/* A newer binding may be among what is not known. */
static void
doubt_end(openpgp_standing_t *subkey)
{
    subkey->incomplete = true;
    subkey->expires = 0;
    if (subkey->state == OPENPGP_STATE_EXPIRED)
        subkey->state = OPENPGP_STATE_UNKNOWN;
}

/* A subkey is no better than its primary key. */
void
openpgp_assess_end(openpgp_assessment_t *assessment, bool more_to_come)
{
    openpgp_standing_t *primary = assessment->primary;
    bool incomplete = assessment->unverified || more_to_come;

    end_component(assessment);
    end_subkey(assessment);
    primary->state = OPENPGP_STATE_UNKNOWN;
    primary->incomplete = incomplete;
    if (primary->key) {
        primary->expires = incomplete ? 0 : expiry_of(assessment);
        primary->state = state_of_primary(assessment, incomplete);
    }
    for (unsigned i = 0; i < wmem_array_get_count(assessment->subkeys); i++) {
        openpgp_standing_t *subkey = *(openpgp_standing_t **)wmem_array_index(assessment->subkeys, i);

        if (incomplete)
            doubt_end(subkey);
        if (subkey->state == OPENPGP_STATE_USABLE)
            subkey->state = primary->state;
    }
}
