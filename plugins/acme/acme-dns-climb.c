/* acme-dns-climb.c
 * CAA of a domain and of the names above it, of which the first that has records decides; see acme-dns-climb.h
 *
 * A climb is under way until it is decided, and for some seconds more, as one that asks for all names at once may not be through:
 * to take it for one that may be meant is an honest doubt, to leave it out a false certainty.
 *
 * Bounds: a climb of 16 names for each domain and client, from the share of names (acme-memory.h); of those below a name the
 * latest 64 are looked through.
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
#include "seconds.h"

#define MAX_STEPS       16
#define MAX_BACK        64
#define ENTRY_BYTES     64      /* place in a map, about */
#define UNDECIDED_FOR   60      /* seconds after the last message that is certainly its own */
#define OTHERWISE_FOR   5       /* likewise, where it is decided, or not shown to be one */

typedef struct climb_answer {
    unsigned             place;     /* in acme-dns-seen.c */
    struct climb_answer *older;     /* of this step */
} climb_answer_t;

typedef struct climb_step {
    acme_question_t *question;      /* the latest; NULL: none so far */
    climb_answer_t  *answers;       /* the latest; NULL: none */
    climb_answer_t  *judged;        /* from this one on to the oldest they are; NULL: none */
    bool             known;         /* the first of them */
    bool             empty;
} climb_step_t;

/* What a climb is known by. */
typedef struct climb_key {
    const acme_place_t *client;
    const char         *domain;
} climb_key_t;

struct acme_climb {
    climb_key_t         key;
    const acme_challenge_t *challenge;
    int64_t             last;               /* message that is certainly its own, or when it was begun */
    bool                asked;              /* for the domain itself */
    bool                decided;
    climb_step_t        steps[MAX_STEPS];   /* by how many labels of the domain are left out */
};

/* A climb that leads over a name. */
typedef struct climb_over {
    acme_climb_t      *climb;
    struct climb_over *older;       /* of this name */
} climb_over_t;

/* acme_climb_t by client and domain; the latest climb_over_t by name; file scope. */
static wmem_map_t *climbs;
static wmem_map_t *above;

/* --- Climbs --- */

static unsigned
hash_climb(const void *key)
{
    const climb_key_t *climb = (const climb_key_t *)key;

    return g_direct_hash(climb->client) * 31 + acme_hash_text(climb->domain);
}

static int
compare_climbs(const void *one, const void *other)
{
    const climb_key_t *a = (const climb_key_t *)one;
    const climb_key_t *b = (const climb_key_t *)other;

    return a->client == b->client && !strcmp(a->domain, b->domain);
}

static acme_climb_t *
find_climb(const acme_place_t *client, const char *domain)
{
    const climb_key_t key = { client, domain };

    return (acme_climb_t *)wmem_map_lookup(climbs, &key);
}

static const char *
parent_of(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot && dot[1] ? dot + 1 : NULL;
}

static void
note_above(acme_climb_t *climb)
{
    const char *name = parent_of(climb->challenge->domain);

    for (int i = 1; name && i < MAX_STEPS; i++, name = parent_of(name)) {
        const char *kept = acme_keep(ACME_NAMES, name);
        climb_over_t *over = (climb_over_t *)acme_room(ACME_NAMES, sizeof *over);

        if (!kept || !over || !acme_take(ACME_NAMES, ENTRY_BYTES))
            return;
        over->climb = climb;
        over->older = (climb_over_t *)wmem_map_lookup(above, kept);
        wmem_map_insert(above, kept, over);
    }
}

/* NULL: there is no room. */
static acme_climb_t *
new_climb(const acme_place_t *client, const acme_challenge_t *challenge, int64_t now)
{
    acme_climb_t *climb = acme_take(ACME_NAMES, ENTRY_BYTES) ? (acme_climb_t *)acme_room(ACME_NAMES, sizeof *climb) : NULL;

    if (!climb)
        return NULL;
    climb->challenge = challenge;
    climb->key.client = client;
    climb->key.domain = challenge->domain;
    climb->last = now;
    wmem_map_insert(climbs, &climb->key, climb);
    note_above(climb);
    return climb;
}

static bool
is_under_way(const acme_climb_t *climb, int64_t now)
{
    return seconds_since(now, climb->last) <= (climb->asked && !climb->decided ? UNDECIDED_FOR : OTHERWISE_FOR);
}

static void
begin_again(acme_climb_t *climb, int64_t now)
{
    climb->last = now;
    climb->asked = climb->decided = false;
    memset(climb->steps, 0, sizeof climb->steps);
}

static acme_climb_t *
get_climb(const acme_place_t *client, const acme_challenge_t *challenge, int64_t now)
{
    acme_climb_t *climb = find_climb(client, challenge->domain);

    if (!climb)
        return new_climb(client, challenge, now);
    if (!is_under_way(climb, now))
        begin_again(climb, now);
    return climb;
}

const acme_challenge_t *
acme_climb_challenge(const acme_climb_t *climb)
{
    return climb->challenge;
}

/* --- Which a question may be a step of --- */

typedef struct climb_list {
    acme_climb_t **climbs;
    unsigned       count;
} climb_list_t;

static void
add(climb_list_t *list, acme_climb_t *climb)
{
    for (unsigned i = 0; climb && i < list->count; i++) {
        if (list->climbs[i] == climb)
            return;
    }
    if (climb && list->count < ACME_MAX_CLIMBS)
        list->climbs[list->count++] = climb;
}

static void
add_under_way(climb_list_t *list, const acme_place_t *client, const char *name, int64_t now)
{
    const climb_over_t *over = (const climb_over_t *)wmem_map_lookup(above, name);

    for (unsigned i = 0; over && i < MAX_BACK; i++, over = over->older) {
        if (over->climb->key.client == client && is_under_way(over->climb, now))
            add(list, over->climb);
    }
}

unsigned
acme_climbs_at(const acme_place_t *client, const char *name, int64_t now, acme_climb_t *found[ACME_MAX_CLIMBS])
{
    const acme_challenge_t *challenge = acme_challenge_of_domain(name, NULL);
    climb_list_t list = { found, 0 };
    unsigned back = 0;

    if (challenge)
        add(&list, get_climb(client, challenge, now));
    add_under_way(&list, client, name, now);
    while (list.count < ACME_MAX_CLIMBS && (challenge = acme_challenge_of_domain(name, &back)))
        add(&list, get_climb(client, challenge, now));
    return list.count;
}

/* --- Steps --- */

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

uint8_t
acme_climb_step(const acme_climb_t *climb, const char *name)
{
    unsigned domain = count_labels(climb->challenge->domain), labels = count_labels(name);

    return labels <= domain && domain - labels < MAX_STEPS ? (uint8_t)(domain - labels) : MAX_STEPS;
}

const char *
acme_climb_name(const acme_climb_t *climb, uint8_t step)
{
    const char *name = climb->challenge->domain;

    for (; name && step > 0; step--)
        name = parent_of(name);
    return name ? name : "";
}

/* NULL: that is not kept. */
static climb_step_t *
step_of(const acme_question_t *question)
{
    return question->step < MAX_STEPS ? &question->room.climb->steps[question->step] : NULL;
}

/* Each by itself: a second answer need not say the same. */
static void
judge_answers(climb_step_t *step)
{
    for (const climb_answer_t *one = step->answers; one != step->judged; one = one->older) {
        const acme_dns_seen_t *answer = acme_dns_seen_at(one->place);

        if (answer->cause != ACME_CAUSE_NONE && !answer->judged)
            acme_dns_seen_judge(one->place, (acme_cause_t)answer->cause);
    }
    step->judged = step->answers;
}

/* Judges what decides, if it is there already; a question that is not answered, and would decide, is no longer in doubt. */
static void
settle(acme_climb_t *climb)
{
    climb_step_t *step = climb->steps;

    for (; step < climb->steps + MAX_STEPS && step->known && step->empty; step++)
        judge_answers(step);
    if (step == climb->steps + MAX_STEPS || !step->question)
        return;
    climb->decided = step->known;
    if (step->known)
        judge_answers(step);
    else if (step != climb->steps)
        step->question->validation.doubtful = false;
}

/* What was told above the domain is shown to be on its behalf; what is told there later is known to be. */
static void
begin(acme_climb_t *climb)
{
    if (climb->asked)
        return;
    climb->asked = true;
    for (unsigned i = 1; i < MAX_STEPS; i++) {
        for (const climb_answer_t *one = climb->steps[i].answers; one; one = one->older)
            acme_dns_seen_at(one->place)->question->validation.doubtful = false;
    }
}

static bool
keep_answer(climb_step_t *step, unsigned place)
{
    climb_answer_t *answer = (climb_answer_t *)acme_room(ACME_QUESTIONS, sizeof *answer);

    if (!answer)
        return false;
    answer->place = place;
    answer->older = step->answers;
    step->answers = answer;
    return true;
}

static void
note_time(const packet_info *pinfo, acme_climb_t *climb, const climb_step_t *step, unsigned place)
{
    if (step == climb->steps || acme_dns_seen_at(place)->alone)
        climb->last = pinfo->abs_ts.secs;
}

void
acme_dns_climb_asked(const packet_info *pinfo, unsigned place)
{
    acme_question_t *question = acme_dns_seen_at(place)->question;
    acme_climb_t *climb = question->room.climb;
    climb_step_t *step = step_of(question);

    if (!step)
        return;
    note_time(pinfo, climb, step, place);
    step->question = question;
    if (step->known)
        step->answers = step->judged = NULL;
    step->known = false;            /* what it was may have changed */
    if (step == climb->steps) {
        begin(climb);
        return;
    }
    question->validation.doubtful = true;
    settle(climb);
}

void
acme_dns_climb_answered(const packet_info *pinfo, unsigned place, bool empty, acme_cause_t cause)
{
    acme_dns_seen_t *answer = acme_dns_seen_at(place);
    acme_climb_t *climb = answer->question->room.climb;
    climb_step_t *step = step_of(answer->question);

    answer->cause = (uint8_t)cause;
    if (!step || !keep_answer(step, place))
        return;
    note_time(pinfo, climb, step, place);
    step->question = answer->question;
    if (!step->known)
        step->empty = empty;
    step->known = true;
    if (climb->asked)
        answer->question->validation.doubtful = false;
    settle(climb);
}

/* --- Registration --- */

static void
acme_dns_climb_init(void)
{
    climbs = wmem_map_new(wmem_file_scope(), hash_climb, compare_climbs);
    above = wmem_map_new(wmem_file_scope(), acme_hash_text, g_str_equal);
}

void
acme_register_dns_climb(void)
{
    register_init_routine(acme_dns_climb_init);
}
