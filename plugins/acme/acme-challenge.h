/* acme-challenge.h
 * Challenges, and the questions of validators with their answers
 *
 * Sources: RFC 8555 section 8 (challenges) and 7.1.6 (their states), RFC 8737 (TLS-ALPN-01), draft-ietf-acme-dns-account-label,
 * draft-ietf-acme-dns-persist; RFC 7686 and draft-ietf-acme-onion, draft-ietf-acme-device-attest, RFC 9447 (types that are
 * only named).
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

#include "acme-cause.h"
#include "acme-place.h"
#include "compat.h"

#define ACME_HTTP_01        1
#define ACME_TLS_ALPN_01    2
#define ACME_DNS_01         3
#define ACME_DNS_ACCOUNT_01 4
#define ACME_DNS_PERSIST_01 5
#define ACME_ONION_CSR_01   6
#define ACME_DEVICE_ATTEST_01 7
#define ACME_TKAUTH_01      8

extern const value_string acme_challenge_vals[];

/* Keys of per-packet data. */
#define ACME_KEY_COLUMNS    1

/* What challenges with one token, or else of one domain and type, have in common. */
typedef struct acme_shared {
    const acme_place_t *first;      /* that asked */
    wmem_map_t         *others;     /* NULL: none */
    wmem_array_t       *words;      /* of the authority; NULL: none */
} acme_shared_t;

/* A challenge as far as its validators show it. */
typedef struct acme_challenge {
    uint8_t        type;
    bool           contradicted;    /* there were different thumbprints */
    uint32_t       hash;            /* of domain and token */
    const char    *domain;          /* as it may be shown; NULL: unknown */
    const char    *token;           /* likewise; NULL: not of this type */
    acme_shared_t *shared;          /* NULL: neither domain nor token is known */
    const char    *thumbprint;      /* of the first well-formed answer */
    void          *of_room;         /* what the room of its type hangs on it */
} acme_challenge_t;

/* Whether the answer has the key authorization, or its digest, of the account whose decrypted API traffic asked for it. */
typedef enum {
    ACME_CHECK_UNKNOWN, ACME_CHECK_FITS, ACME_CHECK_DIFFERS
} acme_check_t;

/*
 * What a server sent where no answer came of it. NO_TLS: in answer to a ClientHello. LOST: something, as sequence numbers tell,
 * that is not all in the capture.
 */
typedef enum {
    ACME_REPLY_NONE, ACME_REPLY_HTTP, ACME_REPLY_TLS, ACME_REPLY_OTHER, ACME_REPLY_NO_TLS, ACME_REPLY_LOST
} acme_reply_t;

/* One question of a validator and the answer to it. */
typedef struct acme_validation {
    acme_challenge_t   *challenge;
    const acme_place_t *validator;      /* that asks */
    const char         *went_to;        /* where redirects led it; NULL: nowhere else */
    nstime_t            request_time;
    uint32_t            request_frame;
    uint32_t            response_frame; /* 0: none so far */
    uint32_t            validators;     /* that had asked, this one included; 0: cannot be told */
    uint8_t             check;          /* acme_check_t, of the answer, against the account's key */
    uint8_t             reply;          /* acme_reply_t, of use where there is no answer */
    uint8_t             cause;          /* acme_cause_t, of the answer by itself: use acme_validation_cause() */
    bool                counts : 1;     /* it is a validator that asks */
    bool                judged : 1;     /* the answer is good, or there is a cause */
    bool                connection : 1; /* the question is a SYN, the answer a refusal */
    bool                arrived : 1;    /* likewise, and the request there could be read */
    bool                passed_on : 1;  /* the validator went where the answer sent it, and that is another validation */
    bool                refutable : 1;  /* the cause is none if the validator goes on, or the authority says valid */
    bool                doubtful : 1;   /* nothing shows that it is a challenge: nothing is said of how it ends */
    bool                guess : 1;      /* the question may be that of another validation, as may the answer */
    bool                permission : 1; /* CAA: it is no look at the challenge */
    bool                again : 1;      /* of an answer: it is another one than that which ended the question */
} acme_validation_t;

extern int proto_acme;

void acme_register_challenge(void);

/* "HTTP-01"; "ACME" for an unknown type. */
const char *acme_challenge_name(uint8_t type);
/* The type of an API's name, "http-01"; 0: unknown. */
uint8_t acme_challenge_type(const char *name);

/* The same for the same; first pass only. domain and token may be NULL. */
acme_challenge_t *acme_challenge(uint8_t type, const char *domain, const char *token);

/*
 * One of any type that is about this domain; back: of the latest those about domains below it, one for each call, with 0 to begin
 * with. NULL: there is none.
 */
const acme_challenge_t *acme_challenge_of_domain(const char *domain, unsigned *back);

/* Whether there is one of this type that is about this domain. */
bool acme_challenge_is_known(uint8_t type, const char *domain);

/* The same for the same token, which has to be kept for good; first pass only. */
acme_shared_t *acme_shared_by_token(const char *token);

/*
 * First pass only. challenge: NULL gives NULL. counts: the address is that of a validator that asks here, and not one of
 * others, or of an answer
 * whose question is not in the capture. size: of a structure that begins with the validation.
 */
void *acme_validation_new(acme_challenge_t *challenge, const address *validator, bool counts, size_t size);
/* This frame has the question, or the answer; first pass only. */
void acme_validation_asked(packet_info *pinfo, acme_validation_t *validation);
void acme_validation_answered(packet_info *pinfo, acme_validation_t *validation);
/* The answer has this fault, or none; first pass only (nothing is done on others). */
void acme_validation_judge(packet_info *pinfo, acme_validation_t *validation, acme_cause_t cause);
/* A well-formed answer had this thumbprint; first pass only, likewise. */
void acme_validation_thumbprint(packet_info *pinfo, acme_validation_t *validation, const char *thumbprint);

#endif /* GAPFILL_ACME_CHALLENGE_H */
