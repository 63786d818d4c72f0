/* acme-dns-question.c
 * Questions of DNS about challenges, and which message is which; see acme-dns-question.h
 *
 * A CNAME in an answer passes the question on to another name. The client that was told so may ask for that name next, and
 * that is the
 * same validation: such names are kept with their client. CAA questions have no name of their own: they belong to a
 * challenge if their
 * name is a domain that a challenge is about, or a parent that the same client may go on to (RFC 8659 section 3).
 *
 * Messages are found again on later passes by their frames, which ascend in one array; all that a frame has is next to each other.
 *
 * Bounds: 65536 aliases and parents a capture, from the share of names; questions and their frames from that of questions
 * (acme-memory.h). An answer is paired with one of the latest 256 questions about its challenge.
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

#include "acme-dns-question.h"
#include "acme-memory.h"
#include "as-of.h"
#include "dns-watch.h"

#define MAX_ALIASES 65536   /* a capture */
#define MAX_BACK    256     /* questions that are looked through */
#define MAX_PARENTS 16      /* of a domain, that CAA is looked for at */
#define ACCOUNT_LABEL 18    /* octets of "_ujmmovf2vn55tgye." */
#define ALIAS_BYTES 128     /* with its places in maps, about */

/* A name that a client may ask for on behalf of a challenge. */
typedef struct dns_alias {
    const acme_place_t *client;
    uint16_t            asked;      /* type of question */
    uint8_t             type;       /* of challenge */
    const char         *domain;
    struct dns_alias   *next;       /* of this name */
} dns_alias_t;

typedef struct framed_question {
    uint32_t         frame;
    acme_question_t *question;
} framed_question_t;

/* The first dns_alias_t by name, and how many there are; what frames have; file scope. */
static wmem_map_t *aliases;
static unsigned alias_count;
static wmem_array_t *framed;

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

static dns_alias_t *
find_alias(const acme_dns_t *message, const char *name, uint16_t asked)
{
    dns_alias_t *alias = (dns_alias_t *)wmem_map_lookup(aliases, name);

    for (unsigned i = 0; alias && i < MAX_BACK; i++, alias = alias->next) {
        if (alias->asked == asked && addresses_equal(&alias->client->addr, client_address(message)))
            return alias;
    }
    return NULL;
}

/* NULL: there is no room. */
static dns_alias_t *
new_alias(const acme_dns_t *message, const char *name, uint16_t asked)
{
    const acme_place_t *client = acme_place(client_address(message));
    dns_alias_t *alias;

    if (alias_count >= MAX_ALIASES || !client || !acme_take(ACME_NAMES, ALIAS_BYTES) || !(name = acme_keep(ACME_NAMES, name)))
        return NULL;
    alias = wmem_new0(wmem_file_scope(), dns_alias_t);
    alias->client = client;
    alias->asked = asked;
    alias->next = (dns_alias_t *)wmem_map_lookup(aliases, name);
    wmem_map_insert(aliases, name, alias);
    alias_count++;
    dns_watch_type(DNS_TYPE_TXT);
    return alias;
}

static void
keep_alias(const acme_dns_t *message, const char *name, uint16_t asked)
{
    const char *domain;
    dns_alias_t *alias;

    if (PINFO_FD_VISITED(message->pinfo) || !(domain = acme_keep(ACME_NAMES, message->domain)))
        return;
    alias = find_alias(message, name, asked);
    if (!alias)
        alias = new_alias(message, name, asked);
    if (!alias)
        return;
    alias->type = message->challenge;
    alias->domain = domain;
}

void
acme_dns_keep_alias(const acme_dns_t *message, const char *target)
{
    keep_alias(message, target, DNS_TYPE_TXT);
}

void
acme_dns_keep_parents(const acme_dns_t *message)
{
    const char *dot = strchr(message->dns.name, '.');

    for (int i = 0; i < MAX_PARENTS && dot && dot[1]; i++, dot = strchr(dot + 1, '.'))
        keep_alias(message, dot + 1, DNS_TYPE_CAA);
}

static bool
recognise_alias(acme_dns_t *message)
{
    const dns_alias_t *alias = alias_count ? find_alias(message, message->dns.name, message->dns.type) : NULL;

    if (!alias)
        return false;
    message->challenge = alias->type;
    message->domain = alias->domain;
    return true;
}

/* A CAA question for a domain that a challenge is about. */
static bool
recognise_caa(acme_dns_t *message)
{
    const acme_challenge_t *challenge;

    if (message->dns.type != DNS_TYPE_CAA || !set_domain(message, 0, message->dns.name))
        return false;
    challenge = acme_challenge_of_domain(message->domain, false);
    message->challenge = challenge ? challenge->type : 0;
    return challenge != NULL;
}

/* The parents of a domain may be asked before it: that they are is known when the same client asks for the domain. */
static bool
recognise_above(acme_dns_t *message)
{
    const acme_challenge_t *challenge;

    if (message->dns.type != DNS_TYPE_CAA || !set_domain(message, 0, message->dns.name))
        return false;
    challenge = acme_challenge_of_domain(message->domain, true);
    if (!challenge)
        return false;
    message->challenge = challenge->type;
    message->domain = challenge->domain;
    message->above = true;
    return true;
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

static bool
recognise(acme_dns_t *message)
{
    return message->has_label || recognise_caa(message) || recognise_alias(message) || recognise_above(message);
}

/* --- Question and answer --- */

static bool
is_about(const acme_question_t *question, const acme_dns_t *message)
{
    const packet_info *pinfo = message->pinfo;
    bool answer = message->is_answer;

    return question->id == message->dns.id && question->name_hash == message->name_hash && question->type == message->dns.type
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

    for (unsigned i = 0; question && i < MAX_BACK; i++, question = question->older) {
        if (is_about(question, message))
            return question;
    }
    return NULL;
}

static acme_question_t *
new_question(acme_challenge_t *challenge, const acme_dns_t *message)
{
    packet_info *pinfo = message->pinfo;
    bool answer = message->is_answer;
    const acme_place_t *server = acme_place(answer ? &pinfo->src : &pinfo->dst);
    acme_question_t *question = (acme_question_t *)acme_validation_new(challenge, client_address(message),
            !answer && message->dns.type == DNS_TYPE_TXT, sizeof *question);

    if (!question || !server)
        return NULL;
    question->server = server;
    question->name_hash = message->name_hash;
    question->client_port = (uint16_t)(answer ? pinfo->destport : pinfo->srcport);
    question->server_port = (uint16_t)(answer ? pinfo->srcport : pinfo->destport);
    question->id = message->dns.id;
    question->type = message->dns.type;
    question->transport = (uint8_t)pinfo->ptype;
    question->validation.doubtful = message->above;
    question->older = (acme_question_t *)challenge->of_room;
    challenge->of_room = question;
    return question;
}

/* A question repeated before it is answered is the same question. */
static acme_question_t *
note_message(const acme_dns_t *message)
{
    acme_challenge_t *challenge = acme_challenge(message->challenge, message->domain, NULL);
    acme_question_t *question = challenge ? find_question(challenge, message) : NULL;

    if (question && !message->is_answer && question->validation.response_frame)
        question = NULL;
    if (!question) {
        question = new_question(challenge, message);
        if (question && !message->is_answer)
            acme_validation_asked(message->pinfo, &question->validation);
    }
    if (question && message->is_answer)
        acme_validation_answered(message->pinfo, &question->validation);
    return question;
}

static acme_question_t *
keep_with_frame(const acme_dns_t *message, acme_question_t *question)
{
    framed_question_t entry = { message->pinfo->num, question };

    if (!question || !acme_take(ACME_QUESTIONS, sizeof entry))
        return NULL;
    wmem_array_append_one(framed, entry);
    return question;
}

/* A frame can have questions about several challenges; where there is no hash, their domains tell the names. */
static bool
has_same_name(const acme_question_t *question, const acme_dns_t *message)
{
    const acme_challenge_t *challenge = question->validation.challenge;

    return message->name_hash != 0 || (challenge->type == message->challenge && !g_strcmp0(challenge->domain, message->domain));
}

static acme_question_t *
kept_with_frame(const acme_dns_t *message)
{
    uint32_t frame = message->pinfo->num;

    for (unsigned i = as_of_count(framed, frame); i < wmem_array_get_count(framed); i++) {
        const framed_question_t *entry = (const framed_question_t *)wmem_array_index(framed, i);

        if (entry->frame != frame)
            return NULL;
        if (is_about(entry->question, message) && has_same_name(entry->question, message))
            return entry->question;
    }
    return NULL;
}

bool
acme_dns_is_type_of_challenges(uint16_t type)
{
    return type == DNS_TYPE_TXT || type == DNS_TYPE_CNAME || type == DNS_TYPE_CAA;
}

acme_question_t *
acme_dns_recognise(acme_dns_t *message, tvbuff_t *tvb, packet_info *pinfo)
{
    acme_question_t *question = NULL;

    if (!read_message(message, tvb, pinfo))
        return NULL;
    if (!acme_dns_is_type_of_challenges(message->dns.type))
        return NULL;
    if (PINFO_FD_VISITED(pinfo))
        question = kept_with_frame(message);
    else if (recognise(message))
        question = keep_with_frame(message, note_message(message));
    if (!question)
        return NULL;
    message->challenge = question->validation.challenge->type;
    message->domain = question->validation.challenge->domain;
    return question;
}

/* --- Registration --- */

static void
acme_dns_question_init(void)
{
    aliases = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    alias_count = 0;
    framed = wmem_array_new(wmem_file_scope(), sizeof(framed_question_t));
}

void
acme_register_dns_question(void)
{
    register_init_routine(acme_dns_question_init);
}
