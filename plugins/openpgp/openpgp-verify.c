/* openpgp-verify.c
 * Whether OpenPGP signatures are good; see openpgp-verify.h
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

#include <epan/wmem_scopes.h>

#include "openpgp-codes.h"
#include "openpgp-gcrypt-curves.h"
#include "openpgp-gnutls.h"
#include "openpgp-verify.h"
#include "openpgp-work.h"

/* Keys with the same key ID that are tried. */
#define CANDIDATES      4

/* Bits of RSA and DSA keys that are not called weak. */
#define SOUND_BITS      2048

/* What a signature that waits takes besides its octets. */
#define ENTRY_BYTES     128

/* A signature whose key may come. */
typedef struct waiting {
    openpgp_statement_t statement;      /* with a body of its own */
    uint8_t             digest[OPENPGP_DIGEST_MAX];
    unsigned            digest_length;
    openpgp_check_t     if_bad;         /* what it is if it does not fit */
    openpgp_verdict_t  *verdict;
    struct waiting     *next;           /* for the same key ID, or NULL */
} waiting_t;

/* What is verified, with the digest once it is known. */
typedef struct question {
    openpgp_subject_t         *subject;
    const openpgp_statement_t *statement;
    uint8_t                    digest[OPENPGP_DIGEST_MAX];
    unsigned                   digest_length;
} question_t;

static wmem_map_t *verdicts;            /* openpgp_verdict_t by its identity */
static wmem_map_t *waiting;             /* waiting_t by the key ID of the issuer */
static unsigned waiting_left;

/* --- Verdicts --- */

static unsigned
identity_hash(const void *identity)
{
    unsigned hash;

    memcpy(&hash, identity, sizeof hash);
    return hash;
}

static gboolean
identity_equal(const void *a, const void *b)
{
    return memcmp(a, b, OPENPGP_IDENTITY) == 0;
}

static const openpgp_verdict_t *
fixed_verdict(openpgp_check_t check)
{
    static const openpgp_verdict_t limit = { .check = OPENPGP_CHECK_LIMIT }, off = { .check = OPENPGP_CHECK_OFF };

    return check == OPENPGP_CHECK_LIMIT ? &limit : &off;
}

const openpgp_verdict_t *
openpgp_verdict_off(void)
{
    return fixed_verdict(OPENPGP_CHECK_OFF);
}

static openpgp_verdict_t *
new_verdict(const uint8_t *identity)
{
    openpgp_verdict_t *verdict;

    if (wmem_map_size(verdicts) >= OPENPGP_VERDICTS)
        return NULL;
    verdict = wmem_new0(wmem_file_scope(), openpgp_verdict_t);
    memcpy(verdict->identity, identity, OPENPGP_IDENTITY);
    wmem_map_insert(verdicts, verdict->identity, verdict);
    return verdict;
}

/* --- One signature, one key --- */

/* RFC 9580 section 9.5: octets of salt for each hash. */
static unsigned
salt_size(uint8_t hash)
{
    return hash == 10 || hash == 14 ? 32 : hash == 9 ? 24 : 16;
}

static bool
is_rsa(uint8_t algorithm)
{
    return algorithm == OPENPGP_ALGO_RSA || algorithm == OPENPGP_ALGO_RSA_SIGN;
}

/* Versions 6 go together, with a salt that fits (RFC 9580 sections 5.2.3 and 9.5). */
static bool
is_of_version(const openpgp_known_key_t *key, const openpgp_statement_t *statement)
{
    return (key->version == 6) == (statement->version == 6) &&
        (statement->version != 6 || statement->salt.length == salt_size(statement->hash));
}

static bool
is_weak(const openpgp_known_key_t *key, const openpgp_key_numbers_t *numbers, uint8_t hash)
{
    return hash < 8 || ((numbers->kind == OPENPGP_KIND_RSA || numbers->kind == OPENPGP_KIND_DSA) && key->bits < SOUND_BITS);
}

static openpgp_answer_t
ask(const openpgp_key_numbers_t *key, uint8_t hash, openpgp_octets_t digest, const openpgp_signature_numbers_t *signature)
{
    return openpgp_gcrypt_has(key) ? openpgp_gcrypt_verify(key, digest, signature)
        : openpgp_gnutls_verify(key, hash, digest, signature);
}

static openpgp_check_t
check_of(openpgp_answer_t answer)
{
    switch (answer) {
    case OPENPGP_ANSWER_GOOD:
        return OPENPGP_CHECK_GOOD;
    case OPENPGP_ANSWER_BAD:
        return OPENPGP_CHECK_BAD;
    case OPENPGP_ANSWER_REFUSED:
        return OPENPGP_CHECK_REFUSED;
    default:
        return OPENPGP_CHECK_ALGORITHM;
    }
}

static openpgp_check_t
check_with(const question_t *question, const openpgp_known_key_t *key, bool *weak)
{
    const openpgp_statement_t *statement = question->statement;
    openpgp_key_numbers_t numbers;
    openpgp_signature_numbers_t signature;

    *weak = false;
    if (!openpgp_key_numbers(key->body.octets, key->body.length, &numbers) || !is_of_version(key, statement))
        return OPENPGP_CHECK_REFUSED;
    if (numbers.kind == OPENPGP_KIND_NONE)
        return OPENPGP_CHECK_ALGORITHM;
    if (key->algorithm != statement->algorithm && !(is_rsa(key->algorithm) && is_rsa(statement->algorithm)))
        return statement->issuer_fingerprint.octets ? OPENPGP_CHECK_BAD : OPENPGP_CHECK_NO_KEY;
    if (!openpgp_signature_numbers(&numbers, statement, &signature))
        return OPENPGP_CHECK_REFUSED;
    if (!openpgp_spend(openpgp_cost(&numbers)))
        return OPENPGP_CHECK_LIMIT;
    *weak = is_weak(key, &numbers, statement->hash);
    return check_of(ask(&numbers, statement->hash, (openpgp_octets_t){ question->digest, question->digest_length }, &signature));
}

/* Whether another key may have made the signature: anybody can make one of version 3 with that ID. */
static bool
may_be_another(openpgp_check_t check, const openpgp_known_key_t *key, const openpgp_statement_t *statement)
{
    return (check == OPENPGP_CHECK_BAD || check == OPENPGP_CHECK_REFUSED) && key->version == 3
        && !statement->issuer_fingerprint.octets;
}

static openpgp_check_t
check_with_other(const question_t *question, const openpgp_known_key_t *key, bool *weak)
{
    openpgp_check_t check = check_with(question, key, weak);

    return may_be_another(check, key, question->statement) ? OPENPGP_CHECK_NO_KEY : check;
}

/* Any of those that have the same key ID, and fit. What is not tried may be the one. */
static openpgp_check_t
check_with_any(const question_t *question, const openpgp_known_key_t *key, bool *weak)
{
    openpgp_check_t check = OPENPGP_CHECK_NO_KEY, one;

    for (unsigned tried = 0; key && check != OPENPGP_CHECK_GOOD; key = key->next) {
        if (!openpgp_is_issuer(key, question->statement))
            continue;
        if (tried++ == CANDIDATES)
            return OPENPGP_CHECK_LIMIT;
        one = check_with_other(question, key, weak);
        check = one == OPENPGP_CHECK_NO_KEY ? check : one;
    }
    return check;
}

/* --- Texts --- */

/* <p>, </p>, <p class=...>, but not <name@host>. */
static bool
is_html_tag(const char *text, unsigned length)
{
    unsigned i = length > 1 && text[1] == '/' ? 2 : 1;

    if (i >= length || !g_ascii_isalpha(text[i]))
        return false;
    while (i < length && g_ascii_isalnum(text[i]))
        i++;
    return i < length && (g_ascii_isspace(text[i]) || text[i] == '>' || text[i] == '/');
}

static bool
is_upper_hex(char c)
{
    return g_ascii_isdigit(c) || (c >= 'A' && c <= 'F');
}

/* =C3, or at the end of a line. */
static bool
is_quoted_printable(const char *text, unsigned length)
{
    if (length > 1 && (text[1] == '\n' || text[1] == '\r'))
        return true;
    return length > 2 && is_upper_hex(text[1]) && is_upper_hex(text[2]);
}

static bool
is_escape(const char *text, unsigned length)
{
    switch (text[0]) {
    case '&':
        return true;
    case '<':
        return is_html_tag(text, length);
    case '=':
        return is_quoted_printable(text, length);
    case '\\':
        return length > 1 && text[1] == 'n';
    default:
        return false;
    }
}

/* Each line that is not empty begins with a blank. */
static bool
is_indented(const char *text, unsigned length)
{
    for (unsigned i = 0; i < length; i++) {
        if ((i == 0 || text[i - 1] == '\n') && !g_ascii_isspace(text[i]))
            return false;
    }
    return length > 0;
}

/* Text that its carrier has written otherwise: indented, of HTML, quoted-printable, or a JSON string. */
static bool
may_be_escaped(const openpgp_subject_t *subject)
{
    const char *text = (const char *)subject->document.octets;
    unsigned length = subject->document.length;

    for (unsigned i = 0; subject->is_cleartext && i < length; i++) {
        if (is_escape(text + i, length - i))
            return true;
    }
    return subject->is_cleartext && is_indented(text, length);
}

/* What a signature is that does not fit: another text may have been signed. */
static openpgp_check_t
check_if_bad(const openpgp_subject_t *subject)
{
    bool flowed = openpgp_doubts_lines(subject->doubt);

    if (subject->doubt != OPENPGP_DOUBT_NONE && !flowed)
        return OPENPGP_CHECK_TEXT;
    return (flowed && subject->is_cleartext) || may_be_escaped(subject) ? OPENPGP_CHECK_CHANGED : OPENPGP_CHECK_BAD;
}

/* --- Signatures that wait --- */

/* False: there is no room, so nobody will know whether the key comes. */
static bool
wait_for_key(const question_t *question, openpgp_verdict_t *verdict)
{
    const openpgp_statement_t *statement = question->statement;
    unsigned bytes = ENTRY_BYTES + (unsigned)sizeof(waiting_t) + statement->body.length;
    waiting_t *entry;
    uint64_t *keyid;
    uint8_t *body;

    if (bytes > waiting_left)
        return false;
    waiting_left -= bytes;
    entry = wmem_new(wmem_file_scope(), waiting_t);
    keyid = wmem_new(wmem_file_scope(), uint64_t);
    body = (uint8_t *)wmem_memdup(wmem_file_scope(), statement->body.octets, statement->body.length);
    openpgp_read_statement((openpgp_octets_t){ body, statement->body.length }, &entry->statement);
    memcpy(entry->digest, question->digest, sizeof entry->digest);
    entry->digest_length = question->digest_length;
    entry->if_bad = check_if_bad(question->subject);
    entry->verdict = verdict;
    openpgp_issuer_keyid(statement, keyid);
    entry->next = (waiting_t *)wmem_map_lookup(waiting, keyid);
    wmem_map_insert(waiting, keyid, entry);
    return true;
}

static void
settle(waiting_t *entry, const openpgp_known_key_t *key)
{
    question_t question = { .statement = &entry->statement, .digest_length = entry->digest_length };
    bool weak;
    openpgp_check_t check;

    memcpy(question.digest, entry->digest, sizeof question.digest);
    check = check_with_other(&question, key, &weak);
    if (check == OPENPGP_CHECK_BAD)
        check = entry->if_bad;
    if (entry->verdict->check == OPENPGP_CHECK_NO_KEY || check == OPENPGP_CHECK_GOOD) {
        entry->verdict->check = check;
        entry->verdict->weak = weak && check == OPENPGP_CHECK_GOOD;
    }
}

void
openpgp_verify_add_key(const openpgp_known_key_t *key)
{
    uint64_t keyid = openpgp_keyid_number(key);

    if (!openpgp_keyring_add(key))
        return;
    for (waiting_t *entry = (waiting_t *)wmem_map_lookup(waiting, &keyid); entry; entry = entry->next) {
        if (entry->verdict->check != OPENPGP_CHECK_GOOD && openpgp_is_issuer(key, &entry->statement))
            settle(entry, key);
    }
}

/* --- The verdict --- */

/* Why there is nothing that could be hashed. */
static openpgp_check_t
check_without(const question_t *question)
{
    if (openpgp_subject_is_disputed(question->subject, question->statement))
        return OPENPGP_CHECK_REFUSED;
    return openpgp_signed_is_known(question->statement->type) ? OPENPGP_CHECK_TEXT : OPENPGP_CHECK_KIND;
}

/* False: there is none, and *check says why. */
static bool
make_digest(question_t *question, openpgp_check_t *check)
{
    if (!openpgp_subject_has(question->subject, question->statement)) {
        *check = check_without(question);
        return false;
    }
    if (!openpgp_spend(openpgp_hash_cost(openpgp_signed_size(question->subject, question->statement)))) {
        *check = OPENPGP_CHECK_LIMIT;
        return false;
    }
    question->digest_length = openpgp_signed_digest(question->subject, question->statement, question->digest);
    *check = OPENPGP_CHECK_ALGORITHM;
    return question->digest_length > 0;
}

static bool
names_issuer(const openpgp_statement_t *statement)
{
    uint64_t keyid;

    return openpgp_issuer_keyid(statement, &keyid);
}

/* Who made it is told by nothing but what it is about. */
static bool
is_for_self_alone(uint8_t type)
{
    return type == OPENPGP_SIG_SUBKEY_BINDING || type == OPENPGP_SIG_PRIMARY_BINDING || type == OPENPGP_SIG_SUBKEY_REVOCATION;
}

/* Where it names nobody, the key at hand is tried, and if that has not made it, another one has. */
static openpgp_check_t
check_with_self(const question_t *question, const openpgp_known_key_t *self, bool *weak)
{
    openpgp_check_t check = check_with(question, self, weak);
    bool others = !names_issuer(question->statement) && !is_for_self_alone(question->statement->type);

    return others && check == OPENPGP_CHECK_BAD ? OPENPGP_CHECK_NO_KEY : check;
}

/* Another key with this ID may come, and fit. */
static bool
may_change(openpgp_check_t check, const openpgp_statement_t *statement)
{
    return check == OPENPGP_CHECK_NO_KEY
        || ((check == OPENPGP_CHECK_BAD || check == OPENPGP_CHECK_REFUSED) && !statement->issuer_fingerprint.octets);
}

/* The issuer that it names may not be under the signature: who can have made a back signature does not depend on it. */
static bool
is_by_self(const openpgp_known_key_t *self, const openpgp_statement_t *statement)
{
    return self && (statement->type == OPENPGP_SIG_PRIMARY_BINDING || openpgp_is_issuer(self, statement)
        || !names_issuer(statement));
}

static openpgp_check_t
check_with_all(const question_t *question, const openpgp_known_key_t *self, openpgp_verdict_t *verdict, bool *weak)
{
    openpgp_check_t result;

    if (is_by_self(self, question->statement))
        return check_with_self(question, self, weak);
    result = check_with_any(question, openpgp_keyring_find(question->statement), weak);
    if (may_change(result, question->statement) && names_issuer(question->statement) && !wait_for_key(question, verdict)
            && result == OPENPGP_CHECK_NO_KEY)
        return OPENPGP_CHECK_LIMIT;
    return result;
}

static openpgp_check_t
check(question_t *question, const openpgp_known_key_t *self, openpgp_verdict_t *verdict)
{
    bool weak = false;
    openpgp_check_t result;

    if (!make_digest(question, &result))
        return result;
    result = check_with_all(question, self, verdict, &weak);
    if (result == OPENPGP_CHECK_BAD)
        result = check_if_bad(question->subject);
    verdict->weak = weak && result == OPENPGP_CHECK_GOOD;
    return result;
}

/* Nobody knows whether a key was there that was not kept. */
static const openpgp_verdict_t *
as_known(const openpgp_verdict_t *verdict, const openpgp_statement_t *statement)
{
    if (verdict->check == OPENPGP_CHECK_NO_KEY && openpgp_keyring_may_lack(statement))
        return fixed_verdict(OPENPGP_CHECK_LIMIT);
    return verdict;
}

const openpgp_verdict_t *
openpgp_verify(openpgp_subject_t *subject, const openpgp_statement_t *statement, const openpgp_known_key_t *self, bool first_pass)
{
    question_t question = { .subject = subject, .statement = statement };
    uint8_t identity[OPENPGP_IDENTITY];
    openpgp_verdict_t *verdict;

    openpgp_signed_identity(subject, statement, identity);
    verdict = (openpgp_verdict_t *)wmem_map_lookup(verdicts, identity);
    if (verdict)
        return as_known(verdict, statement);
    if (first_pass)
        verdict = new_verdict(identity);
    if (!verdict)
        return fixed_verdict(OPENPGP_CHECK_LIMIT);
    verdict->check = check(&question, self, verdict);
    return as_known(verdict, statement);
}

void
openpgp_verify_reset(void)
{
    openpgp_work_reset();
    openpgp_keyring_reset();
    verdicts = wmem_map_new(wmem_file_scope(), identity_hash, identity_equal);
    waiting = wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
    waiting_left = OPENPGP_WAITING_BYTES;
}
