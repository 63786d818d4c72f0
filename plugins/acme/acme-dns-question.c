/* acme-dns-question.c
 * Questions of DNS about challenges, and which message is which; see acme-dns-question.h
 *
 * A CNAME in an answer passes the question on to another name. The client that was told so may ask for that name next, and
 * that is the same validation: such names are kept with their client. CAA questions have no name of their own: they belong to a
 * challenge if their name is a domain that a challenge is about, or a parent that the same client may go on to (RFC 8659
 * section 3); that may be several, see acme-dns-climb.h.
 *
 * Bounds: 65536 aliases a capture, from the share of names; questions and their frames from that of questions (acme-memory.h). An
 * answer is paired with one of the latest 256 questions about its challenge; of CAA, with the latest that has its number and ends.
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

#include "acme-dns-climb.h"
#include "acme-dns-question.h"
#include "acme-memory.h"
#include "dns-watch.h"
#include "seconds.h"

#define MAX_ALIASES 65536   /* a capture */
#define MAX_BACK    256     /* questions that are looked through */
#define ACCOUNT_LABEL 18    /* octets of "_ujmmovf2vn55tgye." */
#define ALIAS_BYTES 128     /* with its places in maps, about */
#define ALIAS_FRESH 60      /* seconds */
#define ENTRY_BYTES 64      /* place in a map, about */

/* A name that a client may ask for on behalf of a challenge. */
typedef struct dns_alias {
    const acme_place_t *client;
    bool                caa;        /* it is asked for that */
    bool                open;       /* the client has to ask here, and was not answered yet */
    int64_t             told;       /* when, the last time, in seconds since 1970 */
    uint8_t             type;       /* of challenge */
    const char         *domain;     /* of CAA: the name that is an alias */
    struct dns_alias   *next;       /* of this name */
} dns_alias_t;

/* The first dns_alias_t by name, and how many there are; file scope. */
static wmem_map_t *aliases;
static unsigned alias_count;

/*
 * The place of the first of a message's questions (acme-dns-seen.h), of those that may be several, the latest by number and ends;
 * file scope.
 */
static wmem_map_t *asked;

/* --- Names --- */

/* draft-ietf-acme-dns-account-label: an underscore and 10 bytes in base32 */
static bool
is_account_label(const char *name)
{
    if (name[0] != '_')
        return false;
    for (int i = 1; i <= 16; i++) {
        if (!g_ascii_isalpha(name[i]) && (name[i] < '2' || name[i] > '7'))
            return false;
    }
    return name[17] == '.';
}

/* The octets of the labels behind an account's: of the present draft, and of the one before with its scopes; 0: others. */
static size_t
account_challenge_length(const char *name)
{
    static const char *labels[] = {
        ACME_LABEL, "_acme-host-challenge.", "_acme-wildcard-challenge.", "_acme-domain-challenge."
    };

    for (unsigned i = 0; i < array_length(labels); i++) {
        if (g_str_has_prefix(name, labels[i]))
            return strlen(labels[i]);
    }
    return 0;
}

static bool
set_domain(acme_dns_t *message, uint8_t challenge, const char *rest)
{
    size_t length = strlen(rest);
    char *domain;

    if (length < 2)
        return false;
    domain = (char *)wmem_memdup(message->pinfo->pool, rest, length);
    domain[length - 1] = '\0';
    message->challenge = challenge;
    message->domain = domain;
    return true;
}

bool
acme_dns_recognise_name(acme_dns_t *message)
{
    const char *name = message->dns.name;
    size_t labels;

    if (g_str_has_prefix(name, ACME_LABEL))
        return set_domain(message, ACME_DNS_01, name + strlen(ACME_LABEL));
    if (g_str_has_prefix(name, ACME_PERSIST_LABEL))
        return set_domain(message, ACME_DNS_PERSIST_01, name + strlen(ACME_PERSIST_LABEL));
    labels = is_account_label(name) ? account_challenge_length(name + ACCOUNT_LABEL) : 0;
    if (labels == 0 || !set_domain(message, ACME_DNS_ACCOUNT_01, name + ACCOUNT_LABEL + labels))
        return false;
    message->account_label = ACCOUNT_LABEL - 1;
    return true;
}

/* --- Names that clients were sent to --- */

static const address *
client_address(const acme_dns_t *message)
{
    return message->is_answer ? &message->pinfo->dst : &message->pinfo->src;
}

static bool
is_of_client(const acme_dns_t *message, const dns_alias_t *alias)
{
    return alias->caa == (message->dns.type == DNS_TYPE_CAA) && addresses_equal(&alias->client->addr, client_address(message));
}

static dns_alias_t *
find_alias(const acme_dns_t *message, const char *name, const char *domain)
{
    dns_alias_t *alias = (dns_alias_t *)wmem_map_lookup(aliases, name);

    for (unsigned i = 0; alias && i < MAX_BACK; i++, alias = alias->next) {
        if (alias->domain == domain && (alias->caa || alias->type == message->challenge) && is_of_client(message, alias))
            return alias;
    }
    return NULL;
}

/* NULL: there is no room. */
static dns_alias_t *
new_alias(const acme_dns_t *message, const char *name)
{
    const acme_place_t *client = acme_place(client_address(message));
    dns_alias_t *alias;

    if (alias_count >= MAX_ALIASES || !client || !acme_take(ACME_NAMES, ALIAS_BYTES) || !(name = acme_keep(ACME_NAMES, name)))
        return NULL;
    alias = wmem_new0(wmem_file_scope(), dns_alias_t);
    alias->client = client;
    alias->caa = message->dns.type == DNS_TYPE_CAA;
    alias->next = (dns_alias_t *)wmem_map_lookup(aliases, name);
    wmem_map_insert(aliases, name, alias);
    alias_count++;
    dns_watch_type(DNS_TYPE_TXT);
    return alias;
}

void
acme_dns_keep_alias(const acme_dns_t *message, const char *name, bool open)
{
    const char *domain;
    dns_alias_t *alias;

    if (PINFO_FD_VISITED(message->pinfo) || !(domain = acme_keep(ACME_NAMES, message->step ? message->step : message->domain)))
        return;
    alias = find_alias(message, name, domain);
    if (!alias)
        alias = new_alias(message, name);
    if (!alias)
        return;
    alias->type = message->challenge;
    alias->domain = domain;
    alias->told = message->pinfo->abs_ts.secs;
    alias->open = open;
}

void
acme_dns_close_alias(const acme_dns_t *message)
{
    dns_alias_t *alias = (dns_alias_t *)wmem_map_lookup(aliases, message->dns.name);

    for (unsigned i = 0; alias && i < MAX_BACK; i++, alias = alias->next) {
        if (alias->open && is_of_client(message, alias)) {
            alias->open = false;
            return;
        }
    }
}

static bool
is_fresh(const acme_dns_t *message, const dns_alias_t *alias)
{
    return seconds_since(message->pinfo->abs_ts.secs, alias->told) <= ALIAS_FRESH;
}

/* Those that lead this client here: of just before, else any, as a resolver may know them by heart. */
static unsigned
aliases_here(const acme_dns_t *message, const dns_alias_t *found[ACME_MAX_CLIMBS])
{
    const dns_alias_t *alias = alias_count ? (const dns_alias_t *)wmem_map_lookup(aliases, message->dns.name) : NULL;
    unsigned count = 0, fresh = 0;

    for (unsigned i = 0; alias && i < MAX_BACK && count < ACME_MAX_CLIMBS; i++, alias = alias->next) {
        if (is_of_client(message, alias))
            found[count++] = alias;
    }
    for (unsigned i = 0; i < count; i++) {
        if (is_fresh(message, found[i]))
            found[fresh++] = found[i];
    }
    return fresh > 0 ? fresh : count;
}

/* --- Messages --- */

bool
acme_dns_may_be(const dns_first_look_t *look)
{
    uint8_t length;

    if (look->captured < DNS_HEADER_LENGTH + 5)
        return false;
    length = look->bytes[DNS_HEADER_LENGTH];
    if (look->bytes[DNS_HEADER_LENGTH + 1] == '_' && (length == 15 || length == 17 || length == 19))
        return true;
    return look->type == DNS_TYPE_CAA || (look->type == DNS_TYPE_TXT && alias_count > 0);
}

/*
 * Good enough to tell questions with the same number, ports and challenge apart; 0 stands for the name that is made of the
 * challenge's type and domain.
 */
static uint32_t
hash_name(const char *name)
{
    uint32_t hash = 5381;

    while (*name)
        hash = hash * 33 + (uint8_t)*name++;
    return hash;
}

static bool
read_message(acme_dns_t *message, tvbuff_t *tvb, packet_info *pinfo)
{
    memset(message, 0, sizeof *message);
    message->pinfo = pinfo;
    if (!dns_message_read(pinfo->pool, tvb, &message->dns) || message->dns.question_class != DNS_CLASS_IN)
        return false;
    message->is_answer = (message->dns.flags & DNS_FLAG_RESPONSE) != 0;
    message->has_label = acme_dns_recognise_name(message);
    if (!message->has_label || message->account_label)
        message->name_hash = hash_name(message->dns.name);
    return true;
}

bool
acme_dns_is_about_caa(const acme_dns_t *message)
{
    return message->dns.type == DNS_TYPE_CAA && !message->has_label;
}

/* --- Question and answer --- */

/* One at the name of another challenge has a hash as well. */
static bool
has_name_of(const acme_question_t *question, const acme_dns_t *message)
{
    return question->name_hash == message->name_hash
        || (message->name_hash == 0 && question->name_hash == hash_name(message->dns.name));
}

static bool
is_about(const acme_question_t *question, const acme_dns_t *message)
{
    const packet_info *pinfo = message->pinfo;
    bool answer = message->is_answer;

    return question->id == message->dns.id && question->type == message->dns.type && has_name_of(question, message)
        && question->transport == (uint8_t)pinfo->ptype
        && question->client_port == (uint16_t)(answer ? pinfo->destport : pinfo->srcport)
        && question->server_port == (uint16_t)(answer ? pinfo->srcport : pinfo->destport)
        && addresses_equal(&question->validation.validator->addr, answer ? &pinfo->dst : &pinfo->src)
        && addresses_equal(&question->server->addr, answer ? &pinfo->src : &pinfo->dst);
}

static acme_question_t *
find_question(const acme_challenge_t *challenge, const acme_dns_t *message)
{
    acme_question_t *question = (acme_question_t *)challenge->of_room;

    for (unsigned i = 0; question && i < MAX_BACK; i++, question = question->room.older) {
        if (is_about(question, message))
            return question;
    }
    return NULL;
}

/* What tells questions apart, beside the addresses. */
static void
set_ends(acme_question_t *question, const acme_dns_t *message)
{
    const packet_info *pinfo = message->pinfo;
    bool answer = message->is_answer;

    question->name_hash = message->name_hash;
    question->client_port = (uint16_t)(answer ? pinfo->destport : pinfo->srcport);
    question->server_port = (uint16_t)(answer ? pinfo->srcport : pinfo->destport);
    question->id = message->dns.id;
    question->type = message->dns.type;
    question->transport = (uint8_t)pinfo->ptype;
}

static const address *
server_address(const acme_dns_t *message)
{
    return message->is_answer ? &message->pinfo->src : &message->pinfo->dst;
}

static acme_question_t *
new_question(acme_challenge_t *challenge, const acme_dns_t *message)
{
    const acme_place_t *server = acme_place(server_address(message));
    acme_question_t *question = (acme_question_t *)acme_validation_new(challenge, client_address(message),
            !message->is_answer && message->dns.type == DNS_TYPE_TXT, sizeof *question);

    if (!question || !server)
        return NULL;
    question->server = server;
    set_ends(question, message);
    if (!message->is_answer)
        acme_validation_asked(message->pinfo, &question->validation);
    return question;
}

static acme_question_t *
question_of_challenge(acme_challenge_t *challenge, const acme_dns_t *message)
{
    acme_question_t *question = new_question(challenge, message);

    if (!question)
        return NULL;
    question->room.older = (acme_question_t *)challenge->of_room;
    challenge->of_room = question;
    return question;
}

/* A question repeated before it is answered is the same question. */
static bool
is_repeated(const acme_question_t *question, const acme_dns_t *message)
{
    return message->is_answer || !question->validation.response_frame;
}

static unsigned
note_message(const acme_dns_t *message, acme_question_t *question)
{
    unsigned place = question ? acme_dns_seen_new(message->pinfo, question) : 0;

    if (question && message->is_answer)
        acme_validation_answered(message->pinfo, &question->validation);
    return place;
}

static unsigned
note_about_challenge(const acme_dns_t *message)
{
    acme_challenge_t *challenge = acme_challenge(message->challenge, message->domain, NULL);
    acme_question_t *question = challenge ? find_question(challenge, message) : NULL;

    if (!challenge)
        return 0;
    if (!question || !is_repeated(question, message))
        question = question_of_challenge(challenge, message);
    return note_message(message, question);
}

/* --- What may be asked for several --- */

static unsigned
hash_asked(const void *key)
{
    const acme_question_t *question = (const acme_question_t *)key;

    return g_direct_hash(question->validation.validator) * 31 + g_direct_hash(question->server) + question->name_hash
        + question->client_port * 65537u + question->id * 257u;
}

static int
compare_asked(const void *one, const void *other)
{
    const acme_question_t *a = (const acme_question_t *)one;
    const acme_question_t *b = (const acme_question_t *)other;

    return a->validation.validator == b->validation.validator && a->server == b->server && a->name_hash == b->name_hash
        && a->client_port == b->client_port && a->server_port == b->server_port && a->id == b->id && a->type == b->type
        && a->transport == b->transport;
}

/* Place of the first question of the message that this one answers or repeats; 0: there is none. */
static unsigned
asked_before(const acme_dns_t *message)
{
    acme_question_t wanted = { .server = acme_place_find(server_address(message)) };

    wanted.validation.validator = acme_place_find(client_address(message));
    if (!wanted.server || !wanted.validation.validator)
        return 0;
    set_ends(&wanted, message);
    return GPOINTER_TO_UINT(wmem_map_lookup(asked, &wanted));
}

static unsigned
note_again(const acme_dns_t *message, unsigned before, unsigned *count)
{
    unsigned all = acme_dns_seen_at(before)->count, first = 0;

    for (*count = 0; *count < all; ++*count) {
        unsigned place = note_message(message, acme_dns_seen_at(before + *count)->question);

        if (!place)
            break;
        first = first ? first : place;
    }
    return first;
}

/* The questions of a message that is being noted. */
typedef struct noted {
    unsigned first;         /* place; 0: none so far */
    unsigned count;
} noted_t;

static void
add_question(const acme_dns_t *message, acme_question_t *question, noted_t *noted)
{
    unsigned place = noted->count < ACME_MAX_CLIMBS ? note_message(message, question) : 0;

    if (!place)
        return;
    if (!noted->first)
        noted->first = place;
    noted->count++;
}

/* Finds them again by their number and ends. */
static void
keep_asked(const noted_t *noted)
{
    if (!noted->first || !acme_take(ACME_QUESTIONS, ENTRY_BYTES))
        return;
    wmem_map_remove(asked, acme_dns_seen_at(noted->first)->question);
    wmem_map_insert(asked, acme_dns_seen_at(noted->first)->question, GUINT_TO_POINTER(noted->first));
}

/* A name can be both an alias of a domain and above it. */
static bool
is_noted(const noted_t *noted, const acme_climb_t *climb)
{
    for (unsigned i = 0; i < noted->count; i++) {
        if (acme_dns_seen_at(noted->first + i)->question->room.climb == climb)
            return true;
    }
    return false;
}

/* A question for each that it may be of. */
static void
add_climbs(const acme_dns_t *message, const char *name, noted_t *noted)
{
    const acme_place_t *client = acme_place(client_address(message));
    acme_climb_t *climbs[ACME_MAX_CLIMBS];
    unsigned all = client ? acme_climbs_at(client, name, message->pinfo->abs_ts.secs, climbs) : 0;

    for (unsigned i = 0; i < all; i++) {
        const acme_challenge_t *of = acme_climb_challenge(climbs[i]);
        acme_question_t *question;

        if (is_noted(noted, climbs[i]))
            continue;
        question = new_question(acme_challenge(of->type, of->domain, NULL), message);
        if (!question)
            return;
        question->room.climb = climbs[i];
        question->step = acme_climb_step(climbs[i], name);
        question->validation.permission = true;
        question->validation.doubtful = question->step > 0;     /* until the climb shows otherwise */
        add_question(message, question, noted);
    }
}

/*
 * A client that was sent from a name to another one asks there on behalf of the first (RFC 8659 section 3); where the other is a
 * domain of a challenge itself, perhaps for that as well.
 */
static void
add_caa(const acme_dns_t *message, noted_t *noted)
{
    const dns_alias_t *found[ACME_MAX_CLIMBS];
    unsigned count = aliases_here(message, found);

    for (unsigned i = 0; i < count; i++)
        add_climbs(message, found[i]->domain, noted);
    if (noted->count == 0 || acme_challenge_of_domain(message->domain, NULL))
        add_climbs(message, message->domain, noted);
}

/*
 * At the name of a challenge that is an alias of others'. It need not be of that challenge while one of the others has to ask
 * here; an answer with both the CNAME and the TXT record leaves nothing to ask, though some resolvers ask all the same.
 */
static bool
may_be_own(const acme_dns_t *message, const dns_alias_t *const *found, unsigned count)
{
    if (!message->has_label)
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (found[i]->open && is_fresh(message, found[i]))
            return acme_challenge_is_known(message->challenge, message->domain);
    }
    return true;
}

static void
add_aliases(const acme_dns_t *message, noted_t *noted)
{
    const dns_alias_t *found[ACME_MAX_CLIMBS];
    unsigned count = aliases_here(message, found);

    for (unsigned i = 0; i < count; i++)
        add_question(message, new_question(acme_challenge(found[i]->type, found[i]->domain, NULL), message), noted);
    if (may_be_own(message, found, count))
        add_question(message, new_question(acme_challenge(message->challenge, message->domain, NULL), message), noted);
}

static unsigned
note_several(const acme_dns_t *message)
{
    unsigned before = asked_before(message);
    noted_t noted = { 0, 0 };

    if (before && is_repeated(acme_dns_seen_at(before)->question, message)) {
        noted.first = note_again(message, before, &noted.count);
    } else {
        if (acme_dns_is_about_caa(message))
            add_caa(message, &noted);
        else
            add_aliases(message, &noted);
        keep_asked(&noted);
    }
    if (noted.first)
        acme_dns_seen_join(noted.first, noted.count);
    return noted.first;
}

/* --- Which message is which --- */

/* A frame can have questions about several challenges; where there is no hash, their domains tell the names. */
static bool
has_same_name(const acme_question_t *question, const acme_dns_t *message)
{
    const acme_challenge_t *challenge = question->validation.challenge;

    return question->name_hash != 0 || (challenge->type == message->challenge && !g_strcmp0(challenge->domain, message->domain));
}

static unsigned
kept_with_frame(const acme_dns_t *message)
{
    unsigned place = acme_dns_seen_in(message->pinfo->num);

    for (; place; place = acme_dns_seen_next(place)) {
        const acme_question_t *question = acme_dns_seen_at(place)->question;

        if (is_about(question, message) && has_same_name(question, message))
            return place;
    }
    return 0;
}

bool
acme_dns_is_type_of_challenges(uint16_t type)
{
    return type == DNS_TYPE_TXT || type == DNS_TYPE_CNAME || type == DNS_TYPE_CAA;
}

/* Whether it is asked for TXT, and CNAMEs led this client here. */
static bool
is_led_here(const acme_dns_t *message)
{
    const dns_alias_t *found[ACME_MAX_CLIMBS];

    return alias_count > 0 && message->dns.type == DNS_TYPE_TXT && aliases_here(message, found) > 0;
}

/* Whether it answers a question for the challenge of this name, which was asked before anything led here. */
static bool
answers_its_own(const acme_dns_t *message)
{
    return message->is_answer && message->has_label && acme_challenge_is_known(message->challenge, message->domain)
        && find_question(acme_challenge(message->challenge, message->domain, NULL), message);
}

static unsigned
note(acme_dns_t *message)
{
    if (acme_dns_is_about_caa(message))
        return set_domain(message, 0, message->dns.name) ? note_several(message) : 0;
    if (is_led_here(message) && !answers_its_own(message)) {
        message->name_hash = hash_name(message->dns.name);
        return note_several(message);
    }
    return message->has_label ? note_about_challenge(message) : 0;
}

unsigned
acme_dns_recognise(acme_dns_t *message, tvbuff_t *tvb, packet_info *pinfo)
{
    if (!read_message(message, tvb, pinfo) || !acme_dns_is_type_of_challenges(message->dns.type))
        return 0;
    message->first = PINFO_FD_VISITED(pinfo) ? kept_with_frame(message) : note(message);
    return message->first ? acme_dns_seen_at(message->first)->count : 0;
}

/* Whether it is the challenge's own name: its label, or an account's, and the domain. */
static bool
is_name_of(const acme_dns_t *message)
{
    acme_dns_t own = { .pinfo = message->pinfo, .dns = { .name = message->dns.name } };

    return message->has_label && acme_dns_recognise_name(&own) && !g_strcmp0(own.domain, message->domain);
}

/* Whether others of this message's questions are known to be about a challenge as well. What a name has of its own is about it. */
static bool
is_guess(const acme_dns_t *message, const acme_question_t *question)
{
    const acme_dns_seen_t *seen = acme_dns_seen_at(message->first);
    unsigned known = 0;

    if (seen->alone || (message->step && !strcmp(message->step, message->domain)))
        return false;
    for (unsigned i = 0; i < seen->count; i++)
        known += !acme_dns_seen_at(message->first + i)->question->validation.doubtful;
    return !question->validation.doubtful && known > 1;
}

acme_question_t *
acme_dns_select(acme_dns_t *message, unsigned number)
{
    acme_question_t *question;

    message->place = message->first + number;
    question = acme_dns_view(message->pinfo->pool, message->place);
    message->challenge = question->validation.challenge->type;
    message->domain = question->validation.challenge->domain;
    if (acme_dns_is_about_caa(message))
        message->step = acme_climb_name(question->room.climb, question->step);
    else
        message->is_alias = question->name_hash != 0 && !is_name_of(message);
    question->validation.guess = is_guess(message, question);
    return question;
}

/* --- Registration --- */

static void
acme_dns_question_init(void)
{
    aliases = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
    alias_count = 0;
    asked = wmem_map_new(wmem_file_scope(), hash_asked, compare_asked);
}

void
acme_register_dns_question(void)
{
    register_init_routine(acme_dns_question_init);
    acme_register_dns_seen();
    acme_register_dns_climb();
}
