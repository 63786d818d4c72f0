/* acme-int.h
 * What the parts of the ACME dissector share
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef ACME_INT_H
#define ACME_INT_H

#include <epan/packet.h>
#include <epan/expert.h>

#include "ws_compat.h"

#define ACME_HTTP_01        1
#define ACME_TLS_ALPN_01    2
#define ACME_DNS_01         3
#define ACME_DNS_ACCOUNT_01 4

/* Keys of per-packet data. */
#define ACME_KEY_COLUMNS    1
#define ACME_KEY_DNS        3

#define ACME_DIGEST_LENGTH 43   /* SHA-256 as base64url without padding */

/* A challenge as far as its validators show it. In file scope, written on the first pass only. */
typedef struct acme_challenge {
    uint8_t     type;
    const char *domain;         /* NULL: unknown */
    const char *token;          /* NULL: not of this type */
    wmem_map_t *validators;     /* addresses as text, by token or else domain; NULL: both unknown */
} acme_challenge_t;

/* Whether the answer has the key authorization, or its digest, of the account whose decrypted API traffic asked for it. */
typedef enum {
    ACME_CHECK_UNKNOWN, ACME_CHECK_FITS, ACME_CHECK_DIFFERS
} acme_check_t;

/* One question of a validator and the answer to it. In file scope, written on the first pass only. */
typedef struct acme_validation {
    acme_challenge_t *challenge;
    bool              counts;           /* it is a validator that asks */
    uint32_t          validators;       /* that had asked, this one included; 0: cannot be told */
    const char       *validator;
    uint32_t          request_frame;
    uint32_t          response_frame;   /* 0: none so far */
    nstime_t          request_time;
    acme_check_t      check;            /* of the answer, against the account's key */
} acme_validation_t;

/* What the statistics are made of; valid while the tap is called. */
typedef struct acme_tap {
    const acme_validation_t *validation;
    const char              *outcome;   /* NULL: this is the question */
} acme_tap_t;

extern int proto_acme;

const char *acme_challenge_name(uint8_t type);
bool acme_is_base64url(const char *text, size_t length);
/* A copy in file scope; NULL stays NULL. */
const char *acme_keep(const char *text);
/* Text as it may be shown: control characters and broken UTF-8 escaped. */
char *acme_printable(wmem_allocator_t *pool, const char *text);

/*
 * First pass only. domain and token may be NULL; counts: the address is that of a validator that asks
 * here, and not one of others, or of an answer whose question is not in the capture.
 */
acme_validation_t *acme_validation_new(packet_info *pinfo, uint8_t type, const char *domain, const char *token,
        const address *validator, bool counts);
/* This frame has the question, or the answer; first pass only. */
void acme_validation_asked(packet_info *pinfo, acme_validation_t *validation);
void acme_validation_answered(packet_info *pinfo, acme_validation_t *validation);

/* An item for the protocol below parent, with the challenge in it. */
proto_tree *acme_add_tree(tvbuff_t *tvb, int offset, int length, packet_info *pinfo, proto_tree *parent,
        const acme_challenge_t *challenge, proto_item **item);
void acme_add_request(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation);
/* outcome: in few words, for Info and statistics; verdict: NULL if the capture does not tell. */
void acme_add_response(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
        const acme_validation_t *validation, const bool *verdict, const char *outcome);

/* The same parts for the API. */
proto_tree *acme_add_plain_tree(tvbuff_t *tvb, int offset, int length, proto_tree *parent, proto_item **item);
void acme_add_status(tvbuff_t *tvb, int offset, proto_tree *tree, uint16_t status);
void acme_add_token(tvbuff_t *tvb, proto_tree *tree, const char *token);
/* frame 0: on a later pass that means there is none. */
void acme_add_response_in(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_item *item, uint32_t frame);
/* frame 0: unknown */
void acme_add_response_to(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t frame, const nstime_t *asked);

/*
 * What the decrypted API says that validators should find. acme_expect() on the first pass only; the others
 * tell what is known at that time, so their results are to be kept with the answer that they judge.
 */
void acme_expect(packet_info *pinfo, const char *domain, const char *token, const char *thumbprint);
const char *acme_expected_thumbprint(const char *token);
/* digest in base64url */
bool acme_digest_is_expected(packet_info *pinfo, const char *domain, const char *digest);
char *acme_base64url(wmem_allocator_t *pool, const uint8_t *bytes, size_t length);
char *acme_sha256_base64url(wmem_allocator_t *pool, const char *text);

/* Protocol and Info columns; further calls for the same frame append to Info. */
void acme_columns(packet_info *pinfo, const acme_challenge_t *challenge, const char *text);
void acme_columns_text(packet_info *pinfo, const char *text);

void acme_register_api(expert_module_t *expert);
void acme_handoff_api(void);
void acme_register_dns(expert_module_t *expert);
void acme_handoff_dns(void);
void acme_register_http(expert_module_t *expert);
void acme_handoff_http(void);
void acme_register_tls(expert_module_t *expert);
void acme_handoff_tls(void);

#endif /* ACME_INT_H */
