/* acme-dns-climb.c
 * CAA of a domain and of the names above it, of which the first that has records decides; see acme-dns-climb.h
 *
 * Bounds: a climb of 16 names for each domain and client, from the share of names (acme-memory.h).
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
#include "acme-memory.h"

#define MAX_STEPS   16
#define ENTRY_BYTES 64      /* place in the map, about */

typedef struct climb_step {
    acme_question_t *question;      /* NULL: none so far */
    bool             known;         /* its answer */
    bool             empty;
    uint8_t          cause;         /* acme_cause_t, where it is not empty */
} climb_step_t;

typedef struct climb {
    const acme_place_t *client;
    bool                asked;              /* for the domain itself */
    climb_step_t        steps[MAX_STEPS];   /* by how many labels of the domain are left out */
    struct climb       *next;               /* of this domain */
} climb_t;

/* The first climb_t by domain; file scope. */
static wmem_map_t *climbs;

static climb_t *
find_climb(const acme_dns_t *message, const acme_place_t *client)
{
    climb_t *climb = (climb_t *)wmem_map_lookup(climbs, message->domain);

    while (climb && climb->client != client)
        climb = climb->next;
    return climb;
}

/* NULL: there is no room. */
static climb_t *
new_climb(const acme_dns_t *message, const acme_place_t *client)
{
    const char *domain = acme_keep(ACME_NAMES, message->domain);
    climb_t *climb = domain && acme_take(ACME_NAMES, ENTRY_BYTES) ? (climb_t *)acme_room(ACME_NAMES, sizeof *climb) : NULL;

    if (!climb)
        return NULL;
    climb->client = client;
    climb->next = (climb_t *)wmem_map_lookup(climbs, domain);
    wmem_map_insert(climbs, domain, climb);
    return climb;
}

static climb_t *
get_climb(const acme_dns_t *message, const acme_place_t *client)
{
    climb_t *climb = find_climb(message, client);

    return climb ? climb : new_climb(message, client);
}

static unsigned
count_labels(const char *name)
{
    unsigned count = 0;

    for (; name && *name; count++) {
        name = strchr(name, '.');
        if (name)
            name++;
    }
    return count;
}

/* NULL: that is not kept. */
static climb_step_t *
step_of(const acme_dns_t *message, climb_t *climb)
{
    unsigned domain = count_labels(message->domain), name = count_labels(message->dns.name);

    return climb && name <= domain && domain - name < MAX_STEPS ? &climb->steps[domain - name] : NULL;
}

/* Judges the question that decides, if there is one already; one that is not answered, and would decide, is no longer in doubt. */
static void
settle(packet_info *pinfo, climb_t *climb)
{
    const climb_step_t *step = climb->steps;

    while (step < climb->steps + MAX_STEPS && step->known && step->empty)
        step++;
    if (step == climb->steps + MAX_STEPS || !step->question)
        return;
    if (step != climb->steps && !step->known)
        step->question->validation.doubtful = false;
    else if (step->known && step->cause != ACME_CAUSE_NONE)
        acme_validation_judge(pinfo, &step->question->validation, (acme_cause_t)step->cause);
}

/* What was told above the domain is shown to be on its behalf. */
static void
begin(climb_t *climb)
{
    climb->asked = true;
    for (unsigned i = 1; i < MAX_STEPS; i++) {
        if (climb->steps[i].known)
            climb->steps[i].question->validation.doubtful = false;
    }
}

void
acme_dns_climb_asked(const acme_dns_t *message, acme_question_t *question)
{
    climb_t *climb = get_climb(message, question->validation.validator);
    climb_step_t *step = step_of(message, climb);

    if (!step)
        return;
    step->question = question;
    step->known = false;            /* what it was may have changed */
    if (step == climb->steps) {
        begin(climb);
        return;
    }
    question->validation.doubtful = true;
    settle(message->pinfo, climb);
}

void
acme_dns_climb_answered(const acme_dns_t *message, acme_question_t *question, bool empty, acme_cause_t cause)
{
    climb_t *climb = get_climb(message, question->validation.validator);
    climb_step_t *step = step_of(message, climb);

    if (!step)
        return;
    step->question = question;
    step->known = true;
    step->empty = empty;
    step->cause = (uint8_t)cause;
    if (climb->asked)
        question->validation.doubtful = false;
    settle(message->pinfo, climb);
}

static void
acme_dns_climb_init(void)
{
    climbs = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void
acme_register_dns_climb(void)
{
    register_init_routine(acme_dns_climb_init);
}
