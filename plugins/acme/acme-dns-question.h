/* acme-dns-question.h
 * Questions of DNS about challenges, and which message is which
 *
 * Sources: RFC 8555 section 8.4 (dns-01), draft-ietf-acme-dns-account-label and draft-ietf-acme-scoped-dns-challenges
 * (dns-account-01), draft-ietf-acme-dns-persist (dns-persist-01), RFC 8659 (CAA). Ownership and lifetime: a question is in file
 * scope, see acme-dns-seen.h; a message is valid while it is dissected. Errors: nothing where a message is nothing to a challenge,
 * or there is no room.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_DNS_QUESTION_H
#define GAPFILL_ACME_DNS_QUESTION_H

#include "acme-dns-seen.h"
#include "dns-message.h"

#define ACME_LABEL          "_acme-challenge."
#define ACME_PERSIST_LABEL  "_validation-persist."

/* A message whose question is about a challenge. */
typedef struct acme_dns {
    dns_message_t dns;
    packet_info  *pinfo;
    bool          is_answer;
    bool          has_label;        /* the name is that of a challenge, perhaps of another one that it is an alias of */
    bool          is_alias;         /* a CNAME led this client here from the name of the challenge */
    uint8_t       challenge;        /* its type */
    const char   *domain;
    int           account_label;    /* octets of it, or 0 */
    uint32_t      name_hash;        /* 0 where challenge and domain tell the name */
    const char   *step;             /* of CAA: the name that it is asked for, of which this may be an alias */
    unsigned      first;            /* place in acme-dns-seen.c of the first that it may be about */
    unsigned      place;            /* of what it is about at present */
} acme_dns_t;

void acme_register_dns_question(void);

/* A look at the first bytes of the question that rules nearly all messages out. */
bool acme_dns_may_be(const dns_first_look_t *look);
/*
 * What such a message is to challenges is decided on the first pass, as that may depend on what came before. message is all
 * zeros where it cannot be read, else filled in, also where 0 is returned because its question is of another type. Returns how
 * many questions about challenges it is: more than one where it is not known which of several validations asks for CAA.
 */
unsigned acme_dns_recognise(acme_dns_t *message, tvbuff_t *tvb, packet_info *pinfo);
/* Makes the message about that one of them, from 0 on. Returns it as this message has it, in the packet's pool. */
acme_question_t *acme_dns_select(acme_dns_t *message, unsigned number);

/* Whether message->dns.name is that of a challenge; fills in which, and for what. message->pinfo has to be set. */
bool acme_dns_recognise_name(acme_dns_t *message);

/* Whether the question is for CAA of a domain, or of a name above it. */
bool acme_dns_is_about_caa(const acme_dns_t *message);

/* TXT, CNAME and CAA. */
bool acme_dns_is_type_of_challenges(uint16_t type);

/*
 * This client was sent to another name, which it may ask for next, for CAA or else for TXT; first pass only (nothing is done on
 * others). open: it has to, as the answer has not what it asked for.
 */
void acme_dns_keep_alias(const acme_dns_t *message, const char *target, bool open);
/* The message answers what one that was sent to its name had to ask there; first pass only. */
void acme_dns_close_alias(const acme_dns_t *message);
#endif /* GAPFILL_ACME_DNS_QUESTION_H */
