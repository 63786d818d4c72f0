/* acme-dns-question.h
 * Questions of DNS about challenges, and which message is which
 *
 * Sources: RFC 8555 section 8.4 (dns-01), draft-ietf-acme-dns-account-label and draft-ietf-acme-scoped-dns-challenges
 * (dns-account-01),
 * draft-ietf-acme-dns-persist (dns-persist-01), RFC 8659 (CAA). Ownership and lifetime: a question is in file scope and
 * acme-dns-question.c's,
 * written on the first pass only; a message is valid while it is dissected. Errors: NULL where a message is nothing to a
 * challenge, or there is no room.
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

#include "acme-challenge.h"
#include "dns-message.h"

#define ACME_LABEL          "_acme-challenge."
#define ACME_PERSIST_LABEL  "_validation-persist."

/* A message whose question is about a challenge. */
typedef struct acme_dns {
    dns_message_t dns;
    packet_info  *pinfo;
    bool          is_answer;
    bool          has_label;        /* the name is that of a challenge, and not another one that is asked for instead */
    bool          above;            /* CAA of a name above a challenge's domain, and nothing shows yet that it is asked for that */
    uint8_t       challenge;        /* its type */
    const char   *domain;
    int           account_label;    /* octets of it, or 0 */
    uint32_t      name_hash;        /* 0 where challenge and domain tell the name */
} acme_dns_t;

/* A question and its answer, shared by the messages that repeat it. */
typedef struct acme_question {
    acme_validation_t     validation;
    struct acme_question *older;        /* about this challenge */
    const acme_place_t   *server;
    uint32_t              name_hash;    /* of the name that is asked for, which an alias has of its own */
    uint16_t              client_port;
    uint16_t              server_port;
    uint16_t              id;
    uint16_t              type;
    uint8_t               transport;
} acme_question_t;

void acme_register_dns_question(void);

/* A look at the first bytes of the question that rules nearly all messages out. */
bool acme_dns_may_be(const dns_first_look_t *look);
/*
 * What such a message is to a challenge is decided on the first pass, as that may depend on what came before. message is all
 * zeros where it cannot be read, else filled in, also where NULL is returned because its question is of another type.
 */
acme_question_t *acme_dns_recognise(acme_dns_t *message, tvbuff_t *tvb, packet_info *pinfo);

/* Whether message->dns.name is that of a challenge; fills in which, and for what. message->pinfo has to be set. */
bool acme_dns_recognise_name(acme_dns_t *message);

/* TXT, CNAME and CAA. */
bool acme_dns_is_type_of_challenges(uint16_t type);

/* This client was sent to another name, which it may ask for next; first pass only (nothing is done on others). */
void acme_dns_keep_alias(const acme_dns_t *message, const char *target);
/* Likewise for CAA, where the parents of a name may be asked as well. */
void acme_dns_keep_parents(const acme_dns_t *message);

#endif /* GAPFILL_ACME_DNS_QUESTION_H */
