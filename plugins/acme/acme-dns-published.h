/* acme-dns-published.h
 * What dynamic updates published at the names of challenges, and whether answers have it
 *
 * Sources: RFC 2136 sections 2.5 (updates) and 3.4 (their order), RFC 8555 section 8.4 (dns-01). An update counts from its
 * own frame on as long as it is not refused. Ownership and lifetime: all is in file scope, written on the first pass only.
 * Errors: what does not fit is left out (acme-memory.h). Bounds: 64 updates of a name are looked through.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_DNS_PUBLISHED_H
#define GAPFILL_ACME_DNS_PUBLISHED_H

#include <epan/expert.h>

#include "acme-dns-question.h"

typedef enum {
    ACME_UPDATE_NONE, ACME_UPDATE_ADD, ACME_UPDATE_DELETE_VALUE, ACME_UPDATE_DELETE
} acme_update_action_t;

struct acme_published;

/* An update and its answer. */
typedef struct acme_update {
    const acme_place_t    *client;
    const acme_place_t    *server;
    uint16_t               client_port;
    uint16_t               server_port;
    uint16_t               id;
    uint8_t                transport;
    uint16_t               rcode;
    uint16_t               tsig_error;
    uint32_t               request_frame;
    uint32_t               repeated_in;     /* the last time; 0: it was not */
    uint32_t               response_frame;  /* 0: none so far */
    nstime_t               request_time;
    struct acme_published *changes;         /* the last of them */
    struct acme_update    *older;           /* with these addresses, ports and number */
} acme_update_t;

/* A change of one name's TXT records. */
typedef struct acme_published {
    const acme_update_t   *update;
    acme_challenge_t      *challenge;       /* NULL: none asks for this name so far */
    const char            *value;           /* as it may be shown; NULL: all */
    uint8_t                action;          /* acme_update_action_t */
    int                    offset;          /* of the value in the message */
    int                    length;
    uint32_t               found_in;        /* the first answer that has it; 0: none so far */
    nstime_t               found_time;
    struct acme_published *earlier;         /* change of this update */
    struct acme_published *older;           /* change of this name */
} acme_published_t;

void acme_register_dns_published(expert_module_t *expert);

/* Keeps a change, which is copied; first pass only. name: see dns_name(). */
void acme_dns_publish(acme_update_t *update, const char *name, const acme_published_t *change);
/* Whether there was a change of this name; first pass only. */
bool acme_dns_is_published(const char *name);
/* Whether the update was refused before this frame. */
bool acme_update_is_refused(const acme_update_t *update, uint32_t frame);
/* Says of an answer to a TXT question which updates it shows, and which not. name: that CNAMEs lead to. */
void acme_dns_compare(const acme_dns_t *message, proto_tree *tree, proto_item *item, const char *name,
        const acme_question_t *question);

#endif /* GAPFILL_ACME_DNS_PUBLISHED_H */
