/* acme-progress.h
 * What becomes of accounts, orders, authorizations and challenges, answer by answer
 *
 * Source: RFC 8555 section 7.1.6 (states of objects). Units: frames by number.
 * Ownership and lifetime: all is in file scope and acme-progress.c's, written on the first pass only.
 * Errors: NULL where an object has no URL or status, or a bound is reached (see acme-progress.c): then nothing is said of it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef GAPFILL_ACME_PROGRESS_H
#define GAPFILL_ACME_PROGRESS_H

#include <epan/packet.h>

#include "acme-json.h"
#include "acme-resource.h"

struct acme_object;

/* The status of one object, as one answer tells it. */
typedef struct acme_told {
    struct acme_object *object;
    const char         *url;
    const char         *status;
    const char         *before;         /* as the answer before told it; NULL: there was none */
    uint32_t            before_frame;   /* of that answer */
    uint32_t            since_frame;    /* of the answer that told this status first */
    nstime_t            since_time;
    uint32_t            count;          /* answers in a row that told this status, this one included */
    uint32_t            frame;
    uint32_t            failed_frame;   /* of an order: that told of an authorization without success; 0: none so far */
    bool                impossible;     /* an object in the status of before never comes to this one */
    uint8_t             type;           /* of a challenge within an authorization; 0: else */
    struct acme_told   *next;           /* of the same answer: the challenges of an authorization */
} acme_told_t;

void acme_register_progress(void);

/* Where an answer comes from. url: of the request, location: of the answer; either may be NULL. frame: of the request, or 0 */
typedef struct acme_source {
    acme_resource_t asked;
    const char     *url;
    const char     *location;
    uint32_t        frame;
} acme_source_t;

/* What an answer tells; first pass only. resource: what the object is. */
const acme_told_t *acme_progress(packet_info *pinfo, const acme_source_t *source, acme_resource_t resource,
        const acme_json_t *object);

/* Whether no later answer tells of it, and it still waits after having been asked for again; known on later passes. */
bool acme_progress_is_stuck(const acme_told_t *told);

#endif /* GAPFILL_ACME_PROGRESS_H */
