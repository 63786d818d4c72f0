/* acme-dns-seen.h
 * Questions of DNS about challenges, and what each message of them says by itself
 *
 * A question may be answered twice, and not the same, and one for CAA may be asked for several validations: what a message comes
 * to is kept with its frame, once for each of these.
 * Units: frames by number. Ownership and lifetime: all is in file scope and acme-dns-seen.c's, written on the first pass only;
 * views are in the packet's pool. Errors: places are 0 where there is no room, or nothing.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_DNS_SEEN_H
#define GAPFILL_ACME_DNS_SEEN_H

#include "acme-challenge.h"

struct acme_climb;

/* A question and its answers, shared by the messages that repeat it. */
typedef struct acme_question {
    acme_validation_t     validation;   /* of DNS, its verdict is with the frames: see acme_dns_view() */
    union {
        struct acme_question *older;    /* about this challenge */
        struct acme_climb    *climb;    /* of CAA: what it is a step of */
    } room;
    const acme_place_t   *server;
    uint32_t              name_hash;    /* of the name that is asked for, which an alias has of its own */
    uint16_t              client_port;
    uint16_t              server_port;
    uint16_t              id;
    uint16_t              type;
    uint8_t               transport;
    uint8_t               step;         /* of CAA: which of the climb */
    bool                  decided;      /* there is an answer that is judged */
} acme_question_t;

/* What a message is to one question. */
typedef struct acme_dns_seen {
    uint32_t         frame;         /* the first member, for as-of.h */
    uint8_t          count;         /* of the questions of this message, those from this one on: they are next to each other */
    uint8_t          cause;         /* acme_cause_t, of use where it is judged */
    uint8_t          check;         /* acme_check_t */
    bool             alone : 1;     /* the message has no other */
    bool             judged : 1;
    bool             decides : 1;   /* it is the first answer that is judged */
    acme_question_t *question;
} acme_dns_seen_t;

void acme_register_dns_seen(void);

/* Its place, for good; 0: there is no room. First pass only. */
unsigned acme_dns_seen_new(const packet_info *pinfo, acme_question_t *question);
/* So many from the place on belong to one message. */
void acme_dns_seen_join(unsigned place, unsigned count);
/* Valid until the next one is made. */
acme_dns_seen_t *acme_dns_seen_at(unsigned place);
/* The first of a frame; 0: there is none. */
unsigned acme_dns_seen_in(uint32_t frame);
/* The next of the same frame; 0: there is none. */
unsigned acme_dns_seen_next(unsigned place);

/* The answer there has this fault, or none; first pass only. */
void acme_dns_seen_judge(unsigned place, acme_cause_t cause);

/* The answer there is judged as this view of it is; returns whether another one ended the question. First pass only. */
bool acme_dns_seen_keep(unsigned place, const acme_question_t *view);
/* The question as the message at this place has it. */
acme_question_t *acme_dns_view(wmem_allocator_t *pool, unsigned place);

#endif /* GAPFILL_ACME_DNS_SEEN_H */
