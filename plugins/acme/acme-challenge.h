/* acme-challenge.h
 * Challenges, and the questions of validators with their answers
 *
 * Sources: RFC 8555 section 8 (challenges), RFC 8737 (TLS-ALPN-01), draft-ietf-acme-dns-account-label.
 * Units: frames by number. Ownership and lifetime: all is in file scope, owned by acme-challenge.c and by the exchanges,
 * conversations and frames that others hang it on; written on the first pass only.
 * Errors: NULL where a bound is reached, see acme-challenge.c: that question is not shown.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_CHALLENGE_H
#define GAPFILL_ACME_CHALLENGE_H

#include <epan/packet.h>

#include "compat.h"

#define ACME_HTTP_01        1
#define ACME_TLS_ALPN_01    2
#define ACME_DNS_01         3
#define ACME_DNS_ACCOUNT_01 4

/* Keys of per-packet data. */
#define ACME_KEY_COLUMNS    1
#define ACME_KEY_DNS        3

/* A challenge as far as its validators show it. */
typedef struct acme_challenge {
    uint8_t     type;
    const char *domain;         /* as it may be shown; NULL: unknown */
    const char *token;          /* likewise; NULL: not of this type */
    wmem_map_t *validators;     /* addresses as text, by token or else domain; NULL: both unknown */
} acme_challenge_t;

/* Whether the answer has the key authorization, or its digest, of the account whose decrypted API traffic asked for it. */
typedef enum {
    ACME_CHECK_UNKNOWN, ACME_CHECK_FITS, ACME_CHECK_DIFFERS
} acme_check_t;

/* One question of a validator and the answer to it. */
typedef struct acme_validation {
    acme_challenge_t *challenge;
    bool              counts;           /* it is a validator that asks */
    uint32_t          validators;       /* that had asked, this one included; 0: cannot be told */
    const char       *validator;        /* its address */
    uint32_t          request_frame;
    uint32_t          response_frame;   /* 0: none so far */
    nstime_t          request_time;
    acme_check_t      check;            /* of the answer, against the account's key */
} acme_validation_t;

extern int proto_acme;

void acme_register_challenge(void);

/* "HTTP-01"; "ACME" for an unknown type. */
const char *acme_challenge_name(uint8_t type);

/*
 * First pass only. domain and token may be NULL; counts: the address is that of a validator that asks
 * here, and not one of others, or of an answer whose question is not in the capture.
 */
acme_validation_t *acme_validation_new(packet_info *pinfo, uint8_t type, const char *domain, const char *token,
        const address *validator, bool counts);
/* This frame has the question, or the answer; first pass only. */
void acme_validation_asked(packet_info *pinfo, acme_validation_t *validation);
void acme_validation_answered(packet_info *pinfo, acme_validation_t *validation);

#endif /* GAPFILL_ACME_CHALLENGE_H */
